//! Traces written as text; for tests, of this crate and of every crate above it.
//!
//! ```text
//! checkout          0..120ms  500 user=ann @rank=10    # a segment
//!   validate        1..9ms                             # a subsegment: local work
//!   DynamoDB       10..40ms   aws op=Query table=carts # a call that only the caller tells of
//!   > payments     45..110ms  500 throws=Boom:declined # a call, and the segment that answers it
//!     "db@host"    50..90ms   remote sql="select 1"    # a part of the answering segment
//!   mail           50..        remote late             # unfinished, and sent afterwards
//! ```
//!
//! One line is one piece of work. Its parts follow, indented further; how far makes no difference.
//! A name with blanks is put in quotes, and so is a value. `#` begins a comment.
//!
//! **Times** are `start..end` after [`BASE`], the unit (`us`, `ms`, `s`) at the end; `start..` is
//! unfinished. The end may lie before the start.
//!
//! **In front of the name**: nothing is a segment at the margin and a subsegment elsewhere. `=>` is
//! a segment whose parent is the line above it. `>` is short for a call and the segment that
//! answers it, with the same name, times, status and flags; its parts are the segment's.
//!
//! **Words after the times**, in any order; those marked * go to the call when the line is a `>`:
//!
//! | word | means |
//! |---|---|
//! | `500` | the HTTP status |
//! | `fault` `error` `throttle` | flags; `fault=false` for one that was sent as false |
//! | `aws` * `remote` * | the namespace; `remote` is understood on a `>` |
//! | `traced` * | the callee promises a segment |
//! | `op=` * | the operation of an AWS call; an empty one is none |
//! | `table=` `bucket=` `queue=` `topic=` `function=` (all *) | the resource it used |
//! | `sql=` * | the query |
//! | `origin=` `user=` `arn=` `instance=` `zone=` | of a segment |
//! | `method=` `url=` `agent=` `ip=` | of its HTTP request |
//! | `@key=value` | an annotation; text unless the value is a number, `true` or `false` |
//! | `throws=Type:message` | an exception, recorded here; may be repeated |
//! | `rethrows=Type` | refers to the exception of that type, recorded elsewhere |
//! | `links=2:7` | links to segment 7 of trace 2 |
//! | `streamed` | a subsegment sent alone, before its segment |
//! | `late` | sent alone, after everything else and in a request of its own |
//! | `begun` | sent alone, and also unfinished in an earlier request |
//! | `orphan` | at the margin: names a parent that never comes |
//! | `orphan subsegment` | the same, and is a subsegment |
//! | `id=7` | stands for the number that it would be given |
//!
//! Pieces of work are numbered from one, in the order of the lines, a `>` counting as two: the
//! segment answering it comes second. The number is the second half of the id, the trace's number
//! the first half: [`segment_id`]. The requests are, in this order: unfinished segments begun,
//! subsegments streamed, segments, and then one for each late one. Request *n* was received
//! `n` seconds after [`RECEIVED`].
//!
//! The documents are written here by hand and not by `wire`, as a second opinion on its names.

mod parse;
mod render;
mod write;

use wire::{Micros, SegmentId, TraceId};

use crate::{Received, Trace, assemble};

pub use render::render;

/// The time from which the times of a fixture are counted.
pub const BASE: Micros = Micros(1_790_159_305_000_000);

/// The time from which the receipt of requests is counted.
pub const RECEIVED: Micros = Micros(BASE.0 + 60 * Micros::PER_SECOND);

/// The documents of one trace, in the order of their arrival.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The trace's id.
    pub id: TraceId,
    /// What was sent.
    pub documents: Vec<Document>,
}

/// One document as it was sent.
#[derive(Clone, Debug)]
pub struct Document {
    /// The JSON text.
    pub text: String,
    /// When it came.
    pub received: Micros,
    /// The ingestion request it came with.
    pub request_number: u64,
}

impl Fixture {
    /// Reads trace number one; see the head of this file.
    ///
    /// # Panics
    /// When the text is not a fixture; the message names the line.
    pub fn new(text: &str) -> Self {
        Self::numbered(1, BASE, text)
    }

    /// Reads a trace with another number, whose times are counted from `base`; it is received as
    /// long after that as trace number one is after its own.
    ///
    /// # Panics
    /// When the text is not a fixture; the message names the line.
    pub fn numbered(number: u32, base: Micros, text: &str) -> Self {
        write::documents(number, base, &parse::parse(text))
    }

    /// Returns the texts of the documents, ready to be sent.
    pub fn texts(&self) -> Vec<String> {
        self.documents.iter().map(|document| document.text.clone()).collect()
    }

    /// Returns the documents as the store hands them out.
    pub fn received(&self) -> Vec<Received<'_>> {
        self.documents.iter().map(Document::as_received).collect()
    }

    /// Returns the trace.
    ///
    /// # Panics
    /// When a document is refused, which means that fixtures are written wrongly.
    pub fn trace(&self) -> Trace<'_> {
        assemble(self.id, &self.received(), false).expect("a fixture's documents are valid")
    }
}

impl Document {
    fn as_received(&self) -> Received<'_> {
        let Self { ref text, received, request_number } = *self;
        Received { text, received, request_number }
    }
}

/// Returns the documents of trace number one, ready to be sent.
///
/// # Panics
/// When the text is not a fixture; the message names the line.
pub fn documents(text: &str) -> Vec<String> {
    Fixture::new(text).texts()
}

/// Returns the id of the trace with this number.
pub fn trace_id(number: u32) -> TraceId {
    TraceId::new(0x6ab3_a9c9, u128::from(number))
}

/// Returns the id of a piece of work: the trace's number, then its own.
pub fn segment_id(trace_number: u32, number: u32) -> SegmentId {
    SegmentId(u64::from(trace_number) << 32 | u64::from(number))
}

#[cfg(test)]
mod tests;
