//! How the objects of a document are read and written: one macro and the rule behind it.
//!
//! The rule: a member we know, with a value of the shape we know, becomes a field; everything else
//! is carried as raw JSON in `others` and written out again untouched. Nothing is guessed, nothing
//! is lost.
//!
//! Reading has two modes. [`Fast`] takes every known member at its word and fails on the first
//! value of another shape: one pass, no buffering. [`Careful`], used only for a document on which
//! [`Fast`] failed, looks at each value twice: once to find where it ends, once to read it, so that
//! a value of a surprising shape can be carried instead.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{Seconds, SegmentId, TraceId};

/// Members carried as they came, in the order in which they came.
pub type Others<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// How much a reader trusts its input; see the head of this file.
pub trait Mode {
    /// Whether values of a surprising shape are carried.
    const CAREFUL: bool;
}

/// Reads in one pass and fails on a known member of another shape.
pub struct Fast;

/// Reads each value twice and carries what has another shape.
pub struct Careful;

impl Mode for Fast {
    const CAREFUL: bool = false;
}

impl Mode for Careful {
    const CAREFUL: bool = true;
}

/// A value that can stand behind a known member.
pub trait Member<'de>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The deserializer's own error when the text is not JSON or the value has another shape.
    fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error>;
}

/// Reads one value from the whole of `text`; `None` when it is not JSON or has another shape.
pub fn parse<'a, T: Member<'a>>(text: &'a str) -> Option<T> {
    parse_as::<T, Fast>(text).or_else(|| parse_as::<T, Careful>(text))
}

/// As [`parse`], in one mode only.
pub(crate) fn parse_as<'a, T: Member<'a>, M: Mode>(text: &'a str) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::read::<_, M>(&mut deserializer).ok()?;
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

/// Deserializes a [`Member`] in mode `M`; `null` is the same as absent.
pub struct Maybe<T, M>(PhantomData<(T, M)>);

impl<T, M> Default for Maybe<T, M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Member<'de>, M: Mode> DeserializeSeed<'de> for Maybe<T, M> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Member<'de>, M: Mode> Visitor<'de> for Maybe<T, M> {
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
        T::read::<D, M>(deserializer).map(Some)
    }
}

/// Reads the value behind `key` into `slot`, or in careful mode into `others`.
///
/// When a key occurs twice the last one counts, whichever of the two places it went to.
///
/// # Errors
/// The map's own error: not JSON, or, in fast mode, a value of another shape.
pub fn read_into<'de, T: Member<'de>, A: MapAccess<'de>, M: Mode>(
    map: &mut A,
    key: Cow<'de, str>,
    slot: &mut Option<T>,
    others: &mut Others<'de>,
) -> Result<(), A::Error> {
    if !M::CAREFUL {
        *slot = map.next_value_seed(Maybe::<T, M>::default())?;
        return Ok(());
    }
    let raw: &'de RawValue = map.next_value()?;
    others.retain(|(other, _)| *other != key);
    let mut value = serde_json::Deserializer::from_str(raw.get());
    *slot = Maybe::<T, M>::default().deserialize(&mut value).unwrap_or_else(|_| {
        others.push((key, raw));
        None
    });
    Ok(())
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
    fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
        Text.deserialize(deserializer)
    }
}

impl<'de> Member<'de> for &'de RawValue {
    fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl<'de> Member<'de> for $type {
            fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
        }
    )*};
}
plain!(bool, i64, Seconds);

macro_rules! ids {
    ($($type:ty),*) => {$(
        impl<'de> Member<'de> for $type {
            fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
                let text = Text.deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| D::Error::custom("not an id"))
            }
        }
    )*};
}
ids!(TraceId, SegmentId);

impl<'de, T: Member<'de>> Member<'de> for Box<T> {
    fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
        T::read::<D, M>(deserializer).map(Box::new)
    }
}

/// Reads one element of a list; `null` is not an element.
struct Element<T, M>(PhantomData<(T, M)>);

impl<'de, T: Member<'de>, M: Mode> DeserializeSeed<'de> for Element<T, M> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read::<D, M>(deserializer)
    }
}

struct List<T, M>(PhantomData<(T, M)>);

impl<'de, T: Member<'de>, M: Mode> Visitor<'de> for List<T, M> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element_seed(Element::<T, M>(PhantomData))? {
            list.push(element);
        }
        Ok(list)
    }
}

impl<'de, T: Member<'de>> Member<'de> for Vec<T> {
    fn read<D: Deserializer<'de>, M: Mode>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List::<T, M>(PhantomData))
    }
}

/// What a generated object's visitor is told: which object, in which mode.
pub struct Object<T, M>(pub PhantomData<(T, M)>);

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
            fn read<D: serde::Deserializer<'a>, M: $crate::member::Mode>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                deserializer.deserialize_map(
                    $crate::member::Object::<Self, M>(std::marker::PhantomData))
            }
        }

        impl<'a, M: $crate::member::Mode> serde::de::Visitor<'a>
            for $crate::member::Object<$Name<'a>, M>
        {
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
                        $( $key => read_into::<_, _, M>(&mut map, key, &mut $field, &mut others)?, )*
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

        impl serde::Serialize for $Name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                use $crate::member::Present;
                let mut map = serializer.serialize_map(None)?;
                $( if self.$field.is_present() { map.serialize_entry($key, &self.$field)?; } )*
                for (key, value) in &self.others {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    };
}
pub(crate) use object;
