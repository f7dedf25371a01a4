//! Documents that no datagram can bring: one on each line of a TCP or Unix connection.
//!
//! The first line is the header that a datagram begins with; nothing is answered, unless that line
//! is another. When the queue is full the connection is not read, so that its sender waits; only
//! when that takes too long, the oldest documents make room, as they do for datagrams.

mod lines;

mod unix;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::{debug, warn};

use crate::config::{Config, Otlp};
use crate::queue::Queue;
use crate::telemetry::Telemetry;
use lines::{Batch, Lines};
use unix::UnixDoor;

/// The largest document of a stream.
pub const STREAM_DOCUMENT_BYTES_MAX: usize = 4 << 20;

/// Connections open at a time, of both doors together; more wait to be accepted.
pub const STREAM_CONNECTIONS_MAX: usize = 256;

/// Connections that may be in the middle of a document which does not fit [`READ_BYTES`]: they
/// bound the memory that senders can make us hold.
const LARGE_DOCUMENTS_MAX: usize = 4;

/// What a connection may hold without being one of those.
const READ_BYTES: usize = 64 << 10;

/// How long a connection may be silent between documents.
const IDLE_TIMEOUT: Duration = Duration::from_secs(330);

/// How long a line may take to arrive.
const LINE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a full queue makes a sender wait.
const ROOM_TIMEOUT: Duration = Duration::from_secs(10);

/// When we stop: how long to wait for bytes that are under way.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(50);

/// When we stop: how much is read of a sender that does not.
const DRAIN_BYTES_MAX: usize = STREAM_DOCUMENT_BYTES_MAX;

/// How long to wait when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a line, or all of a connection, brought no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamProblem {
    /// The first line is not the header of a format that we know.
    BadHeader,
    /// A document has more than [`STREAM_DOCUMENT_BYTES_MAX`] bytes.
    TooLarge,
    /// A document is not UTF-8.
    NotUtf8,
    /// A document is OTLP in base64, and the front does not take it.
    Unsupported,
    /// A line did not end in time.
    TooSlow,
    /// The connection broke in the middle of a line.
    Broken,
}

impl StreamProblem {
    /// Every problem, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::BadHeader,
        Self::TooLarge,
        Self::NotUtf8,
        Self::Unsupported,
        Self::TooSlow,
        Self::Broken,
    ];

    /// Returns the problem as one word, for the label of a counter.
    pub fn label(self) -> &'static str {
        match self {
            Self::BadHeader => "bad_header",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::Unsupported => "unsupported",
            Self::TooSlow => "too_slow",
            Self::Broken => "broken",
        }
    }
}

/// What is answered to another first line.
const BAD_HEADER_ANSWER: &[u8] =
    b"{\"error\":\"the first line is not the header of JSON documents of version 1\"}\n";

/// Why a door for streams is not open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The TCP address cannot be had.
    #[error("listen for streams on TCP {address}")]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The socket's path cannot be had.
    #[error("listen on the Unix socket {}", .path.display())]
    Unix {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A process that lives listens there.
    #[error("listen on the Unix socket {}: another process does", .path.display())]
    UnixInUse {
        /// The path.
        path: PathBuf,
    },
}

/// The doors for streams, bound.
pub(crate) struct Listeners {
    tcp: Option<TcpListener>,
    unix: Option<UnixDoor>,
    otlp: Otlp,
}

/// Accepts and reads until it is stopped.
pub(crate) struct Streams {
    tasks: JoinSet<()>,
    /// Dropped to stop.
    stop: watch::Sender<()>,
    /// Removes the socket's file when it is dropped.
    _unix: Option<unix::SocketFile>,
}

/// What the connections share.
struct Shared {
    queue: Arc<Queue>,
    telemetry: Arc<Telemetry>,
    large: Semaphore,
    otlp: Otlp,
}

impl Listeners {
    /// Binds what the settings ask for.
    pub(crate) async fn bind(config: &Config) -> Result<Self, Error> {
        let tcp = match config.stream {
            Some(address) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|source| Error::Tcp { address, source })?)
            }
            None => None,
        };
        let unix = match &config.unix_socket {
            Some(path) => Some(UnixDoor::bind(path).await?),
            None => None,
        };
        Ok(Self { tcp, unix, otlp: config.otlp })
    }

    /// Returns where streams are accepted; never port 0.
    pub(crate) fn tcp(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Returns the path of the Unix socket.
    pub(crate) fn unix(&self) -> Option<&Path> {
        self.unix.as_ref().map(|door| door.file.path())
    }

    /// Begins to accept.
    pub(crate) fn open(self, queue: Arc<Queue>, telemetry: Arc<Telemetry>) -> Streams {
        let large = Semaphore::new(LARGE_DOCUMENTS_MAX);
        let shared = Arc::new(Shared { queue, telemetry, large, otlp: self.otlp });
        let seats = Arc::new(Semaphore::new(STREAM_CONNECTIONS_MAX));
        let (stop, stopped) = watch::channel(());
        let mut tasks = JoinSet::new();
        if let Some(listener) = self.tcp {
            tasks.spawn(accept_all(listener, seats.clone(), shared.clone(), stopped.clone()));
        }
        let unix = self.unix.map(|UnixDoor { listener, file }| {
            tasks.spawn(accept_all(listener, seats, shared, stopped));
            file
        });
        Streams { tasks, stop, _unix: unix }
    }
}

impl Streams {
    /// Takes what has arrived, and ends all connections.
    pub(crate) async fn stop(self) {
        let Self { mut tasks, stop, .. } = self;
        drop(stop);
        while tasks.join_next().await.is_some() {}
    }
}

/// A listener of either kind.
trait Accept: Send + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Accept for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&self) -> io::Result<Self::Stream> {
        Ok(Self::accept(self).await?.0)
    }
}

impl Accept for UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&self) -> io::Result<Self::Stream> {
        Ok(Self::accept(self).await?.0)
    }
}

async fn accept_all(
    listener: impl Accept,
    seats: Arc<Semaphore>,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        match accepted {
            Ok((stream, seat)) => {
                connections.spawn(serve(stream, seat, shared.clone(), stopped.clone()));
            }
            Err(error) => {
                warn!(%error, "could not accept a stream");
                // Another connection has to end first; trying at once would only burn time.
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    // Whoever is connected may have sent already.
    while let Ok(Ok((stream, seat))) = timeout(DRAIN_TIMEOUT, accept(&listener, &seats)).await {
        connections.spawn(serve(stream, seat, shared.clone(), stopped.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits for room, then for a connection.
async fn accept<A: Accept>(
    listener: &A,
    seats: &Arc<Semaphore>,
) -> io::Result<(A::Stream, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.expect("the semaphore is never closed");
    Ok((listener.accept().await?, seat))
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seat: OwnedSemaphorePermit,
    shared: Arc<Shared>,
    stopped: watch::Receiver<()>,
) {
    shared.telemetry.streams_open.add(1);
    let mut connection = Connection { shared: &shared, lines: Lines::new(shared.otlp), stopped };
    let end = connection.read_all(&mut stream).await;
    if let Err(problem) = end {
        connection.reject(problem, 1);
        debug!(reason = problem.label(), "ended a stream");
    }
    if end == Err(StreamProblem::BadHeader) {
        // Whether the sender reads this does not matter, but it shall not keep us.
        let answer = async {
            stream.write_all(BAD_HEADER_ANSWER).await?;
            stream.shutdown().await
        };
        timeout(LINE_TIMEOUT, answer).await.ok();
    }
    shared.telemetry.streams_open.subtract(1);
    drop(seat);
}

struct Connection<'a> {
    shared: &'a Shared,
    lines: Lines,
    stopped: watch::Receiver<()>,
}

/// What a read brought.
enum Read {
    Some,
    End,
    /// We are to stop; nothing was read.
    Stop,
}

impl Connection<'_> {
    /// Reads until the sender ends, or is to be ended.
    async fn read_all(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), StreamProblem> {
        let shared = self.shared;
        let mut large = None;
        let mut line_begin = Instant::now();
        loop {
            if self.lines.is_between() {
                (line_begin, large) = (Instant::now(), None);
            } else if self.lines.held_bytes() >= READ_BYTES && large.is_none() {
                tokio::select! {
                    _ = self.stopped.changed() => return self.drain(stream).await,
                    permit = timeout(LINE_TIMEOUT, shared.large.acquire()) => {
                        large = Some(permit.map_err(|_| StreamProblem::TooSlow)?);
                    }
                }
            }
            let patience = if self.lines.is_between() { IDLE_TIMEOUT } else { LINE_TIMEOUT };
            match self.read(stream, line_begin + patience).await? {
                Read::Some => self.take().await?,
                Read::End => return self.finish().await,
                Read::Stop => return self.drain(stream).await,
            }
        }
    }

    async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        deadline: Instant,
    ) -> Result<Read, StreamProblem> {
        let is_idle = self.lines.is_between();
        tokio::select! {
            _ = self.stopped.changed() => Ok(Read::Stop),
            read = stream.read_buf(self.lines.room()) => match read {
                Ok(0) => Ok(Read::End),
                Ok(_) => Ok(Read::Some),
                Err(_) if is_idle => Ok(Read::End),
                Err(_) => Err(StreamProblem::Broken),
            },
            () = tokio::time::sleep_until(deadline) => {
                if is_idle { Ok(Read::End) } else { Err(StreamProblem::TooSlow) }
            }
        }
    }

    /// Takes what has arrived, but does not wait for a sender that goes on.
    async fn drain(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<(), StreamProblem> {
        let mut bytes_left = DRAIN_BYTES_MAX;
        while bytes_left > 0 {
            let read = timeout(DRAIN_TIMEOUT, stream.read_buf(self.lines.room())).await;
            match read {
                Ok(Ok(0)) => return self.finish().await,
                Ok(Ok(count)) => {
                    self.take().await?;
                    bytes_left = bytes_left.saturating_sub(count);
                }
                Ok(Err(_)) | Err(_) => break,
            }
        }
        if self.lines.is_between() { Ok(()) } else { Err(StreamProblem::Broken) }
    }

    /// Takes the lines that are whole.
    async fn take(&mut self) -> Result<(), StreamProblem> {
        let batch = self.lines.take()?;
        self.push(batch).await;
        Ok(())
    }

    /// Takes the last line, which may lack its end.
    async fn finish(&mut self) -> Result<(), StreamProblem> {
        let batch = self.lines.finish()?;
        self.push(batch).await;
        Ok(())
    }

    async fn push(&mut self, batch: Batch) {
        let Batch { documents, rejected } = batch;
        for (problem, count) in StreamProblem::ALL.into_iter().zip(rejected) {
            self.reject(problem, count);
        }
        if documents.is_empty() {
            return;
        }
        self.shared.telemetry.stream_documents.add(documents.len());
        self.wait_for_room(documents).await;
    }

    async fn wait_for_room(&mut self, mut documents: Vec<Bytes>) {
        let queue = &self.shared.queue;
        let deadline = Instant::now() + ROOM_TIMEOUT;
        loop {
            // Before the attempt, so that no room is missed that comes right after it.
            let freed = queue.freed();
            documents = match queue.push_if_room(documents) {
                Ok(()) => return,
                Err(documents) => documents,
            };
            tokio::select! {
                // Stopping waits for nobody.
                _ = self.stopped.changed() => break,
                () = tokio::time::sleep_until(deadline) => break,
                () = freed => {}
            }
        }
        let spilled_count = queue.push(documents);
        debug!(spilled_count, "a stream waited in vain for room in the queue");
    }

    fn reject(&self, problem: StreamProblem, count: usize) {
        self.shared.telemetry.stream_rejected(problem).add(count);
    }
}

#[cfg(test)]
mod tests;
