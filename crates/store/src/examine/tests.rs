//! What is found in directories that are whole, and in those that are not.

use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::{ManualClock, Micros, TraceId};

use super::*;
use crate::NoRollup;
use crate::dir::MemDir;
use crate::seal::Seal;
use crate::testing::{append, batch, canonical, document, ids, open, small, timed, trace_id};

/// A store with a block in each of two hours, a newer version of one trace, a deleted trace, and
/// a log.
fn directory() -> MemDir {
    let dir = MemDir::default();
    let store = open(&dir);
    let later = timed(5, 50, 4000, Some(4001));
    append(&store, batch(0, &[document(9, 90)])).expect("appended");
    let first = [document(1, 10), document(2, 20), document(3, 30), later];
    append(&store, batch(7, &first)).expect("appended");
    store.seal(Seal::All).expect("sealed");
    store.delete(trace_id(9)).expect("deleted");
    append(&store, batch(8, &[document(1, 11)])).expect("appended");
    store.seal(Seal::All).expect("sealed");
    append(&store, batch(9, &[document(2, 21), document(2, 20), document(4, 40)]))
        .expect("appended");
    dir
}

fn examine(dir: &MemDir) -> Examination {
    Examination::open(Arc::new(dir.clone()))
}

/// Returns what is exported, a line for each trace, and what was lost.
fn exported(dir: &MemDir, wanted: &Wanted) -> (Vec<String>, Exported) {
    let mut lines = Vec::new();
    let done = examine(dir).export(wanted, &mut |trace| {
        let id = |document: &crate::StoredDocument| {
            let segment = wire::Segment::parse(document.text()).expect("a document");
            format!("{}@{}", segment.id.0, document.received.seconds())
        };
        let ids: Vec<String> = trace.documents.iter().map(id).collect();
        lines.push(format!("{}: {}", trace.id.0[15], ids.join(" ")));
        Ok::<(), ()>(())
    });
    (lines, done.expect("nobody refuses a trace"))
}

/// What is in the directory.
const ALL: &str = "1: 10@7 11@8, 2: 20@7 21@9, 3: 30@7, 4: 40@9, 5: 50@7";

/// Returns the name of a block's file, by hour.
fn file(dir: &MemDir, hour: &str, name: &str) -> String {
    let names = dir.names();
    let mut found = names.into_iter().filter(|one| one.contains(hour) && one.ends_with(name));
    found.next().expect("the file is there")
}

/// Changes one bit of a file.
fn flip(dir: &MemDir, name: &str, at: usize) {
    let mut bytes = dir.bytes(name).expect("the file is there");
    bytes[at] ^= 1;
    dir.put(name, bytes);
}

/// Returns all flaws as text: of the manifest, the log and the blocks.
fn flaws(dir: &MemDir) -> Vec<String> {
    let examination = examine(dir);
    let mut flaws = examination.manifest_flaws();
    flaws.extend(examination.check_log().flaws);
    let entries: Vec<_> = examination.state().blocks().cloned().collect();
    flaws.extend(entries.iter().flat_map(|entry| examination.check_block(entry).flaws));
    let text = |flaw: &Flaw| {
        let path = flaw.path.display().to_string();
        let name = path.rsplit('/').next().unwrap_or_default();
        format!("{name} {:?} {} ({:?})", flaw.offset, flaw.what, flaw.advice)
    };
    flaws.iter().map(text).collect()
}

#[test]
fn what_is_whole_has_no_flaw_and_is_exported_whole() {
    let dir = directory();
    assert_eq!(flaws(&dir), [""; 0]);
    let (lines, done) = exported(&dir, &Wanted::default());
    assert_eq!(lines.join(", "), ALL);
    assert_eq!((done.trace_count, done.document_count, done.lost_trace_count), (5, 7, 0));
    let examination = examine(&dir);
    assert_eq!(examination.orphans().expect("listed"), []);
    assert_eq!(examination.void_traces().values().sum::<u64>(), 2, "of 1 and of 9");
    let store = open(&dir);
    store.seal(Seal::All).expect("sealed");
    while store.compact().expect("compacted").is_some() {}
    drop(store);
    assert_eq!(exported(&dir, &Wanted::default()).0.join(", "), ALL, "once all is sealed");
    assert_eq!(flaws(&dir), [""; 0]);
}

#[test]
fn documents_are_exported_as_they_are_given_back() {
    let dir = directory();
    let mut texts = Vec::new();
    let wanted = Wanted { trace: Some(trace_id(1)), ..Wanted::default() };
    let done = examine(&dir).export(&wanted, &mut |trace| {
        texts.extend(trace.documents.iter().map(|one| canonical(one.text())));
        Ok::<(), ()>(())
    });
    assert_eq!(texts, [document(1, 10), document(1, 11)]);
    assert_eq!(done.expect("nobody refuses").trace_count, 1);
}

#[test]
fn only_what_is_wanted_is_exported() {
    let dir = directory();
    let lines = |from: Option<u64>, until: Option<u64>, trace: Option<TraceId>| {
        let (from, until) = (from.map(Micros::from_secs), until.map(Micros::from_secs));
        exported(&dir, &Wanted { from, until, trace }).0.join(", ")
    };
    assert_eq!(lines(Some(101), None, None), "5: 50@7");
    assert_eq!(lines(Some(100), Some(4000), None), "1: 10@7 11@8, 2: 20@7 21@9, 3: 30@7, 4: 40@9");
    assert_eq!(lines(None, None, Some(trace_id(2))), "2: 20@7 21@9");
    assert_eq!(lines(Some(4000), None, Some(trace_id(2))), "");
    assert_eq!(lines(None, None, Some(trace_id(9))), "", "it was deleted");
}

#[test]
fn every_changed_byte_of_a_block_is_found_in_its_file() {
    let whole = directory();
    let names: Vec<String> =
        whole.names().into_iter().filter(|name| name.contains("1970010101")).collect();
    assert_eq!(names.len(), 4);
    for name in names {
        let len = whole.bytes(&name).expect("the file is there").len();
        for at in (0..len).step_by(97).chain([len - 1]) {
            let dir = MemDir::default();
            for other in whole.names() {
                dir.put(&other, whole.bytes(&other).expect("the file is there"));
            }
            flip(&dir, &name, at);
            let flaws = flaws(&dir);
            let last = name.rsplit('/').next().expect("a name");
            let is_there = flaws.iter().any(|flaw| flaw.starts_with(last));
            assert!(is_there, "{name} at {at}: {flaws:?}");
            let (lines, _) = exported(&dir, &Wanted::default());
            assert!(
                lines.join(", ").starts_with(ALL.strip_suffix(", 5: 50@7").expect("it ends so"))
            );
        }
    }
}

#[test]
fn a_flaw_says_where_and_what_to_do() {
    let dir = directory();
    flip(&dir, &file(&dir, "1970010101", "segments.parquet"), 9);
    assert_snapshot!(flaws(&dir).join("\n"), @"segments.parquet Some(0) the part that begins at byte 0 does not match its checksum (RestoreBlock)");
    let (lines, done) = exported(&dir, &Wanted::default());
    assert_eq!(lines.join(", "), ALL.replace(", 5: 50@7", ""));
    assert_eq!((done.lost_trace_count, done.flaws.len()), (1, 1));
    let name = file(&dir, "1970010101", "segments.parquet");
    let (bytes, wal) = (dir.bytes(&name).expect("it is there"), file(&dir, "wal", ".wal"));
    dir.put(&name, bytes[1..].to_vec());
    assert_snapshot!(flaws(&dir).join("\n"), @"segments.parquet None the file has 4222 bytes, and the manifest says 4223 (RestoreBlock)");
    crate::Dir::remove(&dir, &name).expect("removed");
    assert_snapshot!(flaws(&dir).join("\n"), @"segments.parquet None the file is missing (RestoreBlock)");
    flip(&dir, &wal, 3);
    assert_snapshot!(flaws(&dir).join("\n"), @r"
    00000000000000000004.wal Some(0) the file's header is damaged (RestoreLog)
    segments.parquet None the file is missing (RestoreBlock)
    ");
    flip(&dir, &wal, 3);
    flip(&dir, &file(&dir, "manifest/log", "1.rec"), 30);
    assert_eq!(flaws(&dir).len(), 1, "no group is missed that a block may have");
    assert_snapshot!(flaws(&dir)[0], @"00000000000000000001.rec None it is cut short or fails its checksum, and later ones build on it (RestoreManifest)");
}

#[test]
fn the_log_is_told_by_its_files() {
    let files = examine(&directory()).log_files().expect("listed");
    let told =
        files.iter().map(|file| format!("{} {:?} {}", file.name, file.groups, file.other_bytes));
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"wal/00000000000000000004.wal Some(4..=4) 0");
}

#[test]
fn a_block_is_described_by_its_columns() {
    let dir = directory();
    let examination = examine(&dir);
    let entry = examination.state().blocks().next().expect("a block");
    let detail = examination.describe(entry);
    assert_eq!(detail.flaws, []);
    for (columns, name) in
        [(&detail.segments, "segments.parquet"), (&detail.traces, "traces.parquet")]
    {
        let bytes: u64 = columns.iter().map(|column| column.bytes).sum();
        let file = entry.files.iter().find(|file| file.name == name).expect("a file");
        assert!(bytes > 0 && bytes < file.bytes, "{name}");
    }
    assert!(detail.segments.iter().any(|column| column.name == "trace_id"));
    let sections: Vec<&str> = detail.sections.iter().map(|part| part.name).collect();
    assert_eq!(sections.join(", "), "trace filter, trace table, token filters, zones, late traces");
}

#[test]
fn tables_are_copied_and_made_of_the_log() {
    let dir = directory();
    let examination = examine(&dir);
    let wanted = Wanted { trace: Some(trace_id(5)), ..Wanted::default() };
    let entries: Vec<_> = examination.state().blocks().cloned().collect();
    let of_five: Vec<_> =
        entries.iter().filter(|entry| examination.may_have(entry, &wanted)).collect();
    assert_eq!(of_five.len(), 1);
    let mut copied: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let flaws = examination.copy_tables(of_five[0], &mut |name, bytes| {
        copied.entry(name).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    assert_eq!(flaws, Ok(Vec::new()));
    for (name, bytes) in copied {
        assert_eq!(dir.bytes(&format!("{}/{name}", of_five[0].folder())), Some(bytes));
    }
    let log = examination.log_tables(&Wanted::default()).expect("made");
    assert_eq!((log.trace_count, log.files.len(), log.flaws.len()), (2, 2, 0));
}

#[test]
fn a_directory_with_nothing_in_it_is_no_error() {
    let dir = MemDir::default();
    let examination = examine(&dir);
    assert_eq!(examination.state().blocks().len(), 0);
    assert_eq!(examination.log_files().expect("listed"), []);
    assert_eq!(flaws(&dir), [""; 0]);
    assert_eq!(dir.names(), [""; 0], "nothing was made");
}

/// What may happen to a store.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A document comes: its trace, its id, the second of its start, whether it is finished.
    Append(u64, u64, u64, bool),
    Seal(Seal),
    Compact,
    Delete(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let start = prop_oneof![3 => Just(100), 1 => Just(4000)];
    prop_oneof![
        8 => (0_u64..4, 0_u64..6, start, any::<bool>())
            .prop_map(|(trace, id, start, is_finished)| Act::Append(trace, id, start, is_finished)),
        3 => prop_oneof![Just(Seal::Idle), Just(Seal::Most), Just(Seal::All)].prop_map(Act::Seal),
        1 => Just(Act::Compact),
        1 => (0_u64..4).prop_map(Act::Delete),
    ]
}

fn perform(store: &crate::Store, at: u64, act: Act) {
    match act {
        Act::Append(trace, id, start, is_finished) => {
            let document = timed(trace, id, start, is_finished.then_some(start + 1));
            append(store, batch(at, &[document])).expect("appended");
        }
        Act::Seal(seal) => drop(store.seal(seal).expect("sealed")),
        Act::Compact => drop(store.compact().expect("compacted")),
        Act::Delete(trace) => drop(store.delete(trace_id(trace)).expect("deleted")),
    }
}

/// Returns a trace's documents and when each came.
fn documents(trace: &crate::StoredTrace) -> Vec<(String, Micros)> {
    trace.documents.iter().map(|one| (canonical(one.text()), one.received)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_exported_is_what_the_store_gives_back(acts in vec(act(), 1..24)) {
        let dir = MemDir::default();
        let clock = Arc::new(ManualClock::default());
        let rollup = Arc::new(NoRollup);
        let store = crate::Store::open(Arc::new(dir.clone()), small(), clock.clone(), rollup);
        let store = store.expect("a store that opens");
        for (at, act) in acts.iter().enumerate() {
            perform(&store, at as u64, *act);
            clock.advance(Micros::PER_SECOND);
        }
        let mut expected = BTreeMap::new();
        for id in ids(&store) {
            expected.insert(id, documents(&store.trace(&id).expect("it was found")));
        }
        let mut found = BTreeMap::new();
        let examination = examine(&dir);
        let done = examination.export(&Wanted::default(), &mut |trace| {
            assert!(found.insert(trace.id, documents(trace)).is_none(), "{} twice", trace.id);
            Ok::<(), ()>(())
        });
        prop_assert_eq!(done.expect("nobody refuses").flaws, []);
        prop_assert_eq!(found, expected);
        prop_assert_eq!(flaws(&dir), [""; 0]);
    }
}

#[test]
fn each_version_of_the_settings_is_read() {
    let dir = directory();
    assert_eq!(examine(&dir).check_settings(), SettingsChecked::default());
    let documents = crate::Documents::open(Arc::new(dir.clone()), "control").expect("none");
    for state in ["1", "22", "333"] {
        documents.write("groups", state.as_bytes()).expect("written");
    }
    let checked = examine(&dir).check_settings();
    assert_eq!((checked.file_count, checked.bytes, checked.flaws), (2, 5, vec![]));
    dir.put("control/groups-0000000002.json", b"{}".to_vec());
    let [flaw] = examine(&dir).check_settings().flaws.try_into().expect("one");
    assert_eq!(flaw.path, dir.path("control/groups-0000000002.json"));
    assert_eq!(flaw.what, "it is cut short or fails its checksum");
    // The rest of the directory is none the worse.
    assert_eq!(examine(&dir).orphans().expect("listed"), []);
}
