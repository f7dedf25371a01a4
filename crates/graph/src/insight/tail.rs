//! How likely many faults are, when the rate itself is known only so well.
//!
//! If a rate is distributed as Beta(α, β), the number of faults among `n` requests is Beta-binomial:
//!
//! ```text
//! P(X = k) = C(n, k) · B(k + α, n - k + β) / B(α, β)
//! ```
//!
//! The logarithm of one term comes from the statistics crate; its neighbours follow from it by
//! multiplication, so that a tail costs a few operations for each term that counts.

use statrs::function::beta::ln_beta;
use statrs::function::factorial::ln_binomial;

/// A term this much smaller than the sum so far ends it.
const TERM_SHARE_MIN: f64 = 1e-9;

/// The number of faults among `total` requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct BetaBinomial {
    pub(super) total: u64,
    pub(super) alpha: f64,
    pub(super) beta: f64,
}

impl BetaBinomial {
    /// Returns the probability of `count` faults or more, for a `count` above the mean.
    pub(super) fn at_least(&self, count: u64) -> f64 {
        if count == 0 {
            return 1.0;
        }
        let (mut sum, mut term) = (0.0, self.probability(count));
        for k in count..=self.total {
            sum += term;
            let (faults, others) = (k as f64, self.total.saturating_sub(k) as f64);
            let next = others * (self.alpha + faults);
            term *= next / ((faults + 1.0) * (self.beta + others - 1.0));
            if term <= sum * TERM_SHARE_MIN {
                break;
            }
        }
        sum
    }

    /// Returns the probability of `count` faults or fewer, for a `count` below the mean.
    pub(super) fn at_most(&self, count: u64) -> f64 {
        self.mirrored().at_least(self.total.saturating_sub(count))
    }

    /// Returns the distribution of the requests that do not fault.
    fn mirrored(&self) -> Self {
        Self { total: self.total, alpha: self.beta, beta: self.alpha }
    }

    fn probability(&self, count: u64) -> f64 {
        let (faults, others) = (count as f64, self.total.saturating_sub(count) as f64);
        let ln = ln_binomial(self.total, count) + ln_beta(faults + self.alpha, others + self.beta)
            - ln_beta(self.alpha, self.beta);
        ln.exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum over all terms, by the definition.
    fn slow(distribution: &BetaBinomial, counts: std::ops::RangeInclusive<u64>) -> f64 {
        counts.map(|count| distribution.probability(count)).sum()
    }

    #[test]
    fn a_tail_is_the_sum_of_its_terms() {
        for (total, alpha, beta) in
            [(1, 0.5, 49.5), (20, 0.6, 60.0), (100, 10.5, 2000.0), (1000, 700.0, 1300.0)]
        {
            let distribution = BetaBinomial { total, alpha, beta };
            let mean = total as f64 * alpha / (alpha + beta);
            assert!((slow(&distribution, 0..=total) - 1.0).abs() < 1e-9);
            for count in [mean.ceil() as u64, total / 2, total - total / 10, total] {
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.max(1e-300);
                let upper = slow(&distribution, count..=total);
                if count as f64 >= mean {
                    assert!(close(distribution.at_least(count), upper), "{total} {count}");
                } else {
                    let lower = slow(&distribution, 0..=count);
                    assert!(close(distribution.at_most(count), lower), "{total} {count}");
                }
            }
        }
    }

    #[test]
    fn the_ends_are_certain_or_impossible() {
        let distribution = BetaBinomial { total: 10, alpha: 0.5, beta: 49.5 };
        assert_eq!(distribution.at_least(0), 1.0);
        assert_eq!(distribution.at_most(10), 1.0);
        assert_eq!(distribution.at_least(11), 0.0);
    }
}
