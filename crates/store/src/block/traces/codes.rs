//! Columns that refer to a dictionary: bitmaps, or lists over a large one.

use arrow::array::{Array, FixedSizeBinaryArray, ListArray, RecordBatch, UInt32Array};
use arrow::buffer::BooleanBuffer;

use super::Error;
use super::columns::{FAILED, MIXED};
use super::row::Marks;

/// Which entries of a dictionary each row has.
pub(super) enum Codes<'b> {
    Bitmaps(&'b FixedSizeBinaryArray),
    Lists(&'b ListArray, &'b UInt32Array),
}

impl<'b> Codes<'b> {
    pub(super) fn of(batch: &'b RecordBatch, name: &str) -> Result<Self, Error> {
        let column = batch.column_by_name(name).ok_or_else(|| Error::content(name))?;
        if let Some(bitmaps) = column.as_any().downcast_ref() {
            return Ok(Self::Bitmaps(bitmaps));
        }
        let lists: Option<&ListArray> = column.as_any().downcast_ref();
        let codes = |lists: &'b ListArray| lists.values().as_any().downcast_ref();
        match lists.and_then(|lists| Some((lists, codes(lists)?))) {
            Some((lists, codes)) => Ok(Self::Lists(lists, codes)),
            None => Err(Error::content(name)),
        }
    }

    /// Returns the entries of one row, ascending.
    fn row(&self, row: usize) -> Vec<u32> {
        let mut codes = Vec::new();
        self.each(row, |code| codes.push(code));
        codes.sort_unstable();
        codes
    }

    fn is_empty(&self, row: usize) -> bool {
        match self {
            Self::Bitmaps(bitmaps) => bitmaps.value(row).iter().all(|byte| *byte == 0),
            Self::Lists(lists, _) => list(lists, row).is_empty(),
        }
    }

    /// Calls `visit` with each entry of one row.
    pub(super) fn each(&self, row: usize, mut visit: impl FnMut(u32)) {
        match self {
            Self::Bitmaps(bitmaps) => {
                for (at, word) in (0..).zip(bitmaps.value(row).as_chunks().0) {
                    let mut word = u64::from_le_bytes(*word);
                    while word != 0 {
                        visit(at * u64::BITS + word.trailing_zeros());
                        word &= word - 1;
                    }
                }
            }
            Self::Lists(lists, codes) => {
                codes.values()[list(lists, row)].iter().for_each(|code| visit(*code));
            }
        }
    }

    fn has(&self, row: usize, code: u32) -> bool {
        match self {
            Self::Bitmaps(bitmaps) => has_bit(bitmaps.value(row), code),
            Self::Lists(lists, codes) => codes.values()[list(lists, row)].contains(&code),
        }
    }

    /// Returns the rows that have one of these entries.
    pub(super) fn has_any(&self, wanted: &[u32]) -> BooleanBuffer {
        match self {
            Self::Bitmaps(bitmaps) => {
                let width = bitmaps.value_length() as usize;
                let mut mask = vec![0_u8; width];
                for &code in wanted.iter().filter(|code| **code as usize / 8 < width) {
                    mask[code as usize / 8] |= 1 << (code % 8);
                }
                let (words, bytes) = (nonzero(&mask), bitmaps.value_data());
                BooleanBuffer::collect_bool(bitmaps.len(), |row| {
                    let bitmap = &bytes[row * width..];
                    words.iter().any(|(at, word)| bitmap[*at] & word != 0)
                })
            }
            Self::Lists(lists, codes) => BooleanBuffer::collect_bool(lists.len(), |row| {
                codes.values()[list(lists, row)].iter().any(|code| wanted.contains(code))
            }),
        }
    }
}

/// Where the entries of a row are in the values of a list column.
pub(super) fn list(lists: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = lists.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

/// The bytes of a mask that have bits set; mostly one.
fn nonzero(mask: &[u8]) -> Vec<(usize, u8)> {
    mask.iter().copied().enumerate().filter(|(_, byte)| *byte != 0).collect()
}

fn has_bit(bitmap: &[u8], code: u32) -> bool {
    bitmap.get(code as usize / 8).is_some_and(|byte| byte & (1 << (code % 8)) != 0)
}

/// The columns of one dictionary: any outcome, the ways to fail, and both well and not.
pub(super) struct AllCodes<'b> {
    any: Codes<'b>,
    failed: [Codes<'b>; 3],
    mixed: Codes<'b>,
}

impl<'b> AllCodes<'b> {
    /// Returns the names of the columns it needs.
    pub(super) fn names(prefix: &str) -> Vec<String> {
        let kinds = FAILED.iter().chain([&MIXED, &"any"]);
        kinds.map(|kind| format!("{prefix}_{kind}")).collect()
    }

    pub(super) fn of(batch: &'b RecordBatch, prefix: &str) -> Result<Self, Error> {
        let column = |kind: &str| Codes::of(batch, &format!("{prefix}_{kind}"));
        let [fault, error, throttle] = FAILED;
        Ok(Self {
            any: column("any")?,
            failed: [column(fault)?, column(error)?, column(throttle)?],
            mixed: column(MIXED)?,
        })
    }

    fn marks(&self, row: usize, code: u32) -> Marks {
        let bits = self.failed.iter().zip([Marks::FAULT, Marks::ERROR, Marks::THROTTLE]);
        let failed = bits.filter(|(codes, _)| codes.has(row, code)).map(|(_, bit)| bit);
        Marks::from_failed(failed, self.mixed.has(row, code))
    }

    /// Returns the entries of one row with their marks, ascending.
    pub(super) fn row(&self, row: usize) -> Vec<(u32, Marks)> {
        // In most rows nothing failed, and no entry has to be asked for.
        let is_ok = self.failed.iter().all(|codes| codes.is_empty(row));
        let marks = |code| if is_ok { Marks::OK } else { self.marks(row, code) };
        self.any.row(row).into_iter().map(|code| (code, marks(code))).collect()
    }

    /// Returns the rows in which the work of one of these entries went well.
    pub(super) fn has_ok(&self, wanted: &[u32]) -> BooleanBuffer {
        let candidates = self.any.has_any(wanted);
        BooleanBuffer::collect_bool(candidates.len(), |row| {
            let is_ok =
                |code: &u32| self.any.has(row, *code) && self.marks(row, *code).has(Marks::OK);
            candidates.value(row) && wanted.iter().any(is_ok)
        })
    }
}
