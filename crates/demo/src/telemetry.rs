//! How the services say what they do: the one place that calls the SDK.

use std::borrow::Cow;
use std::sync::Arc;

use fluoro_sdk::segment::{self, Frame};
use fluoro_sdk::{
    Clock, Config, Context, DaemonAddress, Entity, Error, Exception, Header, Incoming, Log,
    Recorder, Resource, Sampling,
};

use crate::exchange::{Answer, CallError, Request, Trouble};
use crate::role::Role;
use crate::visitor::Visitor;

/// What a visitor's browser says of itself.
const USER_AGENT: &str = "Mozilla/5.0 (fluoro demo)";

/// Where services send what they record, and what they call it.
#[derive(Clone)]
pub(crate) struct Telemetry {
    pub(crate) daemon: DaemonAddress,
    pub(crate) clock: Arc<dyn Clock>,
    /// The value of the annotation `demo`: `live` or `history`.
    pub(crate) label: &'static str,
}

/// Records the requests of one service.
pub(crate) struct Scribe {
    role: Role,
    recorder: Recorder,
    label: &'static str,
}

impl Telemetry {
    /// Returns what records for `role`. Every request is recorded: a demo is for looking at.
    pub(crate) fn scribe(&self, role: Role) -> Result<Scribe, Error> {
        let mut config = Config::named(role.name());
        config.daemon = self.daemon.clone();
        config.clock = self.clock.clone();
        config.sampling = Sampling::Always;
        config.log = Log::silent();
        config.resource = Resource {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            origin: role.origin().map(Cow::Borrowed),
            log_groups: vec![format!("/demo/{}", role.name()).into()],
            ..Resource::default()
        };
        Ok(Scribe { role, recorder: Recorder::new(config)?, label: self.label })
    }
}

impl Scribe {
    /// Begins the segment of a request.
    pub(crate) fn begin(&self, request: &Request, visitor: &Visitor) -> Entity {
        let header = request.trace.as_deref().map(Header::parse).unwrap_or_default();
        let is_first = header.root.is_none();
        let segment = self.recorder.begin_request(&Incoming { header, ..Incoming::default() });
        segment.http_request(segment::Request {
            method: Some(request.method.into()),
            url: Some(format!("http://{}{}", self.role.host(), request.path).into()),
            user_agent: is_first.then_some(USER_AGENT.into()),
            client_ip: is_first.then(|| visitor.client_ip.clone().into()),
            ..segment::Request::default()
        });
        segment.annotate("demo", self.label);
        if Role::SHOP.contains(&self.role) {
            segment.set_user(visitor.user.clone());
            segment.annotate("tier", visitor.tier);
            segment.annotate("region", visitor.region);
        }
        segment
    }

    /// Begins the segment of a message from a queue: in a trace of its own, linked to the sender's.
    pub(crate) fn begin_message(&self, sender: &Header) -> Entity {
        let segment = self.recorder.begin();
        if let (Some(trace), Some(id)) = (sender.root, sender.parent) {
            segment.link(trace, id);
        }
        segment.annotate("demo", self.label);
        segment.announce();
        segment
    }

    /// Waits until everything is sent, for as long as a good-bye may take; returns how many
    /// documents were sent and how many were lost, ever.
    pub(crate) fn flush(&self) -> (u64, u64) {
        self.recorder.flush(std::time::Duration::from_secs(1));
        let statistics = self.recorder.statistics();
        (statistics.sent, statistics.dropped + statistics.failed + statistics.too_long)
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
