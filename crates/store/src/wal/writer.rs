//! The end of the log that grows: one group in, one frame written and synced.

use std::io;
use std::sync::Arc;

use super::frame::{FRAME_HEADER_LEN, Frame, KIND_BATCHES, KIND_CARRIED};
use super::reader::{FILE_HEADER_LEN, FileHeader, LogFile, VERSION};
use super::recover::{LastGroup, Recovered};
use crate::dir::{Appender, Dir};
use crate::error::{Damage, Error};
use crate::names;

/// Writes groups. Belongs to one thread.
pub(crate) struct Writer {
    dir: Arc<dyn Dir>,
    file_bytes_max: u64,
    /// The file that takes the next group; none before the first group and after a failure.
    file: Option<NewestFile>,
    /// Invariant: greater than that of every file in the folder.
    next_sequence: u64,
    next_group: u64,
    /// The last group that was read at start, until a file of ours has a copy of it.
    last_group: Option<LastGroup>,
    /// Whether the last group could not be written.
    has_failed: bool,
    /// What was done so far, for the statistics.
    pub(crate) done: Done,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) sync_count: u64,
    pub(crate) file_count: u64,
    pub(crate) bytes: u64,
    pub(crate) removed_file_count: u64,
    pub(crate) removed_bytes: u64,
}

/// Where the log's files end at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Boundary {
    /// The last group that they hold.
    pub(crate) last_group: u64,
    /// No file up to this one will get another group.
    pub(crate) last_sequence: u64,
}

/// A group that was not made durable.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether the log can take no other group: after a failed sync nobody knows what is on the
    /// disk, and after two failed writes in a row the disk is not going to work.
    pub(crate) is_final: bool,
}

struct NewestFile {
    name: String,
    appender: Box<dyn Appender>,
    len: u64,
}

impl Writer {
    /// Goes on where the log that was read ends.
    pub(crate) fn new(dir: Arc<dyn Dir>, file_bytes_max: u64, recovered: Recovered) -> Self {
        let Recovered { next_sequence, next_group, last_group, .. } = recovered;
        Self {
            dir,
            file_bytes_max,
            file: None,
            next_sequence,
            next_group,
            last_group,
            has_failed: false,
            done: Done::default(),
        }
    }

    /// Appends one group whose payload is the concatenation of `batches`, and returns its number;
    /// durable on return.
    ///
    /// After a failed write the file is left as it is and the next group goes to a new one, under
    /// the number of the failed group: what is left of that is void from then on.
    pub(crate) fn append(&mut self, batches: &[&[u8]]) -> Result<u64, Failure> {
        self.append_frame(KIND_BATCHES, batches)
    }

    /// Appends, as a group of its own, what is carried over from the groups up to `through`.
    pub(crate) fn append_carried(&mut self, through: u64, batches: &[u8]) -> Result<(), Failure> {
        self.append_frame(KIND_CARRIED, &[&through.to_le_bytes(), batches]).map(drop)
    }

    /// Begins a new file with the next group, and returns where the older files end.
    pub(crate) fn rotate(&mut self) -> Boundary {
        self.file = None;
        Boundary {
            last_group: self.next_group.saturating_sub(1),
            last_sequence: self.next_sequence.saturating_sub(1),
        }
    }

    /// Removes the files up to `boundary`, whose groups are all sealed, the oldest first.
    pub(crate) fn remove(&mut self, boundary: Boundary) -> Result<(), Error> {
        // It is in a block now.
        self.last_group.take_if(|last| last.group <= boundary.last_group);
        let files = LogFile::list(self.dir.as_ref())?;
        for file in files.iter().filter(|file| file.sequence <= boundary.last_sequence) {
            match self.dir.remove(&file.name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    let (path, source) = (self.dir.path(&file.name), Arc::new(error));
                    return Err(Error::Remove { path, source });
                }
                _ => {}
            }
            self.done.removed_file_count += 1;
            self.done.removed_bytes += file.len;
        }
        Ok(())
    }

    fn append_frame(&mut self, kind: u8, parts: &[&[u8]]) -> Result<u64, Failure> {
        match self.try_append(kind, parts) {
            Ok(()) => {
                let group = self.next_group;
                self.next_group = group.saturating_add(1);
                self.has_failed = false;
                Ok(group)
            }
            Err(error) => {
                let is_final = matches!(error, Error::Sync { .. }) || self.has_failed;
                self.has_failed = true;
                Err(Failure { error, is_final })
            }
        }
    }

    fn try_append(&mut self, kind: u8, payload: &[&[u8]]) -> Result<(), Error> {
        let header = Frame::header(kind, self.next_group, payload);
        let mut parts = Vec::with_capacity(payload.len() + 1);
        parts.push(header.as_slice());
        parts.extend_from_slice(payload);
        let frame_len = parts.iter().map(|part| part.len() as u64).sum();
        // Put back only when all went well: a file that failed is never written to again.
        let mut file = match self.file.take() {
            Some(file) if file.has_room(frame_len, self.file_bytes_max) => file,
            _ => self.start_file()?,
        };
        self.write(&mut file, &parts)?;
        self.file = Some(file);
        Ok(())
    }

    /// Creates the next file. Its header is synced before anything follows, so a file with a frame
    /// in it has a header; the carried group is synced before another follows, so a damaged frame
    /// before a good one is never the trace of a crash.
    fn start_file(&mut self) -> Result<NewestFile, Error> {
        let sequence = self.next_sequence;
        // Spent even if the creation fails: the file may exist all the same.
        self.next_sequence = self.next_sequence.saturating_add(1);
        let name = names::wal(sequence);
        let appender = self.dir.create_new(&name).map_err(|error| Error::Create {
            path: self.dir.path(&name),
            source: Arc::new(error),
        })?;
        let mut file = NewestFile { name, appender, len: 0 };
        self.done.file_count += 1;
        let first_group = self.last_group.as_ref().map_or(self.next_group, |last| last.group);
        let header = FileHeader { version: VERSION, sequence, first_group };
        self.write(&mut file, &[&header.encode()])?;
        if let Some(last) = &self.last_group {
            let frame = last.read(self.dir.as_ref())?;
            self.write(&mut file, &[&frame])?;
            self.last_group = None;
        }
        Ok(file)
    }

    fn write(&mut self, file: &mut NewestFile, parts: &[&[u8]]) -> Result<(), Error> {
        let path = || self.dir.path(&file.name);
        let appended = file.appender.append(parts);
        appended.map_err(|error| Error::Write { path: path(), source: Arc::new(error) })?;
        let synced = file.appender.sync();
        synced.map_err(|error| Error::Sync { path: path(), source: Arc::new(error) })?;
        let len: u64 = parts.iter().map(|part| part.len() as u64).sum();
        file.len += len;
        self.done.bytes += len;
        self.done.sync_count += 1;
        Ok(())
    }
}

impl NewestFile {
    /// A file takes one frame of any size, and more only as long as they fit.
    fn has_room(&self, frame_len: u64, file_bytes_max: u64) -> bool {
        let is_empty = self.len <= FILE_HEADER_LEN as u64;
        is_empty || self.len.saturating_add(frame_len) <= file_bytes_max
    }
}

impl LastGroup {
    /// Reads the frame again: it may be large, and the first write may be far away.
    fn read(&self, dir: &dyn Dir) -> Result<Vec<u8>, Error> {
        let path = || dir.path(&self.name);
        let len = (FRAME_HEADER_LEN + self.payload_len) as u64;
        let bytes = dir.read(&self.name, self.offset, len);
        let bytes = bytes.map_err(|error| Error::Read { path: path(), source: Arc::new(error) })?;
        match Frame::read(&bytes) {
            Some(frame) if frame.group == self.group && frame.len() == bytes.len() => Ok(bytes),
            _ => Err(Error::Damaged { path: path(), offset: self.offset, damage: Damage::Frame }),
        }
    }
}
