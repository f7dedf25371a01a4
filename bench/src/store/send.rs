//! Everything goes in: one thread writes the documents, several send them.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use fluoro_tests::program::{now, pause};

use super::connection::{Connection, request};
use crate::shop::{Arrivals, Plan, Tally};

/// Requests that are written and not yet sent.
const QUEUED_REQUESTS_MAX: usize = 64;
/// The first and the longest wait after a refusal, and when to stop trying.
const BACK_OFF_MIN: Duration = Duration::from_millis(5);
const BACK_OFF_MAX: Duration = Duration::from_millis(320);
const REFUSALS_IN_A_ROW_MAX: u32 = 400;

/// What was sent and how it was taken.
#[derive(Default)]
pub(super) struct Sent {
    /// What it means.
    pub(super) tally: Tally,
    /// Its bytes, as documents.
    pub(super) document_bytes: u64,
    /// How long each call waited for its answer, shortest first; refusals apart.
    pub(super) waits: Vec<Duration>,
    /// Answers 429 and 503; each was followed by another attempt.
    pub(super) refusal_count: u64,
}

/// Sends all documents of the plan, so many in a call and over so many connections.
///
/// # Errors
/// When the server stops answering, keeps refusing, or finds a document invalid.
pub(super) fn send(
    plan: &Plan,
    address: SocketAddr,
    connection_count: usize,
    batch_documents: usize,
) -> io::Result<Sent> {
    let (requests, queue) = sync_channel(QUEUED_REQUESTS_MAX);
    let queue = Mutex::new(queue);
    let mut sent = Sent::default();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..connection_count)
            .map(|_| scope.spawn(|| Sender::open(address)?.run(&queue)))
            .collect();
        write_all(plan, batch_documents, &requests, &mut sent);
        drop(requests);
        for sender in senders {
            let sender = sender.join().expect("senders return")?;
            sent.waits.extend(sender.waits);
            sent.refusal_count += sender.refusal_count;
        }
        sent.waits.sort_unstable();
        Ok(sent)
    })
}

/// Writes the requests in the order in which the documents come; ends early when nobody takes them.
fn write_all(plan: &Plan, batch_documents: usize, requests: &SyncSender<Vec<u8>>, sent: &mut Sent) {
    let mut arrivals = Arrivals::new(*plan).peekable();
    let mut text = Vec::new();
    while arrivals.peek().is_some() {
        let mut body = br#"{"TraceSegmentDocuments":["#.to_vec();
        for (place, arrival) in arrivals.by_ref().take(batch_documents).enumerate() {
            text.clear();
            arrival.trace.write(plan, arrival.work, &mut text);
            sent.document_bytes += text.len() as u64;
            if arrival.work == 0 {
                sent.tally.add(&arrival.trace);
            }
            body.extend_from_slice(if place == 0 { b"\"" } else { b",\"" });
            escape(&text, &mut body);
            body.push(b'"');
        }
        body.extend_from_slice(b"]}");
        if send_on(requests, request("/TraceSegments", &body)).is_none() {
            return;
        }
    }
}

/// Hands a request on; `None` when every sender has failed, which says more than this could.
fn send_on(requests: &SyncSender<Vec<u8>>, request: Vec<u8>) -> Option<()> {
    requests.send(request).ok()
}

/// Writes a document as the inside of a JSON string; nothing but quotes needs escapes in it.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    for (place, part) in text.split(|byte| *byte == b'"').enumerate() {
        if place > 0 {
            out.extend_from_slice(b"\\\"");
        }
        out.extend_from_slice(part);
    }
}

/// One connection's work.
struct Sender {
    connection: Connection,
    waits: Vec<Duration>,
    refusal_count: u64,
}

impl Sender {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let connection = Connection::open(address)?;
        Ok(Self { connection, waits: Vec::new(), refusal_count: 0 })
    }

    fn run(mut self, queue: &Mutex<Receiver<Vec<u8>>>) -> io::Result<Self> {
        loop {
            let next = queue.lock().map_err(|_| io::Error::other("another sender broke"))?.recv();
            let Ok(request) = next else { return Ok(self) };
            self.put(&request)?;
        }
    }

    /// Sends one request until it is taken.
    fn put(&mut self, request: &[u8]) -> io::Result<()> {
        let mut back_off = BACK_OFF_MIN;
        for _ in 0..REFUSALS_IN_A_ROW_MAX {
            let begin = now();
            let answer = self.connection.call(request)?;
            match answer.status {
                200 if answer.body == br#"{"UnprocessedTraceSegments":[]}"# => {
                    self.waits.push(begin.elapsed());
                    return Ok(());
                }
                429 | 503 => {
                    self.refusal_count += 1;
                    pause(back_off);
                    back_off = (back_off * 2).min(BACK_OFF_MAX);
                }
                _ => {
                    let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]);
                    return Err(io::Error::other(format!("answer {}: {said}", answer.status)));
                }
            }
        }
        Err(io::Error::other("the server keeps refusing; is --memory-max too small?"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_escaped() {
        let mut out = Vec::new();
        escape(br#"{"a":"b"}"#, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), r#"{\"a\":\"b\"}"#);
    }
}
