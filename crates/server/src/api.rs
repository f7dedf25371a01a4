//! What the operations answer: one file per group of operations.
//!
//! Each function takes a request's body and returns the response's. The shapes of both are
//! `wire::api`'s; here is what the answer is.

pub(crate) mod segments;

pub(crate) mod traces;

pub(crate) mod summaries;

pub(crate) mod graph;

pub(crate) mod insights;

pub(crate) mod series;

pub(crate) mod retrieval;

pub(crate) mod sampling;

pub(crate) mod groups;

pub(crate) mod tags;

pub(crate) mod policies;

pub(crate) mod settings;

use store::StoredTrace;
use trace::Trace;
use tracing::error;
use wire::api::Error;

use crate::app::App;
use crate::rollup;

/// Rejects a page token where the operation knows only one page.
///
/// Source: BatchGetTraces, GetTraceGraph and GetServiceGraph, captured answers.
fn refuse_next_token(token: Option<&str>) -> Result<(), Error> {
    match token {
        None => Ok(()),
        Some(_) => Err(Error::invalid_request("NextToken is currently not supported")),
    }
}

/// Shows `look` what the stored documents mean together; `None` when they cannot be read any more,
/// which is counted and logged.
pub(crate) fn assembled<T>(
    app: &App,
    stored: &StoredTrace,
    look: impl FnOnce(&Trace<'_>) -> T,
) -> Option<T> {
    match rollup::assemble(stored) {
        Ok(trace) => Some(look(&trace)),
        Err(error) => {
            app.metrics.unreadable_traces.inc();
            error!(%error, "left a trace out of an answer");
            None
        }
    }
}

#[cfg(test)]
mod tests;
