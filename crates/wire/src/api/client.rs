//! The client's side of `PutTraceSegments`, for a daemon that sends documents on.

use serde::Serialize;
use serde_json::Value;

use super::segments::UnprocessedTraceSegment;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::segments::{PutTraceSegmentsRequest, PutTraceSegmentsResponse};

    #[test]
    fn a_request_that_is_written_is_read_as_it_was() {
        let documents = ["{\"a\":\"\\\"\u{1}é\\n\"}", "", "{}\n"];
        let request = PutTraceSegmentsRequest::parse(put_trace_segments(&documents).as_bytes());
        assert_eq!(request.expect("a request").documents().collect::<Vec<_>>(), documents);
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
