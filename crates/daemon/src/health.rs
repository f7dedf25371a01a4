//! `/healthz`, `/readyz` and `/metrics`: a way to see what the daemon is doing.
//!
//! It is healthy as long as it answers. It is ready once its doors are open, whether or not a
//! destination is away: what comes meanwhile waits, and to stop receiving would lose it.

use std::convert::Infallible;
use std::fmt::Write;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::warn;

use crate::Lanes;
use crate::lane::Status;

/// Connections open at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 32;

/// How long a connection may be idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long to wait when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Makes the text of `/metrics`.
pub type Exposition = Arc<dyn Fn() -> String + Send + Sync>;

/// The bound door.
pub struct Health {
    listener: TcpListener,
    address: SocketAddr,
}

impl Health {
    /// Binds the door; who comes waits until [`Health::serve`].
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Returns where it is; never port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers for as long as it is polled.
    pub async fn serve(self, lanes: Arc<Lanes>, metrics: Exposition) {
        let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            // The seats are never closed.
            let Ok(seat) = seats.clone().acquire_owned().await else { return };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (lanes, metrics) = (lanes.clone(), metrics.clone());
            let service = service_fn(move |request| {
                let answer = answer(&request, &lanes, &metrics);
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(async move {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(IDLE_TIMEOUT)
                    .serve_connection(TokioIo::new(stream), service);
                // Who asked and went away needs no answer.
                connection.await.ok();
                drop(seat);
            });
        }
    }
}

fn answer<B>(request: &Request<B>, lanes: &Lanes, metrics: &Exposition) -> Response<Full<Bytes>> {
    const TEXT: &str = "text/plain; charset=utf-8";
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let is_known = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, kind, text) = match request.uri().path() {
        "/healthz" if is_known => (StatusCode::OK, TEXT, "ok\n".to_owned()),
        "/readyz" if is_known => (StatusCode::OK, TEXT, ready(lanes)),
        "/metrics" if is_known => (StatusCode::OK, OPEN_METRICS, metrics()),
        _ => {
            let text = "There are GET /healthz, GET /readyz and GET /metrics here.\n";
            (StatusCode::NOT_FOUND, TEXT, text.to_owned())
        }
    };
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Returns how every destination stands, one in a line.
fn ready(lanes: &Lanes) -> String {
    let mut text = "ready\n".to_owned();
    for lane in lanes.all() {
        let Status { waiting, spooled, down } = lane.status();
        let state = down.map_or_else(
            || "sending".to_owned(),
            |down| format!("takes nothing since {} s", down.as_secs()),
        );
        let endpoint = lane.destination().endpoint();
        let _ =
            writeln!(text, "{endpoint}: {state}; {waiting} documents wait, {spooled} in the spool");
    }
    text
}
