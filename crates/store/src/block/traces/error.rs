//! What could not be done with a trace table.

use parquet::errors::ParquetError;

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
    #[error("read the trace table at byte {offset}: its checksum does not match")]
    Damaged {
        /// Where the damaged stretch of the file begins.
        offset: u64,
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
    pub(super) fn content(column: impl Into<String>) -> Self {
        Self::Content { column: column.into() }
    }

    pub(super) fn encode(source: impl Into<ParquetError>) -> Self {
        Self::Encode { source: source.into() }
    }
}
