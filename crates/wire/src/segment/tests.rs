//! Documents are read, checked and written again.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::json;

const TRACE: &str = r#""trace_id":"1-581cf771-a006649127e371903a2de979""#;

fn segment(members: &str) -> String {
    format!(
        r#"{{"name":"a","id":"70de5b6f19ff9a0a","start_time":1.5,"end_time":2.5,{TRACE}{members}}}"#
    )
}

/// Writes the document as read and compares it with what came, as JSON values.
fn check_lossless(document: &str) {
    let segment = Segment::parse(document).expect("a valid document");
    let written: Value = serde_json::from_str(&json::encode(&segment)).expect("valid JSON");
    let came: Value = serde_json::from_str(document).expect("valid JSON");
    assert_eq!(without_nothing(written), without_nothing(came), "{document}");
}

/// Leaves out members that say nothing (`null`, `[]`): those are not written again.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null() && *value != Value::Array(Vec::new()))
                .map(|(key, value)| (key, without_nothing(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(without_nothing).collect()),
        other => other,
    }
}

#[test]
fn a_full_document_is_read_and_written_without_loss() {
    check_lossless(include_str!("full.json"));
}

#[test]
fn unknown_members_are_carried() {
    check_lossless(&segment(r#","Dummy":false,"http":{"request":{"x":[1,{"y":null}]},"z":1.0}"#));
}

#[test]
fn known_members_of_another_shape_are_carried() {
    for members in [
        r#","http":"GET /""#,
        r#","http":{"response":{"status":"200"}}"#,
        r#","user":42"#,
        r#","annotations":{"a":1,"b":[1],"c":null,"d":"x"}"#,
        r#","annotations":[1]"#,
        r#","cause":7"#,
        r#","aws":{"retries":"many","operation":"Get"}"#,
        r#","in_progress":"no""#,
        r#","precursor_ids":[1]"#,
        r#","links":[{"trace_id":"x","id":"y"}]"#,
        r#","subsegments":[{"name":"b","id":"70de5b6f19ff9a0b","start_time":1.5,"end_time":2.5,"sql":1}]"#,
    ] {
        check_lossless(&segment(members));
    }
}

#[test]
fn text_without_escapes_is_borrowed() {
    let document = segment(r#","user":"plain","origin":"a\"b""#);
    let segment = Segment::parse(&document).expect("a valid document");
    assert!(matches!(segment.user, Some(Cow::Borrowed("plain"))));
    assert!(matches!(segment.origin, Some(Cow::Owned(ref text)) if text == "a\"b"));
}

#[test]
fn numbers_keep_their_kind() {
    let document = segment(r#","annotations":{"i":42,"f":42.0,"big":18446744073709551615}"#);
    let written = json::encode(&Segment::parse(&document).expect("a valid document"));
    assert!(written.contains(r#""i":42,"f":42.0,"big":1.8446744073709552E19"#), "{written}");
}

#[test]
fn times_keep_every_digit() {
    let document = segment(r#","start_time":1790149878.7832491,"end_time":1.478293361271E9"#);
    let segment = Segment::parse(&document).expect("a valid document");
    assert_eq!(segment.start_time, Seconds(1_790_149_878.783_249_1));
    assert_eq!(segment.end_time.map(Seconds::micros), Some(crate::Micros(1_478_293_361_271_000)));
}

#[test]
fn of_two_members_with_one_name_the_last_counts() {
    let document = segment(r#","user":"first","user":"last""#);
    assert_eq!(Segment::parse(&document).expect("valid").user.as_deref(), Some("last"));
    let document = segment(r#","user":"first","user":7"#);
    let segment = Segment::parse(&document).expect("valid");
    assert_eq!((segment.user.as_deref(), segment.others.len()), (None, 1));
    let document = segment_text_then_number();
    let segment = Segment::parse(&document).expect("valid");
    assert_eq!((segment.user.as_deref(), segment.others.len()), (Some("last"), 0));
}

fn segment_text_then_number() -> String {
    segment(r#","user":7,"user":"last","http":3,"http":null"#)
}

#[test]
fn depth_is_bounded_and_does_not_overflow() {
    let part = r#"{"name":"b","id":"70de5b6f19ff9a0b","start_time":1,"end_time":2,"subsegments":["#;
    let deep = segment(&format!(r#","subsegments":[{}{}]"#, part.repeat(5000), "]}".repeat(5000)));
    let problems = Segment::parse(&deep).expect_err("too deep");
    assert_eq!(problems[0].code, crate::problem::Code::ParseError);
    check_lossless(&segment(&format!(
        r#","metadata":{{"n":{}{}}}"#,
        "[".repeat(100),
        "]".repeat(100)
    )));
}

#[test]
fn a_document_may_fill_its_limit_and_no_more() {
    let sized = |length: usize| {
        let member = |text: &str| segment(&format!(",\"user\":\"{text}\""));
        member(&"x".repeat(length - member("").len()))
    };
    Segment::parse(&sized(DOCUMENT_BYTES_MAX)).expect("a document of just the limit");
    let over = sized(DOCUMENT_BYTES_MAX + 1);
    let problems = Segment::parse(&over).expect_err("one byte too many");
    assert_eq!(problems[0].message(), "Invalid segment. ErrorCode: DocumentTooLarge");
    assert_eq!(problems[0].id.as_deref(), Some("70de5b6f19ff9a0a"));
}

proptest! {
    /// The one-pass reading takes a document if and only if the slow checks find nothing.
    #[test]
    fn the_fast_reading_agrees_with_the_checks(members in prop::collection::vec(member(), 0..14)) {
        let document = format!("{{{}}}", members.join(","));
        let problems = problem::check(&document);
        match Segment::parse(&document) {
            Ok(segment) => {
                prop_assert!(problems.is_empty(), "{document}: {problems:?}");
                prop_assert!(segment.is_complete_document());
            }
            Err(found) => prop_assert_eq!(found, problems),
        }
    }
}

/// A member with a good or a bad value.
fn member() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "name",
        "id",
        "trace_id",
        "parent_id",
        "start_time",
        "end_time",
        "in_progress",
        "type",
        "subsegments",
        "user",
        "fault",
        "http",
        "cause",
    ]);
    let value = prop::sample::select(vec![
        "\"a\"",
        "\"\"",
        "\"70de5b6f19ff9a0a\"",
        "\"1-581cf771-a006649127e371903a2de979\"",
        "1.5",
        "true",
        "false",
        "null",
        "\"segment\"",
        "\"subsegment\"",
        "[]",
        "{}",
        "[7]",
        r#"[{"name":"b","id":"70de5b6f19ff9a0b","start_time":1,"end_time":2}]"#,
    ]);
    prop_oneof![
        1 => (key, value).prop_map(|(key, value)| format!("\"{key}\":{value}")),
        2 => prop::sample::select(vec![
            r#""name":"a""#, r#""id":"70de5b6f19ff9a0a""#, r#""start_time":1"#, r#""end_time":2"#,
            TRACE, r#""type":"subsegment""#, r#""parent_id":"70de5b6f19ff9a0c""#,
        ]).prop_map(str::to_owned),
    ]
}
