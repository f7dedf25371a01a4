//! Traces whole: `BatchGetTraces`.

use serde::Serialize;

use super::Error;
use super::reader::read;
use crate::limits::TRACE_ID_CHARS_MAX;

/// The request of `BatchGetTraces`, and of `GetTraceGraph`, which has the same members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceIdsRequest {
    /// The ids as they were sent.
    pub trace_ids: Vec<String>,
    /// Not supported by either operation.
    pub next_token: Option<String>,
}

impl TraceIdsRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: BatchGetTraces and GetTraceGraph, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let trace_ids = reader.texts("TraceIds", 1..=TRACE_ID_CHARS_MAX)?;
            Ok(Self {
                trace_ids: reader.require("TraceIds", trace_ids),
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

/// The response of `BatchGetTraces`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BatchGetTracesResponse {
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The traces found; unknown ids are left out.
    pub traces: Vec<Trace>,
    /// Ids that could not be looked up this time.
    pub unprocessed_trace_ids: Vec<String>,
}

/// One trace with its documents.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Trace {
    /// Seconds from the first start to the last end; absent while anything is unfinished.
    pub duration: Option<f64>,
    /// The trace id.
    pub id: String,
    /// Whether documents were dropped because the trace is too large.
    pub limit_exceeded: bool,
    /// The segments, real and inferred.
    pub segments: Vec<Segment>,
}

/// One segment of a trace, with its subsegments inside.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Segment {
    /// The segment document, processed.
    pub document: String,
    /// The segment's id.
    pub id: String,
}
