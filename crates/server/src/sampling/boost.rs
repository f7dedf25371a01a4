//! More samples while something is wrong.
//!
//! A report of anomalies that were not sampled begins a boost, if the rule allows one and the last
//! one began long enough ago. A boost doubles the rule's rate, up to the highest that the rule
//! allows, and is over after a minute. AWS's own arithmetic is not known; the doubling agrees with
//! what was seen of it.

use wire::Micros;
use wire::sampling::{BOOST_SECS, Boost, BoostStatistics, Rule};

/// How long one boost lasts.
const BOOST_LIFETIME: u64 = 60 * Micros::PER_SECOND;

/// What a boost reaches at least, so that a rule without a rate has one too.
const RATE_MIN: f64 = 0.01;

/// The boosts of one rule.
#[derive(Debug, Default)]
pub(super) struct Booster {
    /// When the last boost began.
    began: Option<Micros>,
}

impl Booster {
    /// Takes a report of what went wrong.
    pub(super) fn report(&mut self, report: &BoostStatistics, rule: &Rule<'_>, now: Micros) {
        let Some(boost) = rule.sampling_rate_boost else { return };
        let is_wanted = report.anomaly_count > report.sampled_anomaly_count && boost.max_rate > 0.0;
        let minutes = u64::try_from(boost.cooldown_window_minutes).unwrap_or(0);
        let cooldown = (minutes * 60 * Micros::PER_SECOND).max(BOOST_LIFETIME);
        if is_wanted && self.began.is_none_or(|began| now.since(began).0 >= cooldown) {
            self.began = Some(now);
        }
    }

    /// Returns the boost under way, if it raises the rule's rate.
    pub(super) fn boost(&self, rule: &Rule<'_>, now: Micros) -> Option<Boost> {
        let max_rate = rule.sampling_rate_boost?.max_rate;
        let end = self.began?.0 + BOOST_LIFETIME;
        let boost_rate = (rule.fixed_rate * 2.0).max(RATE_MIN).min(max_rate);
        let expires_at = Micros((now.0 + BOOST_SECS * Micros::PER_SECOND).min(end)).floor_second();
        let is_under_way = now < expires_at;
        (is_under_way && boost_rate > rule.fixed_rate)
            .then(|| Boost { boost_rate, expires_at: expires_at.into() })
    }
}

#[cfg(test)]
mod tests;
