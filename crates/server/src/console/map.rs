//! `POST map/graph` and `POST map/extra`: the service graph of the traces that are meant, and what a
//! map shows beyond it.
//!
//! Without a filter the graph is the one that `GetServiceGraph` answers, which was counted when
//! traces came; with one, it is made of the traces that match, the newest of them.

use std::collections::HashMap;

use graph::{Graph, Histogram, Node};
use serde::Serialize;
use serde_json::value::RawValue;
use store::group::{By, Key};
use store::{Axis, Grain, visit};
use utoipa::ToSchema;
use wire::{Micros, json};

use super::aggregate::{grouped, is_exact};
use super::info::GRAPH_TRACES_MAX;
use super::shape::{NodeName, Scope};
use super::{Answer, Answered, Ask, Error, error};
use crate::api::graph::shape;
use crate::graphs;
use crate::rollup::{fold, with_senders};

/// A service graph.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MapGraph {
    /// As `GetServiceGraph` answers them.
    #[schema(value_type = Vec<Object>)]
    services: Box<RawValue>,
    /// Of how many traces it is.
    traces: u64,
    /// How many traces match.
    total: u64,
    /// False when it is of some of them only, or something could not be read.
    exact: bool,
}

/// What a map shows of nodes beyond the graph.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MapExtra {
    nodes: Vec<NodeExtra>,
    /// False when it is of some of the traces only, or something could not be read.
    exact: bool,
}

/// What a map shows of a node beyond the graph. Units: microseconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeExtra {
    #[serde(flatten)]
    name: NodeName,
    /// When the first trace of the window began that it took part in, since the epoch.
    first_seen: u64,
    /// The traces in which a fault began here.
    fault_origins: u64,
    /// Of what its callers waited for; null on clients.
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    p95: Option<u64>,
    #[schema(required)]
    p99: Option<u64>,
}

/// A graph, and of how much it is.
struct Found {
    graph: Graph,
    trace_count: u64,
    total: u64,
    is_exact: bool,
}

/// Returns the service graph of the traces that match.
#[utoipa::path(post, path = "/console/api/map/graph", operation_id = "mapGraph",
    request_body = Scope,
    responses((status = 200, body = MapGraph), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn map_graph(ask: &Ask<'_>) -> Answered {
    let found = find(ask, &ask.body()?)?;
    let services = json::encode(&shape::services(&found.graph, shape::Bounds::Printed));
    Ok(Answer::json(&MapGraph {
        services: RawValue::from_string(services).expect("what was encoded is JSON"),
        traces: found.trace_count,
        total: found.total,
        exact: found.is_exact,
    }))
}

/// Returns what a map shows beyond the graph.
#[utoipa::path(post, path = "/console/api/map/extra", operation_id = "mapExtra",
    request_body = Scope,
    responses((status = 200, body = MapExtra), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn map_extra(ask: &Ask<'_>) -> Answered {
    let scope: Scope = ask.body()?;
    let found = find(ask, &scope)?;
    let filter = &scope.filter(ask.app)?;
    let causes = grouped(ask, filter, scope.from, scope.to, &By::FaultCause, usize::MAX)?;
    let exact = found.is_exact && is_exact(&causes);
    let origins: HashMap<Key, u64> =
        causes.groups.into_iter().map(|one| (one.key, one.measures.trace_count)).collect();
    let node = |node: &&Node| NodeExtra {
        name: NodeName::of(&node.id),
        first_seen: node.bounds.start().0,
        fault_origins: origins.get(&Key::Node(node.id.clone())).copied().unwrap_or(0),
        p50: quantile(&node.response_times, 0.5),
        p95: quantile(&node.response_times, 0.95),
        p99: quantile(&node.response_times, 0.99),
    };
    Ok(Answer::json(&MapExtra { nodes: found.graph.nodes().iter().map(node).collect(), exact }))
}

fn find(ask: &Ask<'_>, scope: &Scope) -> Result<Found, Error> {
    let filter = scope.filter(ask.app)?;
    let window = scope.window()?;
    let has_filter = scope.filter.as_deref().is_some_and(|text| !text.trim().is_empty());
    let (axis, traces_max, watch) = (Axis::Start, GRAPH_TRACES_MAX, ask.watch);
    if has_filter {
        let query = visit::Query { filter: &filter, axis, window, traces_max, watch };
        let mut graph = Graph::default();
        let others = |id: &wire::TraceId| ask.app.store.trace(id);
        let visited = ask.app.store.visit(&query, &mut |trace| {
            with_senders(trace, &others, |senders| fold(&mut graph, trace, None, senders));
        });
        let is_whole = visited.visited_count == visited.total;
        let is_exact = is_whole && visited.cost.unreadable_block_count == 0;
        let trace_count = visited.visited_count;
        return Ok(Found { graph, trace_count, total: visited.total, is_exact });
    }
    let of = match &scope.group {
        Some(name) => Scope::group_of(ask.app, name)?,
        None => graphs::Scope::Everything,
    };
    let mut graph = Graph::default();
    let received = *window.start()..Micros(window.end().0.saturating_add(1));
    graphs::each_part(ask.app, &of, &received, Grain::Window, |part| graph.merge(part.graph));
    let page = store::Page { after: None, traces_max: 1 };
    let all = store::Query { filter: &filter, axis, window, page, checks_max: u64::MAX };
    let (total, cost) = ask.app.store.count_watched(&all, watch);
    let is_exact = cost.unreadable_block_count == 0;
    Ok(Found { graph, trace_count: total, total, is_exact })
}

/// Returns the time that this part of all is not longer than.
fn quantile(times: &Histogram, part: f64) -> Option<u64> {
    let entries = times.entries();
    let count: u64 = entries.iter().map(|entry| entry.count).sum();
    let rank = ((part * count as f64).ceil() as u64).max(1);
    let mut seen = 0;
    let found = entries.iter().find(|entry| {
        seen += entry.count;
        seen >= rank
    });
    found.map(|entry| (entry.value * Micros::PER_SECOND as f64).round() as u64)
}
