//! A shop of twelve services under load, as the store's benchmark sees it.
//!
//! A trace is one request that came in at `front` or `api` and went up to four services deep. It is
//! drawn in two steps: [`Trace::draw`] decides who called whom, when and how it ended; `document`
//! writes what each service's SDK would send. Both depend on the seed and the trace's number alone,
//! so that any trace can be made again to check what the server says of it.

mod arrivals;
mod document;
mod incident;
mod random;
mod services;
pub(crate) mod shape;
mod tally;

use wire::{Micros, SegmentId, TraceId};

pub(crate) use arrivals::{Arrival, Arrivals};
pub(crate) use incident::Incident;
pub(crate) use tally::{Counts, EdgeKey, NodeKey, Tally};

use random::Random;
use services::{Backend, SERVICES};

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Decides everything random.
    pub(crate) seed: u64,
    /// How many traces in all.
    pub(crate) trace_count: u64,
    /// The end of the time in which traces begin.
    pub(crate) end: Micros,
    /// How long that time is, in microseconds.
    pub(crate) range: Micros,
}

/// Spans of a mean trace; a test holds it.
const SPANS_PER_TRACE: u64 = 8;

impl Plan {
    /// Returns the plan of about so many spans in the half hour before `end`.
    pub(crate) fn of_spans(span_count: u64, end: Micros) -> Self {
        Self {
            seed: 20_261_121,
            trace_count: (span_count / SPANS_PER_TRACE).max(1),
            end,
            range: Micros::from_secs(30 * 60),
        }
    }

    /// Returns the earliest moment at which a trace may begin.
    pub(crate) fn start(&self) -> Micros {
        Micros(self.end.0.saturating_sub(self.range.0))
    }

    /// Returns when a trace begins; later traces begin later.
    fn begin(&self, index: u64) -> Micros {
        let begin = self.start().0;
        let offset = u128::from(self.range.0) * u128::from(index) / u128::from(self.trace_count);
        Micros(begin + u64::try_from(offset).unwrap_or(u64::MAX))
    }
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Well.
    Ok,
    /// The client erred: 404.
    Error,
    /// The server failed: 500.
    Fault,
    /// There was too much of it: 429.
    Throttle,
}

/// The part of a trace that one service sent.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Its segment.
    pub(crate) id: SegmentId,
    /// Which of the services.
    pub(crate) service: usize,
    /// The calling subsegment; none at the entry point.
    pub(crate) parent: Option<SegmentId>,
    /// The work whose call this answers; none at the entry point.
    caller: Option<usize>,
    /// When it began.
    pub(crate) start: Micros,
    /// When it ended.
    pub(crate) end: Micros,
    /// How it ended.
    pub(crate) ending: Ending,
    /// Whether the failure began here rather than in a callee.
    is_culprit: bool,
    /// What it called, in order.
    pub(crate) calls: Vec<Call>,
}

/// One call out of a piece of work: a subsegment.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The subsegment.
    pub(crate) id: SegmentId,
    /// Who was called.
    callee: Callee,
    start: Micros,
    end: Micros,
    ending: Ending,
}

/// Who answers a call.
#[derive(Clone, Copy, Debug)]
enum Callee {
    /// The work at this index, which sends a segment itself.
    Work(usize),
    /// Something that sends nothing.
    Backend(&'static Backend),
}

/// One request through the shop.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// Its id.
    pub(crate) id: TraceId,
    /// Its number in the plan.
    pub(crate) index: u64,
    /// The work done, the entry point first.
    pub(crate) works: Vec<Work>,
}

/// How many traces in 10,000 fail, and in how many the client errs.
const FAULTS: u64 = 100;
const ERRORS: u64 = 300;
/// How many calls of a backend in 10,000 are throttled.
const THROTTLES: u64 = 20;

impl Trace {
    /// Draws one trace of the plan.
    pub(crate) fn draw(plan: &Plan, index: u64) -> Self {
        let mut random = Random::new(plan.seed, index);
        let begin = plan.begin(index);
        let epoch_secs = u32::try_from(begin.0 / Micros::PER_SECOND).unwrap_or(u32::MAX);
        let bits = u128::from(random.next()) << 64 | u128::from(random.next());
        let mut drawing = Drawing { random, works: Vec::with_capacity(8), clock: begin.0 };
        let entry = usize::from(drawing.random.below(5) == 0);
        drawing.work(entry, None, None);
        drawing.fail();
        Self { id: TraceId::new(epoch_secs, bits), index, works: drawing.works }
    }

    /// Returns how many segments and subsegments there are.
    pub(crate) fn span_count(&self) -> usize {
        self.works.iter().map(|work| 1 + work.calls.len()).sum()
    }

    /// Returns the ids and names of all segments and subsegments.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (SegmentId, &'static str)> {
        let name = |call: &Call| match call.callee {
            Callee::Work(callee) => SERVICES[self.works[callee].service].name,
            Callee::Backend(backend) => backend.name,
        };
        self.works.iter().flat_map(move |work| {
            let own = (work.id, SERVICES[work.service].name);
            let calls = work.calls.iter().map(move |call| (call.id, name(call)));
            std::iter::once(own).chain(calls)
        })
    }

    /// Returns whether [`Self::needle`] finds it.
    pub(crate) fn has_needle(&self) -> bool {
        // Only `front` knows sessions, and a failed one did not get that far.
        self.works[0].service == 0 && self.works[0].ending == Ending::Ok
    }

    /// Returns the value of the annotation `session` that only this trace has.
    pub(crate) fn needle(&self) -> String {
        document::needle(self)
    }

    /// Writes the document of one piece of work to the end of `out`.
    pub(crate) fn write(&self, plan: &Plan, work: usize, out: &mut Vec<u8>) {
        document::write(self, plan, work, out);
    }

    /// Returns whether the request failed.
    pub(crate) fn is_faulty(&self) -> bool {
        self.works.iter().any(|work| work.ending == Ending::Fault)
    }
}

/// A trace while it is drawn.
struct Drawing {
    random: Random,
    works: Vec<Work>,
    /// The moment that has been reached; work is done one thing after the other.
    clock: u64,
}

impl Drawing {
    /// Draws the work of one service and of those it calls; returns its index.
    fn work(&mut self, service: usize, parent: Option<SegmentId>, caller: Option<usize>) -> usize {
        let at = self.works.len();
        self.clock += 200 + self.random.duration(600);
        let start = Micros(self.clock);
        let id = self.id();
        self.works.push(Work {
            id,
            service,
            parent,
            caller,
            start,
            end: start,
            ending: Ending::Ok,
            is_culprit: false,
            calls: Vec::new(),
        });
        self.clock += self.random.duration(300);
        let of = &SERVICES[service];
        for (callee, percent) in of.callees {
            if self.random.below(100) < *percent {
                self.call_service(at, *callee);
            }
        }
        for (backend, percent) in of.backends {
            if self.random.below(100) < *percent {
                self.call_backend(at, backend);
            }
        }
        self.clock += self.random.duration(900);
        self.works[at].end = Micros(self.clock);
        at
    }

    fn call_service(&mut self, caller: usize, callee: usize) {
        let (id, start) = (self.id(), Micros(self.clock));
        let work = self.work(callee, Some(id), Some(caller));
        self.clock += 100 + self.random.duration(200);
        let callee = Callee::Work(work);
        let end = Micros(self.clock);
        self.works[caller].calls.push(Call { id, callee, start, end, ending: Ending::Ok });
    }

    fn call_backend(&mut self, caller: usize, backend: &'static Backend) {
        let (id, start) = (self.id(), Micros(self.clock));
        self.clock += 150 + self.random.duration(backend.typical_micros);
        let is_throttled = backend.is_throttling() && self.random.below(10_000) < THROTTLES;
        let ending = if is_throttled { Ending::Throttle } else { Ending::Ok };
        let (callee, end) = (Callee::Backend(backend), Micros(self.clock));
        self.works[caller].calls.push(Call { id, callee, start, end, ending });
    }

    fn id(&mut self) -> SegmentId {
        SegmentId(self.random.next())
    }

    /// Lets some traces fail: a failure reaches up to the entry point, an error only the caller.
    fn fail(&mut self) {
        let draw = self.random.below(10_000);
        let at = self.random.below(self.works.len() as u64) as usize;
        if draw < FAULTS {
            self.works[at].is_culprit = true;
            let mut next = Some(at);
            while let Some(failed) = next {
                self.end(failed, Ending::Fault);
                next = self.works[failed].caller;
            }
        } else if draw < FAULTS + ERRORS {
            self.end(at, Ending::Error);
        }
    }

    /// Ends a piece of work in one way, and the call that led to it.
    fn end(&mut self, at: usize, ending: Ending) {
        self.works[at].ending = ending;
        let Some(caller) = self.works[at].caller else { return };
        let parent = self.works[at].parent;
        for call in &mut self.works[caller].calls {
            if Some(call.id) == parent {
                call.ending = ending;
            }
        }
    }
}

#[cfg(test)]
mod tests;
