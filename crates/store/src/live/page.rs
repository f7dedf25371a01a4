//! Selecting traces by time, page by page, newest first.
//!
//! A page begins where the last one ended, at a time and a trace id; nothing is remembered in
//! between. A client that turns all pages sees every trace exactly once whose time did not change
//! meanwhile; one that was updated has moved in front of the pages already turned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::RangeInclusive;

use wire::{Micros, TraceId};

use super::StoredTrace;

/// The time by which traces are selected and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The earliest start of anything in the trace.
    Start,
    /// The receipt of the latest document that the trace kept.
    Updated,
    /// The end of the latest finished segment. A trace is in a window that has some of the time
    /// from its first end to its latest: so no window that has the end of a segment misses it, and
    /// it stands at the same place on all of them.
    End,
}

/// Returns whether the window has some of the time from `first` to `last`.
pub(crate) fn overlaps(window: &RangeInclusive<Micros>, first: Micros, last: Micros) -> bool {
    first <= *window.end() && *window.start() <= last && !window.is_empty()
}

/// A place in the order of traces, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The time of the last trace seen, on the axis of the query.
    pub time: Micros,
    /// That trace; it tells apart those of the same time.
    pub id: TraceId,
}

/// Which part of the selected traces is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Where the page before this one ended; `None` for the first.
    pub after: Option<Cursor>,
    /// How many traces the page may have; at least one is returned if there is one.
    pub traces_max: usize,
}

/// One page of traces.
#[derive(Clone, Debug)]
pub struct TracePage {
    /// The traces, newest first.
    pub traces: Vec<StoredTrace>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<Cursor>,
    /// How many traces lie in the window, on all pages together.
    pub window_count: u64,
}

/// Keeps the newest of the cursors it is offered; in memory is never more than the page.
pub(super) struct Newest {
    after: Option<Cursor>,
    cursors_max: usize,
    /// The page so far, its oldest on top.
    heap: BinaryHeap<Reverse<Cursor>>,
    has_more: bool,
    offered_count: u64,
}

impl Newest {
    pub(super) fn new(page: Page) -> Self {
        Self {
            after: page.after,
            cursors_max: page.traces_max.max(1),
            heap: BinaryHeap::new(),
            has_more: false,
            offered_count: 0,
        }
    }

    pub(super) fn offer(&mut self, cursor: Cursor) {
        self.offered_count += 1;
        if self.after.is_some_and(|after| cursor >= after) {
            return;
        }
        if self.heap.len() < self.cursors_max {
            self.heap.push(Reverse(cursor));
            return;
        }
        self.has_more = true;
        if let Some(mut oldest) = self.heap.peek_mut()
            && cursor > oldest.0
        {
            *oldest = Reverse(cursor);
        }
    }

    /// Returns the page, newest first, where the next begins, and how many cursors were offered.
    pub(super) fn finish(self) -> (Vec<Cursor>, Option<Cursor>, u64) {
        let page: Vec<Cursor> =
            self.heap.into_sorted_vec().into_iter().map(|Reverse(cursor)| cursor).collect();
        let next = page.last().copied().filter(|_| self.has_more);
        (page, next, self.offered_count)
    }
}
