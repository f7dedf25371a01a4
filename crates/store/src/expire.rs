//! Retention: blocks go when all that is in them is old enough, or when there is too much; a trace
//! goes when somebody says so.

use std::sync::Arc;

use wire::{Micros, TraceId};

use crate::block::traces::{Predicate, StoredRow};
use crate::engine::{By, Engine};
use crate::error::Error;
use crate::manifest::{Entry, Op, RetentionClass, State, Tombstone};
use crate::statistics::count;
use crate::view::View;

/// How long traces are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retention {
    /// Blocks are removed when their last document came longer ago; `None` keeps them.
    pub age: Option<Micros>,
    /// The oldest blocks are removed while all together have more bytes; `None` keeps them.
    pub bytes_max: Option<u64>,
    /// Traces that are kept for another time than the others, and how long. The first that a trace
    /// is like counts; at most 255.
    pub classes: Vec<(Predicate, Option<Micros>)>,
}

impl Retention {
    /// Returns how long blocks of a class are kept; an unknown one is kept as long as any.
    fn age_of(&self, class: RetentionClass) -> Option<Micros> {
        match usize::from(class.0).checked_sub(1) {
            None => self.age,
            Some(at) => match self.classes.get(at) {
                Some((_, age)) => *age,
                None => self.longest(),
            },
        }
    }

    /// Returns how long any block is kept; `None` for ever. Sealed blocks hold traces of every
    /// class.
    pub fn longest(&self) -> Option<Micros> {
        let ages = self.classes.iter().map(|(_, age)| *age).chain([self.age]);
        ages.collect::<Option<Vec<Micros>>>()?.into_iter().max()
    }
}

impl Engine {
    /// Returns the class of a trace.
    pub(crate) fn class(&self, row: &StoredRow) -> RetentionClass {
        let classes = &self.options.retention.classes;
        let at = classes.iter().position(|(predicate, _)| predicate.matches(row));
        let class = at.and_then(|at| u8::try_from(at + 1).ok());
        RetentionClass(class.unwrap_or_default())
    }

    /// Removes the blocks that are too old or too much; returns how many.
    ///
    /// # Errors
    /// What the disk reports.
    pub(crate) fn expire(&self) -> Result<u64, Error> {
        let _compacting = self.compacting.lock();
        let expired_count = self.expire_blocks()?;
        self.forget_deletions()?;
        Ok(expired_count)
    }

    fn expire_blocks(&self) -> Result<u64, Error> {
        let state = Arc::clone(&self.view().state);
        let mut expired = self.too_old(&state);
        expired.extend(self.too_much(&state, &expired));
        if expired.is_empty() {
            return Ok(0);
        }
        let ops: Vec<Op> = expired.iter().map(|entry| Op::RemoveBlock(entry.id)).collect();
        let is_done = |state: &State| expired.iter().all(|entry| state.block(entry.id).is_none());
        self.commit(By::Others, &ops, is_done, || {}).map_err(|failure| failure.error)?;
        self.discard(&expired);
        count(&self.counters.expired_block_count, expired.len() as u64);
        let traces = expired.iter().map(|entry| entry.trace_count).sum();
        count(&self.counters.expired_trace_count, traces);
        Ok(expired.len() as u64)
    }

    fn too_old(&self, state: &State) -> Vec<Arc<Entry>> {
        let retention = &self.options.retention;
        let is_old = |entry: &&Arc<Entry>| {
            let kept = match entry.level {
                crate::manifest::Level::SEALED => retention.longest(),
                _ => retention.age_of(entry.class),
            };
            kept.is_some_and(|kept| self.age(*entry.received.end()) > kept)
        };
        state.blocks().filter(is_old).cloned().collect()
    }

    fn too_much(&self, state: &State, expired: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
        let Some(bytes_max) = self.options.retention.bytes_max else { return Vec::new() };
        let is_left = |entry: &&Arc<Entry>| expired.iter().all(|other| other.id != entry.id);
        let mut left: Vec<&Arc<Entry>> = state.blocks().filter(is_left).collect();
        left.sort_by_key(|entry| (entry.hour, *entry.received.end(), entry.id));
        let mut bytes: u64 = left.iter().map(|entry| entry.bytes()).sum();
        let is_over = |entry: &&Arc<Entry>| {
            let is_over = bytes > bytes_max;
            bytes = bytes.saturating_sub(entry.bytes());
            is_over
        };
        left.into_iter().take_while(is_over).cloned().collect()
    }

    /// Deletes a trace: what was received of it until now is not shown from now on.
    ///
    /// # Errors
    /// What the disk reports.
    pub(crate) fn delete(&self, trace: TraceId) -> Result<bool, Error> {
        // Nothing is sealed meanwhile: it would take along what is deleted.
        let mut unsettled = self.sealing.lock();
        self.settle(&mut unsettled)?;
        let _compacting = self.compacting.lock();
        // All that the log has until now is live or in blocks. What comes meanwhile is of a later
        // group and stays, whatever the clock says.
        let group = self.queue.rotate()?.last_group;
        let was_there = self.trace(&trace).is_some();
        let deleted = Tombstone::Through(group);
        let is_done = |state: &State| state.tombstone(&trace) >= Some(deleted);
        let forget = || {
            self.counters.removed(self.live.drop_sealed([&trace], group, &self.budget));
        };
        let ops = [Op::AddTombstone { trace, deleted }];
        self.commit(By::Others, &ops, is_done, forget).map_err(|failure| failure.error)?;
        Ok(was_there)
    }

    /// Removes the tombstones of traces of which nothing is left that was deleted. Whoever calls this
    /// compacts, so that nothing is deleted meanwhile.
    ///
    /// # Errors
    /// What the disk reports; they are removed at another time then.
    pub(crate) fn forget_deletions(&self) -> Result<(), Error> {
        let view = self.view();
        let gone = view.state.tombstones().filter(|(trace, deleted)| {
            self.is_behind_log(&view, *deleted) && is_in_no_block(&view, trace, *deleted)
        });
        let gone: Vec<TraceId> = gone.map(|(trace, _)| trace).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let ops: Vec<Op> = gone.iter().copied().map(Op::RemoveTombstone).collect();
        let is_done = |state: &State| gone.iter().all(|trace| state.tombstone(trace).is_none());
        self.commit(By::Others, &ops, is_done, || {}).map_err(|failure| failure.error)
    }

    /// Returns whether nothing that was deleted is read from the log at the next start.
    fn is_behind_log(&self, view: &View, deleted: Tombstone) -> bool {
        let last = match deleted {
            Tombstone::Through(group) => group,
            // It is older than this process.
            Tombstone::Received(_) => self.opened_group,
        };
        view.state.first_unsealed_group() > last
    }
}

/// Returns whether no block has rows that were deleted; none that can be read, and all can.
fn is_in_no_block(view: &View, trace: &TraceId, deleted: Tombstone) -> bool {
    view.blocks().all(|one| {
        one.block.rows_deleted(trace, deleted).is_empty() && one.block.problem().is_none()
    })
}

#[cfg(test)]
mod tests;
