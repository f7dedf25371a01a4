//! Sampling calls: a small HTTP server that knows two calls and refuses everything else.
//!
//! SDKs send any content type or none, an empty body for `{}`, signatures made with keys that do
//! not exist; nothing of that matters here.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;
use tracing::{debug, warn};
use wire::api::{Error, ErrorCode};

use crate::Telemetry;
use crate::sink::{Reply, SamplingCall, Upstream};

/// The largest body of a call; a report on 25 rules has some 5 KB.
const BODY_BYTES_MAX: usize = 256 << 10;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be idle: a little longer than SDKs wait before they ask for the rules
/// again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(330);

/// Connections open at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 1024;

/// How long to wait when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers until `stopped` is told, or its sender is gone, and the requests under way have ended.
pub(crate) async fn serve(
    listener: TcpListener,
    upstream: Arc<impl Upstream>,
    telemetry: Arc<Telemetry>,
    is_open: bool,
    mut stopped: oneshot::Receiver<()>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let under_way = GracefulShutdown::new();
    loop {
        let (stream, seat) = tokio::select! {
            _ = &mut stopped => break,
            accepted = accept(&listener, &room) => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(%error, "could not accept a connection");
                    // Another connection has to end first; trying at once would only burn time.
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (upstream, telemetry) = (upstream.clone(), telemetry.clone());
        let service = service_fn(move |request| {
            let (upstream, telemetry) = (upstream.clone(), telemetry.clone());
            async move { Ok::<_, Infallible>(answer(request, &*upstream, &telemetry, is_open).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = under_way.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "connection ended early");
            }
            drop(seat);
        });
    }
    drop(listener);
    under_way.shutdown().await;
}

/// Waits for room, then for a connection.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let seat = room.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    // Answers are small and written whole; waiting to fill a packet would only delay them.
    stream.set_nodelay(true)?;
    Ok((stream, seat))
}

async fn answer(
    request: Request<Incoming>,
    upstream: &impl Upstream,
    telemetry: &Telemetry,
    is_open: bool,
) -> Response<Full<Bytes>> {
    let call = SamplingCall::at(request.uri().path());
    let reply = match call.filter(|_| request.method() == Method::POST) {
        Some(call) => {
            telemetry.sampling_calls(call).add(1);
            match body(request.into_body()).await {
                Ok(body) => upstream.call(call, body).await,
                Err(error) => error.into(),
            }
        }
        None if is_open => {
            telemetry.tcp_passed.add(1);
            pass(request, upstream).await
        }
        None => {
            telemetry.tcp_refused.add(1);
            debug!(method = %request.method(), path = request.uri().path(), "refused a request");
            unknown(&request).into()
        }
    };
    response(reply)
}

/// Passes a request on, as the original does with every one.
async fn pass(request: Request<Incoming>, upstream: &impl Upstream) -> Reply {
    let (mut head, incoming) = request.into_parts();
    // What a client says of its connection to us is nothing for the next one.
    let kept = [CONTENT_TYPE, ACCEPT, USER_AGENT];
    let kept = kept.into_iter().filter_map(|name| Some((name.clone(), head.headers.remove(name)?)));
    head.headers = kept.collect::<HeaderMap>();
    match raw_body(incoming).await {
        Ok(body) => upstream.pass(Request::from_parts(head, body)).await,
        Err(error) => error.into(),
    }
}

/// Reads the body of a call; nothing is `{}`.
async fn body(body: Incoming) -> Result<Bytes, Error> {
    let body = raw_body(body).await?;
    Ok(if body.is_empty() { Bytes::from_static(b"{}") } else { body })
}

async fn raw_body(body: Incoming) -> Result<Bytes, Error> {
    let body = Limited::new(body, BODY_BYTES_MAX).collect();
    match timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::new(
            ErrorCode::RequestEntityTooLarge,
            format!("The body has more than {BODY_BYTES_MAX} bytes"),
        )),
        // The client is gone or talks nonsense; whether it reads this does not matter.
        Ok(Err(_)) => Err(Error::serialization("The body could not be read")),
        Err(_) => Err(Error::new(ErrorCode::RequestTimeout, "The body did not arrive in time")),
    }
}

fn unknown(request: &Request<Incoming>) -> Error {
    let (method, path) = (request.method(), request.uri().path());
    let message = format!(
        "There is no operation {method} {path} here; this port answers sampling calls only"
    );
    Error::new(ErrorCode::UnknownOperation, message)
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // What comes from another server and is no header value is left out.
    if let Some(error_type) = reply.error_type.and_then(|e| HeaderValue::try_from(e).ok()) {
        headers.insert("x-amzn-errortype", error_type);
    }
    response
}
