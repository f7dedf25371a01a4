//! Traces: how many there are.

use serde::Serialize;
use store::{Axis, Page, Query};
use utoipa::ToSchema;
use wire::Micros;

use super::shape::Scope;
use super::{Answer, Answered, Ask, error};

/// How many traces there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Count {
    /// Those in the window.
    total: u64,
    /// The start of the newest one, in the window or not. Units: microseconds since the epoch.
    #[schema(required)]
    latest: Option<u64>,
    /// False when something could not be read.
    exact: bool,
}

/// How many traces are put together and asked to find the newest one.
const LATEST_CHECKS_MAX: u64 = 4_096;

/// Says how many traces there are, and when the newest one began.
#[utoipa::path(post, path = "/console/api/traces/count", operation_id = "count",
    request_body = Scope,
    responses((status = 200, body = Count), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn count(ask: &Ask<'_>) -> Answered {
    let scope: Scope = ask.body()?;
    let filter = &scope.filter(ask.app)?;
    let page = Page { after: None, traces_max: 1 };
    let query =
        Query { filter, axis: Axis::Start, window: scope.window()?, page, checks_max: u64::MAX };
    let (total, cost) = ask.app.store.count_watched(&query, ask.watch);
    let ever = Micros(0)..=Micros(u64::MAX);
    let newest = Query { window: ever, checks_max: LATEST_CHECKS_MAX, ..query };
    let newest = ask.app.store.scan(&newest);
    Ok(Answer::json(&Count {
        total,
        latest: newest.rows.first().map(|row| row.start().0),
        exact: cost.unreadable_block_count == 0,
    }))
}
