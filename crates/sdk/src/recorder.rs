//! The recorder: begins segments, asks the sampler which of them to record, and hands what is
//! finished to the emitter. An application has one, and gives it to the layers it uses.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wire::header::Sampled;
use wire::{Clock, Header, Micros, SegmentId, TraceId};

use crate::config::{Config, ContextMissing};
use crate::context::{Context, Origin, Passing, Trace};
use crate::document;
use crate::emitter::{Emitter, Statistics};
use crate::entity::Entity;
use crate::entity::tree::{Place, Tree};
use crate::error::Error;
use crate::log::Log;
use crate::name::{Naming, sanitize};
use crate::resource::Resource;
use crate::sampler::{Decision, Question, Sampler};
use crate::system::Random;

/// Begins segments and sends what is finished; cheap to clone.
///
/// When the last clone is gone, and with it every segment, waiting documents are still sent, for a
/// second at most.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// What a recorder and its segments have in common.
pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) emitter: Emitter,
    random: Arc<dyn Random>,
    naming: Naming,
    resource: Arc<Resource>,
    sampler: Sampler,
    context_missing: ContextMissing,
    streaming_threshold: usize,
    enabled: bool,
    noop_ids: bool,
    collect_sql_queries: bool,
    lambda: bool,
    invocation_header: fn() -> Option<String>,
    log: Log,
}

/// A request, or other work, for which a segment begins.
#[derive(Clone, Debug, Default)]
pub struct Incoming<'r> {
    /// The trace header that came along; the empty one begins a trace.
    pub header: Header,
    /// The segment's name, where it is not what the settings say.
    pub name: Option<&'r str>,
    /// The `Host` header.
    pub host: Option<&'r str>,
    /// The method.
    pub method: Option<&'r str>,
    /// The path, without the query.
    pub path: Option<&'r str>,
    /// When the work began, where it is not now.
    pub start: Option<Micros>,
}

impl Shared {
    pub(crate) fn segment_id(&self) -> SegmentId {
        SegmentId(self.random.bits())
    }

    fn trace_id(&self, now: Micros) -> TraceId {
        let random = u128::from(self.random.bits()) << 64 | u128::from(self.random.bits());
        TraceId::new(u32::try_from(now.0 / Micros::PER_SECOND).unwrap_or(u32::MAX), random)
    }
}

impl Recorder {
    /// Starts a recorder: a thread that sends documents and, if rules are asked for, one that fetches
    /// them. Nothing waits for a daemon, and none need be there.
    ///
    /// # Errors
    /// `Error::LocalRules` when the local rules cannot be used, `Error::Thread` when the system
    /// refuses a thread.
    pub fn new(config: Config) -> Result<Self, Error> {
        let resource = Arc::new(config.resource.clone());
        let sampler = Sampler::start(&config)?;
        let emitter = Emitter::start(&config, resource.clone())?;
        let shared = Shared {
            clock: config.clock,
            emitter,
            random: config.random,
            naming: config.naming,
            resource,
            sampler,
            context_missing: config.context_missing,
            streaming_threshold: config.streaming_threshold,
            enabled: config.enabled,
            noop_ids: config.noop_ids,
            collect_sql_queries: config.collect_sql_queries,
            lambda: config.lambda,
            invocation_header: config.invocation_header,
            log: config.log,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Begins a segment for work that nobody asked for over the network, such as a job.
    pub fn begin(&self) -> Entity {
        self.begin_request(&Incoming::default())
    }

    /// Begins the segment of a request.
    ///
    /// The header decides whether it is recorded, if it says so; the sampling rules otherwise.
    pub fn begin_request(&self, request: &Incoming<'_>) -> Entity {
        let shared = &self.shared;
        if !shared.enabled {
            return Entity::nothing();
        }
        let name = request.name.or_else(|| shared.naming.of_host(request.host));
        // Of a request that its caller decided against, nobody needs the time.
        let mut time = request.start;
        let mut now = || *time.get_or_insert_with(|| shared.clock.now());
        let decision = self.decide(request, name, &mut now);
        let origin = Origin::of(&request.header, decision.watch);
        let id = request.header.root.unwrap_or_else(|| shared.trace_id(now()));
        if !decision.is_sampled {
            let ids = (!shared.noop_ids).then(|| shared.clone());
            let parent = match &ids {
                Some(shared) => Some(shared.segment_id()),
                None => request.header.parent,
            };
            return Entity::new(Context::passing(Passing { id, parent, origin, ids }));
        }
        let name = name.unwrap_or(&shared.naming.fixed);
        let name = Cow::Owned(sanitize(Cow::Borrowed(name)).into_owned());
        let mut segment = document::begin(shared.segment_id(), name, now());
        segment.parent_id = request.header.parent;
        let mut tree = Tree::new(id, shared.streaming_threshold);
        let place = tree.plant(segment);
        Entity::new(self.context(id, origin, decision.rule, tree, place))
    }

    /// Returns whether a request would be recorded, and counts it as one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn would_record(&self, request: &Incoming<'_>) -> bool {
        let shared = &self.shared;
        let name = request.name.or_else(|| shared.naming.of_host(request.host));
        shared.enabled && self.decide(request, name, || shared.clock.now()).is_sampled
    }

    fn decide(
        &self,
        request: &Incoming<'_>,
        name: Option<&str>,
        now: impl FnOnce() -> Micros,
    ) -> Decision {
        let shared = &self.shared;
        let question = Question {
            host: request.host,
            method: request.method,
            path: request.path,
            service: name.unwrap_or(&shared.naming.fixed),
            origin: shared.resource.origin(),
        };
        match request.header.sampled {
            Some(Sampled::Yes) => shared.sampler.follow(true, &question, now),
            Some(Sampled::No) => shared.sampler.follow(false, &question, now),
            Some(Sampled::Asked) | None => shared.sampler.decide(&question, now(), &*shared.random),
        }
    }

    fn context(
        &self,
        id: TraceId,
        origin: Origin,
        rule: Option<Arc<str>>,
        tree: Tree,
        place: Place,
    ) -> Context {
        let shared = self.shared.clone();
        let segment = place.id;
        let trace = Trace { shared, id, segment, origin, rule, tree: Mutex::new(tree) };
        Context::recorded(Arc::new(trace), place)
    }

    /// Begins work inside of a Lambda function, whose segment the platform sends: subsegments go
    /// below the one that `header` names, and each is sent as soon as it ends.
    ///
    /// The header is that of the invocation, see also [`Recorder::begin_current_invocation`]. Without a trace, a parent and the decision to record,
    /// nothing is recorded.
    pub fn begin_invocation(&self, header: &Header) -> Entity {
        let shared = &self.shared;
        let (true, Some(id)) = (shared.enabled, header.root) else { return Entity::nothing() };
        let origin = Origin::of(header, None);
        match (header.parent, header.sampled) {
            (Some(parent), Some(Sampled::Yes)) => {
                let tree = Tree::new(id, shared.streaming_threshold);
                Entity::new(self.context(id, origin, None, tree, Place::outside(parent)))
            }
            (parent, _) => Entity::new(Context::passing(Passing { id, parent, origin, ids: None })),
        }
    }

    /// As [`Recorder::begin_invocation`], with the header that the platform has put into
    /// `_X_AMZN_TRACE_ID` for the invocation. Not recorded outside of Lambda.
    pub fn begin_current_invocation(&self) -> Entity {
        self.current_invocation().unwrap_or_else(Entity::nothing)
    }

    /// Returns what work belongs to that has no context of its own: in Lambda the invocation, `None`
    /// elsewhere.
    pub(crate) fn current_invocation(&self) -> Option<Entity> {
        let header = self.shared.lambda.then(self.shared.invocation_header).flatten()?;
        Some(self.begin_invocation(&Header::parse(&header)))
    }

    /// Begins a subsegment of the current segment; in Lambda, without one, of the invocation's.
    ///
    /// # Errors
    /// `Error::ContextMissing` when there is none and the strategy is `RuntimeError`; with the other
    /// strategies the work goes on unrecorded.
    pub fn subsegment(&self, name: impl Into<Cow<'static, str>>) -> Result<Entity, Error> {
        let name = name.into();
        let current = Context::current();
        if !current.is_nothing() || !self.shared.enabled {
            return Ok(current.begin(name));
        }
        if let Some(invocation) = self.current_invocation() {
            return Ok(invocation.begin(name));
        }
        match self.shared.context_missing {
            ContextMissing::RuntimeError => Err(Error::ContextMissing { name: name.into_owned() }),
            ContextMissing::LogError => {
                let now = self.shared.clock.now();
                self.shared.log.say(now, &format!("there is no segment for {name} to belong to"));
                Ok(Entity::nothing())
            }
            ContextMissing::IgnoreError => Ok(Entity::nothing()),
        }
    }

    /// Returns whether queries are to be recorded with their text.
    pub fn collects_sql_queries(&self) -> bool {
        self.shared.collect_sql_queries
    }

    /// Returns what has been sent and lost so far.
    pub fn statistics(&self) -> Statistics {
        self.shared.emitter.statistics()
    }

    /// Waits until everything that is finished has been sent, or `timeout` has passed; returns
    /// whether it has been sent.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.shared.emitter.flush(timeout)
    }

    /// Asks the server for sampling rules and targets now, rather than when they are due; false when
    /// nobody answers, or the settings do not ask for its rules. Waits for the answer.
    pub fn refresh_sampling(&self) -> bool {
        self.shared.sampler.refresh(self.now())
    }

    /// Returns the time by the recorder's clock.
    pub fn now(&self) -> Micros {
        self.shared.clock.now()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("naming", &self.shared.naming).finish_non_exhaustive()
    }
}
