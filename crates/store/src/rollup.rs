//! What is folded from the traces of a block and kept beside them, minute by minute.
//!
//! What it says is not known here: whoever opens the store brings a [`Rollup`], which folds traces
//! into bytes and makes one of several. The file has those bytes for the block as a whole and for
//! each minute in which documents came, so that a long window reads few of them.
//!
//! The newest block that has a trace has the whole of it, and an older one may still count an
//! earlier version. So a fold *adds* the trace as it is and *subtracts* what was counted before.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use trace::Trace;
use wire::{Micros, TraceId};

use crate::StoredTrace;
use crate::graph::Grain;

/// Folds traces into bytes that the store keeps and does not understand.
pub trait Rollup: Send + Sync {
    /// Begins with nothing.
    fn begin(&self) -> Box<dyn Fold>;

    /// Returns bytes that say what all parts say together.
    ///
    /// # Errors
    /// What is wrong with a part that this never made.
    fn merge(&self, parts: &[&[u8]]) -> Result<Vec<u8>, String>;
}

/// One fold on its way.
pub trait Fold: Send {
    /// Counts a trace. `others` finds the traces that it has links to.
    fn add(&mut self, trace: &Trace<'_>, others: &dyn Fn(&TraceId) -> Option<StoredTrace>);

    /// Takes back what [`Fold::add`] counted of an earlier version of a trace.
    fn subtract(&mut self, trace: &Trace<'_>, others: &dyn Fn(&TraceId) -> Option<StoredTrace>);

    /// Returns the bytes for each [`minute`] that there is something of.
    fn finish(self: Box<Self>) -> BTreeMap<u64, Vec<u8>>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRollup;

impl Rollup for NoRollup {
    fn begin(&self) -> Box<dyn Fold> {
        Box::new(Self)
    }

    fn merge(&self, _: &[&[u8]]) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

impl Fold for NoRollup {
    fn add(&mut self, _: &Trace<'_>, _: &dyn Fn(&TraceId) -> Option<StoredTrace>) {}

    fn subtract(&mut self, _: &Trace<'_>, _: &dyn Fn(&TraceId) -> Option<StoredTrace>) {}

    fn finish(self: Box<Self>) -> BTreeMap<u64, Vec<u8>> {
        BTreeMap::new()
    }
}

/// Microseconds of a minute.
pub const MINUTE: Micros = Micros(60 * Micros::PER_SECOND);

/// Returns the number of the minute that a time lies in, since the epoch.
pub fn minute(time: Micros) -> u64 {
    time.0 / MINUTE.0
}

/// Begins the file.
pub(crate) const MAGIC: [u8; 8] = *b"\xF1fluorup";

/// The version that is written, and the newest that is understood.
pub const VERSION: u32 = 1;

/// Magic, checksum, version, count.
const HEADER_LEN: usize = MAGIC.len() + 3 * size_of::<u32>();

/// First minute, end minute, length, checksum.
const PART_LEN: usize = 2 * size_of::<u64>() + 2 * size_of::<u32>();

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Its checksum is wrong, or it is cut short.
    #[error("it is cut short or fails its checksum")]
    Damaged,
    /// A newer program wrote it.
    #[error("it is of version {version} of the format, and this program knows up to {VERSION}")]
    VersionUnknown {
        /// The version it states.
        version: u32,
    },
}

/// The bytes of some minutes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The minutes, half-open.
    pub(crate) minutes: Range<u64>,
    pub(crate) bytes: Bytes,
}

/// The rollup of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct File {
    /// Everything, when there is more than one minute; then the minutes, ascending.
    total: Option<Part>,
    minutes: Vec<Part>,
}

impl File {
    /// Makes the file of what was folded.
    pub(crate) fn new(
        minutes: BTreeMap<u64, Vec<u8>>,
        rollup: &dyn Rollup,
    ) -> Result<Self, String> {
        let part = |(minute, bytes): (u64, Vec<u8>)| Part {
            minutes: minute..minute.saturating_add(1),
            bytes: bytes.into(),
        };
        let minutes: Vec<Part> = minutes.into_iter().map(part).collect();
        let total = match minutes.as_slice() {
            [first, .., last] => {
                let parts: Vec<&[u8]> = minutes.iter().map(|part| part.bytes.as_ref()).collect();
                let bytes = rollup.merge(&parts)?.into();
                Some(Part { minutes: first.minutes.start..last.minutes.end, bytes })
            }
            _ => None,
        };
        Ok(Self { total, minutes })
    }

    /// Makes the file of a block that takes the place of several.
    pub(crate) fn merge(files: &[File], rollup: &dyn Rollup) -> Result<Self, String> {
        let mut minutes: BTreeMap<u64, Vec<&[u8]>> = BTreeMap::new();
        for part in files.iter().flat_map(|file| &file.minutes) {
            minutes.entry(part.minutes.start).or_default().push(&part.bytes);
        }
        let merge = |(minute, parts): (u64, Vec<&[u8]>)| match parts.as_slice() {
            [only] => Ok((minute, only.to_vec())),
            several => Ok((minute, rollup.merge(several)?)),
        };
        Self::new(minutes.into_iter().map(merge).collect::<Result<_, String>>()?, rollup)
    }

    /// Returns what to merge for a window: everything as one when all of it lies inside and the
    /// grain allows it.
    pub(crate) fn parts(&self, minutes: &Range<u64>, grain: Grain) -> impl Iterator<Item = &Part> {
        let is_inside =
            |part: &&Part| minutes.start <= part.minutes.start && part.minutes.end <= minutes.end;
        let total = self.total.as_ref().filter(|total| grain == Grain::Window && is_inside(total));
        let each = if total.is_some() { &[] } else { self.minutes.as_slice() };
        total.into_iter().chain(each.iter().filter(is_inside))
    }

    /// Returns each minute, with the bytes that are kept of it.
    pub(crate) fn minutes(&self) -> impl Iterator<Item = (u64, u64)> {
        self.minutes.iter().map(|part| (part.minutes.start, part.bytes.len() as u64))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let parts = || self.total.iter().chain(&self.minutes);
        let mut table = Vec::new();
        table.extend_from_slice(&VERSION.to_le_bytes());
        table.extend_from_slice(&(parts().count() as u32).to_le_bytes());
        for part in parts() {
            table.extend_from_slice(&part.minutes.start.to_le_bytes());
            table.extend_from_slice(&part.minutes.end.to_le_bytes());
            table.extend_from_slice(&(part.bytes.len() as u32).to_le_bytes());
            table.extend_from_slice(&crc32fast::hash(&part.bytes).to_le_bytes());
        }
        let mut file = MAGIC.to_vec();
        file.extend_from_slice(&crc32fast::hash(&table).to_le_bytes());
        file.extend_from_slice(&table);
        parts().for_each(|part| file.extend_from_slice(&part.bytes));
        file
    }

    /// Reads a whole file and checks all of it.
    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, Error> {
        let header = bytes.get(..HEADER_LEN).ok_or(Error::Damaged)?;
        let version = u32_at(header, MAGIC.len() + 4)?;
        let count =
            usize::try_from(u32_at(header, MAGIC.len() + 8)?).map_err(|_| Error::Damaged)?;
        if !header.starts_with(&MAGIC) {
            return Err(Error::Damaged);
        }
        let end = count.checked_mul(PART_LEN).and_then(|len| len.checked_add(HEADER_LEN));
        let table = end.and_then(|end| bytes.get(MAGIC.len() + 4..end)).ok_or(Error::Damaged)?;
        if crc32fast::hash(table) != u32_at(header, MAGIC.len())? {
            return Err(Error::Damaged);
        }
        if version != VERSION {
            return Err(Error::VersionUnknown { version });
        }
        let mut parts = Vec::new();
        let mut start = HEADER_LEN + count * PART_LEN;
        for entry in table[2 * size_of::<u32>()..].chunks_exact(PART_LEN) {
            let part = read_part(entry, start, bytes)?;
            start += part.bytes.len();
            parts.push(part);
        }
        if start != bytes.len() {
            return Err(Error::Damaged);
        }
        let total = (parts.len() > 1).then(|| parts.remove(0));
        Ok(Self { total, minutes: parts })
    }
}

fn read_part(entry: &[u8], start: usize, file: &Bytes) -> Result<Part, Error> {
    let len = usize::try_from(u32_at(entry, 16)?).map_err(|_| Error::Damaged)?;
    let end = start.checked_add(len).filter(|end| *end <= file.len()).ok_or(Error::Damaged)?;
    let bytes = file.slice(start..end);
    if crc32fast::hash(&bytes) != u32_at(entry, 20)? {
        return Err(Error::Damaged);
    }
    Ok(Part { minutes: u64_at(entry, 0)?..u64_at(entry, 8)?, bytes })
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Error> {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk()).ok_or(Error::Damaged)?;
    Ok(u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Error> {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk()).ok_or(Error::Damaged)?;
    Ok(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins texts.
    struct Joined;

    impl Rollup for Joined {
        fn begin(&self) -> Box<dyn Fold> {
            Box::new(NoRollup)
        }

        fn merge(&self, parts: &[&[u8]]) -> Result<Vec<u8>, String> {
            Ok(parts.concat())
        }
    }

    fn file(minutes: &[(u64, &str)]) -> File {
        let minutes = minutes.iter().map(|(minute, text)| (*minute, text.as_bytes().to_vec()));
        File::new(minutes.collect(), &Joined).expect("texts can be joined")
    }

    fn shown(file: &File, minutes: Range<u64>, grain: Grain) -> String {
        let text = |part: &Part| String::from_utf8_lossy(&part.bytes).into_owned();
        file.parts(&minutes, grain).map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_window_around_everything_is_one_part() {
        let file = file(&[(5, "a"), (6, "b"), (9, "c")]);
        assert_eq!(shown(&file, 5..10, Grain::Window), "abc");
        assert_eq!(shown(&file, 0..9, Grain::Window), "a b");
        assert_eq!(shown(&file, 7..9, Grain::Window), "");
    }

    #[test]
    fn minutes_are_told_apart_when_they_are_asked_for() {
        let file = file(&[(5, "a"), (6, "b"), (9, "c")]);
        assert_eq!(shown(&file, 5..10, Grain::Minute), "a b c");
        assert_eq!(shown(&file, 0..9, Grain::Minute), "a b");
    }

    #[test]
    fn merged_files_have_each_minute_once() {
        let files = [file(&[(5, "a"), (6, "b")]), file(&[]), file(&[(6, "c")])];
        let merged = File::merge(&files, &Joined).expect("merged");
        assert_eq!(shown(&merged, 5..6, Grain::Window), "a");
        assert_eq!(shown(&merged, 6..7, Grain::Window), "bc");
        assert_eq!(shown(&merged, 5..7, Grain::Window), "abc");
    }

    #[test]
    fn a_file_is_read_back_and_every_changed_bit_noticed() {
        for file in [file(&[]), file(&[(5, "a")]), file(&[(5, "a"), (u64::MAX, "bc")])] {
            let bytes = file.encode();
            assert_eq!(File::decode(&bytes.clone().into()), Ok(file));
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                File::decode(&changed.into()).expect_err("a changed bit");
            }
            for len in 0..bytes.len() {
                File::decode(&bytes[..len].to_vec().into()).expect_err("a missing byte");
            }
        }
    }

    /// A file of format version 1.
    const VERSION_1: &[u8] = include_bytes!("../fixtures/rollup-v1.bin");

    #[test]
    fn version_1_is_read_and_is_still_what_is_written() {
        let expected = file(&[(5, "a"), (7, "bc")]);
        assert_eq!(File::decode(&Bytes::from_static(VERSION_1)), Ok(expected.clone()));
        assert_eq!(expected.encode(), VERSION_1);
        let lines = [0..20, 20..44, 44..68, 68..92, 92..98].map(|line| {
            let words: Vec<String> = VERSION_1[line]
                .chunks(4)
                .map(|word| word.iter().map(|byte| format!("{byte:02x}")).collect())
                .collect();
            words.join(" ")
        });
        insta::assert_snapshot!(lines.join("\n"), @"
        f1666c75 6f727570 c875b9eb 01000000 03000000
        05000000 00000000 08000000 00000000 03000000 c2412435
        05000000 00000000 06000000 00000000 01000000 43beb7e8
        07000000 00000000 08000000 00000000 02000000 382ba9c2
        61626361 6263
        ");
    }

    #[test]
    fn a_newer_version_is_not_taken_for_damage() {
        let mut bytes = file(&[]).encode();
        bytes[12] = 2;
        let crc = crc32fast::hash(&bytes[12..]).to_le_bytes();
        bytes[8..12].copy_from_slice(&crc);
        assert_eq!(File::decode(&bytes.into()), Err(Error::VersionUnknown { version: 2 }));
    }
}
