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
fn a_file_is_published_whole_and_once() {
    on_each_dir(|dir| {
        dir.publish("manifest/log/1", b"whole").expect("published");
        assert_eq!(kind(dir.publish("manifest/log/1", b"other")), Some(ErrorKind::AlreadyExists));
        assert_eq!(dir.read("manifest/log/1", 0, 9).expect("read"), b"whole");
        dir.publish("top", b"").expect("published");
        assert_eq!(dir.read("top", 0, 9).expect("read"), b"");
        dir.sync_folder("manifest/log").expect("synced");
        assert_eq!(kind(dir.sync_folder("manifest/none")), Some(ErrorKind::NotFound));
        assert_eq!(dir.list("tmp").expect("listed"), []);
        dir.remove("manifest/log/1").expect("removed");
        dir.publish("manifest/log/1", b"again").expect("the name is free");
    });
}

#[test]
fn a_folder_is_published_whole_and_once_and_removed_with_all_it_has() {
    on_each_dir(|dir| {
        let file = |name, bytes| NewFile { name, bytes };
        let files = [file("b", &b"two"[..]), file("a", b"1")];
        dir.publish_folder("blocks/h/x", &files).expect("published");
        dir.publish_folder("blocks/h/y", &files[..1]).expect("published");
        let again = dir.publish_folder("blocks/h/x", &files[..1]);
        assert_eq!(kind(again), Some(ErrorKind::AlreadyExists));
        let entry = |name: &str, len| Entry { name: name.to_owned(), len };
        assert_eq!(dir.list("blocks/h/x").expect("listed"), [entry("a", 1), entry("b", 3)]);
        assert_eq!(dir.list("blocks/h").expect("listed"), [], "folders are no files");
        assert_eq!(dir.folders("blocks/h").expect("listed"), ["x", "y"]);
        assert_eq!(dir.folders("blocks").expect("listed"), ["h"]);
        assert_eq!(dir.folders("blocks/h/x").expect("listed"), [""; 0]);
        assert_eq!(dir.folders("none").expect("listed"), [""; 0]);
        assert_eq!(dir.folders("tmp").expect("listed"), [""; 0]);
        dir.remove_folder("blocks/h/x").expect("removed");
        assert_eq!(dir.folders("blocks/h").expect("listed"), ["y"]);
        assert_eq!(kind(dir.remove_folder("blocks/h/x")), Some(ErrorKind::NotFound));
        assert_eq!(kind(dir.read("blocks/h/x/a", 0, 9)), Some(ErrorKind::NotFound));
        assert_eq!(dir.read("blocks/h/y/b", 0, 9).expect("read"), b"two");
    });
}

#[test]
fn of_many_who_publish_one_name_one_wins() {
    on_each_dir(|dir| {
        let tries: Vec<_> = std::thread::scope(|scope| {
            let publish =
                |number: u8| scope.spawn(move || dir.publish("log/1", &[number; 9]).is_ok());
            let threads: Vec<_> = (0..8).map(publish).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let won: Vec<usize> = (0..8).filter(|number| tries[*number]).collect();
        let bytes = dir.read("log/1", 0, 99).expect("read");
        assert_eq!(won.len(), 1, "{tries:?}");
        assert_eq!(bytes, [won[0] as u8; 9]);
    });
}

#[test]
fn a_published_name_that_was_not_synced_may_be_lost_and_a_synced_one_stays() {
    let mut lost_count = 0;
    for seed in 0..64 {
        let dir = MemDir::default();
        dir.put_unsynced("log/1", b"one".to_vec());
        dir.sync_folder("log").expect("synced");
        dir.put_unsynced("log/2", b"two".to_vec());
        dir.crash(seed);
        assert_eq!(dir.bytes("log/1").as_deref(), Some(&b"one"[..]));
        lost_count += usize::from(dir.bytes("log/2").is_none());
    }
    assert!((10..54).contains(&lost_count), "lost {lost_count} of 64");
}

#[test]
fn publishing_fails_as_it_is_told_to() {
    let inner = MemDir::default();
    let dir = FaultDir::new(Arc::new(inner.clone()));
    let arm = |kind| dir.arm(Fault { call_index: 0, call_count: 1, kind });
    let files = [NewFile { name: "a", bytes: b"1234" }, NewFile { name: "b", bytes: b"5" }];

    arm(FaultKind::Enospc);
    assert_eq!(kind(dir.publish("log/1", b"1234")), Some(ErrorKind::StorageFull));
    arm(FaultKind::Eio);
    dir.publish_folder("blocks/1", &files).expect_err("not done");
    assert_eq!(inner.names(), [""; 0]);
    assert_eq!(dir.hit().as_deref(), Some("publish blocks/1"));

    arm(FaultKind::Torn);
    dir.publish("log/1", b"1234").expect_err("half done");
    arm(FaultKind::Torn);
    dir.publish_folder("blocks/1", &files).expect_err("half done");
    assert_eq!(inner.names(), ["tmp/blocks-1.4/a", "tmp/log-1.3"]);
    assert_eq!(inner.bytes("tmp/log-1.3").expect("half a file"), b"12");

    arm(FaultKind::Done);
    dir.publish("log/1", b"1234").expect_err("done");
    arm(FaultKind::Done);
    dir.publish_folder("blocks/1", &files).expect_err("done");
    assert_eq!(inner.names()[..3], ["blocks/1/a", "blocks/1/b", "log/1"]);

    arm(FaultKind::Torn);
    dir.remove_folder("blocks/1").expect_err("half done");
    assert_eq!(inner.names()[..2], ["blocks/1/b", "log/1"]);

    arm(FaultKind::SyncLie);
    dir.publish("log/2", &[7; 400]).expect("so it says");
    inner.crash(1);
    assert_ne!(inner.bytes("log/2"), Some(vec![7; 400]));
}

#[test]
fn what_an_earlier_process_left_is_no_hindrance() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = DiskDir::open(folder.path()).expect("a directory");
    let path = dir.free_path("log/1", "7-0").expect("nothing was there");
    assert_eq!(path, folder.path().join("tmp/log-1.7-0"));
    std::fs::write(&path, b"left").expect("written");
    assert_eq!(dir.free_path("log/1", "7-0").expect("freed"), path);
    assert!(!path.exists());
    std::fs::create_dir_all(path.join("a")).expect("created");
    dir.free_path("log/1", "7-0").expect("freed");
    assert!(!path.exists());
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

#[test]
fn an_open_file_is_read_in_place_even_when_it_was_removed() {
    on_each_dir(|dir| {
        assert_eq!(kind(dir.open("blocks/a").map(drop)), Some(ErrorKind::NotFound));
        dir.publish("blocks/a", b"one two").expect("published");
        let file = dir.open("blocks/a").expect("opened");
        assert_eq!(file.byte_count(), 7);
        assert_eq!(&file.read_at(4, 3).expect("read")[..], b"two");
        assert_eq!(&file.read_at(7, 0).expect("read")[..], b"");
        assert_eq!(kind(file.read_at(4, 4)), Some(ErrorKind::UnexpectedEof));
        assert_eq!(kind(file.read_at(u64::MAX, 1)), Some(ErrorKind::UnexpectedEof));
        dir.remove("blocks/a").expect("removed");
        assert_eq!(&file.read_at(0, 3).expect("read")[..], b"one");
    });
}
