//! When a boost begins and ends, and how far it goes.

use wire::Seconds;
use wire::sampling::RateBoost;

use super::*;

const START: u64 = 1_790_000_000;

fn rule(fixed_rate: f64, max_rate: f64, cooldown_window_minutes: i32) -> Rule<'static> {
    let boost = RateBoost { cooldown_window_minutes, max_rate, ..RateBoost::default() };
    Rule { fixed_rate, sampling_rate_boost: Some(boost), ..Rule::default_rule("") }
}

fn anomalies(anomaly_count: i32, sampled_anomaly_count: i32) -> BoostStatistics {
    BoostStatistics {
        rule_name: "r".to_owned(),
        service_name: "s".to_owned(),
        timestamp: Seconds(START as f64),
        anomaly_count,
        total_count: 1000,
        sampled_anomaly_count,
    }
}

fn at(secs: u64) -> Micros {
    Micros::from_secs(START + secs)
}

/// Reports anomalies at second zero, and returns rate and expiry at a later one.
fn boosted(rule: &Rule<'_>, report: &BoostStatistics, secs: u64) -> Option<(f64, u64)> {
    let mut booster = Booster::default();
    booster.report(report, rule, at(0));
    let boost = booster.boost(rule, at(secs))?;
    Some((boost.boost_rate, boost.expires_at.0 as u64 - START))
}

#[test]
fn a_boost_doubles_the_rate_within_its_bounds_for_a_minute() {
    let report = anomalies(900, 0);
    for (fixed_rate, max_rate, secs, expected) in [
        (0.05, 0.5, 0, Some((0.1, 20))),
        (0.05, 0.5, 30, Some((0.1, 50))),
        (0.05, 0.5, 50, Some((0.1, 60))),
        (0.05, 0.5, 60, None),
        (0.05, 0.07, 0, Some((0.07, 20))),
        (0.0, 0.5, 0, Some((0.01, 20))),
        (0.05, 0.05, 0, None),
        (0.05, 0.01, 0, None),
        (0.05, 0.0, 0, None),
    ] {
        let found = boosted(&rule(fixed_rate, max_rate, 1), &report, secs);
        assert_eq!(found, expected, "{fixed_rate} {max_rate} {secs}");
    }
}

#[test]
fn anomalies_that_were_sampled_need_no_boost() {
    let rule = rule(0.05, 0.5, 1);
    for (anomaly_count, sampled_count, is_boosted) in [(0, 0, false), (5, 5, false), (5, 4, true)] {
        let found = boosted(&rule, &anomalies(anomaly_count, sampled_count), 0);
        assert_eq!(found.is_some(), is_boosted, "{anomaly_count} {sampled_count}");
    }
    let without = Rule { sampling_rate_boost: None, ..rule };
    assert_eq!(boosted(&without, &anomalies(900, 0), 0), None);
}

#[test]
fn there_is_one_boost_per_cooldown_window() {
    let (rule, report) = (rule(0.05, 0.5, 2), anomalies(900, 0));
    let mut booster = Booster::default();
    let mut is_boosted = |secs| {
        booster.report(&report, &rule, at(secs));
        booster.boost(&rule, at(secs)).is_some()
    };
    let found: Vec<_> = [0, 59, 60, 119, 120, 179, 180].map(&mut is_boosted).into();
    assert_eq!(found, [true, true, false, false, true, true, false]);
}
