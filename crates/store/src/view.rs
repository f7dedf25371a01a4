//! What queries see of the blocks at one moment.
//!
//! A [`View`] never changes: a commit makes a new one, which shares its blocks with the one before.
//! The newest block of a partition that has a trace has the whole of it, so its rows in older ones
//! are *void*; so are rows of deleted traces. Which these are is found once, when the view is made,
//! from the lists of late traces in the blocks' indexes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use wire::{Micros, TraceId};

use crate::block::{Block, Blocks};
use crate::index::Candidate;
use crate::live::{StoredDocument, StoredTrace};
use crate::manifest::{BlockId, Hour, State};

/// The partition that a trace belongs to by its id: X-Ray ids begin with the second in which the
/// trace began.
pub(crate) fn hour_of(id: &TraceId) -> Hour {
    Hour::of(Micros::from_secs(u64::from(id.epoch())))
}

/// How far from the second in its id a trace may begin, for the id to be taken for an X-Ray id.
const EPOCH_TOLERANCE: Micros = Micros(24 * 3600 * Micros::PER_SECOND);

/// Returns whether the id begins with the time of the trace, as X-Ray ids do and W3C ids do not.
pub(crate) fn is_epoch_true(id: &TraceId, start: Micros) -> bool {
    let epoch = Micros::from_secs(u64::from(id.epoch()));
    epoch.0.abs_diff(start.0) <= EPOCH_TOLERANCE.0
}

/// The blocks that are live after one commit.
#[derive(Clone, Default)]
pub(crate) struct View {
    pub(crate) state: Arc<State>,
    /// By partition; in each the newest first.
    hours: BTreeMap<Hour, Vec<Visible>>,
}

/// A block, and which of its rows are not seen.
#[derive(Clone)]
pub(crate) struct Visible {
    pub(crate) block: Arc<Block>,
    /// The rows of the trace table that are void; none when there are none.
    pub(crate) void: Option<Arc<Void>>,
}

/// Rows that are not seen.
#[derive(Debug)]
pub(crate) struct Void {
    pub(crate) rows: BooleanBuffer,
    pub(crate) count: usize,
}

impl Void {
    fn of(rows: &BTreeSet<u32>, row_count: usize) -> Option<Arc<Self>> {
        let is_set = |row: usize| u32::try_from(row).is_ok_and(|row| rows.contains(&row));
        let count = rows.range(..u32::try_from(row_count).unwrap_or(u32::MAX)).count();
        let rows = || BooleanBuffer::collect_bool(row_count, is_set);
        (count > 0).then(|| Arc::new(Self { rows: rows(), count }))
    }
}

/// Where the whole of a trace is.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) block: Arc<Block>,
    pub(crate) at: Candidate,
}

impl View {
    /// Returns the view of a state. Of `before`, what did not change is taken over.
    ///
    /// A block that cannot be read is seen as empty, and says so itself.
    pub(crate) fn of(state: Arc<State>, before: &View, blocks: &Arc<Blocks>) -> Self {
        let mut hours: BTreeMap<Hour, Vec<Visible>> = BTreeMap::new();
        for entry in state.blocks() {
            // One that could not be read is tried again.
            let known = before.block(entry.hour, entry.id);
            let known = known.filter(|known| known.block.problem().is_none());
            let block = known.map_or_else(|| blocks.block(entry), |known| Arc::clone(&known.block));
            hours.entry(entry.hour).or_default().push(Visible { block, void: None });
        }
        let is_same_deletion = is_same_deletion(&state, &before.state);
        for (hour, visible) in &mut hours {
            visible.sort_by_key(|one| Reverse(one.block.age()));
            match before.hours.get(hour) {
                Some(same) if is_same(same, visible) && is_same_deletion => {
                    visible.clone_from(same);
                }
                _ => find_void(visible, &state),
            }
        }
        Self { state, hours }
    }

    /// Returns all blocks, the newest of the newest partition first.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Visible> {
        self.hours.values().rev().flatten()
    }

    /// Returns the blocks of one partition, the newest first.
    pub(crate) fn hour(&self, hour: Hour) -> &[Visible] {
        self.hours.get(&hour).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn hours(&self) -> impl Iterator<Item = (Hour, &[Visible])> {
        self.hours.iter().map(|(hour, visible)| (*hour, visible.as_slice()))
    }

    fn block(&self, hour: Hour, id: BlockId) -> Option<&Visible> {
        self.hour(hour).iter().find(|one| one.block.entry.id == id)
    }

    /// Returns where the trace is. An X-Ray id leads to its partition; with `is_epoch_true` that is
    /// known to be the only one.
    pub(crate) fn find(&self, id: &TraceId, is_epoch_true: bool) -> Option<Found> {
        let own = hour_of(id);
        let in_own = self.hour(own).iter().find_map(|one| one.find(id));
        if in_own.is_some() || is_epoch_true {
            return in_own;
        }
        let others = self.hours.iter().rev().filter(|(hour, _)| **hour != own);
        others.flat_map(|(_, visible)| visible).find_map(|one| one.find(id))
    }

    /// Returns whether a block has the trace; `None` when one cannot be read that might have it.
    pub(crate) fn has(&self, id: &TraceId, is_epoch_true: bool) -> Option<bool> {
        if self.find(id, is_epoch_true).is_some() {
            return Some(true);
        }
        (!self.is_unknown(id, is_epoch_true)).then_some(false)
    }

    /// Returns whether a block that cannot be read might have the trace.
    pub(crate) fn is_unknown(&self, id: &TraceId, is_epoch_true: bool) -> bool {
        match is_epoch_true {
            true => is_quarantined(self.hour(hour_of(id))),
            false => self.hours.values().any(|visible| is_quarantined(visible)),
        }
    }

    /// Returns a trace as its block has it.
    pub(crate) fn trace(&self, id: &TraceId, is_epoch_true: bool) -> Option<StoredTrace> {
        self.find(id, is_epoch_true)?.load(id).ok()?
    }
}

/// Whether these are the same blocks, opened once.
fn is_same(a: &[Visible], b: &[Visible]) -> bool {
    let mut pairs = a.iter().zip(b);
    a.len() == b.len() && pairs.all(|(a, b)| Arc::ptr_eq(&a.block, &b.block))
}

fn is_same_deletion(a: &State, b: &State) -> bool {
    a.tombstones().eq(b.tombstones())
}

/// Whether a block of the partition cannot be read, so that nobody knows what is in it.
pub(crate) fn is_quarantined(visible: &[Visible]) -> bool {
    visible.iter().any(|one| one.block.problem().is_some())
}

/// Finds the void rows of one partition, whose blocks are sorted, the newest first.
fn find_void(visible: &mut [Visible], state: &State) {
    let mut void: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); visible.len()];
    for newer in 0..visible.len() {
        let block = &visible[newer].block;
        if !block.entry.is_late {
            continue;
        }
        for id in block.late_traces() {
            for older in newer + 1..visible.len() {
                void[older].extend(visible[older].block.rows_of(&id));
            }
        }
    }
    for (trace, deleted) in state.tombstones() {
        for (one, void) in visible.iter().zip(&mut void) {
            void.extend(one.block.rows_deleted(&trace, deleted));
        }
    }
    for (one, void) in visible.iter_mut().zip(&void) {
        one.void = Void::of(void, usize::try_from(one.block.entry.trace_count).unwrap_or(0));
    }
}

impl Visible {
    pub(crate) fn is_void(&self, row: u32) -> bool {
        let is_set = |void: &Arc<Void>| {
            usize::try_from(row).is_ok_and(|row| row < void.rows.len() && void.rows.value(row))
        };
        self.void.as_ref().is_some_and(is_set)
    }

    /// Reads a trace even if its rows are void.
    pub(crate) fn load_anyway(&self, id: &TraceId) -> Option<StoredTrace> {
        let at = self.block.find(id).into_iter().next()?;
        Found { block: Arc::clone(&self.block), at }.load(id).ok()?
    }

    fn find(&self, id: &TraceId) -> Option<Found> {
        let at = self.block.find(id).into_iter().find(|at| !self.is_void(at.trace_row))?;
        Some(Found { block: Arc::clone(&self.block), at })
    }
}

impl Found {
    /// Reads the trace; `None` when it turns out to be another one.
    pub(crate) fn load(&self, id: &TraceId) -> Result<Option<StoredTrace>, Quarantined> {
        let traces = self.block.read(|block| {
            let rows = &self.at.segment_rows;
            let rows = u64::from(rows.start)..u64::from(rows.end);
            block.segments()?.traces(rows).map_err(|source| block.failed(source))
        });
        let traces = traces.ok_or(Quarantined)?;
        let trace = traces.into_iter().find(|trace| trace.id == *id);
        Ok(trace.map(StoredTrace::from))
    }
}

/// The block cannot be read, and says why itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quarantined;

impl From<crate::block::segments::StoredTrace> for StoredTrace {
    fn from(trace: crate::block::segments::StoredTrace) -> Self {
        let document = |document: crate::block::segments::StoredDocument| {
            StoredDocument::built(document.received, document.request_number, document.text)
        };
        Self {
            id: trace.id,
            documents: trace.documents.into_iter().map(document).collect(),
            limit_exceeded: trace.limit_exceeded,
        }
    }
}
