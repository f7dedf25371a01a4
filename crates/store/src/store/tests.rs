//! The store as a whole: what is acknowledged is there, whatever happens.

mod model;

use std::collections::BTreeSet;
use std::sync::mpsc;

use insta::assert_snapshot;
use wire::ManualClock;

use super::*;
use crate::dir::{DiskDir, Fault, FaultDir, FaultKind, MemDir};
use crate::names;
use crate::rollup::NoRollup;
use crate::testing::{append, batch, document, open, open_with, small, texts, trace_id};

fn documents(ids: std::ops::Range<u64>) -> Vec<String> {
    ids.map(|id| document(id % 3, id)).collect()
}

/// The whole chain of an error, as the log prints it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[test]
fn what_was_appended_is_there_at_once_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = || {
        let dir = Arc::new(DiskDir::open(folder.path()).expect("a directory"));
        let clock = Arc::new(ManualClock::default());
        Store::open(dir, small(), clock, Arc::new(NoRollup)).expect("a store")
    };
    let store = open();
    append(&store, batch(7, &documents(0..5))).expect("appended");
    append(&store, batch(8, &documents(5..9))).expect("appended");
    let trace = store.trace(&trace_id(2)).expect("a trace");
    let seen: Vec<_> = trace
        .documents
        .iter()
        .map(|d| (d.text().to_owned(), d.received.seconds(), wal::group_of(d.request_number)))
        .collect();
    let expected = [(2, 7.0, 1), (5, 8.0, 2), (8, 8.0, 2)];
    assert_eq!(seen, expected.map(|(id, secs, number)| (document(2, id), secs, number)));
    drop(store);

    let store = open();
    append(&store, batch(9, &[document(2, 11)])).expect("appended");
    let trace = store.trace(&trace_id(2)).expect("a trace");
    let again: Vec<_> = trace
        .documents
        .iter()
        .map(|d| (d.text().to_owned(), d.received.seconds(), wal::group_of(d.request_number)))
        .collect();
    assert_eq!(again[..3], seen);
    assert_eq!(again[3], (document(2, 11), 9.0, 3));
}

#[test]
fn many_callers_at_once_are_each_told_once() {
    let dir = MemDir::default();
    let store = open(&dir);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for caller in 0..8 {
            let (store, sender) = (&store, sender.clone());
            scope.spawn(move || {
                for id in caller * 100..caller * 100 + 50 {
                    let sender = sender.clone();
                    let done = move |result: Result<(), Error>| {
                        sender.send((id, result.is_ok())).expect("the test waits");
                    };
                    store.append(batch(1, &[document(id % 7, id)]), done).expect("taken");
                }
            });
        }
    });
    drop(sender);
    let told: Vec<_> = receiver.iter().collect();
    assert_eq!(told.len(), 400);
    assert!(told.iter().all(|(_, is_ok)| *is_ok));
    assert_eq!(texts(&store).len(), 400);
    let statistics = store.statistics();
    assert_eq!(statistics.acknowledged_batch_count, 400);
    assert!((1..=400).contains(&statistics.group_count));
    drop(store);
    assert_eq!(texts(&open(&dir)).len(), 400);
}

#[test]
fn a_second_store_on_a_directory_is_refused_until_the_first_is_closed() {
    let dir = MemDir::default();
    let first = open(&dir);
    let error = open_with(&dir, small()).expect_err("in use");
    assert_snapshot!(error, @"lock memory/: another process has this data directory open");
    first.close();
    drop(open_with(&dir, small()).expect("free"));
}

#[test]
fn closing_commits_what_is_queued_and_refuses_what_comes_after() {
    let dir = MemDir::default();
    let store = open(&dir);
    let (sender, receiver) = mpsc::channel();
    for id in 0..50 {
        let sender = sender.clone();
        let done = move |result: Result<(), Error>| sender.send(result.is_ok()).expect("waits");
        store.append(batch(1, &[document(1, id)]), done).expect("taken");
    }
    store.close();
    store.close();
    assert_eq!(receiver.try_iter().filter(|is_ok| *is_ok).count(), 50);
    let error = append(&store, batch(1, &[document(1, 99)])).expect_err("closed");
    assert!(matches!(error, Error::Closed), "{error}");
    assert!(matches!(store.health(), Health::Closed));
    assert_eq!(texts(&store).len(), 50, "queries are still answered");
}

#[test]
fn the_last_owner_may_let_go_in_a_callback() {
    let dir = MemDir::default();
    let store = Arc::new(open(&dir));
    let (sender, receiver) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let owner = Arc::clone(&store);
    let done = move |result: Result<(), Error>| {
        released.recv().expect("the test lets go first");
        drop(owner);
        sender.send(result.is_ok()).expect("the test waits");
    };
    store.append(batch(1, &[document(1, 1)]), done).expect("taken");
    drop(store);
    release.send(()).expect("the callback waits");
    assert_eq!(receiver.recv(), Ok(true));
}

#[test]
fn a_callback_that_panics_harms_no_other() {
    let store = open(&MemDir::default());
    let panics = |_: Result<(), Error>| std::panic::resume_unwind(Box::new("a caller's defect"));
    store.append(batch(1, &[document(1, 1)]), panics).expect("taken");
    append(&store, batch(1, &[document(1, 2)])).expect("the thread goes on");
    assert_eq!(texts(&store).len(), 2);
}

#[test]
fn an_empty_batch_is_done_at_once_and_not_written() {
    let dir = MemDir::default();
    let store = open(&dir);
    append(&store, Batch::new(Micros(1))).expect("done");
    drop(store);
    assert!(dir.names().is_empty());
}

#[test]
fn a_batch_beyond_a_frame_is_refused() {
    let store = open(&MemDir::default());
    let mut large = batch(1, &[document(1, 1)]);
    let long = " ".repeat(wal::PAYLOAD_BYTES_MAX);
    large.push(&long, &wire::Segment::parse(&document(1, 2)).expect("a document"));
    let error = store.append(large, |_| panic!("refused at once")).expect_err("too large");
    assert!(matches!(error, Error::BatchTooLarge { .. }), "{error}");
}

#[test]
fn beyond_the_memory_budget_batches_are_refused_and_the_log_stays_readable() {
    let options = Options { memory_bytes_max: 50_000, ..small() };
    let dir = MemDir::default();
    let store = open_with(&dir, options.clone()).expect("a store");
    let mut acknowledged = BTreeSet::new();
    let mut refused = None;
    for id in 0..1000 {
        let document = document(id / 2, id);
        match append(&store, batch(1, &[&document])) {
            Ok(()) => drop(acknowledged.insert(document)),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let error = refused.expect("no budget is without end");
    let Error::MemoryFull { bytes_needed, bytes_used, bytes_max } = error else {
        panic!("{error}");
    };
    assert!(bytes_used <= bytes_max && bytes_used + bytes_needed > bytes_max, "{error}");
    assert_eq!(store.statistics().memory_full_count, 1);
    assert_eq!(texts(&store), acknowledged);
    assert!(acknowledged.len() > 50, "only {}", acknowledged.len());
    drop(store);

    let store = open_with(&dir, options).expect("what fitted once fits again");
    assert_eq!(texts(&store), acknowledged);
    assert_eq!(store.statistics().memory_bytes, bytes_used);
    drop(store);

    let options = Options { memory_bytes_max: 20_000, ..small() };
    let error = open_with(&dir, options).expect_err("no room");
    let Error::LogOverBudget { bytes_needed, bytes_max: 20_000 } = error else {
        panic!("{error}");
    };
    assert!(bytes_needed.abs_diff(bytes_used) < bytes_used / 10, "{bytes_needed} {bytes_used}");
}

#[test]
fn a_refused_batch_takes_no_memory() {
    let options = Options { memory_bytes_max: 10_000, ..small() };
    let store = open_with(&MemDir::default(), options).expect("a store");
    let used = store.statistics().memory_bytes;
    append(&store, batch(1, &documents(0..99))).expect_err("too much at once");
    assert_eq!(store.statistics().memory_bytes, used);
}

#[test]
fn after_a_failed_sync_the_store_refuses_writes_says_so_and_answers_queries() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = open(&dir);
    append(&store, batch(1, &[document(1, 1)])).expect("appended");
    dir.arm(Fault { call_index: 1, call_count: 1, kind: FaultKind::Eio });
    let failed = append(&store, batch(1, &[document(1, 2)])).expect_err("the sync fails");
    let refused = append(&store, batch(1, &[document(1, 3)])).expect_err("poisoned");
    assert_snapshot!(chain(&failed), @"sync memory/wal/00000000000000000001.wal: Input/output error (os error 5)");
    assert_snapshot!(chain(&refused), @"append to a store that has stopped writing: sync memory/wal/00000000000000000001.wal: Input/output error (os error 5)");
    assert!(matches!(store.health(), Health::Poisoned(_)) && store.statistics().is_poisoned);
    assert_eq!(texts(&store), [document(1, 1)].into());
    drop(store);

    // The system remembers the bytes of the failed sync although the disk does not have them.
    let store = open(&mem);
    assert_eq!(texts(&store), [document(1, 1), document(1, 2)].into());
    append(&store, batch(1, &[document(1, 4)])).expect("appended");
    mem.crash(1);
    drop(store);
    let all = [document(1, 1), document(1, 2), document(1, 4)].into();
    assert_eq!(texts(&open(&mem)), all);
}

#[test]
fn a_full_disk_fails_the_batch_and_the_next_goes_to_a_new_file() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = open(&dir);
    append(&store, batch(1, &[document(1, 1)])).expect("appended");
    dir.arm(Fault { call_index: 0, call_count: 1, kind: FaultKind::Enospc });
    let failed = append(&store, batch(1, &[document(1, 2)])).expect_err("the disk is full");
    assert_snapshot!(chain(&failed), @"write memory/wal/00000000000000000001.wal: No space left on device (os error 28)");
    append(&store, batch(1, &[document(1, 3)])).expect("there is room again");
    assert!(matches!(store.health(), Health::Ready));
    assert_eq!(store.statistics().failed_batch_count, 1);
    drop(store);
    assert_eq!(texts(&open(&mem)), [document(1, 1), document(1, 3)].into());
}

/// Appends batches until the store takes none; returns what was acknowledged.
fn append_some(store: &Store, ids: std::ops::Range<u64>) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for id in ids {
        let documents = [document(id % 3, id * 2), document(id % 3, id * 2 + 1)];
        if append(store, batch(1, &documents)).is_ok() {
            acknowledged.extend(documents);
        }
    }
    acknowledged
}

/// Fails the `call_index`th of all calls, from the first opening over appends and a restart, then
/// crashes. Returns how many calls there were.
fn fail_call(call_index: u64, call_count: u64, kind: FaultKind) -> u64 {
    let what = format!("{kind:?} in {call_count} calls from the {call_index}th");
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    dir.arm(Fault { call_index, call_count, kind });
    let mut acknowledged = BTreeSet::new();
    let mut attempted = BTreeSet::new();
    for round in 0..3 {
        let ids = round * 10..round * 10 + 4;
        attempted.extend(ids.clone().flat_map(|id| [id * 2, id * 2 + 1]));
        match open_with(&dir, small()) {
            Ok(store) => {
                let there = texts(&store);
                assert!(acknowledged.is_subset(&there), "{what}, round {round}");
                acknowledged.extend(append_some(&store, ids));
                assert!(acknowledged.is_subset(&texts(&store)), "{what}, round {round}");
            }
            Err(error) => assert!(!matches!(error, Error::Damaged { .. }), "{what}: {error}"),
        }
        if round == 1 {
            mem.crash(call_index);
        }
    }
    dir.disarm();
    let there = texts(&open(&dir));
    assert!(acknowledged.is_subset(&there), "{what}");
    let ids = there.iter().filter_map(|text| wire::Segment::parse(text).ok());
    assert!(ids.map(|segment| segment.id.0).all(|id| attempted.contains(&id)), "{what}");
    dir.call_count()
}

#[test]
fn whatever_call_fails_what_was_acknowledged_survives() {
    for kind in [FaultKind::Eio, FaultKind::Enospc, FaultKind::Torn, FaultKind::Done] {
        let call_counts = [1, u64::MAX, 2];
        for call_count in call_counts.into_iter().take(crate::testing::cases(2, 3) as usize) {
            let mut call_index = 0;
            while call_index < fail_call(call_index, call_count, kind) {
                call_index += 1;
            }
            assert!(call_index > 30 || call_count == u64::MAX, "only {call_index} calls");
        }
    }
}

#[test]
fn a_disk_that_lies_about_syncs_costs_documents_but_no_panic() {
    for seed in 0..200 {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::SyncLie });
        let appended = append_some(&open(&dir), 0..6);
        mem.crash(seed);
        match open_with(&mem, small()) {
            Ok(store) => assert!(texts(&store).is_subset(&appended)),
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "{error}"),
        }
        let options = Options { skip_corrupt: true, ..small() };
        let store = open_with(&mem, options).expect("damage is skipped");
        assert!(texts(&store).is_subset(&appended));
        append(&store, batch(1, &[document(1, 99)])).expect("appended");
    }
}

#[test]
fn a_document_that_can_no_more_be_read_is_named() {
    let dir = MemDir::default();
    let store = open(&dir);
    let mut written = batch(1, &[document(1, 1)]);
    written.push("{}", &wire::Segment::parse(&document(1, 2)).expect("a document"));
    append(&store, written).expect("appended");
    drop(store);
    let error = open_with(&dir, small()).expect_err("not a document");
    assert_snapshot!(error, @"read the document at byte 194 of memory/wal/00000000000000000001.wal: Invalid segment. ErrorCode: MissingId; start the program that wrote it, or start with --wal-skip-corrupt to go on without it");
    let Error::DocumentUnreadable { offset, .. } = error else { panic!("{error}") };
    let bytes = dir.bytes(&names::wal(1)).expect("the log");
    assert_eq!(&bytes[offset as usize..], b"{}");
    let store = open_with(&dir, Options { skip_corrupt: true, ..small() }).expect("skipped");
    assert_eq!(texts(&store), [document(1, 1)].into());
    assert_eq!(store.statistics().recovered_damage_count, 1);
}

#[test]
fn the_statistics_tell_what_was_read_back() {
    let dir = MemDir::default();
    let store = open(&dir);
    append(&store, batch(1, &documents(0..3))).expect("appended");
    append(&store, batch(1, &documents(0..3))).expect("appended");
    let before = store.statistics();
    drop(store);
    let after = open(&dir).statistics();
    let kept = |s: Statistics| (s.document_count, s.document_bytes, s.trace_count, s.memory_bytes);
    assert_eq!(kept(after), kept(before));
    assert_eq!((after.document_count, after.repeated_document_count), (3, 3));
    assert_eq!((after.recovered_document_count, after.recovered_torn_bytes), (6, 0));
    assert_eq!((after.wal_bytes, after.wal_file_count), (before.wal_bytes, 2));
    assert_eq!(dir.names().len(), 2);
}

/// A log of format version 1, as the first release wrote it.
const VERSION_1: &[u8] = include_bytes!("../../fixtures/wal-v1.wal");

/// Writes the log that the fixture is.
fn write_version_1(dir: &MemDir) {
    let store = open_with(dir, Options::default()).expect("a store");
    append(&store, batch(1_790_149_879, &documents(1..3))).expect("appended");
    append(&store, batch(1_790_149_880, &[document(1, 7), document(1, 1)])).expect("appended");
}

#[test]
fn a_log_of_version_1_is_read() {
    let dir = MemDir::default();
    dir.put(&names::wal(1), VERSION_1.to_vec());
    let store = open(&dir);
    assert_eq!(texts(&store), [document(1, 1), document(1, 7), document(2, 2)].into());
    let trace = store.trace(&trace_id(1)).expect("a trace");
    let received: Vec<_> = trace.documents.iter().map(|d| d.received.seconds()).collect();
    assert_eq!(received, [1_790_149_879.0, 1_790_149_880.0]);
    assert_eq!(store.statistics().repeated_document_count, 1);
}

#[test]
fn version_1_is_still_what_is_written() {
    let dir = MemDir::default();
    write_version_1(&dir);
    assert_eq!(dir.bytes(&names::wal(1)).expect("the log"), VERSION_1);
}
