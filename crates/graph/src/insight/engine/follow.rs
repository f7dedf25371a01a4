//! Clusters of hot nodes go on with the incidents they belong to, or open new ones.

use super::{ACTIVE_MAX, Change, Engine, close};
use crate::insight::cluster::{Cluster, clusters};
use crate::insight::incident::{CloseReason, EventKind, Impact, Insight, InsightId};
use crate::insight::watch::{Judged, QUIET_MINUTES, Run};

/// For so many minutes a root cause must have been quiet before a service above it is blamed: by
/// then what it caused there has been judged.
const ROOT_QUIET_MINUTES: u64 = 6;

/// So many minutes lie between two events, but for those that open, explain and close.
const EVENT_MINUTES: u64 = 5;

/// So many times as many faults as at the last event are worth an event.
const GROWTH: u64 = 2;

/// So many faults more than at the last event are the fewest that are worth one.
const GROWTH_MIN: u64 = 20;

/// Which cluster an incident goes on with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// None: it is quiet.
    Quiet,
    /// This one.
    Goes(usize),
    /// One that goes on with another incident.
    Joins,
}

impl Engine {
    /// Brings the insights up to date with what is hot.
    pub(super) fn follow(
        &mut self,
        minute: u64,
        judged: &[Judged],
        new_id: &mut dyn FnMut() -> InsightId,
    ) -> Vec<Change> {
        self.count(judged);
        let clusters = self.clusters();
        let (fates, is_taken) = self.fates(&clusters);
        let mut changes = Vec::new();
        for (index, fate) in fates {
            changes.extend(match fate {
                Fate::Goes(number) => self.go_on(minute, index, &clusters[number], judged),
                Fate::Joins => Some(close(&mut self.insights[index], minute, CloseReason::Joined)),
                Fate::Quiet => self.close_quiet(minute, index),
            });
        }
        for (cluster, _) in clusters.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken) {
            if self.active_count() < ACTIVE_MAX {
                changes.push(self.open(minute, cluster, new_id()));
            }
        }
        changes
    }

    /// Counts what came in this minute, for the case that it belongs to an incident.
    fn count(&mut self, judged: &[Judged]) {
        let of_clients = self.clients.back().map_or_else(Impact::default, |last| last.1);
        for insight in self.insights.iter_mut().filter(|insight| insight.is_active()) {
            let [clients, root] = &mut insight.unsettled;
            clients.add(of_clients);
            if let Some(&place) = self.places.get(&insight.root) {
                root.add(judged[place].impact);
            }
        }
    }

    /// Returns the clusters of hot nodes, by their places.
    fn clusters(&self) -> Vec<Cluster> {
        let is_hot = |place: &usize| self.watches[*place].is_hot;
        let hot: Vec<usize> = (0..self.watches.len()).filter(is_hot).collect();
        if hot.is_empty() {
            return Vec::new();
        }
        let badness: Vec<f64> = hot.iter().map(|&place| self.run(place).excess).collect();
        let number = |place: &usize| hot.binary_search(place).ok();
        let call = |(from, to): &(usize, usize)| Some((number(from)?, number(to)?));
        let calls: Vec<(usize, usize)> = self.calls.keys().filter_map(call).collect();
        let mut clusters = clusters(&badness, &calls, ACTIVE_MAX);
        for cluster in &mut clusters {
            cluster.root = hot[cluster.root];
            cluster.members.iter_mut().for_each(|member| *member = hot[*member]);
        }
        clusters
    }

    /// Decides which active insight goes on with which cluster, and says which clusters are taken.
    fn fates(&self, clusters: &[Cluster]) -> (Vec<(usize, Fate)>, Vec<bool>) {
        let mut is_taken = vec![false; clusters.len()];
        let active = self.insights.iter().enumerate().filter(|(_, insight)| insight.is_active());
        let mut fates: Vec<(usize, Fate)> = active.map(|(index, _)| (index, Fate::Quiet)).collect();
        let mut take = |fate: &mut Fate, found: Option<usize>, else_joins: bool| {
            if let (Fate::Quiet, Some(number)) = (*fate, found) {
                if !std::mem::replace(&mut is_taken[number], true) {
                    *fate = Fate::Goes(number);
                } else if else_joins {
                    *fate = Fate::Joins;
                }
            }
        };
        let root = |index: usize| self.places.get(&self.insights[index].root);
        // ## The same root cause
        for (index, fate) in &mut fates {
            take(fate, clusters.iter().position(|of| Some(&of.root) == root(*index)), false);
        }
        // ## A deeper one
        for (index, fate) in &mut fates {
            let has_root = |of: &Cluster| {
                root(*index).is_some_and(|place| of.members.binary_search(place).is_ok())
            };
            take(fate, clusters.iter().position(has_root), true);
        }
        // ## The root cause is quiet, but not a service above it
        for (index, fate) in &mut fates {
            let services = &self.insights[*index].services;
            let is_known = |of: &Cluster| {
                services.iter().any(|service| service.id == self.watches[of.root].id)
            };
            take(fate, clusters.iter().position(is_known), false);
        }
        (fates, is_taken)
    }

    /// Returns a hot node's time since its first anomaly.
    fn run(&self, place: usize) -> &Run {
        self.watches[place].run.as_ref().expect("what is hot was anomalous")
    }

    fn open(&mut self, minute: u64, cluster: &Cluster, id: InsightId) -> Change {
        let runs = || cluster.members.iter().map(|&member| self.run(member));
        let root = self.run(cluster.root);
        let first_minute = runs().map(|run| run.first_minute).min().unwrap_or(minute);
        let mut client_impact = Impact::default();
        for (_, impact) in self.clients.iter().filter(|(then, _)| *then >= first_minute) {
            client_impact.add(*impact);
        }
        let mut insight = Insight {
            id,
            root: self.watches[cluster.root].id.clone(),
            first_minute,
            last_minute: runs().map(|run| run.last_minute).max().unwrap_or(minute),
            root_minute: root.last_minute,
            closed: None,
            client_impact,
            root_impact: root.impact,
            unsettled: Default::default(),
            services: Vec::new(),
            events: Vec::new(),
        };
        for &member in &cluster.members {
            insight.affect(&self.watches[member].id, self.run(member).excess);
        }
        insight.note(minute, EventKind::Opened);
        self.insights.push(insight);
        Change { id, kind: EventKind::Opened }
    }

    fn go_on(
        &mut self,
        minute: u64,
        index: usize,
        cluster: &Cluster,
        judged: &[Judged],
    ) -> Option<Change> {
        let root = *self.run(cluster.root);
        let watches = &self.watches;
        let insight = &mut self.insights[index];
        let last = |member: &usize| watches[*member].run.as_ref().map_or(0, |run| run.last_minute);
        let last_minute = cluster.members.iter().map(last).max().unwrap_or(0);
        insight.last_minute = insight.last_minute.max(last_minute);
        for &member in cluster.members.iter().filter(|&&member| judged[member].excess > 0.0) {
            insight.affect(&watches[member].id, judged[member].excess);
        }
        if insight.last_minute == minute {
            let [clients, root] = std::mem::take(&mut insight.unsettled);
            insight.client_impact.add(clients);
            insight.root_impact.add(root);
        }

        let new_root = &watches[cluster.root];
        let mut kind = None;
        if insight.root == new_root.id {
            insight.root_minute = root.last_minute;
        } else if is_deeper(insight, cluster, &self.places)
            || root.last_minute >= insight.root_minute + ROOT_QUIET_MINUTES
        {
            insight.root = new_root.id.clone();
            insight.root_minute = root.last_minute;
            insight.root_impact = root.impact;
            insight.unsettled[1] = Impact::default();
            insight.affect(&new_root.id, 0.0);
            kind = Some(EventKind::RootChanged);
        }
        let kind = kind.or_else(|| has_grown(insight, minute).then_some(EventKind::Grew))?;
        insight.note(minute, kind).then_some(Change { id: insight.id, kind })
    }

    fn close_quiet(&mut self, minute: u64, index: usize) -> Option<Change> {
        let insight = &mut self.insights[index];
        if minute.saturating_sub(insight.last_minute) < QUIET_MINUTES {
            return None;
        }
        let place = self.places.get(&insight.root);
        let accepted = place.and_then(|&place| self.watches[place].accepted);
        let is_accepted = accepted.is_some_and(|then| then >= insight.first_minute);
        let reason = if is_accepted { CloseReason::Accepted } else { CloseReason::Recovered };
        Some(close(insight, minute, reason))
    }
}

/// Returns whether the root cause so far is a service above the cluster's.
fn is_deeper(
    insight: &Insight,
    cluster: &Cluster,
    places: &hashbrown::HashMap<trace::NodeId<'static>, usize>,
) -> bool {
    places.get(&insight.root).is_some_and(|place| cluster.members.binary_search(place).is_ok())
}

/// Returns whether there is much more of an incident than at its last event.
fn has_grown(insight: &Insight, minute: u64) -> bool {
    let Some(last) = insight.events.last() else { return false };
    let grew = |now: Impact, then: Impact| {
        now.faults >= then.faults.saturating_mul(GROWTH)
            && now.faults >= then.faults.saturating_add(GROWTH_MIN)
    };
    let is_told =
        |id: &trace::NodeId<'static>| insight.events.iter().any(|event| event.top.contains(id));
    insight.last_minute == minute
        && minute.saturating_sub(last.minute) >= EVENT_MINUTES
        && (grew(insight.client_impact, last.client_impact)
            || grew(insight.root_impact, last.root_impact)
            || !insight.top().all(is_told))
}
