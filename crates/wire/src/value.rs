//! Scalar values of documents: numbers that stay what they were, annotation values, and the two
//! members that SDKs write in more than one shape.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use crate::cursor::Cursor;
use crate::member::Member;

/// A JSON number: integers stay integers, so that `42` is not written back as `42.0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Written without a decimal point and within 64 bits.
    Integer(i64),
    /// Anything else.
    Float(f64),
}

impl Number {
    /// Returns the number as the double that API bodies print.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// The value of an annotation, and of any other member that may be text, a number or a flag.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// A boolean.
    Flag(bool),
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(flag))
    }
    fn visit_i64<E: Error>(self, integer: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(Number::Integer(integer)))
    }
    fn visit_u64<E: Error>(self, integer: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(
            i64::try_from(integer).map_or(Number::Float(integer as f64), Number::Integer),
        ))
    }
    fn visit_f64<E: Error>(self, float: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(Number::Float(float)))
    }
}

impl<'de> Member<'de> for Scalar<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }

    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        match cursor.peek()? {
            b'"' => cursor.string().map(Self::Text),
            b't' | b'f' => cursor.flag().map(Self::Flag),
            _ => cursor.number().map(Self::Number),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Integer(integer) => serializer.serialize_i64(integer),
            Self::Float(float) => serializer.serialize_f64(float),
        }
    }
}

impl Serialize for Scalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => number.serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}
