//! OpenTelemetry beside this crate: a propagator, an id generator and a sampler, so that programs of
//! both kinds are in one trace; and the way from a segment to a span's context and back.
//!
//! In a program of OpenTelemetry, five lines let it speak X-Ray:
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! use fluoro_sdk::otel::{XrayIdGenerator, XrayPropagator, XraySampler};
//!
//! let recorder = fluoro_sdk::Recorder::new(fluoro_sdk::Config::from_env("shop")?)?;
//! let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
//!     .with_id_generator(XrayIdGenerator::new())
//!     .with_sampler(XraySampler::new(&recorder))
//!     .build();
//! opentelemetry::global::set_text_map_propagator(XrayPropagator::new());
//! # drop(provider);
//! # Ok(())
//! # }
//! ```
//!
//! Where both are in one program, [`header_of`] lets a segment continue the trace of a span, and
//! [`context_of`] lets spans go below a segment:
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! use fluoro_sdk::{Config, Incoming, Recorder, otel};
//!
//! let recorder = Recorder::new(Config::from_env("shop")?)?;
//! let header = otel::header_of(&opentelemetry::Context::current());
//! let segment = recorder.begin_request(&Incoming { header, ..Incoming::default() });
//! let _below_the_segment = otel::context_of(&segment).attach();
//! # Ok(())
//! # }
//! ```
//!
//! | header | becomes |
//! |---|---|
//! | `Root` and `Parent` | the trace and the span of a remote parent |
//! | `Sampled=1`, `Sampled=0` | the flag `sampled` |
//! | `Sampled=?`, or none | no flag; [`XraySampler`] decides, any other sampler sees a parent that is not sampled |
//! | `Root` alone, as load balancers send it | no parent: OpenTelemetry begins a trace of its own |
//! | `Lineage` and others | kept, and sent on |

use std::fmt;
use std::sync::{Arc, LazyLock};

use ::opentelemetry::propagation::text_map_propagator::FieldIter;
use ::opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use ::opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use ::opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{IdGenerator, SamplingDecision, SamplingResult, ShouldSample};
use wire::header::Sampled;
use wire::{Clock, Header, Micros, SegmentId};

use crate::config;
use crate::context::unrecorded_parent;
use crate::recorder::{Incoming, Recorder};
use crate::system::{Random, SystemClock, SystemRandom};

/// What the propagator reads and writes.
static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [Header::NAME.to_lowercase()]);

/// The header that a context was extracted from; what a span's own context has no room for goes on
/// with it.
struct Carried(Header);

/// Returns the header that a call from `cx` brings along, or that a segment below it continues.
pub fn header_of(cx: &Context) -> Header {
    let carried = cx.get::<Carried>().map(|carried| &carried.0);
    let span = cx.span();
    let span = span.span_context();
    if !span.is_valid() {
        return carried.cloned().unwrap_or_default();
    }
    let root = Some(wire::TraceId(span.trace_id().to_bytes()));
    let parent = Some(SegmentId(u64::from_be_bytes(span.span_id().to_bytes())));
    let mut header = carried.cloned().unwrap_or_default();
    // Whoever only passes a request through does not decide for it.
    let is_passed_through = (header.root, header.parent) == (root, parent);
    if !is_passed_through {
        header.sampled = Some(if span.is_sampled() { Sampled::Yes } else { Sampled::No });
    }
    (header.root, header.parent) = (root, parent);
    header
}

/// Returns the current context of OpenTelemetry with `context` as its remote parent: spans that begin
/// there go below the segment or subsegment, and are sampled if it is recorded.
pub fn context_of(context: &crate::Context) -> Context {
    let header = context.header().map(|header| Header::parse(&header)).unwrap_or_default();
    continued(&Context::current(), &header)
}

/// Returns `cx` with the trace of `header`; unchanged when there is none.
fn continued(cx: &Context, header: &Header) -> Context {
    let Some(root) = header.root.filter(|root| root.0 != [0; 16]) else { return cx.clone() };
    let cx = cx.with_value(Carried(without_self(header)));
    let is_dropped = header.sampled == Some(Sampled::No);
    let parent = header.parent.filter(|parent| parent.0 != 0);
    let parent = parent.or_else(|| is_dropped.then(|| unrecorded_parent(root)));
    let Some(parent) = parent else { return cx };
    cx.with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(root.0),
        SpanId::from_bytes(parent.0.to_be_bytes()),
        TraceFlags::default().with_sampled(header.sampled == Some(Sampled::Yes)),
        true,
        TraceState::NONE,
    ))
}

/// Returns a header without what a load balancer said of itself, which is for the next one only.
fn without_self(header: &Header) -> Header {
    let lineage = header.lineage().map(|lineage| format!("Lineage={lineage}"));
    let rest: Vec<String> = lineage.into_iter().chain(header.others().map(str::to_owned)).collect();
    let mut kept = Header::parse(&rest.join(";"));
    (kept.root, kept.parent, kept.sampled) = (header.root, header.parent, header.sampled);
    kept
}

/// Reads and writes `X-Amzn-Trace-Id`.
#[derive(Clone, Default)]
pub struct XrayPropagator {
    /// Where the header is when the carrier has none.
    elsewhere: Option<fn() -> Option<String>>,
}

impl XrayPropagator {
    /// Returns a propagator for services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a propagator for Lambda functions: where a carrier has no header, that of the
    /// invocation counts, which the platform puts into `_X_AMZN_TRACE_ID`.
    pub fn for_lambda() -> Self {
        Self { elsewhere: Some(config::invocation_header) }
    }
}

impl TextMapPropagator for XrayPropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let header = header_of(cx);
        if header.root.is_some() {
            injector.set(&FIELDS[0], header.to_string());
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let header = extractor.get(&FIELDS[0]).map(Header::parse);
        let header = header.filter(|header| header.root.is_some()).or_else(|| {
            let text = self.elsewhere.and_then(|elsewhere| elsewhere());
            text.map(|text| Header::parse(&text))
        });
        header.map_or_else(|| cx.clone(), |header| continued(cx, &header))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}

impl fmt::Debug for XrayPropagator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XrayPropagator").finish_non_exhaustive()
    }
}

/// Makes ids that X-Ray takes: the first 32 bits of a trace's are the second in which it began.
#[derive(Clone)]
pub struct XrayIdGenerator {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl XrayIdGenerator {
    /// Returns a generator with the system's clock and randomness.
    pub fn new() -> Self {
        Self::of(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// Returns a generator with a clock and randomness of one's own.
    pub fn of(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }
}

impl Default for XrayIdGenerator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for XrayIdGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XrayIdGenerator").finish_non_exhaustive()
    }
}

impl IdGenerator for XrayIdGenerator {
    fn new_trace_id(&self) -> TraceId {
        let random = u128::from(self.random.bits()) << 64 | u128::from(self.random.bits());
        let second = u32::try_from(self.clock.now().0 / Micros::PER_SECOND).unwrap_or(u32::MAX);
        TraceId::from_bytes(wire::TraceId::new(second, random).0)
    }

    fn new_span_id(&self) -> SpanId {
        // Zero is no id.
        SpanId::from_bytes(self.random.bits().max(1).to_be_bytes())
    }
}

/// Samples by the rules of X-Ray: as the parent was, or else by those of a recorder's sampler.
///
/// What the rules compare is taken from the attributes with which a span begins: `server.address` or
/// `http.host`, `http.request.method` or `http.method`, `url.path` or `http.target`.
#[derive(Clone, Debug)]
pub struct XraySampler {
    recorder: Recorder,
}

impl XraySampler {
    /// Returns a sampler that asks the rules of `recorder`, and counts with it.
    pub fn new(recorder: &Recorder) -> Self {
        Self { recorder: recorder.clone() }
    }

    fn is_sampled(&self, parent: Option<&Context>, attributes: &[KeyValue]) -> bool {
        let header = parent.filter(|cx| cx.span().span_context().is_valid()).map(header_of);
        let find = |names: [&str; 2]| {
            let known = attributes.iter().find(|it| names.contains(&it.key.as_str()));
            known.map(|it| it.value.as_str())
        };
        let host = find(["server.address", "http.host"]);
        let method = find(["http.request.method", "http.method"]);
        let target = find(["url.path", "http.target"]);
        let request = Incoming {
            header: header.unwrap_or_default(),
            host: host.as_deref(),
            method: method.as_deref(),
            path: target.as_deref().and_then(|target| target.split('?').next()),
            ..Incoming::default()
        };
        self.recorder.would_record(&request)
    }
}

impl ShouldSample for XraySampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        _trace_id: TraceId,
        _name: &str,
        _span_kind: &SpanKind,
        attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let is_sampled = self.is_sampled(parent_context, attributes);
        let state = parent_context.map(|cx| cx.span().span_context().trace_state().clone());
        SamplingResult {
            decision: match is_sampled {
                true => SamplingDecision::RecordAndSample,
                false => SamplingDecision::Drop,
            },
            attributes: Vec::new(),
            trace_state: state.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
