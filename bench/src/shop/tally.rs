//! The service graph counted again, from what was drawn and not from what was sent.

use std::collections::BTreeMap;

use super::services::SERVICES;
use super::{Callee, Ending, Trace, Work};

/// A node by name and type.
pub(crate) type NodeKey = (String, Option<String>);
/// An edge by its two nodes.
pub(crate) type EdgeKey = (NodeKey, NodeKey);
type Node = (&'static str, &'static str);

/// How requests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Well.
    pub(crate) ok: u64,
    /// With an error other than a throttle.
    pub(crate) error: u64,
    /// Throttled.
    pub(crate) throttle: u64,
    /// With a fault.
    pub(crate) fault: u64,
}

impl Counts {
    /// Adds other counts to these.
    pub(crate) fn add(&mut self, other: &Self) {
        self.ok += other.ok;
        self.error += other.error;
        self.throttle += other.throttle;
        self.fault += other.fault;
    }

    fn count(&mut self, ending: Ending) {
        let place = match ending {
            Ending::Ok => &mut self.ok,
            Ending::Error => &mut self.error,
            Ending::Throttle => &mut self.throttle,
            Ending::Fault => &mut self.fault,
        };
        *place += 1;
    }
}

/// What a service graph over all traces has to say.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    nodes: BTreeMap<Node, Counts>,
    edges: BTreeMap<(Node, Node), Counts>,
    /// Documents.
    pub(crate) document_count: u64,
    /// Segments and subsegments.
    pub(crate) span_count: u64,
    /// Traces with a fault.
    pub(crate) faulty_count: u64,
}

impl Tally {
    /// Counts one trace.
    pub(crate) fn add(&mut self, trace: &Trace) {
        self.document_count += trace.works.len() as u64;
        self.span_count += trace.span_count() as u64;
        self.faulty_count += u64::from(trace.is_faulty());
        for work in &trace.works {
            let node = node(work);
            self.nodes.entry(node).or_default().count(work.ending);
            if work.parent.is_none() {
                self.edges.entry(((node.0, "client"), node)).or_default().count(work.ending);
            }
            for call in &work.calls {
                let callee = match call.callee {
                    Callee::Work(callee) => self::node(&trace.works[callee]),
                    Callee::Backend(backend) => {
                        let callee = (backend.node, backend.node_type());
                        self.nodes.entry(callee).or_default().count(call.ending);
                        callee
                    }
                };
                self.edges.entry((node, callee)).or_default().count(call.ending);
            }
        }
    }

    /// Returns the counts of every node but the clients.
    pub(crate) fn nodes(&self) -> BTreeMap<NodeKey, Counts> {
        self.nodes.iter().map(|(node, counts)| (key(*node), *counts)).collect()
    }

    /// Returns the counts of every edge.
    pub(crate) fn edges(&self) -> BTreeMap<EdgeKey, Counts> {
        let edges = self.edges.iter();
        edges.map(|((source, target), counts)| ((key(*source), key(*target)), *counts)).collect()
    }
}

fn node(work: &Work) -> Node {
    let service = &SERVICES[work.service];
    (service.name, service.origin)
}

fn key((name, kind): Node) -> NodeKey {
    (name.to_owned(), Some(kind.to_owned()))
}
