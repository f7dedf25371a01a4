//! Signals that ask the program to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

/// The code with which a program ends that was interrupted.
const INTERRUPTED: i32 = 130;

/// Listens for SIGINT and SIGTERM, which end the program no longer by themselves.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one and returns its name.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }

    /// Waits for the first one; from then on a second one ends the program at once.
    pub(crate) async fn stop(mut self) {
        let signal = self.next().await;
        info!(signal, "stopping; a second signal stops at once");
        self.exit_on_next();
    }

    /// Lets the next one end the program at once.
    pub(crate) fn exit_on_next(mut self) {
        tokio::spawn(async move {
            let signal = self.next().await;
            warn!(signal, "stopped at once");
            std::process::exit(INTERRUPTED);
        });
    }
}
