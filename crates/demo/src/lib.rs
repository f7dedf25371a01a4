//! Services that call each other over loopback, break when told to, and heal by themselves: so that
//! a newcomer sees a living service graph without writing any code.
//!
//! Two groups take part (`role`): a pair, of which the front-end asks the back-end once a second, and
//! a shop of eight services with what they depend on. Each has a port and a recorder of its own; what
//! it records goes to a daemon as any application's would (`telemetry`). What is broken is on the
//! `board`; other programs change it through the `control` door. `history` tells a past by the same
//! code.

mod error;
mod exchange;
mod role;

mod fault;

mod board;

mod visitor;

mod telemetry;

mod logs;

mod net;

mod world;

mod service;

mod pair;

mod shop;

mod backing;

mod live;

mod rules;

mod history;

pub mod control;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fluoro_sdk::{Clock, Micros};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use board::Board;
use live::{Pace, of};
use logs::Logbook;
use net::{Addresses, Client};
use role::Role;
use telemetry::{Scribe, Telemetry};
use world::{Live, Messages, Way, World};

pub use board::BROKEN_MAX;
pub use error::Error;
pub use fault::Fault;
pub use fluoro_sdk::DaemonAddress;
pub use history::Told;

/// How long a fault lasts unless it is said.
pub const BROKEN_USUALLY: Duration = Duration::from_secs(600);

/// How long a server may take to say that it is ready.
const READY_MAX: Duration = Duration::from_secs(2);

/// How a demo is to run.
#[derive(Clone)]
pub struct Config {
    /// Where documents go.
    pub daemon: DaemonAddress,
    /// The URL of the server that gets them, without a slash at its end; its sampling rules are read
    /// there.
    pub server: String,
    /// What visits, and everything that happens in them, are made of.
    pub seed: u64,
    /// Who takes part.
    pub scene: Scene,
    /// Visits of the shop per second, on average.
    pub visits_per_second: f64,
    /// How long a day is, in which more visitors come at noon than at night; `None` for no such days.
    pub day: Option<Duration>,
    /// Where the control door is; a loopback address.
    pub control: SocketAddr,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scene {
    /// Everybody.
    #[default]
    All,
    /// Front-end and back-end.
    Pair,
    /// The eight services of the shop.
    Shop,
}

impl Scene {
    fn roles(self) -> Vec<Role> {
        let (pair, shop) = match self {
            Self::All => (Role::PAIR, Role::SHOP),
            Self::Pair => (Role::PAIR, &[][..]),
            Self::Shop => (&[][..], Role::SHOP),
        };
        [pair, shop].concat()
    }
}

/// A demo that runs.
pub struct Demo {
    world: Arc<World>,
    control: SocketAddr,
    roles: Vec<Role>,
    tasks: JoinSet<()>,
}

impl Demo {
    /// Opens all ports, starts the services, and lets visitors come. What the services log is written
    /// to `logs`, a JSON object in a line each.
    ///
    /// # Errors
    /// `Error::Control` when the control door cannot be opened, `Error::Port`, `Error::Recorder` and
    /// `Error::Logs` when the system has no port or thread left.
    pub async fn start(config: Config, logs: Option<Box<dyn Write + Send>>) -> Result<Self, Error> {
        let address = config.control;
        let refused = |source| Error::Control { address, source };
        let door = TcpListener::bind(address).await.map_err(refused)?;
        let control = door.local_addr().map_err(refused)?;
        let roles = config.scene.roles();
        let logs = logs.map(Logbook::to).transpose().map_err(Error::Logs)?.unwrap_or_default();
        let world = Arc::new(live_world(&config, &roles, logs)?);
        let mut tasks = JoinSet::new();
        live::open(&world, &roles, &mut tasks).await.map_err(Error::Port)?;
        let theirs = world.clone();
        tasks.spawn(async move { of(&theirs).board.expire().await });
        tasks.spawn(rules::follow(world.clone()));
        tasks.spawn(control::serve(door, control, world.clone()));
        let client = Client::new();
        if config.scene != Scene::Shop {
            tasks.spawn(live::greet(world.clone(), client.clone()));
        }
        if config.scene != Scene::Pair {
            let pace = Pace { per_second: config.visits_per_second, day: config.day };
            tasks.spawn(live::crowd(world.clone(), client, pace));
        }
        Ok(Self { world, control, roles, tasks })
    }

    /// Returns where the control door is.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Returns the services and where they listen now; one that is not asked over HTTP is not among
    /// them.
    pub fn services(&self) -> Vec<(&'static str, SocketAddr)> {
        let live = of(&self.world);
        let at = |role: &Role| Some((role.name(), live.addresses.of(*role)?));
        self.roles.iter().filter_map(at).collect()
    }

    /// Stops everything, leaves the server's sampling rules as they were, and sends what has been
    /// recorded.
    pub async fn stop(mut self) -> Stopped {
        self.tasks.shutdown().await;
        let world = self.world;
        rules::leave(&world).await;
        let stopped = tokio::task::spawn_blocking(move || Stopped::of(&world));
        stopped.await.unwrap_or_default()
    }
}

/// What a demo did until it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Documents that were sent.
    pub sent_count: u64,
    /// Documents that were lost, those of the fault `packet-loss` among them.
    pub lost_count: u64,
    /// Visits that did not happen since too many were under way.
    pub turned_away_count: u64,
    /// Log lines that came faster than they could be written.
    pub lost_line_count: u64,
}

impl Stopped {
    /// Sends what is left in a world that has stopped. Waits for it.
    fn of(world: &World) -> Self {
        let turned_away_count = of(world).turned_away_count.load(Ordering::Relaxed);
        let lost_line_count = world.logs.close();
        let mut stopped = Self { turned_away_count, lost_line_count, ..Self::default() };
        for (sent, lost) in world.scribes.values().map(Scribe::flush) {
            stopped.sent_count += sent;
            stopped.lost_count += lost;
        }
        stopped
    }
}

fn live_world(config: &Config, roles: &[Role], logs: Logbook) -> Result<World, Error> {
    let is_sampled_by_rules = Arc::new(AtomicBool::new(false));
    let rules = is_sampled_by_rules.clone();
    let telemetry = Telemetry::live(config.daemon.clone(), config.clock.clone(), rules)?;
    let live = Live {
        board: Board::new(),
        addresses: Addresses::default(),
        client: Client::new(),
        server: config.server.clone(),
        is_sampled_by_rules,
        turned_away_count: AtomicU64::new(0),
    };
    Ok(World {
        seed: config.seed,
        scribes: telemetry.scribes(roles)?,
        messages: Messages::default(),
        logs,
        is_model_loaded: AtomicBool::new(false),
        way: Way::Live(Box::new(live)),
    })
}

/// Returns whether a server answers at `server`, a URL without a slash at its end, that it is ready.
pub async fn is_ready(server: &str) -> bool {
    let Ok(request) = hyper::Request::get(format!("{server}/readyz")).body(Full::default()) else {
        return false;
    };
    let answer = tokio::time::timeout(READY_MAX, Client::new().send(request)).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.is_ok()))
}

/// Tells the server of a past of this length that ended just now.
///
/// # Errors
/// `Error::Put` when the server does not take it; `Error::Collect` and `Error::Recorder` when the
/// system has no socket or thread left.
pub async fn tell_history(config: &Config, length: Duration) -> Result<Told, Error> {
    let end = config.clock.now();
    let length = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
    let start = Micros(end.0.saturating_sub(length));
    history::tell(&config.server, config.seed, start..end, &config.scene.roles()).await
}
