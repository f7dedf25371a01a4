//! How many pieces of work ended how, and how long they took together.
//!
//! Source: `service-graph.md` §4.

use trace::Outcome;
use wire::Micros;

/// Counts by outcome; each piece of work is in one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Ended well.
    pub ok_count: u64,
    /// The client erred, and was not throttled: `ErrorStatistics.OtherCount`.
    pub error_count: u64,
    /// The client was throttled: `ErrorStatistics.ThrottleCount`.
    pub throttle_count: u64,
    /// The server failed: `FaultStatistics.OtherCount` and `.TotalCount`.
    pub fault_count: u64,
    /// All durations together.
    pub total_response_time: Micros,
}

impl Statistics {
    /// Counts one piece of work.
    pub fn record(&mut self, outcome: Outcome, duration: Micros) {
        match outcome {
            Outcome::Ok => self.ok_count += 1,
            Outcome::Error => self.error_count += 1,
            Outcome::Throttle => self.throttle_count += 1,
            Outcome::Fault => self.fault_count += 1,
        }
        self.add_time(duration);
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Self) {
        self.ok_count += other.ok_count;
        self.error_count += other.error_count;
        self.throttle_count += other.throttle_count;
        self.fault_count += other.fault_count;
        self.add_time(other.total_response_time);
    }

    /// Returns `ErrorStatistics.TotalCount`.
    pub fn error_total(&self) -> u64 {
        self.error_count + self.throttle_count
    }

    /// Returns `TotalCount`.
    pub fn total(&self) -> u64 {
        self.ok_count + self.error_total() + self.fault_count
    }

    /// Returns `TotalResponseTime`: seconds, rounded to milliseconds.
    pub fn total_response_seconds(&self) -> f64 {
        (self.total_response_time.0 as f64 / 1e3).round() / 1e3
    }

    fn add_time(&mut self, duration: Micros) {
        // A document may claim any end: the sum stops at the end of the range.
        self.total_response_time.0 = self.total_response_time.0.saturating_add(duration.0);
    }
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
        assert_eq!(statistics.total_response_time, Micros(u64::MAX));
    }
}
