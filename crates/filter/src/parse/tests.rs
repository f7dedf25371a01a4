//! What is read, what is refused and in which words, and that reading goes on.

use super::*;

/// The canonical form, and what is wrong.
fn read(text: &str) -> String {
    let parsed = parse(text);
    let mut lines: Vec<String> =
        parsed.expression.iter().map(|expression| expression.value.to_string()).collect();
    lines.extend(parsed.problems.iter().map(Problem::to_string));
    lines.join("\n")
}

/// The canonical form of each of these.
fn read_all(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{}\n", read(text))).collect()
}

/// The first problem of each of these.
fn refused(texts: &[&str]) -> String {
    let first = |text: &&str| match parse(text).problems.first() {
        Some(problem) => {
            let shown = problem.to_string().replace("Error Location: line 1, position ", "");
            format!("{text} → {shown}\n")
        }
        None => format!("{text} → fine\n"),
    };
    texts.iter().map(first).collect()
}

#[test]
fn observed_answers_are_given_to_the_letter() {
    for (text, message) in [
        (
            r#"annotation.owner = "stackd-xq-89ae23bb13" AND (madeup = 7)"#,
            "Error Location: line 1, position 48 : Invalid input symbol: 'ma'",
        ),
        (
            r#"annotation.owner = "stackd-xq-89ae23bb13" AND ((fault)"#,
            "Error Location: line 1, position 55 : missing ')' at end of expression",
        ),
    ] {
        assert_eq!(parse(text).problems[0].to_string(), message);
    }
    let text = r#"annotation.owner = "stackd-xq-89ae23bb13" AND (duration = "slow")"#;
    assert_eq!(parse(text).problems, []);
}

#[test]
fn everything_is_read_in_any_case_and_printed_in_one() {
    insta::assert_snapshot!(read_all(&[
        "ok !partial duration <3",
        "NOT OK oR fault aNd NOT (error or throttle)",
        "http.url BeginsWith \"a\\\"b\" AND HTTP.STATUS=+2e2",
        "service() service edge{ok} EDGE(\"a\",id(type:\"t\", name:\"b\")){ !fault }",
        "service(id(account.id : \"1\"))",
        "annotation.Key annotation[a.b]=1 annotation[\"a b\"] annotation[12]>.5",
        "edge { Source.Annotation[a.b] = true OR destination.annotation.c }",
        "rootcause.Fault.Service { name = traces and last }",
        r#"rootcause.json != #[{"a":[1, null, true, {}, []], "b":"c"}]"#,
        "group.name = \"g\" (((user)))",
        "",
        " \n ",
    ]), @r#"
    ok AND !partial AND duration < 3
    !ok OR fault AND !(error OR throttle)
    http.url BEGINSWITH "a\"b" AND http.status = 200
    service() AND service() AND edge() { ok } AND edge("a", id(name: "b", type: "t")) { !fault }
    service(id(account.id: "1"))
    annotation.Key AND annotation[a.b] = 1 AND annotation["a b"] AND annotation.12 > 0.5
    edge() { source.annotation[a.b] = true OR destination.annotation.c }
    rootcause.fault.service { name = "traces" AND last }
    rootcause.json != #[{"a":[1,null,true,{},[]],"b":"c"}]
    group.name = "g" AND user
    "#);
}

#[test]
fn what_must_fail_fails() {
    insta::assert_snapshot!(refused(&[
        "edge(\"only\")",
        "service(id(name:\"a\", name:\"b\"))",
        "service() { edge() }",
        "annotation.a.b = 1",
        "http.url > \"x\"",
        "duration CONTAINS \"1\"",
        "unknown",
        "coverage > 0.5",
        "http.url = \"x",
        "service() { fault",
        "service() { fault)",
        "rootcause.responsetime.exception { first }",
        "rootcause.fault.entity { coverage > 1 }",
        "rootcause.fault.entity",
        "group.name",
        "ok > true",
    ]), @r#"
    edge("only") → 12 : missing ',' at ')'
    service(id(name:"a", name:"b")) → 22 : unexpected input: 'name'
    service() { edge() } → 13 : unexpected input: 'edge'
    annotation.a.b = 1 → 1 : unexpected input: 'annotation.a.b'
    http.url > "x" → 10 : unexpected input: '>'
    duration CONTAINS "1" → 10 : unexpected input: 'CONTAINS'
    unknown → 1 : Invalid input symbol: 'un'
    coverage > 0.5 → 1 : unexpected input: 'coverage'
    http.url = "x → 14 : missing '"' at end of expression
    service() { fault → 18 : missing '}' at end of expression
    service() { fault) → 18 : missing '}' at ')'
    rootcause.responsetime.exception { first } → 1 : Invalid input symbol: 'rootcause.responsetime.ex'
    rootcause.fault.entity { coverage > 1 } → 26 : unexpected input: 'coverage'
    rootcause.fault.entity → 23 : missing '{' at end of expression
    group.name → 1 : unexpected input: 'group.name'
    ok > true → 4 : unexpected input: '>'
    "#);
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    insta::assert_snapshot!(refused(&[
        "ok AND",
        "OR ok",
        "ok)",
        "()",
        "duration >",
        "duration > and ok",
        "duration > 1e999",
        "duration < 3s",
        "ok @ fault",
        "\"ok\" fault",
        "service(id())",
        "service(id(name \"a\"))",
        "annotation[]",
        "annotation",
        "rootcause.json = #{}",
        "rootcause.json = #[{1}]",
        "service() {}",
        "root",
    ]), @r#"
    ok AND → 7 : unexpected end of expression
    OR ok → 1 : unexpected input: 'OR'
    ok) → 3 : unexpected input: ')'
    () → 2 : unexpected input: ')'
    duration > → 11 : unexpected end of expression
    duration > and ok → 12 : unexpected input: 'and'
    duration > 1e999 → 12 : unexpected input: '1e999'
    duration < 3s → 13 : Invalid input symbol: 's'
    ok @ fault → 4 : Invalid input symbol: '@'
    "ok" fault → 1 : unexpected input: '"ok"'
    service(id()) → 12 : unexpected input: ')'
    service(id(name "a")) → 17 : missing ':' at '"a"'
    annotation[] → 12 : unexpected input: ']'
    annotation → 11 : missing '[' at end of expression
    rootcause.json = #{} → 19 : missing '[' at '{'
    rootcause.json = #[{1}] → 21 : unexpected input: '1'
    service() {} → 12 : unexpected input: '}'
    root → 1 : unexpected input: 'root'
    "#);
}

#[test]
fn a_place_is_a_line_and_a_character_of_it() {
    let problem = &parse("ok AND\n\"é\" = é").problems[0];
    assert_eq!((problem.line, problem.column), (2, 1));
    let problem = &parse("user = \"é\" @").problems[0];
    assert_eq!((problem.line, problem.column, problem.range.clone()), (1, 12, 12..13));
}

#[test]
fn reading_goes_on_after_what_is_wrong() {
    insta::assert_snapshot!(read("ok AND (madeup = 7 OR fault) service(\"a\" { error"), @r#"
    ok AND fault AND service("a") { error }
    Error Location: line 1, position 9 : Invalid input symbol: 'ma'
    Error Location: line 1, position 42 : missing ')' at '{'
    Error Location: line 1, position 49 : missing '}' at end of expression
    "#);
}

#[test]
fn nesting_has_a_bound() {
    for (open, close) in [("(", ")"), ("!", ""), ("(!", ")")] {
        let nested = |depth: usize| format!("{}ok{}", open.repeat(depth), close.repeat(depth));
        let depth = NESTING_MAX / open.len();
        assert_eq!(parse(&nested(depth)).problems, []);
        let problems = parse(&nested(depth + 1)).problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].what, What::TooDeep);
        assert_eq!(parse(&nested(100_000)).problems.len(), 1);
    }
    let list = format!("rootcause.json = #{}", "[".repeat(1000));
    assert_eq!(parse(&list).problems[0].what, What::TooDeep);
}

#[test]
fn problems_have_a_bound() {
    for garbage in ["madeup ", ") ", "coverage ", "ok > 1 ", "madeup coverage "] {
        assert_eq!(parse(&garbage.repeat(10_000)).problems.len(), PROBLEMS_MAX, "{garbage}");
    }
}
