//! The console's own endpoints, below `/console/api/`: what its pages ask beyond the public API.
//!
//! They follow the console: programs should use the X-Ray API, which stays as it is
//! (`docs/console-api.md`, ADR 0011). Bodies are typed beside the functions that answer them, and
//! what is written of them in `docs/console-api.json` is made of these types.
//!
//! A request passes `run` (where it runs, what it may), its function in the table below, and comes
//! back as an `Answer`, as an `Error`, or line by line (`stream`).

mod error;
mod input;

mod answer;
mod stream;

mod run;

mod measures;
mod row;
mod shape;
mod term;

mod info;

mod expressions;

mod fields;

mod ingest;

pub(crate) mod live;

mod retention;

pub(crate) mod bookmarks;

mod preview;

mod sampling;

mod aggregate;
mod search;
mod series;
mod traces;
mod typical;

mod buckets;
mod histogram;

mod labels;
pub(crate) mod layout;
mod map;

mod analytics;

mod openapi;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{MethodFilter, any, on};
use http::Method;

pub(crate) use answer::{Answer, Answered};
pub(crate) use error::Error;
pub(crate) use input::{Ask, Input};
pub(crate) use stream::{Lines, Work};

use crate::Server;

/// One endpoint.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    /// The path; what stands in braces is the request's to say.
    pub(crate) path: &'static str,
    /// How it is answered.
    pub(crate) call: Call,
}

/// How an endpoint is answered; each variant says where its function runs.
pub(crate) enum Call {
    /// From memory, at once.
    Now(fn(&Ask<'_>) -> Answered),
    /// From the store, off the async threads.
    Query(fn(&Ask<'_>) -> Answered),
    /// Once what it changes is durable, off the async threads. Needs the header `X-Console`.
    Change(fn(&Ask<'_>) -> Answered),
    /// From the store, line by line: the function reads the request, what it returns answers.
    Lines(fn(&Ask<'_>) -> Result<Work, Error>),
    /// By whatever body the function returns, for as long as it likes: see [`stream::events`].
    Events(fn(&Server, &Input) -> Result<axum::response::Response, Error>),
    /// By an operation of the public API; its body and answer are as there.
    Xray,
}

/// Every endpoint, in the order of its pages.
pub(crate) static TABLE: &[Endpoint] = &[
    // Whatever operation there is, by name.
    Endpoint { method: Method::POST, path: "/console/api/xray/{operation}", call: Call::Xray },
    Endpoint { method: Method::GET, path: "/console/api/info", call: Call::Now(info::info) },
    Endpoint {
        method: Method::GET,
        path: "/console/api/openapi.json",
        call: Call::Now(openapi::document),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/filter/parse",
        call: Call::Now(expressions::parse),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/api/fields",
        call: Call::Query(fields::fields),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/api/fields/values",
        call: Call::Query(fields::values),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/api/ingest",
        call: Call::Query(ingest::status),
    },
    Endpoint { method: Method::GET, path: "/console/api/live", call: Call::Events(live::live) },
    Endpoint {
        method: Method::GET,
        path: "/console/api/retention",
        call: Call::Now(retention::retention),
    },
    Endpoint { method: Method::GET, path: "/console/api/views", call: Call::Now(bookmarks::views) },
    Endpoint {
        method: Method::POST,
        path: "/console/api/views",
        call: Call::Change(bookmarks::create_view),
    },
    Endpoint {
        method: Method::PUT,
        path: "/console/api/views/{id}",
        call: Call::Change(bookmarks::update_view),
    },
    Endpoint {
        method: Method::DELETE,
        path: "/console/api/views/{id}",
        call: Call::Change(bookmarks::delete_view),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/links",
        call: Call::Change(bookmarks::create_link),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/l/{key}",
        call: Call::Now(bookmarks::follow_link),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/groups/preview",
        call: Call::Query(preview::preview),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/sampling/dryrun",
        call: Call::Query(sampling::dry_run),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/traces/count",
        call: Call::Query(traces::count),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/traces/search",
        call: Call::Lines(search::search),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/traces/aggregate",
        call: Call::Query(aggregate::aggregate),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/traces/series",
        call: Call::Query(series::series),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/api/traces/{id}/typical",
        call: Call::Query(typical::typical),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/histogram",
        call: Call::Query(histogram::histogram),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/map/graph",
        call: Call::Query(map::map_graph),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/map/extra",
        call: Call::Query(map::map_extra),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/map/labels",
        call: Call::Query(labels::map_labels),
    },
    Endpoint {
        method: Method::GET,
        path: "/console/api/map/layout/{key}",
        call: Call::Now(layout::get),
    },
    Endpoint {
        method: Method::PUT,
        path: "/console/api/map/layout/{key}",
        call: Call::Change(layout::put),
    },
    Endpoint {
        method: Method::DELETE,
        path: "/console/api/map/layout/{key}",
        call: Call::Change(layout::delete),
    },
    Endpoint {
        method: Method::POST,
        path: "/console/api/analytics",
        call: Call::Lines(analytics::analytics),
    },
];

/// Returns the routes of the table.
pub(crate) fn router() -> Router<Server> {
    let mut router = Router::new();
    for endpoint in TABLE {
        let method = MethodFilter::try_from(endpoint.method.clone())
            .expect("the table has none but the usual methods");
        let handler = move |State(server): State<Server>, request: Request| async move {
            run::run(server, endpoint, request).await
        };
        router = router.route(endpoint.path, on(method, handler));
    }
    router
        .method_not_allowed_fallback(run::no_method)
        .route("/console/api/{*path}", any(run::nowhere))
}

#[cfg(test)]
mod tests;
