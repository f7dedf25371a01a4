//! The trace table of a block: what is asked of traces, as flat columns, newest first.
//!
//! A [`Writer`] takes [`Row`]s and gives the bytes of one Parquet file. [`Table`] opens such bytes;
//! [`Table::select`] finds the traces that are like a [`Predicate`], newest first, reading only the
//! columns and pages that the question needs, and [`Table::rows`] gives back whole rows. Which
//! block to open, and which chunks of it cannot match, is not decided here.
//!
//! Format: `docs/format/block.md`, section "traces.parquet".
//!
//! Reading order is the order below.

mod error;

pub mod predicate;
pub mod row;

mod facts;

mod causes;
mod columns;

mod write;

mod table;

mod codes;

mod read;

mod blame;
mod evaluate;
mod group;
mod scan;
mod sort;
mod suspects;

mod merge;

pub use columns::CHUNK_ROWS;
pub use error::Error;
pub use facts::Facts;
pub use merge::{Pick, merge};
pub use predicate::Predicate;
pub use row::{Edge, Marks, Place, Row, StoredRow};
pub use scan::{Cost, Query, Scanned, Selected};
pub(crate) use suspects::Suspect;
pub use table::Table;
pub use write::Writer;

#[cfg(test)]
pub(crate) mod tests;
