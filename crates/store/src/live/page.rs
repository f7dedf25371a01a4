//! Selecting traces by time, page by page, newest first.
//!
//! A page begins where the last one ended, at a time and a trace id; nothing is remembered in
//! between. A client that turns all pages sees every trace exactly once whose time did not change
//! meanwhile; one that was updated has moved in front of the pages already turned.

use std::ops::RangeInclusive;

use wire::{Micros, TraceId};

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
