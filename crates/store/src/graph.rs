//! What a service graph is made of: the rollups of blocks, and what is live.

use std::ops::Range;

use bytes::Bytes;
use wire::Micros;

use crate::engine::Engine;
use crate::live::{Axis, StoredTrace};
use crate::rollup::{MINUTE, Part, minute};

/// One thing to be counted.
#[derive(Clone, Debug)]
pub enum Folded {
    /// What a block counts.
    Rollup {
        /// Which minutes it counts together, half-open; all of them inside the window.
        minutes: Range<u64>,
        /// What [`crate::Fold::finish`] or [`crate::Rollup::merge`] returned.
        bytes: Bytes,
    },
    /// A trace of which documents are live, to be counted in the window; what rollups count of an
    /// earlier version of it is to be taken back.
    Live {
        /// All that there is of it.
        now: StoredTrace,
        /// What blocks have of it.
        before: Option<StoredTrace>,
    },
}

/// Whether the minutes of a window may be handed out as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// As few rollups as there can be, each of one minute or many.
    Window,
    /// Each rollup of one minute.
    Minute,
}

/// Returns the window of all minutes that a window touches.
pub fn whole_minutes(window: &Range<Micros>) -> Range<Micros> {
    let minutes = minutes(window);
    let time = |minute: u64| Micros(minute.saturating_mul(MINUTE.0));
    time(minutes.start)..time(minutes.end)
}

/// Returns the whole minutes that a window of times of receipt touches.
fn minutes(window: &Range<Micros>) -> Range<u64> {
    minute(window.start)..window.end.0.div_ceil(MINUTE.0)
}

impl Engine {
    /// Hands out all there is of the minutes that `window` touches.
    pub(crate) fn fold(&self, window: &Range<Micros>, grain: Grain, mut visit: impl FnMut(Folded)) {
        self.resolve_late();
        let minutes = minutes(window);
        let updated = whole_minutes(window).start..=Micros(u64::MAX);
        let (view, live) = self.at_once(|live| {
            let ids = live.trace_ids(Axis::Updated, &updated);
            ids.iter().filter_map(|id| live.trace_and_lateness(id)).collect::<Vec<_>>()
        });
        for one in view.blocks() {
            let received = &one.block.entry.received;
            let touched = minute(*received.start())..minute(*received.end()).saturating_add(1);
            if touched.start >= minutes.end || minutes.start >= touched.end {
                continue;
            }
            if let Some(file) = one.block.read(|block| block.rollup()) {
                let parts = file.parts(&minutes, grain);
                let folded = |part: &Part| Folded::Rollup {
                    minutes: part.minutes.clone(),
                    bytes: part.bytes.clone(),
                };
                parts.map(folded).for_each(&mut visit);
            }
        }
        for (later, is_late) in live {
            let before = if is_late { view.trace(&later.id, false) } else { None };
            let now = match &before {
                Some(before) => self.joined(before, later),
                None => later,
            };
            visit(Folded::Live { now, before });
        }
    }
}
