//! How much is kept, and of when: for whoever decides how long traces are to be kept.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use wire::Micros;

use crate::expire::Retention;
use crate::live::Axis;
use crate::store::Store;

const DAY: u64 = 24 * 3600 * Micros::PER_SECOND;

/// What blocks have of one day, by the hours that their traces belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// When the day begins, in UTC.
    pub start: Micros,
    /// Bytes of the blocks' files.
    pub bytes: u64,
    /// Traces in them, those that a newer block has the whole of, too.
    pub trace_count: u64,
}

impl Store {
    /// Returns how long traces are kept.
    pub fn retention(&self) -> &Retention {
        &self.engine.options.retention
    }

    /// Returns the first and the last start of a trace; `None` when there is none.
    ///
    /// Looks at every live trace, and at no block.
    pub fn starts(&self) -> Option<RangeInclusive<Micros>> {
        let ever = Micros(0)..=Micros(u64::MAX);
        let (view, live) = self.engine.at_once(|live| live.looked_at(Axis::Start, &ever));
        let live = live.whole.iter().map(|cursor| (cursor.time, cursor.time));
        let sealed = view.state.blocks().map(|block| (*block.starts.start(), *block.starts.end()));
        let both = |a: (Micros, Micros), b: (Micros, Micros)| (a.0.min(b.0), a.1.max(b.1));
        live.chain(sealed).reduce(both).map(|(first, last)| first..=last)
    }

    /// Returns what blocks have of each day, the oldest first. What is not sealed yet is in none.
    pub fn days(&self) -> Vec<Day> {
        let view = self.engine.view();
        let mut days: BTreeMap<u64, Day> = BTreeMap::new();
        for block in view.state.blocks() {
            // The last moment of the hour is on its day.
            let start = (block.hour.end().0 - 1) / DAY * DAY;
            let day = days.entry(start).or_default();
            day.start = Micros(start);
            day.bytes = day.bytes.saturating_add(block.bytes());
            day.trace_count = day.trace_count.saturating_add(block.trace_count);
        }
        days.into_values().collect()
    }
}
