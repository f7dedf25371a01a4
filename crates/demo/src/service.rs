//! One service at work: its segment begins, its code runs, its answer is recorded.

use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use fluoro_sdk::{Context, Entity, Header};

use crate::exchange::{Answer, CallError, Request};
use crate::role::Role;
use crate::telemetry;
use crate::visitor::{self, Visitor};
use crate::world::{Message, World};
use crate::{backing, pair, shop};

/// How long a caller waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

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
    let entity = scribe.map_or_else(Entity::nothing, |it| it.begin(&request, &visitor));
    let visit = Visit { world, role, request, visitor, segment: entity.context() };
    Box::pin(async move {
        let answer = handle(&visit).await;
        telemetry::answered(&entity, &answer);
        answer
    })
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
    let Some(scribe) = world.scribes.get(&Role::Worker) else { return };
    let entity = scribe.begin_message(&Header::parse(&message.trace));
    let path = "/messages".to_owned();
    let request = Request { method: "POST", path, number: message.number, trace: None };
    let visitor = Visitor::of(world.seed, message.number);
    let role = Role::Worker;
    let visit = Visit { world, role, request, visitor, segment: entity.context() };
    shop::worker::ship(&visit).await;
}

impl Visit<'_> {
    /// Lets some time pass, in milliseconds: in each visit another, for one `purpose` the same.
    pub(crate) async fn work(&self, purpose: &str, millis: Range<u64>) {
        let millis = self.random(purpose).u64(millis);
        self.world.pass(millis).await;
    }

    /// Returns whether this is one of `percent` visits in a hundred.
    pub(crate) fn chance(&self, purpose: &str, percent: u32) -> bool {
        self.random(purpose).u32(..100) < percent
    }

    fn random(&self, purpose: &str) -> fastrand::Rng {
        let purpose = format!("{}/{purpose}", self.role.name());
        visitor::random(self.world.seed, self.request.number, &purpose)
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
