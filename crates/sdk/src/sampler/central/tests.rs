//! The algorithm against what the SDKs of AWS do, second by second.

use super::*;
use crate::sampler::{Anomaly, client_id};
use crate::system::SeededRandom;
use wire::sampling::{Boost, RateBoost};
use wire::{Clock, ManualClock};

/// Random numbers that are all the same: 0.0 samples whatever has a rate, 1.0 nothing.
struct Always(u64);

impl Random for Always {
    fn bits(&self) -> u64 {
        self.0
    }
}

const LUCKY: Always = Always(0);
const UNLUCKY: Always = Always(u64::MAX);

fn rule(name: &'static str) -> Rule<'static> {
    Rule { rule_name: name.into(), fixed_rate: 0.5, reservoir_size: 4, ..Rule::default_rule("") }
}

fn central(rules: Vec<Rule<'static>>) -> Central {
    watching(rules, Vec::new(), &Arc::default())
}

fn watching(
    rules: Vec<Rule<'static>>,
    anomalies: Vec<Anomaly>,
    clock: &Arc<ManualClock>,
) -> Central {
    let fallback = LocalRules { default_fixed_target: 0, default_rate: 0.0, rules: Vec::new() };
    let conditions = Conditions { anomalies: anomalies.into(), clock: clock.clone() };
    let central = Central::new(client_id(&SeededRandom::new(1)), &fallback, conditions);
    if !rules.is_empty() {
        central.take_rules(rules, at(0.0));
    }
    central
}

fn at(seconds: f64) -> Micros {
    Seconds(1_000_000.0 + seconds).micros()
}

fn sampled(central: &Central, seconds: f64, random: &dyn Random) -> bool {
    let question = Question { service: "s", ..Question::default() };
    central.decide(&question, at(seconds), random).is_sampled
}

fn counts(report: &Report) -> Vec<(&str, i32, i32, i32)> {
    let counts = report.statistics.iter();
    counts.map(|it| (&*it.rule_name, it.request_count, it.sampled_count, it.borrow_count)).collect()
}

fn target(name: &'static str) -> Target<'static> {
    Target {
        fixed_rate: 0.5,
        interval: Some(10),
        quota: Some(2),
        quota_expires_at: Some(Seconds::from(at(300.0))),
        rule_name: name.into(),
        sampling_boost: None,
    }
}

fn targets(targets: Vec<Target<'static>>) -> Targets {
    Targets { last_rule_modification: Some(Seconds(0.0)), targets, refused: Vec::new() }
}

#[test]
fn without_a_quota_one_request_a_second_is_borrowed() {
    let central = central(vec![rule("a")]);
    let decisions = [0.0, 0.1, 0.9, 1.0, 1.5].map(|second| sampled(&central, second, &UNLUCKY));
    assert_eq!(decisions, [true, false, false, true, false]);
    assert!(sampled(&central, 1.6, &LUCKY));
    // Borrowed requests are not among the sampled ones.
    assert_eq!(counts(&central.report(at(2.0))), [("a", 6, 1, 2)]);
}

#[test]
fn a_rule_without_a_reservoir_borrows_nothing() {
    let central = central(vec![Rule { reservoir_size: 0, ..rule("a") }]);
    assert!(!sampled(&central, 0.0, &UNLUCKY));
    assert!(sampled(&central, 0.0, &LUCKY));
}

#[test]
fn a_quota_is_used_up_each_second_until_it_expires() {
    let central = central(vec![rule("a")]);
    central.take_targets(&targets(vec![target("a")]), at(0.0));
    let decisions = [0.0, 0.1, 0.2, 1.0, 300.0].map(|it| sampled(&central, it, &UNLUCKY));
    assert_eq!(decisions, [true, true, false, true, true]);
    // Expired: back to borrowing.
    assert!(sampled(&central, 301.0, &UNLUCKY));
    assert!(!sampled(&central, 301.5, &UNLUCKY));
    assert_eq!(counts(&central.report(at(302.0))), [("a", 7, 4, 1)]);
}

#[test]
fn reports_are_due_when_there_is_something_to_say_and_the_interval_has_passed() {
    let central = central(vec![rule("a"), rule("b")]);
    assert!(central.report(at(0.0)).statistics.is_empty());
    sampled(&central, 0.0, &LUCKY);
    let report = central.report(at(1.0));
    assert_eq!(counts(&report), [("a", 1, 0, 1)]);
    assert_eq!(report.statistics[0].client_id.len(), 24);
    central.take_targets(&targets(vec![target("a")]), at(1.0));
    sampled(&central, 2.0, &LUCKY);
    assert!(central.report(at(10.9)).statistics.is_empty());
    assert_eq!(counts(&central.report(at(11.0))), [("a", 1, 1, 0)]);
}

#[test]
fn a_report_that_did_not_arrive_is_made_again() {
    let central = central(vec![rule("a")]);
    sampled(&central, 0.0, &LUCKY);
    let report = central.report(at(1.0));
    sampled(&central, 1.5, &UNLUCKY);
    central.restore(&report);
    assert_eq!(counts(&central.report(at(2.0))), [("a", 2, 0, 2)]);
}

#[test]
fn rules_are_fetched_again_when_the_server_says_so() {
    let central = central(vec![rule("a")]);
    let answer = |modified, codes: &[&str]| Targets {
        last_rule_modification: modified,
        targets: Vec::new(),
        refused: codes.iter().map(|code| (*code).to_owned()).collect(),
    };
    for (modified, codes, expected) in [
        (Some(Seconds::from(at(1.0))), &[][..], true),
        (Some(Seconds::from(at(0.0))), &[], false),
        (None, &["400"], true),
        (None, &["500"], false),
    ] {
        let refetches = central.take_targets(&answer(modified, codes), at(2.0));
        assert_eq!(refetches, expected, "{modified:?} {codes:?}");
    }
}

#[test]
fn counts_and_quotas_outlive_a_fetch() {
    let central = central(vec![rule("a"), rule("gone")]);
    central.take_targets(&targets(vec![target("a")]), at(0.0));
    sampled(&central, 0.0, &UNLUCKY);
    central.take_rules(vec![Rule { fixed_rate: 0.0, ..rule("a") }], at(20.0));
    let decisions = [21.0, 21.1, 21.2].map(|second| sampled(&central, second, &LUCKY));
    assert_eq!(decisions, [true, true, false], "the quota stayed, the rate is the new one");
    assert_eq!(counts(&central.report(at(22.0))), [("a", 4, 3, 0)]);
}

#[test]
fn rules_that_nobody_confirmed_for_an_hour_do_not_count() {
    let central = central(vec![rule("a")]);
    assert!(sampled(&central, 3600.0, &LUCKY));
    assert!(!sampled(&central, 3601.0, &LUCKY), "the fallback samples nothing");
    assert!(!sampled(&self::central(Vec::new()), 0.0, &LUCKY));
}

#[test]
fn rules_that_an_sdk_cannot_apply_are_left_out() {
    let attributes = [("a".into(), "b".into())].into();
    let central = central(vec![
        Rule { version: 2, ..rule("version") },
        Rule { resource_arn: "arn:*".into(), ..rule("resource") },
        Rule { attributes, ..rule("attributes") },
        rule("used"),
    ]);
    let question = Question { service: "s", ..Question::default() };
    let decision = central.decide(&question, at(0.0), &LUCKY);
    assert_eq!(decision.rule.as_deref(), Some("used"));
}

#[test]
fn every_field_of_a_rule_is_compared() {
    let central = central(vec![Rule {
        service_name: "shop".into(),
        service_type: "AWS::ECS::*".into(),
        host: "*.example.com".into(),
        http_method: "POST".into(),
        url_path: "/pay/*".into(),
        ..rule("a")
    }]);
    let fitting = Question {
        host: Some("www.example.com"),
        method: Some("post"),
        path: Some("/pay/1"),
        service: "Shop",
        origin: Some("AWS::ECS::Container"),
    };
    for (question, expected) in [
        (fitting, true),
        (Question { origin: None, host: None, ..fitting }, true),
        (Question { host: Some("example.com"), ..fitting }, false),
        (Question { method: Some("GET"), ..fitting }, false),
        (Question { path: Some("/"), ..fitting }, false),
        (Question { service: "x", ..fitting }, false),
        (Question { origin: Some("AWS::EC2::Instance"), ..fitting }, false),
    ] {
        let decision = central.decide(&question, at(0.0), &LUCKY);
        assert_eq!(decision.rule.is_some(), expected, "{question:?}");
    }
}

#[test]
fn a_boost_raises_the_rate_for_a_while() {
    let central = central(vec![Rule { reservoir_size: 0, fixed_rate: 0.0, ..rule("a") }]);
    let boost = Boost { boost_rate: 0.5, expires_at: Seconds::from(at(20.0)) };
    let boosted =
        Target { fixed_rate: 0.0, quota: None, sampling_boost: Some(boost), ..target("a") };
    central.take_targets(&targets(vec![boosted]), at(0.0));
    assert!(sampled(&central, 20.0, &LUCKY));
    assert!(!sampled(&central, 21.0, &LUCKY));
}

#[test]
fn anomalies_are_counted_for_rules_that_may_be_boosted() {
    let central = central(vec![boosted(RateBoost::default())]);
    for (service, random) in [("s", &LUCKY as &dyn Random), ("s", &UNLUCKY), ("t", &UNLUCKY)] {
        let question = Question { service, ..Question::default() };
        let decision = central.decide(&question, at(0.0), random);
        let watch = decision.watch.expect("a rule with a boost");
        watch.see_fault();
        watch.see_fault();
    }
    assert_eq!(boosts(&central.report(at(1.0))), [("s", 2, 2, 1), ("t", 1, 1, 0)]);
}

/// Returns of each service: its requests, those that went wrong, and those of them that were sampled.
fn boosts(report: &Report) -> Vec<(&str, i32, i32, i32)> {
    let counts = report.boosts.iter();
    counts
        .map(|it| (&*it.service_name, it.total_count, it.anomaly_count, it.sampled_anomaly_count))
        .collect()
}

fn boosted(boost: RateBoost) -> Rule<'static> {
    Rule { sampling_rate_boost: Some(RateBoost { max_rate: 1.0, ..boost }), ..rule("a") }
}

#[test]
fn requests_that_a_caller_has_decided_on_are_watched_and_reported() {
    let central = central(vec![boosted(RateBoost::default())]);
    let question = Question { service: "s", ..Question::default() };
    for (is_sampled, is_wrong) in [(true, true), (false, true), (false, false)] {
        let watch = central.watch(&question, is_sampled, || at(0.0)).expect("a rule with a boost");
        if is_wrong {
            watch.see_fault();
        }
    }
    let report = central.report(at(1.0));
    assert!(report.statistics.is_empty(), "the rule has decided on none");
    assert_eq!(boosts(&report), [("s", 3, 2, 1)]);
    assert!(central.report(at(2.0)).boosts.is_empty());
    let without_boosts = self::central(vec![rule("a")]);
    let watch = without_boosts.watch(&question, true, || panic!("nobody needs the time"));
    assert!(watch.is_none());
}

#[test]
fn the_application_and_the_rule_say_what_is_wrong() {
    let disabled =
        RateBoost { disable_default_anomaly_detection: Some(true), ..RateBoost::default() };
    let slow = Some(std::time::Duration::from_secs(2));
    let anomalies = vec![
        Anomaly { statuses: vec!["429".to_owned()], ..Anomaly::default() },
        Anomaly { latency_min: slow, ..Anomaly::default() },
    ];
    // Whether the rule takes faults for anomalies, the answer, the seconds it took, and what counts.
    for (boost, status, seconds, expected) in [
        (RateBoost::default(), 500, 0.0, 1),
        (disabled, 500, 0.0, 0),
        (disabled, 429, 0.0, 1),
        (disabled, 200, 1.9, 0),
        (disabled, 200, 2.0, 1),
        (RateBoost::default(), 500, 3.0, 1),
    ] {
        let clock = Arc::new(ManualClock::at(at(0.0)));
        let central = watching(vec![boosted(boost)], anomalies.clone(), &clock);
        let question = Question { service: "s", ..Question::default() };
        let watch = central.watch(&question, false, || clock.now()).expect("a rule with a boost");
        watch.see_status(status);
        if status >= 500 {
            watch.see_fault();
        }
        clock.advance(Seconds(seconds).micros().0);
        drop(watch);
        let report = central.report(at(9.0));
        assert_eq!(boosts(&report), [("s", 1, expected, 0)], "{boost:?} {status} {seconds}");
    }
}

#[test]
fn ten_thousand_requests_are_sampled_as_the_rule_says() {
    let central = central(vec![Rule { fixed_rate: 0.1, ..rule("a") }]);
    central.take_targets(
        &targets(vec![Target { fixed_rate: 0.1, quota: Some(4), ..target("a") }]),
        at(0.0),
    );
    let random = SeededRandom::new(5);
    let count = (0..10_000).filter(|n| sampled(&central, f64::from(*n) / 100.0, &random)).count();
    // 100 seconds: 400 by the quota, and a tenth of the other 9,600.
    assert!((1_250..1_470).contains(&count), "{count}");
}
