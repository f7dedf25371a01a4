//! Selectors: that one segment of a node, or one call between two, fits a body.
//!
//! A row knows of each node and each edge whether one of its pieces of work ended so, and of the
//! whole trace what any of them recorded. So *one* condition on the outcome is decided; several are
//! not, for different pieces may meet them.

use filter::ast::{Field, Node, Side};
use filter::keywords::Keyword;
use filter::predicate::Test;
use trace::Outcome;

use super::{Bounds, all, annotation, any, everything, flag, nothing, text, wanted_flag};
use crate::block::traces::predicate::{Flag, NodeTest, Predicate, Term, TextMember};

/// What is selected of a trace.
pub(super) struct Selector {
    what: What,
    /// Whether more is asked of nodes than rows know.
    pub(super) is_loose: bool,
}

enum What {
    Service(NodeTest),
    Edge(NodeTest, NodeTest),
}

impl Selector {
    pub(super) fn service(node: Option<&Node>) -> Self {
        Self { what: What::Service(node_test(node)), is_loose: is_loose(node) }
    }

    pub(super) fn edge(ends: Option<&(Node, Node)>) -> Self {
        let (source, target) = (ends.map(|ends| &ends.0), ends.map(|ends| &ends.1));
        Self {
            what: What::Edge(node_test(source), node_test(target)),
            is_loose: is_loose(source) || is_loose(target),
        }
    }

    /// There is one, and one that ended so.
    fn one(&self, outcome: Option<Outcome>) -> Predicate {
        Predicate::Is(match &self.what {
            What::Service(node) => Term::Service(node.clone(), outcome),
            What::Edge(source, target) => Term::Edge(source.clone(), target.clone(), outcome),
        })
    }

    /// One fits the body or, negated, one does not.
    pub(super) fn exists(&self, body: &filter::Predicate, is_negated: bool) -> Bounds {
        use filter::Predicate as P;
        match (body, is_negated) {
            (P::Not(part), _) => self.exists(part, !is_negated),
            (P::All(parts), false) | (P::Any(parts), true) => self.exists_all(parts, is_negated),
            (P::Any(parts), false) | (P::All(parts), true) => {
                Bounds::any(parts.iter().map(|part| self.exists(part, is_negated)))
            }
            (P::Test(test), _) => self.exists_test(test, is_negated),
            // A group that nobody put in.
            (P::Group(_), false) => Bounds::exactly(nothing()),
            (P::Group(_), true) => Bounds::exactly(self.one(None)),
            (P::Service { .. } | P::Edge { .. } | P::Cause { .. } | P::CauseList(_), _) => {
                Bounds::at_most(self.one(None))
            }
        }
    }

    /// One fits all parts. Each is met by one then, but not the other way round, unless all but one
    /// say the same of every piece of work.
    fn exists_all(&self, parts: &[filter::Predicate], is_negated: bool) -> Bounds {
        if parts.is_empty() {
            return Bounds::exactly(self.one(None));
        }
        let bounds = Bounds::all(parts.iter().map(|part| self.exists(part, is_negated)));
        match parts.iter().filter(|part| !is_of_trace(part)).count() {
            0 | 1 => bounds,
            _ => Bounds::at_most(self.without_existence(bounds.upper)),
        }
    }

    /// Leaves out that there is one, where something else says more.
    fn without_existence(&self, upper: Predicate) -> Predicate {
        let exists = self.one(None);
        match upper {
            Predicate::All(mut parts) if parts.iter().any(|part| *part != exists) => {
                parts.retain(|part| *part != exists);
                all(parts)
            }
            Predicate::All(_) => exists,
            other => other,
        }
    }

    fn exists_test(&self, Test { field, condition }: &Test, is_negated: bool) -> Bounds {
        let keyword = match field {
            // Of an edge as of a service, what is recorded is recorded in the trace.
            Field::Annotation(Side::Here | Side::Source | Side::Destination, key) => {
                return self.recorded(annotation(key, condition), is_negated);
            }
            Field::Keyword(keyword) => *keyword,
        };
        let outcome = match keyword {
            Keyword::Ok => Outcome::Ok,
            Keyword::Error => Outcome::Error,
            Keyword::Fault => Outcome::Fault,
            Keyword::Throttle => Outcome::Throttle,
            Keyword::Partial => return self.partial(flag(Flag::Partial, condition), is_negated),
            Keyword::Root => return self.root(wanted_flag(condition), is_negated),
            Keyword::User => return self.recorded(text(TextMember::User, condition), is_negated),
            Keyword::ResourceArn => {
                return self.recorded(text(TextMember::ResourceArn, condition), is_negated);
            }
            _ => return Bounds::at_most(self.one(None)),
        };
        match wanted_flag(condition) {
            None if is_negated => Bounds::exactly(self.one(None)),
            None => Bounds::exactly(nothing()),
            Some(wanted) => self.ended(outcome, wanted != is_negated),
        }
    }

    /// One ended so, or one ended otherwise.
    fn ended(&self, outcome: Outcome, is_so: bool) -> Bounds {
        match (outcome, is_so) {
            (_, true) => Bounds::exactly(self.one(Some(outcome))),
            (Outcome::Ok, false) => {
                let failures = [Outcome::Fault, Outcome::Error, Outcome::Throttle];
                Bounds::exactly(any(failures.map(|failure| self.one(Some(failure))).into()))
            }
            // It may have ended otherwise and so as well.
            (_, false) => Bounds { upper: self.one(None), lower: self.one(Some(Outcome::Ok)) },
        }
    }

    /// One recorded something, or one did not.
    fn recorded(&self, in_trace: Predicate, is_negated: bool) -> Bounds {
        let in_trace = if is_negated { everything() } else { in_trace };
        Bounds::at_most(all(vec![self.one(None), in_trace]))
    }

    /// A flag of the trace.
    fn partial(&self, is_met: Predicate, is_negated: bool) -> Bounds {
        let is_met = if is_negated { super::not(is_met) } else { is_met };
        Bounds::exactly(all(vec![self.one(None), is_met]))
    }

    /// One belongs to the node where the trace began, or one does not.
    fn root(&self, wanted: Option<bool>, is_negated: bool) -> Bounds {
        match (&self.what, wanted) {
            (What::Service(node), Some(wanted)) if wanted != is_negated => {
                Bounds::exactly(Predicate::Is(Term::Root(node.clone())))
            }
            _ => Bounds::at_most(self.one(None)),
        }
    }
}

/// Whether a part of a body says the same of every piece of work of a trace.
fn is_of_trace(body: &filter::Predicate) -> bool {
    match body {
        filter::Predicate::All(parts) | filter::Predicate::Any(parts) => {
            parts.iter().all(is_of_trace)
        }
        filter::Predicate::Not(part) => is_of_trace(part),
        filter::Predicate::Test(test) => test.field == Field::Keyword(Keyword::Partial),
        _ => false,
    }
}

fn node_test(node: Option<&Node>) -> NodeTest {
    let node = node.cloned().unwrap_or_default();
    NodeTest { name: node.name, service_type: node.service_type }
}

fn is_loose(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.account_id.is_some())
}
