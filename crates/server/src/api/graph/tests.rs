//! Graphs of windows and of single traces, and what is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};
use trace::fixture::{BASE, Fixture, RECEIVED};
use wire::Micros;

use crate::testing::Stand;

/// Renders a graph for reading: nodes, each with its edges.
fn render(answer: &Value) -> String {
    let services = answer["Services"].as_array().expect("a list");
    let name = |index: usize| {
        let service = &services[index];
        format!("{} {}", text(&service["Name"]), text(&service["Type"]))
    };
    let mut text = String::new();
    for (index, service) in services.iter().enumerate() {
        assert_eq!(service["ReferenceId"], index);
        text += &format!("{}: {}\n", name(index), count(&service["SummaryStatistics"]));
        for edge in service["Edges"].as_array().expect("a list") {
            let target = edge["ReferenceId"].as_u64().expect("a number") as usize;
            let kind = edge["EdgeType"].as_str().unwrap_or("->");
            text += &format!("  {kind} {}: {}\n", name(target), count(&edge["SummaryStatistics"]));
        }
    }
    text
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn count(statistics: &Value) -> String {
    format!(
        "{} ok {} error {} fault",
        statistics["OkCount"],
        statistics["ErrorStatistics"]["TotalCount"],
        statistics["FaultStatistics"]["TotalCount"],
    )
}

/// The window of times of receipt from `start` to `end` seconds after the first possible one.
fn received(start: f64, end: f64) -> Value {
    let base = RECEIVED.seconds();
    json!({"StartTime": base + start, "EndTime": base + end})
}

#[tokio::test]
async fn one_service_looks_as_it_does_at_aws() {
    let stand = Stand::new();
    stand.put_trace("front 0..3s").await;
    let body = received(0.0, 60.0).to_string();
    assert_snapshot!(stand.post("/ServiceGraph", &body).await, @r#"200 {"ContainsOldGroupVersions":false,"EndTime":1.790159305E9,"NextToken":null,"Services":[{"AccountId":null,"DurationHistogram":[{"Count":1,"Value":3.0}],"Edges":[],"EndTime":1.790159306E9,"HostedIn":{},"KeyAttributes":{},"Name":"front","Names":["front"],"ReferenceId":0,"Region":null,"ResponseTimeHistogram":[{"Count":1,"Value":3.0}],"Root":true,"StartTime":1.790159305E9,"State":"active","SummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"OkCount":1,"TotalCount":1,"TotalResponseTime":3.0},"Type":null},{"AccountId":null,"DurationHistogram":null,"Edges":[{"Aliases":[],"EndTime":1.790159306E9,"ReferenceId":0,"ResponseTimeHistogram":[{"Count":1,"Value":3.0}],"StartTime":1.790159305E9,"SummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"OkCount":1,"TotalCount":1,"TotalResponseTime":3.0}}],"EndTime":1.790159306E9,"HostedIn":{},"KeyAttributes":{},"Name":"front","Names":["front"],"ReferenceId":1,"Region":null,"ResponseTimeHistogram":null,"Root":null,"StartTime":1.790159305E9,"State":"unknown","SummaryStatistics":null,"Type":"client"}],"StartTime":1.790159305E9}"#);
    let body = json!({"TraceIds": [Fixture::new("a 0..1s").id.to_string()]}).to_string();
    assert_snapshot!(stand.post("/TraceGraph", &body).await, @r#"200 {"NextToken":null,"Services":[{"AccountId":null,"DurationHistogram":[{"Count":1,"Value":3.0}],"Edges":[],"EndTime":null,"HostedIn":null,"KeyAttributes":null,"Name":"front","Names":["front"],"ReferenceId":0,"Region":null,"ResponseTimeHistogram":[{"Count":1,"Value":3.0}],"Root":true,"StartTime":null,"State":"active","SummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"OkCount":1,"TotalCount":1,"TotalResponseTime":3.0},"Type":null},{"AccountId":null,"DurationHistogram":null,"Edges":[{"Aliases":[],"EndTime":null,"ReferenceId":0,"ResponseTimeHistogram":[{"Count":1,"Value":3.0}],"StartTime":null,"SummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"OkCount":1,"TotalCount":1,"TotalResponseTime":3.0}}],"EndTime":null,"HostedIn":null,"KeyAttributes":null,"Name":"front","Names":["front"],"ReferenceId":1,"Region":null,"ResponseTimeHistogram":null,"Root":null,"StartTime":null,"State":"unknown","SummaryStatistics":null,"Type":"client"}]}"#);
}

#[tokio::test]
async fn a_window_selects_by_receipt_and_not_by_the_documents_times() {
    let stand = Stand::new();
    stand.put_trace("front 0..120ms 404\n  > back 10..40ms 500").await;
    let later = Micros(BASE.0 + 100 * Micros::PER_SECOND);
    stand.put_fixture(&Fixture::numbered(2, later, "front 0..9ms\n  late 1..2ms late")).await;
    let graph = async |window: Value| render(&stand.ask("/ServiceGraph", window).await);
    assert_eq!(
        graph(json!({"StartTime": BASE.seconds(), "EndTime": BASE.seconds() + 1.0})).await,
        ""
    );
    assert_snapshot!(graph(received(0.0, 50.0)).await, @"
    back -: 0 ok 0 error 1 fault
    front -: 0 ok 1 error 0 fault
      -> back -: 0 ok 0 error 1 fault
    front client: null ok null error null fault
      -> front -: 0 ok 1 error 0 fault
    ");
    assert_snapshot!(graph(received(50.0, 200.0)).await, @"
    front -: 1 ok 0 error 0 fault
    front client: null ok null error null fault
      -> front -: 1 ok 0 error 0 fault
    ");
    assert_snapshot!(graph(received(0.0, 200.0)).await, @"
    back -: 0 ok 0 error 1 fault
    front -: 1 ok 1 error 0 fault
      -> back -: 0 ok 0 error 1 fault
    front client: null ok null error null fault
      -> front -: 1 ok 1 error 0 fault
    ");
}

#[tokio::test]
async fn the_answer_tells_when_its_traces_began() {
    let stand = Stand::new();
    stand.put_trace("front 0..9ms").await;
    let later = Micros(BASE.0 + 100_700_000);
    stand.put_fixture(&Fixture::numbered(2, later, "front 0..9ms")).await;
    let answer = stand.ask("/ServiceGraph", received(0.0, 300.0)).await;
    assert_eq!(answer["StartTime"], BASE.seconds());
    assert_eq!(answer["EndTime"], BASE.seconds() + 100.0);
    assert_eq!(answer["Services"][0]["EndTime"], BASE.seconds() + 101.0);
    assert_snapshot!(stand.post("/ServiceGraph", &received(900.0, 901.0).to_string()).await, @r#"200 {"ContainsOldGroupVersions":false,"EndTime":null,"NextToken":null,"Services":[],"StartTime":null}"#);
}

#[tokio::test]
async fn a_message_joins_the_traces_it_was_sent_in_and_received_in() {
    let stand = Stand::new();
    stand.put_trace("shop 0..50ms\n  SQS 10..20ms aws op=SendMessage queue=https://sqs/1/q").await;
    let later = Micros(BASE.0 + 2 * Micros::PER_SECOND);
    stand.put_fixture(&Fixture::numbered(2, later, "worker 0..9ms links=1:2")).await;
    assert_snapshot!(render(&stand.ask("/ServiceGraph", received(0.0, 60.0)).await), @"
    https://sqs/1/q AWS::SQS::Queue: 1 ok 0 error 0 fault
      link worker -: 1 ok 0 error 0 fault
    shop -: 1 ok 0 error 0 fault
      -> https://sqs/1/q AWS::SQS::Queue: 1 ok 0 error 0 fault
    shop client: null ok null error null fault
      -> shop -: 1 ok 0 error 0 fault
    worker -: 1 ok 0 error 0 fault
    worker client: null ok null error null fault
      -> worker -: 1 ok 0 error 0 fault
    ");
    let id = Fixture::numbered(2, BASE, "a 0..1s").id.to_string();
    assert_snapshot!(render(&stand.ask("/TraceGraph", json!({"TraceIds": [id]})).await), @"
    https://sqs/1/q AWS::SQS::Queue: 0 ok 0 error 0 fault
      link worker -: 1 ok 0 error 0 fault
    worker -: 1 ok 0 error 0 fault
    worker client: null ok null error null fault
      -> worker -: 1 ok 0 error 0 fault
    ");
}

#[tokio::test]
async fn only_the_group_of_all_traces_is_known() {
    let stand = Stand::new();
    let answer = async |group: Value| {
        let mut request = received(0.0, 1.0);
        let members = group.as_object().expect("members").clone();
        request.as_object_mut().expect("a request").extend(members);
        stand.post("/ServiceGraph", &request.to_string()).await
    };
    let arn = "arn:aws:xray:us-east-1:000000000000:group/Default";
    assert!(answer(json!({"GroupName": "Default"})).await.starts_with("200 "));
    assert!(answer(json!({"GroupARN": arn})).await.starts_with("200 "));
    assert_snapshot!(answer(json!({"GroupName": "default"})).await, @r#"400 InvalidRequestException {"Message":"Group not found."}"#);
    assert_snapshot!(answer(json!({"GroupARN": "arn:x"})).await, @r#"400 InvalidRequestException {"Message":"Group not found."}"#);
    assert_snapshot!(answer(json!({"GroupName": "Default", "GroupARN": arn})).await, @r#"400 InvalidRequestException {"Message":"Request cannot contain both group name and group ARN"}"#);
    assert_snapshot!(answer(json!({"NextToken": "x"})).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
}

#[tokio::test]
async fn a_group_has_the_traces_that_its_filter_matched() {
    let stand = Stand::new();
    let group = json!({"GroupName": "g", "FilterExpression": "service(\"back\")"});
    let arn = stand.ask("/CreateGroup", group).await["Group"]["GroupARN"].clone();
    stand.put_trace("front 0..120ms\n  > back 10..40ms 500").await;
    let later = Micros(BASE.0 + 60 * Micros::PER_SECOND);
    stand.put_fixture(&Fixture::numbered(2, later, "front 0..9ms 404")).await;
    let answer = async |selector: Value| {
        let mut request = received(0.0, 600.0);
        let members = selector.as_object().expect("members").clone();
        request.as_object_mut().expect("a request").extend(members);
        stand.ask("/ServiceGraph", request).await
    };
    let first = answer(json!({"GroupName": "g"})).await;
    assert_eq!(first["ContainsOldGroupVersions"], false);
    assert_snapshot!(render(&first), @"
    back -: 0 ok 0 error 1 fault
    front -: 1 ok 0 error 0 fault
      -> back -: 0 ok 0 error 1 fault
    front client: null ok null error null fault
      -> front -: 1 ok 0 error 0 fault
    ");
    assert_eq!(answer(json!({"GroupARN": arn})).await, first);

    stand.clock.advance(1);
    let group = json!({"GroupName": "g", "FilterExpression": "error"});
    stand.ask("/UpdateGroup", group).await;
    assert_eq!(answer(json!({"GroupName": "g"})).await["ContainsOldGroupVersions"], true);
    stand.store.seal(store::Seal::All).expect("sealed");
    let later = Micros(BASE.0 + 120 * Micros::PER_SECOND);
    stand.put_fixture(&Fixture::numbered(3, later, "front 0..9ms 404")).await;
    let both = answer(json!({"GroupName": "g"})).await;
    assert_eq!(both["ContainsOldGroupVersions"], true);
    assert_snapshot!(render(&both), @"
    back -: 0 ok 0 error 1 fault
    front -: 1 ok 1 error 0 fault
      -> back -: 0 ok 0 error 1 fault
    front client: null ok null error null fault
      -> front -: 1 ok 1 error 0 fault
    ");
    let start = RECEIVED.seconds() + 120.0;
    let window = json!({"GroupName": "g", "StartTime": start, "EndTime": start + 60.0});
    let new = answer(window).await;
    assert_eq!(new["ContainsOldGroupVersions"], false);
    assert_snapshot!(render(&new), @"
    front -: 0 ok 1 error 0 fault
    front client: null ok null error null fault
      -> front -: 0 ok 1 error 0 fault
    ");
}

#[tokio::test]
async fn a_window_has_an_order_and_a_length() {
    let stand = Stand::new();
    let answer = async |start: f64, end: f64| {
        stand.post("/ServiceGraph", &json!({"StartTime": start, "EndTime": end}).to_string()).await
    };
    assert_snapshot!(answer(2.0, 1.0).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    assert_snapshot!(answer(1.0, 21_602.0).await, @r#"400 InvalidRequestException {"Message":"Time range cannot be longer than 6 hours"}"#);
    assert!(answer(1.0, 21_601.0).await.starts_with("200 "));
    assert!(answer(1.0, 1.0).await.starts_with("200 "));
    assert_snapshot!(stand.post("/ServiceGraph", "{}").await, @r#"400 ValidationException {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
}

#[tokio::test]
async fn a_trace_graph_needs_exactly_one_known_id() {
    let stand = Stand::new();
    let answer = async |body: &str| stand.post("/TraceGraph", body).await;
    let id = "1-581cf771-a006649127e371903a2de979";
    assert_snapshot!(answer("{}").await, @r#"400 ValidationException {"message":"1 validation error detected: Value null at 'traceIds' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":[]}"#).await, @r#"400 InvalidRequestException {"Message":"Zero trace ids provided"}"#);
    assert_snapshot!(answer(&format!(r#"{{"TraceIds":["{id}","{id}"]}}"#)).await, @r#"400 InvalidRequestException {"Message":"Currently only one trace Id is supported"}"#);
    assert_snapshot!(answer(r#"{"TraceIds":["x"]}"#).await, @r#"400 InvalidRequestException {"Message":"Invalid traceId. ErrorCode: InvalidId"}"#);
    assert_snapshot!(answer(&format!(r#"{{"TraceIds":["{id}"]}}"#)).await, @r#"400 InvalidRequestException {"Message":"Trace id not found"}"#);
    assert_snapshot!(answer(&format!(r#"{{"TraceIds":["{id}"],"NextToken":"x"}}"#)).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
}

#[tokio::test]
async fn a_trace_that_is_not_complete_has_an_empty_graph() {
    let stand = Stand::new();
    stand.put_trace("front 0..").await;
    let body = json!({"TraceIds": [Fixture::new("a 0..1s").id.to_string()]});
    assert_eq!(stand.ask("/TraceGraph", body).await["Services"], json!([]));
}
