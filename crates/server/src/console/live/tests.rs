//! What a listener is told, look by look, and when the stream ends.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use trace::fixture::BASE;
use wire::Clock;

use super::*;
use crate::testing::{Stand, document};

fn listener(stand: &Stand, filter: &str) -> Listener {
    let predicate = filter::Predicate::read(filter).expect("a filter");
    let filter = Filter::of(&predicate, &Default::default());
    Listener::new(stand.server.app(), filter, stand.clock.now())
}

/// A look in short: the traces by the last characters of their ids, and what the tick says.
fn look(stand: &Stand, listener: &mut Listener) -> String {
    stand.clock.advance(Micros::PER_SECOND);
    let text = listener.look(stand.server.app());
    let mut lines = Vec::new();
    for event in text.split("\n\n").filter(|event| !event.is_empty()) {
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
        let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
        lines.push(match event.lines().next() {
            Some("event: trace") => data["id"].as_str().expect("an id")[32..].to_owned(),
            Some("event: tick") => format!(
                "{} traces, {} dropped, {} documents, {} rejected, exact {}",
                data["traces"], data["dropped"], data["documents"], data["rejected"], data["exact"]
            ),
            other => format!("{other:?}"),
        });
    }
    lines.join(" | ")
}

fn traced(number: u32, members: &str) -> String {
    document(&format!(r#","trace_id":"1-581cf771-a006649127e371903a2d{number:04}"{members}"#))
}

#[tokio::test]
async fn each_trace_is_told_once_and_again_when_it_grows() {
    let stand = Stand::new();
    stand.put(&[traced(1, "")]).await;
    let mut all = listener(&stand, "");
    let mut faults = listener(&stand, "fault");
    let looked = look(&stand, &mut all);
    assert_eq!(looked, "0 traces, 0 dropped, 0 documents, 0 rejected, exact true");
    stand.put(&[traced(2, ""), traced(3, r#","fault":true"#), "{".to_owned()]).await;
    let looked = look(&stand, &mut all);
    assert_eq!(looked, "002 | 003 | 2 traces, 0 dropped, 2 documents, 1 rejected, exact true");
    let looked = look(&stand, &mut faults);
    assert_eq!(looked, "003 | 1 traces, 0 dropped, 2 documents, 1 rejected, exact true");
    stand.put(&[traced(1, r#","id":"0000000000000001","fault":true"#)]).await;
    let looked = look(&stand, &mut all);
    assert_eq!(looked, "001 | 1 traces, 0 dropped, 1 documents, 0 rejected, exact true");
    let looked = look(&stand, &mut all);
    assert_eq!(looked, "0 traces, 0 dropped, 0 documents, 0 rejected, exact true");
}

#[tokio::test]
async fn of_many_the_newest_are_sent_and_the_others_counted() {
    let stand = Stand::new();
    let mut all = listener(&stand, "");
    look(&stand, &mut all);
    let documents: Vec<_> = (0..30).map(|number| traced(number, "")).collect();
    stand.put(&documents).await;
    let looked = look(&stand, &mut all);
    assert_eq!(looked.split(" | ").count(), SENT_MAX + 1);
    assert!(looked.ends_with("30 traces, 10 dropped, 30 documents, 0 rejected, exact true"));
    let documents: Vec<_> = (100..400).map(|number| traced(number, "")).collect();
    stand.put(&documents).await;
    let looked = look(&stand, &mut all);
    assert!(looked.contains("documents, 0 rejected, exact false"), "{looked}");
}

#[tokio::test]
async fn a_document_that_was_late_to_be_seen_is_told() {
    let stand = Stand::new();
    let mut all = listener(&stand, "");
    stand.clock.advance(Micros::PER_SECOND);
    all.look(stand.server.app());
    // It came a moment before the look and was not yet durable.
    all.until = Micros(stand.clock.now().0 + 1);
    stand.put(&[traced(7, "")]).await;
    assert!(look(&stand, &mut all).starts_with("007 | 1 traces"));
}

async fn open(stand: &Stand, path: &str, last: Option<u64>) -> http::Response<Body> {
    let mut request = Request::get(format!("/console/api/{path}"));
    if let Some(last) = last {
        request = request.header(LAST_EVENT_ID, last);
    }
    let request = request.body(Body::empty()).expect("a request");
    stand.server.router().oneshot(request).await.expect("everything is answered")
}

async fn next(response: &mut http::Response<Body>) -> String {
    let frame = response.body_mut().frame().await.expect("one more").expect("a frame");
    String::from_utf8(frame.into_data().expect("data").to_vec()).expect("text")
}

#[tokio::test]
async fn the_stream_begins_at_once_and_ends_with_the_server() {
    let stand = Stand::new();
    let mut response = open(&stand, "live?filter=fault", None).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let hello = format!("event: hello\ndata: {{\"now\":{}}}\n\n", BASE.0);
    assert_eq!(next(&mut response).await, hello);
    assert!(next(&mut response).await.starts_with(&format!("event: tick\nid: {}\n", BASE.0)));
    stand.server.close();
    response.into_body().collect().await.expect("an end");
}

#[tokio::test]
async fn a_listener_that_comes_again_goes_on_where_it_was() {
    let stand = Stand::new();
    stand.put(&[traced(1, "")]).await;
    stand.clock.advance(10 * Micros::PER_SECOND);
    stand.put(&[traced(2, "")]).await;
    let mut response = open(&stand, "live", Some(BASE.0 + 1)).await;
    next(&mut response).await;
    let looked = next(&mut response).await;
    assert!(looked.contains("a2d0002") && !looked.contains("a2d0001"), "{looked}");
}

#[tokio::test]
async fn listeners_have_a_bound_and_give_their_place_back() {
    let stand = Stand::new();
    let mut listening = Vec::new();
    for _ in 0..LISTENERS_MAX {
        listening.push(open(&stand, "live", None).await);
    }
    let refused = open(&stand, "live", None).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let numbers = stand.server.metrics().encode();
    assert!(numbers.contains("fluoro_console_listeners 32\n"), "{numbers}");
    assert!(numbers.contains("fluoro_console_listeners_refused_total 1\n"), "{numbers}");
    drop(listening);
    while stand.server.app().listeners.seats.available_permits() < LISTENERS_MAX {
        tokio::task::yield_now().await;
    }
    let bad = open(&stand, "live?filter=faul", None).await;
    assert_eq!(bad.status(), StatusCode::BAD_REQUEST);
}
