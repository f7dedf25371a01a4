//! Rules and targets over the TCP door of a fake daemon.

use crate::testing::FakeDaemon;
use crate::{Incoming, Recorder, SeededRandom};

use super::*;

fn rules(path: &str) -> String {
    format!(
        r#"{{"NextToken":null,"SamplingRuleRecords":[{{"CreatedAt":0.0,"ModifiedAt":0.0,
        "SamplingRule":{{"Attributes":{{}},"FixedRate":0.0,"HTTPMethod":"*","Host":"*","Priority":1,
        "ReservoirSize":1,"ResourceARN":"*","RuleARN":"a","RuleName":"rule","ServiceName":"*",
        "ServiceType":"*","URLPath":"{path}","Version":1}}}}]}}"#
    )
}

const TARGETS: &str = r#"{"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":1.0,
    "Interval":10,"ReservoirQuota":0,"ReservoirQuotaTTL":1.0E9,"RuleName":"rule"}],
    "UnprocessedStatistics":[]}"#;

fn recorder(daemon: &FakeDaemon) -> Recorder {
    let mut config = daemon.config("shop");
    config.clock = Arc::new(wire::ManualClock::at(Micros::from_secs(500_000)));
    config.random = Arc::new(SeededRandom::new(1));
    let none = r#"{"version":2,"default":{"fixed_target":0,"rate":0}}"#;
    config.sampling = crate::Sampling::central_or_local(none).expect("rules");
    Recorder::new(config).expect("a recorder")
}

fn samples(recorder: &Recorder, path: &'static str) -> bool {
    let request = Incoming { path: Some(path), ..Incoming::default() };
    recorder.begin_request(&request).is_recorded()
}

#[test]
fn rules_and_targets_arrive_and_statistics_leave() {
    let daemon = FakeDaemon::start().expect("free ports");
    let recorder = recorder(&daemon);
    assert!(!recorder.refresh_sampling(), "nobody has rules");
    assert!(!samples(&recorder, "/a"), "the fallback samples nothing");
    // The recorder's thread has asked, too, and is silent from here on.
    while daemon.calls().len() < 2 {
        std::thread::yield_now();
    }
    daemon.serve_rules(rules("/a"));
    assert!(recorder.refresh_sampling());
    assert_eq!([samples(&recorder, "/a"), samples(&recorder, "/a")], [true, false]);
    assert!(!samples(&recorder, "/b"), "the fallback samples nothing");
    assert!(!recorder.refresh_sampling(), "nobody takes reports");
    daemon.serve_targets(TARGETS);
    assert!(recorder.refresh_sampling());
    let call = daemon.calls().pop().expect("a report");
    assert_eq!(call.path, "/SamplingTargets");
    assert!(call.body.contains(r#""RequestCount":2,"SampledCount":0,"BorrowCount":1"#), "{call:?}");
    assert!(samples(&recorder, "/a"), "the target's rate is 1");
}

#[test]
fn the_thread_asks_by_itself() {
    let daemon = FakeDaemon::start().expect("free ports");
    daemon.serve_rules(rules("*"));
    let recorder = recorder(&daemon);
    // The sampler answers its thread's question sooner or later; each try is a request of its own.
    let has_rules = std::iter::repeat_with(|| {
        std::thread::yield_now();
        samples(&recorder, "/")
    });
    assert!(has_rules.take(100_000_000).any(|is_sampled| is_sampled));
}

#[test]
fn segments_that_fail_are_reported_whoever_decided_on_them() {
    let daemon = FakeDaemon::start().expect("free ports");
    let boost = r#""SamplingRateBoost":{"CooldownWindowMinutes":1,"MaxRate":0.5},"ServiceName""#;
    let recorder = recorder(&daemon);
    while daemon.calls().is_empty() {
        std::thread::yield_now();
    }
    daemon.serve_rules(rules("*").replace(r#""ServiceName""#, boost));
    daemon.serve_targets(TARGETS);
    assert!(recorder.refresh_sampling());
    for sampled in ["Sampled=1", "Sampled=0"] {
        let header = crate::Header::parse(&format!(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;{sampled}"
        ));
        for status in [200, 503] {
            let request = Incoming { header: header.clone(), ..Incoming::default() };
            let segment = recorder.begin_request(&request);
            // A call that failed is not yet a request that failed.
            segment.begin_remote("elsewhere").http_response(503, None);
            segment.http_response(status, None);
        }
    }
    assert!(recorder.refresh_sampling());
    let call = daemon.calls().pop().expect("a report");
    assert!(call.body.contains(r#""SamplingStatisticsDocuments":[]"#), "{call:?}");
    for count in [r#""AnomalyCount":2"#, r#""TotalCount":4"#, r#""SampledAnomalyCount":1"#] {
        assert!(call.body.contains(count), "{call:?}");
    }
}
