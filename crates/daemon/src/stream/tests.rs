//! Real sockets: what is sent in a stream is what the queue holds.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;
use tokio::net::{TcpStream, UnixStream};
use wire::datagram::HEADER;

use super::*;
use crate::Batching;

struct Started {
    streams: Streams,
    queue: Arc<Queue>,
    telemetry: Arc<Telemetry>,
    tcp: Option<SocketAddr>,
}

fn tcp(address: &str) -> Config {
    Config { stream: Some(address.parse().expect("an address")), ..Config::default() }
}

fn unix(path: &Path) -> Config {
    Config { unix_socket: Some(path.to_owned()), ..Config::default() }
}

async fn start(config: Config) -> Started {
    let telemetry = Arc::<Telemetry>::default();
    let queue = Arc::new(Queue::new(config.queue_bytes_max, telemetry.clone()));
    let listeners = Listeners::bind(&config).await.expect("free doors");
    let tcp = listeners.tcp();
    let streams = listeners.open(queue.clone(), telemetry.clone());
    Started { streams, queue, telemetry, tcp }
}

async fn connect(address: Option<SocketAddr>) -> TcpStream {
    TcpStream::connect(address.expect("a door")).await.expect("loopback")
}

/// Takes a batch out of the queue.
async fn next(queue: &Queue) -> Vec<String> {
    let batching = Batching { linger: Duration::ZERO, ..Batching::LOCAL };
    let batch = queue.next(&batching).await.unwrap_or_default();
    batch.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// Takes everything that is left once the streams are stopped.
async fn rest(started: Started) -> Vec<String> {
    started.streams.stop().await;
    started.queue.close();
    let mut all = Vec::new();
    loop {
        let batch = next(&started.queue).await;
        if batch.is_empty() {
            return all;
        }
        all.extend(batch);
    }
}

#[tokio::test]
async fn documents_beyond_a_datagram_come_over_tcp_of_both_kinds() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let started = start(tcp(address)).await;
        let mut stream = connect(started.tcp).await;
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
        let text = format!("{large}\n{{\"b\":2}}\n");
        stream.write_all(&[HEADER, text.as_bytes()].concat()).await.expect("it is read");
        let mut documents = Vec::new();
        while documents.len() < 2 {
            documents.extend(next(&started.queue).await);
        }
        assert_eq!(documents, [large.as_str(), "{\"b\":2}"]);
        assert_eq!(started.telemetry.stream_documents.value(), 2);
        assert_eq!(started.telemetry.streams_open.value(), 1);
        let telemetry = started.telemetry.clone();
        assert_eq!(rest(started).await, [""; 0]);
        assert_eq!(telemetry.streams_open.value(), 0);
    }
}

#[tokio::test]
async fn another_header_is_answered_and_the_stream_closed() {
    for text in ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "{}\n{}\n", "{\"format\":\"xml\"}\n"] {
        let started = start(tcp("127.0.0.1:0")).await;
        let mut stream = connect(started.tcp).await;
        stream.write_all(text.as_bytes()).await.expect("it is read");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer, @r#"{"error":"the first line is not the header of JSON documents of version 1"}"#);
        }
        let telemetry = started.telemetry.clone();
        assert_eq!(rest(started).await, [""; 0]);
        assert_eq!(telemetry.stream_rejected(StreamProblem::BadHeader).value(), 1);
    }
}

#[tokio::test]
async fn stopping_takes_what_was_sent_before() {
    let started = start(tcp("127.0.0.1:0")).await;
    let (queue, address) = (started.queue.clone(), started.tcp);
    let mut streams = Vec::new();
    for number in 0..20 {
        let mut stream = connect(address).await;
        let text = format!("{{\"number\":{number:02}}}\n");
        stream.write_all(&[HEADER, text.as_bytes()].concat()).await.expect("it is sent");
        streams.push(stream);
    }
    let telemetry = started.telemetry.clone();
    // One is in the middle of a document: half of it is none.
    streams[0].write_all(b"{\"half").await.expect("it is sent");
    let mut documents = rest(started).await;
    documents.sort_unstable();
    let expected: Vec<_> = (0..20).map(|number| format!("{{\"number\":{number:02}}}")).collect();
    assert_eq!(documents, expected);
    assert_eq!(telemetry.stream_rejected(StreamProblem::Broken).value(), 1);
    assert_eq!(telemetry.spilled.value(), 0);
    assert!(queue.push_if_room(Vec::new()).is_ok());
    assert!(TcpStream::connect(address.expect("a door")).await.is_err(), "the door is closed");
}

#[tokio::test]
async fn the_last_line_may_lack_its_end() {
    let started = start(tcp("127.0.0.1:0")).await;
    let mut stream = connect(started.tcp).await;
    stream.write_all(&[HEADER, b"{\"a\":1}"].concat()).await.expect("it is read");
    stream.shutdown().await.expect("it ends");
    assert_eq!(next(&started.queue).await, ["{\"a\":1}"]);
    let mut end = Vec::new();
    assert_eq!(stream.read_to_end(&mut end).await.expect("the other end"), 0);
}

#[tokio::test]
async fn a_full_queue_makes_the_sender_wait_and_loses_nothing() {
    let config = Config { queue_bytes_max: 200_000, ..tcp("127.0.0.1:0") };
    let started = start(config).await;
    let mut stream = connect(started.tcp).await;
    let (queue, telemetry) = (started.queue.clone(), started.telemetry.clone());
    let sending = tokio::spawn(async move {
        stream.write_all(HEADER).await.expect("it is read");
        for number in 0..2000 {
            let text = format!("{number:04}{}\n", "x".repeat(10_000));
            stream.write_all(text.as_bytes()).await.expect("it is read");
        }
        stream.shutdown().await.expect("it ends");
        stream
    });
    let mut count = 0;
    while count < 2000 {
        for text in next(&queue).await {
            assert_eq!(text[..4], format!("{count:04}"));
            count += 1;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(telemetry.spilled.value(), 0);
    drop(sending.await.expect("no panic"));
}

#[tokio::test]
async fn a_queue_that_stays_full_costs_the_oldest_when_it_stops() {
    let started = start(Config { queue_bytes_max: 500, ..tcp("127.0.0.1:0") }).await;
    started.queue.push(vec![Bytes::from(vec![b'a'; 400])]);
    let mut stream = connect(started.tcp).await;
    let text = "b".repeat(400);
    stream.write_all(&[HEADER, text.as_bytes(), b"\n"].concat()).await.expect("it is sent");
    let telemetry = started.telemetry.clone();
    while telemetry.stream_documents.value() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(telemetry.spilled.value(), 0, "it waits");
    let begin = Instant::now();
    assert_eq!(rest(started).await, [text]);
    assert!(begin.elapsed() < ROOM_TIMEOUT / 2, "but not when we stop");
    assert_eq!(telemetry.spilled.value(), 1);
}

/// A connection whose other end is in the test, with the time under its control.
fn paused() -> (tokio::io::DuplexStream, Arc<Telemetry>, Arc<Queue>, watch::Sender<()>) {
    let telemetry = Arc::<Telemetry>::default();
    let queue = Arc::new(Queue::new(500, telemetry.clone()));
    let large = Semaphore::new(LARGE_DOCUMENTS_MAX);
    let shared =
        Shared { queue: queue.clone(), telemetry: telemetry.clone(), large, otlp: Otlp::Passed };
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let (stop, stopped) = watch::channel(());
    let seats = Arc::new(Semaphore::new(1));
    let seat = seats.try_acquire_owned().expect("a seat");
    tokio::spawn(serve(theirs, seat, Arc::new(shared), stopped));
    (ours, telemetry, queue, stop)
}

async fn ended(stream: &mut tokio::io::DuplexStream) -> Duration {
    let begin = Instant::now();
    assert_eq!(stream.read(&mut [0]).await.expect("an end"), 0);
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_ended_and_a_slow_line_sooner() {
    let (mut stream, telemetry, _queue, _stop) = paused();
    assert!(ended(&mut stream).await >= IDLE_TIMEOUT);
    assert_eq!(telemetry.stream_rejected(StreamProblem::TooSlow).value(), 0);

    let (mut stream, telemetry, _queue, _stop) = paused();
    stream.write_all(&[HEADER, b"{\"a\":"].concat()).await.expect("it is read");
    let waited = ended(&mut stream).await;
    assert!(waited >= LINE_TIMEOUT && waited < IDLE_TIMEOUT, "{waited:?}");
    assert_eq!(telemetry.stream_rejected(StreamProblem::TooSlow).value(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_stays_full_costs_the_oldest_after_a_while() {
    let (mut stream, telemetry, queue, _stop) = paused();
    queue.push(vec![Bytes::from(vec![b'a'; 400])]);
    let text = "b".repeat(400);
    stream.write_all(&[HEADER, text.as_bytes(), b"\n"].concat()).await.expect("it is read");
    stream.shutdown().await.expect("it ends");
    let waited = ended(&mut stream).await;
    assert!(waited >= ROOM_TIMEOUT && waited < 2 * ROOM_TIMEOUT, "{waited:?}");
    assert_eq!((next(&queue).await, telemetry.spilled.value()), (vec![text], 1));
}

#[tokio::test]
async fn a_unix_socket_is_for_owner_and_group_and_goes_with_its_process() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("daemon.sock");
    let started = start(unix(&path)).await;
    let metadata = std::fs::metadata(&path).expect("the socket");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o660);
    let mut stream = UnixStream::connect(&path).await.expect("it is there");
    stream.write_all(&[HEADER, b"{\"a\":1}\n"].concat()).await.expect("it is read");
    assert_eq!(next(&started.queue).await, ["{\"a\":1}"]);
    assert_eq!(rest(started).await, [""; 0]);
    assert!(!path.exists());
}

#[tokio::test]
async fn only_the_socket_of_a_dead_process_is_replaced() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("daemon.sock");
    // The file stays when the listener goes.
    drop(UnixListener::bind(&path).expect("a socket"));
    let started = start(unix(&path)).await;
    let Err(error) = Listeners::bind(&unix(&path)).await else { panic!("two on one path") };
    let expected = format!("listen on the Unix socket {}: another process does", path.display());
    assert_eq!(error.to_string(), expected);
    assert!(path.exists());
    rest(started).await;

    for make in
        [|path: &Path| std::fs::write(path, "mine"), |path: &Path| std::fs::create_dir(path)]
    {
        let path = folder.path().join("other");
        make(&path).expect("something else");
        let Err(error) = Listeners::bind(&unix(&path)).await else { panic!("it is no socket") };
        assert_eq!(error.to_string(), format!("listen on the Unix socket {}", path.display()));
        assert!(path.exists());
        std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path)).expect("removed");
    }
}

#[tokio::test]
async fn the_socket_of_a_successor_is_left_alone() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("daemon.sock");
    let first = start(unix(&path)).await;
    std::fs::remove_file(&path).expect("somebody removes it");
    let second = start(unix(&path)).await;
    rest(first).await;
    assert!(path.exists());
    rest(second).await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let started = start(tcp("127.0.0.1:0")).await;
    let address = started.tcp.expect("a door");
    let config = tcp(&address.to_string());
    let Err(error) = Listeners::bind(&config).await else { panic!("two on one port") };
    assert_eq!(error.to_string(), format!("listen for streams on TCP {address}"));
}
