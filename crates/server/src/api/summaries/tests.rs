//! Windows, pages, samples, and what is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};
use store::Options;
use trace::fixture::{BASE, Fixture, RECEIVED};

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
    let stand = Stand::with(config, Options::default());
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

#[tokio::test]
async fn a_filter_never_matches_everything() {
    let stand = Stand::new();
    let answer = async |filter: &str| {
        let request = with(always(), json!({"FilterExpression": filter}));
        stand.post("/TraceSummaries", &request.to_string()).await
    };
    assert_snapshot!(answer("service(\"front\")").await, @r#"400 InvalidRequestException {"Message":"Filter expressions are not supported yet"}"#);
    assert!(answer("  ").await.starts_with("200 "));
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
