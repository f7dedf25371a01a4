//! The watch over one group: minutes in, incidents out.
//!
//! Each minute every node is judged; what is hot is put into clusters of one cause; each cluster goes
//! on with the incident it belongs to, or opens one. What is quiet for long enough is closed.
//!
//! Everything is bounded: nodes, calls between them, active and kept incidents. A minute costs a few
//! operations for each node and edge, and more only for nodes that fault much.

mod follow;

use std::collections::{BTreeMap, VecDeque};

use hashbrown::HashMap;
use trace::NodeId;

use super::incident::{CloseReason, EventKind, Impact, Insight, InsightId};
use super::watch::{Judged, Watch};
use crate::{EdgeKind, Graph, Statistics};

/// The most nodes that are watched; further ones are left out.
///
/// Source: `service-graph.md` §9, the largest map.
pub const NODES_MAX: usize = 10_000;

/// The most calls that are remembered.
const CALLS_MAX: usize = 50_000;

/// A node without requests for so many minutes is forgotten.
pub const FORGOTTEN_MINUTES: u64 = 24 * 60;

/// For so many minutes a call that faulted says who calls whom, and so long is known what clients
/// did before an incident was noticed: longer than the latest judgement takes.
const REMEMBERED_MINUTES: u64 = 16;

/// How often what is forgotten is looked for.
const SWEEP_MINUTES: u64 = 60;

/// The most insights that are active at a time; of more causes the worst are told.
pub const ACTIVE_MAX: usize = 20;

/// The most insights that are kept after they were closed.
pub const CLOSED_MAX: usize = 200;

/// How long they are kept.
///
/// Source: GetInsightSummaries, API model.
pub const KEPT_MINUTES: u64 = 30 * 24 * 60;

/// What is known of a group: what is normal for its nodes, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// The last minute that was taken.
    pub(super) minute: Option<u64>,
    pub(super) watches: Vec<Watch>,
    /// Invariant: leads from the identity of each watch to its place in `watches`.
    pub(super) places: HashMap<NodeId<'static>, usize>,
    /// The last minute in which a call from one place to another faulted.
    pub(super) calls: BTreeMap<(usize, usize), u64>,
    /// What clients asked of the group in the last minutes, oldest first.
    pub(super) clients: VecDeque<(u64, Impact)>,
    /// Oldest first.
    pub(super) insights: Vec<Insight>,
}

/// Something that happened to an insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which one.
    pub id: InsightId,
    /// What happened; it is the insight's last event.
    pub kind: EventKind,
}

impl Engine {
    /// Returns the last minute that was taken.
    pub fn minute(&self) -> Option<u64> {
        self.minute
    }

    /// Returns the insights, oldest first.
    pub fn insights(&self) -> &[Insight] {
        &self.insights
    }

    /// Returns how many nodes are watched.
    pub fn node_count(&self) -> usize {
        self.watches.len()
    }

    /// Takes a minute of the past, from which what is normal is learned: no incident begins, goes on
    /// or ends. Minutes that are not later than all before are passed over.
    pub fn learn(&mut self, minute: u64, graph: &Graph) {
        if self.minute < Some(minute) {
            self.observe(minute, graph);
        }
    }

    /// Takes the minute that has just ended, and returns what happened to insights, each at most
    /// once. A minute without any requests is to be taken, too; minutes that are not later than all
    /// before are passed over.
    ///
    /// `new_id` makes the id of a new insight.
    pub fn step(
        &mut self,
        minute: u64,
        graph: &Graph,
        new_id: &mut dyn FnMut() -> InsightId,
    ) -> Vec<Change> {
        if self.minute >= Some(minute) {
            return Vec::new();
        }
        let judged = self.observe(minute, graph);
        let changes = self.follow(minute, &judged, new_id);
        self.expire(minute);
        changes
    }

    /// Closes what is active, because nobody wants to know any more.
    pub fn abandon(&mut self, minute: u64) -> Vec<Change> {
        let active = self.insights.iter_mut().filter(|insight| insight.is_active());
        active.map(|insight| close(insight, minute, CloseReason::Unwatched)).collect()
    }

    /// Forgets everything but the insights, and closes those that are active: for a clock that was
    /// set back, when the minutes that were taken are still to come.
    pub fn start_over(&mut self, minute: u64) -> Vec<Change> {
        let changes = self.abandon(minute);
        let insights = std::mem::take(&mut self.insights);
        *self = Self { insights, ..Self::default() };
        changes
    }

    /// Judges every node by its minute.
    fn observe(&mut self, minute: u64, graph: &Graph) -> Vec<Judged> {
        self.minute = Some(minute);
        let nodes = graph.nodes();
        let mut impacts = vec![Impact::default(); self.watches.len()];
        let mut places = Vec::with_capacity(nodes.len());
        for node in &nodes {
            let place = if node.is_client() { None } else { self.place(&node.id) };
            impacts.resize(self.watches.len(), Impact::default());
            if let Some(place) = place {
                impacts[place] = impact(&node.statistics);
            }
            places.push(place);
        }
        let mut clients = Impact::default();
        for placed in graph.edges().into_iter().filter(|placed| placed.kind == EdgeKind::Call) {
            let asked = impact(&placed.edge.statistics);
            if nodes[placed.source_index].is_client() {
                clients.add(asked);
            } else if let (Some(source), Some(target)) =
                (places[placed.source_index], places[placed.target_index])
                && asked.faults > 0
                && (self.calls.len() < CALLS_MAX || self.calls.contains_key(&(source, target)))
            {
                self.calls.insert((source, target), minute);
            }
        }
        self.clients.push_back((minute, clients));
        self.forget(minute);
        let each = self.watches.iter_mut().zip(impacts);
        each.map(|(watch, impact)| watch.observe(minute, impact)).collect()
    }

    /// Returns the place of a node; `None` when there are too many.
    fn place(&mut self, id: &NodeId<'static>) -> Option<usize> {
        if let Some(&place) = self.places.get(id) {
            return Some(place);
        }
        let place = self.watches.len();
        if place >= NODES_MAX {
            return None;
        }
        self.places.insert(id.clone(), place);
        self.watches.push(Watch::new(id.clone()));
        Some(place)
    }

    fn forget(&mut self, minute: u64) {
        let is_recent = |then: u64| minute.saturating_sub(then) < REMEMBERED_MINUTES;
        self.clients.retain(|(then, _)| is_recent(*then));
        self.calls.retain(|_, then| is_recent(*then));
    }

    /// Forgets nodes without requests, and insights that are too old or too many.
    fn expire(&mut self, minute: u64) {
        let is_kept = |insight: &Insight| {
            insight.closed.is_none_or(|closed| minute.saturating_sub(closed.minute) <= KEPT_MINUTES)
        };
        self.insights.retain(is_kept);
        while self.insights.len() - self.active_count() > CLOSED_MAX {
            let oldest = self.insights.iter().position(|insight| !insight.is_active());
            self.insights.remove(oldest.expect("some are closed"));
        }
        if minute.is_multiple_of(SWEEP_MINUTES) {
            self.sweep(minute);
        }
    }

    fn active_count(&self) -> usize {
        self.insights.iter().filter(|insight| insight.is_active()).count()
    }

    fn sweep(&mut self, minute: u64) {
        let is_gone = |watch: &Watch| minute.saturating_sub(watch.seen) >= FORGOTTEN_MINUTES;
        if !self.watches.iter().any(is_gone) {
            return;
        }
        let old = std::mem::take(&mut self.watches);
        let mut moved = vec![None; old.len()];
        for (place, watch) in old.into_iter().enumerate().filter(|(_, watch)| !is_gone(watch)) {
            moved[place] = Some(self.watches.len());
            self.watches.push(watch);
        }
        self.places = places(&self.watches);
        let calls = std::mem::take(&mut self.calls).into_iter();
        let call = |((from, to), then)| Some(((moved[from]?, moved[to]?), then));
        self.calls = calls.filter_map(call).collect();
    }
}

/// Returns where each node is.
pub(super) fn places(watches: &[Watch]) -> HashMap<NodeId<'static>, usize> {
    watches.iter().map(|watch| watch.id.clone()).zip(0..).collect()
}

fn impact(statistics: &Statistics) -> Impact {
    Impact {
        ok: statistics.ok_count(),
        faults: statistics.fault_count(),
        total: statistics.total(),
    }
}

fn close(insight: &mut Insight, minute: u64, reason: CloseReason) -> Change {
    insight.closed = Some(super::incident::Closed { minute, reason });
    insight.note(minute, EventKind::Closed);
    Change { id: insight.id, kind: EventKind::Closed }
}

#[cfg(test)]
mod tests;
