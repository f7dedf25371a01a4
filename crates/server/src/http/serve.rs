//! Connections: accepted within a limit, served until they end or the server is told to stop.
//!
//! Stopping loses nothing: the listener closes first, requests under way are answered, idle
//! connections are closed, and only what is still busy after the time allowed is cut off.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tracing::{debug, info, warn};

use crate::Server;

/// How long to wait when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Requests on one HTTP/2 connection at a time.
const STREAMS_MAX: u32 = 64;

/// Serves `server` on `listener` until `shutdown` is done and the requests under way have ended.
pub async fn serve(listener: TcpListener, server: Server, shutdown: impl Future<Output = ()>) {
    let config = server.config().clone();
    let room = Arc::new(Semaphore::new(config.connections_max));
    let service = TowerToHyperService::new(server.router());
    let builder = builder(config.request_timeout);
    let under_way = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, seat) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &room) => match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    warn!(%error, "could not accept a connection");
                    // Another connection has to end first; trying at once would only burn time.
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service.clone());
        let connection = under_way.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(error, "connection ended early");
            }
            drop(seat);
        });
    }
    drop(listener);
    server.close();
    drain(under_way, config.shutdown_timeout).await;
}

fn builder(head_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
    builder
}

/// Waits for room, then for a connection.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let seat = room.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    // Answers are small and written whole; waiting to fill a packet would only delay them.
    stream.set_nodelay(true)?;
    Ok((stream, seat))
}

/// Whether the other side gave up; the listener is well.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput, NotConnected};
    // Setting an option on a socket that was closed meanwhile is an invalid argument.
    matches!(error.kind(), ConnectionAborted | ConnectionReset | InvalidInput | NotConnected)
}

async fn drain(under_way: GracefulShutdown, timeout: Duration) {
    info!(connection_count = under_way.count(), "waiting for requests under way");
    if tokio::time::timeout(timeout, under_way.shutdown()).await.is_err() {
        warn!(timeout_secs = timeout.as_secs(), "cut off requests that did not end in time");
    }
}
