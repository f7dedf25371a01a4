//! `GetServiceGraph` and `GetTraceGraph`.

pub(crate) mod shape;

use std::ops::Range;

use bytes::Bytes;
use graph::Graph;
use store::Grain;
use wire::api::Error;
use wire::api::graph::{GetServiceGraphRequest, GetServiceGraphResponse, GetTraceGraphResponse};
use wire::api::traces::TraceIdsRequest;
use wire::{Micros, Seconds, TraceId, json};

use super::refuse_next_token;
use super::summaries::check_order;
use crate::app::App;
use crate::graphs::{self, Scope};
use crate::groups::Selector;

/// The longest window of a service graph, in seconds.
///
/// Source: GetServiceGraph, public reports of the error.
const WINDOW_SECS_MAX: f64 = 6.0 * 3600.0;

/// Returns the graph of what was completed in a window of times of receipt.
///
/// Source: GetServiceGraph, captured answers.
pub(crate) fn service_graph(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetServiceGraphRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let window = window(&request)?;
    let scope = scope(app, request.group_name, request.group_arn)?;
    let (mut graph, mut older) = (Graph::default(), Graph::default());
    graphs::each_part(app, &scope, &window, Grain::Window, |part| {
        let sum = if scope.is_older(&part) { &mut older } else { &mut graph };
        sum.merge(part.graph);
    });
    let contains_old_group_versions = !older.nodes().is_empty();
    graph.merge(older);
    let bounds = graph.bounds();
    let response = GetServiceGraphResponse {
        contains_old_group_versions,
        end_time: bounds.map(|bounds| Seconds::from(bounds.last_second())),
        next_token: None,
        services: shape::services(&graph, shape::Bounds::Printed),
        start_time: bounds.map(|bounds| Seconds::from(bounds.start())),
    };
    Ok(json::encode(&response).into())
}

/// Returns what is asked for: the traces of a group, or all of them.
pub(super) fn scope(app: &App, name: Option<String>, arn: Option<String>) -> Result<Scope, Error> {
    let Some(selector) = Selector::new(name, arn)? else { return Ok(Scope::Everything) };
    let group = app.groups.find(&selector);
    let group = group.ok_or_else(|| Error::invalid_request("Group not found."))?;
    Ok(Scope::of(&group))
}

fn window(request: &GetServiceGraphRequest) -> Result<Range<Micros>, Error> {
    let (start, end) = (request.start_time, request.end_time);
    check_window(start, end)?;
    // The API's window includes its end.
    Ok(start.micros()..Micros(end.micros().0.saturating_add(1)))
}

/// Checks the order and the length of a window of graphs.
pub(super) fn check_window(start: Seconds, end: Seconds) -> Result<(), Error> {
    check_order(start, end)?;
    if end.0 - start.0 > WINDOW_SECS_MAX {
        return Err(Error::invalid_request("Time range cannot be longer than 6 hours"));
    }
    Ok(())
}

/// Returns the graph of one trace.
///
/// Source: GetTraceGraph, captured answers.
pub(crate) fn trace_graph(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = TraceIdsRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let id = match &request.trace_ids[..] {
        [] => return Err(Error::invalid_request("Zero trace ids provided")),
        [id] => id,
        _ => return Err(Error::invalid_request("Currently only one trace Id is supported")),
    };
    let id = TraceId::parse(id)
        .ok_or_else(|| Error::invalid_request("Invalid traceId. ErrorCode: InvalidId"))?;
    let stored =
        app.store.trace(&id).ok_or_else(|| Error::invalid_request("Trace id not found"))?;
    let graph = graphs::of_trace(app, &stored).ok_or_else(Error::internal)?;
    let services = shape::services(&graph, shape::Bounds::Null);
    Ok(json::encode(&GetTraceGraphResponse { next_token: None, services }).into())
}

#[cfg(test)]
mod tests;
