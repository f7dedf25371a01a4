//! Sealing, late documents, compaction, deletion: the answers stay the same.

mod crash;
mod damage;

use std::sync::Arc;

use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::ManualClock;

use super::*;
use crate::dir::MemDir;
use crate::testing::{
    append, batch, canonical, document, ids, is_slow, small, texts, timed, trace_id,
};
use crate::{NoRollup, Store};

fn store(dir: &MemDir) -> Store {
    crate::testing::open(dir)
}

fn seal_all(store: &Store) -> Sealed {
    store.seal(Seal::All).expect("sealed")
}

#[test]
fn sealed_traces_leave_the_log_and_the_live_set_and_are_still_there() {
    let dir = MemDir::default();
    let store = store(&dir);
    let documents: Vec<String> = (0..9).map(|id| document(id % 3, id)).collect();
    append(&store, batch(7, &documents)).expect("appended");
    let before = texts(&store);
    let sealed = seal_all(&store);
    assert_eq!((sealed.block_count, sealed.trace_count), (1, 3));
    let statistics = store.statistics();
    assert_eq!((statistics.document_count, statistics.memory_bytes), (0, 0));
    assert_eq!((statistics.wal_bytes, statistics.blocks.trace_count), (0, 3));
    assert_eq!(texts(&store), before);
    drop(store);
    let store = self::store(&dir);
    assert_eq!(store.statistics().recovered_document_count, 0);
    assert_eq!(texts(&store), before);
}

#[test]
fn what_is_not_idle_is_carried_over_and_survives_a_restart() {
    let dir = MemDir::default();
    let store = store(&dir);
    append(&store, batch(7, &[document(1, 1), document(2, 2)])).expect("appended");
    append(&store, batch(8, &[document(2, 3)])).expect("appended");
    // The clock of the test stands at zero: nothing is idle.
    let sealed = store.seal(Seal::Idle).expect("sealed");
    assert_eq!((sealed.block_count, sealed.carried_count), (0, 2));
    assert_eq!(store.statistics().document_count, 3);
    let before = texts(&store);
    drop(store);
    let store = self::store(&dir);
    assert_eq!(store.statistics().recovered_document_count, 3);
    assert_eq!(texts(&store), before);
    let trace = store.trace(&trace_id(2)).expect("a trace");
    let received: Vec<u64> = trace.documents.iter().map(|one| one.received.0).collect();
    assert_eq!(received, [7_000_000, 8_000_000]);
}

#[test]
fn a_trace_that_never_rests_is_sealed_all_the_same() {
    let store = store(&MemDir::default());
    append(&store, batch(7, &[document(1, 1)])).expect("appended");
    for _ in 0..CARRY_COUNT_MAX {
        assert_eq!(store.seal(Seal::Idle).expect("sealed").trace_count, 0);
        append(&store, batch(7, &[document(2, 2)])).expect("appended");
    }
    assert_eq!(store.seal(Seal::Idle).expect("sealed").trace_count, 1);
}

#[test]
fn under_pressure_the_longest_idle_go_first_and_little_is_left() {
    let store = store(&MemDir::default());
    for number in 0..16 {
        append(&store, batch(number, &[document(number, number)])).expect("appended");
    }
    let sealed = store.seal(Seal::Most).expect("sealed");
    assert_eq!((sealed.trace_count, sealed.carried_count), (14, 2));
    let live: Vec<bool> =
        [0, 13, 14, 15].map(|n| store.engine.live.trace(&trace_id(n)).is_some()).into();
    assert_eq!(live, [false, false, true, true]);
}

#[test]
fn late_documents_join_their_trace_in_a_newer_block() {
    let dir = MemDir::default();
    let store = store(&dir);
    append(&store, batch(7, &[document(1, 1), document(2, 2)])).expect("appended");
    seal_all(&store);
    append(&store, batch(9, &[document(1, 3), document(1, 1)])).expect("appended");
    let expected = ["1 1", "1 3", "2 2"];
    assert_eq!(shown(&store), expected, "while live");
    let sealed = seal_all(&store);
    assert_eq!((sealed.trace_count, sealed.late_count), (1, 1));
    assert_eq!(shown(&store), expected, "when sealed");
    assert_eq!(store.statistics().blocks.void_trace_count, 1);
    let store = reopen(store, &dir);
    assert_eq!(shown(&store), expected, "after a restart");
    assert_eq!(store.statistics().blocks.void_trace_count, 1);
}

fn reopen(store: Store, dir: &MemDir) -> Store {
    drop(store);
    self::store(dir)
}

/// Returns the traces and the segments in them, each as `trace segment`.
fn shown(store: &Store) -> Vec<String> {
    let mut shown = Vec::new();
    for id in ids(store) {
        let trace = store.trace(&id).expect("what was found is there");
        crate::scan::with_trace(&trace, |trace| {
            let number = id.0[15];
            shown.extend(
                trace
                    .segments
                    .iter()
                    .map(|&at| format!("{number} {}", trace.entities[at].segment.id.0)),
            );
        })
        .expect("a trace");
    }
    shown.sort();
    shown
}

#[test]
fn eight_blocks_become_one_without_what_is_void() {
    let dir = MemDir::default();
    let store = store(&dir);
    for number in 0..7 {
        append(&store, batch(7, &[document(number, number)])).expect("appended");
        seal_all(&store);
    }
    assert_eq!(store.compact().expect("compacted"), None);
    append(&store, batch(7, &[document(0, 100)])).expect("appended");
    seal_all(&store);
    let before = (shown(&store), texts(&store));
    assert_eq!(store.statistics().blocks.compaction_pending_count, 8);
    let compacted = store.compact().expect("compacted").expect("there is something");
    assert_eq!((compacted.input_count, compacted.output_count), (8, 1));
    assert_eq!(store.compact().expect("compacted"), None);
    assert_eq!((shown(&store), texts(&store)), before);
    let blocks = store.statistics().blocks;
    assert_eq!((blocks.block_count, blocks.trace_count, blocks.void_trace_count), (1, 7, 0));
    let store = reopen(store, &dir);
    assert_eq!((shown(&store), texts(&store)), before);
}

#[test]
fn a_deleted_trace_is_gone_from_the_live_set_the_blocks_and_the_log() {
    let dir = MemDir::default();
    let clock = Arc::new(ManualClock::default());
    clock.advance(10_000_000);
    let open = |clock: &Arc<ManualClock>| {
        Store::open(Arc::new(dir.clone()), small(), Arc::clone(clock) as _, Arc::new(NoRollup))
            .expect("a store")
    };
    let store = open(&clock);
    append(&store, batch(7, &[document(1, 1), document(2, 2)])).expect("appended");
    seal_all(&store);
    append(&store, batch(8, &[document(1, 3), document(3, 4), document(2, 5)])).expect("appended");
    assert!(store.delete(trace_id(1)).expect("deleted"));
    assert!(store.delete(trace_id(3)).expect("deleted"));
    assert!(!store.delete(trace_id(4)).expect("there is none"));
    assert_eq!(shown(&store), ["2 2", "2 5"]);
    drop(store);
    let store = open(&clock);
    assert_eq!(shown(&store), ["2 2", "2 5"], "after a restart");
    seal_all(&store);
    assert_eq!(shown(&store), ["2 2", "2 5"], "when sealed");
    append(&store, batch(11, &[document(1, 6)])).expect("appended");
    assert_eq!(shown(&store), ["1 6", "2 2", "2 5"], "what comes later is another trace");
}

#[test]
fn blocks_expire_by_age_and_by_bytes() {
    let dir = MemDir::default();
    let clock = Arc::new(ManualClock::default());
    let retention =
        crate::Retention { age: Some(Micros::from_secs(100)), ..crate::Retention::default() };
    let options = crate::Options { retention, ..small() };
    let store =
        Store::open(Arc::new(dir.clone()), options, Arc::clone(&clock) as _, Arc::new(NoRollup))
            .expect("a store");
    for number in 1..=2 {
        append(&store, batch(number * 50, &[document(number, 1)])).expect("appended");
        seal_all(&store);
    }
    clock.advance(150_000_000);
    assert_eq!(store.expire().expect("expired"), 0);
    clock.advance(1_000_000);
    assert_eq!(store.expire().expect("expired"), 1);
    assert_eq!(shown(&store), ["2 1"]);
    assert!(store.trace(&trace_id(1)).is_none());
}

#[test]
fn a_log_that_does_not_go_on_where_the_blocks_end_is_refused() {
    let dir = MemDir::default();
    let store = store(&dir);
    append(&store, batch(7, &[document(1, 1)])).expect("appended");
    seal_all(&store);
    append(&store, batch(7, &[document(2, 2)])).expect("appended");
    drop(store);
    for name in dir.names().iter().filter(|name| name.starts_with("manifest/")) {
        crate::Dir::remove(&dir, name).expect("removed");
    }
    let refused = crate::testing::open_with(&dir, small()).expect_err("a manifest is missing");
    assert_snapshot!(refused, @"read memory/wal/00000000000000000002.wal at byte 0: group 1 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
    let folders = crate::Dir::folders(&dir, "blocks").expect("listed");
    assert_eq!(folders.len(), 1, "the blocks are left alone");
}

/// What may happen to a store without changing any answer but by what is appended.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(u64, u64, bool)>),
    Seal(Seal),
    Compact,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let documents = vec((0_u64..6, 0_u64..5, any::<bool>()), 1..5);
    prop_oneof![
        5 => documents.prop_map(Step::Append),
        4 => prop_oneof![Just(Seal::All), Just(Seal::Most), Just(Seal::Idle)].prop_map(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(8, 200)))]

    /// Whenever documents come and whatever is sealed in between, the answers are those of a store
    /// that never sealed anything.
    #[test]
    fn sealing_changes_no_answer(steps in vec(step(), 1..40)) {
        let (dir, plain_dir) = (MemDir::default(), MemDir::default());
        let mut store = self::store(&dir);
        let plain = self::store(&plain_dir);
        for (received, step) in (1..).zip(steps) {
            match step {
                Step::Append(documents) => {
                    let documents: Vec<String> = documents
                        .into_iter()
                        .map(|(trace, id, is_done)| timed(trace, id, 50 + trace, is_done.then_some(99)))
                        .collect();
                    append(&store, batch(received, &documents)).expect("appended");
                    append(&plain, batch(received, &documents)).expect("appended");
                }
                Step::Seal(seal) => drop(store.seal(seal).expect("sealed")),
                Step::Compact => drop(store.compact().expect("compacted")),
                Step::Reopen => store = reopen(store, &dir),
            }
            prop_assert_eq!(answers(&store), answers(&plain));
        }
    }
}

/// Everything that can be asked of a store, as text.
fn answers(store: &Store) -> Vec<String> {
    let mut answers = Vec::new();
    // Rows do not decide this one.
    let checked = filter::Predicate::read(r#"service("a") { duration >= 1 }"#).expect("legal");
    let checked = crate::Filter::of(&checked, &filter::Options::default());
    let everything = crate::Filter::EVERYTHING;
    for (axis, filter) in [
        (crate::Axis::Start, everything),
        (crate::Axis::Updated, everything),
        (crate::Axis::Start, &checked),
    ] {
        for traces_max in [1, 2, 100] {
            let mut after = None;
            loop {
                let query = crate::Query {
                    filter,
                    axis,
                    window: Micros(0)..=Micros(u64::MAX),
                    page: crate::Page { after, traces_max },
                    checks_max: u64::MAX,
                };
                let found = store.scan(&query);
                answers.extend(found.rows.iter().map(|row| format!("{:?}", row.summary())));
                after = found.next;
                if after.is_none() {
                    answers.push(format!("{} in all", store.count(&query).0));
                    break;
                }
            }
        }
    }
    for id in ids(store) {
        let Some(trace) = store.trace(&id) else { continue };
        let whole = crate::scan::with_trace(&trace, |trace| {
            trace.documents().into_iter().map(|(_, text)| canonical_part(&text)).collect::<Vec<_>>()
        });
        answers.push(format!("{id}: {:?}", whole.expect("a trace")));
    }
    answers
}

fn canonical_part(text: &str) -> String {
    canonical(text)
}
