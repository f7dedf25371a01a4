//! The service graphs of the store: of a window of time, of each of its minutes, and of one trace;
//! of everything, or of a group.
//!
//! What is sealed was folded when it was sealed; what is live is folded here, and what blocks count
//! of an earlier version of it is taken back.

use std::collections::BTreeMap;
use std::ops::Range;

use graph::{Graph, rollup};
use store::{Folded, Grain, StoredTrace};
use tracing::error;
use wire::{Micros, TraceId};

use crate::api::assembled;
use crate::app::App;
use crate::groups::Group;
use crate::rollup::{fold, members, with_senders};

/// Of which traces a graph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    Everything,
    /// The members of a group.
    Group {
        /// The number of its filter.
        version: u64,
        /// The numbers of the filters that it had before.
        older: Vec<u64>,
    },
}

impl Scope {
    /// Returns the scope of a group.
    pub(crate) fn of(group: &Group) -> Self {
        match group.version {
            // Everything belongs to `Default`.
            0 => Self::Everything,
            version => Self::Group { version, older: group.older_versions.clone() },
        }
    }

    /// Returns whether a part is of a filter that the group has no more.
    pub(crate) fn is_older(&self, part: &Part) -> bool {
        match self {
            Self::Everything => false,
            Self::Group { version, .. } => part.version != *version,
        }
    }
}

/// What a part of the store counts. All parts are to be added up.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The first minute, by [`store::minute`]; the only one, when minutes are told apart.
    pub(crate) minute: u64,
    /// The number of the group's filter; zero for everything.
    pub(crate) version: u64,
    pub(crate) graph: Graph,
}

/// Returns the graph of the minutes that the window touches.
///
/// Units: `window` in times of receipt, half-open.
pub(crate) fn window(app: &App, scope: &Scope, window: &Range<Micros>) -> Graph {
    let mut graph = Graph::default();
    each_part(app, scope, window, Grain::Window, |part| graph.merge(part.graph));
    graph
}

/// Returns the graph of each minute that the window touches and that something is known of.
///
/// Units: `window` in times of receipt, half-open; minutes are numbered by [`store::minute`].
pub(crate) fn minutes(app: &App, scope: &Scope, window: &Range<Micros>) -> BTreeMap<u64, Graph> {
    let mut graphs: BTreeMap<u64, Graph> = BTreeMap::new();
    each_part(app, scope, window, Grain::Minute, |part| {
        graphs.entry(part.minute).or_default().merge(part.graph);
    });
    graphs
}

/// Hands out what is counted in the minutes that the window touches, part by part: so whoever wants
/// little of it need not keep it all.
///
/// Units: `window` in times of receipt, half-open.
pub(crate) fn each_part(
    app: &App,
    scope: &Scope,
    window: &Range<Micros>,
    grain: Grain,
    mut visit: impl FnMut(Part),
) {
    let window = store::whole_minutes(window);
    let mut live = Live { app, scope, grain, window: &window, graphs: BTreeMap::new() };
    app.store.fold(&window, grain, |folded| match folded {
        Folded::Rollup { minutes, bytes } => {
            for (version, graph) in decoded(scope, &bytes) {
                visit(Part { minute: minutes.start, version, graph });
            }
        }
        Folded::Live { now, before } => {
            live.add(&now);
            if let Some(before) = before {
                live.subtract(&before);
            }
        }
    });
    for ((minute, version), graph) in live.graphs {
        visit(Part { minute, version, graph });
    }
}

/// Returns the graph of a whole trace; `None` when it cannot be read.
pub(crate) fn of_trace(app: &App, stored: &StoredTrace) -> Option<Graph> {
    assembled(app, stored, |trace| {
        let mut graph = Graph::default();
        let others = |id: &TraceId| app.store.trace(id);
        with_senders(trace, &others, |senders| fold(&mut graph, trace, None, senders));
        graph
    })
}

/// What is live.
struct Live<'l> {
    app: &'l App,
    scope: &'l Scope,
    grain: Grain,
    window: &'l Range<Micros>,
    /// By minute and version.
    graphs: BTreeMap<(u64, u64), Graph>,
}

impl Live<'_> {
    /// Adds what of a trace came in the window.
    fn add(&mut self, stored: &StoredTrace) {
        let others = |id: &TraceId| self.app.store.trace(id);
        assembled(self.app, stored, |trace| {
            let versions = match self.scope {
                Scope::Everything => vec![0],
                Scope::Group { version, older } => {
                    let mut members = members(&self.app.groups, trace);
                    members.retain(|number| number == version || older.contains(number));
                    members
                }
            };
            if versions.is_empty() {
                return;
            }
            let is_inside = |minute: &Range<Micros>| {
                self.window.start <= minute.start && minute.end <= self.window.end
            };
            let windows: Vec<Range<Micros>> = match self.grain {
                Grain::Window => vec![self.window.clone()],
                Grain::Minute => graph::minutes(trace).filter(is_inside).collect(),
            };
            with_senders(trace, &others, |senders| {
                for window in &windows {
                    for version in &versions {
                        let key = (store::minute(window.start), *version);
                        fold(self.graphs.entry(key).or_default(), trace, Some(window), senders);
                    }
                }
            });
        });
    }

    /// Takes back what blocks count of a trace.
    fn subtract(&mut self, stored: &StoredTrace) {
        let mut counted = Live { graphs: BTreeMap::new(), ..*self };
        counted.add(stored);
        for (key, graph) in counted.graphs {
            self.graphs.entry(key).or_default().subtract(graph);
        }
    }
}

/// Reads what a block counts, by version; nothing when it cannot be read.
fn decoded(scope: &Scope, bytes: &[u8]) -> BTreeMap<u64, Graph> {
    let graphs = match scope {
        Scope::Everything => rollup::everything(bytes).map(|graph| BTreeMap::from([(0, graph)])),
        Scope::Group { version, older } => {
            let numbers: Vec<u64> = older.iter().chain([version]).copied().collect();
            rollup::groups(bytes, &numbers)
        }
    };
    graphs.unwrap_or_else(|error| {
        error!(%error, "left a block's graph out of an answer");
        BTreeMap::new()
    })
}

#[cfg(test)]
mod tests;
