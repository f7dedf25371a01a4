//! Blocks: immutable folders of many traces.
//!
//! A block has a table of segments, from which documents are built again, a table of traces, from
//! which questions are answered, an index, which says where to look in both, and a rollup. The
//! tables are plain Parquet.

mod checksum;

pub mod segments;
pub mod traces;

mod build;
mod open;

pub(crate) use build::{Builder, Built, Times, assemble, parse};
pub use checksum::Damage;
pub(crate) use open::{Block, Blocks};

/// The table of segments.
pub(crate) const SEGMENTS: &str = "segments.parquet";

/// The table of traces.
pub(crate) const TRACES: &str = "traces.parquet";

/// The index.
pub(crate) const INDEX: &str = "index.bin";

/// What was folded from the traces.
pub(crate) const ROLLUP: &str = "rollup.bin";
