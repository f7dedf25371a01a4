//! How the services say what they do: the one place that calls the SDK.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use fluoro_sdk::segment::{self, Frame};
use fluoro_sdk::{
    Clock, Config, Context, DaemonAddress, Entity, Exception, Header, Incoming, LocalRules, Log,
    Micros, Recorder, Resource, Sampling,
};
use wire::header::Sampled;

use crate::error::Error;
use crate::exchange::{Answer, CallError, Request, Trouble};
use crate::role::Role;
use crate::visitor::Visitor;

/// What a visitor's browser says of itself.
const USER_AGENT: &str = "Mozilla/5.0 (fluoro demo)";

/// How far ahead a wrong clock is, in microseconds.
const AHEAD_MICROS: u64 = 3 * Micros::PER_SECOND;

/// Where services send what they record, and what they call it.
#[derive(Clone)]
pub(crate) struct Telemetry {
    daemon: DaemonAddress,
    clock: Arc<dyn Clock>,
    /// The value of the annotation `demo`.
    label: &'static str,
    /// Whether the server's sampling rules decide; `None` where there is nobody to ask for them.
    is_sampled_by_rules: Option<Arc<AtomicBool>>,
    /// Takes what is lost: nobody reads what comes there.
    nowhere: Arc<UdpSocket>,
}

/// Records the requests of one service.
pub(crate) struct Scribe {
    role: Role,
    telemetry: Telemetry,
    recorder: Recorder,
    /// The same by a clock that is wrong.
    ahead: Option<Recorder>,
    /// Records what does not reach the daemon.
    lost: Recorder,
    lost_count: AtomicU64,
}

/// What happens to the record of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It comes to the daemon.
    Usual,
    /// Its times are by a clock that is wrong, if the service has one.
    Ahead,
    /// It does not come to the daemon.
    Lost,
}

/// A clock that is ahead.
struct Ahead(Arc<dyn Clock>);

impl Clock for Ahead {
    fn now(&self) -> Micros {
        Micros(self.0.now().0.saturating_add(AHEAD_MICROS))
    }
}

impl Telemetry {
    /// Returns what records the present, and all of it until the server's sampling rules decide.
    ///
    /// # Errors
    /// `Error::Port` when the system has no port left.
    pub(crate) fn live(
        daemon: DaemonAddress,
        clock: Arc<dyn Clock>,
        is_sampled_by_rules: Arc<AtomicBool>,
    ) -> Result<Self, Error> {
        Self::new(daemon, clock, "live", Some(is_sampled_by_rules))
    }

    /// Returns what records all of a past.
    ///
    /// # Errors
    /// `Error::Port` when the system has no port left.
    pub(crate) fn past(daemon: DaemonAddress, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::new(daemon, clock, "history", None)
    }

    fn new(
        daemon: DaemonAddress,
        clock: Arc<dyn Clock>,
        label: &'static str,
        is_sampled_by_rules: Option<Arc<AtomicBool>>,
    ) -> Result<Self, Error> {
        let nowhere = Arc::new(UdpSocket::bind("127.0.0.1:0").map_err(Error::Port)?);
        Ok(Self { daemon, clock, label, is_sampled_by_rules, nowhere })
    }

    /// Returns what records for each of `roles` that sends segments.
    ///
    /// # Errors
    /// `Error::Port` and `Error::Recorder` when the system has no port or thread left.
    pub(crate) fn scribes(&self, roles: &[Role]) -> Result<BTreeMap<Role, Scribe>, Error> {
        let lost = self.lost()?;
        let traced = roles.iter().filter(|role| role.is_traced());
        traced.map(|&role| Ok((role, self.scribe(role, lost.clone())?))).collect()
    }

    fn scribe(&self, role: Role, lost: Recorder) -> Result<Scribe, Error> {
        let start = |config| Recorder::new(config).map_err(Error::Recorder);
        let recorder = start(self.config(role))?;
        let ahead = role == Role::WITH_BAD_CLOCK;
        let ahead = ahead.then(|| {
            let clock: Arc<dyn Clock> = Arc::new(Ahead(self.clock.clone()));
            start(Config { clock, ..self.config(role) })
        });
        let ahead = ahead.transpose()?;
        let telemetry = self.clone();
        Ok(Scribe { role, telemetry, recorder, ahead, lost, lost_count: AtomicU64::new(0) })
    }

    fn lost(&self) -> Result<Recorder, Error> {
        let address = self.nowhere.local_addr().map_err(Error::Port)?.to_string();
        let mut config = Config::named("lost");
        config.daemon = DaemonAddress { udp: address.clone(), tcp: address };
        config.clock = self.clock.clone();
        config.sampling = Sampling::Always;
        config.log = Log::silent();
        Recorder::new(config).map_err(Error::Recorder)
    }

    fn config(&self, role: Role) -> Config {
        let mut config = Config::named(role.name());
        config.daemon = self.daemon.clone();
        config.clock = self.clock.clone();
        config.sampling = match self.is_sampled_by_rules {
            Some(_) if role.begins_traces() => Sampling::Central(LocalRules::default()),
            _ => Sampling::Always,
        };
        config.log = Log::silent();
        config.resource = Resource {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            origin: role.origin().map(Cow::Borrowed),
            log_groups: vec![format!("/demo/{}", role.name()).into()],
            ..Resource::default()
        };
        config
    }
}

impl Scribe {
    /// Begins the segment of a request.
    pub(crate) fn begin(&self, request: &Request, visitor: &Visitor, fate: Fate) -> Entity {
        let header = request.trace.as_deref().map(Header::parse).unwrap_or_default();
        let is_first = header.root.is_none();
        let host = self.role.host();
        let segment = self.recorder(fate).begin_request(&Incoming {
            header: self.decided(header),
            host: Some(&host),
            method: Some(request.method),
            path: Some(&request.path),
            ..Incoming::default()
        });
        segment.http_request(segment::Request {
            method: Some(request.method.into()),
            url: Some(format!("http://{host}{}", request.path).into()),
            user_agent: is_first.then_some(USER_AGENT.into()),
            client_ip: is_first.then(|| visitor.client_ip.clone().into()),
            ..segment::Request::default()
        });
        segment.annotate("demo", self.telemetry.label);
        if Role::SHOP.contains(&self.role) {
            segment.set_user(visitor.user.clone());
            segment.annotate("tier", visitor.tier);
            segment.annotate("region", visitor.region);
        }
        segment
    }

    /// Begins the segment of a message from a queue: in a trace of its own, linked to the sender's,
    /// and recorded if that is.
    pub(crate) fn begin_message(&self, sender: &Header, fate: Fate) -> Entity {
        let mut header = Header::default();
        header.sampled = sender.sampled;
        let incoming = Incoming { header: self.decided(header), ..Incoming::default() };
        let segment = self.recorder(fate).begin_request(&incoming);
        if let (Some(trace), Some(id)) = (sender.root, sender.parent) {
            segment.link(trace, id);
        }
        segment.annotate("demo", self.telemetry.label);
        segment.announce();
        segment
    }

    /// Returns the header with a decision, unless the server's rules are to make one.
    fn decided(&self, mut header: Header) -> Header {
        let rules = self.telemetry.is_sampled_by_rules.as_ref();
        if !rules.is_some_and(|rules| rules.load(Ordering::Relaxed)) {
            header.sampled.get_or_insert(Sampled::Yes);
        }
        header
    }

    fn recorder(&self, fate: Fate) -> &Recorder {
        match fate {
            Fate::Usual => &self.recorder,
            Fate::Ahead => self.ahead.as_ref().unwrap_or(&self.recorder),
            Fate::Lost => {
                self.lost_count.fetch_add(1, Ordering::Relaxed);
                &self.lost
            }
        }
    }

    /// Asks the server for its sampling rules, if this service begins traces. Waits for the answer.
    pub(crate) fn refresh_sampling(&self) {
        self.recorder.refresh_sampling();
    }

    /// Returns the time by the service's clock.
    pub(crate) fn now(&self) -> Micros {
        self.recorder.now()
    }

    /// Waits until everything is sent, for as long as a good-bye may take; returns how many
    /// documents were sent and how many were lost, ever.
    pub(crate) fn flush(&self) -> (u64, u64) {
        let mut counts = (0, self.lost_count.load(Ordering::Relaxed));
        for recorder in [&self.recorder].into_iter().chain(&self.ahead) {
            recorder.flush(std::time::Duration::from_secs(1));
            let statistics = recorder.statistics();
            counts.0 += statistics.sent;
            counts.1 += statistics.dropped + statistics.failed + statistics.too_long;
        }
        counts
    }
}

/// Says how a request was answered.
pub(crate) fn answered(segment: &Context, answer: &Answer) {
    segment.http_response(answer.status, Some(answer.body.len() as u64));
    if let Some(trouble) = &answer.trouble {
        segment.record_exception(exception(trouble));
    }
}

/// Begins the subsegment of a call.
pub(crate) fn call(from: &Context, to: Role, method: &'static str, path: &str) -> Entity {
    let part = from.begin_remote(to.name());
    part.http_request(segment::Request {
        method: Some(method.into()),
        url: Some(format!("http://{}{path}", to.host()).into()),
        ..segment::Request::default()
    });
    part
}

/// Begins the subsegment of a query.
pub(crate) fn query(from: &Context, query: &'static str) -> Entity {
    let part = from.begin_remote(Role::Database.name());
    part.sql(segment::Sql {
        url: Some("postgresql://orders-db.example:5432/shop".into()),
        sanitized_query: Some(query.into()),
        database_type: Some("PostgreSQL".into()),
        database_version: Some("17.2".into()),
        user: Some("orders".into()),
        connection_string: None,
        driver_version: None,
        preparation: Some("statement".into()),
        others: Vec::new(),
    });
    part
}

/// Begins the subsegment of a call to a table.
pub(crate) fn table(from: &Context, operation: &'static str, table: &'static str) -> Entity {
    let part = from.begin_aws("DynamoDB");
    part.aws(|aws| {
        aws.operation = Some(operation.into());
        aws.table_name = Some(table.into());
        aws.region = Some("eu-central-1".into());
    });
    part
}

/// Begins the subsegment of a call to the queue.
pub(crate) fn queue(from: &Context, operation: &'static str) -> Entity {
    let part = from.begin_aws("SQS");
    part.aws(|aws| {
        aws.operation = Some(operation.into());
        aws.queue_url =
            Some("https://sqs.eu-central-1.amazonaws.com/000000000000/shop-orders".into());
        aws.region = Some("eu-central-1".into());
    });
    part
}

/// Says how a call went.
pub(crate) fn called(part: &Context, outcome: &Result<Answer, CallError>) {
    match outcome {
        Ok(answer) => part.http_response(answer.status, Some(answer.body.len() as u64)),
        Err(error) => {
            part.record_exception(Exception::new(error.kind(), error.to_string()));
        }
    }
}

fn exception(trouble: &Trouble) -> Exception {
    let mut exception = Exception::new(trouble.kind, trouble.message.clone());
    exception.stack = trouble
        .stack
        .iter()
        .map(|(path, line, function)| Frame {
            path: Some((*path).into()),
            line: Some(i64::from(*line)),
            label: Some((*function).into()),
            others: Vec::new(),
        })
        .collect();
    exception
}
