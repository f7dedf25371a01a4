//! The `cause` member: exceptions with their stacks, or a pointer to where they are recorded.

use std::borrow::Cow;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::cursor::Cursor;
use crate::member::{Member, Object, Text, object};

/// What went wrong: recorded here, or elsewhere in the trace.
#[derive(Clone, Debug)]
pub enum Cause<'a> {
    /// The id of an exception recorded in another part of the trace.
    Reference(Cow<'a, str>),
    /// The exceptions themselves.
    Here(Box<Causes<'a>>),
}

object! {
    /// The exceptions recorded at one place.
    pub struct Causes {
        /// The folder the program ran in.
        working_directory: Option<Cow<'a, str>> = "working_directory",
        /// The paths libraries were found in.
        paths: Vec<Cow<'a, str>> = "paths",
        /// The exceptions.
        exceptions: Vec<Exception<'a>> = "exceptions",
    }
}

object! {
    /// One exception.
    pub struct Exception {
        /// 16 hex digits; other parts of the trace may refer to it.
        id: Option<Cow<'a, str>> = "id",
        /// The exception's message.
        message: Option<Cow<'a, str>> = "message",
        /// The exception's type.
        kind: Option<Cow<'a, str>> = "type",
        /// Whether a callee raised it.
        remote: Option<bool> = "remote",
        /// Stack frames left out.
        truncated: Option<i64> = "truncated",
        /// Exceptions left out between this one and its child.
        skipped: Option<i64> = "skipped",
        /// The id of the exception that led to this one.
        cause: Option<Cow<'a, str>> = "cause",
        /// The stack, innermost frame first.
        stack: Vec<Frame<'a>> = "stack",
    }
}

object! {
    /// One stack frame.
    pub struct Frame {
        /// The source file.
        path: Option<Cow<'a, str>> = "path",
        /// The line in it.
        line: Option<i64> = "line",
        /// The function.
        label: Option<Cow<'a, str>> = "label",
    }
}

impl<'de> Member<'de> for Cause<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Object::<Self>(std::marker::PhantomData))
    }

    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        match cursor.peek()? {
            b'"' => cursor.string().map(Self::Reference),
            _ => Box::<Causes<'de>>::read_quick(cursor).map(Self::Here),
        }
    }
}

impl<'de> Visitor<'de> for Object<Cause<'de>> {
    type Value = Cause<'de>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an exception's id or an object")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Text.visit_borrowed_str(text).map(Cause::Reference)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Text.visit_str(text).map(Cause::Reference)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let causes = Object::<Causes<'de>>(std::marker::PhantomData).visit_map(map)?;
        Ok(Cause::Here(Box::new(causes)))
    }
}

impl Serialize for Cause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Reference(id) => serializer.serialize_str(id),
            Self::Here(causes) => causes.serialize(serializer),
        }
    }
}
