//! The way in for documents: judged one by one, appended together, answered when durable.
//!
//! `PutTraceSegments` uses the parts; [`Ingest::put`] is the whole, for documents that come as
//! datagrams and whose sender waits for no answer.

pub(crate) mod journal;

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use store::Batch;
use tokio::sync::oneshot;
use tracing::{error, warn};
use wire::api::ErrorCode;
use wire::limits::DOCUMENT_BYTES_MAX;
use wire::problem::{self, Code, Entity, Problem};
use wire::{Micros, Segment, api};

use self::journal::Tally;
use crate::app::App;

/// Lets documents in that do not come over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct Ingest {
    app: Arc<App>,
}

/// What became of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Durable.
    pub accepted_count: usize,
    /// Refused for what is wrong with them.
    pub rejected_count: usize,
}

/// Valid documents that were not kept.
#[derive(Clone, Debug, thiserror::Error)]
#[error("keep {document_count} documents")]
pub struct Error {
    /// How many.
    pub document_count: usize,
    /// What was in the way.
    pub cause: Cause,
    /// What the store says.
    pub source: store::Error,
}

/// What was in the way of keeping documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The memory budget is used up; later there may be room.
    MemoryFull,
    /// They are too many for one request.
    BatchTooLarge,
    /// The store takes no documents any more.
    Stopped,
    /// Writing failed; whether they are on the disk is not known.
    NotDurable,
}

impl Ingest {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Keeps what is valid of `documents`, each of which is the bytes of one document, as one
    /// ingestion request; done when they are durable. What is not kept is counted.
    ///
    /// # Errors
    /// When the valid ones could not be kept, none of them.
    pub async fn put(&self, documents: Vec<Bytes>) -> Result<Kept, Error> {
        let now = self.app.clock.now();
        let door = &self.app.metrics.udp;
        let bytes: usize = documents.iter().map(Bytes::len).sum();
        door.received.inc_by(documents.len() as u64);
        door.bytes.inc_by(bytes as u64);
        let mut batch = Batch::with_room(now, documents.len(), bytes);
        let mut tally = Tally::default();
        for document in &documents {
            let judged = match str::from_utf8(document) {
                Ok(text) => judge(text, &mut batch, &mut tally),
                Err(_) => Err(not_text()),
            };
            if let Err(problem) = judged {
                door.count_rejected(problem.code);
                self.app.journal.reject(now, door.name(), &problem, document);
                self.log_rejected(&problem, now);
            }
        }
        let accepted_count = batch.len();
        append(&self.app, batch).await?;
        door.accepted.inc_by(accepted_count as u64);
        self.app.journal.note(tally, now);
        Ok(Kept { accepted_count, rejected_count: documents.len() - accepted_count })
    }

    /// Says what was wrong and where; never what the document said.
    fn log_rejected(&self, problem: &Problem, now: Micros) {
        if let Some(suppressed_count) = self.app.rejection_log.pass(now) {
            let Problem { code, place, .. } = problem;
            warn!(%code, place, suppressed_count, "rejected a document that came by UDP");
        }
    }
}

/// Documents larger than this are refused unread, and so without their id: what is read of a bad
/// document takes many times its size.
const READ_BYTES_MAX: usize = 4 * DOCUMENT_BYTES_MAX;

/// Adds the document to the batch, and its sender to the tally, or returns what AWS would answer.
pub(crate) fn judge(document: &str, batch: &mut Batch, tally: &mut Tally) -> Result<(), Problem> {
    if document.len() > READ_BYTES_MAX {
        return Err(Problem {
            code: Code::DocumentTooLarge,
            entity: Entity::Segment,
            id: None,
            place: String::new(),
        });
    }
    let segment = Segment::parse(document).map_err(first)?;
    batch.push(document, &segment);
    tally.count(&segment);
    Ok(())
}

fn first(problems: Vec<Problem>) -> Problem {
    problems.into_iter().next().expect("what cannot be kept has a problem")
}

/// Bytes that are not UTF-8 are no JSON, as the empty text is none.
fn not_text() -> Problem {
    first(problem::check(""))
}

/// Appends the batch and waits until it is durable.
pub(crate) async fn append(app: &App, batch: Batch) -> Result<(), Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let document_count = batch.len();
    let (done, durable) = oneshot::channel();
    let appended = app.store.append(batch, move |result| {
        // Whoever asked may have gone away meanwhile; the documents are kept all the same.
        drop(done.send(result));
    });
    let result = match appended {
        Ok(()) => durable.await.unwrap_or(Err(store::Error::Closed)),
        Err(refused) => Err(refused),
    };
    result.map_err(|source| {
        let error = Error { document_count, cause: Cause::of(&source), source };
        app.metrics.count_dropped(error.cause.name(), document_count);
        log_dropped(app, &error);
        error
    })
}

fn log_dropped(app: &App, error: &Error) {
    let Some(suppressed_count) = app.drop_log.pass(app.clock.now()) else { return };
    let cause = error.cause.name();
    let source = chain(&error.source);
    match error.cause {
        Cause::MemoryFull | Cause::BatchTooLarge => {
            warn!(cause, source, suppressed_count, "refused documents");
        }
        Cause::Stopped | Cause::NotDurable => {
            error!(cause, source, suppressed_count, "lost documents");
        }
    }
}

/// Writes an error and what caused it.
pub(crate) fn chain(error: &store::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl Cause {
    fn of(error: &store::Error) -> Self {
        match error {
            store::Error::MemoryFull { .. } => Self::MemoryFull,
            store::Error::BatchTooLarge { .. } => Self::BatchTooLarge,
            store::Error::Poisoned { .. } | store::Error::Closed => Self::Stopped,
            _ => Self::NotDurable,
        }
    }

    /// Returns the name under which it is counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::MemoryFull => "memory_full",
            Self::BatchTooLarge => "batch_too_large",
            Self::Stopped => "stopped",
            Self::NotDurable => "not_durable",
        }
    }
}

impl Error {
    /// Returns what an API caller is told.
    pub(crate) fn answer(&self) -> api::Error {
        let (code, message) = match self.cause {
            Cause::MemoryFull => {
                (ErrorCode::Throttled, "The memory budget is used up; retry later")
            }
            Cause::BatchTooLarge => {
                (ErrorCode::RequestEntityTooLarge, "The request has too many documents")
            }
            Cause::Stopped => (
                ErrorCode::ServiceUnavailable,
                "The store takes no documents any more; /readyz says why",
            ),
            Cause::NotDurable => {
                (ErrorCode::ServiceUnavailable, "The documents could not be made durable")
            }
        };
        api::Error::new(code, message)
    }
}

/// Lets one log line through per second and counts the others.
#[derive(Debug, Default)]
pub(crate) struct LogLimit {
    next: AtomicU64,
    suppressed: AtomicU64,
}

impl LogLimit {
    /// Returns how many lines were held back since the last one; `None` to hold this one back.
    fn pass(&self, now: Micros) -> Option<u64> {
        let next = self.next.load(Ordering::Relaxed);
        let after = now.0.saturating_add(Micros::PER_SECOND);
        let is_due = now.0 >= next
            && self
                .next
                .compare_exchange(next, after, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if !is_due {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.suppressed.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests;
