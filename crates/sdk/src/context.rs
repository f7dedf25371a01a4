//! Where in a trace the work is: what subsegments go below, what annotations go to, and what the
//! header of a call says. Each thread and each future has a current one.

mod current;

mod say;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use wire::header::Sampled;
use wire::{Header, Micros, SegmentId, TraceId};

use crate::document::{self, SUBSEGMENT};
use crate::entity::Entity;
use crate::entity::tree::{Part, Place, Tree};
use crate::recorder::Shared;
use crate::sampler::Watch;

#[cfg(feature = "tracing")]
pub(crate) use current::swap;
pub use current::{Entered, FutureExt, InContext, InEntity};

/// A place in a trace; cheap to clone.
///
/// It does not keep its segment open: what is said after that has been sent is lost, and a subsegment
/// begun then is sent on its own.
#[derive(Clone)]
pub struct Context(At);

#[derive(Clone)]
enum At {
    /// The trace is recorded.
    Recorded { trace: Arc<Trace>, place: Place },
    /// The trace is known and not recorded.
    Passing(Passing),
    /// There is no trace.
    Nothing,
}

/// What this service has recorded of one trace.
pub(crate) struct Trace {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: TraceId,
    /// The segment that this service began.
    pub(crate) segment: SegmentId,
    pub(crate) origin: Origin,
    /// The sampling rule that matched.
    pub(crate) rule: Option<Arc<str>>,
    pub(crate) tree: Mutex<Tree>,
}

/// A trace that passes through unrecorded.
#[derive(Clone)]
pub(crate) struct Passing {
    pub(crate) id: TraceId,
    /// What callees are told to be below; of no meaning when it is not recorded, but not ours to lose.
    pub(crate) parent: Option<SegmentId>,
    pub(crate) origin: Origin,
    /// What gives new ids, if parts that are not recorded have some.
    pub(crate) ids: Option<Arc<Shared>>,
}

/// What came with the request that the answer, and calls to others, depend on.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    /// The caller wants to know the decision.
    pub(crate) is_asked: bool,
    /// Parts of the header that go on untouched, each behind a `;`.
    pub(crate) rest: Option<Arc<str>>,
    /// Who counts what goes wrong.
    pub(crate) watch: Option<Arc<Watch>>,
}

impl Origin {
    pub(crate) fn of(header: &Header, watch: Option<Arc<Watch>>) -> Self {
        let is_asked = header.sampled == Some(Sampled::Asked);
        if header.lineage().is_none() && header.others().next().is_none() {
            return Self { is_asked, rest: None, watch };
        }
        let lineage = header.lineage().map(|lineage| format!(";Lineage={lineage}"));
        let rest = lineage.into_iter().chain(header.others().map(|other| format!(";{other}")));
        let rest = rest.collect::<String>();
        Self { is_asked, rest: Some(Arc::from(rest)), watch }
    }
}

impl Context {
    pub(crate) fn recorded(trace: Arc<Trace>, place: Place) -> Self {
        Self(At::Recorded { trace, place })
    }

    pub(crate) fn passing(passing: Passing) -> Self {
        Self(At::Passing(passing))
    }

    /// Returns the place of work that belongs to no trace.
    pub fn nothing() -> Self {
        Self(At::Nothing)
    }

    /// Returns whether what is said here is recorded.
    pub fn is_recorded(&self) -> bool {
        matches!(self.0, At::Recorded { .. })
    }

    /// Returns whether there is no trace at all.
    pub fn is_nothing(&self) -> bool {
        matches!(self.0, At::Nothing)
    }

    /// Returns the trace.
    pub fn trace_id(&self) -> Option<TraceId> {
        match &self.0 {
            At::Recorded { trace, .. } => Some(trace.id),
            At::Passing(passing) => Some(passing.id),
            At::Nothing => None,
        }
    }

    /// Returns the id of the segment or subsegment, or of the caller where none is recorded.
    pub fn id(&self) -> Option<SegmentId> {
        match &self.0 {
            At::Recorded { place, .. } => Some(place.id),
            At::Passing(passing) => passing.parent,
            At::Nothing => None,
        }
    }

    /// Begins a subsegment here, now.
    pub fn begin(&self, name: impl Into<Cow<'static, str>>) -> Entity {
        Entity::new(self.begin_part(name.into(), None))
    }

    /// Begins a subsegment that began at a time measured elsewhere.
    pub fn begin_at(&self, name: impl Into<Cow<'static, str>>, start: Micros) -> Entity {
        Entity::new(self.begin_part(name.into(), Some(start)))
    }

    /// Begins a subsegment for a call to another service, named by its host or its own name.
    pub fn begin_remote(&self, name: impl Into<Cow<'static, str>>) -> Entity {
        self.begin_in(name, "remote")
    }

    /// Begins a subsegment for a call to an AWS service, such as `DynamoDB`.
    pub fn begin_aws(&self, service: impl Into<Cow<'static, str>>) -> Entity {
        self.begin_in(service, "aws")
    }

    fn begin_in(&self, name: impl Into<Cow<'static, str>>, namespace: &'static str) -> Entity {
        let entity = self.begin(name);
        entity.set_namespace(namespace);
        entity
    }

    fn begin_part(&self, name: Cow<'static, str>, start: Option<Micros>) -> Self {
        match &self.0 {
            At::Recorded { trace, place } => {
                let shared = &trace.shared;
                let start = start.unwrap_or_else(|| shared.clock.now());
                let mut part = document::begin(shared.segment_id(), sub_name(name), start);
                part.kind = Some(SUBSEGMENT);
                let place = crate::lock(&trace.tree).begin(*place, part);
                Self(At::Recorded { trace: trace.clone(), place })
            }
            At::Passing(passing) => {
                let mut below = passing.clone();
                // What goes wrong below may be made good above; the segment will say.
                below.origin.watch = None;
                if let Some(shared) = &below.ids {
                    below.parent = Some(shared.segment_id());
                }
                Self(At::Passing(below))
            }
            At::Nothing => Self::nothing(),
        }
    }

    pub(crate) fn end(&self) {
        if let At::Recorded { trace, .. } = &self.0 {
            self.end_at(trace.shared.clock.now());
        }
    }

    pub(crate) fn end_at(&self, end: Micros) {
        let At::Recorded { trace, place } = &self.0 else { return };
        let finished = crate::lock(&trace.tree).end(*place, end);
        for mut document in finished {
            document.rule.clone_from(&trace.rule);
            trace.shared.emitter.put(document);
        }
    }

    /// Sends what is known of an open segment or subsegment, without what is below it, so that
    /// others see that it has begun.
    pub fn announce(&self) {
        let At::Recorded { trace, place } = &self.0 else { return };
        let document = crate::lock(&trace.tree).announce(*place);
        if let Some(mut document) = document {
            document.rule.clone_from(&trace.rule);
            trace.shared.emitter.put(document);
        }
    }

    /// Returns the header that a call from here brings along, under [`Header::NAME`]; `None` when
    /// there is no trace.
    pub fn header(&self) -> Option<String> {
        let (id, parent, sampled, origin) = match &self.0 {
            At::Recorded { trace, place } => (trace.id, Some(place.id), '1', &trace.origin),
            At::Passing(passing) => (passing.id, passing.parent, '0', &passing.origin),
            At::Nothing => return None,
        };
        let rest = origin.rest.as_deref().unwrap_or("");
        Some(match parent {
            Some(parent) => format!("Root={id};Parent={parent};Sampled={sampled}{rest}"),
            None => format!("Root={id};Sampled={sampled}{rest}"),
        })
    }

    /// Returns the same for callees that know W3C's `traceparent`; `None` when there is no trace.
    ///
    /// That header is void without a parent. Where nothing is recorded there may be none, and one is
    /// made up, so that the callee does not begin a trace of its own.
    pub fn traceparent(&self) -> Option<String> {
        let trace = self.trace_id()?;
        let parent = self.id().unwrap_or_else(|| unrecorded_parent(trace));
        Some(format!("00-{}-{parent}-{:02x}", trace.w3c(), u8::from(self.is_recorded())))
    }

    /// Returns the header of the answer to a request whose segment this is: the trace, and the
    /// decision if the caller asked for it; `None` when there is no trace.
    ///
    /// Source: the response header of Java's and Python's SDK.
    pub fn response_header(&self) -> Option<String> {
        let id = self.trace_id()?;
        let origin = self.origin()?;
        Some(match (origin.is_asked, self.is_recorded()) {
            (false, _) => format!("Root={id}"),
            (true, true) => format!("Root={id};Sampled=1"),
            (true, false) => format!("Root={id};Sampled=0"),
        })
    }

    fn origin(&self) -> Option<&Origin> {
        match &self.0 {
            At::Recorded { trace, .. } => Some(&trace.origin),
            At::Passing(passing) => Some(&passing.origin),
            At::Nothing => None,
        }
    }

    /// Returns who counts what goes wrong with the segment, if this is it.
    fn watch(&self) -> Option<&Watch> {
        match &self.0 {
            At::Recorded { trace, place } if trace.segment != place.id => None,
            _ => self.origin()?.watch.as_deref(),
        }
    }

    /// Changes the segment, or the part itself when its segment is not here any more.
    fn change_segment(&self, change: impl FnOnce(&mut Part)) {
        let At::Recorded { trace, place } = &self.0 else { return };
        crate::lock(&trace.tree).segment_or(*place).map(change);
    }

    /// Changes the part, if it is recorded and has not been sent.
    fn change<T>(&self, change: impl FnOnce(&mut Part) -> T) -> Option<T> {
        let At::Recorded { trace, place } = &self.0 else { return None };
        crate::lock(&trace.tree).part(*place).map(change)
    }
}

/// Returns the id of a parent that is not recorded, for headers that must have one: the same for all
/// of a trace.
pub(crate) fn unrecorded_parent(TraceId(id): TraceId) -> SegmentId {
    let [.., a, b, c, d, e, f, g, h] = id;
    SegmentId(u64::from_be_bytes([a, b, c, d, e, f, g, h]).max(1))
}

/// Returns a name that a subsegment may have.
fn sub_name(name: Cow<'static, str>) -> Cow<'static, str> {
    crate::name::sanitize(name)
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.header() {
            Some(header) => write!(f, "Context({header})"),
            None => f.write_str("Context(nothing)"),
        }
    }
}

#[cfg(test)]
mod tests;
