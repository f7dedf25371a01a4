//! What services depend on and what says nothing of itself: a database, tables, a queue, a bank.

use std::time::Duration;

use crate::exchange::Answer;
use crate::fault::Fault;
use crate::service::Visit;
use crate::world::{Message, Way};

/// How long the queue keeps a worker waiting that finds no message.
const POLL: Duration = Duration::from_secs(2);

/// Answers every query with one row.
pub(crate) async fn database(visit: &Visit<'_>) -> Answer {
    visit.work("query", 2..18).await;
    if visit.visitor.tier == "gold" && visit.world.has(Fault::SlowDatabase) {
        visit.work("lock", 1_900..2_300).await;
    }
    Answer::ok("1 row")
}

/// Answers every operation.
pub(crate) async fn tables(visit: &Visit<'_>) -> Answer {
    visit.work("operation", 2..9).await;
    Answer::ok("{}")
}

/// Takes a message, or hands one out.
pub(crate) async fn queue(visit: &Visit<'_>) -> Answer {
    let messages = &visit.world.messages;
    if visit.request.method == "POST" {
        visit.work("store", 3..9).await;
        let trace = visit.request.trace.clone().unwrap_or_default();
        let is_taken = messages.put(Message { number: visit.request.number, trace });
        return if is_taken { Answer::ok("") } else { Answer::status(503, "the queue is full") };
    }
    let message = match &visit.world.way {
        Way::Live(_) => tokio::time::timeout(POLL, messages.wait()).await.ok(),
        Way::Past(_) => messages.next(),
    };
    match message {
        Some(Message { number, trace }) => Answer::ok(format!("{number} {trace}")),
        None => Answer::status(204, ""),
    }
}

/// Charges a card.
pub(crate) async fn bank(visit: &Visit<'_>) -> Answer {
    if visit.world.has(Fault::BankTimeout) {
        visit.world.pass(5_000).await;
        return Answer::status(504, "too late");
    }
    visit.work("charge", 60..240).await;
    if visit.world.has(Fault::Throttles) && visit.chance("throttle", 50) {
        return Answer::status(429, "too many charges");
    }
    if visit.chance("decline", 4) {
        return Answer::status(402, "the card was declined");
    }
    Answer::ok("charged")
}
