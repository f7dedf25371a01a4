//! The one memory budget: what is queued and what is live draws on it.
//!
//! Charges are upper bounds that do not depend on the order of events, so a log that was written
//! within a budget is read back within it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of bytes that must not be exceeded, and how many are in use.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes_max: u64,
    bytes_used: AtomicU64,
}

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(bytes_max: u64) -> Arc<Self> {
        Arc::new(Self { bytes_max, bytes_used: AtomicU64::new(0) })
    }

    /// Takes `bytes`, or returns `None` when that would exceed the budget.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let add = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.bytes_max);
        self.bytes_used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok()?;
        Some(Reservation { budget: Arc::clone(self), bytes })
    }

    /// Takes `bytes` even beyond the budget; whoever does so looks at [`Budget::is_exceeded`].
    pub(crate) fn reserve_anyway(self: &Arc<Self>, bytes: u64) -> Reservation {
        self.bytes_used.fetch_add(bytes, Ordering::Relaxed);
        Reservation { budget: Arc::clone(self), bytes }
    }

    /// Gives back what was [spent](Reservation::spend).
    pub(crate) fn give_back(&self, bytes: u64) {
        self.bytes_used.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    pub(crate) fn bytes_used(&self) -> u64 {
        self.bytes_used.load(Ordering::Relaxed)
    }

    pub(crate) fn is_exceeded(&self) -> bool {
        self.bytes_used() > self.bytes_max
    }
}

impl Reservation {
    /// Takes a part out of this reservation, as one of its own.
    pub(crate) fn split(&mut self, bytes: u64) -> Self {
        self.spend(bytes);
        Self { budget: Arc::clone(&self.budget), bytes }
    }

    /// Gives a part of this reservation to something that [gives it back](Budget::give_back).
    pub(crate) fn spend(&mut self, bytes: u64) {
        assert!(bytes <= self.bytes, "{bytes} bytes of a reservation of {}", self.bytes);
        self.bytes -= bytes;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.bytes_used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back_and_what_is_spent_is_not() {
        let budget = Budget::new(100);
        let mut reservation = budget.reserve(90).expect("fits");
        assert!(budget.reserve(11).is_none());
        let part = reservation.split(30);
        reservation.spend(20);
        drop(reservation);
        assert_eq!(budget.bytes_used(), 50);
        drop(part);
        assert_eq!(budget.bytes_used(), 20);
    }

    #[test]
    fn no_reservation_is_too_large_to_be_refused() {
        let budget = Budget::new(100);
        let _reservation = budget.reserve(1).expect("fits");
        assert!(budget.reserve(u64::MAX).is_none());
        let _over = budget.reserve_anyway(100);
        assert!(budget.is_exceeded());
    }
}
