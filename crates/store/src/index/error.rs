//! What could not be read of an index.

use std::fmt;

use super::file::SectionKind;

/// What could not be read of an index. An index is made of the block's tables and of nothing else,
/// so after every one of these but `VersionUnknown` it can be made again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// These are not the bytes of an index, or their first few are damaged.
    #[error("read an index: the file does not begin as one")]
    HeaderUnreadable,
    /// The index was written by a newer program.
    #[error(
        "read an index of version {version}: this program knows up to {version_max}; start the \
         program that wrote it"
    )]
    VersionUnknown {
        /// The version it states.
        version: u32,
        /// The newest version known here.
        version_max: u32,
    },
    /// The list of sections fails its checksum or contradicts itself.
    #[error("read an index: its table of sections is damaged")]
    TableUnreadable,
    /// The file is shorter or longer than its sections together.
    #[error("read an index: it has {bytes} bytes where its sections end at {bytes_expected}")]
    LengthWrong {
        /// How many there are.
        bytes: u64,
        /// How many there should be.
        bytes_expected: u64,
    },
    /// A section that every index has is not there.
    #[error("read an index: it has no section of {section}")]
    SectionMissing {
        /// Which.
        section: SectionKind,
    },
    /// A section fails its checksum, or its content is not what it should be.
    #[error("read an index: its section of {section} is damaged")]
    SectionUnreadable {
        /// Which.
        section: SectionKind,
    },
}

impl fmt::Display for SectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TraceFilter => "the trace filter",
            Self::TraceTable => "the trace table",
            Self::TokenFilters => "token filters",
            Self::Zones => "zones",
            Self::Late => "late traces",
        })
    }
}
