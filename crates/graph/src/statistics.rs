//! How many pieces of work ended how, and how long they took together.
//!
//! Source: `service-graph.md` §4.

use trace::Outcome;
use wire::Micros;

/// Counts by outcome; each piece of work is in one of them.
///
/// They are signed and wrap around, so that they form a group under merging, whatever is merged:
/// counts may be taken away before they are added. Until then they are shown as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub(crate) ok: i64,
    pub(crate) error: i64,
    pub(crate) throttle: i64,
    pub(crate) fault: i64,
    /// Units: microseconds.
    pub(crate) response_time: i128,
}

impl Statistics {
    /// Counts one piece of work.
    pub fn record(&mut self, outcome: Outcome, duration: Micros) {
        let count = match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Error => &mut self.error,
            Outcome::Throttle => &mut self.throttle,
            Outcome::Fault => &mut self.fault,
        };
        *count = count.wrapping_add(1);
        self.response_time = self.response_time.wrapping_add(i128::from(duration.0));
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Self) {
        self.ok = self.ok.wrapping_add(other.ok);
        self.error = self.error.wrapping_add(other.error);
        self.throttle = self.throttle.wrapping_add(other.throttle);
        self.fault = self.fault.wrapping_add(other.fault);
        self.response_time = self.response_time.wrapping_add(other.response_time);
    }

    /// Returns how much ended well.
    pub fn ok_count(&self) -> u64 {
        shown(self.ok)
    }

    /// Returns how often the client erred and was not throttled: `ErrorStatistics.OtherCount`.
    pub fn error_count(&self) -> u64 {
        shown(self.error)
    }

    /// Returns how often the client was throttled: `ErrorStatistics.ThrottleCount`.
    pub fn throttle_count(&self) -> u64 {
        shown(self.throttle)
    }

    /// Returns how often the server failed: `FaultStatistics.OtherCount` and `.TotalCount`.
    pub fn fault_count(&self) -> u64 {
        shown(self.fault)
    }

    /// Returns `ErrorStatistics.TotalCount`.
    pub fn error_total(&self) -> u64 {
        self.error_count().saturating_add(self.throttle_count())
    }

    /// Returns `TotalCount`.
    pub fn total(&self) -> u64 {
        self.ok_count().saturating_add(self.error_total()).saturating_add(self.fault_count())
    }

    /// Returns `TotalResponseTime`: seconds, rounded to milliseconds.
    pub fn total_response_seconds(&self) -> f64 {
        (self.response_time.max(0) as f64 / 1e3).round() / 1e3
    }

    /// Returns whether everything that was added was taken away.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn negate(&mut self) {
        for count in [&mut self.ok, &mut self.error, &mut self.throttle, &mut self.fault] {
            *count = count.wrapping_neg();
        }
        self.response_time = self.response_time.wrapping_neg();
    }
}

fn shown(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_of_work_is_counted_once() {
        let mut statistics = Statistics::default();
        for outcome in [Outcome::Ok, Outcome::Error, Outcome::Throttle, Outcome::Fault] {
            statistics.record(outcome, Micros(1_000_300));
        }
        assert_eq!((statistics.error_total(), statistics.total()), (2, 4));
        assert_eq!(statistics.total_response_seconds(), 4.001);
    }

    #[test]
    fn absurd_durations_do_not_overflow() {
        let mut statistics = Statistics::default();
        statistics.record(Outcome::Ok, Micros(u64::MAX));
        statistics.record(Outcome::Ok, Micros(u64::MAX));
        assert_eq!(statistics.total_response_seconds(), 2.0 * u64::MAX as f64 / 1e6);
    }
}
