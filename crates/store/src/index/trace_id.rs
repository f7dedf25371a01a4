//! Where the rows of a trace are, by its id: a sorted table of records, read in place.
//!
//! The table keeps the upper `KEY_BYTES` of a 64-bit hash of the id, and row numbers in as many
//! bytes as the block's largest needs. So a record has 12 bytes in a block of 100,000 traces, where
//! the id itself would take 16 and the rows 10 more. What the table returns are candidates: whoever
//! reads the rows compares the id, as it has to in any case. In a block of 100,000 traces one absent
//! id in ten million has a candidate, and behind the filter one in three thousand million.
//!
//! The hash spreads ids evenly however they were made, with zeroes in front or a counter at the end,
//! so a record is found near the place where its key says it must be.

use std::ops::Range;

use twox_hash::XxHash64;
use wire::TraceId;

use super::file::u32_at;
use super::fuse::KeySet;
use super::token::HASH_SEED;

/// How much of a hash the table keeps. Stored in the section, so it may change.
const KEY_BYTES: u8 = 5;

/// Count of records, then the four widths.
const HEADER_LEN: usize = size_of::<u32>() + WIDTHS;

/// Key, row in the table of traces, first row in the table of segments, count of rows there.
const WIDTHS: usize = 4;

/// Where the rows of one trace are, if it is the one that was asked for.
///
/// The table of segments says which trace the rows belong to; row numbers are not checked against
/// it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The row in the table of traces.
    pub trace_row: u32,
    /// The rows in the table of segments.
    pub segment_rows: Range<u32>,
}

/// Returns the key of an id, in the filter and, cut short, in the table.
pub(super) fn key(id: &TraceId) -> u64 {
    XxHash64::oneshot(HASH_SEED, &id.0)
}

/// A trace as the table will hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) key: u64,
    pub(super) trace_row: u32,
    pub(super) segment_row: u32,
    pub(super) segment_count: u32,
}

/// Encodes the filter over the sorted records' keys.
pub(super) fn encode_filter(records: &[Record]) -> Vec<u8> {
    let mut keys: Vec<u64> = records.iter().map(|record| record.key).collect();
    keys.dedup();
    let mut bytes = Vec::new();
    KeySet::encode(&keys, &mut bytes);
    bytes
}

/// Encodes the table of the sorted records.
pub(super) fn encode_table(records: &[Record]) -> Vec<u8> {
    let widest = |number: fn(&Record) -> u32| {
        let largest = records.iter().map(number).max().unwrap_or(0);
        (4 - (largest | 1).leading_zeros() / 8) as u8
    };
    let widths = [
        KEY_BYTES,
        widest(|record| record.trace_row),
        widest(|record| record.segment_row),
        widest(|record| record.segment_count),
    ];
    let record_len: usize = widths.iter().map(|width| usize::from(*width)).sum();
    let mut bytes = Vec::with_capacity(HEADER_LEN + records.len() * record_len);
    let count = u32::try_from(records.len()).expect("a row's number has 32 bits");
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&widths);
    for record in records {
        let key = record.key >> (64 - 8 * u32::from(KEY_BYTES));
        let rows = [record.trace_row, record.segment_row, record.segment_count].map(u64::from);
        for (number, width) in [key].into_iter().chain(rows).zip(widths) {
            bytes.extend_from_slice(&number.to_le_bytes()[..usize::from(width)]);
        }
    }
    bytes
}

/// The table, read in place.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    /// Invariant: the lengths of records, one after the other.
    records: &'a [u8],
    /// Invariant: the key's is 1 to 8, the others' 1 to 4.
    widths: [u8; WIDTHS],
}

impl<'a> Table<'a> {
    /// Reads a table; `None` when `bytes` are none. That keys ascend is not checked.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let count = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let (header, records) = bytes.split_at_checked(HEADER_LEN)?;
        let widths: [u8; WIDTHS] = *header.last_chunk()?;
        let are_possible =
            (1..=8).contains(&widths[0]) && widths[1..].iter().all(|width| (1..=4).contains(width));
        let table = Self { records, widths };
        let is_whole = are_possible && count.checked_mul(table.record_len())? == records.len();
        is_whole.then_some(table)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len() / self.record_len()
    }

    /// Returns the traces whose key begins as this one: nearly always one or none.
    pub(super) fn find(self, key: u64) -> impl Iterator<Item = Candidate> {
        let key = key >> (64 - self.key_bits());
        let first = self.first_at_least(key);
        (first..self.len())
            .take_while(move |at| self.key(*at) == key)
            .map(move |at| self.candidate(at))
    }

    /// Returns the first record whose key is at least `key`.
    ///
    /// Every other step goes to where the key must be if keys lie evenly, the others to the middle,
    /// so that uneven keys cost no more than twice a binary search.
    fn first_at_least(&self, key: u64) -> usize {
        // Keys before `low` are smaller, those from `high` on are not; both bounds in numbers.
        let (mut low, mut high) = (0, self.len());
        let (mut low_key, mut high_key) = (0_u64, u64::MAX >> (64 - self.key_bits()));
        let mut is_guess = true;
        while low < high {
            let (span, key_span) = (high - low, high_key.saturating_sub(low_key));
            let at = match u128::from(key.saturating_sub(low_key)) * span as u128 {
                part if is_guess && key_span > 0 => {
                    low + usize::try_from(part / u128::from(key_span)).unwrap_or(0).min(span - 1)
                }
                _ => low + span / 2,
            };
            match self.key(at) {
                smaller if smaller < key => (low, low_key) = (at + 1, smaller),
                other => (high, high_key) = (at, other),
            }
            is_guess = !is_guess;
        }
        low
    }

    fn key(&self, at: usize) -> u64 {
        number(self.record(at), usize::from(self.widths[0]))
    }

    fn candidate(&self, at: usize) -> Candidate {
        let [key, trace_row, segment_row, count] = self.widths.map(usize::from);
        let rest = &self.record(at)[key..];
        let (trace_row, rest) = rest.split_at(trace_row);
        let (first, count) = (number(rest, segment_row), number(&rest[segment_row..], count));
        let row = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Candidate {
            trace_row: row(number(trace_row, trace_row.len())),
            segment_rows: row(first)..row(first + count),
        }
    }

    fn record(&self, at: usize) -> &'a [u8] {
        let len = self.record_len();
        &self.records[at * len..][..len]
    }

    fn record_len(&self) -> usize {
        self.widths.iter().map(|width| usize::from(*width)).sum()
    }

    fn key_bits(&self) -> u32 {
        8 * u32::from(self.widths[0])
    }
}

/// Reads the number in the first `width` bytes.
fn number(bytes: &[u8], width: usize) -> u64 {
    let mut number = [0; 8];
    number[..width].copy_from_slice(&bytes[..width]);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn record(key: u64, row: u32) -> Record {
        Record { key, trace_row: row, segment_row: row * 7, segment_count: 7 }
    }

    #[test]
    fn a_record_takes_as_many_bytes_as_the_largest_numbers_need() {
        let len = |records: &[Record]| (encode_table(records).len() - HEADER_LEN) / records.len();
        let mut lines = String::new();
        for count in [1, 200, 50_000, 100_000, 3_000_000] {
            let records: Vec<Record> = [record(0, 0), record(1, count)].into();
            lines += &format!("{count} traces: {} bytes\n", len(&records));
        }
        assert_snapshot!(lines, @"
        1 traces: 8 bytes
        200 traces: 9 bytes
        50000 traces: 11 bytes
        100000 traces: 12 bytes
        3000000 traces: 13 bytes
        ");
    }

    /// A slow and obvious search.
    fn first_at_least(keys: &[u64], key: u64) -> usize {
        keys.iter().position(|other| *other >= key).unwrap_or(keys.len())
    }

    proptest! {
        #[test]
        fn the_first_record_of_a_key_is_found_however_keys_lie(
            mut keys in vec(prop_oneof![any::<u64>(), 0..5_u64, (u64::MAX - 5)..], 0..50),
            wanted in vec(any::<prop::sample::Index>(), 5),
            others in vec(any::<u64>(), 5),
        ) {
            keys.iter_mut().for_each(|key| *key &= !0 << 24);
            keys.sort_unstable();
            let records: Vec<Record> = keys.iter().map(|key| record(*key, 1)).collect();
            let bytes = encode_table(&records);
            let table = Table::read(&bytes).expect("as it was written");
            let short: Vec<u64> = keys.iter().map(|key| key >> 24).collect();
            let there = wanted.iter().filter(|_| !keys.is_empty());
            let there = there.map(|at| short[at.index(short.len())]);
            for key in there.chain(others.iter().map(|key| key >> 24)).chain([0, u64::MAX >> 24]) {
                prop_assert_eq!(table.first_at_least(key), first_at_least(&short, key));
            }
        }

        #[test]
        fn any_bytes_are_a_table_or_are_refused(
            count in 0_u32..4, widths in any::<[u8; 4]>(), small in vec(0_u8..10, 4),
            records in vec(any::<u8>(), 0..60), key in any::<u64>(),
        ) {
            for widths in [widths.to_vec(), small] {
                let bytes = [&count.to_le_bytes()[..], &widths, &records].concat();
                if let Some(table) = Table::read(&bytes) {
                    prop_assert_eq!(table.len(), count as usize);
                    prop_assert!(table.find(key).count() <= table.len());
                }
            }
        }
    }
}
