//! What the store could not do, and where.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use wire::TraceId;

use crate::block::{segments, traces};
use crate::{index, manifest, rollup};

/// What the store could not do. Cheap to clone: every batch of a failed group is told the same.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The directory belongs to another store.
    #[error("lock {}: another process has this data directory open", .path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The directory could not be claimed.
    #[error("lock {}", .path.display())]
    Lock {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A folder could not be listed.
    #[error("list {}", .path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file could not be read.
    #[error("read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A new file could not be created.
    #[error("create {}", .path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file could not be removed.
    #[error("remove {}", .path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// Bytes could not be appended to a file.
    #[error("write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// Bytes that were written could not be made durable.
    #[error("sync {}", .path.display())]
    Sync {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// The log is damaged where that cannot be the trace of a crash, so that acknowledged documents
    /// may be lost.
    #[error(
        "read {} at byte {offset}: {damage}; restore the file from a copy, or start with \
         --wal-skip-corrupt to go on without what the damaged part held",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// The log was written by a newer program.
    #[error(
        "read {}: it is of version {version} of the log's format, and this program knows up to \
         {version_max}; start the program that wrote it",
        .path.display()
    )]
    VersionUnknown {
        /// The file.
        path: PathBuf,
        /// The version it states.
        version: u32,
        /// The newest version known here.
        version_max: u32,
    },
    /// A document in the log passes its checksum and is no segment document.
    #[error(
        "read the document at byte {offset} of {}: {problem}; start the program that wrote it, or \
         start with --wal-skip-corrupt to go on without it",
        .path.display()
    )]
    DocumentUnreadable {
        /// The file.
        path: PathBuf,
        /// Where in the file the document's text begins.
        offset: u64,
        /// The first thing wrong with it.
        problem: String,
    },
    /// The memory budget does not hold this batch as well.
    #[error("hold {bytes_needed} more bytes in memory: {bytes_used} of {bytes_max} are in use")]
    MemoryFull {
        /// What the batch may need.
        bytes_needed: u64,
        /// What is in use.
        bytes_used: u64,
        /// The budget.
        bytes_max: u64,
    },
    /// The memory budget does not hold what is in the log.
    #[error(
        "hold the log in memory: it needs about {bytes_needed} bytes and --memory-max allows \
         {bytes_max}; allow more"
    )]
    LogOverBudget {
        /// An estimate of what the whole log needs.
        bytes_needed: u64,
        /// The budget.
        bytes_max: u64,
    },
    /// The batch is larger than a frame of the log may be.
    #[error("append a batch of {bytes} bytes: at most {bytes_max} are taken at once")]
    BatchTooLarge {
        /// The batch's size as the log would have it.
        bytes: u64,
        /// The largest size.
        bytes_max: u64,
    },
    /// The store takes no more writes until it is opened again.
    #[error("append to a store that has stopped writing")]
    Poisoned {
        /// The failure after which it stopped.
        #[source]
        reason: Arc<Error>,
    },
    /// The store was closed.
    #[error("append to a store that was closed")]
    Closed,
    /// A thread of the store could not be started.
    #[error("start a thread of the store")]
    StartThread {
        /// Why.
        source: Arc<io::Error>,
    },
    /// A block cannot be read.
    #[error("read block {}", .path.display())]
    Block {
        /// The block's folder.
        path: PathBuf,
        /// Why.
        source: Arc<BlockProblem>,
    },
    /// A block could not be written.
    #[error("write block {}", .path.display())]
    WriteBlock {
        /// The block's folder.
        path: PathBuf,
        /// Why.
        source: Arc<BlockProblem>,
    },
    /// The documents of a trace, read again, make no trace.
    #[error("put trace {id} together")]
    Trace {
        /// The trace.
        id: TraceId,
        /// Why.
        source: Arc<trace::Error>,
    },
    /// The manifest could not be read or written.
    #[error("keep the list of blocks")]
    Manifest {
        /// Why.
        #[from]
        source: manifest::Error,
    },
    /// The writer's thread ended by a defect of this program.
    #[error("go on writing the log: its thread panicked")]
    WriterPanicked,
}

/// What is wrong with a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockProblem {
    /// In the table of segments.
    #[error("segments.parquet")]
    Segments(#[from] segments::Error),
    /// In the table of traces.
    #[error("traces.parquet")]
    Traces(#[from] traces::Error),
    /// In the index.
    #[error("index.bin")]
    Index(#[from] index::Error),
    /// In the rollup.
    #[error("rollup.bin")]
    Rollup(#[from] rollup::Error),
    /// The rollup could not be made.
    #[error("rollup.bin: {0}")]
    Fold(String),
    /// A file is not the one that the manifest tells of.
    #[error("{file} does not have as many rows as the manifest says")]
    NotOurs {
        /// The file's name.
        file: &'static str,
    },
    /// The files could not be put in their place.
    #[error(transparent)]
    Publish(#[from] io::Error),
}

/// What is wrong with a file of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file does not begin with a valid header.
    Header,
    /// The header names another file.
    HeaderSequence,
    /// There is no valid frame here, and valid ones follow.
    Frame,
    /// The file ends, or goes on with another group, where this one belongs.
    GroupMissing {
        /// The group's sequence.
        group: u64,
    },
    /// The frame passes its checksum and its content is not a list of batches.
    Content,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("the file's header is damaged"),
            Self::HeaderSequence => f.write_str("the file's header is that of another file"),
            Self::Frame => f.write_str("a frame is damaged, before others that are not"),
            Self::GroupMissing { group } => write!(f, "group {group} is missing"),
            Self::Content => f.write_str("the frame does not hold batches of documents"),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn a_message_says_where_and_what_to_do() {
        let path = PathBuf::from("data/wal/7.wal");
        let error = Error::Damaged { path, offset: 32, damage: Damage::GroupMissing { group: 9 } };
        assert_snapshot!(error, @"read data/wal/7.wal at byte 32: group 9 is missing; restore the file from a copy, or start with --wal-skip-corrupt to go on without what the damaged part held");
        assert_snapshot!(Error::LogOverBudget { bytes_needed: 2048, bytes_max: 1024 }, @"hold the log in memory: it needs about 2048 bytes and --memory-max allows 1024; allow more");
        assert_snapshot!(Error::Locked { path: PathBuf::from("data") }, @"lock data: another process has this data directory open");
    }
}
