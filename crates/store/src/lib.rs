//! Durable traces: the write-ahead log, and the live set that answers queries.
//!
//! A batch of documents is appended to the log, synced together with its neighbours, inserted into
//! the live set and only then acknowledged; at start the log is read back into the live set. What
//! the documents of one trace mean together is not decided here but in `trace`.
//!
//! Reading order is the order below: the way of a batch from the caller's hands to the answer of a
//! query, from the disk upwards.

mod error;

pub mod dir;
mod names;

pub mod documents;

mod batch;
mod budget;

mod wal;

mod live;

pub mod index;
pub mod manifest;
pub mod rollup;

pub mod block;

mod watch;

pub mod scan;
mod view;

pub mod group;
pub mod sort;
pub mod visit;

mod engine;

mod compact;
mod expire;
mod seal;

mod graph;

mod upkeep;

mod pressure;

mod commit;
mod replay;
mod statistics;
mod store;
mod usage;

pub mod examine;

pub mod fuzzing;

#[cfg(test)]
mod testing;

pub use batch::Batch;
pub use block::traces::{Predicate, StoredRow};
pub use compact::Compacted;
pub use dir::{Dir, DiskDir, FaultDir, MemDir, ReadAt};
pub use documents::Documents;
pub use error::{BlockProblem, Damage, Error};
pub use expire::Retention;
pub use graph::{Folded, Grain, whole_minutes};
pub use group::{Group, Grouped};
pub use live::{Axis, Cursor, Page, StoredDocument, StoredTrace};
pub use rollup::{Fold, NoRollup, Rollup, minute};
pub use scan::{Filter, Query, ScanCost, Scanned};
pub use seal::{Seal, Sealed};
pub use sort::Sorted;
pub use statistics::{Health, Statistics};
pub use store::{Options, Store};
pub use upkeep::Upkeep;
pub use usage::Day;
pub use visit::Visited;
pub use watch::{Progress, Watch};
