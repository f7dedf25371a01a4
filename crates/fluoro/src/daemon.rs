//! `fluoro daemon`, and the program under the name `xray`: the front alone, in the place of the AWS
//! X-Ray daemon, with its flags, its config file and its exit codes.

mod health;

mod log;

mod memory;

mod outward;

mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use daemon::health::Health;
use daemon::original::settings::Settings;
use daemon::report::report;
use daemon::{Batching, Doors, Lanes, Otlp, Telemetry};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::{error, info};
use wire::Clock;

use crate::Failure;
use crate::clock::SystemClock;
use crate::doors::explain_front;
use crate::ready;
use crate::signals::Signals;
use outward::Outward;

/// The name under which the program behaves as the original.
const ORIGINAL: &str = "xray";

/// How long stopping may take in all: below the ten seconds after which a container is killed, and
/// below what is left of them once the signal has arrived.
const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// Of that, what is kept for the last telemetry record and the spool.
const STOP_RESERVE: Duration = Duration::from_millis(1500);

/// The receive buffer that the kernel is asked for, unless memory is short.
const RECEIVE_BYTES_MAX: u64 = 16 << 20;

/// More threads than this do not help.
const WORKERS_MAX: usize = 4;

/// Returns the daemon's words, when the command line is for the daemon.
pub(crate) fn words(line: &[OsString]) -> Option<Vec<String>> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    let name = Path::new(line.first()?).file_stem().unwrap_or_default();
    if name == ORIGINAL {
        return Some(line[1..].iter().map(text).collect());
    }
    (line.get(1)? == "daemon").then(|| line[2..].iter().map(text).collect())
}

/// Does what the words say; returns the code to exit with, which is the original's.
pub(crate) fn run(words: &[String]) -> ExitCode {
    if words.first().is_some_and(|word| word == "health") {
        return health::ask(&words[1..]);
    }
    match words::read(words) {
        Ok(settings) => start(&settings),
        Err(end) => end.tell(),
    }
}

fn start(settings: &Settings) -> ExitCode {
    let result = log::start(&settings.log).and_then(|()| {
        let workers = available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
        let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
        let result = runtime.block_on(serve(settings));
        // What still waits for a disk or a name is not waited for.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Whoever logs into a file may look at the terminal, and the other way round.
            error!("{}", crate::explained(&failure));
            crate::failed(&failure)
        }
    }
}

/// Runs until a signal asks it to stop.
async fn serve(settings: &Settings) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    words::say_start(settings);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let doors = Doors::bind(front(settings)).await;
    let doors = doors.map_err(|error| explain_front(error, ["--bind", "--bind-tcp"]))?;
    let health = match settings.health {
        Some(address) => Some(Health::bind(address).await.map_err(|error| {
            format!("failed to listen for health checks on {address}: {error}")
        })?),
        None => None,
    };
    let Outward { lanes, reporter } = outward::open(settings, clock.clone()).await?;
    let telemetry = doors.telemetry();
    let (udp, tcp) = (doors.udp(), doors.tcp());
    info!("Starting proxy http server on {tcp}");
    let front = doors.open(lanes.clone(), lanes.clone(), clock)?;

    let stop = watch::Sender::new(false);
    let mut reports = JoinSet::new();
    for lane in lanes.all() {
        reports.spawn(report(lane.clone(), telemetry.clone(), reporter.clone(), stop.subscribe()));
    }
    let mut addresses = vec![("udp", udp), ("tcp", tcp)];
    if let Some(health) = health {
        addresses.push(("health", health.address()));
        info!("health at http://{}/healthz, /readyz, /metrics", health.address());
        tokio::spawn(health.serve(lanes.clone(), exposition(lanes.clone(), telemetry)));
    }
    if let Some(path) = &settings.ready_file {
        ready::write(Path::new(path), &addresses)
            .map_err(|error| format!("failed to write --ready-file {path}: {error}"))?;
    }
    info!(%udp, %tcp, "ready");

    info!("Got shutdown signal: {}", signals.next().await);
    signals.exit_on_next();
    let deadline = Instant::now() + STOP_PATIENCE;
    let left = || deadline.saturating_duration_since(Instant::now());
    front.stop(left().saturating_sub(STOP_RESERVE)).await;
    lanes.stop(left().saturating_sub(STOP_RESERVE)).await;
    stop.send_replace(true);
    let reported = async { while reports.join_next().await.is_some() {} };
    // The last record is of use, and no reason to be killed.
    timeout(left(), reported).await.ok();
    info!("Shutdown finished. Current epoch in nanoseconds: {}", SystemClock.now().0 * 1000);
    Ok(())
}

/// Returns what the front is told. Half of the memory is for what waits to be sent; the rest is for
/// what comes in at the moment, in the kernel and here.
fn front(settings: &Settings) -> daemon::Config {
    let quarter = settings.buffer_bytes_max / 4;
    daemon::Config {
        udp: settings.udp,
        tcp: settings.tcp,
        stream: settings.stream,
        unix_socket: settings.unix_socket.clone().map(PathBuf::from),
        // What comes is sent on as it is; the destination reads it.
        otlp: Otlp::Passed,
        is_open_proxy: settings.is_open_proxy,
        receive_buffer_bytes: quarter.min(RECEIVE_BYTES_MAX) as usize,
        queue_bytes_max: quarter as usize,
        batching: Batching::FORWARDED,
        batches_in_flight_max: 1,
    }
}

fn exposition(lanes: Arc<Lanes>, telemetry: Arc<Telemetry>) -> daemon::health::Exposition {
    Arc::new(move || {
        let mut numbers = telemetry.numbers();
        numbers.extend(lanes.numbers());
        server::metrics::exposition(numbers)
    })
}
