//! Pages under names and keys.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{LINKS_MAX, check_path};
use crate::console::tests::{ask, get, post, refused};
use crate::testing::Stand;

async fn send(stand: &Stand, method: &str, path: &str, body: &Value) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(format!("/console/api/{path}"));
    let request = request.header("x-console", "1").body(Body::from(body.to_string()));
    ask(stand, request.expect("a request")).await
}

#[tokio::test]
async fn views_are_made_changed_and_deleted_and_outlive_the_server() {
    let stand = Stand::new();
    let slow = json!({"name": " slow ", "path": "traces?filter=duration%20%3E%201"});
    let made = post(&stand, "views", &slow).await;
    assert_eq!((&made["name"], &made["path"]), (&json!("slow"), &slow["path"]));
    let other = post(&stand, "views", &json!({"name": "All", "path": "map"})).await;
    let path = format!("views/{}", made["id"].as_str().expect("an id"));
    stand.clock.advance(7);
    let (status, text) = send(&stand, "PUT", &path, &json!({"name": "new", "path": "map"})).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let stand = stand.restarted();
    let (_, answer) = get(&stand, "views").await;
    let views = answer["views"].as_array().expect("a list");
    assert_eq!(views[0], other);
    let micros = |value: &Value| value.as_u64().expect("a time");
    assert_eq!((&views[1]["name"], &views[1]["id"]), (&json!("new"), &made["id"]));
    assert_eq!(micros(&views[1]["updated"]), micros(&made["created"]) + 7);
    let (status, _) = send(&stand, "DELETE", &path, &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for method in ["DELETE", "PUT"] {
        let (status, text) = send(&stand, method, &path, &json!({"name": "a", "path": ""})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
    }
    assert_eq!(get(&stand, "views").await.1["views"], json!([other]));
}

#[tokio::test]
async fn what_is_no_view_is_refused() {
    let stand = Stand::new();
    for (body, field) in [
        (json!({"name": "  ", "path": "map"}), "name"),
        (json!({"name": "a".repeat(101), "path": "map"}), "name"),
        (json!({"name": "a", "path": "//evil.example"}), "path"),
    ] {
        assert_eq!(refused(&stand, "views", &body).await.1["field"], field, "{body}");
    }
    let without_header = Request::post("/console/api/views").body(Body::from("{}"));
    let (status, _) = ask(&stand, without_header.expect("a request")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[test]
fn only_pages_of_the_console_are_paths() {
    for path in ["", "map", "traces/1-2?from=1&to=2#a", "traces?filter=http.url%20%3D%20%22/..\"/"]
    {
        check_path(path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    for path in [
        "/map",
        "//evil.example/",
        "../metrics",
        "a/../b",
        "a\\b",
        "a b",
        "é",
        "a\r\nb",
        &"a".repeat(5000),
    ] {
        check_path(path).expect_err(path);
    }
}

#[tokio::test]
async fn a_link_leads_to_its_page() {
    let stand = Stand::new();
    let page = json!({"path": "traces?filter=fault"});
    let link = post(&stand, "links", &page).await;
    assert_eq!(post(&stand, "links", &page).await, link, "the same page, the same key");
    let stand = stand.restarted();
    let key = link["key"].as_str().expect("a key");
    let request = Request::get(format!("/console/l/{key}")).body(Body::empty());
    let response = stand.server.router().oneshot(request.expect("a request")).await;
    let response = response.expect("everything is answered");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/console/traces?filter=fault");
    let request = Request::get("/console/l/none").body(Body::empty()).expect("a request");
    assert_eq!(ask(&stand, request).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_oldest_link_makes_room() {
    let stand = Stand::new();
    let links = (0..LINKS_MAX).map(|number| wire::control::StoredLink {
        created_micros: 0,
        key: number.to_string(),
        path: number.to_string(),
    });
    let links: Vec<_> = links.collect();
    let kept = stand.server.app().bookmarks.links.change(|stored| {
        stored.links = links;
        Ok(())
    });
    kept.expect("a sound disk");
    post(&stand, "links", &json!({"path": "map"})).await;
    let now = stand.server.app().bookmarks.links.now();
    assert_eq!((now.links.len(), &*now.links[0].key), (LINKS_MAX, "1"));
}
