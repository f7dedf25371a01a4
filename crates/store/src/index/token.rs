//! Tokens: what a trace can be asked for by equality, as short texts, and their hash.
//!
//! Whoever writes an index and whoever prunes by it make tokens here, so that they cannot disagree.
//! Only the hash is stored; it is XXH64, the same on every machine and in every version.

use std::fmt::Write;
use std::ops::Range;

use twox_hash::XxHash64;
use wire::value::Scalar;

/// The seed of every hash in an index.
pub(super) const HASH_SEED: u64 = 0;

/// Something a trace has or has not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// A service of this name is in the trace: `s:<name>`.
    Service(&'a str),
    /// One service calls the other: `e:<from>→<to>`.
    Edge {
        /// The caller's name.
        from: &'a str,
        /// The callee's name.
        to: &'a str,
    },
    /// An annotation of this key is in the trace: `a:<key>`.
    AnnotationKey(&'a str),
    /// An annotation of this key has this value: `a:<key>=<value>`. A number is written as the
    /// shortest decimal of its double; a flag and a text that spells it are one token.
    Annotation(&'a str, &'a Scalar<'a>),
    /// A segment names this user: `u:<user>`.
    User(&'a str),
    /// The root's URL has this word: `p:<word>`, ASCII letters in lower case.
    UrlWord(&'a str),
    /// The root answered with this status: `h:<status>`.
    Status(i64),
    /// The root segment has this name: `r:<name>`.
    Root(&'a str),
}

/// The hash of a token's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub u64);

impl Token<'_> {
    /// Returns the token's hash.
    pub fn hash(&self) -> TokenHash {
        self.hash_with(&mut String::new())
    }

    /// Returns the token's hash; `scratch` is overwritten. For those who hash many.
    pub fn hash_with(&self, scratch: &mut String) -> TokenHash {
        scratch.clear();
        self.write_to(scratch);
        TokenHash(XxHash64::oneshot(HASH_SEED, scratch.as_bytes()))
    }

    /// Appends the token's text.
    fn write_to(&self, out: &mut String) {
        match *self {
            Self::Service(name) => push(out, &["s:", name]),
            Self::Edge { from, to } => push(out, &["e:", from, "→", to]),
            Self::AnnotationKey(key) => push(out, &["a:", key]),
            Self::Annotation(key, value) => {
                push(out, &["a:", key, "="]);
                write_value(value, out);
            }
            Self::User(user) => push(out, &["u:", user]),
            Self::UrlWord(word) => {
                push(out, &["p:", word]);
                out.make_ascii_lowercase();
            }
            Self::Status(status) => write_to(out, format_args!("h:{status}")),
            Self::Root(name) => push(out, &["r:", name]),
        }
    }
}

fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

fn write_value(value: &Scalar<'_>, out: &mut String) {
    match value {
        Scalar::Text(text) => out.push_str(text),
        // Adding zero makes the two zeroes one.
        Scalar::Number(number) => write_to(out, format_args!("{}", number.as_f64() + 0.0)),
        Scalar::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
    }
}

fn write_to(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes every write");
}

/// Returns the words of a URL: the longest runs of ASCII letters and digits and of characters
/// beyond ASCII. One that occurs twice is returned twice.
pub fn url_words(url: &str) -> impl Iterator<Item = &str> {
    word_ranges(url).map(|range| &url[range])
}

pub(super) fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(is_word)?;
        let len = bytes[start..].iter().position(|byte| !is_word(byte));
        at = len.map_or(bytes.len(), |len| start + len);
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use wire::value::Number;

    use super::*;

    #[test]
    fn a_token_has_one_text_and_one_hash_in_every_version() {
        let text = Scalar::Text("Gold".into());
        let number = |number| Scalar::Number(Number::Float(number));
        let tokens = [
            Token::Service("checkout"),
            Token::Edge { from: "checkout", to: "dynamodb" },
            Token::AnnotationKey("tier"),
            Token::Annotation("tier", &text),
            Token::Annotation("items", &Scalar::Number(Number::Integer(3))),
            Token::Annotation("items", &number(0.1)),
            Token::Annotation("items", &number(-0.0)),
            Token::Annotation("items", &number(1e21)),
            Token::Annotation("paid", &Scalar::Flag(true)),
            Token::User("Ann"),
            Token::UrlWord("Cart"),
            Token::Status(503),
            Token::Root("front"),
        ];
        let mut lines = String::new();
        for token in tokens {
            let mut token_text = String::new();
            let hash = token.hash_with(&mut token_text).0;
            assert_eq!(token.hash().0, hash);
            lines += &format!("{hash:016x} {token_text}\n");
        }
        assert_snapshot!(lines, @"
        6888432076948a25 s:checkout
        cb994855c7bc5469 e:checkout→dynamodb
        18a1668ec6dff625 a:tier
        d8febefd4a55c74e a:tier=Gold
        70400f0c93fd3275 a:items=3
        4cb3595ccd468d9b a:items=0.1
        d4adfa5dbcfc75f1 a:items=0
        918ecc8acb233274 a:items=1000000000000000000000
        77ad31ed077355df a:paid=true
        7f5bda51a883cc13 u:Ann
        ea721475e3ef382d p:cart
        3d707cd93aece849 h:503
        e5eb6a46f65aeb5f r:front
        ");
    }

    #[test]
    fn equal_numbers_are_one_token() {
        let hash = |number| Token::Annotation("items", &Scalar::Number(number)).hash();
        assert_eq!(hash(Number::Integer(3)), hash(Number::Float(3.0)));
        assert_eq!(hash(Number::Integer(0)), hash(Number::Float(-0.0)));
        assert_ne!(hash(Number::Integer(3)), hash(Number::Integer(4)));
    }

    #[test]
    fn a_url_falls_into_words() {
        let words = |url| url_words(url).collect::<Vec<_>>();
        let url = "https://shop.example:8443/Straße/81723?q=a+b";
        let found = ["https", "shop", "example", "8443", "Straße", "81723", "q", "a", "b"];
        assert_eq!(words(url), found);
        assert_eq!(words("//"), [""; 0]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words("a"), ["a"]);
    }
}
