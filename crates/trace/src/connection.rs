//! Which nodes of a trace ask something of each other, and who saw it.
//!
//! A call that was answered leads to the segments that answered it, once for each of their nodes; a
//! call that was not leads to the segment inferred from it. What a segment has no call for, it saw
//! itself. A root was asked by a client, of whom nothing else is known.
//!
//! Source: `service-graph.md` §1 and §3; `filter-expressions.md` §3.

use crate::{Entity, Role, Trace, node};

/// A connection between two nodes, finished or not; they may be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The entity that asked; `None` for the client of the target.
    pub source: Option<usize>,
    /// The segment that was asked, real or inferred.
    pub target: usize,
    /// The entity that tells of it: the call, or the segment that was asked.
    pub seen: usize,
}

impl Entity<'_> {
    /// Returns whether this is a call to another service.
    pub fn is_call(&self) -> bool {
        self.role == Role::Subsegment && node::is_call(&self.segment)
    }
}

impl Trace<'_> {
    /// Returns the connections between nodes: first those that segments saw, then those that calls
    /// saw.
    ///
    /// An end may be an orphan and so have no node.
    pub fn connections(&self) -> impl Iterator<Item = Connection> + '_ {
        let segments = self.segments.iter().filter_map(|&at| self.connection_to(at));
        segments.chain((0..self.entities.len()).flat_map(|call| self.connections_of(call)))
    }

    /// Returns the connection that a segment tells of itself.
    fn connection_to(&self, at: usize) -> Option<Connection> {
        let entity = &self.entities[at];
        let source = match entity.parent {
            // The caller is not known.
            None if entity.parent_id.is_some() => return None,
            // The call tells of it.
            Some(parent) if self.entities[parent].is_call() => return None,
            source => source,
        };
        Some(Connection { source, target: at, seen: at })
    }

    /// Returns the connections that a call tells of.
    fn connections_of(&self, call: usize) -> impl Iterator<Item = Connection> + '_ {
        let entity = &self.entities[call];
        let inferred = self.inferred_from(entity);
        let to_inferred = inferred.filter(|&callee| self.node(call) != self.node(callee));
        let is_answered = inferred.is_none() && !entity.children.is_empty() && entity.is_call();
        let answered = is_answered.then(|| self.answering_nodes(entity));
        to_inferred
            .into_iter()
            .chain(answered.into_iter().flatten())
            .map(move |target| Connection { source: Some(call), target, seen: call })
    }

    /// Returns the segments that answered a call, one for each of their nodes.
    fn answering_nodes(&self, call: &Entity<'_>) -> Vec<usize> {
        let mut callees: Vec<usize> = self.callees(call).collect();
        if callees.len() > 1 {
            let mut nodes: Vec<_> = callees.iter().map(|&at| (self.node(at), at)).collect();
            nodes.sort();
            nodes.dedup_by(|a, b| a.0 == b.0);
            callees = nodes.into_iter().map(|(_, at)| at).collect();
        }
        callees
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// Each connection as `source → target`, and `seen by` when the target saw it.
    fn connections(text: &str) -> String {
        let fixture = Fixture::new(text);
        let trace = fixture.trace();
        let name = |at: usize| {
            let of = trace.node(at).and_then(|node| node.service_type).unwrap_or_default();
            format!("{} {of}", trace.entities[at].segment.name).trim_end().to_owned()
        };
        let line = |Connection { source, target, seen }: Connection| {
            let source = source.map_or_else(|| "client".to_owned(), name);
            let seen = if seen == target { " seen by itself" } else { "" };
            format!("{source} → {}{seen}\n", name(target))
        };
        trace.connections().map(line).collect()
    }

    #[test]
    fn a_connection_is_seen_by_the_caller_where_there_is_one() {
        insta::assert_snapshot!(connections("
            front 0..100ms
              > back 10..50ms
                DynamoDB 20..30ms aws op=Query table=scores
              local 50..90ms
                => helper 60..70ms
              open 95.. remote
            lost 0..9ms orphan
        "), @"
        client → front seen by itself
        local → helper seen by itself
        back → back
        DynamoDB → DynamoDB AWS::DynamoDB::Table
        ");
    }

    #[test]
    fn a_call_leads_to_each_node_that_answered_it_once() {
        insta::assert_snapshot!(connections("
            a 0..9ms
              b 1..8ms remote
                => b 2..3ms
                => b 4..5ms
                => c 6..7ms
        "), @"
        client → a seen by itself
        b → b
        b → c
        ");
    }
}
