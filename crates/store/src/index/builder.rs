//! Building an index while the rows of a block are written.

use std::ops::Range;

use hashbrown::HashTable;
use wire::{Micros, TraceId};

use super::file::{self, SectionKind};
use super::fuse::KeySet;
use super::token::TokenHash;
use super::trace_id::{self, Record};
use super::zone::{self, CHUNK_ROWS, Zone};
use super::{late, token_filters};

/// A row of the table of traces, as far as the index is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// The trace's id.
    pub id: TraceId,
    /// Its rows in the table of segments.
    pub segment_rows: Range<u32>,
    /// The earliest start of anything.
    pub start: Micros,
    /// The latest end of a finished segment; `None` when there is none.
    pub end: Option<Micros>,
    /// The earliest end of a finished segment; there when the latest is, and not after it.
    pub first_end: Option<Micros>,
    /// When the trace last changed.
    pub updated: Micros,
    /// First start to last end; `None` while anything is unfinished.
    pub duration: Option<Micros>,
    /// The root segment's time; `None` when it is missing or unfinished.
    pub response_time: Option<Micros>,
    /// The flags of the table of traces; what each bit means is its affair.
    pub flags: u32,
}

/// Takes the rows of the table of traces in their order, and returns the index.
///
/// Equal rows make equal bytes, whatever the order of a row's tokens.
pub struct Builder {
    /// Invariant: not zero.
    chunk_rows: u32,
    records: Vec<Record>,
    zones: Vec<Zone>,
    /// The different tokens of the chunk that is being filled.
    tokens: HashTable<u64>,
    /// The encoded sets of the chunks before it, and where each ends.
    token_sets: Vec<u8>,
    token_set_ends: Vec<u32>,
    late: Vec<TraceId>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::with_chunk_rows(CHUNK_ROWS)
    }
}

impl Builder {
    /// Begins an index whose chunks have so many rows: few in tests, so that there are many chunks.
    pub(crate) fn with_chunk_rows(chunk_rows: u32) -> Self {
        assert!(chunk_rows > 0, "a chunk has rows");
        Self {
            chunk_rows,
            records: Vec::new(),
            zones: Vec::new(),
            tokens: HashTable::new(),
            token_sets: Vec::new(),
            token_set_ends: Vec::new(),
            late: Vec::new(),
        }
    }

    /// Adds the next row, with its tokens; one may come twice.
    ///
    /// # Panics
    /// When rows are numbered beyond 32 bits.
    pub fn push(&mut self, entry: &TraceEntry, tokens: impl IntoIterator<Item = TokenHash>) {
        let row = u32::try_from(self.records.len()).expect("a row's number has 32 bits");
        let is_new_chunk = row.is_multiple_of(self.chunk_rows);
        if is_new_chunk && row > 0 {
            self.finish_chunk();
        }
        let zone = Zone::of(entry);
        match self.zones.last_mut() {
            Some(last) if !is_new_chunk => *last = last.merge(&zone),
            _ => self.zones.push(zone),
        }
        for TokenHash(hash) in tokens {
            self.tokens.entry(hash, |other| *other == hash, |other| *other).or_insert(hash);
        }
        self.records.push(Record {
            key: trace_id::key(&entry.id),
            trace_row: row,
            segment_row: entry.segment_rows.start,
            segment_count: entry.segment_rows.len() as u32,
        });
    }

    /// Says that a trace of this block has rows in another block as well.
    pub fn push_late(&mut self, id: TraceId) {
        self.late.push(id);
    }

    /// Returns the bytes of the index.
    ///
    /// # Panics
    /// When the token filters take more than 4 GiB.
    pub fn finish(mut self) -> Vec<u8> {
        if !self.records.is_empty() {
            self.finish_chunk();
        }
        self.records.sort_unstable();
        self.late.sort_unstable();
        self.late.dedup();
        let row_count = u32::try_from(self.records.len()).expect("a row's number has 32 bits");
        file::encode(&[
            (SectionKind::TraceFilter as u32, &trace_id::encode_filter(&self.records)),
            (SectionKind::TraceTable as u32, &trace_id::encode_table(&self.records)),
            (
                SectionKind::TokenFilters as u32,
                &token_filters::encode(&self.token_set_ends, &self.token_sets),
            ),
            (SectionKind::Zones as u32, &zone::encode(row_count, self.chunk_rows, &self.zones)),
            (SectionKind::Late as u32, &late::encode(&self.late)),
        ])
    }

    fn finish_chunk(&mut self) {
        let mut hashes: Vec<u64> = self.tokens.drain().collect();
        // The order in which a table is emptied is not the same on every machine.
        hashes.sort_unstable();
        KeySet::encode(&hashes, &mut self.token_sets);
        let end = u32::try_from(self.token_sets.len()).expect("token filters take 4 bytes a trace");
        self.token_set_ends.push(end);
    }
}
