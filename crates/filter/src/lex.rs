//! From text to tokens, one at a time and on demand.

use std::ops::Range;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A name, with its dots.
    Word,
    /// Text in quotes, decoded.
    Text(String),
    /// A quote that is not closed.
    OpenText,
    Number(f64),
    /// `(`, `!=` and the like.
    Sign(&'static str),
    /// Nothing of the language.
    Foreign,
    End,
}

/// Longer signs stand before those that they begin with.
const SIGNS: [&str; 16] =
    ["!=", "<=", ">=", "!", "=", "<", ">", "(", ")", "{", "}", "[", "]", ",", ":", "#"];

/// Reads tokens; never fails and always goes on.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    /// Returns the next token and where it stands.
    pub(crate) fn next(&mut self) -> (Token, Range<usize>) {
        let blank = self.rest().len() - self.rest().trim_start().len();
        self.at += blank;
        let start = self.at;
        let token = self.token();
        (token, start..self.at)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn token(&mut self) -> Token {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Token::End };
        if first.is_ascii_alphabetic() || first == '_' {
            self.at += rest.find(|char| !is_word_part(char)).unwrap_or(rest.len());
            return Token::Word;
        }
        if first == '"' {
            return self.quoted();
        }
        if let Some(length) = number_length(rest) {
            self.at += length;
            // What is beyond a double becomes infinite, and the parser refuses it.
            return rest[..length].parse().map_or(Token::Foreign, Token::Number);
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            self.at += sign.len();
            return Token::Sign(sign);
        }
        self.at += first.len_utf8();
        Token::Foreign
    }

    fn quoted(&mut self) -> Token {
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((index, char)) = chars.next() {
            match char {
                '"' => {
                    self.at += index + 1;
                    return Token::Text(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'u')) => {
                        let (decoded, digits) = unicode(&self.rest()[index..]);
                        text.push(decoded);
                        // The first digit is the one after `\u`.
                        chars.by_ref().take(digits).for_each(drop);
                    }
                    Some((_, escaped)) => text.push(unescaped(escaped)),
                    None => break,
                },
                other => text.push(other),
            }
        }
        self.at = self.text.len();
        Token::OpenText
    }
}

pub(crate) fn is_word_part(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == '.'
}

/// What stands after a backslash; what means nothing there stands for itself.
fn unescaped(char: char) -> char {
    match char {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

/// Reads `\uXXXX`, or two of them that are a pair; returns the character and how many characters
/// after the first `\u` belong to it.
fn unicode(text: &str) -> (char, usize) {
    let unit = |from: usize| {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    let Some(high) = unit(0) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(char) = char::from_u32(high) {
        return (char, 4);
    }
    let pair = unit(6).filter(|low| high < 0xdc00 && (0xdc00..0xe000).contains(low));
    let joined = pair.map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    match joined.and_then(char::from_u32) {
        Some(char) => (char, 10),
        None => (char::REPLACEMENT_CHARACTER, 4),
    }
}

/// How long the number is that the text begins with.
fn number_length(text: &str) -> Option<usize> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with(['-', '+']));
    let whole = digits(sign);
    let mut end = sign + whole;
    if text[end..].starts_with('.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['-', '+']));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> String {
        let mut lexer = Lexer { text, at: 0 };
        let mut lines = Vec::new();
        loop {
            let (token, range) = lexer.next();
            if token == Token::End {
                return lines.join(" ");
            }
            lines.push(match token {
                Token::Word | Token::Foreign => format!("{token:?}:{}", &text[range]),
                other => format!("{other:?}"),
            });
        }
    }

    #[test]
    fn every_kind_of_token_is_read() {
        insta::assert_snapshot!(tokens(r#"http.url!="a\"\\" <=-1.5e3 !x[1a] .5 @ 3s"#), @r#"Word:http.url Sign("!=") Text("a\"\\") Sign("<=") Number(-1500.0) Sign("!") Word:x Sign("[") Number(1.0) Word:a Sign("]") Number(0.5) Foreign:@ Number(3.0) Word:s"#);
    }

    #[test]
    fn escapes_are_those_of_json() {
        insta::assert_snapshot!(tokens(r#""\n\u00e9\ud83d\ude00" "\ud83dx" "\uzz" "\"#), @r#"Text("\né😀") Text("�x") Text("�zz") OpenText"#);
    }
}
