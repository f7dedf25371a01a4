//! The front as SDKs meet it: real sockets, a sink and an upstream that remember.

use std::net::UdpSocket;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use wire::ManualClock;

use super::*;
use crate::{Reply, SamplingCall};

/// Remembers what it was given, and takes a batch only with a permit.
struct Memory {
    documents: Mutex<Vec<Bytes>>,
    calls: Mutex<Vec<(SamplingCall, Bytes)>>,
    permits: Semaphore,
}

impl Memory {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            documents: Mutex::default(),
            calls: Mutex::default(),
            permits: Semaphore::new(permits),
        })
    }
}

impl Sink for Memory {
    async fn put(&self, documents: Vec<Bytes>) {
        self.permits.acquire().await.expect("never closed").forget();
        self.documents.lock().extend(documents);
    }
}

impl Upstream for Memory {
    async fn call(&self, call: SamplingCall, body: Bytes) -> Reply {
        self.calls.lock().push((call, body));
        Reply { status: 200, error_type: None, body: Bytes::from_static(b"{\"a\":\"\xc3\xa9\"}") }
    }
}

struct Started {
    front: Front,
    udp: SocketAddr,
    tcp: SocketAddr,
    stream: Option<SocketAddr>,
    memory: Arc<Memory>,
    telemetry: Arc<Telemetry>,
}

async fn start(permits: usize) -> Started {
    start_with(permits, Config::default()).await
}

/// Starts a front on any ports.
async fn start_with(permits: usize, config: Config) -> Started {
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let stream = config.stream.map(|_| any);
    let config = Config { udp: any, tcp: any, stream, ..config };
    let doors = Doors::bind(config).await.expect("free ports");
    let memory = Memory::new(permits);
    let (udp, tcp, telemetry) = (doors.udp(), doors.tcp(), doors.telemetry());
    let stream = doors.stream();
    let clock = Arc::new(ManualClock::default());
    let front = doors.open(memory.clone(), memory.clone(), clock).expect("a thread");
    Started { front, udp, tcp, stream, memory, telemetry }
}

fn send(to: SocketAddr, count: usize) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for number in 0..count {
        let datagram = wire::datagram::encode(&format!("{number}"));
        socket.send_to(&datagram, to).expect("loopback takes datagrams");
    }
}

/// Sends a request on a connection that stays open, and returns head and body of the answer.
async fn exchange(stream: &mut TcpStream, request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.expect("the server answers"), 0);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if body.len() == length {
            return (head.to_owned(), body.to_owned());
        }
    }
}

#[tokio::test]
async fn stopping_hands_over_everything_that_was_sent_before() {
    let Started { front, udp, memory, telemetry, .. } = start(1000).await;
    send(udp, 500);
    front.stop(Duration::from_secs(20)).await;
    let documents = memory.documents.lock();
    let texts: Vec<_> = documents.iter().map(|text| String::from_utf8_lossy(text)).collect();
    let expected: Vec<_> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(texts, expected);
    assert_eq!(telemetry.abandoned.value(), 0);
    assert_eq!(telemetry.in_flight.value(), 0);
}

#[tokio::test]
async fn streams_and_datagrams_have_one_queue_and_one_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("daemon.sock");
    let config =
        Config { stream: Some(Config::DOOR), unix_socket: Some(path.clone()), ..Config::default() };
    let Started { front, udp, stream, memory, telemetry, .. } = start_with(1000, config).await;
    let mut tcp = TcpStream::connect(stream.expect("a door")).await.expect("loopback");
    let mut unix = tokio::net::UnixStream::connect(&path).await.expect("the socket");
    tcp.write_all(&wire::datagram::encode("tcp\n")).await.expect("it is sent");
    unix.write_all(&wire::datagram::encode("unix\n")).await.expect("it is sent");
    send(udp, 1);
    front.stop(Duration::from_secs(20)).await;
    let mut documents = memory.documents.lock().clone();
    documents.sort_unstable();
    assert_eq!(documents, ["0", "tcp", "unix"]);
    assert_eq!(telemetry.abandoned.value(), 0);
    assert!(!path.exists());
}

#[tokio::test]
async fn behind_a_stuck_sink_the_newest_stay_and_the_others_are_counted() {
    let room = 100 * (3 + size_of::<Bytes>());
    let config = Config { queue_bytes_max: room, ..Config::default() };
    let Started { front, udp, memory, telemetry, .. } = start_with(0, config).await;
    send(udp, 1000);
    // A burst is counted before it is queued, so what spilled is only sure at the end.
    while telemetry.datagrams.value() < 1000 || telemetry.spilled.value() == 0 {
        tokio::task::yield_now().await;
    }
    memory.permits.add_permits(1000);
    front.stop(Duration::from_secs(20)).await;
    let documents = memory.documents.lock();
    assert_eq!(documents.len() as u64 + telemetry.spilled.value(), 1000);
    assert_eq!(documents.last().map(|text| &text[..]), Some(&b"999"[..]));
    assert_eq!(telemetry.abandoned.value(), 0);
}

#[tokio::test]
async fn what_a_stuck_sink_does_not_take_is_counted() {
    let Started { front, udp, memory, telemetry, .. } = start(0).await;
    send(udp, 50);
    front.stop(Duration::from_millis(1)).await;
    assert_eq!(memory.documents.lock().len(), 0);
    assert_eq!(telemetry.abandoned.value(), 50);
}

#[tokio::test]
async fn sampling_calls_are_answered_on_one_connection() {
    let Started { front, tcp, memory, telemetry, .. } = start(0).await;
    let mut stream = TcpStream::connect(tcp).await.expect("loopback");
    let without_a_body = "POST /GetSamplingRules HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    let signed = "POST /SamplingTargets HTTP/1.1\r\nHost: a\r\nContent-Type: text/nonsense\r\n\
                  Authorization: AWS4-HMAC-SHA256 Credential=x\r\nContent-Length: 9\r\n\r\n{\"a\": {}}";
    for request in [without_a_body, signed] {
        let (head, body) = exchange(&mut stream, request).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(body, "{\"a\":\"é\"}");
    }
    let calls = [(SamplingCall::Rules, "{}".into()), (SamplingCall::Targets, "{\"a\": {}}".into())];
    assert_eq!(*memory.calls.lock(), calls);
    assert_eq!(telemetry.sampling_calls(SamplingCall::Rules).value(), 1);
    front.stop(Duration::from_secs(20)).await;
    assert_eq!(stream.read(&mut [0]).await.expect("an end"), 0, "the connection was closed");
}

#[tokio::test]
async fn everything_else_is_refused_as_aws_does() {
    let Started { front: _front, tcp, memory, telemetry, .. } = start(0).await;
    let mut stream = TcpStream::connect(tcp).await.expect("loopback");
    for line in ["GET /GetSamplingRules", "POST /TraceSegments", "POST /GetSamplingRules/", "GET /"]
    {
        let request = format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
        let (head, body) = exchange(&mut stream, &request).await;
        assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"), "{head}");
        assert!(head.contains("x-amzn-errortype: UnknownOperationException"), "{head}");
        assert!(body.starts_with("{\"message\":\"There is no operation "), "{body}");
    }
    assert_eq!(memory.calls.lock().len(), 0);
    assert_eq!(telemetry.tcp_refused.value(), 4);
    let large = format!(
        "POST /SamplingTargets HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\n{}",
        " ".repeat(300_000)
    );
    let (head, _) = exchange(&mut stream, &large).await;
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_its_door() {
    let first = start(0).await;
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let config = Config { udp: any, tcp: first.tcp, ..Config::default() };
    let Err(error) = Doors::bind(config).await else { panic!("two fronts on one port") };
    assert_eq!(error.to_string(), format!("listen on TCP {}", first.tcp));
}
