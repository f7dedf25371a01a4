//! Service graphs: fold a trace into nodes, edges and histograms.
//!
//! A [`Graph`] is made by folding traces into it one after the other, or by merging graphs; the
//! counts do not depend on the way. Graphs can be subtracted again, and become bytes to be kept: a
//! [`rollup`]. Nothing here reads a clock, a disk or a JSON name.
//!
//! Reading order is the order below.

pub mod histogram;
pub mod statistics;

pub mod node;

pub mod edge;

pub mod graph;

mod fold;

pub mod rollup;

pub mod insight;

pub mod render;

pub mod fuzzing;

pub use edge::{Edge, EdgeKind};
pub use fold::minutes;
pub use graph::{Graph, PlacedEdge};
pub use histogram::Histogram;
pub use node::{Bounds, Node, State};
pub use rollup::Rollup;
pub use statistics::Statistics;
