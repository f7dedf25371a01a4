//! The way in: batches appended to the newest file, and the oldest dropped for them.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

use tracing::warn;

use super::file::SpoolFile;
use super::{Batch, Error, Spool, Waiting, folder, record, say_not_removed};

impl Spool {
    /// Appends batches in their order and syncs once: when this returns, neither `kill -9` nor a
    /// loss of power loses them. What is too much is dropped, oldest first, but nothing that is
    /// handed out; returns how many documents were dropped. A batch that is larger than the bound
    /// is dropped at once, and one without documents is nothing.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Write`]: nothing of the batches was kept, and nothing dropped. The
    /// next push may work again.
    pub fn push<B: Batch>(&mut self, batches: &[B]) -> Result<u64, Error> {
        let mut dropped_count = 0;
        let mut fitting = Vec::with_capacity(batches.len());
        for batch in batches.iter().filter(|batch| !batch.documents().is_empty()) {
            match record::record_bytes(batch.documents()) {
                Some(bytes) if bytes <= self.bytes_max => fitting.push(batch),
                _ => dropped_count += batch.documents().len() as u64,
            }
        }
        if !fitting.is_empty() {
            self.append(&fitting)?;
        }
        // What a crash brought back, or a smaller bound, may be too much without anything new.
        Ok(dropped_count + self.drop_oldest())
    }

    /// Writes the batches into one file and syncs it; when that fails, it is as it was before.
    fn append<B: Batch>(&mut self, batches: &[&B]) -> Result<(), Error> {
        self.make_room()?;
        let (&first, file) = self.files.last_key_value().expect("there is room in a file");
        let writer = self.writer.take().expect("there is room in a file");
        let written = folder::write(&writer, file.end, self.next_number, batches);
        match written {
            Ok(written) => {
                let file = self.files.get_mut(&first).expect("it was the last");
                file.end += written.bytes;
                file.unread.add(written);
                self.waiting.add(written);
                self.next_number += written.batches;
                self.writer = Some(writer);
                Ok(())
            }
            Err(source) => {
                let error = Error::write(&file.path, source);
                // The next push begins a file with this number, which makes void what cannot be
                // cut off here.
                if let Err(error) = writer.set_len(file.end) {
                    warn!(%error, "could not cut off what was written in vain");
                }
                Err(error)
            }
        }
    }

    /// Begins a new file unless the newest takes more.
    fn make_room(&mut self) -> Result<(), Error> {
        let newest = self.files.last_key_value();
        let has_room = newest.is_some_and(|(_, file)| file.end < self.file_bytes);
        // A file that someone removed takes no more, or all of it would be lost with us.
        let is_there = |writer: &File| writer.metadata().is_ok_and(|it| it.nlink() > 0);
        if has_room && self.writer.as_ref().is_some_and(is_there) {
            return Ok(());
        }
        self.writer = None;
        let newest = newest.map(|(&first, _)| first);
        let path = folder::path(&self.folder, self.next_number);
        match folder::begin(&self.folder, &path, self.next_number) {
            Ok(writer) => self.writer = Some(writer),
            Err(source) => {
                // It may not exist, and what is there is written over by the next attempt.
                fs::remove_file(&path).ok();
                return Err(Error::write(&path, source));
            }
        }
        self.files.insert(self.next_number, SpoolFile::begun(path, self.next_number));
        if let Some(newest) = newest {
            self.remove_if_finished(newest).unwrap_or_else(|error| say_not_removed(&error));
        }
        Ok(())
    }

    /// Drops the oldest batches that are not handed out until the rest fits; returns how many
    /// documents they had.
    fn drop_oldest(&mut self) -> u64 {
        let mut document_count = 0;
        while self.waiting.bytes > self.bytes_max {
            match self.oldest() {
                Ok(Some(held)) => {
                    let dropped = Waiting::of(&held.found.header);
                    document_count += dropped.documents;
                    self.waiting.subtract(dropped);
                    self.finish(held).unwrap_or_else(|error| say_not_removed(&error));
                }
                Ok(None) => break,
                Err(error) => {
                    warn!(%error, "dropped a file that cannot be read");
                    document_count += self.drop_oldest_file();
                }
            }
        }
        if document_count > 0
            && let Err(error) = self.write_marks()
        {
            warn!(%error, "some dropped documents may be sent after a crash");
        }
        document_count
    }

    fn drop_oldest_file(&mut self) -> u64 {
        let unread = self.files.iter_mut().find(|(_, file)| file.unread.batches > 0);
        let Some((&first, file)) = unread else { return 0 };
        let dropped = file.give_up_rest();
        self.waiting.subtract(dropped);
        self.remove_if_finished(first).unwrap_or_else(|error| say_not_removed(&error));
        dropped.documents
    }
}
