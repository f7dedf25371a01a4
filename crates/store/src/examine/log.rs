//! The log as it is found: its files, and what they hold that is in no block.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::{Advice, Examination, Flaw, chain, manifest};
use crate::budget::Budget;
use crate::error::{Damage, Error};
use crate::live::{Candidate, LiveSet};
use crate::manifest::State;
use crate::replay::{Replayed, Wanted, replay};
use crate::wal::{self, FILE_HEADER_LEN, OnDamage, Piece, Pieces};

/// A server that goes on sealing meanwhile is followed so often.
const ATTEMPTS_MAX: usize = 8;

/// One file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its name in the data directory.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// The first and the last group in it; `None` when it has none.
    pub groups: Option<RangeInclusive<u64>>,
    /// Groups in it.
    pub group_count: u64,
    /// Bytes that are no group: torn by a crash, or damaged.
    pub other_bytes: u64,
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
}

/// What reading the log found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogChecked {
    /// Files.
    pub file_count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Documents that are in no block.
    pub document_count: u64,
    /// Traces that these belong to.
    pub trace_count: u64,
    /// Bytes that a crash left at the end; no loss.
    pub torn_bytes: u64,
    /// What is not as it was written.
    pub flaws: Vec<Flaw>,
}

/// The log as it goes with a state.
pub(super) struct Log {
    pub(super) state: Arc<State>,
    pub(super) live: LiveSet,
    pub(super) checked: LogChecked,
}

impl Log {
    /// Returns everything in it.
    pub(super) fn traces(&self) -> Vec<Candidate> {
        self.live.candidates(u64::MAX)
    }
}

impl Examination {
    /// Returns the files of the log.
    ///
    /// # Errors
    /// [`Error::List`].
    pub fn log_files(&self) -> Result<Vec<LogFile>, Error> {
        let files = wal::LogFile::list(self.dir.as_ref())?;
        Ok(files.into_iter().map(|file| self.log_file(&file)).collect())
    }

    fn log_file(&self, file: &wal::LogFile) -> LogFile {
        let dir = self.dir.as_ref();
        let bytes = file.header(dir).and_then(|_| file.read(dir, u64::MAX));
        let mut found = LogFile {
            name: file.name.clone(),
            bytes: file.len,
            groups: None,
            group_count: 0,
            other_bytes: 0,
            flaw: bytes.as_ref().err().map(|error| self.log_flaw(error)),
        };
        for (_, piece) in Pieces::new(&bytes.unwrap_or_default(), FILE_HEADER_LEN) {
            match piece {
                Piece::Frame(frame) => {
                    let first = found.groups.as_ref().map_or(frame.group, |all| *all.start());
                    found.groups = Some(first..=frame.group.max(first));
                    found.group_count += 1;
                }
                Piece::Bad(len) => found.other_bytes += len as u64,
            }
        }
        found
    }

    /// Reads and checks all of the log that is in no block, document by document. All of that is in
    /// memory meanwhile.
    pub fn check_log(&self) -> LogChecked {
        self.read_log().checked
    }

    /// Reads the log, and the state that it goes with: a server may have sealed in between.
    pub(super) fn read_log(&self) -> Log {
        let mut state = Arc::clone(&self.state);
        for _ in 1..ATTEMPTS_MAX {
            let log = self.read_log_of(&state);
            let newest = manifest(&self.dir).map(|manifest| manifest.snapshot());
            match newest {
                Ok(newest) if !log.checked.flaws.is_empty() && newest != state => state = newest,
                _ => return log,
            }
        }
        self.read_log_of(&state)
    }

    fn read_log_of(&self, state: &Arc<State>) -> Log {
        let live = LiveSet::new(u64::MAX);
        let wanted = Wanted {
            first_group: self.first_group(state),
            is_deleted: &|id, received, group| {
                state.tombstone(id).is_some_and(|deleted| deleted.has_document(received, group))
            },
            on_damage: OnDamage::Skip,
        };
        let replayed = replay(self.dir.as_ref(), wanted, &live, &Budget::new(u64::MAX));
        let checked = match replayed {
            Ok(replayed) => self.checked(&replayed),
            Err(error) => {
                LogChecked { flaws: vec![self.log_flaw(&error)], ..LogChecked::default() }
            }
        };
        Log { state: Arc::clone(state), live, checked }
    }

    /// Returns the first group that is in no block: without a manifest the first that there is.
    fn first_group(&self, state: &State) -> u64 {
        if self.problem.is_none() {
            return state.first_unsealed_group();
        }
        let files = self.log_files().unwrap_or_default();
        files.iter().filter_map(|file| Some(*file.groups.as_ref()?.start())).min().unwrap_or(1)
    }

    fn checked(&self, replayed: &Replayed) -> LogChecked {
        let recovered = &replayed.recovered;
        let errors = recovered.damages.iter().chain(&replayed.damages);
        LogChecked {
            file_count: recovered.file_count,
            bytes: recovered.bytes,
            document_count: replayed.inserted.document_count,
            trace_count: replayed.inserted.trace_count,
            torn_bytes: recovered.torn_bytes,
            flaws: errors.map(|error| self.log_flaw(error)).collect(),
        }
    }

    fn log_flaw(&self, error: &Error) -> Flaw {
        let flaw = |path: &std::path::Path, offset, what, advice| Flaw {
            path: path.to_owned(),
            offset,
            what,
            advice,
        };
        match error {
            Error::Damaged { path, offset, damage } => {
                let what = match damage {
                    Damage::GroupMissing { .. } => format!("{damage}: documents may be lost"),
                    _ => damage.to_string(),
                };
                flaw(path, Some(*offset), what, Advice::RestoreLog)
            }
            Error::DocumentUnreadable { path, offset, problem } => {
                let what = format!("a document cannot be read: {problem}");
                flaw(path, Some(*offset), what, Advice::RestoreLog)
            }
            Error::VersionUnknown { path, .. } => {
                flaw(path, None, error.to_string(), Advice::OtherVersion)
            }
            Error::Read { path, .. } | Error::List { path, .. } => {
                flaw(path, None, chain(error), Advice::LookAtDisk)
            }
            _ => flaw(&self.dir.path("wal"), None, chain(error), Advice::RestoreLog),
        }
    }
}
