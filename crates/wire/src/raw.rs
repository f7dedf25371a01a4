//! JSON of any shape that is kept as text until its document is written: metadata that an
//! application records, and members of other people's JSON that are asked for by name.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// One JSON value, kept as text.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

/// What can be kept as JSON: every type with serde's `Serialize`.
pub trait ToJson {
    /// Returns the value as JSON; `None` when it cannot be written, as a map whose keys are no text.
    fn to_json(&self) -> Option<Json>;
}

impl<T: Serialize + ?Sized> ToJson for T {
    fn to_json(&self) -> Option<Json> {
        to_raw_value(self).ok().map(Json)
    }
}

impl Json {
    /// Returns an object of these members, in their order; `None` when a member cannot be written.
    pub fn object<'m, K: AsRef<str> + 'm>(
        members: impl Iterator<Item = (K, &'m Json)> + Clone,
    ) -> Option<Self> {
        Object(members).to_json()
    }

    /// Returns the value as the members of a document hold it.
    pub fn raw(&self) -> &RawValue {
        &self.0
    }

    /// Returns the value's text.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct Object<I>(I);

impl<'m, K: AsRef<str> + 'm, I: Iterator<Item = (K, &'m Json)> + Clone> Serialize for Object<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0.clone() {
            map.serialize_entry(key.as_ref(), value)?;
        }
        map.end()
    }
}

/// Returns the text or number that stands at the end of `path` in a JSON object, as text; `None`
/// when `body` is no JSON or there is no such value.
pub fn text_at(body: &[u8], path: &[&str]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    match path.iter().try_fold(&body, |value, name| value.get(name))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn members_become_an_object_in_their_order() {
        let (one, two) = (1.to_json().expect("a number"), ["a\"b"].to_json().expect("a list"));
        let object = Json::object([("z", &one), ("a", &two)].into_iter()).expect("an object");
        assert_eq!(object.text(), r#"{"z":1,"a":["a\"b"]}"#);
        assert_eq!(format!("{object:?}"), object.text());
    }

    #[test]
    fn what_is_no_json_is_nothing() {
        let by_list: BTreeMap<Vec<u8>, u8> = [(vec![1], 2)].into();
        assert!(by_list.to_json().is_none());
    }

    #[test]
    fn values_are_found_by_their_path() {
        let body = br#"{"a":{"b-c":"text","n":7,"l":[]}}"#;
        assert_eq!(text_at(body, &["a", "b-c"]).as_deref(), Some("text"));
        assert_eq!(text_at(body, &["a", "n"]).as_deref(), Some("7"));
        for path in [&["a", "l"][..], &["a"], &["x", "y"], &["a", "n", "o"]] {
            assert_eq!(text_at(body, path), None, "{path:?}");
        }
        assert_eq!(text_at(b"<html>", &["a"]), None);
    }
}
