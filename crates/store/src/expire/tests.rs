//! Deleted traces stay deleted, what comes later is shown, and nothing is kept of either for ever.

use std::sync::Arc;

use wire::ManualClock;

use super::*;
use crate::testing::{append, batch, ids, small, timed, trace_id};
use crate::{MemDir, NoRollup, Options, Seal, Store};

/// An idle time for which nothing is sealed before it has passed.
fn store(dir: &MemDir, now_secs: u64) -> Store {
    let clock = Arc::new(ManualClock::default());
    clock.advance(now_secs * Micros::PER_SECOND);
    let options = Options { idle: Micros::from_secs(60), ..small() };
    Store::open(Arc::new(dir.clone()), options, clock, Arc::new(NoRollup)).expect("a store")
}

fn put(store: &Store, received_secs: u64, trace: u64, id: u64) {
    let document = timed(trace, id, 100, Some(101));
    append(store, batch(received_secs, &[document])).expect("appended");
}

fn tombstone_count(store: &Store) -> usize {
    store.engine.view().state.tombstones().len()
}

#[test]
fn what_comes_after_a_deletion_is_shown_whatever_the_clock_says() {
    let dir = MemDir::default();
    let first = store(&dir, 1_000);
    put(&first, 1_000, 1, 1);
    put(&first, 1_000, 2, 2);
    assert!(first.delete(trace_id(1)).expect("deleted"));
    drop(first);
    // The clock is set back before the trace is sent anew.
    let second = store(&dir, 500);
    assert_eq!(ids(&second), [trace_id(2)]);
    put(&second, 500, 1, 3);
    drop(second);
    let third = store(&dir, 500);
    assert_eq!(ids(&third), [trace_id(2), trace_id(1)]);
    third.seal(Seal::All).expect("sealed");
    assert_eq!(ids(&third), [trace_id(2), trace_id(1)]);
    assert_eq!(third.trace(&trace_id(1)).expect("it is there").documents.len(), 1);
    drop(third);
    assert_eq!(ids(&store(&dir, 500)), [trace_id(2), trace_id(1)]);
}

#[test]
fn a_tombstone_goes_when_compaction_has_removed_the_rows() {
    let dir = MemDir::default();
    let first = store(&dir, 1_000);
    put(&first, 1_000, 1, 1);
    put(&first, 1_000, 2, 2);
    first.seal(Seal::All).expect("sealed");
    assert!(first.delete(trace_id(1)).expect("deleted"));
    first.expire().expect("expired");
    assert_eq!(tombstone_count(&first), 1, "a block has the row");
    drop(first);
    // Long after the hour in the traces' ids.
    let later = u64::from(trace_id(1).epoch()) + 3 * 3600;
    let second = store(&dir, later);
    second.compact().expect("compacted").expect("there is a void row");
    assert_eq!(tombstone_count(&second), 0);
    assert_eq!(ids(&second), [trace_id(2)]);
    put(&second, later, 1, 3);
    drop(second);
    let third = store(&dir, later);
    assert_eq!(ids(&third), [trace_id(1), trace_id(2)]);
    assert_eq!(third.trace(&trace_id(1)).expect("it is there").documents.len(), 1);
}

#[test]
fn a_tombstone_stays_while_the_log_has_what_was_deleted() {
    let dir = MemDir::default();
    let first = store(&dir, 1_000);
    put(&first, 1_000, 1, 1);
    put(&first, 1_000, 2, 2);
    // Neither is idle: both are carried over into a group behind all that is sealed.
    assert_eq!(first.seal(Seal::Idle).expect("sealed").carried_count, 2);
    assert!(first.delete(trace_id(1)).expect("deleted"));
    first.expire().expect("expired");
    assert_eq!(tombstone_count(&first), 1);
    drop(first);
    let second = store(&dir, 1_000);
    assert_eq!(ids(&second), [trace_id(2)]);
    second.seal(Seal::All).expect("sealed");
    second.expire().expect("expired");
    assert_eq!(tombstone_count(&second), 0);
    drop(second);
    assert_eq!(ids(&store(&dir, 1_000)), [trace_id(2)]);
}

#[test]
fn a_tombstone_by_time_goes_when_the_log_as_it_was_found_is_sealed() {
    let dir = MemDir::default();
    let first = store(&dir, 1_000);
    put(&first, 1_000, 1, 1);
    drop(first);
    let manifest = crate::manifest::Manifest::open(Arc::new(dir.clone()), Default::default());
    let deleted = Tombstone::Received(Micros::from_secs(1_000));
    let ops = [Op::AddTombstone { trace: trace_id(1), deleted }];
    manifest.expect("opens").commit_on_newest(&ops).expect("committed");
    let second = store(&dir, 1_000);
    assert_eq!(ids(&second), []);
    put(&second, 1_001, 2, 2);
    second.expire().expect("expired");
    assert_eq!(tombstone_count(&second), 1);
    second.seal(Seal::All).expect("sealed");
    second.expire().expect("expired");
    assert_eq!(tombstone_count(&second), 0);
    drop(second);
    assert_eq!(ids(&store(&dir, 1_000)), [trace_id(2)]);
}
