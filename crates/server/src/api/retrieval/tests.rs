//! Retrievals from start to end, over the API.

use insta::assert_snapshot;
use serde_json::{Value, json};
use trace::fixture::{BASE, Fixture, trace_id};
use wire::Micros;

use crate::testing::Stand;

/// Starts a retrieval of the traces with these numbers, from a window around the base.
async fn start(stand: &Stand, numbers: &[u32]) -> String {
    let ids: Vec<String> = numbers.iter().map(|number| trace_id(*number).to_string()).collect();
    let window = (BASE.seconds() - 60.0, BASE.seconds() + 60.0);
    let body = json!({"TraceIds": ids, "StartTime": window.0, "EndTime": window.1});
    let answer = stand.ask("/StartTraceRetrieval", body).await;
    answer["RetrievalToken"].as_str().expect("a token").to_owned()
}

async fn put(stand: &Stand, number: u32, text: &str) {
    stand.put_fixture(&Fixture::numbered(number, BASE, text)).await;
}

/// Renders every page of a list: the traces with their number of spans.
async fn pages(stand: &Stand, retrieval: &str) -> String {
    let mut text = String::new();
    let mut next = Value::Null;
    loop {
        let body = json!({"RetrievalToken": retrieval, "NextToken": next});
        let page = stand.ask("/ListRetrievedTraces", body).await;
        let traces = page["Traces"].as_array().expect("a list");
        let show = |one: &Value| {
            let id = one["Id"].as_str().expect("an id");
            format!(" {} of {}", one["Spans"].as_array().expect("a list").len(), &id[33..])
        };
        text += &format!("{}:", page["RetrievalStatus"].as_str().expect("a word"));
        text += &traces.iter().map(show).collect::<String>();
        text += "\n";
        next = page["NextToken"].clone();
        if next.is_null() {
            return text;
        }
    }
}

#[tokio::test]
async fn what_was_wanted_and_is_there_comes_page_by_page() {
    let stand = Stand::new();
    for number in 1..=7 {
        put(&stand, number, "front 0..120ms\n  > back 10..40ms").await;
    }
    put(&stand, 8, &"a 0..9ms\n".repeat(250)).await;
    let retrieval = start(&stand, &[8, 1, 2, 99, 3, 4, 5, 6, 7]).await;
    let expected = pages(&stand, &retrieval).await;
    assert_snapshot!(expected, @"
    COMPLETE: 100 of 08
    COMPLETE: 100 of 08
    COMPLETE: 50 of 08 2 of 01 2 of 02 2 of 03 2 of 04
    COMPLETE: 2 of 05 2 of 06 2 of 07
    ");
    stand.store.seal(store::Seal::All).expect("sealed");
    assert_eq!(pages(&stand, &retrieval).await, expected);
    assert_eq!(pages(&stand, &start(&stand, &[99]).await).await, "COMPLETE:\n");
}

#[tokio::test]
async fn a_span_is_a_segment_document() {
    let stand = Stand::new();
    put(&stand, 1, "front 0..120ms\n  back 10..40ms remote").await;
    let retrieval = start(&stand, &[1]).await;
    let body = json!({"RetrievalToken": retrieval, "TraceFormat": "XRAY"}).to_string();
    let listed = stand.post("/ListRetrievedTraces", &body).await;
    assert_snapshot!(listed, @r#"200 {"NextToken":null,"RetrievalStatus":"COMPLETE","TraceFormat":"XRAY","Traces":[{"Duration":0.12,"Id":"1-6ab3a9c9-000000000000000000000001","Spans":[{"Document":"{\"id\":\"0000000100000001\",\"name\":\"front\",\"start_time\":1.790159305E9,\"trace_id\":\"1-6ab3a9c9-000000000000000000000001\",\"end_time\":1.79015930512E9,\"subsegments\":[{\"id\":\"0000000100000002\",\"name\":\"back\",\"start_time\":1.79015930501E9,\"end_time\":1.79015930504E9,\"namespace\":\"remote\"}]}","Id":"0000000100000001"},{"Document":"{\"id\":\"b3703ad894507022\",\"name\":\"back\",\"start_time\":1.79015930501E9,\"trace_id\":\"1-6ab3a9c9-000000000000000000000001\",\"end_time\":1.79015930504E9,\"parent_id\":\"0000000100000002\",\"inferred\":true}","Id":"b3703ad894507022"}]}]}"#);
}

#[tokio::test]
async fn the_graph_is_of_all_traces_and_says_which_are_linked() {
    let stand = Stand::new();
    put(&stand, 1, "shop 0..50ms\n  SQS 10..20ms aws op=SendMessage queue=https://sqs/1/q").await;
    put(&stand, 2, "worker 60..90ms links=1:2").await;
    let graph = async |numbers: &[u32]| {
        let retrieval = start(&stand, numbers).await;
        let body = json!({"RetrievalToken": retrieval});
        let graph = stand.ask("/GetRetrievedTracesGraph", body).await;
        assert_eq!(graph["NextToken"], Value::Null);
        let services = graph["Services"].as_array().expect("a list").iter();
        let show = |one: &Value| format!("{}: {}\n", one["Service"]["Name"], one["Links"]);
        format!("{}\n{}", graph["RetrievalStatus"], services.map(show).collect::<String>())
    };
    assert_snapshot!(graph(&[1, 2]).await, @r#"
    "COMPLETE"
    "https://sqs/1/q": []
    "shop": [{"DestinationTraceIds":["1-6ab3a9c9-000000000000000000000002"],"ReferenceType":"child","SourceTraceId":"1-6ab3a9c9-000000000000000000000001"}]
    "shop": []
    "worker": [{"DestinationTraceIds":["1-6ab3a9c9-000000000000000000000002"],"ReferenceType":"parent","SourceTraceId":"1-6ab3a9c9-000000000000000000000001"}]
    "worker": []
    "#);
    assert_snapshot!(graph(&[2]).await, @r#"
    "COMPLETE"
    "https://sqs/1/q": []
    "worker": []
    "worker": []
    "#);
    assert_snapshot!(graph(&[1]).await, @r#"
    "COMPLETE"
    "https://sqs/1/q": []
    "shop": []
    "shop": []
    "#);
}

#[tokio::test]
async fn a_cancelled_retrieval_has_nothing_any_more() {
    let stand = Stand::new();
    put(&stand, 1, "front 0..1ms").await;
    let retrieval = start(&stand, &[1]).await;
    let body = json!({"RetrievalToken": retrieval}).to_string();
    assert_eq!(stand.post("/CancelTraceRetrieval", &body).await, "200 {}");
    assert_eq!(pages(&stand, &retrieval).await, "CANCELLED:\n");
    let graph = stand.post("/GetRetrievedTracesGraph", &body).await;
    assert_snapshot!(graph, @r#"200 {"NextToken":null,"RetrievalStatus":"CANCELLED","Services":[]}"#);
}

#[tokio::test]
async fn a_token_is_good_for_an_hour_and_for_its_own_retrieval() {
    let stand = Stand::new();
    for number in 1..=6 {
        put(&stand, number, "front 0..1ms").await;
    }
    let (one, two) = (start(&stand, &[1, 2, 3, 4, 5, 6]).await, start(&stand, &[1]).await);
    assert_eq!((one.len(), one == two), (64, false));
    let page = stand.ask("/ListRetrievedTraces", json!({"RetrievalToken": one})).await;
    let foreign = json!({"RetrievalToken": two, "NextToken": page["NextToken"]}).to_string();
    let invalid = format!("Invalid token {}", page["NextToken"].as_str().expect("a token"));
    assert!(stand.post("/ListRetrievedTraces", &foreign).await.contains(&invalid));
    let other = json!({"RetrievalToken": one, "NextToken": page["NextToken"]}).to_string();
    assert!(stand.post("/GetRetrievedTracesGraph", &other).await.contains(&invalid));

    stand.clock.advance(3600 * Micros::PER_SECOND);
    for path in ["/ListRetrievedTraces", "/GetRetrievedTracesGraph", "/CancelTraceRetrieval"] {
        let answer = stand.post(path, &json!({"RetrievalToken": one}).to_string()).await;
        assert!(answer.starts_with("404 ResourceNotFoundException "), "{answer}");
    }
    let answer = stand.post("/ListRetrievedTraces", r#"{"RetrievalToken":"x"}"#).await;
    assert_snapshot!(answer, @r#"404 ResourceNotFoundException {"Message":"Resource x not found","ResourceName":"x"}"#);
}

#[tokio::test]
async fn what_has_nothing_in_the_window_is_not_found() {
    let stand = Stand::new();
    put(&stand, 1, "front 1..3s").await;
    let found = async |from: f64, to: f64| {
        let ids = [trace_id(1).to_string()];
        let (from, to) = (BASE.seconds() + from, BASE.seconds() + to);
        let body = json!({"TraceIds": ids, "StartTime": from, "EndTime": to});
        let answer = stand.ask("/StartTraceRetrieval", body).await;
        let retrieval = answer["RetrievalToken"].as_str().expect("a token");
        pages(&stand, retrieval).await.contains('1')
    };
    assert!(found(0.0, 1.0).await && found(3.0, 4.0).await && found(2.0, 2.0).await);
    assert!(!found(0.0, 0.9).await && !found(3.1, 4.0).await);
}

#[tokio::test]
async fn what_cannot_be_retrieved_is_refused() {
    let stand = Stand::new();
    let answer = async |ids: Value, start: f64, end: f64| {
        let body = json!({"TraceIds": ids, "StartTime": start, "EndTime": end});
        stand.post("/StartTraceRetrieval", &body.to_string()).await
    };
    let id = trace_id(1).to_string();
    assert_snapshot!(answer(json!([]), 1.0, 2.0).await, @r#"400 InvalidRequestException {"Message":"Zero trace ids provided"}"#);
    assert_snapshot!(answer(json!(["x"]), 1.0, 2.0).await, @r#"400 InvalidRequestException {"Message":"Invalid trace id x: incorrect id format"}"#);
    assert_snapshot!(answer(json!([id, id]), 1.0, 2.0).await, @r#"400 InvalidRequestException {"Message":"Containing duplicate trace ids"}"#);
    assert_snapshot!(answer(json!([id]), 2.0, 1.0).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    let otel = r#"{"RetrievalToken":"x","TraceFormat":"OTEL"}"#;
    assert_snapshot!(stand.post("/ListRetrievedTraces", otel).await, @r#"400 InvalidRequestException {"Message":"Trace format OTEL is not supported yet"}"#);
}
