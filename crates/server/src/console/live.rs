//! `GET live`: what comes in, as it comes, as server-sent events.
//!
//! Each listener looks at the store once a second, at the newest traces only, so what it costs does
//! not depend on how much comes in, and nothing waits for it. A trace that grows is sent again.

mod insights;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{Axis, Filter, Page, Query, StoredRow};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval};
use tracing::error;
use utoipa::{IntoParams, ToSchema};
use wire::metric::{Kind, Metric};
use wire::{Micros, TraceId};

use self::insights::Known;
use super::row::TraceRow;
use super::shape::Scope;
use super::{Error, Input, error, stream};
use crate::Server;
use crate::app::App;

/// Listeners at a time.
pub(crate) const LISTENERS_MAX: usize = 32;

/// How often a listener looks.
const PERIOD: Duration = Duration::from_secs(1);

/// Looks that wait to be sent. A listener that does not read misses what comes meanwhile.
const LOOKS_MAX: usize = 4;

/// Traces that are sent of one look.
const SENT_MAX: usize = 20;

/// New traces that are counted of one look.
const COUNTED_MAX: usize = 200;

/// Traces that are put together and asked for one look, where a filter needs that.
const CHECKS_MAX: u64 = 500;

/// How long after it came a document may become visible and is still noticed.
const OVERLAP: Micros = Micros(2 * Micros::PER_SECOND);

/// How far back a listener that comes again may go on.
const RESUMED_MAX: Micros = Micros(60 * Micros::PER_SECOND);

/// The header by which a browser says where it was.
const LAST_EVENT_ID: &str = "last-event-id";

/// Who listens.
#[derive(Debug)]
pub(crate) struct Listeners {
    seats: Arc<Semaphore>,
    refused: AtomicU64,
}

impl Default for Listeners {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(LISTENERS_MAX)), refused: AtomicU64::new(0) }
    }
}

impl Listeners {
    /// Returns how many there are, and how many were refused.
    pub(crate) fn numbers(&self) -> Vec<Metric> {
        let number = Metric::new;
        let count = LISTENERS_MAX - self.seats.available_permits();
        let refused = self.refused.load(Ordering::Relaxed);
        vec![
            number(Kind::Gauge, "console_listeners", "Pages that show what comes in", count as u64),
            number(
                Kind::Counter,
                "console_listeners_refused",
                "Pages that were refused it because there were too many",
                refused,
            ),
        ]
    }

    fn sit(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.seats).try_acquire_owned().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let message = "Too many pages show what comes in; close some of them";
            Error::new(StatusCode::TOO_MANY_REQUESTS, "TooManyListeners", message)
        })
    }
}

/// Which traces are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// A filter expression.
    filter: Option<String>,
    /// The name of a group, whose present filter must hold, too.
    group: Option<String>,
}

/// What is sent first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveHello {
    /// The server's clock. Units: microseconds since the epoch.
    now: u64,
}

/// What is sent with every look: what came in since the one before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveTick {
    /// The server's clock. Units: microseconds since the epoch.
    now: u64,
    /// Traces that match and are new or have grown.
    traces: usize,
    /// False when there were more.
    exact: bool,
    /// Documents that were kept, of all traces.
    documents: u64,
    /// Documents that were refused for what is wrong with them.
    rejected: u64,
    /// Traces that match and were not sent because there were too many.
    dropped: usize,
}

/// What is sent when an insight begins, changes or is over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveInsight {
    pub(super) id: String,
    /// `ACTIVE` or `CLOSED`.
    pub(super) state: &'static str,
    /// The group's name.
    pub(super) group: String,
    pub(super) summary: String,
}

/// The events of the stream, by their names.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only described here; each is written by itself")]
pub(crate) struct LiveEvents {
    hello: LiveHello,
    trace: TraceRow,
    tick: LiveTick,
    insight: LiveInsight,
}

/// Tells what comes in, until the reader goes away or the server stops.
#[utoipa::path(get, path = "/console/api/live", operation_id = "live", params(LiveQuery),
    responses((status = 200, content_type = "text/event-stream", body = LiveEvents),
        (status = "4XX", body = error::Body<'_>)))]
pub(super) fn live(server: &Server, input: &Input) -> Result<Response, Error> {
    let LiveQuery { filter, group } = input.query()?;
    let app = server.app();
    let predicate = Scope { from: 0, to: 0, filter, group }.predicate(app)?;
    let seat = app.listeners.sit()?;
    let now = app.clock.now();
    let resumed = input.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    let from = resumed.map_or(now, |id| Micros(id).clamp(now.since(RESUMED_MAX), now));
    let listener = Listener::new(app, Filter::of(&predicate, &Default::default()), from);
    let (looks, received) = mpsc::channel(LOOKS_MAX);
    tokio::spawn(listen(server.clone(), listener, looks, seat));
    Ok(stream::events(received))
}

/// Looks until nobody reads any more.
async fn listen(
    server: Server,
    listener: Listener,
    looks: mpsc::Sender<Bytes>,
    _seat: OwnedSemaphorePermit,
) {
    let mut closing = server.app().closing();
    let look = look_again_and_again(&server, listener, &looks);
    tokio::select! {
        () = look => {}
        () = looks.closed() => {}
        _ = closing.wait_for(|is_closing| *is_closing) => {}
    }
}

async fn look_again_and_again(
    server: &Server,
    mut listener: Listener,
    looks: &mpsc::Sender<Bytes>,
) {
    let hello = LiveHello { now: server.app().clock.now().0 };
    let mut text = event("hello", None, &hello);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if looks.send(text.into()).await.is_err() {
            return;
        }
        ticks.tick().await;
        let turn = server.query_turns().clone().acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        let shared = server.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let text = listener.look(shared.app());
            drop(turn);
            (listener, text)
        });
        match looked.await {
            Ok(looked) => (listener, text) = looked,
            Err(panic) => {
                error!(%panic, "looking at what comes in panicked");
                return;
            }
        }
    }
}

/// What one listener was told.
struct Listener {
    filter: Filter,
    has_begun: bool,
    /// What came until then was told.
    until: Micros,
    /// Traces that were told of lately, with the time of what was newest in them.
    told: HashMap<TraceId, Micros>,
    document_count: u64,
    rejected_count: u64,
    insights: Known,
}

impl Listener {
    fn new(app: &App, filter: Filter, until: Micros) -> Self {
        let (document_count, rejected_count) = counts(app);
        let insights = Known::of(app);
        let told = HashMap::new();
        Self { filter, has_begun: false, until, told, document_count, rejected_count, insights }
    }

    /// Returns the events of what came since the last look.
    fn look(&mut self, app: &App) -> String {
        if !std::mem::replace(&mut self.has_begun, true) {
            // What was there before is not new.
            self.new_rows(app, self.until);
        }
        let now = app.clock.now().max(self.until);
        let (mut rows, exact) = self.new_rows(app, now);
        let trace_count = rows.len();
        rows.truncate(SENT_MAX);
        let mut text = String::new();
        for row in rows.iter().rev() {
            text += &event("trace", Some(row.updated()), &TraceRow::of(row));
        }
        for insight in self.insights.changes(app) {
            text += &event("insight", None, &insight);
        }
        let (document_count, rejected_count) = counts(app);
        let tick = LiveTick {
            now: now.0,
            traces: trace_count,
            exact,
            documents: document_count - self.document_count,
            rejected: rejected_count - self.rejected_count,
            dropped: trace_count - rows.len(),
        };
        (self.document_count, self.rejected_count) = (document_count, rejected_count);
        self.until = now;
        text + &event("tick", Some(now), &tick)
    }

    /// Returns the traces that are new or have grown, the newest first, and whether these are all.
    fn new_rows(&mut self, app: &App, now: Micros) -> (Vec<Arc<StoredRow>>, bool) {
        let since = self.until.since(OVERLAP);
        self.told.retain(|_, updated| *updated >= since);
        let query = Query {
            filter: &self.filter,
            axis: Axis::Updated,
            window: since..=now,
            page: Page { after: None, traces_max: COUNTED_MAX + self.told.len() },
            checks_max: CHECKS_MAX,
        };
        let found = app.store.scan(&query);
        let mut rows = found.rows;
        rows.retain(|row| {
            let before = self.told.insert(row.id(), row.updated());
            before.is_none_or(|before| before < row.updated())
        });
        (rows, found.next.is_none())
    }
}

/// Documents that were kept and that were refused, since the server began.
fn counts(app: &App) -> (u64, u64) {
    let doors = [&app.metrics.http, &app.metrics.udp];
    let sum = |of: fn(&crate::metrics::DoorCounters) -> u64| doors.map(of).into_iter().sum();
    (sum(|door| door.accepted.get()), sum(|door| door.rejected_count()))
}

/// Writes an event.
fn event(name: &str, id: Option<Micros>, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).expect("the console's types can be written");
    let id = id.map_or(String::new(), |Micros(id)| format!("id: {id}\n"));
    format!("event: {name}\n{id}data: {data}\n\n")
}

#[cfg(test)]
mod tests;
