//! The index of a block: where a trace's rows are, and which rows cannot match.
//!
//! It is made once, with the block, of what the block's tables say, and is never changed. It is
//! read in place: opening an index checks its bytes and builds nothing. Nothing here reads a table;
//! what an index returns is where to look.
//!
//! A trace id is looked up in a filter, which says "certainly not here" after three reads of
//! memory, and then in a sorted table. The table of traces is cut into chunks; for each of them the
//! index has the bounds of times and durations (its *zone*) and a filter over its tokens, so that a
//! scan reads only chunks that can match.
//!
//! The bytes are described in `docs/format/index.md`.

mod error;

mod file;
mod fuse;

mod late;
mod token;
mod token_filters;
mod trace_id;
mod zone;

mod condition;

mod builder;

use std::ops::Range;

use wire::TraceId;

pub use builder::{Builder, TraceEntry};
pub use condition::Condition;
pub use error::Error;
pub(crate) use file::with_right_checksums;
pub use file::{Layout, MAGIC, SectionKind, VERSION};
use fuse::KeySet;
use late::Late;
pub use token::{Token, TokenHash, url_words};
use token_filters::TokenFilters;
pub use trace_id::Candidate;
use trace_id::Table;
use zone::Zones;
pub use zone::{CHUNK_ROWS, Zone};

/// Returns whether the trace may be in a block, by the bytes of its trace filter alone: always true
/// when it is. For whoever keeps the filters of many blocks and not their indexes; `Layout` says
/// where the section lies, and checks it.
///
/// # Errors
/// `SectionUnreadable` when the bytes are no filter.
pub fn may_contain(trace_filter: &[u8], id: &TraceId) -> Result<bool, Error> {
    let section = SectionKind::TraceFilter;
    let filter = KeySet::read(trace_filter).ok_or(Error::SectionUnreadable { section })?;
    Ok(filter.may_contain(trace_id::key(id)))
}

/// The index of a block.
#[derive(Clone, Debug)]
pub struct Index<B> {
    bytes: B,
    /// Invariant: each section was checked and could be read.
    sections: [Range<usize>; SectionKind::ALL.len()],
}

impl<B: AsRef<[u8]>> Index<B> {
    /// Opens the index that `bytes` are, and checks every section.
    ///
    /// # Errors
    /// See `Error`.
    pub fn open(bytes: B) -> Result<Self, Error> {
        let file = bytes.as_ref();
        let layout = Layout::read(file)?;
        if layout.file_len() != file.len() as u64 {
            let bytes = file.len() as u64;
            return Err(Error::LengthWrong { bytes, bytes_expected: layout.file_len() });
        }
        let mut sections = [const { 0..0 }; SectionKind::ALL.len()];
        for (range, kind) in sections.iter_mut().zip(SectionKind::ALL) {
            *range = layout.find(kind, file)?;
        }
        let index = Self { bytes, sections };
        match index.unreadable_section() {
            Some(section) => Err(Error::SectionUnreadable { section }),
            None => Ok(index),
        }
    }

    /// Returns where the rows of the trace may be, nearly always at one place or at none. Who reads
    /// them compares the id.
    pub fn find<'a>(&'a self, id: &TraceId) -> impl Iterator<Item = Candidate> + use<'a, B> {
        let key = trace_id::key(id);
        let table = self.filter().may_contain(key).then(|| self.table());
        table.into_iter().flat_map(move |table| table.find(key))
    }

    /// Returns the rows of the table of traces that may satisfy the condition, whole chunks of
    /// them; neighbours are one range.
    ///
    /// Shape: ascending, without overlap. No row that satisfies the condition is left out.
    pub fn prune(&self, condition: &Condition) -> Vec<Range<u32>> {
        let (zones, tokens) = (self.zones(), self.tokens());
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for (chunk, zone) in zones.iter().enumerate() {
            let may_hold = |tokens| condition.may_hold(&zone, &tokens);
            if !tokens.chunk(chunk).is_none_or(may_hold) {
                continue;
            }
            let rows = zones.rows(chunk);
            match ranges.last_mut() {
                Some(last) if last.end == rows.start => last.end = rows.end,
                _ => ranges.push(rows),
            }
        }
        ranges
    }

    /// Returns the bounds of each chunk's rows, with the chunk's rows in the table of traces.
    pub fn chunks(&self) -> impl Iterator<Item = (Range<u32>, Zone)> {
        let zones = self.zones();
        zones.iter().enumerate().map(move |(chunk, zone)| (zones.rows(chunk), zone))
    }

    /// Returns how many rows the table of traces has.
    pub fn row_count(&self) -> u32 {
        self.zones().row_count
    }

    /// Returns whether the trace has rows in another block as well, as far as was known when this
    /// block was made.
    pub fn is_late(&self, id: &TraceId) -> bool {
        self.late().contains(id)
    }

    /// Returns the traces that have rows in another block as well, sorted.
    pub fn late_traces(&self) -> impl Iterator<Item = TraceId> {
        self.late().iter()
    }

    /// Returns how many bytes a section has.
    pub fn section_len(&self, kind: SectionKind) -> usize {
        self.section(kind).len()
    }

    /// Returns a section that passes its checksum and still is not what it should be.
    fn unreadable_section(&self) -> Option<SectionKind> {
        let zones = Zones::read(self.section(SectionKind::Zones));
        let (row_count, chunk_count) =
            zones.map_or((0, 0), |zones| (zones.row_count, zones.chunk_count()));
        let is_readable = |kind: &SectionKind| {
            let bytes = self.section(*kind);
            match kind {
                SectionKind::TraceFilter => KeySet::read(bytes).is_some(),
                SectionKind::TraceTable => {
                    Table::read(bytes).is_some_and(|table| table.len() == row_count as usize)
                }
                SectionKind::TokenFilters => TokenFilters::read(bytes)
                    .is_some_and(|tokens| tokens.len() == chunk_count && tokens.is_sound()),
                SectionKind::Zones => zones.is_some(),
                SectionKind::Late => Late::read(bytes).is_some(),
            }
        };
        // Zones first: the others are measured by them.
        let order = std::iter::once(SectionKind::Zones).chain(SectionKind::ALL);
        order.into_iter().find(|kind| !is_readable(kind))
    }

    fn filter(&self) -> KeySet<'_> {
        KeySet::read(self.section(SectionKind::TraceFilter)).expect(READABLE)
    }

    fn table(&self) -> Table<'_> {
        Table::read(self.section(SectionKind::TraceTable)).expect(READABLE)
    }

    fn tokens(&self) -> TokenFilters<'_> {
        TokenFilters::read(self.section(SectionKind::TokenFilters)).expect(READABLE)
    }

    fn zones(&self) -> Zones<'_> {
        Zones::read(self.section(SectionKind::Zones)).expect(READABLE)
    }

    fn late(&self) -> Late<'_> {
        Late::read(self.section(SectionKind::Late)).expect(READABLE)
    }

    fn section(&self, kind: SectionKind) -> &[u8] {
        &self.bytes.as_ref()[self.sections[kind as usize - 1].clone()]
    }
}

/// Why a section can be read.
const READABLE: &str = "each section was read when the index was opened";

#[cfg(test)]
mod tests;
