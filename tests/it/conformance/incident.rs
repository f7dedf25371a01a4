//! A server in the middle of an incident, by a clock that runs faster than ours.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use fluoro_tests::program::epoch_secs;
use serde_json::json;
use server::{Config, Control, Server};
use store::{DiskDir, Options, Store};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use trace::fixture::Fixture;
use wire::{Clock, ManualClock, Micros};

const MINUTE: u64 = 60 * Micros::PER_SECOND;

/// Minutes without and with faults, and how many requests each has.
const QUIET: u64 = 12;
const BAD: u64 = 4;
const REQUESTS: u32 = 40;

/// A server in which payments has failed for some minutes; gone when this is dropped.
pub(super) struct Incident {
    pub(super) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Incident {
    pub(super) fn start() -> Self {
        let (told, telling) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.expect("a runtime").block_on(run(&told, stopped));
        });
        let address = telling.recv().expect("the server says where it is");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Incident {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().into_iter().for_each(|thread| thread.join().expect("no panic"));
    }
}

async fn run(told: &mpsc::Sender<SocketAddr>, stopped: oneshot::Receiver<()>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = Arc::new(DiskDir::open(folder.path()).expect("a folder of our own"));
    let begin = (epoch_secs() / 60 - QUIET - BAD - 1) * MINUTE;
    let clock = Arc::new(ManualClock::at(Micros(begin)));
    let config = Config::default();
    let control = Control::open(&config, dir.clone(), None).expect("no settings yet");
    let store = Store::open(dir, Options::default(), clock.clone(), Arc::new(control.rollup()));
    let store = Arc::new(store.expect("an empty store"));
    let server = Server::new(config, store.clone(), control, clock.clone());
    let watched =
        json!({"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": true}});
    assert_eq!(server.call("/UpdateGroup", watched.to_string().as_bytes()).await.status, 200);
    server.look_for_insights().await;
    for minute in 0..QUIET + BAD {
        pass(&server, &clock, minute).await;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    told.send(listener.local_addr().expect("an address")).expect("somebody waits");
    server::http::serve(listener, server, async { stopped.await.unwrap_or_default() }).await;
    store.close();
}

/// Lets a minute pass.
async fn pass(server: &Server, clock: &ManualClock, minute: u64) {
    let begin = Micros(clock.now().0 - clock.now().0 % MINUTE);
    let fault_count = if minute < QUIET { 0 } else { REQUESTS / 4 };
    let mut texts = Vec::new();
    for request in 0..REQUESTS {
        let status = if request < fault_count { "500" } else { "200" };
        let text = format!("front 0..120ms {status}\n  > payments 5..110ms {status}");
        let number = minute as u32 * REQUESTS + request;
        texts.extend(Fixture::numbered(number, begin, &text).texts());
    }
    let body = json!({ "TraceSegmentDocuments": texts }).to_string();
    assert_eq!(server.call("/TraceSegments", body.as_bytes()).await.status, 200);
    // Ten seconds and more after its end a minute is looked at.
    clock.advance(begin.0 + MINUTE + MINUTE / 4 - clock.now().0);
    server.look_for_insights().await;
}
