//! What could not be done with a trace table.

use std::io;

use parquet::errors::ParquetError;

use crate::block::checksum::{Damage, Failure};

/// What could not be done with a trace table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not a whole trace table.
    #[error("open a trace table: {what}")]
    NotATable {
        /// What is missing or wrong.
        what: &'static str,
    },
    /// The file was written by a newer program.
    #[error(
        "open a trace table of format version {version}: known are versions up to {version_max}"
    )]
    VersionUnknown {
        /// The version it states.
        version: u32,
        /// The newest version known here.
        version_max: u32,
    },
    /// Bytes are not those that were written.
    #[error("read a trace table")]
    Damaged {
        /// What is wrong with them.
        source: Damage,
    },
    /// The system could not read the file.
    #[error("read a trace table")]
    Io {
        /// Why.
        source: io::Error,
    },
    /// The columns could not be read.
    #[error("read columns of a trace table")]
    Read {
        /// Why.
        #[source]
        source: ParquetError,
    },
    /// A column passes its checksum and its content is not what the format promises.
    #[error("read column {column} of a trace table: its content is not of the format")]
    Content {
        /// The column's name.
        column: String,
    },
    /// The columns could not be encoded.
    #[error("encode a trace table")]
    Encode {
        /// Why.
        #[source]
        source: ParquetError,
    },
}

impl Error {
    pub(super) fn read(failure: Failure) -> Self {
        match failure {
            Failure::Damaged(source) => Self::Damaged { source },
            Failure::Io(source) => Self::Io { source },
            Failure::Parquet(source) => Self::Read { source },
        }
    }

    pub(super) fn content(column: impl Into<String>) -> Self {
        Self::Content { column: column.into() }
    }

    pub(super) fn encode(source: impl Into<ParquetError>) -> Self {
        Self::Encode { source: source.into() }
    }
}
