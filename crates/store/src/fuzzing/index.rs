//! The index: any bytes as a file, and any bytes as rows to be found again.

use wire::{Micros, TraceId};

use crate::Axis;
use crate::index::{
    Builder, Candidate, Condition, Index, Layout, SectionKind, TokenHash, TraceEntry,
    with_right_checksums,
};
use crate::live::overlaps;

/// Reads arbitrary bytes as an index, as they are and with right checksums, and then as rows of
/// which an index is built.
///
/// What opens has chunks without a gap, and does not open after any change of a bit that is used.
/// Of what is built, every row is found by its id, and no row is pruned that satisfies a condition.
///
/// # Panics
/// When that is not so.
pub fn fuzz_index(bytes: &[u8]) {
    check_file(bytes);
    if let Some(file) = with_right_checksums(bytes) {
        check_file(&file);
    }
    let mut bytes = bytes.iter().copied();
    let chunk_rows = 1 + u32::from(bytes.next().unwrap_or(0) % 5);
    let conditions: Vec<Condition> = (0..4).map(|_| condition(&mut bytes, 3)).collect();
    let rows: Vec<Row> = std::iter::from_fn(|| row(&mut bytes)).take(64).collect();
    check_rows(&rows, chunk_rows, &conditions);
}

fn check_file(bytes: &[u8]) {
    let Ok(index) = Index::open(bytes) else { return };
    let mut end = 0;
    for (rows, _) in index.chunks() {
        assert!(rows.start == end && rows.end > end, "a gap before {rows:?}");
        end = rows.end;
    }
    assert_eq!(end, index.row_count());
    let every_row: Vec<_> = (end > 0).then_some(0..end).into_iter().collect();
    assert_eq!(index.prune(&Condition::All(Vec::new())), every_row);
    assert_eq!(index.prune(&Condition::Any(Vec::new())), []);
    for (rows, zone) in index.chunks().take(8) {
        let holds = zone.start.start() <= zone.start.end();
        let ranges = index.prune(&Condition::Time(Axis::Start, zone.start));
        assert!(!holds || ranges.iter().any(|range| range.contains(&rows.start)), "{rows:?}");
    }
    let seed = crc32fast::hash(bytes) as usize;
    let found = index.find(&TraceId((seed as u128).to_le_bytes()));
    assert!(found.count() <= end as usize, "more traces than there are");

    let layout = Layout::read(bytes).expect("the index opened");
    let kind = SectionKind::ALL[seed % SectionKind::ALL.len()];
    let section = layout.range(kind).expect("the index opened");
    let len = (section.end - section.start) as usize;
    let at = if len > 0 { section.start as usize + seed % len } else { seed % 24 };
    let mut changed = bytes.to_vec();
    changed[at] ^= 1 << (seed % 8);
    assert!(Index::open(&changed).is_err(), "byte {at} was changed unnoticed");
}

/// A row of the table of traces, with its tokens.
pub(crate) type Row = (TraceEntry, Vec<TokenHash>);

/// Builds an index of the rows, and asserts that nothing is lost in it.
pub(crate) fn check_rows(rows: &[Row], chunk_rows: u32, conditions: &[Condition]) {
    let bytes = build(rows, chunk_rows);
    assert_eq!(build(rows, chunk_rows), bytes, "equal rows make equal bytes");
    let index = Index::open(&bytes).expect("as it was built");
    assert_eq!(index.row_count() as usize, rows.len());
    for ((entry, _), trace_row) in rows.iter().zip(0..) {
        let candidate = Candidate { trace_row, segment_rows: entry.segment_rows.clone() };
        assert!(index.find(&entry.id).any(|found| found == candidate), "{candidate:?} is lost");
    }
    for condition in conditions {
        let ranges = index.prune(condition);
        assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start), "{ranges:?}");
        for ((entry, tokens), row) in rows.iter().zip(0..) {
            let is_kept = ranges.iter().any(|range| range.contains(&row));
            assert!(is_kept || !satisfies(entry, tokens, condition), "{row} of {condition:?}");
        }
    }
}

pub(crate) fn build(rows: &[Row], chunk_rows: u32) -> Vec<u8> {
    let mut builder = Builder::with_chunk_rows(chunk_rows);
    rows.iter().for_each(|(entry, tokens)| builder.push(entry, tokens.iter().copied()));
    builder.finish()
}

/// Says of one row, slowly and obviously, whether it satisfies the condition.
fn satisfies(entry: &TraceEntry, tokens: &[TokenHash], condition: &Condition) -> bool {
    let satisfies = |condition: &Condition| satisfies(entry, tokens, condition);
    match condition {
        Condition::All(conditions) => conditions.iter().all(satisfies),
        Condition::Any(conditions) => conditions.iter().any(satisfies),
        Condition::Token(token) => tokens.contains(token),
        Condition::Time(Axis::Start, window) => window.contains(&entry.start),
        Condition::Time(Axis::End, window) => entry
            .first_end
            .zip(entry.end)
            .is_some_and(|(first, last)| overlaps(window, first, last)),
        Condition::Time(Axis::Updated, window) => window.contains(&entry.updated),
        Condition::DurationMin(min) => entry.duration.is_some_and(|duration| duration >= *min),
        Condition::ResponseTimeMin(min) => entry.response_time.is_some_and(|time| time >= *min),
        Condition::FlagsAny(flags) => entry.flags & flags != 0,
    }
}

/// Makes a row of the next bytes; `None` when they are used up.
fn row(bytes: &mut impl Iterator<Item = u8>) -> Option<Row> {
    let id = bytes.next()?;
    let mut number = || bytes.next().map_or(0, u32::from);
    let first = number() << 12;
    let mut micros = || Micros(u64::from(number()));
    let (start, end, updated) = (micros(), micros(), micros());
    let first_end = Micros(end.0 - end.0.min(start.0 % 4));
    let (duration, response_time) = (micros(), micros());
    let entry = TraceEntry {
        id: TraceId([id; 16]),
        segment_rows: first..first + number(),
        start,
        end: Some(end).filter(|end| end.0 % 3 > 0),
        first_end: Some(first_end).filter(|_| end.0 % 3 > 0),
        updated,
        duration: Some(duration).filter(|duration| duration.0 % 3 > 0),
        response_time: Some(response_time).filter(|time| time.0 % 3 > 0),
        flags: number(),
    };
    let tokens = (0..number() % 6).map(|_| token(number())).collect();
    Some((entry, tokens))
}

/// Makes a condition of the next bytes.
fn condition(bytes: &mut impl Iterator<Item = u8>, depth: u8) -> Condition {
    let mut number = || bytes.next().map_or(0, u32::from);
    let kind = number();
    let mut micros = || Micros(u64::from(number()));
    match kind % 9 {
        0 => Condition::Token(token(number())),
        1 => Condition::Time(Axis::Start, micros()..=micros()),
        2 => Condition::Time(Axis::End, micros()..=micros()),
        3 => Condition::Time(Axis::Updated, micros()..=micros()),
        4 => Condition::DurationMin(micros()),
        5 => Condition::ResponseTimeMin(micros()),
        6 => Condition::FlagsAny(number()),
        _ if depth == 0 => Condition::All(Vec::new()),
        7 => Condition::All((0..number() % 4).map(|_| condition(bytes, depth - 1)).collect()),
        _ => Condition::Any((0..number() % 4).map(|_| condition(bytes, depth - 1)).collect()),
    }
}

/// One of a few tokens, spread over 64 bits.
fn token(number: u32) -> TokenHash {
    TokenHash(u64::from(number % 16).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_an_index_or_are_refused(bytes in vec(any::<u8>(), 0..600)) {
            fuzz_index(&bytes);
        }

        #[test]
        fn an_index_changed_in_any_way_is_read_or_refused(
            rows in vec(any::<u8>(), 0..300),
            chunk_rows in 1_u32..9,
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in proptest::option::of(any::<prop::sample::Index>()),
        ) {
            let mut rows = rows.into_iter();
            let rows: Vec<Row> = std::iter::from_fn(|| row(&mut rows)).collect();
            let mut bytes = build(&rows, chunk_rows);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            fuzz_index(&bytes);
        }
    }
}
