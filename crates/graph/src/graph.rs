//! A service graph: nodes by identity, edges between them.

use std::collections::{BTreeMap, HashMap};

use trace::NodeId;
use wire::Micros;

use crate::{Bounds, Edge, EdgeKind, Histogram, Node, State, Statistics};

/// Services and what they ask of each other, over any number of traces.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Invariant: leads from the identity of each node to its place in `nodes`.
    places: BTreeMap<NodeId<'static>, usize>,
    /// By the places of source and target.
    edges: BTreeMap<(usize, usize, EdgeKind), Edge>,
}

/// An edge and the nodes it joins.
#[derive(Clone, Copy, Debug)]
pub struct PlacedEdge<'g> {
    /// The caller's position in [`Graph::nodes`].
    pub source_index: usize,
    /// The callee's position in [`Graph::nodes`].
    pub target_index: usize,
    /// Whether it is a call or a link.
    pub kind: EdgeKind,
    /// What was counted.
    pub edge: &'g Edge,
}

impl Graph {
    /// Returns the nodes, by name and then by type, the null type first. The position of a node is
    /// its `ReferenceId`.
    pub fn nodes(&self) -> Vec<&Node> {
        self.places.values().map(|&place| &self.nodes[place]).collect()
    }

    /// Returns the edges, by the positions of source and target, calls before links. An edge has
    /// the bounds of its source.
    pub fn edges(&self) -> Vec<PlacedEdge<'_>> {
        let mut positions = vec![0; self.nodes.len()];
        for (position, &place) in self.places.values().enumerate() {
            positions[place] = position;
        }
        let placed = |(&(source, target, kind), edge)| PlacedEdge {
            source_index: positions[source],
            target_index: positions[target],
            kind,
            edge,
        };
        let mut edges: Vec<PlacedEdge<'_>> = self.edges.iter().map(placed).collect();
        edges.sort_by_key(|edge| (edge.source_index, edge.target_index, edge.kind));
        edges
    }

    /// Returns the bounds of all nodes together; `None` when there are none.
    pub fn bounds(&self) -> Option<Bounds> {
        let mut all = self.nodes.iter().map(|node| node.bounds);
        let mut bounds = all.next()?;
        all.for_each(|other| bounds.merge(other));
        Some(bounds)
    }

    /// Adds everything that another graph counted.
    pub fn merge(&mut self, other: Self) {
        let place = |node: Node| match self.places.get(&node.id) {
            Some(&place) => {
                self.nodes[place].merge(&node);
                place
            }
            None => {
                let place = self.nodes.len();
                self.places.insert(node.id.clone(), place);
                self.nodes.push(node);
                place
            }
        };
        let places: HashMap<usize, usize> =
            other.nodes.into_iter().map(place).enumerate().collect();
        for ((source, target, kind), edge) in other.edges {
            self.edge(places[&source], places[&target], kind).merge(&edge);
        }
    }

    /// Returns the place of a node that takes part in a trace that began at `start`.
    pub(crate) fn place(&mut self, id: NodeId<'_>, state: State, start: Micros) -> usize {
        // A shared map of longer-lived keys can be asked for a shorter-lived one.
        let places: &BTreeMap<NodeId<'_>, usize> = &self.places;
        if let Some(&place) = places.get(&id) {
            let node = &mut self.nodes[place];
            node.state = node.state.max(state);
            node.bounds.merge(Bounds::at(start));
            return place;
        }
        let id = id.into_owned();
        self.places.insert(id.clone(), self.nodes.len());
        self.nodes.push(Node {
            id,
            is_root: false,
            state,
            bounds: Bounds::at(start),
            statistics: Statistics::default(),
            response_times: Histogram::default(),
            durations: Histogram::default(),
        });
        self.nodes.len() - 1
    }

    pub(crate) fn node(&mut self, place: usize) -> &mut Node {
        &mut self.nodes[place]
    }

    pub(crate) fn edge(&mut self, source: usize, target: usize, kind: EdgeKind) -> &mut Edge {
        self.edges.entry((source, target, kind)).or_default()
    }
}

#[cfg(test)]
mod tests;
