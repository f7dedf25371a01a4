//! `POST histogram`: how long traces took, or the work of a node, or the calls between two.

use serde::{Deserialize, Serialize};
use store::Axis;
use store::group::{By, Histogram, Key};
use store::visit;
use trace::{Flags, NodeId, Outcome, Trace};
use utoipa::ToSchema;
use wire::Micros;

use super::aggregate::{grouped, is_exact};
use super::buckets::{self, BUCKETS_MAX};
use super::info::GRAPH_TRACES_MAX;
use super::shape::{NodeName, Scope};
use super::{Answer, Answered, Ask, Error, error};

/// Which traces, and what of them.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct HistogramRequest {
    #[serde(flatten)]
    scope: Scope,
    /// The segments of this node instead of whole traces.
    #[serde(default)]
    #[schema(nullable = false)]
    node: Option<NodeName>,
    /// The calls of this edge instead of whole traces, as the caller sees them.
    #[serde(default)]
    #[schema(nullable = false)]
    edge: Option<EdgeName>,
}

/// An edge of the service graph.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct EdgeName {
    from: NodeName,
    to: NodeName,
}

/// How long things took. Units: microseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistogramAnswer {
    /// At most 60, each as wide as the one before on a logarithmic axis.
    buckets: Vec<Bucket>,
    /// How many were counted: traces, segments or calls.
    total: u64,
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    p95: Option<u64>,
    #[schema(required)]
    p99: Option<u64>,
    /// False when not all traces were looked at, or something could not be read.
    exact: bool,
}

/// What took from so long to not so long. Units: microseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Bucket {
    from: u64,
    to: u64,
    ok: u64,
    error: u64,
    throttle: u64,
    fault: u64,
}

/// The times of each outcome.
#[derive(Default)]
struct Times {
    by_outcome: [Histogram; 4],
    bounds: Option<(u64, u64)>,
}

/// In the order of the outcomes in [`Times`].
const OUTCOMES: [Outcome; 4] = [Outcome::Ok, Outcome::Error, Outcome::Throttle, Outcome::Fault];

/// Counts by how long it took.
#[utoipa::path(post, path = "/console/api/histogram", operation_id = "histogram",
    request_body = HistogramRequest,
    responses((status = 200, body = HistogramAnswer), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn histogram(ask: &Ask<'_>) -> Answered {
    let request: HistogramRequest = ask.body()?;
    let (times, exact) = match (&request.node, &request.edge) {
        (Some(_), Some(_)) => {
            return Err(Error::invalid("Either a node or an edge is wanted").in_field("edge"));
        }
        (Some(node), None) => visited(ask, &request.scope, &mut |trace, times| {
            of_node(trace, node, times);
        })?,
        (None, Some(edge)) => visited(ask, &request.scope, &mut |trace, times| {
            of_edge(trace, edge, times);
        })?,
        (None, None) => of_traces(ask, &request.scope)?,
    };
    Ok(Answer::json(&times.answer(exact)))
}

fn of_traces(ask: &Ask<'_>, scope: &Scope) -> Result<(Times, bool), Error> {
    let filter = &scope.filter(ask.app)?;
    let found = grouped(ask, filter, scope.from, scope.to, &By::Outcome, usize::MAX)?;
    let exact = is_exact(&found);
    let mut times = Times::default();
    for group in found.groups {
        let Key::Outcome(outcome) = group.key else { continue };
        let measures = group.measures;
        if let (Some(min), Some(max)) = (measures.response_time_min, measures.response_time_max) {
            times.widen(min.0);
            times.widen(max.0);
        }
        times.by_outcome[place(outcome)].merge(&measures.response_times);
    }
    Ok((times, exact))
}

/// Looks at whole traces, the newest ones.
fn visited(
    ask: &Ask<'_>,
    scope: &Scope,
    look: &mut dyn FnMut(&Trace<'_>, &mut Times),
) -> Result<(Times, bool), Error> {
    let filter = &scope.filter(ask.app)?;
    let (axis, traces_max, watch) = (Axis::Start, GRAPH_TRACES_MAX, ask.watch);
    let query = visit::Query { filter, axis, window: scope.window()?, traces_max, watch };
    let mut times = Times::default();
    let visited = ask.app.store.visit(&query, &mut |trace| look(trace, &mut times));
    let is_whole = visited.visited_count == visited.total;
    Ok((times, is_whole && visited.cost.unreadable_block_count == 0))
}

fn of_node(trace: &Trace<'_>, node: &NodeName, times: &mut Times) {
    for &at in trace.segments.iter().chain(&trace.inferred) {
        if trace.node(at).is_some_and(|of| node.is(&of)) {
            times.record(trace, at);
        }
    }
}

fn of_edge(trace: &Trace<'_>, edge: &EdgeName, times: &mut Times) {
    for connection in trace.connections() {
        let Some(target) = trace.node(connection.target) else { continue };
        let source: Option<NodeId<'_>> = match connection.source {
            Some(source) => trace.node(source),
            None => Some(target.client()),
        };
        if edge.to.is(&target) && source.is_some_and(|source| edge.from.is(&source)) {
            times.record(trace, connection.seen);
        }
    }
}

fn place(outcome: Outcome) -> usize {
    OUTCOMES.iter().position(|one| *one == outcome).unwrap_or(0)
}

impl Times {
    /// Counts a finished piece of work.
    fn record(&mut self, trace: &Trace<'_>, at: usize) {
        let entity = &trace.entities[at];
        let Some(time) = entity.duration() else { return };
        let flags = Flags::of(&entity.segment);
        let outcome = match (flags.fault, flags.throttle, flags.error) {
            (true, _, _) => Outcome::Fault,
            (_, true, _) => Outcome::Throttle,
            (_, _, true) => Outcome::Error,
            _ => Outcome::Ok,
        };
        self.widen(time.0);
        self.by_outcome[place(outcome)].record(time);
    }

    fn widen(&mut self, time: u64) {
        let (min, max) = self.bounds.unwrap_or((time, time));
        self.bounds = Some((min.min(time), max.max(time)));
    }

    fn answer(&self, exact: bool) -> HistogramAnswer {
        let mut all = Histogram::default();
        self.by_outcome.iter().for_each(|one| all.merge(one));
        let (min, max) = self.bounds.unwrap_or_default();
        let quantile = |part| all.quantile(part).map(|Micros(time)| time.clamp(min, max));
        let mut buckets = Vec::new();
        if self.bounds.is_some() {
            let edges = buckets::edges(min, max, BUCKETS_MAX);
            let counts = self.by_outcome.each_ref().map(|one| buckets::counts(&edges, one));
            let [ok, error, throttle, fault] = &counts;
            buckets.extend(edges.windows(2).enumerate().map(|(at, edge)| Bucket {
                from: edge[0],
                to: edge[1],
                ok: ok[at],
                error: error[at],
                throttle: throttle[at],
                fault: fault[at],
            }));
        }
        HistogramAnswer {
            buckets,
            total: all.count(),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            exact,
        }
    }
}
