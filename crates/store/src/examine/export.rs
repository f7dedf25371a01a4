//! Everything that is kept, trace by trace.
//!
//! Traces come by the hour that they belong to, and within it by their ids; it makes no difference
//! whether a trace is in a block, in several, or still in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use wire::{Micros, Segment, SegmentId, TraceId};

use super::block::ROWS_AT_ONCE;
use super::log::Log;
use super::{Advice, Examination, Flaw};
use crate::batch::is_finished;
use crate::block::{Block, SEGMENTS, TRACES};
use crate::error::Error;
use crate::live::{Candidate, StoredTrace};
use crate::manifest::{Entry, Hour, State};
use crate::view::{View, hour_of, is_epoch_true};

/// Traces that are read together at most.
const TRACES_AT_ONCE: usize = 512;

/// Rows of the table of segments that are read together, if one trace does not have more.
const SEGMENTS_AT_ONCE: u64 = 32 * 1024;

/// Rows between two traces that are read for nothing rather than asking twice.
const GAP_ROWS: u64 = 2048;

/// Which traces are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those that began at this time or later.
    pub from: Option<Micros>,
    /// Those that began before this time.
    pub until: Option<Micros>,
    /// This one alone.
    pub trace: Option<TraceId>,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Traces that were handed out.
    pub trace_count: u64,
    /// Their documents.
    pub document_count: u64,
    /// Traces that could not be read, as far as they are known.
    pub lost_trace_count: u64,
    /// What could not be read.
    pub flaws: Vec<Flaw>,
}

impl Wanted {
    /// Returns whether the trace is wanted if it began at `start`.
    pub fn has(&self, id: &TraceId, start: Micros) -> bool {
        self.trace.is_none_or(|trace| trace == *id)
            && self.from.is_none_or(|from| from <= start)
            && self.until.is_none_or(|until| start < until)
    }

    /// Returns whether the block may have wanted traces.
    pub fn may_be_in(&self, entry: &Entry) -> bool {
        self.from.is_none_or(|from| from <= *entry.starts.end())
            && self.until.is_none_or(|until| *entry.starts.start() < until)
    }
}

/// Where a trace is in a block.
struct Place {
    id: TraceId,
    /// Which block of the hour.
    block: usize,
    start: Micros,
    rows: Range<u64>,
}

/// What is under way.
struct Export<'e, E> {
    of: &'e Examination,
    state: Arc<State>,
    wanted: &'e Wanted,
    /// What the log has, by the hour it belongs to.
    live: BTreeMap<Hour, BTreeMap<TraceId, Candidate>>,
    visit: &'e mut dyn FnMut(&StoredTrace) -> Result<(), E>,
    done: Exported,
}

impl Examination {
    /// Hands out the wanted traces, by hour and id. What cannot be read is left out and counted.
    ///
    /// # Errors
    /// What `visit` returns; nothing more is handed out then.
    pub fn export<E>(
        &self,
        wanted: &Wanted,
        visit: &mut dyn FnMut(&StoredTrace) -> Result<(), E>,
    ) -> Result<Exported, E> {
        let log = self.read_log();
        let live = self.by_hour(&log);
        let mut done = Exported { flaws: self.manifest_flaws(), ..Exported::default() };
        done.flaws.extend(log.checked.flaws);
        let mut export = Export { of: self, state: log.state, wanted, live, visit, done };
        let hours: BTreeSet<Hour> = export.state.blocks().map(|entry| entry.hour).collect();
        for hour in hours.into_iter().chain(export.live.keys().copied()).collect::<BTreeSet<_>>() {
            export.hour(hour)?;
        }
        Ok(export.done)
    }

    /// Divides what is in the log by the hour of the block that has more of it, or would.
    fn by_hour(&self, log: &Log) -> BTreeMap<Hour, BTreeMap<TraceId, Candidate>> {
        let view = View::of(Arc::clone(&log.state), &View::default(), &self.blocks);
        let mut hours: BTreeMap<Hour, BTreeMap<TraceId, Candidate>> = BTreeMap::new();
        for candidate in log.traces() {
            let is_true = is_epoch_true(&candidate.id, candidate.start);
            let own = if is_true { hour_of(&candidate.id) } else { Hour::of(candidate.start) };
            let found = view.find(&candidate.id, is_true);
            let hour = found.map_or(own, |found| found.block.entry.hour);
            hours.entry(hour).or_default().insert(candidate.id, candidate);
        }
        hours
    }
}

impl<E> Export<'_, E> {
    fn hour(&mut self, hour: Hour) -> Result<(), E> {
        let mut live = self.live.remove(&hour).unwrap_or_default();
        let entries = self.state.blocks().filter(|entry| entry.hour == hour);
        let mut blocks: Vec<Arc<Block>> =
            entries.map(|entry| self.of.blocks.block(entry)).collect();
        blocks.sort_by_key(|block| std::cmp::Reverse(block.age()));
        let mut places: BTreeMap<TraceId, Place> = BTreeMap::new();
        for (at, block) in blocks.iter().enumerate() {
            // The newest block that has a trace has the whole of it.
            for place in self.places(at, block) {
                places.entry(place.id).or_insert(place);
            }
        }
        let start = |(id, one): (&TraceId, &Candidate)| {
            (*id, places.get(id).map_or(one.start, |place| place.start.min(one.start)))
        };
        let starts: BTreeMap<TraceId, Micros> = live.iter().map(start).collect();
        let is_wanted = |id: &TraceId, start: Micros| {
            self.wanted.has(id, starts.get(id).copied().unwrap_or(start))
        };
        places.retain(|id, place| is_wanted(id, place.start));
        live.retain(|id, one| is_wanted(id, one.start));
        let places: Vec<Place> = places.into_values().collect();
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let now;
            (now, rest) = rest.split_at(slice_len(rest));
            let last = now.last().filter(|_| !rest.is_empty()).map(|place| place.id);
            self.slice(&blocks, now, &mut live, last)?;
        }
        self.slice(&blocks, &[], &mut live, None)
    }

    /// Finds the traces of a block that are not deleted.
    fn places(&mut self, at: usize, block: &Arc<Block>) -> Vec<Place> {
        let mut found = Vec::new();
        let table = match block.traces() {
            Ok(table) => table,
            Err(error) => {
                self.failed(&block.entry, TRACES, &error, block.entry.trace_count);
                return found;
            }
        };
        for rows in self.rows(block).chunks(ROWS_AT_ONCE) {
            let stored = match table.rows(rows) {
                Ok(stored) => stored,
                Err(problem) => {
                    let error = block.failed(problem);
                    self.failed(&block.entry, TRACES, &error, rows.len() as u64);
                    continue;
                }
            };
            let is_kept = |row: &&crate::StoredRow| {
                let deleted = self.state.tombstone(&row.id());
                let sealed_through = block.entry.sealed_through;
                deleted.is_none_or(|deleted| !deleted.has_version(row.updated(), sealed_through))
                    && self.wanted.trace.is_none_or(|trace| trace == row.id())
            };
            found.extend(stored.iter().filter(is_kept).map(|row| {
                let first = u64::from(row.place().first_row);
                let rows = first..first + u64::from(row.place().row_count);
                Place { id: row.id(), block: at, start: row.start(), rows }
            }));
        }
        found
    }

    /// Returns the rows of a table of traces that may be wanted: all, if the index cannot say.
    fn rows(&self, block: &Block) -> Vec<u32> {
        match (self.wanted.trace, block.index()) {
            (Some(id), Ok(index)) => index.find(&id).map(|at| at.trace_row).collect(),
            _ => (0..u32::try_from(block.entry.trace_count).unwrap_or(u32::MAX)).collect(),
        }
    }

    /// Hands out some traces of blocks, and those of the log up to `last`, sorted.
    fn slice(
        &mut self,
        blocks: &[Arc<Block>],
        places: &[Place],
        live: &mut BTreeMap<TraceId, Candidate>,
        last: Option<TraceId>,
    ) -> Result<(), E> {
        let mut traces: BTreeMap<TraceId, StoredTrace> = BTreeMap::new();
        for (at, block) in blocks.iter().enumerate() {
            let here: Vec<&Place> = places.iter().filter(|place| place.block == at).collect();
            for run in here.chunk_by(|a, b| is_near(a, b)) {
                let read = self.read(block, run);
                traces.extend(read.into_iter().map(|trace| (trace.id, trace)));
            }
        }
        let is_now = |id: &TraceId| last.is_none_or(|last| *id <= last);
        let later: Vec<Candidate> =
            live.extract_if(.., |id, _| is_now(id)).map(|(_, one)| one).collect();
        for later in later {
            let later = later.stored();
            let whole = match traces.remove(&later.id) {
                Some(before) => joined(before, later),
                None => later,
            };
            traces.insert(whole.id, whole);
        }
        for trace in traces.values() {
            (self.visit)(trace)?;
            self.done.trace_count += 1;
            self.done.document_count += trace.documents.len() as u64;
        }
        Ok(())
    }

    /// Reads traces that are near each other; one by one when that fails.
    fn read(&mut self, block: &Block, run: &[&Place]) -> Vec<StoredTrace> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
        let is_wanted =
            |trace: &StoredTrace| run.binary_search_by(|place| place.id.cmp(&trace.id)).is_ok();
        match load(block, first.rows.start..last.rows.end) {
            Ok(traces) => traces.into_iter().filter(is_wanted).collect(),
            Err(error) if run.len() == 1 => {
                self.failed(&block.entry, SEGMENTS, &error, 1);
                Vec::new()
            }
            Err(_) => run.iter().flat_map(|place| self.read(block, &[place])).collect(),
        }
    }

    /// Notes what could not be read; once for each place.
    fn failed(&mut self, entry: &Entry, file: &str, error: &Error, trace_count: u64) {
        let mut flaw = self.of.block_flaw(entry, file, error);
        if self.of.is_gone(entry) {
            flaw.advice = Advice::Repeat;
        }
        if !self.done.flaws.contains(&flaw) {
            self.done.flaws.push(flaw);
        }
        self.done.lost_trace_count += trace_count;
    }
}

/// Returns how many of the first places are read together; at least one.
fn slice_len(places: &[Place]) -> usize {
    let mut rows = 0;
    let is_within = |place: &&Place| {
        rows += place.rows.end - place.rows.start;
        rows <= SEGMENTS_AT_ONCE
    };
    places.iter().take(TRACES_AT_ONCE).take_while(is_within).count().max(1)
}

fn is_near(a: &Place, b: &Place) -> bool {
    a.rows.end <= b.rows.start && b.rows.start - a.rows.end <= GAP_ROWS
}

fn load(block: &Block, rows: Range<u64>) -> Result<Vec<StoredTrace>, Error> {
    let traces = block.segments()?.traces(rows).map_err(|problem| block.failed(problem))?;
    Ok(traces.into_iter().map(StoredTrace::from).collect())
}

/// Puts what the log has of a trace behind what a block has: nothing replaces a finished entity.
fn joined(mut before: StoredTrace, later: StoredTrace) -> StoredTrace {
    let segments = before.documents.iter().filter_map(|one| Segment::parse(one.text()).ok());
    let finished: BTreeSet<SegmentId> =
        segments.filter(is_finished).map(|segment| segment.id).collect();
    let is_new = |text: &str| Segment::parse(text).map_or(true, |one| !finished.contains(&one.id));
    let new = later.documents.into_iter().filter(|one| is_new(one.text()));
    before.documents.extend(new);
    before.limit_exceeded |= later.limit_exceeded;
    before
}
