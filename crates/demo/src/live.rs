//! Services that run: each behind a port of its own, and visitors who come to them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::exchange::Request;
use crate::fault::Fault;
use crate::net::{self, Client};
use crate::role::Role;
use crate::service;
use crate::visitor;
use crate::world::{Live, Message, Way, World};

/// The time from one greeting to the next.
const CADENCE: Duration = Duration::from_secs(1);

/// Visits that may be under way; those who come meanwhile go away again, and are counted.
const VISITS_MAX: usize = 64;

/// Messages that the worker handles at a time.
const WORKERS: usize = 4;

/// How long whoever asks waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait before a port is asked for again, or a queue that did not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// The part of the visitors who come at noon and not in the morning, or in the morning and not at
/// night.
const SWING: f64 = 0.8;

/// A port on this machine that is free.
const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Returns what a live world is made of.
///
/// # Panics
/// When the world is a past.
pub(crate) fn of(world: &World) -> &Live {
    match &world.way {
        Way::Live(live) => live,
        Way::Past(_) => panic!("a past has no sockets"),
    }
}

/// Opens the ports of these services and starts to answer.
///
/// # Errors
/// When the system has no port left.
pub(crate) async fn open(
    world: &Arc<World>,
    roles: &[Role],
    tasks: &mut JoinSet<()>,
) -> io::Result<()> {
    for &role in roles {
        if role == Role::Worker {
            for _ in 0..WORKERS {
                tasks.spawn(work(world.clone()));
            }
            continue;
        }
        let listener = TcpListener::bind(FREE).await?;
        of(world).addresses.set(role, listener.local_addr()?);
        tasks.spawn(keep_open(world.clone(), role, listener));
    }
    Ok(())
}

/// Answers requests; while a fault says that the service is down, its port is closed and its
/// connections are cut.
async fn keep_open(world: Arc<World>, role: Role, listener: TcpListener) {
    let mut listener = Some(listener);
    let mut changes = of(&world).board.watch();
    loop {
        let is_down = Fault::that_stops(role).is_some_and(|fault| world.has(fault));
        if is_down {
            listener = None;
            // The board lives as long as the world.
            changes.changed().await.ok();
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => reopen(&world, role).await,
        };
        let theirs = world.clone();
        let serving = net::serve(open, move |received| respond(theirs.clone(), role, received));
        tokio::select! {
            () = serving => {}
            () = until_down(&mut changes, &world, role) => {}
        }
    }
}

async fn until_down<T>(changes: &mut tokio::sync::watch::Receiver<T>, world: &World, role: Role) {
    let Some(fault) = Fault::that_stops(role) else { return std::future::pending().await };
    while !world.has(fault) {
        changes.changed().await.ok();
    }
}

async fn reopen(world: &World, role: Role) -> TcpListener {
    loop {
        let opened = TcpListener::bind(FREE).await;
        match opened.and_then(|listener| Ok((listener.local_addr()?, listener))) {
            Ok((address, listener)) => {
                of(world).addresses.set(role, address);
                return listener;
            }
            // No port is left at the moment.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn respond(world: Arc<World>, role: Role, received: net::Received) -> net::Response {
    let Some(request) = net::read(&received) else {
        return net::text(400, "text/plain", format!("no {} header\n", net::NUMBER));
    };
    let answer = service::answer(&world, role, request).await;
    net::text(answer.status, "text/plain", answer.body)
}

/// Takes messages from the queue, one after the other.
async fn work(world: Arc<World>) {
    loop {
        let request =
            Request { method: "GET", path: "/messages".to_owned(), number: 0, trace: None };
        match world.exchange(Role::Queue, request, PATIENCE).await {
            Ok(answer) if answer.status == 200 => {
                if let Some((number, trace)) = answer.body.split_once(' ')
                    && let Ok(number) = number.parse()
                {
                    let trace = trace.to_owned();
                    service::consume(&world, Message { number, trace }).await;
                }
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Asks the front-end once a second.
pub(crate) async fn greet(world: Arc<World>, client: Client) {
    let mut ticks = interval_at(Instant::now() + CADENCE / 4, CADENCE);
    // A second that was missed is made up for: the cadence is what is promised.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut asking = JoinSet::new();
    for number in 0.. {
        ticks.tick().await;
        while asking.try_join_next().is_some() {}
        if asking.len() < VISITS_MAX {
            let request = visit("GET", "/", number);
            asking.spawn(ask(world.clone(), client.clone(), Role::FrontEnd, request));
        } else {
            turn_away(&world);
        }
    }
}

fn turn_away(world: &World) {
    of(world).turned_away_count.fetch_add(1, Ordering::Relaxed);
}

/// How many visitors come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// On average.
    pub(crate) per_second: f64,
    /// How long a day is, in which more come at noon than at night; `None` for no such days.
    pub(crate) day: Option<Duration>,
}

impl Pace {
    /// Returns the visits per second at a time since the beginning, which is a morning.
    fn at(self, since: Duration) -> f64 {
        let swing = self.day.map_or(0.0, |day| {
            let turn = since.as_secs_f64() / day.as_secs_f64() * std::f64::consts::TAU;
            turn.sin() * SWING
        });
        self.per_second * (1.0 + swing)
    }
}

/// Lets visitors come to the shop, each at any time.
pub(crate) async fn crowd(world: Arc<World>, client: Client, pace: Pace) {
    let room = Arc::new(Semaphore::new(VISITS_MAX));
    let mut visits = JoinSet::new();
    let begin = Instant::now();
    let mut next = begin;
    for number in 0.. {
        next += wait(world.seed, number, pace.at(next - begin));
        sleep_until(next).await;
        while visits.try_join_next().is_some() {}
        let Ok(place) = room.clone().try_acquire_owned() else {
            turn_away(&world);
            continue;
        };
        let (world, client) = (world.clone(), client.clone());
        visits.spawn(async move {
            let request = shop_visit(world.seed, number);
            ask(world, client, Role::Web, request).await;
            drop(place);
        });
    }
}

/// Returns the time from one visit to the next, as of people who do not know of each other.
pub(crate) fn wait(seed: u64, number: u64, per_second: f64) -> Duration {
    let part = visitor::random(seed, number, "arrival").f64();
    Duration::from_secs_f64((-(1.0 - part).ln() / per_second).min(60.0))
}

/// Returns what a visitor of the shop asks for.
pub(crate) fn shop_visit(seed: u64, number: u64) -> Request {
    match visitor::random(seed, number, "intent").u32(..100) {
        0..40 => visit("POST", "/checkout", number),
        99 => visit("GET", "/catalogue", number),
        _ => visit("GET", "/products", number),
    }
}

/// Returns the request with which a visit begins.
pub(crate) fn visit(method: &'static str, path: &str, number: u64) -> Request {
    Request { method, path: path.to_owned(), number, trace: None }
}

async fn ask(world: Arc<World>, client: Client, role: Role, request: Request) {
    let Some(address) = of(&world).addresses.of(role) else { return };
    // What went wrong is in the trace; nobody else would read it.
    tokio::time::timeout(PATIENCE, client.exchange(address, &request)).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_come_at_noon_than_at_night() {
        let day = Duration::from_secs(400);
        let rates = |day| {
            let pace = Pace { per_second: 5.0, day };
            [0, 100, 200, 300, 400].map(|secs| (pace.at(Duration::from_secs(secs)) * 10.0).round())
        };
        assert_eq!(rates(Some(day)), [50.0, 90.0, 50.0, 10.0, 50.0]);
        assert_eq!(rates(None), [50.0; 5]);
    }
}
