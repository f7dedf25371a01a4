//! `GET info`: what this server is, for a console that has just been loaded.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Answered, Ask, TABLE};

/// What this server is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Info {
    version: &'static str,
    /// The endpoints there are, as their paths below `/console/api/`.
    features: Vec<&'static str>,
    endpoints: Endpoints,
    /// The server's clock. Units: microseconds since the epoch.
    now: u64,
    limits: Limits,
}

/// Where the server listens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoints {
    #[schema(required)]
    http: Option<String>,
    #[schema(required)]
    udp: Option<String>,
    #[schema(required)]
    tcp: Option<String>,
}

/// How much one request may ask.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    /// Rows of one page of a search.
    search_rows: usize,
    /// Groups of one table.
    groups: usize,
    /// Tables of one analysis.
    analytics_tables: usize,
    /// Traces of which a filtered graph is made.
    graph_traces: usize,
    /// Bytes of a filter expression.
    filter_bytes: usize,
}

/// Rows of one page of a search.
pub(super) const SEARCH_ROWS_MAX: usize = 500;

/// Groups of one table.
pub(super) const GROUPS_MAX: usize = 500;

/// Tables of one analysis.
pub(super) const ANALYTICS_TABLES_MAX: usize = 24;

/// Traces of which a filtered graph is made.
pub(super) const GRAPH_TRACES_MAX: usize = 20_000;

/// Says what this server is.
#[utoipa::path(get, path = "/console/api/info", operation_id = "info",
    responses((status = 200, body = Info)))]
pub(super) fn info(ask: &Ask<'_>) -> Answered {
    let at = ask.app.addresses();
    let features = TABLE.iter().filter_map(|one| one.path.strip_prefix("/console/api/"));
    Ok(Answer::json(&Info {
        version: env!("CARGO_PKG_VERSION"),
        features: features.collect(),
        endpoints: Endpoints {
            http: at.http.map(|address| address.to_string()),
            udp: at.udp.map(|address| address.to_string()),
            tcp: at.tcp.map(|address| address.to_string()),
        },
        now: ask.app.clock.now().0,
        limits: Limits {
            search_rows: SEARCH_ROWS_MAX,
            groups: GROUPS_MAX,
            analytics_tables: ANALYTICS_TABLES_MAX,
            graph_traces: GRAPH_TRACES_MAX,
            filter_bytes: wire::limits::FILTER_BYTES_MAX,
        },
    }))
}
