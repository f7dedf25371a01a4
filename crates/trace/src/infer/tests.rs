//! Which calls have an inferred callee, and what it looks like.

use insta::assert_snapshot;

use crate::fixture::{Fixture, render};

fn check(text: &str) -> String {
    render(&Fixture::new(text).trace())
}

/// The documents of the inferred segments.
fn inferred(text: &str) -> String {
    let fixture = Fixture::new(text);
    let trace = fixture.trace();
    let documents = trace.documents().split_off(trace.segments.len());
    documents.into_iter().map(|(_, document)| document + "\n").collect()
}

#[test]
fn finished_calls_without_an_answer_have_a_callee() {
    assert_snapshot!(check("
        front 0..100ms
          DynamoDB 1..2ms aws op=Query table=scores
            attempt 1..2ms
          example.com 1..2ms remote
          example.com 1..  remote
          local 1..2ms
            nested 1..2ms aws op=Get
    "), @"
    front 0..100ms
      DynamoDB 1..2ms aws op=Query table=scores # inferred scores AWS::DynamoDB::Table
        attempt 1..2ms
      example.com 1..2ms remote # inferred example.com remote
      example.com 1.. remote
      local 1..2ms
        nested 1..2ms aws op=Get # inferred nested AWS::nested
    ");
}

#[test]
fn a_call_that_is_answered_has_no_inferred_callee() {
    assert_snapshot!(check("
        front 0..100ms
          > back 1..9ms late
          slow 1..9ms remote
            => slow 2..
    "), @"
    front 0..100ms
      > back 1..9ms
      slow 1..9ms remote
        => slow 2..
    ");
}

#[test]
fn a_call_without_a_segment_above_has_no_callee() {
    assert_snapshot!(check("call 0..5ms remote orphan subsegment"), @"call 0..5ms remote orphan subsegment");
}

#[test]
fn a_promised_callee_is_inferred_until_it_comes() {
    assert_snapshot!(inferred("front 0..100ms\n  back 1..2ms remote traced method=GET 503 fault"), @r#"{"id":"b3703ad894507022","name":"back","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305002E9,"parent_id":"0000000100000002","inferred":true,"fault":true,"http":{"request":{"method":"GET"},"response":{"status":503}}}"#);
}

#[test]
fn a_callee_in_aws_is_of_its_resources_type() {
    assert_snapshot!(inferred("
        front 0..100ms
          DynamoDB 1..2ms aws op=Query table=scores throttle error=false
          SNS 1..2ms aws op=Publish topic=arn:aws:sns:t
          Kinesis 1..2ms aws
    "), @r#"
    {"id":"62e19e7f2621e001","name":"Kinesis","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305002E9,"parent_id":"0000000100000004","inferred":true,"origin":"AWS::Kinesis"}
    {"id":"a2042dba6cbcaf9b","name":"SNS","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305002E9,"parent_id":"0000000100000003","inferred":true,"aws":{"operation":"Publish","topic_arn":"arn:aws:sns:t"},"origin":"AWS::SNS"}
    {"id":"b3703ad894507022","name":"DynamoDB","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305002E9,"parent_id":"0000000100000002","inferred":true,"error":false,"throttle":true,"aws":{"operation":"Query","table_name":"scores","resource_names":["scores"]},"origin":"AWS::DynamoDB::Table"}
    "#);
}

#[test]
fn a_message_waits_in_its_queue() {
    assert_snapshot!(inferred("
        front 0..100ms
          SQS 1..2ms aws op=SendMessageBatch queue=https://sqs/1/q
          SQS 3..4ms aws op=ReceiveMessage queue=https://sqs/1/q
    "), @r#"
    {"id":"b3703ad894507022","name":"SQS","start_time":1.790159305001E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305002E9,"parent_id":"0000000100000002","inferred":true,"aws":{"operation":"SendMessageBatch","queue_url":"https://sqs/1/q","resource_names":["https://sqs/1/q"]},"origin":"AWS::SQS::Queue","subsegments":[{"id":"55d7b0f433aea643","name":"QueueTime","start_time":1.790159305001E9,"end_time":1.790159305002E9}]}
    {"id":"a2042dba6cbcaf9b","name":"SQS","start_time":1.790159305003E9,"trace_id":"1-6ab3a9c9-000000000000000000000001","end_time":1.790159305004E9,"parent_id":"0000000100000003","inferred":true,"aws":{"operation":"ReceiveMessage","queue_url":"https://sqs/1/q","resource_names":["https://sqs/1/q"]},"origin":"AWS::SQS::Queue"}
    "#);
}

#[test]
fn an_inferred_id_stays_and_gives_way_to_a_real_one() {
    let text = "front 0..100ms\n  back 1..2ms remote";
    let fixture = Fixture::new(text);
    let id = fixture.trace().documents()[1].0;
    assert_eq!(fixture.trace().documents()[1].0, id);

    let thief = fixture.texts()[0].replace("0000000100000001", &id.to_string());
    let mut documents = fixture.received();
    documents.push(crate::Received { text: &thief, ..documents[0] });
    let trace = crate::assemble(fixture.id, &documents, false).expect("valid documents");
    assert_eq!(trace.documents().len(), 3);
    let inferred = trace.inferred.iter().map(|&at| trace.entities[at].segment.id);
    assert_eq!(inferred.filter(|inferred| *inferred == id).count(), 0);
}
