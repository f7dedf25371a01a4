//! The front as a whole: all doors opened, and closed again without losing anything.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};
use wire::Clock;

use crate::queue::Queue;
use crate::sink::{Sink, Upstream};
use crate::stream::{self, Listeners, Streams};
use crate::udp::{self, Receiver};
use crate::{Config, Telemetry, tcp};

/// Why the doors are not open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The UDP door.
    #[error(transparent)]
    Udp(#[from] udp::Error),
    /// The TCP door.
    #[error("listen on TCP {address}")]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A door for streams.
    #[error(transparent)]
    Stream(#[from] stream::Error),
    /// The thread that receives datagrams could not be started.
    #[error("start the thread that receives datagrams")]
    StartReceiver {
        /// Why.
        source: io::Error,
    },
}

/// The doors, bound; what comes waits in the kernel until [`Doors::open`].
pub struct Doors {
    config: Config,
    receiver: Receiver,
    listener: TcpListener,
    tcp: SocketAddr,
    streams: Listeners,
    telemetry: Arc<Telemetry>,
}

/// An open front. Stop it with [`Front::stop`]; dropped, it loses what is under way.
pub struct Front {
    queue: Arc<Queue>,
    telemetry: Arc<Telemetry>,
    stop_receiving: Arc<AtomicBool>,
    receiver: thread::JoinHandle<()>,
    streams: Streams,
    batches: JoinSet<()>,
    stop_answering: oneshot::Sender<()>,
    answering: tokio::task::JoinHandle<()>,
}

impl Doors {
    /// Binds the doors.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let telemetry = Arc::new(Telemetry::default());
        let receiver = Receiver::bind(config.udp, config.receive_buffer_bytes, telemetry.clone())?
            .with_otlp(config.otlp);
        let tcp_failed = |source| Error::Tcp { address: config.tcp, source };
        let listener = TcpListener::bind(config.tcp).await.map_err(tcp_failed)?;
        let tcp = listener.local_addr().map_err(tcp_failed)?;
        let streams = Listeners::bind(&config).await?;
        Ok(Self { config, receiver, listener, tcp, streams, telemetry })
    }

    /// Returns where datagrams are received; never port 0.
    pub fn udp(&self) -> SocketAddr {
        self.receiver.address()
    }

    /// Returns where sampling calls are answered; never port 0.
    pub fn tcp(&self) -> SocketAddr {
        self.tcp
    }

    /// Returns where streams of documents are accepted, if they are; never port 0.
    pub fn stream(&self) -> Option<SocketAddr> {
        self.streams.tcp()
    }

    /// Returns the Unix socket at which they are accepted, if they are.
    pub fn unix_socket(&self) -> Option<&Path> {
        self.streams.unix()
    }

    /// Returns the front's numbers.
    pub fn telemetry(&self) -> Arc<Telemetry> {
        self.telemetry.clone()
    }

    /// Begins to receive and to answer.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn open(
        self,
        sink: Arc<impl Sink>,
        upstream: Arc<impl Upstream>,
        clock: Arc<dyn Clock>,
    ) -> Result<Front, Error> {
        let Self { config, receiver, listener, streams, telemetry, .. } = self;
        let queue = Arc::new(Queue::new(config.queue_bytes_max, telemetry.clone()));
        let stop_receiving = Arc::new(AtomicBool::new(false));
        let receiver = thread::Builder::new()
            .name("udp".to_owned())
            .spawn({
                let (queue, stop) = (queue.clone(), stop_receiving.clone());
                move || receiver.run(&queue, &*clock, &stop)
            })
            .map_err(|source| Error::StartReceiver { source })?;
        let mut batches = JoinSet::new();
        for _ in 0..config.batches_in_flight_max {
            let (queue, telemetry, sink) = (queue.clone(), telemetry.clone(), sink.clone());
            let batching = config.batching;
            batches.spawn(async move {
                while let Some(batch) = queue.next(&batching).await {
                    let document_count = batch.len();
                    sink.put(batch).await;
                    telemetry.in_flight.subtract(document_count);
                }
            });
        }
        let (stop_answering, stopped) = oneshot::channel();
        let answering = tokio::spawn(tcp::serve(
            listener,
            upstream,
            telemetry.clone(),
            config.is_open_proxy,
            stopped,
        ));
        let streams = streams.open(queue.clone(), telemetry.clone());
        Ok(Front {
            queue,
            telemetry,
            stop_receiving,
            receiver,
            streams,
            batches,
            stop_answering,
            answering,
        })
    }
}

impl Front {
    /// Stops receiving, takes what the kernel still holds, and waits until the sink has everything,
    /// but not longer than `patience`; what is left then is counted as abandoned.
    ///
    /// # Panics
    /// When the thread that receives datagrams panicked.
    pub async fn stop(self, patience: Duration) {
        let Self { queue, telemetry, streams, mut batches, mut answering, .. } = self;
        drop(self.stop_answering);
        self.stop_receiving.store(true, Ordering::Relaxed);
        let received = tokio::task::spawn_blocking(move || self.receiver.join()).await;
        received.expect("joining does not panic").expect("the receiving thread does not panic");
        let all_done = async {
            streams.stop().await;
            queue.close();
            while batches.join_next().await.is_some() {}
            // A task that panicked has said so itself.
            (&mut answering).await.ok();
        };
        if timeout(patience, all_done).await.is_err() {
            queue.close();
            batches.shutdown().await;
            answering.abort();
        }
        let document_count = queue.clear() as u64 + telemetry.in_flight.value();
        if document_count > 0 {
            telemetry.abandoned.add(usize::try_from(document_count).unwrap_or(usize::MAX));
            warn!(document_count, "gave up documents that could not be handed over in time");
        }
        info!(
            datagram_count = telemetry.datagrams.value(),
            spilled_count = telemetry.spilled.value(),
            kernel_drop_count = telemetry.kernel_drops.value(),
            "stopped receiving"
        );
    }
}

#[cfg(test)]
mod tests;
