//! What the spool could not do, and where.

use std::io;
use std::path::{Path, PathBuf};

/// What the spool could not do, and where.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be had.
    #[error("open the spool {}", .path.display())]
    Open {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another daemon has it.
    #[error("open the spool {}: another daemon uses this folder", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("read {}: its format has the version {version}, which this program does not know", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version.
        version: u32,
    },
    /// There is no room left on the disk.
    #[error("write {}: no room is left", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is finished cannot be removed.
    #[error("remove {}", .path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full { path, source }
            }
            _ => Self::Write { path, source },
        }
    }
}
