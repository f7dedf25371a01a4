//! Times as whole numbers, and back to the very double.
//!
//! A document states float seconds. Nearly always they are a microsecond's double; where they have
//! more digits, as those of Go and .NET, they are the double a few places beside it. Both numbers
//! are differences of whole numbers that wrap, so that any double comes back, however absurd.

use wire::{Micros, Seconds};

/// A time as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// The nearest microsecond since the epoch.
    pub(super) micros: i64,
    /// How many doubles the one stated is beside that of the microsecond.
    pub(super) ulps: i64,
}

impl From<Seconds> for Time {
    fn from(seconds: Seconds) -> Self {
        let micros = seconds.micros();
        let nearest = Seconds::from(micros).0.to_bits();
        let ulps = seconds.0.to_bits().wrapping_sub(nearest).cast_signed();
        Self { micros: micros.0.cast_signed(), ulps }
    }
}

impl From<Time> for Seconds {
    fn from(time: Time) -> Self {
        let nearest = Seconds::from(Micros(time.micros.cast_unsigned())).0.to_bits();
        Self(f64::from_bits(nearest.wrapping_add(time.ulps.cast_unsigned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_double_comes_back(bits: u64) {
            let seconds = Seconds(f64::from_bits(bits));
            prop_assert_eq!(Seconds::from(Time::from(seconds)).0.to_bits(), bits);
        }
    }

    #[test]
    fn a_microsecond_needs_no_correction_and_a_tick_a_small_one() {
        for (seconds, micros, ulps) in [
            (1_795_245_642.442, 1_795_245_642_442_000, 0),
            (1_795_245_638.311_161_3, 1_795_245_638_311_161, 1),
            (-1.0, 0, (-1.0_f64).to_bits().cast_signed()),
        ] {
            assert_eq!(Time::from(Seconds(seconds)), Time { micros, ulps });
        }
    }
}
