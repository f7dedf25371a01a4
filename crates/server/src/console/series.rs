//! `POST traces/series`: counts and response times, step by step.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use store::group::{self, By, Key};
use utoipa::ToSchema;
use wire::Micros;

use super::aggregate::grouped;
use super::shape::Scope;
use super::{Answer, Answered, Ask, buckets, error};

/// Steps of one answer.
const STEPS_MAX: u64 = 199;

/// Steps when nobody says how wide they are to be.
const STEPS_DEFAULT: u64 = 100;

/// Which traces, and how wide a step is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SeriesRequest {
    #[serde(flatten)]
    scope: Scope,
    /// Wider when there would be more than 200 steps. Units: microseconds.
    #[serde(default)]
    #[schema(nullable = false)]
    width: Option<u64>,
}

/// Traces by when they began.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Series {
    /// Where the first step begins. Units: microseconds since the epoch.
    start: u64,
    /// Units: microseconds.
    width: u64,
    /// Every step of the window, at most 200.
    steps: Vec<Step>,
    /// False when something could not be read.
    exact: bool,
}

/// The traces of one step. Units: microseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// Where it begins, since the epoch.
    at: u64,
    ok: u64,
    error: u64,
    throttle: u64,
    fault: u64,
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    p95: Option<u64>,
    #[schema(required)]
    p99: Option<u64>,
}

/// Counts traces by when they began.
#[utoipa::path(post, path = "/console/api/traces/series", operation_id = "series",
    request_body = SeriesRequest,
    responses((status = 200, body = Series), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn series(ask: &Ask<'_>) -> Answered {
    let request: SeriesRequest = ask.body()?;
    let Scope { from, to, .. } = request.scope;
    request.scope.window()?;
    let filter = &request.scope.filter(ask.app)?;
    let width = match request.width.filter(|width| *width > 0) {
        Some(width) if (to - from) / width < STEPS_MAX => width,
        Some(_) => buckets::width(from, to, STEPS_MAX - 1),
        None => buckets::width(from, to, STEPS_DEFAULT),
    };
    let by = &By::Start { width: Micros(width) };
    let found = grouped(ask, filter, from, to, by, usize::MAX)?;
    let exact = super::aggregate::is_exact(&found);
    let found: HashMap<Key, group::Measures> =
        found.groups.into_iter().map(|one| (one.key, one.measures)).collect();
    let steps = buckets::steps(from, to, width);
    let steps = steps.map(|at| Step::of(at, found.get(&Key::Start(Micros(at)))));
    Ok(Answer::json(&Series { start: from / width * width, width, steps: steps.collect(), exact }))
}

impl Step {
    fn of(at: u64, measures: Option<&group::Measures>) -> Self {
        let count = |of: fn(&group::Measures) -> u64| measures.map_or(0, of);
        let quantile = |part| measures.and_then(|of| of.quantile(part)).map(|time| time.0);
        Self {
            at,
            ok: count(group::Measures::ok_count),
            error: count(|of| of.error_count),
            throttle: count(|of| of.throttle_count),
            fault: count(|of| of.fault_count),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
        }
    }
}
