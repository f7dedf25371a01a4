//! From rows back to documents.

use std::borrow::Cow;

use arrow::array::{Array, RecordBatch, StringArray};
use trace::Received;
use wire::member::{self, Member};
use wire::segment::{Annotations, Http, Rest};
use wire::value::{Number, Scalar};
use wire::{Micros, Seconds, Segment, SegmentId, TraceId, json};

use super::columns::Arrays;
use super::times::Time;
use super::{Error, ParsedTrace, StoredDocument, StoredTrace, flags, url};

/// The rows of whole traces, being read.
struct Rows<'a> {
    arrays: Arrays<'a>,
    /// The number in the file of the first.
    first_row: u64,
    /// The row that is read next.
    next: usize,
    /// The first row of the trace that is being read.
    trace_first: usize,
    count: usize,
}

/// Builds the documents of all traces of which `batch` holds the rows.
pub(super) fn traces(batch: &RecordBatch, first_row: u64) -> Result<Vec<StoredTrace>, Error> {
    let arrays = Arrays::find(batch)?;
    let mut rows = Rows { arrays, first_row, next: 0, trace_first: 0, count: batch.num_rows() };
    let mut traces = Vec::new();
    while rows.next < rows.count {
        traces.push(rows.trace()?);
    }
    Ok(traces)
}

/// Calls `visit` with each trace of which `batch` holds the rows.
pub(super) fn parsed(
    batch: &RecordBatch,
    first_row: u64,
    visit: &mut dyn FnMut(ParsedTrace<'_>),
) -> Result<(), Error> {
    let arrays = Arrays::find(batch)?;
    let mut rows = Rows { arrays, first_row, next: 0, trace_first: 0, count: batch.num_rows() };
    while rows.next < rows.count {
        visit(rows.parsed_trace()?);
    }
    Ok(())
}

impl<'a> Rows<'a> {
    fn trace(&mut self) -> Result<StoredTrace, Error> {
        let id = self.begin_trace()?;
        let mut limit_exceeded = false;
        let mut documents: Vec<StoredDocument> = Vec::new();
        while self.next < self.count && self.arrays.trace_id.value(self.next) == id.0 {
            limit_exceeded |= self.flags(self.next) & flags::LIMIT_EXCEEDED != 0;
            documents.push(self.document(id, documents.last())?);
        }
        Ok(StoredTrace { id, documents, limit_exceeded })
    }

    fn parsed_trace(&mut self) -> Result<ParsedTrace<'a>, Error> {
        let id = self.begin_trace()?;
        let mut limit_exceeded = false;
        let mut documents: Vec<(Received<'a>, Segment<'a>)> = Vec::new();
        while self.next < self.count && self.arrays.trace_id.value(self.next) == id.0 {
            limit_exceeded |= self.flags(self.next) & flags::LIMIT_EXCEEDED != 0;
            let before = documents.last().map(|(one, _)| (one.received, one.request_number));
            let (received, request_number) = self.arrival(before)?;
            let segment = match text(self.arrays.verbatim, self.next) {
                Some(text) => {
                    let segment = Segment::parse(text);
                    let segment = segment.map_err(|_| self.unexpected("verbatim"))?;
                    self.next += 1;
                    segment
                }
                None => self.entity(id, 0)?,
            };
            documents.push((Received { text: "", received, request_number }, segment));
        }
        Ok(ParsedTrace { id, documents, limit_exceeded })
    }

    fn begin_trace(&mut self) -> Result<TraceId, Error> {
        self.trace_first = self.next;
        let bytes = self.arrays.trace_id.value(self.next);
        Ok(TraceId(bytes.try_into().map_err(|_| self.unexpected("trace_id"))?))
    }

    fn document(
        &mut self,
        trace_id: TraceId,
        before: Option<&StoredDocument>,
    ) -> Result<StoredDocument, Error> {
        let before = before.map(|before| (before.received, before.request_number));
        let (received, request_number) = self.arrival(before)?;
        let text = match text(self.arrays.verbatim, self.next) {
            Some(text) => {
                self.next += 1;
                text.to_owned()
            }
            None => json::encode(&self.entity(trace_id, 0)?),
        };
        Ok(StoredDocument { text, received, request_number })
    }

    /// Returns when the next document came and with which request, by those of the one before.
    fn arrival(&self, before: Option<(Micros, u64)>) -> Result<(Micros, u64), Error> {
        let row = self.next;
        let arrays = &self.arrays;
        if arrays.depth.value(row) != 0 {
            return Err(self.unexpected("depth"));
        }
        let received = value(arrays.received, row).map(|since_start| {
            Micros(since_start.wrapping_add(arrays.trace_start.value(row)).cast_unsigned())
        });
        let received = received.or(before.map(|(received, _)| received));
        let received = received.ok_or_else(|| self.unexpected("received"))?;
        let request_before = before.map_or(0, |(_, request_number)| request_number);
        let is_next = self.flags(row) & flags::NEXT_REQUEST != 0;
        Ok((received, request_before + u64::from(is_next)))
    }

    /// Builds the entity of the next row and, inside it, those of the deeper rows that follow.
    fn entity(&mut self, trace_id: TraceId, depth: u8) -> Result<Segment<'a>, Error> {
        let mut segment = self.alone(trace_id, self.next)?;
        self.next += 1;
        while self.next < self.count && self.arrays.depth.value(self.next) > depth {
            if self.arrays.depth.value(self.next) != depth + 1 {
                return Err(self.unexpected("depth"));
            }
            segment.subsegments.push(self.entity(trace_id, depth + 1)?);
        }
        Ok(segment)
    }

    fn alone(&self, trace_id: TraceId, row: usize) -> Result<Segment<'a>, Error> {
        let arrays = &self.arrays;
        let bits = self.flags(row);
        let mut rest: Rest<'a> = self.json("rest", arrays.rest, row)?.unwrap_or_default();
        let (start_time, end_time) = self.times(row);
        let subsegment = (bits & flags::SUBSEGMENT != 0).then_some(Cow::Borrowed("subsegment"));
        Ok(Segment {
            id: SegmentId(arrays.id.value(row)),
            name: Cow::Borrowed(arrays.name.value(row)),
            start_time,
            trace_id: rest.trace_id.or((bits & flags::TRACE_STATED != 0).then_some(trace_id)),
            end_time,
            in_progress: flags::flag(bits, flags::IN_PROGRESS),
            parent_id: self.parent_id(row)?,
            kind: rest.kind.or(subsegment),
            inferred: flags::flag(bits, flags::INFERRED),
            fault: flags::flag(bits, flags::FAULT),
            error: flags::flag(bits, flags::ERROR),
            throttle: flags::flag(bits, flags::THROTTLE),
            http: self.http(row, rest.http.take().map(|http| *http)).map(Box::new),
            user: text(arrays.user, row).map(Cow::Borrowed),
            annotations: self.annotations(row, rest.annotations)?,
            metadata: self.json("metadata", arrays.metadata, row)?,
            aws: self.aws(row)?,
            origin: text(arrays.origin, row).map(Cow::Borrowed),
            resource_arn: rest.resource_arn,
            service: self.json("service", arrays.service, row)?,
            cause: self.json("cause", arrays.cause, row)?,
            namespace: text(arrays.namespace, row).map(Cow::Borrowed),
            sql: self.json("sql", arrays.sql, row)?,
            precursor_ids: rest.precursor_ids,
            links: rest.links,
            traced: flags::flag(bits, flags::TRACED),
            subsegments: Vec::new(),
            others: rest.others,
        })
    }

    fn times(&self, row: usize) -> (Seconds, Option<Seconds>) {
        let arrays = &self.arrays;
        let start = arrays.trace_start.value(row).wrapping_add(arrays.start.value(row));
        let start_ulps = value(arrays.start_ulps, row).unwrap_or_default();
        let end = value(arrays.duration, row).map(|duration| {
            let ulps = value(arrays.end_ulps, row).unwrap_or_default();
            Seconds::from(Time { micros: start.wrapping_add(duration), ulps })
        });
        (Seconds::from(Time { micros: start, ulps: start_ulps }), end)
    }

    /// Returns the parent, if the document states it.
    fn parent_id(&self, row: usize) -> Result<Option<SegmentId>, Error> {
        let arrays = &self.arrays;
        if self.flags(row) & flags::PARENT_STATED == 0 {
            return Ok(None);
        }
        if arrays.parent_distance.is_null(row) {
            return Ok(value(arrays.parent_id, row).map(SegmentId));
        }
        let distance = i64::from(arrays.parent_distance.value(row));
        let parent = i64::try_from(row).ok().map(|row| row - distance);
        let parent = parent.and_then(|parent| usize::try_from(parent).ok());
        match parent {
            Some(parent)
                if (self.trace_first..self.count).contains(&parent)
                    && arrays.trace_id.value(parent) == arrays.trace_id.value(row) =>
            {
                Ok(Some(SegmentId(arrays.id.value(parent))))
            }
            _ => Err(self.unexpected("parent_distance")),
        }
    }

    fn http(&self, row: usize, rest: Option<Http<'a>>) -> Option<Http<'a>> {
        let arrays = &self.arrays;
        let bits = self.flags(row);
        let mut http = rest;
        let template = text(arrays.url, row);
        let url = template.map(|template| url::join(template, value(arrays.url_number, row)));
        let method = text(arrays.method, row).map(Cow::Borrowed);
        let user_agent = text(arrays.user_agent, row).map(Cow::Borrowed);
        let client_ip = text(arrays.client_ip, row).map(Cow::Borrowed);
        let traced = flags::flag(bits, flags::REQUEST_TRACED);
        let x_forwarded_for = flags::flag(bits, flags::X_FORWARDED_FOR);
        if [&url, &method, &user_agent, &client_ip].iter().any(|text| text.is_some())
            || traced.is_some()
            || x_forwarded_for.is_some()
        {
            let request = http.get_or_insert_default().request.get_or_insert_default();
            (request.url, request.method) = (url, method);
            (request.user_agent, request.client_ip) = (user_agent, client_ip);
            (request.traced, request.x_forwarded_for) = (traced, x_forwarded_for);
        }
        if let Some(status) = value(arrays.status, row) {
            let response = http.get_or_insert_default().response.get_or_insert_default();
            response.status = Some(i64::from(status));
        }
        if let Some(length) = value(arrays.content_length, row) {
            let response = http.get_or_insert_default().response.get_or_insert_default();
            response.content_length = Some(Scalar::Number(Number::Integer(length)));
        }
        http
    }

    fn aws(&self, row: usize) -> Result<Option<Box<wire::segment::Aws<'a>>>, Error> {
        let mut aws: Option<Box<wire::segment::Aws<'a>>> =
            self.json("aws", self.arrays.aws, row)?;
        if let Some(id) = text(self.arrays.aws_request_id, row) {
            aws.get_or_insert_default().request_id = Some(Cow::Borrowed(id));
        }
        Ok(aws)
    }

    fn annotations(
        &self,
        row: usize,
        rest: Option<Annotations<'a>>,
    ) -> Result<Option<Annotations<'a>>, Error> {
        let arrays = &self.arrays;
        let keys: Option<Vec<Cow<'a, str>>> =
            self.json("annotation_keys", arrays.annotation_keys, row)?;
        let Some(keys) = keys else { return Ok(rest) };
        let values: Option<Vec<Scalar<'a>>> =
            self.json("annotation_values", arrays.annotation_values, row)?;
        let values = values.filter(|values| values.len() == keys.len());
        let values = values.ok_or_else(|| self.unexpected("annotation_values"))?;
        let entries = keys.into_iter().zip(values).collect();
        Ok(Some(Annotations { entries, others: Vec::new() }))
    }

    fn json<T: Member<'a>>(
        &self,
        column: &'static str,
        array: &'a StringArray,
        row: usize,
    ) -> Result<Option<T>, Error> {
        let Some(text) = text(array, row) else { return Ok(None) };
        match member::parse(text) {
            Some(value) => Ok(Some(value)),
            None => Err(self.unexpected_at(row, column)),
        }
    }

    fn flags(&self, row: usize) -> u32 {
        self.arrays.flags.value(row)
    }

    fn unexpected(&self, column: &'static str) -> Error {
        self.unexpected_at(self.next, column)
    }

    fn unexpected_at(&self, row: usize, column: &'static str) -> Error {
        Error::ValueUnexpected { row: self.first_row + row as u64, column }
    }
}

fn text(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

fn value<T: arrow::datatypes::ArrowPrimitiveType>(
    array: &arrow::array::PrimitiveArray<T>,
    row: usize,
) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}
