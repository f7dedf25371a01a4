//! Periods, what is counted in them, and what is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};
use trace::fixture::{BASE, Fixture, RECEIVED};
use wire::Micros;

use crate::testing::Stand;

/// The request for `minutes` minutes from the one before the first receipt on.
fn request(minutes: f64, members: Value) -> Value {
    let start = (RECEIVED.0 / 60_000_000 * 60) as f64;
    let mut request = json!({"StartTime": start, "EndTime": start + minutes * 60.0});
    let members = members.as_object().expect("members").clone();
    request.as_object_mut().expect("a request").extend(members);
    request
}

/// Renders each period: its end, counted from the minute of the first receipt, and its numbers.
fn render(answer: &Value) -> String {
    let periods = answer["TimeSeriesServiceStatistics"].as_array().expect("a list");
    let show = |period: &Value| {
        let end =
            period["Timestamp"].as_f64().expect("a time") as u64 - RECEIVED.0 / 60_000_000 * 60;
        let count = |name: &str| match &period[name] {
            Value::Null => "-".to_owned(),
            counted => format!(
                "{} ok {} error {} fault",
                counted["OkCount"],
                counted["ErrorStatistics"]["TotalCount"],
                counted["FaultStatistics"]["TotalCount"],
            ),
        };
        let (edge, service) = (count("EdgeSummaryStatistics"), count("ServiceSummaryStatistics"));
        let histogram = &period["ResponseTimeHistogram"];
        format!("+{end}: edge {edge}, service {service}, {histogram}\n")
    };
    periods.iter().map(show).collect()
}

/// Three traces, received in the first, the second and the seventh minute.
async fn stand() -> Stand {
    let stand = Stand::new();
    let text =
        "front 0..120ms\n  > back 10..40ms 500\n  DynamoDB 50..60ms aws op=Query table=carts";
    for (number, minute) in [(1, 0), (2, 1), (3, 6)] {
        let start = Micros(BASE.0 + minute * 60 * Micros::PER_SECOND);
        stand.put_fixture(&Fixture::numbered(number, start, text)).await;
    }
    stand
}

#[tokio::test]
async fn without_a_selector_the_calls_of_clients_are_counted() {
    let stand = stand().await;
    let path = "/TimeSeriesServiceStatistics";
    assert_snapshot!(render(&stand.ask(path, request(60.0, json!({}))).await), @r#"
    +420: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +120: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    "#);
    assert_snapshot!(render(&stand.ask(path, request(60.0, json!({"Period": 300}))).await), @r#"
    +660: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +360: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    "#);
    stand.store.seal(store::Seal::All).expect("sealed");
    assert_snapshot!(render(&stand.ask(path, request(60.0, json!({"Period": 300}))).await), @r#"
    +660: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +360: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    +60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]
    "#);
}

#[tokio::test]
async fn a_period_looks_as_it_does_at_aws() {
    let stand = Stand::new();
    stand.put_trace("front 0..3s 500").await;
    let body = request(5.0, json!({"EntitySelectorExpression": "service(\"front\")"})).to_string();
    assert_snapshot!(stand.post("/TimeSeriesServiceStatistics", &body).await, @r#"200 {"ContainsOldGroupVersions":false,"NextToken":null,"TimeSeriesServiceStatistics":[{"EdgeSummaryStatistics":null,"ResponseTimeHistogram":[{"Count":1,"Value":3.0}],"ServiceForecastStatistics":{"FaultCountHigh":null,"FaultCountLow":null},"ServiceSummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":1,"TotalCount":1},"OkCount":0,"TotalCount":1,"TotalResponseTime":3.0},"Timestamp":1.7901594E9}]}"#);
}

#[tokio::test]
async fn a_period_is_there_when_its_end_lies_in_the_window() {
    let stand = stand().await;
    // The first period that counts something ends after one minute.
    let answer = async |start: f64, end: f64| {
        let first = (RECEIVED.0 / 60_000_000 * 60) as f64;
        let body = json!({"StartTime": first + start, "EndTime": first + end});
        render(&stand.ask("/TimeSeriesServiceStatistics", body).await)
    };
    assert_eq!(answer(0.0, 60.0).await, "");
    assert_snapshot!(answer(0.0, 60.1).await, @r#"+60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]"#);
    assert_snapshot!(answer(60.0, 120.0).await, @r#"+60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]"#);
    assert_eq!(answer(60.1, 120.0).await, "");
    assert_eq!(answer(60.0, 60.0).await, "");
}

#[tokio::test]
async fn nodes_and_edges_are_selected() {
    let stand = stand().await;
    let answer = async |selector: &str| {
        let members = json!({"EntitySelectorExpression": selector, "Period": 300});
        render(&stand.ask("/TimeSeriesServiceStatistics", request(6.0, members)).await)
    };
    assert_snapshot!(answer(r#"service("front")"#).await, @r#"+60: edge -, service 1 ok 0 error 0 fault, [{"Count":1,"Value":0.12}]"#);
    assert_snapshot!(answer(r#"id(name: "back")"#).await, @r#"+60: edge -, service 0 ok 0 error 1 fault, [{"Count":1,"Value":0.03}]"#);
    assert_snapshot!(answer("service()").await, @r#"+60: edge -, service 2 ok 0 error 1 fault, [{"Count":1,"Value":0.01},{"Count":1,"Value":0.03},{"Count":1,"Value":0.12}]"#);
    assert_snapshot!(answer(r#"service(id(name: "carts", type: "AWS::DynamoDB::Table"))"#).await, @r#"+60: edge -, service 1 ok 0 error 0 fault, [{"Count":1,"Value":0.01}]"#);
    assert_eq!(answer(r#"service(id(name: "carts", type: "other"))"#).await, "");
    assert_snapshot!(answer(r#"edge("front", "back")"#).await, @r#"+60: edge 0 ok 0 error 1 fault, service -, [{"Count":1,"Value":0.03}]"#);
    assert_snapshot!(answer(r#"edge(id(type: "client"), "front")"#).await, @r#"+60: edge 1 ok 0 error 0 fault, service -, [{"Count":1,"Value":0.12}]"#);
    assert_snapshot!(answer("edge()").await, @r#"+60: edge 2 ok 0 error 1 fault, service -, [{"Count":1,"Value":0.01},{"Count":1,"Value":0.03},{"Count":1,"Value":0.12}]"#);
    assert_eq!(answer(r#"edge("back", "front")"#).await, "");
    assert_eq!(answer(r#"id(account.id: "000000000000")"#).await, answer("service()").await);
    assert_eq!(answer(r#"id(account.id: "111111111111")"#).await, "");
}

#[tokio::test]
async fn a_group_is_counted_alone_and_with_its_earlier_filters() {
    let stand = Stand::new();
    let group = async |operation: &str, filter: &str| {
        let body = json!({"GroupName": "g", "FilterExpression": filter});
        stand.ask(operation, body).await
    };
    group("/CreateGroup", "error").await;
    stand.put_trace("front 0..9ms 404").await;
    stand.clock.advance(1);
    group("/UpdateGroup", "fault").await;
    for (number, minute, text) in [(2, 1, "front 0..7ms 500"), (3, 2, "front 0..8ms")] {
        let start = Micros(BASE.0 + minute * 60 * Micros::PER_SECOND);
        stand.put_fixture(&Fixture::numbered(number, start, text)).await;
    }
    let answer = async |members: Value| {
        stand.ask("/TimeSeriesServiceStatistics", request(10.0, members)).await
    };
    let of_group = answer(json!({"GroupName": "g"})).await;
    assert_eq!(of_group["ContainsOldGroupVersions"], true);
    assert_snapshot!(render(&of_group), @r#"
    +120: edge 0 ok 0 error 1 fault, service -, [{"Count":1,"Value":0.007}]
    +60: edge 0 ok 1 error 0 fault, service -, [{"Count":1,"Value":0.009}]
    "#);
    let start = (RECEIVED.0 / 60_000_000 * 60 + 120) as f64;
    let of_group = answer(json!({"GroupName": "g", "StartTime": start})).await;
    assert_eq!(of_group["ContainsOldGroupVersions"], false);
    assert_snapshot!(render(&of_group), @r#"+120: edge 0 ok 0 error 1 fault, service -, [{"Count":1,"Value":0.007}]"#);
}

#[tokio::test]
async fn expected_faults_are_learned_from_the_hours_before() {
    let stand = Stand::new();
    let requests = |fault_count: usize| {
        format!(
            "{}{}",
            "a 0..1ms 500\n".repeat(fault_count),
            "a 0..1ms\n".repeat(100 - fault_count)
        )
    };
    for minute in 0..40 {
        let fault_count = if minute >= 37 { 30 } else { minute as usize % 3 };
        let start = Micros(BASE.0 + minute * 60 * Micros::PER_SECOND);
        stand.put_fixture(&Fixture::numbered(minute as u32, start, &requests(fault_count))).await;
    }
    let answer = async |selector: &str, period: u64| {
        let first = (RECEIVED.0 / 60_000_000 * 60) as f64;
        let window = json!({"StartTime": first + 33.0 * 60.0, "EndTime": first + 45.0 * 60.0});
        let mut body = json!({"EntitySelectorExpression": selector, "Period": period, "ForecastStatistics": true});
        body.as_object_mut()
            .expect("a request")
            .extend(window.as_object().expect("members").clone());
        let answer = stand.ask("/TimeSeriesServiceStatistics", body).await;
        let show = |one: &Value| {
            let band = &one["ServiceForecastStatistics"];
            let faults = &one["ServiceSummaryStatistics"]["FaultStatistics"]["TotalCount"];
            format!("{faults} in {}..={}\n", band["FaultCountLow"], band["FaultCountHigh"])
        };
        let periods = answer["TimeSeriesServiceStatistics"].as_array().expect("a list").iter();
        periods.map(show).collect::<String>()
    };
    assert_snapshot!(answer(r#"service(id(name: "a"))"#, 60).await, @"
    30 in 0..=7
    30 in 0..=7
    30 in 0..=7
    0 in 0..=7
    2 in 0..=7
    1 in 0..=7
    0 in 0..=7
    2 in 0..=7
    ");
    assert_snapshot!(answer(r#"id(name: "a")"#, 300).await, @"
    90 in 0..=15
    6 in 0..=17
    ");
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused() {
    let stand = Stand::new();
    let answer = async |members: Value| {
        stand.post("/TimeSeriesServiceStatistics", &request(1.0, members).to_string()).await
    };
    assert_snapshot!(answer(json!({"Period": 61})).await, @r#"400 InvalidRequestException {"Message":"Time period must be one of [60, 300]"}"#);
    assert_snapshot!(answer(json!({"EntitySelectorExpression": "fault"})).await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 1 : unexpected input: 'fault'"}"#);
    assert_snapshot!(answer(json!({"EntitySelectorExpression": "service() { fault }"})).await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 11 : unexpected input: '{'"}"#);
    let forecast = json!({"ForecastStatistics": true, "EntitySelectorExpression": "service()"});
    assert_snapshot!(answer(forecast).await, @r#"400 InvalidRequestException {"Message":"Forecast statistics require an entity selector expression with an id"}"#);
    assert_snapshot!(answer(json!({"ForecastStatistics": true})).await, @r#"400 InvalidRequestException {"Message":"Forecast statistics require an entity selector expression with an id"}"#);
    assert_snapshot!(answer(json!({"NextToken": "x"})).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
    assert_snapshot!(answer(json!({"GroupName": "x"})).await, @r#"400 InvalidRequestException {"Message":"Group not found."}"#);
    assert_snapshot!(answer(json!({"EndTime": 0})).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    assert_snapshot!(answer(json!({"StartTime": 0})).await, @r#"400 InvalidRequestException {"Message":"Time range cannot be longer than 6 hours"}"#);
    assert_snapshot!(answer(json!({"StartTime": null})).await, @r#"400 ValidationException {"message":"1 validation error detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null"}"#);
}
