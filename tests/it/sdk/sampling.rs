//! Ten thousand requests for each rule against the numbers that the rule promises: by local files, and
//! by the rules and targets of the real server. The clock is a test's own, a hundred requests a second.

use std::sync::Arc;

use fluoro_sdk::{Config, Incoming, ManualClock, Micros, Recorder, Sampling, SeededRandom};
use fluoro_tests::{Program, http};
use serde_json::{Value, json};

use super::{config, read_back, start};

/// Requests for each rule.
const REQUESTS: u32 = 10_000;

/// Requests for each rule in a second.
const PER_SECOND: u32 = 100;

/// How far a count that is left to chance may be from its mean, in standard deviations: one run in a
/// million is farther, and the same seed is drawn from each time.
const DEVIATIONS_MAX: f64 = 5.0;

/// A request, and what is promised for ten thousand of them.
struct Case {
    request: Incoming<'static>,
    /// Those that are recorded for certain.
    certain: u32,
    /// The fraction of the others.
    rate: f64,
}

fn case(method: &'static str, host: &'static str, path: &'static str) -> Incoming<'static> {
    Incoming { method: Some(method), host: Some(host), path: Some(path), ..Incoming::default() }
}

impl Case {
    /// Compares a count: exactly when the rate leaves nothing to chance.
    fn check(&self, recorded: u32) {
        let others = f64::from(REQUESTS - self.certain);
        let mean = f64::from(self.certain) + others * self.rate;
        let deviation = (others * self.rate * (1.0 - self.rate)).sqrt();
        let off = (f64::from(recorded) - mean).abs();
        let path = self.request.path;
        assert!(
            off <= DEVIATIONS_MAX * deviation,
            "{path:?}: {recorded}, not {mean} ± {deviation}"
        );
    }
}

/// Makes `seconds` of requests of each case, and adds those that were recorded to `counts`.
fn ask(recorder: &Recorder, clock: &ManualClock, cases: &[Case], seconds: u32, counts: &mut [u32]) {
    for _ in 0..seconds * PER_SECOND {
        for (case, count) in cases.iter().zip(&mut *counts) {
            *count += u32::from(recorder.begin_request(&case.request).is_recorded());
        }
        clock.advance(Micros::PER_SECOND / u64::from(PER_SECOND));
    }
}

fn check(cases: &[Case], counts: &[u32]) {
    for (case, count) in cases.iter().zip(counts) {
        case.check(*count);
    }
}

/// Returns local rules in a version, whose name for hosts is its own.
fn local_rules(version: u32) -> String {
    let host = if version == 1 { "service_name" } else { "host" };
    let rule = |at: &str, method: &str, path: &str, fixed_target: u32, rate: f64| {
        json!({
            host: at, "http_method": method, "url_path": path,
            "fixed_target": fixed_target, "rate": rate
        })
    };
    let rules = [
        rule("*", "*", "/health", 0, 0.0),
        rule("api.*", "POST", "/pay/*", 3, 0.0),
        rule("*", "GET", "/all/?", 0, 1.0),
        rule("*", "*", "/move/*", 2, 0.1),
    ];
    let default = json!({ "fixed_target": 1, "rate": 0.05 });
    json!({ "version": version, "rules": rules, "default": default }).to_string()
}

#[test]
fn local_rules_of_both_versions_record_as_many_as_they_say() {
    let cases = [
        Case { request: case("GET", "a.example", "/health"), certain: 0, rate: 0.0 },
        Case { request: case("POST", "api.example", "/pay/7"), certain: 300, rate: 0.0 },
        Case { request: case("GET", "a.example", "/all/1"), certain: 0, rate: 1.0 },
        Case { request: case("PUT", "a.example", "/MOVE/7"), certain: 200, rate: 0.1 },
        // No rule matches: neither the host of the second nor the path of the third.
        Case { request: case("POST", "a.example", "/pay/7"), certain: 100, rate: 0.05 },
    ];
    for version in [1, 2] {
        let clock = Arc::new(ManualClock::at(Micros::from_secs(1_700_000_000)));
        let sampling = Sampling::local(&local_rules(version)).expect("rules");
        let random = Arc::new(SeededRandom::new(7));
        let config = Config { sampling, random, clock: clock.clone(), ..Config::named("shop") };
        let recorder = Recorder::new(config).expect("a recorder");
        let mut counts = [0; 5];
        ask(&recorder, &clock, &cases, REQUESTS / PER_SECOND, &mut counts);
        check(&cases, &counts);
    }
}

/// Makes a rule of the server.
fn create(fluoro: &Program, name: &str, priority: u32, rate: f64, reservoir: u32, more: Value) {
    let mut rule = json!({
        "RuleName": name, "ResourceARN": "*", "Priority": priority, "FixedRate": rate,
        "ReservoirSize": reservoir, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1
    });
    for (member, value) in more.as_object().into_iter().flatten() {
        rule[member] = value.clone();
    }
    let body = json!({ "SamplingRule": rule }).to_string();
    let answer = http::post(fluoro.doors.http, "/CreateSamplingRule", &body).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Requests for rules of the server. In the first twenty seconds one is borrowed in each; then the whole
/// reservoir is this client's, which is the only one.
fn central_cases() -> [Case; 5] {
    let borrowed = 20;
    [
        Case { request: case("GET", "a.example", "/health"), certain: 0, rate: 0.0 },
        Case {
            request: case("GET", "a.example", "/cart/7"),
            certain: borrowed + 80 * 5,
            rate: 0.0,
        },
        Case {
            request: case("POST", "a.example", "/pay/7"),
            certain: borrowed + 80 * 10,
            rate: 0.1,
        },
        Case { request: case("GET", "b.shop.example", "/"), certain: 0, rate: 1.0 },
        // The rule that matches everything.
        Case { request: case("GET", "a.example", "/pay/7"), certain: borrowed + 80, rate: 0.05 },
    ]
}

#[test]
fn rules_and_targets_of_the_server_record_as_many_as_they_say() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    create(&fluoro, "health", 1, 0.0, 0, json!({ "URLPath": "/health" }));
    create(&fluoro, "cart", 2, 0.0, 5, json!({ "URLPath": "/cart/*", "ServiceName": "sh?p" }));
    create(&fluoro, "pay", 3, 0.1, 10, json!({ "URLPath": "/pay/*", "HTTPMethod": "POST" }));
    create(&fluoro, "host", 4, 1.0, 0, json!({ "Host": "*.shop.example" }));
    let now = Micros(read_back::now_micros()).floor_second();
    let clock = Arc::new(ManualClock::at(now));
    // A recorder for Lambda has no thread that asks by itself, so that the test knows who asked when.
    let config = Config { clock: clock.clone(), lambda: true, ..config(&fluoro, "shop") };
    let recorder = Recorder::new(config).expect("a recorder");
    let (cases, mut counts) = (central_cases(), [0; 5]);
    assert!(recorder.refresh_sampling(), "the server has rules");
    for _reports_before_a_quota in 0..2 {
        ask(&recorder, &clock, &cases, 10, &mut counts);
        assert!(recorder.refresh_sampling(), "the server takes reports");
    }
    ask(&recorder, &clock, &cases, REQUESTS / PER_SECOND - 20, &mut counts);
    check(&cases, &counts);
}

#[test]
fn failures_raise_the_rate_of_a_rule_that_may_be_boosted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let boost = json!({ "SamplingRateBoost": { "MaxRate": 0.5, "CooldownWindowMinutes": 1 } });
    create(&fluoro, "pay", 1, 0.0, 0, boost);
    let clock = Arc::new(ManualClock::at(Micros(read_back::now_micros())));
    let config = Config { clock: clock.clone(), lambda: true, ..config(&fluoro, "shop") };
    let recorder = Recorder::new(config).expect("a recorder");
    assert!(recorder.refresh_sampling(), "the server has rules");
    let request = case("POST", "a.example", "/pay/7");
    for _ in 0..100 {
        let segment = recorder.begin_request(&request);
        assert!(!segment.is_recorded(), "the rule has neither a reservoir nor a rate");
        segment.http_response(503, None);
    }
    assert!(recorder.refresh_sampling(), "the server takes reports");
    let recorded = |_: &u32| recorder.begin_request(&request).is_recorded();
    let count = (0..REQUESTS).filter(recorded).count();
    // The least that a boost reaches, for a rule whose own rate is nothing.
    let boosted = Case { request: request.clone(), certain: 0, rate: 0.01 };
    boosted.check(u32::try_from(count).expect("a count"));
    clock.advance(60 * Micros::PER_SECOND);
    assert_eq!((0..REQUESTS).filter(recorded).count(), 0, "the boost is over");
}
