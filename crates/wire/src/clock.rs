//! The clock is an object: whoever needs the time is given one, so tests decide what time it is.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Micros;

/// Tells the time. The real one lives at the rim, in the programs.
pub trait Clock: Send + Sync {
    /// Returns the time now, in microseconds since the Unix epoch.
    fn now(&self) -> Micros;
}

/// A clock that stands until it is told to move; for tests.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Returns a clock that shows `start`.
    pub fn at(start: Micros) -> Self {
        Self(AtomicU64::new(start.0))
    }

    /// Moves the clock forward by `micros`.
    pub fn advance(&self, micros: u64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}
