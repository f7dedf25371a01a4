//! Windows, pages, samples, and what is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};
use store::Options as StoreOptions;
use trace::fixture::{BASE, Fixture, RECEIVED};

use wire::limits::FILTER_BYTES_MAX;

use super::*;
use crate::Config;
use crate::testing::Stand;

#[test]
fn a_token_leads_back_to_its_place_and_belongs_to_its_axis() {
    let cursor = Cursor { time: Micros(1_790_000_000_000_001), id: TraceId([7; 16]) };
    for axis in [Axis::Start, Axis::Updated, Axis::End] {
        let token = write_token(cursor, axis);
        assert_eq!(read_token(&token, axis), Ok(cursor));
        let other = if axis == Axis::Start { Axis::End } else { Axis::Start };
        assert_eq!(read_token(&token, other), Err(token::invalid(&token)));
    }
}

#[test]
fn a_fixed_rate_keeps_its_share_of_random_ids() {
    let mut random = fastrand::Rng::with_seed(7);
    let ids: Vec<_> = (0..10_000).map(|_| TraceId(random.u128(..).to_be_bytes())).collect();
    let kept = |rate| ids.iter().filter(|id| is_sampled(**id, rate)).count();
    assert_eq!([kept(0.0), kept(1.0)], [0, 10_000]);
    assert!((2_400..2_600).contains(&kept(0.25)), "{}", kept(0.25));
    assert!(is_sampled(TraceId([255; 16]), 1.0));
}

/// The seconds of a time, as requests have them.
fn secs(time: Micros) -> f64 {
    time.seconds()
}

/// A window around everything.
fn always() -> Value {
    json!({"StartTime": 0, "EndTime": 4e9})
}

fn with(mut request: Value, members: Value) -> Value {
    let members = members.as_object().expect("members").clone();
    request.as_object_mut().expect("a request").extend(members);
    request
}

/// Lists the numbers of the traces on a page, in the order of the page.
fn numbers(page: &Value) -> Vec<u64> {
    let id = |summary: &Value| {
        let id = summary["Id"].as_str().expect("a text");
        u64::from_str_radix(&id[id.len() - 8..], 16).expect("fixtures have short numbers")
    };
    page["TraceSummaries"].as_array().expect("a list").iter().map(id).collect()
}

#[tokio::test]
async fn a_trace_is_summarised_as_aws_does() {
    let stand = Stand::new();
    stand
        .put_trace(
            "
            front  0..1000ms  404 user=u1 @rank=10 zone=us-west-2a instance=i-0123456789abcdef0 url=https://example.com/a method=GET agent=ua/1 ip=192.0.2.17
              > back   100..850ms  500 throws=OwnedFailure:boom
            ",
        )
        .await;
    assert_snapshot!(stand.post("/TraceSummaries", &always().to_string()).await, @r#"200 {"ApproximateTime":0.0,"NextToken":null,"TraceSummaries":[{"Annotations":{"rank":[{"AnnotationValue":{"BooleanValue":null,"NumberValue":10.0,"StringValue":null},"ServiceIds":null}]},"AvailabilityZones":[{"Name":"us-west-2a"}],"Duration":1.0,"EntryPoint":{"AccountId":null,"Name":"front","Names":["front"],"Type":null},"ErrorRootCauses":[],"FaultRootCauses":[],"HasError":true,"HasFault":false,"HasThrottle":false,"Http":{"ClientIp":"192.0.2.17","HttpMethod":"GET","HttpStatus":404,"HttpURL":"https://example.com/a","UserAgent":"ua/1"},"Id":"1-6ab3a9c9-000000000000000000000001","InstanceIds":[{"Id":"i-0123456789abcdef0"}],"IsPartial":false,"MatchedEdge":null,"MatchedEventTime":null,"MatchedService":null,"ResourceARNs":[],"ResponseTime":1.0,"ResponseTimeRootCauses":[{"ClientImpacting":true,"Services":[{"AccountId":null,"EntityPath":[{"Coverage":1.0,"Name":"front","Remote":false},{"Coverage":0.75,"Name":"back","Remote":true}],"Inferred":false,"Name":"front","Names":["front"],"Type":null},{"AccountId":null,"EntityPath":[{"Coverage":0.75,"Name":"back","Remote":false}],"Inferred":false,"Name":"back","Names":["back"],"Type":null}]}],"Revision":1,"ServiceIds":[{"AccountId":null,"Name":"back","Names":["back"],"Type":null},{"AccountId":null,"Name":"front","Names":["front"],"Type":null},{"AccountId":null,"Name":"front","Names":["front"],"Type":"client"}],"StartTime":1.790159305E9,"Users":[{"ServiceIds":null,"UserName":"u1"}]}],"TracesProcessedCount":1}"#);
}

#[tokio::test]
async fn nothing_in_the_window_is_an_empty_page() {
    let stand = Stand::new();
    stand.put_trace("front 0..9ms").await;
    let body = json!({"StartTime": 10.7, "EndTime": 11}).to_string();
    assert_snapshot!(stand.post("/TraceSummaries", &body).await, @r#"200 {"ApproximateTime":10.0,"NextToken":null,"TraceSummaries":[],"TracesProcessedCount":0}"#);
}

#[tokio::test]
async fn each_time_range_type_looks_at_its_own_time() {
    let stand = Stand::new();
    stand.put_trace("front 0..9s\n  late 1..2s late").await;
    let (started, ended) = (secs(BASE), secs(BASE) + 9.0);
    // Requests are numbered from one; the late one is the second.
    let updated = secs(RECEIVED) + stand_requests(&stand);
    for (kind, time, back) in
        [("TraceId", started, 0.0), ("Event", updated, 0.0), ("Service", ended, 60.0)]
    {
        let window = |start: f64, end: f64| json!({"StartTime": start, "EndTime": end, "TimeRangeType": kind});
        for (request, found) in [
            (window(time, time), 1),
            (window(time - 0.001, time + 0.001), 1),
            (window(time + back + 0.001, time + back + 5.0), 0),
            (window(time - 0.002, time - 0.001), 0),
        ] {
            let page = stand.ask("/TraceSummaries", request.clone()).await;
            assert_eq!(page["TraceSummaries"].as_array().map(Vec::len), Some(found), "{request}");
            assert_eq!(page["TracesProcessedCount"], found, "{request}");
            let start = request["StartTime"].as_f64().expect("a number");
            assert_eq!(page["ApproximateTime"], (start - back).floor(), "{request}");
        }
        let page = stand.ask("/TraceSummaries", window(time, time)).await;
        let matched = if kind == "TraceId" { Value::Null } else { json!(updated.floor()) };
        assert_eq!(page["TraceSummaries"][0]["MatchedEventTime"], matched, "{kind}");
    }
}

/// The seconds from the first possible receipt to the last one, where the clock stands.
fn stand_requests(stand: &Stand) -> f64 {
    use wire::Clock;
    secs(stand.clock.now().since(RECEIVED))
}

#[tokio::test]
async fn a_service_window_reaches_back_a_minute() {
    let stand = Stand::new();
    stand.put_trace("front 0..9s").await;
    let start = secs(BASE) + 9.0 + 59.9;
    let request = json!({"StartTime": start, "EndTime": start, "TimeRangeType": "Service"});
    assert_eq!(numbers(&stand.ask("/TraceSummaries", request).await), [1]);
}

#[tokio::test]
async fn pages_show_every_trace_once_from_the_newest_to_the_oldest() {
    let config = Config { page_summaries_max: 7, ..Config::default() };
    let stand = Stand::with(config, StoreOptions::default());
    for number in 1..=45 {
        // Three at a time begin at the same moment.
        let base = Micros(BASE.0 + u64::from(number / 3) * 1_500_000);
        stand.put_fixture(&Fixture::numbered(number, base, "front 0..9ms")).await;
    }
    for kind in ["TraceId", "Event", "Service"] {
        let request = with(always(), json!({"TimeRangeType": kind}));
        let mut seen = Vec::new();
        let mut reached = Vec::new();
        let mut page = stand.ask("/TraceSummaries", request.clone()).await;
        loop {
            assert_eq!(page["TracesProcessedCount"], 45);
            seen.extend(numbers(&page));
            reached.push(page["ApproximateTime"].as_f64().expect("a number"));
            let Some(token) = page["NextToken"].as_str() else { break };
            let next = with(request.clone(), json!({"NextToken": token}));
            page = stand.ask("/TraceSummaries", next).await;
        }
        let start = |number: &u64| number / 3;
        assert!(seen.is_sorted_by(|newer, older| start(newer) >= start(older)), "{kind}: {seen:?}");
        seen.sort_unstable();
        assert_eq!(seen, (1..=45).collect::<Vec<_>>(), "{kind}");
        assert_eq!((reached.len(), reached[0]), (7, 0.0));
        assert!(reached[1..].is_sorted_by(|newer, older| newer >= older), "{kind}: {reached:?}");
        assert!(reached[1..].iter().all(|time| *time >= BASE.seconds()), "{kind}: {reached:?}");
    }
}

fn filtered(filter: &str) -> Value {
    with(always(), json!({"FilterExpression": filter}))
}

#[tokio::test]
async fn a_filter_leaves_out_what_does_not_fit() {
    let stand = Stand::new();
    for (number, text) in [
        (1, "front 0..100ms @k=1\n  > back 10..90ms 500"),
        (2, "front 0..9s 404 user=ann\n  > back 10..50ms"),
        (3, "other 0..9ms"),
    ] {
        stand.put_fixture(&Fixture::numbered(number, BASE, text)).await;
    }
    for (filter, expected) in [
        ("", vec![3, 2, 1]),
        ("  ", vec![3, 2, 1]),
        ("service(\"front\")", vec![2, 1]),
        ("service(\"back\") { fault }", vec![1]),
        ("service(\"back\") { duration < 0.05 }", vec![2]),
        ("responsetime > 5 AND user = \"ann\"", vec![2]),
        ("annotation.k = 1 OR ok", vec![3, 1]),
        ("group.name = \"Default\" error", vec![2]),
        ("group.name = \"unknown\"", vec![]),
    ] {
        let page = stand.ask("/TraceSummaries", filtered(filter)).await;
        assert_eq!(numbers(&page), expected, "{filter}");
        assert_eq!(page["TracesProcessedCount"], 3);
        assert_eq!(page["NextToken"], Value::Null);
    }
}

#[tokio::test]
async fn the_first_problem_of_an_expression_is_told_as_aws_does() {
    let stand = Stand::new();
    let answer =
        async |filter: &str| stand.post("/TraceSummaries", &filtered(filter).to_string()).await;
    let known = r#"annotation.owner = "stackd-xq-89ae23bb13" AND "#;
    assert_snapshot!(answer(&format!("{known}(madeup = 7)")).await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 48 : Invalid input symbol: 'ma'"}"#);
    assert_snapshot!(answer(&format!("{known}((fault)")).await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 55 : missing ')' at end of expression"}"#);
    assert!(answer("duration = \"slow\"").await.starts_with("200 "));
    let long = format!("user = \"{}\"", "a".repeat(FILTER_BYTES_MAX));
    assert_snapshot!(answer(&long).await, @r#"400 InvalidRequestException {"Message":"Filter Expression is too long"}"#);
}

#[tokio::test]
async fn a_filter_may_be_that_of_a_group() {
    let stand = Stand::new();
    stand.put_fixture(&Fixture::numbered(1, BASE, "front 0..9ms 500")).await;
    stand.put_fixture(&Fixture::numbered(2, BASE, "front 0..9ms")).await;
    for (name, filter) in [("failed", "fault"), ("nested", "group.name = \"failed\"")] {
        let group = json!({"GroupName": name, "FilterExpression": filter});
        stand.ask("/CreateGroup", group).await;
    }
    let page = stand.ask("/TraceSummaries", filtered("group.name = \"nested\"")).await;
    assert_eq!(numbers(&page), [1]);
    let many = filtered(&["group.name = \"failed\""; 65].join(" OR ")).to_string();
    assert_snapshot!(stand.post("/TraceSummaries", &many).await, @r#"400 InvalidRequestException {"Message":"Filter expression refers to too many groups"}"#);
}

#[tokio::test]
async fn selectors_of_a_service_window_are_about_what_ended_in_it() {
    let stand = Stand::new();
    stand.put_trace("front 0..100s\n  > early 1..2s\n  > later 90..99s").await;
    let end = secs(BASE) + 90.0;
    let found = async |kind: &str, name: &str| {
        let window = json!({"StartTime": end, "EndTime": end + 20.0, "TimeRangeType": kind});
        let filter = json!({"FilterExpression": format!("service(\"{name}\")")});
        let window = if kind == "TraceId" { with(always(), json!({})) } else { window };
        numbers(&stand.ask("/TraceSummaries", with(window, filter)).await)
    };
    assert_eq!(found("TraceId", "early").await, [1]);
    assert_eq!(found("Service", "later").await, [1]);
    assert!(found("Service", "early").await.is_empty());
}

#[tokio::test]
async fn pages_of_a_filter_show_every_trace_once_and_end_where_enough_was_looked_at() {
    let config = Config { page_summaries_max: 7, ..Config::default() };
    let stand = Stand::with(config, StoreOptions::default());
    for number in 1..=45 {
        let base = Micros(BASE.0 + u64::from(number / 3) * 1_500_000);
        let end = if number % 2 == 0 { 9 } else { 5 };
        let text = format!("front 0..10ms\n  > back 1..{end}ms");
        stand.put_fixture(&Fixture::numbered(number, base, &text)).await;
    }
    for (filter, count) in
        [("service(\"front\")", 45), ("service(\"back\") { duration > 0.005 }", 22)]
    {
        let mut seen = Vec::new();
        let mut request = filtered(filter);
        loop {
            let page = stand.ask("/TraceSummaries", request).await;
            assert_eq!(page["TracesProcessedCount"], 45);
            assert!(numbers(&page).len() <= 7);
            seen.extend(numbers(&page));
            let Some(token) = page["NextToken"].as_str() else { break };
            request = with(filtered(filter), json!({"NextToken": token}));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "{filter}");
    }
}

#[test]
fn a_page_says_where_it_begins_and_a_short_one_how_far_it_came() {
    let window = Micros(10)..=Micros(90);
    let at = |time: u64| Some(Cursor { time: Micros(time), id: TraceId([0; 16]) });
    let cost = store::ScanCost::default();
    for (after, next, traces_max, expected) in [
        (None, None, 7, 10),
        (at(50), None, 7, 50),
        (None, at(40), 7, 40),
        (at(50), at(40), 7, 40),
        (at(50), at(40), 0, 50),
    ] {
        let page = Page { after, traces_max };
        let found = Scanned { rows: Vec::new(), next, cost };
        assert_eq!(reached(&window, &page, &found), Micros(expected));
    }
}

#[tokio::test]
async fn a_window_longer_than_six_hours_is_allowed_and_one_that_ends_before_it_starts_is_not() {
    let stand = Stand::new();
    stand.put_trace("front 0..9ms").await;
    assert_eq!(numbers(&stand.ask("/TraceSummaries", always()).await), [1]);
    let answer = async |request: Value| stand.post("/TraceSummaries", &request.to_string()).await;
    assert_snapshot!(answer(json!({"StartTime": 11, "EndTime": 10.9})).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    assert!(answer(json!({"StartTime": 11, "EndTime": 11})).await.starts_with("200 "));
    assert!(answer(json!({"StartTime": -5, "EndTime": 1e300})).await.starts_with("200 "));
}

#[tokio::test]
async fn a_token_nobody_wrote_is_named() {
    let stand = Stand::new();
    let request = with(always(), json!({"NextToken": "AAAA"}));
    assert_snapshot!(stand.post("/TraceSummaries", &request.to_string()).await, @r#"400 InvalidRequestException {"Message":"Invalid token AAAA"}"#);
}

#[tokio::test]
async fn a_fixed_rate_needs_its_value_and_its_time_range_type() {
    let stand = Stand::new();
    stand.put_trace("front 0..9ms").await;
    let answer = async |kind: &str, sampling: bool, strategy: Value| {
        let members =
            json!({"TimeRangeType": kind, "Sampling": sampling, "SamplingStrategy": strategy});
        let answer = stand.post("/TraceSummaries", &with(always(), members).to_string()).await;
        if answer.starts_with("200 ") { "200".to_owned() } else { answer }
    };
    let fixed = |value: Value| json!({"Name": "FixedRate", "Value": value});
    assert_snapshot!(answer("Event", true, fixed(Value::Null)).await, @r#"400 InvalidRequestException {"Message":"sampling rate must be specified and its value must be between [0, 1]"}"#);
    assert_snapshot!(answer("Event", true, fixed(json!(1.01))).await, @r#"400 InvalidRequestException {"Message":"sampling rate must be specified and its value must be between [0, 1]"}"#);
    assert_snapshot!(answer("TraceId", true, fixed(json!(0.5))).await, @r#"400 InvalidRequestException {"Message":"Cannot use FixedRate with input time range type: TraceId. Please try using time range type: Event"}"#);
    assert_snapshot!(answer("Service", true, fixed(json!(0.5))).await, @r#"400 InvalidRequestException {"Message":"Cannot use FixedRate with input time range type: Service. Please try using time range type: Event"}"#);
    assert_eq!(answer("Event", true, fixed(json!(1))).await, "200");
    assert_eq!(answer("TraceId", false, fixed(json!(7))).await, "200");
    assert_eq!(answer("TraceId", true, json!({"Name": "PartialScan", "Value": 7})).await, "200");
    assert_eq!(answer("TraceId", true, Value::Null).await, "200");

    let members =
        json!({"TimeRangeType": "Event", "Sampling": true, "SamplingStrategy": fixed(json!(0))});
    let page = stand.ask("/TraceSummaries", with(always(), members)).await;
    assert_eq!((numbers(&page), &page["TracesProcessedCount"]), (vec![], &json!(1)));
}
