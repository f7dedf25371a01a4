//! What a field is, of whatever is looked at: a list of values, empty when there is none.

use std::borrow::Cow;

use trace::summary::is_annotation_key;
use trace::{Connection, Flags, NodeId, Role};
use wire::Segment;
use wire::value::{Number, Scalar};

use super::Evaluator;
use crate::ast::{Field, Side};
use crate::keywords::Keyword;

/// What is looked at.
#[derive(Clone, Debug)]
pub(super) enum Subject<'t> {
    /// The trace as a whole.
    Trace,
    /// A segment of a node, or the call of a client that the segment answered.
    Segment { at: usize, node: NodeId<'t>, is_client: bool },
    /// A call from one node to another.
    Connection(Connection),
}

type Values<'t> = Vec<Scalar<'t>>;

impl<'t> Evaluator<'t, '_, '_> {
    /// The values of a field.
    pub(super) fn values(&self, field: &Field, subject: &Subject<'t>) -> Values<'t> {
        match (field, subject) {
            (Field::Annotation(side, key), subject) => self.annotations(*side, key, subject),
            (Field::Keyword(Keyword::Partial), _) => flag(self.summary.is_partial),
            (Field::Keyword(keyword), Subject::Trace) => self.of_trace(*keyword),
            (Field::Keyword(keyword), Subject::Segment { at, node, is_client }) => match keyword {
                Keyword::Inferred => {
                    flag(!is_client && self.trace.entities[*at].role == Role::Inferred)
                }
                Keyword::Root => flag(self.summary.entry_point.as_ref() == Some(node)),
                Keyword::Name => text(Some(node.name.clone())),
                Keyword::Type => text(node.service_type.clone()),
                keyword => self.of_entity(*keyword, *at),
            },
            (Field::Keyword(keyword), Subject::Connection(connection)) => {
                self.of_entity(*keyword, connection.seen)
            }
        }
    }

    /// Of the trace: what its summary says.
    fn of_trace(&self, keyword: Keyword) -> Values<'t> {
        let summary = self.summary;
        match keyword {
            Keyword::Ok => flag(!(summary.has_error || summary.has_fault || summary.has_throttle)),
            Keyword::Error => flag(summary.has_error),
            Keyword::Fault => flag(summary.has_fault),
            Keyword::Throttle => flag(summary.has_throttle),
            Keyword::Inferred => flag(!self.trace.inferred.is_empty()),
            Keyword::ResponseTime => number(summary.response_time.map(wire::Micros::seconds)),
            Keyword::Duration => number(summary.duration.map(wire::Micros::seconds)),
            Keyword::HttpStatus => number(summary.http.status.map(|status| status as f64)),
            Keyword::HttpUrl => text(summary.http.url),
            Keyword::HttpMethod => text(summary.http.method),
            Keyword::HttpUserAgent => text(summary.http.user_agent),
            Keyword::HttpClientIp => text(summary.http.client_ip),
            Keyword::User => texts(&summary.users),
            Keyword::AvailabilityZone => texts(&summary.availability_zones),
            Keyword::InstanceId => texts(&summary.instance_ids),
            Keyword::ResourceArn => texts(&summary.resource_arns),
            _ => Vec::new(),
        }
    }

    /// Of a segment or of a call: what it says of itself; where a call ran is said by its segment.
    fn of_entity(&self, keyword: Keyword, at: usize) -> Values<'t> {
        let entity = &self.trace.entities[at];
        let flags = Flags::of(&entity.segment);
        let http = entity.segment.http.as_ref();
        let request = http.and_then(|http| http.request.as_ref());
        let status = http.and_then(|http| http.response.as_ref()?.status);
        let host = entity.owner.map(|owner| &self.trace.entities[owner].segment);
        match keyword {
            Keyword::Ok => flag(!(flags.error || flags.fault || flags.throttle)),
            Keyword::Error => flag(flags.error),
            Keyword::Fault => flag(flags.fault),
            Keyword::Throttle => flag(flags.throttle),
            Keyword::ResponseTime | Keyword::Duration => {
                number(entity.duration().map(wire::Micros::seconds))
            }
            Keyword::HttpStatus => number(status.map(|status| status as f64)),
            Keyword::HttpUrl => text(request.and_then(|request| request.url.as_deref())),
            Keyword::HttpMethod => text(request.and_then(|request| request.method.as_deref())),
            Keyword::HttpUserAgent => {
                text(request.and_then(|request| request.user_agent.as_deref()))
            }
            Keyword::HttpClientIp => text(request.and_then(|request| request.client_ip.as_deref())),
            keyword => host.map(|host| of_host(keyword, host)).unwrap_or_default(),
        }
    }

    fn annotations(&self, side: Side, key: &str, subject: &Subject<'t>) -> Values<'t> {
        match (subject, side) {
            (Subject::Trace, _) => {
                let annotations = self.summary.annotations.iter();
                let of_key = annotations.filter(|(known, _)| *known == key);
                of_key.flat_map(|(_, values)| values.iter().map(|&value| value.clone())).collect()
            }
            (Subject::Segment { at, is_client: false, .. }, _) => self.of_segment(key, *at),
            (Subject::Connection(connection), Side::Source) => {
                connection.source.map(|at| self.of_segment(key, at)).unwrap_or_default()
            }
            (Subject::Connection(connection), Side::Destination) => {
                self.of_segment(key, connection.target)
            }
            (Subject::Connection(connection), Side::Here) => {
                match self.trace.entities[connection.seen].role {
                    Role::Subsegment => {
                        recorded(key, &self.trace.entities[connection.seen].segment)
                    }
                    Role::Segment | Role::Inferred => self.of_segment(key, connection.seen),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What a segment and its parts recorded for a key; any of them may be given.
    fn of_segment(&self, key: &str, at: usize) -> Values<'t> {
        let owner = self.trace.entities[at].owner;
        let parts = self.trace.entities.iter().filter(|part| part.owner == owner);
        parts.flat_map(|part| recorded(key, &part.segment)).collect()
    }
}

fn of_host<'t>(keyword: Keyword, host: &'t Segment<'_>) -> Values<'t> {
    let ec2 = host.aws.as_ref().and_then(|aws| aws.ec2.as_ref());
    text(match keyword {
        Keyword::User => host.user.as_deref(),
        Keyword::AvailabilityZone => ec2.and_then(|ec2| ec2.availability_zone.as_deref()),
        Keyword::InstanceId => ec2.and_then(|ec2| ec2.instance_id.as_deref()),
        Keyword::ResourceArn => host.resource_arn.as_deref(),
        _ => None,
    })
}

fn recorded<'t>(key: &str, segment: &'t Segment<'_>) -> Values<'t> {
    let entries = segment.annotations.iter().flat_map(|annotations| &annotations.entries);
    let of_key = entries.filter(|(known, _)| known == key && is_annotation_key(known));
    of_key.map(|(_, value)| value.clone()).collect()
}

pub(super) fn flag(flag: bool) -> Values<'static> {
    vec![Scalar::Flag(flag)]
}

pub(super) fn number(number: Option<f64>) -> Values<'static> {
    number.map(|number| Scalar::Number(Number::Float(number))).into_iter().collect()
}

pub(super) fn text<'t>(text: Option<impl Into<Cow<'t, str>>>) -> Values<'t> {
    text.map(|text| Scalar::Text(text.into())).into_iter().collect()
}

fn texts<'t>(texts: &[&'t str]) -> Values<'t> {
    texts.iter().map(|text| Scalar::Text(Cow::Borrowed(text))).collect()
}
