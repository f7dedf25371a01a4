//! What programs put in: `PutTraceSegments` and `PutTelemetryRecords`.
//!
//! `PutTraceSegments` is the hot path of the whole system. Its documents are unescaped in one pass
//! into one buffer, with no allocation per document; only a body that is not the usual one is looked
//! at again, slowly, to find out what the answer is.

mod usual;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::reader::{not_json, read, wrong_type};
use super::{Error, reader};
use crate::Seconds;
use crate::problem::Problem;

const LIST: &str = "TraceSegmentDocuments";

/// The request of `PutTraceSegments`: documents, unescaped and not yet judged.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PutTraceSegmentsRequest {
    /// All documents, one after the other.
    text: String,
    /// Where each document ends. Invariant: ascending character boundaries of `text`.
    ends: Vec<usize>,
}

impl PutTraceSegmentsRequest {
    /// Reads a request.
    ///
    /// A list element that is text by its quotes but cannot be decoded (half a surrogate pair, bytes
    /// that are not UTF-8) becomes an empty document, which its reader will refuse: its neighbours
    /// are kept.
    ///
    /// # Errors
    /// `Serialization` when the body is not JSON or holds a value of another type, `Validation`
    /// when the list is missing, `InvalidRequest` when it is empty.
    ///
    /// Source: PutTraceSegments, captured answers.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        match usual::read(body) {
            Some(request) => Ok(request),
            None => Self::parse_slow(body),
        }
    }

    /// Returns the documents in the order in which they were sent.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let document = &self.text[start..end];
            start = end;
            document
        })
    }

    /// Returns the documents' sizes added up, in bytes.
    pub fn document_bytes(&self) -> usize {
        self.text.len()
    }

    fn push(&mut self, document: &str) {
        self.text.push_str(document);
        self.ends.push(self.text.len());
    }

    fn parse_slow(body: &[u8]) -> Result<Self, Error> {
        let body = marked(body);
        // The members' own types and constraints come first: `{}`, `null` and `7` end here.
        if body.trim_ascii_start().starts_with('{') {
            let members: RawList<'_> = serde_json::from_str(&body).map_err(|e| not_json(&e))?;
            if let Some(list) = members.0 {
                return Self::from_list(list);
            }
        }
        read(body.as_bytes(), |reader| {
            reader.require::<()>(LIST, None);
            Ok(Self::default())
        })
    }

    fn from_list(list: &RawValue) -> Result<Self, Error> {
        if !list.get().starts_with('[') {
            return Err(wrong_type(token(list), "a List"));
        }
        let elements: Vec<&RawValue> =
            serde_json::from_str(list.get()).map_err(|error| not_json(&error))?;
        if elements.is_empty() {
            return Err(Error::invalid_request("Segments can not be empty"));
        }
        let mut request = Self::default();
        for element in elements {
            match element.get().as_bytes() {
                [b'"', ..] | b"null" => {
                    let document: Option<String> =
                        serde_json::from_str(element.get()).unwrap_or_default();
                    request.push(&document.unwrap_or_default());
                }
                _ => return Err(wrong_type(token(element), "a String")),
            }
        }
        Ok(request)
    }
}

/// Returns the body as text. Bytes that are not UTF-8 become an escape that stands for no character,
/// so that JSON's structure can be read around them but the text that holds them cannot.
fn marked(body: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(body.len());
            for chunk in body.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    // The first character keeps a preceding backslash from taking the escape's own.
                    text.push_str("\u{fffd}\\ud800");
                }
            }
            Cow::Owned(text)
        }
    }
}

/// Names a value as AWS's parser does.
fn token(value: &RawValue) -> &'static str {
    match value.get().as_bytes() {
        [b'"', ..] => "STRING_VALUE",
        [b'{', ..] => "START_OBJECT",
        [b'[', ..] => "START_ARRAY",
        [b't', ..] => "TRUE_VALUE",
        [b'f', ..] => "FALSE_VALUE",
        [b'n', ..] => "NULL_VALUE",
        _ => "NUMBER_VALUE",
    }
}

/// The list as it stands in the body; of several the last one counts, and `null` is none.
struct RawList<'a>(Option<&'a RawValue>);

impl<'de> serde::Deserialize<'de> for RawList<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RawListVisitor)
    }
}

struct RawListVisitor;

impl<'de> Visitor<'de> for RawListVisitor {
    type Value = RawList<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the members of PutTraceSegments")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut list = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == LIST {
                list = map.next_value::<Option<&RawValue>>()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(RawList(list))
    }
}

/// The response of `PutTraceSegments`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutTraceSegmentsResponse {
    /// What was refused; every other document was kept.
    pub unprocessed_trace_segments: Vec<UnprocessedTraceSegment>,
}

impl PutTraceSegmentsResponse {
    /// The encoded response when nothing was refused.
    pub const ALL_PROCESSED: &str = r#"{"UnprocessedTraceSegments":[]}"#;
}

/// A document that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnprocessedTraceSegment {
    /// Which check failed.
    pub error_code: String,
    /// The document's id as it was sent, if it has one.
    pub id: Option<String>,
    /// What AWS says of it.
    pub message: String,
}

impl From<Problem> for UnprocessedTraceSegment {
    fn from(problem: Problem) -> Self {
        Self { error_code: problem.code.to_string(), message: problem.message(), id: problem.id }
    }
}

/// The request of `PutTelemetryRecords`.
#[derive(Clone, Debug, PartialEq)]
pub struct PutTelemetryRecordsRequest {
    /// The records, at least one.
    pub records: Vec<TelemetryRecord>,
    /// The EC2 instance the daemon runs on.
    pub instance_id: Option<String>,
    /// The host the daemon runs on.
    pub hostname: Option<String>,
    /// The AWS resource the daemon runs on.
    pub resource_arn: Option<String>,
}

/// What a daemon counted since its previous record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TelemetryRecord {
    /// When the record was made.
    pub timestamp: Seconds,
    /// Documents received from programs.
    pub segments_received: i32,
    /// Documents sent on.
    pub segments_sent: i32,
    /// Documents dropped because there were too many.
    pub segments_spilled: i32,
    /// Documents the backend refused.
    pub segments_rejected: i32,
    /// Failed attempts to reach the backend.
    pub connection_errors: ConnectionErrors,
}

/// A daemon's failed attempts to reach the backend, by what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionErrors {
    /// No answer in time.
    pub timeout: i32,
    /// Nobody listened.
    pub connection_refused: i32,
    /// The backend answered 4xx.
    pub http_4xx: i32,
    /// The backend answered 5xx.
    pub http_5xx: i32,
    /// The backend's name could not be resolved.
    pub unknown_host: i32,
    /// Anything else.
    pub other: i32,
}

impl PutTelemetryRecordsRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// AWS's answers; `InvalidRequest` when the list is empty.
    ///
    /// Source: PutTelemetryRecords, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let request = read(body, |reader| {
            let records = reader.structures("TelemetryRecords", usize::MAX, telemetry_record)?;
            Ok(Self {
                records: reader.require("TelemetryRecords", records),
                instance_id: reader.text("EC2InstanceId", 0..=20)?,
                hostname: reader.text("Hostname", 0..=255)?,
                resource_arn: reader.text("ResourceARN", 0..=500)?,
            })
        })?;
        if request.records.is_empty() {
            return Err(Error::invalid_request("Telemetry records can not be empty"));
        }
        Ok(request)
    }
}

fn telemetry_record(reader: &mut reader::Reader<'_, '_>) -> Result<TelemetryRecord, Error> {
    let timestamp = reader.timestamp("Timestamp")?;
    Ok(TelemetryRecord {
        timestamp: reader.require("Timestamp", timestamp),
        segments_received: count(reader, "SegmentsReceivedCount")?,
        segments_sent: count(reader, "SegmentsSentCount")?,
        segments_spilled: count(reader, "SegmentsSpilloverCount")?,
        segments_rejected: count(reader, "SegmentsRejectedCount")?,
        connection_errors: reader
            .structure("BackendConnectionErrors", |reader| {
                Ok(ConnectionErrors {
                    timeout: count(reader, "TimeoutCount")?,
                    connection_refused: count(reader, "ConnectionRefusedCount")?,
                    http_4xx: count(reader, "HTTPCode4XXCount")?,
                    http_5xx: count(reader, "HTTPCode5XXCount")?,
                    unknown_host: count(reader, "UnknownHostCount")?,
                    other: count(reader, "OtherCount")?,
                })
            })?
            .unwrap_or_default(),
    })
}

fn count(reader: &mut reader::Reader<'_, '_>, name: &str) -> Result<i32, Error> {
    Ok(reader.integer(name, i32::MIN)?.unwrap_or(0))
}

#[cfg(test)]
mod tests;
