//! The live set: what is kept of a trace, by which times it is found, what it takes of memory.

use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::SegmentId;

use super::*;
use crate::batch::Batch;
use crate::budget::Budget;
use crate::testing::{batch, document, timed, trace_id};

fn insert(live: &LiveSet, budget: &Arc<Budget>, batch: Batch) -> Inserted {
    let encoded = batch.encode();
    let reservation = budget.reserve_anyway(LiveSet::charge(&encoded));
    live.insert(encoded, 1, reservation)
}

fn live_set(batches: Vec<Batch>) -> LiveSet {
    let live = LiveSet::new(1 << 20);
    let budget = Budget::new(u64::MAX);
    for batch in batches {
        insert(&live, &budget, batch);
    }
    live
}

fn secs(from: u64, to: u64) -> RangeInclusive<Micros> {
    Micros::from_secs(from)..=Micros::from_secs(to)
}

/// No traces.
const NONE: [u8; 0] = [];

/// Returns the numbers of the traces in a window, newest first.
fn numbers(live: &LiveSet, axis: Axis, window: &RangeInclusive<Micros>) -> Vec<u8> {
    let mut found = live.looked_at(axis, window).whole;
    found.sort_by(|a, b| b.cmp(a));
    let mut ids = live.trace_ids(axis, window);
    ids.sort();
    let mut sorted: Vec<TraceId> = found.iter().map(|cursor| cursor.id).collect();
    sorted.sort();
    assert_eq!(ids, sorted);
    found.iter().map(|cursor| cursor.id.0[15]).collect()
}

#[test]
fn a_trace_has_its_documents_in_the_order_in_which_they_came() {
    let (first, second, other) = (document(1, 2), document(1, 1), document(2, 3));
    let live = live_set(vec![batch(7, &[&first, &other]), batch(6, &[&second])]);
    let trace = live.trace(&trace_id(1)).expect("a trace");
    let texts: Vec<_> = trace.documents.iter().map(|d| (d.received.0, d.text())).collect();
    assert_eq!(texts, [(7_000_000, first.as_str()), (6_000_000, second.as_str())]);
    assert!(!trace.limit_exceeded && trace.id == trace_id(1));
    assert!(live.trace(&trace_id(3)).is_none());
}

#[test]
fn the_first_completion_wins_and_nothing_after_it_is_kept() {
    let live = LiveSet::new(1 << 20);
    let budget = Budget::new(u64::MAX);
    let count = |text: String| insert(&live, &budget, batch(1, &[text])).repeated_count;
    assert_eq!(count(timed(1, 1, 10, None)), 0);
    assert_eq!(count(timed(1, 1, 11, None)), 0);
    assert_eq!(count(timed(1, 1, 12, Some(13))), 0);
    assert_eq!(count(timed(1, 1, 12, Some(13))), 1, "the same again");
    assert_eq!(count(timed(1, 1, 5, Some(99))), 1, "another completion");
    assert_eq!(count(timed(1, 1, 5, None)), 1, "unfinished after all");
    assert_eq!(count(timed(2, 1, 12, Some(13))), 0, "another trace");
    assert_eq!(live.trace(&trace_id(1)).expect("a trace").documents.len(), 3);
    // What was dropped moves no time either.
    assert_eq!(numbers(&live, Axis::Start, &secs(5, 9)), NONE);
}

#[test]
fn what_is_dropped_as_repeated_takes_no_memory() {
    let live = LiveSet::new(1 << 20);
    let budget = Budget::new(u64::MAX);
    for _ in 0..3 {
        let before = budget.bytes_used();
        let documents: Vec<String> = (0..20).map(|id| document(1, id)).collect();
        insert(&live, &budget, batch(1, &documents));
        assert!(before == 0 || before == budget.bytes_used());
    }
}

#[test]
fn a_trace_beyond_its_limit_says_so_and_grows_no_more() {
    let len = document(1, 1).len() as u64;
    let live = LiveSet::new(2 * len);
    let budget = Budget::new(u64::MAX);
    let documents: Vec<String> = (1..=4).map(|id| document(1, id)).collect();
    let inserted = insert(&live, &budget, batch(1, &documents));
    assert_eq!((inserted.document_count, inserted.over_limit_count), (2, 2));
    let trace = live.trace(&trace_id(1)).expect("a trace");
    assert!(trace.limit_exceeded);
    let texts: Vec<_> = trace.documents.iter().map(StoredDocument::text).collect();
    assert_eq!(texts, &documents[..2]);
    let tiny = LiveSet::new(1);
    insert(&tiny, &budget, batch(1, &documents));
    assert_eq!(tiny.trace(&trace_id(1)).expect("a trace").documents.len(), 1);
}

#[test]
fn traces_are_found_by_start_by_receipt_and_between_their_ends() {
    let live = live_set(vec![
        batch(50, &[timed(1, 1, 10, Some(20)), timed(1, 2, 8, Some(40)), timed(2, 3, 9, None)]),
        batch(60, &[timed(3, 4, 30, Some(31))]),
        batch(70, &[timed(2, 5, 12, None)]),
    ]);
    let find = |axis, from, to| numbers(&live, axis, &secs(from, to));
    assert_eq!(find(Axis::Start, 0, 99), [3, 2, 1]);
    assert_eq!(find(Axis::Start, 8, 8), [1]);
    assert_eq!(find(Axis::Start, 10, 29), NONE);
    assert_eq!(find(Axis::Updated, 0, 99), [2, 3, 1]);
    assert_eq!(find(Axis::Updated, 50, 60), [3, 1], "only the last receipt counts");
    assert_eq!(find(Axis::End, 0, 99), [1, 3]);
    assert_eq!(find(Axis::End, 15, 35), [1, 3], "in the order of the latest ends");
    assert_eq!(find(Axis::End, 21, 30), [1], "between its ends");
    assert_eq!(find(Axis::End, 20, 20), [1]);
    assert_eq!(find(Axis::End, 40, 99), [1]);
    assert_eq!(find(Axis::End, 0, 19), NONE);
    assert_eq!(find(Axis::End, 41, 99), NONE);
    assert_eq!(find(Axis::End, 30, 25), NONE, "an empty window");
}

#[test]
fn a_window_includes_both_its_ends_and_may_be_empty() {
    let live = live_set(vec![batch(50, &[timed(1, 1, 10, Some(20))])]);
    assert_eq!(numbers(&live, Axis::Start, &secs(10, 10)), [1]);
    assert_eq!(numbers(&live, Axis::Start, &secs(11, 9)), NONE);
}

#[test]
fn the_structures_take_no_more_than_their_charge() {
    for (trace_count, documents_each) in [(5000, 1), (1800, 2), (300, 5), (1, 3000), (1000, 9)] {
        let live = LiveSet::new(1 << 30);
        let budget = Budget::new(u64::MAX);
        let mut inserted = Inserted::default();
        for trace in 0..trace_count {
            let documents: Vec<_> = (0..documents_each).map(|id| document(trace, id)).collect();
            inserted.add(insert(&live, &budget, batch(1, &documents)));
        }
        let (taken, charge) = (live.allocated_bytes(), inserted.charge());
        // The smallest tables are emptier than any larger one.
        let slack = (SHARD_COUNT * 4 * size_of::<(TraceId, LiveTrace)>()) as u64;
        let what = format!("{taken} of {charge}: {trace_count} traces of {documents_each}");
        assert!(taken <= charge + slack, "{what}");
        assert!(charge <= taken * 3 + slack, "{what}");
    }
}

#[test]
fn a_row_is_made_anew_once_it_is_known_that_a_block_has_more_of_its_trace() {
    let live = live_set(vec![batch(1, &[document(1, 1)])]);
    let id = trace_id(1);
    let row = || match live.row_or_trace(&id) {
        Some(RowOrTrace::Trace(stored, document_count)) => Some((stored, document_count)),
        _ => None,
    };
    let (stored, document_count) = row().expect("no row yet");
    let made = crate::scan::with_trace(&stored, |trace| {
        let row = crate::block::traces::Row::of(trace, crate::block::traces::Place::default());
        Arc::new(crate::StoredRow::of(&row))
    });
    let reservation = Arc::new(Budget::new(u64::MAX).reserve_anyway(1));
    let made = CachedRow { row: made.expect("a trace"), _reservation: reservation };
    live.keep_row(&id, made, document_count);
    assert!(row().is_none(), "the row is kept");
    live.resolve_late(|_, _| Some(true));
    assert!(row().is_some(), "the row is of less than there is");
}

impl LiveSet {
    fn allocated_bytes(&self) -> u64 {
        let shard = |shard: &Mutex<Shard>| {
            let shard = shard.lock();
            let traces: u64 = shard.values().map(LiveTrace::allocated_bytes).sum();
            shard.allocation_size() as u64 + traces
        };
        self.shards.iter().map(shard).sum()
    }
}

#[test]
fn the_sizes_behind_the_charges_are_known() {
    assert_snapshot!(
        format!("trace {TRACE_CHARGE}, document {}", trace::DOCUMENT_CHARGE), @"trace 346, document 69"
    );
}

proptest! {
    #[test]
    fn many_documents_are_told_apart_like_few(ids in vec((0_u64..12, any::<bool>()), 0..40)) {
        let live = LiveSet::new(1 << 20);
        let budget = Budget::new(u64::MAX);
        let mut finished = std::collections::BTreeSet::new();
        for (id, is_finished) in ids {
            let text = timed(1, id, 1, is_finished.then_some(2));
            let repeated = insert(&live, &budget, batch(1, &[text])).repeated_count;
            prop_assert_eq!(repeated == 1, finished.contains(&SegmentId(id)));
            if is_finished {
                finished.insert(SegmentId(id));
            }
        }
    }
}
