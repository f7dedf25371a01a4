//! URLs taken apart: most differ only in one number, such as that of an order.

use std::borrow::Cow;

/// Stands where the number was.
const PLACE: &str = "{}";

/// Returns the URL with its last part that is a plain number replaced, and the number.
///
/// The number comes back from [`join`]: it has no zeros in front and fits into 64 bits. A URL that
/// holds the mark itself is left alone.
pub(super) fn split(url: &str) -> (Cow<'_, str>, Option<u64>) {
    match number_range(url) {
        Some((start, end, number)) if !url.contains(PLACE) => {
            let mut template = String::with_capacity(url.len());
            template.push_str(&url[..start]);
            template.push_str(PLACE);
            template.push_str(&url[end..]);
            (Cow::Owned(template), Some(number))
        }
        _ => (Cow::Borrowed(url), None),
    }
}

/// Returns the URL that was split.
pub(super) fn join(template: &str, number: Option<u64>) -> Cow<'_, str> {
    match (number, template.split_once(PLACE)) {
        (Some(number), Some((before, after))) => Cow::Owned(format!("{before}{number}{after}")),
        _ => Cow::Borrowed(template),
    }
}

/// Finds the last number between separators, where it begins and where it ends.
fn number_range(url: &str) -> Option<(usize, usize, u64)> {
    let bytes = url.as_bytes();
    let mut end = bytes.len();
    loop {
        let start = bytes[..end].iter().rposition(|&byte| is_separator(byte))? + 1;
        let part = &url[start..end];
        if part.bytes().all(|byte| byte.is_ascii_digit())
            && (!part.starts_with('0') || part == "0")
            && let Ok(number) = part.parse()
        {
            return Some((start, end, number));
        }
        end = start - 1;
    }
}

fn is_separator(byte: u8) -> bool {
    b"/=?&#".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_number_is_taken_out() {
        for (url, template, number) in [
            ("https://shop/orders/17", "https://shop/orders/{}", Some(17)),
            ("https://shop/orders/17/items", "https://shop/orders/{}/items", Some(17)),
            ("https://shop/a/1/b/2?c=x", "https://shop/a/1/b/{}?c=x", Some(2)),
            ("https://shop/a?id=9", "https://shop/a?id={}", Some(9)),
            ("https://shop/v2/007", "https://shop/v2/007", None),
            ("https://shop/0", "https://shop/{}", Some(0)),
            ("https://shop:8080/", "https://shop:8080/", None),
            ("https://shop/{}/17", "https://shop/{}/17", None),
            ("/99999999999999999999", "/99999999999999999999", None),
            ("17", "17", None),
            ("", "", None),
        ] {
            assert_eq!(split(url), (Cow::Borrowed(template), number), "{url}");
            assert_eq!(join(template, number), url);
        }
    }

    proptest! {
        #[test]
        fn every_url_comes_back(url in "([a-z/=?&#0-9{}é]|\\{\\})*") {
            let (template, number) = split(&url);
            prop_assert_eq!(join(&template, number), url.as_str());
        }
    }
}
