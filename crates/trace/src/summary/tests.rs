//! Every member of a summary.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::fixture::Fixture;
use crate::{NodeId, Summary, summarize};

fn check(text: &str) -> String {
    show(&summarize(&Fixture::new(text).trace()))
}

/// What is said, one member a line; what is not said is left out.
fn show(summary: &Summary<'_>) -> String {
    let mut text = format!("{} at {}", summary.id, summary.start.seconds());
    let seconds = |micros: Option<wire::Micros>| micros.map(|micros| micros.seconds());
    let _ = writeln!(text, ", revision {}", summary.revision);
    let _ = writeln!(text, "duration {:?}", seconds(summary.duration));
    let _ = writeln!(text, "response time {:?}", seconds(summary.response_time));
    let flags = [
        (summary.has_fault, "fault"),
        (summary.has_error, "error"),
        (summary.has_throttle, "throttle"),
        (summary.is_partial, "partial"),
    ];
    let flags: Vec<_> = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| *flag).collect();
    let mut list = |name: &str, items: &[String]| {
        if !items.is_empty() {
            let _ = writeln!(text, "{name}: {}", items.join(", "));
        }
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let node = |node: &NodeId<'_>| {
        format!("{} {}", node.name, node.service_type.as_deref().unwrap_or("-"))
    };
    list("flags", &texts(&flags));
    if summary.http != super::Http::default() {
        list("http", &[format!("{:?}", summary.http)]);
    }
    list("entry point", &summary.entry_point.iter().map(node).collect::<Vec<_>>());
    list("nodes", &summary.nodes.iter().map(node).collect::<Vec<_>>());
    list("users", &texts(&summary.users));
    list("instances", &texts(&summary.instance_ids));
    list("zones", &texts(&summary.availability_zones));
    list("resources", &texts(&summary.resource_arns));
    for (key, values) in &summary.annotations {
        list(
            &format!("@{key}"),
            &values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>(),
        );
    }
    text
}

#[test]
fn everything_is_said_of_a_rich_trace() {
    assert_snapshot!(check("
        front 0..1000ms 404 method=GET url=https://example.com/a agent=ua/1 ip=192.0.2.17 user=u1 \
instance=i-0 zone=us-west-2a arn=arn:1 @rank=10
          DynamoDB 10..20ms aws op=Query table=scores @rank=10.0 @rank=9 @owner=x
          > back 100..300ms user=u2 instance=i-1 zone=us-west-2a origin=AWS::ECS::Container @owner=true
          => third 400..500ms user=u1
    "), @r#"
    1-6ab3a9c9-000000000000000000000001 at 1790159305, revision 1
    duration Some(1.0)
    response time Some(1.0)
    flags: error
    http: Http { url: Some("https://example.com/a"), status: Some(404), method: Some("GET"), user_agent: Some("ua/1"), client_ip: Some("192.0.2.17") }
    entry point: front -
    nodes: back AWS::ECS::Container, front -, front client, scores AWS::DynamoDB::Table, third -
    users: u1, u2
    instances: i-0, i-1
    zones: us-west-2a
    resources: arn:1
    @owner: Text("x"), Flag(true)
    @rank: Number(Integer(9)), Number(Integer(10))
    "#);
}

#[test]
fn little_is_said_of_a_lone_subsegment() {
    assert_snapshot!(check("probe 5..9ms orphan subsegment @a=1"), @"
    1-6ab3a9c9-000000000000000000000001 at 1790159305.005, revision 1
    duration None
    response time None
    flags: partial
    @a: Number(Integer(1))
    ");
}

#[test]
fn an_unfinished_root_has_no_times_and_is_not_partial() {
    assert_snapshot!(check("front 0.."), @"
    1-6ab3a9c9-000000000000000000000001 at 1790159305, revision 1
    duration None
    response time None
    entry point: front -
    nodes: front -, front client
    ");
}

#[test]
fn the_response_time_is_the_roots_alone() {
    assert_snapshot!(check("
        front 0..100ms
          => worker 50..900ms
    "), @"
    1-6ab3a9c9-000000000000000000000001 at 1790159305, revision 1
    duration Some(0.9)
    response time Some(0.1)
    entry point: front -
    nodes: front -, front client, worker -
    ");
}

#[test]
fn flags_are_the_roots_alone_and_a_throttled_root_has_no_error() {
    for (text, flags) in [
        ("a 0..1ms", (false, false, false)),
        ("a 0..1ms\n  > b 0..1ms 500 fault error throttle", (false, false, false)),
        ("a 0..1ms\n  b 0..1ms 500 fault error throttle remote", (false, false, false)),
        ("a 0..1ms 429 error throttle", (false, false, true)),
        ("a 0..1ms 429", (false, false, true)),
        ("a 0..1ms 404", (false, true, false)),
        ("a 0..1ms 500", (true, false, false)),
        ("a 0..1ms fault error", (true, true, false)),
        ("a 0.. 500", (true, false, false)),
    ] {
        let fixture = Fixture::new(text);
        let trace = fixture.trace();
        let summary = summarize(&trace);
        let found = (summary.has_fault, summary.has_error, summary.has_throttle);
        assert_eq!(found, flags, "{text}");
    }
}

#[test]
fn each_root_has_a_client() {
    assert_snapshot!(check("a 0..1ms\nb 0..1ms\nc 0..1ms orphan\na 2..3ms"), @"
    1-6ab3a9c9-000000000000000000000001 at 1790159305, revision 1
    duration Some(0.003)
    response time Some(0.001)
    flags: partial
    entry point: a -
    nodes: a -, a client, b -, b client, c -
    ");
}

#[test]
fn annotations_that_cannot_be_asked_for_are_left_out() {
    assert_snapshot!(check("a 0..1ms @ok.to_ask=1 @not-ok=1 @=1 @ä=1"), @"
    1-6ab3a9c9-000000000000000000000001 at 1790159305, revision 1
    duration Some(0.001)
    response time Some(0.001)
    entry point: a -
    nodes: a -, a client
    @ok.to_ask: Number(Integer(1))
    ");
}

#[test]
fn a_second_is_a_second() {
    let fixture = Fixture::numbered(1, wire::Micros::from_secs(1_790_159_315), "a 0.1..1.1s");
    let trace = fixture.trace();
    let summary = summarize(&trace);
    let printed = summary.duration.map(|duration| wire::json::encode(&duration.seconds()));
    assert_eq!(printed.as_deref(), Some("1.0"));
    assert_eq!(wire::json::encode(&summary.start.seconds()), "1.7901593151E9");
}

#[test]
fn numbers_are_sorted_by_their_value() {
    let fixture = Fixture::new(
        "
        a 0..1ms @n=10
          b 0..1ms @n=-2
          c 0..1ms @n=0
          d 0..1ms @n=-0.0
          e 0..1ms @n=-10
          f 0..1ms @n=2.5
    ",
    );
    let trace = fixture.trace();
    let number = |value: &&wire::value::Scalar<'_>| match value {
        wire::value::Scalar::Number(number) => number.as_f64(),
        other => panic!("{other:?} is no number"),
    };
    let summary = summarize(&trace);
    let numbers: Vec<f64> = summary.annotations[0].1.iter().map(number).collect();
    assert_eq!(numbers, [-10.0, -2.0, 0.0, 2.5, 10.0]);
}
