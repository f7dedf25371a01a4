//! What the store counts, and whether it works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::live::Inserted;

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
}

/// Adds to a counter that orders nothing.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

impl Counters {
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
            wal_file_count: statistics.wal_file_count + read(&self.wal_file_count),
            wal_bytes: statistics.wal_bytes + read(&self.wal_bytes),
            ..statistics
        }
    }
}
