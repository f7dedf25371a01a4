//! Traces in the background: `StartTraceRetrieval`, `ListRetrievedTraces`,
//! `GetRetrievedTracesGraph`, `CancelTraceRetrieval`.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Error;
use super::graph::Service;
use super::reader::read;
use crate::Seconds;
use crate::limits::TRACE_ID_CHARS_MAX;

/// How many traces one retrieval may ask for.
pub const RETRIEVED_TRACES_MAX: usize = 100;

/// How many traces stand on one page.
pub const PAGE_TRACES_MAX: usize = 5;

/// How many spans of one trace stand on one page.
pub const PAGE_SPANS_MAX: usize = 100;

/// The most characters that the document of a span has.
pub const SPAN_CHARS_MAX: usize = 204_800;

/// How many nodes stand on one page.
pub const PAGE_SERVICES_MAX: usize = 1000;

/// How many links of a node are told.
pub const LINKS_MAX: usize = 100;

/// How long a token may be.
const TOKEN_CHARS: RangeInclusive<usize> = 0..=1020;

/// The request of `StartTraceRetrieval`.
#[derive(Clone, Debug, PartialEq)]
pub struct StartTraceRetrievalRequest {
    /// The ids as they were sent.
    pub trace_ids: Vec<String>,
    /// The window's first moment.
    pub start_time: Seconds,
    /// The window's last moment.
    pub end_time: Seconds,
}

impl StartTraceRetrievalRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: StartTraceRetrieval, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let ids =
                reader.texts_at_most("TraceIds", RETRIEVED_TRACES_MAX, 1..=TRACE_ID_CHARS_MAX)?;
            let start_time = reader.timestamp("StartTime")?;
            let end_time = reader.timestamp("EndTime")?;
            Ok(Self {
                trace_ids: reader.require("TraceIds", ids),
                start_time: reader.require("StartTime", start_time),
                end_time: reader.require("EndTime", end_time),
            })
        })
    }
}

/// The response of `StartTraceRetrieval`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StartTraceRetrievalResponse<'a> {
    /// Names the retrieval.
    pub retrieval_token: &'a str,
}

/// In which form spans are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum TraceFormat {
    /// Segment documents.
    #[default]
    #[serde(rename = "XRAY")]
    Xray,
    /// OpenTelemetry spans.
    #[serde(rename = "OTEL")]
    Otel,
}

/// The request of `ListRetrievedTraces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRetrievedTracesRequest {
    /// Names the retrieval.
    pub retrieval_token: String,
    /// In which form spans are wanted.
    pub trace_format: TraceFormat,
    /// Where the page before ended.
    pub next_token: Option<String>,
}

impl ListRetrievedTracesRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: ListRetrievedTraces, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let token = reader.text("RetrievalToken", TOKEN_CHARS)?;
            let formats = [("XRAY", TraceFormat::Xray), ("OTEL", TraceFormat::Otel)];
            Ok(Self {
                retrieval_token: reader.require("RetrievalToken", token),
                trace_format: reader.word("TraceFormat", &formats)?.unwrap_or_default(),
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

/// The request of `GetRetrievedTracesGraph`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetRetrievedTracesGraphRequest {
    /// Names the retrieval.
    pub retrieval_token: String,
    /// Where the page before ended.
    pub next_token: Option<String>,
}

impl GetRetrievedTracesGraphRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetRetrievedTracesGraph, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let token = reader.text("RetrievalToken", TOKEN_CHARS)?;
            Ok(Self {
                retrieval_token: reader.require("RetrievalToken", token),
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

/// Reads the request of `CancelTraceRetrieval`: the token.
///
/// # Errors
/// `Serialization` and `Validation`, as AWS answers.
///
/// Source: CancelTraceRetrieval, API model.
pub fn parse_cancel(body: &[u8]) -> Result<String, Error> {
    read(body, |reader| {
        let token = reader.text("RetrievalToken", TOKEN_CHARS)?;
        Ok(reader.require("RetrievalToken", token))
    })
}

/// How far a retrieval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RetrievalStatus {
    /// It has not begun.
    Scheduled,
    /// It is under way.
    Running,
    /// Everything that was found can be had.
    Complete,
    /// It could not be done.
    Failed,
    /// Somebody called it off.
    Cancelled,
    /// It took too long.
    Timeout,
}

/// The response of `ListRetrievedTraces`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRetrievedTracesResponse {
    /// Where the next page begins.
    pub next_token: Option<String>,
    /// How far the retrieval is.
    pub retrieval_status: RetrievalStatus,
    /// In which form the spans are.
    pub trace_format: TraceFormat,
    /// The traces; none before the retrieval is complete.
    pub traces: Vec<RetrievedTrace>,
}

/// A trace, or some of its spans.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetrievedTrace {
    /// Seconds from the first start to the last end; absent while anything is unfinished.
    pub duration: Option<f64>,
    /// The trace's id.
    pub id: String,
    /// Its spans.
    pub spans: Vec<Span>,
}

/// One span of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Span {
    /// What was recorded.
    pub document: String,
    /// The span's id.
    pub id: String,
}

/// The response of `GetRetrievedTracesGraph`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRetrievedTracesGraphResponse<'a> {
    /// Where the next page begins.
    pub next_token: Option<String>,
    /// How far the retrieval is.
    pub retrieval_status: RetrievalStatus,
    /// The nodes; none before the retrieval is complete.
    pub services: Vec<RetrievedService<'a>>,
}

/// A node and the traces that it joins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetrievedService<'a> {
    /// Which traces are linked by this node.
    pub links: Vec<GraphLink>,
    /// The node.
    pub service: Service<'a>,
}

/// A trace and those that it is linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GraphLink {
    /// The other traces.
    pub destination_trace_ids: Vec<String>,
    /// `parent` or `child`: what the trace is to the others.
    pub reference_type: &'static str,
    /// The trace.
    pub source_trace_id: String,
}

/// The response of `CancelTraceRetrieval`: no members.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CancelTraceRetrievalResponse {}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::json;

    fn shown<T: std::fmt::Debug>(read: Result<T, Error>) -> String {
        match read {
            Ok(request) => format!("{request:?}"),
            Err(error) => format!("{} {}", error.code.status(), error.body()),
        }
    }

    #[test]
    fn a_retrieval_is_of_at_most_a_hundred_traces_of_a_window() {
        let check = |body: &str| shown(StartTraceRetrievalRequest::parse(body.as_bytes()));
        assert_snapshot!(check("{}"), @r#"400 {"message":"3 validation errors detected: Value null at 'traceIds' failed to satisfy constraint: Member must not be null; Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
        assert_snapshot!(check(r#"{"TraceIds":["1-2-3"],"StartTime":1,"EndTime":2}"#), @r#"StartTraceRetrievalRequest { trace_ids: ["1-2-3"], start_time: Seconds(1.0), end_time: Seconds(2.0) }"#);
        assert_snapshot!(check(r#"{"TraceIds":[""],"StartTime":1,"EndTime":2}"#), @r#"400 {"message":"1 validation error detected: Value '[]' at 'traceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 35, Member must have length greater than or equal to 1]"}"#);
        let ids = vec![r#""x""#; 101].join(",");
        assert_snapshot!(check(&format!(r#"{{"TraceIds":[{ids}],"StartTime":1,"EndTime":2}}"#)), @r#"400 {"message":"1 validation error detected: Value '[101 members]' at 'traceIds' failed to satisfy constraint: Member must have length less than or equal to 100"}"#);
    }

    #[test]
    fn a_retrieval_is_asked_for_by_its_token() {
        let list = |body: &str| shown(ListRetrievedTracesRequest::parse(body.as_bytes()));
        assert_snapshot!(list("{}"), @r#"400 {"message":"1 validation error detected: Value null at 'retrievalToken' failed to satisfy constraint: Member must not be null"}"#);
        assert_snapshot!(list(r#"{"RetrievalToken":"","TraceFormat":"OTEL"}"#), @r#"ListRetrievedTracesRequest { retrieval_token: "", trace_format: Otel, next_token: None }"#);
        assert_snapshot!(list(r#"{"RetrievalToken":"t","TraceFormat":"otel"}"#), @r#"400 {"message":"1 validation error detected: Value 'otel' at 'traceFormat' failed to satisfy constraint: Member must satisfy enum value set: [XRAY, OTEL]"}"#);
        let long = format!(r#"{{"RetrievalToken":"{}"}}"#, "t".repeat(1021));
        assert!(list(&long).contains("Member must have length less than or equal to 1020"));
        let graph = |body: &str| shown(GetRetrievedTracesGraphRequest::parse(body.as_bytes()));
        assert_snapshot!(graph(r#"{"RetrievalToken":"t","NextToken":"n"}"#), @r#"GetRetrievedTracesGraphRequest { retrieval_token: "t", next_token: Some("n") }"#);
        let cancel = |body: &str| shown(parse_cancel(body.as_bytes()));
        assert_snapshot!(cancel(r#"{"RetrievalToken":7}"#), @r#"400 {"Message":"NUMBER_VALUE can not be converted to a String"}"#);
        assert_snapshot!(cancel(r#"{"RetrievalToken":"t"}"#), @r#""t""#);
    }

    #[test]
    fn words_are_written_in_capitals() {
        use RetrievalStatus::{Cancelled, Complete, Failed, Running, Scheduled, Timeout};
        let response = ListRetrievedTracesResponse {
            next_token: None,
            retrieval_status: Complete,
            trace_format: TraceFormat::Xray,
            traces: vec![RetrievedTrace {
                duration: Some(1.0),
                id: "1-2-3".to_owned(),
                spans: vec![Span { document: "{}".to_owned(), id: "1".to_owned() }],
            }],
        };
        assert_snapshot!(json::encode(&response), @r#"{"NextToken":null,"RetrievalStatus":"COMPLETE","TraceFormat":"XRAY","Traces":[{"Duration":1.0,"Id":"1-2-3","Spans":[{"Document":"{}","Id":"1"}]}]}"#);
        assert_snapshot!(json::encode(&[Scheduled, Running, Failed, Cancelled, Timeout]), @r#"["SCHEDULED","RUNNING","FAILED","CANCELLED","TIMEOUT"]"#);
        assert_snapshot!(json::encode(&CancelTraceRetrievalResponse {}), @"{}");
    }
}
