//! `ingest`: what it costs to take documents in, durably.
//!
//! First over HTTP, in `PutTraceSegments` calls of 25 documents from several connections at once,
//! each waiting for its answer; then over UDP, one document a datagram. The server is a process of
//! its own and its CPU time is read from the kernel, so the load generator costs it nothing but
//! the other core.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;

use fluoro_tests::Program;
use fluoro_tests::program::{Usage, now, pause};
use serde::Serialize;
use wire::Micros;

use crate::generate::{self, Plan};

/// The sizes of a run.
pub(crate) struct Parameters {
    /// Documents over HTTP, and as many again over UDP.
    pub(crate) document_count: usize,
    /// Documents in one call.
    pub(crate) batch_documents: usize,
    /// Connections that call at the same time.
    pub(crate) connection_count: usize,
    /// Datagrams sent in a second.
    pub(crate) datagrams_per_sec: usize,
}

/// What a run showed.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Documents over each of the two doors.
    pub(crate) document_count: usize,
    /// Their mean size in bytes.
    pub(crate) document_bytes_mean: usize,
    /// PutTraceSegments.
    pub(crate) http: Door,
    /// Datagrams.
    pub(crate) udp: Door,
}

/// What one door cost.
#[derive(Serialize)]
pub(crate) struct Door {
    /// Documents that became durable.
    pub(crate) kept_count: u64,
    /// The server's CPU seconds for a million documents.
    pub(crate) cpu_secs_per_million: f64,
    /// The most memory the server held up to the end of this part, in bytes.
    pub(crate) rss_bytes_max: u64,
    /// Bytes on disk for each document.
    pub(crate) disk_bytes_per_document: f64,
    /// Wall time of the part, in seconds.
    pub(crate) wall_secs: f64,
    /// Acknowledgement times in milliseconds; absent where nothing acknowledges.
    pub(crate) ack: Option<Acknowledgement>,
}

/// How long a caller waited for its answer, in milliseconds.
#[derive(Serialize)]
pub(crate) struct Acknowledgement {
    /// Half of the calls were faster.
    pub p50_ms: f64,
    /// One call in a hundred was slower.
    pub p99_ms: f64,
    /// The slowest call.
    pub(crate) max_ms: f64,
}

/// Runs both parts, each with a server of its own, in folders below `folder`.
///
/// # Errors
/// When the server cannot be started, stops answering or refuses a document.
pub(crate) fn run(parameters: &Parameters, folder: &Path) -> io::Result<Report> {
    let plan = Plan {
        seed: 20_261_121,
        document_count: parameters.document_count,
        start: Micros::from_secs(1_790_000_000),
    };
    let documents = generate::documents(&plan);
    let total_bytes: usize = documents.iter().map(String::len).sum();
    Ok(Report {
        document_count: documents.len(),
        document_bytes_mean: total_bytes / documents.len().max(1),
        http: over_http(parameters, &documents, &folder.join("http"))?,
        udp: over_udp(parameters, &documents, &folder.join("udp"))?,
    })
}

fn over_http(parameters: &Parameters, documents: &[String], folder: &Path) -> io::Result<Door> {
    let server = start(folder)?;
    let requests: Vec<Vec<u8>> =
        documents.chunks(parameters.batch_documents).map(put_request).collect();
    let share = requests.len().div_ceil(parameters.connection_count).max(1);
    let (before, begin, address) = (server.usage()?, now(), server.doors.http);
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let callers: Vec<_> = requests
            .chunks(share)
            .map(|requests| scope.spawn(move || call_all(address, requests)))
            .collect();
        let results = callers.into_iter().map(|caller| caller.join().expect("callers return"));
        results.collect::<io::Result<Vec<_>>>().map(|waits| waits.concat())
    })?;
    waits.sort_unstable();
    let door = Door { ack: Some(acknowledgement(&waits)), ..door(&server, before, begin)? };
    if door.kept_count != documents.len() as u64 {
        return Err(io::Error::other(format!("only {} documents were kept", door.kept_count)));
    }
    Ok(door)
}

fn over_udp(parameters: &Parameters, documents: &[String], folder: &Path) -> io::Result<Door> {
    let server = start(folder)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(server.doors.udp)?;
    let (before, begin) = (server.usage()?, now());
    let datagrams = documents.iter().map(|document| wire::datagram::encode(document));
    for (index, datagram) in datagrams.enumerate() {
        socket.send(&datagram)?;
        // Bursts of 64, as a busy host sends them, at the wanted rate over all.
        if index % 64 == 63 {
            let due = Duration::from_secs_f64(index as f64 / parameters.datagrams_per_sec as f64);
            pause(due.saturating_sub(begin.elapsed()));
        }
    }
    let mut kept = 0.0;
    loop {
        pause(Duration::from_millis(100));
        let now_kept = server.metric(KEPT)?;
        if now_kept == kept || now_kept >= documents.len() as f64 {
            break;
        }
        kept = now_kept;
    }
    door(&server, before, begin)
}

/// Starts the `fluoro` that lies beside this program.
fn start(folder: &Path) -> io::Result<Program> {
    let program = std::env::current_exe()?.with_file_name("fluoro");
    Program::start(&program, folder, &["--memory-max", "4GiB"])
}

/// The counter of documents that are on disk.
const KEPT: &str = "fluoro_documents_accepted_total";

fn door(server: &Program, before: Usage, begin: std::time::Instant) -> io::Result<Door> {
    let (after, wall) = (server.usage()?, begin.elapsed());
    let kept = server.metric(KEPT)?;
    Ok(Door {
        kept_count: kept as u64,
        cpu_secs_per_million: (after.cpu_secs - before.cpu_secs) / kept * 1e6,
        rss_bytes_max: after.rss_bytes_max,
        disk_bytes_per_document: server.disk_bytes()? as f64 / kept,
        wall_secs: wall.as_secs_f64(),
        ack: None,
    })
}

fn acknowledgement(sorted: &[Duration]) -> Acknowledgement {
    let at = |share: f64| {
        let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    };
    Acknowledgement { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
}

/// Returns the bytes of one `PutTraceSegments` request.
fn put_request(documents: &[String]) -> Vec<u8> {
    let body = serde_json::json!({ "TraceSegmentDocuments": documents }).to_string();
    let head = format!(
        "POST /TraceSegments HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

/// Sends the requests one after the other and returns how long each answer took.
fn call_all(address: SocketAddr, requests: &[Vec<u8>]) -> io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1024];
    requests
        .iter()
        .map(|request| {
            let begin = now();
            stream.write_all(request)?;
            read_answer(&mut stream, &mut buffer)?;
            Ok(begin.elapsed())
        })
        .collect()
}

/// Reads one answer; anything but "all kept" is an error.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    const ALL_KEPT: &[u8] = b"{\"UnprocessedTraceSegments\":[]}";
    let mut length = 0;
    loop {
        let read = stream.read(&mut buffer[length..])?;
        length += read;
        if buffer[..length].ends_with(ALL_KEPT) {
            return Ok(());
        }
        if read == 0 || length == buffer.len() {
            let answer = String::from_utf8_lossy(&buffer[..length.min(600)]).into_owned();
            return Err(io::Error::other(format!("unexpected answer: {answer}")));
        }
    }
}
