//! The two tables of each block, for programs that read Parquet.

use std::sync::Arc;

use wire::TraceId;

use super::{Advice, Examination, Flaw, Wanted};
use crate::block::{Builder, SEGMENTS, TRACES};
use crate::error::{BlockProblem, Error};
use crate::manifest::{BlockFile, Entry};
use crate::rollup::NoRollup;

/// How much of a file is handed out at a time.
const COPIED_AT_ONCE: u64 = 1 << 20;

/// Takes the next part of the file of that name.
pub type Put<'p, E> = dyn FnMut(&'static str, &[u8]) -> Result<(), E> + 'p;

/// The tables of what is in no block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogTables {
    /// The files' names and bytes; none when there are no such traces.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// The traces in them. Of those that blocks have more of, they have only what came later.
    pub trace_count: u64,
    /// What of the log could not be read.
    pub flaws: Vec<Flaw>,
}

impl Examination {
    /// Returns whether the block may have traces that are wanted.
    pub fn may_have(&self, entry: &Arc<Entry>, wanted: &Wanted) -> bool {
        let index = || self.blocks.block(entry).index();
        let is_inside =
            |id: &TraceId| index().map_or(true, |index| index.find(id).next().is_some());
        wanted.may_be_in(entry) && wanted.trace.is_none_or(|id| is_inside(&id))
    }

    /// Hands out both tables of a block, a part of a file after the other, and says what of them is
    /// not as it was written. They hold void traces too.
    ///
    /// # Errors
    /// What `put` returns.
    pub fn copy_tables<E>(&self, entry: &Arc<Entry>, put: &mut Put<'_, E>) -> Result<Vec<Flaw>, E> {
        let mut flaws = Vec::new();
        for name in [SEGMENTS, TRACES] {
            flaws.extend(self.copy(entry, name, put)?);
            if let Some(file) = entry.files.iter().find(|file| file.name == name) {
                flaws.extend(self.check_copied(entry, file));
            }
        }
        flaws.dedup();
        if !flaws.is_empty() && self.is_gone(entry) {
            flaws.iter_mut().for_each(|flaw| flaw.advice = Advice::Repeat);
        }
        Ok(flaws)
    }

    fn copy<E>(
        &self,
        entry: &Entry,
        name: &'static str,
        put: &mut Put<'_, E>,
    ) -> Result<Option<Flaw>, E> {
        let path = format!("{}/{name}", entry.folder());
        // What is missing is said by the check.
        let Ok(file) = self.dir.open(&path) else { return Ok(None) };
        let mut offset = 0;
        while offset < file.byte_count() {
            let len = COPIED_AT_ONCE.min(file.byte_count() - offset);
            let bytes = match file.read_at(offset, usize::try_from(len).unwrap_or(usize::MAX)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let (path, what) = (self.dir.path(&path), error.to_string());
                    let (offset, advice) = (Some(offset), Advice::LookAtDisk);
                    return Ok(Some(Flaw { path, offset, what, advice }));
                }
            };
            put(name, &bytes)?;
            offset += len;
        }
        Ok(None)
    }

    fn check_copied(&self, entry: &Arc<Entry>, file: &BlockFile) -> Vec<Flaw> {
        self.check_file(&self.blocks.block(entry), file).unwrap_or_else(|flaw| vec![flaw])
    }

    /// Makes tables of the wanted traces that are in no block.
    ///
    /// # Errors
    /// [`Error::WriteBlock`] and [`Error::Trace`] when a trace cannot be put into a table.
    pub fn log_tables(&self, wanted: &Wanted) -> Result<LogTables, Error> {
        let log = self.read_log();
        let mut traces = log.traces();
        traces.retain(|one| wanted.has(&one.id, one.start));
        traces.sort_by_key(|one| one.id);
        let (trace_count, flaws) = (traces.len() as u64, log.checked.flaws);
        if traces.is_empty() {
            return Ok(LogTables { flaws, ..LogTables::default() });
        }
        let unmade = |problem: BlockProblem| Error::WriteBlock {
            path: self.dir.path("wal"),
            source: Arc::new(problem),
        };
        let mut builder = Builder::new(&NoRollup, &|_| None).map_err(unmade)?;
        for one in &traces {
            builder.push(&one.stored(), None)?;
        }
        let mut files = builder.finish(&NoRollup).map_err(unmade)?.files;
        files.retain(|(name, _)| [SEGMENTS, TRACES].contains(name));
        Ok(LogTables { files, trace_count, flaws })
    }
}
