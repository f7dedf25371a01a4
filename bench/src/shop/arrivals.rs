//! The order in which documents come: each when its work ends, so those of a trace lie apart.

use std::sync::Arc;

use wire::Micros;

use super::{Plan, Trace};

/// Traces drawn at once; what of them ends after the last of them began waits for the next ones.
const CHUNK_TRACES: u64 = 1_024;

/// All documents of a plan, in the order in which they are sent.
pub(crate) struct Arrivals {
    plan: Plan,
    /// The next trace to be drawn.
    next: u64,
    /// What is drawn and not yet sent, the first to be sent at the end.
    pending: Vec<Arrival>,
    /// Everything in `pending` that ends before this is in its final order.
    drawn_until: Micros,
}

/// One document that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The trace it is part of.
    pub(crate) trace: Arc<Trace>,
    /// Its work's place in the trace.
    pub(crate) work: usize,
}

impl Arrival {
    fn rank(&self) -> (Micros, u64, usize) {
        (self.trace.works[self.work].end, self.trace.index, self.work)
    }
}

impl Arrivals {
    /// Returns the documents of a plan.
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, next: 0, pending: Vec::new(), drawn_until: Micros(0) }
    }

    fn draw(&mut self) {
        let end = (self.next + CHUNK_TRACES).min(self.plan.trace_count);
        for index in self.next..end {
            let trace = Arc::new(Trace::draw(&self.plan, index));
            let works = 0..trace.works.len();
            self.pending.extend(works.map(|work| Arrival { trace: trace.clone(), work }));
        }
        self.pending.sort_unstable_by_key(|arrival| std::cmp::Reverse(arrival.rank()));
        self.next = end;
        self.drawn_until = match end == self.plan.trace_count {
            true => Micros(u64::MAX),
            false => self.plan.begin(end),
        };
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let until = self.drawn_until;
            if self.pending.last().is_some_and(|arrival| arrival.rank().0 < until) {
                return self.pending.pop();
            }
            if self.next == self.plan.trace_count {
                return self.pending.pop();
            }
            self.draw();
        }
    }
}
