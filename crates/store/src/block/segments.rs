//! The table of segments: every segment and subsegment of a block's traces, one row each.
//!
//! Values are kept and not text: members become columns, and a document is built again from them,
//! equal as JSON and not letter by letter. The file is plain Parquet and documented in
//! `docs/format/block.md`. Which traces are in it, and when it is written, is decided elsewhere.

mod error;

mod columns;
mod flags;
mod times;
mod url;

mod rebuild;
mod shred;

mod table;
mod writer;

mod copy;
mod merge;
mod verify;

use wire::{Micros, Segment, TraceId};

pub use columns::Level;
pub use copy::{Compacted, compact};
pub use error::Error;
pub use merge::{Pick, merge};
pub use table::Table;
pub use writer::{Counts, Writer};

/// The version of the table's format that is written, and the newest that is understood.
pub const VERSION: u32 = 1;

/// The entry of the file's metadata that states the version.
const VERSION_KEY: &str = "fluoro.version";

/// A trace on its way into the table.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The trace's id.
    pub id: TraceId,
    /// Its documents, in the order in which they came.
    pub documents: Vec<Document<'a>>,
    /// Whether documents were refused because the trace had grown too large.
    pub limit_exceeded: bool,
}

/// A document on its way into the table.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The JSON text.
    pub text: &'a str,
    /// What [`Segment::parse`] made of the text, where that is at hand; else it is done here.
    pub segment: Option<&'a Segment<'a>>,
    /// When the document came.
    pub received: Micros,
    /// The ingestion request it came with. Only whether it is that of the document before is kept.
    pub request_number: u64,
}

/// A trace read from the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTrace {
    /// The trace's id.
    pub id: TraceId,
    /// Its documents, in the order in which they came.
    pub documents: Vec<StoredDocument>,
    /// Whether documents were refused because the trace had grown too large.
    pub limit_exceeded: bool,
}

/// A document read from the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// JSON text, equal as a value to the one that came.
    pub text: String,
    /// When the document came.
    pub received: Micros,
    /// The ingestion request it came with, counted anew in each trace: zero, and one more for
    /// each document that came with another request than the one before.
    pub request_number: u64,
}

/// What is read of a trace beside what every question needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) annotations: bool,
    pub(crate) root_causes: bool,
}

impl Needs {
    /// Everything that is in a summary.
    pub(crate) const ALL: Self = Self { annotations: true, root_causes: true };
}

/// A trace read from the table for what it means: without metadata, queries of databases and
/// versions of services, and without the texts of its documents.
#[derive(Debug)]
pub(crate) struct ParsedTrace<'b> {
    pub(crate) id: TraceId,
    /// Its documents, in the order in which they came; their texts are empty.
    pub(crate) documents: Vec<(trace::Received<'b>, Segment<'b>)>,
    /// Whether documents were refused because the trace had grown too large.
    pub(crate) limit_exceeded: bool,
}

#[cfg(test)]
mod tests;
