//! The graphs of a minute, and their bytes as they are kept beside a block.
//!
//! There is the graph of everything, and one of each group that counts something: they add and
//! subtract as the whole one does. The bytes are canonical: graphs of the same nodes and edges have
//! the same bytes, and bytes that are not those of graphs are refused. They carry no checksum;
//! whoever keeps them has one. What a subtraction left without a count is not written. The format is
//! described in `docs/format/rollup.md`.

mod decode;
mod encode;
pub(crate) mod varint;

use std::collections::BTreeMap;

use crate::Graph;

pub use decode::{decode, everything, groups};
pub use encode::encode;

/// The first byte of a rollup without groups.
pub const PLAIN: u8 = 1;

/// The first byte of a rollup with groups.
pub const GROUPED: u8 = 2;

/// What was counted of some traces: of all of them, and of those that belong to each group.
#[derive(Clone, Debug, Default)]
pub struct Rollup {
    /// The graph of all of them.
    pub everything: Graph,
    /// The graphs of groups; whoever folds them knows which group has which number. None is zero.
    pub groups: BTreeMap<u64, Graph>,
}

impl Rollup {
    /// Adds everything that another one counted.
    pub fn merge(&mut self, other: Self) {
        self.everything.merge(other.everything);
        for (number, graph) in other.groups {
            self.groups.entry(number).or_default().merge(graph);
        }
    }

    /// Takes away everything that another one counted; see [`Graph::subtract`].
    pub fn subtract(&mut self, other: Self) {
        self.everything.subtract(other.everything);
        for (number, graph) in other.groups {
            self.groups.entry(number).or_default().subtract(graph);
        }
    }
}

impl From<Graph> for Rollup {
    fn from(everything: Graph) -> Self {
        Self { everything, groups: BTreeMap::new() }
    }
}

/// Why bytes are not those of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// They are of another version, or there are none.
    #[error("read a rollup of a version that is not known")]
    Version,
    /// They end too early.
    #[error("read a rollup that ends too early")]
    Short,
    /// They go on behind the end.
    #[error("read a rollup with {byte_count} bytes behind its end")]
    Trailing {
        /// How many there are.
        byte_count: usize,
    },
    /// A number is too large for what it means, or longer than it need be.
    #[error("read a number in a rollup")]
    Number,
    /// A name is not UTF-8, is not in order, or is not used.
    #[error("read a name in a rollup")]
    Name,
    /// Nodes, edges, aliases, buckets or groups are not in order or count nothing.
    #[error("read a rollup that is not in order")]
    Order,
}

/// The bits of a node's byte: how we know of it, and whether it is a root.
const STATE_BITS: u8 = 3;
const ROOT_BIT: u8 = 4;

#[cfg(test)]
mod tests;
