//! One file of the log: its name, its header, its bytes.

use std::sync::Arc;

use crate::dir::Dir;
use crate::error::{Damage, Error};
use crate::names;

/// Begins every file of the log.
pub(crate) const FILE_MAGIC: [u8; 8] = *b"\xF1fluowal";

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;

/// Magic, version, file sequence, first group, checksum; the same in every version.
pub(crate) const FILE_HEADER_LEN: usize = CRC_AT + size_of::<u32>();

const VERSION_AT: usize = FILE_MAGIC.len();
const SEQUENCE_AT: usize = VERSION_AT + size_of::<u32>();
const GROUP_AT: usize = SEQUENCE_AT + size_of::<u64>();
const CRC_AT: usize = GROUP_AT + size_of::<u64>();

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) version: u32,
    /// The file's own number, as in its name.
    pub(crate) sequence: u64,
    /// The group that the file begins with, or would if it had one.
    pub(crate) first_group: u64,
}

impl FileHeader {
    pub(crate) fn encode(self) -> [u8; FILE_HEADER_LEN] {
        let mut bytes = [0; FILE_HEADER_LEN];
        bytes[..VERSION_AT].copy_from_slice(&FILE_MAGIC);
        bytes[VERSION_AT..SEQUENCE_AT].copy_from_slice(&self.version.to_le_bytes());
        bytes[SEQUENCE_AT..GROUP_AT].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[GROUP_AT..CRC_AT].copy_from_slice(&self.first_group.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the header that `bytes` begin with; `None` when it is cut short or fails its checksum.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<FILE_HEADER_LEN>()?;
        let (checked, crc) = bytes.split_last_chunk()?;
        let rest = checked.strip_prefix(&FILE_MAGIC)?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (version, rest) = rest.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        Some(Self {
            version: u32::from_le_bytes(*version),
            sequence: u64::from_le_bytes(*sequence),
            first_group: u64::from_le_bytes(*rest.first_chunk()?),
        })
    }
}

/// A file found in the log's folder.
#[derive(Clone, Debug)]
pub(crate) struct LogFile {
    pub(crate) name: String,
    pub(crate) sequence: u64,
    pub(crate) len: u64,
}

impl LogFile {
    /// Returns the log's files, oldest first.
    pub(crate) fn list(dir: &dyn Dir) -> Result<Vec<Self>, Error> {
        let entries = dir.list(names::WAL_FOLDER).map_err(|error| Error::List {
            path: dir.path(names::WAL_FOLDER),
            source: Arc::new(error),
        })?;
        let file = |entry: crate::dir::Entry| {
            let sequence = names::wal_sequence(&entry.name)?;
            Some(Self { name: names::wal(sequence), sequence, len: entry.len })
        };
        let mut files: Vec<Self> = entries.into_iter().filter_map(file).collect();
        files.sort_by_key(|file| file.sequence);
        Ok(files)
    }

    /// Reads part of the file; the whole of it with `u64::MAX`.
    pub(crate) fn read(&self, dir: &dyn Dir, bytes_max: u64) -> Result<Vec<u8>, Error> {
        dir.read(&self.name, 0, bytes_max)
            .map_err(|error| Error::Read { path: dir.path(&self.name), source: Arc::new(error) })
    }

    /// Reads the header. `None` when the file is not longer than a header and that is torn: it was
    /// being created when the power failed, and no group was ever written to it.
    pub(crate) fn header(&self, dir: &dyn Dir) -> Result<Option<FileHeader>, Error> {
        let bytes = self.read(dir, FILE_HEADER_LEN as u64)?;
        let Some(header) = FileHeader::read(&bytes) else {
            return if self.len <= FILE_HEADER_LEN as u64 {
                Ok(None)
            } else {
                Err(self.damaged(dir, 0, Damage::Header))
            };
        };
        if header.version > VERSION {
            let path = dir.path(&self.name);
            return Err(Error::VersionUnknown {
                path,
                version: header.version,
                version_max: VERSION,
            });
        }
        if header.sequence != self.sequence {
            return Err(self.damaged(dir, SEQUENCE_AT, Damage::HeaderSequence));
        }
        Ok(Some(header))
    }

    pub(crate) fn damaged(&self, dir: &dyn Dir, offset: usize, damage: Damage) -> Error {
        Error::Damaged { path: dir.path(&self.name), offset: offset as u64, damage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_of_a_header_is_noticed() {
        let header = FileHeader { version: 1, sequence: 2, first_group: 3 };
        let bytes = header.encode();
        assert_eq!(FileHeader::read(&bytes), Some(header));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(FileHeader::read(&changed), None, "bit {bit}");
        }
    }
}
