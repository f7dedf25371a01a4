//! Zones: between which bounds the rows of a chunk lie, read in place.

use std::ops::{Range, RangeInclusive};

use wire::Micros;

use super::TraceEntry;
use super::file::{u32_at, u64_at};

/// How many rows of the table of traces make a chunk: one page of a column.
pub const CHUNK_ROWS: u32 = 8192;

/// Count of rows, rows of a chunk.
const HEADER_LEN: usize = 2 * size_of::<u32>();

/// Eight times, then the flags.
const ZONE_LEN: usize = FLAGS_AT + size_of::<u32>();

/// Where the flags of a zone stand: behind the times.
const FLAGS_AT: usize = size_of::<[u64; 8]>();

/// What is written for bounds of no time at all.
const NO_TIME: RangeInclusive<Micros> = Micros(u64::MAX)..=Micros(0);

/// The bounds of the rows of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// First to last start.
    pub start: RangeInclusive<Micros>,
    /// First to last end; `None` when no trace has one.
    pub end: Option<RangeInclusive<Micros>>,
    /// First to last change.
    pub updated: RangeInclusive<Micros>,
    /// The longest duration; zero when no trace has one.
    pub duration_max: Micros,
    /// The longest response time; zero when no trace has one.
    pub response_time_max: Micros,
    /// All flags that any trace has.
    pub flags: u32,
}

impl Zone {
    /// Returns the zone of one row.
    pub(super) fn of(entry: &TraceEntry) -> Self {
        Self {
            start: entry.start..=entry.start,
            end: entry.end.map(|end| entry.first_end.unwrap_or(end).min(end)..=end),
            updated: entry.updated..=entry.updated,
            duration_max: entry.duration.unwrap_or_default(),
            response_time_max: entry.response_time.unwrap_or_default(),
            flags: entry.flags,
        }
    }

    /// Returns the zone of the rows of both.
    pub fn merge(&self, other: &Self) -> Self {
        let merge = |a: &RangeInclusive<Micros>, b: &RangeInclusive<Micros>| {
            *a.start().min(b.start())..=*a.end().max(b.end())
        };
        Self {
            start: merge(&self.start, &other.start),
            end: match (&self.end, &other.end) {
                (Some(end), Some(other)) => Some(merge(end, other)),
                (end, other) => end.as_ref().or(other.as_ref()).cloned(),
            },
            updated: merge(&self.updated, &other.updated),
            duration_max: self.duration_max.max(other.duration_max),
            response_time_max: self.response_time_max.max(other.response_time_max),
            flags: self.flags | other.flags,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let end = self.end.as_ref().unwrap_or(&NO_TIME);
        let ranges = [&self.start, end, &self.updated];
        let bounds = ranges.into_iter().flat_map(|range| [*range.start(), *range.end()]);
        for time in bounds.chain([self.duration_max, self.response_time_max]) {
            out.extend_from_slice(&time.0.to_le_bytes());
        }
        out.extend_from_slice(&self.flags.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let time = |number: usize| u64_at(bytes, number * size_of::<u64>()).map(Micros);
        Some(Self {
            start: time(0)?..=time(1)?,
            end: Some(time(2)?..=time(3)?).filter(|end| !end.is_empty()),
            updated: time(4)?..=time(5)?,
            duration_max: time(6)?,
            response_time_max: time(7)?,
            flags: u32_at(bytes, FLAGS_AT)?,
        })
    }
}

/// Encodes the zones of all chunks.
pub(super) fn encode(row_count: u32, chunk_rows: u32, zones: &[Zone]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_LEN + zones.len() * ZONE_LEN);
    bytes.extend_from_slice(&row_count.to_le_bytes());
    bytes.extend_from_slice(&chunk_rows.to_le_bytes());
    zones.iter().for_each(|zone| zone.encode(&mut bytes));
    bytes
}

/// The zones of all chunks, read in place.
#[derive(Clone, Copy)]
pub(super) struct Zones<'a> {
    pub(super) row_count: u32,
    /// Invariant: not zero.
    pub(super) chunk_rows: u32,
    /// Invariant: one zone for each chunk.
    zones: &'a [u8],
}

impl<'a> Zones<'a> {
    /// Reads zones; `None` when `bytes` are none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (row_count, chunk_rows) = (u32_at(bytes, 0)?, u32_at(bytes, 4)?);
        let zones = bytes.get(HEADER_LEN..)?;
        let is_whole = chunk_rows > 0
            && zones.len().is_multiple_of(ZONE_LEN)
            && zones.len() / ZONE_LEN == row_count.div_ceil(chunk_rows) as usize;
        is_whole.then_some(Self { row_count, chunk_rows, zones })
    }

    pub(super) fn chunk_count(&self) -> usize {
        self.zones.len() / ZONE_LEN
    }

    /// Returns the rows of a chunk.
    pub(super) fn rows(&self, chunk: usize) -> Range<u32> {
        let row = |chunk: usize| {
            let row = chunk as u64 * u64::from(self.chunk_rows);
            u32::try_from(row).map_or(self.row_count, |row| row.min(self.row_count))
        };
        row(chunk)..row(chunk + 1)
    }

    /// Returns the zones in the order of their chunks.
    pub(super) fn iter(self) -> impl Iterator<Item = Zone> {
        self.zones.chunks_exact(ZONE_LEN).filter_map(Zone::read)
    }
}
