//! What a set of segments means: one tree, inferred segments, outcome, summary, root causes.
//!
//! Values in, values out: documents as the store hands them out become a [`Trace`], and everything
//! that is said of a trace is computed from it. Nothing here reads a clock, a disk or a JSON name.
//!
//! Reading order is the order below.

pub mod error;

pub mod tree;

pub mod node;

pub mod infer;

pub mod connection;

pub mod outcome;

pub mod document;

pub mod cause;

pub mod summary;

pub mod fixture;

pub use cause::RootCause;
pub use connection::Connection;
pub use error::Error;
pub use node::NodeId;
pub use outcome::{Flags, Outcome};
pub use summary::{Summary, summarize};
pub use tree::{Entity, Received, Role, Trace, assemble, assemble_parsed};
