//! `fluoro daemon`: the front alone, sending everything on to another server.

use std::sync::Arc;

use daemon::{Doors, Forwarder};
use tokio::runtime::Builder;
use tracing::info;
use wire::Clock;
use wire::metric::Metric;

use crate::Failure;
use crate::clock::SystemClock;
use crate::config::{Daemon, STOP_PATIENCE};
use crate::doors::explain_front;
use crate::ready;
use crate::say::say;
use crate::signals::Signals;

/// Runs until a signal asks it to stop.
///
/// # Errors
/// When a door cannot be opened.
pub(crate) fn daemon(config: Daemon) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(config))
}

async fn run(config: Daemon) -> Result<(), Failure> {
    let signals = Signals::listen()?;
    let doors = Doors::bind(config.front.clone()).await.map_err(explain_front)?;
    let (udp, tcp) = (doors.udp(), doors.tcp());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let forwarder = Arc::new(Forwarder::new(config.endpoint.clone(), clock.clone()));
    let front = doors.open(forwarder.clone(), forwarder.clone(), clock)?;

    info!(%udp, %tcp, endpoint = %config.endpoint, "ready");
    if let Some(path) = &config.ready_file {
        ready::write(path, &[("udp", udp), ("tcp", tcp)])
            .map_err(|error| format!("failed to write --ready-file {}: {error}", path.display()))?;
    }
    if config.is_chatty {
        say(format_args!(
            "Fluoro's daemon is ready.\n  UDP   {udp}   segments from X-Ray SDKs\n  \
             TCP   {tcp}   sampling rules for the same SDKs\n  all of it to {}",
            config.endpoint
        ));
    }

    signals.stop().await;
    front.stop(STOP_PATIENCE).await;
    for Metric { name, labels, value, .. } in forwarder.numbers() {
        info!(name, ?labels, value, "sent on in this run");
    }
    Ok(())
}
