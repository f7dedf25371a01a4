//! `BatchGetTraces`.

use bytes::Bytes;
use trace::Trace;
use wire::api::Error;
use wire::api::traces::{self, BatchGetTracesResponse, TraceIdsRequest};
use wire::limits::BATCH_GET_TRACES_IDS_MAX;
use wire::{Micros, TraceId, json};

use super::{assembled, refuse_next_token};
use crate::app::App;

/// Returns whole traces by their ids; unknown ids are left out.
///
/// Source: BatchGetTraces, captured answers.
pub(crate) fn batch_get(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = TraceIdsRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    if request.trace_ids.len() > BATCH_GET_TRACES_IDS_MAX {
        let message = format!("Exceeding maximum query size: {BATCH_GET_TRACES_IDS_MAX}");
        return Err(Error::invalid_request(message));
    }
    let ids = parse_ids(&request.trace_ids)?;
    let mut response = BatchGetTracesResponse::default();
    for (id, text) in ids.iter().zip(&request.trace_ids) {
        let Some(stored) = app.store.trace(id) else { continue };
        match assembled(app, &stored, whole) {
            Some(trace) => response.traces.push(trace),
            None => response.unprocessed_trace_ids.push(text.clone()),
        }
    }
    Ok(json::encode(&response).into())
}

/// Reads ids, each of which may be there once.
pub(super) fn parse_ids(texts: &[String]) -> Result<Vec<TraceId>, Error> {
    let is_repeated = |(index, text): (usize, &String)| {
        texts[..index].iter().any(|t| t.eq_ignore_ascii_case(text))
    };
    if texts.iter().enumerate().any(is_repeated) {
        return Err(Error::invalid_request("Containing duplicate trace ids"));
    }
    let parse = |text: &String| {
        TraceId::parse(text).ok_or_else(|| {
            Error::invalid_request(format!("Invalid trace id {text}: incorrect id format"))
        })
    };
    texts.iter().map(parse).collect()
}

fn whole(trace: &Trace<'_>) -> traces::Trace {
    let segment = |(id, document): (wire::SegmentId, String)| traces::Segment {
        document,
        id: id.to_string(),
    };
    traces::Trace {
        duration: trace.duration().map(Micros::seconds),
        id: trace.id.to_string(),
        limit_exceeded: trace.limit_exceeded,
        segments: trace.documents().into_iter().map(segment).collect(),
    }
}

#[cfg(test)]
mod tests;
