//! How far a query has come, and whether anybody waits for its answer still.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What whoever asks and whoever answers know of one query on its way. The one reads how far it has
/// come and may call it off; the other counts, and looks now and then whether to go on.
#[derive(Debug, Default)]
pub struct Watch {
    looked_at: AtomicU64,
    found: AtomicU64,
    is_cancelled: AtomicBool,
}

/// How far a query has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Traces that were looked at; one that had to be put together counts again.
    pub looked_at: u64,
    /// Those among them that were found.
    pub found: u64,
}

impl Watch {
    /// Calls the query off: it ends soon, with whatever it has found.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns whether the query was called off.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// Adds to what was looked at and found.
    pub fn add(&self, looked_at: u64, found: u64) {
        self.looked_at.fetch_add(looked_at, Ordering::Relaxed);
        self.found.fetch_add(found, Ordering::Relaxed);
    }

    /// Returns how far the query has come.
    pub fn progress(&self) -> Progress {
        Progress {
            looked_at: self.looked_at.load(Ordering::Relaxed),
            found: self.found.load(Ordering::Relaxed),
        }
    }
}
