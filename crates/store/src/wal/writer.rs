//! The end of the log that grows: one group in, one frame written and synced.

use std::sync::Arc;

use super::frame::{FRAME_HEADER_LEN, Frame, KIND_BATCHES};
use super::reader::{FILE_HEADER_LEN, FileHeader, VERSION};
use super::recover::{Carried, Recovered};
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
    carried: Option<Carried>,
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
        let Recovered { next_sequence, next_group, carried, .. } = recovered;
        Self {
            dir,
            file_bytes_max,
            file: None,
            next_sequence,
            next_group,
            carried,
            has_failed: false,
            done: Done::default(),
        }
    }

    /// Appends one group whose payload is the concatenation of `batches`; durable on return.
    ///
    /// After a failed write the file is left as it is and the next group goes to a new one, under
    /// the number of the failed group: what is left of that is void from then on.
    pub(crate) fn append(&mut self, batches: &[&[u8]]) -> Result<(), Failure> {
        match self.try_append(batches) {
            Ok(()) => {
                self.next_group = self.next_group.saturating_add(1);
                self.has_failed = false;
                Ok(())
            }
            Err(error) => {
                let is_final = matches!(error, Error::Sync { .. }) || self.has_failed;
                self.has_failed = true;
                Err(Failure { error, is_final })
            }
        }
    }

    fn try_append(&mut self, batches: &[&[u8]]) -> Result<(), Error> {
        let header = Frame::header(KIND_BATCHES, self.next_group, batches);
        let mut parts = Vec::with_capacity(batches.len() + 1);
        parts.push(header.as_slice());
        parts.extend_from_slice(batches);
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
        let first_group = self.carried.as_ref().map_or(self.next_group, |carried| carried.group);
        let header = FileHeader { version: VERSION, sequence, first_group };
        self.write(&mut file, &[&header.encode()])?;
        if let Some(carried) = &self.carried {
            let frame = carried.read(self.dir.as_ref())?;
            self.write(&mut file, &[&frame])?;
            self.carried = None;
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

impl Carried {
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
