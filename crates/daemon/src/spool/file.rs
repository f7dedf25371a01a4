//! One file of the spool: how much of it is good, how far it was read, what of it is not done.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::record::{self, FILE_HEADER_BYTES, FileHeader, Found};
use super::{Error, Waiting};

/// A file, read from its begin to its end.
pub(super) struct SpoolFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Behind the last byte that counts.
    pub(super) end: u64,
    /// Where the next record begins, unless there is damage.
    pub(super) offset: u64,
    /// No record from `offset` on has a number below this one.
    pub(super) next: u64,
    /// What stands from `offset` on; less is there if some of it is damaged.
    pub(super) unread: Waiting,
    /// How many batches were read and are not done.
    pub(super) held_count: usize,
    /// Open while it is read.
    reader: Option<File>,
}

/// What is to be known of a file before it is opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The number in its name.
    pub(super) first: u64,
    /// The number in the name of the file behind it: what has this number or a later one was
    /// written there again. `None` for the newest file, whose end may be torn.
    pub(super) behind: Option<u64>,
    /// Batches up to this one are done.
    pub(super) done_through: u64,
}

/// What was found of a file, and what was found wrong.
pub(super) struct Scanned {
    pub(super) file: SpoolFile,
    /// The number of the last batch, done or not.
    pub(super) last_number: u64,
    /// Bytes at the end that a crash left there.
    pub(super) torn_bytes: u64,
    /// Bytes at the end, or at the begin, that are damaged.
    pub(super) skipped_bytes: u64,
}

impl SpoolFile {
    /// Returns a file that was just begun.
    pub(super) fn begun(path: PathBuf, first: u64) -> Self {
        Self {
            path,
            end: FILE_HEADER_BYTES,
            offset: FILE_HEADER_BYTES,
            next: first,
            unread: Waiting::default(),
            held_count: 0,
            reader: None,
        }
    }

    /// Opens a file of an earlier process and finds out what it holds. A torn end is cut off.
    pub(super) fn open(path: PathBuf, place: Place) -> Result<Scanned, Error> {
        let failed = |source| Error::Read { path: path.clone(), source };
        let file = File::open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let header = record::read_file_header(&file).map_err(failed)?;
        if let FileHeader::Version(version) = header
            && version != record::VERSION
        {
            return Err(Error::Version { path, version });
        }
        let mut scanned = scan(&file, length, path.clone(), place).map_err(failed)?;
        let tail_bytes = length.saturating_sub(scanned.file.end);
        if place.behind.is_some() {
            scanned.skipped_bytes = tail_bytes;
        } else if tail_bytes > 0 {
            scanned.torn_bytes = tail_bytes;
            let end = scanned.file.end;
            cut(&path, end).map_err(|source| Error::Write { path, source })?;
        }
        if header == FileHeader::Damaged && length >= FILE_HEADER_BYTES {
            scanned.skipped_bytes += FILE_HEADER_BYTES;
        }
        Ok(scanned)
    }

    /// Returns whether nothing of it is to be handed out, now or later.
    pub(super) fn is_finished(&self) -> bool {
        self.unread.batches == 0 && self.held_count == 0
    }

    /// Looks for the next record; `None` when there is none left.
    pub(super) fn peek(&mut self) -> io::Result<Option<Found>> {
        let (offset, end, next) = (self.offset, self.end, self.next);
        record::find(self.reader()?, offset, end, next)
    }

    /// Passes over the record that [`SpoolFile::peek`] found.
    pub(super) fn pass(&mut self, found: Found) {
        self.offset = found.offset + found.header.record_bytes();
        self.next = found.header.number + 1;
        self.unread.subtract(Waiting::of(&found.header));
        self.held_count += 1;
    }

    /// Gives up what was not read, and returns what was thought to be there.
    pub(super) fn give_up_rest(&mut self) -> Waiting {
        self.offset = self.end;
        std::mem::take(&mut self.unread)
    }

    /// Reads the documents of a record; `None` when they are damaged.
    pub(super) fn read(&mut self, found: Found) -> io::Result<Option<Vec<Bytes>>> {
        record::read(self.reader()?, found.offset, found.header)
    }

    fn reader(&mut self) -> io::Result<&File> {
        let file = match self.reader.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        Ok(self.reader.insert(file))
    }
}

/// Goes through the records. Their documents are looked at in the newest file only: in the others
/// they were synced, and are checked when they are read.
fn scan(file: &File, length: u64, path: PathBuf, place: Place) -> io::Result<Scanned> {
    let mut found_file = SpoolFile::begun(path, place.first);
    let is_newest = place.behind.is_none();
    let limit = place.behind.unwrap_or(u64::MAX);
    let (mut offset, mut next) = (FILE_HEADER_BYTES, place.first);
    found_file.end = FILE_HEADER_BYTES.min(length);
    // What counts only when something good stands behind it.
    let mut pending = Waiting::default();
    while let Some(found) = record::find(file, offset, length, next)? {
        let number = found.header.number;
        if number >= limit {
            break;
        }
        offset = found.offset + found.header.record_bytes();
        next = number.saturating_add(1);
        let is_done = number <= place.done_through;
        if !is_done {
            pending.add(Waiting::of(&found.header));
        }
        if is_newest && record::read(file, found.offset, found.header)?.is_none() {
            continue;
        }
        found_file.end = offset;
        found_file.unread.add(std::mem::take(&mut pending));
        if is_done {
            (found_file.offset, found_file.next) = (offset, next);
        }
    }
    let last_number = next.saturating_sub(1);
    Ok(Scanned { file: found_file, last_number, torn_bytes: 0, skipped_bytes: 0 })
}

fn cut(path: &Path, end: u64) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(end)
}
