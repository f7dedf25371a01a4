//! What an expression means: the reference evaluator, slow and obvious.
//!
//! Every other evaluation must agree with this one on every trace. Each field is read as a list of
//! values, and a test holds when one of them meets it.
//!
//! Source: `filter-expressions.md` §3 to §5.

mod cause;
mod read;

use std::ops::Range;

use trace::{NodeId, Summary, Trace};
use wire::Micros;
use wire::value::Scalar;

use crate::ast::Node;
use crate::predicate::{Condition, Predicate, Test};
use read::Subject;

pub use cause::Causes;

/// How to evaluate.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only segments and calls that ended in this window satisfy `service` and `edge`; half-open.
    ///
    /// Source: `TimeRangeType=Service`.
    pub window: Option<Range<Micros>>,
}

/// What in a trace satisfied the selectors of an expression; sorted and without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched<'t> {
    /// Nodes that satisfied `service`.
    pub services: Vec<NodeId<'t>>,
    /// Edges that satisfied `edge`, as source and target.
    pub edges: Vec<(NodeId<'t>, NodeId<'t>)>,
}

impl<'t> Matched<'t> {
    fn add(&mut self, other: Self) {
        self.services.extend(other.services);
        self.services.sort();
        self.services.dedup();
        self.edges.extend(other.edges);
        self.edges.sort();
        self.edges.dedup();
    }
}

/// Returns whether the trace fits the predicate.
pub fn matches(predicate: &Predicate, trace: &Trace<'_>, summary: &Summary<'_>) -> bool {
    evaluate(predicate, trace, summary, &Options::default()).is_some()
}

/// Returns what satisfied the selectors if the trace fits the predicate, and `None` if it does not.
/// `summary` is the trace's own.
pub fn evaluate<'t>(
    predicate: &Predicate,
    trace: &'t Trace<'_>,
    summary: &'t Summary<'_>,
    options: &Options,
) -> Option<Matched<'t>> {
    Evaluator { trace, summary, options }.evaluate(predicate, Subject::Trace)
}

/// What is known while an expression is evaluated.
struct Evaluator<'t, 'a, 'o> {
    trace: &'t Trace<'a>,
    summary: &'t Summary<'t>,
    options: &'o Options,
}

impl<'t> Evaluator<'t, '_, '_> {
    fn evaluate(&self, predicate: &Predicate, subject: Subject<'t>) -> Option<Matched<'t>> {
        let none_matched = |holds: bool| holds.then(Matched::default);
        match predicate {
            Predicate::All(parts) => {
                let mut matched = Matched::default();
                for part in parts {
                    matched.add(self.evaluate(part, subject.clone())?);
                }
                Some(matched)
            }
            Predicate::Any(parts) => {
                let each = parts.iter().filter_map(|part| self.evaluate(part, subject.clone()));
                each.reduce(|mut all, one| {
                    all.add(one);
                    all
                })
            }
            Predicate::Not(part) => none_matched(self.evaluate(part, subject).is_none()),
            Predicate::Test(test) => none_matched(self.test(test, &subject)),
            Predicate::Service { node, body } => self.services(node.as_ref(), body),
            Predicate::Edge { ends, body } => self.edges(ends.as_ref(), body),
            Predicate::Cause { .. } | Predicate::CauseList(_) => {
                none_matched(Causes::of(self.summary).fit(predicate))
            }
            // A group that nobody put in.
            Predicate::Group(_) => None,
        }
    }

    fn test(&self, test: &Test, subject: &Subject<'t>) -> bool {
        self.values(&test.field, subject).iter().any(|value| meets(&test.condition, value))
    }

    /// The nodes of which one segment fits the body.
    fn services(&self, wanted: Option<&Node>, body: &Predicate) -> Option<Matched<'t>> {
        let mut matched = Matched::default();
        let segments = self.trace.segments.iter().chain(&self.trace.inferred).copied();
        for at in segments.filter(|&at| self.is_in_window(at)) {
            let Some(node) = self.trace.node(at) else { continue };
            // The client's "segments" are its calls, and those the called segments tell of.
            let is_called_by_client = self.trace.entities[at].parent_id.is_none();
            let client = is_called_by_client.then(|| (node.client(), true));
            for (node, is_client) in client.into_iter().chain([(node, false)]) {
                let subject = Subject::Segment { at, node: node.clone(), is_client };
                let is_wanted = wanted.is_none_or(|wanted| self.is_node(wanted, &node, at));
                if is_wanted && self.evaluate(body, subject).is_some() {
                    matched.add(Matched { services: vec![node], edges: Vec::new() });
                }
            }
        }
        (!matched.services.is_empty()).then_some(matched)
    }

    /// The edges of which one call fits the body.
    fn edges(&self, wanted: Option<&(Node, Node)>, body: &Predicate) -> Option<Matched<'t>> {
        let mut matched = Matched::default();
        for connection in self.trace.connections() {
            let Some(target) = self.trace.node(connection.target) else { continue };
            let source = match connection.source {
                Some(source) => self.trace.node(source),
                None => Some(target.client()),
            };
            let Some(source) = source else { continue };
            let from = connection.source.unwrap_or(connection.target);
            let is_wanted = wanted.is_none_or(|(wanted_source, wanted_target)| {
                self.is_node(wanted_source, &source, from)
                    && self.is_node(wanted_target, &target, connection.target)
            });
            if is_wanted
                && self.is_in_window(connection.seen)
                && self.evaluate(body, Subject::Connection(connection)).is_some()
            {
                matched.add(Matched { services: Vec::new(), edges: vec![(source, target)] });
            }
        }
        (!matched.edges.is_empty()).then_some(matched)
    }

    fn is_in_window(&self, at: usize) -> bool {
        let Some(window) = &self.options.window else { return true };
        self.trace.entities[at].end().is_some_and(|end| window.contains(&end))
    }

    /// Whether this is the node that is wanted; `at` is the entity through which it is seen.
    fn is_node(&self, wanted: &Node, node: &NodeId<'_>, at: usize) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        is(&wanted.name, Some(&node.name))
            && is(&wanted.service_type, node.service_type.as_deref())
            && is(&wanted.account_id, self.account_id(at))
    }

    fn account_id(&self, at: usize) -> Option<&'t str> {
        let owner = self.trace.entities[at].owner?;
        self.trace.entities[owner].segment.aws.as_ref()?.account_id.as_deref()
    }
}

/// Whether one value is as it must be.
fn meets(condition: &Condition, value: &Scalar<'_>) -> bool {
    match (condition, value) {
        (Condition::Given, Scalar::Flag(flag)) => *flag,
        (Condition::Given, _) => true,
        (Condition::Flag(wanted), Scalar::Flag(flag)) => wanted == flag,
        (Condition::Number(order, wanted), Scalar::Number(number)) => {
            order.holds(number.as_f64(), *wanted)
        }
        (Condition::Text(likeness, wanted), Scalar::Text(text)) => likeness.holds(text, wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
