//! Patterns of sampling rules and of dynamic names: `*` stands for any text, `?` for any one
//! character, and case does not count.

/// Returns whether `text` as a whole is what `pattern` describes.
///
/// Case is folded for ASCII letters; other characters are compared as they are. The cost is at most
/// the product of the lengths, and no memory.
///
/// Source: sampling rules, developer guide; the comparison of the X-Ray SDKs.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    // The last star, and how much of the text it stands for so far.
    let mut star = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(b'?') => {
                at_pattern += 1;
                at_text += char_bytes(text[at_text]);
            }
            Some(byte) if byte.eq_ignore_ascii_case(&text[at_text]) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                let Some((at_star, taken_to)) = star else { return false };
                let taken_to = taken_to + char_bytes(text[taken_to]);
                star = Some((at_star, taken_to));
                (at_pattern, at_text) = (at_star + 1, taken_to);
            }
        }
    }
    pattern[at_pattern..].iter().all(|&byte| byte == b'*')
}

/// Returns how many bytes the character takes that begins with `first`; one for a byte inside of
/// a character.
fn char_bytes(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("?", "é", true),
            ("caf?", "café", true),
            ("/api/*", "/api/move/7", true),
            ("/api/*", "/API/", true),
            ("/api/*", "/ap", false),
            ("*.example.com", "a.b.EXAMPLE.com", true),
            ("*.example.com", "example.com", false),
            ("a*b*c", "aXXbYYbZc", true),
            ("a*b*c", "aXXbYYbZ", false),
            ("***a", "a", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    /// The obvious version: a pattern is its first character and the rest of it.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some(('*', rest)), _) => (0..=text.len()).any(|at| oracle(rest, &text[at..])),
            (Some(_), None) => false,
            (Some(('?', rest)), Some((_, after))) => oracle(rest, after),
            (Some((one, rest)), Some((other, after))) => {
                one.eq_ignore_ascii_case(other) && oracle(rest, after)
            }
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_obvious_version(pattern in "[*?abAé]{0,7}", text in "[abé]{0,8}") {
            let (p, t): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), oracle(&p, &t));
        }
    }
}
