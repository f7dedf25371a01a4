//! The log as files: written, torn, damaged, and read back.

use std::sync::Arc;

use insta::assert_snapshot;

use super::frame::{Frame, KIND_BATCHES};
use super::reader::{FILE_HEADER_LEN, FileHeader, VERSION};
use super::*;
use crate::dir::{Dir, Fault, FaultDir, FaultKind, MemDir};
use crate::error::Error;
use crate::names;

/// A file that holds its header and two groups of one letter.
const TWO_GROUPS: u64 = (FILE_HEADER_LEN + 2 * (FRAME_HEADER_LEN + 1)) as u64;

fn read(dir: &dyn Dir, on_damage: OnDamage) -> (Vec<(u64, String)>, Result<Recovered, Error>) {
    read_from(dir, 1, on_damage)
}

fn read_from(
    dir: &dyn Dir,
    first_group: u64,
    on_damage: OnDamage,
) -> (Vec<(u64, String)>, Result<Recovered, Error>) {
    let mut groups = Vec::new();
    let recovered = recover(dir, first_group, on_damage, &mut |group| {
        let payload = String::from_utf8_lossy(group.frame.payload).into_owned();
        groups.push((group.frame.group, payload));
        Ok(())
    });
    (groups, recovered)
}

fn recovered(dir: &dyn Dir) -> Recovered {
    read(dir, OnDamage::Refuse).1.expect("an undamaged log")
}

/// Says what the log holds, and how it would go on.
fn check(dir: &dyn Dir, on_damage: OnDamage) -> String {
    describe(read(dir, on_damage))
}

fn describe((groups, recovered): (Vec<(u64, String)>, Result<Recovered, Error>)) -> String {
    let groups: Vec<String> = groups.iter().map(|(n, payload)| format!("{n}{payload}")).collect();
    match recovered {
        Ok(Recovered {
            next_sequence,
            next_group,
            torn_bytes,
            damage_count,
            skipped_bytes,
            ..
        }) => {
            let groups = groups.join(" ");
            let damage = match damage_count {
                0 => String::new(),
                count => format!("; skipped {count} places, {skipped_bytes} bytes"),
            };
            format!(
                "{groups}; next {next_group} in file {next_sequence}; torn {torn_bytes}{damage}"
            )
        }
        Err(error) => error.to_string(),
    }
}

fn found(dir: &dyn Dir) -> String {
    check(dir, OnDamage::Refuse)
}

fn writer(dir: &(impl Dir + Clone + 'static)) -> Writer {
    Writer::new(Arc::new(dir.clone()), TWO_GROUPS, recovered(dir))
}

fn write(writer: &mut Writer, letters: &str) {
    for letter in letters.chars() {
        writer.append(&[letter.to_string().as_bytes()]).expect("written");
    }
}

/// Returns a log of one letter a group, two groups a file.
fn log(letters: &str) -> MemDir {
    let dir = MemDir::default();
    write(&mut writer(&dir), letters);
    dir
}

fn change(dir: &MemDir, sequence: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let name = names::wal(sequence);
    let mut bytes = dir.bytes(&name).expect("a file of the log");
    change(&mut bytes);
    dir.put(&name, bytes);
}

/// Where the `index`th frame of a file of one-letter groups begins.
fn frame_at(index: usize) -> usize {
    FILE_HEADER_LEN + index * (FRAME_HEADER_LEN + 1)
}

#[test]
fn groups_are_read_back_in_order_over_several_files() {
    assert_snapshot!(found(&log("")), @"; next 1 in file 1; torn 0");
    assert_snapshot!(found(&log("abcde")), @"1a 2b 3c 4d 5e; next 6 in file 4; torn 0");
}

#[test]
fn a_group_larger_than_a_file_has_a_file_of_its_own() {
    let dir = log("a");
    let mut writer = writer(&dir);
    writer.append(&[b"long ", &[b'x'; 40]]).expect("written");
    write(&mut writer, "b");
    assert_snapshot!(found(&dir), @"1a 2long xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 3b; next 4 in file 4; torn 0");
}

#[test]
fn nothing_is_written_before_the_first_append() {
    let dir = log("ab");
    drop(writer(&dir));
    assert_eq!(dir.names().len(), 1);
}

#[test]
fn a_log_torn_at_any_byte_of_its_last_frame_goes_on_after_the_frame_before() {
    for cut in frame_at(1)..frame_at(2) {
        let dir = log("ab");
        change(&dir, 1, |bytes| bytes.truncate(cut));
        let torn = cut - frame_at(1);
        assert_eq!(found(&dir), format!("1a; next 2 in file 2; torn {torn}"), "cut at {cut}");
        let before = dir.bytes(&names::wal(1));
        write(&mut writer(&dir), "cd");
        assert_eq!(read(&dir, OnDamage::Refuse).0.len(), 3, "cut at {cut}");
        assert_eq!(dir.bytes(&names::wal(1)), before, "a torn file is left as it is");
    }
}

#[test]
fn a_file_torn_in_its_header_holds_nothing_and_is_no_damage() {
    for cut in 0..=FILE_HEADER_LEN {
        let dir = log("abc");
        change(&dir, 2, |bytes| bytes.truncate(cut));
        let torn = if cut < FILE_HEADER_LEN { cut } else { 0 };
        assert_eq!(found(&dir), format!("1a 2b; next 3 in file 3; torn {torn}"), "cut at {cut}");
        write(&mut writer(&dir), "de");
        let letters: String = read(&dir, OnDamage::Refuse).0.into_iter().map(|g| g.1).collect();
        assert_eq!(letters, "abde", "cut at {cut}");
    }
}

#[test]
fn every_changed_byte_is_noticed_or_costs_only_the_last_frame() {
    for at in 0..TWO_GROUPS as usize {
        let dir = log("ab");
        change(&dir, 1, |bytes| bytes[at] ^= 0x20);
        let found = found(&dir);
        if at < FILE_HEADER_LEN {
            assert!(found.contains("byte 0: the file's header is damaged"), "{at}: {found}");
        } else if at < frame_at(1) {
            let offset = frame_at(0);
            assert!(found.contains(&format!("byte {offset}: a frame is damaged")), "{at}: {found}");
        } else {
            assert_eq!(found, "1a; next 2 in file 2; torn 22", "{at}");
        }
    }
}

#[test]
fn every_changed_byte_of_an_older_file_is_noticed() {
    for at in 0..TWO_GROUPS as usize {
        let dir = log("abc");
        change(&dir, 1, |bytes| bytes[at] ^= 0x20);
        let found = found(&dir);
        assert!(found.contains("damaged"), "{at}: {found}");
    }
}

#[test]
fn damage_is_skipped_when_asked_and_the_rest_read() {
    let dir = log("abcdef");
    change(&dir, 2, |bytes| bytes[frame_at(0) + 20] ^= 1);
    assert_snapshot!(check(&dir, OnDamage::Refuse), @"read memory/wal/00000000000000000002.wal at byte 32: a frame is damaged, before others that are not; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
    assert_snapshot!(check(&dir, OnDamage::Skip), @"1a 2b 4d 5e 6f; next 7 in file 4; torn 0; skipped 1 places, 22 bytes");
    change(&dir, 1, |bytes| bytes[3] ^= 1);
    assert_snapshot!(check(&dir, OnDamage::Refuse), @"read memory/wal/00000000000000000001.wal at byte 0: the file's header is damaged; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
    assert_snapshot!(check(&dir, OnDamage::Skip), @"1a 2b 4d 5e 6f; next 7 in file 4; torn 0; skipped 2 places, 54 bytes");
}

#[test]
fn a_missing_file_in_the_middle_is_noticed() {
    let dir = log("abcdef");
    dir.remove(&names::wal(2)).expect("removed");
    assert_snapshot!(check(&dir, OnDamage::Refuse), @"read memory/wal/00000000000000000001.wal at byte 76: group 3 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
    assert_snapshot!(check(&dir, OnDamage::Skip), @"1a 2b 5e 6f; next 7 in file 4; torn 0; skipped 1 places, 0 bytes");
}

fn found_from(dir: &dyn Dir, first_group: u64) -> String {
    describe(read_from(dir, first_group, OnDamage::Refuse))
}

#[test]
fn what_is_sealed_is_not_read_and_may_be_gone() {
    let dir = log("abcdef");
    assert_snapshot!(found_from(&dir, 4), @"4d 5e 6f; next 7 in file 4; torn 0");
    dir.remove(&names::wal(1)).expect("removed");
    assert_snapshot!(found_from(&dir, 3), @"3c 4d 5e 6f; next 7 in file 4; torn 0");
    assert_snapshot!(found_from(&dir, 2), @"read memory/wal/00000000000000000002.wal at byte 0: group 2 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
    assert_snapshot!(found_from(&log(""), 8), @"; next 8 in file 1; torn 0");
}

#[test]
fn the_groups_that_a_new_file_was_to_follow_must_be_sealed() {
    let dir = log("abc");
    dir.remove(&names::wal(1)).expect("removed");
    change(&dir, 2, |bytes| bytes.truncate(FILE_HEADER_LEN));
    assert_snapshot!(found_from(&dir, 3), @"; next 3 in file 3; torn 0");
    assert_snapshot!(found_from(&dir, 2), @"read memory/wal/00000000000000000002.wal at byte 32: group 2 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
}

#[test]
fn a_rotated_log_goes_on_in_a_new_file_and_the_old_ones_are_removed() {
    let dir = log("abc");
    let mut writer = writer(&dir);
    write(&mut writer, "d");
    let boundary = writer.rotate();
    assert_eq!(boundary, Boundary { last_group: 4, last_sequence: 3 });
    write(&mut writer, "e");
    writer.remove(boundary).expect("removed");
    assert_eq!(dir.names(), [names::wal(4)]);
    assert_snapshot!(found_from(&dir, 5), @"5e; next 6 in file 5; torn 0");
    let boundary = writer.rotate();
    writer.remove(boundary).expect("removed");
    write(&mut writer, "f");
    assert_snapshot!(found_from(&dir, 6), @"6f; next 7 in file 6; torn 0");
}

#[test]
fn the_last_group_is_not_repeated_once_it_is_sealed() {
    let dir = log("ab");
    let mut writer = writer(&dir);
    let boundary = writer.rotate();
    writer.remove(boundary).expect("removed");
    write(&mut writer, "c");
    assert_snapshot!(found_from(&dir, 3), @"3c; next 4 in file 3; torn 0");
}

#[test]
fn a_file_that_was_cut_while_a_newer_one_has_no_group_is_noticed() {
    let dir = log("abcd");
    change(&dir, 1, |bytes| bytes.truncate(frame_at(1)));
    change(&dir, 2, |bytes| bytes.truncate(FILE_HEADER_LEN));
    assert_snapshot!(found(&dir), @"read memory/wal/00000000000000000001.wal at byte 54: group 2 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
}

#[test]
fn a_file_under_another_name_is_noticed() {
    let dir = log("ab");
    dir.put(&names::wal(7), dir.bytes(&names::wal(1)).expect("a file"));
    assert_snapshot!(found(&dir), @"read memory/wal/00000000000000000007.wal at byte 12: the file's header is that of another file; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let dir = log("ab");
    let header = FileHeader { version: VERSION + 1, sequence: 2, first_group: 3 };
    dir.put(&names::wal(2), header.encode().to_vec());
    assert_snapshot!(found(&dir), @"read memory/wal/00000000000000000002.wal: it is of version 2 of the log's format, and this program knows up to 1; start the program that wrote it");
    assert_snapshot!(check(&dir, OnDamage::Skip), @"read memory/wal/00000000000000000002.wal: it is of version 2 of the log's format, and this program knows up to 1; start the program that wrote it");
}

#[test]
fn other_files_in_the_folder_are_none_of_ours() {
    let dir = log("ab");
    dir.put("wal/notes.txt", b"hello".to_vec());
    assert_snapshot!(found(&dir), @"1a 2b; next 3 in file 2; torn 0");
}

#[test]
fn what_the_disk_held_before_is_not_taken_for_a_later_group() {
    let dir = log("abc");
    let old = [&Frame::header(KIND_BATCHES, 2, &[b"z"])[..], b"z"].concat();
    change(&dir, 2, |bytes| bytes.extend([&[0; 50][..], &old].concat()));
    assert_snapshot!(found(&dir), @"1a 2b 3c; next 4 in file 3; torn 72");
}

#[test]
fn the_first_write_after_a_restart_repeats_the_last_group() {
    let dir = log("ab");
    write(&mut writer(&dir), "c");
    assert_snapshot!(found(&dir), @"1a 2b 3c; next 4 in file 3; torn 22");
    // The restart has read group 2, but the disk never had it whole.
    change(&dir, 1, |bytes| bytes.truncate(frame_at(1) + 5));
    assert_snapshot!(found(&dir), @"1a 2b 3c; next 4 in file 3; torn 5");
}

#[test]
fn many_restarts_without_a_group_in_between_lose_nothing() {
    let dir = log("ab");
    for sequence in 2..6 {
        // The power fails before the repeated group is whole.
        write(&mut writer(&dir), "x");
        change(&dir, sequence, |bytes| bytes.truncate(FILE_HEADER_LEN + 7));
    }
    assert_snapshot!(found(&dir), @"1a 2b; next 3 in file 6; torn 28");
    write(&mut writer(&dir), "c");
    assert_snapshot!(found(&dir), @"1a 2b 3c; next 4 in file 7; torn 50");
}

/// Makes the `call_index`th call of the second append fail, and appends twice more.
fn fail_second_append(call_index: u64, kind: FaultKind) -> (MemDir, Vec<Option<Failure>>) {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let mut writer = writer(&dir);
    write(&mut writer, "a");
    dir.arm(Fault { call_index, call_count: 1, kind });
    let results = ["b", "c", "d"].map(|letter| writer.append(&[letter.as_bytes()]).err());
    (mem, results.into())
}

#[test]
fn after_a_failed_write_the_next_group_goes_to_a_new_file_and_what_is_left_is_void() {
    for kind in [FaultKind::Enospc, FaultKind::Torn, FaultKind::Done] {
        let (dir, results) = fail_second_append(0, kind);
        let failure = results[0].as_ref().expect("the second append fails");
        assert!(!failure.is_final && matches!(failure.error, Error::Write { .. }), "{failure:?}");
        assert!(results[1].is_none() && results[2].is_none(), "{results:?}");
        let letters: String = read(&dir, OnDamage::Refuse).0.into_iter().map(|g| g.1).collect();
        assert_eq!(letters, "acd", "{kind:?}");
    }
}

#[test]
fn a_failed_sync_is_final() {
    let (_, results) = fail_second_append(1, FaultKind::Eio);
    let failure = results[0].as_ref().expect("the second append fails");
    assert!(failure.is_final && matches!(failure.error, Error::Sync { .. }), "{failure:?}");
}

#[test]
fn two_failed_writes_in_a_row_are_final() {
    let dir = FaultDir::new(Arc::new(MemDir::default()));
    let mut writer = writer(&dir);
    write(&mut writer, "a");
    dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::Enospc });
    let first = writer.append(&[b"b"]).expect_err("the disk is full");
    let second = writer.append(&[b"b"]).expect_err("the disk is full");
    assert!(!first.is_final && second.is_final);
    assert_snapshot!(second.error, @"create memory/wal/00000000000000000002.wal");
}
