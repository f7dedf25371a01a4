//! A graph as text, made for reading; for tests.
//!
//! ```text
//! back: 3 ok 1 fault 0.9s active
//! front: 4 ok 1.2s active root
//! front (client): - unknown
//! front → back: 3 ok 1 fault 1s as back.local (remote)
//! front (client) → front: 4 ok 1.2s
//! ```
//!
//! A type stands in parentheses, an arrow `⇢` is a link, `as` leads an alias; seconds are the total
//! response time.

use std::fmt;

use trace::NodeId;

use crate::{EdgeKind, Graph, Statistics};

impl fmt::Display for Graph {
    /// Writes one line for each node, then one for each edge.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes();
        for node in &nodes {
            let root = if node.is_root { " root" } else { "" };
            let state = node.state.as_str();
            writeln!(f, "{}: {} {state}{root}", name(&node.id), counts(&node.statistics))?;
        }
        for placed in self.edges() {
            let (source, target) = (nodes[placed.source_index], nodes[placed.target_index]);
            let arrow = match placed.kind {
                EdgeKind::Call => "→",
                EdgeKind::Link => "⇢",
            };
            write!(f, "{} {arrow} {}: ", name(&source.id), name(&target.id))?;
            write!(f, "{}", counts(&placed.edge.statistics))?;
            for alias in &placed.edge.aliases {
                write!(f, " as {}", name(alias))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn name(id: &NodeId<'_>) -> String {
    match &id.service_type {
        Some(of) => format!("{} ({of})", id.name),
        None => id.name.to_string(),
    }
}

fn counts(statistics: &Statistics) -> String {
    let counts = [
        (statistics.ok_count(), "ok"),
        (statistics.error_count(), "error"),
        (statistics.fault_count(), "fault"),
        (statistics.throttle_count(), "throttle"),
    ];
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    let mut words: Vec<String> = some.map(|(count, of)| format!("{count} {of}")).collect();
    words.push(match statistics.total() {
        0 => "-".to_owned(),
        _ => format!("{}s", statistics.total_response_seconds()),
    });
    words.join(" ")
}
