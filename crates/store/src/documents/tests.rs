//! Documents as files: written, read back, failed, torn, damaged.

use std::error::Error as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::dir::{DiskDir, Fault, FaultDir, FaultKind, MemDir};
use crate::testing::{cases, fault};

fn open(dir: &(impl Dir + Clone + 'static)) -> Result<Documents, Error> {
    Documents::open(Arc::new(dir.clone()), "control")
}

fn opened(dir: &(impl Dir + Clone + 'static)) -> Documents {
    open(dir).unwrap_or_else(|error| panic!("{error}: {:?}", error.source()))
}

/// Returns the text of a document, `-` when there is none.
fn text(documents: &Documents, name: &str) -> String {
    documents.read(name).map_or("-".to_owned(), |bytes| String::from_utf8(bytes).expect("text"))
}

#[test]
fn what_was_written_last_is_read_and_the_version_before_is_kept() {
    let dir = MemDir::default();
    let documents = opened(&dir);
    assert_eq!(documents.read("groups"), None);
    for state in ["1", "2", r#"{"three":3}"#] {
        documents.write("groups", state.as_bytes()).expect("written");
        assert_eq!(text(&documents, "groups"), state);
    }
    documents.write("policies", b"[]").expect("written");
    assert_snapshot!(dir.names().join(" "), @"control/groups-0000000002.json control/groups-0000000003.json control/policies-0000000001.json");
    let again = opened(&dir);
    assert_eq!(
        (text(&again, "groups"), text(&again, "policies")),
        (r#"{"three":3}"#.into(), "[]".into())
    );
    again.write("groups", b"4").expect("written");
    assert_eq!(text(&opened(&dir), "groups"), "4");
}

#[test]
fn a_file_is_json_with_a_checksum() {
    let dir = MemDir::default();
    opened(&dir).write("groups", br#"{"Groups":[]}"#).expect("written");
    let bytes = dir.bytes("control/groups-0000000001.json").expect("a file");
    assert_snapshot!(String::from_utf8(bytes).expect("text"), @r#"{"crc32":"b2ba290b","version":1,"document":"groups","number":1,"state":{"Groups":[]}}"#);
}

/// Whatever else a later version may read, it reads this file.
#[test]
fn a_file_of_the_first_version_is_read_for_ever() {
    let file = include_bytes!("../../fixtures/document-v1.json");
    let dir = MemDir::default();
    dir.put("control/groups-0000000001.json", file.to_vec());
    assert_eq!(text(&opened(&dir), "groups"), r#"{"Groups":[]}"#);
    assert_eq!(codec::encode("groups", 1, br#"{"Groups":[]}"#), file);
}

#[test]
fn every_changed_byte_is_noticed_and_the_message_names_the_file() {
    let dir = MemDir::default();
    opened(&dir).write("groups", br#"{"Groups":[]}"#).expect("written");
    let name = "control/groups-0000000001.json";
    let bytes = dir.bytes(name).expect("a file");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        for damaged in [changed, bytes[..at].to_vec()] {
            dir.put(name, damaged);
            let error = open(&dir).err().expect("a damaged file");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    dir.put(name, [bytes.as_slice(), b" "].concat());
    assert_snapshot!(open(&dir).err().expect("a longer file"), @"read memory/control/groups-0000000001.json: it is cut short or fails its checksum; restore the file from a copy, or remove it to go on with the version before it");
    dir.put("control/groups-0000000002.json", bytes);
    assert_snapshot!(open(&dir).err().expect("a renamed file"), @"read memory/control/groups-0000000002.json: it is the file of another document or another version; restore the file from a copy, or remove it to go on with the version before it");
}

#[test]
fn without_the_damaged_file_the_version_before_counts() {
    let dir = MemDir::default();
    let documents = opened(&dir);
    documents.write("groups", b"1").expect("written");
    documents.write("groups", b"2").expect("written");
    dir.put("control/groups-0000000002.json", b"rubbish".to_vec());
    assert!(open(&dir).is_err());
    dir.remove("control/groups-0000000002.json").expect("removed");
    assert_eq!(text(&opened(&dir), "groups"), "1");
}

#[test]
fn a_newer_format_is_refused_as_such() {
    let dir = MemDir::default();
    let rest = r#"","version":2,"else":7}"#;
    let file = format!(r#"{{"crc32":"{:08x}{rest}"#, crc32fast::hash(rest.as_bytes()));
    dir.put("control/groups-0000000001.json", file.into_bytes());
    assert_snapshot!(open(&dir).err().expect("a newer file"), @"read memory/control/groups-0000000001.json: it is of version 2 of the format of documents, and this program knows up to 1; start the program that wrote it");
}

#[test]
fn files_that_are_no_documents_are_left_alone() {
    let dir = MemDir::default();
    for name in ["control/notes.txt", "control/groups-1.json", "control/groups-0000000001.json.bak"]
    {
        dir.put(name, b"rubbish".to_vec());
    }
    let documents = opened(&dir);
    documents.write("groups", b"1").expect("written");
    assert_eq!(dir.names().len(), 4);
}

#[test]
fn a_document_that_is_too_large_is_not_written() {
    let dir = MemDir::default();
    let documents = opened(&dir);
    let error = documents.write("groups", &vec![b' '; DOCUMENT_BYTES_MAX + 1]);
    assert_snapshot!(error.expect_err("too large"), @"write 67108865 bytes to memory/control/groups-0000000001.json: at most 67108864 are taken");
    assert_eq!(dir.names(), Vec::<String>::new());
}

#[test]
fn a_disk_that_is_one_keeps_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = || Arc::new(DiskDir::open(folder.path()).expect("a directory"));
    let documents = Documents::open(dir(), "control").expect("nothing there");
    documents.write("groups", b"1").expect("written");
    documents.write("groups", b"2").expect("written");
    assert_eq!(text(&Documents::open(dir(), "control").expect("two files"), "groups"), "2");
}

#[test]
fn a_version_that_another_process_wrote_is_not_overwritten() {
    let dir = MemDir::default();
    let (one, other) = (opened(&dir), opened(&dir));
    one.write("groups", b"1").expect("written");
    other.write("groups", b"2").expect_err("the name is taken");
    assert_eq!(text(&opened(&dir), "groups"), "1");
}

#[test]
fn what_another_process_wrote_since_is_noticed() {
    let dir = MemDir::default();
    let (one, other) = (opened(&dir), opened(&dir));
    other.check_newest().expect("nothing was written");
    one.write("groups", b"1").expect("written");
    one.check_newest().expect("it was written here");
    assert_snapshot!(other.check_newest().expect_err("written elsewhere"), @"go on with memory/control/groups-0000000001.json: another process changed it meanwhile; start again");
    let other = opened(&dir);
    other.check_newest().expect("it was read");
    one.write("groups", b"2").expect("written");
    other.check_newest().expect_err("written elsewhere");
}

#[test]
fn a_name_that_was_not_durable_is_made_so_before_it_is_used() {
    for seed in 0..16 {
        let dir = MemDir::default();
        let file = codec::encode("groups", 1, b"1");
        dir.put_unsynced("control/groups-0000000001.json", file);
        let documents = opened(&dir);
        dir.crash(seed);
        assert_eq!(text(&documents, "groups"), text(&opened(&dir), "groups"), "seed {seed}");
    }
}

#[test]
fn a_disk_that_lies_about_syncing_leaves_an_old_version_or_a_message() {
    for seed in 0..64 {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        let documents = opened(&dir);
        documents.write("groups", b"1").expect("written");
        dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::SyncLie });
        documents.write("groups", b"2").expect("so the disk says");
        mem.crash(seed);
        match open(&mem) {
            Ok(documents) => assert!(["1", "2"].contains(&&*text(&documents, "groups"))),
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "{error}"),
        }
    }
}

/// One step in the life of a document.
#[derive(Clone, Debug)]
enum Step {
    Write(u32),
    Fail(Fault),
    Heal,
    Crash(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<u32>().prop_map(Step::Write),
        2 => fault().prop_map(Step::Fail),
        1 => Just(Step::Heal),
        2 => any::<u64>().prop_map(Step::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(128, 4096)))]

    /// What is read is what was last acknowledged, or a later attempt that failed.
    #[test]
    fn an_acknowledged_change_survives_faults_and_crashes(steps in prop::collection::vec(step(), 1..40)) {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        let mut documents = opened(&dir);
        let mut acknowledged = "-".to_owned();
        let mut failed = BTreeSet::new();
        for step in steps {
            match step {
                Step::Write(number) => {
                    let state = number.to_string();
                    match documents.write("d", state.as_bytes()) {
                        Ok(()) => {
                            acknowledged = state;
                            failed.clear();
                        }
                        Err(_) => {
                            failed.insert(state);
                        }
                    }
                    prop_assert_eq!(&text(&documents, "d"), &acknowledged);
                }
                Step::Fail(fault) => dir.arm(fault),
                Step::Heal => dir.disarm(),
                Step::Crash(seed) => {
                    dir.disarm();
                    mem.crash(seed);
                    documents = opened(&dir);
                    let found = text(&documents, "d");
                    prop_assert!(found == acknowledged || failed.contains(&found), "{}", found);
                    acknowledged = found;
                    failed.clear();
                }
            }
        }
        // The newest, the one before it, and what could not be removed meanwhile.
        dir.disarm();
        documents.write("d", b"0").expect("written");
        documents.write("d", b"1").expect("written");
        prop_assert_eq!(mem.names().iter().filter(|name| name.starts_with("control/")).count(), 2);
    }
}
