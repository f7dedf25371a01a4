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
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(20);

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

    /// Waits for something to happen, and not for long.
    pub(crate) fn wait_for_change(&self, patience: Duration) {
        self.changed.wait_for(&mut self.gate.lock(), patience);
    }

    /// Asked by the writer before each group, with how often it was held back already: wakes the
    /// sealer, and says whether to wait while twice as much is live as should be.
    pub(crate) fn holds_back(&self, look_count: u32) -> bool {
        let live_bytes = self.counters.live_bytes();
        if live_bytes >= self.seal_bytes {
            self.changed.notify_all();
        }
        let is_too_high = live_bytes >= self.seal_bytes.saturating_mul(2);
        let is_held =
            is_too_high && look_count < LOOK_COUNT_MAX && self.is_sealing.load(Ordering::Relaxed);
        if is_held && look_count == 0 {
            count(&self.counters.seal_wait_count, 1);
        }
        is_held
    }
}
