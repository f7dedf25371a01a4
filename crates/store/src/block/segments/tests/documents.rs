//! What is written comes back.

use proptest::prelude::*;
use wire::limits::DOCUMENT_BYTES_MAX;

use super::*;

const HEAD: &str = r#""trace_id":"1-581cf771-a006649127e371903a2de979","#;

fn document(members: &str) -> String {
    format!(
        r#"{{{HEAD}"name":"a","id":"53995c3f42cd8ad8","start_time":1.5,"end_time":2.25,{members}}}"#
    )
}

#[test]
fn documents_of_every_sdk_come_back() {
    let counts = check(&Sent::group(client_documents()));
    assert_eq!(counts.document_count, client_documents().len() as u64);
    assert_eq!(counts.verbatim_count, 0);
}

#[test]
fn traces_of_every_kind_come_back() {
    check(&fixture_traces());
}

#[test]
fn members_of_every_shape_come_back_and_nothing_is_kept_verbatim() {
    for members in PECULIAR {
        let part = format!(
            r#""subsegments":[{{"name":"b","id":"00f067aa0ba902b7","start_time":1.6,"in_progress":true,{members}}}]"#
        );
        let counts = check(&Sent::group([document(members), document(&part)]));
        assert_eq!(counts.verbatim_count, 0, "{members}");
    }
}

#[test]
fn parents_are_found_before_and_after_their_children_and_elsewhere() {
    let entity = |id: u32, parent: u32, parts: &str| {
        format!(
            r#"{{{HEAD}"name":"a","id":"{id:016x}","parent_id":"{parent:016x}","start_time":1,"end_time":2,"subsegments":[{parts}]}}"#
        )
    };
    // The second document's parent comes last; the third's is itself, the fourth's nowhere.
    let texts = [
        entity(1, 2, &entity(4, 9, "")),
        entity(2, 6, ""),
        entity(5, 5, &entity(1, 4, "")),
        entity(6, 77, ""),
    ];
    check(&Sent::group(texts));
}

#[test]
fn a_trace_of_many_documents_comes_back() {
    let text = |id: u32| {
        let parent = id * 7 % 400;
        format!(
            r#"{{{HEAD}"name":"a","id":"{id:016x}","parent_id":"{parent:016x}","start_time":{id}.000001,"end_time":2}}"#
        )
    };
    let counts = check(&Sent::group((0..300).map(text)));
    assert_eq!((counts.trace_count, counts.row_count), (1, 300));
}

#[test]
fn a_document_that_would_grow_too_long_is_kept_verbatim() {
    // Written our way, `1e2` is `100.0`.
    let entries: Vec<_> = (0..6_000).map(|key| format!(r#""{key}":1e2"#)).collect();
    let text = document(&format!(r#""annotations":{{{}}}"#, entries.join(",")));
    assert!(text.len() <= DOCUMENT_BYTES_MAX, "{}", text.len());
    assert!(said(&text).len() > DOCUMENT_BYTES_MAX);
    let sent = Sent::group([document(r#""user":"a""#), text]);
    let counts = check(&sent);
    assert_eq!((counts.verbatim_count, counts.row_count), (1, 2));
}

#[test]
fn a_text_that_is_no_document_is_kept_verbatim() {
    let sent = Sent { id: TraceId([7; 16]), texts: vec!["{]".to_owned()] };
    let (file, counts, rows) = write(std::slice::from_ref(&sent));
    assert_eq!(counts.verbatim_count, 1);
    let traces = Table::open(Arc::new(file)).unwrap().traces(rows[0].clone()).unwrap();
    assert_eq!(traces[0].documents[0].text, "{]");
}

#[test]
fn a_document_as_deep_as_documents_may_be_comes_back() {
    let mut text = String::new();
    for depth in 0..50 {
        let head = if depth == 0 { HEAD } else { "" };
        text += &format!(
            r#"{{{head}"name":"a","id":"{depth:016x}","start_time":1,"end_time":2,"user":5,"subsegments":["#
        );
    }
    text += &"]}".repeat(50);
    let counts = check(&Sent::group([text]));
    assert_eq!((counts.verbatim_count, counts.row_count), (0, 50));
}

#[test]
fn tables_without_traces_and_traces_without_documents_are_tables() {
    check(&[]);
    let sent = [Sent { id: TraceId([1; 16]), texts: Vec::new() }];
    let (file, counts, rows) = write(&sent);
    assert_eq!((counts.trace_count, counts.row_count), (1, 0));
    assert!(rows[0].is_empty());
    assert_eq!(Table::open(Arc::new(file)).unwrap().traces(0..0).unwrap(), []);
}

/// A JSON value.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        (-1e12_f64..1e12).prop_map(|number| format!("{number:?}")),
        "[a-z0-9:/]{0,12}".prop_map(|text| format!("\"{text}\"")),
        Just(r#""\u00fc\n{}""#.to_owned()),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| format!("[{}]", it.join(","))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|it| object(&it)),
        ]
    })
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A member's key: one that means something somewhere, or another.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => "[a-c]",
        4 => prop::sample::select(&[
            "http", "request", "response", "method", "url", "status", "content_length", "traced",
            "user", "annotations", "metadata", "aws", "request_id", "cloudwatch_logs", "log_group",
            "origin", "resource_arn", "service", "version", "cause", "exceptions", "stack", "id2",
            "namespace", "sql", "precursor_ids", "links", "inferred", "fault", "error", "throttle",
            "x_forwarded_for", "client_ip", "ec2", "elastic_beanstalk", "paths", "line", "retries",
        ][..]).prop_map(str::to_owned),
    ]
}

/// A member of an entity, of the expected shape or not.
fn member() -> impl Strategy<Value = String> {
    let drift = (key(), value()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
    let known = prop::sample::select(PECULIAR).prop_map(str::to_owned);
    prop_oneof![drift, known]
}

fn entity() -> impl Strategy<Value = String> {
    let times = prop_oneof![
        (1_790_149_878_000_000_u64..1_790_149_879_000_000)
            .prop_map(|micros| Micros(micros).seconds()),
        1_790_149_878.0..1_790_149_879.0_f64,
        0.0..1e15_f64,
    ];
    let end = prop_oneof![
        times.clone().prop_map(|end| format!("\"end_time\":{end:?}")),
        Just("\"in_progress\":true".to_owned()),
        times.clone().prop_map(|end| format!("\"in_progress\":false,\"end_time\":{end:?}")),
    ];
    let parent = prop::option::of(0_u64..12);
    let head =
        (0_u64..12, parent, times, end, "[a-d]{1,2}").prop_map(|(id, parent, start, end, name)| {
            let parent = parent.map_or(String::new(), |id| format!("\"parent_id\":\"{id:016X}\","));
            format!(
                "\"id\":\"{id:016x}\",{parent}\"start_time\":{start:?},{end},\"name\":\"{name}\""
            )
        });
    let own = (head, prop::collection::vec(member(), 0..5), any::<bool>()).prop_map(
        |(head, members, states_trace)| {
            let trace = if states_trace { HEAD } else { "" };
            let members: String = members.iter().map(|member| format!(",{member}")).collect();
            format!("{trace}{head}{members}")
        },
    );
    own.prop_map(|own| format!("{{{own}}}")).prop_recursive(3, 10, 3, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..3)).prop_map(|(outer, parts)| {
            let outer = outer.strip_suffix('}').expect("an object");
            format!("{outer},\"subsegments\":[{}]}}", parts.join(","))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(80, 300)))]

    #[test]
    fn any_documents_come_back(
        entities in prop::collection::vec((entity(), 0_u8..3), 1..6)
    ) {
        let documents = entities.into_iter().map(|(entity, trace)| {
            let entity = entity.strip_prefix('{').expect("an object").replace(HEAD, "");
            format!(r#"{{"trace_id":"1-581cf771-a006649127e371903a2de97{trace}",{entity}"#)
        });
        let (valid, _): (Vec<_>, Vec<_>) = documents.partition(|it| Segment::parse(it).is_ok());
        check(&Sent::group(valid));
    }
}
