//! What the clients of one rule report, added up in windows of ten seconds by time of receipt.
//!
//! Only the window that has ended last can be asked for, so the one being filled and the one before
//! it are all that is kept.

use std::borrow::Cow;

use wire::Micros;
use wire::sampling::{StatisticSummary, Statistics};

/// The length of a window.
const WINDOW: u64 = 10 * Micros::PER_SECOND;

/// What was counted in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    requests: i32,
    sampled: i32,
    borrowed: i32,
}

impl Counts {
    fn add(&mut self, report: &Statistics) {
        self.requests = self.requests.saturating_add(report.request_count);
        self.sampled = self.sampled.saturating_add(report.sampled_count);
        self.borrowed = self.borrowed.saturating_add(report.borrow_count);
    }

    /// Returns the counts as the API shows them.
    pub(super) fn summary(self, rule_name: Cow<'_, str>, start: Micros) -> StatisticSummary<'_> {
        StatisticSummary {
            borrow_count: self.borrowed,
            request_count: self.requests,
            rule_name,
            sampled_count: self.sampled,
            timestamp: start.into(),
        }
    }
}

/// The last two windows with a report in them.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// The number of the newest window with a report in it, counted from the epoch.
    newest_number: u64,
    newest: Counts,
    /// The counts of the window right before it.
    before: Counts,
}

impl Windows {
    /// Takes a report into the window of `now`; after a step back of the clock, into the newest.
    pub(super) fn add(&mut self, report: &Statistics, now: Micros) {
        let number = now.0 / WINDOW;
        if number > self.newest_number {
            let is_next = number == self.newest_number + 1;
            self.before = if is_next { self.newest } else { Counts::default() };
            self.newest = Counts::default();
            self.newest_number = number;
        }
        self.newest.add(report);
    }

    /// Returns the counts of the last window that has ended.
    pub(super) fn closed(&self, now: Micros) -> Counts {
        let closed_number = (now.0 / WINDOW).saturating_sub(1);
        if closed_number == self.newest_number {
            self.newest
        } else if closed_number + 1 == self.newest_number {
            self.before
        } else {
            Counts::default()
        }
    }
}

/// Returns the start of the last window that has ended.
pub(super) fn last_closed_start(now: Micros) -> Micros {
    Micros((now.0 / WINDOW).saturating_sub(1) * WINDOW)
}

#[cfg(test)]
mod tests;
