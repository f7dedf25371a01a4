//! `POST groups/preview`: what a group with this filter would have.

use serde::{Deserialize, Serialize};
use store::{Axis, Filter, Page, Query};
use utoipa::ToSchema;
use wire::Micros;

use super::shape::{read_filter, resolved, window};
use super::{Answer, Answered, Ask, error};

/// Traces that are put together and asked to find the newest one.
const LATEST_CHECKS_MAX: u64 = 4_096;

/// A filter on its way to be a group's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewRequest {
    /// The earliest start. Units: microseconds since the epoch.
    from: u64,
    /// The latest start, itself included. Units: microseconds since the epoch.
    to: u64,
    filter: String,
}

/// What the group would have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Preview {
    /// The traces of the window that the filter matches.
    matched: u64,
    /// All traces of the window.
    total: u64,
    /// False when something could not be read.
    exact: bool,
    /// The start of the newest trace that the filter matches, in the window or not. Units:
    /// microseconds since the epoch.
    #[schema(required)]
    latest: Option<u64>,
}

/// Says what a group with this filter would have.
#[utoipa::path(post, path = "/console/api/groups/preview", operation_id = "previewGroup",
    request_body = PreviewRequest,
    responses((status = 200, body = Preview), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn preview(ask: &Ask<'_>) -> Answered {
    let PreviewRequest { from, to, filter } = ask.body()?;
    let predicate = resolved(ask.app, read_filter(&filter, "filter")?)?;
    let filter = &Filter::of(&predicate, &Default::default());
    let page = Page { after: None, traces_max: 1 };
    let (axis, window) = (Axis::Start, window(from, to)?);
    let query = Query { filter, axis, window, page, checks_max: u64::MAX };
    let store = &ask.app.store;
    let (matched, cost) = store.count(&query);
    let (total, _) = store.count(&Query { filter: Filter::EVERYTHING, ..query.clone() });
    let ever = Micros(0)..=Micros(u64::MAX);
    let newest = store.scan(&Query { window: ever, checks_max: LATEST_CHECKS_MAX, ..query });
    Ok(Answer::json(&Preview {
        matched,
        total,
        exact: cost.unreadable_block_count == 0,
        latest: newest.rows.first().map(|row| row.start().0),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trace::fixture::BASE;

    use crate::console::tests::{post, refused};
    use crate::testing::Stand;

    #[tokio::test]
    async fn a_filter_is_tried_on_a_window() {
        let stand = Stand::new();
        stand.put_trace("front 0..10ms 500").await;
        stand.put(&[crate::testing::document("")]).await;
        let body = |filter: &str, to: u64| json!({"from": 0, "to": to, "filter": filter});
        for (body, matched, total, latest) in [
            (body("fault", BASE.0), 1, 2, Some(BASE.0)),
            (body("ok", BASE.0), 1, 2, Some(1_500_000)),
            (body("fault", 2_000_000), 0, 1, Some(BASE.0)),
            (body("throttle", BASE.0), 0, 2, None),
            (body("", BASE.0), 2, 2, Some(BASE.0)),
        ] {
            let expected =
                json!({"matched": matched, "total": total, "exact": true, "latest": latest});
            assert_eq!(post(&stand, "groups/preview", &body).await, expected, "{body}");
        }
        let (_, answer) = refused(&stand, "groups/preview", &body("faul", 1)).await;
        assert_eq!((&answer["code"], &answer["offset"]), (&json!("InvalidFilter"), &json!(0)));
    }
}
