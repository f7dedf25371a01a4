//! Traces and expressions at random, from few values, so that expressions often hold.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What may be said of any piece of work.
const WORDS: [&str; 14] = [
    "200",
    "404",
    "429",
    "500",
    "fault",
    "error",
    "throttle",
    "fault=false",
    "@k=1",
    "@k=x",
    "@k=true",
    "@rank.x=7.5",
    "throws=Boom:declined",
    "url=https://shop.example/a/b",
];

/// What may be said of a segment.
const SEGMENT_WORDS: [&str; 9] = [
    "user=ann",
    "user=bob",
    "origin=AWS::Lambda",
    "zone=z1",
    "instance=i-1",
    "arn=arn:1",
    "method=GET",
    "late",
    "begun",
];

fn words(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(select(of), 0..3).prop_map(|mut words| {
        words.sort_unstable();
        words.dedup_by_key(|word| word.split(['=', ':']).next().map(str::len));
        words.join(" ")
    })
}

/// A line without its indentation.
fn line() -> impl Strategy<Value = String> {
    let name = select(&["a", "b", "c"][..]);
    let end = select(&["5ms", "40ms", "90ms", "1500ms", ""][..]);
    let words = words(&WORDS);
    (0..6_usize, name, end, words).prop_map(|(kind, name, end, words)| match kind {
        0 | 1 => format!("> {name} 1..{end} {words}"),
        2 => format!("{name} 2..{end} remote {words}"),
        3 => format!("DynamoDB 3..{end} aws op=Query table=t {words}"),
        4 => format!("{name} 4..{end} remote traced {words}"),
        _ => format!("{name} 5..{end} {words}"),
    })
}

/// A trace as `trace::fixture` reads it.
pub(super) fn trace_text() -> impl Strategy<Value = String> {
    let segment = (
        select(&["a", "b", "front"][..]),
        select(&["100ms", "2s", ""][..]),
        words(&WORDS),
        words(&SEGMENT_WORDS),
        select(&["", "", "orphan"][..]),
    );
    let segment = segment.prop_map(|(name, end, words, more, orphan)| {
        format!("{name} 0..{end} {words} {more} {orphan}")
    });
    let parts = vec((line(), 1_usize..4), 0..5);
    vec((segment, parts), 1..3).prop_map(|segments| {
        let mut text = String::new();
        for (segment, parts) in segments {
            text.push_str(&segment);
            text.push('\n');
            let mut depth = 0;
            for (line, wanted) in parts {
                depth = wanted.min(depth + 1);
                text.push_str(&"  ".repeat(depth));
                text.push_str(&line);
                text.push('\n');
            }
        }
        text
    })
}

const OF_TRACE: [&str; 32] = [
    "ok",
    "error",
    "throttle",
    "fault",
    "partial",
    "inferred",
    "fault = false",
    "ok != true",
    "fault = \"yes\"",
    "responsetime",
    "responsetime > 0.05",
    "duration <= 1.5",
    "duration != 2",
    "http.status",
    "http.status = 500",
    "http.status != 200",
    "http.url",
    "http.url CONTAINS \"/a\"",
    "http.method != \"PUT\"",
    "user = \"ann\"",
    "user != \"ann\"",
    "user",
    "availabilityzone",
    "instance.id = \"i-1\"",
    "resource.arn ENDSWITH \"1\"",
    "annotation.k",
    "annotation.k = 1",
    "annotation.k != \"y\"",
    "annotation.k = true",
    "annotation[rank.x] > 7",
    "!annotation.k",
    "group.name = \"unknown\"",
];

const OF_CAUSES: [&str; 6] = [
    "rootcause.fault.service { name = \"b\" and last }",
    "rootcause.error.service { first }",
    "rootcause.fault.exception { name = \"Boom\" }",
    "rootcause.responsetime.entity { remote and coverage > 0.7 }",
    "rootcause.responsetime.service { name = \"a\" }",
    "rootcause.json = #[{\"Services\":[{\"Name\":\"a\"}]}]",
];

const SELECTED: [&str; 16] = [
    "service",
    "service()",
    "service(\"a\")",
    "service(\"b\")",
    "service(\"t\")",
    "service(id(type: \"client\"))",
    "service(id(name: \"a\", type: \"AWS::Lambda\"))",
    "service(id(type: \"remote\"))",
    "service(id(account.id: \"1\"))",
    "edge",
    "edge(\"a\", \"b\")",
    "edge(\"a\", \"a\")",
    "edge(id(name: \"a\", type: \"client\"), \"a\")",
    "edge(\"front\", \"t\")",
    "edge(\"front\", \"b\")",
    "edge(id(name: \"b\", account.id: \"1\"), \"a\")",
];

/// In braces behind both selectors.
const OF_ONE: [&str; 24] = [
    "ok",
    "fault",
    "error",
    "throttle",
    "fault = false",
    "ok = false",
    "fault = \"yes\"",
    "partial",
    "responsetime > 0.03",
    "duration < 0.05",
    "http.status = 500",
    "http.status != 200",
    "http.url",
    "http.method = \"GET\"",
    "user",
    "user = \"ann\"",
    "availabilityzone",
    "instance.id",
    "resource.arn = \"arn:1\"",
    "annotation.k",
    "annotation.k = 1",
    "annotation.k != \"y\"",
    "annotation[rank.x] > 7",
    "annotation.k = true",
];

/// In braces behind one of them.
const OF_SERVICE: [&str; 5] = ["root", "root = false", "inferred", "name = \"a\"", "type"];
const OF_EDGE: [&str; 2] = ["source.annotation.k", "destination.annotation.k = 1"];

fn joined(inner: impl Strategy<Value = String> + Clone + 'static) -> BoxedStrategy<String> {
    inner
        .prop_recursive(3, 6, 2, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                inner.prop_map(|one| format!("!({one})")),
                pair.clone().prop_map(|(a, b)| format!("({a}) and ({b})")),
                pair.prop_map(|(a, b)| format!("({a}) or ({b})")),
            ]
        })
        .boxed()
}

fn selector() -> impl Strategy<Value = String> {
    let body = |more: &'static [&'static str]| {
        joined(prop_oneof![5 => select(&OF_ONE[..]), 1 => select(more)].prop_map(str::to_owned))
    };
    let bodies = (body(&OF_SERVICE), body(&OF_EDGE));
    (select(&SELECTED[..]), bodies, 0..4_usize).prop_map(
        |(of, (of_service, of_edge), kind)| match (kind, of.starts_with("service")) {
            (0, _) => of.to_owned(),
            (_, true) => format!("{of} {{ {of_service} }}"),
            (_, false) => format!("{of} {{ {of_edge} }}"),
        },
    )
}

/// An expression without problems.
pub(super) fn expression() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        3 => select(&OF_TRACE[..]).prop_map(str::to_owned),
        1 => select(&OF_CAUSES[..]).prop_map(str::to_owned),
        6 => selector(),
    ];
    joined(one.boxed())
}
