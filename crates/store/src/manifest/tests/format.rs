//! Damage of every kind, and the fixture of every version.

use super::*;
use crate::manifest::codec::{CHECKPOINT_MAGIC, Checked, HEADER_LEN, RECORD_MAGIC, VERSION};

/// Version 1: a record of every operation, and a checkpoint.
const RECORD_1: &[u8] = include_bytes!("../../../fixtures/manifest-record-v1.rec");
const CHECKPOINT_1: &[u8] = include_bytes!("../../../fixtures/manifest-checkpoint-v1.bin");

/// Version 2: the same, and deletions by group.
const RECORD_2: &[u8] = include_bytes!("../../../fixtures/manifest-record-v2.rec");
const CHECKPOINT_2: &[u8] = include_bytes!("../../../fixtures/manifest-checkpoint-v2.bin");

/// What the record of the fixture holds, behind a checkpoint of two blocks.
fn fixture_ops() -> Vec<Op> {
    vec![
        add(3),
        remove(1),
        Op::SealedThrough { group: 12 },
        deleted(8, Tombstone::Received(Micros(1_795_165_200_000_001))),
        Op::RemoveTombstone(trace_id(7)),
    ]
}

fn fixture_state() -> State {
    let tombstone = deleted(7, Tombstone::Received(Micros(1_795_165_100_000_000)));
    let ops = [add(1), add(2), Op::SealedThrough { group: 9 }, tombstone];
    State::default().after(Sequence(4), &ops).expect("it fits")
}

fn deleted(trace: u64, deleted: Tombstone) -> Op {
    Op::AddTombstone { trace: trace_id(trace), deleted }
}

fn fixture_2_ops() -> Vec<Op> {
    let more = [deleted(9, Tombstone::Through(11)), Op::RemoveTombstone(trace_id(6))];
    fixture_ops().into_iter().chain(more).collect()
}

fn fixture_2_state() -> State {
    let ops = [deleted(6, Tombstone::Through(3)), deleted(10, Tombstone::Through(9))];
    fixture_state().after(Sequence(4), &ops).expect("it fits")
}

#[test]
fn version_1_is_read() {
    let state = fixture_state();
    let dir = MemDir::default();
    dir.put(&names::checkpoint(4), CHECKPOINT_1.to_vec());
    dir.put(&names::record(5), RECORD_1.to_vec());
    let opened = open(&dir, SMALL).expect("opens");
    let expected = state.after(Sequence(5), &fixture_ops()).expect("it fits");
    assert_eq!(*opened.snapshot(), expected);
    assert_snapshot!(describe(&expected).join("\n"), @"
    commit 5, log sealed through group 12
    2 blocks, 50 traces, 400 rows, 410 bytes, 1 deleted traces
    blocks/2026112009/01M7W34MPG0000000000000002: sealed, class 2, 20 traces, 160 rows, 204 bytes (traces.parquet 102, index.bin 102), started 1795165320.000000 to 1795165379.000000, received 1795165321.000000 to 1795165381.000000
    blocks/2026112009/01M7W36F9G0000000000000003: compacted, class 0, 30 traces, 240 rows, 206 bytes (traces.parquet 103, index.bin 103), started 1795165380.000000 to 1795165439.000000, received 1795165381.000000 to 1795165441.000000
    deleted 1-581cf771-000000000000000000000008 at 1795165200.000001
    ");
}

#[test]
fn version_2_is_read() {
    let ops = fixture_2_ops();
    let state = fixture_2_state();
    let dir = MemDir::default();
    dir.put(&names::checkpoint(4), CHECKPOINT_2.to_vec());
    dir.put(&names::record(5), RECORD_2.to_vec());
    let opened = open(&dir, SMALL).expect("opens");
    assert_eq!(*opened.snapshot(), state.after(Sequence(5), &ops).expect("it fits"));
    // As long as this is the version that is written.
    assert_eq!(Record { sequence: Sequence(5), base: Sequence(4), ops }.encode(), RECORD_2);
    assert_eq!(state.encode(), CHECKPOINT_2);
}

#[test]
fn a_record_of_version_1_has_no_deletion_by_group() {
    let as_version_1 = reencoded(RECORD_MAGIC, RECORD_2, |checked| checked.version = 1);
    let checked = Checked::read(RECORD_MAGIC, &as_version_1).expect("a good file");
    assert_eq!(Record::decode(&checked), None);
}

#[test]
fn every_changed_bit_and_every_missing_byte_is_noticed() {
    for (magic, bytes) in [(RECORD_MAGIC, RECORD_2), (CHECKPOINT_MAGIC, CHECKPOINT_2)] {
        let read = |bytes: &[u8]| Checked::read(magic, bytes).is_some();
        assert!(read(bytes));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!read(&changed), "bit {bit}");
        }
        assert!((0..bytes.len()).all(|len| !read(&bytes[..len])));
        assert!(!read(&[bytes, b"\0"].concat()));
        // A right checksum over a wrong length.
        for longer in [bytes.len() - 1, bytes.len() + 1] {
            let mut changed = bytes.to_vec();
            changed.resize(longer, 0);
            let crc = crc32fast::hash(&changed[12..]);
            changed[8..12].copy_from_slice(&crc.to_le_bytes());
            assert!(!read(&changed));
        }
    }
}

/// Encodes a payload again, with a right checksum, as a file of another number or version.
fn reencoded(magic: [u8; 8], bytes: &[u8], change: impl Fn(&mut Checked<'_>)) -> Vec<u8> {
    let mut checked = Checked::read(magic, bytes).expect("a good file");
    change(&mut checked);
    checked.encode(magic)
}

/// Returns the log of five commits, each of one block, as it is before the test damages it.
fn five() -> MemDir {
    let dir = MemDir::default();
    let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
    for number in 1..=5 {
        commit(&manifest, &[add(number)]);
    }
    dir
}

/// Says what opening finds.
fn found(dir: &MemDir) -> String {
    match open(dir, NO_CHECKPOINTS) {
        Ok(manifest) => {
            let torn = &manifest.opened().torn_records;
            format!("{:?}, torn {torn:?}", numbers(&manifest.snapshot()))
        }
        Err(error) => error.to_string(),
    }
}

/// Says what opening finds after record `sequence` was changed.
fn found_after(sequence: u64, change: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let dir = five();
    let name = names::record(sequence);
    dir.put(&name, change(&dir.bytes(&name).expect("a record")));
    found(&dir)
}

#[test]
fn damage_is_told_apart_and_named() {
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec();
    let empty = |_: &[u8]| Vec::new();
    assert_snapshot!(found(&five()), @"[1, 2, 3, 4, 5], torn []");
    assert_snapshot!(found_after(5, cut), @"[1, 2, 3, 4], torn [Sequence(5)]");
    assert_snapshot!(found_after(5, empty), @"[1, 2, 3, 4], torn [Sequence(5)]");
    assert_snapshot!(found_after(3, cut), @"read memory/manifest/log/00000000000000000003.rec: it is cut short or fails its checksum, and later ones build on it; restore the file from a copy");
    assert_snapshot!(found_after(1, empty), @"read memory/manifest/log/00000000000000000001.rec: it is cut short or fails its checksum, and later ones build on it; restore the file from a copy");

    let dir = five();
    dir.remove(&names::record(3)).expect("removed");
    assert_snapshot!(found(&dir), @"read memory/manifest/log/00000000000000000003.rec: the file is gone, and later ones build on it; restore it from a copy, or a checkpoint of the same number or a later one");

    let other = |bytes: &[u8]| reencoded(RECORD_MAGIC, bytes, |c| c.sequence = Sequence(9));
    assert_snapshot!(found_after(5, other), @"read memory/manifest/log/00000000000000000005.rec: it is the file of number 9; restore the file from a copy");
    let newer = |bytes: &[u8]| reencoded(RECORD_MAGIC, bytes, |c| c.version = VERSION + 1);
    assert_snapshot!(found_after(5, newer), @"read memory/manifest/log/00000000000000000005.rec: it is of version 3 of the manifest's format, and this program knows up to 2; start the program that wrote it");
    let older = |bytes: &[u8]| reencoded(RECORD_MAGIC, bytes, |c| c.version = 0);
    assert_snapshot!(found_after(5, older), @"read memory/manifest/log/00000000000000000005.rec: it passes its checksum and does not hold what belongs there; restore the file from a copy");
    let content = |bytes: &[u8]| {
        reencoded(RECORD_MAGIC, bytes, |c| c.payload = &c.payload[..c.payload.len() - 1])
    };
    assert_snapshot!(found_after(5, content), @"read memory/manifest/log/00000000000000000005.rec: it passes its checksum and does not hold what belongs there; restore the file from a copy");

    let record = |base, ops| Record { sequence: Sequence(5), base: Sequence(base), ops }.encode();
    assert_snapshot!(found_after(5, |_| record(3, vec![add(5)])), @"read memory/manifest/log/00000000000000000005.rec: it builds on record 3, and record 4 came between; restore the file from a copy");
    assert_snapshot!(found_after(5, |_| record(4, vec![add(4)])), @"read memory/manifest/log/00000000000000000005.rec: it does not fit what came before: block 01M7W389WG0000000000000004 is there already; restore the file from a copy");
}

#[test]
fn a_checkpoint_of_a_newer_version_is_refused_and_a_damaged_one_passed_over() {
    let dir = five();
    let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
    manifest.checkpoint().expect("written");
    let name = names::checkpoint(5);
    let bytes = dir.bytes(&name).expect("a checkpoint");
    let put = |change: &dyn Fn(&mut Checked<'_>)| {
        dir.put(&name, reencoded(CHECKPOINT_MAGIC, &bytes, change));
        found(&dir)
    };
    assert_snapshot!(put(&|c| c.version = VERSION + 1), @"read memory/manifest/checkpoint/00000000000000000005.bin: it is of version 3 of the manifest's format, and this program knows up to 2; start the program that wrote it");
    assert_eq!(put(&|c| c.sequence = Sequence(4)), "[1, 2, 3, 4, 5], torn []");
    assert_eq!(put(&|c| c.payload = &c.payload[1..]), "[1, 2, 3, 4, 5], torn []");
    // With a good checkpoint, what became of the records that it covers does not matter.
    dir.put(&name, bytes.clone());
    (1..=5).for_each(|sequence| dir.put(&names::record(sequence), b"gone".to_vec()));
    assert_eq!(found(&dir), "[1, 2, 3, 4, 5], torn []");
    commit(&open(&dir, NO_CHECKPOINTS).expect("opens"), &[add(6)]);
    assert_eq!(found(&dir), "[1, 2, 3, 4, 5, 6], torn []");
}

#[test]
fn one_value_has_one_encoding() {
    let payload = |bytes: &'static [u8]| bytes[HEADER_LEN..].to_vec();
    let decodes = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = payload(RECORD_2);
        change(&mut bytes);
        let (version, sequence) = (VERSION, Sequence(5));
        Record::decode(&Checked { version, sequence, payload: &bytes }).is_some()
    };
    // Base 8, count 8, kind 1, id 16, hour 4, level 1, class 1, then the flags.
    const FLAGS_AT: usize = 8 + 8 + 1 + 16 + 4 + 1 + 1;
    assert!(decodes(&|_| {}));
    assert!(decodes(&|bytes| bytes[FLAGS_AT] = 1));
    assert!(!decodes(&|bytes| bytes[FLAGS_AT] = 2), "an unknown flag");
    assert!(!decodes(&|bytes| bytes[16] = 7), "an unknown operation");
    assert!(!decodes(&|bytes| bytes[16] = 0), "no operation");
    assert!(!decodes(&|bytes| bytes[0] = 5), "a record that builds on itself");
    assert!(!decodes(&|bytes| bytes.push(0)), "more than the operations");
    assert!(!decodes(&|bytes| bytes[8..16].fill(0xff)), "more operations than bytes");
    assert!(!decodes(&|bytes| bytes[FLAGS_AT + 16] = 0xff), "an end before its beginning");

    let state = fixture_2_state();
    let decoded = |blocks: [u64; 2]| {
        let mut bytes = payload(CHECKPOINT_2);
        let mut at = 16;
        for number in blocks {
            let single = State::default().after(Sequence(4), &[add(number)]).expect("it fits");
            let single = single.encode();
            let block = &single[HEADER_LEN + 16..single.len() - 8];
            bytes[at..at + block.len()].copy_from_slice(block);
            at += block.len();
        }
        State::decode(&Checked { version: VERSION, sequence: Sequence(4), payload: &bytes })
    };
    assert_eq!(decoded([1, 2]), Some(state));
    assert_eq!(decoded([2, 1]), None, "not sorted");
    assert_eq!(decoded([2, 2]), None, "twice");
}

#[test]
fn a_log_that_has_no_number_left_says_so() {
    let dir = MemDir::default();
    dir.put(&names::record(u64::MAX - 1), b"torn".to_vec());
    let manifest = open(&dir, NO_CHECKPOINTS).expect("opens");
    commit(&manifest, &[add(1)]);
    assert_eq!(manifest.snapshot().sequence(), Sequence(u64::MAX));
    manifest.refresh().expect("there is nothing behind it");
    let error = manifest.commit_on_newest(&[add(2)]).expect_err("spent");
    assert!(matches!(error, Error::SequenceSpent(Sequence(u64::MAX))), "{error}");
    assert_eq!(found(&dir), "[1], torn []");
}
