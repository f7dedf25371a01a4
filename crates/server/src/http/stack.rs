//! The layers around the API, and the pages beside it.
//!
//! API calls are told apart by path alone, so they are not axum routes: whatever is no page of ours
//! is an API call, and what is no API call either is answered as AWS answers.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST, LOCATION};
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::decompression::RequestDecompressionLayer;
use wire::api::{Error, ErrorCode};

use super::{Reply, body, console};
use crate::routes;
use crate::{Server, console as endpoints};

/// The largest body of an operation that brings no documents.
pub(crate) const QUERY_BYTES_MAX: usize = 1 << 20;

/// The smallest answer that is packed; smaller ones fit in a packet as they are.
const PACKED_BYTES_MIN: u64 = 1 << 10;

/// Returns the whole front.
pub(crate) fn router(server: Server) -> Router {
    Router::new()
        .route("/", get(index).fallback(api))
        .route("/console", get(console::redirect).fallback(api))
        .route("/console/", get(console::page).fallback(api))
        .route("/console/{*path}", get(console::page).fallback(api))
        .merge(endpoints::router())
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(api)
        .with_state(server)
        // Outside the body limit, which thereby counts inflated bytes. Other encodings pass, to be
        // refused in the API's own words.
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(packing())
}

/// Packs large answers for those who ask for it, as browsers do.
fn packing() -> CompressionLayer<impl Predicate> {
    let is_large = SizeAbove::new(PACKED_BYTES_MIN);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_large.and(is_json))
}

/// Returns whether an answer is JSON. Lines and events, of which each is for now, would wait for more.
fn is_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|name| name.as_bytes() == b"application/json")
}

/// Sends a browser to the console, and greets whoever else opens the address.
async fn index(headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return (StatusCode::SEE_OTHER, [(LOCATION, "/console/")]).into_response();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:2080");
    format!(
        "Fluoro {version}\n\n\
         This is the X-Ray API; the console is at http://{host}/console/. Ask with the AWS CLI:\n\n  \
         aws xray get-trace-summaries --endpoint-url http://{host} \\\n      \
         --region us-east-1 --no-sign-request \\\n      \
         --start-time $(($(date +%s) - 600)) --end-time $(date +%s)\n\n\
         Pages: /healthz  /readyz  /metrics\n",
        version = env!("CARGO_PKG_VERSION"),
    )
    .into_response()
}

/// Says that the process is alive.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Says whether the server can do its work, and if not, why.
async fn readyz(State(server): State<Server>) -> Response {
    match server.readiness() {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn metrics(State(server): State<Server>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], server.metrics().encode()).into_response()
}

/// Calls the operation, or says why no operation was called.
async fn api(State(server): State<Server>, request: Request) -> Reply {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let Some(route) = routes::find(path).filter(|_| head.method == Method::POST) else {
        return server.reply("-", Err(routes::unknown(head.method.as_str(), path)));
    };
    let bytes_max = route.body_bytes_max(server.config());
    match read(&server, bytes_max, &head.headers, body).await {
        Ok(body) => server.run(route, body).await,
        Err(error) => server.reply(route.operation, Err(error)),
    }
}

/// Takes the body in. Whatever encoding is still named was not undone on the way.
pub(crate) async fn read(
    server: &Server,
    bytes_max: usize,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Error> {
    if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|name| *name != "identity") {
        let message = format!("Content-Encoding {encoding:?} is not supported; use gzip");
        return Err(Error::new(ErrorCode::UnsupportedMediaType, message));
    }
    body::take(body, bytes_max, server.config(), server.budget()).await
}
