//! Both worlds in one trace, with OpenTelemetry's own SDK.

use std::collections::HashMap;

use ::opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use wire::ManualClock;

use super::*;
use crate::testing::FakeDaemon;
use crate::{Config, Sampling, SeededRandom};

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";
const PARENT: &str = "53995c3f42cd8ad8";

fn carrier(header: &str) -> HashMap<String, String> {
    HashMap::from([("x-amzn-trace-id".to_owned(), header.to_owned())])
}

fn extract(header: &str) -> Context {
    XrayPropagator::new().extract_with_context(&Context::new(), &carrier(header))
}

fn inject(cx: &Context) -> Option<String> {
    let mut carrier = HashMap::new();
    XrayPropagator::new().inject_context(cx, &mut carrier);
    carrier.remove("x-amzn-trace-id")
}

fn ids() -> XrayIdGenerator {
    let clock = Arc::new(ManualClock::at(Micros::from_secs(0x5759_e988)));
    XrayIdGenerator::of(clock, Arc::new(SeededRandom::new(1)))
}

fn tracer(sampler: impl ShouldSample + 'static) -> SdkTracer {
    let provider = SdkTracerProvider::builder().with_id_generator(ids()).with_sampler(sampler);
    provider.build().tracer("test")
}

fn rig(sampling: Sampling) -> (Recorder, FakeDaemon) {
    let daemon = FakeDaemon::start().expect("free ports");
    let random = Arc::new(SeededRandom::new(2));
    let config = Config { sampling, random, ..daemon.config("shop") };
    (Recorder::new(config).expect("a recorder"), daemon)
}

#[test]
fn headers_become_remote_parents() {
    let whole = format!("Root={ROOT};Parent={PARENT}");
    for (header, is_valid, is_sampled) in [
        (format!("{whole};Sampled=1"), true, true),
        (format!("{whole};Sampled=0"), true, false),
        (format!("{whole};Sampled=?"), true, false),
        (whole.clone(), true, false),
        (format!("Root={ROOT};Sampled=0"), true, false),
        (format!("Root={ROOT}"), false, false),
        (format!("Parent={PARENT};Sampled=1"), false, false),
        (
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8".to_owned(),
            false,
            false,
        ),
        ("nonsense".to_owned(), false, false),
    ] {
        let cx = extract(&header);
        let span = cx.span().span_context().clone();
        assert_eq!((span.is_valid(), span.is_sampled()), (is_valid, is_sampled), "{header}");
        assert_eq!(span.is_remote(), is_valid, "{header}");
    }
}

#[test]
fn what_only_passes_through_goes_on_as_it_came() {
    for header in [
        format!("Root={ROOT};Parent={PARENT};Sampled=1"),
        format!("Root={ROOT};Parent={PARENT};Sampled=?"),
        format!("Root={ROOT};Parent={PARENT};Lineage=a:1|b:2;app=7"),
        format!("Root={ROOT}"),
    ] {
        assert_eq!(inject(&extract(&header)), Some(header));
    }
    assert_eq!(inject(&extract("nonsense")), None);
    assert_eq!(inject(&Context::new()), None);
    let of_a_load_balancer = format!("Root={ROOT};Parent={PARENT};Sampled=1;Self=1-67a1f2c4-12");
    let passed = inject(&extract(&of_a_load_balancer)).expect("a header");
    assert!(!passed.contains("Self"), "{passed}");
}

#[test]
fn a_function_of_lambda_continues_the_trace_of_its_invocation() {
    let propagator = XrayPropagator {
        elsewhere: Some(|| {
            Some(
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".into(),
            )
        }),
    };
    let empty = HashMap::<String, String>::new();
    let cx = propagator.extract_with_context(&Context::new(), &empty);
    assert_eq!(header_of(&cx).parent, SegmentId::parse(PARENT));
    let other = "Root=1-5759e989-bd862e3fe1be46a994272793;Parent=0000000000000001;Sampled=1";
    let cx = propagator.extract_with_context(&Context::new(), &carrier(other));
    assert_eq!(header_of(&cx).to_string(), other, "the carrier's own counts first");
    assert_eq!(propagator.fields().collect::<Vec<_>>(), ["x-amzn-trace-id"]);
}

#[test]
fn a_span_goes_below_the_header_and_tells_its_callee() {
    let tracer = tracer(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)));
    let parent = extract(&format!("Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a:1"));
    let span = tracer.start_with_context("work", &parent);
    let id = span.span_context().span_id();
    let header = inject(&parent.with_span(span)).expect("a header");
    assert_eq!(header, format!("Root={ROOT};Parent={id};Sampled=1;Lineage=a:1"));
}

#[test]
fn traces_that_begin_here_have_their_second_in_front() {
    let tracer = tracer(Sampler::AlwaysOn);
    let (one, two) = (tracer.start("one"), tracer.start("two"));
    let ids = [&one, &two].map(|span| span.span_context().trace_id().to_string());
    assert!(ids.iter().all(|id| id.starts_with("5759e988")), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    assert_ne!(one.span_context().span_id(), two.span_context().span_id());
}

#[test]
fn segments_and_spans_go_below_each_other() {
    let (recorder, daemon) = rig(Sampling::Always);
    let tracer = tracer(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)));
    let outer = recorder.begin();
    let span = tracer.start_with_context("between", &context_of(&outer));
    let (trace, id) = (span.span_context().trace_id(), span.span_context().span_id());
    assert_eq!(outer.trace_id().map(|id| id.0), Some(trace.to_bytes()));
    assert!(span.is_recording(), "it is sampled since the segment is recorded");
    let header = header_of(&Context::new().with_span(span));
    let inner = recorder.begin_request(&Incoming { header, ..Incoming::default() });
    assert_eq!(inner.trace_id(), outer.trace_id());
    drop((inner, outer));
    let documents = daemon.wait_for(2);
    assert!(documents[0].contains(&format!(r#""parent_id":"{id}""#)), "{documents:?}");
}

#[test]
fn a_segment_that_is_not_recorded_has_no_recorded_spans() {
    let (recorder, _daemon) = rig(Sampling::Never);
    let tracer = tracer(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)));
    let segment = recorder.begin();
    let span = tracer.start_with_context("below", &context_of(&segment));
    assert_eq!(segment.trace_id().map(|id| id.0), Some(span.span_context().trace_id().to_bytes()));
    assert!(!span.is_recording());
    assert!(!context_of(&crate::Context::nothing()).has_active_span());
}

#[test]
fn the_rules_of_x_ray_decide_where_the_caller_has_not() {
    let rules = r#"{"version":2,"default":{"fixed_target":0,"rate":0},"rules":[
        {"host":"*.example","http_method":"GET","url_path":"/cart/*","fixed_target":0,"rate":1}]}"#;
    let (recorder, _daemon) = rig(Sampling::local(rules).expect("rules"));
    let tracer = tracer(XraySampler::new(&recorder));
    let whole = format!("Root={ROOT};Parent={PARENT}");
    for (header, path, expected) in [
        (String::new(), "/cart/7?a=b", true),
        (String::new(), "/", false),
        (format!("{whole};Sampled=1"), "/", true),
        (format!("{whole};Sampled=0"), "/cart/7", false),
        (format!("{whole};Sampled=?"), "/cart/7", true),
        (whole, "/", false),
    ] {
        let attributes =
            [("http.host", "a.example"), ("http.method", "GET"), ("http.target", path)];
        let attributes = attributes.map(|(key, value)| KeyValue::new(key, value.to_owned()));
        let builder = tracer.span_builder("work").with_attributes(attributes);
        let span = tracer.build_with_context(builder, &extract(&header));
        assert_eq!(span.span_context().is_sampled(), expected, "{header} {path}");
    }
}
