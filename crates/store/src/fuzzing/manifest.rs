//! The manifest: any bytes as a record, as a checkpoint, and as a whole log.

use std::sync::Arc;

use wire::TraceId;

use crate::dir::{Dir, MemDir};
use crate::manifest::codec::{CHECKPOINT_MAGIC, Checked, RECORD_MAGIC, Record, VERSION};
use crate::manifest::{self, Manifest, Op, Options, Sequence, State, Tombstone};
use crate::names;

/// Reads arbitrary bytes as a record and as a checkpoint, as they are and with right checksums, and
/// then as the records of a log, one behind the other.
///
/// What is read of the newest version is, encoded again, what was there. A log that opens opens again to the same state,
/// and from a checkpoint to the same state; it can be gone on with, and opening changes no file.
///
/// # Panics
/// When that is not so.
pub fn fuzz_manifest(bytes: &[u8]) {
    check_file(bytes);
    for magic in [RECORD_MAGIC, CHECKPOINT_MAGIC] {
        let payload = payload(bytes);
        for version in 1..=VERSION {
            check_file(&Checked { version, sequence: Sequence(5), payload }.encode(magic));
        }
    }
    let pieces = pieces(bytes);
    let as_they_are = MemDir::default();
    let with_right_checksums = MemDir::default();
    for (sequence, piece) in (1..).zip(&pieces) {
        as_they_are.put(&names::record(sequence), piece.to_vec());
        let (version, sequence) = (VERSION, Sequence(sequence));
        let checked = Checked { version, sequence, payload: payload(piece) };
        with_right_checksums.put(&names::record(sequence.0), checked.encode(RECORD_MAGIC));
    }
    check_log(&as_they_are);
    check_log(&with_right_checksums);
}

/// Returns what stands behind the header, if there is room for one.
fn payload(bytes: &[u8]) -> &[u8] {
    bytes.get(manifest::codec::HEADER_LEN..).unwrap_or_default()
}

/// Cuts the bytes in front of everything that looks like the beginning of a record.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let begins = |at: &usize| bytes[*at..].starts_with(&RECORD_MAGIC);
    let mut cuts: Vec<usize> = (1..bytes.len()).filter(begins).take(16).collect();
    cuts.insert(0, 0);
    cuts.push(bytes.len());
    cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect()
}

fn check_file(bytes: &[u8]) {
    if let Some(checked) = Checked::read(RECORD_MAGIC, bytes) {
        assert_eq!(checked.encode(RECORD_MAGIC), bytes);
        if let Some(record) = Record::decode(&checked) {
            let again = record.encode();
            // An older version is written again as the newest.
            assert!(checked.version < VERSION || again == bytes, "it is encoded in one way only");
            let again = Checked::read(RECORD_MAGIC, &again).and_then(|one| Record::decode(&one));
            assert_eq!(again, Some(record));
        }
    }
    if let Some(checked) = Checked::read(CHECKPOINT_MAGIC, bytes) {
        assert_eq!(checked.encode(CHECKPOINT_MAGIC), bytes);
        if let Some(state) = State::decode(&checked) {
            let again = state.encode();
            assert!(checked.version < VERSION || again == bytes, "it is encoded in one way only");
            let again = Checked::read(CHECKPOINT_MAGIC, &again).and_then(|one| State::decode(&one));
            assert_eq!(again.as_ref(), Some(&state));
            assert!(manifest::describe(&state).len() >= state.blocks().len());
        }
    }
}

fn check_log(dir: &MemDir) {
    let names = dir.names();
    let open = || {
        let options = Options { checkpoint_every: u64::MAX };
        Manifest::open(Arc::new(dir.clone()), options)
    };
    let Ok(first) = open() else {
        return;
    };
    assert_eq!(dir.names(), names, "opening changes nothing");
    let state = first.snapshot();
    drop(manifest::orphans(dir, &state).expect("memory can be listed"));
    let trace = TraceId::new(1, 1);
    let ops = [Op::AddTombstone { trace, deleted: Tombstone::Through(1) }];
    first.commit_on_newest(&ops).expect("a log that was opened can be gone on with");
    let newest = first.snapshot();
    let again = open().expect("what was committed is read");
    assert_eq!(again.snapshot(), newest);
    again.checkpoint().expect("memory takes every write");
    for name in dir.names().iter().filter(|name| name.starts_with(names::RECORD_FOLDER)) {
        dir.remove(name).expect("it is there");
    }
    assert_eq!(open().expect("a checkpoint is read").snapshot(), newest);
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const RECORD: &[u8] = include_bytes!("../../fixtures/manifest-record-v2.rec");
    const CHECKPOINT: &[u8] = include_bytes!("../../fixtures/manifest-checkpoint-v2.bin");

    /// Returns a log of records that fit, one behind the other.
    fn log(count: u64) -> Vec<u8> {
        let ops = |group| vec![Op::SealedThrough { group }];
        let record = |n| Record { sequence: Sequence(n), base: Sequence(n - 1), ops: ops(n) };
        (1..=count).flat_map(|number| record(number).encode()).collect()
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
            fuzz_manifest(&bytes);
        }

        #[test]
        fn files_changed_in_any_way_are_read_or_refused(
            bytes in prop_oneof![Just(RECORD.to_vec()), Just(CHECKPOINT.to_vec()), (1_u64..5).prop_map(log)],
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            cut in proptest::option::of(any::<prop::sample::Index>()),
        ) {
            let mut bytes = bytes;
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            fuzz_manifest(&bytes);
        }
    }
}
