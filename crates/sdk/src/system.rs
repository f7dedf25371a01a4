//! The rim: the system's clock and randomness, for those who were given no others.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use wire::{Clock, Micros};

/// Gives the random numbers of which ids and sampling decisions are made.
pub trait Random: Send + Sync {
    /// Returns 64 random bits.
    fn bits(&self) -> u64;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    fn now(&self) -> Micros {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
    }
}

/// Random numbers of a generator in each thread, seeded by the system; nothing secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

thread_local! {
    static GENERATOR: RefCell<fastrand::Rng> = RefCell::new(seeded());
}

/// Returns a generator whose seed comes from the keys that the system gave the standard library.
fn seeded() -> fastrand::Rng {
    fastrand::Rng::with_seed(RandomState::new().hash_one(std::process::id()))
}

impl Random for SystemRandom {
    fn bits(&self) -> u64 {
        let from_thread = GENERATOR.try_with(|generator| generator.borrow_mut().u64(..));
        from_thread.unwrap_or_else(|_| seeded().u64(..))
    }
}

/// Returns a number from 0 up to, not including, 1.
pub(crate) fn fraction(random: &dyn Random) -> f64 {
    // A double holds 53 bits; so many are drawn.
    (random.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A sequence that begins anew with each seed; for tests and for demonstrations.
#[derive(Debug)]
pub struct SeededRandom(std::sync::Mutex<fastrand::Rng>);

impl SeededRandom {
    /// Returns the sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::Mutex::new(fastrand::Rng::with_seed(seed)))
    }
}

impl Random for SeededRandom {
    fn bits(&self) -> u64 {
        crate::lock(&self.0).u64(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_lie_below_one() {
        struct Ones;
        impl Random for Ones {
            fn bits(&self) -> u64 {
                u64::MAX
            }
        }
        assert!(fraction(&Ones) < 1.0);
        let random = SeededRandom::new(7);
        let mean = (0..10_000).map(|_| fraction(&random)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }

    #[test]
    fn threads_draw_different_numbers() {
        let here = SystemRandom.bits();
        let there = std::thread::spawn(|| SystemRandom.bits()).join().expect("a number");
        assert_ne!(here, there);
    }
}
