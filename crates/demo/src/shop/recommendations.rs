//! `recommendations`: quick when it knows the answer, slow when it has to think.

use std::sync::atomic::Ordering;

use crate::exchange::Answer;
use crate::fault::Fault;
use crate::service::Visit;

/// What the slow answers are slower by at the end of the fault, in milliseconds.
const SLOWER_MAX_MILLIS: f64 = 2_000.0;

/// Recommends something; at first it has to load what it recommends by.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    if !visit.world.is_model_loaded.swap(true, Ordering::Relaxed) {
        let part = visit.segment.begin("load the model");
        visit.work("load", 900..1_400).await;
        part.end();
    }
    if visit.world.has(Fault::Latency) {
        let slower = SLOWER_MAX_MILLIS * visit.world.progress(Fault::Latency);
        let part = visit.segment.begin("wait for the model");
        visit.world.pass(slower as u64).await;
        part.end();
    }
    let is_known = visit.chance("known", 70);
    visit.segment.annotate("cached", is_known);
    if is_known {
        visit.work("remember", 6..15).await;
    } else {
        let part = visit.segment.begin("rank");
        part.metadata("candidates", &visit.visitor.cart_size);
        visit.work("rank", 150..300).await;
        part.end();
    }
    Answer::ok("three things")
}
