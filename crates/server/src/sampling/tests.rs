//! Reports of several rules, and a crowd of clients that does as SDKs do.

use serde_json::{Value, json};
use store::MemDir;

use super::*;

const PREFIX: &str = "arn:aws:xray:us-east-1:000000000000:sampling-rule/";

const START: Micros = Micros(1_790_000_000 * Micros::PER_SECOND);

fn sampling() -> Sampling {
    over(&MemDir::default())
}

fn over(dir: &MemDir) -> Sampling {
    let documents = Documents::open(Arc::new(dir.clone()), "control").expect("sound documents");
    let rules = Sampling::load_rules(Arc::new(documents), PREFIX.to_owned());
    Sampling::new(rules.expect("sound rules"), Counter::default())
}

fn create(sampling: &Sampling, name: &str, fixed_rate: f64, reservoir_size: i32) {
    let body = json!({"SamplingRule": {"RuleName": name, "ResourceARN": "*", "Priority": 1,
        "FixedRate": fixed_rate, "ReservoirSize": reservoir_size, "ServiceName": "*",
        "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
        "SamplingRateBoost": {"MaxRate": 0.5, "CooldownWindowMinutes": 1}}})
    .to_string();
    let request = CreateSamplingRuleRequest::parse(body.as_bytes()).expect("within the model");
    sampling.create(request, START).expect("a rule");
}

fn report(rule: &str, client: &str, counts: [i32; 3], now: Micros) -> Value {
    let [requests, sampled, borrowed] = counts;
    json!({"RuleName": rule, "ClientID": format!("{client:0>24}"), "Timestamp": now.seconds(),
        "RequestCount": requests, "SampledCount": sampled, "BorrowCount": borrowed})
}

fn reports(reports: Vec<Value>, boosts: Value) -> GetSamplingTargetsRequest {
    let body = json!({"SamplingStatisticsDocuments": reports,
        "SamplingBoostStatisticsDocuments": boosts})
    .to_string();
    GetSamplingTargetsRequest::parse(body.as_bytes()).expect("within the model")
}

#[test]
fn rules_share_nothing_but_their_clients() {
    let sampling = sampling();
    create(&sampling, "a", 0.1, 10);
    create(&sampling, "b", 0.2, 4);
    let names = ["a", "b", "gone"];
    let reported = names.map(|name| report(name, "one", [5, 0, 0], START)).to_vec();
    let request = reports(reported, Value::Null);
    sampling.answer(&request, START);
    let answer = sampling.answer(&request, Micros(START.0 + 10_000_000));
    let told: Vec<_> =
        answer.targets.iter().map(|t| (&*t.rule_name, t.fixed_rate, t.quota)).collect();
    assert_eq!(told, [("a", 0.1, Some(10)), ("b", 0.2, Some(4))]);
    assert_eq!((answer.unknown, answer.unknown_boosts), (vec!["gone"], None));
    assert_eq!(answer.last_rule_modification, Seconds(1_790_000_000.0));
}

#[test]
fn a_rule_made_again_knows_no_client() {
    let dir = MemDir::default();
    let sampling = over(&dir);
    let request = reports(vec![report("a", "one", [5, 0, 0], START)], Value::Null);
    let quota = |sampling: &Sampling| sampling.answer(&request, START).targets[0].quota;
    create(&sampling, "a", 0.1, 10);
    assert_eq!([quota(&sampling), quota(&sampling)], [None, Some(10)]);
    let selector = RuleSelector { rule_name: Some("a".to_owned()), rule_arn: None };
    sampling.delete(&selector, START).expect("it is there");
    assert_eq!(sampling.answer(&request, START).unknown, ["a"]);
    create(&sampling, "a", 0.1, 10);
    assert_eq!(quota(&sampling), None);
    // Neither does one that is there after a restart.
    let sampling = over(&dir);
    assert_eq!([quota(&sampling), quota(&sampling)], [None, Some(10)]);
}

#[test]
fn anomalies_boost_the_rule_for_whoever_reports_it() {
    let sampling = sampling();
    create(&sampling, "a", 0.05, 10);
    let boost = |rule: &str| {
        json!({"RuleName": rule, "ServiceName": "s", "Timestamp": START.seconds(),
            "AnomalyCount": 900, "TotalCount": 1000, "SampledAnomalyCount": 0})
    };
    let request = reports(vec![], json!([boost("a"), boost("Default"), boost("gone")]));
    let answer = sampling.answer(&request, START);
    assert_eq!((answer.targets, answer.unknown_boosts), (vec![], Some(vec!["gone"])));
    let both = ["a", "Default"].map(|name| report(name, "one", [5, 0, 0], START));
    let request = reports(both.to_vec(), Value::Null);
    let answer = sampling.answer(&request, START);
    let rates = answer.targets.iter().map(|t| t.sampling_boost.map(|boost| boost.boost_rate));
    assert_eq!(rates.collect::<Vec<_>>(), [Some(0.1), None]);
}

#[test]
fn summaries_have_each_rule_and_the_last_closed_window() {
    let sampling = sampling();
    create(&sampling, "a", 0.1, 10);
    let stale = Micros(START.0 - 301_000_000);
    let reported = vec![
        report("a", "one", [5, 2, 1], START),
        report("a", "two", [10, 4, 0], START),
        report("a", "late", [100, 100, 100], stale),
    ];
    sampling.answer(&reports(reported, Value::Null), START);
    let shown = |secs: u64| -> Vec<_> {
        let summaries = sampling.summaries(Micros(START.0 + secs * Micros::PER_SECOND));
        let one = |s: StatisticSummary<'_>| {
            let Seconds(time) = s.timestamp;
            let counts = [s.request_count, s.sampled_count, s.borrow_count];
            (s.rule_name.into_owned(), time as u64 - START.0 / Micros::PER_SECOND, counts)
        };
        summaries.into_iter().map(one).collect()
    };
    let nothing = |start| ("Default".to_owned(), start, [0, 0, 0]);
    assert_eq!(shown(10), [("a".to_owned(), 0, [15, 6, 1]), nothing(0)]);
    assert_eq!(shown(20), [("a".to_owned(), 10, [0, 0, 0]), nothing(10)]);
}

#[test]
fn milliseconds_are_times_too_and_old_reports_count_nothing() {
    for (timestamp, current) in [
        (1_790_000_000.0, true),
        (1_790_000_000_000.0, true),
        (1_789_999_699.0, false),
        (1_790_000_301.0, false),
        (0.0, false),
    ] {
        assert_eq!(is_current(Seconds(timestamp), START), current, "{timestamp}");
    }
}

#[test]
fn a_client_too_many_is_answered_and_counted() {
    let sampling = sampling();
    let mut request = reports(vec![report("Default", "x", [1, 0, 0], START)], Value::Null);
    for client in 0..=reservoir::CLIENTS_MAX {
        assert_eq!(sampling.refused.get(), 0);
        request.statistics[0].client_id = client.to_string();
        let rules = sampling.rules.now();
        let activity = &mut sampling.activity.lock();
        let target = activity.target(&rules, &request.statistics[0], START, &sampling.refused);
        assert_eq!(target.map(|target| (target.quota, target.fixed_rate)), Some((None, 0.05)));
    }
    assert_eq!(sampling.refused.get(), 1);
}

/// What one client samples for one rule, as SDKs decide.
///
/// Source: `sampling.md` §3.
#[derive(Default)]
struct Client {
    id: String,
    /// Requests in a second, at most.
    requests_max: u32,
    alive: std::ops::Range<u64>,
    quota: i32,
    quota_expires: u64,
    taken: i32,
    has_borrowed: bool,
    /// Requests, sampled, borrowed since the last report.
    counts: [i32; 3],
}

/// Why a request was sampled, counted over all clients.
#[derive(Debug, Default)]
struct Sampled {
    requests: u64,
    by_quota: u64,
    by_borrowing: u64,
    by_rate: u64,
}

impl Client {
    fn request(&mut self, second: u64, fixed_rate: f64, chance: f64, sampled: &mut Sampled) {
        self.counts[0] += 1;
        sampled.requests += 1;
        let has_quota = self.quota_expires >= second;
        if has_quota && self.taken < self.quota {
            self.taken += 1;
            self.counts[1] += 1;
            sampled.by_quota += 1;
        } else if !has_quota && !self.has_borrowed {
            self.has_borrowed = true;
            self.counts[2] += 1;
            sampled.by_borrowing += 1;
        } else if chance < fixed_rate {
            self.counts[1] += 1;
            sampled.by_rate += 1;
        }
    }

    fn poll(&mut self, sampling: &Sampling, now: Micros) {
        let reported = vec![report("a", &self.id, std::mem::take(&mut self.counts), now)];
        let request = reports(reported, Value::Null);
        let target = sampling.answer(&request, now).targets.pop().expect("the rule exists");
        if let (Some(quota), Some(Seconds(expires))) = (target.quota, target.quota_expires_at) {
            self.quota = quota;
            self.quota_expires = expires as u64;
        }
    }
}

/// Fifty clients of all sizes for ten minutes. Some come late, some leave early.
fn crowd(random: &mut fastrand::Rng) -> Vec<Client> {
    let client = |number: u32| {
        let alive = match number % 10 {
            0 => 180..600,
            1 => 0..300,
            _ => 0..600,
        };
        let requests_max = [1, 4, 20, 100][random.usize(0..4)];
        Client { id: number.to_string(), requests_max, alive, ..Client::default() }
    };
    (0..50).map(client).collect()
}

#[test]
fn fifty_clients_sample_the_reservoir_and_the_fixed_rate_and_no_more() {
    const RATE: f64 = 0.05;
    for (reservoir_size, used_min) in [(10, 0.6), (100, 0.6), (1000, 0.4)] {
        let mut random = fastrand::Rng::with_seed(1729);
        let sampling = sampling();
        create(&sampling, "a", RATE, reservoir_size);
        let mut clients = crowd(&mut random);
        let mut sampled = Sampled::default();
        for second in 0..600 {
            let now = Micros(START.0 + second * Micros::PER_SECOND);
            let before = sampled.by_quota;
            for (number, client) in clients.iter_mut().enumerate() {
                if !client.alive.contains(&second) {
                    continue;
                }
                (client.taken, client.has_borrowed) = (0, false);
                for _ in 0..random.u32(0..=client.requests_max) {
                    let wall = START.0 / Micros::PER_SECOND + second;
                    client.request(wall, RATE, random.f64(), &mut sampled);
                }
                if second % 10 == number as u64 % 10 && client.counts[0] > 0 {
                    client.poll(&sampling, now);
                }
            }
            let taken = sampled.by_quota - before;
            assert!(taken <= reservoir_size as u64, "{taken} in second {second}");
        }
        // Each client borrows once a second until its second report.
        assert!(sampled.by_borrowing <= 50 * 25, "{sampled:?}");
        let beyond = (sampled.requests - sampled.by_quota - sampled.by_borrowing) as f64;
        let spread = 4.0 * (beyond * RATE * (1.0 - RATE)).sqrt();
        assert!((sampled.by_rate as f64 - beyond * RATE).abs() < spread, "{sampled:?}");
        let could = f64::from(reservoir_size * 600).min(sampled.requests as f64);
        assert!(sampled.by_quota as f64 > used_min * could, "{could} {sampled:?}");
    }
}
