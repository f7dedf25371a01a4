//! Datagrams: received in bursts by a thread of their own, and read into documents.
//!
//! One system call takes as many datagrams as there are, up to [`BURST_DATAGRAMS_MAX`]. The
//! documents of a burst are copied once, into one allocation that they share, so that the buffers
//! are free for the next burst whatever becomes of the documents.

mod burst;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use tracing::{error, info, warn};
use wire::datagram::Problem;
use wire::{Clock, Micros};

use crate::Telemetry;
use crate::config::Otlp;
use crate::log_limit::LogLimit;
use crate::queue::Queue;
pub(crate) use burst::copied;

use burst::{Buffers, Burst, Wait};

/// Datagrams taken with one system call.
pub const BURST_DATAGRAMS_MAX: usize = 64;

/// How long a receive waits before it looks whether it is to stop.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long to leave a socket alone that failed.
const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// Why there is no receiver.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be had.
    #[error("listen on UDP {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The socket does not do what we need.
    #[error("set up UDP {address}")]
    SetUp {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A bound socket, and what its datagrams become.
pub(crate) struct Receiver {
    socket: UdpSocket,
    address: SocketAddr,
    receive_buffer_bytes: usize,
    otlp: Otlp,
    telemetry: Arc<Telemetry>,
}

impl Receiver {
    /// Binds the socket and asks the kernel for a large buffer.
    pub(crate) fn bind(
        address: SocketAddr,
        buffer_bytes: usize,
        telemetry: Arc<Telemetry>,
    ) -> Result<Self, Error> {
        let socket = UdpSocket::bind(address).map_err(|source| Error::Bind { address, source })?;
        let set_up = |source| Error::SetUp { address, source };
        let address = socket.local_addr().map_err(set_up)?;
        let receive_buffer_bytes = set_options(&socket, buffer_bytes).map_err(set_up)?;
        telemetry.receive_buffer_bytes.set(receive_buffer_bytes as u64);
        info!(
            %address,
            asked_bytes = buffer_bytes,
            granted_bytes = receive_buffer_bytes,
            "receiving datagrams"
        );
        Ok(Self { socket, address, receive_buffer_bytes, otlp: Otlp::Refused, telemetry })
    }

    /// Says what becomes of datagrams that bring OTLP; they are refused otherwise.
    pub(crate) fn with_otlp(self, otlp: Otlp) -> Self {
        Self { otlp, ..self }
    }

    /// Returns where the socket is bound; never port 0.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives until `stop` is set, then takes what the kernel still holds. The thread's body.
    pub(crate) fn run(self, queue: &Queue, clock: &dyn Clock, stop: &AtomicBool) {
        let mut lines = Lines::default();
        let mut buffers = Buffers::new(self.otlp);
        while !stop.load(Ordering::Relaxed) {
            match buffers.receive(&self.socket, Wait::ForOne) {
                Ok(burst) => self.take(burst, queue, &mut lines, clock.now()),
                Err(Errno::EAGAIN) => lines.catch_up(clock.now()),
                Err(Errno::EINTR) => {}
                Err(errno) => self.fail(errno, &mut lines, clock.now()),
            }
        }
        self.drain(&mut buffers, queue, &mut lines, clock);
        lines.finish();
    }

    /// Takes what the kernel holds; no more than it can hold, or a busy sender would never let us
    /// stop.
    fn drain(&self, buffers: &mut Buffers, queue: &Queue, lines: &mut Lines, clock: &dyn Clock) {
        let mut bytes = 0;
        while bytes <= self.receive_buffer_bytes {
            match buffers.receive(&self.socket, Wait::Not) {
                Ok(burst) => {
                    bytes += burst.bytes;
                    self.take(burst, queue, lines, clock.now());
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                Err(errno) => return self.fail(errno, lines, clock.now()),
            }
        }
    }

    fn take(&self, burst: Burst, queue: &Queue, lines: &mut Lines, now: Micros) {
        self.telemetry.datagrams.add(burst.datagram_count);
        self.telemetry.datagram_bytes.add(burst.bytes);
        if let Some(drops) = burst.kernel_drops {
            lines.kernel_drops(self.telemetry.kernel_drops.value(), drops, now);
            self.telemetry.kernel_drops.set(drops);
        }
        for problem in burst.problems {
            self.telemetry.rejected(problem).add(1);
            lines.rejected(problem, now);
        }
        if !burst.documents.is_empty() {
            lines.spilled(queue.push(burst.documents), now);
        }
    }

    fn fail(&self, errno: Errno, lines: &mut Lines, now: Micros) {
        self.telemetry.receive_errors.add(1);
        if let Some(count) = lines.errors.add(1, now) {
            error!(error = %errno, count, "could not receive datagrams");
        }
        // An error that stays would otherwise keep a core busy; there is no event to wait for.
        std::thread::park_timeout(ERROR_PAUSE);
    }
}

/// Sets the socket's options and returns the bytes of buffer that the kernel granted.
fn set_options(socket: &UdpSocket, buffer_bytes: usize) -> io::Result<usize> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let options = socket2::SockRef::from(socket);
    options.set_recv_buffer_size(buffer_bytes)?;
    #[cfg(target_os = "linux")]
    nix::sys::socket::setsockopt(socket, nix::sys::socket::sockopt::RxqOvfl, &1)?;
    let shown = options.recv_buffer_size()?;
    // Linux shows twice what it grants, for its own bookkeeping.
    Ok(if cfg!(target_os = "linux") { shown / 2 } else { shown })
}

/// The log lines of a receiver, each at most once a second.
#[derive(Default)]
struct Lines {
    rejected: [LogLimit; Problem::ALL.len()],
    spilled: LogLimit,
    kernel_drops: LogLimit,
    errors: LogLimit,
}

impl Lines {
    fn rejected(&mut self, problem: Problem, now: Micros) {
        if let Some(count) = self.rejected[problem as usize].add(1, now) {
            say_rejected(problem, count);
        }
    }

    fn spilled(&mut self, document_count: usize, now: Micros) {
        if let Some(count) = self.spilled.add(document_count, now) {
            say_spilled(count);
        }
    }

    fn kernel_drops(&mut self, before: u64, total: u64, now: Micros) {
        let count = usize::try_from(total.saturating_sub(before)).unwrap_or(usize::MAX);
        if let Some(count) = self.kernel_drops.add(count, now) {
            say_kernel_drops(count);
        }
    }

    /// Says what was held back, once its second is over.
    fn catch_up(&mut self, now: Micros) {
        self.each(|limit| limit.add(0, now));
    }

    /// Says what was held back.
    fn finish(&mut self) {
        self.each(LogLimit::rest);
    }

    fn each(&mut self, mut count: impl FnMut(&mut LogLimit) -> Option<u64>) {
        for problem in Problem::ALL {
            count(&mut self.rejected[problem as usize])
                .into_iter()
                .for_each(|count| say_rejected(problem, count));
        }
        count(&mut self.spilled).into_iter().for_each(say_spilled);
        count(&mut self.kernel_drops).into_iter().for_each(say_kernel_drops);
    }
}

fn say_rejected(problem: Problem, datagram_count: u64) {
    warn!(reason = problem.label(), datagram_count, %problem, "rejected datagrams");
}

fn say_spilled(document_count: u64) {
    warn!(document_count, "dropped the oldest documents: the queue is full");
}

fn say_kernel_drops(datagram_count: u64) {
    warn!(datagram_count, "the kernel dropped datagrams: its receive buffer was full");
}

#[cfg(test)]
mod tests;
