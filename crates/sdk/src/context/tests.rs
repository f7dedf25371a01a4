//! What applications do with contexts, read as the documents that arrive.

use std::task::Poll;

use super::*;
use crate::entity::Exception;
use crate::recorder::{Incoming, Recorder};
use crate::testing::FakeDaemon;
use crate::{Config, FutureExt, SeededRandom};
use wire::ManualClock;

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

/// A recorder that samples as the caller says, and where its documents arrive.
fn rig(change: impl FnOnce(&mut Config)) -> (Recorder, FakeDaemon, Arc<ManualClock>) {
    let daemon = FakeDaemon::start().expect("free ports");
    let clock = Arc::new(ManualClock::at(Micros::from_secs(1_000)));
    let mut config = daemon.config("shop");
    config.sampling = crate::Sampling::Always;
    config.clock = clock.clone();
    config.random = Arc::new(SeededRandom::new(1));
    config.log = crate::Log::silent();
    change(&mut config);
    (Recorder::new(config).expect("a recorder"), daemon, clock)
}

fn request(header: &str) -> Incoming<'static> {
    Incoming { header: Header::parse(header), ..Incoming::default() }
}

#[test]
fn everything_that_can_be_said_is_in_the_document() {
    let (recorder, daemon, clock) = rig(|_| {});
    let segment = recorder.begin_request(&request(&format!("Root={ROOT};Parent=53995c3f42cd8ad8")));
    segment.annotate("cart size", 3);
    segment.annotate("cart size", 4);
    segment.metadata("order", &["a", "b"]);
    segment.metadata_in("own", "n", &1.5);
    segment.set_user("ann");
    segment.http_request(wire::segment::Request {
        method: Some("GET".into()),
        ..wire::segment::Request::default()
    });
    clock.advance(500_000);
    {
        let call = segment.begin_aws("DynamoDB");
        call.aws(|aws| aws.table_name = Some("orders".into()));
        call.aws(|aws| {
            call.annotate("retried", true);
            aws.retries = Some(1);
        });
        clock.advance(250_000);
    }
    segment.http_response(503, Some(7));
    segment.link(TraceId([1; 16]), SegmentId(2));
    drop(segment);
    let documents = daemon.wait_for(1).join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(documents, @r#"{"id":"a833bdcdb6d1beb1","name":"shop","start_time":1000.0,"trace_id":"1-5759e988-bd862e3fe1be46a994272793","end_time":1000.75,"parent_id":"53995c3f42cd8ad8","fault":true,"http":{"request":{"method":"GET"},"response":{"status":503,"content_length":7}},"user":"ann","annotations":{"cart_size":4},"metadata":{"default":{"order":["a","b"]},"own":{"n":1.5}},"aws":{"xray":{"sdk":"Fluoro for Rust","sdk_version":"VERSION"}},"service":{"runtime":"rust","compiler":"rustc"},"links":[{"trace_id":"1-01010101-010101010101010101010101","id":"0000000000000002"}],"subsegments":[{"id":"88dc97e5aab5fe3d","name":"DynamoDB","start_time":1000.5,"end_time":1000.75,"annotations":{"retried":true},"aws":{"retries":1,"table_name":"orders"},"namespace":"aws"}]}"#);
}

#[derive(Debug, thiserror::Error)]
#[error("pay the bill")]
struct Unpaid(#[source] std::num::ParseIntError);

#[test]
fn an_error_brings_its_causes_and_its_place() {
    let (recorder, daemon, _) = rig(|_| {});
    let segment = recorder.begin();
    segment.record_error(&Unpaid("x".parse::<u8>().expect_err("no number")));
    segment.record_exception(Exception { is_remote: true, ..Exception::new("Kind", "said") });
    drop(segment);
    let document = &daemon.wait_for(1)[0];
    let document = wire::Segment::parse(document).expect("a good document");
    let Some(wire::segment::Cause::Here(causes)) = &document.cause else { panic!("{document:?}") };
    let [outer, inner, other] = &*causes.exceptions else { panic!("{causes:?}") };
    assert_eq!((document.fault, &outer.cause), (Some(true), &inner.id));
    assert!(outer.stack[0].path.as_deref().is_some_and(|path| path.ends_with("tests.rs")));
    assert_eq!((inner.kind.as_deref(), &inner.cause), (Some("ParseIntError"), &None));
    assert_eq!((other.remote, other.message.as_deref()), (Some(true), Some("said")));
}

#[test]
fn headers_go_on_and_go_back() {
    let (recorder, _daemon, _) = rig(|config| config.sampling = crate::Sampling::Never);
    for (header, onward, back) in [
        (
            "Root=ROOT;Parent=53995c3f42cd8ad8;Sampled=0;Self=x;Lineage=l;a=b",
            "Root=ROOT;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=l;a=b",
            "Root=ROOT",
        ),
        ("Root=ROOT;Sampled=?", "Root=ROOT;Sampled=0", "Root=ROOT;Sampled=0"),
        ("Root=ROOT;Sampled=1;Lineage=l", "Root=ROOT;Parent=OWN;Sampled=1;Lineage=l", "Root=ROOT"),
    ] {
        let segment = recorder.begin_request(&request(&header.replace("ROOT", ROOT)));
        let id = segment.id().map(|id| id.to_string()).unwrap_or_default();
        let onward = onward.replace("ROOT", ROOT).replace("OWN", &id);
        assert_eq!(segment.header(), Some(onward), "{header}");
        assert_eq!(segment.response_header(), Some(back.replace("ROOT", ROOT)), "{header}");
    }
    let segment = recorder.begin_request(&request("Sampled=1"));
    let parent = segment.traceparent().expect("a recorded trace");
    assert!(parent.starts_with("00-000003e8") && parent.ends_with("-01"), "{parent}");
    let unrecorded = recorder.begin();
    let (trace, header) = (unrecorded.trace_id(), unrecorded.traceparent().expect("a trace"));
    assert!(header.starts_with(&format!("00-{}-", trace.expect("a trace").w3c())), "{header}");
    assert!(header.ends_with("-00") && !header.contains("-0000000000000000-"), "{header}");
}

#[test]
fn subsegments_that_are_not_recorded_have_ids_if_that_is_asked_for() {
    for noop_ids in [true, false] {
        let (recorder, daemon, _) = rig(|config| config.noop_ids = noop_ids);
        let segment = recorder.begin_request(&request("Sampled=0"));
        let below = segment.begin("below");
        assert_eq!(below.id().is_none(), noop_ids);
        assert_eq!(below.id() == segment.id(), noop_ids);
        drop((below, segment));
        assert!(recorder.flush(std::time::Duration::from_secs(10)));
        assert_eq!(daemon.documents(), [""; 0]);
    }
}

#[test]
fn a_recorder_that_is_switched_off_does_nothing() {
    let (recorder, _daemon, _) = rig(|config| config.enabled = false);
    let segment = recorder.begin_request(&request("Sampled=1"));
    assert!(segment.is_nothing() && segment.header().is_none());
    assert!(recorder.subsegment("x").is_ok());
}

#[test]
fn work_without_a_segment_is_treated_as_the_settings_say() {
    for (strategy, is_error, is_said) in [
        (crate::ContextMissing::LogError, false, 1),
        (crate::ContextMissing::RuntimeError, true, 0),
        (crate::ContextMissing::IgnoreError, false, 0),
    ] {
        let said = Arc::new(Mutex::new(0));
        let heard = said.clone();
        let (recorder, _daemon, _) = rig(|config| {
            config.context_missing = strategy;
            config.log = crate::Log::to(move |_| *crate::lock(&heard) += 1);
        });
        assert_eq!(recorder.subsegment("x").is_err(), is_error, "{strategy:?}");
        assert_eq!(*crate::lock(&said), is_said, "{strategy:?}");
        let segment = recorder.begin();
        let below = segment.run(|| recorder.subsegment("x").expect("a segment is there"));
        assert!(below.is_recorded());
    }
}

#[test]
fn a_context_is_current_while_its_future_runs_and_no_longer() {
    let (recorder, daemon, _) = rig(|_| {});
    let segment = recorder.begin();
    let id = segment.id();
    let mut polled = 0;
    let future = std::future::poll_fn(move |_| {
        polled += 1;
        assert_eq!(Context::current().id(), id);
        let _below = crate::subsegment("below");
        if polled < 2 { Poll::Pending } else { Poll::Ready(()) }
    });
    let mut future = Box::pin(future.in_entity(segment));
    let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
    for expected in [Poll::Pending, Poll::Ready(())] {
        assert_eq!(future.as_mut().poll(&mut waker), expected);
        assert!(Context::current().is_nothing());
    }
    let document = &daemon.wait_for(1)[0];
    assert_eq!(document.matches("below").count(), 2, "{document}");
}

#[test]
fn a_future_that_is_dropped_ends_its_segment() {
    let (recorder, daemon, _) = rig(|_| {});
    drop(std::future::pending::<()>().in_entity(recorder.begin()));
    assert_eq!(daemon.wait_for(1).len(), 1);
}

#[test]
fn entered_contexts_are_left_in_their_order() {
    let (recorder, _daemon, _) = rig(|_| {});
    let (one, two) = (recorder.begin(), recorder.begin());
    let _in_one = one.enter();
    {
        let _in_two = two.enter();
        assert_eq!(Context::current().id(), two.id());
    }
    assert_eq!(Context::current().id(), one.id());
}

#[test]
fn work_that_panics_ends_as_a_fault() {
    let (recorder, daemon, _) = rig(|_| {});
    let thread = std::thread::spawn(move || {
        let _segment = recorder.begin();
        panic!("on purpose");
    });
    assert!(thread.join().is_err());
    assert!(daemon.wait_for(1)[0].contains(r#""fault":true"#));
}

#[test]
fn what_has_begun_can_be_announced() {
    let (recorder, daemon, _) = rig(|_| {});
    let segment = recorder.begin();
    let below = segment.begin("below");
    segment.announce();
    below.announce();
    drop((below, segment));
    let documents = daemon.wait_for(3);
    let read = documents.iter().map(|text| wire::Segment::parse(text).expect("a good document"));
    let read: Vec<_> = read.map(|it| (it.is_in_progress(), it.is_subsegment())).collect();
    assert_eq!(read, [(true, false), (true, true), (false, false)]);
}

#[test]
fn in_lambda_each_subsegment_is_sent_at_once_below_the_function() {
    let (recorder, daemon, _) = rig(|config| config.lambda = true);
    let header = Header::parse(&format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"));
    let invocation = recorder.begin_invocation(&header);
    assert_eq!(invocation.header(), Some(header.to_string()));
    invocation.annotate("lost", true);
    let outer = invocation.begin("outer");
    drop(outer.begin("inner"));
    drop(outer);
    let documents = daemon.wait_for(1);
    let document = wire::Segment::parse(&documents[0]).expect("a good document");
    assert!(document.is_subsegment());
    assert_eq!(document.parent_id, header.parent);
    assert_eq!(document.subsegments.len(), 1);
    drop(invocation);
    assert_eq!(recorder.statistics().sent, 1, "the function's own segment is the platform's");
}

#[test]
fn in_lambda_work_without_a_context_belongs_to_the_invocation() {
    const HEADER: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    for (lambda, header, expected) in [
        (true, (|| Some(HEADER.to_owned())) as fn() -> Option<String>, true),
        (true, || Some(HEADER.replace("Sampled=1", "Sampled=0")), false),
        (true, || None, false),
        (false, || Some(HEADER.to_owned()), false),
    ] {
        let (recorder, daemon, _) = rig(|config| {
            (config.lambda, config.invocation_header) = (lambda, header);
            config.context_missing = crate::ContextMissing::IgnoreError;
        });
        let part = recorder.subsegment("part").expect("no error is asked for");
        assert_eq!(part.is_recorded(), expected, "{lambda} {:?}", header());
        assert_eq!(recorder.begin_current_invocation().is_recorded(), expected);
        drop(part);
        let documents = daemon.wait_for(usize::from(expected));
        let below = |text: &String| text.contains(r#""parent_id":"53995c3f42cd8ad8""#);
        assert_eq!(documents.iter().any(below), expected, "{documents:?}");
    }
}

#[test]
fn without_a_daemon_nothing_waits_and_losses_are_counted() {
    let (recorder, daemon, _) = rig(|config| config.queue_documents_max = 10);
    drop(daemon);
    for _ in 0..1_000 {
        drop(recorder.begin());
    }
    assert!(recorder.flush(std::time::Duration::from_secs(10)));
    let statistics = recorder.statistics();
    assert!(statistics.sent <= 1, "of the last one nobody knows: {statistics:?}");
    assert_eq!(statistics.sent + statistics.failed + statistics.dropped, 1_000);
}
