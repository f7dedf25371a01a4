//! What the manifest could not do, and where.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::entry::BlockId;
use super::state::{Conflict, Sequence};

/// What the manifest could not do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another commit came first, or took away what this one is about; nothing was changed. The
    /// caller looks at the newest state and decides again.
    #[error("commit to the manifest")]
    Conflict(#[from] Conflict),
    /// The entry says what cannot be said of any block; nothing was changed.
    #[error("add block {id} to the manifest: {problem}")]
    EntryMalformed {
        /// The block.
        id: BlockId,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The record could not be written. It is there, or it is not: [`super::Manifest::refresh`] says,
    /// and the next commit finds out.
    #[error("write {}", .path.display())]
    Publish {
        /// The file.
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
    /// The names in a folder could not be made durable.
    #[error("sync {}", .path.display())]
    Sync {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file or a folder could not be removed.
    #[error("remove {}", .path.display())]
    Remove {
        /// The file or the folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file of the manifest is not what was written, and others build on it.
    #[error("read {}: {damage}; restore the file from a copy", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A record is gone that others build on.
    #[error(
        "read {}: the file is gone, and later ones build on it; restore it from a copy, or a \
         checkpoint of the same number or a later one",
        .path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer program.
    #[error(
        "read {}: it is of version {version} of the manifest's format, and this program knows up \
         to {version_max}; start the program that wrote it",
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
    /// There is no number left for another record.
    #[error("commit to the manifest: record {0} is the last that a log can have")]
    SequenceSpent(Sequence),
}

/// What is wrong with a file of the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is cut short, or fails its checksum.
    #[error("it is cut short or fails its checksum, and later ones build on it")]
    Bytes,
    /// It is the file of another number.
    #[error("it is the file of number {0}")]
    Sequence(Sequence),
    /// It passes its checksum and holds something else.
    #[error("it passes its checksum and does not hold what belongs there")]
    Content,
    /// It passes its checksum and asks for what cannot be.
    #[error("it does not fit what came before: {0}")]
    Misfit(Conflict),
    /// It builds on an earlier record than the last one.
    #[error("it builds on record {base}, and record {newest} came between")]
    Branch {
        /// What it builds on.
        base: Sequence,
        /// What it should build on.
        newest: Sequence,
    },
}
