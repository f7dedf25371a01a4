//! A real server on the other side, which answers as it is told and remembers what came.

use std::collections::VecDeque;
use std::convert::Infallible;

use http::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wire::ManualClock;

use super::*;

type Heard = Arc<Mutex<Vec<(String, Bytes)>>>;

/// Starts a server that gives these answers, and then none; returns a forwarder to it.
async fn forwarder(answers: &[(u16, &'static str)]) -> (Forwarder, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let answers: VecDeque<_> = answers.iter().copied().collect();
    let answers = Arc::new(Mutex::new(answers));
    let heard = Heard::default();
    let remember = heard.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (answers, heard) = (answers.clone(), remember.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (answers, heard) = (answers.clone(), heard.clone());
                async move {
                    let path = request.uri().path().to_owned();
                    let body = request.into_body().collect().await.expect("a body").to_bytes();
                    heard.lock().push((path, body));
                    let next = answers.lock().pop_front();
                    let Some((status, text)) = next else { return std::future::pending().await };
                    let mut response =
                        Response::new(Full::new(Bytes::from_static(text.as_bytes())));
                    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
                    response.headers_mut().insert("x-amzn-errortype", "Some".parse().expect("ok"));
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (to(&format!("http://{address}/prefix/")), heard)
}

fn to(url: &str) -> Forwarder {
    Forwarder::new(url.parse().expect("an endpoint"), Arc::new(ManualClock::default()))
}

fn documents() -> Vec<Bytes> {
    vec![Bytes::from_static(b"{\"a\":\"b\"}"), Bytes::from_static("é".as_bytes())]
}

/// What became of the documents: sent, refused, lost; and the failed attempts by cause.
fn numbers(forwarder: &Forwarder) -> [u64; 8] {
    let values: Vec<_> = forwarder.numbers().iter().map(|number| number.value).collect();
    values.try_into().expect("there are eight numbers")
}

const KEPT: &str = "{\"UnprocessedTraceSegments\":[]}";

#[tokio::test]
async fn a_batch_is_one_request_below_the_endpoints_path() {
    let (forwarder, heard) = forwarder(&[(200, KEPT)]).await;
    forwarder.put(documents()).await;
    let body = "{\"TraceSegmentDocuments\":[\"{\\\"a\\\":\\\"b\\\"}\",\"é\"]}";
    assert_eq!(*heard.lock(), [("/prefix/TraceSegments".to_owned(), Bytes::from(body))]);
    assert_eq!(numbers(&forwarder), [2, 0, 0, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn what_the_endpoint_refuses_is_counted() {
    let one = r#"{"UnprocessedTraceSegments":[{"ErrorCode":"ParseError","Id":null}]}"#;
    let (forwarder, _) = forwarder(&[(200, one)]).await;
    forwarder.put(documents()).await;
    assert_eq!(numbers(&forwarder), [1, 1, 0, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_once_more() {
    for status in [429, 500, 503] {
        let (forwarder, heard) = forwarder(&[(status, "{}"), (200, KEPT)]).await;
        forwarder.put(documents()).await;
        assert_eq!(heard.lock().len(), 2, "{status}");
        assert_eq!(numbers(&forwarder)[..3], [2, 0, 0], "{status}");
    }
    let (forwarder, heard) = forwarder(&[(500, "{}"), (502, "{}")]).await;
    forwarder.put(documents()).await;
    assert_eq!(heard.lock().len(), 2);
    assert_eq!(numbers(&forwarder), [0, 0, 2, 0, 0, 0, 2, 0]);
}

#[tokio::test]
async fn what_the_endpoint_will_never_take_is_not_sent_again() {
    let (forwarder, heard) = forwarder(&[(400, "{}"), (200, KEPT)]).await;
    forwarder.put(documents()).await;
    assert_eq!(heard.lock().len(), 1);
    assert_eq!(numbers(&forwarder), [0, 0, 2, 0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_costs_the_batch() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let forwarder = to(&format!("http://{address}"));
    forwarder.put(documents()).await;
    assert_eq!(numbers(&forwarder), [0, 0, 2, 0, 2, 0, 0, 0]);
    let reply = forwarder.call(SamplingCall::Rules, Bytes::from_static(b"{}")).await;
    assert_eq!(reply.status, 503);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_does_not_answer_in_time_is_given_up() {
    let (forwarder, _) = forwarder(&[]).await;
    forwarder.put(documents()).await;
    assert_eq!(numbers(&forwarder), [0, 0, 2, 2, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_sampling_call_gets_the_endpoints_own_answer() {
    let (forwarder, heard) = forwarder(&[(200, "{\"a\":1}"), (400, "{}")]).await;
    let reply = forwarder.call(SamplingCall::Targets, Bytes::from_static(b"{\"b\":2}")).await;
    assert_eq!((reply.status, &reply.body[..]), (200, &b"{\"a\":1}"[..]));
    let reply = forwarder.call(SamplingCall::Rules, Bytes::from_static(b"{}")).await;
    assert_eq!((reply.status, reply.error_type.as_deref()), (400, Some("Some")));
    let paths: Vec<_> = heard.lock().iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(paths, ["/prefix/SamplingTargets", "/prefix/GetSamplingRules"]);
}

#[test]
fn an_endpoint_is_an_http_url() {
    for (text, shown) in [
        ("http://127.0.0.1:2080", "http://127.0.0.1:2080"),
        ("http://traces.example/", "http://traces.example"),
        ("http://[::1]:2080/a/b/", "http://[::1]:2080/a/b"),
    ] {
        assert_eq!(text.parse::<Endpoint>().expect("an endpoint").to_string(), shown);
    }
    for (text, problem) in [
        ("https://xray.eu-west-1.amazonaws.com", EndpointProblem::NotHttp),
        ("127.0.0.1:2080", EndpointProblem::NotAUrl),
        ("traces.example", EndpointProblem::NotAUrl),
        ("/path", EndpointProblem::NotAUrl),
        ("", EndpointProblem::NotAUrl),
        ("http://a/?b", EndpointProblem::HasQuery),
    ] {
        assert_eq!(text.parse::<Endpoint>(), Err(problem), "{text}");
    }
}
