//! Queries through the API, timed one by one.

use std::io;
use std::time::Duration;

use fluoro_tests::Program;
use fluoro_tests::program::now;
use serde::Serialize;
use serde_json::json;
use wire::Micros;

use super::check::{Graph, compare_trace};
use super::connection::{Connection, request};
use crate::shop::{Plan, Tally, Trace};

/// A query is repeated until it was made often enough or took so long, but at least a few times.
const REPEATS_MIN: usize = 3;
const TIME_MAX: Duration = Duration::from_secs(10);
/// The longest window of a service graph.
const GRAPH_WINDOW: Micros = Micros(6 * 3600 * Micros::PER_SECOND);
/// How far the windows reach beyond the run on both sides.
const MARGIN: Micros = Micros(120 * Micros::PER_SECOND);
/// How many traces are read back and compared.
const CHECKED_TRACES: u64 = 50;

/// What one query cost.
#[derive(Debug, Default, Serialize)]
pub(super) struct Cost {
    /// How often it was made.
    pub(super) repeat_count: usize,
    /// Half of them were faster, in milliseconds.
    pub(super) p50_ms: f64,
    /// One in a hundred was slower.
    pub(super) p99_ms: f64,
    /// The server's CPU time for one, in milliseconds; the kernel counts in steps of 10.
    pub(super) cpu_ms: f64,
    /// Bytes of the last answer.
    pub(super) answer_bytes: usize,
}

/// What is asked.
pub(super) struct Asker<'p> {
    server: &'p Program,
    plan: &'p Plan,
    connection: Connection,
    repeats_max: usize,
}

impl<'p> Asker<'p> {
    /// Connects to a server that holds the whole plan.
    ///
    /// # Errors
    /// When nobody listens.
    pub(super) fn new(server: &'p Program, plan: &'p Plan, repeats_max: usize) -> io::Result<Self> {
        let connection = Connection::open(server.doors.http)?;
        Ok(Self { server, plan, connection, repeats_max })
    }

    /// Reads traces by id, each once: the numbers rise by a step that is prime to most counts.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub(super) fn traces_by_id(&mut self, seed: u64) -> io::Result<Cost> {
        let plan = *self.plan;
        let id = move |at: usize| {
            Trace::draw(&plan, (seed + at as u64 * 7_919) % plan.trace_count).id.to_string()
        };
        self.time(|at| request("/Traces", json!({ "TraceIds": [id(at)] }).to_string().as_bytes()))?
            .ok_or_else(|| io::Error::other("traces by id were refused"))
    }

    /// Reads the first page of summaries.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub(super) fn summaries(&mut self) -> io::Result<Option<Cost>> {
        let body = json!({
            "StartTime": Micros(self.plan.start().0 - MARGIN.0).seconds(),
            "EndTime": Micros(self.plan.end.0 + MARGIN.0).seconds(),
        });
        let request = request("/TraceSummaries", body.to_string().as_bytes());
        match self.time(|_| request.clone())? {
            None => Err(io::Error::other("summaries were refused")),
            cost => Ok(cost),
        }
    }

    /// Draws the service graph over everything up to `until`.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub(super) fn graph(&mut self, until: Micros) -> io::Result<Cost> {
        let windows = self.windows(until);
        self.time(|at| windows[at % windows.len()].clone())?
            .ok_or_else(|| io::Error::other("service graphs were refused"))
    }

    /// Returns what the service graph up to `until` counts differently than the recount.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub(super) fn check_graph(&mut self, until: Micros, tally: &Tally) -> io::Result<Vec<String>> {
        let mut graph = Graph::default();
        for window in self.windows(until) {
            graph.add(&self.connection.call(&window)?.json()?)?;
        }
        Ok(graph.compare(tally))
    }

    /// Returns what traces have that were not drawn so; a sample over the whole plan.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub(super) fn check_traces(&mut self) -> io::Result<Vec<String>> {
        let mut problems = Vec::new();
        for index in 0..CHECKED_TRACES.min(self.plan.trace_count) {
            let trace = Trace::draw(self.plan, index * 104_729 % self.plan.trace_count);
            let body = json!({ "TraceIds": [trace.id.to_string()] }).to_string();
            let answer = self.connection.call(&request("/Traces", body.as_bytes()))?.json()?;
            problems.extend(compare_trace(&answer, &trace)?);
        }
        Ok(problems)
    }

    /// The graph's requests: as few as the longest window allows.
    fn windows(&self, until: Micros) -> Vec<Vec<u8>> {
        let (mut start, end) = (self.plan.start().0 - MARGIN.0, until.0 + MARGIN.0);
        let mut requests = Vec::new();
        while start < end {
            // A window includes its end.
            let last = (start + GRAPH_WINDOW.0).min(end) - 1;
            let body = json!({
                "StartTime": Micros(start).seconds(), "EndTime": Micros(last).seconds(),
            });
            requests.push(request("/ServiceGraph", body.to_string().as_bytes()));
            start = last + 1;
        }
        requests
    }

    /// Makes a query again and again; `None` when it is refused as invalid.
    fn time(&mut self, mut request: impl FnMut(usize) -> Vec<u8>) -> io::Result<Option<Cost>> {
        let (mut waits, mut answer_bytes) = (Vec::new(), 0);
        let (before, begin) = (self.server.usage()?, now());
        while waits.len() < REPEATS_MIN
            || waits.len() < self.repeats_max && begin.elapsed() < TIME_MAX
        {
            let request = request(waits.len());
            let sent = now();
            let answer = self.connection.call(&request)?;
            waits.push(sent.elapsed());
            match answer.status {
                200 => answer_bytes = answer.body.len(),
                400 => return Ok(None),
                _ => return answer.json().map(|_| None),
            }
        }
        let cpu_secs = self.server.usage()?.cpu_secs - before.cpu_secs;
        waits.sort_unstable();
        Ok(Some(Cost {
            repeat_count: waits.len(),
            p50_ms: percentile_ms(&waits, 0.5),
            p99_ms: percentile_ms(&waits, 0.99),
            cpu_ms: cpu_secs * 1e3 / waits.len() as f64,
            answer_bytes,
        }))
    }
}

/// Returns what this share of the sorted waits did not exceed, in milliseconds.
pub(super) fn percentile_ms(sorted: &[Duration], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
}
