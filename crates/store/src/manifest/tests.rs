//! The manifest as files: committed, contended, torn, damaged, and read back.

mod crash;
mod format;
mod model;

use insta::assert_snapshot;

use super::*;
use crate::dir::{DiskDir, Fault, FaultDir, FaultKind, MemDir, NewFile};
use crate::testing::trace_id;
use wire::Micros;

/// Checkpoints so often that small tests see them.
const SMALL: Options = Options { checkpoint_every: 3 };

/// Never, as far as these tests go.
const NO_CHECKPOINTS: Options = Options { checkpoint_every: u64::MAX };

fn open(dir: &(impl Dir + Clone + 'static), options: Options) -> Result<Manifest, Error> {
    Manifest::open(Arc::new(dir.clone()), options)
}

/// Returns the entry of the `number`th block.
fn entry(number: u64) -> Entry {
    let time = |secs: u64| Micros::from_secs(1_795_165_200 + number * 60 + secs);
    Entry {
        id: BlockId::new(time(90), u128::from(number)),
        hour: Hour::of(time(0)),
        level: Level((number % 2) as u8),
        class: RetentionClass((number % 3) as u8),
        sealed_through: number / 2,
        is_late: number.is_multiple_of(4),
        starts: time(0)..=time(59),
        received: time(1)..=time(61),
        trace_count: 10 * number,
        row_count: 80 * number,
        files: ["traces.parquet", "index.bin"]
            .map(|name| BlockFile { name: name.to_owned(), bytes: 100 + number })
            .into(),
    }
}

fn add(number: u64) -> Op {
    Op::AddBlock(Arc::new(entry(number)))
}

fn remove(number: u64) -> Op {
    Op::RemoveBlock(entry(number).id)
}

/// Commits on whatever is newest, and expects it to work.
fn commit(manifest: &Manifest, ops: &[Op]) -> Sequence {
    manifest.commit(manifest.snapshot().sequence(), ops.to_vec()).expect("committed")
}

/// Returns the numbers of the live blocks.
fn numbers(state: &State) -> Vec<u64> {
    state.blocks().map(|entry| entry.trace_count / 10).collect()
}

fn kind(error: &Error) -> String {
    format!("{error}: {:?}", std::error::Error::source(error).map(ToString::to_string))
}

#[test]
fn commits_add_up_and_are_read_back() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("a new manifest");
    assert_eq!(*manifest.snapshot(), State::default());
    assert_eq!(manifest.snapshot().first_unsealed_group(), 1);
    let before = manifest.snapshot();
    assert_eq!(commit(&manifest, &[add(1), Op::SealedThrough { group: 7 }]), Sequence(1));
    commit(&manifest, &[add(2), Op::SealedThrough { group: 9 }]);
    let (trace, deleted) = (trace_id(5), Tombstone::Through(77));
    let at = |deleted| Op::AddTombstone { trace, deleted };
    let time = Tombstone::Received(Micros(u64::MAX));
    commit(&manifest, &[at(Tombstone::Through(75)), at(deleted), at(time)]);
    commit(&manifest, &[at(Tombstone::Through(76))]);
    assert_eq!(manifest.snapshot().tombstone(&trace), Some(deleted));
    commit(&manifest, &[remove(1), remove(2), add(3), add(4)]);
    commit(&manifest, &[Op::AddTombstone { trace: trace_id(6), deleted: Tombstone::Through(78) }]);
    commit(&manifest, &[Op::RemoveTombstone(trace), remove(4)]);
    assert_eq!(numbers(&before), [0; 0], "a snapshot never changes");
    let state = manifest.snapshot();
    assert_eq!(numbers(&state), [3]);
    assert_eq!(state.block(entry(3).id).map(|entry| entry.as_ref()), Some(&entry(3)));
    assert_eq!((state.first_unsealed_group(), state.tombstone(&trace)), (10, None));
    assert!(state.is_continued_by(10) && state.is_continued_by(3) && !state.is_continued_by(11));
    assert_eq!(state.tombstones().collect::<Vec<_>>(), [(trace_id(6), Tombstone::Through(78))]);
    let again = open(&dir, SMALL).expect("a manifest");
    assert_eq!(again.snapshot(), state);
    assert_eq!(again.opened().checkpoint, Sequence(6));
}

#[test]
fn a_commit_that_does_not_fit_changes_nothing_and_says_why() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("a new manifest");
    commit(&manifest, &[add(1), Op::SealedThrough { group: 7 }]);
    let files = dir.names();
    let refused = |ops: Vec<Op>| match manifest.commit(Sequence(1), ops) {
        Err(Error::Conflict(conflict)) => conflict.to_string(),
        other => panic!("{other:?}"),
    };
    assert_snapshot!(refused(vec![add(2), add(1)]), @"block 01M7W32T3G0000000000000001 is there already");
    assert_snapshot!(refused(vec![add(2), remove(1), remove(1)]), @"block 01M7W32T3G0000000000000001 is not there");
    assert_snapshot!(refused(vec![Op::SealedThrough { group: 6 }]), @"the log is sealed up to group 7, beyond group 6");
    assert_snapshot!(refused(vec![Op::RemoveTombstone(trace_id(1))]), @"trace 1-581cf771-000000000000000000000001 is not deleted");
    let stale = manifest.commit(Sequence(0), vec![add(2)]).expect_err("overtaken");
    assert_snapshot!(kind(&stale), @r#"commit to the manifest: Some("commit 1 came after commit 0")"#);
    for change in [
        |entry: &mut Entry| entry.starts = Micros(2)..=Micros(1),
        |entry: &mut Entry| entry.files[0].name = "../a".to_owned(),
        |entry: &mut Entry| entry.files[0].name = ".hidden".to_owned(),
        |entry: &mut Entry| entry.files[0].name = "a".repeat(256),
        |entry: &mut Entry| entry.files[0].name.clear(),
        |entry: &mut Entry| entry.files = vec![entry.files[0].clone(); 256],
    ] {
        let mut entry = entry(2);
        change(&mut entry);
        let refused = manifest.commit(Sequence(1), vec![Op::AddBlock(Arc::new(entry))]);
        assert!(matches!(refused, Err(Error::EntryMalformed { .. })), "{refused:?}");
    }
    assert_eq!(numbers(&manifest.snapshot()), [1]);
    assert_eq!(dir.names(), files, "nothing was written");
    assert_eq!(manifest.statistics().conflict_count, 5);
    assert_eq!(manifest.statistics().commit_failure_count, 6);
}

#[test]
fn of_two_manifests_one_wins_and_the_other_decides_again() {
    let dir = MemDir::default();
    let (first, second) = (open(&dir, SMALL).expect("opens"), open(&dir, SMALL).expect("opens"));
    commit(&first, &[add(1), add(2)]);
    second.refresh().expect("refreshed");
    // Both compact the same two blocks.
    let base = first.snapshot().sequence();
    let won = first.commit(base, vec![remove(1), remove(2), add(3)]).expect("the first");
    let lost = second.commit(base, vec![remove(1), remove(2), add(4)]).expect_err("the second");
    let overtaken = Conflict::Overtaken { base, newest: won };
    assert!(matches!(lost, Error::Conflict(conflict) if conflict == overtaken), "{lost:?}");
    assert_eq!(numbers(&second.snapshot()), [3], "the winner's commit was read");
    // What it wanted to remove is gone, so it gives up; what it adds fits all the same.
    let again = second.commit(won, vec![remove(1), remove(2), add(4)]).expect_err("gone");
    let gone = Conflict::BlockGone(entry(1).id);
    assert!(matches!(again, Error::Conflict(conflict) if conflict == gone), "{again:?}");
    commit(&first, &[add(5)]);
    second.commit_on_newest(&[add(6)]).expect("rebased");
    assert_eq!(numbers(&second.snapshot()), [3, 5, 6]);
    assert_eq!(first.refresh().expect("refreshed"), second.snapshot());
    first.checkpoint().expect("written");
    second.checkpoint().expect("there already");
    assert_eq!(second.statistics().checkpoint_failure_count, 0);
    assert_eq!(open(&dir, SMALL).expect("opens").snapshot(), second.snapshot());
}

#[test]
fn many_who_add_at_once_all_succeed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk: Arc<dyn Dir> = Arc::new(DiskDir::open(folder.path()).expect("a directory"));
    let memory: Arc<dyn Dir> = Arc::new(MemDir::default());
    [memory, disk].iter().for_each(add_at_once);
}

fn add_at_once(dir: &Arc<dyn Dir>) {
    let open = || Manifest::open(Arc::clone(dir), SMALL).expect("opens");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let manifest = open();
            scope.spawn(move || {
                for number in 0..20 {
                    manifest.commit_on_newest(&[add(writer * 20 + number)]).expect("added");
                }
            });
        }
    });
    let state = open().snapshot();
    assert_eq!(numbers(&state), (0..80).collect::<Vec<_>>());
    assert_eq!(state.sequence(), Sequence(80), "every number was used once");
}

#[test]
fn a_listing_may_leave_records_out() {
    let dir = MemDir::default();
    let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
    for number in 1..=6 {
        commit(&manifest, &[add(number)]);
    }
    let expected = open(&dir, NO_CHECKPOINTS).expect("opens").snapshot();
    for listed in [&[1, 2, 5][..], &[4], &[6], &[1, 6], &[2, 3], &[1, 2, 3, 4, 5, 6]] {
        let (mut log, _) = Log::open(Arc::new(MemDir::default())).expect("opens");
        log.dir = Arc::new(dir.clone());
        let read = log.read_listed(listed.iter().copied().map(Sequence).collect());
        let read = read.expect("read") + log.read_on().expect("read");
        assert_eq!((read, &log.state), (6, &expected), "{listed:?}");
    }
}

#[test]
fn a_checkpoint_says_what_all_records_say() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("opens");
    for number in 1..=20 {
        commit(&manifest, &[add(number), Op::SealedThrough { group: number }]);
        if number % 2 == 0 {
            commit(&manifest, &[remove(number - 1)]);
        }
    }
    let state = manifest.snapshot();
    assert_eq!(manifest.statistics().checkpoint_count, 10);
    let opened = open(&dir, SMALL).expect("opens");
    assert_eq!((opened.opened().checkpoint, opened.opened().record_count), (Sequence(30), 0));
    assert_eq!(opened.snapshot(), state);
    // Without one checkpoint after the other, and in the end with none.
    for checkpoint in (3..=30).rev().step_by(3) {
        dir.remove(&names::checkpoint(checkpoint)).expect("removed");
        let opened = open(&dir, SMALL).expect("opens");
        assert_eq!(opened.opened().checkpoint, Sequence(checkpoint - 3));
        assert_eq!(opened.opened().record_count, 33 - checkpoint);
        assert_eq!(opened.snapshot(), state);
    }
}

#[test]
fn needless_files_are_pruned_and_two_checkpoints_are_left() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("opens");
    for number in 1..=10 {
        commit(&manifest, &[add(number)]);
    }
    assert_eq!(manifest.prune().expect("pruned"), 6 + 1);
    assert_eq!(manifest.prune().expect("pruned"), 0);
    let entries: Vec<String> =
        dir.names().iter().map(|name| name.replace("00000000000000000", "")).collect();
    assert_snapshot!(entries.join(" "), @"manifest/checkpoint/006.bin manifest/checkpoint/009.bin manifest/log/007.rec manifest/log/008.rec manifest/log/009.rec manifest/log/010.rec");
    assert_eq!(open(&dir, SMALL).expect("opens").snapshot(), manifest.snapshot());
    // The newest checkpoint is damaged: the one before it will do.
    dir.put(&names::checkpoint(9), b"damaged".to_vec());
    let opened = open(&dir, SMALL).expect("opens");
    assert_eq!(opened.opened().damaged_checkpoints, [Sequence(9)]);
    assert_eq!((opened.opened().checkpoint, opened.opened().record_count), (Sequence(6), 4));
    assert_eq!(opened.snapshot(), manifest.snapshot());
    // A damaged checkpoint is not one of the two that make records needless.
    assert_eq!(opened.prune().expect("nothing to prune"), 0);
    // Both are damaged: the records that are left build on one that is gone.
    dir.put(&names::checkpoint(6), b"".to_vec());
    assert_snapshot!(open(&dir, SMALL).expect_err("refused"), @"read memory/manifest/log/00000000000000000006.rec: the file is gone, and later ones build on it; restore it from a copy, or a checkpoint of the same number or a later one");
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_tried_again() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let manifest = open(&dir, SMALL).expect("opens");
    commit(&manifest, &[add(1)]);
    commit(&manifest, &[add(2)]);
    dir.arm(Fault { call_index: 1, call_count: 1, kind: FaultKind::Enospc });
    commit(&manifest, &[add(3)]);
    assert_eq!(manifest.statistics().checkpoint_failure_count, 1);
    commit(&manifest, &[add(4)]);
    assert_eq!(manifest.statistics().checkpoint_count, 1);
    assert_eq!(open(&mem, SMALL).expect("opens").opened().checkpoint, Sequence(4));
}

#[test]
fn a_torn_record_at_the_end_is_as_if_it_had_never_been() {
    for seed in 0..50 {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
        commit(&manifest, &[add(1)]);
        dir.arm(Fault { call_index: 0, call_count: 1, kind: FaultKind::SyncLie });
        commit(&manifest, &[add(2)]);
        mem.crash(seed);

        let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
        let is_torn = !manifest.opened().torn_records.is_empty();
        assert_eq!(numbers(&manifest.snapshot()), if is_torn { vec![1] } else { vec![1, 2] });
        let torn = mem.bytes(&names::record(2)).expect("a file");
        commit(&manifest, &[add(3)]);
        commit(&manifest, &[add(4)]);
        assert_eq!(mem.bytes(&names::record(2)), Some(torn), "it is left as it is");
        let again = open(&dir, NO_CHECKPOINTS).expect("opens");
        assert_eq!(again.snapshot(), manifest.snapshot());
        assert_eq!(again.opened().torn_records, []);
        assert_eq!(numbers(&again.snapshot()).len(), if is_torn { 3 } else { 4 });

        // What is damaged later is told apart from what was given up.
        dir.publish(&names::record(5), b"torn").expect("published");
        let (sequence, base) = (Sequence(6), Sequence(5));
        let bytes = Record { sequence, base, ops: Vec::new() }.encode();
        dir.publish(&names::record(6), &bytes).expect("published");
        let error = manifest.refresh().expect_err("refused").to_string();
        assert!(error.contains("05.rec: it is cut short"), "{error}");
        assert_eq!(manifest.snapshot(), again.snapshot());
    }
}

#[test]
fn a_record_that_may_be_lost_is_not_acted_upon() {
    for seed in 0..32 {
        let dir = MemDir::default();
        commit(&open(&dir, NO_CHECKPOINTS).expect("opens"), &[add(1)]);
        let record = |sequence, base, number| {
            let (sequence, base) = (Sequence(sequence), Sequence(base));
            Record { sequence, base, ops: vec![add(number)] }.encode()
        };
        // Killed between giving the name and syncing the folder.
        dir.put_unsynced(&names::record(2), record(2, 1, 2));
        let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
        dir.crash(seed);
        let seen = manifest.snapshot();
        assert_eq!(open(&dir, NO_CHECKPOINTS).expect("opens").snapshot(), seen);
        dir.put_unsynced(&names::record(3), record(3, 2, 3));
        let seen = manifest.refresh().expect("refreshed");
        dir.crash(seed);
        assert_eq!(numbers(&seen), [1, 2, 3]);
        assert_eq!(open(&dir, NO_CHECKPOINTS).expect("opens").snapshot(), seen);
    }
}

#[test]
fn a_failed_commit_was_made_or_not_and_the_next_call_knows() {
    for (kind, expected) in [(FaultKind::Eio, vec![1, 3]), (FaultKind::Done, vec![1, 2, 3])] {
        let dir = FaultDir::new(Arc::new(MemDir::default()));
        let manifest = open(&dir, SMALL).expect("opens");
        let base = commit(&manifest, &[add(1)]);
        dir.arm(Fault { call_index: 0, call_count: 1, kind });
        let error = manifest.commit(base, vec![add(2)]).expect_err("a fault");
        assert!(matches!(error, Error::Publish { .. }), "{error}");
        assert_eq!(numbers(&manifest.snapshot()), [1], "not known to be durable");
        let behind = open(&dir, SMALL).expect("opens").snapshot().sequence() > base;
        let misfit = manifest.commit(base, vec![remove(2)]).expect_err("2 is not there, or new");
        let is_overtaken = matches!(misfit, Error::Conflict(Conflict::Overtaken { .. }));
        assert_eq!(is_overtaken, behind, "{misfit:?}");
        let again = manifest.commit(base, vec![add(3)]);
        if kind == FaultKind::Eio {
            again.expect("it was not made");
        } else {
            let overtaken = Conflict::Overtaken { base, newest: Sequence(2) };
            let is_overtaken =
                |error| matches!(error, Error::Conflict(found) if found == overtaken);
            assert!(again.is_err_and(is_overtaken), "it was made");
            manifest.commit_on_newest(&[add(3)]).expect("added");
        }
        assert_eq!(numbers(&manifest.snapshot()), expected);
        assert_eq!(open(&dir, SMALL).expect("opens").snapshot(), manifest.snapshot());
    }
}

#[test]
fn the_state_is_described_in_lines() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("opens");
    assert_snapshot!(describe(&manifest.snapshot()).join("\n"), @"
    commit 0, log sealed through group 0
    0 blocks, 0 traces, 0 rows, 0 bytes, 0 deleted traces
    ");
    let deleted = |trace, deleted| Op::AddTombstone { trace: trace_id(trace), deleted };
    let by_time = deleted(5, Tombstone::Received(Micros(1_795_165_200_500_000)));
    let by_group = deleted(6, Tombstone::Through(8));
    let ops = [add(3), add(4), Op::SealedThrough { group: 7 }, by_time, by_group];
    commit(&manifest, &ops);
    assert_snapshot!(describe(&manifest.snapshot()).join("\n"), @"
    commit 1, log sealed through group 7
    2 blocks, 70 traces, 560 rows, 414 bytes, 2 deleted traces
    blocks/2026112009/01M7W36F9G0000000000000003: compacted, class 0, 30 traces, 240 rows, 206 bytes (traces.parquet 103, index.bin 103), started 1795165380.000000 to 1795165439.000000, received 1795165381.000000 to 1795165441.000000
    blocks/2026112009/01M7W389WG0000000000000004: sealed, class 1, late, 40 traces, 320 rows, 208 bytes (traces.parquet 104, index.bin 104), started 1795165440.000000 to 1795165499.000000, received 1795165441.000000 to 1795165501.000000
    deleted 1-581cf771-000000000000000000000005 at 1795165200.500000
    deleted 1-581cf771-000000000000000000000006 through group 8
    ");
}
