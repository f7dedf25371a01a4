//! What must hold for any bytes: the bodies of the fuzz targets.

use crate::{Graph, rollup};

/// Reads bytes as a rollup. What is read has these bytes and no others, and can be added to itself,
/// taken away again, and shown.
///
/// # Panics
/// When that is not so.
pub fn fuzz_rollup(bytes: &[u8]) {
    let Ok(graph) = rollup::decode(bytes) else { return };
    assert_eq!(rollup::encode(&graph), bytes, "other bytes for the same graph");

    let mut twice = graph.clone();
    twice.merge(graph.clone());
    drop(twice.to_string());
    for node in twice.nodes() {
        assert!(node.durations.entries().len() <= crate::histogram::ENTRIES_MAX);
    }
    twice.subtract(graph.clone());
    assert_eq!(rollup::encode(&twice), bytes, "adding and taking away is not nothing");

    let mut none = Graph::default();
    none.subtract(graph.clone());
    none.merge(graph);
    assert!(none.nodes().is_empty() && none.edges().is_empty(), "something is left");
}
