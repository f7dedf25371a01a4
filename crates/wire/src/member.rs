//! How the objects of a document are read and written: one macro and the rule behind it.
//!
//! The rule: a member we know, with a value of the shape we know, becomes a field; everything else
//! is carried as raw JSON in `others` and written out again untouched. Nothing is guessed, nothing
//! is lost.
//!
//! There are two ways to read. The quick one, [`Cursor`], takes every known member at its word and
//! gives up on the first value of another shape. The careful one, used only for a document on which
//! the quick one gave up, looks at each value twice: once to find where it ends, once to read it, so
//! that a value of a surprising shape can be carried instead.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::cursor::Cursor;
use crate::value::Number;
use crate::{Seconds, SegmentId, TraceId};

/// Members carried as they came, in the order in which they came.
pub type Others<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// A value that can stand behind a known member.
pub trait Member<'de>: Sized {
    /// Reads the value carefully.
    ///
    /// # Errors
    /// The deserializer's own error when the text is not JSON or the value has another shape.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads the value quickly; `None` when it has to be read carefully.
    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self>;
}

/// Reads one value from the whole of `text`; `None` when it is not JSON or has another shape.
pub fn parse<'a, T: Member<'a>>(text: &'a str) -> Option<T> {
    parse_quick(text).or_else(|| parse_careful(text))
}

/// As [`parse`], in the quick way only.
pub(crate) fn parse_quick<'a, T: Member<'a>>(text: &'a str) -> Option<T> {
    let mut cursor = Cursor::new(text);
    let value = T::read_quick(&mut cursor)?;
    cursor.is_at_end().then_some(value)
}

/// As [`parse`], in the careful way only.
pub(crate) fn parse_careful<'a, T: Member<'a>>(text: &'a str) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::read(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// What an object holds for a member: itself when required, `Option` or `Vec` when not.
pub trait Slot: Sized {
    /// The value as it is read.
    type Value;

    /// Returns the member, or `None` when it is required and was not there.
    fn close(value: Option<Self::Value>) -> Option<Self>;
}

impl<T> Slot for Option<T> {
    type Value = T;
    fn close(value: Option<T>) -> Option<Self> {
        Some(value)
    }
}

impl<T> Slot for Vec<T> {
    type Value = Self;
    fn close(value: Option<Self>) -> Option<Self> {
        Some(value.unwrap_or_default())
    }
}

macro_rules! required {
    ($($type:ty),*) => {$(
        impl Slot for $type {
            type Value = Self;
            fn close(value: Option<Self>) -> Option<Self> {
                value
            }
        }
    )*};
}
required!(Cow<'_, str>, SegmentId, TraceId, Seconds);

/// Deserializes a [`Member`]; `null` is the same as absent.
pub struct Maybe<T>(PhantomData<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Member<'de>> DeserializeSeed<'de> for Maybe<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Member<'de>> Visitor<'de> for Maybe<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's value or null")
    }
    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer).map(Some)
    }
}

/// Reads the value behind `key` into `slot`, or when it has another shape into `others`.
///
/// When a key occurs twice the last one counts, whichever of the two places it went to.
///
/// # Errors
/// The map's own error: not JSON.
pub fn read_into<'de, T: Member<'de>, A: MapAccess<'de>>(
    map: &mut A,
    key: Cow<'de, str>,
    slot: &mut Option<T>,
    others: &mut Others<'de>,
) -> Result<(), A::Error> {
    let raw: &'de RawValue = map.next_value()?;
    others.retain(|(other, _)| *other != key);
    let mut value = serde_json::Deserializer::from_str(raw.get());
    *slot = Maybe::<T>::default().deserialize(&mut value).unwrap_or_else(|_| {
        others.push((key, raw));
        None
    });
    Ok(())
}

/// Reads the value behind a key, which may be `null`, in the quick way.
#[inline]
pub(crate) fn read_quick_into<'de, T: Member<'de>>(
    cursor: &mut Cursor<'de>,
    slot: &mut Option<T>,
) -> Option<()> {
    *slot = match cursor.null()? {
        true => None,
        false => Some(T::read_quick(cursor)?),
    };
    Some(())
}

/// Reads text, borrowed from the input when it has no escapes.
pub struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

impl<'de> Member<'de> for Cow<'de, str> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text.deserialize(deserializer)
    }
    #[inline]
    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        cursor.string()
    }
}

macro_rules! plain {
    ($($type:ty = $quick:expr),* $(,)?) => {$(
        impl<'de> Member<'de> for $type {
            fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
            fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
                $quick(cursor)
            }
        }
    )*};
}
plain!(
    &'de RawValue = Cursor::raw,
    bool = Cursor::flag,
    i64 = |cursor: &mut Cursor<'de>| match cursor.number()? {
        Number::Integer(integer) => Some(integer),
        Number::Float(_) => None,
    },
    Seconds = |cursor: &mut Cursor<'de>| cursor.number().map(|number| Self(number.as_f64())),
);

macro_rules! ids {
    ($($type:ty),*) => {$(
        impl<'de> Member<'de> for $type {
            fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Text.deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| D::Error::custom("not an id"))
            }
            #[inline]
            fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
                Self::parse(&cursor.string()?)
            }
        }
    )*};
}
ids!(TraceId, SegmentId);

impl<'de, T: Member<'de>> Member<'de> for Box<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Box::new)
    }
    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        T::read_quick(cursor).map(Box::new)
    }
}

/// Reads one element of a list; `null` is not an element.
struct Element<T>(PhantomData<T>);

impl<'de, T: Member<'de>> DeserializeSeed<'de> for Element<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: Member<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element_seed(Element::<T>(PhantomData))? {
            list.push(element);
        }
        Ok(list)
    }
}

impl<'de, T: Member<'de>> Member<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List::<T>(PhantomData))
    }
    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        let mut list = Self::new();
        cursor.elements(|cursor| {
            list.push(T::read_quick(cursor)?);
            Some(())
        })?;
        Some(list)
    }
}

/// What a generated object's visitor is told: which object.
pub struct Object<T>(pub PhantomData<T>);

/// Whether a field is written; required fields always are.
pub trait Present {
    /// Returns false when the member was absent.
    fn is_present(&self) -> bool {
        true
    }
}

impl<T> Present for Option<T> {
    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl<T> Present for Vec<T> {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}

impl Present for Cow<'_, str> {}
impl Present for SegmentId {}
impl Present for TraceId {}
impl Present for Seconds {}

/// The members of an object, written one after the other.
pub trait Members {
    /// Writes the members that are there, but for the known one named `left_out`.
    ///
    /// # Errors
    /// The map's own.
    fn put<S: SerializeMap>(&self, map: &mut S, left_out: Option<&str>) -> Result<(), S::Error>;
}

/// An object as it is written when one of its known members is left out.
pub struct Without<'o, T>(pub &'o T, pub &'static str);

impl<T: Members> Serialize for Without<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.put(&mut map, Some(self.1))?;
        map.end()
    }
}

/// Declares an object of the format: its fields, the JSON names behind them, and both directions.
///
/// Members are written in the order in which they are declared, carried ones last.
macro_rules! object {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $Name:ident {
            $( $(#[$field_attribute:meta])* $field:ident: $type:ty = $key:literal, )*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visibility struct $Name<'a> {
            $( $(#[$field_attribute])* pub $field: $type, )*
            /// Members carried as they came.
            pub others: $crate::member::Others<'a>,
        }

        impl<'a> $crate::member::Member<'a> for $Name<'a> {
            fn read<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
                let object = $crate::member::Object::<Self>(std::marker::PhantomData);
                deserializer.deserialize_map(object)
            }

            fn read_quick(cursor: &mut $crate::cursor::Cursor<'a>) -> Option<Self> {
                use $crate::member::{Slot, read_quick_into};
                $( let mut $field: Option<<$type as Slot>::Value> = None; )*
                let mut others = Vec::new();
                cursor.members(|cursor, key| {
                    match &*key {
                        $( $key => read_quick_into(cursor, &mut $field)?, )*
                        _ => others.push((key, cursor.raw()?)),
                    }
                    Some(())
                })?;
                Some($Name { $( $field: <$type as Slot>::close($field)?, )* others })
            }
        }

        impl<'a> serde::de::Visitor<'a> for $crate::member::Object<$Name<'a>> {
            type Value = $Name<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'a>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                use $crate::member::{Slot, Text, read_into};
                $( let mut $field: Option<<$type as Slot>::Value> = None; )*
                let mut others = Vec::new();
                while let Some(key) = map.next_key_seed(Text)? {
                    match &*key {
                        $( $key => read_into(&mut map, key, &mut $field, &mut others)?, )*
                        _ => others.push((key, map.next_value()?)),
                    }
                }
                Ok($Name {
                    $( $field: <$type as Slot>::close($field)
                        .ok_or_else(|| serde::de::Error::missing_field($key))?, )*
                    others,
                })
            }
        }

        impl $crate::member::Members for $Name<'_> {
            #[inline]
            fn put<S: serde::ser::SerializeMap>(
                &self,
                map: &mut S,
                left_out: Option<&str>,
            ) -> Result<(), S::Error> {
                use $crate::member::Present;
                $( if self.$field.is_present() && left_out != Some($key) {
                    map.serialize_entry($key, &self.$field)?;
                } )*
                for (key, value) in &self.others {
                    map.serialize_entry(key, value)?;
                }
                Ok(())
            }
        }

        impl serde::Serialize for $Name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $crate::member::Members::put(self, &mut map, None)?;
                map.end()
            }
        }
    };
}
pub(crate) use object;
