//! The quick way to read a document: straight through the text, for what nearly every sender sends.
//!
//! It knows plain JSON and gives up on the rest: `None` means that the careful way has to read the
//! text, be it wrong or only unusual. So it may refuse what is valid; what it takes is what
//! `serde_json` takes, with the same values, and a test compares them. What is intricate, escapes
//! and values that are carried unread, is left to `serde_json` here as well.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::value::Number;

/// Objects and lists inside each other; `serde_json` knows what to do with more.
const DEPTH_MAX: u8 = 100;

/// Whole numbers of so many digits fit into 64 bits.
const INTEGER_DIGITS_MAX: usize = 18;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    /// Invariant: on the bound of a character.
    at: usize,
    depth: u8,
}

impl<'a> Cursor<'a> {
    /// Begins at the start of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Returns whether nothing but spaces follows.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Returns the first byte that is no space, and stays before it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            match byte {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                _ => return Some(byte),
            }
        }
    }

    /// Returns the first byte that is no space, and goes behind it. What is not ASCII is refused, so
    /// that the place stays on the bound of a character.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek().filter(u8::is_ascii)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn eat(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    fn eat_word(&mut self, word: &str) -> Option<()> {
        self.peek()?;
        let is_there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_there { word.len() } else { 0 };
        is_there.then_some(())
    }

    /// Reads an object: `visit` reads the value behind each key.
    #[inline]
    pub(crate) fn members(
        &mut self,
        mut visit: impl FnMut(&mut Self, Cow<'a, str>) -> Option<()>,
    ) -> Option<()> {
        let mut is_open = self.open(b'{', b'}')?;
        while is_open {
            let key = self.string()?;
            self.eat(b':')?;
            visit(self, key)?;
            is_open = self.goes_on(b'}')?;
        }
        Some(())
    }

    /// Reads a list: `visit` reads each element.
    #[inline]
    pub(crate) fn elements(
        &mut self,
        mut visit: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let mut is_open = self.open(b'[', b']')?;
        while is_open {
            visit(self)?;
            is_open = self.goes_on(b']')?;
        }
        Some(())
    }

    /// Goes inside an object or a list; returns whether anything is in it.
    #[inline]
    fn open(&mut self, open: u8, close: u8) -> Option<bool> {
        self.eat(open)?;
        self.depth = Some(self.depth + 1).filter(|depth| *depth <= DEPTH_MAX)?;
        match self.peek()? == close {
            true => self.goes_on(close),
            false => Some(true),
        }
    }

    /// Goes behind a comma, or out of the object or list; returns whether it goes on.
    #[inline]
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        match self.next()? {
            b',' => Some(true),
            byte if byte == close => {
                self.depth -= 1;
                Some(false)
            }
            _ => None,
        }
    }

    /// Reads `null` if it is there.
    #[inline]
    pub(crate) fn null(&mut self) -> Option<bool> {
        match self.peek()? {
            b'n' => self.eat_word("null").map(|()| true),
            _ => Some(false),
        }
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.eat_word("true").map(|()| true),
            _ => self.eat_word("false").map(|()| false),
        }
    }

    /// Reads text, borrowed when it has no escapes.
    #[inline]
    pub(crate) fn string(&mut self) -> Option<Cow<'a, str>> {
        self.eat(b'"')?;
        let start = self.at;
        let end = plain_end(self.text.as_bytes(), start)?;
        match self.text.as_bytes()[end] {
            b'"' => {
                self.at = end + 1;
                Some(Cow::Borrowed(&self.text[start..end]))
            }
            b'\\' => {
                self.at = start - 1;
                self.by_serde::<String>().map(Cow::Owned)
            }
            _ => None,
        }
    }

    /// Reads any value unread.
    pub(crate) fn raw(&mut self) -> Option<&'a RawValue> {
        self.by_serde()
    }

    #[cold]
    fn by_serde<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let text: &'a str = self.text;
        let mut values = serde_json::Deserializer::from_str(&text[self.at..]).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    pub(crate) fn number(&mut self) -> Option<Number> {
        self.peek()?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let is_negative = bytes[start] == b'-';
        let whole = start + usize::from(is_negative);
        let end = digits_end(bytes, whole);
        let has_leading_zero = bytes[whole..end].starts_with(b"0") && end - whole > 1;
        if end == whole || has_leading_zero {
            return None;
        }
        if let Some(b'.' | b'e' | b'E') = bytes.get(end) {
            return self.float(start, end).map(Number::Float);
        }
        let digits =
            Some(&bytes[whole..end]).filter(|digits| digits.len() <= INTEGER_DIGITS_MAX)?;
        let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        self.at = end;
        match (is_negative, value) {
            // It is a double.
            (true, 0) => None,
            (true, value) => Some(Number::Integer(-value)),
            (false, value) => Some(Number::Integer(value)),
        }
    }

    /// Reads a number of which the whole part ends at `end`.
    fn float(&mut self, start: usize, mut end: usize) -> Option<f64> {
        let bytes = self.text.as_bytes();
        if bytes.get(end) == Some(&b'.') {
            let fraction = end + 1;
            end = digits_end(bytes, fraction);
            (end > fraction).then_some(())?;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = bytes.get(end + 1).is_some_and(|byte| [b'+', b'-'].contains(byte));
            let exponent = end + 1 + usize::from(sign);
            end = digits_end(bytes, exponent);
            (end > exponent).then_some(())?;
        }
        self.at = end;
        self.text[start..end].parse().ok().filter(|float: &f64| float.is_finite())
    }
}

/// Returns where the digits that begin at `at` end.
fn digits_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

/// Returns where the first quote, backslash or control character is, at `at` or behind it.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let found = special_bytes(u64::from_le_bytes(*eight));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.get(at..)?.iter().position(is_special).map(|offset| at + offset)
}

/// Marks the lowest byte that is a quote, a backslash or a control character by its top bit, in the
/// eight bytes of a word; what is marked above that means nothing.
#[inline(always)]
pub(crate) fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (equal(b'"') | equal(b'\\') | below(word, 0x20)) & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::member::{Member, parse_quick};
    use crate::value::Scalar;

    /// Reads a value with both readers; returns whether the quick one took it.
    fn takes<T: Member<'static> + Deserialize<'static> + PartialEq + std::fmt::Debug>(
        text: &'static str,
    ) -> bool {
        let quick: Option<T> = parse_quick(text);
        if let Some(quick) = &quick {
            assert_eq!(Some(quick), serde_json::from_str(text).ok().as_ref(), "{text}");
        }
        quick.is_some()
    }

    #[test]
    fn plain_values_are_taken() {
        for text in ["0", "-7", " 42\n", "123456789012345678"] {
            assert!(takes::<i64>(text), "{text}");
        }
        for text in ["true", " false "] {
            assert!(takes::<bool>(text), "{text}");
        }
        for text in [r#""""#, r#""a""#, r#""seventeen letters""#, r#""é😀""#, r#""a\nb\u00e9""#]
        {
            assert!(takes::<Cow<'static, str>>(text), "{text}");
        }
        for text in ["1.5", "1795245638.3111613", "-0.0", "1e3", "1E-3", "0.1e+10", "12"] {
            let scalar: Option<Scalar<'_>> = parse_quick(text);
            let Some(Scalar::Number(number)) = scalar else { panic!("{text}: {scalar:?}") };
            let expected: f64 = serde_json::from_str(text).expect("a number");
            assert_eq!(number.as_f64().to_bits(), expected.to_bits(), "{text}");
        }
        for text in ["[]", "[ ]", "[ 1 ,\"2\"]"] {
            assert!(parse_quick::<Vec<Scalar<'_>>>(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_odd_or_wrong_is_left_to_others() {
        for text in [
            "",
            " ",
            "-",
            "01",
            "-0",
            "1.",
            ".5",
            "1e",
            "1e+",
            "1e400",
            "+1",
            "1 2",
            "nul",
            "null",
            "truefalse",
            "tru",
            "1234567890123456789",
            "\"",
            "\"a",
            "\"a\nb\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\u{a0}1",
            "é",
            "1é",
            "{",
            "[",
            "NaN",
        ] {
            assert_eq!(parse_quick::<Scalar<'_>>(text), None, "{text}");
        }
        for text in ["[1,]", "[,1]", "[1", "[1 2]", "[null]", "{}", "[1]]"] {
            assert!(parse_quick::<Vec<Scalar<'_>>>(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_first_special_byte_is_found(text in "[a-zé\"\\\\\u{1}\u{1f}\u{80}]{0,40}", at in 0_usize..40) {
            let bytes = text.as_bytes();
            let obvious = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
            let expected = bytes.get(at..).and_then(|rest| rest.iter().position(obvious));
            prop_assert_eq!(plain_end(bytes, at), expected.map(|offset| at + offset));
        }

        #[test]
        fn numbers_are_those_of_serde(text in "-?[0-9]{1,20}(\\.[0-9]{0,20})?([eE][+-]?[0-9]{0,3})?") {
            if let Some(Scalar::Number(number)) = parse_quick(&text) {
                let expected: Value = serde_json::from_str(&text).expect("what is taken is JSON");
                prop_assert_eq!(Some(number.as_f64().to_bits()), expected.as_f64().map(f64::to_bits));
                prop_assert_eq!(matches!(number, Number::Integer(_)), expected.is_i64());
            }
        }
    }
}
