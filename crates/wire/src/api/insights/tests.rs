//! Requests about insights, and how their answers are written.

use std::fmt::Debug;

use insta::assert_snapshot;

use super::*;
use crate::json::encode;

fn check<T: Debug>(parse: fn(&[u8]) -> Result<T, Error>, body: &str) -> String {
    match parse(body.as_bytes()) {
        Ok(request) => format!("{request:?}"),
        Err(error) => format!("{} {}", error.code.status(), error.body()),
    }
}

#[test]
fn lists_of_insights_are_asked_for_within_bounds() {
    let check = |body| check(GetInsightSummariesRequest::parse, body);
    assert_snapshot!(check("{}"), @r#"400 {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"States":["OPEN"],"MaxResults":0}"#), @r#"400 {"message":"2 validation errors detected: Value '[OPEN]' at 'states' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ACTIVE, CLOSED]]; Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"States":["ACTIVE","CLOSED"],"MaxResults":101,"NextToken":""}"#), @r#"400 {"message":"3 validation errors detected: Value '[2 members]' at 'states' failed to satisfy constraint: Member must have length less than or equal to 1; Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100; Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"States":[],"GroupName":"g","MaxResults":100,"NextToken":"t"}"#), @r#"GetInsightSummariesRequest { state: None, group_arn: None, group_name: Some("g"), start_time: Seconds(1.0), end_time: Seconds(2.0), max_results: Some(100), next_token: Some("t") }"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"States":["CLOSED"],"GroupARN":"a"}"#), @r#"GetInsightSummariesRequest { state: Some(Closed), group_arn: Some("a"), group_name: None, start_time: Seconds(1.0), end_time: Seconds(2.0), max_results: None, next_token: None }"#);
    assert_snapshot!(check(r#"{"States":"ACTIVE"}"#), @r#"400 {"Message":"STRING_VALUE can not be converted to a List"}"#);
}

#[test]
fn an_insight_is_named_by_a_uuid() {
    let check = |id: &str| check(GetInsightRequest::parse, &format!(r#"{{"InsightId":{id}}}"#));
    assert_snapshot!(check("null"), @r#"400 {"message":"1 validation error detected: Value null at 'insightId' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check("\"\""), @r#"400 {"message":"1 validation error detected: Value '' at 'insightId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"}"#);
    assert_snapshot!(check(r#""01234567-89ab-4cde-8f01-23456789ABCD""#), @r#"GetInsightRequest { insight_id: "01234567-89ab-4cde-8f01-23456789ABCD" }"#);
    for id in [
        "01234567-89ab-6cde-8f01-23456789abcd",
        "01234567-89ab-4cde-cf01-23456789abcd",
        "01234567-89ab-4cde-8f01-23456789abc",
        "0123456789ab4cde8f0123456789abcd",
        "0123456g-89ab-4cde-8f01-23456789abcd",
    ] {
        assert!(check(&format!("\"{id}\"")).starts_with("400 "), "{id}");
    }
}

#[test]
fn events_and_graphs_are_asked_for_within_bounds() {
    let id = r#""InsightId":"01234567-89ab-4cde-8f01-23456789abcd""#;
    let events = |rest| check(GetInsightEventsRequest::parse, &format!("{{{id}{rest}}}"));
    assert_snapshot!(events(""), @r#"GetInsightEventsRequest { insight_id: "01234567-89ab-4cde-8f01-23456789abcd", max_results: None, next_token: None }"#);
    assert_snapshot!(events(r#","MaxResults":51"#), @r#"400 {"message":"1 validation error detected: Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50"}"#);
    let graph = |rest| check(GetInsightImpactGraphRequest::parse, &format!("{{{id}{rest}}}"));
    assert_snapshot!(graph(""), @r#"400 {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(graph(r#","StartTime":1.5,"EndTime":2"#), @r#"GetInsightImpactGraphRequest { insight_id: "01234567-89ab-4cde-8f01-23456789abcd", start_time: Seconds(1.5), end_time: Seconds(2.0), next_token: None }"#);
}

/// Asserts that keys stand in alphabetical order.
fn assert_alphabetical(text: &str) {
    let sorted: serde_json::Value = serde_json::from_str(text).expect("responses are JSON");
    assert_eq!(encode(&sorted), text);
}

#[test]
fn insights_are_written_with_their_nulls_and_in_order() {
    let service = |name, of| ServiceId { account_id: None, name, names: [name], service_type: of };
    let impact = RequestImpactStatistics { fault_count: 3, ok_count: 7, total_count: 10 };
    let top = || vec![AnomalousService { service_id: service("back", Some("remote")) }];
    let insight = Insight {
        categories: [InsightCategory::Fault],
        client_request_impact_statistics: impact,
        end_time: None,
        group_arn: "arn:aws:xray:us-east-1:000000000000:group/Default",
        group_name: "Default",
        insight_id: "01234567-89ab-4cde-8f01-23456789abcd".to_owned(),
        last_update_time: None,
        root_cause_service_id: service("back", Some("remote")),
        root_cause_service_request_impact_statistics: impact,
        start_time: Seconds(1.5e9),
        state: InsightState::Active,
        summary: "back fails".to_owned(),
        top_anomalous_services: top(),
    };
    let listed = Insight {
        end_time: Some(Seconds(1.5e9)),
        last_update_time: Some(Seconds(1.5e9)),
        state: InsightState::Closed,
        ..insight.clone()
    };
    assert_snapshot!(encode(&GetInsightResponse { insight }), @r#"{"Insight":{"Categories":["FAULT"],"ClientRequestImpactStatistics":{"FaultCount":3,"OkCount":7,"TotalCount":10},"EndTime":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightId":"01234567-89ab-4cde-8f01-23456789abcd","RootCauseServiceId":{"AccountId":null,"Name":"back","Names":["back"],"Type":"remote"},"RootCauseServiceRequestImpactStatistics":{"FaultCount":3,"OkCount":7,"TotalCount":10},"StartTime":1.5E9,"State":"ACTIVE","Summary":"back fails","TopAnomalousServices":[{"ServiceId":{"AccountId":null,"Name":"back","Names":["back"],"Type":"remote"}}]}}"#);
    let summaries =
        GetInsightSummariesResponse { insight_summaries: vec![listed], next_token: None };
    assert_alphabetical(&encode(&summaries));
    assert_snapshot!(encode(&GetInsightSummariesResponse::default()), @r#"{"InsightSummaries":[],"NextToken":null}"#);
    let event = InsightEvent {
        client_request_impact_statistics: impact,
        event_time: Seconds(1.5e9),
        root_cause_service_request_impact_statistics: impact,
        summary: "it began".to_owned(),
        top_anomalous_services: top(),
    };
    let events = GetInsightEventsResponse { insight_events: vec![event], next_token: None };
    assert_snapshot!(encode(&events), @r#"{"InsightEvents":[{"ClientRequestImpactStatistics":{"FaultCount":3,"OkCount":7,"TotalCount":10},"EventTime":1.5E9,"RootCauseServiceRequestImpactStatistics":{"FaultCount":3,"OkCount":7,"TotalCount":10},"Summary":"it began","TopAnomalousServices":[{"ServiceId":{"AccountId":null,"Name":"back","Names":["back"],"Type":"remote"}}]}],"NextToken":null}"#);
}

#[test]
fn an_impact_graph_is_structure_only() {
    let graph = GetInsightImpactGraphResponse {
        end_time: Seconds(3.0),
        insight_id: "01234567-89ab-4cde-8f01-23456789abcd".to_owned(),
        next_token: None,
        service_graph_end_time: Seconds(60.0),
        service_graph_start_time: Seconds(0.0),
        services: vec![InsightImpactGraphService {
            account_id: None,
            edges: vec![InsightImpactGraphEdge { reference_id: 0 }],
            name: "back",
            names: ["back"],
            reference_id: 0,
            service_type: None,
        }],
        start_time: Seconds(1.0),
    };
    let text = encode(&graph);
    assert_alphabetical(&text);
    assert_snapshot!(text, @r#"{"EndTime":3.0,"InsightId":"01234567-89ab-4cde-8f01-23456789abcd","NextToken":null,"ServiceGraphEndTime":60.0,"ServiceGraphStartTime":0.0,"Services":[{"AccountId":null,"Edges":[{"ReferenceId":0}],"Name":"back","Names":["back"],"ReferenceId":0,"Type":null}],"StartTime":1.0}"#);
}
