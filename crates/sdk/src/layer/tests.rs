//! Spans, read as the documents that they become: names, indented, with what was said of each.

use std::fmt::Write;
use std::future::Future;
use std::sync::Arc;

use tracing::{Instrument, error, info_span};
use tracing_subscriber::layer::SubscriberExt;
use wire::segment::{Cause, Segment};
use wire::{ManualClock, Micros};

use super::*;
use crate::testing::FakeDaemon;
use crate::{Sampling, SeededRandom};

struct Rig {
    recorder: Recorder,
    daemon: FakeDaemon,
    clock: Arc<ManualClock>,
}

fn rig() -> Rig {
    let daemon = FakeDaemon::start().expect("free ports");
    let clock = Arc::new(ManualClock::at(Micros::from_secs(1_000)));
    let mut config = daemon.config("shop");
    config.sampling = Sampling::Always;
    config.clock = clock.clone();
    config.random = Arc::new(SeededRandom::new(1));
    config.collect_sql_queries = true;
    Rig { recorder: Recorder::new(config).expect("a recorder"), daemon, clock }
}

impl Rig {
    /// Runs `work` under a layer and returns what `count` documents say.
    fn run(&self, layer: SpanLayer, count: usize, work: impl FnOnce()) -> String {
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, work);
        let documents = self.daemon.wait_for(count);
        assert_eq!(documents.len(), count, "{documents:?}");
        let mut out = String::new();
        for document in &documents {
            render(&Segment::parse(document).expect("a good document"), 0, &mut out);
        }
        out
    }

    fn layer(&self) -> SpanLayer {
        SpanLayer::new(&self.recorder)
    }
}

fn render(part: &Segment<'_>, depth: usize, out: &mut String) {
    let begin = (part.start_time.0 - 1000.0).round();
    let end = part.end_time.map_or(-1.0, |end| (end.0 - 1000.0).round());
    let fault = if part.fault == Some(true) { " fault" } else { "" };
    write!(out, "{}{} {begin}..{end}{fault}", "  ".repeat(depth), part.name).expect("text");
    if let Some(namespace) = &part.namespace {
        write!(out, " {namespace}").expect("text");
    }
    for (key, value) in part.annotations.iter().flat_map(|it| &it.entries) {
        write!(out, " @{key}={}", wire::json::encode(value)).expect("text");
    }
    if let Some(metadata) = part.metadata {
        write!(out, " {metadata}").expect("text");
    }
    if let Some(query) = part.sql.as_ref().and_then(|it| it.sanitized_query.as_ref()) {
        write!(out, " [{query}]").expect("text");
    }
    if let Some(Cause::Here(causes)) = &part.cause {
        for exception in &causes.exceptions {
            let (kind, message) = (exception.kind.as_deref(), exception.message.as_deref());
            write!(out, " {}: {}.", kind.unwrap_or("-"), message.unwrap_or("-")).expect("text");
        }
    }
    for link in &part.links {
        write!(out, " ~{}", link.id).expect("text");
    }
    out.push('\n');
    part.subsegments.iter().for_each(|below| render(below, depth + 1, out));
}

#[test]
fn spans_are_as_long_as_they_are_open_and_not_as_they_are_entered() {
    let rig = rig();
    let said = rig.run(rig.layer(), 1, || {
        let outer = info_span!("outer", xray.annotation.tier = "gold", order = 7);
        rig.clock.advance(1_000_000);
        let inner = outer.in_scope(|| info_span!("inner", xray.namespace = "remote", late = 0));
        rig.clock.advance(1_000_000);
        inner.in_scope(|| ());
        inner.record("late", true);
        rig.clock.advance(1_000_000);
        drop(inner);
        rig.clock.advance(1_000_000);
    });
    insta::assert_snapshot!(said, @r#"
    shop 0..4 @span="outer" @tier="gold" {"default":{"order":7}}
      inner 1..3 remote {"default":{"late":true}}
    "#);
}

#[test]
fn fields_say_what_the_part_is() {
    let rig = rig();
    let said = rig.run(rig.layer().annotating(), 1, || {
        let span = info_span!(
            "job",
            xray.name = "named",
            xray.user = "ann",
            xray.header = "Root=1-5759e988-bd862e3fe1be46a994272793",
            xray.http.status = 503,
            xray.metadata.raw = 1.5,
            count = 2_u64,
            list = ?[1],
        );
        assert!(
            span.in_scope(Context::current).header().is_some_and(|it| it.contains("1-5759e988"))
        );
    });
    insta::assert_snapshot!(said, @r#"named 0..0 fault @span="job" @count=2 @list="[1]" {"default":{"raw":1.5}}"#);
}

#[test]
fn errors_become_exceptions() {
    #[derive(Debug, thiserror::Error)]
    #[error("pay the bill")]
    struct Unpaid(#[source] std::num::ParseIntError);
    let rig = rig();
    let said = rig.run(rig.layer(), 1, || {
        let _outer = info_span!("outer").entered();
        let cause = Unpaid("x".parse::<u8>().expect_err("no number"));
        info_span!("with a value")
            .in_scope(|| error!(error = &cause as &(dyn std::error::Error + 'static), "failed"));
        info_span!("with text").in_scope(|| error!(error = %cause, code = 7, "failed"));
        info_span!("not so bad").in_scope(|| tracing::warn!(error = %cause, "failed"));
    });
    insta::assert_snapshot!(said, @r#"
    shop 0..0 @span="outer"
      with a value 0..0 fault Unpaid: pay the bill. ParseIntError: invalid digit found in string.
      with text 0..0 fault fluoro_sdk::layer::tests: failed pay the bill code=7.
      not so bad 0..0
    "#);
}

#[test]
fn a_future_takes_its_span_along_and_closes_it_when_dropped() {
    let rig = rig();
    let said = rig.run(rig.layer(), 1, || {
        let segment = rig.recorder.begin();
        let work = async {
            let _below = crate::subsegment("by hand");
            std::future::pending::<()>().instrument(info_span!("deep")).await;
        };
        let mut future = Box::pin(segment.run(|| work.instrument(info_span!("work"))));
        let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut waker).is_pending());
        assert!(Context::current().is_nothing());
        rig.clock.advance(1_000_000);
        drop(future);
        rig.clock.advance(1_000_000);
    });
    insta::assert_snapshot!(said, @"
    shop 0..2
      work 0..1
        by hand 0..1
        deep 0..1
    ");
}

#[test]
fn follows_from_is_a_link_of_the_segment() {
    let rig = rig();
    let said = rig.run(rig.layer(), 2, || {
        let before = info_span!("before");
        let after = info_span!(parent: None, "after");
        let below = info_span!(parent: &after, "below");
        below.follows_from(&before);
        drop(before);
        drop((below, after));
    });
    assert_eq!(said.matches('~').count(), 1, "{said}");
    assert!(said.lines().any(|line| line.starts_with("shop") && line.contains('~')), "{said}");
}

#[test]
fn spans_left_in_another_order_leave_the_right_one_current() {
    let rig = rig();
    let subscriber = tracing_subscriber::registry().with(rig.layer());
    tracing::subscriber::with_default(subscriber, || {
        let (one, two) = (info_span!("one"), info_span!("two"));
        let in_one = one.enter();
        let in_two = two.enter();
        let current = Context::current().id();
        drop(in_one);
        assert_eq!(Context::current().id(), current);
        drop(in_two);
        assert!(Context::current().is_nothing());
    });
}

#[test]
fn queries_become_subsegments_that_began_in_the_past() {
    let rig = rig();
    rig.clock.advance(5_000_000);
    let said = rig.run(rig.layer().naming_queries("shop@db"), 1, || {
        let _outer = info_span!("outer").entered();
        tracing::event!(
            target: "sqlx::query", Level::DEBUG, summary = "SELECT id FROM …",
            db.statement = "\n\nSELECT id\n", rows_affected = 0_u64, rows_returned = 3_u64,
            elapsed = ?std::time::Duration::from_secs(2), elapsed_secs = 2.0
        );
    });
    insta::assert_snapshot!(said, @r#"
    shop 5..5 @span="outer"
      shop@db 3..5 remote {"default":{"rows_returned":3,"rows_affected":0}} [SELECT id]
    "#);
}

#[test]
fn spans_of_a_lambda_function_are_subsegments_of_its_invocation() {
    let daemon = FakeDaemon::start().expect("free ports");
    let mut config = daemon.config("resize");
    config.lambda = true;
    config.invocation_header = || {
        Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".into())
    };
    let recorder = Recorder::new(config).expect("a recorder");
    let subscriber = tracing_subscriber::registry().with(SpanLayer::new(&recorder));
    tracing::subscriber::with_default(subscriber, || {
        info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
    });
    let document = &daemon.wait_for(1)[0];
    let document = Segment::parse(document).expect("a good document");
    assert!(document.is_subsegment());
    assert_eq!((&*document.name, &*document.subsegments[0].name), ("outer", "inner"));
    assert_eq!(document.parent_id, wire::SegmentId::parse("53995c3f42cd8ad8"));
}

#[test]
fn spans_outside_of_segments_can_be_left_alone() {
    let rig = rig();
    let said = rig.run(rig.layer().only_below_segments(), 1, || {
        info_span!("alone").in_scope(|| info_span!("below").in_scope(|| ()));
        rig.recorder.begin().run(|| info_span!("inside").in_scope(|| ()));
    });
    insta::assert_snapshot!(said, @"
    shop 0..0
      inside 0..0
    ");
}
