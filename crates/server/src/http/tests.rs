//! The front as clients see it: headers, bodies, pages, connections.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use store::Options;
use store::dir::{Fault, FaultKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use wire::metric::{Kind, Metric};

use crate::Config;
use crate::testing::{Stand, document};

/// `PutTraceSegments` with one valid document, compressed.
const BODY_GZ: &[u8] = include_bytes!("golden/body.json.gz");

/// A hundred thousand times the letter `a`, compressed to less than two hundred bytes.
const BOMB_GZ: &[u8] = include_bytes!("golden/bomb.gz");

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).expect("a valid request")
}

fn encoded(encoding: &str, body: &'static [u8]) -> Request<Body> {
    Request::post("/TraceSegments")
        .header("content-encoding", encoding)
        .body(Body::from(body))
        .expect("a valid request")
}

async fn send(stand: &Stand, request: Request<Body>) -> Response {
    stand.server.router().oneshot(request).await.expect("the router answers everything")
}

async fn text(response: Response) -> String {
    let body: Bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(body.to_vec()).expect("text")
}

/// Status, error type and body in one line.
async fn line(stand: &Stand, request: Request<Body>) -> String {
    let response = send(stand, request).await;
    let status = response.status().as_u16();
    let error_type = response.headers().get("x-amzn-errortype").cloned();
    let error_type = error_type.map_or(String::new(), |name| format!(" {name:?}"));
    format!("{status}{error_type} {}", text(response).await)
}

#[tokio::test]
async fn answers_have_awss_headers() {
    let stand = Stand::new();
    for (path, status, error_type) in [
        ("/Groups", 200, None),
        ("/Traces", 400, Some("ValidationException")),
        ("/nowhere", 404, Some("UnknownOperationException")),
    ] {
        let response = send(&stand, post(path, "{}")).await;
        assert_eq!(response.status(), status);
        let header =
            |name| response.headers().get(name).map(|value| value.to_str().expect("ASCII"));
        assert_eq!(header("x-amzn-errortype"), error_type);
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            header("strict-transport-security"),
            Some("max-age=31540000; includeSubDomains")
        );
        assert_eq!(header("x-amzn-requestid").map(str::len), Some(36));
    }
}

#[tokio::test]
async fn an_operation_is_posted_and_nothing_else() {
    let stand = Stand::new();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(method).uri("/TraceSegments").body(Body::empty());
        let answer = line(&stand, request.expect("a valid request")).await;
        assert!(answer.starts_with("404 \"UnknownOperationException\""), "{answer}");
    }
    // What SDKs put around a call makes no difference.
    let request = Request::post("/Groups?x=1")
        .header("content-type", "text/plain")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=bogus")
        .body(Body::empty());
    assert!(line(&stand, request.expect("a valid request")).await.starts_with("200 "));
}

#[tokio::test]
async fn a_compressed_body_is_inflated() {
    let stand = Stand::new();
    let answer = line(&stand, encoded("gzip", BODY_GZ)).await;
    assert_eq!(answer, r#"200 {"UnprocessedTraceSegments":[]}"#);
    assert_eq!(stand.store.statistics().document_count, 1);
}

#[tokio::test]
async fn large_json_is_packed_for_those_who_ask() {
    let stand = Stand::new();
    let ask = |path: &str, accepted: &str| {
        let request = Request::get(path).header("accept-encoding", accepted).body(Body::empty());
        request.expect("a valid request")
    };
    let large = "/console/api/openapi.json";
    let plain = text(send(&stand, ask(large, "identity")).await).await;
    for (path, accepted, encoding) in [
        (large, "gzip, deflate, br, zstd", Some("zstd")),
        (large, "gzip, deflate", Some("gzip")),
        (large, "deflate, gzip;q=0", None),
        ("/console/api/views", "gzip", None),
        ("/metrics", "gzip", None),
    ] {
        let response = send(&stand, ask(path, accepted)).await;
        assert_eq!(response.status(), 200, "{path}");
        let said = response.headers().get("content-encoding").map(|name| name.to_str().unwrap());
        assert_eq!(said, encoding, "{path} {accepted}");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        if encoding.is_some() {
            assert!(body.len() * 3 < plain.len(), "{} of {}", body.len(), plain.len());
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_encoding_says_is_refused() {
    let stand = Stand::new();
    for (encoding, body, start) in [
        ("gzip", &b"{}"[..], "400 \"SerializationException\""),
        ("gzip", &BODY_GZ[..BODY_GZ.len() / 2], "400 \"SerializationException\""),
        ("br", &b"{}"[..], "415 \"UnsupportedMediaTypeException\""),
        ("identity", &b"{}"[..], "400 \"ValidationException\""),
    ] {
        let answer = line(&stand, encoded(encoding, body)).await;
        assert!(answer.starts_with(start), "{encoding}: {answer}");
    }
}

#[tokio::test]
async fn the_limit_counts_inflated_bytes() {
    let config = Config { body_bytes_max: 1_000, ..Config::default() };
    let stand = Stand::with(config, Options::default());
    let too_large = "413 \"RequestEntityTooLargeException\" \
                     {\"message\":\"Request body is larger than 1000 bytes\"}";
    assert!(BOMB_GZ.len() < 1_000);
    assert_eq!(line(&stand, encoded("gzip", BOMB_GZ)).await, too_large);
    assert_eq!(line(&stand, post("/TraceSegments", "x".repeat(1_001))).await, too_large);
    assert!(line(&stand, post("/TraceSegments", "x".repeat(1_000))).await.starts_with("400 "));
    let stand = Stand::new();
    let long = || " ".repeat((1 << 20) + 1);
    assert!(line(&stand, post("/TraceSegments", long())).await.starts_with("400 "));
    assert!(line(&stand, post("/Groups", long())).await.starts_with("413 "));
}

#[tokio::test]
async fn bodies_beyond_the_budget_are_throttled() {
    let config = Config { bodies_bytes_max: 10, ..Config::default() };
    let stand = Stand::with(config, Options::default());
    let answer = line(&stand, post("/Groups", "           ")).await;
    assert!(answer.starts_with("429 \"ThrottledException\""), "{answer}");
    let counted = r#"requests_total{operation="GetGroups",outcome="ThrottledException"} 1"#;
    assert!(stand.server.metrics().encode().contains(counted));
    assert!(line(&stand, post("/Groups", "{}")).await.starts_with("200 "));
}

#[tokio::test]
async fn health_and_readiness_are_two_things() {
    let stand = Stand::new();
    let page = async |path: &str| {
        line(&stand, Request::get(path).body(Body::empty()).expect("a valid request")).await
    };
    assert!(page("/").await.starts_with("200 Fluoro "));
    assert_eq!(page("/healthz").await, "200 ok\n");
    assert_eq!(page("/readyz").await, "200 ready\n");
    stand.put(&[document("")]).await;
    // The next write works, its sync does not.
    stand.dir.arm(Fault { call_index: 1, call_count: u64::MAX, kind: FaultKind::Eio });
    stand.put(&[document(r#","id":"0000000000000001""#)]).await;
    assert_eq!(page("/healthz").await, "200 ok\n");
    let answer = page("/readyz").await;
    assert!(answer.starts_with("503 the store has stopped writing"), "{answer}");
}

#[tokio::test]
async fn metrics_count_requests_by_operation_and_outcome() {
    let stand = Stand::new();
    send(&stand, post("/Groups", "{}")).await;
    send(&stand, post("/Groups", "[]")).await;
    send(&stand, post("/nowhere", "{}")).await;
    stand.put(&[document(""), "{}".to_owned()]).await;
    let number = |kind, name, value| Metric::new(kind, name, "", value);
    stand.server.metrics().register(move || {
        vec![
            number(Kind::Gauge, "udp_socket_bytes", 7),
            number(Kind::Counter, "udp_rejected", 2).with("reason", "not_utf8"),
            number(Kind::Counter, "udp_rejected", 3).with("reason", "empty"),
        ]
    });
    let page = Request::get("/metrics").body(Body::empty()).expect("a valid request");
    let response = send(&stand, page).await;
    assert_eq!(
        response.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let numbers = text(response).await;
    for line in [
        r#"fluoro_requests_total{operation="GetGroups",outcome="ok"} 1"#,
        r#"fluoro_requests_total{operation="GetGroups",outcome="SerializationException"} 1"#,
        r#"fluoro_requests_total{operation="-",outcome="UnknownOperationException"} 1"#,
        r#"fluoro_requests_total{operation="PutTraceSegments",outcome="ok"} 1"#,
        r#"fluoro_documents_received_total{door="http"} 2"#,
        r#"fluoro_documents_accepted_total{door="http"} 1"#,
        r#"fluoro_documents_rejected_total{door="http",code="MissingId"} 1"#,
        "fluoro_store_live_documents 1",
        "fluoro_store_poisoned 0",
        "fluoro_udp_socket_bytes 7",
        "# TYPE fluoro_udp_rejected counter",
        r#"fluoro_udp_rejected_total{reason="not_utf8"} 2"#,
        r#"fluoro_udp_rejected_total{reason="empty"} 3"#,
    ] {
        assert!(numbers.contains(&format!("{line}\n")), "{line} is not in\n{numbers}");
    }
    assert!(numbers.ends_with("# EOF\n"));
}

/// A server on a port of its own.
struct Listening {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listening {
    async fn start(stand: &Stand) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let server = stand.server.clone();
        let task = tokio::spawn(super::serve(listener, server, async {
            drop(stopped.await);
        }));
        Self { address, stop, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_stops() {
    let stand = Stand::new();
    let listening = Listening::start(&stand).await;
    let mut idle = listening.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");

    let body = serde_json::json!({"TraceSegmentDocuments": [document("")]}).to_string();
    let (begun, rest) = body.split_at(20);
    let mut busy = listening.connect().await;
    let head = format!(
        "POST /TraceSegments HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    busy.write_all(head.as_bytes()).await.expect("sent");
    // The server asks for the body: from now on the request is under way.
    let mut go_on = [0; 25];
    busy.read_exact(&mut go_on).await.expect("an answer");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    busy.write_all(begun.as_bytes()).await.expect("sent");

    listening.stop.send(()).expect("the server runs");
    read_all(&mut idle).await;
    assert!(!listening.task.is_finished(), "it waits for the request under way");
    busy.write_all(rest.as_bytes()).await.expect("sent");
    let answer = read_all(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\ndate: "), "{answer}");
    assert!(answer.ends_with(r#"{"UnprocessedTraceSegments":[]}"#), "{answer}");
    listening.task.await.expect("the server ends by itself");
    assert_eq!(stand.store.statistics().document_count, 1);
    assert!(TcpStream::connect(listening.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off() {
    let config = Config { shutdown_timeout: Duration::ZERO, ..Config::default() };
    let stand = Stand::with(config, Options::default());
    let listening = Listening::start(&stand).await;
    let mut stuck = listening.connect().await;
    let head =
        b"POST /Groups HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    stuck.write_all(head).await.expect("sent");
    stuck.read_exact(&mut [0; 25]).await.expect("the server asks for the body");
    listening.stop.send(()).expect("the server runs");
    listening.task.await.expect("the server ends by itself");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let config = Config { connections_max: 1, ..Config::default() };
    let stand = Stand::with(config, Options::default());
    let listening = Listening::start(&stand).await;
    let mut first = listening.connect().await;
    let mut second = listening.connect().await;
    second
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .expect("sent");
    // While the first is served, again and again, nothing comes to the second.
    for _ in 0..10 {
        first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok\n") {
            answer.push(first.read_u8().await.expect("an answer"));
        }
        let nothing = second.try_read(&mut [0]).expect_err("nothing has come");
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    }
    drop(first);
    assert!(read_all(&mut second).await.starts_with("HTTP/1.1 200 OK\r\n"));
    listening.stop.send(()).expect("the server runs");
    listening.task.await.expect("the server ends by itself");
}
