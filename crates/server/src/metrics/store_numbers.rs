//! The store's own numbers.

use store::Store;
use wire::metric::{Kind, Metric};

/// Returns what the store counts.
pub(super) fn of(store: &Store) -> Vec<Metric> {
    use Kind::{Counter, Gauge};
    let of = store.statistics();
    [
        (Gauge, "store_documents", "Documents in the store", of.document_count),
        (Gauge, "store_document_bytes", "Bytes of the documents in the store", of.document_bytes),
        (Gauge, "store_traces", "Traces in the store", of.trace_count),
        (Gauge, "store_memory_bytes", "Bytes in use of the memory budget", of.memory_bytes),
        (Gauge, "store_memory_bytes_max", "The memory budget", of.memory_bytes_max),
        (Gauge, "store_queued_batches", "Batches not yet acknowledged", of.queued_batch_count),
        (Gauge, "store_wal_files", "Files of the write-ahead log", of.wal_file_count),
        (Gauge, "store_wal_bytes", "Bytes of the write-ahead log", of.wal_bytes),
        (Gauge, "store_poisoned", "1 when the store has stopped writing", of.is_poisoned.into()),
        (Counter, "store_memory_full", "Batches refused for want of memory", of.memory_full_count),
        (Counter, "store_batches_acknowledged", "Durable batches", of.acknowledged_batch_count),
        (Counter, "store_batches_failed", "Batches that could not be kept", of.failed_batch_count),
        (Counter, "store_documents_repeated", "Repeats dropped", of.repeated_document_count),
        (
            Counter,
            "store_documents_over_limit",
            "Documents dropped because their trace is too large",
            of.over_limit_document_count,
        ),
        (Counter, "store_groups", "Groups of batches made durable together", of.group_count),
        (Counter, "store_syncs", "Syncs of the write-ahead log", of.sync_count),
        (
            Counter,
            "store_commit_micros",
            "Microseconds spent writing and syncing",
            of.commit_micros,
        ),
        (
            Gauge,
            "store_recovered_documents",
            "Documents read from the log at start",
            of.recovered_document_count,
        ),
        (
            Gauge,
            "store_recovered_torn_bytes",
            "Bytes that a crash had left at the end of the log; no loss",
            of.recovered_torn_bytes,
        ),
        (
            Gauge,
            "store_recovered_damage",
            "Damaged places of the log that were skipped at start; each may be a loss",
            of.recovered_damage_count,
        ),
        (Gauge, "store_recovered_skipped_bytes", "Bytes skipped there", of.recovered_skipped_bytes),
    ]
    .map(|(kind, name, help, value)| Metric { kind, name, help, label: None, value })
    .into()
}
