//! Sealing: what is idle leaves the log and the live set for blocks.
//!
//! The log is cut at a *boundary*: a new file begins, and everything up to there is either sealed or
//! carried over behind it. Traces that nothing was added to for a while are sealed, the whole of
//! each; the others are carried. Then one commit says that the blocks are there and the log is sealed
//! up to the boundary: before it, a restart reads the log as if nothing had been done; after it, the
//! blocks and what was carried.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wire::{Micros, Segment, SegmentId, TraceId};

use crate::block::{Builder, Built};
use crate::dir::NewFile;
use crate::engine::{By, Engine};
use crate::error::{BlockProblem, Error};
use crate::live::{Candidate, Copies, StoredDocument, StoredTrace};
use crate::manifest::{Entry, Hour, Level, Op, RetentionClass, State};
use crate::statistics::count;
use crate::view::{Quarantined, View, hour_of, is_epoch_true, is_quarantined};
use crate::wal::Boundary;

/// A trace that was carried over so often is sealed, whether more of it comes or not.
const CARRY_COUNT_MAX: u8 = 5;

/// Under pressure, what nothing was added to for this long counts as idle.
const PRESSURE_IDLE: Micros = Micros(Micros::PER_SECOND);

/// Which traces are to be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Those that nothing was added to for the idle time of the options.
    Idle,
    /// Those that nothing was added to for a second, and more until little is left.
    Most,
    /// All of them.
    All,
}

/// What sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Blocks that were written.
    pub block_count: u64,
    /// Traces in them.
    pub trace_count: u64,
    /// Of these, traces of which an older block had an earlier version.
    pub late_count: u64,
    /// Traces that were carried over.
    pub carried_count: u64,
}

/// A commit whose outcome is not known: the disk failed when it was asked.
#[derive(Default)]
pub(crate) struct Unsettled(Option<Attempt>);

/// Blocks on their way into the manifest.
struct Attempt {
    boundary: Boundary,
    entries: Vec<Arc<Entry>>,
    ids: Vec<TraceId>,
}

/// A trace that is to be sealed, and what an older block has of it.
struct Chosen {
    candidate: Candidate,
    before: Option<StoredTrace>,
}

impl Engine {
    /// Seals what is to be sealed.
    ///
    /// # Errors
    /// What the disk reports; nothing is lost then, and the next attempt does it again.
    pub(crate) fn seal(&self, seal: Seal) -> Result<Sealed, Error> {
        let mut unsettled = self.sealing.lock();
        self.settle(&mut unsettled)?;
        let boundary = self.queue.rotate()?;
        if self.view().state.first_unsealed_group() > boundary.last_group {
            return Ok(Sealed::default());
        }
        let candidates = self.live.candidates(boundary.last_group);
        let (chosen, mut carried) = choose(candidates, seal, self.clock.now(), self.options.idle);
        let view = self.view();
        let (hours, waiting) = by_hour(&view, chosen);
        carried.extend(waiting);
        let mut sealed = Sealed { carried_count: carried.len() as u64, ..Sealed::default() };
        self.carry(boundary, &carried)?;
        drop(carried);
        let attempt = self.write(&view, boundary, hours, &mut sealed)?;
        sealed.block_count = attempt.entries.len() as u64;
        unsettled.0 = Some(attempt);
        self.commit_attempt(&mut unsettled)?;
        let counters = &self.counters;
        count(&counters.sealed_trace_count, sealed.trace_count);
        count(&counters.late_trace_count, sealed.late_count);
        count(&counters.carried_trace_count, sealed.carried_count);
        count(&counters.seal_count, 1);
        Ok(sealed)
    }

    /// Copies what is not sealed into the log's new file.
    fn carry(&self, boundary: Boundary, carried: &[Candidate]) -> Result<(), Error> {
        if carried.is_empty() {
            return Ok(());
        }
        let (copies, frames) = Copies::of(carried.iter(), &self.budget);
        for frame in frames.into_iter().filter(|frame| !frame.is_empty()) {
            self.queue.carry(boundary.last_group, frame)?;
        }
        self.live.replace(boundary.last_group, copies);
        Ok(())
    }

    /// Writes the blocks, one for each partition.
    fn write(
        &self,
        view: &View,
        boundary: Boundary,
        hours: BTreeMap<Hour, Vec<Chosen>>,
        sealed: &mut Sealed,
    ) -> Result<Attempt, Error> {
        let ids = hours.values().flatten().map(|chosen| chosen.candidate.id).collect();
        let mut attempt = Attempt { boundary, entries: Vec::new(), ids };
        for (hour, chosen) in hours {
            sealed.trace_count += chosen.len() as u64;
            match self.write_block(view, hour, boundary, &chosen, sealed) {
                Ok(entry) => attempt.entries.push(entry),
                Err(error) => {
                    self.discard(&attempt.entries);
                    return Err(error);
                }
            }
        }
        Ok(attempt)
    }

    fn write_block(
        &self,
        view: &View,
        hour: Hour,
        boundary: Boundary,
        chosen: &[Chosen],
        sealed: &mut Sealed,
    ) -> Result<Arc<Entry>, Error> {
        let others = |id: &TraceId| self.trace_in(view, id);
        let unmade = |problem: BlockProblem| Error::WriteBlock {
            path: self.dir.path(&hour.to_string()),
            source: problem.into(),
        };
        let mut builder = Builder::new(self.rollup.as_ref(), &others).map_err(unmade)?;
        for Chosen { candidate, before } in chosen {
            let now = candidate.stored();
            sealed.late_count += u64::from(before.is_some());
            match before {
                Some(before) => builder.push(&self.joined(before, now), Some(before))?,
                None => builder.push(&now, None)?,
            }
        }
        let built = builder.finish(self.rollup.as_ref()).map_err(unmade)?;
        self.publish(hour, Level::SEALED, RetentionClass::default(), boundary.last_group, &built)
    }

    /// Puts a later part of a trace behind the one that a block has, as far as there is room and
    /// it can make a difference: nothing replaces a finished entity.
    pub(crate) fn joined(&self, before: &StoredTrace, later: StoredTrace) -> StoredTrace {
        let mut whole = before.clone();
        let mut bytes: u64 = before.documents.iter().map(|one| one.text().len() as u64).sum();
        whole.limit_exceeded |= later.limit_exceeded;
        let finished = finished(before);
        let is_new = |document: &StoredDocument| {
            Segment::parse(document.text()).map_or(true, |one| !finished.contains(&one.id))
        };
        for document in later.documents.into_iter().filter(is_new) {
            bytes += document.text().len() as u64;
            if bytes > self.options.trace_bytes_max {
                whole.limit_exceeded = true;
                break;
            }
            whole.documents.push(document);
        }
        whole
    }

    /// Puts a block's folder there; nothing knows of it yet.
    pub(crate) fn publish(
        &self,
        hour: Hour,
        level: Level,
        class: RetentionClass,
        sealed_through: u64,
        built: &Built,
    ) -> Result<Arc<Entry>, Error> {
        let entry = Entry {
            id: self.next_block_id(),
            hour,
            level,
            class,
            sealed_through,
            is_late: built.is_late,
            starts: built.times.starts.clone(),
            received: built.times.received.clone(),
            trace_count: built.trace_count,
            row_count: built.row_count,
            files: built.block_files(),
        };
        let folder = entry.folder();
        let files: Vec<NewFile<'_>> =
            built.files.iter().map(|(name, bytes)| NewFile { name, bytes }).collect();
        match self.dir.publish_folder(&folder, &files) {
            Ok(()) => {
                count(&self.counters.block_bytes_written, entry.bytes());
                Ok(Arc::new(entry))
            }
            Err(error) => {
                // It may be there all the same.
                self.discard(&[Arc::new(entry)]);
                let path = self.dir.path(&folder);
                Err(Error::WriteBlock { path, source: Arc::new(error.into()) })
            }
        }
    }

    /// Commits blocks that were written, and lets go of what they hold.
    fn commit_attempt(&self, unsettled: &mut Unsettled) -> Result<(), Error> {
        let Some(attempt) = &unsettled.0 else { return Ok(()) };
        let add = |entry: &Arc<Entry>| Op::AddBlock(Arc::clone(entry));
        let group = attempt.boundary.last_group;
        let ops: Vec<Op> =
            attempt.entries.iter().map(add).chain([Op::SealedThrough { group }]).collect();
        let is_done = |state: &State| state.first_unsealed_group() > group;
        match self.commit(By::Sealing, &ops, is_done, || self.let_go(attempt)) {
            Ok(()) => {}
            Err(error) => {
                if !error.is_unsettled {
                    self.discard(&attempt.entries);
                    unsettled.0 = None;
                }
                return Err(error.error);
            }
        }
        // What is not removed now is removed with the next.
        if self.queue.remove(attempt.boundary).is_err() {
            count(&self.counters.remove_failure_count, 1);
        }
        unsettled.0 = None;
        Ok(())
    }

    fn let_go(&self, attempt: &Attempt) {
        let group = attempt.boundary.last_group;
        let removed = self.live.drop_sealed(&attempt.ids, group, &self.budget);
        self.counters.removed(removed);
        self.queue.wake();
    }

    /// Finds out what became of a commit that nobody knows the outcome of.
    pub(crate) fn settle(&self, unsettled: &mut Unsettled) -> Result<(), Error> {
        let Some(attempt) = &unsettled.0 else { return Ok(()) };
        let group = attempt.boundary.last_group;
        let is_done = |state: &State| state.first_unsealed_group() > group;
        if !self.settle_sealing(is_done, || self.let_go(attempt))? {
            self.discard(&attempt.entries);
        }
        unsettled.0 = None;
        Ok(())
    }

    /// Removes blocks that no commit names. What is left of them is removed at the next start.
    pub(crate) fn discard(&self, entries: &[Arc<Entry>]) {
        for entry in entries {
            if crate::manifest::remove_block(self.dir.as_ref(), entry).is_err() {
                count(&self.counters.remove_failure_count, 1);
            }
        }
    }
}

/// Returns the ids of the finished documents of a trace.
fn finished(trace: &StoredTrace) -> BTreeSet<SegmentId> {
    let segments = trace.documents.iter().filter_map(|one| Segment::parse(one.text()).ok());
    segments.filter(crate::batch::is_finished).map(|segment| segment.id).collect()
}

/// Divides what could be sealed into what is, sorted by id, and what is carried over.
fn choose(
    mut candidates: Vec<Candidate>,
    seal: Seal,
    now: Micros,
    idle: Micros,
) -> (Vec<Candidate>, Vec<Candidate>) {
    let idle = match seal {
        Seal::Idle => idle,
        Seal::Most => PRESSURE_IDLE.min(idle),
        Seal::All => Micros(0),
    };
    candidates.sort_unstable_by_key(|candidate| (candidate.updated, candidate.id));
    let total: u64 = candidates.iter().map(|candidate| candidate.bytes).sum();
    // Little enough that what is carried over costs little.
    let enough = if seal == Seal::Most { total / 8 * 7 } else { 0 };
    let mut sealed_bytes = 0;
    let is_sealed = |candidate: &mut Candidate| {
        let is_idle = now.since(candidate.updated) >= idle;
        let is_old = candidate.carry_count >= CARRY_COUNT_MAX;
        let is_needed = sealed_bytes < enough;
        sealed_bytes += candidate.bytes;
        is_idle || is_old || is_needed
    };
    let mut sealed: Vec<Candidate> = candidates.extract_if(.., is_sealed).collect();
    sealed.sort_unstable_by_key(|candidate| candidate.id);
    (sealed, candidates)
}

/// Divides traces by the partition they belong to: that of an earlier version, if there is one. Those
/// of a partition that cannot be read wait until it can.
fn by_hour(view: &View, chosen: Vec<Candidate>) -> (BTreeMap<Hour, Vec<Chosen>>, Vec<Candidate>) {
    let mut hours: BTreeMap<Hour, Vec<Chosen>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for candidate in chosen {
        let is_true = is_epoch_true(&candidate.id, candidate.start);
        let own = if is_true { hour_of(&candidate.id) } else { Hour::of(candidate.start) };
        let found = view.find(&candidate.id, is_true);
        if found.is_none() && view.is_unknown(&candidate.id, is_true) {
            waiting.push(candidate);
            continue;
        }
        let hour = found.as_ref().map_or(own, |found| found.block.entry.hour);
        match found.map_or(Ok(None), |found| found.load(&candidate.id)) {
            Ok(before) => hours.entry(hour).or_default().push(Chosen { candidate, before }),
            Err(Quarantined) => waiting.push(candidate),
        }
    }
    // Nobody knows which traces a block has that cannot be read.
    let quarantined = hours.extract_if(.., |hour, _| is_quarantined(view.hour(*hour)));
    let quarantined: Vec<Chosen> = quarantined.flat_map(|(_, chosen)| chosen).collect();
    waiting.extend(quarantined.into_iter().map(|chosen| chosen.candidate));
    (hours, waiting)
}

#[cfg(test)]
mod tests;
