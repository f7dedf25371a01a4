//! `shop`: what the generator makes, and what making it costs.

use fluoro_tests::program::now;
use serde::Serialize;

use super::{Arrivals, Plan, Tally, Trace};

/// The shape of a plan's documents.
#[derive(Serialize)]
pub(crate) struct Shape {
    trace_count: u64,
    document_count: u64,
    span_count: u64,
    faulty_trace_count: u64,
    document_bytes_mean: u64,
    node_count: usize,
    edge_count: usize,
    /// Drawing a trace, ordering its documents and writing them, for one document.
    micros_per_document: f64,
    /// One document, to look at.
    example: String,
}

/// Makes everything once and throws it away.
pub(crate) fn run(plan: &Plan) -> Shape {
    let (begin, mut text, mut bytes) = (now(), Vec::new(), 0);
    for arrival in Arrivals::new(*plan) {
        text.clear();
        arrival.trace.write(plan, arrival.work, &mut text);
        bytes += text.len() as u64;
    }
    let micros = begin.elapsed().as_secs_f64() * 1e6;
    let mut tally = Tally::default();
    (0..plan.trace_count).for_each(|index| tally.add(&Trace::draw(plan, index)));
    let document_count = tally.document_count.max(1);
    Shape {
        trace_count: plan.trace_count,
        document_count,
        span_count: tally.span_count,
        faulty_trace_count: tally.faulty_count,
        document_bytes_mean: bytes / document_count,
        node_count: tally.nodes().len(),
        edge_count: tally.edges().len(),
        micros_per_document: micros / document_count as f64,
        example: String::from_utf8_lossy(&text).into_owned(),
    }
}
