//! Reading the log: from the newest good checkpoint on, record by record, to its end.

use std::io;
use std::sync::Arc;

use super::codec::{CHECKPOINT_MAGIC, Checked, RECORD_MAGIC, Record, VERSION};
use super::error::{Damage, Error};
use super::state::{Sequence, State};
use crate::dir::Dir;
use crate::names;

/// What was found when the manifest was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The checkpoint that was read; zero when there was none.
    pub checkpoint: Sequence,
    /// Checkpoints that were passed over, because they are damaged.
    pub damaged_checkpoints: Vec<Sequence>,
    /// The records that were read after the checkpoint.
    pub record_count: u64,
    /// Damaged records at the end of the log, which count as if they had never been.
    pub torn_records: Vec<Sequence>,
}

/// The log as far as it was read.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) dir: Arc<dyn Dir>,
    pub(super) state: Arc<State>,
    /// The number of the record to be read or written next, behind all that were seen.
    pub(super) next: Option<Sequence>,
    /// Damaged records behind the last good one.
    torn: Vec<Sequence>,
}

impl Log {
    /// Reads the newest good checkpoint and all records after it.
    pub(super) fn open(dir: Arc<dyn Dir>) -> Result<(Self, Opened), Error> {
        let mut opened = Opened::default();
        let state = newest_checkpoint(dir.as_ref(), &mut opened)?;
        let listed = list(dir.as_ref(), names::RECORD_FOLDER, names::record_sequence)?;
        let next = state.sequence.next();
        let mut log = Self { dir, state: Arc::new(state), next, torn: Vec::new() };
        opened.record_count = log.read_listed(listed)?;
        // A store on the same directory may have gone on since the listing.
        opened.record_count += log.read_on()?;
        opened.torn_records.clone_from(&log.torn);
        Ok((log, opened))
    }

    /// Reads the records behind the checkpoint; returns how many.
    pub(super) fn read_listed(&mut self, listed: Vec<Sequence>) -> Result<u64, Error> {
        let mut record_count = 0;
        for sequence in listed {
            if self.next.is_some_and(|next| next < sequence) {
                // A listing made while others write may leave some out.
                record_count += self.read_on()?;
            }
            if self.next.is_some_and(|next| next <= sequence) {
                let bytes = self.read(sequence).map_err(|error| self.unread(sequence, error))?;
                self.take(sequence, &bytes)?;
                record_count += 1;
            }
        }
        if record_count > 0 {
            self.sync()?;
        }
        Ok(record_count)
    }

    /// Reads what was written behind the end; returns how many records.
    ///
    /// What is read may lie in the system's memory only, for whoever published it may have been
    /// killed before the name was durable. So the folder is synced before anyone acts on it.
    pub(super) fn read_on(&mut self) -> Result<u64, Error> {
        let mut ahead = self.clone();
        let mut record_count = 0;
        while let Some(next) = ahead.next {
            match ahead.read(next) {
                Ok(bytes) => ahead.take(next, &bytes)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(self.unread(next, error)),
            }
            record_count += 1;
        }
        if record_count > 0 {
            ahead.sync()?;
        }
        *self = ahead;
        Ok(record_count)
    }

    /// Goes on to the state after the record that was just written.
    pub(super) fn advance(&mut self, after: &Arc<State>) {
        self.next = after.sequence.next();
        self.state = Arc::clone(after);
        self.torn.clear();
    }

    fn sync(&self) -> Result<(), Error> {
        self.dir.sync_folder(names::RECORD_FOLDER).map_err(|error| Error::Sync {
            path: self.dir.path(names::RECORD_FOLDER),
            source: Arc::new(error),
        })
    }

    fn read(&self, sequence: Sequence) -> io::Result<Vec<u8>> {
        self.dir.read(&names::record(sequence.0), 0, u64::MAX)
    }

    fn unread(&self, sequence: Sequence, error: io::Error) -> Error {
        Error::Read { path: self.dir.path(&names::record(sequence.0)), source: Arc::new(error) }
    }

    /// Goes on by one record, or notes that it is damaged: that is an error only once another
    /// record builds on it.
    fn take(&mut self, sequence: Sequence, bytes: &[u8]) -> Result<(), Error> {
        self.next = sequence.next();
        let Some(checked) = Checked::read(RECORD_MAGIC, bytes) else {
            self.torn.push(sequence);
            return Ok(());
        };
        check_version(self.dir.as_ref(), &names::record(sequence.0), &checked)?;
        if checked.sequence != sequence {
            return Err(self.damaged(sequence, Damage::Sequence(checked.sequence)));
        }
        let Some(record) = Record::decode(&checked) else {
            return Err(self.damaged(sequence, Damage::Content));
        };
        self.check_base(&record)?;
        Arc::make_mut(&mut self.state)
            .apply_all(sequence, &record.ops)
            .map_err(|conflict| self.damaged(sequence, Damage::Misfit(conflict)))?;
        self.torn.clear();
        Ok(())
    }

    /// Returns whether the record builds on the last one, whatever damaged ones lie between: those
    /// were given up before it was written.
    fn check_base(&self, record: &Record) -> Result<(), Error> {
        let newest = self.state.sequence;
        let base = record.base;
        if base == newest {
            Ok(())
        } else if base < newest {
            Err(self.damaged(record.sequence, Damage::Branch { base, newest }))
        } else if let Some(damaged) = self.torn.first() {
            Err(self.damaged(*damaged, Damage::Bytes))
        } else {
            Err(Error::Missing { path: self.dir.path(&names::record(base.0)) })
        }
    }

    fn damaged(&self, sequence: Sequence, damage: Damage) -> Error {
        Error::Damaged { path: self.dir.path(&names::record(sequence.0)), damage }
    }
}

/// Reads one checkpoint; `None` when it is damaged.
pub(super) fn read_checkpoint(dir: &dyn Dir, sequence: Sequence) -> Result<Option<State>, Error> {
    let name = names::checkpoint(sequence.0);
    let bytes = dir
        .read(&name, 0, u64::MAX)
        .map_err(|error| Error::Read { path: dir.path(&name), source: Arc::new(error) })?;
    let Some(checked) = Checked::read(CHECKPOINT_MAGIC, &bytes) else {
        return Ok(None);
    };
    check_version(dir, &name, &checked)?;
    Ok(State::decode(&checked).filter(|state| state.sequence == sequence))
}

fn newest_checkpoint(dir: &dyn Dir, opened: &mut Opened) -> Result<State, Error> {
    let listed = list(dir, names::CHECKPOINT_FOLDER, names::checkpoint_sequence)?;
    for sequence in listed.into_iter().rev() {
        if let Some(state) = read_checkpoint(dir, sequence)? {
            opened.checkpoint = sequence;
            return Ok(state);
        }
        opened.damaged_checkpoints.push(sequence);
    }
    Ok(State::default())
}

fn check_version(dir: &dyn Dir, name: &str, checked: &Checked<'_>) -> Result<(), Error> {
    let version = checked.version;
    if version > VERSION {
        let path = dir.path(name);
        return Err(Error::VersionUnknown { path, version, version_max: VERSION });
    }
    Ok(())
}

/// Returns the numbers of the files in `folder`, in ascending order; other files are none of ours.
pub(super) fn list(
    dir: &dyn Dir,
    folder: &str,
    sequence: fn(&str) -> Option<u64>,
) -> Result<Vec<Sequence>, Error> {
    let entries = dir
        .list(folder)
        .map_err(|error| Error::List { path: dir.path(folder), source: Arc::new(error) })?;
    Ok(entries.iter().filter_map(|entry| sequence(&entry.name).map(Sequence)).collect())
}
