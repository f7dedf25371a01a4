//! Requests good and bad, and the fast reading against the slow one.

use proptest::prelude::*;

use super::*;

/// Renders an answer: the documents, or the error.
fn answer(body: &[u8]) -> String {
    match PutTraceSegmentsRequest::parse(body) {
        Ok(request) => format!("{:?}", request.documents().collect::<Vec<_>>()),
        Err(error) => format!("{} {}", error.code.name(), error.body()),
    }
}

#[test]
fn documents_are_unescaped_in_order() {
    for (body, documents) in [
        (r#"{"TraceSegmentDocuments":["{\"a\":1}","é\u00e9\n"]}"#, r#"["{\"a\":1}", "éé\n"]"#),
        (r#" { "Other" : [{}] , "TraceSegmentDocuments" : [ "" ] } "#, r#"[""]"#),
        (r#"{"TraceSegmentDocuments":["a"],"TraceSegmentDocuments":["b"]}"#, r#"["b"]"#),
        (r#"{"TraceSegment\u0044ocuments":["a"]}"#, r#"["a"]"#),
    ] {
        assert_eq!(answer(body.as_bytes()), documents);
    }
}

#[test]
fn an_unusable_request_gets_awss_answer() {
    const MISSING: &str = r#"ValidationException {"message":"1 validation error detected: Value null at 'traceSegmentDocuments' failed to satisfy constraint: Member must not be null"}"#;
    const EMPTY: &str = r#"InvalidRequestException {"Message":"Segments can not be empty"}"#;
    for (body, expected) in [
        ("", MISSING),
        ("null", MISSING),
        ("{}", MISSING),
        (r#"{"TraceSegmentDocuments":null}"#, MISSING),
        (r#"{"TraceSegmentDocuments":[]}"#, EMPTY),
        (r#"{"TraceSegmentDocuments":["a"],"TraceSegmentDocuments":[]}"#, EMPTY),
        (
            r#"{"TraceSegmentDocuments":["a",7]}"#,
            r#"SerializationException {"Message":"NUMBER_VALUE can not be converted to a String"}"#,
        ),
        (
            r#"{"TraceSegmentDocuments":[{"name":"a"}]}"#,
            r#"SerializationException {"Message":"START_OBJECT can not be converted to a String"}"#,
        ),
        (
            r#"{"TraceSegmentDocuments":[true]}"#,
            r#"SerializationException {"Message":"TRUE_VALUE can not be converted to a String"}"#,
        ),
        (
            r#"{"TraceSegmentDocuments":"a"}"#,
            r#"SerializationException {"Message":"STRING_VALUE can not be converted to a List"}"#,
        ),
        (
            "[]",
            r#"SerializationException {"Message":"START_ARRAY can not be converted to a Structure"}"#,
        ),
        (
            r#"{"TraceSegmentDocuments":["a"]"#,
            r#"SerializationException {"Message":"Request body is not valid JSON: EOF while parsing an object at line 1 column 30"}"#,
        ),
        (
            r#"{"TraceSegmentDocuments":[NaN]}"#,
            r#"SerializationException {"Message":"Request body is not valid JSON: expected value at line 1 column 27"}"#,
        ),
    ] {
        assert_eq!(answer(body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn a_text_that_cannot_be_decoded_costs_its_neighbours_nothing() {
    for body in [
        &b"{\"TraceSegmentDocuments\":[\"a\",\"x\xffy\",\"b\"]}"[..],
        br#"{"TraceSegmentDocuments":["a","\ud800","b"]}"#,
        br#"{"TraceSegmentDocuments":["a",null,"b"]}"#,
    ] {
        assert_eq!(answer(body), r#"["a", "", "b"]"#);
    }
}

#[test]
fn bytes_that_are_not_utf_8_outside_a_text_are_no_json() {
    for body in [
        &b"{\"TraceSegmentDocuments\":[\"a\"]\xff}"[..],
        b"\xff\xfe",
        // The backslash does not escape the stand-in's backslash.
        b"{\"TraceSegmentDocuments\":[\"\\\xff\"]}",
    ] {
        let answer = answer(body);
        assert!(answer.starts_with("SerializationException"), "{answer}");
    }
}

#[test]
fn a_list_nested_deeper_than_any_document_is_no_danger() {
    let deep = format!(
        r#"{{"Other":{}{},"TraceSegmentDocuments":["a"]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(answer(deep.as_bytes()), r#"["a"]"#);
    let deep =
        format!(r#"{{"TraceSegmentDocuments":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        answer(deep.as_bytes()),
        r#"SerializationException {"Message":"START_ARRAY can not be converted to a String"}"#
    );
}

#[test]
fn telemetry_needs_records_and_records_need_a_time() {
    let answer = |body: &str| match PutTelemetryRecordsRequest::parse(body.as_bytes()) {
        Ok(request) => format!("{:?}", request.records),
        Err(error) => error.body(),
    };
    insta::assert_snapshot!(answer(r#"{"TelemetryRecords":[]}"#), @r#"{"Message":"Telemetry records can not be empty"}"#);
    insta::assert_snapshot!(answer("{}"), @r#"{"message":"1 validation error detected: Value null at 'telemetryRecords' failed to satisfy constraint: Member must not be null"}"#);
    insta::assert_snapshot!(answer(r#"{"TelemetryRecords":[{},{"Timestamp":"now"}]}"#), @r#"{"Message":"STRING_VALUE can not be converted to a Timestamp"}"#);
    insta::assert_snapshot!(answer(r#"{"TelemetryRecords":[{},{"Timestamp":null}],"EC2InstanceId":"i-0123456789abcdef01234"}"#), @r#"{"message":"3 validation errors detected: Value null at 'telemetryRecords.1.member.timestamp' failed to satisfy constraint: Member must not be null; Value null at 'telemetryRecords.2.member.timestamp' failed to satisfy constraint: Member must not be null; Value 'i-0123456789abcdef01234' at 'eC2InstanceId' failed to satisfy constraint: Member must have length less than or equal to 20"}"#);
    insta::assert_snapshot!(answer(r#"{"TelemetryRecords":[{"Timestamp":1,"SegmentsSentCount":3e9}]}"#), @r#"{"Message":"NUMBER_VALUE can not be converted to an Integer"}"#);
    insta::assert_snapshot!(answer(r#"{"TelemetryRecords":[{"Timestamp":1.5,"SegmentsReceivedCount":4,"BackendConnectionErrors":{"HTTPCode4XXCount":2}}]}"#), @"[TelemetryRecord { timestamp: Seconds(1.5), segments_received: 4, segments_sent: 0, segments_spilled: 0, segments_rejected: 0, connection_errors: ConnectionErrors { timeout: 0, connection_refused: 0, http_4xx: 2, http_5xx: 0, unknown_host: 0, other: 0 } }]");
}

/// Texts with what has to be unescaped, at any distance from each other.
fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("([a-z]{0,20}[\"\\\\/\u{0}-\u{20}éß€😀]?){0,8}", 1..5)
}

#[test]
fn the_usual_body_is_read_in_one_pass_and_no_other() {
    for (body, is_usual) in [
        (&br#"{"TraceSegmentDocuments":["a"]}"#[..], true),
        (b" {\n\"TraceSegmentDocuments\" :\t[ \"a\" , \"\" ]\r} ", true),
        (br#"{"TraceSegmentDocuments":["\ud83d\ude00 \u00e9\/\b"]}"#, true),
        (br#"{" TraceSegmentDocuments":["a"]}"#, false),
        (br#"{"TraceSegmentDocuments ":["a"]}"#, false),
        (br#"{"TraceSegmentDocuments":["\ud83d"]}"#, false),
        (br#"{"TraceSegmentDocuments":["\ude00"]}"#, false),
        (br#"{"TraceSegmentDocuments":["\ud83d\u0041"]}"#, false),
        (br#"{"TraceSegmentDocuments":["\u+041"]}"#, false),
        (br#"{"TraceSegmentDocuments":["\x"]}"#, false),
        (b"{\"TraceSegmentDocuments\":[\"a\nb\"]}", false),
        // Each has one half of a character.
        (b"{\"TraceSegmentDocuments\":[\"\xc3\",\"\xa9\"]}", false),
        (b"{\"TraceSegmentDocuments\":[\"\xc3\\n\xa9\"]}", false),
        (br#"{"TraceSegmentDocuments":[]}"#, false),
        (br#"{"TraceSegmentDocuments":["a",]}"#, false),
        (br#"{"TraceSegmentDocuments":["a"]}}"#, false),
        (br#"{"TraceSegmentDocuments":["a"],"Other":1}"#, false),
        (br#"{"TraceSegmentDocuments "["a"]}"#, false),
    ] {
        let text = String::from_utf8_lossy(body);
        assert_eq!(usual::read(body).is_some(), is_usual, "{text}");
    }
}

/// What a list of texts is made of, and is broken by.
const PIECES: &[&[u8]] = &[
    b"a",
    b"plain text of some length",
    b"\\\"",
    b"\\\\",
    b"\\",
    b"\"",
    b"\",\"",
    b"\\u00e9",
    b"\\ud83d",
    b"\\ude00",
    b"\\u12",
    b"\xc3",
    b"\xa9",
    b"\xff",
    "€".as_bytes(),
    b"\n",
    b" ",
    b",",
    b"]}",
    b"\x7f",
];

proptest! {
    #[test]
    fn the_slow_reading_agrees_with_the_fast_one(documents in texts()) {
        let body = serde_json::json!({LIST: documents}).to_string();
        let fast = usual::read(body.as_bytes()).expect("a usual request");
        prop_assert_eq!(fast.documents().collect::<Vec<_>>(), documents);
        prop_assert_eq!(&fast, &PutTraceSegmentsRequest::parse_slow(body.as_bytes()).expect("same"));
    }

    #[test]
    fn what_else_is_in_the_request_changes_nothing(documents in texts(), other in any::<String>()) {
        let body = serde_json::json!({"A": other, LIST: documents, "Z": {"x": other}}).to_string();
        let request = PutTraceSegmentsRequest::parse(body.as_bytes()).expect("a request");
        prop_assert_eq!(request.documents().collect::<Vec<_>>(), documents);
    }

    #[test]
    fn the_fast_reading_takes_nothing_that_the_slow_one_refuses_or_reads_otherwise(
        list in prop::collection::vec(prop::sample::select(PIECES), 0..40),
    ) {
        let body = [&b"{\"TraceSegmentDocuments\":[\""[..], &list.concat(), b"\"]}"].concat();
        if let Some(fast) = usual::read(&body) {
            prop_assert_eq!(fast, PutTraceSegmentsRequest::parse_slow(&body).expect("JSON"));
        }
    }

    #[test]
    fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = PutTraceSegmentsRequest::parse(&body);
        let _ = PutTelemetryRecordsRequest::parse(&body);
    }
}
