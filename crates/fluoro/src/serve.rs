//! `fluoro serve`: the front and the backend in one process, with nothing but memory between them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use daemon::{Doors, Front, Reply, SamplingCall, Sink, Upstream};
use server::{Control, Ingest, Server};
use store::{Dir, DiskDir, Store};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::info;
use wire::Clock;

use crate::Failure;
use crate::clock::SystemClock;
use crate::config::{STOP_PATIENCE, Serve};
use crate::doors::{Door, explain, explain_front};
use crate::ready;
use crate::say::say;
use crate::signals::Signals;

/// Runs until a signal asks it to stop.
///
/// # Errors
/// When a door or the store cannot be opened, or not everything could be written at the end.
pub(crate) fn serve(config: Serve) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(config))
}

async fn run(config: Serve) -> Result<(), Failure> {
    let signals = Signals::listen()?;
    // The doors first: a taken port is found out before a long log is read. What comes meanwhile
    // waits in the kernel.
    let http_failed =
        |error| explain(Door { name: "HTTP", flag: "--http", address: config.http }, &error);
    let listener = TcpListener::bind(config.http).await.map_err(http_failed)?;
    let doors = Doors::bind(config.front.clone()).await;
    let doors = doors.map_err(|error| explain_front(error, ["--udp", "--tcp"]))?;
    let at = Addresses { http: listener.local_addr()?, udp: doors.udp(), tcp: doors.tcp() };

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (store, control) = open_store(&config, clock.clone()).await?;
    let server = Server::new(config.server.clone(), store.clone(), control, clock.clone());
    let Addresses { http, udp, tcp } = at;
    server.set_addresses(server::Addresses { http: Some(http), udp: Some(udp), tcp: Some(tcp) });
    let telemetry = doors.telemetry();
    server.metrics().register(move || telemetry.numbers());
    let front = open_front(doors, &server, clock)?;
    let watching = tokio::spawn(watch(server.clone()));
    let http = Http::start(listener, server);
    tell(&config, at)?;

    signals.stop().await;
    watching.abort();
    // Together, so that the slower of the two decides how long it takes.
    tokio::join!(front.stop(STOP_PATIENCE), http.stop());
    tokio::task::spawn_blocking(move || store.close()).await?;
    info!("stopped");
    Ok(())
}

async fn watch(server: Server) {
    server.watch().await;
}

async fn open_store(
    config: &Serve,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<Store>, Control), Failure> {
    let (path, options) = (config.data_dir.clone(), config.store.clone());
    let settings = config.server.clone();
    let opened = tokio::task::spawn_blocking(move || -> Result<(Store, Control), Failure> {
        let dir = DiskDir::open(&path).map_err(|error| {
            format!("failed to open the data folder {}: {error}", path.display())
        })?;
        let dir: Arc<dyn Dir> = Arc::new(dir);
        // Before the store: its graphs depend on the groups.
        let control = Control::open(&settings, dir.clone(), options.retention.longest())
            .map_err(|error| Failure::from(OpeningControl { source: error }))?;
        let store = Store::open(dir, options, clock, Arc::new(control.rollup()))
            .map_err(|error| Failure::from(Opening { source: error }))?;
        // Only now can nobody else change them any more.
        control.check_newest().map_err(|error| Failure::from(OpeningControl { source: error }))?;
        Ok((store, control))
    });
    let (store, control) = opened.await??;
    let statistics = store.statistics();
    info!(
        data_dir = %config.data_dir.display(),
        live_document_count = statistics.document_count,
        live_trace_count = statistics.trace_count,
        block_count = statistics.blocks.block_count,
        block_trace_count = statistics.blocks.trace_count,
        "opened the store"
    );
    Ok((Arc::new(store), control))
}

/// Why the store is not open, as a sentence with the store's own words behind it.
#[derive(Debug, thiserror::Error)]
#[error("failed to open the store")]
struct Opening {
    source: store::Error,
}

/// Why the settings are not loaded.
#[derive(Debug, thiserror::Error)]
#[error("failed to open the store")]
struct OpeningControl {
    source: server::control::Error,
}

fn open_front(doors: Doors, server: &Server, clock: Arc<dyn Clock>) -> Result<Front, Failure> {
    let sink = Arc::new(Inward(server.ingest()));
    let upstream = Arc::new(Inside(server.clone()));
    Ok(doors.open(sink, upstream, clock)?)
}

/// Hands documents straight to ingest.
struct Inward(Ingest);

impl Sink for Inward {
    async fn put(&self, documents: Vec<Bytes>) {
        // What is not kept was counted and logged there; no sender waits for an answer.
        self.0.put(documents).await.ok();
    }
}

/// Answers sampling calls by calling the operation in this process.
struct Inside(Server);

impl Upstream for Inside {
    async fn call(&self, call: SamplingCall, body: Bytes) -> Reply {
        let reply = self.0.call(call.path(), &body).await;
        Reply {
            status: reply.status.as_u16(),
            error_type: reply.error_type.map(str::to_owned),
            body: reply.body,
        }
    }
}

/// The running HTTP door.
struct Http {
    serving: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Http {
    fn start(listener: TcpListener, server: Server) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            // Told to stop, or nobody left to tell it: either way it is to stop.
            stopped.await.ok();
        };
        let serving = tokio::spawn(server::http::serve(listener, server, shutdown));
        Self { serving, stop }
    }

    async fn stop(self) {
        drop(self.stop);
        // A panic has said so itself, and there is nothing left to stop.
        self.serving.await.ok();
    }
}

/// Where the doors really are.
#[derive(Clone, Copy)]
struct Addresses {
    http: SocketAddr,
    udp: SocketAddr,
    tcp: SocketAddr,
}

/// Says where the doors are, to programs and to people.
fn tell(config: &Serve, at: Addresses) -> Result<(), Failure> {
    let Addresses { http, udp, tcp } = at;
    info!(%http, %udp, %tcp, "ready");
    for Door { name, flag, address } in &config.missing_doors {
        info!(door = name, flag, %address, "this version does not open this door");
    }
    if let Some(path) = &config.ready_file {
        ready::write(path, &[("http", http), ("udp", udp), ("tcp", tcp)])
            .map_err(|error| format!("failed to write --ready-file {}: {error}", path.display()))?;
    }
    if config.is_chatty {
        say(greeting(at, &config.data_dir));
    }
    Ok(())
}

fn greeting(Addresses { http, udp, tcp }: Addresses, data_dir: &Path) -> String {
    let daemon = if udp == tcp { udp.to_string() } else { format!("tcp:{tcp} udp:{udp}") };
    format!(
        "\
Fluoro is ready.
  UDP   {udp}   segments from X-Ray SDKs
  TCP   {tcp}   sampling rules for the same SDKs
  HTTP  {http}   the X-Ray API, /healthz, /readyz, /metrics
  data  {data_dir}

Try:
  fluoro send --to {udp} --endpoint http://{http}
  AWS_XRAY_DAEMON_ADDRESS=\"{daemon}\" python app.py
  aws xray get-service-graph --endpoint-url http://{http} --region us-east-1 \\
      --start-time $(($(date +%s) - 600)) --end-time $(date +%s)
",
        data_dir = data_dir.display(),
    )
}
