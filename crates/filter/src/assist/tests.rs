//! What an editor is told of texts that people write.

use proptest::prelude::*;

use super::*;

/// The text with the first fix made, again and again, and what is wrong with it first.
fn fixed(text: &str) -> String {
    let mut line = text.to_owned();
    let mut now = text.to_owned();
    for _ in 0..8 {
        let Some(fix) = assist(&now).problems.into_iter().find_map(|problem| problem.fix) else {
            break;
        };
        now = fix.apply(&now);
        line += &format!("\n  → {now}");
    }
    let count = assist(&now).problems.len();
    if count > 0 {
        line += &format!("\n  and {count} problems: {}", assist(&now).problems[0].message);
    }
    line + "\n"
}

fn fixed_all(texts: &[&str]) -> String {
    texts.iter().map(|text| fixed(text)).collect()
}

#[test]
fn what_people_write_elsewhere_is_put_right() {
    insta::assert_snapshot!(fixed_all(&[
        "response_time > 5",
        "status = 500",
        "fault && user = 'x' || ok",
        "fault&&ok",
        "http.status == 500",
        "http.status <> 500",
        "http.status => 500",
        "http.url LIKE \"a\"",
        "http.url =~ \"a\"",
        "annotations.order = 7",
        "order_id = 7",
        "annotation.a.b = 7",
        "latency > 2 AND reponsetime > 2",
    ]), @r#"
    response_time > 5
      → responsetime > 5
    status = 500
      → http.status = 500
    fault && user = 'x' || ok
      → fault AND user = 'x' || ok
      → fault AND user = "x" || ok
      → fault AND user = "x" OR ok
    fault&&ok
      → fault AND ok
    http.status == 500
      → http.status = 500
    http.status <> 500
      → http.status != 500
    http.status => 500
      → http.status >= 500
    http.url LIKE "a"
      → http.url CONTAINS "a"
    http.url =~ "a"
      → http.url CONTAINS "a"
    annotations.order = 7
      → annotation.order = 7
    order_id = 7
      → annotation.order_id = 7
    annotation.a.b = 7
      → annotation[a.b] = 7
    latency > 2 AND reponsetime > 2
      → responsetime > 2 AND reponsetime > 2
      → responsetime > 2 AND responsetime > 2
    "#);
}

#[test]
fn missing_quotes_and_signs_are_put_in() {
    insta::assert_snapshot!(fixed_all(&[
        "user = \"a",
        "service(\"a",
        "service(checkout)",
        "service(checkout api) { fault }",
        "service = \"a\" AND service = b",
        "edge(a, \"b\")",
        "service(id(name: a, type: AWS::Lambda))",
        "http.url = /api/orders",
        "http.url CONTAINS /api AND ok",
        "instance.id = i-0abc12",
        "user = joe@example.com",
        "user = ‘joe’",
        "(fault OR error",
        "service(\"a\") { fault",
        "fault)",
    ]), @r#"
    user = "a
      → user = "a"
    service("a
      → service("a"
      → service("a")
    service(checkout)
      → service("checkout")
    service(checkout api) { fault }
      → service("checkout api") { fault }
    service = "a" AND service = b
      → service("a") AND service = b
      → service("a") AND service("b")
    edge(a, "b")
      → edge("a", "b")
    service(id(name: a, type: AWS::Lambda))
      → service(id(name: "a", type: AWS::Lambda))
      → service(id(name: "a", type: "AWS::Lambda"))
    http.url = /api/orders
      → http.url = "/api/orders"
    http.url CONTAINS /api AND ok
      → http.url CONTAINS "/api" AND ok
    instance.id = i-0abc12
      → instance.id = "i-0abc12"
    user = joe@example.com
      → user = "joe@example.com"
    user = ‘joe’
      → user = "joe"
    (fault OR error
      → (fault OR error)
    service("a") { fault
      → service("a") { fault }
    fault)
      → fault
    "#);
}

#[test]
fn what_cannot_be_guessed_is_only_told() {
    insta::assert_snapshot!(fixed_all(&[
        "madeup",
        "fault AND",
        "duration CONTAINS 5",
        "name = \"a\"",
        "))))",
    ]), @r#"
    madeup
      and 1 problems: Invalid input symbol: 'ma'
    fault AND
      and 1 problems: unexpected end of expression
    duration CONTAINS 5
      and 1 problems: unexpected input: 'CONTAINS': `duration` is compared with = != < <= > >=
    name = "a"
      and 1 problems: unexpected input: 'name': `name` is known of service() {}, rootcause.*.service {}, rootcause.fault.entity {} and rootcause.error.entity {}, rootcause.responsetime.entity {}, rootcause.*.exception {}
    ))))
      → )))
      → ))
      → )
      →
    "#);
}

#[test]
fn what_a_fix_covers_is_told_once() {
    let assisted = assist("user = 'x y' AND ok");
    assert_eq!(assisted.problems.len(), 1, "{:?}", assisted.problems);
    assert_eq!(assisted.canonical, None);
}

#[test]
fn terms_are_parts_that_can_be_put_together_again() {
    let terms = |text: &str| {
        let terms = assist(text).terms;
        let terms: Vec<_> = terms.into_iter().map(|range| text[range].to_owned()).collect();
        format!("{text} → {}\n", terms.join(" | "))
    };
    insta::assert_snapshot!(
        [
            "",
            "fault",
            "fault AND ok",
            "fault ok  and !(error OR throttle)",
            "fault OR ok",
            "(fault OR ok) AND (user = \"a\")",
            "((fault) AND ok)",
            "(fault AND ok)",
            "(fault) AND (ok)",
            "service(\"a b\") { fault AND ok } AND not (ok)",
            "fault AND",
        ]
        .map(terms)
        .concat(), @r#"
     → 
    fault → fault
    fault AND ok → fault | ok
    fault ok  and !(error OR throttle) → fault | ok | !(error OR throttle)
    fault OR ok → fault OR ok
    (fault OR ok) AND (user = "a") → (fault OR ok) | (user = "a")
    ((fault) AND ok) → (fault) | ok
    (fault AND ok) → fault | ok
    (fault) AND (ok) → (fault) | (ok)
    service("a b") { fault AND ok } AND not (ok) → service("a b") { fault AND ok } | not (ok)
    fault AND →
    "#);
}

#[test]
fn every_piece_of_a_text_has_a_kind() {
    let pieces = |text: &str| {
        let piece = |(range, kind): (Range<usize>, TokenKind)| format!("{}:{kind:?}", &text[range]);
        let pieces: Vec<_> = tokens(text).into_iter().map(piece).collect();
        format!("{}\n", pieces.join(" "))
    };
    insta::assert_snapshot!(
        [
            "http.status >= 500 AND !ok = true or user CONTAINS \"a b\" not x",
            "annotation.key = value annotation[a-b/c] = 1 source.annotation[\"a",
            "service(id(name: \"a\", account.id: \"1\")) { name = type }",
            "rootcause.fault.service { name } rootcause.json = #[{\"a\":null}] & 'x'",
        ]
        .map(pieces)
        .concat(), @r#"
    http.status:Keyword >=:Operator 500:Number AND:Logic !:Logic ok:Keyword =:Operator true:Flag or:Logic user:Keyword CONTAINS:Operator "a b":Text not:Logic x:Unknown
    annotation.key:Keyword =:Operator value:Text annotation:Keyword [:Sign a-b/c:Key ]:Sign =:Operator 1:Number source.annotation:Keyword [:Sign "a:Key
    service:Function (:Sign id:Function (:Sign name:Keyword ::Sign "a":Text ,:Sign account.id:Function ::Sign "1":Text ):Sign ):Sign {:Sign name:Keyword =:Operator type:Text }:Sign
    rootcause.fault.service:Function {:Sign name:Keyword }:Sign rootcause.json:Keyword =:Operator #:Sign [:Sign {:Sign "a":Text ::Sign null:Unknown }:Sign ]:Sign &:Unknown ':Unknown x:Unknown ':Unknown
    "#);
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "fault",
        "status",
        " ",
        "=",
        "==",
        "&&",
        "'x'",
        "\"",
        "(",
        ")",
        "{",
        "service",
        "AND",
        "OR",
        "annotation.a.b",
        "annotation[",
        "]",
        "5",
        "é",
        "!",
        ",",
        "id(",
        "name:",
        "/a",
        "user",
    ])
}

proptest! {
    #[test]
    fn any_text_has_an_answer(pieces in prop::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        let assisted = assist(&text);
        prop_assert_eq!(assisted.canonical.is_none(), !assisted.problems.is_empty());
        let mut at = 0;
        for (range, _) in &assisted.tokens {
            prop_assert!(range.start >= at && text.get(range.clone()).is_some());
            at = range.end;
        }
        // The terms say what the text says.
        if let Some(canonical) = &assisted.canonical {
            let terms: Vec<_> = assisted.terms.iter().map(|range| &text[range.clone()]).collect();
            let again = terms.join(" AND ");
            let from_terms = assist(&again).canonical;
            prop_assert_eq!(from_terms.as_ref(), Some(canonical), "{}", again);
        }
        for found in &assisted.problems {
            prop_assert!(text.get(found.range.clone()).is_some());
            if let Some(fix) = &found.fix {
                prop_assert!(parse(&fix.apply(&text)).problems.len() < parse(&text).problems.len());
            }
        }
    }
}
