//! The manifest: which blocks are live, how far the log is sealed, which traces were deleted.
//!
//! It is one totally ordered log of commits, each a file of its own, and a commit is the only point
//! at which anything changes: a block that no commit names does not exist, whatever lies on the
//! disk, and the log's files may go only after a commit has said that their groups are sealed. A
//! commit takes its number by creating the file of that number, which only one can do; whoever
//! loses reads the winner's and decides again. Now and then the whole state is written as a
//! checkpoint, so that opening reads one of those and the records after it.
//!
//! Every record names the one it builds on. So a damaged record at the end is passed over, never
//! changed or removed, and the next one takes the number behind it; a damaged record that a later
//! one builds on is noticed, and so is one that is gone.
//!
//! What a block's files hold is not known here. The bytes are described in
//! `docs/format/manifest.md`.

mod entry;
mod state;

pub(crate) mod codec;
mod log;

mod describe;
mod error;
mod orphans;

use std::fmt;
use std::io;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use self::codec::Record;
use self::log::Log;
use crate::dir::Dir;
use crate::names;

pub use self::describe::describe;
pub use self::entry::{BlockFile, BlockId, Entry, Hour, Level, RetentionClass};
pub use self::error::{Damage, Error};
pub use self::log::Opened;
pub use self::orphans::{Orphan, orphans, remove_block, remove_orphans};
pub use self::state::{Conflict, Op, Sequence, State, Tombstone};

/// How a manifest is kept.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A checkpoint is written once this many commits came after the last.
    pub checkpoint_every: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { checkpoint_every: 256 }
    }
}

/// Counts since the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Commits that were acknowledged.
    pub commit_count: u64,
    /// Commits that were refused because another came first, or did not fit.
    pub conflict_count: u64,
    /// Commits that could not be written.
    pub commit_failure_count: u64,
    /// Checkpoints that were written.
    pub checkpoint_count: u64,
    /// Checkpoints that could not be written; the next commit tries again.
    pub checkpoint_failure_count: u64,
}

/// The manifest of one directory.
pub struct Manifest {
    dir: Arc<dyn Dir>,
    options: Options,
    opened: Opened,
    /// Held for as long as a commit takes: commits of one manifest come one after the other.
    writer: Mutex<Writer>,
    /// The newest state that is known to be durable; never behind what was acknowledged.
    newest: RwLock<Arc<State>>,
}

struct Writer {
    log: Log,
    /// The newest checkpoint.
    checkpoint: Sequence,
    statistics: Statistics,
}

impl Manifest {
    /// Opens the manifest of `dir`: one checkpoint is read, and the records after it. Nothing is
    /// written.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Missing`] when the log is not what was written,
    /// [`Error::VersionUnknown`], and what the disk reports.
    pub fn open(dir: Arc<dyn Dir>, options: Options) -> Result<Self, Error> {
        let (log, opened) = Log::open(Arc::clone(&dir))?;
        let newest = RwLock::new(Arc::clone(&log.state));
        let checkpoint = opened.checkpoint;
        let statistics = Statistics::default();
        let writer = Writer { log, checkpoint, statistics };
        Ok(Self { dir, options, opened, writer: Mutex::new(writer), newest })
    }

    /// Returns what was found at the opening.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Returns counts since the opening.
    pub fn statistics(&self) -> Statistics {
        self.writer.lock().statistics
    }

    /// Returns the newest state that this manifest knows. Does not wait for a commit.
    pub fn snapshot(&self) -> Arc<State> {
        Arc::clone(&self.newest.read())
    }

    /// Reads what others have committed to the directory since, and what became of an own commit
    /// that failed; returns the newest state.
    ///
    /// # Errors
    /// As for [`Manifest::open`]; the state is then as before.
    pub fn refresh(&self) -> Result<Arc<State>, Error> {
        self.read_on(&mut self.writer.lock())?;
        Ok(self.snapshot())
    }

    /// Commits all of `ops` or none; durable on return. `base` is the state that the caller looked
    /// at.
    ///
    /// # Errors
    /// [`Error::Conflict`] and [`Error::EntryMalformed`]: nothing was changed, and
    /// [`Manifest::snapshot`] is the newest state. After [`Error::Publish`] the commit may have
    /// been made or not; the next call finds out, and then `base` is overtaken if it was. Other
    /// errors are those of [`Manifest::refresh`], and nothing was changed.
    pub fn commit(&self, base: Sequence, ops: Vec<Op>) -> Result<Sequence, Error> {
        let mut writer = self.writer.lock();
        let committed = self.try_commit(&mut writer, base, ops);
        let statistics = &mut writer.statistics;
        match &committed {
            Ok(_) => statistics.commit_count += 1,
            Err(Error::Conflict(_)) => statistics.conflict_count += 1,
            Err(_) => statistics.commit_failure_count += 1,
        }
        if committed.is_ok() {
            self.checkpoint_if_due(&mut writer);
        }
        committed
    }

    /// Commits `ops` on whatever is newest, however often others come first: for operations that
    /// do not depend on what the caller looked at, as those of one who adds a block.
    ///
    /// # Errors
    /// As for [`Manifest::commit`]; a [`Conflict`] is never that of being overtaken.
    pub fn commit_on_newest(&self, ops: &[Op]) -> Result<Sequence, Error> {
        let mut base = self.snapshot().sequence;
        loop {
            match self.commit(base, ops.to_vec()) {
                Err(Error::Conflict(Conflict::Overtaken { newest, .. })) => base = newest,
                committed => return committed,
            }
        }
    }

    fn try_commit(
        &self,
        writer: &mut Writer,
        base: Sequence,
        ops: Vec<Op>,
    ) -> Result<Sequence, Error> {
        let log = &mut writer.log;
        let newest = log.state.sequence;
        if newest != base {
            return Err(Conflict::Overtaken { base, newest }.into());
        }
        check_entries(&ops)?;
        let sequence = log.next.ok_or(Error::SequenceSpent(newest))?;
        let after = match log.state.after(sequence, &ops) {
            Ok(after) => Arc::new(after),
            // It may fit what is newest.
            Err(misfit) => {
                self.read_on(writer)?;
                let newest = writer.log.state.sequence;
                let overtaken = Conflict::Overtaken { base, newest };
                return Err(if newest == base { misfit } else { overtaken }.into());
            }
        };
        let name = names::record(sequence.0);
        let bytes = Record { sequence, base, ops }.encode();
        if let Err(error) = self.dir.publish(&name, &bytes) {
            // Whether the record is there now shows when the next one is to take its number.
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(Error::Publish { path: self.dir.path(&name), source: Arc::new(error) });
            }
            self.read_on(writer)?;
            let newest = writer.log.state.sequence;
            return Err(Conflict::Overtaken { base, newest }.into());
        }
        log.advance(&after);
        *self.newest.write() = after;
        Ok(sequence)
    }

    fn read_on(&self, writer: &mut Writer) -> Result<(), Error> {
        writer.log.read_on()?;
        *self.newest.write() = Arc::clone(&writer.log.state);
        Ok(())
    }

    /// Writes a checkpoint of the newest state, if there is none yet.
    ///
    /// # Errors
    /// [`Error::Publish`]; the log is as good without.
    pub fn checkpoint(&self) -> Result<(), Error> {
        self.write_checkpoint(&mut self.writer.lock())
    }

    fn checkpoint_if_due(&self, writer: &mut Writer) {
        let since = writer.log.state.sequence.0 - writer.checkpoint.0;
        if since >= self.options.checkpoint_every && self.write_checkpoint(writer).is_err() {
            // The commit was made all the same.
            writer.statistics.checkpoint_failure_count += 1;
        }
    }

    fn write_checkpoint(&self, writer: &mut Writer) -> Result<(), Error> {
        let state = &writer.log.state;
        let name = names::checkpoint(state.sequence.0);
        match self.dir.publish(&name, &state.encode()) {
            Ok(()) => writer.statistics.checkpoint_count += 1,
            // Another manifest of this directory was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(Error::Publish { path: self.dir.path(&name), source: Arc::new(error) });
            }
        }
        writer.checkpoint = state.sequence;
        Ok(())
    }

    /// Removes the records and the checkpoints that the newest two good checkpoints make needless;
    /// returns how many files.
    ///
    /// Another manifest of this directory must not be so far behind that it still needs them: it
    /// would take a removed number for a free one.
    ///
    /// # Errors
    /// [`Error::Remove`], [`Error::List`], [`Error::Read`]; whatever was removed was needless.
    pub fn prune(&self) -> Result<u64, Error> {
        // Commits wait, so that none is made while its record's number is looked at.
        let _writer = self.writer.lock();
        let dir = self.dir.as_ref();
        let checkpoints = log::list(dir, names::CHECKPOINT_FOLDER, names::checkpoint_sequence)?;
        let mut good = Vec::new();
        for sequence in checkpoints.iter().rev() {
            if good.len() < 2 && log::read_checkpoint(dir, *sequence)?.is_some() {
                good.push(*sequence);
            }
        }
        let &[_, kept] = good.as_slice() else {
            return Ok(0);
        };
        let records = log::list(dir, names::RECORD_FOLDER, names::record_sequence)?;
        // The oldest first: what is left after a crash has no gap.
        let records = records.into_iter().filter(|sequence| *sequence <= kept);
        let records = records.map(|sequence| names::record(sequence.0));
        let checkpoints = checkpoints.into_iter().filter(|sequence| *sequence < kept);
        let needless = records.chain(checkpoints.map(|sequence| names::checkpoint(sequence.0)));
        let needless: Vec<Orphan> = needless.map(Orphan::File).collect();
        remove_orphans(dir, &needless)?;
        Ok(needless.len() as u64)
    }
}

/// Refuses entries that could not be read back.
fn check_entries(ops: &[Op]) -> Result<(), Error> {
    for op in ops {
        if let Op::AddBlock(entry) = op
            && let Some(problem) = entry.problem()
        {
            return Err(Error::EntryMalformed { id: entry.id, problem });
        }
    }
    Ok(())
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("state", &self.snapshot()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
