//! The real clock: the one place where the program asks the system for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wire::{Clock, Micros};

/// Shows the system's time.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Micros {
        let since_epoch = now().duration_since(UNIX_EPOCH);
        // A clock before 1970 is not set at all; `doctor` says so.
        let micros = since_epoch.unwrap_or(Duration::ZERO).as_micros();
        Micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
fn now() -> SystemTime {
    SystemTime::now()
}
