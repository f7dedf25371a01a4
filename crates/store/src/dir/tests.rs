//! The contract of [`Dir`], for the real directory and for the one in memory; and what the two
//! directories for tests promise beyond it.

use std::io::ErrorKind;
use std::sync::Arc;

use super::*;

/// Runs `check` on an empty directory of each kind.
fn on_each_dir(check: impl Fn(&dyn Dir)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(&DiskDir::open(folder.path().join("new")).expect("a directory"));
    check(&MemDir::default());
    check(&FaultDir::new(Arc::new(MemDir::default())));
}

fn kind<T>(result: io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn what_was_appended_is_read_back() {
    on_each_dir(|dir| {
        let mut file = dir.create_new("wal/a").expect("created");
        file.append(&[b"", b"one ", b"", b"two"]).expect("appended");
        file.append(&[]).expect("appended");
        file.append(&[b" three"]).expect("appended");
        file.sync().expect("synced");
        assert_eq!(dir.read("wal/a", 0, u64::MAX).expect("read"), b"one two three");
        assert_eq!(dir.read("wal/a", 4, 3).expect("read"), b"two");
        assert_eq!(dir.read("wal/a", 99, 3).expect("read"), b"");
    });
}

#[test]
fn more_parts_than_one_system_call_takes_are_all_written() {
    on_each_dir(|dir| {
        let numbers: Vec<[u8; 4]> = (0..5000_u32).map(u32::to_be_bytes).collect();
        let parts: Vec<&[u8]> = numbers.iter().map(<[u8; 4]>::as_slice).collect();
        dir.create_new("wal/a").expect("created").append(&parts).expect("appended");
        assert_eq!(dir.read("wal/a", 0, u64::MAX).expect("read"), numbers.concat());
    });
}

#[test]
fn a_file_is_created_once() {
    on_each_dir(|dir| {
        dir.create_new("wal/a").expect("created").append(&[b"kept"]).expect("appended");
        assert_eq!(kind(dir.create_new("wal/a")), Some(ErrorKind::AlreadyExists));
        assert_eq!(dir.read("wal/a", 0, 9).expect("read"), b"kept");
    });
}

#[test]
fn files_are_listed_by_name_and_removed() {
    on_each_dir(|dir| {
        assert_eq!(dir.list("wal").expect("listed"), []);
        for name in ["wal/b", "wal/a", "top"] {
            dir.create_new(name).expect("created").append(&[b"12"]).expect("appended");
        }
        let entry = |name: &str| Entry { name: name.to_owned(), len: 2 };
        assert_eq!(dir.list("wal").expect("listed"), [entry("a"), entry("b")]);
        dir.remove("wal/a").expect("removed");
        assert_eq!(dir.list("wal").expect("listed"), [entry("b")]);
        assert_eq!(kind(dir.remove("wal/a")), Some(ErrorKind::NotFound));
        assert_eq!(kind(dir.read("wal/a", 0, 9)), Some(ErrorKind::NotFound));
    });
}

#[test]
fn a_directory_has_one_holder_at_a_time() {
    on_each_dir(|dir| {
        let lock = dir.lock().expect("free");
        assert_eq!(kind(dir.lock()), Some(ErrorKind::WouldBlock));
        drop(lock);
        drop(dir.lock().expect("free again"));
    });
}

#[test]
fn two_openings_of_one_folder_exclude_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = DiskDir::open(folder.path()).expect("a directory");
    let second = DiskDir::open(folder.path()).expect("a directory");
    let _lock = first.lock().expect("free");
    assert_eq!(kind(second.lock()), Some(ErrorKind::WouldBlock));
}

#[test]
fn a_crash_keeps_what_was_synced_and_tears_the_rest() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let dir = MemDir::default();
        let mut file = dir.create_new("wal/a").expect("created");
        file.append(&[&[1; 40]]).expect("appended");
        file.sync().expect("synced");
        file.append(&[&[2; 60]]).expect("appended");
        dir.crash(seed);
        let bytes = dir.bytes("wal/a").expect("its name was durable");
        assert_eq!(&bytes[..40], [1; 40], "seed {seed}");
        outcomes.insert(bytes);
        assert_eq!(kind(file.append(&[b"late"])), Some(ErrorKind::Other));
    }
    assert!(outcomes.len() > 50, "only {} ways to be torn", outcomes.len());
}

#[test]
fn the_armed_calls_fail_and_no_others() {
    let inner = MemDir::default();
    let dir = FaultDir::new(Arc::new(inner.clone()));
    let mut file = dir.create_new("wal/a").expect("created");
    dir.arm(Fault { call_index: 1, call_count: 2, kind: FaultKind::Enospc });
    file.append(&[b"1"]).expect("before the fault");
    assert_eq!(kind(file.append(&[b"2"])), Some(ErrorKind::StorageFull));
    assert_eq!(kind(file.sync()), Some(ErrorKind::StorageFull));
    file.append(&[b"3"]).expect("after the fault");
    assert_eq!(inner.bytes("wal/a").expect("a file"), b"13");

    dir.arm(Fault { call_index: 0, call_count: 1, kind: FaultKind::Torn });
    file.append(&[b"ab", b"cd"]).expect_err("torn");
    assert_eq!(inner.bytes("wal/a").expect("a file"), b"13ab");

    dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::Torn });
    assert!(dir.create_new("wal/b").is_err());
    assert_eq!(inner.bytes("wal/b").expect("half created"), b"");
    dir.disarm();
    assert_eq!(dir.call_count(), 7);
}
