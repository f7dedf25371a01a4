//! What URLs that differ by an id only have in common.

use std::borrow::Cow;

/// What stands in place of an id.
const ID: &str = "{id}";

/// From so many characters on a part with a digit is an id.
const LONG: usize = 20;

/// From so many hexadecimal digits and dashes on a part is an id.
const HEX: usize = 16;

/// Returns the path of a URL with what looks like an id taken out of it: `/orders/{id}/pay`.
pub fn template(url: &str) -> Cow<'_, str> {
    let path = path(url);
    if !path.split('/').any(is_id) {
        return Cow::Borrowed(path);
    }
    let mut text = String::with_capacity(path.len());
    for (at, part) in path.split('/').enumerate() {
        if at > 0 {
            text.push('/');
        }
        text.push_str(if is_id(part) { ID } else { part });
    }
    Cow::Owned(text)
}

/// Returns what of a URL is neither scheme nor host nor query.
fn path(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let Some((_, rest)) = url.split_once("://") else { return url };
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn is_id(part: &str) -> bool {
    let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = has_digit && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = || part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_number || part.len() >= HEX && is_hex() || has_digit && part.len() > LONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_out_of_the_path() {
        for (url, expected) in [
            ("http://shop.example/orders/1234/pay?x=1", "/orders/{id}/pay"),
            ("https://shop.example", "/"),
            ("/users/6b01dde6-8b3d-ed87-ffc8-d116ecf148e7", "/users/{id}"),
            ("/users/6b01dde68b3ded87", "/users/{id}"),
            ("/v1/a1b2/orders#top", "/v1/a1b2/orders"),
            ("/files/a-long-name-with-1-digit-in-it", "/files/{id}"),
            ("/files/a-long-name-without-any-digit", "/files/a-long-name-without-any-digit"),
            ("", ""),
            ("/1/2/", "/{id}/{id}/"),
        ] {
            assert_eq!(template(url), expected, "{url}");
        }
    }
}
