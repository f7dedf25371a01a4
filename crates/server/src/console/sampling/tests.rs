//! Rules tried on a few traces.

use serde_json::{Value, json};
use trace::fixture::BASE;

use super::parts;
use crate::console::tests::{post, refused};
use crate::testing::{Stand, document};

fn rule(name: &str, path: &str, priority: i32, reservoir: i32, rate: f64) -> Value {
    json!({
        "RuleName": name, "ResourceARN": "*", "Priority": priority, "FixedRate": rate,
        "ReservoirSize": reservoir, "ServiceName": "*", "ServiceType": "*", "Host": "shop",
        "HTTPMethod": "*", "URLPath": path, "Version": 1,
    })
}

#[tokio::test]
async fn rules_are_tried_on_the_traces_there_are() {
    let stand = Stand::new();
    let traced = |number: usize, path: &str| {
        let id = format!("1-581cf771-a006649127e371903a2de97{number}");
        document(&format!(
            r#","trace_id":"{id}","http":{{"request":{{"method":"GET","url":"http://shop{path}"}}}}"#
        ))
    };
    stand.put(&[traced(1, "/a"), traced(2, "/a"), traced(3, "/a?b=1"), traced(4, "/c")]).await;
    let rules = [
        rule("wide", "/*", 20, 0, 0.5),
        rule("a", "/a", 10, 1, 0.0),
        rule("never", "/c", 30, 1, 1.0),
    ];
    let body = json!({"from": 0, "to": BASE.0, "rules": rules});
    let answer = post(&stand, "sampling/dryrun", &body).await;
    assert_eq!((&answer["requests"], &answer["exact"]), (&json!(4), &json!(true)));
    assert_eq!(
        answer["rules"],
        json!([
            {"name": "a", "matched": 3, "kept": 1.0, "shadowedBy": null},
            {"name": "wide", "matched": 1, "kept": 0.5, "shadowedBy": null},
            {"name": "never", "matched": 0, "kept": 0.0, "shadowedBy": "wide"},
            {"name": "Default", "matched": 0, "kept": 0.0, "shadowedBy": null},
        ])
    );
    // Now one a second and five of a hundred.
    let service = &answer["services"][0];
    assert_eq!((&service["service"], &service["requests"]), (&json!("a"), &json!(4)));
    assert_eq!((&service["keptNow"], &service["keptThen"]), (&json!(1.15), &json!(1.5)));
}

#[tokio::test]
async fn a_rule_that_could_not_be_made_is_refused() {
    let stand = Stand::new();
    let bad = json!({"from": 0, "to": 1, "rules": [rule("a", "/a", 0, 1, 0.0)]});
    let (_, answer) = refused(&stand, "sampling/dryrun", &bad).await;
    assert_eq!(answer["field"], "rules", "{answer}");
    let many = json!({"from": 0, "to": 1, "rules": vec![rule("a", "/a", 1, 1, 0.0); 30]});
    assert_eq!(refused(&stand, "sampling/dryrun", &many).await.1["field"], "rules");
    let own = json!({"from": 0, "to": 1, "rules": [rule("Default", "*", 10_000, 1, 0.0)]});
    let answer = post(&stand, "sampling/dryrun", &own).await;
    assert_eq!(answer["rules"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_url_has_a_host_and_a_path() {
    for (url, expected) in [
        ("http://a:80/b/c?d#e", ("a:80", "/b/c")),
        ("https://user@a", ("a", "/")),
        ("/b?c", ("", "/b")),
        ("", ("", "")),
        ("http://a?b", ("a", "/")),
    ] {
        assert_eq!(parts(url), expected, "{url}");
    }
}
