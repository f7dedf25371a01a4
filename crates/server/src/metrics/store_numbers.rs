//! The store's own numbers.

use store::{Statistics, Store};
use wire::metric::{Kind, Metric};

/// Returns what the store counts.
pub(super) fn of(store: &Store) -> Vec<Metric> {
    use Kind::{Counter, Gauge};
    let of = store.statistics();
    [
        (Gauge, "store_live_documents", "Documents that are not sealed yet", of.document_count),
        (Gauge, "store_live_document_bytes", "Bytes of these documents", of.document_bytes),
        (Gauge, "store_live_traces", "Traces that are not sealed yet", of.trace_count),
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
    .into_iter()
    .chain(of_blocks(&of))
    .chain(of_upkeep(&of))
    .map(|(kind, name, help, value)| Metric::new(kind, name, help, value))
    .collect()
}

/// Kind, name, help and value of a number.
type Row = (Kind, &'static str, &'static str, u64);

/// What the store counts of blocks.
fn of_blocks(of: &Statistics) -> Vec<Row> {
    use Kind::Gauge;
    let blocks = &of.blocks;
    vec![
        (Gauge, "store_blocks", "Blocks", blocks.block_count),
        (Gauge, "store_block_bytes", "Bytes of the blocks' files", blocks.block_bytes),
        (Gauge, "store_block_traces", "Traces in blocks, void ones too", blocks.trace_count),
        (Gauge, "store_block_rows", "Segments and subsegments in blocks", blocks.row_count),
        (
            Gauge,
            "store_block_traces_void",
            "Traces in blocks that a newer block has the whole of, or that were deleted",
            blocks.void_trace_count,
        ),
        (
            Gauge,
            "store_compaction_pending_blocks",
            "Blocks that wait for compaction",
            blocks.compaction_pending_count,
        ),
        (
            Gauge,
            "store_quarantined_blocks",
            "Blocks that cannot be read; what they hold is missing from answers",
            blocks.quarantined_count,
        ),
        (Gauge, "store_open_bytes", "Memory taken by open files of blocks", blocks.open_bytes),
    ]
}

/// What the store counts of the work on blocks.
fn of_upkeep(of: &Statistics) -> Vec<Row> {
    use Kind::Counter;
    vec![
        (Counter, "store_seals", "Times that traces were sealed", of.seal_count),
        (
            Counter,
            "store_seal_failures",
            "Times that sealing failed; nothing was lost",
            of.seal_failure_count,
        ),
        (
            Counter,
            "store_seal_waits",
            "Groups that waited because sealing did not keep up",
            of.seal_wait_count,
        ),
        (Counter, "store_traces_sealed", "Traces that were sealed", of.sealed_trace_count),
        (
            Counter,
            "store_traces_late",
            "Traces sealed again because more of them came",
            of.late_trace_count,
        ),
        (
            Counter,
            "store_traces_carried",
            "Traces carried over in the log because they were not idle",
            of.carried_trace_count,
        ),
        (Counter, "store_compactions", "Times that blocks were compacted", of.compaction_count),
        (
            Counter,
            "store_compaction_failures",
            "Times that compaction failed",
            of.compaction_failure_count,
        ),
        (
            Counter,
            "store_blocks_compacted",
            "Blocks that others took the place of",
            of.compacted_block_count,
        ),
        (
            Counter,
            "store_block_bytes_written",
            "Bytes of blocks written by sealing and compaction",
            of.block_bytes_written,
        ),
        (Counter, "store_blocks_expired", "Blocks that retention removed", of.expired_block_count),
        (Counter, "store_traces_expired", "Traces in them", of.expired_trace_count),
        (Counter, "store_expire_failures", "Times that retention failed", of.expire_failure_count),
        (
            Counter,
            "store_remove_failures",
            "Files that could not be removed yet",
            of.remove_failure_count,
        ),
        (Counter, "store_scans", "Scans", of.scan_count),
        (
            Counter,
            "store_rows_scanned",
            "Rows of blocks that scans looked at",
            of.scanned_row_count,
        ),
        (
            Counter,
            "store_traces_checked",
            "Traces that were put together because their rows do not decide a filter",
            of.checked_trace_count,
        ),
    ]
}
