//! `StartTraceRetrieval`, `ListRetrievedTraces`, `GetRetrievedTracesGraph` and
//! `CancelTraceRetrieval`.
//!
//! The store answers at once, so a retrieval is complete when it has begun: it remembers which of
//! the wanted traces there are, and each page reads its own from the store.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use bytes::Bytes;
use graph::Graph;
use trace::{NodeId, Trace};
use wire::api::Error;
use wire::api::retrieval::{
    CancelTraceRetrievalResponse, GetRetrievedTracesGraphRequest, GetRetrievedTracesGraphResponse,
    GraphLink, LINKS_MAX, ListRetrievedTracesRequest, ListRetrievedTracesResponse,
    PAGE_SERVICES_MAX, PAGE_SPANS_MAX, PAGE_TRACES_MAX, RetrievedService, RetrievedTrace, Span,
    StartTraceRetrievalRequest, StartTraceRetrievalResponse, TraceFormat, parse_cancel,
};
use wire::{Micros, TraceId, json};

use super::graph::shape;
use super::summaries::check_order;
use super::{assembled, traces};
use crate::app::App;
use crate::http::token;
use crate::retrieval::{Retrieval, TOKEN_BYTES};
use crate::rollup::{fold, with_senders};

/// Begins a retrieval of the traces of these ids that have something in the window.
///
/// Source: StartTraceRetrieval, API reference.
pub(crate) fn start(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = StartTraceRetrievalRequest::parse(body)?;
    check_order(request.start_time, request.end_time)?;
    if request.trace_ids.is_empty() {
        return Err(Error::invalid_request("Zero trace ids provided"));
    }
    let mut ids = traces::parse_ids(&request.trace_ids)?;
    let window = request.start_time.micros()..=request.end_time.micros();
    ids.retain(|id| is_found(app, id, &window));
    let mut random = [0; TOKEN_BYTES];
    getrandom::fill(&mut random).map_err(|_| Error::internal())?;
    let token = app.retrievals.start(ids, random, app.clock.now())?;
    Ok(json::encode(&StartTraceRetrievalResponse { retrieval_token: &token }).into())
}

/// Whether there is such a trace, and any of it lies in the window.
fn is_found(app: &App, id: &TraceId, window: &RangeInclusive<Micros>) -> bool {
    let Some(stored) = app.store.trace(id) else { return false };
    let lies_inside = assembled(app, &stored, |trace| {
        let ends = trace.entities.iter().map(|entity| entity.end().unwrap_or(entity.start()));
        let end = ends.max().unwrap_or_default().max(trace.start());
        trace.start() <= *window.end() && *window.start() <= end
    });
    lies_inside.unwrap_or(false)
}

/// Returns a page of the traces of a retrieval.
///
/// Source: ListRetrievedTraces, API reference.
pub(crate) fn list(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = ListRetrievedTracesRequest::parse(body)?;
    if request.trace_format == TraceFormat::Otel {
        return Err(Error::invalid_request("Trace format OTEL is not supported yet"));
    }
    let retrieval = app.retrievals.find(&request.retrieval_token, app.clock.now())?;
    let list = List { kind: Kind::Traces, retrieval_token: &request.retrieval_token };
    let place = list.place(request.next_token.as_deref())?;
    let (traces, next) = page(app, &retrieval, place);
    let response = ListRetrievedTracesResponse {
        next_token: next.map(|next| list.token(next)),
        retrieval_status: retrieval.status,
        trace_format: request.trace_format,
        traces,
    };
    Ok(json::encode(&response).into())
}

/// Returns the traces of the page that begins at a place, and where the next one begins.
fn page(
    app: &App,
    retrieval: &Retrieval,
    mut place: Place,
) -> (Vec<RetrievedTrace>, Option<Place>) {
    let mut traces = Vec::new();
    while let Some(id) = retrieval.ids.get(place.index as usize) {
        if traces.len() == PAGE_TRACES_MAX {
            return (traces, Some(place));
        }
        // It may have expired meanwhile.
        let stored = app.store.trace(id);
        let found = stored.and_then(|stored| {
            assembled(app, &stored, |trace| retrieved(trace, place.offset as usize))
        });
        let mut next = Place { index: place.index + 1, offset: 0 };
        if let Some((trace, has_more)) = found {
            traces.push(trace);
            if has_more {
                next = Place { offset: place.offset + PAGE_SPANS_MAX as u32, ..place };
            }
        }
        if next.offset > 0 {
            return (traces, Some(next));
        }
        place = next;
    }
    (traces, None)
}

/// Returns the spans of a trace from one on, and whether there are more than a page has.
fn retrieved(trace: &Trace<'_>, offset: usize) -> (RetrievedTrace, bool) {
    let documents = trace.documents();
    let has_more = documents.len() > offset + PAGE_SPANS_MAX;
    let spans = documents.into_iter().skip(offset).take(PAGE_SPANS_MAX);
    let spans = spans.map(|(id, document)| Span { document, id: id.to_string() });
    let trace = RetrievedTrace {
        duration: trace.duration().map(Micros::seconds),
        id: trace.id.to_string(),
        spans: spans.collect(),
    };
    (trace, has_more)
}

/// Returns a page of the graph of the traces of a retrieval.
///
/// Source: GetRetrievedTracesGraph, API reference.
pub(crate) fn graph(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetRetrievedTracesGraphRequest::parse(body)?;
    let retrieval = app.retrievals.find(&request.retrieval_token, app.clock.now())?;
    let list = List { kind: Kind::Services, retrieval_token: &request.retrieval_token };
    let start = list.place(request.next_token.as_deref())?.index as usize;
    let (graph, mut links) = graph_of(app, &retrieval);
    let services = shape::services(&graph, shape::Bounds::Null);
    let end = start.saturating_add(PAGE_SERVICES_MAX);
    let next = (end < services.len()).then_some(Place { index: end as u32, offset: 0 });
    let of_node = |(service, node): (_, &graph::Node)| RetrievedService {
        links: links
            .remove(&node.id)
            .unwrap_or_default()
            .into_iter()
            .map(shown)
            .take(LINKS_MAX)
            .collect(),
        service,
    };
    let services = services.into_iter().zip(graph.nodes()).skip(start).take(PAGE_SERVICES_MAX);
    let response = GetRetrievedTracesGraphResponse {
        next_token: next.map(|next| list.token(next)),
        retrieval_status: retrieval.status,
        services: services.map(of_node).collect(),
    };
    Ok(json::encode(&response).into())
}

/// What a trace is to the work of a node, and which.
type LinkKey = (&'static str, TraceId);

/// The traces that the messages went to.
type Links = BTreeMap<NodeId<'static>, BTreeMap<LinkKey, BTreeSet<TraceId>>>;

/// Folds the traces, and lists which nodes join which of them.
fn graph_of(app: &App, retrieval: &Retrieval) -> (Graph, Links) {
    let (mut graph, mut links) = (Graph::default(), Links::new());
    for id in retrieval.ids.iter() {
        let Some(stored) = app.store.trace(id) else { continue };
        let others = |id: &TraceId| app.store.trace(id);
        assembled(app, &stored, |trace| {
            with_senders(trace, &others, |senders| {
                fold(&mut graph, trace, None, senders);
                let wanted = senders.iter().filter(|sender| retrieval.ids.contains(&sender.id));
                link(&mut links, trace, wanted);
            });
        });
    }
    (graph, links)
}

/// Notes the messages that a trace received, at the nodes that sent and received them.
fn link<'s, 'a: 's>(
    links: &mut Links,
    consumer: &Trace<'_>,
    senders: impl Iterator<Item = &'s Trace<'a>>,
) {
    let mut note = |node: Option<NodeId<'_>>, kind, sender| {
        let Some(node) = node else { return };
        let of_node = links.entry(node.into_owned()).or_default();
        of_node.entry((kind, sender)).or_default().insert(consumer.id);
    };
    for sender in senders {
        for &at in &consumer.segments {
            let of_sender = |link: &&wire::segment::Link| link.trace_id == sender.id;
            for link in consumer.entities[at].segment.links.iter().filter(of_sender) {
                note(consumer.node(at), "parent", sender.id);
                note(sender.find(link.id).and_then(|at| sender.node(at)), "child", sender.id);
            }
        }
    }
}

fn shown(((kind, source), targets): (LinkKey, BTreeSet<TraceId>)) -> GraphLink {
    GraphLink {
        destination_trace_ids: targets.iter().map(TraceId::to_string).collect(),
        reference_type: kind,
        source_trace_id: source.to_string(),
    }
}

/// Calls a retrieval off.
///
/// Source: CancelTraceRetrieval, API reference.
pub(crate) fn cancel(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    app.retrievals.cancel(&parse_cancel(body)?, app.clock.now())?;
    Ok(json::encode(&CancelTraceRetrievalResponse {}).into())
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// At which trace or node.
    index: u32,
    /// At which span of the trace.
    offset: u32,
}

/// What is listed page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Traces = 1,
    Services = 2,
}

/// A list whose pages have tokens.
struct List<'l> {
    kind: Kind,
    retrieval_token: &'l str,
}

/// Kind, the beginning of the retrieval's token, index, offset.
const PLACE_BYTES: usize = 1 + 8 + 4 + 4;

impl List<'_> {
    fn token(&self, place: Place) -> String {
        let mut bytes = self.head().to_vec();
        bytes.extend_from_slice(&place.index.to_be_bytes());
        bytes.extend_from_slice(&place.offset.to_be_bytes());
        token::encode(&bytes)
    }

    /// Reads where a page begins; a token of another list is refused.
    fn place(&self, text: Option<&str>) -> Result<Place, Error> {
        let Some(text) = text else { return Ok(Place::default()) };
        let bytes: [u8; PLACE_BYTES] = token::decode(text)?;
        let (head, rest) = bytes.split_first_chunk().expect("the token's length was checked");
        let (index, offset) = rest.split_first_chunk().expect("the token's length was checked");
        let offset = offset.first_chunk().expect("the token's length was checked");
        if *head != self.head() {
            return Err(token::invalid(text));
        }
        Ok(Place { index: u32::from_be_bytes(*index), offset: u32::from_be_bytes(*offset) })
    }

    fn head(&self) -> [u8; 9] {
        let mut head = [self.kind as u8; 9];
        for (place, byte) in head[1..].iter_mut().zip(self.retrieval_token.bytes()) {
            *place = byte;
        }
        head
    }
}

#[cfg(test)]
mod tests;
