//! The bytes of a graph, as they are kept beside a block for each minute.
//!
//! They are canonical: graphs of the same nodes and edges have the same bytes, and bytes that are
//! not those of a graph are refused. They carry no checksum; whoever keeps them has one. What a
//! subtraction left without a count is not written. The format is described in
//! `docs/format/rollup.md`.

mod decode;
mod encode;
mod varint;

pub use decode::decode;
pub use encode::encode;

/// The version of the format, its first byte.
pub const VERSION: u8 = 1;

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
    /// Nodes, edges, aliases or buckets are not in order or count nothing.
    #[error("read a rollup that is not in order")]
    Order,
}

/// The bits of a node's byte: how we know of it, and whether it is a root.
const STATE_BITS: u8 = 3;
const ROOT_BIT: u8 = 4;

#[cfg(test)]
mod tests;
