//! Documents good and bad, over `PutTraceSegments` and back over `BatchGetTraces`.

use insta::assert_snapshot;
use serde_json::json;
use store::dir::{Fault, FaultKind};
use store::{Health, Options};

use crate::Config;
use crate::testing::{Stand, document};

const TRACE_ID: &str = "1-581cf771-a006649127e371903a2de979";

/// Sends `bad` between two good documents, and returns the answer and the ids of what was kept.
async fn among_neighbours(bad: &str) -> String {
    let stand = Stand::new();
    let [before, after] =
        ["0000000000000001", "0000000000000002"].map(|id| document(&format!(r#","id":"{id}""#)));
    let answer = stand.put(&[&before, bad, &after]).await;
    let kept = stand.ask("/Traces", json!({"TraceIds": [TRACE_ID]})).await;
    let segments = kept["Traces"][0]["Segments"].as_array().expect("the neighbours are kept");
    let mut ids: Vec<_> =
        segments.iter().map(|segment| segment["Id"].as_str().expect("text")).collect();
    ids.sort_unstable();
    assert_eq!(ids[..2], ["0000000000000001", "0000000000000002"]);
    let answer = answer.strip_prefix(r#"200 {"UnprocessedTraceSegments":["#).expect("a list");
    format!("{}{}", answer.strip_suffix("]}").expect("a list"), ids[2..].join(" "))
}

#[tokio::test]
async fn a_bad_document_is_named_and_its_neighbours_are_kept() {
    assert_snapshot!(among_neighbours("{\"name\":").await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
    assert_snapshot!(among_neighbours("").await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
    assert_snapshot!(among_neighbours("[]").await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
    assert_snapshot!(among_neighbours(&document(r#","start_time":NaN"#)).await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
    assert_snapshot!(among_neighbours(&document(r#","start_time":1e999"#)).await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
    assert_snapshot!(among_neighbours(&document(r#","start_time":"now""#)).await, @r#"{"ErrorCode":"MissingStartTime","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: MissingStartTime"}"#);
    assert_snapshot!(among_neighbours(&document(r#","start_time":null"#)).await, @r#"{"ErrorCode":"MissingStartTime","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: MissingStartTime"}"#);
    assert_snapshot!(among_neighbours(&document(r#","id":"invalid""#)).await, @r#"{"ErrorCode":"InvalidId","Id":"invalid","Message":"Invalid segment. ErrorCode: InvalidId"}"#);
    assert_snapshot!(among_neighbours(&document(r#","trace_id":"1-2-3""#)).await, @r#"{"ErrorCode":"InvalidTraceId","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: InvalidTraceId"}"#);
    assert_snapshot!(among_neighbours(&document(r#","name":7"#)).await, @r#"{"ErrorCode":"MissingName","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: MissingName"}"#);
    assert_snapshot!(among_neighbours(&document(r#","type":"subsegment""#)).await, @r#"{"ErrorCode":"MissingParentId","Id":"70de5b6f19ff9a0a","Message":"Invalid subsegment. ErrorCode: MissingParentId, Cause: null"}"#);
    assert_snapshot!(among_neighbours(&document(r#","type":"span""#)).await, @r#"{"ErrorCode":"UnknownType","Id":"70de5b6f19ff9a0a","Message":"Invalid entity. ErrorCode: UnknownType"}"#);
    assert_snapshot!(among_neighbours(&document(r#","in_progress":true"#)).await, @r#"{"ErrorCode":"InProgressSegmentHasEndTime","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: InProgressSegmentHasEndTime"}"#);
    assert_snapshot!(among_neighbours(&document(&format!(r#","user":"{}""#, "u".repeat(65_536)))).await, @r#"{"ErrorCode":"DocumentTooLarge","Id":"70de5b6f19ff9a0a","Message":"Invalid segment. ErrorCode: DocumentTooLarge"}"#);
    let deep = format!(r#","metadata":{}{}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert_snapshot!(among_neighbours(&document(&deep)).await, @"70de5b6f19ff9a0a");
    let deep = format!(
        r#","subsegments":{}{}"#,
        "[{\"subsegments\":".repeat(3_000),
        "[]".to_owned() + &"}]".repeat(3_000)
    );
    assert_snapshot!(among_neighbours(&document(&deep)).await, @r#"{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}"#);
}

#[tokio::test]
async fn what_is_merely_odd_is_kept() {
    // Of a key that stands there twice the last one counts; times may be any number.
    assert_snapshot!(among_neighbours(&document(r#","name":"b""#)).await, @"70de5b6f19ff9a0a");
    assert_snapshot!(among_neighbours(&document(r#","start_time":-1e300,"end_time":1e300"#)).await, @"70de5b6f19ff9a0a");
    assert_snapshot!(among_neighbours(&document(r#","start_time":0,"end_time":-5"#)).await, @"70de5b6f19ff9a0a");
    assert_snapshot!(among_neighbours(&document(r#","unknown":{"a":[1]},"http":7"#)).await, @"70de5b6f19ff9a0a");
}

#[tokio::test]
async fn a_document_of_the_largest_size_is_kept_and_a_byte_more_is_not() {
    let padding = wire::limits::DOCUMENT_BYTES_MAX - document(r#","user":"""#).len();
    let sized = |more| document(&format!(r#","user":"{}""#, "u".repeat(padding + more)));
    assert_eq!(among_neighbours(&sized(0)).await, "70de5b6f19ff9a0a");
    assert!(among_neighbours(&sized(1)).await.contains("DocumentTooLarge"));
}

#[tokio::test]
async fn text_that_is_not_utf_8_costs_its_document_only() {
    let stand = Stand::new();
    let good = serde_json::to_string(&document("")).expect("text");
    let mut body = format!(r#"{{"TraceSegmentDocuments":[{good},""#).into_bytes();
    body.extend_from_slice(b"\xff\xfe");
    body.extend_from_slice(format!(r#"",{good}]}}"#).as_bytes());
    let reply = stand.server.call("/TraceSegments", &body).await;
    assert_snapshot!(str::from_utf8(&reply.body).expect("JSON"), @r#"{"UnprocessedTraceSegments":[{"ErrorCode":"ParseError","Id":null,"Message":"Invalid entity. ErrorCode: ParseError"}]}"#);
    assert_eq!(stand.store.statistics().document_count, 1, "the second is a repetition");
}

#[tokio::test]
async fn a_large_request_is_read_elsewhere_and_answered_the_same() {
    let stand = Stand::new();
    let ids: Vec<_> = (1..=2_000).map(|n| document(&format!(r#","id":"{n:016x}""#))).collect();
    assert_eq!(stand.put(&ids).await, r#"200 {"UnprocessedTraceSegments":[]}"#);
    assert_eq!(stand.store.statistics().document_count, 2_000);
}

#[tokio::test]
async fn a_store_out_of_memory_throttles() {
    let options = Options { memory_bytes_max: 1_000, ..Options::default() };
    let stand = Stand::with(Config::default(), options);
    let large = document(&format!(r#","user":"{}""#, "u".repeat(2_000)));
    assert_snapshot!(stand.put(&[large]).await, @r#"429 ThrottledException {"Message":"The memory budget is used up; retry later"}"#);
    assert!(stand.server.readiness().is_ok());
    let metrics = stand.server.metrics().encode();
    assert!(
        metrics.contains("fluoro_documents_dropped_total{cause=\"memory_full\"} 1\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_store_that_cannot_write_says_so_and_still_answers_queries() {
    let stand = Stand::new();
    assert_eq!(stand.put(&[document("")]).await, r#"200 {"UnprocessedTraceSegments":[]}"#);
    // The write works, the sync does not: nobody knows what is on the disk now.
    stand.dir.arm(Fault { call_index: 1, call_count: u64::MAX, kind: FaultKind::Eio });
    assert_snapshot!(stand.put(&[document(r#","id":"0000000000000001""#)]).await, @r#"503 ServiceUnavailableException {"message":"The documents could not be made durable"}"#);
    assert!(matches!(stand.store.health(), Health::Poisoned(_)), "{:?}", stand.store.health());
    assert_snapshot!(stand.put(&[document(r#","id":"0000000000000002""#)]).await, @r#"503 ServiceUnavailableException {"message":"The store takes no documents any more; /readyz says why"}"#);
    // What is wrong with a document is found out all the same, and costs no write.
    assert!(stand.put(&[""]).await.starts_with("200 "));
    let kept = stand.ask("/Traces", json!({"TraceIds": [TRACE_ID]})).await;
    assert_eq!(kept["Traces"][0]["Segments"].as_array().map(Vec::len), Some(1));
    let why = stand.server.readiness().expect_err("poisoned");
    assert!(why.contains("stopped writing") && why.contains("os error 5"), "{why}");
}

#[tokio::test]
async fn a_full_disk_costs_the_documents_that_found_it_full() {
    let stand = Stand::new();
    stand.dir.arm(Fault { call_index: 0, call_count: 1, kind: FaultKind::Enospc });
    assert_snapshot!(stand.put(&[document("")]).await, @r#"503 ServiceUnavailableException {"message":"The documents could not be made durable"}"#);
    assert_eq!(stand.put(&[document("")]).await, r#"200 {"UnprocessedTraceSegments":[]}"#);
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let stand = Stand::new();
    stand.store.close();
    assert_snapshot!(stand.put(&[document("")]).await, @r#"503 ServiceUnavailableException {"message":"The store takes no documents any more; /readyz says why"}"#);
    assert_eq!(stand.server.readiness(), Err("the store was closed".to_owned()));
}

#[tokio::test]
async fn telemetry_is_counted() {
    let stand = Stand::new();
    let record = json!({"TelemetryRecords": [
        {"Timestamp": 1, "SegmentsReceivedCount": 5, "SegmentsSentCount": 3},
        {"Timestamp": 2, "SegmentsReceivedCount": 2, "SegmentsRejectedCount": -1},
    ]});
    assert_eq!(stand.post("/TelemetryRecords", &record.to_string()).await, "200 {}");
    let metrics = stand.server.metrics().encode();
    for line in ["{fate=\"received\"} 7", "{fate=\"sent\"} 3", "{fate=\"rejected\"} 0"] {
        assert!(metrics.contains(&format!("fluoro_telemetry_segments_total{line}\n")), "{metrics}");
    }
}
