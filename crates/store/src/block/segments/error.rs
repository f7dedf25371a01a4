//! What could not be done with a table of segments.

use std::fmt;
use std::ops::Range;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// What could not be done with a table of segments.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table could not be written.
    #[error("write a table of segments")]
    Write {
        /// Why.
        source: ParquetError,
    },
    /// The table could not be read.
    #[error("read a table of segments")]
    Read {
        /// Why.
        source: ParquetError,
    },
    /// The file is not as it was written.
    #[error("read a table of segments: {damage}")]
    Damaged {
        /// What is wrong with it.
        damage: Damage,
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

/// How a file is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file ends too early, or states lengths that it does not have.
    Length,
    /// The file's metadata does not match its checksum.
    Metadata,
    /// A part of the file's body does not match its checksum.
    Chunk {
        /// Where in the file that part begins.
        offset: u64,
    },
}

impl Error {
    pub(super) fn write(source: ParquetError) -> Self {
        Self::Write { source }
    }

    /// Finds our own error inside the reader's, through which it was handed.
    pub(super) fn read(source: ParquetError) -> Self {
        let ParquetError::External(inner) = source else { return Self::Read { source } };
        match inner.downcast::<Self>() {
            Ok(error) => *error,
            Err(inner) => Self::Read { source: ParquetError::External(inner) },
        }
    }

    pub(super) fn read_rows(source: ArrowError) -> Self {
        Self::read(source.into())
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("the file is cut short, or is no Parquet file"),
            Self::Metadata => f.write_str("the file's metadata does not match its checksum"),
            Self::Chunk { offset } => {
                write!(f, "the part that begins at byte {offset} does not match its checksum")
            }
        }
    }
}
