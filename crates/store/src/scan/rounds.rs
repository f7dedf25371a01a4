//! A page of traces: found in one go where rows decide, in rounds where they do not.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::lower::Check;
use super::{FoundIn, Scan, Scanned, check};
use crate::block::Block;
use crate::block::traces::{StoredRow, Suspect};
use crate::live::{Cursor, Page};
use crate::manifest::BlockId;

/// A round finds at least so many traces that may be wanted, and at most so many.
const ROUND_MIN: usize = 16;
const ROUND_MAX: usize = 4096;

/// A trace with its place in the order.
pub(crate) type Found = (Cursor, FoundIn);

/// The rows that are wanted of a block, each with its place on the page.
type Wanted = (Arc<Block>, Vec<(u32, usize)>);

impl Scan<'_, '_> {
    /// Finds the traces of one page that may be wanted; returns where the next one begins.
    pub(super) fn round(&mut self) -> Option<Cursor> {
        self.found.clear();
        let traces_max = self.page.traces_max.max(1);
        self.live(traces_max);
        self.keep_page();
        self.blocks();
        self.keep_page();
        let has_more = self.found.len() > traces_max;
        self.found.truncate(traces_max);
        self.found.last().map(|(cursor, _)| *cursor).filter(|_| has_more)
    }

    /// Looks for a page, round after round, and asks whoever may be on it.
    pub(super) fn rounds(mut self, check: &Check) -> Scanned {
        let wanted_count = self.query.page.traces_max.max(1);
        let mut passed: Vec<Found> = Vec::new();
        let mut seen_count = 0;
        loop {
            let next = self.round();
            let found = std::mem::take(&mut self.found);
            seen_count += found.len();
            passed.extend(self.passing(found, check));
            let is_full = passed.len() >= wanted_count;
            if is_full && (next.is_some() || passed.len() > wanted_count) {
                passed.truncate(wanted_count);
                let last = passed.last().map(|(cursor, _)| *cursor);
                self.found = passed;
                return self.finish(last);
            }
            if next.is_none() || self.cost.checked_count >= self.query.checks_max {
                self.found = passed;
                return self.finish(next);
            }
            // As many as will do if as large a part of them passes as did until now.
            let missing = (wanted_count - passed.len()).saturating_mul(seen_count + seen_count / 4);
            let traces_max = match passed.len() {
                0 => self.page.traces_max.saturating_mul(4),
                passed => missing / passed,
            };
            let checks_left = self.query.checks_max - self.cost.checked_count;
            let traces_max = traces_max.clamp(ROUND_MIN, ROUND_MAX);
            let traces_max = traces_max.min(usize::try_from(checks_left).unwrap_or(usize::MAX));
            self.page = Page { after: next, traces_max };
        }
    }

    /// Keeps those that are wanted.
    fn passing(&mut self, found: Vec<Found>, check: &Check) -> Vec<Found> {
        let mut of_blocks: BTreeMap<BlockId, (Arc<Block>, Vec<Suspect>)> = BTreeMap::new();
        for (_, found) in &found {
            if let FoundIn::Block { block, suspect: Some(suspect), .. } = found {
                let of_block = of_blocks.entry(block.entry.id);
                of_block.or_insert_with(|| (Arc::clone(block), Vec::new())).1.push(*suspect);
            }
        }
        let mut refused: BTreeMap<BlockId, Vec<u32>> = BTreeMap::new();
        for (id, (block, suspects)) in of_blocks {
            self.cost.checked_count += suspects.len() as u64;
            let passing = block.read(|block| check.passing(block, &suspects, self.watch));
            self.cost.unreadable_block_count += u64::from(passing.is_none());
            let passing = passing.unwrap_or_else(|| vec![false; suspects.len()]);
            let not = suspects.iter().zip(passing).filter(|(_, passes)| !passes);
            let mut rows: Vec<u32> = not.map(|(suspect, _)| suspect.row).collect();
            rows.sort_unstable();
            refused.insert(id, rows);
        }
        let mut passes = |found: &Found| match &found.1 {
            FoundIn::Live { row, is_late } => self.live_passes(row, *is_late),
            FoundIn::Block { block, row, .. } => {
                refused.get(&block.entry.id).is_none_or(|rows| rows.binary_search(row).is_err())
            }
        };
        found.into_iter().filter(|found| passes(found)).collect()
    }

    /// Keeps a page of what was found, and one more to know whether there is another.
    pub(super) fn keep_page(&mut self) {
        let is_sealed = |found: &FoundIn| matches!(found, FoundIn::Block { .. });
        self.found.sort_unstable_by_key(|(cursor, found)| (Reverse(*cursor), is_sealed(found)));
        // The first documents of a trace may have come back to life a moment ago.
        self.found.dedup_by_key(|(cursor, _)| cursor.id);
        self.found.truncate(self.page.traces_max.max(1).saturating_add(1));
    }

    /// Reads what is on the page.
    pub(super) fn finish(mut self, next: Option<Cursor>) -> Scanned {
        let found = std::mem::take(&mut self.found);
        let rows = self.load(found);
        self.engine.counters.scanned(&self.cost);
        Scanned { rows, next, cost: self.cost }
    }

    /// Reads the rows of the page, each block once.
    pub(crate) fn load(&mut self, found: Vec<Found>) -> Vec<Arc<StoredRow>> {
        let mut rows: Vec<Option<Arc<StoredRow>>> = Vec::with_capacity(found.len());
        let mut wanted: BTreeMap<BlockId, Wanted> = BTreeMap::new();
        for (at, (_, place)) in found.into_iter().enumerate() {
            match place {
                FoundIn::Live { row, .. } => rows.push(Some(row)),
                FoundIn::Block { block, row, .. } => {
                    rows.push(None);
                    let wanted = wanted.entry(block.entry.id);
                    wanted.or_insert((block, Vec::new())).1.push((row, at));
                }
            }
        }
        for (block, mut places) in wanted.into_values() {
            places.sort_unstable();
            let sorted: Vec<u32> = places.iter().map(|(row, _)| *row).collect();
            let read = block.read(|block| check::rows(block, &sorted));
            self.cost.unreadable_block_count += u64::from(read.is_none());
            for ((_, at), row) in places.iter().zip(read.unwrap_or_default()) {
                rows[*at] = Some(Arc::new(row));
            }
        }
        rows.into_iter().flatten().collect()
    }
}
