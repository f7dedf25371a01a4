//! Whether the answers are right: traces against what was drawn, the graph against a recount.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;

use serde_json::Value;

use crate::shop::{Counts, EdgeKey, NodeKey, Tally, Trace};

/// The counts of one or several graphs.
#[derive(Default)]
pub(super) struct Graph {
    nodes: BTreeMap<NodeKey, Counts>,
    edges: BTreeMap<EdgeKey, Counts>,
}

impl Graph {
    /// Adds the counts of a `GetServiceGraph` answer.
    ///
    /// # Errors
    /// When the answer has another shape.
    pub(super) fn add(&mut self, answer: &Value) -> io::Result<()> {
        let services = list(&answer["Services"])?;
        let keys: BTreeMap<u64, NodeKey> = services
            .iter()
            .filter_map(|service| Some((service["ReferenceId"].as_u64()?, key(service))))
            .collect();
        for service in services {
            let source = key(service);
            if !service["SummaryStatistics"].is_null() {
                add(&mut self.nodes, source.clone(), &service["SummaryStatistics"]);
            }
            for edge in list(&service["Edges"])? {
                let target = edge["ReferenceId"].as_u64().and_then(|id| keys.get(&id));
                let target = target.ok_or_else(|| io::Error::other("an edge leads nowhere"))?;
                let edge_key = (source.clone(), target.clone());
                add(&mut self.edges, edge_key, &edge["SummaryStatistics"]);
            }
        }
        Ok(())
    }

    /// Returns what differs from the recount; nothing, when all is well.
    pub(super) fn compare(&self, tally: &Tally) -> Vec<String> {
        let mut problems = differences("node", &self.nodes, &tally.nodes());
        problems.extend(differences("edge", &self.edges, &tally.edges()));
        problems
    }
}

fn key(service: &Value) -> NodeKey {
    let text = |name: &str| service[name].as_str().map(str::to_owned);
    (text("Name").unwrap_or_default(), text("Type"))
}

fn list(value: &Value) -> io::Result<&Vec<Value>> {
    value.as_array().ok_or_else(|| io::Error::other(format!("not a list: {value}")))
}

fn add<K: Ord>(map: &mut BTreeMap<K, Counts>, key: K, statistics: &Value) {
    let count = |path: &str| statistics.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    map.entry(key).or_default().add(&Counts {
        ok: count("/OkCount"),
        error: count("/ErrorStatistics/OtherCount"),
        throttle: count("/ErrorStatistics/ThrottleCount"),
        fault: count("/FaultStatistics/OtherCount"),
    });
}

fn differences<K: Ord + Debug>(
    what: &str,
    found: &BTreeMap<K, Counts>,
    expected: &BTreeMap<K, Counts>,
) -> Vec<String> {
    let keys: BTreeSet<&K> = found.keys().chain(expected.keys()).collect();
    let differing = keys.into_iter().filter(|key| found.get(key) != expected.get(key));
    differing
        .map(|key| format!("{what} {key:?}: {:?}, not {:?}", found.get(key), expected.get(key)))
        .collect()
}

/// Returns what differs between a trace of a `BatchGetTraces` answer and the trace as drawn.
///
/// # Errors
/// When the answer has another shape.
pub(super) fn compare_trace(answer: &Value, drawn: &Trace) -> io::Result<Option<String>> {
    let mut found = BTreeSet::new();
    for trace in list(&answer["Traces"])? {
        for segment in list(&trace["Segments"])? {
            let text = segment["Document"].as_str().unwrap_or_default();
            let document: Value = serde_json::from_str(text).map_err(io::Error::other)?;
            if document["inferred"] != true {
                spans(&document, &mut found);
            }
        }
    }
    let expected: BTreeSet<_> =
        drawn.spans().map(|(id, name)| (id.to_string(), name.to_owned())).collect();
    Ok((found != expected).then(|| format!("trace {}: {found:?}, not {expected:?}", drawn.id)))
}

fn spans(document: &Value, found: &mut BTreeSet<(String, String)>) {
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    found.insert((text("id"), text("name")));
    for part in document["subsegments"].as_array().into_iter().flatten() {
        spans(part, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::Plan;
    use serde_json::json;
    use wire::Micros;

    #[test]
    fn an_answer_is_compared_with_what_was_drawn() {
        let plan = Plan::of_spans(80, Micros::from_secs(1_790_000_000));
        let (drawn, mut segments) = (Trace::draw(&plan, 3), Vec::new());
        for work in 0..drawn.works.len() {
            let mut text = Vec::new();
            drawn.write(&plan, work, &mut text);
            segments.push(json!({ "Document": String::from_utf8_lossy(&text) }));
        }
        segments.push(json!({ "Document": r#"{"id":"1","name":"x","inferred":true}"# }));
        let answer = json!({ "Traces": [{ "Segments": segments }] });
        assert_eq!(compare_trace(&answer, &drawn).expect("read"), None);
        let none = json!({ "Traces": [] });
        assert!(compare_trace(&none, &drawn).expect("read").is_some());
    }

    #[test]
    fn a_missing_node_is_named() {
        let plan = Plan::of_spans(80, Micros::from_secs(1_790_000_000));
        let mut tally = Tally::default();
        let mut graph = Graph::default();
        assert!(graph.compare(&tally).is_empty());
        tally.add(&Trace::draw(&plan, 0));
        graph.add(&json!({ "Services": [] })).expect("read");
        assert!(graph.compare(&tally)[0].starts_with("node "));
    }
}
