//! A server for tests: over a store in memory, with a clock that stands still.

use std::sync::Arc;

use serde_json::{Value, json};
use store::{FaultDir, MemDir, Options, Store, Upkeep};
use trace::fixture::{BASE, Fixture};
use wire::{Clock, ManualClock};

use crate::{Config, Control, Server};

/// A server and what a test may do to it.
pub(crate) struct Stand {
    pub(crate) server: Server,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) dir: FaultDir,
}

impl Stand {
    pub(crate) fn new() -> Self {
        Self::with(Config::default(), Options::default())
    }

    pub(crate) fn with(config: Config, options: Options) -> Self {
        let clock = Arc::new(ManualClock::at(BASE));
        let dir = FaultDir::new(Arc::new(MemDir::default()));
        Self::over(dir, clock, config, options)
    }

    /// Stops the server and starts another one over the same directory.
    pub(crate) fn restarted(self) -> Self {
        let Self { server, store, clock, dir } = self;
        let config = server.config().clone();
        store.close();
        drop((server, store));
        Self::over(dir, clock, config, Options::default())
    }

    fn over(dir: FaultDir, clock: Arc<ManualClock>, config: Config, options: Options) -> Self {
        let age = options.retention.longest();
        let control = Control::open(&config, Arc::new(dir.clone()), age).expect("sound settings");
        let store = Store::open(
            Arc::new(dir.clone()),
            Options { upkeep: Upkeep::ByHand, ..options },
            clock.clone(),
            Arc::new(control.rollup()),
        );
        let store = Arc::new(store.expect("a sound directory"));
        let server = Server::new(config, store.clone(), control, clock.clone());
        Self { server, store, clock, dir }
    }

    /// Returns the answer in one line: status, error type if any, body.
    pub(crate) async fn post(&self, path: &str, body: &str) -> String {
        let reply = self.server.call(path, body.as_bytes()).await;
        let body = str::from_utf8(&reply.body).expect("bodies are JSON");
        let error_type = reply.error_type.map_or(String::new(), |name| format!("{name} "));
        format!("{} {error_type}{body}", reply.status.as_u16())
    }

    /// Returns the body of a success.
    pub(crate) async fn ask(&self, path: &str, body: Value) -> Value {
        let reply = self.server.call(path, body.to_string().as_bytes()).await;
        let body = serde_json::from_slice(&reply.body).expect("bodies are JSON");
        assert_eq!(reply.error_type, None, "{body}");
        body
    }

    /// Sends documents in one request.
    pub(crate) async fn put(&self, documents: &[impl AsRef<str>]) -> String {
        let documents: Vec<_> = documents.iter().map(AsRef::as_ref).collect();
        let body = json!({"TraceSegmentDocuments": documents});
        self.post("/TraceSegments", &body.to_string()).await
    }

    /// Sends a trace, each request at its time; the clock is left at the last.
    pub(crate) async fn put_fixture(&self, fixture: &Fixture) {
        for request in fixture.documents.chunk_by(|a, b| a.request_number == b.request_number) {
            self.clock.advance(request[0].received.since(self.clock.now()).0);
            let texts: Vec<_> = request.iter().map(|document| &document.text).collect();
            assert_eq!(self.put(&texts).await, r#"200 {"UnprocessedTraceSegments":[]}"#);
        }
    }

    /// Sends trace number one.
    pub(crate) async fn put_trace(&self, text: &str) {
        self.put_fixture(&Fixture::new(text)).await;
    }
}

/// Returns a valid document with `members` put last, so that they count.
pub(crate) fn document(members: &str) -> String {
    format!(
        r#"{{"name":"a","id":"70de5b6f19ff9a0a","start_time":1.5,"end_time":2.5,"trace_id":"1-581cf771-a006649127e371903a2de979"{members}}}"#
    )
}
