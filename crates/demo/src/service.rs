//! One service at work: its segment begins, its code runs, its answer is recorded.

use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use fluoro_sdk::{Context, Entity, Header, Micros};

use crate::exchange::{Answer, CallError, Request, Trouble};
use crate::fault::Fault;
use crate::logs::{Level, Line};
use crate::role::Role;
use crate::telemetry::{self, Fate, Scribe};
use crate::visitor::{self, Visitor};
use crate::world::{Message, World};
use crate::{backing, pair, shop};

/// How long a caller waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Segments in a hundred that are lost when some are.
const LOST_PERCENT: u32 = 10;

/// One request in the hands of one service.
pub(crate) struct Visit<'w> {
    pub(crate) world: &'w World,
    pub(crate) role: Role,
    pub(crate) request: Request,
    pub(crate) visitor: Visitor,
    /// The service's segment, or nothing if it has none.
    pub(crate) segment: Context,
}

/// Answers a request.
///
/// The future is boxed since in a made-up past services call each other.
pub(crate) fn answer(
    world: &World,
    role: Role,
    request: Request,
) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
    let visitor = Visitor::of(world.seed, request.number);
    let scribe = world.scribes.get(&role);
    let fate = fate(world, role, request.number);
    let entity = scribe.map_or_else(Entity::nothing, |it| it.begin(&request, &visitor, fate));
    let visit = Visit { world, role, request, visitor, segment: entity.context() };
    Box::pin(async move {
        let begin = scribe.map(Scribe::now);
        let answer = handle(&visit).await;
        telemetry::answered(&entity, &answer);
        let end = scribe.map(Scribe::now);
        visit.say_answer(&answer, end.unwrap_or_default().since(begin.unwrap_or_default()));
        answer
    })
}

/// Returns what happens to the record of a request.
fn fate(world: &World, role: Role, number: u64) -> Fate {
    if world.has(Fault::PacketLoss) && chance(world, role, number, "packet", LOST_PERCENT) {
        Fate::Lost
    } else if world.has(Fault::ClockSkew) {
        Fate::Ahead
    } else {
        Fate::Usual
    }
}

/// Returns whether this is one of `percent` visits in a hundred.
fn chance(world: &World, role: Role, number: u64, purpose: &str, percent: u32) -> bool {
    random(world, role, number, purpose).u32(..100) < percent
}

/// Returns the random numbers of a service for one purpose in one visit.
fn random(world: &World, role: Role, number: u64, purpose: &str) -> fastrand::Rng {
    visitor::random(world.seed, number, &format!("{}/{purpose}", role.name()))
}

async fn handle(visit: &Visit<'_>) -> Answer {
    match visit.role {
        Role::FrontEnd => pair::front_end(visit).await,
        Role::BackEnd => pair::back_end(visit).await,
        Role::Web => shop::web::answer(visit).await,
        Role::Api => shop::api::answer(visit).await,
        Role::Recommendations => shop::recommendations::answer(visit).await,
        Role::Inventory => shop::inventory::answer(visit).await,
        Role::Orders => shop::orders::answer(visit).await,
        Role::Payments => shop::payments::answer(visit).await,
        Role::Worker => Answer::status(404, "the worker is asked by the queue alone"),
        Role::Mailer => shop::worker::mail(visit).await,
        Role::Database => backing::database(visit).await,
        Role::Tables => backing::tables(visit).await,
        Role::Queue => backing::queue(visit).await,
        Role::Bank => backing::bank(visit).await,
    }
}

/// Lets the worker handle one message, in a trace of its own.
pub(crate) async fn consume(world: &World, message: Message) {
    let role = Role::Worker;
    let Some(scribe) = world.scribes.get(&role) else { return };
    let fate = fate(world, role, message.number);
    let entity = scribe.begin_message(&Header::parse(&message.trace), fate);
    let path = "/messages".to_owned();
    let request = Request { method: "POST", path, number: message.number, trace: None };
    let visitor = Visitor::of(world.seed, message.number);
    let visit = Visit { world, role, request, visitor, segment: entity.context() };
    shop::worker::ship(&visit).await;
}

impl Visit<'_> {
    /// Lets some time pass, in milliseconds: in each visit another, for one `purpose` the same.
    pub(crate) async fn work(&self, purpose: &str, millis: Range<u64>) {
        let millis = random(self.world, self.role, self.request.number, purpose).u64(millis);
        self.world.pass(millis).await;
    }

    /// Returns whether this is one of `percent` visits in a hundred.
    pub(crate) fn chance(&self, purpose: &str, percent: u32) -> bool {
        chance(self.world, self.role, self.request.number, purpose, percent)
    }

    /// Writes a line into the service's log.
    pub(crate) fn say(&self, level: Level, message: std::fmt::Arguments<'_>) {
        let Some(scribe) = self.world.scribes.get(&self.role) else { return };
        if self.world.logs.is_open() {
            self.world.logs.put(&Line {
                time: scribe.now(),
                level,
                service: self.role.name(),
                trace_id: self.segment.trace_id(),
                message: &message.to_string(),
            });
        }
    }

    fn say_answer(&self, answer: &Answer, time: Micros) {
        if !self.world.logs.is_open() {
            return;
        }
        let Request { method, path, .. } = &self.request;
        let level = match answer.status {
            ..400 => Level::Info,
            400..500 => Level::Warn,
            500.. => Level::Error,
        };
        let reason = match &answer.trouble {
            Some(Trouble { kind, message, .. }) => format!(": {kind}: {message}"),
            None if level == Level::Info => String::new(),
            None => format!(": {}", answer.body),
        };
        let (status, millis) = (answer.status, time.0 / 1000);
        self.say(level, format_args!("{method} {path}: {status} after {millis} ms{reason}"));
    }

    /// Calls another service and records the call.
    pub(crate) async fn call(
        &self,
        to: Role,
        method: &'static str,
        path: &str,
    ) -> Result<Answer, CallError> {
        let part = telemetry::call(&self.segment, to, method, path);
        self.send(part, to, method, path, PATIENCE).await
    }

    /// Makes a call whose subsegment has begun.
    pub(crate) async fn send(
        &self,
        part: Entity,
        to: Role,
        method: &'static str,
        path: &str,
        patience: Duration,
    ) -> Result<Answer, CallError> {
        let (path, number) = (path.to_owned(), self.request.number);
        let request = Request { method, path, number, trace: part.header() };
        let outcome = self.world.exchange(to, request, patience).await;
        telemetry::called(&part, &outcome);
        outcome
    }

    /// Asks the database.
    pub(crate) async fn query(&self, query: &'static str) -> Result<Answer, CallError> {
        let part = telemetry::query(&self.segment, query);
        self.send(part, Role::Database, "POST", "/query", PATIENCE).await
    }

    /// Asks for a table.
    pub(crate) async fn table(
        &self,
        operation: &'static str,
        table: &'static str,
    ) -> Result<Answer, CallError> {
        let part = telemetry::table(&self.segment, operation, table);
        self.send(part, Role::Tables, "POST", "/", PATIENCE).await
    }

    /// Puts a message into the queue.
    pub(crate) async fn enqueue(&self) -> Result<Answer, CallError> {
        let part = telemetry::queue(&self.segment, "SendMessage");
        self.send(part, Role::Queue, "POST", "/messages", PATIENCE).await
    }
}
