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
