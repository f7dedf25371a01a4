//! How far the batches have come: a small file that is written in place.
//!
//! It is written before a batch is handed out and after one is done, which a killed process cannot
//! undo. It is synced when a file is finished; a loss of power may lose what came after that.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::BufMut;

/// What the file begins with.
pub(super) const MARKS_MAGIC: [u8; 8] = *b"\xF1flmarks";

const VERSION: u32 = 1;

const BYTES: usize = 32;

/// The two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// All batches up to this one are done, or dropped.
    pub(super) done_through: u64,
    /// No batch behind this one was ever handed out.
    pub(super) handed_out_through: u64,
}

/// The file they are in.
pub(super) struct MarksFile {
    file: File,
    written: Marks,
}

impl MarksFile {
    /// Opens or creates the file. When it cannot be read, each batch may have been handed out.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = [0; BYTES];
        let written = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => Marks::parse(&bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error),
        };
        let unknown = Marks { done_through: 0, handed_out_through: u64::MAX };
        Ok(Self { file, written: written.unwrap_or(unknown) })
    }

    /// Returns what was written last.
    pub(super) fn written(&self) -> Marks {
        self.written
    }

    /// Writes the marks if they changed.
    pub(super) fn write(&mut self, marks: Marks) -> io::Result<()> {
        if marks != self.written {
            self.file.write_all_at(&marks.encode(), 0)?;
            self.written = marks;
        }
        Ok(())
    }

    /// Makes durable what was written.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl Marks {
    fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.put_slice(&MARKS_MAGIC);
        bytes.put_u32_le(VERSION);
        bytes.put_u64_le(self.done_through);
        bytes.put_u64_le(self.handed_out_through);
        bytes.put_u32_le(crc32fast::hash(&bytes));
        bytes
    }

    fn parse(bytes: &[u8; BYTES]) -> Option<Self> {
        let (head, crc) = bytes.split_last_chunk()?;
        let fields = head.strip_prefix(&MARKS_MAGIC)?.strip_prefix(&VERSION.to_le_bytes())?;
        let (done_through, handed_out_through) = fields.split_first_chunk()?;
        let is_good = crc32fast::hash(head) == u32::from_le_bytes(*crc);
        is_good.then_some(Self {
            done_through: u64::from_le_bytes(*done_through),
            handed_out_through: u64::from_le_bytes(*handed_out_through.first_chunk()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_were_written_and_never_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marks");
        let unknown = Marks { done_through: 0, handed_out_through: u64::MAX };
        let marks = Marks { done_through: 7, handed_out_through: 1 << 40 };
        let mut file = MarksFile::open(&path).unwrap();
        assert_eq!(file.written(), unknown);
        file.write(marks).unwrap();
        assert_eq!(MarksFile::open(&path).unwrap().written(), marks);

        let good = std::fs::read(&path).unwrap();
        for index in 0..BYTES {
            let mut bytes = good.clone();
            bytes[index] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(MarksFile::open(&path).unwrap().written(), unknown, "byte {index}");
            std::fs::write(&path, &good[..index]).unwrap();
            assert_eq!(MarksFile::open(&path).unwrap().written(), unknown, "{index} bytes");
        }
    }
}
