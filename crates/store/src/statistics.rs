//! What the store counts, and whether it works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::live::{Inserted, Removed};
use crate::scan::ScanCost;

/// Counters since the start, and levels of the moment; for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Documents in the live set.
    pub document_count: u64,
    /// Bytes of their texts.
    pub document_bytes: u64,
    /// Traces in the live set.
    pub trace_count: u64,
    /// Bytes in use of the memory budget.
    pub memory_bytes: u64,
    /// The memory budget.
    pub memory_bytes_max: u64,
    /// Batches appended and not yet acknowledged.
    pub queued_batch_count: u64,
    /// Batches refused because the budget was used up.
    pub memory_full_count: u64,
    /// Batches acknowledged.
    pub acknowledged_batch_count: u64,
    /// Batches that were taken and could not be made durable.
    pub failed_batch_count: u64,
    /// Documents dropped because a finished one of the same entity was there; those found so at
    /// start count too.
    pub repeated_document_count: u64,
    /// Documents dropped because their trace had grown too large; those found so at start count
    /// too.
    pub over_limit_document_count: u64,
    /// Groups made durable.
    pub group_count: u64,
    /// Syncs made for them.
    pub sync_count: u64,
    /// Time spent writing and syncing them.
    pub commit_micros: u64,
    /// Files of the log.
    pub wal_file_count: u64,
    /// Bytes of the log.
    pub wal_bytes: u64,
    /// Documents that were read from the log at start.
    pub recovered_document_count: u64,
    /// Bytes found at start that a crash or a failed write had left; no loss.
    pub recovered_torn_bytes: u64,
    /// Damaged places in the log that were skipped at start; each may be a loss.
    pub recovered_damage_count: u64,
    /// Bytes skipped there.
    pub recovered_skipped_bytes: u64,
    /// Whether the store has stopped writing.
    pub is_poisoned: bool,
    /// Groups that waited because sealing did not keep up.
    pub seal_wait_count: u64,
    /// How often traces were sealed.
    pub seal_count: u64,
    /// How often that failed; nothing was lost.
    pub seal_failure_count: u64,
    /// Traces that were sealed.
    pub sealed_trace_count: u64,
    /// Of these, traces of which an older block had an earlier version.
    pub late_trace_count: u64,
    /// Traces that were carried over in the log because they were not idle.
    pub carried_trace_count: u64,
    /// How often blocks were compacted.
    pub compaction_count: u64,
    /// How often that failed; the blocks are as they were.
    pub compaction_failure_count: u64,
    /// Blocks that others took the place of.
    pub compacted_block_count: u64,
    /// Bytes of blocks written, by sealing and by compaction.
    pub block_bytes_written: u64,
    /// Blocks that retention removed.
    pub expired_block_count: u64,
    /// Traces in them.
    pub expired_trace_count: u64,
    /// How often retention failed.
    pub expire_failure_count: u64,
    /// Files and folders that could not be removed; they are tried again, or at the next start.
    pub remove_failure_count: u64,
    /// Scans.
    pub scan_count: u64,
    /// Rows of blocks that they looked at.
    pub scanned_row_count: u64,
    /// Traces that they put together and asked, for their rows did not decide.
    pub checked_trace_count: u64,
    /// What there is in blocks.
    pub blocks: BlockStatistics,
}

/// Levels of the blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockStatistics {
    /// Blocks.
    pub block_count: u64,
    /// Bytes of their files.
    pub block_bytes: u64,
    /// Traces in them, void ones too.
    pub trace_count: u64,
    /// Segments and subsegments in them.
    pub row_count: u64,
    /// Traces that a newer block has the whole of, or that were deleted.
    pub void_trace_count: u64,
    /// Blocks that wait for compaction.
    pub compaction_pending_count: u64,
    /// Blocks that cannot be read.
    pub quarantined_count: u64,
    /// What open files take in memory.
    pub open_bytes: u64,
}

/// Whether the store takes documents.
#[derive(Clone, Debug)]
pub enum Health {
    /// It does.
    Ready,
    /// It answers queries and takes no more documents until it is opened again.
    Poisoned(Arc<Error>),
    /// It was closed.
    Closed,
}

/// The counters behind [`Statistics`], shared by the writer and its callers.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    document_count: AtomicU64,
    document_bytes: AtomicU64,
    trace_count: AtomicU64,
    repeated_count: AtomicU64,
    over_limit_count: AtomicU64,
    pub(crate) memory_full_count: AtomicU64,
    pub(crate) acknowledged_count: AtomicU64,
    pub(crate) failed_count: AtomicU64,
    pub(crate) group_count: AtomicU64,
    pub(crate) sync_count: AtomicU64,
    pub(crate) commit_micros: AtomicU64,
    pub(crate) wal_file_count: AtomicU64,
    pub(crate) wal_bytes: AtomicU64,
    pub(crate) wal_removed_file_count: AtomicU64,
    pub(crate) wal_removed_bytes: AtomicU64,
    /// Groups that waited because sealing did not keep up.
    pub(crate) seal_wait_count: AtomicU64,
    pub(crate) seal_count: AtomicU64,
    pub(crate) seal_failure_count: AtomicU64,
    pub(crate) sealed_trace_count: AtomicU64,
    pub(crate) late_trace_count: AtomicU64,
    pub(crate) carried_trace_count: AtomicU64,
    pub(crate) compaction_count: AtomicU64,
    pub(crate) compaction_failure_count: AtomicU64,
    pub(crate) compacted_block_count: AtomicU64,
    pub(crate) block_bytes_written: AtomicU64,
    pub(crate) expired_block_count: AtomicU64,
    pub(crate) expired_trace_count: AtomicU64,
    pub(crate) expire_failure_count: AtomicU64,
    pub(crate) remove_failure_count: AtomicU64,
    pub(crate) scan_count: AtomicU64,
    pub(crate) scanned_row_count: AtomicU64,
    pub(crate) checked_trace_count: AtomicU64,
}

/// Adds to a counter that orders nothing.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

impl Counters {
    /// Counts a scan, or what is like one.
    pub(crate) fn scanned(&self, cost: &ScanCost) {
        count(&self.scan_count, 1);
        count(&self.scanned_row_count, cost.row_count);
        count(&self.checked_trace_count, cost.checked_count);
    }

    pub(crate) fn removed(&self, removed: Removed) {
        self.document_count.fetch_sub(removed.document_count, Ordering::Relaxed);
        self.document_bytes.fetch_sub(removed.document_bytes, Ordering::Relaxed);
        self.trace_count.fetch_sub(removed.trace_count, Ordering::Relaxed);
    }

    /// Returns the bytes of the texts in the live set.
    pub(crate) fn live_bytes(&self) -> u64 {
        self.document_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn inserted(&self, inserted: Inserted) {
        count(&self.document_count, inserted.document_count);
        count(&self.document_bytes, inserted.document_bytes);
        count(&self.trace_count, inserted.trace_count);
        count(&self.repeated_count, inserted.repeated_count);
        count(&self.over_limit_count, inserted.over_limit_count);
    }

    /// Fills in what is counted here; the rest of `statistics` is left as it is.
    pub(crate) fn fill(&self, statistics: Statistics) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            document_count: read(&self.document_count),
            document_bytes: read(&self.document_bytes),
            trace_count: read(&self.trace_count),
            repeated_document_count: read(&self.repeated_count),
            over_limit_document_count: read(&self.over_limit_count),
            memory_full_count: read(&self.memory_full_count),
            acknowledged_batch_count: read(&self.acknowledged_count),
            failed_batch_count: read(&self.failed_count),
            group_count: read(&self.group_count),
            sync_count: read(&self.sync_count),
            commit_micros: read(&self.commit_micros),
            wal_file_count: (statistics.wal_file_count + read(&self.wal_file_count))
                .saturating_sub(read(&self.wal_removed_file_count)),
            wal_bytes: (statistics.wal_bytes + read(&self.wal_bytes))
                .saturating_sub(read(&self.wal_removed_bytes)),
            seal_wait_count: read(&self.seal_wait_count),
            seal_count: read(&self.seal_count),
            seal_failure_count: read(&self.seal_failure_count),
            sealed_trace_count: read(&self.sealed_trace_count),
            late_trace_count: read(&self.late_trace_count),
            carried_trace_count: read(&self.carried_trace_count),
            compaction_count: read(&self.compaction_count),
            compaction_failure_count: read(&self.compaction_failure_count),
            compacted_block_count: read(&self.compacted_block_count),
            block_bytes_written: read(&self.block_bytes_written),
            expired_block_count: read(&self.expired_block_count),
            expired_trace_count: read(&self.expired_trace_count),
            expire_failure_count: read(&self.expire_failure_count),
            remove_failure_count: read(&self.remove_failure_count),
            scan_count: read(&self.scan_count),
            scanned_row_count: read(&self.scanned_row_count),
            checked_trace_count: read(&self.checked_trace_count),
            ..statistics
        }
    }
}
