//! What may be put on a resource as tags.

use std::collections::BTreeMap;

use wire::api::tags::Tag;
use wire::api::{Error, ErrorCode};
use wire::limits::RESOURCE_TAGS_MAX;

/// Keys that begin so are AWS's own.
const RESERVED_PREFIX: &str = "aws:";

/// Returns tags of a request by key, if each may be put on a resource.
pub(crate) fn checked(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Error> {
    let mut by_key = BTreeMap::new();
    for Tag { key, value } in tags {
        let start = key.get(..RESERVED_PREFIX.len()).unwrap_or_default();
        if start.eq_ignore_ascii_case(RESERVED_PREFIX) {
            return Err(Error::invalid_request("Tag keys cannot begin with aws:"));
        }
        if !is_legal(&key) || !is_legal(&value) {
            return Err(Error::invalid_request("Tag contains invalid characters"));
        }
        if by_key.insert(key, value).is_some() {
            return Err(Error::invalid_request("Tag keys must be unique"));
        }
    }
    Ok(by_key)
}

/// Returns tags of a request for a new resource.
pub(crate) fn of_new(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Error> {
    let tags = checked(tags)?;
    if tags.len() > RESOURCE_TAGS_MAX {
        let message = format!("A resource can have at most {RESOURCE_TAGS_MAX} tags");
        return Err(Error::invalid_request(message));
    }
    Ok(tags)
}

/// Puts tags on a resource, in the place of those with the same keys.
pub(crate) fn put(
    on: &mut BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    resource_arn: &str,
) -> Result<(), Error> {
    on.extend(tags);
    if on.len() > RESOURCE_TAGS_MAX {
        let message = format!("A resource can have at most {RESOURCE_TAGS_MAX} tags");
        return Err(Error::new(ErrorCode::TooManyTags, message).about(resource_arn));
    }
    Ok(())
}

/// Source: `Tag`, API reference.
fn is_legal(text: &str) -> bool {
    text.chars().all(|char| char.is_alphanumeric() || " _.:/=+-@".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn each_tag_is_checked() {
        for (tags, problem) in [
            (vec![tag("aws:x", "")], "Tag keys cannot begin with aws:"),
            (vec![tag("AWS:x", "")], "Tag keys cannot begin with aws:"),
            (vec![tag("k", "a<b")], "Tag contains invalid characters"),
            (vec![tag("k\n", "")], "Tag contains invalid characters"),
            (vec![tag("k", "a"), tag("k", "b")], "Tag keys must be unique"),
        ] {
            let error = checked(tags).expect_err(problem);
            assert_eq!(error.message.as_deref(), Some(problem));
        }
        let tags = vec![tag("k", "aws:v"), tag("K", "é 1_.:/=+-@"), tag("awsx", "")];
        assert_eq!(checked(tags).map(|tags| tags.len()), Ok(3));
    }

    #[test]
    fn a_resource_has_no_more_than_it_may() {
        let tags = |count| (0..count).map(|number| tag(&format!("k{number}"), "")).collect();
        let mut on = of_new(tags(RESOURCE_TAGS_MAX)).expect("just as many");
        put(&mut on, checked(vec![tag("k0", "v")]).expect("legal"), "arn").expect("no new one");
        assert_eq!(on["k0"], "v");
        let new = checked(vec![tag("k", "")]).expect("legal");
        let error = put(&mut on, new, "arn").expect_err("one too many");
        assert_eq!(
            (error.code, error.resource_name.as_deref()),
            (ErrorCode::TooManyTags, Some("arn"))
        );
        let error = of_new(tags(RESOURCE_TAGS_MAX + 1)).expect_err("one too many");
        assert_eq!(error.code, ErrorCode::InvalidRequest);
    }
}
