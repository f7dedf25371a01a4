//! Graphs become bytes.

use std::collections::BTreeMap;

use trace::NodeId;

use super::varint::{push, push_signed, push_wide};
use super::{GROUPED, PLAIN, ROOT_BIT, Rollup};
use crate::{Edge, EdgeKind, Graph, Histogram, Node, PlacedEdge, Statistics};

/// Returns the bytes of a rollup; the same for all whose graphs have the same nodes and edges.
pub fn encode(rollup: &Rollup) -> Vec<u8> {
    let everything = Listed::of(&rollup.everything);
    let groups = rollup.groups.iter().map(|(number, graph)| (*number, Listed::of(graph)));
    let groups: Vec<(u64, Listed<'_>)> = groups.filter(|(_, graph)| !graph.is_empty()).collect();
    let graphs = || groups.iter().map(|(_, graph)| graph).chain([&everything]);
    let version = if groups.is_empty() { PLAIN } else { GROUPED };
    let mut writer = Writer { bytes: vec![version], names: names(graphs()) };
    writer.names();
    if groups.is_empty() {
        writer.graph(&everything);
        return writer.bytes;
    }
    writer.graph_with_len(&everything);
    push(&mut writer.bytes, groups.len() as u64);
    let mut number_before = 0;
    for (number, graph) in &groups {
        push(&mut writer.bytes, number - number_before);
        number_before = *number;
        writer.graph_with_len(graph);
    }
    writer.bytes
}

/// What is written of a graph.
struct Listed<'g> {
    nodes: Vec<&'g Node>,
    edges: Vec<PlacedEdge<'g>>,
}

impl<'g> Listed<'g> {
    fn of(graph: &'g Graph) -> Self {
        Self { nodes: graph.nodes(), edges: graph.edges() }
    }

    fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.edges.is_empty()
    }

    fn names(&self) -> impl Iterator<Item = &'g str> {
        let aliases = self.edges.iter().flat_map(|placed| &placed.edge.aliases);
        let ids = self.nodes.iter().map(|node| &node.id).chain(aliases);
        ids.flat_map(|id| [Some(&*id.name), id.service_type.as_deref()]).flatten()
    }
}

/// Returns all names and types, each once, with their places in the dictionary.
fn names<'l, 'g: 'l>(graphs: impl Iterator<Item = &'l Listed<'g>>) -> BTreeMap<&'g str, u64> {
    let names = graphs.flat_map(Listed::names);
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

    /// Writes a graph with the length of its bytes in front.
    fn graph_with_len(&mut self, graph: &Listed<'_>) {
        let before = std::mem::take(&mut self.bytes);
        self.graph(graph);
        let bytes = std::mem::replace(&mut self.bytes, before);
        push(&mut self.bytes, bytes.len() as u64);
        self.bytes.extend_from_slice(&bytes);
    }

    fn graph(&mut self, Listed { nodes, edges }: &Listed<'_>) {
        push(&mut self.bytes, nodes.len() as u64);
        nodes.iter().for_each(|node| self.node(node));
        push(&mut self.bytes, edges.len() as u64);
        let mut source_before = 0;
        for placed in edges {
            push(&mut self.bytes, (placed.source_index - source_before) as u64);
            source_before = placed.source_index;
            let is_link = u64::from(placed.kind == EdgeKind::Link);
            push(&mut self.bytes, (placed.target_index as u64) << 1 | is_link);
            self.edge(placed.edge);
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
