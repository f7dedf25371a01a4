//! Annotations: a column for each frequent key and type, one list for the rest.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryBuilder, BooleanArray, BooleanBuilder, Float64Array, Float64Builder,
    ListArray, StringArray, StringBuilder, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use wire::value::{Number, Scalar};

use super::Column;
use crate::block::traces::causes;
use crate::block::traces::columns::ANNOTATION_KEYS_MAX;
use crate::block::traces::read::plain_number;

/// The annotations of all rows.
#[derive(Default)]
pub(super) struct Annotations {
    places: HashMap<String, usize>,
    keys: Vec<Key>,
    /// Rows with numbers that a float alone does not give back, and these numbers.
    spellings: Vec<(usize, Vec<u8>)>,
}

/// The values of one key. Rows are given for each value, ascending.
#[derive(Default)]
struct Key {
    key: String,
    row_count: usize,
    text_rows: Vec<usize>,
    texts: StringBuilder,
    number_rows: Vec<usize>,
    numbers: Float64Builder,
    flag_rows: Vec<usize>,
    flags: BooleanBuilder,
}

impl Annotations {
    pub(super) fn push(&mut self, row: usize, annotations: &[(&str, Vec<&Scalar<'_>>)]) {
        let mut number_count = 0;
        let mut spellings = Vec::new();
        for (key, values) in annotations {
            let key = self.key(key);
            key.row_count += 1;
            for value in values {
                key.push(row, value);
                if let Scalar::Number(number) = value {
                    if !is_same(plain_number(number.as_f64()), *number) {
                        causes::put_number(&mut spellings, number_count, *number);
                    }
                    number_count += 1;
                }
            }
        }
        if !spellings.is_empty() {
            self.spellings.push((row, spellings));
        }
    }

    fn key(&mut self, key: &str) -> &mut Key {
        let place = match self.places.get(key) {
            Some(&place) => place,
            None => {
                self.keys.push(Key { key: key.to_owned(), ..Key::default() });
                self.places.insert(key.to_owned(), self.keys.len() - 1);
                self.keys.len() - 1
            }
        };
        &mut self.keys[place]
    }

    /// Returns the keys in the list, and the columns.
    pub(super) fn finish(mut self, row_count: usize) -> (BTreeSet<String>, Vec<Column>) {
        self.keys
            .sort_by(|a, b| (Reverse(a.row_count), &a.key).cmp(&(Reverse(b.row_count), &b.key)));
        let rest = self.keys.split_off(self.keys.len().min(ANNOTATION_KEYS_MAX));
        self.keys.sort_by(|a, b| a.key.cmp(&b.key));
        let mut columns: Vec<Column> =
            self.keys.into_iter().flat_map(|key| key.finish(row_count)).collect();
        let names = rest.iter().map(|key| key.key.clone()).collect();
        columns.push(Column::new("annotations", false, overflow(rest, row_count)));
        let mut spellings = BinaryBuilder::new();
        let mut given = self.spellings.into_iter().peekable();
        for row in 0..row_count {
            spellings.append_option(given.next_if(|(at, _)| *at == row).map(|(_, bytes)| bytes));
        }
        columns.push(Column::new("number_spellings", true, Arc::new(spellings.finish())));
        (names, columns)
    }
}

/// Unlike `==`, tells zeros apart.
fn is_same(a: Number, b: Number) -> bool {
    match (a, b) {
        (Number::Float(a), Number::Float(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

impl Key {
    fn push(&mut self, row: usize, value: &Scalar<'_>) {
        match value {
            Scalar::Text(text) => {
                self.text_rows.push(row);
                self.texts.append_value(text);
            }
            Scalar::Number(number) => {
                self.number_rows.push(row);
                self.numbers.append_value(number.as_f64());
            }
            Scalar::Flag(flag) => {
                self.flag_rows.push(row);
                self.flags.append_value(*flag);
            }
        }
    }

    /// A column for each type that occurs.
    fn finish(mut self, row_count: usize) -> Vec<Column> {
        let values: [(&str, Vec<usize>, ArrayRef); 3] = [
            ("a", self.text_rows, Arc::new(self.texts.finish())),
            ("n", self.number_rows, Arc::new(self.numbers.finish())),
            ("b", self.flag_rows, Arc::new(self.flags.finish())),
        ];
        let occurring = values.into_iter().filter(|(_, rows, _)| !rows.is_empty());
        occurring
            .map(|(prefix, rows, values)| {
                let name = format!("{prefix}.{}", self.key);
                Column::new(name, false, lists(&rows, values, row_count))
            })
            .collect()
    }
}

/// A list for each row of the values that belong to it.
fn lists(rows: &[usize], values: ArrayRef, row_count: usize) -> ArrayRef {
    let mut lengths = vec![0_usize; row_count];
    rows.iter().for_each(|&row| lengths[row] += 1);
    let item = Arc::new(Field::new("item", values.data_type().clone(), false));
    Arc::new(ListArray::new(item, OffsetBuffer::from_lengths(lengths), values, None))
}

/// One value of a key without a column.
struct Rest {
    row: usize,
    key: usize,
    text: Option<String>,
    number: Option<f64>,
    flag: Option<bool>,
}

/// The list of the values of keys without columns, in each row sorted like a summary's.
fn overflow(mut keys: Vec<Key>, row_count: usize) -> ArrayRef {
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    let mut rest: Vec<Rest> = Vec::new();
    let mut names = Vec::with_capacity(keys.len());
    for (key, values) in keys.into_iter().enumerate() {
        let Key { key: name, text_rows, mut texts, number_rows, mut numbers, .. } = values;
        let (flag_rows, mut flags) = (values.flag_rows, values.flags);
        names.push(name);
        let none = |row| Rest { row, key, text: None, number: None, flag: None };
        let (texts, numbers, flags) = (texts.finish(), numbers.finish(), flags.finish());
        for (at, &row) in text_rows.iter().enumerate() {
            rest.push(Rest { text: Some(texts.value(at).to_owned()), ..none(row) });
        }
        for (at, &row) in number_rows.iter().enumerate() {
            rest.push(Rest { number: Some(numbers.value(at)), ..none(row) });
        }
        for (at, &row) in flag_rows.iter().enumerate() {
            rest.push(Rest { flag: Some(flags.value(at)), ..none(row) });
        }
    }
    // Stable: the values of a key stay in their order.
    rest.sort_by_key(|value| (value.row, value.key));
    let rows: Vec<usize> = rest.iter().map(|value| value.row).collect();
    let keys: StringArray = rest.iter().map(|value| Some(&*names[value.key])).collect();
    let texts: StringArray = rest.iter().map(|value| value.text.as_deref()).collect();
    let numbers: Float64Array = rest.iter().map(|value| value.number).collect();
    let flags: BooleanArray = rest.iter().map(|value| value.flag).collect();
    let fields = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("text", DataType::Utf8, true),
        Field::new("number", DataType::Float64, true),
        Field::new("flag", DataType::Boolean, true),
    ]);
    let columns: Vec<ArrayRef> =
        vec![Arc::new(keys), Arc::new(texts), Arc::new(numbers), Arc::new(flags)];
    let values = StructArray::new(fields, columns, None);
    debug_assert_eq!(values.len(), rows.len(), "a row for each value");
    lists(&rows, Arc::new(values), row_count)
}
