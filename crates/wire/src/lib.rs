//! Shapes that other programs send us and expect back: documents, headers, datagrams, API bodies,
//! limits.
//!
//! Bytes in, values out, and back. Nothing here opens a socket, reads a clock or decides what a
//! trace means; applications compile this crate, so it stays small.
//!
//! Reading order is the order below: a document is built from ids, times and values.

pub mod clock;
pub mod time;

pub mod id;

pub mod json;
pub mod raw;
pub mod value;

pub mod cursor;

pub mod member;

pub mod segment;

pub mod limits;

pub mod problem;

pub mod header;

pub mod datagram;

pub mod glob;

pub mod sampling;

pub mod metric;

pub mod api;

pub mod control;

pub mod fuzzing;

pub use clock::{Clock, ManualClock};
pub use header::Header;
pub use id::{SegmentId, TraceId};
pub use problem::Problem;
pub use segment::Segment;
pub use time::{Micros, Seconds};
