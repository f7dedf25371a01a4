//! Whole traces: the newest that pass a filter, put together one after the other.
//!
//! Those of a block come in the order in which their segments lie, so each page is read once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use trace::Trace;
use wire::Micros;

use crate::block::Block;
use crate::block::segments::Needs;
use crate::block::traces::Predicate;
use crate::engine::Engine;
use crate::live::{Axis, Page};
use crate::manifest::BlockId;
use crate::scan::{self, Filter, FoundIn, Scan, ScanCost, each_whole, with_trace};
use crate::sort::{First, Order, Time};
use crate::watch::Watch;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub filter: &'q Filter,
    /// The time by which traces are selected.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// How many traces are wanted; the newest by their starts.
    pub traces_max: usize,
    /// How far it is; whoever called it off was shown some traces.
    pub watch: &'q Watch,
}

/// What was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visited {
    /// How many traces were shown.
    pub visited_count: u64,
    /// How many pass the filter.
    pub total: u64,
    /// What it took.
    pub cost: ScanCost,
}

impl Engine {
    /// Shows traces, those that are live first; a block's in no order that means anything.
    pub(crate) fn visit(&self, query: &Query<'_>, look: &mut dyn FnMut(&Trace<'_>)) -> Visited {
        let Query { filter, axis, window, traces_max, watch } = query.clone();
        let page = Page { after: None, traces_max: usize::MAX };
        let all = scan::Query { filter, axis, window, page, checks_max: u64::MAX };
        let mut scan = Scan::begin(self, &all, watch);
        let mut first = First::new(Order::Descending, None, traces_max);
        first.find(&mut scan, Time::Start);
        let mut visited = Visited { total: first.total(), ..Visited::default() };
        let mut look = |trace: &Trace<'_>| {
            visited.visited_count += 1;
            look(trace);
        };
        let mut of_blocks: BTreeMap<BlockId, (Arc<Block>, Vec<u32>)> = BTreeMap::new();
        for (place, found) in first.into_found() {
            match found {
                FoundIn::Live { is_late, .. } if !watch.is_cancelled() => {
                    let whole = scan.live_trace(&place.id, is_late);
                    // What cannot be put together has no row either, and was not found.
                    whole.and_then(|whole| with_trace(&whole, &mut look).ok());
                }
                FoundIn::Live { .. } => {}
                FoundIn::Block { block, row, .. } => {
                    let of_block = of_blocks.entry(block.entry.id);
                    of_block.or_insert_with(|| (block, Vec::new())).1.push(row);
                }
            }
        }
        for (block, mut rows) in of_blocks.into_values() {
            rows.sort_unstable();
            let read = block.read(|block| {
                let suspects = block.traces()?.suspects(&rows, &Predicate::Any(Vec::new()));
                let suspects = suspects.map_err(|problem| block.failed(problem))?;
                each_whole(block, &suspects, Needs::ALL, watch, &mut |_, trace| look(trace))
            });
            scan.add_unreadable(u64::from(read.is_none()));
        }
        visited.cost = scan.cost();
        self.counters.scanned(&visited.cost);
        visited
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trace::fixture::{BASE, Fixture};

    use super::*;
    use crate::testing::{append, batch, open};
    use crate::{MemDir, Seal};

    #[test]
    fn the_newest_traces_are_shown_whole() {
        let store = open(&MemDir::default());
        for number in 1..=30 {
            let base = Micros(BASE.0 + u64::from(number) * 1_000_000);
            let fault = if number % 3 == 0 { "500" } else { "" };
            let text = format!("front 0..9ms {fault}\n  > back 1..{}ms", 2 + number % 3);
            let fixture = Fixture::numbered(number, base, &text);
            append(&store, batch(u64::from(number), &fixture.texts())).expect("appended");
            if number == 10 || number == 20 {
                store.seal(Seal::All).expect("sealed");
            }
        }
        for (text, traces_max, visited, total) in [
            ("", 100, 30, 30),
            ("", 12, 12, 30),
            ("fault", 100, 10, 10),
            (r#"service("back") { duration > 0.0025 }"#, 4, 4, 10),
        ] {
            let predicate = filter::Predicate::read(text).expect("legal");
            let filter = &Filter::of(&predicate, &filter::Options::default());
            let window = Micros(0)..=Micros(u64::MAX);
            let watch = &Watch::default();
            let query = Query { filter, axis: Axis::Start, window, traces_max, watch };
            let mut ids = BTreeSet::new();
            let found = store.visit(&query, &mut |trace| {
                assert_eq!(trace.segments.len(), 2);
                let summary = trace::summarize(trace);
                assert!(filter::matches(&predicate, trace, &summary), "{text}");
                ids.insert((summary.start, trace.id));
            });
            assert_eq!((found.visited_count, found.total), (visited, total), "{text}");
            assert_eq!(ids.len() as u64, visited);
            let all = store.sort(&crate::sort::Query {
                filter,
                axis: Axis::Start,
                window: query.window.clone(),
                by: Time::Start,
                order: Order::Descending,
                after: None,
                traces_max,
                watch,
            });
            let newest: BTreeSet<_> = all.rows.iter().map(|row| (row.start(), row.id())).collect();
            assert_eq!(ids, newest, "{text}");
        }
    }
}
