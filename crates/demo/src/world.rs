//! The world in which services work: in real time, with sockets between them; or in a past that is
//! made up, in which a clock is moved and a call is a call of a function. The services do not know
//! which.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fluoro_sdk::{Clock, Micros};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::board::Board;
use crate::exchange::{Answer, CallError, Request};
use crate::fault::Fault;
use crate::logs::Logbook;
use crate::net::{Addresses, Client};
use crate::role::Role;
use crate::service;
use crate::telemetry::Scribe;

/// Messages that may wait in the queue.
const MESSAGES_MAX: usize = 1000;

/// Everything that services share.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) scribes: BTreeMap<Role, Scribe>,
    pub(crate) messages: Messages,
    pub(crate) logs: Logbook,
    /// Whether the model of the recommendations is in memory.
    pub(crate) is_model_loaded: AtomicBool,
    pub(crate) way: Way,
}

/// How time passes and calls are made.
pub(crate) enum Way {
    Live(Box<Live>),
    Past(Past),
}

/// Real time, real sockets.
pub(crate) struct Live {
    pub(crate) board: Board,
    pub(crate) addresses: Addresses,
    pub(crate) client: Client,
    /// The server's URL, without a slash at its end.
    pub(crate) server: String,
    /// Whether the server's sampling rules decide what is recorded.
    pub(crate) is_sampled_by_rules: Arc<AtomicBool>,
    /// Visits that did not happen since too many were under way.
    pub(crate) turned_away_count: AtomicU64,
}

/// A made-up past.
pub(crate) struct Past {
    pub(crate) clock: Arc<PastClock>,
    /// What was broken, and when.
    pub(crate) incidents: Vec<(Fault, Range<Micros>)>,
}

/// A clock that is moved as the past is told.
#[derive(Debug, Default)]
pub(crate) struct PastClock(AtomicU64);

impl PastClock {
    pub(crate) fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for PastClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

impl World {
    /// Returns whether something is broken.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        match &self.way {
            Way::Live(live) => live.board.has(fault),
            Way::Past(past) => past.incident(fault).is_some(),
        }
    }

    /// Returns how much of a fault's time has passed, from 0 to 1.
    pub(crate) fn progress(&self, fault: Fault) -> f64 {
        match &self.way {
            Way::Live(live) => live.board.progress(fault),
            Way::Past(past) => past.incident(fault).map_or(0.0, |span| {
                let passed = past.clock.now().0 - span.start.0;
                passed as f64 / (span.end.0 - span.start.0) as f64
            }),
        }
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, millis: u64) {
        match &self.way {
            Way::Live(_) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Way::Past(past) => past.clock.set(Micros(past.clock.now().0 + millis * 1000)),
        }
    }

    /// Sends a request and waits for the answer, for `patience` at most.
    pub(crate) async fn exchange(
        &self,
        to: Role,
        request: Request,
        patience: Duration,
    ) -> Result<Answer, CallError> {
        match &self.way {
            Way::Live(live) => {
                let Some(address) = live.addresses.of(to) else { return Err(CallError::Refused) };
                let answer = live.client.exchange(address, &request);
                let answer = tokio::time::timeout(patience, answer).await;
                answer.unwrap_or(Err(CallError::Timeout(patience)))
            }
            Way::Past(past) => self.exchange_past(past, to, request, patience).await,
        }
    }

    async fn exchange_past(
        &self,
        past: &Past,
        to: Role,
        request: Request,
        patience: Duration,
    ) -> Result<Answer, CallError> {
        if Fault::that_stops(to).is_some_and(|fault| self.has(fault)) {
            return Err(CallError::Refused);
        }
        let patience_micros = u64::try_from(patience.as_micros()).unwrap_or(u64::MAX);
        let end = Micros(past.clock.now().0.saturating_add(patience_micros));
        let answer = service::answer(self, to, request).await;
        if past.clock.now() > end {
            past.clock.set(end);
            return Err(CallError::Timeout(patience));
        }
        Ok(answer)
    }

    /// Does two things at the same time.
    pub(crate) async fn both<A, B>(
        &self,
        one: impl Future<Output = A>,
        other: impl Future<Output = B>,
    ) -> (A, B) {
        let Way::Past(past) = &self.way else { return tokio::join!(one, other) };
        let begin = past.clock.now();
        let one = one.await;
        let end = past.clock.now();
        past.clock.set(begin);
        let other = other.await;
        past.clock.set(end.max(past.clock.now()));
        (one, other)
    }
}

impl Past {
    fn incident(&self, fault: Fault) -> Option<&Range<Micros>> {
        let now = self.clock.now();
        let mut found = self.incidents.iter().filter(|(other, _)| *other == fault);
        found.find(|(_, span)| span.contains(&now)).map(|(_, span)| span)
    }
}

/// What waits in the queue.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    waiting: Mutex<VecDeque<Message>>,
    came: Notify,
}

/// A message: an order to ship.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// The visit in which it was ordered.
    pub(crate) number: u64,
    /// The sender's trace header.
    pub(crate) trace: String,
}

impl Messages {
    /// Takes a message; false when too many wait.
    pub(crate) fn put(&self, message: Message) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= MESSAGES_MAX {
            return false;
        }
        waiting.push_back(message);
        self.came.notify_one();
        true
    }

    /// Returns the next message, if there is one.
    pub(crate) fn next(&self) -> Option<Message> {
        self.waiting.lock().pop_front()
    }

    /// Waits for the next message.
    pub(crate) async fn wait(&self) -> Message {
        loop {
            let came = self.came.notified();
            if let Some(message) = self.next() {
                return message;
            }
            came.await;
        }
    }
}
