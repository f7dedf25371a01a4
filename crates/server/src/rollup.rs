//! The service graphs of a block, minute by minute: what the store keeps beside the traces.
//!
//! There is the graph of everything, and one of each version of a group's filter that has members. A
//! trace is a member of a version that was in force when the trace was last added to, if the filter
//! matches the trace. That says the same whenever it is asked, so what was counted once can be taken
//! back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use graph::{Graph, Rollup, rollup};
use store::{Fold, StoredTrace};
use trace::{Received, Trace};
use wire::{Micros, TraceId};

use crate::groups::{GroupVersion, Groups};

/// Finds another trace.
type Others<'o> = dyn Fn(&TraceId) -> Option<StoredTrace> + 'o;

/// Folds traces into service graphs.
#[derive(Clone)]
pub struct GraphRollup {
    groups: Arc<Groups>,
}

impl GraphRollup {
    pub(crate) fn new(groups: Arc<Groups>) -> Self {
        Self { groups }
    }
}

impl store::Rollup for GraphRollup {
    fn begin(&self) -> Box<dyn Fold> {
        Box::new(Minutes { groups: Arc::clone(&self.groups), minutes: BTreeMap::new() })
    }

    fn merge(&self, parts: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut sum = Rollup::default();
        for part in parts {
            sum.merge(rollup::decode(part).map_err(|error| error.to_string())?);
        }
        Ok(rollup::encode(&sum))
    }
}

/// The graphs of each minute.
struct Minutes {
    groups: Arc<Groups>,
    minutes: BTreeMap<u64, Rollup>,
}

impl Fold for Minutes {
    fn add(&mut self, trace: &Trace<'_>, others: &Others<'_>) {
        let members = matching(&self.groups.in_force_for_good(trace.updated), trace);
        with_senders(trace, others, |senders| {
            for window in graph::minutes(trace) {
                let rollup = self.minutes.entry(store::minute(window.start)).or_default();
                count(rollup, trace, &window, senders, &members);
            }
        });
    }

    fn subtract(&mut self, trace: &Trace<'_>, others: &Others<'_>) {
        let members = matching(&self.groups.in_force_for_good(trace.updated), trace);
        with_senders(trace, others, |senders| {
            for window in graph::minutes(trace) {
                let mut counted = Rollup::default();
                count(&mut counted, trace, &window, senders, &members);
                self.minutes.entry(store::minute(window.start)).or_default().subtract(counted);
            }
        });
    }

    fn finish(self: Box<Self>) -> BTreeMap<u64, Vec<u8>> {
        let minutes = self.minutes.into_iter();
        minutes.map(|(minute, rollup)| (minute, rollup::encode(&rollup))).collect()
    }
}

/// Counts a trace in the graph of everything and in those of the versions it is a member of.
fn count(
    rollup: &mut Rollup,
    trace: &Trace<'_>,
    window: &Range<Micros>,
    senders: &[Trace<'_>],
    members: &[u64],
) {
    fold(&mut rollup.everything, trace, Some(window), senders);
    for number in members {
        fold(rollup.groups.entry(*number).or_default(), trace, Some(window), senders);
    }
}

/// Returns the numbers of the versions that a trace is a member of.
pub(crate) fn members(groups: &Groups, trace: &Trace<'_>) -> Vec<u64> {
    matching(&groups.in_force(trace.updated), trace)
}

/// Returns the numbers of those versions whose filter matches.
fn matching(in_force: &[GroupVersion], trace: &Trace<'_>) -> Vec<u64> {
    if in_force.is_empty() {
        return Vec::new();
    }
    let summary = trace::summarize(trace);
    let matching =
        in_force.iter().filter(|version| filter::matches(&version.filter, trace, &summary));
    matching.map(|version| version.number).collect()
}

/// Adds a trace, and the messages that it received from others.
pub(crate) fn fold(
    graph: &mut Graph,
    consumer: &Trace<'_>,
    window: Option<&Range<Micros>>,
    senders: &[Trace<'_>],
) {
    graph.fold(consumer, window.cloned());
    for producer in senders {
        graph.fold_links(producer, consumer, window.cloned());
    }
}

/// Shows `look` the other traces that led to work in this one.
pub(crate) fn with_senders<T>(
    consumer: &Trace<'_>,
    others: &Others<'_>,
    look: impl FnOnce(&[Trace<'_>]) -> T,
) -> T {
    let segments = consumer.segments.iter().map(|&at| &consumer.entities[at].segment);
    let links = segments.flat_map(|segment| &segment.links).map(|link| link.trace_id);
    let ids: BTreeSet<TraceId> = links.filter(|id| *id != consumer.id).collect();
    // Whatever is no longer there has left no edge to draw.
    let stored: Vec<StoredTrace> = ids.iter().filter_map(others).collect();
    let senders: Vec<Trace<'_>> = stored.iter().filter_map(|one| assemble(one).ok()).collect();
    look(&senders)
}

/// Puts a stored trace together.
pub(crate) fn assemble(stored: &StoredTrace) -> Result<Trace<'_>, trace::Error> {
    let documents: Vec<Received<'_>> = stored
        .documents
        .iter()
        .map(|document| Received {
            text: document.text(),
            received: document.received,
            request_number: document.request_number,
        })
        .collect();
    trace::assemble(stored.id, &documents, stored.limit_exceeded)
}
