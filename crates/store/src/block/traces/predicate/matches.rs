//! A predicate on one trace: the obvious way, a term at a time.

use trace::Outcome;
use wire::Micros;
use wire::value::Scalar;

use super::{Flag, NodeTest, NumberMember, Predicate, Term, TextMember, ValueTest};
use crate::Axis;
use crate::block::traces::row::{Marks, Row};

impl Predicate {
    /// Returns whether the trace is like this.
    pub fn matches(&self, row: &Row<'_>) -> bool {
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
    pub fn matches(&self, row: &Row<'_>) -> bool {
        match self {
            Self::Flag(flag) => flag.is_set(row),
            Self::Time(axis, window) => row.time(*axis).is_some_and(|time| window.contains(&time)),
            Self::Number(member, comparison, value) => {
                member.of(row).is_some_and(|number| comparison.holds(number, *value))
            }
            Self::Text(member, test) => member.of(row).iter().any(|text| test.passes(text)),
            Self::Annotation(key, test) => {
                let values = row.summary.annotations.iter().find(|(other, _)| other == key);
                values.is_some_and(|(_, values)| values.iter().any(|value| test.passes(value)))
            }
            Self::Service(node, outcome) => node_marks(row).any(|(at, marks)| {
                is_among(marks, *outcome) && node.passes(&row.summary.nodes[at])
            }),
            Self::Edge(source, target, outcome) => row.edges.iter().any(|edge| {
                let passes = |test: &NodeTest, at: usize| test.passes(&row.summary.nodes[at]);
                is_among(edge.marks, *outcome)
                    && passes(source, edge.source)
                    && passes(target, edge.target)
            }),
        }
    }
}

fn node_marks<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (usize, Marks)> + 'r {
    row.services.iter().copied().enumerate()
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

impl Row<'_> {
    /// Returns a time of the trace.
    pub fn time(&self, axis: Axis) -> Option<Micros> {
        match axis {
            Axis::Start => Some(self.summary.start),
            Axis::Updated => Some(self.summary.updated),
            Axis::End => self.end,
        }
    }
}

impl Flag {
    fn is_set(self, row: &Row<'_>) -> bool {
        let summary = &row.summary;
        match self {
            Self::Root(Outcome::Fault) => summary.has_fault,
            Self::Root(Outcome::Error) => summary.has_error,
            Self::Root(Outcome::Throttle) => summary.has_throttle,
            Self::Root(Outcome::Ok) => {
                !(summary.has_fault || summary.has_error || summary.has_throttle)
            }
            Self::Anywhere(Outcome::Ok) => false,
            Self::Anywhere(outcome) => {
                row.services.iter().any(|marks| marks.has(Marks::from(outcome)))
            }
            Self::Partial => summary.is_partial,
            Self::Inferred => row.has_inferred,
            Self::LimitExceeded => row.limit_exceeded,
        }
    }
}

impl NumberMember {
    fn of(self, row: &Row<'_>) -> Option<f64> {
        match self {
            Self::Duration => row.summary.duration.map(Micros::seconds),
            Self::ResponseTime => row.summary.response_time.map(Micros::seconds),
            Self::Status => row.summary.http.status.map(|status| status as f64),
        }
    }
}

impl TextMember {
    fn of<'r>(self, row: &'r Row<'_>) -> Vec<&'r str> {
        let summary = &row.summary;
        match self {
            Self::Url => summary.http.url.into_iter().collect(),
            Self::Method => summary.http.method.into_iter().collect(),
            Self::UserAgent => summary.http.user_agent.into_iter().collect(),
            Self::ClientIp => summary.http.client_ip.into_iter().collect(),
            Self::User => summary.users.clone(),
            Self::InstanceId => summary.instance_ids.clone(),
            Self::AvailabilityZone => summary.availability_zones.clone(),
            Self::ResourceArn => summary.resource_arns.clone(),
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
