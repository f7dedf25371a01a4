//! One trace becomes part of a graph.
//!
//! A finished segment is one observation of its node, a finished call one of an edge. Each belongs
//! to the moment at which the document came that finished it, so a trace whose documents came over
//! several windows is folded into each of them, and nothing is counted twice.
//!
//! Source: `service-graph.md` §1, §3 and §4.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use trace::{Connection, Entity, NodeId, Outcome, Role, Trace, node};
use wire::Micros;

use crate::{Edge, EdgeKind, Graph, State};

/// Returns the minutes of receipt in which documents finished something in this trace, in order:
/// the windows to fold it into so that everything is counted once.
///
/// Units: microseconds, half-open.
pub fn minutes(trace: &Trace<'_>) -> impl Iterator<Item = Range<Micros>> + use<> {
    let finished = trace.entities.iter().filter(|entity| entity.is_finished());
    let mut starts: Vec<u64> = finished.map(|entity| entity.received.0 / MINUTE * MINUTE).collect();
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|start| Micros(start)..Micros(start.saturating_add(MINUTE)))
}

/// Units: microseconds.
const MINUTE: u64 = 60 * Micros::PER_SECOND;

impl Graph {
    /// Counts what of this trace was finished by documents that came in `window`; `None` counts the
    /// whole trace.
    ///
    /// Units: `window` in times of receipt, half-open.
    pub fn fold(&mut self, trace: &Trace<'_>, window: Option<Range<Micros>>) {
        let mut fold = Fold::new(self, trace, window);
        fold.nodes();
        fold.edges();
        for &at in &trace.segments {
            fold.links(trace, at);
        }
    }

    /// Counts the messages that `consumer`'s segments received from `producer`, as far as the
    /// receiving segments were finished by documents that came in `window`.
    ///
    /// The source of a link is the queue that the message was sent to, or else the sender.
    pub fn fold_links(
        &mut self,
        producer: &Trace<'_>,
        consumer: &Trace<'_>,
        window: Option<Range<Micros>>,
    ) {
        let mut fold = Fold::new(self, consumer, window);
        for &at in &consumer.segments {
            fold.links(producer, at);
        }
    }
}

/// When the trace began, as far as bounds are concerned: with its root segment, if there is one.
fn begin(trace: &Trace<'_>) -> Micros {
    trace.root.map_or_else(|| trace.start(), |root| trace.entities[root].start())
}

struct Fold<'f, 't, 'a> {
    graph: &'f mut Graph,
    trace: &'t Trace<'a>,
    window: Option<Range<Micros>>,
    start: Micros,
    /// The place of the node of each segment that was asked for it.
    places: Vec<Option<usize>>,
}

impl<'f, 't, 'a> Fold<'f, 't, 'a> {
    fn new(graph: &'f mut Graph, trace: &'t Trace<'a>, window: Option<Range<Micros>>) -> Self {
        let places = vec![None; trace.entities.len()];
        Self { graph, trace, window, start: begin(trace), places }
    }

    fn is_observed(&self, entity: &Entity<'_>) -> bool {
        let is_in_window = |window: &Range<Micros>| window.contains(&entity.received);
        entity.is_finished() && self.window.as_ref().is_none_or(is_in_window)
    }

    fn nodes(&mut self) {
        let trace = self.trace;
        let envelopes = envelopes(trace);
        for &at in trace.segments.iter().chain(&trace.inferred) {
            let entity = &trace.entities[at];
            if !self.is_observed(entity) {
                continue;
            }
            let Some(place) = self.place(at) else { continue };
            let node = self.graph.node(place);
            node.is_root |= entity.parent_id.is_none();
            node.statistics.record(Outcome::of(&entity.segment), response_time(entity));
            node.response_times.record(response_time(entity));
            node.durations.record(envelopes[at]);
        }
    }

    fn edges(&mut self) {
        let trace = self.trace;
        for connection in trace.connections() {
            if self.is_observed(&trace.entities[connection.seen]) {
                self.edge(connection);
            }
        }
    }

    /// Counts the caller's or the callee's view of what happened between them.
    fn edge(&mut self, Connection { source: caller, target: callee, seen }: Connection) {
        let trace = self.trace;
        let source = match caller {
            Some(caller) => self.place(caller),
            None => self.client_place(callee),
        };
        let (Some(source), Some(target)) = (source, self.place(callee)) else { return };
        let edge = self.record(source, target, &trace.entities[seen]);
        let call = caller.map(|caller| &trace.entities[caller]).filter(|caller| caller.is_call());
        if trace.entities[callee].role == Role::Segment
            && let Some(alias) = call.and_then(alias)
        {
            // A shared set of longer-lived aliases can be asked for a shorter-lived one.
            let aliases: &BTreeSet<NodeId<'_>> = &edge.aliases;
            if !aliases.contains(&alias) {
                edge.aliases.insert(alias.into_owned());
            }
        }
    }

    fn client_place(&mut self, root: usize) -> Option<usize> {
        let client = self.trace.node(root)?.client();
        Some(self.graph.place(client, State::Unknown, self.start))
    }

    fn record(&mut self, source: usize, target: usize, seen: &Entity<'_>) -> &mut Edge {
        let edge = self.graph.edge(source, target, EdgeKind::Call);
        edge.statistics.record(Outcome::of(&seen.segment), response_time(seen));
        edge.response_times.record(response_time(seen));
        edge
    }

    fn links(&mut self, producer: &Trace<'_>, receiver: usize) {
        let trace = self.trace;
        let entity = &trace.entities[receiver];
        if !self.is_observed(entity) {
            return;
        }
        for link in entity.segment.links.iter().filter(|link| link.trace_id == producer.id) {
            let Some(sender) = producer.find(link.id) else { continue };
            let queue = producer.inferred_from(&producer.entities[sender]);
            let Some(source) = producer.node(queue.unwrap_or(sender)) else { continue };
            let state = state(producer, queue.unwrap_or(sender));
            let source = self.graph.place(source, state, begin(producer));
            let Some(target) = self.place(receiver) else { continue };
            let sent = &producer.entities[sender];
            let edge = self.graph.edge(source, target, EdgeKind::Link);
            edge.statistics.record(Outcome::of(&entity.segment), response_time(entity));
            edge.received_event_ages
                .record(entity.start().since(sent.end().unwrap_or_else(|| sent.start())));
        }
    }

    /// The place of the node whose work this entity is part of.
    fn place(&mut self, at: usize) -> Option<usize> {
        let owner = self.trace.entities[at].owner?;
        if self.places[owner].is_none() {
            let state = state(self.trace, owner);
            self.places[owner] = Some(self.graph.place(self.trace.node(owner)?, state, self.start));
        }
        self.places[owner]
    }
}

fn state(trace: &Trace<'_>, at: usize) -> State {
    let owner = trace.entities[at].owner.map(|owner| &trace.entities[owner]);
    match owner {
        Some(Entity { role: Role::Inferred, segment, .. }) if segment.origin.is_some() => {
            State::Unknown
        }
        Some(Entity { role: Role::Inferred, .. }) => State::Passive,
        _ => State::Active,
    }
}

/// What the caller calls the target: its own name for it, and the type that this would have.
fn alias<'t>(call: &'t Entity<'_>) -> Option<NodeId<'t>> {
    let called = node::called(&call.segment)?;
    Some(NodeId { name: Cow::Borrowed(&call.segment.name), ..called })
}

/// What the caller waited for; nothing, when the end lies before the start.
fn response_time(entity: &Entity<'_>) -> Micros {
    entity.duration().unwrap_or_default()
}

/// For each segment, the time from the first start to the last end of itself and its parts.
fn envelopes(trace: &Trace<'_>) -> Vec<Micros> {
    let mut extents: Vec<(Micros, Micros)> =
        trace.entities.iter().map(|entity| (entity.start(), entity.start())).collect();
    for entity in &trace.entities {
        let Some(owner) = entity.owner else { continue };
        let (first, last) = &mut extents[owner];
        *first = entity.start().min(*first);
        *last = entity.valid_end().unwrap_or_default().max(*last);
    }
    extents.into_iter().map(|(first, last)| last.since(first)).collect()
}

#[cfg(test)]
mod tests;
