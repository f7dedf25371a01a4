//! What could not be done with a table of segments.

use std::io;
use std::ops::Range;

use parquet::errors::ParquetError;

use crate::block::checksum::{Damage, Failure};

/// What could not be done with a table of segments.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table could not be written.
    #[error("write a table of segments")]
    Write {
        /// Why.
        source: ParquetError,
    },
    /// The table's columns could not be understood.
    #[error("understand a table of segments")]
    Read {
        /// Why.
        source: ParquetError,
    },
    /// The file is not as it was written.
    #[error("read a table of segments")]
    Damaged {
        /// What is wrong with it.
        source: Damage,
    },
    /// The system could not read the file.
    #[error("read a table of segments")]
    Io {
        /// Why.
        source: io::Error,
    },
    /// The file was written by another program.
    #[error(
        "read a table of segments: it is of version {version:?} of the format, and this program \
         knows up to {version_max}"
    )]
    VersionUnknown {
        /// The version it states; empty when it states none.
        version: String,
        /// The newest version known here.
        version_max: u32,
    },
    /// A column that every table has is missing or of another type.
    #[error("find the column {column} in a table of segments")]
    ColumnMissing {
        /// The column's name.
        column: &'static str,
    },
    /// There are fewer rows.
    #[error("read rows {} to {} of a table of segments that has {row_count}", .rows.start, .rows.end)]
    RowsMissing {
        /// The rows asked for.
        rows: Range<u64>,
        /// How many there are.
        row_count: u64,
    },
    /// A value passes the checksums and makes no sense.
    #[error("understand {column} in row {row} of a table of segments")]
    ValueUnexpected {
        /// The row.
        row: u64,
        /// The column's name.
        column: &'static str,
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

    pub(super) fn write(source: impl Into<ParquetError>) -> Self {
        Self::Write { source: source.into() }
    }
}
