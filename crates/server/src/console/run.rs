//! From a request to its endpoint's function, and where that runs.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};
use store::Watch;
use tracing::error;

use super::stream::Channel;
use super::{Answered, Ask, Call, Endpoint, Error, Input, Work};
use crate::Server;
use crate::http::stack::{self, QUERY_BYTES_MAX};
use crate::routes::{self, Route};

/// The header of requests that change something. A page of another origin cannot send it.
const CONSOLE_HEADER: &str = "x-console";

/// Answers a request to an endpoint.
pub(crate) async fn run(server: Server, endpoint: &'static Endpoint, request: Request) -> Response {
    let answer = match read(&server, endpoint, request).await {
        Ok((input, route)) => dispatch(&server, endpoint, route, input).await,
        Err(error) => Err(error),
    };
    let outcome = answer.as_ref().err().map_or("ok", |error| error.code);
    server.app().metrics.count_request(endpoint.path, outcome);
    answer.unwrap_or_else(|error| error.response())
}

/// The answer to a path that is no endpoint's.
pub(crate) async fn nowhere(method: Method, uri: Uri) -> Response {
    Error::not_found(format!("There is no endpoint {method} {}", uri.path())).response()
}

/// The answer to a method that an endpoint does not have.
pub(crate) async fn no_method(method: Method, uri: Uri) -> Response {
    let message = format!("{} cannot be asked with {method}", uri.path());
    Error::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).response()
}

/// Takes the request in; for an operation of the public API, with its route.
async fn read(
    server: &Server,
    endpoint: &Endpoint,
    request: Request,
) -> Result<(Input, Option<&'static Route>), Error> {
    let (mut head, body) = request.into_parts();
    let parameters = RawPathParams::from_request_parts(&mut head, &()).await;
    let parameters = parameters.map_err(|error| Error::invalid(error.body_text()))?;
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut input = Input { uri: head.uri, headers: head.headers, parameters, ..Input::default() };
    let route = match endpoint.call {
        Call::Xray => Some(operation(input.parameter("operation"))?),
        _ => None,
    };
    let changes = route.is_some_and(Route::changes) || matches!(endpoint.call, Call::Change(_));
    if changes && !input.headers.contains_key(CONSOLE_HEADER) {
        let message = "A request that changes something needs the header X-Console: 1";
        return Err(Error::new(StatusCode::FORBIDDEN, "ConsoleHeaderMissing", message));
    }
    let bytes_max = route.map_or(QUERY_BYTES_MAX, |route| route.body_bytes_max(server.config()));
    input.body = stack::read(server, bytes_max, &input.headers, body).await?;
    Ok((input, route))
}

fn operation(name: &str) -> Result<&'static Route, Error> {
    routes::named(name).ok_or_else(|| Error::not_found(format!("There is no operation {name}")))
}

async fn dispatch(
    server: &Server,
    endpoint: &Endpoint,
    route: Option<&'static Route>,
    input: Input,
) -> Result<Response, Error> {
    if let Some(route) = route {
        return Ok(server.run(route, input.body).await.into_response());
    }
    let watch = Watch::default();
    let ask = Ask { app: server.app(), input: &input, watch: &watch };
    match endpoint.call {
        Call::Now(answer) => Ok(answer(&ask)?.into_response()),
        Call::Query(answer) => off_thread(server, answer, input, true).await,
        Call::Change(answer) => off_thread(server, answer, input, false).await,
        Call::Lines(prepare) => Ok(in_lines(server, prepare(&ask)?)),
        Call::Events(open) => open(server, &input),
        Call::Xray => unreachable!("an operation has a route"),
    }
}

/// Calls a query off when the request is dropped, for then nobody waits for its answer.
struct CancelledOnDrop(Arc<Watch>);

impl Drop for CancelledOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn off_thread(
    server: &Server,
    answer: fn(&Ask<'_>) -> Answered,
    input: Input,
    is_query: bool,
) -> Result<Response, Error> {
    let watch = Arc::new(Watch::default());
    let cancelled = CancelledOnDrop(watch.clone());
    let turns = if is_query { server.query_turns() } else { server.change_turns() };
    let turn = turns.clone().acquire_owned().await.expect("the semaphore is never closed");
    let shared = server.clone();
    let work = move || {
        let ask = Ask { app: shared.app(), input: &input, watch: &watch };
        let answered = answer(&ask);
        drop(turn);
        answered
    };
    let answered = tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| {
        error!(%panic, "an endpoint of the console panicked");
        Err(wire::api::Error::internal().into())
    });
    drop(cancelled);
    Ok(answered?.into_response())
}

/// Answers at once with a body that the work fills once it has its turn.
fn in_lines(server: &Server, work: Work) -> Response {
    let (channel, response) = Channel::open(work.progress);
    let server = server.clone();
    tokio::spawn(async move {
        let turns = server.query_turns().clone();
        let turn = tokio::select! {
            turn = turns.acquire_owned() => turn.expect("the semaphore is never closed"),
            () = channel.closed() => return,
        };
        let work = move || {
            // It has said so itself, in its last line.
            drop(channel.fill(server.app(), work));
            drop(turn);
        };
        if let Err(panic) = tokio::task::spawn_blocking(work).await {
            error!(%panic, "an endpoint of the console panicked");
        }
    });
    response
}
