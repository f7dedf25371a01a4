//! What is measured of traces, as answers say it.

use serde::Serialize;
use store::group;
use utoipa::ToSchema;
use wire::Micros;

/// Counts and response times of some traces. Each counts once: a fault before a throttle before an
/// error. Units: microseconds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Measures {
    traces: u64,
    ok: u64,
    error: u64,
    throttle: u64,
    fault: u64,
    /// Those that have a response time.
    timed: u64,
    #[schema(required)]
    average: Option<u64>,
    #[schema(required)]
    min: Option<u64>,
    #[schema(required)]
    max: Option<u64>,
    /// Good to two percent, as the other percentiles.
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    p95: Option<u64>,
    #[schema(required)]
    p99: Option<u64>,
}

impl From<&group::Measures> for Measures {
    fn from(of: &group::Measures) -> Self {
        let micros = |time: Option<Micros>| time.map(|time| time.0);
        Self {
            traces: of.trace_count,
            ok: of.ok_count(),
            error: of.error_count,
            throttle: of.throttle_count,
            fault: of.fault_count,
            timed: of.timed_count,
            average: of.response_time_sum.0.checked_div(of.timed_count),
            min: micros(of.response_time_min),
            max: micros(of.response_time_max),
            p50: micros(of.quantile(0.5)),
            p95: micros(of.quantile(0.95)),
            p99: micros(of.quantile(0.99)),
        }
    }
}
