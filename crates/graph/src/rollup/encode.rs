//! A graph becomes bytes.

use std::collections::BTreeMap;

use trace::NodeId;

use super::varint::{push, push_signed, push_wide};
use super::{ROOT_BIT, VERSION};
use crate::{Edge, EdgeKind, Graph, Histogram, Node, PlacedEdge, Statistics};

/// Returns the bytes of a graph; the same for all that have the same nodes and edges.
pub fn encode(graph: &Graph) -> Vec<u8> {
    let (nodes, edges) = (graph.nodes(), graph.edges());
    let mut writer = Writer { bytes: vec![VERSION], names: names(&nodes, &edges) };
    writer.names();
    push(&mut writer.bytes, nodes.len() as u64);
    nodes.iter().for_each(|node| writer.node(node));
    push(&mut writer.bytes, edges.len() as u64);
    let mut source_before = 0;
    for placed in &edges {
        push(&mut writer.bytes, (placed.source_index - source_before) as u64);
        source_before = placed.source_index;
        let is_link = u64::from(placed.kind == EdgeKind::Link);
        push(&mut writer.bytes, (placed.target_index as u64) << 1 | is_link);
        writer.edge(placed.edge);
    }
    writer.bytes
}

/// Returns all names and types, each once, with room for their places in the dictionary.
fn names<'g>(nodes: &[&'g Node], edges: &[PlacedEdge<'g>]) -> BTreeMap<&'g str, u64> {
    let aliases = edges.iter().flat_map(|placed| &placed.edge.aliases);
    let ids = nodes.iter().map(|node| &node.id).chain(aliases);
    let names = ids.flat_map(|id| [Some(&*id.name), id.service_type.as_deref()]).flatten();
    let mut names: BTreeMap<&str, u64> = names.map(|name| (name, 0)).collect();
    names.values_mut().zip(0..).for_each(|(place, number)| *place = number);
    names
}

struct Writer<'g> {
    bytes: Vec<u8>,
    /// The place of each name in the dictionary.
    names: BTreeMap<&'g str, u64>,
}

impl Writer<'_> {
    fn names(&mut self) {
        push(&mut self.bytes, self.names.len() as u64);
        for name in self.names.keys() {
            push(&mut self.bytes, name.len() as u64);
            self.bytes.extend_from_slice(name.as_bytes());
        }
    }

    fn id(&mut self, id: &NodeId<'_>) {
        let service_type = id.service_type.as_deref().map_or(0, |of| self.names[of] + 1);
        push(&mut self.bytes, self.names[&*id.name]);
        push(&mut self.bytes, service_type);
    }

    fn node(&mut self, node: &Node) {
        self.id(&node.id);
        self.bytes.push(node.state as u8 | if node.is_root { ROOT_BIT } else { 0 });
        push(&mut self.bytes, node.bounds.first.0);
        push(&mut self.bytes, node.bounds.last.since(node.bounds.first).0);
        self.statistics(&node.statistics);
        self.histogram(&node.response_times);
        self.histogram(&node.durations);
    }

    fn edge(&mut self, edge: &Edge) {
        self.statistics(&edge.statistics);
        self.histogram(&edge.response_times);
        self.histogram(&edge.received_event_ages);
        push(&mut self.bytes, edge.aliases.len() as u64);
        edge.aliases.iter().for_each(|alias| self.id(alias));
    }

    fn statistics(&mut self, statistics: &Statistics) {
        let Statistics { ok, error, throttle, fault, response_time } = *statistics;
        for count in [ok, error, throttle, fault] {
            push_signed(&mut self.bytes, count);
        }
        push_wide(&mut self.bytes, response_time);
    }

    fn histogram(&mut self, histogram: &Histogram) {
        push(&mut self.bytes, histogram.buckets.len() as u64);
        let mut next = 0;
        for bucket in &histogram.buckets {
            push(&mut self.bytes, u64::from(bucket.index - next));
            push_signed(&mut self.bytes, bucket.count);
            if !bucket.is_exact() {
                push_signed(&mut self.bytes, bucket.excess);
            }
            next = bucket.index + 1;
        }
    }
}
