//! Blocks: immutable files of many traces.
//!
//! A block has a table of segments, from which documents are built again, and a table of traces,
//! from which questions are answered. Both are plain Parquet.

mod checksum;

pub mod segments;
pub mod traces;

pub use checksum::Damage;
