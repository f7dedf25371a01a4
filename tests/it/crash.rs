//! Killed at any moment, the program still has every document it acknowledged.
//!
//! Each round starts the real program on the folder the last round left, lets several writers put
//! documents, kills it (`kill -9`) after a random number of acknowledgements while the writers go
//! on, starts it again and asks for every acknowledged trace.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use fluoro_tests::program::{self, until};
use fluoro_tests::{Program, http};
use serde_json::json;

use crate::documents;

const WRITER_COUNT: usize = 4;

#[test]
fn every_acknowledged_document_survives_a_kill() {
    let rounds = if crate::runs_slow_tests() { 100 } else { 8 };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let next = AtomicU32::new(0);
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let kill_after = random.usize(1..120);
        let fresh = write_until_killed(folder.path(), &next, kill_after);
        assert!(fresh.len() >= kill_after, "round {round} was killed after {} acks", fresh.len());
        acknowledged.extend(fresh);
        check(folder.path(), &acknowledged);
    }
}

/// Returns the numbers of the traces that were acknowledged before the kill.
fn write_until_killed(folder: &Path, next: &AtomicU32, kill_after: usize) -> Vec<u32> {
    let fluoro = Program::start(program::built(), folder, &[]).expect("fluoro starts");
    let address = fluoro.doors.http;
    let acknowledged = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WRITER_COUNT {
            scope.spawn(|| {
                while let Some(number) = put_next(address, next) {
                    acknowledged.lock().expect("no writer panicked").push(number);
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until("acknowledgements", || (count.load(Ordering::SeqCst) >= kill_after).then_some(()));
        fluoro.kill().expect("it was running");
    });
    acknowledged.into_inner().expect("no writer panicked")
}

/// Puts the next trace; `None` when the program did not acknowledge it, because it is gone.
fn put_next(address: SocketAddr, next: &AtomicU32) -> Option<u32> {
    let number = next.fetch_add(1, Ordering::SeqCst);
    let body = json!({ "TraceSegmentDocuments": documents::trace(number).documents }).to_string();
    let answer = http::post(address, "/TraceSegments", &body).ok()?;
    (answer.status == 200 && answer.body == r#"{"UnprocessedTraceSegments":[]}"#).then_some(number)
}

fn check(folder: &Path, acknowledged: &[u32]) {
    let fluoro = Program::start(program::built(), folder, &[]).expect("fluoro starts again");
    for numbers in acknowledged.chunks(5) {
        let ids: Vec<String> = numbers.iter().map(|&n| documents::trace(n).id).collect();
        let body = json!({ "TraceIds": ids }).to_string();
        let answer = http::post(fluoro.doors.http, "/Traces", &body).expect("an answer").json();
        let traces = answer["Traces"].as_array().expect("traces");
        assert_eq!(traces.len(), ids.len(), "of {ids:?} only {traces:?}");
        for trace in traces {
            assert_eq!(trace["Segments"].as_array().map(Vec::len), Some(2), "{trace}");
        }
    }
    fluoro.stop().expect("fluoro stops when asked");
}
