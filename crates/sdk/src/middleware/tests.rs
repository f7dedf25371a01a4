//! Requests through the layer, read as the segments and the answers that they become.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use wire::segment::Segment;

use super::*;
use crate::testing::FakeDaemon;
use crate::{Sampling, SeededRandom};

type Text = Full<&'static [u8]>;

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn rig(sampling: Sampling) -> (Recorder, FakeDaemon) {
    let daemon = FakeDaemon::start().expect("free ports");
    let mut config = daemon.config("shop");
    config.sampling = sampling;
    config.random = Arc::new(SeededRandom::new(1));
    (Recorder::new(config).expect("a recorder"), daemon)
}

/// Runs a future that does not wait.
fn now<F: Future>(future: F) -> F::Output {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut cx) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

async fn answer(request: Request<Text>) -> Result<Response<Text>, Infallible> {
    let _below = crate::subsegment("below");
    let status: u16 = request.uri().path()[1..].parse().expect("a status");
    let answer = Response::builder().status(status).header(CONTENT_LENGTH, "2");
    Ok(answer.body(Full::new(b"ok".as_slice())).expect("an answer"))
}

fn ask(recorder: &Recorder, request: Request<Text>) -> Response<TracedBody<Text>> {
    let layer = ServerLayer::new(recorder).with_route(|_| Some("/{status}".to_owned()));
    now(layer.layer(service_fn(answer)).oneshot(request)).expect("an answer")
}

#[test]
fn a_request_becomes_a_segment_and_its_answer_says_the_trace() {
    let (recorder, daemon) = rig(Sampling::Never);
    let mut request = Request::builder()
        .method("POST")
        .uri("/503?secret=1")
        .header("host", "www.example.com:8080")
        .header("user-agent", "test")
        .header("x-amzn-trace-id", format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"))
        .body(Text::default())
        .expect("a request");
    request.extensions_mut().insert(Peer([10, 0, 0, 1].into()));
    let answer = ask(&recorder, request);
    assert_eq!(answer.headers()["x-amzn-trace-id"], format!("Root={ROOT}"));
    assert!(daemon.documents().is_empty(), "the body has not been sent");
    let body = now(answer.into_body().collect()).expect("a body").to_bytes();
    assert_eq!(body, b"ok".as_slice());
    let document = &daemon.wait_for(1)[0];
    let segment = Segment::parse(document).expect("a good document");
    let http = wire::json::encode(&segment.http.as_ref().expect("a section"));
    insta::assert_snapshot!(http, @r#"{"request":{"method":"POST","url":"http://www.example.com:8080/503","user_agent":"test","client_ip":"10.0.0.1"},"response":{"status":503,"content_length":2}}"#);
    assert_eq!(segment.fault, Some(true));
    assert_eq!(segment.parent_id, wire::SegmentId::parse("53995c3f42cd8ad8"));
    assert!(document.contains(r#""annotations":{"route":"/{status}"}"#), "{document}");
    assert_eq!(segment.subsegments[0].name, "below");
}

#[test]
fn statuses_become_flags() {
    let (recorder, daemon) = rig(Sampling::Always);
    let expected = [(200, [0, 0, 0]), (404, [1, 0, 0]), (429, [1, 1, 0]), (500, [0, 0, 1])];
    for (status, _) in expected {
        let request = Request::get(format!("/{status}")).body(Text::default());
        drop(ask(&recorder, request.expect("a request")));
    }
    for (document, (status, flags)) in daemon.wait_for(4).iter().zip(expected) {
        let segment = Segment::parse(document).expect("a good document");
        let found = [segment.error, segment.throttle, segment.fault];
        assert_eq!(found.map(|flag| i32::from(flag == Some(true))), flags, "{status}");
    }
}

#[test]
fn a_request_that_is_not_recorded_passes_through() {
    let (recorder, daemon) = rig(Sampling::Never);
    for (header, expected) in [
        (Some(format!("Root={ROOT};Sampled=?")), format!("Root={ROOT};Sampled=0")),
        (Some(format!("Root={ROOT}")), format!("Root={ROOT}")),
        (None, "Root=1-".to_owned()),
    ] {
        let mut request = Request::get("/200");
        if let Some(header) = header {
            request = request.header(TRACE_HEADER, header);
        }
        let answer = ask(&recorder, request.body(Text::default()).expect("a request"));
        let said = answer.headers()[TRACE_HEADER].to_str().expect("text");
        assert!(said.starts_with(&expected), "{said}");
    }
    assert!(recorder.flush(std::time::Duration::from_secs(10)));
    assert_eq!(daemon.documents(), [""; 0]);
}

#[test]
fn w3c_and_proxies_are_understood() {
    let (recorder, daemon) = rig(Sampling::Never);
    let request = Request::get("/200")
        .header("traceparent", "00-4efaaf4d1e8720b39541901950019ee5-53995c3f42cd8ad8-01")
        .header("x-forwarded-for", "203.0.113.7, 10.0.0.2")
        .header("x-forwarded-proto", "https")
        .header("host", "h")
        .body(Text::default());
    let answer = ask(&recorder, request.expect("a request"));
    assert_eq!(answer.headers()[TRACE_HEADER], "Root=1-4efaaf4d-1e8720b39541901950019ee5");
    drop(answer);
    let document = &daemon.wait_for(1)[0];
    let expected = r#""url":"https://h/200","client_ip":"203.0.113.7","x_forwarded_for":true"#;
    assert!(document.contains(expected), "{document}");
}

#[test]
fn a_service_that_fails_and_a_request_that_is_given_up_end_their_segments() {
    let (recorder, daemon) = rig(Sampling::Always);
    let layer = ServerLayer::new(&recorder);
    let fails = service_fn(|_: Request<Text>| async { Err::<Response<Text>, _>("broken") });
    let request = || Request::get("/").body(Text::default()).expect("a request");
    assert!(now(layer.layer(fails).oneshot(request())).is_err());
    assert!(daemon.wait_for(1)[0].contains(r#""fault":true"#));
    let hangs =
        service_fn(|_: Request<Text>| std::future::pending::<Result<Response<Text>, Infallible>>());
    let mut future = Box::pin(layer.layer(hangs).oneshot(request()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_pending());
    drop(future);
    assert_eq!(daemon.wait_for(2).len(), 2);
}
