//! Reads request bodies with AWS's answers to what is wrong with them.
//!
//! A value of another JSON type ends the reading at once. A broken constraint is noted and a
//! stand-in value returned, so that one answer names them all; [`read`] never hands out a request
//! with a stand-in inside.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::Error;
use crate::{Seconds, json};

/// Reads `body` as a JSON object with `members`.
///
/// An empty body and `null` are the same as `{}`; members that nobody asks for are ignored.
pub(super) fn read<T>(
    body: &[u8],
    members: impl FnOnce(&mut Reader<'_, '_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let object = object(body)?;
    let mut violations = Vec::new();
    let mut reader = Reader { object: &object, path: String::new(), violations: &mut violations };
    let request = members(&mut reader)?;
    if violations.is_empty() { Ok(request) } else { Err(Error::validation(&violations)) }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body).map_err(|error| not_json(&error))? {
        Value::Null => Ok(Map::new()),
        Value::Object(object) => Ok(object),
        other => Err(wrong_type(token(&other), "a Structure")),
    }
}

/// The answer to a body that is not JSON. The parser's message names a place and no content.
pub(super) fn not_json(error: &serde_json::Error) -> Error {
    Error::serialization(format!("Request body is not valid JSON: {error}"))
}

/// The answer to a value of another JSON type.
pub(super) fn wrong_type(token: &str, wanted: &str) -> Error {
    Error::serialization(format!("{token} can not be converted to {wanted}"))
}

/// Names a value as AWS's parser does.
fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

/// One structure of a request, being read.
pub(super) struct Reader<'a, 'v> {
    object: &'a Map<String, Value>,
    /// Where the structure stands, with a full stop at the end unless empty.
    path: String,
    violations: &'v mut Vec<String>,
}

impl<'a> Reader<'a, '_> {
    /// Returns the member's value; `null` is the same as absent.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Returns whether the member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Notes a broken constraint; `value` is already quoted, or the bare word `null`.
    fn violation(&mut self, name: &str, value: &str, constraint: &str) {
        self.violations.push(format!(
            "Value {value} at '{}{}' failed to satisfy constraint: {constraint}",
            self.path,
            lower_camel(name),
        ));
    }

    /// Notes an absent member, and returns a stand-in for it.
    pub(super) fn require<T: Default>(&mut self, name: &str, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.violation(name, "null", "Member must not be null");
            T::default()
        })
    }

    /// Reads text whose length in characters must lie in `chars`.
    pub(super) fn text(
        &mut self,
        name: &str,
        chars: RangeInclusive<usize>,
    ) -> Result<Option<String>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = text(value)?;
        if let Some(constraint) = length_violation(text.chars().count(), &chars) {
            self.violation(name, &format!("'{text}'"), &constraint);
        }
        Ok(Some(text.to_owned()))
    }

    /// Reads text that must also be like `pattern`, as `is_like` tells.
    pub(super) fn text_like(
        &mut self,
        name: &str,
        chars: RangeInclusive<usize>,
        pattern: &str,
        is_like: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, Error> {
        let text = self.text(name, chars)?;
        if let Some(text) = text.as_deref().filter(|text| !is_like(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.violation(name, &format!("'{text}'"), &constraint);
        }
        Ok(text)
    }

    /// Reads text of any length.
    pub(super) fn any_text(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.text(name, 0..=usize::MAX)
    }

    /// Reads one of the words of an enumeration.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.any_text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let set: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let constraint = format!("Member must satisfy enum value set: [{}]", set.join(", "));
            self.violation(name, &format!("'{text}'"), &constraint);
        }
        Ok(found)
    }

    /// Reads a list of at most `count_max` words of an enumeration.
    pub(super) fn words<T: Copy>(
        &mut self,
        name: &str,
        count_max: usize,
        words: &[(&str, T)],
    ) -> Result<Option<Vec<T>>, Error> {
        let Some(texts) = self.texts_at_most(name, count_max, 0..=usize::MAX)? else {
            return Ok(None);
        };
        let meaning = |text: &String| words.iter().find(|(word, _)| word == text);
        let found: Vec<T> = texts.iter().filter_map(meaning).map(|(_, of)| *of).collect();
        if found.len() < texts.len() {
            let set: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let constraint = format!(
                "Member must satisfy constraint: [Member must satisfy enum value set: [{}]]",
                set.join(", ")
            );
            self.violation(name, &format!("'[{}]'", texts.join(", ")), &constraint);
        }
        Ok(Some(found))
    }

    /// Reads text that must satisfy `pattern`, which `is_fitting` says.
    pub(super) fn pattern(
        &mut self,
        name: &str,
        pattern: &str,
        is_fitting: impl FnOnce(&str) -> bool,
    ) -> Result<Option<String>, Error> {
        let Some(text) = self.any_text(name)? else { return Ok(None) };
        if !is_fitting(&text) {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.violation(name, &format!("'{text}'"), &constraint);
        }
        Ok(Some(text))
    }

    /// Reads a list of texts, each of whose lengths in characters must lie in `chars`.
    pub(super) fn texts(
        &mut self,
        name: &str,
        chars: RangeInclusive<usize>,
    ) -> Result<Option<Vec<String>>, Error> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        let texts: Vec<&str> = list.iter().map(text).collect::<Result<_, _>>()?;
        if texts.iter().any(|text| !chars.contains(&text.chars().count())) {
            let constraint = format!(
                "Member must satisfy constraint: [Member must have length less than or equal to \
                 {}, Member must have length greater than or equal to {}]",
                chars.end(),
                chars.start(),
            );
            self.violation(name, &format!("'[{}]'", texts.join(", ")), &constraint);
        }
        Ok(Some(texts.into_iter().map(str::to_owned).collect()))
    }

    /// Reads a list of at most `count_max` texts, each of whose lengths in characters must lie in
    /// `chars`.
    pub(super) fn texts_at_most(
        &mut self,
        name: &str,
        count_max: usize,
        chars: RangeInclusive<usize>,
    ) -> Result<Option<Vec<String>>, Error> {
        let texts = self.texts(name, chars)?;
        let count = texts.as_ref().map_or(0, Vec::len);
        if let Some(constraint) = length_violation(count, &(0..=count_max)) {
            self.violation(name, &format!("'[{count} members]'"), &constraint);
        }
        Ok(texts)
    }

    /// Reads a point in time: a JSON number, epoch seconds.
    pub(super) fn timestamp(&mut self, name: &str) -> Result<Option<Seconds>, Error> {
        Ok(self.number(name, "a Timestamp")?.map(Seconds))
    }

    /// Reads a double.
    pub(super) fn double(&mut self, name: &str) -> Result<Option<f64>, Error> {
        self.number(name, "a Double")
    }

    fn number(&self, name: &str, wanted: &str) -> Result<Option<f64>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_f64().map(Some).ok_or_else(|| wrong_type(token(value), wanted))
    }

    /// Reads a 32-bit integer that must not be less than `min`.
    pub(super) fn integer(&mut self, name: &str, min: i32) -> Result<Option<i32>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let integer = integer(value).ok_or_else(|| wrong_type(token(value), "an Integer"))?;
        if integer < min {
            let constraint = format!("Member must have value greater than or equal to {min}");
            self.violation(name, &format!("'{integer}'"), &constraint);
        }
        Ok(Some(integer))
    }

    /// Reads a 32-bit integer that must lie in `bounds`.
    pub(super) fn integer_within(
        &mut self,
        name: &str,
        bounds: RangeInclusive<i32>,
    ) -> Result<Option<i32>, Error> {
        let integer = self.integer(name, *bounds.start())?;
        if let Some(integer) = integer.filter(|integer| integer > bounds.end()) {
            let constraint =
                format!("Member must have value less than or equal to {}", bounds.end());
            self.violation(name, &format!("'{integer}'"), &constraint);
        }
        Ok(integer)
    }

    /// Reads a double that must lie between 0 and 1.
    pub(super) fn fraction(&mut self, name: &str) -> Result<Option<f64>, Error> {
        let Some(number) = self.double(name)? else { return Ok(None) };
        let side =
            if number < 0.0 { "greater than or equal to 0" } else { "less than or equal to 1" };
        if !(0.0..=1.0).contains(&number) {
            let constraint = format!("Member must have value {side}");
            self.violation(name, &format!("'{}'", json::encode(&number)), &constraint);
        }
        Ok(Some(number))
    }

    /// Reads at most `count_max` texts by name; the length of each name and text in characters must
    /// lie in `chars`.
    pub(super) fn text_map(
        &mut self,
        name: &str,
        count_max: usize,
        chars: RangeInclusive<usize>,
    ) -> Result<Option<BTreeMap<String, String>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let object = value.as_object().ok_or_else(|| wrong_type(token(value), "a Map"))?;
        let mut map = BTreeMap::new();
        for (key, value) in object {
            map.insert(key.clone(), text(value)?.to_owned());
        }
        if let Some(constraint) = length_violation(map.len(), &(0..=count_max)) {
            self.violation(name, &format!("'{{{} entries}}'", map.len()), &constraint);
        }
        for (what, is_broken) in [
            ("keys", map.keys().any(|key| !chars.contains(&key.chars().count()))),
            ("values", map.values().any(|value| !chars.contains(&value.chars().count()))),
        ] {
            if is_broken {
                let constraint = format!(
                    "Map {what} must satisfy constraint: [Member must have length less than or \
                     equal to {}, Member must have length greater than or equal to {}]",
                    chars.end(),
                    chars.start(),
                );
                self.violation(name, &format!("'{{{} entries}}'", map.len()), &constraint);
            }
        }
        Ok(Some(map))
    }

    /// Reads a flag.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| wrong_type(token(value), "a Boolean"))
    }

    /// Reads a structure.
    pub(super) fn structure<T>(
        &mut self,
        name: &str,
        members: impl FnOnce(&mut Reader<'_, '_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let path = format!("{}{}.", self.path, lower_camel(name));
        self.inner(value, path, members).map(Some)
    }

    /// Reads a list of at most `count_max` structures.
    pub(super) fn structures<T>(
        &mut self,
        name: &str,
        count_max: usize,
        members: impl Fn(&mut Reader<'_, '_>) -> Result<T, Error>,
    ) -> Result<Option<Vec<T>>, Error> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        if let Some(constraint) = length_violation(list.len(), &(0..=count_max)) {
            // AWS prints the whole list here; its length says as much.
            self.violation(name, &format!("'[{} members]'", list.len()), &constraint);
        }
        let mut structures = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let path = format!("{}{}.{}.member.", self.path, lower_camel(name), index + 1);
            structures.push(self.inner(value, path, &members)?);
        }
        Ok(Some(structures))
    }

    fn inner<T>(
        &mut self,
        value: &Value,
        path: String,
        members: impl FnOnce(&mut Reader<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Value::Object(object) = value else {
            return Err(wrong_type(token(value), "a Structure"));
        };
        members(&mut Reader { object, path, violations: self.violations })
    }

    fn list(&self, name: &str) -> Result<Option<&'a Vec<Value>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_array().map(Some).ok_or_else(|| wrong_type(token(value), "a List"))
    }
}

fn text(value: &Value) -> Result<&str, Error> {
    value.as_str().ok_or_else(|| wrong_type(token(value), "a String"))
}

/// A whole number of 32 bits, written with or without a decimal point.
fn integer(value: &Value) -> Option<i32> {
    let number = value.as_f64()?;
    let integer = number as i32;
    (f64::from(integer) == number).then_some(integer)
}

fn length_violation(length: usize, bounds: &RangeInclusive<usize>) -> Option<String> {
    if length > *bounds.end() {
        Some(format!("Member must have length less than or equal to {}", bounds.end()))
    } else if length < *bounds.start() {
        Some(format!("Member must have length greater than or equal to {}", bounds.start()))
    } else {
        None
    }
}

/// Spells a member's name as constraint messages do.
fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
