//! The language by examples: each with traces that fit and traces that do not.

use trace::fixture::{BASE, Fixture};
use trace::summarize;

use super::*;

/// A trace as it is used by most examples.
const GAME: &str = r#"
    front 0..6s 500 method=GET url=http://api.example.com/v2/api/game/1 user=alice agent=ua/1 ip=192.0.2.1 origin=AWS::EC2::Instance instance=i-1 zone=us-east-1a arn=arn:1 @gameid=817DL6VO @age=30 @enabled=true @request.id=917D
      > back 1..3s 404 @request.id=918D origin=AWS::Lambda::Function user=bob
        DynamoDB 1..2s aws op=Query table=scores error
      local 4..5s @rank=5
      "db@host" 5..6s 503 remote fault
"#;

fn fits(text: &str, fixture: &str) -> bool {
    let predicate = Predicate::read(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let fixture = Fixture::new(fixture);
    let trace = fixture.trace();
    matches(&predicate, &trace, &summarize(&trace))
}

/// Checks that a trace fits each expression of the first list and none of the second.
#[track_caller]
fn check(fixture: &str, fitting: &[&str], others: &[&str]) {
    for (texts, expected) in [(fitting, true), (others, false)] {
        for text in texts {
            assert_eq!(fits(text, fixture), expected, "{text}");
        }
    }
}

#[test]
fn worked_examples_of_times_and_flags() {
    for (text, fitting, other) in [
        ("responsetime > 5", "a 0..6s", "a 0..5s"),
        ("responsetime > 5", "a 0..6s", "a 0.."),
        ("duration >= 5 AND duration <= 8", "a 0..5s", "a 0..8.1s"),
        ("duration > 5", "a 0..1s\n  b 0..6s", "a 0..6s\n  b 0.."),
        ("ok !partial duration <3", "a 0..2s", "a 0..2s 500"),
        ("ok !partial duration <3", "a 0..2s 200", "a 0..2s\nb 0..1s orphan"),
        ("http.status != 200", "a 0..1s 404", "a 0..1s"),
        ("http.status != 200", "a 0..1s 201", "a 0..1s 200"),
        ("ok = false", "a 0..1s error", "a 0..1s"),
        ("ok", "a 0..", "a 0..1s 429"),
        ("error", "a 0..1s 404", "a 0..1s 429 error"),
        ("throttle", "a 0..1s 429", "a 0..1s 404"),
        ("fault", "a 0..1s 500", "a 0..1s\n  b 0..1s 500 remote"),
        ("inferred", "a 0..1s\n  b 0..1s remote", "a 0..1s\n  > b 0..1s"),
        ("http.url AND responseTime > 2", "a 0..3s url=http://a", "a 0..3s"),
        ("user CONTAINS \"\"", "a 0..1s user=b", "a 0..1s"),
        ("user != \"a\"", "a 0..1s user=b", "a 0..1s user=a"),
        ("user != \"a\"", "a 0..1s user=a\n  => b 0..1s user=b", "a 0..1s"),
        ("!user", "a 0..1s", "a 0..1s user=a"),
        (
            "fault = true AND http.url CONTAINS \"example/game\" AND responsetime >= 5",
            "a 0..5s 500 url=http://example/game/1",
            "a 0..5s 500 url=http://example/",
        ),
    ] {
        check(fitting, &[text], &[]);
        check(other, &[], &[text]);
    }
}

#[test]
fn worked_examples_of_fields() {
    check(
        GAME,
        &[
            "http.url CONTAINS \"/api/game/\"",
            "http.method = \"GET\" http.useragent BEGINSWITH ua http.clientip ENDSWITH \".1\"",
            "instance.id = \"i-1\" AND availabilityzone = \"us-east-1a\" AND resource.arn",
            "annotation[gameid] = \"817DL6VO\"",
            "annotation.gameid = \"817DL6VO\"",
            "annotation[age] > 29",
            "annotation.enabled",
            "annotation.rank",
            "annotation.rank = 5",
            "annotation[\"request.id\"]",
            "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND \
         !service(\"api.example.com\")",
        ],
        &[
            "http.method = \"get\"",
            "annotation.rank = \"5\"",
            "annotation.rank != \"6\"",
            "!annotation[age]",
            "annotation.Age",
            "annotation.enabled = false",
            "duration = \"slow\"",
            "duration != \"slow\"",
        ],
    );
    check(
        "a 0..1s @enabled=false",
        &["annotation.enabled = false", "!annotation.enabled"],
        &["annotation.enabled"],
    );
}

#[test]
fn worked_examples_of_nodes() {
    check(
        GAME,
        &[
            "service(\"front\")",
            "service(\"scores\")",
            "service(\"back\") { error }",
            "service() { fault }",
            "service(\"front\") {root = true and fault = true}",
            "service(id(name: \"back\", type: \"AWS::Lambda::Function\")) { error }",
            "service(id(type: \"AWS::DynamoDB::Table\"))",
            "service(id(name: \"front\", type: \"client\"))",
            "service(id(account.id:\"111122223333\")) OR service(id(name:\"back\"))",
            "service(\"front\") { annotation[request.id] = \"917D\" }",
            "service(\"front\") { annotation.rank = 5 }",
            "service { inferred AND name = \"db@host\" AND type = remote }",
            "service(\"back\") { duration = 2 AND http.status = 404 AND user = \"bob\" }",
            "service(\"front\") { fault } AND service(\"back\") { !fault }",
        ],
        &[
            "service(\"api.example.com\")",
            "service(\"FRONT\")",
            "service(\"back\") { fault }",
            "service(\"back\") { root }",
            "service(id(name: \"back\", type: \"AWS::Lambda\"))",
            "service(\"back\") { annotation[request.id] = \"917D\" }",
            "service(id(account.id:\"111122223333\"))",
            "service(\"back\") { duration = 2 AND user = \"alice\" }",
        ],
    );
}

#[test]
fn one_segment_fits_the_whole_body() {
    let twice = "front 0..9s\n  => a 0..1s 500\n  => a 2..6s 200";
    check(
        twice,
        &["service(\"a\") { fault } service(\"a\") { duration > 3 }", "service(\"a\") { !fault }"],
        &["service(\"a\") { fault AND duration > 3 }"],
    );
}

#[test]
fn worked_examples_of_edges() {
    check(
        GAME,
        &[
            "edge(\"front\", \"back\") { error }",
            "edge(\"back\", \"scores\") { error AND duration = 1 }",
            "edge(id(name: \"front\", type: \"client\"), id(name: \"front\", type: \"AWS::EC2::Instance\"))",
            "edge { destination.annotation[request.id] = \"918D\" }",
            "edge { source.annotation[request.id] = \"917D\" AND fault }",
            "edge(\"front\", \"db@host\") { http.status = 503 }",
            "edge()",
        ],
        &[
            "edge(\"back\", \"front\")",
            "edge(\"front\", \"back\") { fault }",
            "edge(\"front\", \"scores\")",
            "edge { source.annotation[request.id] = \"918D\" AND fault }",
        ],
    );
    let canary = "www 0..1s origin=AWS::ElasticBeanstalk::Environment";
    check(
        canary,
        &[],
        &["edge(id(name: \"www\", type: \"client::Synthetics\"), \
         id(name: \"www\", type: \"AWS::ElasticBeanstalk::Environment\"))"],
    );
}

#[test]
fn an_edge_is_as_the_caller_saw_it() {
    check(
        "a 0..9s\n  b 0..8s 404 remote\n    => b 1..2s 500",
        &[
            "edge(\"a\", \"b\") { error AND duration = 8 }",
            "service(\"b\") { fault AND duration = 1 }",
        ],
        &["edge(\"a\", \"b\") { fault }"],
    );
    check("a 0..9s\n  => b 1..2s 500", &["edge(\"a\", \"b\") { fault AND duration = 1 }"], &[]);
}

#[test]
fn worked_examples_of_root_causes() {
    let denied = "Access Denied for account_id: 1234567890";
    let thrown = format!("a 0..1s 500 fault\n  get 0..1s fault throws=\"Denied:{denied}\"");
    let last = format!("rootcause.fault.exception {{ last and message = \"{denied}\" }}");
    check(
        &thrown,
        &[
            &last,
            "rootcause.fault.service { name = a AND first AND last AND index = 0 AND !inferred }",
            "rootcause.fault.entity { name = get AND index = 1 AND !remote AND last AND !first }",
            "rootcause.fault.exception { name = Denied }",
            "!rootcause.error.service { first OR !first }",
        ],
        &["rootcause.error.exception { name = Denied }"],
    );
    check(
        "a 0..1s\n  traces 0..0.8s remote",
        &[
            "rootcause.responsetime.entity { remote and coverage > 0.7 and name = traces }",
            "rootcause.responsetime.entity { remote and coverage > 0.7 and name = \"traces\" }",
        ],
        &["rootcause.responsetime.entity { coverage > 0.9 and name = \"traces\" }"],
    );
    check(
        "a 0..1s fault\n  DynamoDB 0..1s aws op=Query fault",
        &[
            "rootcause.fault.service { last and type = \"AWS::DynamoDB\" }",
            "rootcause.fault.service { inferred }",
        ],
        &["rootcause.fault.service { first and type = \"AWS::DynamoDB\" }"],
    );
}

#[test]
fn partial_root_causes_are_found() {
    let weather = "GetWeatherData 0..1s\n  local 0..0.9s\n    get_temperature 0..0.8s";
    check(
        weather,
        &[
            r#"rootcause.json = #[{"Services":[{"Name":"GetWeatherData","EntityPath":[{"Name":"GetWeatherData"},{"Name":"get_temperature"}]}]}]"#,
            r#"rootcause.json = #[{"ClientImpacting": true}]"#,
            r#"rootcause.json = #[]"#,
            r#"rootcause.json != #[{"Services":[{"Name":"other"}]}]"#,
        ],
        &[
            r#"rootcause.json = #[{"Services":[{"EntityPath":[{"Name":"get_temperature"},{"Name":"local"}]}]}]"#,
            r#"rootcause.json = #[{"ClientImpacting": true}, {"ClientImpacting": true}]"#,
            "rootcause.json = \"x\"",
        ],
    );
}

#[test]
fn groups_that_nobody_put_in_are_nothing() {
    check(
        GAME,
        &["!group.name = \"high_response_time\""],
        &["group.name = \"high_response_time\" AND user = \"alice\""],
    );
    let group = |_: &crate::predicate::GroupReference| Some("responsetime > 5".to_owned());
    let text = "group.name = \"high_response_time\" AND user = \"alice\"";
    let predicate = Predicate::read(text).unwrap().resolve(&group).unwrap();
    let fixture = Fixture::new(GAME);
    let trace = fixture.trace();
    assert!(matches(&predicate, &trace, &summarize(&trace)));
}

/// What satisfied the selectors, if the trace fits, of what ended between these seconds.
fn matched(text: &str, fixture: &str, window: Option<Range<u64>>) -> String {
    let fixture = Fixture::new(fixture);
    let trace = fixture.trace();
    let summary = summarize(&trace);
    let at = |secs: u64| Micros(BASE.0 + secs * Micros::PER_SECOND);
    let options = Options { window: window.map(|window| at(window.start)..at(window.end)) };
    let predicate = Predicate::read(text).unwrap();
    let Some(matched) = evaluate(&predicate, &trace, &summary, &options) else {
        return "does not fit".to_owned();
    };
    let of = |node: &NodeId<'_>| {
        format!("{} {}", node.name, node.service_type.as_deref().unwrap_or("-"))
    };
    let mut parts: Vec<String> = matched.services.iter().map(of).collect();
    parts.extend(matched.edges.iter().map(|(from, to)| format!("{} → {}", of(from), of(to))));
    parts.join(", ")
}

#[test]
fn what_satisfied_the_selectors_is_told() {
    for (text, window, expected) in [
        ("ok", None, ""),
        ("service(\"a\")", None, "a -, a client"),
        ("service() { fault } edge(\"a\", \"b\")", None, "b -, a - → b -"),
        ("service(\"b\") OR service(\"none\")", None, "b -"),
        ("!service(\"none\")", None, ""),
        ("service(\"b\") AND fault", None, "does not fit"),
        ("edge()", None, "a - → b -, a client → a -"),
        ("service()", Some(0..3), "b -"),
        ("service()", Some(2..3), "b -"),
        ("service()", Some(0..2), "does not fit"),
        ("edge()", Some(9..10), "a client → a -"),
    ] {
        assert_eq!(matched(text, "a 0..9s\n  > b 1..2s 500", window), expected, "{text}");
    }
    assert_eq!(matched("service()", "a 0..", Some(0..100)), "does not fit");
}
