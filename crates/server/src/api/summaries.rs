//! `GetTraceSummaries`.
//!
//! Pages go from the newest trace to the oldest. A token says at which trace the page before ended,
//! and on which axis, so a scan may be resumed at any time; traces that arrive or change while a
//! client turns pages stand before the pages already turned.

mod shape;

use std::ops::RangeInclusive;

use bytes::Bytes;
use store::{Axis, Cursor, Filter, Page, Query, StoredRow};
use wire::api::Error;
use wire::api::summaries::{
    EncodedSummary, GetTraceSummariesRequest, GetTraceSummariesResponse, SamplingStrategyName,
    TimeRangeType,
};
use wire::{Micros, Seconds, TraceId, json};

use crate::app::App;
use crate::http::token;

/// How far a window of `TimeRangeType::Service` reaches back beyond its start.
///
/// Source: GetTraceSummaries, captured answers.
const SERVICE_WINDOW_EXTENSION: Micros = Micros(60 * Micros::PER_SECOND);

/// Returns one page of the traces in a window, newest first.
///
/// Source: GetTraceSummaries, captured answers.
pub(crate) fn page(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetTraceSummariesRequest::parse(body)?;
    let rate = sampling_rate(&request)?;
    refuse_filter(request.filter_expression.as_deref())?;
    let window = window(&request)?;
    let axis = axis(request.time_range_type);
    let after = request.next_token.as_deref().map(|token| read_token(token, axis)).transpose()?;
    let page = Page { after, traces_max: app.config.page_summaries_max };
    let (filter, checks_max) = (Filter::EVERYTHING, u64::MAX);
    let query = Query { filter, axis, window: window.clone(), page, checks_max };
    let found = app.store.scan(&query);
    let time_range_type = request.time_range_type;
    let encoded =
        |row: &StoredRow| EncodedSummary::from(&shape::summary(&row.summary(), time_range_type));
    let sampled = found.rows.iter().filter(|row| is_sampled(row.id(), rate));
    let response = GetTraceSummariesResponse {
        approximate_time: Seconds::from(
            after.map_or(*window.start(), |after| after.time).floor_second(),
        ),
        next_token: found.next.map(|cursor| write_token(cursor, axis)),
        trace_summaries: sampled.map(|row| encoded(row)).collect(),
        traces_processed_count: app.store.count(&query).0,
    };
    Ok(json::encode(&response).into())
}

/// Checks a window's order.
pub(super) fn check_order(start: Seconds, end: Seconds) -> Result<(), Error> {
    if end < start {
        return Err(Error::invalid_request("End time cannot be earlier than start time"));
    }
    Ok(())
}

fn window(request: &GetTraceSummariesRequest) -> Result<RangeInclusive<Micros>, Error> {
    check_order(request.start_time, request.end_time)?;
    let (start, end) = (request.start_time.micros(), request.end_time.micros());
    Ok(match request.time_range_type {
        TimeRangeType::Service => start.since(SERVICE_WINDOW_EXTENSION)..=end,
        TimeRangeType::TraceId | TimeRangeType::Event => start..=end,
    })
}

fn axis(time_range_type: TimeRangeType) -> Axis {
    match time_range_type {
        TimeRangeType::TraceId => Axis::Start,
        TimeRangeType::Event => Axis::Updated,
        TimeRangeType::Service => Axis::End,
    }
}

/// An expression that is not understood must not be taken for one that everything satisfies.
fn refuse_filter(expression: Option<&str>) -> Result<(), Error> {
    match expression.map(str::trim) {
        None | Some("") => Ok(()),
        Some(_) => Err(Error::invalid_request("Filter expressions are not supported yet")),
    }
}

/// Returns the fraction of the traces that is wanted.
///
/// A partial scan of a store that can scan everything leaves nothing out.
///
/// Source: GetTraceSummaries, third-party observations of the two error messages.
fn sampling_rate(request: &GetTraceSummariesRequest) -> Result<f64, Error> {
    let strategy = request.sampling_strategy.filter(|_| request.sampling).unwrap_or_default();
    if strategy.name != Some(SamplingStrategyName::FixedRate) {
        return Ok(1.0);
    }
    let rate = strategy.value.filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| {
        Error::invalid_request(
            "sampling rate must be specified and its value must be between [0, 1]",
        )
    })?;
    if request.time_range_type != TimeRangeType::Event {
        return Err(Error::invalid_request(format!(
            "Cannot use FixedRate with input time range type: {}. Please try using time range \
             type: {}",
            request.time_range_type.word(),
            TimeRangeType::Event.word(),
        )));
    }
    Ok(rate)
}

/// Decides by the id's last bits, which are random, so that every page and every repetition of a
/// query keeps the same traces.
fn is_sampled(id: TraceId, rate: f64) -> bool {
    let last = id.0.last_chunk().expect("an id has 16 bytes");
    let place = u64::from_be_bytes(*last) as f64 / u64::MAX as f64;
    rate >= 1.0 || place < rate
}

/// Axis, time and trace id.
const TOKEN_BYTES: usize = 1 + 8 + 16;

fn write_token(cursor: Cursor, axis: Axis) -> String {
    let mut bytes = Vec::with_capacity(TOKEN_BYTES);
    bytes.push(axis_code(axis));
    bytes.extend_from_slice(&cursor.time.0.to_be_bytes());
    bytes.extend_from_slice(&cursor.id.0);
    token::encode(&bytes)
}

fn read_token(text: &str, axis: Axis) -> Result<Cursor, Error> {
    let bytes: [u8; TOKEN_BYTES] = token::decode(text)?;
    let [code, rest @ ..] = &bytes;
    let (time, id) = rest.split_first_chunk().expect("the token's length was checked");
    if *code != axis_code(axis) {
        return Err(token::invalid(text));
    }
    let id = TraceId(id.try_into().expect("the token's length was checked"));
    Ok(Cursor { time: Micros(u64::from_be_bytes(*time)), id })
}

fn axis_code(axis: Axis) -> u8 {
    match axis {
        Axis::Start => 0,
        Axis::Updated => 1,
        Axis::End => 2,
    }
}

#[cfg(test)]
mod tests;
