//! A graph in the API's shape.

use graph::{EdgeKind, Graph, Histogram, Node, PlacedEdge};
use wire::Seconds;
use wire::api::graph::{
    Alias, Edge, ErrorStatistics, FaultStatistics, HistogramEntry, NoMembers, Service, Statistics,
};

/// How nodes and edges tell their bounds. The two operations differ in a few members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounds {
    /// As times, in a service graph.
    Printed,
    /// Not at all, in a trace graph.
    Null,
}

/// Returns the nodes with their edges; `ReferenceId`s are positions in the list.
pub(crate) fn services(graph: &Graph, bounds: Bounds) -> Vec<Service<'_>> {
    let nodes = graph.nodes();
    let mut services: Vec<_> =
        nodes.iter().enumerate().map(|(index, node)| service(index, node, bounds)).collect();
    for edge in graph.edges() {
        let source = &mut services[edge.source_index];
        let edge = shape_edge(&edge, source.start_time, source.end_time);
        source.edges.push(edge);
    }
    services
}

fn service<'g>(reference_id: usize, node: &'g Node, bounds: Bounds) -> Service<'g> {
    let is_counted = !node.is_client();
    let printed = Some(node.bounds).filter(|_| bounds == Bounds::Printed);
    Service {
        account_id: None,
        duration_histogram: is_counted.then(|| entries(&node.durations)),
        edges: Vec::new(),
        end_time: printed.map(|bounds| Seconds::from(bounds.end())),
        hosted_in: printed.map(|_| NoMembers {}),
        key_attributes: printed.map(|_| NoMembers {}),
        name: &node.id.name,
        names: [&node.id.name],
        reference_id,
        region: None,
        response_time_histogram: is_counted.then(|| entries(&node.response_times)),
        root: node.is_root.then_some(true),
        start_time: printed.map(|bounds| Seconds::from(bounds.start())),
        state: node.state.as_str(),
        summary_statistics: is_counted.then(|| statistics(&node.statistics)),
        service_type: node.id.service_type.as_deref(),
    }
}

fn shape_edge<'g>(
    placed: &PlacedEdge<'g>,
    start_time: Option<Seconds>,
    end_time: Option<Seconds>,
) -> Edge<'g> {
    let edge = placed.edge;
    let is_link = placed.kind == EdgeKind::Link;
    Edge {
        aliases: edge
            .aliases
            .iter()
            .map(|alias| Alias {
                name: &alias.name,
                names: [&alias.name],
                alias_type: alias.service_type.as_deref(),
            })
            .collect(),
        edge_type: is_link.then_some("link"),
        end_time,
        received_event_age_histogram: is_link.then(|| entries(&edge.received_event_ages)),
        reference_id: placed.target_index,
        response_time_histogram: (!is_link).then(|| entries(&edge.response_times)),
        start_time,
        summary_statistics: Some(statistics(&edge.statistics)),
    }
}

/// Returns a histogram in the API's shape.
pub(crate) fn entries(histogram: &Histogram) -> Vec<HistogramEntry> {
    let entries = histogram.entries().into_iter();
    entries.map(|entry| HistogramEntry { count: entry.count, value: entry.value }).collect()
}

/// Returns counts in the API's shape.
pub(crate) fn statistics(counted: &graph::Statistics) -> Statistics {
    Statistics {
        error_statistics: ErrorStatistics {
            other_count: counted.error_count(),
            throttle_count: counted.throttle_count(),
            total_count: counted.error_total(),
        },
        fault_statistics: FaultStatistics {
            other_count: counted.fault_count(),
            total_count: counted.fault_count(),
        },
        ok_count: counted.ok_count(),
        total_count: counted.total(),
        total_response_time: counted.total_response_seconds(),
    }
}
