//! HTTP over loopback: a listener that can be dropped with all its connections, and a client.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client as Pool};
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::exchange::{Answer, CallError, Request};
use crate::role::Role;

/// Connections that one listener holds; more wait in the kernel.
const CONNECTIONS_MAX: usize = 256;

/// The longest body of an answer that is read.
const BODY_BYTES_MAX: usize = 1 << 20;

/// How long to wait after the system refused to hand out a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The header that says which visit a request belongs to.
pub(crate) const NUMBER: &str = "x-demo-visit";

/// The request as hyper hands it out.
pub(crate) type Received = hyper::Request<hyper::body::Incoming>;

/// The response as hyper takes it.
pub(crate) type Response = hyper::Response<Full<Bytes>>;

/// Answers every request that comes to `listener`, until it is dropped; with it go its connections.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    answer: impl Fn(Received) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Response> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, answer.clone()))),
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<F>(stream: TcpStream, answer: impl Fn(Received) -> F)
where
    F: Future<Output = Response> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let http = hyper::server::conn::http1::Builder::new();
    // A caller that went away has noticed so itself.
    http.serve_connection(TokioIo::new(stream), service).await.ok();
}

/// Reads a request as the services know it; `None` when it is none of theirs.
pub(crate) fn read(received: &Received) -> Option<Request> {
    let header = |name: &str| received.headers().get(name)?.to_str().ok();
    Some(Request {
        method: if received.method() == "POST" { "POST" } else { "GET" },
        path: received.uri().path().to_owned(),
        number: header(NUMBER)?.parse().ok()?,
        trace: header(fluoro_sdk::Header::NAME).map(str::to_owned),
    })
}

/// Returns a response with a text.
pub(crate) fn text(status: u16, kind: &str, body: impl Into<Bytes>) -> Response {
    let response = hyper::Response::builder().status(status).header("content-type", kind);
    response.body(Full::new(body.into())).expect("status and type are ours")
}

/// Where the services listen.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<BTreeMap<Role, SocketAddr>>);

impl Addresses {
    /// Returns where a service listens, or did last.
    pub(crate) fn of(&self, role: Role) -> Option<SocketAddr> {
        self.0.lock().get(&role).copied()
    }

    /// Says where a service listens.
    pub(crate) fn set(&self, role: Role, address: SocketAddr) {
        self.0.lock().insert(role, address);
    }
}

/// Calls services, and keeps connections open between calls.
#[derive(Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self { pool: Pool::builder(TokioExecutor::new()).build_http() }
    }

    /// Sends a request of one service to another.
    pub(crate) async fn exchange(
        &self,
        to: SocketAddr,
        request: &Request,
    ) -> Result<Answer, CallError> {
        let mut sent = hyper::Request::builder()
            .method(request.method)
            .uri(format!("http://{to}{}", request.path))
            .header(NUMBER, request.number);
        if let Some(trace) = &request.trace {
            sent = sent.header(fluoro_sdk::Header::NAME, trace);
        }
        let sent = sent.body(Full::default()).map_err(|_| CallError::Closed)?;
        self.send(sent).await
    }

    /// Sends any request.
    pub(crate) async fn send(
        &self,
        request: hyper::Request<Full<Bytes>>,
    ) -> Result<Answer, CallError> {
        let response = self.pool.request(request).await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|_| CallError::Closed)?.to_bytes();
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), trouble: None })
    }
}

fn failure(error: &legacy::Error) -> CallError {
    if error.is_connect() { CallError::Refused } else { CallError::Closed }
}
