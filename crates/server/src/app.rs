//! The server as one value: what its parts share, and how a call reaches its operation.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use store::{Health, Store};
use tokio::sync::{Semaphore, watch};
use tracing::{debug, error};
use wire::Clock;
use wire::api::Error;

use crate::console::bookmarks::Bookmarks;
use crate::console::layout::Layouts;
use crate::console::live::Listeners;
use crate::control::Control;
use crate::groups::Groups;
use crate::http::{Budget, stack};
use crate::ingest::journal::Journal;
use crate::ingest::{self, LogLimit};
use crate::insights::Insights;
use crate::metrics::Metrics;
use crate::retrieval::Retrievals;

use crate::policies::Policies;
use crate::routes::{self, Call, Route};
use crate::sampling::Sampling;
use crate::settings::Settings;
use crate::{Addresses, Config, Ingest, Reply, api};

/// The largest body that is read on an async thread; the reading of a larger one takes long enough
/// to keep other connections waiting.
const INLINE_BODY_BYTES_MAX: usize = 256 << 10;

/// The backend. Cheap to clone; clones are the same server.
#[derive(Clone)]
pub struct Server {
    app: Arc<App>,
}

/// What the operations share.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) insights: Arc<Insights>,
    pub(crate) sampling: Sampling,
    pub(crate) retrievals: Retrievals,
    pub(crate) policies: Policies,
    pub(crate) settings: Settings,
    pub(crate) bookmarks: Bookmarks,
    pub(crate) layouts: Layouts,
    pub(crate) metrics: Metrics,
    pub(crate) journal: Journal,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) rejection_log: LogLimit,
    pub(crate) drop_log: LogLimit,
    budget: Budget,
    /// One at a time, so that no more than one thread waits for the disk.
    changes: Arc<Semaphore>,
    queries: Arc<Semaphore>,
    addresses: OnceLock<Addresses>,
    /// True once the server is told to stop: what would go on for ever then ends.
    closing: watch::Sender<bool>,
}

impl Server {
    /// Returns a server over `store`, with the settings in `control`, that listens nowhere yet.
    pub fn new(config: Config, store: Arc<Store>, control: Control, clock: Arc<dyn Clock>) -> Self {
        let metrics = Metrics::new(store.clone());
        let insights = control.insights.clone();
        metrics.register(move || insights.numbers());
        let listeners = Arc::new(Listeners::default());
        let listening = listeners.clone();
        metrics.register(move || listening.numbers());
        let app = App {
            groups: control.groups,
            retrievals: Retrievals::default(),
            insights: control.insights,
            sampling: Sampling::new(
                control.sampling_rules,
                metrics.sampling_clients_refused.clone(),
            ),
            policies: control.policies,
            settings: control.settings,
            bookmarks: control.bookmarks,
            layouts: control.layouts,
            metrics,
            journal: Journal::new(clock.now()),
            listeners,
            rejection_log: LogLimit::default(),
            drop_log: LogLimit::default(),
            budget: Budget::default(),
            changes: Arc::new(Semaphore::new(1)),
            queries: Arc::new(Semaphore::new(config.queries_max)),
            addresses: OnceLock::new(),
            closing: watch::Sender::new(false),
            config,
            store,
            clock,
        };
        Self { app: Arc::new(app) }
    }

    /// Returns the HTTP front as a service.
    pub fn router(&self) -> axum::Router {
        stack::router(self.clone())
    }

    /// Returns the way in for documents that do not come over HTTP.
    pub fn ingest(&self) -> Ingest {
        Ingest::new(self.app.clone())
    }

    /// Calls the operation that is posted to `path`, within the process.
    pub async fn call(&self, path: &str, body: &[u8]) -> Reply {
        match routes::find(path) {
            Some(route) => self.run(route, Bytes::copy_from_slice(body)).await,
            None => self.reply("-", Err(routes::unknown("POST", path))),
        }
    }

    /// Returns the counters, to be read or to have others registered beside them.
    pub fn metrics(&self) -> &Metrics {
        &self.app.metrics
    }

    /// Returns whether the server can do its work.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub fn readiness(&self) -> Result<(), String> {
        match self.app.store.health() {
            Health::Ready => Ok(()),
            Health::Poisoned(reason) => Err(format!(
                "the store has stopped writing until the next start: failed to {}",
                ingest::chain(&reason)
            )),
            Health::Closed => Err("the store was closed".to_owned()),
        }
    }

    /// Looks for insights in the minutes that have ended; [`Server::watch`] does it from time to time.
    pub async fn look_for_insights(&self) {
        let app = self.app.clone();
        let tick = move || app.insights.tick(&app, app.clock.now());
        if let Err(panic) = tokio::task::spawn_blocking(tick).await {
            error!(%panic, "looking for insights panicked");
        }
    }

    /// Says where the server can be reached, once that is known; the console shows it.
    pub fn set_addresses(&self, addresses: Addresses) {
        // Who said it first said it.
        self.app.addresses.set(addresses).ok();
    }

    /// Ends the answers that would go on for ever.
    pub(crate) fn close(&self) {
        self.app.closing.send_replace(true);
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// What waits for its turn to read the store.
    pub(crate) fn query_turns(&self) -> &Arc<Semaphore> {
        &self.app.queries
    }

    /// What waits for its turn to change a setting.
    pub(crate) fn change_turns(&self) -> &Arc<Semaphore> {
        &self.app.changes
    }

    pub(crate) fn store(&self) -> &Store {
        &self.app.store
    }

    pub(crate) fn config(&self) -> &Config {
        &self.app.config
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.app.budget
    }

    /// Runs an operation.
    pub(crate) async fn run(&self, route: &'static Route, body: Bytes) -> Reply {
        let answer = self.answer(route, body).await;
        self.reply(route.operation, answer)
    }

    /// Makes an answer a reply and counts it; `operation` is `-` when there is none.
    pub(crate) fn reply(&self, operation: &'static str, answer: Result<Bytes, Error>) -> Reply {
        let reply = Reply::from(answer);
        let outcome = reply.error_type.unwrap_or("ok");
        self.app.metrics.count_request(operation, outcome);
        debug!(operation, outcome, "answered a request");
        reply
    }

    async fn answer(&self, route: &'static Route, body: Bytes) -> Result<Bytes, Error> {
        match route.call {
            Call::Now(operation) => operation(&self.app, &body),
            Call::Query(operation) => self.in_turn(&self.app.queries, operation, body).await,
            Call::Change(operation) => self.in_turn(&self.app.changes, operation, body).await,
            Call::PutTraceSegments => self.put_segments(body).await,
        }
    }

    /// Runs an operation off the async threads once it has its turn.
    async fn in_turn(
        &self,
        turns: &Arc<Semaphore>,
        operation: fn(&App, &[u8]) -> Result<Bytes, Error>,
        body: Bytes,
    ) -> Result<Bytes, Error> {
        let app = self.app.clone();
        let turn = turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        off_thread(move || {
            let answer = operation(&app, &body);
            // Not earlier, though the client may have gone away long ago.
            drop(turn);
            answer
        })
        .await
    }

    async fn put_segments(&self, body: Bytes) -> Result<Bytes, Error> {
        let judged = if body.len() <= INLINE_BODY_BYTES_MAX {
            api::segments::judge(&self.app, &body)?
        } else {
            let app = self.app.clone();
            off_thread(move || api::segments::judge(&app, &body)).await?
        };
        api::segments::keep(&self.app, judged).await
    }
}

impl App {
    /// Returns where the server can be reached, as far as it was told.
    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.get().copied().unwrap_or_default()
    }

    /// Returns what becomes true once the server is told to stop.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// Runs `work` where it may take its time.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| {
        error!(%panic, "an operation panicked");
        Err(Error::internal())
    })
}
