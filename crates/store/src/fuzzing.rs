//! Bodies of the fuzz targets; each asserts something, and none may panic on any input.

use std::sync::Arc;

use crate::batch::Decoded;
use crate::budget::Budget;
use crate::dir::{Dir, MemDir};
use crate::live::LiveSet;
use crate::names;
use crate::replay::{Wanted, replay};
use crate::wal::{self, Content, FILE_HEADER_LEN, FileHeader, Frame, OnDamage, Recovered};

pub(crate) mod index;
mod manifest;

pub use index::fuzz_index;
pub use manifest::fuzz_manifest;

/// Reads arbitrary bytes as the log's only file.
///
/// What is read without complaint is, encoded again, what the file begins with, and the log can be
/// gone on with: what is appended is read back behind it. What is read in spite of damage is in the
/// file.
///
/// # Panics
/// When that is not so.
pub fn fuzz_wal(bytes: &[u8]) {
    let header = FileHeader::read(bytes);
    let sequence = header.map_or(1, |header| header.sequence);
    let dir = MemDir::default();
    dir.put(&names::wal(sequence), bytes.to_vec());

    let first_group = header.map_or(1, |header| header.first_group);
    let (_, groups) = read(&dir, first_group, OnDamage::Skip);
    let payload_bytes: usize = groups.iter().map(|group| group.payload.len()).sum();
    assert!(payload_bytes <= bytes.len(), "more was read than there is");
    for group in &groups {
        let is_there = |window: &[u8]| window == group.payload;
        assert!(group.payload.is_empty() || bytes.windows(group.payload.len()).any(is_there));
    }
    let wanted = Wanted { first_group, is_deleted: &|_, _, _| false, on_damage: OnDamage::Skip };
    drop(replay(&dir, wanted, &LiveSet::new(1 << 16), &Budget::new(1 << 20)));

    if let (Some(recovered), groups) = read(&dir, first_group, OnDamage::Refuse) {
        assert_prefix(bytes, header, &groups);
        assert_goes_on(&dir, first_group, recovered, groups);
    }
}

/// A group as it was read.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    kind: u8,
    number: u64,
    payload: Vec<u8>,
}

/// Reads the log; `None` when it was refused.
fn read(dir: &MemDir, first: u64, on_damage: OnDamage) -> (Option<Recovered>, Vec<Group>) {
    let mut groups = Vec::new();
    let recovered = wal::recover(dir, first, on_damage, &mut |group| {
        let Frame { kind, group: number, payload } = group.frame;
        let encoded = match group.frame.content() {
            Some(Content::Batches(batches)) => Some(encode(&batches)),
            Some(Content::Carried { through, batches }) => {
                Some([&through.to_le_bytes()[..], &encode(&batches)].concat())
            }
            None => None,
        };
        if let Some(encoded) = encoded {
            assert_eq!(encoded, payload, "a payload is encoded in one way only");
        }
        groups.push(Group { kind, number, payload: payload.to_vec() });
        Ok(())
    });
    (recovered.ok(), groups)
}

fn encode(batches: &[Decoded<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Decoded { received, request_number, documents } in batches {
        bytes.extend_from_slice(&received.0.to_le_bytes());
        bytes.extend(request_number.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend_from_slice(&(documents.len() as u32).to_le_bytes());
        for (_, document) in documents {
            bytes.extend_from_slice(&(document.len() as u32).to_le_bytes());
            bytes.extend_from_slice(document);
        }
    }
    bytes
}

fn assert_prefix(bytes: &[u8], header: Option<FileHeader>, groups: &[Group]) {
    let Some(header) = header else {
        assert!(groups.is_empty(), "groups without a header: {groups:?}");
        return;
    };
    let mut log = header.encode().to_vec();
    for Group { kind, number, payload } in groups {
        log.extend_from_slice(&Frame::header(*kind, *number, &[payload]));
        log.extend_from_slice(payload);
    }
    assert!(bytes.starts_with(&log) && log.len() >= FILE_HEADER_LEN);
}

fn assert_goes_on(dir: &MemDir, first: u64, recovered: Recovered, mut groups: Vec<Group>) {
    let (number, sequence) = (recovered.next_group, recovered.next_sequence);
    if number >= u64::MAX - 1 || sequence == u64::MAX {
        return;
    }
    let payload = b"one more group".to_vec();
    let mut writer = wal::Writer::new(Arc::new(dir.clone()), 1 << 16, recovered);
    writer.append(&[&payload]).expect("memory takes every write");
    groups.push(Group { kind: wal::KIND_BATCHES, number, payload });
    let (again, read_again) = read(dir, first, OnDamage::Refuse);
    assert!(again.is_some(), "a log that could be opened can no more");
    assert_eq!(read_again, groups);
    assert_eq!(dir.list(names::WAL_FOLDER).map(|files| files.len()).ok(), Some(2));
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::batch::Batch;
    use crate::testing::{batch, document};

    /// Returns a log of as many groups as there are numbers, each of as many documents.
    fn log(first_group: u64, counts: &[u64]) -> Vec<u8> {
        let header = FileHeader { version: 1, sequence: 1, first_group };
        let mut log = header.encode().to_vec();
        for (index, count) in (0..).zip(counts) {
            let group = first_group.wrapping_add(index);
            let documents: Vec<String> = (0..*count).map(|id| document(1, id)).collect();
            let payload = Batch::encode(batch(1, &documents)).bytes;
            log.extend_from_slice(&Frame::header(wal::KIND_BATCHES, group, &[&payload]));
            log.extend_from_slice(&payload);
        }
        log
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_log_or_are_refused(bytes in vec(any::<u8>(), 0..300)) {
            fuzz_wal(&bytes);
        }

        #[test]
        fn a_log_changed_in_any_way_is_read_or_refused(
            first_group in prop_oneof![Just(1), Just(u64::MAX - 1), any::<u64>()],
            counts in vec(0_u64..3, 0..4),
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            cut in proptest::option::of(any::<prop::sample::Index>()),
            tail in vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = log(first_group, &counts);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes.extend_from_slice(&tail);
            fuzz_wal(&bytes);
        }

        #[test]
        fn frames_in_any_order_are_read_or_refused(groups in vec(0_u64..5, 0..6)) {
            let mut bytes = FileHeader { version: 1, sequence: 3, first_group: 1 }.encode().to_vec();
            for group in groups {
                bytes.extend_from_slice(&Frame::header(wal::KIND_BATCHES, group, &[b"x"]));
                bytes.push(b'x');
            }
            fuzz_wal(&bytes);
        }
    }
}
