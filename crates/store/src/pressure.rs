//! Where the writer waits when documents come faster than they are sealed.
//!
//! Without it the live set would grow to the whole memory budget before anyone is told to slow down.
//! The wait is bounded: when sealing does not work at all, the budget is what refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::statistics::{Counters, count};

/// How often the level is looked at while the writer waits.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often it is looked at before the writer goes on all the same.
const LOOK_COUNT_MAX: u32 = 100;

/// Tells the sealer that there is much to seal, and makes the writer wait for it.
pub(crate) struct Pressure {
    /// From so many bytes of live documents on, the sealer is to work.
    pub(crate) seal_bytes: u64,
    counters: Arc<Counters>,
    /// Whether the level is too high, and whether somebody should wake up for it.
    gate: Mutex<()>,
    changed: Condvar,
    is_sealing: AtomicBool,
}

impl Pressure {
    pub(crate) fn new(seal_bytes: u64, counters: Arc<Counters>) -> Self {
        let (gate, changed) = (Mutex::new(()), Condvar::new());
        Self { seal_bytes, counters, gate, changed, is_sealing: AtomicBool::new(false) }
    }

    /// Returns whether there is enough to seal.
    pub(crate) fn is_high(&self) -> bool {
        self.counters.live_bytes() >= self.seal_bytes
    }

    /// Says whether a sealer is there that will lower the level.
    pub(crate) fn set_sealing(&self, is_sealing: bool) {
        self.is_sealing.store(is_sealing, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Wakes up those who wait for a lower level, or for a higher one.
    pub(crate) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Waits for something to happen, and not for long.
    pub(crate) fn wait_for_change(&self, patience: Duration) {
        self.changed.wait_for(&mut self.gate.lock(), patience);
    }

    /// Called by the writer before each group: wakes the sealer, and waits while twice as much is
    /// live as should be.
    pub(crate) fn wait(&self) {
        if self.is_high() {
            self.changed.notify_all();
        }
        let is_too_high = || self.counters.live_bytes() >= self.seal_bytes.saturating_mul(2);
        if !is_too_high() || !self.is_sealing.load(Ordering::Relaxed) {
            return;
        }
        count(&self.counters.seal_wait_count, 1);
        for _ in 0..LOOK_COUNT_MAX {
            if !is_too_high() || !self.is_sealing.load(Ordering::Relaxed) {
                return;
            }
            self.wait_for_change(LOOK_EVERY);
        }
    }
}
