//! The endpoints as a browser sees them, over a store in memory.

use std::path::Path;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::*;
use crate::testing::Stand;

mod traces;

/// An answer: its status and its body as text.
pub(super) async fn ask(stand: &Stand, request: Request<Body>) -> (StatusCode, String) {
    let response = stand.server.router().oneshot(request).await.expect("everything is answered");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

/// Posts to an endpoint and returns its answer.
pub(super) async fn post(stand: &Stand, path: &str, body: &Value) -> Value {
    let request = Request::post(format!("/console/api/{path}")).header("x-console", "1");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let (status, text) = ask(stand, request).await;
    let answer = serde_json::from_str(&text).expect("JSON");
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

/// Posts to an endpoint that answers line by line, and returns the lines.
pub(super) async fn lines(stand: &Stand, path: &str, body: &Value) -> Vec<Value> {
    let request = Request::post(format!("/console/api/{path}")).body(Body::from(body.to_string()));
    let (status, text) = ask(stand, request.expect("a request")).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Posts to an endpoint that refuses, and returns its status and why.
pub(super) async fn refused(stand: &Stand, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(format!("/console/api/{path}")).header("x-console", "1");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let (status, text) = ask(stand, request).await;
    assert!(!status.is_success(), "{text}");
    (status.as_u16(), serde_json::from_str(&text).expect("JSON"))
}

/// Compares an answer with the one that the console's tests read, too.
pub(super) fn check_golden(name: &str, value: &Value) {
    check_file(&format!("crates/server/src/console/golden/{name}.json"), value);
}

/// Gets an endpoint's answer.
pub(super) async fn get(stand: &Stand, path: &str) -> (StatusCode, Value) {
    let request = Request::get(format!("/console/api/{path}")).body(Body::empty());
    let (status, text) = ask(stand, request.expect("a request")).await;
    (status, serde_json::from_str(&text).expect("JSON"))
}

/// Compares `value` with the file of this name in the checkout, or writes it there when the variable
/// `UPDATE` is set.
pub(super) fn check_file(name: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    let text = serde_json::to_string_pretty(value).expect("JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(path, text).expect("the checkout can be written");
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    assert!(known == text, "{name} is out of date; run the tests of fluoro-server with UPDATE=1");
}

#[test]
fn the_description_is_the_one_that_is_written_down() {
    let description = serde_json::to_value(openapi::description()).expect("JSON");
    check_file("docs/console-api.json", &description);
}

#[test]
fn every_endpoint_is_described_and_every_description_has_an_endpoint() {
    let description = serde_json::to_value(openapi::description()).expect("JSON");
    let mut described: Vec<String> = Vec::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            described.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    described.sort();
    let mut found: Vec<String> =
        TABLE.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    found.sort();
    assert_eq!(found, described);
}

#[tokio::test]
async fn operations_answer_as_on_their_own_path() {
    let stand = Stand::new();
    let own = stand.ask("/Groups", serde_json::json!({})).await;
    assert_eq!(post(&stand, "xray/GetGroups", &serde_json::json!({})).await, own);
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let stand = Stand::new();
    let groups = r#"{"GroupName":"a","FilterExpression":"fault"}"#;
    for (method, path, body, status, code) in [
        ("GET", "/console/api/nowhere", "", 404, "NotFound"),
        ("POST", "/console/api/info", "", 405, "MethodNotAllowed"),
        ("POST", "/console/api/xray/Nothing", "{}", 404, "NotFound"),
        ("POST", "/console/api/xray/CreateGroup", groups, 403, "ConsoleHeaderMissing"),
        ("POST", "/console/api/xray/PutTraceSegments", "{}", 403, "ConsoleHeaderMissing"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::from(body));
        let (answered, text) = ask(&stand, request.expect("a request")).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((answered.as_u16(), &answer["code"]), (status, &code.into()), "{path}: {text}");
        assert_eq!(answer["requestId"].as_str().map(str::len), Some(36), "{path}");
    }
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    let stand = Stand::new();
    let (_, info) = get(&stand, "info").await;
    assert_eq!(info["endpoints"], serde_json::json!({"http": null, "udp": null, "tcp": null}));
    assert_eq!(info["limits"]["searchRows"], 500);
    let features = info["features"].as_array().expect("a list");
    assert!(features.contains(&"info".into()), "{features:?}");
    let at = "127.0.0.1:2080".parse().expect("an address");
    stand.server.set_addresses(crate::Addresses { http: Some(at), ..Default::default() });
    let (_, info) = get(&stand, "info").await;
    assert_eq!(info["endpoints"]["http"], "127.0.0.1:2080");
}

#[tokio::test]
async fn the_description_can_be_asked_for() {
    let stand = Stand::new();
    let (status, description) = get(&stand, "openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(description["info"]["title"], "Endpoints of Fluoro's console");
}

#[tokio::test]
async fn traces_are_counted_and_the_newest_is_known() {
    let stand = Stand::new();
    stand.put_trace("front 0..10ms 500\n  > back 1..5ms").await;
    let start = trace::fixture::BASE.0;
    let scope = |from: u64, filter: &str| serde_json::json!({"from": from, "to": from + 1_000_000, "filter": filter});
    for (body, total, latest) in [
        (scope(start, ""), 1, Some(start)),
        (scope(start, "fault"), 1, Some(start)),
        (scope(start, "ok"), 0, None),
        (scope(start + 1_000_000, "fault"), 0, Some(start)),
    ] {
        let expected = serde_json::json!({"total": total, "latest": latest, "exact": true});
        assert_eq!(post(&stand, "traces/count", &body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_says_where() {
    let stand = Stand::new();
    for (body, code, field, offset) in [
        (r#"{"from":1,"to":2,"filter":"user = \"가\" = 1"}"#, "InvalidFilter", "filter", Some(11)),
        (r#"{"from":2,"to":1}"#, "InvalidRequest", "to", None),
        (r#"{"from":1,"to":2,"group":"none"}"#, "NotFound", "group", None),
        (r#"{"from":1}"#, "InvalidRequest", "", None),
    ] {
        let request = Request::post("/console/api/traces/count").body(Body::from(body));
        let (status, text) = ask(&stand, request.expect("a request")).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert!(status.is_client_error(), "{text}");
        assert_eq!(answer["code"], code, "{text}");
        assert_eq!(answer["field"].as_str().unwrap_or_default(), field, "{text}");
        assert_eq!(answer["offset"].as_u64(), offset, "{text}");
    }
}
