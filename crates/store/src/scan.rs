//! Scans: the traces that pass a filter, newest first, live and sealed together.
//!
//! Live traces are looked at one by one, those of which blocks have earlier versions put together
//! with them. Of a block, the index says first which rows cannot match; void rows, and those of
//! traces that are live again, are left out. A page ends at a time and an id, and nothing is
//! remembered in between.
//!
//! What rows do not decide is decided on the trace itself. A page is then looked for in rounds, each
//! of which finds traces that may be wanted, newest first, and asks them; a count asks all of them,
//! block by block.

mod lower;
pub mod prune;

mod blocks;
mod check;
mod rounds;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use trace::Trace;
use wire::{Micros, TraceId};

use crate::block::traces::{Facts, Place, Row, StoredRow, Suspect};
use crate::block::{Block, assemble, parse};
use crate::engine::Engine;
use crate::error::Error;
use crate::index::Condition;
use crate::live::{Axis, CachedRow, Cursor, LookedAt, Page, RowOrTrace, StoredTrace};
use crate::manifest::BlockId;
use crate::view::{View, is_epoch_true};
use crate::watch::Watch;
use lower::Check;

pub(crate) use check::each_whole;
pub use lower::Filter;
pub(crate) use rounds::Found;

/// What the budget is charged for a row that is kept with a live trace.
const ROW_CHARGE: u64 = 2048;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub filter: &'q Filter,
    /// The time by which traces are selected and ordered.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// Which part of the traces found is wanted.
    pub page: Page,
    /// When so many traces were put together and asked, a page ends, even with fewer traces than
    /// wanted or none. A count has no such bound.
    pub checks_max: u64,
}

/// One page of traces.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The traces, newest first.
    pub rows: Vec<Arc<StoredRow>>,
    /// Where the next page begins; `None` when there is none. All newer traces were decided.
    pub next: Option<Cursor>,
    /// What it took.
    pub cost: ScanCost,
}

/// What a scan took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanCost {
    /// Live traces that were looked at.
    pub live_count: u64,
    /// Blocks whose rows were looked at.
    pub block_count: u64,
    /// Blocks that the window, the page or the index ruled out.
    pub pruned_block_count: u64,
    /// Blocks that cannot be read: what is in them is missing from the answer.
    pub unreadable_block_count: u64,
    /// Rows that were looked at.
    pub row_count: u64,
    /// Bytes of blocks that were read; not those of traces that were put together.
    pub bytes_read: u64,
    /// Traces that were put together and asked, for their rows do not decide.
    pub checked_count: u64,
}

/// Where a trace was found.
pub(crate) enum FoundIn {
    Live {
        row: Arc<StoredRow>,
        is_late: bool,
    },
    Block {
        block: Arc<Block>,
        row: u32,
        /// Where its segments are if it must be asked.
        suspect: Option<Suspect>,
    },
}

impl Engine {
    /// Returns one page of the traces that pass the filter.
    pub(crate) fn scan(&self, query: &Query<'_>) -> Scanned {
        let watch = Watch::default();
        let mut scan = Scan::begin(self, query, &watch);
        match query.filter.check() {
            None => {
                let next = scan.round();
                scan.finish(next)
            }
            Some(check) => scan.rounds(check),
        }
    }

    /// Returns how many traces pass the filter, on all pages together, and what it took.
    pub(crate) fn count(&self, query: &Query<'_>, watch: &Watch) -> (u64, ScanCost) {
        let all = Query { page: Page { after: None, ..query.page }, ..query.clone() };
        let mut scan = Scan::begin(self, &all, watch);
        let mut sum = scan.live_found().len() as u64;
        sum += scan.count_blocks();
        self.counters.scanned(&scan.cost);
        (sum, scan.cost)
    }

    /// Returns the row that a live trace would have, together with what a block has of it.
    fn live_row(&self, view: &View, id: &TraceId, is_late: bool) -> Option<Arc<StoredRow>> {
        let (stored, document_count) = match self.live.row_or_trace(id) {
            Some(RowOrTrace::Row(cached)) => return Some(cached.row),
            Some(RowOrTrace::Trace(stored, document_count)) => (stored, document_count),
            // It was sealed meanwhile.
            None => return row_of(&view.trace(id, false)?),
        };
        let row = row_of(&self.live_whole(view, id, stored, is_late))?;
        if let Some(reservation) = self.budget.reserve(ROW_CHARGE) {
            let cached = CachedRow { row: Arc::clone(&row), _reservation: Arc::new(reservation) };
            self.live.keep_row(id, cached, document_count);
        }
        Some(row)
    }

    /// Puts what a block has of a live trace in front of it.
    fn live_whole(
        &self,
        view: &View,
        id: &TraceId,
        live: StoredTrace,
        is_late: bool,
    ) -> StoredTrace {
        match is_late.then(|| view.trace(id, false)).flatten() {
            Some(before) => self.joined(&before, live),
            None => live,
        }
    }

    /// Returns whether a live trace is wanted that its row does not decide.
    fn live_passes(&self, view: &View, id: &TraceId, is_late: bool, check: &Check) -> bool {
        let whole = match self.live.trace(id) {
            Some(live) => Some(self.live_whole(view, id, live, is_late)),
            // It was sealed meanwhile.
            None => view.trace(id, false),
        };
        let passes = |whole| with_trace(&whole, |trace| check.passes_whole(trace)).ok();
        whole.and_then(passes).unwrap_or(false)
    }
}

fn row_of(stored: &StoredTrace) -> Option<Arc<StoredRow>> {
    with_trace(stored, |trace| Arc::new(StoredRow::of(&Row::of(trace, Place::default())))).ok()
}

/// Puts a stored trace together and hands it on.
pub(crate) fn with_trace<T>(
    stored: &StoredTrace,
    then: impl FnOnce(&Trace<'_>) -> T,
) -> Result<T, Error> {
    let trace = assemble(stored, parse(stored)?)?;
    Ok(then(&trace))
}

/// A scan on its way.
pub(crate) struct Scan<'s, 'q> {
    engine: &'s Engine,
    query: &'s Query<'q>,
    pub(crate) watch: &'s Watch,
    /// Which part is looked for now.
    page: Page,
    condition: Condition,
    view: Arc<View>,
    looked_at: LookedAt,
    /// In each block, the rows of traces that are live again.
    late_rows: BTreeMap<BlockId, Vec<u32>>,
    found: Vec<(Cursor, FoundIn)>,
    cost: ScanCost,
}

impl<'s, 'q> Scan<'s, 'q> {
    pub(crate) fn begin(engine: &'s Engine, query: &'s Query<'q>, watch: &'s Watch) -> Self {
        engine.resolve_late();
        let look = |live: &crate::live::LiveSet| live.looked_at(query.axis, &query.window);
        let (view, mut looked_at) = engine.at_once(look);
        looked_at.whole.sort_unstable_by(|a, b| b.cmp(a));
        let mut late_rows: BTreeMap<BlockId, Vec<u32>> = BTreeMap::new();
        for found in looked_at.late.iter().filter_map(|id| view.find(id, false)) {
            late_rows.entry(found.block.entry.id).or_default().push(found.at.trace_row);
        }
        let window = Condition::Time(query.axis, query.window.clone());
        let condition = Condition::All(vec![window, prune::condition(query.filter.upper())]);
        let (found, cost) = (Vec::new(), ScanCost::default());
        let page = query.page;
        Self { engine, query, watch, page, condition, view, looked_at, late_rows, found, cost }
    }

    /// Looks at live traces, newest first, until there are more than `enough`.
    fn live(&mut self, enough: usize) {
        let looked_at = std::mem::take(&mut self.looked_at);
        for id in &looked_at.late {
            self.live_one(id, true);
        }
        let mut whole_count = 0;
        for cursor in &looked_at.whole {
            if self.page.after.is_some_and(|after| *cursor >= after) {
                continue;
            }
            whole_count += usize::from(self.live_one(&cursor.id, false));
            if whole_count > enough {
                break;
            }
        }
        self.looked_at = looked_at;
    }

    fn live_one(&mut self, id: &TraceId, is_late: bool) -> bool {
        let found = self.live_match(id, is_late);
        let found = found.map(|(cursor, row)| (cursor, FoundIn::Live { row, is_late }));
        let count = self.found.len();
        self.found.extend(found);
        self.found.len() > count
    }

    /// Returns the row of a live trace if it is one of those behind the page.
    fn live_match(&mut self, id: &TraceId, is_late: bool) -> Option<(Cursor, Arc<StoredRow>)> {
        self.cost.live_count += 1;
        let row = self.engine.live_row(&self.view, id, is_late)?;
        let time = row.time(self.query.axis);
        let time = time.filter(|_| row.is_in(self.query.axis, &self.query.window));
        let cursor = time.map(|time| Cursor { time, id: *id });
        let is_after = |cursor: &Cursor| self.page.after.is_none_or(|after| *cursor < after);
        let cursor = cursor.filter(is_after)?;
        self.query.filter.upper().matches(&*row).then_some((cursor, row))
    }

    /// Returns whether a live trace that may be wanted is.
    fn live_passes(&mut self, row: &StoredRow, is_late: bool) -> bool {
        self.live_is_sure(self.query.filter, row, is_late)
    }

    /// Returns whether a live trace passes a filter.
    pub(crate) fn live_is_in(&mut self, filter: &Filter, row: &StoredRow, is_late: bool) -> bool {
        filter.upper().matches(row) && self.live_is_sure(filter, row, is_late)
    }

    fn live_is_sure(&mut self, filter: &Filter, row: &StoredRow, is_late: bool) -> bool {
        let Some(check) = filter.check().filter(|check| !check.lower.matches(row)) else {
            return true;
        };
        self.cost.checked_count += 1;
        self.engine.live_passes(&self.view, &row.id(), is_late, check)
    }

    /// Returns the live traces that pass the filter; `is_late` of those of which a block has a part.
    pub(crate) fn live_found(&mut self) -> Vec<(Arc<StoredRow>, bool)> {
        let LookedAt { late, whole } = std::mem::take(&mut self.looked_at);
        let whole = whole.iter().map(|cursor| (cursor.id, false));
        let mut all = Vec::new();
        for (id, is_late) in late.iter().map(|id| (*id, true)).chain(whole) {
            if self.watch.is_cancelled() {
                break;
            }
            let found = self.live_match(&id, is_late).map(|(_, row)| row);
            let found = found.filter(|row| self.live_passes(row, is_late));
            self.watch.add(1, u64::from(found.is_some()));
            all.extend(found.map(|row| (row, is_late)));
        }
        all
    }

    /// Returns the whole of a live trace that was found.
    pub(crate) fn live_trace(&self, id: &TraceId, is_late: bool) -> Option<StoredTrace> {
        match self.engine.live.trace(id) {
            Some(live) => Some(self.engine.live_whole(&self.view, id, live, is_late)),
            // It was sealed meanwhile.
            None => self.view.trace(id, false),
        }
    }

    /// Adds to the blocks that cannot be read.
    pub(crate) fn add_unreadable(&mut self, count: u64) {
        self.cost.unreadable_block_count += count;
    }

    /// Adds to what it took.
    pub(crate) fn add_checked(&mut self, count: u64) {
        self.cost.checked_count += count;
    }

    /// Returns what it took until now.
    pub(crate) fn cost(&self) -> ScanCost {
        self.cost
    }
}

impl Engine {
    /// Finds out of which live traces blocks have earlier versions.
    pub(crate) fn resolve_late(&self) {
        let view = self.view();
        self.live.resolve_late(|id, start| view.has(id, is_epoch_true(id, start)));
    }
}

#[cfg(test)]
mod tests;
