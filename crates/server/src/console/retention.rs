//! `GET retention`: how long traces are kept, and how much there is of each day.

use serde::Serialize;
use store::{Predicate, Retention};
use utoipa::ToSchema;
use wire::Micros;

use super::{Answer, Answered, Ask};

const DAY: u64 = 24 * 3600 * Micros::PER_SECOND;

/// How long traces are kept. It is set in the config file, or by the flags of the same names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetentionStatus {
    /// How long a trace is kept: `retention`; null for ever.
    #[schema(required)]
    days: Option<f64>,
    /// How long a trace with a fault is kept: `retention-faults`; null when as long as the others.
    #[schema(required)]
    fault_days: Option<f64>,
    /// Blocks are removed while all together are larger: `retention-bytes`; null when that is all
    /// the same.
    #[schema(required)]
    bytes_max: Option<u64>,
    /// What is kept in blocks, the oldest day first.
    by_day: Vec<RetentionDay>,
}

/// What is kept of one day, in UTC.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetentionDay {
    /// When it begins. Units: microseconds since the epoch.
    day: u64,
    bytes: u64,
    traces: u64,
}

/// Says how long traces are kept.
#[utoipa::path(get, path = "/console/api/retention", operation_id = "retention",
    responses((status = 200, body = RetentionStatus)))]
pub(super) fn retention(ask: &Ask<'_>) -> Answered {
    let Retention { age, bytes_max, classes } = ask.app.store.retention();
    let faults = classes.iter().find(|(predicate, _)| *predicate == Predicate::has_fault());
    let day = |day: store::Day| RetentionDay {
        day: day.start.0,
        bytes: day.bytes,
        traces: day.trace_count,
    };
    Ok(Answer::json(&RetentionStatus {
        days: age.map(days),
        fault_days: faults.and_then(|(_, age)| age.map(days)),
        bytes_max: *bytes_max,
        by_day: ask.app.store.days().into_iter().map(day).collect(),
    }))
}

fn days(age: Micros) -> f64 {
    age.0 as f64 / DAY as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::{Options, Seal};
    use trace::fixture::BASE;

    use super::*;
    use crate::Config;
    use crate::console::tests::get;
    use crate::testing::{Stand, document};

    #[tokio::test]
    async fn what_is_kept_is_told_by_day() {
        let retention = Retention {
            age: Some(Micros(36 * 3600 * Micros::PER_SECOND)),
            bytes_max: Some(1 << 30),
            classes: vec![(Predicate::has_fault(), Some(Micros(10 * DAY)))],
        };
        let options = Options { retention, ..Options::default() };
        let stand = Stand::with(Config::default(), options);
        stand.put_trace("front 0..10ms").await;
        stand.put(&[document("")]).await;
        let (_, answer) = get(&stand, "retention").await;
        assert_eq!(
            answer,
            json!({"days": 1.5, "faultDays": 10.0, "bytesMax": 1 << 30, "byDay": []})
        );
        stand.store.seal(Seal::All).expect("sealed");
        let (_, answer) = get(&stand, "retention").await;
        let days = answer["byDay"].as_array().expect("a list");
        let shown: Vec<_> = days.iter().map(|day| (&day["day"], &day["traces"])).collect();
        // One began in the first seconds of the epoch.
        let expected = [json!(0), json!(BASE.0 / DAY * DAY)];
        assert_eq!(shown, [(&expected[0], &json!(1)), (&expected[1], &json!(1))]);
        assert!(days.iter().all(|day| day["bytes"].as_u64() > Some(0)));
    }
}
