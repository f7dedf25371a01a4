//! The client's side of `PutTraceSegments` and `PutTelemetryRecords`, for a daemon.

use serde::Serialize;
use serde_json::Value;

use super::segments::{PutTelemetryRecordsRequest, TelemetryRecord, UnprocessedTraceSegment};
use crate::json;

/// Returns the body of a `PutTraceSegments` request that brings `documents`.
///
/// Source: PutTraceSegments, API reference.
pub fn put_trace_segments(documents: &[&str]) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Request<'a> {
        trace_segment_documents: &'a [&'a str],
    }
    json::encode(&Request { trace_segment_documents: documents })
}

/// Reads the documents that the answer to `PutTraceSegments` lists as refused; `None` when it is no
/// such answer.
///
/// Source: PutTraceSegments, API reference.
pub fn unprocessed_trace_segments(body: &[u8]) -> Option<Vec<UnprocessedTraceSegment>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |item: &Value, name| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let read = |item: &Value| UnprocessedTraceSegment {
        error_code: text(item, "ErrorCode").unwrap_or_default(),
        id: text(item, "Id"),
        message: text(item, "Message").unwrap_or_default(),
    };
    match body.as_object()?.get("UnprocessedTraceSegments") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(items) => Some(items.as_array()?.iter().map(read).collect()),
    }
}

/// Returns the id and the trace id of a document, as far as it has them; it may be no segment.
pub fn ids(document: &[u8]) -> (Option<String>, Option<String>) {
    (text_member(document, "id"), text_member(document, "trace_id"))
}

/// Returns a text of a JSON object by its name; `None` when there is no such text, or no object.
pub fn text_member(document: &[u8], name: &str) -> Option<String> {
    let document: Value = serde_json::from_slice(document).ok()?;
    document.get(name)?.as_str().map(str::to_owned)
}

/// Returns the body of a `PutTelemetryRecords` request; what is not known is an empty text, as the
/// X-Ray daemon sends it.
///
/// Source: PutTelemetryRecords, API reference; aws-xray-daemon 3.6.6.
pub fn put_telemetry_records(request: &PutTelemetryRecordsRequest) -> String {
    let record = |record: &TelemetryRecord| {
        let errors = record.connection_errors;
        serde_json::json!({
            "Timestamp": record.timestamp.0,
            "SegmentsReceivedCount": record.segments_received,
            "SegmentsSentCount": record.segments_sent,
            "SegmentsSpilloverCount": record.segments_spilled,
            "SegmentsRejectedCount": record.segments_rejected,
            "BackendConnectionErrors": {
                "TimeoutCount": errors.timeout,
                "ConnectionRefusedCount": errors.connection_refused,
                "HTTPCode4XXCount": errors.http_4xx,
                "HTTPCode5XXCount": errors.http_5xx,
                "UnknownHostCount": errors.unknown_host,
                "OtherCount": errors.other,
            },
        })
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    json::encode(&serde_json::json!({
        "TelemetryRecords": request.records.iter().map(record).collect::<Vec<_>>(),
        "EC2InstanceId": text(&request.instance_id),
        "Hostname": text(&request.hostname),
        "ResourceARN": text(&request.resource_arn),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seconds;
    use crate::api::segments::{
        ConnectionErrors, PutTraceSegmentsRequest, PutTraceSegmentsResponse,
    };

    #[test]
    fn a_request_that_is_written_is_read_as_it_was() {
        let documents = ["{\"a\":\"\\\"\u{1}é\\n\"}", "", "{}\n"];
        let request = PutTraceSegmentsRequest::parse(put_trace_segments(&documents).as_bytes());
        assert_eq!(request.expect("a request").documents().collect::<Vec<_>>(), documents);
    }

    #[test]
    fn telemetry_that_is_written_is_read_as_it_was() {
        let record = TelemetryRecord {
            timestamp: Seconds(1.5),
            segments_received: 1,
            segments_sent: 2,
            segments_spilled: 3,
            segments_rejected: 4,
            connection_errors: ConnectionErrors {
                timeout: 5,
                connection_refused: 6,
                http_4xx: 7,
                http_5xx: 8,
                unknown_host: 9,
                other: 10,
            },
        };
        let request = PutTelemetryRecordsRequest {
            records: vec![record],
            instance_id: Some("i-1".to_owned()),
            hostname: None,
            resource_arn: None,
        };
        let read = PutTelemetryRecordsRequest::parse(put_telemetry_records(&request).as_bytes());
        let read = read.expect("a request");
        assert_eq!((read.records, read.instance_id), (vec![record], request.instance_id));
        assert_eq!(read.hostname.as_deref(), Some(""));
    }

    #[test]
    fn ids_are_found_in_what_is_no_segment_too() {
        let both = (Some("a".to_owned()), Some("b".to_owned()));
        assert_eq!(ids(br#"{"id":"a", "trace_id": "b"}"#), both);
        assert_eq!(ids(br#"{"id":7}"#), (None, None));
        assert_eq!(ids(b"T1S"), (None, None));
    }

    #[test]
    fn answers_are_read_whether_or_not_something_was_refused() {
        let refused = UnprocessedTraceSegment {
            error_code: "MissingId".to_owned(),
            id: None,
            message: "Invalid segment. ErrorCode: MissingId".to_owned(),
        };
        let answer = PutTraceSegmentsResponse { unprocessed_trace_segments: vec![refused.clone()] };
        let answer = json::encode(&answer);
        assert_eq!(unprocessed_trace_segments(answer.as_bytes()), Some(vec![refused]));
        let all_kept = PutTraceSegmentsResponse::ALL_PROCESSED.as_bytes();
        for body in [all_kept, b"{}", b"{\"UnprocessedTraceSegments\":null}"] {
            assert_eq!(unprocessed_trace_segments(body), Some(Vec::new()));
        }
        for body in ["", "[]", "<html>", "{\"UnprocessedTraceSegments\":1}"] {
            assert_eq!(unprocessed_trace_segments(body.as_bytes()), None, "{body}");
        }
    }
}
