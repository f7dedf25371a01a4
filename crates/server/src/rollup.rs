//! The service graph of a block, minute by minute: what the store keeps beside the traces.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Graph, rollup};
use store::{Fold, Rollup, StoredTrace};
use trace::{Received, Trace};
use wire::TraceId;

/// Finds another trace.
type Others<'o> = dyn Fn(&TraceId) -> Option<StoredTrace> + 'o;

/// Folds traces into service graphs.
#[derive(Clone, Copy, Debug, Default)]
pub struct GraphRollup;

impl Rollup for GraphRollup {
    fn begin(&self) -> Box<dyn Fold> {
        Box::new(Minutes::default())
    }

    fn merge(&self, parts: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut sum = Graph::default();
        for part in parts {
            sum.merge(rollup::everything(part).map_err(|error| error.to_string())?);
        }
        Ok(rollup::encode(&sum.into()))
    }
}

/// The graph of each minute.
#[derive(Default)]
struct Minutes(BTreeMap<u64, Graph>);

impl Fold for Minutes {
    fn add(&mut self, trace: &Trace<'_>, others: &Others<'_>) {
        for window in graph::minutes(trace) {
            let graph = self.0.entry(store::minute(window.start)).or_default();
            fold(graph, trace, Some(window), others);
        }
    }

    fn subtract(&mut self, trace: &Trace<'_>, others: &Others<'_>) {
        for window in graph::minutes(trace) {
            let mut counted = Graph::default();
            let minute = store::minute(window.start);
            fold(&mut counted, trace, Some(window), others);
            self.0.entry(minute).or_default().subtract(counted);
        }
    }

    fn finish(self: Box<Self>) -> BTreeMap<u64, Vec<u8>> {
        self.0.into_iter().map(|(minute, graph)| (minute, rollup::encode(&graph.into()))).collect()
    }
}

/// Adds a trace, and the messages that it received from others.
pub(crate) fn fold(
    graph: &mut Graph,
    consumer: &Trace<'_>,
    window: Option<std::ops::Range<wire::Micros>>,
    others: &Others<'_>,
) {
    graph.fold(consumer, window.clone());
    for id in senders(consumer) {
        // Whatever is no longer there has left no edge to draw.
        let Some(sender) = others(&id) else { continue };
        if let Ok(producer) = assemble(&sender) {
            graph.fold_links(&producer, consumer, window.clone());
        }
    }
}

/// The other traces that led to work in this one.
fn senders(consumer: &Trace<'_>) -> BTreeSet<TraceId> {
    let segments = consumer.segments.iter().map(|&at| &consumer.entities[at].segment);
    let links = segments.flat_map(|segment| &segment.links);
    links.map(|link| link.trace_id).filter(|id| *id != consumer.id).collect()
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
