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

mod net;

mod world;

mod service;

mod pair;

mod shop;

mod backing;

mod live;

mod history;

pub mod control;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fluoro_sdk::{Clock, Micros};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use board::Board;
use live::of;
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
    /// What visits, and everything that happens in them, are made of.
    pub seed: u64,
    /// Who takes part.
    pub scene: Scene,
    /// Visits of the shop per second, on average.
    pub visits_per_second: f64,
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
    /// Opens all ports, starts the services, and lets visitors come.
    ///
    /// # Errors
    /// `Error::Control` when the control door cannot be opened, `Error::Port` and `Error::Recorder`
    /// when the system has no port or thread left.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let address = config.control;
        let refused = |source| Error::Control { address, source };
        let door = TcpListener::bind(address).await.map_err(refused)?;
        let control = door.local_addr().map_err(refused)?;
        let roles = config.scene.roles();
        let world = Arc::new(live_world(&config, &roles)?);
        let mut tasks = JoinSet::new();
        live::open(&world, &roles, &mut tasks).await.map_err(Error::Port)?;
        let theirs = world.clone();
        tasks.spawn(async move { of(&theirs).board.expire().await });
        tasks.spawn(control::serve(door, control, world.clone()));
        let client = Client::new();
        if config.scene != Scene::Shop {
            tasks.spawn(live::greet(world.clone(), client.clone()));
        }
        if config.scene != Scene::Pair {
            tasks.spawn(live::crowd(world.clone(), client, config.visits_per_second));
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

    /// Stops everything and sends what has been recorded; returns how many documents were sent and
    /// how many were lost.
    pub async fn stop(mut self) -> (u64, u64) {
        self.tasks.shutdown().await;
        let world = self.world;
        let sent = tokio::task::spawn_blocking(move || {
            let counts = world.scribes.values().map(Scribe::flush);
            counts.fold((0, 0), |(sent, lost), (more, gone)| (sent + more, lost + gone))
        });
        sent.await.unwrap_or_default()
    }
}

fn live_world(config: &Config, roles: &[Role]) -> Result<World, Error> {
    let telemetry =
        Telemetry { daemon: config.daemon.clone(), clock: config.clock.clone(), label: "live" };
    let live = Live { board: Board::new(), addresses: Addresses::default(), client: Client::new() };
    Ok(World {
        seed: config.seed,
        scribes: scribes(&telemetry, roles)?,
        messages: Messages::default(),
        way: Way::Live(Box::new(live)),
    })
}

fn scribes(telemetry: &Telemetry, roles: &[Role]) -> Result<BTreeMap<Role, Scribe>, Error> {
    let traced = roles.iter().filter(|role| role.is_traced());
    let scribes = traced.map(|&role| Ok((role, telemetry.scribe(role)?)));
    scribes.collect::<Result<_, _>>().map_err(Error::Recorder)
}

/// Returns whether a server answers at `server`, a URL without a slash at its end, that it is ready.
pub async fn is_ready(server: &str) -> bool {
    let Ok(request) = hyper::Request::get(format!("{server}/readyz")).body(Full::default()) else {
        return false;
    };
    let answer = tokio::time::timeout(READY_MAX, Client::new().send(request)).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.is_ok()))
}

/// Tells the server at `server`, a URL without a slash at its end, of a past of this length that ended just now.
///
/// # Errors
/// `Error::Put` when the server does not take it; `Error::Collect` and `Error::Recorder` when the
/// system has no socket or thread left.
pub async fn tell_history(server: &str, config: &Config, length: Duration) -> Result<Told, Error> {
    let end = config.clock.now();
    let length = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
    let start = Micros(end.0.saturating_sub(length));
    history::tell(server, config.seed, start..end, &config.scene.roles()).await
}
