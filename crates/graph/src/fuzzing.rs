//! What must hold for any bytes: the bodies of the fuzz targets.

use crate::Graph;
use crate::rollup::{self, Rollup};

/// Reads bytes as a rollup. What is read has these bytes and no others, can be read in parts, and can
/// be added to itself, taken away again, and shown.
///
/// # Panics
/// When that is not so.
pub fn fuzz_rollup(bytes: &[u8]) {
    let Ok(rollup) = rollup::decode(bytes) else { return };
    assert_eq!(rollup::encode(&rollup), bytes, "other bytes for the same graphs");
    assert_parts(bytes, &rollup);

    let mut twice = rollup.clone();
    twice.merge(rollup.clone());
    for graph in twice.groups.values().chain([&twice.everything]) {
        drop(graph.to_string());
        for node in graph.nodes() {
            assert!(node.durations.entries().len() <= crate::histogram::ENTRIES_MAX);
        }
    }
    twice.subtract(rollup.clone());
    assert_eq!(rollup::encode(&twice), bytes, "adding and taking away is not nothing");

    let mut none = Rollup::default();
    none.subtract(rollup.clone());
    none.merge(rollup);
    assert_eq!(rollup::encode(&none), rollup::encode(&Rollup::default()), "something is left");
}

/// Reads the graphs one by one.
fn assert_parts(bytes: &[u8], rollup: &Rollup) {
    let encoded = |graph: Graph| rollup::encode(&graph.into());
    let everything = rollup::everything(bytes).expect("it was read with the others");
    assert_eq!(encoded(everything), encoded(rollup.everything.clone()), "not everything");
    for (&number, graph) in &rollup.groups {
        let mut alone = rollup::groups(bytes, &[number]).expect("it was read with the others");
        let alone = alone.remove(&number).expect("it is there");
        assert_eq!(encoded(alone), encoded(graph.clone()), "another graph of the group");
    }
}
