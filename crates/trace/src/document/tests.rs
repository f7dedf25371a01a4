//! Documents in the form in which they are returned.

use insta::assert_snapshot;

use super::DOCUMENT_DEPTH_MAX;
use crate::fixture::{Fixture, trace_id};
use crate::{Received, assemble};

fn documents(text: &str) -> String {
    let documents = Fixture::new(text).trace().documents();
    documents.into_iter().map(|(id, document)| format!("{id} {document}\n")).collect()
}

#[test]
fn folded_parts_lose_what_placed_them() {
    assert_snapshot!(documents("
        front 0..100ms 200
          embedded 1..50ms
            late 10..20ms late
          streamed 60..70ms streamed
    "), @r#"0000000100000001 {"id":"0000000100000001","name":"front","start_time":1.790159305E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.7901593051E9,"http":{"response":{"status":200}},"subsegments":[{"id":"0000000100000002","name":"embedded","start_time":1.790159305001E9,"end_time":1.79015930505E9,"subsegments":[{"id":"0000000100000003","name":"late","start_time":1.79015930501E9,"end_time":1.79015930502E9}]},{"id":"0000000100000004","name":"streamed","start_time":1.79015930506E9,"end_time":1.79015930507E9}]}"#);
}

#[test]
fn segments_keep_what_places_them() {
    assert_snapshot!(documents("
        service 0..100ms
          => function 1..90ms origin=AWS::Lambda::Function
        orphan 0..1ms orphan
        open 5..
        lost 0..1ms orphan subsegment
    "), @r#"
    0000000100000001 {"id":"0000000100000001","name":"service","start_time":1.790159305E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.7901593051E9}
    0000000100000003 {"id":"0000000100000003","name":"orphan","start_time":1.790159305E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305001E9,"parent_id":"00000001ffffffff"}
    0000000100000002 {"id":"0000000100000002","name":"function","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.79015930509E9,"parent_id":"0000000100000001","origin":"AWS::Lambda::Function"}
    0000000100000004 {"id":"0000000100000004","name":"open","start_time":1.790159305005E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","in_progress":true}
    "#);
}

#[test]
fn resources_are_named_where_they_are_known() {
    assert_snapshot!(documents("
        front 0..100ms
          S3 1.. aws op=GetObject bucket=pictures
          S3 2.. aws bucket=pictures op=
          SNS 3.. aws op=Publish topic=arn:aws:sns:t
          S3 4.. remote op=GetObject bucket=pictures traced method=GET
    "), @r#"0000000100000001 {"id":"0000000100000001","name":"front","start_time":1.790159305E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.7901593051E9,"subsegments":[{"id":"0000000100000002","name":"S3","start_time":1.790159305001E9,"in_progress":true,"aws":{"operation":"GetObject","bucket_name":"pictures","resource_names":["pictures"]},"namespace":"aws"},{"id":"0000000100000003","name":"S3","start_time":1.790159305002E9,"in_progress":true,"aws":{"bucket_name":"pictures"},"namespace":"aws"},{"id":"0000000100000004","name":"SNS","start_time":1.790159305003E9,"in_progress":true,"aws":{"operation":"Publish","topic_arn":"arn:aws:sns:t"},"namespace":"aws"},{"id":"0000000100000005","name":"S3","start_time":1.790159305004E9,"in_progress":true,"http":{"request":{"method":"GET"}},"aws":{"operation":"GetObject","bucket_name":"pictures"},"namespace":"remote"}]}"#);
}

#[test]
fn unknown_members_and_false_flags_are_carried() {
    let sent = format!(
        r#"{{"type":"segment","x-unknown":[1,{{"a":null}}],"name":"a","id":"00000000000000AB","trace_id":"{}",
        "start_time":1.5,"end_time":2,"fault":false,"aws":{{"x":1,"resource_names":["mine"]}},"metadata":{{"default":{{"k":1.0}}}},
        "subsegments":[{{"name":"S3","id":"00000000000000ac","start_time":1,"end_time":2,"namespace":"aws",
        "aws":{{"resource_names":["stale"],"retries":2}},"y":1}}]}}"#,
        trace_id(1)
    );
    let documents =
        [Received { text: &sent, received: crate::fixture::RECEIVED, request_number: 1 }];
    let trace = assemble(trace_id(1), &documents, false).expect("a valid document");
    assert_snapshot!(trace.documents()[0].1, @r#"{"id":"00000000000000ab","name":"a","start_time":1.5,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":2.0,"fault":false,"metadata":{"default":{"k":1.0}},"aws":{"resource_names":["mine"],"x":1},"subsegments":[{"id":"00000000000000ac","name":"S3","start_time":1.0,"end_time":2.0,"aws":{"retries":2},"namespace":"aws","y":1}],"x-unknown":[1,{"a":null}]}"#);
}

#[test]
fn a_document_is_not_nested_without_bound() {
    let mut text = "front 0..1ms\n".to_owned();
    let levels = 1_000;
    for level in 1..=levels {
        text += &format!("{:1$}part 0..1ms late\n", "", level);
    }
    let fixture = Fixture::new(&text);
    let documents = fixture.trace().documents();
    assert_eq!(documents.len(), 1);
    let document = &documents[0].1;
    assert_eq!(document.matches("\"part\"").count(), levels);
    let depths = document.chars().scan(0, |depth, char| {
        *depth += i32::from(char == '[') - i32::from(char == ']');
        Some(*depth)
    });
    assert_eq!(depths.max(), i32::try_from(DOCUMENT_DEPTH_MAX).ok());
}
