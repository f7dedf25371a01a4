//! Batches that wait for one destination: a folder of files, bounded, which a crash does not empty.
//!
//! Batches are appended to the newest file and read from the oldest on; a file whose batches are
//! all done is removed. In memory are positions, never documents: a few numbers for each file, and
//! for each batch that is handed out. All calls block: they belong on a thread that may wait.
//!
//! What is promised, and what the bytes mean: `docs/format/spool.md`.

mod error;

mod folder;

mod file;

mod marks;

mod push;

mod record;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tracing::warn;

pub use error::Error;

use file::{Place, SpoolFile};
use marks::{Marks, MarksFile};
use record::{Found, Header};

/// The sizes at which a file is full; between them it is a part of the whole bound.
const FILE_BYTES_MIN: u64 = 1 << 20;
const FILE_BYTES_MAX: u64 = 16 << 20;

/// How many files the bound is divided into.
const FILES_WANTED: u64 = 16;

const MARKS_NAME: &str = "marks";

/// A bounded folder of batches; one owner.
pub struct Spool {
    folder: PathBuf,
    /// Keeps other processes away for as long as it is open.
    _lock: File,
    marks: MarksFile,
    bytes_max: u64,
    /// At this length a file is full.
    file_bytes: u64,
    /// By the number in the name, which is that of the first batch.
    files: BTreeMap<u64, SpoolFile>,
    /// The newest file, when it may be appended to.
    writer: Option<File>,
    /// Handed out and not answered for.
    out: BTreeMap<u64, Held>,
    /// Handed out and given back.
    back: BTreeMap<u64, Held>,
    /// What the next batch that is pushed is called.
    next_number: u64,
    handed_out_through: u64,
    /// Batches up to this one may have been handed out by an earlier process.
    repeated_through: u64,
    /// Invariant: the sum over the files' `unread`, over `out` and over `back`.
    waiting: Waiting,
    damage: Damage,
}

/// A batch's name; its number, counted from 1 over the spool's whole life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(u64);

/// What can be pushed.
pub trait Batch {
    /// Returns the documents.
    fn documents(&self) -> &[Bytes];

    /// Returns whether they may have been delivered before they were pushed.
    fn is_repeated(&self) -> bool {
        false
    }
}

impl Batch for Vec<Bytes> {
    fn documents(&self) -> &[Bytes] {
        self
    }
}

/// A batch that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it is called.
    pub id: Id,
    /// The documents, in one allocation that they share.
    pub documents: Vec<Bytes>,
    /// Whether it may have been delivered: it was pushed so, or an earlier process was handed it.
    pub is_repeated: bool,
}

/// What waits, handed out or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many documents.
    pub documents: u64,
    /// Their bytes, as they lie on the disk.
    pub bytes: u64,
    /// How many batches.
    pub batches: u64,
}

/// What was found damaged since the spool was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Bytes of a push that a crash cut short; none of it was acknowledged.
    pub torn_bytes: u64,
    /// Bytes that were passed over because they are not what was written.
    pub skipped_bytes: u64,
    /// Documents that were lost with them, as far as that can be told.
    pub lost_documents: u64,
}

/// A batch that is held: where it lies.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// The file, by the number in its name.
    first: u64,
    found: Found,
}

impl Waiting {
    fn of(header: &Header) -> Self {
        Self { documents: header.document_count.into(), bytes: header.record_bytes(), batches: 1 }
    }

    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.batches += other.batches;
    }

    /// Takes away what may have been counted otherwise: damage hides what was there.
    fn subtract(&mut self, other: Self) {
        self.documents = self.documents.saturating_sub(other.documents);
        self.bytes = self.bytes.saturating_sub(other.bytes);
        self.batches = self.batches.saturating_sub(other.batches);
    }
}

impl Spool {
    /// Opens or creates the folder. At most `bytes_max` bytes of batches wait in it; a file that is
    /// not finished may hold as much again as is done of it.
    ///
    /// # Errors
    /// [`Error::InUse`] when another spool has the folder; else what the system reports, and
    /// [`Error::Version`].
    pub fn open(folder: &Path, bytes_max: u64) -> Result<Self, Error> {
        let failed = |source| Error::Open { path: folder.to_owned(), source };
        folder::create(folder).map_err(failed)?;
        let lock = folder::lock(folder)?;
        let marks_path = folder.join(MARKS_NAME);
        let marks = MarksFile::open(&marks_path)
            .map_err(|source| Error::Open { path: marks_path, source })?;
        let mut spool = Self {
            folder: folder.to_owned(),
            _lock: lock,
            marks,
            bytes_max,
            file_bytes: (bytes_max / FILES_WANTED).clamp(FILE_BYTES_MIN, FILE_BYTES_MAX),
            files: BTreeMap::new(),
            writer: None,
            out: BTreeMap::new(),
            back: BTreeMap::new(),
            next_number: 1,
            handed_out_through: 0,
            repeated_through: 0,
            waiting: Waiting::default(),
            damage: Damage::default(),
        };
        spool.recover()?;
        Ok(spool)
    }

    /// Hands out the oldest batch that is not handed out; `None` when there is none. That it was is
    /// on record before this returns.
    ///
    /// # Errors
    /// What the system reports; the batch will be tried again by the next call. Damage is none: it
    /// is passed over and counted.
    #[expect(clippy::should_implement_trait, reason = "it may fail, and ends for a while only")]
    pub fn next(&mut self) -> Result<Option<Taken>, Error> {
        while let Some(held) = self.oldest()? {
            let number = held.found.header.number;
            self.out.insert(number, held);
            self.handed_out_through = self.handed_out_through.max(number);
            match self.write_marks().and_then(|()| self.read(held)) {
                Ok(Some(documents)) => {
                    let is_repeated =
                        held.found.header.is_repeated || number <= self.repeated_through;
                    return Ok(Some(Taken { id: Id(number), documents, is_repeated }));
                }
                Ok(None) => {
                    self.out.remove(&number);
                    self.lose(held.first, Waiting::of(&held.found.header));
                    self.finish(held)?;
                }
                Err(error) => {
                    self.back(Id(number));
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Forgets a batch that was delivered, or refused for good: it is never handed out again. One
    /// that is not handed out is left alone.
    ///
    /// # Errors
    /// What the system reports. The batch is done all the same; but it may be handed out again,
    /// marked as repeated, after a crash.
    pub fn done(&mut self, id: Id) -> Result<(), Error> {
        match self.out.remove(&id.0) {
            Some(held) => {
                self.waiting.subtract(Waiting::of(&held.found.header));
                self.finish(held)?;
                self.write_marks()
            }
            None => Ok(()),
        }
    }

    /// Takes back a batch that was not delivered: it is handed out again before all later ones.
    pub fn back(&mut self, id: Id) {
        if let Some(held) = self.out.remove(&id.0) {
            self.back.insert(id.0, held);
        }
    }

    /// Returns what waits, handed out or not.
    pub fn waiting(&self) -> Waiting {
        self.waiting
    }

    /// Returns what was found damaged since the spool was opened.
    pub fn damage(&self) -> Damage {
        self.damage
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = self.write_marks().and_then(|()| self.sync_marks()) {
            warn!(%error, "some batches may be sent again after a loss of power");
        }
    }
}

// ## What the folder holds
impl Spool {
    fn recover(&mut self) -> Result<(), Error> {
        let Marks { done_through, handed_out_through } = self.marks.written();
        let numbers = folder::list(&self.folder)?;
        self.next_number = done_through + 1;
        for (index, &first) in numbers.iter().enumerate() {
            let behind = numbers.get(index + 1).copied();
            let path = folder::path(&self.folder, first);
            let scanned = SpoolFile::open(path, Place { first, behind, done_through })?;
            self.damage.torn_bytes += scanned.torn_bytes;
            self.damage.skipped_bytes += scanned.skipped_bytes;
            self.next_number = self.next_number.max(scanned.last_number + 1);
            self.waiting.add(scanned.file.unread);
            self.files.insert(first, scanned.file);
        }
        // When nothing is known, what is there may have been handed out, and nothing else.
        self.handed_out_through = match handed_out_through {
            u64::MAX => self.next_number - 1,
            known => known,
        };
        self.next_number = self.next_number.max(self.handed_out_through + 1);
        self.repeated_through = self.handed_out_through;
        self.write_marks()?;
        self.sync_marks()?;
        for first in numbers {
            self.remove_if_finished(first)?;
        }
        if self.damage != Damage::default() {
            let Damage { torn_bytes, skipped_bytes, .. } = self.damage;
            warn!(torn_bytes, skipped_bytes, folder = %self.folder.display(), "the spool is damaged");
        }
        Ok(())
    }

    /// Returns how far all batches are done.
    fn done_through(&self) -> u64 {
        let held = [&self.out, &self.back].into_iter().filter_map(|held| held.keys().next());
        let unread = self.files.values().find(|file| file.unread.batches > 0);
        let oldest = held.copied().chain(unread.map(|file| file.next)).min();
        oldest.unwrap_or(self.next_number) - 1
    }

    fn write_marks(&mut self) -> Result<(), Error> {
        let marks = Marks {
            done_through: self.done_through(),
            handed_out_through: self.handed_out_through,
        };
        let failed = |source| Error::write(&self.folder.join(MARKS_NAME), source);
        self.marks.write(marks).map_err(failed)
    }

    fn sync_marks(&self) -> Result<(), Error> {
        self.marks.sync().map_err(|source| Error::write(&self.folder.join(MARKS_NAME), source))
    }
}

// ## Out
impl Spool {
    /// Takes the oldest batch that is not handed out; the caller accounts for it.
    fn oldest(&mut self) -> Result<Option<Held>, Error> {
        if let Some((_, held)) = self.back.pop_first() {
            return Ok(Some(held));
        }
        while let Some((&first, file)) =
            self.files.iter_mut().find(|(_, file)| file.unread.batches > 0)
        {
            match file.peek() {
                Ok(Some(found)) => {
                    let skipped_bytes = found.offset - file.offset;
                    file.pass(found);
                    if skipped_bytes > 0 {
                        self.damage.skipped_bytes += skipped_bytes;
                        say_damaged(&file.path, skipped_bytes);
                    }
                    return Ok(Some(Held { first, found }));
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::Read { path: file.path.clone(), source }),
            }
            // ## Nothing more is in the file, whatever was expected of it
            let lost = file.give_up_rest();
            self.lose(first, lost);
            self.remove_if_finished(first)?;
        }
        Ok(None)
    }

    fn read(&mut self, held: Held) -> Result<Option<Vec<Bytes>>, Error> {
        let Some(file) = self.files.get_mut(&held.first) else { return Ok(None) };
        match file.read(held.found) {
            Ok(documents) => Ok(documents),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Read { path: file.path.clone(), source }),
        }
    }

    /// Counts what is damaged as no longer waiting.
    fn lose(&mut self, first: u64, lost: Waiting) {
        self.waiting.subtract(lost);
        self.damage.lost_documents += lost.documents;
        self.damage.skipped_bytes += lost.bytes;
        say_damaged(&folder::path(&self.folder, first), lost.bytes);
    }

    /// Lets go of a batch that is not to be handed out again.
    fn finish(&mut self, held: Held) -> Result<(), Error> {
        if let Some(file) = self.files.get_mut(&held.first) {
            file.held_count -= 1;
        }
        self.remove_if_finished(held.first)
    }

    /// Removes a file that nothing is waited for of, unless more may be written to it.
    fn remove_if_finished(&mut self, first: u64) -> Result<(), Error> {
        let Some(file) = self.files.get(&first).filter(|file| file.is_finished()) else {
            return Ok(());
        };
        let is_newest = self.files.last_key_value().is_some_and(|(&last, _)| last == first);
        if is_newest && self.writer.is_some() {
            if file.end < self.file_bytes {
                return Ok(());
            }
            self.writer = None;
        }
        self.write_marks()?;
        // A file that a loss of power brings back must be known as done.
        self.sync_marks()?;
        let file = self.files.remove(&first).expect("it was found above");
        match fs::remove_file(&file.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Remove { path: file.path, source })
            }
            _ => Ok(()),
        }
    }
}

fn say_damaged(path: &Path, bytes: u64) {
    warn!(path = %path.display(), bytes, "passed over damage in the spool");
}

fn say_not_removed(error: &Error) {
    warn!(%error, "a finished file of the spool is still there");
}

#[cfg(test)]
mod tests;
