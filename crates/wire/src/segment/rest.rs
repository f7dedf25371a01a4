//! What is left of a segment when its frequent members are kept elsewhere, as in a table's columns.

use std::borrow::Cow;

use crate::TraceId;
use crate::member::object;

use super::{Annotations, Http, Link};

object! {
    /// The members of a [`Segment`](super::Segment) that few segments have, or that are seldom
    /// plain enough for a column of their own. Members of surprising shapes are in `others`.
    #[derive(Default)]
    pub struct Rest {
        /// As in a segment; a part of a document seldom states another trace than its document.
        trace_id: Option<TraceId> = "trace_id",
        /// As in a segment, where it is another word than `subsegment`.
        kind: Option<Cow<'a, str>> = "type",
        /// What is left of the HTTP section.
        http: Option<Box<Http<'a>>> = "http",
        /// Annotations of which some are no scalars.
        annotations: Option<Annotations<'a>> = "annotations",
        /// The resource that ran the service.
        resource_arn: Option<Cow<'a, str>> = "resource_arn",
        /// Sibling subsegments that finished before this one.
        precursor_ids: Vec<Cow<'a, str>> = "precursor_ids",
        /// Other traces that led to this work.
        links: Vec<Link<'a>> = "links",
    }
}
