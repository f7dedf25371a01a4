//! What is live: the sum of all commits up to one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use wire::{Micros, TraceId};

use super::entry::{BlockId, Entry};

/// The number of a commit; the first is 1, and 0 stands for nothing yet. Numbers grow and may leave
/// some out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Returns the number after this one; `None` when this is the last there is.
    pub(super) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One change of what is live. The operations of a commit are done one after the other, and all or
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The block is live from now on; its files must be durable before.
    AddBlock(Arc<Entry>),
    /// The block is live no more. Conflicts when it is not live.
    RemoveBlock(BlockId),
    /// Every document of the log's groups up to this one is in a block. Conflicts when the manifest
    /// says so of a later group.
    SealedThrough {
        /// The group.
        group: u64,
    },
    /// The trace was deleted: what blocks hold of it is not shown. A later deletion of the same
    /// trace takes the place of an earlier one.
    AddTombstone {
        /// Which trace.
        trace: TraceId,
        /// What of it was deleted; what came later is shown.
        deleted: Tombstone,
    },
    /// No block holds anything of the deleted trace. Conflicts when there is no such tombstone.
    RemoveTombstone(TraceId),
}

/// What of a trace was deleted. One that names a group takes the place of one that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tombstone {
    /// What was received up to then; only manifests of version 1 say so. When the clock was set back
    /// since, that may be more than was meant.
    Received(Micros),
    /// The documents of the log's groups up to this one.
    Through(u64),
}

impl Tombstone {
    /// Returns whether it deletes a document that was received then, in that group of the log.
    pub fn has_document(self, received: Micros, group: u64) -> bool {
        match self {
            Self::Received(time) => received <= time,
            Self::Through(last) => group <= last,
        }
    }

    /// Returns whether it deletes a version of the trace that last changed at `updated`, in a block
    /// that is sealed through that group.
    ///
    /// A block has documents of the groups up to that one, so all were deleted when it is not above
    /// the tombstone's. When it is, the version has none of them: nothing is sealed while a trace is
    /// deleted, and what is sealed after that leaves deleted versions out.
    pub fn has_version(self, updated: Micros, sealed_through: u64) -> bool {
        self.has_document(updated, sealed_through)
    }
}

/// Why a commit was refused; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// There are commits after the one that this one was made for.
    #[error("commit {newest} came after commit {base}")]
    Overtaken {
        /// What the commit was made for.
        base: Sequence,
        /// What is newest.
        newest: Sequence,
    },
    /// A block of this id is live already.
    #[error("block {0} is there already")]
    BlockExists(BlockId),
    /// The block to be removed is not live.
    #[error("block {0} is not there")]
    BlockGone(BlockId),
    /// The log is sealed beyond that group.
    #[error("the log is sealed up to group {sealed}, beyond group {group}")]
    SealedBeyond {
        /// The group of the operation.
        group: u64,
        /// The group that the state has.
        sealed: u64,
    },
    /// The tombstone to be removed is not there.
    #[error("trace {0} is not deleted")]
    TombstoneGone(TraceId),
}

/// What is live after one commit. Never changes: a commit makes a new one, which shares its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) sequence: Sequence,
    pub(super) blocks: BTreeMap<BlockId, Arc<Entry>>,
    pub(super) tombstones: BTreeMap<TraceId, Tombstone>,
    /// The last group of the log whose documents are all in blocks; 0 when there is none.
    pub(super) sealed_through: u64,
}

impl State {
    /// Returns the number of the last commit.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Returns the live blocks, the oldest first.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> {
        self.blocks.values()
    }

    /// Returns one live block.
    pub fn block(&self, id: BlockId) -> Option<&Arc<Entry>> {
        self.blocks.get(&id)
    }

    /// Returns the deleted traces, each with what of it was, sorted by id.
    pub fn tombstones(&self) -> impl ExactSizeIterator<Item = (TraceId, Tombstone)> {
        self.tombstones.iter().map(|(trace, deleted)| (*trace, *deleted))
    }

    /// Returns what of the trace was deleted; `None` when it was not.
    pub fn tombstone(&self, trace: &TraceId) -> Option<Tombstone> {
        self.tombstones.get(trace).copied()
    }

    /// Returns the first group of the log whose documents are not known to be in blocks: the first
    /// that is to be replayed.
    pub fn first_unsealed_group(&self) -> u64 {
        self.sealed_through.saturating_add(1)
    }

    /// Returns whether a log that begins with `first_group` goes on where the blocks end.
    ///
    /// When it does not, groups are in neither: the last commits are lost, and what look like
    /// orphans may be their blocks.
    pub fn is_continued_by(&self, first_group: u64) -> bool {
        first_group <= self.first_unsealed_group()
    }

    /// Returns the state after one more commit.
    pub(super) fn after(&self, sequence: Sequence, ops: &[Op]) -> Result<Self, Conflict> {
        let mut state = self.clone();
        state.apply_all(sequence, ops)?;
        Ok(state)
    }

    /// Goes on to the state after one more commit; of no use when that fails.
    pub(super) fn apply_all(&mut self, sequence: Sequence, ops: &[Op]) -> Result<(), Conflict> {
        self.sequence = sequence;
        ops.iter().try_for_each(|op| self.apply(op))
    }

    fn apply(&mut self, op: &Op) -> Result<(), Conflict> {
        match op {
            Op::AddBlock(entry) if self.blocks.contains_key(&entry.id) => {
                return Err(Conflict::BlockExists(entry.id));
            }
            Op::AddBlock(entry) => {
                self.blocks.insert(entry.id, Arc::clone(entry));
            }
            Op::RemoveBlock(id) => {
                self.blocks.remove(id).ok_or(Conflict::BlockGone(*id))?;
            }
            Op::SealedThrough { group } if *group < self.sealed_through => {
                return Err(Conflict::SealedBeyond { group: *group, sealed: self.sealed_through });
            }
            Op::SealedThrough { group } => self.sealed_through = *group,
            Op::AddTombstone { trace, deleted } => {
                let kept = self.tombstones.entry(*trace).or_insert(*deleted);
                *kept = (*kept).max(*deleted);
            }
            Op::RemoveTombstone(trace) => {
                self.tombstones.remove(trace).ok_or(Conflict::TombstoneGone(*trace))?;
            }
        }
        Ok(())
    }
}
