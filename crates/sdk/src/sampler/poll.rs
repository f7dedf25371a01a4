//! Asks the daemon's TCP door for rules and targets, from a thread of its own. Nothing waits for it,
//! and while nobody answers it says nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wire::api::sampling::{parse_rules, parse_targets, sampling_targets_request};
use wire::{Clock, Micros};

use super::central::Central;
use crate::config::Config;
use crate::door::{self, Request};
use crate::error::Error;
use crate::system::Random;

/// Seconds from one fetch of the rules to the next.
const RULES_SECS: u64 = 300;

/// From one look at what is due to the next.
const TICK: Duration = Duration::from_secs(10);

/// The most that a look is late, so that not every process asks at the same time.
const JITTER_MICROS: u64 = 100_000;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the rules of the server up to date; stops when dropped.
pub(crate) struct Poll {
    asker: Arc<Asker>,
    stop: Arc<Stop>,
}

#[derive(Default)]
struct Stop {
    is_stopped: Mutex<bool>,
    changed: Condvar,
}

struct Asker {
    central: Arc<Central>,
    address: String,
    /// When the rules are to be fetched, in microseconds.
    next_fetch: AtomicU64,
}

impl Poll {
    pub(super) fn start(central: Arc<Central>, config: &Config) -> Result<Self, Error> {
        let address = config.daemon.tcp.clone();
        let asker = Arc::new(Asker { central, address, next_fetch: AtomicU64::new(0) });
        let poll = Self { asker, stop: Arc::default() };
        // In Lambda the platform decides, and a program that is switched off does not ask.
        if config.enabled && !config.lambda {
            poll.spawn(config.clock.clone(), config.random.clone())?;
        }
        Ok(poll)
    }

    fn spawn(&self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<(), Error> {
        let (asker, stop) = (self.asker.clone(), self.stop.clone());
        let name = "fluoro-sdk-sampler";
        let work = move || {
            while {
                asker.ask(clock.now());
                !stop.wait(TICK + Duration::from_micros(random.bits() % JITTER_MICROS))
            } {}
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
        thread.map(drop).map_err(|source| Error::Thread { name, source })
    }

    pub(super) fn central(&self) -> &Central {
        &self.asker.central
    }

    pub(super) fn refresh(&self, now: Micros) -> bool {
        self.asker.next_fetch.store(0, Ordering::Relaxed);
        self.asker.ask(now)
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        *crate::lock(&self.stop.is_stopped) = true;
        self.stop.changed.notify_all();
    }
}

impl Stop {
    /// Waits; true when it is time to stop.
    fn wait(&self, time: Duration) -> bool {
        let stopped = crate::lock(&self.is_stopped);
        let waited = self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        let (stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *stopped
    }
}

impl Asker {
    /// Asks for what is due; false when something that was asked was not answered.
    fn ask(&self, now: Micros) -> bool {
        let is_due = now.0 >= self.next_fetch.load(Ordering::Relaxed);
        if is_due && !self.fetch(now) {
            return false;
        }
        match self.report(now) {
            Some(true) => self.fetch(now),
            Some(false) => true,
            None => false,
        }
    }

    fn fetch(&self, now: Micros) -> bool {
        let rules = self.post("/GetSamplingRules", "{}").and_then(|body| parse_rules(&body));
        let Some(rules) = rules else { return false };
        self.central.take_rules(rules, now);
        let next = now.0.saturating_add(Micros::from_secs(RULES_SECS).0);
        self.next_fetch.store(next, Ordering::Relaxed);
        true
    }

    /// Reports what is due; returns whether the rules are to be fetched again, `None` when nobody
    /// answered.
    fn report(&self, now: Micros) -> Option<bool> {
        let report = self.central.report(now);
        if report.statistics.is_empty() && report.boosts.is_empty() {
            return Some(false);
        }
        let body = sampling_targets_request(&report.statistics, &report.boosts);
        let targets = self.post("/SamplingTargets", &body).and_then(|body| parse_targets(&body));
        let Some(targets) = targets else {
            self.central.restore(&report);
            return None;
        };
        Some(self.central.take_targets(&targets, now))
    }

    fn post(&self, path: &str, body: &str) -> Option<Vec<u8>> {
        let request = Request { method: "POST", path, headers: &[], body };
        let answer = door::exchange(&self.address, &request, PATIENCE).ok()?;
        (answer.status == 200).then_some(answer.body)
    }
}

#[cfg(test)]
mod tests;
