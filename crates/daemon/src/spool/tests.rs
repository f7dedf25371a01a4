//! The spool on a real disk: what is acknowledged comes out, whatever happens in between.

mod model;

use std::fs::OpenOptions;

use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn open(folder: &Path, bytes_max: u64) -> Spool {
    Spool::open(folder, bytes_max).expect("the spool opens")
}

fn batch(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect()
}

/// Hands out the next batch; its documents joined, and a star when it is repeated.
fn next(spool: &mut Spool) -> Option<(Id, String)> {
    let Taken { id, documents, is_repeated } = spool.next().expect("the spool is read")?;
    let texts: Vec<_> = documents.iter().map(|text| String::from_utf8_lossy(text)).collect();
    Some((id, format!("{}{}", texts.join(","), if is_repeated { "*" } else { "" })))
}

/// Delivers everything that waits.
fn drain(spool: &mut Spool) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((id, text)) = next(spool) {
        spool.done(id).expect("the spool is written");
        texts.push(text);
    }
    texts
}

/// The files with batches, oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let numbers = folder::list(folder).expect("the folder is listed");
    numbers.into_iter().map(|first| folder::path(folder, first)).collect()
}

/// Copies a spool as a crash leaves it: without any of our own goodbyes.
fn crashed(from: &Path) -> TempDir {
    let to = folder();
    for entry in fs::read_dir(from).expect("the folder is listed") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.path().join(entry.file_name())).expect("a copy");
    }
    to
}

#[test]
fn batches_come_out_in_order_and_once() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    assert_eq!(next(&mut spool), None);
    assert_eq!(spool.push(&[batch(&["a", "é"]), batch(&[]), batch(&[""])]).expect("room"), 0);
    assert_eq!(spool.push(&[batch(&["c"])]).expect("room"), 0);
    assert_eq!((spool.waiting().documents, spool.waiting().batches), (4, 3));
    let (first, text) = next(&mut spool).expect("a batch");
    assert_eq!(text, "a,é");
    let (second, text) = next(&mut spool).expect("a batch");
    assert_eq!(text, "");
    spool.back(second);
    spool.back(first);
    spool.back(first);
    assert_eq!(spool.waiting().batches, 3);
    assert_eq!(drain(&mut spool), ["a,é", "", "c"]);
    spool.done(first).expect("nothing to do");
    spool.back(second);
    assert_eq!((next(&mut spool), spool.waiting()), (None, Waiting::default()));
}

#[test]
fn what_is_not_done_comes_again_and_is_marked_if_it_was_handed_out() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    let batches: Vec<_> = ["a", "b", "c", "d"].map(|text| batch(&[text])).into();
    spool.push(&batches).expect("room");
    let ids = [(); 3].map(|()| next(&mut spool).expect("a batch").0);
    spool.done(ids[0]).expect("written");
    spool.done(ids[2]).expect("written");
    let after_kill = crashed(folder.path());
    drop(spool);
    for folder in [folder, after_kill] {
        let mut spool = open(folder.path(), 1 << 20);
        assert_eq!(spool.waiting().documents, 3);
        // The third was done before the second was, which the marks cannot tell.
        assert_eq!(drain(&mut spool), ["b*", "c*", "d"]);
        spool.push(&[batch(&["e"])]).expect("room");
        assert_eq!(drain(&mut spool), ["e"]);
        assert_eq!(spool.damage(), Damage::default());
    }
}

#[test]
fn the_oldest_that_are_not_handed_out_are_dropped_when_it_is_full() {
    let folder = folder();
    let one = record::record_bytes(&batch(&["12345678"])).expect("short");
    let mut spool = open(folder.path(), 3 * one);
    let numbered = |number: u32| batch(&[&format!("{number:08}")]);
    assert_eq!(spool.push(&[numbered(1), numbered(2), numbered(3)]).expect("room"), 0);
    let (first, _) = next(&mut spool).expect("a batch");
    let (second, _) = next(&mut spool).expect("a batch");
    spool.back(second);
    assert_eq!(spool.push(&[numbered(4)]).expect("room"), 1);
    assert_eq!(spool.waiting(), Waiting { documents: 3, bytes: 3 * one, batches: 3 });
    spool.back(first);
    // What can never fit costs nothing else.
    assert_eq!(spool.push(&[batch(&["a", &"b".repeat(200)])]).expect("room"), 2);
    assert_eq!(drain(&mut spool), ["00000001", "00000003", "00000004"]);
}

#[test]
fn a_smaller_bound_holds_from_the_next_push_on() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    spool.push(&["a", "b", "c"].map(|text| batch(&[text]))).expect("room");
    drop(spool);
    let one = record::record_bytes(&batch(&["c"])).expect("short");
    let mut spool = open(folder.path(), one);
    assert_eq!(spool.waiting().documents, 3);
    assert_eq!(spool.push::<Vec<Bytes>>(&[]).expect("nothing to write"), 2);
    assert_eq!(drain(&mut spool), ["c"]);
}

#[test]
fn finished_files_are_removed_and_none_grows_beyond_its_part() {
    let folder = folder();
    let mut spool = open(folder.path(), 8 << 20);
    let large = batch(&[&"x".repeat(300_000)]);
    for _ in 0..12 {
        spool.push(std::slice::from_ref(&large)).expect("room");
    }
    assert_eq!(files(folder.path()).len(), 3);
    let (pinned, _) = next(&mut spool).expect("a batch");
    assert_eq!(drain(&mut spool).len(), 11);
    assert_eq!(files(folder.path()).len(), 1, "the file of the batch that is handed out");
    spool.back(pinned);
    assert_eq!(drain(&mut spool).len(), 1);
    assert_eq!(files(folder.path()).len(), 0);
    spool.push(&[batch(&["a"])]).expect("room");
    assert_eq!(drain(&mut spool), ["a"]);
    assert_eq!(files(folder.path()).len(), 1, "there is room in it for more");
    drop(spool);
    assert_eq!(drain(&mut open(folder.path(), 1 << 20)), [""; 0]);
    assert_eq!(files(folder.path()).len(), 0);
}

#[test]
fn one_folder_has_one_owner() {
    let folder = folder();
    let path = folder.path().join("deep").join("er");
    let _first = open(&path, 1 << 20);
    let Err(error) = Spool::open(&path, 1 << 20) else { panic!("two owners of one folder") };
    let expected = format!("open the spool {}: another daemon uses this folder", path.display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let folder = folder();
    let path = folder.path().join("spool");
    fs::write(&path, "").expect("a file");
    for path in [path.clone(), path.join("below")] {
        let Err(error) = Spool::open(&path, 1 << 20) else { panic!("a file is no folder") };
        assert_eq!(error.to_string(), format!("open the spool {}", path.display()));
    }
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    spool.push(&[batch(&["a"])]).expect("room");
    drop(spool);
    let path = files(folder.path()).remove(0);
    let mut bytes = fs::read(&path).expect("the file");
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..20]).to_le_bytes();
    bytes[20..24].copy_from_slice(&crc);
    fs::write(&path, &bytes).expect("the file is written");
    let Err(error) = Spool::open(folder.path(), 1 << 20) else { panic!("it cannot be known") };
    assert!(error.to_string().contains("version 2"), "{error}");
    assert_eq!(fs::read(&path).expect("the file"), bytes);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_costs_the_push_and_nothing_else() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    let full = folder::path(folder.path(), 1);
    std::os::unix::fs::symlink("/dev/full", &full).expect("a link");
    let error = spool.push(&[batch(&["a"]), batch(&["b"])]).expect_err("there is no room");
    assert_eq!(error.to_string(), format!("write {}: no room is left", full.display()));
    assert_eq!((next(&mut spool), spool.waiting()), (None, Waiting::default()));
    spool.push(&[batch(&["c"])]).expect("there is room again");
    assert_eq!(drain(&mut spool), ["c"]);

    // The same in the middle of a file: what is in it stays, and the next file takes over.
    spool.push(&[batch(&["d"])]).expect("room");
    spool.writer = Some(OpenOptions::new().write(true).open("/dev/full").expect("the device"));
    let before = spool.waiting();
    spool.push(&[batch(&["e"])]).expect_err("there is no room");
    assert_eq!(spool.waiting(), before);
    spool.push(&[batch(&["f"])]).expect("there is room again");
    assert_eq!(drain(&mut open(crashed(folder.path()).path(), 1 << 20)), ["d", "f"]);
    assert_eq!(drain(&mut spool), ["d", "f"]);
}

#[test]
fn what_a_failed_push_left_is_void() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    spool.push(&[batch(&["a"]), batch(&["b"])]).expect("room");
    // As if the second had failed, and could not be cut off.
    let file = spool.files.get_mut(&1).expect("the file");
    let one = record::record_bytes(&batch(&["b"])).expect("short");
    file.end -= one;
    let lost = Waiting { documents: 1, bytes: one, batches: 1 };
    file.unread.subtract(lost);
    spool.waiting.subtract(lost);
    (spool.next_number, spool.writer) = (2, None);
    spool.push(&[batch(&["c"]), batch(&["d"])]).expect("room");
    let left = crashed(folder.path());
    let mut reopened = open(left.path(), 1 << 20);
    assert_eq!(reopened.waiting(), spool.waiting());
    for spool in [&mut spool, &mut reopened] {
        assert_eq!(drain(spool), ["a", "c", "d"]);
    }
}

#[test]
fn a_folder_that_was_removed_is_made_again() {
    let parent = folder();
    let folder = parent.path().join("spool");
    let mut spool = open(&folder, 1 << 20);
    spool.push(&[batch(&["a"])]).expect("room");
    fs::remove_dir_all(&folder).expect("removed");
    spool.push(&[batch(&["b"])]).expect("a new file");
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(drain(&mut spool), ["b"]);
    assert_eq!((spool.damage().lost_documents, spool.waiting()), (1, Waiting::default()));
}

/// What damage does to three batches in one file, and one in the next.
fn damaged(damage: impl FnOnce(&Path, &mut Vec<u8>)) -> (Vec<String>, Damage) {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    spool.push(&["aa", "bb", "cc"].map(|text| batch(&[text]))).expect("room");
    spool.writer = None;
    spool.push(&[batch(&["dd"])]).expect("room");
    drop(spool);
    let path = files(folder.path()).remove(0);
    let mut bytes = fs::read(&path).expect("the file");
    damage(folder.path(), &mut bytes);
    fs::write(&path, &bytes).expect("the file is written");
    let mut spool = open(folder.path(), 1 << 20);
    let texts = drain(&mut spool);
    assert_eq!(spool.waiting(), Waiting::default());
    assert_eq!(files(folder.path()).len(), 0);
    (texts, spool.damage())
}

#[test]
fn damage_costs_what_it_hits_and_is_counted() {
    const HEADER: usize = record::FILE_HEADER_BYTES as usize;
    const RECORD: usize = record::RECORD_HEADER_BYTES as usize + 6;
    let skipped = |skipped_bytes: usize, lost_documents| Damage {
        skipped_bytes: skipped_bytes as u64,
        lost_documents,
        ..Damage::default()
    };
    let flip = |at: usize| move |_: &Path, bytes: &mut Vec<u8>| bytes[at] ^= 0x10;
    assert_eq!(damaged(|_, _| {}), (batch_texts("aa bb cc dd"), Damage::default()));
    assert_eq!(damaged(flip(3)), (batch_texts("aa bb cc dd"), skipped(HEADER, 0)));
    assert_eq!(damaged(flip(HEADER)), (batch_texts("bb cc dd"), skipped(RECORD, 0)));
    assert_eq!(damaged(flip(HEADER + RECORD - 1)), (batch_texts("bb cc dd"), skipped(RECORD, 1)));
    assert_eq!(damaged(flip(HEADER + RECORD + 9)), (batch_texts("aa cc dd"), skipped(RECORD, 0)));
    let last = flip(HEADER + 2 * RECORD + 5);
    assert_eq!(damaged(last), (batch_texts("aa bb dd"), skipped(RECORD, 0)));
    let short = damaged(|_, bytes| bytes.truncate(HEADER + 2 * RECORD + 5));
    assert_eq!(short, (batch_texts("aa bb dd"), skipped(5, 0)));
    let empty = damaged(|_, bytes| bytes.clear());
    assert_eq!(empty, (batch_texts("dd"), Damage::default()));
    let zeros = damaged(|_, bytes| bytes.fill(0));
    assert_eq!(zeros, (batch_texts("dd"), skipped(HEADER + 3 * RECORD, 0)));
    let no_marks = damaged(|folder, _| fs::write(folder.join(MARKS_NAME), "x").expect("written"));
    assert_eq!(no_marks, (batch_texts("aa* bb* cc* dd*"), Damage::default()));
}

#[test]
fn what_a_loss_of_power_leaves_of_a_push_is_cut_off() {
    // The length of a file may be on the disk before its bytes are.
    let one = record::record_bytes(&batch(&["b"])).expect("short") as usize;
    for zeroed_bytes in [1, one - 1, one, 2 * one - 1] {
        let folder = folder();
        let mut spool = open(folder.path(), 1 << 20);
        spool.push(&["a", "b", "c"].map(|text| batch(&[text]))).expect("room");
        drop(spool);
        let path = files(folder.path()).remove(0);
        let mut bytes = fs::read(&path).expect("the file");
        let zeroed_at = bytes.len() - zeroed_bytes;
        bytes[zeroed_at..].fill(0);
        fs::write(&path, &bytes).expect("the file is written");
        let mut spool = open(folder.path(), 1 << 20);
        let torn_count = zeroed_bytes.div_ceil(one);
        let torn_bytes = (torn_count * one) as u64;
        assert_eq!(spool.damage(), Damage { torn_bytes, ..Damage::default() });
        assert_eq!(spool.waiting().batches, 3 - torn_count as u64);
        assert_eq!(drain(&mut spool), ["a", "b", "c"][..3 - torn_count]);
        assert_eq!(spool.damage().lost_documents, 0);
    }
}

fn batch_texts(texts: &str) -> Vec<String> {
    texts.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_file_that_vanishes_while_it_is_read_costs_its_batches() {
    let folder = folder();
    let mut spool = open(folder.path(), 1 << 20);
    spool.push(&["a", "b"].map(|text| batch(&[text]))).expect("room");
    spool.writer = None;
    spool.push(&[batch(&["c"])]).expect("room");
    fs::remove_file(files(folder.path()).remove(0)).expect("removed");
    assert_eq!(drain(&mut spool), ["c"]);
    assert_eq!(spool.damage().lost_documents, 2);
    assert_eq!(spool.waiting(), Waiting::default());
}

#[test]
fn a_record_behind_damage_of_any_length_is_found() {
    for gap in [0, 1, 27, 28, 65_500, 65_508, 65_509, 65_536, 65_564, 200_000] {
        let folder = folder();
        let path = folder.path().join("file");
        let mut bytes = vec![0xF1; gap];
        let mut record = Vec::new();
        record::encode(9, &batch(&["a", "b"]), &mut record);
        bytes.extend(&record);
        fs::write(&path, &bytes).expect("written");
        let file = File::open(&path).expect("the file");
        let (gap, end) = (gap as u64, bytes.len() as u64);
        let found = record::find(&file, 0, end, 9).expect("read").expect("a record");
        assert_eq!((found.offset, found.header.number), (gap, 9));
        let documents = record::read(&file, found.offset, found.header).expect("read");
        assert_eq!(documents, Some(batch(&["a", "b"])));
        assert_eq!(record::find(&file, 0, end, 10).expect("read"), None, "an older record");
        assert_eq!(record::find(&file, 0, end - 1, 9).expect("read"), None, "a cut record");
    }
}
