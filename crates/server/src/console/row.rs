//! One trace, as a line of a list.

use std::collections::BTreeMap;

use serde::Serialize;
use store::StoredRow;
use trace::Summary;
use trace::cause::RootCause;
use utoipa::ToSchema;
use wire::value::Scalar;

use super::shape::NodeName;

/// One trace in short. Units: microseconds; the start since the epoch.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TraceRow {
    id: String,
    start: u64,
    /// First start to last end; null while anything is unfinished.
    #[schema(required)]
    duration: Option<u64>,
    /// How long the root segment took.
    #[schema(required)]
    response_time: Option<u64>,
    status: Status,
    has_fault: bool,
    has_error: bool,
    has_throttle: bool,
    is_partial: bool,
    #[schema(required)]
    method: Option<String>,
    #[schema(required)]
    url: Option<String>,
    #[schema(required)]
    http_status: Option<i64>,
    #[schema(required)]
    client_ip: Option<String>,
    #[schema(required)]
    user_agent: Option<String>,
    #[schema(required)]
    entry: Option<NodeName>,
    users: Vec<String>,
    annotations: BTreeMap<String, Vec<Value>>,
    /// Where the first fault began, or else the first error.
    #[schema(required)]
    cause: Option<Cause>,
    /// How many nodes took part, clients not counted.
    nodes: usize,
}

/// The worst that is true of a root segment: a fault before a throttle before an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    Ok,
    Error,
    Throttle,
    Fault,
}

/// The value of an annotation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// Where something began to fail.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Cause {
    service: NodeName,
    /// The type of what was thrown there.
    #[schema(required)]
    exception: Option<String>,
    #[schema(required)]
    message: Option<String>,
}

impl TraceRow {
    /// Returns the row of a stored trace.
    pub(crate) fn of(row: &StoredRow) -> Self {
        let summary = row.summary();
        let text = |text: Option<&str>| text.map(str::to_owned);
        let causes = summary.fault_root_causes.first().or(summary.error_root_causes.first());
        let is_service = |node: &&trace::NodeId<'_>| !NodeName::of(node).is_client();
        Self {
            id: summary.id.to_string(),
            start: summary.start.0,
            duration: summary.duration.map(|time| time.0),
            response_time: summary.response_time.map(|time| time.0),
            status: Status::of(&summary),
            has_fault: summary.has_fault,
            has_error: summary.has_error,
            has_throttle: summary.has_throttle,
            is_partial: summary.is_partial,
            method: text(summary.http.method),
            url: text(summary.http.url),
            http_status: summary.http.status,
            client_ip: text(summary.http.client_ip),
            user_agent: text(summary.http.user_agent),
            entry: summary.entry_point.as_ref().map(NodeName::of),
            users: summary.users.iter().map(|user| (*user).to_owned()).collect(),
            annotations: annotations(&summary),
            cause: causes.and_then(Cause::of),
            nodes: summary.nodes.iter().filter(is_service).count(),
        }
    }
}

fn annotations(summary: &Summary<'_>) -> BTreeMap<String, Vec<Value>> {
    let value = |value: &&Scalar<'_>| match value {
        Scalar::Text(text) => Value::Text(text.to_string()),
        Scalar::Number(number) => Value::Number(number.as_f64()),
        Scalar::Flag(flag) => Value::Flag(*flag),
    };
    let all = summary.annotations.iter();
    all.map(|(key, values)| ((*key).to_owned(), values.iter().map(value).collect())).collect()
}

impl Status {
    fn of(summary: &Summary<'_>) -> Self {
        match (summary.has_fault, summary.has_throttle, summary.has_error) {
            (true, _, _) => Self::Fault,
            (_, true, _) => Self::Throttle,
            (_, _, true) => Self::Error,
            _ => Self::Ok,
        }
    }
}

impl Cause {
    fn of(cause: &RootCause<'_>) -> Option<Self> {
        let last = cause.services.last()?;
        let exception = last.path.iter().rev().find_map(|entity| entity.exceptions.last());
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Self {
            service: NodeName::of(&last.node),
            exception: text(exception.and_then(|exception| exception.name)),
            message: text(exception.and_then(|exception| exception.message)),
        })
    }
}
