//! The beginning of a document as it may be shown: without what looks secret.
//!
//! The document is one that could not be read, so it is not looked at as JSON: whatever follows a
//! word such as `password`, and a colon or an equals sign, is left out, up to where a value ends. It
//! is better to leave out too much.

/// What is shown of a document, in characters.
pub(super) const CHARS_MAX: usize = 300;

/// What is looked at, in bytes; what is left out may be as long.
const BYTES_MAX: usize = 4 * CHARS_MAX;

/// Words that stand in the names of secrets, in small letters.
const SECRETS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "apikey",
    "api_key",
    "credential",
    "private",
];

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Returns the beginning of a document.
pub(super) fn masked(document: &[u8]) -> String {
    let document = String::from_utf8_lossy(&document[..document.len().min(BYTES_MAX)]);
    // As long as the document, for only ASCII letters change.
    let lower = document.to_ascii_lowercase();
    let mut shown = String::with_capacity(document.len().min(CHARS_MAX));
    let mut at = 0;
    while let Some((from, to)) = next_secret(&document, &lower, at) {
        shown.push_str(&document[at..from]);
        shown.push_str(MASK);
        at = to;
    }
    shown.push_str(&document[at..]);
    match shown.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => shown[..end].to_owned(),
        None => shown,
    }
}

/// Returns where the next secret value begins and ends.
fn next_secret(document: &str, lower: &str, mut at: usize) -> Option<(usize, usize)> {
    loop {
        let words = SECRETS.iter().filter_map(|word| Some((lower[at..].find(word)?, word.len())));
        let (found, length) = words.min()?;
        at += found + length;
        let name_end = skip(document, at, |char| char.is_alphanumeric() || "_-.".contains(char));
        let sign = skip(document, name_end, |char| char.is_whitespace() || "\\\"'".contains(char));
        if !document[sign..].starts_with([':', '=']) {
            continue;
        }
        let value = skip(document, sign + 1, char::is_whitespace);
        return Some((value, value + value_length(&document[value..])));
    }
}

fn skip(text: &str, from: usize, is_skipped: impl Fn(char) -> bool) -> usize {
    text[from..].find(|char| !is_skipped(char)).map_or(text.len(), |length| from + length)
}

/// Returns how long the value is that the text begins with.
fn value_length(text: &str) -> usize {
    let slashes = text.bytes().take_while(|&byte| byte == b'\\').count();
    let rest = &text[slashes..];
    let end = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..]
            .match_indices(quote)
            .map(|(at, _)| at + 1)
            .find(
                // The closing quote has as many backslashes before it as the opening one.
                |&at| rest[..at].bytes().rev().take_while(|&byte| byte == b'\\').count() <= slashes,
            )
            .map(|at| at + 1),
        Some('{' | '[') => closing(rest),
        _ => rest.find([',', ';', '&', '}', ']', '"', '\n']),
    };
    end.map_or(text.len(), |end| slashes + end)
}

/// Returns where the bracket that the text begins with is closed, quotes left aside.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_looks_secret_is_left_out() {
        for (document, shown) in [
            (r#"{"name":"a","password":"x y","id":1}"#, r#"{"name":"a","password":***,"id":1}"#),
            (r#"{"DB_Password" : "a\"b","id":1}"#, r#"{"DB_Password" : ***,"id":1}"#),
            (r#"{"token":12345,"id":1}"#, r#"{"token":***,"id":1}"#),
            (r#"{"secrets":{"a":["b"]},"id":1}"#, r#"{"secrets":***,"id":1}"#),
            (r#"{"m":"{\"apiKey\":\"abc\",\"b\":1}"}"#, r#"{"m":"{\"apiKey\":***,\"b\":1}"}"#),
            ("Authorization: Bearer abc.def\nHost: a", "Authorization: ***\nHost: a"),
            ("url?access_token=abc&b=1", "url?access_token=***&b=1"),
            (r#"{"password":"cut sho"#, r#"{"password":***"#),
            (r#"{"note":"the password is lost"}"#, r#"{"note":"the password is lost"}"#),
            ("", ""),
        ] {
            assert_eq!(masked(document.as_bytes()), shown, "{document}");
        }
    }

    #[test]
    fn what_is_shown_is_short_and_text() {
        let long = "é".repeat(1000);
        assert_eq!(masked(long.as_bytes()).chars().count(), CHARS_MAX);
        assert_eq!(masked(b"{\"name\":\"\xff\"}"), "{\"name\":\"\u{fffd}\"}");
    }

    proptest! {
        #[test]
        fn any_document_has_a_beginning(
            pieces in prop::collection::vec("password|[:=\"'{}\\\\,é]|token| |x", 0..40),
        ) {
            let document = pieces.concat();
            prop_assert!(masked(document.as_bytes()).chars().count() <= CHARS_MAX);
        }

        #[test]
        fn a_secret_is_never_shown(before in "[a-z{\":, ]{0,20}", key in "[A-Za-z_]{0,5}") {
            let document = format!(r#"{before}"{key}password":"hidden7","id":"1"}}"#);
            prop_assert!(!masked(document.as_bytes()).contains("hidden7"));
        }
    }
}
