//! Sorting: the traces that are first in an order of the caller's choice.
//!
//! Every trace that passes the filter is looked at, its time only; whole rows are read of those that
//! are shown. A page ends at a place in the order, and nothing is remembered in between.

use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::sync::Arc;

use wire::{Micros, TraceId};

use crate::block::traces::{Facts, StoredRow};
use crate::engine::Engine;
use crate::live::{Axis, Cursor, Page};
use crate::scan::{self, Filter, Found, FoundIn, Scan, ScanCost};
use crate::watch::Watch;

/// By which of its times traces are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The start.
    Start,
    /// First start to last end.
    Duration,
    /// How long the root took.
    ResponseTime,
}

/// Which comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The shortest or oldest.
    Ascending,
    /// The longest or newest.
    Descending,
}

/// A place in the order. Traces without the time come last, whatever the order; those of the same
/// time by their ids, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The time.
    pub time: Option<Micros>,
    /// The trace.
    pub id: TraceId,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub filter: &'q Filter,
    /// The time by which traces are selected.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// The time by which they are sorted.
    pub by: Time,
    /// Which comes first.
    pub order: Order,
    /// Where the page before this one ended; `None` for the first.
    pub after: Option<Place>,
    /// How many traces are wanted; at least one is returned if there is one.
    pub traces_max: usize,
    /// How far it is; whoever called it off gets a page of what was found until then.
    pub watch: &'q Watch,
}

/// One page of sorted traces.
#[derive(Clone, Debug)]
pub struct Sorted {
    /// The traces in their order.
    pub rows: Vec<Arc<StoredRow>>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<Place>,
    /// The traces that pass the filter, on all pages together.
    pub total: u64,
    /// What it took.
    pub cost: ScanCost,
}

impl Order {
    /// Returns how two places stand to each other.
    pub fn compare(self, a: &Place, b: &Place) -> Ordering {
        let times = match (a.time, b.time, self) {
            (Some(a), Some(b), Self::Ascending) => a.cmp(&b),
            (Some(a), Some(b), Self::Descending) => b.cmp(&a),
            (a, b, _) => b.is_some().cmp(&a.is_some()),
        };
        times.then(a.id.cmp(&b.id))
    }
}

impl Time {
    /// Returns the time of a trace.
    pub fn of(self, row: &StoredRow) -> Option<Micros> {
        match self {
            Self::Start => Some(row.start()),
            Self::Duration => row.duration(),
            Self::ResponseTime => row.response_time(),
        }
    }
}

/// The first places and what stands there.
pub(crate) struct First<'q> {
    order: Order,
    after: Option<&'q Place>,
    /// One more than is wanted, to know whether there are others.
    count_max: usize,
    total: u64,
    found: Vec<(Place, FoundIn)>,
}

impl<'q> First<'q> {
    /// Returns a place for so many.
    pub(crate) fn new(order: Order, after: Option<&'q Place>, count_max: usize) -> Self {
        Self { order, after, count_max, total: 0, found: Vec::new() }
    }

    /// Looks at every trace that passes the filter of the scan.
    pub(crate) fn find(&mut self, scan: &mut Scan<'_, '_>, by: Time) {
        for (row, is_late) in scan.live_found() {
            let place = Place { time: by.of(&row), id: row.id() };
            self.offer(place, || FoundIn::Live { row, is_late });
        }
        scan.each_block(|block, table, query| {
            let mut offer = |place, row| {
                let block = || Arc::clone(block);
                self.offer(place, || FoundIn::Block { block: block(), row, suspect: None });
            };
            table.times_by(query, by, &mut offer).map_err(|problem| block.failed(problem))
        });
        self.cut();
    }

    /// Returns how many were offered, on all pages together.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Returns what was found, in its order.
    pub(crate) fn into_found(self) -> Vec<(Place, FoundIn)> {
        self.found
    }

    fn offer(&mut self, place: Place, found: impl FnOnce() -> FoundIn) {
        self.total += 1;
        if self.after.is_some_and(|after| self.order.compare(&place, after).is_le()) {
            return;
        }
        self.found.push((place, found()));
        if self.found.len() >= self.count_max.saturating_mul(2).max(1024) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let order = self.order;
        self.found.sort_unstable_by(|a, b| order.compare(&a.0, &b.0));
        // A trace may have become a sealed one meanwhile.
        self.found.dedup_by_key(|(place, _)| place.id);
        self.found.truncate(self.count_max);
    }
}

impl Engine {
    /// Returns the first traces that pass the filter.
    pub(crate) fn sort(&self, query: &Query<'_>) -> Sorted {
        let page = Page { after: None, traces_max: usize::MAX };
        let Query { filter, axis, window, by, order, after, traces_max, watch } = query.clone();
        let traces_max = traces_max.max(1);
        let all = scan::Query { filter, axis, window, page, checks_max: u64::MAX };
        let count_max = traces_max.saturating_add(1);
        let mut first = First::new(order, after.as_ref(), count_max);
        let mut scan = Scan::begin(self, &all, watch);
        first.find(&mut scan, by);
        let next = first.found.get(traces_max).and_then(|_| first.found.get(traces_max - 1));
        let (next, total) = (next.map(|(place, _)| *place), first.total);
        first.found.truncate(traces_max);
        let cursor = |place: Place| Cursor { time: place.time.unwrap_or_default(), id: place.id };
        let found = first.found.into_iter().map(|(place, found)| (cursor(place), found));
        let rows = scan.load(found.collect::<Vec<Found>>());
        let cost = scan.cost();
        self.counters.scanned(&cost);
        Sorted { rows, next, total, cost }
    }
}

#[cfg(test)]
mod tests;
