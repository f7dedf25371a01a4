//! What a store does when its disk, its files or its clock are not what they should be.

use crate::block::Block;
use crate::dir::{Dir, DiskDir, Fault, FaultDir, FaultKind};
use crate::{Options, Retention, Upkeep};

use super::*;

/// Opens a store at a second.
fn open_at(dir: impl Dir + 'static, seconds: u64, options: Options) -> Result<Store, Error> {
    let clock = Arc::new(ManualClock::default());
    clock.advance(seconds * 1_000_000);
    Store::open(Arc::new(dir), options, clock, Arc::new(NoRollup))
}

/// The whole chain of an error, as the log prints it, without the names of blocks.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    let words = text.split('/').map(|word| match word.len() {
        26 => "…",
        _ => word,
    });
    words.collect::<Vec<_>>().join("/")
}

/// Returns the names of the files of that name, the oldest block's first.
fn files(dir: &MemDir, file: &str) -> Vec<String> {
    dir.names().into_iter().filter(|name| name.ends_with(file)).collect()
}

/// Returns a directory with a block of traces 1 and 2, and how a store that has it answers.
fn one_block() -> (MemDir, Vec<String>) {
    let dir = MemDir::default();
    let store = store(&dir);
    append(&store, batch(7, &[document(1, 1), document(2, 2)])).expect("appended");
    seal_all(&store);
    let answers = answers(&store);
    (dir, answers)
}

fn blocks(store: &Store) -> Vec<Arc<Block>> {
    store.engine.view().blocks().map(|one| Arc::clone(&one.block)).collect()
}

const FOREVER: u64 = u64::MAX;

#[test]
fn on_a_full_disk_nothing_is_lost_and_sealing_goes_on_when_there_is_room() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = crate::testing::open(&dir);
    append(&store, batch(7, &[document(1, 1), document(2, 2)])).expect("appended");
    let before = answers(&store);
    dir.arm(Fault { call_index: 0, call_count: FOREVER, kind: FaultKind::Enospc });
    let error = store.seal(Seal::All).expect_err("the disk is full");
    assert_snapshot!(chain(&error), @"write block memory/blocks/1970010100/00000000000000000000000000: No space left on device (os error 28)");
    assert_eq!(answers(&store), before);
    dir.disarm();
    assert_eq!(seal_all(&store).trace_count, 2);
    assert_eq!(answers(&store), before);
    assert_eq!(mem.names().iter().filter(|name| name.starts_with("wal/")).count(), 0);
}

#[test]
fn sealing_that_fails_in_the_background_is_counted_and_says_why() {
    let mem = MemDir::default();
    let store = store(&mem);
    append(&store, batch(7, &[document(1, 1)])).expect("appended");
    drop(store);
    let counted = FaultDir::new(Arc::new(mem.clone()));
    drop(crate::testing::open(&counted));
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let call_index = counted.call_count();
    dir.arm(Fault { call_index, call_count: FOREVER, kind: FaultKind::Enospc });
    let options = Options { seal_bytes: 1, upkeep: Upkeep::Threads, ..small() };
    let store = open_at(dir, 10, options).expect("a store");
    while store.statistics().seal_failure_count == 0 {
        std::thread::yield_now();
    }
    let failure = store.last_failure().expect("it was kept");
    assert_snapshot!(chain(&failure), @"write block memory/blocks/1970010100/00000009RG0000000000000000: No space left on device (os error 28)");
    assert_eq!(texts(&store), [document(1, 1)].into());
    drop(store);
    let store = self::store(&mem);
    assert_eq!(seal_all(&store).trace_count, 1);
}

#[test]
fn a_directory_that_may_not_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = DiskDir::open(folder.path()).expect("a directory");
    let set = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path(), permissions).expect("they are ours");
    };
    set(0o555);
    // The administrator may write anywhere.
    let is_held = std::fs::write(folder.path().join("probe"), b"").is_err();
    let refused = open_at(dir, 1, small()).err();
    set(0o755);
    assert_eq!(is_held, matches!(refused, Some(Error::Lock { .. })), "{refused:?}");
}

#[test]
fn a_second_process_on_a_directory_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = || open_at(DiskDir::open(folder.path()).expect("a directory"), 1, small());
    let first = open().expect("a store");
    assert!(matches!(open(), Err(Error::Locked { .. })));
    append(&first, batch(1, &[document(1, 1)])).expect("the first goes on");
    drop(first);
    drop(open().expect("it is free"));
}

#[test]
fn a_block_that_cannot_be_read_is_told_of_and_comes_back() {
    let (mem, right) = one_block();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = crate::testing::open(&dir);
    append(&store, batch(8, &[timed(3, 3, 9000, Some(9001))])).expect("appended");
    dir.arm(Fault { call_index: 0, call_count: 1, kind: FaultKind::Eio });
    let query = crate::Query {
        filter: crate::Filter::EVERYTHING,
        axis: crate::Axis::Start,
        window: Micros(0)..=Micros(u64::MAX),
        page: crate::Page { after: None, traces_max: 10 },
        checks_max: u64::MAX,
    };
    let found = store.scan(&query);
    assert_eq!((found.rows.len(), found.cost.unreadable_block_count), (1, 1));
    assert_eq!(store.statistics().blocks.quarantined_count, 1);
    let problems: Vec<String> = store.quarantine().iter().map(chain).collect();
    assert_snapshot!(problems.join("\n"), @"read memory/blocks/1970010100/…/index.bin: Input/output error (os error 5)");
    // What belongs to its partition waits, and the rest is sealed.
    append(&store, batch(8, &[document(1, 4)])).expect("appended");
    let sealed = seal_all(&store);
    assert_eq!((sealed.trace_count, sealed.carried_count), (0, 2));
    // That was a change of the manifest, and the disk works again.
    assert_eq!(store.quarantine().len(), 0);
    assert_eq!(store.scan(&query).rows.len(), 3);
    assert_eq!(seal_all(&store).trace_count, 2);
    assert_eq!(shown(&store), ["1 1", "1 4", "2 2", "3 3"]);
    assert_ne!(answers(&store), right);
}

#[test]
fn a_file_that_is_cut_short_or_gone_is_never_a_wrong_answer() {
    for file in ["segments.parquet", "traces.parquet", "index.bin", "rollup.bin"] {
        for part in 0..3 {
            let (mem, right) = one_block();
            let name = files(&mem, file).remove(0);
            let bytes = mem.bytes(&name).expect("it is there");
            match part {
                0 => Dir::remove(&mem, &name).expect("removed"),
                part => mem.put(&name, bytes[..bytes.len() * part / 2 - 1].to_vec()),
            }
            is_noticed(&mem, &right, &format!("{file} {part}"));
        }
    }
}

#[test]
fn a_changed_bit_is_noticed_in_every_section_of_every_file() {
    let (mem, right) = one_block();
    for file in ["segments.parquet", "traces.parquet", "index.bin", "rollup.bin"] {
        let name = files(&mem, file).remove(0);
        let bytes = mem.bytes(&name).expect("it is there");
        let step = if is_slow() { 1 } else { bytes.len().div_ceil(24) };
        let ends = [1, 5, bytes.len() - 9, bytes.len() - 5, bytes.len() - 1];
        for at in (0..bytes.len()).step_by(step).chain(ends) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            mem.put(&name, changed);
            is_noticed(&mem, &right, &format!("{file} byte {at} of {}", bytes.len()));
        }
        mem.put(&name, bytes);
    }
}

/// Checks that the one block is found to be damaged by who looks at all of it, and that what is
/// answered is right or is said to be incomplete.
fn is_noticed(mem: &MemDir, right: &[String], what: &str) {
    let store = store(mem);
    let answers = answers(&store);
    match store.quarantine().is_empty() {
        true => assert_eq!(answers, right, "{what}"),
        false => {
            let is_right = |answer: &String| right.contains(answer) || answer.ends_with(" in all");
            assert!(answers.iter().all(is_right), "{what}: {answers:?}");
        }
    }
    let block = blocks(&store).remove(0);
    assert!(block.verify().is_err() || block.problem().is_some(), "{what}");
}

#[test]
fn a_file_of_a_newer_version_is_refused_by_that_name() {
    let (mem, _) = one_block();
    for file in ["index.bin", "rollup.bin"] {
        let name = files(&mem, file).remove(0);
        let bytes = mem.bytes(&name).expect("it is there");
        mem.put(&name, newer(file, bytes.clone()));
        let store = store(&mem);
        let block = blocks(&store).remove(0);
        let error = block.verify().expect_err("a newer version");
        let message = chain(&error);
        assert!(message.contains("of version 2"), "{message}");
        mem.put(&name, bytes);
    }
}

/// Returns a file with the version counted up and the checksum that it would have.
fn newer(file: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    let version_at = if file == "index.bin" { 8 } else { 12 };
    bytes[version_at] = 2;
    if file == "index.bin" {
        let crc = crc32fast::hash(&bytes[..20]);
        bytes[20..24].copy_from_slice(&crc.to_le_bytes());
    } else {
        let count = u32::from_le_bytes(bytes[16..20].try_into().expect("four bytes")) as usize;
        let crc = crc32fast::hash(&bytes[12..20 + 24 * count]);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
    }
    bytes
}

#[test]
fn a_partition_with_a_block_that_cannot_be_read_is_not_compacted() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = crate::testing::open(&dir);
    for number in 0..10 {
        append(&store, batch(7, &[document(1, number)])).expect("appended");
        seal_all(&store);
    }
    let before = shown(&store);
    // One in the middle.
    blocks(&store)[5].read(|block| Err::<(), _>(block.failed(std::io::Error::other("a test"))));
    assert_eq!(store.compact().expect("nothing to do"), None);
    store.engine.retry_quarantined();
    store.compact().expect("compacted").expect("there is something");
    assert_eq!(shown(&store), before);
}

#[test]
fn a_late_part_waits_for_a_block_of_another_hour() {
    let store = store(&MemDir::default());
    append(&store, batch(7, &[timed(1, 1, 100, Some(101))])).expect("appended");
    seal_all(&store);
    blocks(&store)[0].read(|block| Err::<(), _>(block.failed(std::io::Error::other("a test"))));
    append(&store, batch(7, &[timed(1, 2, 9000, Some(9001))])).expect("appended");
    assert_eq!(seal_all(&store).carried_count, 1);
    store.engine.retry_quarantined();
    seal_all(&store);
    assert_eq!(shown(&store), ["1 1", "1 2"]);
}

const DAY: u64 = 24 * 3600;

#[test]
fn a_clock_that_is_set_back_and_forth_loses_nothing() {
    let dir = MemDir::default();
    let retention = Retention { age: Some(Micros::from_secs(4 * DAY)), ..Retention::default() };
    let options = Options { retention, ..small() };
    let mut expected = Vec::new();
    for (id, day) in [5, 3, 6, 4, 6].into_iter().enumerate() {
        let store = open_at(dir.clone(), day * DAY, options.clone()).expect("a store");
        assert_eq!(store.expire().expect("nothing is old"), 0, "day {day}");
        let id = id as u64;
        append(&store, batch(day * DAY, &[document(id % 2, id)])).expect("appended");
        expected.push(format!("{} {id}", id % 2));
        expected.sort();
        assert_eq!(shown(&store), expected);
        seal_all(&store);
        assert_eq!(shown(&store), expected);
        assert_eq!(store.expire().expect("nothing is old"), 0, "day {day}");
    }
    // A clock that is set forward makes everything old: nothing else knows what time it is.
    let store = open_at(dir, 90 * DAY, options).expect("a store");
    assert_eq!(store.expire().expect("expired"), 5);
    assert_eq!(shown(&store), [""; 0]);
}

#[test]
fn a_trace_that_came_before_the_clock_was_set_back_is_deleted_for_good() {
    let dir = MemDir::default();
    let store = open_at(dir.clone(), 5 * DAY, small()).expect("a store");
    append(&store, batch(5 * DAY, &[document(1, 1), document(2, 2)])).expect("appended");
    seal_all(&store);
    append(&store, batch(5 * DAY, &[document(1, 3), document(3, 4)])).expect("appended");
    drop(store);
    let store = open_at(dir.clone(), 3 * DAY, small()).expect("a store");
    assert!(store.delete(trace_id(1)).expect("deleted"));
    assert!(store.delete(trace_id(3)).expect("deleted"));
    assert_eq!(shown(&store), ["2 2"]);
    drop(store);
    let store = open_at(dir, 3 * DAY, small()).expect("a store");
    assert_eq!(shown(&store), ["2 2"], "after a restart");
}
