//! `BatchGetTraces`: what comes back, and what is refused.

use insta::assert_snapshot;
use serde_json::json;
use trace::fixture::Fixture;

use crate::testing::Stand;

const UNKNOWN: &str = "1-581cf771-a006649127e371903a2de979";

#[tokio::test]
async fn traces_come_back_whole_and_unknown_ones_are_left_out() {
    let stand = Stand::new();
    stand.put_trace("front 0..120ms 200\n  > back 10..40ms").await;
    let id = Fixture::new("a 0..1ms").id.to_string();
    let body = json!({"TraceIds": [UNKNOWN, id]}).to_string();
    assert_snapshot!(stand.post("/Traces", &body).await, @r#"200 {"NextToken":null,"Traces":[{"Duration":0.12,"Id":"1-6ab3a9c9-000000000000000000000001","LimitExceeded":false,"Segments":[{"Document":"{\"id\":\"0000000100000001\",\"name\":\"front\",\"start_time\":1.790159305E9,\"trace_id\":\"1-6ab3a9c9-000000000000000000000001\",\"end_time\":1.79015930512E9,\"http\":{\"response\":{\"status\":200}},\"subsegments\":[{\"id\":\"0000000100000002\",\"name\":\"back\",\"start_time\":1.79015930501E9,\"end_time\":1.79015930504E9,\"namespace\":\"remote\"}]}","Id":"0000000100000001"},{"Document":"{\"id\":\"0000000100000003\",\"name\":\"back\",\"start_time\":1.79015930501E9,\"trace_id\":\"1-6ab3a9c9-000000000000000000000001\",\"end_time\":1.79015930504E9,\"parent_id\":\"0000000100000002\"}","Id":"0000000100000003"}]}],"UnprocessedTraceIds":[]}"#);
    assert_snapshot!(stand.post("/Traces", r#"{"TraceIds":[]}"#).await, @r#"200 {"NextToken":null,"Traces":[],"UnprocessedTraceIds":[]}"#);
}

#[tokio::test]
async fn an_unfinished_trace_has_no_duration() {
    let stand = Stand::new();
    stand.put_trace("front 0..").await;
    let id = Fixture::new("a 0..1ms").id.to_string();
    let answer = stand.ask("/Traces", json!({"TraceIds": [id]})).await;
    assert_eq!(answer["Traces"][0]["Duration"], json!(null));
}

#[tokio::test]
async fn each_bad_request_has_its_answer() {
    let stand = Stand::new();
    let answer = async |body: &str| stand.post("/Traces", body).await;
    let ids = |count| {
        let id = |n| format!("\"1-581cf771-{n:024x}\"");
        format!("{{\"TraceIds\":[{}]}}", (0..count).map(id).collect::<Vec<_>>().join(","))
    };
    assert_snapshot!(answer("{}").await, @r#"400 ValidationException {"message":"1 validation error detected: Value null at 'traceIds' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(answer(&ids(6)).await, @r#"400 InvalidRequestException {"Message":"Exceeding maximum query size: 5"}"#);
    assert!(answer(&ids(5)).await.starts_with("200 "));
    assert_snapshot!(answer(&format!(r#"{{"TraceIds":["{UNKNOWN}","{UNKNOWN}"]}}"#)).await, @r#"400 InvalidRequestException {"Message":"Containing duplicate trace ids"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":["1-2-3"]}"#).await, @r#"400 InvalidRequestException {"Message":"Invalid trace id 1-2-3: incorrect id format"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":["1-581cf771-a006649127e371903a2de9790"]}"#).await, @r#"400 ValidationException {"message":"1 validation error detected: Value '[1-581cf771-a006649127e371903a2de9790]' at 'traceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 35, Member must have length greater than or equal to 1]"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":[7]}"#).await, @r#"400 SerializationException {"Message":"NUMBER_VALUE can not be converted to a String"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":[],"NextToken":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
}
