//! Compaction: several small blocks of a partition become few, without the rows that are void.
//!
//! A block that takes the place of others has the whole of every trace that they had the whole of;
//! it is as old as the youngest of them. Traces that live longer than others get a block of their
//! own, so that retention removes whole blocks.

mod merge;

use std::ops::Range;
use std::sync::Arc;

use wire::Micros;

use crate::block::Block;
use crate::engine::{By, Engine};
use crate::error::Error;
use crate::manifest::{Entry, Hour, Level, Op, State};
use crate::statistics::count;
use crate::view::{View, Visible, is_quarantined};

/// So many sealed blocks of a partition become one.
const SEALED_COUNT: usize = 8;

/// A compacted block has about so many segments and subsegments at most.
pub(crate) const ROW_COUNT_MAX: u64 = 320_000;

/// So long after its end a partition is compacted as it is.
const CLOSED_AFTER: Micros = Micros(15 * 60 * Micros::PER_SECOND);

/// Blocks that are to become one.
pub(crate) struct Plan {
    hour: Hour,
    inputs: Vec<Visible>,
}

/// What compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Blocks that are no more.
    pub input_count: u64,
    /// Blocks in their place.
    pub output_count: u64,
}

/// Returns what is to be compacted next, if anything.
pub(crate) fn plan(view: &View, now: Micros) -> Option<Plan> {
    view.hours().find_map(|(hour, visible)| plan_hour(hour, visible, now))
}

/// Returns how many blocks wait for compaction.
pub(crate) fn pending_count(view: &View, now: Micros) -> usize {
    let plans = view.hours().filter_map(|(hour, visible)| plan_hour(hour, visible, now));
    plans.map(|plan| plan.inputs.len()).sum()
}

fn plan_hour(hour: Hour, visible: &[Visible], now: Micros) -> Option<Plan> {
    // Nobody knows which traces a block has that cannot be read: rows that are void to it, or that
    // make its rows void, would lose their order among the blocks.
    if is_quarantined(visible) {
        return None;
    }
    let is_sealed = |one: &&Visible| one.block.entry.level == Level::SEALED;
    let is_small = |one: &&Visible| one.block.entry.row_count < ROW_COUNT_MAX / 2;
    let sealed_count = visible.iter().filter(is_sealed).count();
    let is_closed = now.since(hour.end()) >= CLOSED_AFTER;
    let is_void = visible.iter().any(|one| one.void.is_some());
    let wanted: Vec<&Visible> = if sealed_count >= SEALED_COUNT {
        visible.iter().filter(is_sealed).collect()
    } else if is_closed && (sealed_count > 0 || is_void) {
        visible.iter().filter(|one| is_sealed(one) || one.void.is_some() || is_small(one)).collect()
    } else {
        return None;
    };
    let wanted: Vec<&Visible> = wanted.into_iter().rev().collect();
    let sizes: Vec<(u64, bool)> = wanted
        .iter()
        .map(|one| (one.block.entry.row_count, is_sealed(one) || one.void.is_some()))
        .collect();
    let inputs = wanted[chosen(&sizes)].iter().map(|one| (*one).clone()).collect();
    Some(Plan { hour, inputs })
}

/// Returns which blocks become one, of their rows and whether they have to be written anew at all,
/// the oldest first: as many as fit, and at least one that has to. What is left out comes with the
/// next; without one that has to, the next would be the same.
fn chosen(blocks: &[(u64, bool)]) -> Range<usize> {
    let fitting = |start: usize| {
        let mut rows = 0;
        let fits = |(row_count, _): &&(u64, bool)| {
            rows += row_count;
            rows <= ROW_COUNT_MAX
        };
        let count = blocks[start..].iter().take_while(fits).count();
        start..start + count.max(1)
    };
    let oldest = fitting(0);
    let due = blocks.iter().position(|(_, is_due)| *is_due).unwrap_or(0);
    if oldest.contains(&due) { oldest } else { fitting(due) }
}

impl Engine {
    /// Compacts once; `None` when there is nothing to compact.
    ///
    /// # Errors
    /// What the disk reports; the blocks are as they were.
    pub(crate) fn compact(&self) -> Result<Option<Compacted>, Error> {
        let _compacting = self.compacting.lock();
        let view = self.view();
        let Some(plan) = plan(&view, self.clock.now()) else { return Ok(None) };
        match self.replace(&view, &plan) {
            Err(error) => {
                // If it is an input that cannot be read, the partition waits until it can be.
                for input in &plan.inputs {
                    input.block.read(Block::verify);
                }
                Err(error)
            }
            Ok(compacted) => {
                self.forget_deletions()?;
                Ok(Some(compacted))
            }
        }
    }

    /// Writes new blocks and commits them in the place of the inputs.
    fn replace(&self, view: &View, plan: &Plan) -> Result<Compacted, Error> {
        let mut outputs = Vec::new();
        for (class, built) in merge::merge(self, view, plan)? {
            let inputs = plan.inputs.iter().map(|one| one.block.entry.sealed_through);
            let sealed_through = inputs.max().unwrap_or(0);
            match self.publish(plan.hour, Level::COMPACTED, class, sealed_through, &built) {
                Ok(entry) => outputs.push(entry),
                Err(error) => {
                    self.discard(&outputs);
                    return Err(error);
                }
            }
        }
        self.commit_compacted(plan, outputs)
    }

    fn commit_compacted(&self, plan: &Plan, outputs: Vec<Arc<Entry>>) -> Result<Compacted, Error> {
        let removed = plan.inputs.iter().map(|one| Op::RemoveBlock(one.block.entry.id));
        let added = outputs.iter().map(|entry| Op::AddBlock(Arc::clone(entry)));
        let ops: Vec<Op> = removed.chain(added).collect();
        let gone = plan.inputs.iter().map(|one| one.block.entry.id);
        let is_done = |state: &State| gone.clone().all(|id| state.block(id).is_none());
        if let Err(failure) = self.commit(By::Others, &ops, is_done, || {}) {
            if !failure.is_unsettled {
                self.discard(&outputs);
            }
            return Err(failure.error);
        }
        let inputs: Vec<Arc<Entry>> =
            plan.inputs.iter().map(|one| Arc::clone(&one.block.entry)).collect();
        self.discard(&inputs);
        count(&self.counters.compacted_block_count, inputs.len() as u64);
        count(&self.counters.compaction_count, 1);
        Ok(Compacted { input_count: inputs.len() as u64, output_count: outputs.len() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_rewrites_a_block_that_has_to_be() {
        const K: u64 = 1000;
        for (blocks, inputs) in [
            (vec![(20 * K, true)], 0..1),
            (vec![(400 * K, true)], 0..1),
            (vec![(150 * K, false), (100 * K, true), (90 * K, true)], 0..2),
            (vec![(150 * K, false), (250 * K, true)], 1..2),
            (vec![(150 * K, false), (150 * K, false), (250 * K, true), (60 * K, false)], 2..4),
        ] {
            assert_eq!(chosen(&blocks), inputs, "{blocks:?}");
        }
    }
}
