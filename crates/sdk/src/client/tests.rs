//! Calls through the layer, read as the subsegments that they become and the headers they bring.

use std::io;
use std::sync::Arc;

use tower::{ServiceExt, service_fn};

use super::*;
use crate::testing::FakeDaemon;
use crate::{Recorder, Sampling, SeededRandom};

fn rig(sampling: Sampling) -> (Recorder, FakeDaemon) {
    let daemon = FakeDaemon::start().expect("free ports");
    let mut config = daemon.config("shop");
    config.sampling = sampling;
    config.random = Arc::new(SeededRandom::new(1));
    (Recorder::new(config).expect("a recorder"), daemon)
}

fn now<F: Future>(future: F) -> F::Output {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut cx) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

/// Answers with the headers that came.
async fn echo(request: Request<()>) -> io::Result<Response<()>> {
    if request.uri().path() == "/down" {
        return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
    }
    let mut answer = Response::builder().status(404).header("content-length", "5");
    for name in [TRACE_HEADER, TRACEPARENT] {
        if let Some(value) = request.headers().get(&name) {
            answer = answer.header(name, value);
        }
    }
    Ok(answer.body(()).expect("an answer"))
}

fn call(layer: ClientLayer, url: &str) -> io::Result<Response<()>> {
    let request = Request::get(url).body(()).expect("a request");
    now(layer.layer(service_fn(echo)).oneshot(request))
}

#[test]
fn a_call_becomes_a_subsegment_and_brings_the_header() {
    let (recorder, daemon) = rig(Sampling::Always);
    let segment = recorder.begin();
    let layer = ClientLayer::new().with_traceparent().expecting_segments();
    let answer = segment.run(|| call(layer, "https://api.example.com:8443/a?b=c"));
    let answer = answer.expect("an answer");
    let header = answer.headers()[TRACE_HEADER].to_str().expect("text").to_owned();
    assert!(answer.headers().contains_key(TRACEPARENT));
    assert!(segment.run(|| call(layer, "http://127.0.0.1/down")).is_err());
    drop(segment);
    let document = &daemon.wait_for(1)[0];
    let document = wire::Segment::parse(document).expect("a good document");
    let [answered, failed] = &*document.subsegments else { panic!("{document:?}") };
    assert_eq!(answered.name, "api.example.com");
    assert!(header.contains(&format!("Parent={};Sampled=1", answered.id)), "{header}");
    let http = wire::json::encode(&answered.http.as_ref().expect("a section"));
    insta::assert_snapshot!(http, @r#"{"request":{"method":"GET","url":"https://api.example.com:8443/a","traced":true},"response":{"status":404,"content_length":5}}"#);
    assert_eq!((answered.error, failed.fault), (Some(true), Some(true)));
    let failed = wire::json::encode(failed);
    assert!(failed.contains(r#""type":"std::io::error::Error","remote":true"#), "{failed}");
}

#[test]
fn a_trace_that_is_not_recorded_is_passed_on() {
    let (recorder, _daemon) = rig(Sampling::Never);
    let segment = recorder.begin();
    let answer = segment.run(|| call(ClientLayer::new(), "http://h/")).expect("an answer");
    let header = answer.headers()[TRACE_HEADER].to_str().expect("text").to_owned();
    assert_eq!(Some(header), segment.header());
}

#[test]
fn a_header_of_the_callers_own_stays() {
    let (recorder, _daemon) = rig(Sampling::Always);
    let segment = recorder.begin();
    let request = Request::get("http://h/").header(TRACE_HEADER, "mine").body(());
    let request = request.expect("a request");
    let service = ClientLayer::new().layer(service_fn(echo));
    let answer = segment.run(|| now(service.oneshot(request))).expect("an answer");
    assert_eq!(answer.headers()[TRACE_HEADER], "mine");
}

#[test]
fn a_call_without_a_trace_is_left_alone() {
    let answer = call(ClientLayer::new().with_traceparent(), "http://h/").expect("an answer");
    assert!(!answer.headers().contains_key(TRACE_HEADER));
    assert!(!answer.headers().contains_key(TRACEPARENT));
}
