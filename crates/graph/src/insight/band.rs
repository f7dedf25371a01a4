//! The faults to be expected of a node, learned from its own recent traffic.
//!
//! The share of requests that fault is held to be Beta-distributed; its parameters are the faults and
//! other requests that were seen, each minute weighing less than the one after it, together with a
//! weak belief about nodes that nobody knows yet. What was seen never weighs more than
//! [`WEIGHT_MAX`] requests, so that a busy service is allowed to vary as real services do, and not
//! only as dice do. The band is then made of two quantiles of the Beta-binomial, no narrower than
//! [`EXCESS_MIN`] faults and [`EXCESS_SHARE_MIN`] of the requests above the mean.

use super::tail::BetaBinomial;

/// After so many minutes a minute weighs half.
pub const HALF_LIFE_MINUTES: f64 = 120.0;

/// The most requests that the past counts for.
pub const WEIGHT_MAX: f64 = 2_000.0;

/// The belief about a node that nobody knows: so many faults in so many requests.
pub const PRIOR_FAULTS: f64 = 0.5;

/// See [`PRIOR_FAULTS`].
pub const PRIOR_TOTAL: f64 = 50.0;

/// How unlikely a count on either side of the band must be.
pub const TAIL: f64 = 1e-4;

/// The band ends no nearer to the mean than so many faults.
pub const EXCESS_MIN: f64 = 3.0;

/// The band ends no nearer to the mean than this share of the requests.
pub const EXCESS_SHARE_MIN: f64 = 0.01;

/// More requests than these are judged like as many, to scale: by then the chance of the single
/// request does not matter beside what is unknown of the rate.
const TOTAL_EXACT_MAX: u64 = 20_000;

/// Requests and those of them that faulted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that faulted, no more than all.
    pub faults: u64,
    /// All of them.
    pub total: u64,
}

impl Counts {
    /// Adds others.
    pub(super) fn add(&mut self, other: Self) {
        self.faults = self.faults.saturating_add(other.faults);
        self.total = self.total.saturating_add(other.total);
    }
}

/// How many faults are to be expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// Fewer are unusual: `FaultCountLow`.
    pub low: u64,
    /// More are an anomaly: `FaultCountHigh`.
    pub high: u64,
}

/// What a node's past says about its rate of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Baseline {
    /// Faults, weighed by age.
    pub(super) faults: f64,
    /// Requests, weighed by age.
    pub(super) total: f64,
}

impl Baseline {
    /// Adds the counts of the next `minutes` minutes. Whoever does not want to learn from an
    /// anomaly leaves its minutes out; time without traffic is left out too, and makes nothing be
    /// forgotten.
    pub fn learn(&mut self, counts: Counts, minutes: u32) {
        let fading = (-f64::from(minutes) / HALF_LIFE_MINUTES).exp2();
        self.faults = self.faults * fading + counts.faults as f64;
        self.total = self.total * fading + counts.total as f64;
    }

    /// Returns the expected share of requests that fault: between 0 and 1.
    pub fn rate(&self) -> f64 {
        let (alpha, beta) = self.parameters();
        alpha / (alpha + beta)
    }

    /// Returns how many faults are to be expected among `total` requests.
    pub fn band(&self, total: u64) -> Band {
        let Some((distribution, scale)) = self.distribution(total) else { return Band::default() };
        let mean = self.rate() * distribution.total as f64;
        let least = mean.ceil() as u64..distribution.total;
        let high = first(least, |count| distribution.at_least(count + 1) < TAIL);
        let most = 0..mean.floor() as u64;
        let low = first(most, |count| distribution.at_most(count) >= TAIL);
        let scaled = |count: u64| (count as f64 * scale) as u64;
        Band { low: scaled(low), high: scaled(high).max(self.floor(total)).min(total) }
    }

    /// Returns whether there are more faults than [`Band::high`]. Costs next to nothing as long as
    /// there are few.
    pub fn is_exceeded(&self, counts: Counts) -> bool {
        counts.faults > self.floor(counts.total) && counts.faults > self.band(counts.total).high
    }

    /// Returns how likely it is that so many or more fault; 1 for few, however unlikely.
    pub fn surprise(&self, counts: Counts) -> f64 {
        if counts.faults > self.floor(counts.total) { self.tail(counts) } else { 1.0 }
    }

    /// Returns how likely it is that so many or more fault.
    pub(super) fn tail(&self, counts: Counts) -> f64 {
        let Some((distribution, scale)) = self.distribution(counts.total) else { return 1.0 };
        distribution.at_least((counts.faults as f64 / scale) as u64)
    }

    /// The lowest end that the band may have.
    fn floor(&self, total: u64) -> u64 {
        let total = total as f64;
        (self.rate() * total + EXCESS_MIN.max(EXCESS_SHARE_MIN * total)) as u64
    }

    /// Returns the distribution of the faults and what its counts are to be multiplied by; `None`
    /// without requests.
    fn distribution(&self, total: u64) -> Option<(BetaBinomial, f64)> {
        let exact = total.min(TOTAL_EXACT_MAX);
        let (alpha, beta) = self.parameters();
        let distribution = BetaBinomial { total: exact, alpha, beta };
        (total > 0).then(|| (distribution, total as f64 / exact as f64))
    }

    fn parameters(&self) -> (f64, f64) {
        let weight = if self.total > WEIGHT_MAX { WEIGHT_MAX / self.total } else { 1.0 };
        let others = (self.total - self.faults).max(0.0) * weight;
        (self.faults * weight + PRIOR_FAULTS, others + PRIOR_TOTAL - PRIOR_FAULTS)
    }
}

/// Returns the first of `counts` that is `enough`, or their end; once one is, all later ones are.
fn first(counts: std::ops::Range<u64>, is_enough: impl Fn(u64) -> bool) -> u64 {
    let (mut from, mut to) = (counts.start, counts.end.max(counts.start));
    while from < to {
        let middle = from + (to - from) / 2;
        if is_enough(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// Returns for each of a node's minutes the band that was expected of it before it came: made of the
/// minutes before it that were in their bands.
///
/// Shape: as many bands as minutes. The first ones rest on little; put hours in front of those that
/// are shown.
pub fn forecast(minutes: impl IntoIterator<Item = Counts>) -> Vec<Band> {
    let mut baseline = Baseline::default();
    let step = |counts: Counts| {
        let band = baseline.band(counts.total);
        if counts.total > 0 && counts.faults <= band.high {
            baseline.learn(counts, 1);
        }
        band
    };
    minutes.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(faults: u64, total: u64, minutes: u32) -> Baseline {
        let mut baseline = Baseline::default();
        (0..minutes).for_each(|_| baseline.learn(Counts { faults, total }, 1));
        baseline
    }

    fn check(baseline: &Baseline, totals: &[u64]) -> String {
        let band = |&total: &u64| {
            let Band { low, high } = baseline.band(total);
            format!("{total}: {low}..={high}\n")
        };
        totals.iter().map(band).collect()
    }

    #[test]
    fn the_band_is_wide_for_the_unknown_and_narrows_with_traffic() {
        let totals = [0, 1, 5, 20, 100, 1_000, 100_000, 10_000_000];
        insta::assert_snapshot!(check(&Baseline::default(), &totals), @"
        0: 0..=0
        1: 0..=1
        5: 0..=3
        20: 0..=5
        100: 0..=17
        1000: 0..=146
        100000: 0..=14260
        10000000: 0..=1426000
        ");
        insta::assert_snapshot!(check(&learned(5, 1_000, 300), &totals), @"
        0: 0..=0
        1: 0..=1
        5: 0..=3
        20: 0..=3
        100: 0..=5
        1000: 0..=19
        100000: 100..=1512
        10000000: 10000..=151219
        ");
        insta::assert_snapshot!(check(&learned(50, 1_000, 300), &totals), @"
        0: 0..=0
        1: 0..=1
        5: 0..=3
        20: 0..=6
        100: 0..=15
        1000: 22..=84
        100000: 3235..=6960
        10000000: 323500..=696000
        ");
        insta::assert_snapshot!(check(&learned(900, 1_000, 300), &totals), @"
        0: 0..=0
        1: 0..=1
        5: 1..=5
        20: 11..=20
        100: 74..=98
        1000: 828..=922
        100000: 84845..=90480
        10000000: 8484500..=9048000
        ");
        insta::assert_snapshot!(check(&learned(0, 100_000, 300), &totals), @"
        0: 0..=0
        1: 0..=1
        5: 0..=3
        20: 0..=3
        100: 0..=3
        1000: 0..=10
        100000: 0..=1024
        10000000: 0..=102439
        ");
    }

    #[test]
    fn what_is_exceeded_lies_above_the_band() {
        for baseline in [Baseline::default(), learned(1, 200, 60), learned(70, 100, 60)] {
            for total in [1, 4, 20, 333, 50_000] {
                let high = baseline.band(total).high;
                let exceeds = |faults| baseline.is_exceeded(Counts { faults, total });
                assert!(!exceeds(high));
                assert!(high == total || exceeds(high + 1), "{total}");
            }
        }
    }

    #[test]
    fn old_minutes_weigh_less() {
        let mut baseline = learned(10, 100, 600);
        assert!((baseline.rate() - 0.1).abs() < 0.005);
        (0..120).for_each(|_| baseline.learn(Counts { faults: 0, total: 100 }, 1));
        assert!((baseline.rate() - 0.05).abs() < 0.005);
        let mut at_once = learned(10, 100, 600);
        at_once.learn(Counts { faults: 0, total: 9_000 }, 120);
        assert!(at_once.rate() > 0.04 && at_once.rate() < baseline.rate() + 0.01);
    }

    #[test]
    fn a_forecast_does_not_learn_from_what_it_did_not_expect() {
        let quiet = Counts { faults: 2, total: 400 };
        let bad = Counts { faults: 100, total: 400 };
        let idle = Counts::default();
        let mut minutes = vec![quiet; 60];
        let before = forecast(minutes.clone().into_iter().chain([quiet])).pop();
        minutes.extend([bad; 30].into_iter().chain([idle; 30]));
        assert_eq!(forecast(minutes.into_iter().chain([quiet])).pop(), before);
    }
}
