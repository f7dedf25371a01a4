//! `POST map/labels`: what the nodes of a map are put together by, when it is not their name or type: a
//! group of traces that most of theirs are of, or the annotation that their segments carry most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use store::group::{By, Key};
use store::{Axis, Filter, visit};
use trace::{NodeId, Trace};
use utoipa::ToSchema;
use wire::value::Scalar;

use super::aggregate::{grouped, is_exact};
use super::shape::{NodeName, Scope, read_filter, resolved};
use super::{Answer, Answered, Ask, Error, error};

/// Traces whose annotations are read, the newest.
const TRACES_MAX: usize = 2_000;

/// Values that are told apart, of all nodes together.
const VALUES_MAX: usize = 20_000;

/// Which traces, and by what their nodes are put together.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Labelling {
    #[serde(flatten)]
    scope: Scope,
    /// `group` or `annotation:KEY`.
    by: String,
}

/// What the nodes are put together by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Labels {
    /// By name and type; nodes without a label are not among them.
    labels: Vec<Label>,
    /// False when they are of some of the traces only, or something could not be read.
    exact: bool,
}

/// What a node belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Label {
    #[serde(flatten)]
    node: NodeName,
    label: String,
}

/// Says what the nodes of a map belong to.
#[utoipa::path(post, path = "/console/api/map/labels", operation_id = "mapLabels",
    request_body = Labelling,
    responses((status = 200, body = Labels), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn map_labels(ask: &Ask<'_>) -> Answered {
    let Labelling { scope, by } = ask.body()?;
    let labels = match by.strip_prefix("annotation:") {
        Some(key) if !key.is_empty() => by_annotation(ask, &scope, key)?,
        None if by == "group" => by_group(ask, &scope)?,
        _ => {
            let message = format!("Nodes cannot be put together by {by}");
            return Err(Error::invalid(message).in_field("by"));
        }
    };
    Ok(Answer::json(&labels))
}

/// A node belongs to the smallest of the groups that have most of its traces.
fn by_group(ask: &Ask<'_>, scope: &Scope) -> Result<Labels, Error> {
    let all = scope.predicate(ask.app)?;
    let count = |filter: filter::Predicate| {
        let filter = Filter::of(&filter, &filter::Options::default());
        grouped(ask, &filter, scope.from, scope.to, &By::Node, usize::MAX)
    };
    let totals = count(all.clone())?;
    let mut exact = is_exact(&totals);
    let mut smallest: HashMap<Key, (u64, String)> = HashMap::new();
    for group in ask.app.groups.all() {
        let Some(text) = group.expression.as_deref().filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let own = resolved(ask.app, read_filter(text, "group")?)?;
        let found = count(filter::Predicate::All(vec![all.clone(), own]))?;
        exact &= is_exact(&found);
        let size = (found.total.trace_count, group.name);
        let counts: HashMap<&Key, u64> =
            found.groups.iter().map(|one| (&one.key, one.measures.trace_count)).collect();
        for node in &totals.groups {
            let inside = counts.get(&node.key).copied().unwrap_or(0);
            let is_smaller = smallest.get(&node.key).is_none_or(|before| size < *before);
            if inside * 2 > node.measures.trace_count && is_smaller {
                smallest.insert(node.key.clone(), size.clone());
            }
        }
    }
    let label = |(key, (_, label)): (Key, (u64, String))| match key {
        Key::Node(node) => Some(Label { node: NodeName::of(&node), label }),
        _ => None,
    };
    Ok(Labels { labels: sorted(smallest.into_iter().filter_map(label)), exact })
}

/// How often a node's segments carry each value.
type Values = BTreeMap<String, u64>;

/// A node belongs to what its own segments carry most.
fn by_annotation(ask: &Ask<'_>, scope: &Scope, key: &str) -> Result<Labels, Error> {
    let filter = &scope.filter(ask.app)?;
    let (axis, window, watch) = (Axis::Start, scope.window()?, ask.watch);
    let query = visit::Query { filter, axis, window, traces_max: TRACES_MAX, watch };
    let mut values: HashMap<NodeId<'static>, Values> = HashMap::new();
    let mut room = VALUES_MAX;
    let visited =
        ask.app.store.visit(&query, &mut |trace| count_values(trace, key, &mut values, &mut room));
    let most = |(node, values): (NodeId<'static>, Values)| {
        let (label, _) = values.into_iter().min_by_key(|(_, count)| Reverse(*count))?;
        Some(Label { node: NodeName::of(&node), label })
    };
    let labels = sorted(values.into_iter().filter_map(most));
    let is_whole = visited.visited_count == visited.total && room > 0;
    Ok(Labels { labels, exact: is_whole && visited.cost.unreadable_block_count == 0 })
}

fn count_values(
    trace: &Trace<'_>,
    key: &str,
    values: &mut HashMap<NodeId<'static>, Values>,
    room: &mut usize,
) {
    for (at, entity) in trace.entities.iter().enumerate() {
        let entries = entity.segment.annotations.iter().flat_map(|all| &all.entries);
        for (_, value) in entries.filter(|(own, _)| own == key) {
            let Some(node) = trace.node(at) else { continue };
            let value = text(value);
            let of_node = values.entry(node.into_owned()).or_default();
            if let Some(count) = of_node.get_mut(&value) {
                *count += 1;
            } else if *room > 0 {
                *room -= 1;
                of_node.insert(value, 1);
            }
        }
    }
}

fn text(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Text(text) => text.to_string(),
        Scalar::Number(number) => number.as_f64().to_string(),
        Scalar::Flag(flag) => flag.to_string(),
    }
}

fn sorted(labels: impl Iterator<Item = Label>) -> Vec<Label> {
    let mut labels: Vec<Label> = labels.collect();
    labels
        .sort_by(|a, b| (&a.node.name, &a.node.node_type).cmp(&(&b.node.name, &b.node.node_type)));
    labels
}
