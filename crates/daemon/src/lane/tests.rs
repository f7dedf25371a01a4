//! A lane against a real server.

use std::path::Path;

use tokio::time::{Instant, timeout};
use wire::ManualClock;

use super::*;
use crate::backend::{Backend, Heard, TAKEN};
use crate::client::{Outgoing, client};

const AWAY: (u16, &str) = (503, "{}");

struct Started {
    lane: Arc<Lane>,
    tasks: JoinSet<()>,
}

fn start(url: &str, options: LaneOptions, spool: Option<&Path>) -> Started {
    let outgoing = Outgoing { proxy: None, is_unverified: false, variable: &|_| None };
    let destination = Destination::new(
        url.parse().expect("an endpoint"),
        client(&outgoing).expect("a client"),
        None,
        Arc::new(ManualClock::default()),
    );
    let spool = spool.map(|folder| Spool::open(folder, 1 << 20).expect("a spool"));
    let lane = Arc::new(Lane::new(destination, options, spool));
    let mut tasks = JoinSet::new();
    lane.open(&mut tasks);
    Started { lane, tasks }
}

/// One sender, so that the order shows.
const ONE: LaneOptions = LaneOptions { bytes_max: 1 << 20, concurrency: 1 };

impl Started {
    fn offer(&self, texts: &[&'static str]) {
        let documents: Vec<_> =
            texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
        self.lane.offer(documents.into());
    }

    async fn stop(self, patience: Duration) -> Arc<Lane> {
        self.lane.close();
        join(self.tasks, Instant::now() + patience).await;
        self.lane.settle().await;
        self.lane
    }
}

const LONG: Duration = Duration::from_secs(30);

/// Returns the documents of each request.
fn documents(heard: &[Heard]) -> Vec<&str> {
    let inner = |heard: &'_ Heard| {
        let body = heard.body.strip_prefix("{\"TraceSegmentDocuments\":[").expect("a batch").len();
        heard.body.len() - body..heard.body.len() - 2
    };
    heard.iter().map(|heard| &heard.body[inner(heard)]).collect()
}

fn sums(lane: &Lane) -> [u64; 4] {
    let abandoned = lane.numbers.abandoned.value();
    let Sums { sent, refused, dropped, .. } = lane.sums();
    [sent, refused, dropped, abandoned]
}

#[tokio::test]
async fn a_batch_is_one_request_below_the_endpoints_path() {
    let backend = Backend::start(&[TAKEN]).await;
    let started = start(&backend.url, ONE, None);
    started.offer(&["{\"a\":\"b\"}", "é"]);
    let heard = backend.heard(1).await;
    let body = "{\"TraceSegmentDocuments\":[\"{\\\"a\\\":\\\"b\\\"}\",\"é\"]}";
    let expected = Heard {
        path: "/prefix/TraceSegments".to_owned(),
        body: body.to_owned(),
        is_repeated: false,
    };
    assert_eq!(heard, [expected]);
    let lane = started.stop(LONG).await;
    assert_eq!(sums(&lane), [2, 0, 0, 0]);
}

#[tokio::test]
async fn what_the_endpoint_refuses_is_counted_and_not_sent_again() {
    let one = r#"{"UnprocessedTraceSegments":[{"ErrorCode":"ParseError","Id":null}]}"#;
    let backend = Backend::start(&[(200, one), (400, "{}"), TAKEN]).await;
    let started = start(&backend.url, ONE, None);
    for batch in [["a", "b"], ["c", "d"], ["e", "f"]] {
        started.offer(&batch);
    }
    assert_eq!(documents(&backend.heard(3).await), ["\"a\",\"b\"", "\"c\",\"d\"", "\"e\",\"f\""]);
    let lane = started.stop(LONG).await;
    assert_eq!(sums(&lane), [3, 3, 0, 0]);
}

#[tokio::test]
async fn what_may_pass_is_sent_again_in_its_order() {
    let answers = [(429, "{}"), (500, "{}"), (403, "{}"), (404, "{}"), TAKEN];
    let backend = Backend::start(&answers).await;
    let started = start(&backend.url, ONE, None);
    for batch in ["a", "b"] {
        started.offer(&[batch]);
    }
    let heard = backend.heard(6).await;
    assert_eq!(documents(&heard), ["\"a\"", "\"a\"", "\"a\"", "\"a\"", "\"a\"", "\"b\""]);
    // After 500 it may have been taken; after 429 it was not.
    let marks: Vec<_> = heard.iter().map(|heard| heard.is_repeated).collect();
    assert_eq!(marks, [false, false, true, true, true, false]);
    let lane = started.stop(LONG).await;
    assert_eq!(sums(&lane), [2, 0, 0, 0]);
    assert_eq!(lane.sums().errors[crate::destination::Failure::Http4xx as usize], 3);
    assert_eq!(lane.status().down, None);
}

#[tokio::test]
async fn the_oldest_go_when_memory_is_full_and_what_is_left_at_the_end_is_counted() {
    let backend = Backend::start(&[AWAY]).await;
    let one = 1 + size_of::<Bytes>();
    let started = start(&backend.url, LaneOptions { bytes_max: 3 * one, concurrency: 1 }, None);
    started.offer(&["a"]);
    backend.heard(1).await;
    for batch in ["b", "c", "d", "e"] {
        started.offer(&[batch]);
    }
    let lane = started.stop(Duration::ZERO).await;
    assert_eq!(sums(&lane), [0, 0, 2, 3]);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_costs_nothing_while_there_is_room() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let started = start(&format!("http://{address}"), ONE, None);
    started.offer(&["a"]);
    let errors = |lane: &Lane| lane.sums().errors[crate::destination::Failure::Connect as usize];
    while errors(&started.lane) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(started.lane.status().waiting, 1);
    assert!(started.lane.status().down.is_some());
}

#[tokio::test]
async fn with_a_spool_what_waits_outlives_the_daemon() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let backend = Backend::start(&[AWAY]).await;
    let started = start(&backend.url, ONE, Some(folder.path()));
    started.offer(&["a"]);
    backend.heard(1).await;
    for batch in ["b", "c"] {
        started.offer(&[batch]);
    }
    while started.lane.status().spooled < 3 {
        tokio::task::yield_now().await;
    }
    // Killed: nothing is told to anybody. Its tasks must be gone before the folder is free.
    let Started { lane, mut tasks } = started;
    tasks.shutdown().await;
    drop(lane);

    backend.answer(TAKEN);
    let before = backend.heard(0).await.len();
    let started = start(&backend.url, ONE, Some(folder.path()));
    started.offer(&["d"]);
    let heard = backend.heard(before + 4).await;
    assert_eq!(documents(&heard[before..]), ["\"a\"", "\"b\"", "\"c\"", "\"d\""]);
    let lane = started.stop(LONG).await;
    assert_eq!(sums(&lane), [4, 0, 0, 0]);
    assert_eq!(lane.status().spooled, 0);
}

#[tokio::test]
async fn stopping_with_a_dead_server_is_quick_and_keeps_everything_in_the_spool() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let backend = Backend::start(&[(0, ""), AWAY]).await;
    let started = start(&backend.url, ONE, Some(folder.path()));
    started.offer(&["a"]);
    backend.heard(1).await;
    started.offer(&["b"]);
    // The first is on its way and never answered; the deadline cuts it off.
    let stopped = timeout(LONG, started.stop(Duration::from_millis(50)));
    let lane = stopped.await.expect("it stops");
    assert_eq!(sums(&lane), [0, 0, 0, 0]);
    assert_eq!(lane.status(), Status { waiting: 0, spooled: 2, down: None });
    drop(lane);

    backend.answer(TAKEN);
    let started = start(&backend.url, ONE, Some(folder.path()));
    let heard = backend.heard(3).await;
    assert_eq!(documents(&heard[1..]), ["\"a\"", "\"b\""]);
    // It may have arrived, and says so even after a restart.
    assert!(heard[1].is_repeated && !heard[2].is_repeated);
    started.stop(LONG).await;
}

#[tokio::test]
async fn all_senders_work_while_the_server_answers() {
    let backend = Backend::start(&[(0, "")]).await;
    let started = start(&backend.url, LaneOptions { concurrency: 4, ..ONE }, None);
    for batch in ["a", "b", "c", "d", "e"] {
        started.offer(&[batch]);
    }
    assert_eq!(backend.heard(4).await.len(), 4);
    let lane = started.stop(Duration::ZERO).await;
    assert_eq!(sums(&lane), [0, 0, 0, 5]);
}
