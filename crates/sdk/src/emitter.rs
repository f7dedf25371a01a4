//! The emitter: takes finished parts without ever waiting, and sends them as datagrams from a thread
//! of its own. What does not fit into its queue is dropped and counted; where no daemon listens,
//! nothing is said and what was lost is counted.

mod queue;

mod socket;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::config::Config;
use crate::document::{self, Finished};
use crate::error::Error;
use crate::resource::Resource;

use queue::Queue;
use socket::Socket;

/// How long the last recorder waits for documents to be sent.
const FAREWELL: Duration = Duration::from_secs(1);

/// What has been sent and lost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Documents that were handed to the network.
    pub sent: u64,
    /// Documents that were dropped since too many were waiting.
    pub dropped: u64,
    /// Documents that the network refused, as when no daemon is there.
    pub failed: u64,
    /// Segments and subsegments that were too long to be sent.
    pub too_long: u64,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    failed: AtomicU64,
    too_long: AtomicU64,
}

/// Sends documents.
pub(crate) struct Emitter {
    counts: Arc<Counts>,
    way: Way,
}

enum Way {
    /// Through a queue, by a thread.
    Queued(Arc<Queue<Finished>>),
    /// At once: a Lambda function stands still as soon as it has answered.
    Direct(Box<Mutex<Writer>>),
}

/// Writes documents to the socket.
struct Writer {
    socket: Socket,
    resource: Arc<Resource>,
    counts: Arc<Counts>,
    /// Where datagrams are written.
    buffer: Vec<u8>,
}

impl Writer {
    fn write(&mut self, finished: Finished) {
        let Self { socket, resource, counts, buffer } = self;
        let too_long = document::encode(finished, resource, buffer, |datagram| {
            let sent = socket.send(datagram);
            if sent.is_previous_lost {
                counts.sent.fetch_sub(1, Ordering::Relaxed);
                counts.failed.fetch_add(1, Ordering::Relaxed);
            }
            let count = if sent.is_taken { &counts.sent } else { &counts.failed };
            count.fetch_add(1, Ordering::Relaxed);
        });
        counts.too_long.fetch_add(too_long as u64, Ordering::Relaxed);
    }
}

impl Emitter {
    pub(crate) fn start(config: &Config, resource: Arc<Resource>) -> Result<Self, Error> {
        let counts = Arc::<Counts>::default();
        let socket = Socket::new(&config.daemon.udp, config.clock.clone(), config.log.clone());
        let mut writer = Writer { socket, resource, counts: counts.clone(), buffer: Vec::new() };
        if config.lambda {
            return Ok(Self { counts, way: Way::Direct(Box::new(Mutex::new(writer))) });
        }
        let queue = Arc::new(Queue::new(config.queue_documents_max));
        let name = "fluoro-sdk-emitter";
        let theirs = queue.clone();
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || theirs.drain(|finished| writer.write(finished)))
            .map_err(|source| Error::Thread { name, source })?;
        Ok(Self { counts, way: Way::Queued(queue) })
    }

    /// Takes what is finished; never waits.
    pub(crate) fn put(&self, finished: Finished) {
        match &self.way {
            Way::Queued(queue) => queue.put(finished),
            Way::Direct(writer) => crate::lock(writer).write(finished),
        }
    }

    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        match &self.way {
            Way::Queued(queue) => queue.wait_until_empty(timeout),
            Way::Direct(_) => true,
        }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let dropped = match &self.way {
            Way::Queued(queue) => queue.dropped_count(),
            Way::Direct(_) => 0,
        };
        Statistics {
            sent: count(&self.counts.sent),
            dropped,
            failed: count(&self.counts.failed),
            too_long: count(&self.counts.too_long),
        }
    }
}

impl Drop for Emitter {
    fn drop(&mut self) {
        if let Way::Queued(queue) = &self.way {
            queue.close();
            queue.wait_until_empty(FAREWELL);
        }
    }
}
