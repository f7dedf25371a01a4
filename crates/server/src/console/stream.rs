//! Answers that come piece by piece: lines of JSON while a query is on its way, and events for as
//! long as somebody listens.
//!
//! The work fills a short queue and waits while it is full, so an answer takes no more memory than
//! that, however slowly it is read. Whoever stops reading calls the query off.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use hyper::body::Frame;
use serde::Serialize;
use store::{Progress, Watch};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval_at};

use super::Error;
use crate::app::App;
use crate::http::reply;

/// How often an answer that has nothing else to say tells how far it is.
const PROGRESS_PERIOD: Duration = Duration::from_millis(250);

/// Pieces that wait to be sent.
const PIECES_MAX: usize = 16;

/// Lines are gathered into pieces of about this size.
const PIECE_BYTES: usize = 16 << 10;

/// What answers a request line by line.
pub(crate) struct Work {
    /// Does it. Its last line is `{"end":…}`, unless it fails.
    pub(crate) run: Box<Run>,
    /// Writes how far it is, as the members of `{"progress":…}`.
    pub(crate) progress: fn(Progress) -> serde_json::Value,
}

type Run = dyn FnOnce(&App, &Watch, &mut Lines<'_>) -> Result<(), Error> + Send;

/// Where lines go.
pub(crate) struct Lines<'w> {
    pieces: mpsc::Sender<Bytes>,
    piece: Vec<u8>,
    watch: &'w Watch,
}

impl Lines<'_> {
    /// Sends a line; when nobody reads any more, the query is called off and the line is lost.
    pub(crate) fn send(&mut self, line: &impl Serialize) {
        serde_json::to_writer(&mut self.piece, line).expect("the console's types can be written");
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE_BYTES {
            self.flush();
        }
    }

    /// Sends what was gathered.
    pub(crate) fn flush(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        let piece = std::mem::take(&mut self.piece);
        if self.pieces.blocking_send(piece.into()).is_err() {
            self.watch.cancel();
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Common<'e> {
    Progress(serde_json::Value),
    Error(super::error::Body<'e>),
}

/// The two ends of an answer that comes in lines: what the work fills, and the response.
pub(crate) struct Channel {
    pieces: mpsc::Sender<Bytes>,
    watch: Arc<Watch>,
    request_id: String,
}

impl Channel {
    /// Returns both ends.
    pub(crate) fn open(progress: fn(Progress) -> serde_json::Value) -> (Self, Response) {
        Self::open_at(progress, Instant::now() + PROGRESS_PERIOD)
    }

    /// Returns both ends; how far it is is told from this moment on.
    fn open_at(progress: fn(Progress) -> serde_json::Value, first: Instant) -> (Self, Response) {
        let (pieces, received) = mpsc::channel(PIECES_MAX);
        let watch = Arc::new(Watch::default());
        let id = reply::request_id();
        let request_id = id.to_str().unwrap_or_default().to_owned();
        let body = Pieces {
            received,
            progress: Some(Told {
                watch: watch.clone(),
                write: progress,
                last: Progress::default(),
                ticks: interval_at(first, PROGRESS_PERIOD),
            }),
        };
        let headers = [
            (CONTENT_TYPE, "application/x-ndjson"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let mut response = (headers, Body::new(body)).into_response();
        response.headers_mut().insert(reply::REQUEST_ID, id);
        (Self { pieces, watch, request_id }, response)
    }

    /// Does the work, where it may take its time, and returns how it went.
    pub(crate) fn fill(self, app: &App, work: Work) -> Result<(), Error> {
        let mut lines = Lines { pieces: self.pieces, piece: Vec::new(), watch: &self.watch };
        let outcome = (work.run)(app, &self.watch, &mut lines);
        if let Err(error) = &outcome {
            lines.send(&Common::Error(error.body(&self.request_id)));
        }
        lines.flush();
        outcome
    }

    /// Waits until nobody reads the answer any more.
    pub(crate) async fn closed(&self) {
        self.pieces.closed().await;
    }
}

/// Returns a response of server-sent events: whoever holds the other end sends them, whole, and ends
/// the response by dropping it.
pub(crate) fn events(received: mpsc::Receiver<Bytes>) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Body::new(Pieces { received, progress: None })).into_response()
}

/// A body that comes in pieces.
struct Pieces {
    received: mpsc::Receiver<Bytes>,
    progress: Option<Told>,
}

/// How far the reader was told that the query is.
struct Told {
    watch: Arc<Watch>,
    write: fn(Progress) -> serde_json::Value,
    last: Progress,
    ticks: Interval,
}

impl Told {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        while self.ticks.poll_tick(context).is_ready() {
            let now = self.watch.progress();
            if now != std::mem::replace(&mut self.last, now) {
                let line = Common::Progress((self.write)(now));
                let mut bytes = serde_json::to_vec(&line).expect("numbers can be written");
                bytes.push(b'\n');
                return Poll::Ready(bytes.into());
            }
        }
        Poll::Pending
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(piece) = self.received.poll_recv(context) {
            return Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))));
        }
        match &mut self.progress {
            Some(told) => told.poll(context).map(|line| Some(Ok(Frame::data(line)))),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;

    fn written(progress: Progress) -> serde_json::Value {
        json!({"scanned": progress.looked_at, "matched": progress.found})
    }

    #[tokio::test]
    async fn whoever_waits_is_told_how_far_it_is() {
        let (channel, response) = Channel::open_at(written, Instant::now());
        channel.watch.add(7, 3);
        let mut body = response.into_body();
        let first = body.frame().await.expect("a frame").expect("no error");
        let first = first.into_data().expect("data");
        assert_eq!(first, "{\"progress\":{\"matched\":3,\"scanned\":7}}\n");
        let piece = Bytes::from_static(b"{}\n");
        channel.pieces.send(piece.clone()).await.expect("somebody reads");
        drop(channel);
        assert_eq!(body.collect().await.expect("no error").to_bytes(), piece);
    }

    #[tokio::test]
    async fn whoever_stops_reading_calls_the_query_off() {
        let (channel, response) = Channel::open(written);
        assert!(!channel.watch.is_cancelled());
        drop(response);
        assert!(channel.watch.is_cancelled());
        channel.closed().await;
    }
}
