//! The threads that look after the store: one seals, one compacts and expires.
//!
//! Each does one thing at a time and then looks again, so a store that is idle costs nothing but a
//! look each second. What fails is counted, kept for whoever asks, and tried again later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use wire::Micros;

use crate::engine::Engine;
use crate::error::Error;
use crate::seal::Seal;
use crate::statistics::count;

/// How often a thread that has nothing to do looks again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Blocks are looked over for old ones so often.
const EXPIRE_EVERY: Micros = Micros(60 * Micros::PER_SECOND);

/// Who looks after a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upkeep {
    /// Threads of its own.
    #[default]
    Threads,
    /// Whoever calls `Store::seal`, `Store::compact` and `Store::expire`.
    ByHand,
}

/// The threads of one store; they end when this is dropped.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    engine: Arc<Engine>,
    is_ending: AtomicBool,
    gate: Mutex<()>,
    ending: Condvar,
}

impl Keeper {
    /// Starts the threads.
    pub(crate) fn start(engine: Arc<Engine>) -> Result<Self, Error> {
        let (is_ending, gate, ending) = (AtomicBool::new(false), Mutex::new(()), Condvar::new());
        let shared = Arc::new(Shared { engine, is_ending, gate, ending });
        let mut keeper = Self { shared, threads: Vec::new() };
        keeper.spawn("seal", Shared::keep_sealing)?;
        keeper.spawn("compact", Shared::keep_compacting)?;
        Ok(keeper)
    }

    fn spawn(&mut self, name: &str, run: fn(&Shared)) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(&shared));
        let thread = thread.map_err(|error| Error::StartThread { source: Arc::new(error) })?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.is_ending.store(true, Ordering::Release);
        self.shared.engine.pressure.set_sealing(false);
        drop(self.shared.gate.lock());
        self.shared.ending.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Waits for a while, or for the end.
    fn pause(&self, pause: Duration) {
        let mut gate = self.gate.lock();
        if !self.is_ending() {
            self.ending.wait_for(&mut gate, pause);
        }
    }

    fn keep_sealing(&self) {
        let engine = &self.engine;
        engine.pressure.set_sealing(true);
        let mut last = engine.clock.now();
        while !self.is_ending() {
            let is_due = engine.age(last) >= engine.options.seal_every;
            let seal = match engine.pressure.is_high() {
                true => Seal::Most,
                false if is_due => Seal::Idle,
                false => {
                    engine.pressure.wait_for_change(LOOK_EVERY);
                    // The clock was set back.
                    last = last.min(engine.clock.now());
                    continue;
                }
            };
            last = engine.clock.now();
            if let Err(error) = engine.seal(seal) {
                count(&engine.counters.seal_failure_count, 1);
                engine.failed(error);
                engine.pressure.set_sealing(false);
                self.pause(AFTER_FAILURE);
                engine.pressure.set_sealing(!self.is_ending());
            }
        }
    }

    fn keep_compacting(&self) {
        let engine = &self.engine;
        let mut expired = Micros(0);
        while !self.is_ending() {
            let now = engine.clock.now();
            if now.0.abs_diff(expired.0) >= EXPIRE_EVERY.0 {
                expired = now;
                engine.retry_quarantined();
                let pruned = || engine.manifest.prune().map_err(Error::from);
                if let Err(error) = engine.expire().and_then(|_| pruned()) {
                    count(&engine.counters.expire_failure_count, 1);
                    engine.failed(error);
                }
            }
            match engine.compact() {
                Ok(Some(_)) => {}
                Ok(None) => self.pause(LOOK_EVERY),
                Err(error) => {
                    count(&engine.counters.compaction_failure_count, 1);
                    engine.failed(error);
                    self.pause(AFTER_FAILURE);
                }
            }
        }
    }
}
