//! A predicate on one trace: the obvious way, a term at a time.

use trace::Outcome;
use wire::Micros;
use wire::value::Scalar;

use super::{Flag, NodeTest, NumberMember, Predicate, Term, ValueTest};
use crate::block::traces::columns;
use crate::block::traces::facts::Facts;
use crate::block::traces::row::Marks;

impl Predicate {
    /// Returns whether the trace is like this.
    pub fn matches(&self, row: &impl Facts) -> bool {
        match self {
            Self::All(all) => all.iter().all(|each| each.matches(row)),
            Self::Any(any) => any.iter().any(|each| each.matches(row)),
            Self::Not(not) => !not.matches(row),
            Self::Is(term) => term.matches(row),
        }
    }
}

impl Term {
    /// Returns whether this is true of the trace.
    pub fn matches(&self, row: &impl Facts) -> bool {
        match self {
            Self::Flag(flag) => flag.is_set(row.flags()),
            Self::Time(axis, window) => row.is_in(*axis, window),
            Self::Number(member, comparison, value) => {
                member.of(row).is_some_and(|number| comparison.holds(number, *value))
            }
            Self::Text(member, test) => row.any_text(*member, |text| test.passes(text)),
            Self::Annotation(key, test) => row.any_value(key, |value| test.passes(value)),
            Self::Service(node, outcome) => {
                let nodes = row.nodes().iter().zip(row.marks());
                nodes.into_iter().any(|(id, marks)| is_among(*marks, *outcome) && node.passes(id))
            }
            Self::Edge(source, target, outcome) => row.edges().iter().any(|edge| {
                let passes = |test: &NodeTest, at: usize| test.passes(&row.nodes()[at]);
                is_among(edge.marks, *outcome)
                    && passes(source, edge.source)
                    && passes(target, edge.target)
            }),
            Self::Root(test) => row.entry_point().is_some_and(|node| test.passes(node)),
            Self::Causes(predicate) => row.causes_fit(predicate),
        }
    }
}

fn is_among(marks: Marks, outcome: Option<Outcome>) -> bool {
    outcome.is_none_or(|outcome| marks.has(Marks::from(outcome)))
}

impl From<Outcome> for Marks {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::OK,
            Outcome::Error => Self::ERROR,
            Outcome::Fault => Self::FAULT,
            Outcome::Throttle => Self::THROTTLE,
        }
    }
}

impl Flag {
    /// Returns the bits of the column `flags` of which one is set when the flag is; for
    /// `Root(Ok)`, when the flag is not.
    pub(crate) fn bits(self) -> u16 {
        match self {
            Self::Root(Outcome::Ok) => {
                columns::ROOT_FAULT | columns::ROOT_ERROR | columns::ROOT_THROTTLE
            }
            Self::Root(Outcome::Fault) => columns::ROOT_FAULT,
            Self::Root(Outcome::Error) => columns::ROOT_ERROR,
            Self::Root(Outcome::Throttle) => columns::ROOT_THROTTLE,
            Self::Anywhere(Outcome::Ok) => 0,
            Self::Anywhere(Outcome::Fault) => columns::ANY_FAULT,
            Self::Anywhere(Outcome::Error) => columns::ANY_ERROR,
            Self::Anywhere(Outcome::Throttle) => columns::ANY_THROTTLE,
            Self::Partial => columns::PARTIAL,
            Self::Inferred => columns::INFERRED,
            Self::LimitExceeded => columns::LIMIT_EXCEEDED,
        }
    }

    /// Returns whether the flag is set in a value of the column `flags`.
    pub(in crate::block::traces) fn is_set(self, flags: u16) -> bool {
        (flags & self.bits() != 0) == (self != Self::Root(Outcome::Ok))
    }
}

impl NumberMember {
    fn of(self, row: &impl Facts) -> Option<f64> {
        match self {
            Self::Duration => row.duration().map(Micros::seconds),
            Self::ResponseTime => row.response_time().map(Micros::seconds),
            Self::Status => row.status().map(|status| status as f64),
        }
    }
}

impl ValueTest {
    fn passes(&self, value: &Scalar<'_>) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (Self::Text(test), Scalar::Text(text)) => test.passes(text),
            (Self::Number(comparison, other), Scalar::Number(number)) => {
                comparison.holds(number.as_f64(), *other)
            }
            (Self::Flag(wanted), Scalar::Flag(flag)) => wanted == flag,
            _ => false,
        }
    }
}
