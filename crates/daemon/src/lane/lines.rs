//! What a lane counts and says; a line of a kind at most once a second, with the count since the last.

use tracing::{debug, error, info, warn};
use wire::Micros;
use wire::api::client;
use wire::api::segments::UnprocessedTraceSegment;

use super::Lane;
use super::room::Batch;
use crate::destination::{Later, Outcome};
use crate::log_limit::LogLimit;
use crate::spool;

/// How many refused documents of a batch are named.
const REFUSED_LINES_MAX: usize = 5;

#[derive(Default)]
pub(super) struct Lines {
    sent: LogLimit,
    refused: LogLimit,
    failed: LogLimit,
    dropped: LogLimit,
    spool: LogLimit,
}

impl Lane {
    pub(super) fn count_dropped(&self, document_count: u64) {
        if document_count == 0 {
            return;
        }
        let count = usize::try_from(document_count).unwrap_or(usize::MAX);
        self.numbers.dropped.add(count);
        if let Some(count) = self.lines.lock().dropped.add(count, self.now()) {
            let endpoint = self.destination.endpoint();
            warn!(%endpoint, "Spilling over {count} segments: too many wait, the oldest are dropped");
        }
    }

    pub(super) fn count_failure(&self, later: Later) {
        let Later { failure, pause } = later;
        self.numbers.errors[failure as usize].add(1);
        if let Some(count) = self.lines.lock().failed.add(1, self.now()) {
            let (endpoint, cause) = (self.destination.endpoint(), failure.label());
            warn!(%endpoint, cause, count, ?pause, "could not send; documents wait");
        }
    }

    pub(super) fn count_spool_error(&self, error: &spool::Error) {
        self.numbers.spool_errors.add(1);
        if let Some(count) = self.lines.lock().spool.add(1, self.now()) {
            error!(%error, count, "the spool does not work");
        }
    }

    /// Counts what became of a batch that was answered.
    pub(super) fn count_answer(&self, batch: &Batch, outcome: Outcome, begin: Micros) {
        let count = batch.documents.len();
        let refused = match outcome {
            Outcome::Taken(refused) => refused,
            Outcome::Refused(status, error_type) => {
                self.numbers.refused.add(count);
                if let Some(batch_count) = self.lines.lock().refused.add(1, self.now()) {
                    let endpoint = self.destination.endpoint();
                    error!(%endpoint, status, error_type, batch_count, "batches were refused");
                }
                return;
            }
            Outcome::Later(_) => return,
        };
        let refused_count = refused.len().min(count);
        self.numbers.sent.add(count - refused_count);
        self.numbers.refused.add(refused_count);
        let took = self.now().0.saturating_sub(begin.0) as f64 / Micros::PER_SECOND as f64;
        if refused.is_empty() {
            if let Some(batch_count) = self.lines.lock().sent.add(1, self.now()) {
                info!(
                    batch_count,
                    "Successfully sent batch of {count} segments ({took:.3} seconds)"
                );
            }
        } else if self.lines.lock().refused.add(1, self.now()).is_some() {
            info!(
                "Sent batch of {count} segments but had {refused_count} Unprocessed segments ({took:.3} seconds)"
            );
            refused.iter().take(REFUSED_LINES_MAX).for_each(|one| say_refused(one, batch));
        }
        debug!(count, refused_count, took, "sent a batch");
    }

    fn now(&self) -> Micros {
        self.destination.clock().now()
    }
}

/// Names a refused document by its ids; what else is in it stays out of the log.
fn say_refused(refused: &UnprocessedTraceSegment, batch: &Batch) {
    let id = refused.id.as_deref().unwrap_or("-");
    let ids = batch.documents.iter().map(|document| client::ids(document));
    let trace_id =
        ids.into_iter().find(|(of, _)| of.as_deref() == Some(id)).and_then(|(_, trace)| trace);
    let trace_id = trace_id.as_deref().unwrap_or("-");
    let UnprocessedTraceSegment { error_code, message, .. } = refused;
    error!("Unprocessed segment: id {id}, trace id {trace_id}, {error_code}: {message}");
}
