//! Keys as they lie in columns: entries of a dictionary, each looked up once, and texts.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, StringArray};
use arrow::datatypes::Int32Type;

use super::super::Error;
use crate::group::{Groups, Key, Slot};

/// The groups of the entries of a dictionary, as far as they are known.
pub(super) struct Known(Vec<Option<Slot>>);

impl Known {
    pub(super) fn new(entry_count: usize) -> Self {
        Self(vec![None; entry_count])
    }

    /// Returns the group of an entry; `None` when there is no such entry.
    pub(super) fn slot(
        &mut self,
        code: usize,
        groups: &mut Groups,
        key: impl FnOnce(usize) -> Key,
    ) -> Option<Slot> {
        let known = self.0.get_mut(code)?;
        Some(*known.get_or_insert_with(|| groups.key(key(code))))
    }
}

/// The texts of a column, and what they are put together by.
pub(super) struct Texts<'b> {
    kept: Kept<'b>,
    pub(super) key: fn(&str) -> Cow<'_, str>,
}

/// Texts as they are, or as codes of a dictionary.
enum Kept<'b> {
    Plain(&'b StringArray),
    Coded { codes: &'b Int32Array, texts: &'b StringArray, known: Known },
}

impl<'b> Texts<'b> {
    pub(super) fn of(column: &'b ArrayRef, name: &str) -> Result<Self, Error> {
        let of = |kept| Self { kept, key: |text| text.into() };
        if let Some(texts) = column.as_string_opt() {
            return Ok(of(Kept::Plain(texts)));
        }
        let column: Option<&DictionaryArray<Int32Type>> = column.as_any().downcast_ref();
        let texts = column.and_then(|column| Some((column, column.values().as_string_opt()?)));
        let (column, texts) = texts.ok_or_else(|| Error::content(name))?;
        let known = Known::new(texts.len());
        Ok(of(Kept::Coded { codes: column.keys(), texts, known }))
    }

    /// Returns the group of a value; `None` when there is none.
    pub(super) fn slot(&mut self, at: usize, groups: &mut Groups) -> Option<Slot> {
        let key = self.key;
        match &mut self.kept {
            Kept::Plain(texts) => texts.is_valid(at).then(|| groups.text(&key(texts.value(at)))),
            Kept::Coded { codes, .. } if codes.is_null(at) => None,
            Kept::Coded { codes, texts, known } => {
                let code = usize::try_from(codes.value(at)).ok()?;
                let known = known.0.get_mut(code)?;
                Some(*known.get_or_insert_with(|| groups.text(&key(texts.value(code)))))
            }
        }
    }
}
