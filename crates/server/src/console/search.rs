//! `POST traces/search`: the first traces in an order, line by line.

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::sort::{Order, Place, Query, Time};
use store::{Axis, Progress, ScanCost};
use utoipa::ToSchema;
use wire::{Micros, TraceId};

use super::info::SEARCH_ROWS_MAX;
use super::row::TraceRow;
use super::shape::Scope;
use super::{Ask, Error, Work, error};
use crate::http::token;

/// Which traces, and in which order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Search {
    #[serde(flatten)]
    scope: Scope,
    /// By what they are sorted; the start unless said otherwise.
    #[serde(default)]
    #[schema(required = false)]
    by: SearchBy,
    /// The longest or newest first.
    #[serde(default)]
    descending: bool,
    /// Rows that are wanted, 1 to 500; 100 unless said otherwise.
    #[serde(default = "rows_default")]
    #[schema(required = false)]
    limit: usize,
    /// The cursor that the page before ended with.
    #[serde(default)]
    #[schema(nullable = false)]
    after: Option<String>,
}

fn rows_default() -> usize {
    100
}

/// By what traces are sorted. Those without it come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SearchBy {
    #[default]
    Start,
    Duration,
    ResponseTime,
}

/// A line of the answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "progress and errors are written where all answers in lines are")]
pub(crate) enum SearchLine<'e> {
    Progress(Scanned),
    Row(Box<TraceRow>),
    End(SearchEnd),
    Error(error::Body<'e>),
}

/// How far a search is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scanned {
    /// Traces that were looked at.
    scanned: u64,
    /// Those among them that match.
    #[schema(required)]
    matched: Option<u64>,
}

/// What there is to say behind the last row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchEnd {
    /// All traces that match, on all pages.
    total: u64,
    /// Traces that were looked at.
    scanned: u64,
    /// False when something could not be read.
    exact: bool,
    /// What to send as `after` for the next page; null when there is none.
    #[schema(required)]
    cursor: Option<String>,
    /// Blocks that could not be read.
    unreadable_blocks: u64,
}

/// Finds traces and sorts them; all that match are counted.
#[utoipa::path(post, path = "/console/api/traces/search", operation_id = "search",
    request_body = Search,
    responses((status = 200, body = SearchLine<'_>, content_type = "application/x-ndjson"),
        (status = "4XX", body = error::Body<'_>)))]
pub(super) fn search(ask: &Ask<'_>) -> Result<Work, Error> {
    let search: Search = ask.body()?;
    let window = search.scope.window()?;
    let filter = search.scope.filter(ask.app)?;
    let after = search.after.as_deref().map(|text| read_cursor(text, &search)).transpose()?;
    Ok(Work {
        progress,
        run: Box::new(move |app, watch, lines| {
            let query = Query {
                filter: &filter,
                axis: Axis::Start,
                window,
                by: search.time(),
                order: search.order(),
                after,
                traces_max: search.limit.clamp(1, SEARCH_ROWS_MAX),
                watch,
            };
            let found = app.store.sort(&query);
            for row in &found.rows {
                lines.send(&SearchLine::Row(Box::new(TraceRow::of(row))));
            }
            let ScanCost { unreadable_block_count, .. } = found.cost;
            lines.send(&SearchLine::End(SearchEnd {
                total: found.total,
                scanned: watch.progress().looked_at,
                exact: unreadable_block_count == 0,
                cursor: found.next.map(|place| write_cursor(place, &search)),
                unreadable_blocks: unreadable_block_count,
            }));
            Ok(())
        }),
    })
}

fn progress(progress: Progress) -> serde_json::Value {
    json!({"scanned": progress.looked_at, "matched": progress.found})
}

impl Search {
    fn time(&self) -> Time {
        match self.by {
            SearchBy::Start => Time::Start,
            SearchBy::Duration => Time::Duration,
            SearchBy::ResponseTime => Time::ResponseTime,
        }
    }

    fn order(&self) -> Order {
        if self.descending { Order::Descending } else { Order::Ascending }
    }

    /// Returns a byte that says in which order a place is one.
    fn code(&self) -> u8 {
        self.by as u8 * 2 + u8::from(self.descending)
    }
}

/// The order, whether there is a time, the time, and the trace's id.
const CURSOR_BYTES: usize = 1 + 1 + 8 + 16;

fn write_cursor(place: Place, search: &Search) -> String {
    let mut bytes = vec![search.code(), u8::from(place.time.is_some())];
    bytes.extend_from_slice(&place.time.unwrap_or_default().0.to_be_bytes());
    bytes.extend_from_slice(&place.id.0);
    token::encode(&bytes)
}

fn read_cursor(text: &str, search: &Search) -> Result<Place, Error> {
    let invalid = || Error::invalid("This is no cursor of such a search").in_field("after");
    let bytes: [u8; CURSOR_BYTES] = token::decode(text).map_err(|_| invalid())?;
    let [code, has_time, rest @ ..] = &bytes;
    if *code != search.code() {
        return Err(invalid());
    }
    let (time, id) = rest.split_first_chunk().expect("the cursor's length was checked");
    let time = (*has_time != 0).then(|| Micros(u64::from_be_bytes(*time)));
    Ok(Place { time, id: TraceId(id.try_into().expect("the cursor's length was checked")) })
}
