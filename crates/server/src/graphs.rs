//! The service graphs of the store: of a window of time, of each of its minutes, and of one trace.
//!
//! What is sealed was folded when it was sealed; what is live is folded here, and what blocks count
//! of an earlier version of it is taken back.

use std::collections::BTreeMap;
use std::ops::Range;

use graph::Graph;
use store::{Folded, Grain, StoredTrace};
use trace::Trace;
use tracing::error;
use wire::{Micros, TraceId};

use crate::api::assembled;
use crate::app::App;
use crate::rollup;

/// Of which traces a graph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    Everything,
}

/// Returns the graph of the minutes that the window touches.
///
/// Units: `window` in times of receipt, half-open.
pub(crate) fn window(app: &App, _scope: &Scope, window: &Range<Micros>) -> Graph {
    let window = store::whole_minutes(window);
    let mut graph = Graph::default();
    app.store.fold(&window, Grain::Window, |folded| match folded {
        Folded::Rollup { bytes, .. } => graph.merge(decoded(&bytes)),
        Folded::Live { now, before } => {
            fold(app, &mut graph, &now, Some(&window));
            if let Some(before) = before {
                let mut counted = Graph::default();
                fold(app, &mut counted, &before, Some(&window));
                graph.subtract(counted);
            }
        }
    });
    graph
}

/// Returns the graph of each minute that the window touches and that something is known of.
///
/// Units: `window` in times of receipt, half-open; minutes are numbered by [`store::minute`].
#[cfg_attr(not(test), expect(dead_code, reason = "asked once statistics come minute by minute"))]
pub(crate) fn minutes(app: &App, _scope: &Scope, window: &Range<Micros>) -> BTreeMap<u64, Graph> {
    let window = store::whole_minutes(window);
    let mut graphs: BTreeMap<u64, Graph> = BTreeMap::new();
    app.store.fold(&window, Grain::Minute, |folded| match folded {
        Folded::Rollup { minutes, bytes } => {
            graphs.entry(minutes.start).or_default().merge(decoded(&bytes));
        }
        Folded::Live { now, before } => {
            fold_minutes(app, &mut graphs, &now, &window);
            let mut counted = BTreeMap::new();
            if let Some(before) = before {
                fold_minutes(app, &mut counted, &before, &window);
            }
            for (minute, counted) in counted {
                graphs.entry(minute).or_default().subtract(counted);
            }
        }
    });
    graphs
}

/// Returns the graph of a whole trace; `None` when it cannot be read.
pub(crate) fn of_trace(app: &App, stored: &StoredTrace) -> Option<Graph> {
    let mut graph = Graph::default();
    fold(app, &mut graph, stored, None).then_some(graph)
}

/// Adds a trace and the messages that it received from others; false when it cannot be read.
fn fold(
    app: &App,
    graph: &mut Graph,
    stored: &StoredTrace,
    window: Option<&Range<Micros>>,
) -> bool {
    let others = |id: &TraceId| app.store.trace(id);
    let add = |trace: &Trace<'_>| rollup::fold(graph, trace, window.cloned(), &others);
    assembled(app, stored, add).is_some()
}

/// Adds a trace to each minute of the window in which documents of it came.
fn fold_minutes(
    app: &App,
    graphs: &mut BTreeMap<u64, Graph>,
    stored: &StoredTrace,
    window: &Range<Micros>,
) {
    let others = |id: &TraceId| app.store.trace(id);
    let is_inside =
        |minute: &Range<Micros>| window.start <= minute.start && minute.end <= window.end;
    assembled(app, stored, |trace| {
        for minute in graph::minutes(trace).filter(is_inside) {
            let graph = graphs.entry(store::minute(minute.start)).or_default();
            rollup::fold(graph, trace, Some(minute), &others);
        }
    });
}

/// Reads what a block counts; nothing when it cannot be read.
fn decoded(bytes: &[u8]) -> Graph {
    graph::rollup::everything(bytes).unwrap_or_else(|error| {
        error!(%error, "left a block's graph out of an answer");
        Graph::default()
    })
}

#[cfg(test)]
mod tests;
