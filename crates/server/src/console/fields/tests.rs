//! What can be asked of a few traces.

use serde_json::{Value, json};
use trace::fixture::BASE;

use crate::console::tests::get;
use crate::testing::{Stand, document};

/// A server with three traces: two users, one of them twice.
async fn stand() -> Stand {
    let stand = Stand::new();
    let traced = |number: usize, members: &str| {
        let id = format!("1-581cf771-a006649127e371903a2de97{number}");
        document(&format!(r#","trace_id":"{id}"{members}"#))
    };
    let answered = stand
        .put(&[
            traced(1, r#","user":"Ann \"A\"","annotations":{"size":7,"is_new":true,"a.b":"x"}"#),
            traced(
                2,
                r#","user":"bob","annotations":{"size":8},"http":{"response":{"status":500}}"#,
            ),
            traced(3, r#","user":"bob","annotations":{"size":7},"fault":true"#),
        ])
        .await;
    assert_eq!(answered, r#"200 {"UnprocessedTraceSegments":[]}"#);
    stand
}

async fn values(stand: &Stand, query: &str) -> String {
    let path = format!("fields/values?from=0&to={}&{query}", BASE.0);
    let (status, answer) = get(stand, &path).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["exact"], true);
    let line = |value: &Value| format!("{} {}", value["text"].as_str().unwrap(), value["traces"]);
    let lines: Vec<_> = answer["values"].as_array().expect("a list").iter().map(line).collect();
    format!("{query} → {}\n", lines.join(", "))
}

#[tokio::test]
async fn annotations_of_the_window_stand_beside_the_words_of_the_language() {
    let stand = stand().await;
    let (_, answer) = get(&stand, &format!("fields?from=0&to={}", BASE.0)).await;
    let fields = answer["fields"].as_array().expect("a list");
    let line = |field: &Value| {
        let (name, kind) = (field["name"].as_str().unwrap(), field["kind"].as_str().unwrap());
        format!("{name} {kind} {}\n", field["traces"])
    };
    insta::assert_snapshot!(fields.iter().map(line).collect::<String>(), @"
    ok flag null
    error flag null
    throttle flag null
    fault flag null
    partial flag null
    inferred flag null
    responsetime time null
    duration time null
    http.status number null
    http.url text null
    http.method text null
    http.useragent text null
    http.clientip text null
    user text null
    availabilityzone text null
    instance.id text null
    resource.arn text null
    group.name text null
    group.arn text null
    rootcause.json text null
    service node null
    edge node null
    annotation.size number 3
    annotation[a.b] text 1
    annotation.is_new boolean 1
    ");
    let (_, answer) = get(&stand, "fields?from=0&to=1").await;
    let fields = answer["fields"].as_array().expect("a list");
    assert!(fields.iter().all(|field| field["traces"] == json!(null)), "there are no traces");
}

#[tokio::test]
async fn values_come_with_their_counts_as_they_are_written() {
    let stand = stand().await;
    let mut lines = String::new();
    for query in [
        "name=user",
        "name=user&prefix=B",
        "name=user&prefix=n",
        "name=user&limit=1",
        "name=annotation.size",
        "name=annotation%5Ba.b%5D",
        "name=annotation.is_new",
        "name=http.status",
        "name=fault",
        "name=ok&prefix=t",
        "name=service",
        "name=name",
        "name=type",
        "name=group.name",
        "name=duration",
        "name=http.url",
    ] {
        lines += &values(&stand, query).await;
    }
    insta::assert_snapshot!(lines, @r#"
    name=user → "bob" 2, "Ann \"A\"" 1
    name=user&prefix=B → "bob" 2
    name=user&prefix=n → "Ann \"A\"" 1
    name=user&limit=1 → "bob" 2
    name=annotation.size → 7 2, 8 1
    name=annotation%5Ba.b%5D → "x" 1
    name=annotation.is_new → true 1
    name=http.status → 500 1
    name=fault → true 2, false 1
    name=ok&prefix=t → true 1
    name=service → "a" 3
    name=name → "a" 3
    name=type → "client" 3
    name=group.name → "Default" null
    name=duration → 
    name=http.url →
    "#);
}

#[tokio::test]
async fn a_field_that_there_is_not_is_refused() {
    let stand = Stand::new();
    for name in ["madeup", "", "user%20%3D%201", "edge"] {
        let (status, answer) = get(&stand, &format!("fields/values?from=0&to=1&name={name}")).await;
        assert_eq!((status.as_u16(), &answer["field"]), (400, &json!("name")), "{name}: {answer}");
    }
    let (status, _) = get(&stand, "fields/values?name=user").await;
    assert_eq!(status, 400);
}
