//! A service graph: nodes by identity, edges between them.

use hashbrown::HashMap;
use trace::NodeId;
use wire::Micros;

use crate::{Bounds, Edge, EdgeKind, Histogram, Node, State, Statistics};

/// Services and what they ask of each other, over any number of traces.
///
/// What was taken away leaves nodes and edges that count nothing; they are kept, for what else is
/// known of them, but not shown.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Invariant: leads from the identity of each node to its place in `nodes`.
    places: HashMap<NodeId<'static>, usize>,
    edges: HashMap<EdgeKey, Edge>,
}

/// The places of source and target.
pub(crate) type EdgeKey = (usize, usize, EdgeKind);

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
    ///
    /// A node of which nothing is counted any more, and none of its edges, is not there.
    pub fn nodes(&self) -> Vec<&Node> {
        self.shown_places().into_iter().map(|place| &self.nodes[place]).collect()
    }

    /// Returns the edges, by the positions of source and target, calls before links. An edge has
    /// the bounds of its source.
    ///
    /// An edge of which nothing is counted any more is not there.
    pub fn edges(&self) -> Vec<PlacedEdge<'_>> {
        let mut positions = vec![0; self.nodes.len()];
        for (position, place) in self.shown_places().into_iter().enumerate() {
            positions[place] = position;
        }
        let placed = |(&(source, target, kind), edge)| PlacedEdge {
            source_index: positions[source],
            target_index: positions[target],
            kind,
            edge,
        };
        let mut edges: Vec<PlacedEdge<'_>> = self.shown_edges().map(placed).collect();
        edges.sort_by_key(|edge| (edge.source_index, edge.target_index, edge.kind));
        edges
    }

    /// Returns the bounds of all nodes together; `None` when there are none.
    pub fn bounds(&self) -> Option<Bounds> {
        let mut all = self.nodes().into_iter().map(|node| node.bounds);
        let mut bounds = all.next()?;
        all.for_each(|other| bounds.merge(other));
        Some(bounds)
    }

    /// Takes away everything that another graph counted. It need not have been added yet: until it
    /// is, counts are owed and shown as none.
    ///
    /// All counts and histograms are then as if it had never been added, in whatever order and
    /// grouping graphs are merged and subtracted. What is not a count is not taken away from what
    /// is still there: bounds may be too wide, a state too good, a root none any more, and an alias
    /// one that is not used.
    pub fn subtract(&mut self, mut other: Self) {
        other.nodes.iter_mut().for_each(Node::negate);
        other.edges.values_mut().for_each(Edge::negate);
        self.merge(other);
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
        let places: Vec<usize> = other.nodes.into_iter().map(place).collect();
        for ((source, target, kind), edge) in other.edges {
            self.edge(places[source], places[target], kind).merge(&edge);
        }
    }

    /// Puts a graph together.
    ///
    /// Invariant: no node and no edge is there twice; edges lead between places of `nodes`.
    pub(crate) fn from_parts(nodes: Vec<Node>, edges: Vec<(EdgeKey, Edge)>) -> Self {
        let places = nodes.iter().map(|node| node.id.clone()).zip(0..).collect();
        Self { nodes, places, edges: edges.into_iter().collect() }
    }

    /// Returns the places of the nodes that are there, in the order of their identities.
    fn shown_places(&self) -> Vec<usize> {
        let mut is_shown: Vec<bool> = self.nodes.iter().map(|node| !node.is_zero()).collect();
        for (&(source, target, _), _) in self.shown_edges() {
            (is_shown[source], is_shown[target]) = (true, true);
        }
        let mut places: Vec<usize> = (0..self.nodes.len()).filter(|&at| is_shown[at]).collect();
        places.sort_unstable_by_key(|&place| &self.nodes[place].id);
        places
    }

    fn shown_edges(&self) -> impl Iterator<Item = (&EdgeKey, &Edge)> {
        self.edges.iter().filter(|(_, edge)| !edge.is_zero())
    }

    /// Returns the place of a node that takes part in a trace that began at `start`.
    pub(crate) fn place(&mut self, id: NodeId<'_>, state: State, start: Micros) -> usize {
        // A shared map of longer-lived keys can be asked for a shorter-lived one.
        let places: &HashMap<NodeId<'_>, usize> = &self.places;
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
pub(crate) mod tests;
