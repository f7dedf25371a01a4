//! The part of a service graph that an incident has to do with.

use std::collections::BTreeMap;

use graph::insight::Insight;
use graph::{EdgeKind, Graph};
use wire::api::insights::{InsightImpactGraphEdge, InsightImpactGraphService};

/// Returns the services that were anomalous and those that call the root cause, directly or not, the
/// clients among them; with the calls between them.
pub(crate) fn services<'g>(
    graph: &'g Graph,
    insight: &Insight,
) -> Vec<InsightImpactGraphService<'g>> {
    let nodes = graph.nodes();
    let calls: Vec<(usize, usize)> = graph
        .edges()
        .into_iter()
        .filter(|placed| placed.kind == EdgeKind::Call)
        .map(|placed| (placed.source_index, placed.target_index))
        .collect();
    let mut is_part = callers(nodes.len(), &calls, |index| nodes[index].id == insight.root);
    for service in &insight.services {
        for index in (0..nodes.len()).filter(|&index| nodes[index].id == service.id) {
            is_part[index] = true;
        }
    }
    let parts = (0..nodes.len()).filter(|&index| is_part[index]);
    let numbers: BTreeMap<usize, usize> = parts.zip(0..).collect();
    let service = |(&index, &reference_id): (&usize, &usize)| {
        let id = &nodes[index].id;
        let target = |&(from, to): &(usize, usize)| numbers.get(&to).filter(|_| from == index);
        let edge = |&reference_id: &usize| InsightImpactGraphEdge { reference_id };
        InsightImpactGraphService {
            account_id: None,
            edges: calls.iter().filter_map(target).map(edge).collect(),
            name: &id.name,
            names: [&id.name],
            reference_id,
            service_type: id.service_type.as_deref(),
        }
    };
    numbers.iter().map(service).collect()
}

/// Returns which nodes lead to one that `is_end` says, themselves included.
fn callers(
    node_count: usize,
    calls: &[(usize, usize)],
    is_end: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let mut callers_of = vec![Vec::new(); node_count];
    calls.iter().for_each(|&(from, to)| callers_of[to].push(from));
    let mut is_part = vec![false; node_count];
    let mut path: Vec<usize> = (0..node_count).filter(|&index| is_end(index)).collect();
    while let Some(index) = path.pop() {
        if !std::mem::replace(&mut is_part[index], true) {
            path.extend(&callers_of[index]);
        }
    }
    is_part
}
