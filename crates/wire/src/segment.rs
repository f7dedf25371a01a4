//! The segment document: everything an SDK may say about one piece of work.
//!
//! A segment and a subsegment share their members, so they share a type; where a document stands
//! tells which of the two it is. Text is borrowed from the document wherever it has no escapes.

mod aws;
mod cause;
mod http;
mod rest;
mod service;
mod sql;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::cursor::Cursor;
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::member::{
    Member, Object, Others, Text, object, parse_careful, parse_quick, read_into, read_quick_into,
};
use crate::problem::{self, Problem};
use crate::value::Scalar;
use crate::{Seconds, SegmentId, TraceId};

pub use aws::{Aws, Ec2, Ecs, Eks, ElasticBeanstalk, LogGroup, LogGroups, XrayAgent};
pub use cause::{Cause, Causes, Exception, Frame};
pub use http::{Http, Request, Response};
pub use rest::Rest;
pub use service::Service;
pub use sql::Sql;

object! {
    /// One segment or subsegment.
    ///
    /// Invariant, held by [`Segment::parse`]: the name is not empty; a finished piece of work has
    /// an `end_time`, an unfinished one has `in_progress: true`, none has both; the outermost
    /// document has a trace id, and a parent id if it is a subsegment.
    pub struct Segment {
        /// Unique inside the trace.
        id: SegmentId = "id",
        /// The service's, or the subsegment's, name.
        name: Cow<'a, str> = "name",
        /// When the work began.
        start_time: Seconds = "start_time",
        /// The trace; embedded subsegments inherit it.
        trace_id: Option<TraceId> = "trace_id",
        /// When the work ended; may lie before `start_time`.
        end_time: Option<Seconds> = "end_time",
        /// True while the work goes on.
        in_progress: Option<bool> = "in_progress",
        /// The segment or subsegment that asked for this work.
        parent_id: Option<SegmentId> = "parent_id",
        /// `subsegment` on an independent subsegment.
        kind: Option<Cow<'a, str>> = "type",
        /// Deduced from a caller's subsegment; only in documents that we return.
        inferred: Option<bool> = "inferred",
        /// The server failed (5xx).
        fault: Option<bool> = "fault",
        /// The client erred (4xx).
        error: Option<bool> = "error",
        /// The request was throttled (429).
        throttle: Option<bool> = "throttle",
        /// The HTTP request served or made.
        http: Option<Box<Http<'a>>> = "http",
        /// Who asked.
        user: Option<Cow<'a, str>> = "user",
        /// Indexed key-value pairs.
        annotations: Option<Annotations<'a>> = "annotations",
        /// Unindexed JSON under namespaces, kept as text.
        metadata: Option<&'a RawValue> = "metadata",
        /// What AWS knows: the resource the service runs on, or the call made.
        aws: Option<Box<Aws<'a>>> = "aws",
        /// The kind of resource that ran the service, such as `AWS::ECS::Container`.
        origin: Option<Cow<'a, str>> = "origin",
        /// The resource that ran the service.
        resource_arn: Option<Cow<'a, str>> = "resource_arn",
        /// The service's version and runtime.
        service: Option<Box<Service<'a>>> = "service",
        /// What went wrong, or where that is recorded.
        cause: Option<Cause<'a>> = "cause",
        /// `aws` or `remote` on a call to another service; local work otherwise.
        namespace: Option<Cow<'a, str>> = "namespace",
        /// The query made.
        sql: Option<Box<Sql<'a>>> = "sql",
        /// Sibling subsegments that finished before this one.
        precursor_ids: Vec<Cow<'a, str>> = "precursor_ids",
        /// Other traces that led to this work.
        links: Vec<Link<'a>> = "links",
        /// The callee promises a segment; the usual place is `http.request.traced`.
        traced: Option<bool> = "traced",
        /// The parts of this work.
        subsegments: Vec<Segment<'a>> = "subsegments",
    }
}

object! {
    /// A trace that led to this segment, such as the one a queue's message came from.
    pub struct Link {
        /// The other trace.
        trace_id: TraceId = "trace_id",
        /// The segment or subsegment in the other trace.
        id: SegmentId = "id",
        /// What the sender says of the link.
        attributes: Option<&'a RawValue> = "attributes",
    }
}

impl<'a> Segment<'a> {
    /// Returns a piece of work of which nothing is known but its name and when it began.
    pub fn blank(id: SegmentId, name: Cow<'a, str>, start_time: Seconds) -> Self {
        Self {
            name,
            id,
            start_time,
            trace_id: None,
            end_time: None,
            in_progress: None,
            parent_id: None,
            kind: None,
            inferred: None,
            fault: None,
            error: None,
            throttle: None,
            http: None,
            user: None,
            annotations: None,
            metadata: None,
            aws: None,
            origin: None,
            resource_arn: None,
            service: None,
            cause: None,
            namespace: None,
            sql: None,
            precursor_ids: Vec::new(),
            links: Vec::new(),
            traced: None,
            subsegments: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Reads one document, or lists what is wrong with it; never an empty list.
    ///
    /// The first problem is the one AWS would answer with. A known member of an unexpected shape
    /// is no problem: it is carried in `others`.
    ///
    /// # Errors
    /// The problems, in the order in which the format's checks are made.
    ///
    /// Source: `PutTraceSegments`, the table of `UnprocessedTraceSegment` codes.
    pub fn parse(document: &'a str) -> Result<Self, Vec<Problem>> {
        if document.len() <= DOCUMENT_BYTES_MAX
            && let Some(segment) = parse_quick::<Self>(document)
            && segment.is_complete_document()
        {
            return Ok(segment);
        }
        let problems = problem::check(document);
        if !problems.is_empty() {
            return Err(problems);
        }
        parse_careful(document).ok_or_else(|| vec![Problem::parse_error()])
    }

    /// Returns whether this document is an independent subsegment rather than a segment.
    pub fn is_subsegment(&self) -> bool {
        self.kind.as_deref() == Some("subsegment")
    }

    /// Returns whether the work was still going on when the document was sent.
    pub fn is_in_progress(&self) -> bool {
        self.in_progress == Some(true)
    }

    /// The checks that concern the outermost document, then those of every part.
    fn is_complete_document(&self) -> bool {
        self.trace_id.is_some()
            && matches!(self.kind.as_deref(), None | Some("segment" | "subsegment"))
            && (self.parent_id.is_some() || !self.is_subsegment())
            && self.is_complete()
    }

    fn is_complete(&self) -> bool {
        !self.name.is_empty()
            && self.is_in_progress() != self.end_time.is_some()
            && self.subsegments.iter().all(Self::is_complete)
    }
}

/// The annotations of one segment, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Annotations<'a> {
    /// Keys with the values that can be indexed.
    pub entries: Vec<(Cow<'a, str>, Scalar<'a>)>,
    /// Keys whose values are neither text nor number nor flag, carried as they came.
    pub others: Others<'a>,
}

impl Annotations<'_> {
    /// Returns the keys of the entries, to be written as a list.
    pub fn keys(&self) -> impl Serialize {
        Keys(&self.entries)
    }

    /// Returns the values of the entries, to be written as a list in the order of the keys.
    pub fn values(&self) -> impl Serialize {
        Values(&self.entries)
    }
}

struct Keys<'s, 'a>(&'s [(Cow<'a, str>, Scalar<'a>)]);

struct Values<'s, 'a>(&'s [(Cow<'a, str>, Scalar<'a>)]);

impl Serialize for Keys<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, _)| key))
    }
}

impl Serialize for Values<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(_, value)| value))
    }
}

impl<'de> Member<'de> for Annotations<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object::<Self>(std::marker::PhantomData))
    }

    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        let mut annotations = Self::default();
        cursor.members(|cursor, key| {
            let mut value = None;
            read_quick_into(cursor, &mut value)?;
            annotations.entries.extend(value.map(|value| (key, value)));
            Some(())
        })?;
        Some(annotations)
    }
}

impl<'de> Visitor<'de> for Object<Annotations<'de>> {
    type Value = Annotations<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut annotations = Annotations::default();
        while let Some(key) = map.next_key_seed(Text)? {
            let mut value = None;
            read_into(&mut map, key.clone(), &mut value, &mut annotations.others)?;
            if let Some(value) = value {
                annotations.entries.push((key, value));
            }
        }
        Ok(annotations)
    }
}

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.entries {
            map.serialize_entry(key, value)?;
        }
        for (key, value) in &self.others {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
