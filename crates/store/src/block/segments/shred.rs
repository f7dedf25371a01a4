//! From documents to rows: each segment and subsegment becomes one, a parent before its children.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow::array::{RecordBatch, StringBuilder};
use wire::limits::DOCUMENT_BYTES_MAX;
use wire::member::Without;
use wire::segment::{Annotations, Aws, Http, Request, Response, Rest};
use wire::value::{Number, Scalar};
use wire::{Micros, Segment, SegmentId, TraceId, json};

use super::columns::Builders;
use super::times::Time;
use super::{Document, Trace, flags, url};

/// A document longer than this is looked at more closely: built again, it may have become longer
/// than documents may be, because doubles are written differently.
const CLOSE_LOOK_BYTES: usize = DOCUMENT_BYTES_MAX / 2;

/// The rows of traces, as columns that are still growing.
#[derive(Debug)]
pub(super) struct Shredder {
    rows: Builders,
    row_count: usize,
    /// JSON on its way into a column.
    json: Vec<u8>,
}

/// One document, read.
struct Shape<'s, 'a> {
    document: &'s Document<'a>,
    segment: Option<Cow<'s, Segment<'a>>>,
    is_verbatim: bool,
}

/// One row before it is written.
struct Row<'s, 'a> {
    segment: Option<&'s Segment<'a>>,
    depth: u8,
    /// The row of the entity around this one, counted from the trace's first.
    outer: Option<usize>,
    /// On a document's first row.
    document: Option<&'s Document<'a>>,
    /// On a document's first row, unless the document is the trace's first.
    document_before: Option<&'s Document<'a>>,
    is_verbatim: bool,
}

/// What the rows of one trace have in common.
struct Common<'t> {
    id: TraceId,
    start: i64,
    limit_exceeded: bool,
    places: Places<'t>,
}

impl Shredder {
    pub(super) fn new() -> Self {
        Self { rows: Builders::new(), row_count: 0, json: Vec::new() }
    }

    pub(super) fn row_count(&self) -> usize {
        self.row_count
    }

    /// Takes the rows made so far.
    pub(super) fn finish(&mut self) -> RecordBatch {
        self.row_count = 0;
        self.rows.finish()
    }

    /// Adds the rows of one trace and returns how many they are, and how many of its documents are
    /// kept verbatim.
    pub(super) fn push(&mut self, trace: &Trace<'_>) -> (usize, usize) {
        let shapes: Vec<_> = trace.documents.iter().map(Shape::new).collect();
        let mut rows = Vec::with_capacity(shapes.len() * 2);
        let mut before = None;
        for shape in &shapes {
            shape.flatten(before.replace(shape.document), &mut rows);
        }
        let segments = || rows.iter().filter_map(|row| row.segment);
        let starts = segments().map(|segment| Time::from(segment.start_time).micros);
        let common = Common {
            id: trace.id,
            start: starts.min().unwrap_or_default(),
            limit_exceeded: trace.limit_exceeded,
            places: Places::new(&rows),
        };
        for (index, row) in rows.iter().enumerate() {
            self.push_row(&common, index, row);
        }
        self.row_count += rows.len();
        (rows.len(), shapes.iter().filter(|shape| shape.is_verbatim).count())
    }

    fn push_row(&mut self, common: &Common<'_>, index: usize, row: &Row<'_, '_>) {
        let mut bits = self.push_document(common, row);
        if index == 0 && common.limit_exceeded {
            bits |= flags::LIMIT_EXCEEDED;
        }
        let rows = &mut self.rows;
        rows.trace_id.append_value(common.id.0).expect("a trace id has the column's width");
        rows.depth.append_value(row.depth);
        rows.trace_start.append_value(common.start);
        match row.segment {
            Some(segment) => {
                bits |= self.push_parent(common, index, row, segment);
                bits |= self.push_entity(common, segment);
            }
            None => self.push_nothing(),
        }
        self.rows.flags.append_value(bits);
    }

    /// Writes what was said of the document that begins here, and returns its flags.
    fn push_document(&mut self, common: &Common<'_>, row: &Row<'_, '_>) -> u32 {
        let rows = &mut self.rows;
        rows.verbatim.append_option(row.document.filter(|_| row.is_verbatim).map(|it| it.text));
        let (document, before) = (row.document, row.document_before);
        let received = document.map(|document| document.received);
        let received = received.filter(|_| received != before.map(|before| before.received));
        let since_start = |time: Micros| time.0.cast_signed().wrapping_sub(common.start);
        rows.received.append_option(received.map(since_start));
        let request = |document: Option<&Document<'_>>| document.map(|it| it.request_number);
        let mut bits = if row.is_verbatim { flags::VERBATIM } else { 0 };
        if before.is_some() && request(document) != request(before) {
            bits |= flags::NEXT_REQUEST;
        }
        bits
    }

    fn push_parent(
        &mut self,
        common: &Common<'_>,
        index: usize,
        row: &Row<'_, '_>,
        segment: &Segment<'_>,
    ) -> u32 {
        let parent = match segment.parent_id {
            Some(id) => common.places.find(id),
            None => row.outer,
        };
        let distance = parent.and_then(|parent| {
            let (index, parent) = (i32::try_from(index).ok()?, i32::try_from(parent).ok()?);
            Some(index - parent)
        });
        self.rows.parent_distance.append_option(distance);
        let id = segment.parent_id.filter(|_| distance.is_none());
        self.rows.parent_id.append_option(id.map(|id| id.0));
        if segment.parent_id.is_some() { flags::PARENT_STATED } else { 0 }
    }

    /// Writes what was said of one segment or subsegment and returns its flags.
    fn push_entity(&mut self, common: &Common<'_>, segment: &Segment<'_>) -> u32 {
        self.push_times(common.start, segment);
        let rows = &mut self.rows;
        rows.id.append_value(segment.id.0);
        rows.name.append_value(&segment.name);
        rows.namespace.append_option(segment.namespace.as_deref());
        rows.origin.append_option(segment.origin.as_deref());
        rows.user.append_option(segment.user.as_deref());
        rows.metadata.append_option(segment.metadata.map(|json| json.get()));
        append_json(&mut rows.service, &mut self.json, segment.service.as_deref());
        append_json(&mut rows.sql, &mut self.json, segment.sql.as_deref());
        append_json(&mut rows.cause, &mut self.json, segment.cause.as_ref());
        self.push_http(segment.http.as_deref());
        self.push_aws(segment.aws.as_deref());
        self.push_annotations(segment.annotations.as_ref());
        let rest = rest(segment, common.id);
        append_json(&mut self.rows.rest, &mut self.json, rest.as_ref());
        entity_flags(segment, common.id)
    }

    fn push_times(&mut self, trace_start: i64, segment: &Segment<'_>) {
        let start = Time::from(segment.start_time);
        let end = segment.end_time.map(Time::from);
        let rows = &mut self.rows;
        rows.start.append_value(start.micros.wrapping_sub(trace_start));
        rows.start_ulps.append_option(Some(start.ulps).filter(|&ulps| ulps != 0));
        rows.duration.append_option(end.map(|end| end.micros.wrapping_sub(start.micros)));
        rows.end_ulps.append_option(end.map(|end| end.ulps).filter(|&ulps| ulps != 0));
    }

    fn push_http(&mut self, http: Option<&Http<'_>>) {
        let rows = &mut self.rows;
        let request = http.and_then(|http| http.request.as_ref());
        rows.method.append_option(request.and_then(|request| request.method.as_deref()));
        rows.user_agent.append_option(request.and_then(|request| request.user_agent.as_deref()));
        rows.client_ip.append_option(request.and_then(|request| request.client_ip.as_deref()));
        let url = request.and_then(|request| request.url.as_deref()).map(url::split);
        rows.url_number.append_option(url.as_ref().and_then(|(_, number)| *number));
        rows.url.append_option(url.map(|(template, _)| template));
        let response = http.and_then(|http| http.response.as_ref());
        rows.status.append_option(response.and_then(status));
        rows.content_length.append_option(response.and_then(content_length));
    }

    fn push_aws(&mut self, aws: Option<&Aws<'_>>) {
        let rows = &mut self.rows;
        let request_id = aws.and_then(|aws| aws.request_id.as_deref());
        rows.aws_request_id.append_option(request_id);
        let shared = aws.map(|aws| Without(aws, "request_id"));
        append_json(&mut rows.aws, &mut self.json, shared.as_ref());
    }

    fn push_annotations(&mut self, annotations: Option<&Annotations<'_>>) {
        let annotations = annotations.filter(|it| it.others.is_empty());
        let (keys, values) =
            (annotations.map(Annotations::keys), annotations.map(Annotations::values));
        append_json(&mut self.rows.annotation_keys, &mut self.json, keys.as_ref());
        append_json(&mut self.rows.annotation_values, &mut self.json, values.as_ref());
    }

    /// Fills the row of a document that could not be read.
    fn push_nothing(&mut self) {
        let rows = &mut self.rows;
        rows.parent_distance.append_null();
        rows.parent_id.append_null();
        rows.id.append_value(0);
        rows.name.append_value("");
        rows.start.append_value(0);
        rows.start_ulps.append_null();
        rows.duration.append_null();
        rows.end_ulps.append_null();
        for texts in [
            &mut rows.namespace,
            &mut rows.origin,
            &mut rows.user,
            &mut rows.service,
            &mut rows.sql,
            &mut rows.cause,
            &mut rows.metadata,
            &mut rows.rest,
        ] {
            texts.append_null();
        }
        self.push_http(None);
        self.push_aws(None);
        self.push_annotations(None);
    }
}

/// Appends a value as JSON; `scratch` is overwritten.
fn append_json<T: json::Encode>(
    column: &mut StringBuilder,
    scratch: &mut Vec<u8>,
    value: Option<&T>,
) {
    let Some(value) = value else { return column.append_null() };
    scratch.clear();
    value.put(scratch);
    column.append_value(str::from_utf8(scratch).expect("the serializer writes UTF-8"));
}

impl<'s, 'a> Shape<'s, 'a> {
    fn new(document: &'s Document<'a>) -> Self {
        let segment = match document.segment {
            Some(segment) => Some(Cow::Borrowed(segment)),
            None => Segment::parse(document.text).ok().map(Cow::Owned),
        };
        let is_verbatim = segment.as_ref().is_none_or(|segment| {
            document.text.len() > CLOSE_LOOK_BYTES
                && json::encode(segment.as_ref()).len() > DOCUMENT_BYTES_MAX
                || !is_flat_enough(segment)
        });
        Self { document, segment, is_verbatim }
    }

    fn flatten(&'s self, document_before: Option<&'s Document<'a>>, rows: &mut Vec<Row<'s, 'a>>) {
        let (segment, is_verbatim) = (self.segment.as_deref(), self.is_verbatim);
        let outer = rows.len();
        rows.push(Row {
            segment,
            depth: 0,
            outer: None,
            document: Some(self.document),
            document_before,
            is_verbatim,
        });
        if let Some(segment) = segment.filter(|_| !is_verbatim) {
            flatten(segment, outer, 1, rows);
        }
    }
}

/// Adds the parts of the entity whose row is `outer`.
fn flatten<'s, 'a>(segment: &'s Segment<'a>, outer: usize, depth: u8, rows: &mut Vec<Row<'s, 'a>>) {
    for part in &segment.subsegments {
        let index = rows.len();
        rows.push(Row {
            segment: Some(part),
            depth,
            outer: Some(outer),
            document: None,
            document_before: None,
            is_verbatim: false,
        });
        flatten(part, index, depth + 1, rows);
    }
}

/// Returns whether every depth inside the document fits into its column.
fn is_flat_enough(segment: &Segment<'_>) -> bool {
    fn fits(segment: &Segment<'_>, depth: u8) -> bool {
        depth < u8::MAX && segment.subsegments.iter().all(|part| fits(part, depth + 1))
    }
    fits(segment, 0)
}

/// Where the entities of a trace are.
enum Places<'t> {
    /// In a small trace looking at all is quickest.
    Few(&'t [Row<'t, 't>]),
    Many(HashMap<SegmentId, usize>),
}

impl<'t> Places<'t> {
    const FEW_MAX: usize = 32;

    fn new(rows: &'t [Row<'t, 't>]) -> Self {
        if rows.len() <= Self::FEW_MAX {
            return Self::Few(rows);
        }
        let ids = rows.iter().enumerate().rev();
        Self::Many(ids.filter_map(|(index, row)| Some((row.segment?.id, index))).collect())
    }

    /// Returns the first row with this id.
    fn find(&self, id: SegmentId) -> Option<usize> {
        match self {
            Self::Few(rows) => {
                rows.iter().position(|row| row.segment.is_some_and(|segment| segment.id == id))
            }
            Self::Many(places) => places.get(&id).copied(),
        }
    }
}

fn entity_flags(segment: &Segment<'_>, trace_id: TraceId) -> u32 {
    let request = segment.http.as_ref().and_then(|http| http.request.as_ref());
    let mut bits = flags::stated(flags::FAULT, segment.fault)
        | flags::stated(flags::ERROR, segment.error)
        | flags::stated(flags::THROTTLE, segment.throttle)
        | flags::stated(flags::IN_PROGRESS, segment.in_progress)
        | flags::stated(flags::INFERRED, segment.inferred)
        | flags::stated(flags::TRACED, segment.traced)
        | flags::stated(flags::REQUEST_TRACED, request.and_then(|request| request.traced))
        | flags::stated(flags::X_FORWARDED_FOR, request.and_then(|it| it.x_forwarded_for));
    if segment.is_subsegment() {
        bits |= flags::SUBSEGMENT;
    }
    if segment.trace_id == Some(trace_id) {
        bits |= flags::TRACE_STATED;
    }
    bits
}

/// Returns what no column holds.
fn rest<'a>(segment: &Segment<'a>, trace_id: TraceId) -> Option<Rest<'a>> {
    let annotations = segment.annotations.as_ref().filter(|it| !it.others.is_empty());
    let rest = Rest {
        trace_id: segment.trace_id.filter(|&stated| stated != trace_id),
        kind: segment.kind.clone().filter(|_| !segment.is_subsegment()),
        http: segment.http.as_deref().and_then(http_rest).map(Box::new),
        annotations: annotations.cloned(),
        resource_arn: segment.resource_arn.clone(),
        precursor_ids: segment.precursor_ids.clone(),
        links: segment.links.clone(),
        others: segment.others.clone(),
    };
    let is_empty = rest.trace_id.is_none()
        && rest.kind.is_none()
        && rest.http.is_none()
        && rest.annotations.is_none()
        && rest.resource_arn.is_none()
        && rest.precursor_ids.is_empty()
        && rest.links.is_empty()
        && rest.others.is_empty();
    (!is_empty).then_some(rest)
}

/// Returns what is left of the section; an object of which nothing else tells is left as well.
fn http_rest<'a>(http: &Http<'a>) -> Option<Http<'a>> {
    let rest = Http {
        request: http.request.as_ref().and_then(request_rest),
        response: http.response.as_ref().and_then(response_rest),
        others: http.others.clone(),
    };
    let is_told = (http.request.is_some() || http.response.is_some())
        && rest.request.is_none()
        && rest.response.is_none()
        && rest.others.is_empty();
    (!is_told).then_some(rest)
}

fn request_rest<'a>(request: &Request<'a>) -> Option<Request<'a>> {
    let texts = [&request.method, &request.url, &request.user_agent, &request.client_ip];
    let is_told = texts.iter().any(|text| text.is_some())
        || request.x_forwarded_for.is_some()
        || request.traced.is_some();
    let rest = Request { others: request.others.clone(), ..Request::default() };
    (!is_told || !rest.others.is_empty()).then_some(rest)
}

fn response_rest<'a>(response: &Response<'a>) -> Option<Response<'a>> {
    let (status, content_length) = (status(response), content_length(response));
    let rest = Response {
        status: response.status.filter(|_| status.is_none()),
        content_length: response.content_length.clone().filter(|_| content_length.is_none()),
        others: response.others.clone(),
    };
    let is_told = status.is_some() || content_length.is_some();
    let is_empty = rest.status.is_none() && rest.content_length.is_none() && rest.others.is_empty();
    (!is_told || !is_empty).then_some(rest)
}

fn status(response: &Response<'_>) -> Option<u16> {
    u16::try_from(response.status?).ok()
}

fn content_length(response: &Response<'_>) -> Option<i64> {
    match response.content_length {
        Some(Scalar::Number(Number::Integer(length))) => Some(length),
        _ => None,
    }
}
