//! Points in time: float seconds as the X-Ray format writes them, microseconds as we compute.

use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since the Unix epoch; also used for spans of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// Microseconds in one second.
    pub const PER_SECOND: u64 = 1_000_000;

    /// Returns the point `seconds` whole seconds after the epoch.
    pub fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(Self::PER_SECOND))
    }

    /// Returns this time as float seconds, the unit of documents and API bodies.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / Self::PER_SECOND as f64
    }

    /// Returns the start of the second this time lies in.
    pub fn floor_second(self) -> Self {
        Self(self.0 - self.0 % Self::PER_SECOND)
    }

    /// Returns the time from `earlier` to `self`, zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

/// A point in time as a document states it: seconds since the Unix epoch, kept to the last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl Seconds {
    /// Returns the nearest microsecond; times before the epoch become zero, and those beyond the
    /// range of [`Micros`] its last value.
    pub fn micros(self) -> Micros {
        // A float-to-integer cast saturates, and turns NaN into zero: no document can panic here.
        Micros((self.0 * Micros::PER_SECOND as f64).round() as u64)
    }
}

impl From<Micros> for Seconds {
    fn from(time: Micros) -> Self {
        Self(time.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_survive_the_float_and_back() {
        for micros in [0, 1, 1_478_293_361_271_001, 1_790_149_878_783_249, 4_102_444_800_999_999] {
            assert_eq!(Seconds::from(Micros(micros)).micros(), Micros(micros));
        }
    }

    #[test]
    fn times_out_of_range_saturate() {
        assert_eq!(Seconds(-1.0).micros(), Micros(0));
        assert_eq!(Seconds(1e300).micros(), Micros(u64::MAX));
        assert_eq!(Seconds(f64::NAN).micros(), Micros(0));
    }

    #[test]
    fn a_second_begins_at_its_first_microsecond() {
        assert_eq!(Micros(1_999_999).floor_second(), Micros(1_000_000));
        assert_eq!(Micros(1).since(Micros(2)), Micros(0));
    }
}
