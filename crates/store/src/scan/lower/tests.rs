//! What expressions become.

use insta::assert_snapshot;

use wire::Micros;

use super::*;
use crate::block::traces::predicate::NodeTest;

fn bounds(text: &str) -> String {
    let predicate = filter::Predicate::read(text).expect("an expression");
    let filter = Filter::of(&predicate, &Options::default());
    match &filter.check {
        None => shown(&filter.upper),
        Some(check) => format!("{}\n{}", shown(&filter.upper), shown(&check.lower)),
    }
}

fn is_exact(text: &str, options: &Options) -> bool {
    let predicate = filter::Predicate::read(text).expect("an expression");
    Filter::of(&predicate, options).is_exact()
}

#[test]
fn what_a_row_decides_needs_no_look_at_the_trace() {
    for text in [
        "",
        "ok",
        "!error and fault = false or throttle",
        "partial inferred",
        "responsetime > 5 AND !partial",
        "http.status != 200 and duration",
        r#"http.url CONTAINS "/a" http.method = "GET" user"#,
        r#"annotation[age] > 29 or annotation.name BEGINSWITH "x" or annotation.enabled"#,
        r#"service()"#,
        r#"!service("a") { fault }"#,
        r#"service("a") { fault or !ok }"#,
        r#"service(id(name: "a", type: "AWS::Lambda")) { !partial error }"#,
        r#"service("a") { root }"#,
        r#"edge("a", "b") { throttle = "true" }"#,
        r#"edge { ok }"#,
        r#"rootcause.fault.service { name = "a" } or rootcause.json = #[]"#,
        r#"group.name = "unknown""#,
    ] {
        assert!(is_exact(text, &Options::default()), "{text}");
    }
}

#[test]
fn what_only_segments_tell_is_looked_for_there() {
    for text in [
        r#"service("a") { !fault }"#,
        r#"service("a") { fault and error }"#,
        r#"service("a") { http.status = 503 }"#,
        r#"service("a") { annotation.k = 1 }"#,
        r#"service(id(account.id: "1")) { fault }"#,
        r#"edge("a", "b") { duration > 1 }"#,
    ] {
        assert!(!is_exact(text, &Options::default()), "{text}");
        let negated = format!("!{text}");
        assert!(!is_exact(&negated, &Options::default()), "{negated}");
    }
    let window = Some(Micros(1)..Micros(2));
    let windowed = Options { window };
    assert!(!is_exact("service() { fault }", &windowed));
    assert!(is_exact("fault or rootcause.fault.service { first }", &windowed));
}

/// A predicate as it might be typed.
fn shown(predicate: &Predicate) -> String {
    let list = |parts: &[Predicate], word: &str| {
        let parts: Vec<String> = parts.iter().map(shown).collect();
        format!("({})", parts.join(word))
    };
    let node = |test: &NodeTest| test.name.clone().unwrap_or_default();
    let ended = |outcome: &Option<Outcome>| {
        outcome.map_or_else(String::new, |outcome| format!(" {outcome:?}"))
    };
    match predicate {
        Predicate::All(parts) => list(parts, " & "),
        Predicate::Any(parts) => list(parts, " | "),
        Predicate::Not(part) => format!("!{}", shown(part)),
        Predicate::Is(Term::Service(test, outcome)) => format!("{}{}", node(test), ended(outcome)),
        Predicate::Is(Term::Edge(a, b, outcome)) => {
            format!("{}→{}{}", node(a), node(b), ended(outcome))
        }
        Predicate::Is(other) => format!("{other:?}"),
    }
}

#[test]
fn the_bounds_say_as_much_as_rows_know() {
    assert_snapshot!(bounds(r#"service("a") { fault and http.url CONTAINS "x" }"#), @"
    a Fault
    ()
    ");
    assert_snapshot!(bounds(r#"fault !service("a") { !error }"#), @"
    (Flag(Root(Fault)) & !a Ok)
    (Flag(Root(Fault)) & !a)
    ");
    assert_snapshot!(bounds(r#"edge { source.annotation.k = "v" and user = "u" }"#), @r#"
    ((→ & Annotation("k", Text(Equals("v")))) & (→ & Text(User, Equals("u"))))
    ()
    "#);
    assert_snapshot!(bounds("annotation.k"), @r#"(Annotation("k", Text(Exists)) | Annotation("k", Number(GreaterOrEqual, -inf)) | Annotation("k", Flag(true)))"#);
}
