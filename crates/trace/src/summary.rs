//! What `GetTraceSummaries` says of one trace.
//!
//! Everything is borrowed from the trace. Lists are without duplicates: services sorted, what
//! segments say in the order of the segments' starts.
//!
//! Source: `service-graph.md` §5.

use hashbrown::HashSet;
use wire::value::Scalar;
use wire::{Micros, TraceId};

use crate::{Entity, Flags, NodeId, RootCause, Trace, cause};

/// One trace in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary<'t> {
    /// The trace's id.
    pub id: TraceId,
    /// The earliest start of anything.
    pub start: Micros,
    /// First start to last end; `None` while anything is unfinished.
    pub duration: Option<Micros>,
    /// The root segment's time; `None` when it is missing or unfinished.
    pub response_time: Option<Micros>,
    /// Whether the root segment failed (5xx).
    pub has_fault: bool,
    /// Whether the root segment erred (4xx), unless it was throttled.
    pub has_error: bool,
    /// Whether the root segment was throttled (429).
    pub has_throttle: bool,
    /// Whether a parent or a promised callee is missing.
    pub is_partial: bool,
    /// The request that the root segment answered.
    pub http: Http<'t>,
    /// Keys, sorted, with their values, sorted: text, then numbers, then flags.
    pub annotations: Vec<(&'t str, Vec<&'t Scalar<'t>>)>,
    /// The users that segments name.
    pub users: Vec<&'t str>,
    /// All nodes, the root's client included.
    pub nodes: Vec<NodeId<'t>>,
    /// The resources that segments ran on.
    pub resource_arns: Vec<&'t str>,
    /// The EC2 instances that segments ran on.
    pub instance_ids: Vec<&'t str>,
    /// The zones that segments ran in.
    pub availability_zones: Vec<&'t str>,
    /// The root segment's node.
    pub entry_point: Option<NodeId<'t>>,
    /// Where faults began.
    pub fault_root_causes: Vec<RootCause<'t>>,
    /// Where errors began.
    pub error_root_causes: Vec<RootCause<'t>>,
    /// Where the time went.
    pub response_time_root_causes: Vec<RootCause<'t>>,
    /// Counts the ingestion requests that changed the trace.
    pub revision: u32,
    /// When the trace last changed; `MatchedEventTime` is its whole second.
    pub updated: Micros,
}

/// The request that a segment answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Http<'t> {
    /// The URL called.
    pub url: Option<&'t str>,
    /// The status answered.
    pub status: Option<i64>,
    /// The method, such as `GET`.
    pub method: Option<&'t str>,
    /// The caller's program.
    pub user_agent: Option<&'t str>,
    /// The caller's address.
    pub client_ip: Option<&'t str>,
}

/// Returns the trace in short.
pub fn summarize<'t>(trace: &'t Trace<'_>) -> Summary<'t> {
    let root = trace.root.map(|at| &trace.entities[at]);
    let flags = root.map(|root| Flags::of(&root.segment));
    let segments = || trace.segments.iter().map(|&at| &trace.entities[at].segment);
    let ec2 = || segments().filter_map(|segment| segment.aws.as_ref()?.ec2.as_ref());
    Summary {
        id: trace.id,
        start: trace.start(),
        duration: trace.duration(),
        response_time: root.and_then(Entity::duration),
        has_fault: flags.is_some_and(|flags| flags.fault),
        has_error: flags.is_some_and(|flags| flags.error),
        has_throttle: flags.is_some_and(|flags| flags.throttle),
        is_partial: trace.is_partial(),
        http: root.map(http).unwrap_or_default(),
        annotations: annotations(trace),
        users: distinct(segments().filter_map(|segment| segment.user.as_deref())),
        nodes: nodes(trace),
        resource_arns: distinct(segments().filter_map(|segment| segment.resource_arn.as_deref())),
        instance_ids: distinct(ec2().filter_map(|ec2| ec2.instance_id.as_deref())),
        availability_zones: distinct(ec2().filter_map(|ec2| ec2.availability_zone.as_deref())),
        entry_point: trace.root.and_then(|at| trace.node(at)),
        fault_root_causes: cause::of_faults(trace),
        error_root_causes: cause::of_errors(trace),
        response_time_root_causes: cause::of_response_time(trace),
        revision: trace.revision,
        updated: trace.updated,
    }
}

fn http<'t>(root: &'t Entity<'_>) -> Http<'t> {
    let http = root.segment.http.as_ref();
    let request = http.and_then(|http| http.request.as_ref());
    Http {
        url: request.and_then(|request| request.url.as_deref()),
        status: http.and_then(|http| http.response.as_ref()?.status),
        method: request.and_then(|request| request.method.as_deref()),
        user_agent: request.and_then(|request| request.user_agent.as_deref()),
        client_ip: request.and_then(|request| request.client_ip.as_deref()),
    }
}

/// Keeps the first of each.
fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut seen = HashSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}

/// Every node once. The client stands for whoever called the root.
fn nodes<'t>(trace: &'t Trace<'_>) -> Vec<NodeId<'t>> {
    let mut nodes = Vec::new();
    for &at in trace.segments.iter().chain(&trace.inferred) {
        let node = trace.node(at);
        if trace.entities[at].parent_id.is_none() {
            nodes.extend(node.as_ref().map(NodeId::client));
        }
        nodes.extend(node);
    }
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Values in an order, so that equal ones meet.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank<'t> {
    Text(&'t str),
    Number(u64),
    Flag(bool),
}

impl<'t> Rank<'t> {
    fn of(value: &'t Scalar<'_>) -> Self {
        match value {
            Scalar::Text(text) => Self::Text(text),
            Scalar::Number(number) => Self::Number(sortable(number.as_f64())),
            Scalar::Flag(flag) => Self::Flag(*flag),
        }
    }
}

/// Maps floats to integers of the same order.
fn sortable(float: f64) -> u64 {
    let bits = (float + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn annotations<'t>(trace: &'t Trace<'_>) -> Vec<(&'t str, Vec<&'t Scalar<'t>>)> {
    let mut all: Vec<(&str, Rank<'_>, &Scalar<'_>)> = Vec::new();
    for entity in &trace.entities {
        let Some(annotations) = &entity.segment.annotations else { continue };
        let indexed = annotations.entries.iter().filter(|(key, _)| is_annotation_key(key));
        all.extend(indexed.map(|(key, value)| (&**key, Rank::of(value), value)));
    }
    all.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    all.dedup_by(|a, b| (a.0, &a.1) == (b.0, &b.1));
    let mut grouped: Vec<(&str, Vec<&Scalar<'_>>)> = Vec::new();
    for (key, _, value) in all {
        match grouped.last_mut() {
            Some((last, values)) if *last == key => values.push(value),
            _ => grouped.push((key, vec![value])),
        }
    }
    grouped
}

/// Returns whether an annotation with this key is indexed. Others stay in their document.
///
/// Source: `segment-document.md` §4.
pub fn is_annotation_key(key: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    !key.is_empty() && key.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests;
