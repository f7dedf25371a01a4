//! Scans: the traces that are like a predicate, newest first, live and sealed together.
//!
//! Live traces are looked at one by one, those of which blocks have earlier versions put together
//! with them. Of a block, the index says first which rows cannot match; void rows, and those of
//! traces that are live again, are left out. A page ends at a time and an id, and nothing is
//! remembered in between.

pub mod prune;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use trace::Trace;
use wire::{Micros, TraceId};

use crate::block::traces::{self, Facts, Place, Predicate, Row, StoredRow};
use crate::block::{Block, assemble, parse};
use crate::engine::Engine;
use crate::error::Error;
use crate::index::Condition;
use crate::live::{Axis, CachedRow, Cursor, LookedAt, Page, RowOrTrace, StoredTrace};
use crate::manifest::BlockId;
use crate::statistics::count;
use crate::view::{View, Visible, is_epoch_true};

/// What the budget is charged for a row that is kept with a live trace.
const ROW_CHARGE: u64 = 2048;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub predicate: &'q Predicate,
    /// The time by which traces are selected and ordered.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// Which part of the traces found is wanted.
    pub page: Page,
}

/// One page of traces.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The traces, newest first.
    pub rows: Vec<Arc<StoredRow>>,
    /// Where the next page begins; `None` when there is none.
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
    /// Bytes of blocks that were read.
    pub bytes_read: u64,
}

/// Where a trace was found.
enum FoundIn {
    Live(Arc<StoredRow>),
    Block(Arc<Block>, u32),
}

impl Engine {
    /// Returns one page of the traces that are like the predicate.
    pub(crate) fn scan(&self, query: &Query<'_>) -> Scanned {
        let mut scan = Scan::begin(self, query);
        scan.live(query.page.traces_max.max(1));
        scan.keep_page();
        scan.blocks();
        scan.finish()
    }

    /// Returns how many traces are like the predicate, on all pages together, and what it took.
    pub(crate) fn count(&self, query: &Query<'_>) -> (u64, ScanCost) {
        let all = Query { page: Page { after: None, ..query.page }, ..query.clone() };
        let mut scan = Scan::begin(self, &all);
        scan.live(usize::MAX);
        let live = scan.found.len() as u64;
        let sealed = scan.count_blocks();
        (live + sealed, scan.cost)
    }

    /// Returns the row that a live trace would have, together with what a block has of it.
    fn live_row(&self, view: &View, id: &TraceId, is_late: bool) -> Option<Arc<StoredRow>> {
        let (stored, document_count) = match self.live.row_or_trace(id) {
            Some(RowOrTrace::Row(cached)) => return Some(cached.row),
            Some(RowOrTrace::Trace(stored, document_count)) => (stored, document_count),
            // It was sealed meanwhile.
            None => return row_of(&view.trace(id, false)?),
        };
        let before = if is_late { view.trace(id, false) } else { None };
        let whole = match before {
            Some(before) => self.joined(&before, stored),
            None => stored,
        };
        let row = row_of(&whole)?;
        if let Some(reservation) = self.budget.reserve(ROW_CHARGE) {
            let cached = CachedRow { row: Arc::clone(&row), _reservation: Arc::new(reservation) };
            self.live.keep_row(id, cached, document_count);
        }
        Some(row)
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

/// The rows that are wanted of a block, each with its place on the page.
type Wanted = (Arc<Block>, Vec<(u32, usize)>);

/// A scan on its way.
pub(crate) struct Scan<'s, 'q> {
    engine: &'s Engine,
    query: &'s Query<'q>,
    condition: Condition,
    view: Arc<View>,
    looked_at: LookedAt,
    /// In each block, the rows of traces that are live again.
    late_rows: BTreeMap<BlockId, Vec<u32>>,
    found: Vec<(Cursor, FoundIn)>,
    cost: ScanCost,
}

impl<'s, 'q> Scan<'s, 'q> {
    pub(crate) fn begin(engine: &'s Engine, query: &'s Query<'q>) -> Self {
        engine.resolve_late();
        let look = |live: &crate::live::LiveSet| live.looked_at(query.axis, &query.window);
        let (view, mut looked_at) = engine.at_once(look);
        looked_at.whole.sort_unstable_by(|a, b| b.cmp(a));
        let mut late_rows: BTreeMap<BlockId, Vec<u32>> = BTreeMap::new();
        for found in looked_at.late.iter().filter_map(|id| view.find(id, false)) {
            late_rows.entry(found.block.entry.id).or_default().push(found.at.trace_row);
        }
        let window = Condition::Time(query.axis, query.window.clone());
        let condition = Condition::All(vec![window, prune::condition(query.predicate)]);
        let (found, cost) = (Vec::new(), ScanCost::default());
        Self { engine, query, condition, view, looked_at, late_rows, found, cost }
    }

    /// Looks at live traces, newest first, until there are more than `enough`.
    fn live(&mut self, enough: usize) {
        let late = std::mem::take(&mut self.looked_at.late);
        for id in &late {
            self.live_one(id, true);
        }
        let mut whole_count = 0;
        for cursor in std::mem::take(&mut self.looked_at.whole) {
            if self.query.page.after.is_some_and(|after| cursor >= after) {
                continue;
            }
            whole_count += usize::from(self.live_one(&cursor.id, false));
            if whole_count > enough {
                break;
            }
        }
    }

    fn live_one(&mut self, id: &TraceId, is_late: bool) -> bool {
        let found = self.live_match(id, is_late);
        let found = found.map(|(cursor, row)| (cursor, FoundIn::Live(row)));
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
        let is_after = |cursor: &Cursor| self.query.page.after.is_none_or(|after| *cursor < after);
        let cursor = cursor.filter(is_after)?;
        self.query.predicate.matches(&*row).then_some((cursor, row))
    }

    /// Calls `visit` with each live trace that is like the predicate.
    pub(crate) fn each_live(&mut self, mut visit: impl FnMut(&StoredRow)) {
        for id in &std::mem::take(&mut self.looked_at.late) {
            self.live_match(id, true).inspect(|(_, row)| visit(row));
        }
        for cursor in std::mem::take(&mut self.looked_at.whole) {
            self.live_match(&cursor.id, false).inspect(|(_, row)| visit(row));
        }
    }

    /// Asks each block that may have a trace of the window.
    pub(crate) fn each_block(
        &mut self,
        mut ask: impl FnMut(&traces::Table, &traces::Query<'_>) -> Result<traces::Cost, traces::Error>,
    ) {
        let view = Arc::clone(&self.view);
        for one in view.blocks() {
            if !self.is_in_window(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            let cost = self.in_block(one, &mut ask).flatten().unwrap_or_default();
            self.cost.row_count += cost.row_count;
            self.cost.bytes_read += cost.bytes_read;
        }
    }

    /// Returns what it took until now.
    pub(crate) fn cost(&self) -> ScanCost {
        self.cost
    }

    /// Looks at blocks, those with the newest traces first, until no other can have one of the page.
    fn blocks(&mut self) {
        let view = Arc::clone(&self.view);
        let mut blocks: Vec<&Visible> = view.blocks().collect();
        blocks.sort_by_key(|one| Reverse(self.newest(one)));
        for one in blocks {
            if !self.may_matter(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            let selected = self.in_block(one, |table, query| table.select(query));
            let Some(Some(selected)) = selected else { continue };
            self.cost.row_count += selected.cost.row_count;
            self.cost.bytes_read += selected.cost.bytes_read;
            let found = selected.traces.into_iter();
            let place = |row| FoundIn::Block(Arc::clone(&one.block), row);
            self.found.extend(found.map(|(cursor, row)| (cursor, place(row))));
            self.keep_page();
        }
    }

    fn count_blocks(&mut self) -> u64 {
        let view = Arc::clone(&self.view);
        let mut sum = 0;
        for one in view.blocks() {
            if !self.is_in_window(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            if let Some(all) = self.counted_whole(one) {
                sum += all;
                continue;
            }
            let counted = self.in_block(one, |table, query| table.count(query));
            sum += counted.flatten().unwrap_or(0);
        }
        sum
    }

    /// Returns how many traces a block has when all of them count, without reading any.
    fn counted_whole(&self, one: &Visible) -> Option<u64> {
        let (entry, window) = (&one.block.entry, &self.query.window);
        let bounds = self.bounds(one)?;
        let is_inside = window.start() <= bounds.start() && bounds.end() <= window.end();
        let is_everything = *self.query.predicate == Predicate::All(Vec::new());
        (is_inside && is_everything).then(|| {
            let void = self.void(one).map_or(0, |void| void.count_set_bits() as u64);
            entry.trace_count.saturating_sub(void)
        })
    }

    /// Asks one block; `None` when the index ruled it out, `Some(None)` when it cannot be read.
    fn in_block<T>(
        &mut self,
        one: &Visible,
        ask: impl FnOnce(&traces::Table, &traces::Query<'_>) -> Result<T, traces::Error>,
    ) -> Option<Option<T>> {
        let block = &one.block;
        let rows = block.read(|block| Ok(block.index()?.prune(&self.condition)));
        if rows.as_ref().is_some_and(Vec::is_empty) {
            self.cost.pruned_block_count += 1;
            return None;
        }
        let void = self.void(one);
        let answer = rows.and_then(|rows| {
            let query = traces::Query {
                predicate: self.query.predicate,
                axis: self.query.axis,
                window: self.query.window.clone(),
                rows: Some(&rows),
                void: void.as_ref(),
                // One more than a page, to know whether there is another.
                page: Page {
                    traces_max: self.query.page.traces_max.max(1).saturating_add(1),
                    ..self.query.page
                },
            };
            block.read(|block| {
                ask(&block.traces()?, &query).map_err(|problem| block.failed(problem))
            })
        });
        match answer {
            Some(_) => self.cost.block_count += 1,
            None => self.cost.unreadable_block_count += 1,
        }
        Some(answer)
    }

    /// Returns the rows that are not looked at: void ones, and those of traces that are live again.
    fn void(&self, one: &Visible) -> Option<BooleanBuffer> {
        let void = one.void.as_ref().map(|void| void.rows.clone());
        let Some(late) = self.late_rows.get(&one.block.entry.id) else { return void };
        let row_count = usize::try_from(one.block.entry.trace_count).unwrap_or(0);
        let is_late = |row: usize| u32::try_from(row).is_ok_and(|row| late.contains(&row));
        let late = BooleanBuffer::collect_bool(row_count, is_late);
        Some(match void {
            Some(void) => &void | &late,
            None => late,
        })
    }

    /// Returns a time that nothing in the block is newer than.
    fn newest(&self, one: &Visible) -> Micros {
        match self.query.axis {
            Axis::Start => *one.block.entry.starts.end(),
            Axis::Updated => *one.block.entry.received.end(),
            Axis::End => Micros(u64::MAX),
        }
    }

    /// Returns between which times on the axis all traces of the block lie, where that is known.
    fn bounds<'v>(&self, one: &'v Visible) -> Option<&'v RangeInclusive<Micros>> {
        match self.query.axis {
            Axis::Start => Some(&one.block.entry.starts),
            Axis::Updated => Some(&one.block.entry.received),
            Axis::End => None,
        }
    }

    fn is_in_window(&self, one: &Visible) -> bool {
        let window = &self.query.window;
        self.bounds(one)
            .is_none_or(|bounds| bounds.start() <= window.end() && window.start() <= bounds.end())
    }

    /// Returns whether the block may have a trace of the page.
    fn may_matter(&self, one: &Visible) -> bool {
        let newest = self.newest(one);
        // What was found is sorted as soon as it is more than a page.
        let last = self.found.get(self.query.page.traces_max.max(1));
        self.is_in_window(one) && last.is_none_or(|(last, _)| newest >= last.time)
    }

    /// Keeps a page of what was found, and one more to know whether there is another.
    fn keep_page(&mut self) {
        let is_sealed = |found: &FoundIn| matches!(found, FoundIn::Block(..));
        self.found.sort_unstable_by_key(|(cursor, found)| (Reverse(*cursor), is_sealed(found)));
        // The first documents of a trace may have come back to life a moment ago.
        self.found.dedup_by_key(|(cursor, _)| cursor.id);
        self.found.truncate(self.query.page.traces_max.max(1).saturating_add(1));
    }

    fn finish(mut self) -> Scanned {
        self.keep_page();
        let traces_max = self.query.page.traces_max.max(1);
        let has_more = self.found.len() > traces_max;
        self.found.truncate(traces_max);
        let next = self.found.last().map(|(cursor, _)| *cursor).filter(|_| has_more);
        let rows = self.load();
        let counters = &self.engine.counters;
        count(&counters.scan_count, 1);
        count(&counters.scanned_row_count, self.cost.row_count);
        Scanned { rows, next, cost: self.cost }
    }

    /// Reads the rows of the page, each block once.
    fn load(&mut self) -> Vec<Arc<StoredRow>> {
        let mut rows: Vec<Option<Arc<StoredRow>>> = Vec::with_capacity(self.found.len());
        let mut wanted: BTreeMap<BlockId, Wanted> = BTreeMap::new();
        for (at, (_, place)) in self.found.drain(..).enumerate() {
            match place {
                FoundIn::Live(row) => rows.push(Some(row)),
                FoundIn::Block(block, row) => {
                    rows.push(None);
                    let wanted = wanted.entry(block.entry.id);
                    wanted.or_insert((block, Vec::new())).1.push((row, at));
                }
            }
        }
        for (block, mut places) in wanted.into_values() {
            places.sort_unstable();
            let sorted: Vec<u32> = places.iter().map(|(row, _)| *row).collect();
            let read = block.read(|block| {
                block.traces()?.rows(&sorted).map_err(|problem| block.failed(problem))
            });
            self.cost.unreadable_block_count += u64::from(read.is_none());
            for ((_, at), row) in places.iter().zip(read.unwrap_or_default()) {
                rows[*at] = Some(Arc::new(row));
            }
        }
        rows.into_iter().flatten().collect()
    }
}

impl Engine {
    /// Finds out of which live traces blocks have earlier versions.
    pub(crate) fn resolve_late(&self) {
        let view = self.view();
        self.live.resolve_late(|id, start| view.has(id, is_epoch_true(id, start)));
    }
}
