//! `GetTraceSummaries`.
//!
//! Pages go from the newest trace to the oldest. A token says at which trace the page before ended,
//! and on which axis, so a scan may be resumed at any time; traces that arrive or change while a
//! client turns pages stand before the pages already turned.
//!
//! A filter that hardly any trace passes may need a look at very many: a page then ends where so many
//! were looked at, short or empty, and the token goes on from there.

mod shape;

use std::ops::RangeInclusive;

use bytes::Bytes;
use filter::{Options, Predicate};
use store::{Axis, Cursor, Filter, Page, Query, Scanned, StoredRow};
use wire::api::Error;
use wire::api::summaries::{
    EncodedSummary, GetTraceSummariesRequest, GetTraceSummariesResponse, SamplingStrategyName,
    TimeRangeType,
};
use wire::{Micros, Seconds, TraceId, json};

use crate::app::App;
use crate::expression;
use crate::http::token;

/// How far a window of `TimeRangeType::Service` reaches back beyond its start.
///
/// Source: GetTraceSummaries, captured answers.
const SERVICE_WINDOW_EXTENSION: Micros = Micros(60 * Micros::PER_SECOND);

/// How many traces are put together and asked for one page, where a filter needs that.
const CHECKS_MAX: u64 = 4_096;

/// Returns one page of the traces in a window that fit the filter expression, newest first.
///
/// Source: GetTraceSummaries, captured answers.
pub(crate) fn page(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetTraceSummariesRequest::parse(body)?;
    let rate = sampling_rate(&request)?;
    let predicate = predicate(app, request.filter_expression.as_deref())?;
    let window = window(&request)?;
    let time_range_type = request.time_range_type;
    let axis = axis(time_range_type);
    let after = request.next_token.as_deref().map(|token| read_token(token, axis)).transpose()?;
    let page = Page { after, traces_max: app.config.page_summaries_max };
    let filter = &Filter::of(&predicate, &options(time_range_type, &window));
    let query = Query { filter, axis, window: window.clone(), page, checks_max: CHECKS_MAX };
    let found = app.store.scan(&query);
    let everything = Query { filter: Filter::EVERYTHING, ..query };
    let encoded =
        |row: &StoredRow| EncodedSummary::from(&shape::summary(&row.summary(), time_range_type));
    let sampled = found.rows.iter().filter(|row| is_sampled(row.id(), rate));
    let response = GetTraceSummariesResponse {
        approximate_time: Seconds::from(reached(&window, &page, &found).floor_second()),
        next_token: found.next.map(|cursor| write_token(cursor, axis)),
        trace_summaries: sampled.map(|row| encoded(row)).collect(),
        traces_processed_count: app.store.count(&everything).0,
    };
    Ok(json::encode(&response).into())
}

/// Returns the time that a page is about: where it begins or, if it ended before it was full, where
/// it ended.
fn reached(window: &RangeInclusive<Micros>, page: &Page, found: &Scanned) -> Micros {
    let is_short = found.rows.len() < page.traces_max;
    let cursor = found.next.filter(|_| is_short).or(page.after);
    cursor.map_or(*window.start(), |cursor| cursor.time)
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

/// Reads a filter expression, with the filters of groups in the places of their names.
///
/// Source: GetTraceSummaries, captured answers.
fn predicate(app: &App, text: Option<&str>) -> Result<Predicate, Error> {
    let predicate = expression::read(text.unwrap_or_default())?;
    predicate.resolve(&|group| app.groups.expression_of(group)).map_err(|error| {
        Error::invalid_request(match error {
            filter::Error::GroupCycle(_) => "Filter expression has groups that refer to each other",
            filter::Error::TooManyGroups => "Filter expression refers to too many groups",
        })
    })
}

/// Returns how the expression is meant: in a window of segments' ends, selectors are about segments
/// that ended in it.
fn options(time_range_type: TimeRangeType, window: &RangeInclusive<Micros>) -> Options {
    let ended = *window.start()..Micros(window.end().0.saturating_add(1));
    Options { window: (time_range_type == TimeRangeType::Service).then_some(ended) }
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
