//! `insight`: a day of the shop in which nothing happens, and an incident after it, as a server of
//! this process sees them.
//!
//! Time is simulated: the clock moves on by five seconds, what the shop sent in them is put, and the
//! server looks for insights, as it does when it runs. So a day takes minutes. What is reported comes
//! over the API.

use std::io;
use std::path::Path;
use std::sync::Arc;

use fluoro_tests::program::now;
use serde::Serialize;
use serde_json::{Value, json};
use server::{Config, Control, Server};
use store::{DiskDir, Options, Seal, Store, Upkeep};
use wire::{Clock, ManualClock, Micros};

use crate::shop::{Incident, Plan, Trace};

/// How far the clock moves at a time.
const STEP: Micros = Micros(5 * Micros::PER_SECOND);

/// Steps in a minute.
const STEPS: u64 = 12;

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters {
    /// Hours in which nothing happens.
    pub(crate) quiet_hours: u64,
    /// Traces in five seconds.
    pub(crate) step_traces: u64,
    /// What then happens.
    pub(crate) incident: Incident,
    /// Whether there is enough traffic for what was promised.
    is_judged: bool,
}

impl Parameters {
    /// Returns 600 traces a minute, and a service that fails in 12 % of its requests.
    pub(crate) fn full(quiet_hours: u64) -> Self {
        let incident = Incident { service: "stock", per_mille: 120 };
        Self { quiet_hours, step_traces: 50, incident, is_judged: true }
    }

    /// Returns something short, of which nothing is expected.
    pub(crate) fn smoke() -> Self {
        Self { quiet_hours: 0, step_traces: 1, is_judged: false, ..Self::full(0) }
    }
}

/// How long the incident lasts, and what comes after it.
const INCIDENT_MINUTES: u64 = 30;
const AFTER_MINUTES: u64 = 30;

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    quiet_hours: u64,
    traces_a_minute: u64,
    quiet_insight_count: usize,
    incident_service: &'static str,
    incident_share: f64,
    /// From the first failure to the first answer that lists an insight.
    opened_after_secs: Option<f64>,
    root_cause: Option<String>,
    /// From the last failure to the first answer that lists none that is active.
    closed_after_secs: Option<f64>,
    insight_count: usize,
    summary: Option<String>,
    /// Looking at a minute: asking for its graph, judging it, keeping what is known.
    minute_millis_mean: f64,
    minute_millis_max: f64,
    /// What is not as it was promised.
    pub(crate) problems: Vec<&'static str>,
}

/// Runs everything in `folder`.
///
/// # Errors
/// When the store cannot be opened, or the server refuses what is put.
pub(crate) fn run(parameters: &Parameters, folder: &Path) -> io::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(simulate(parameters, folder))
}

async fn simulate(parameters: &Parameters, folder: &Path) -> io::Result<Report> {
    let steps = STEPS * (parameters.quiet_hours * 60 + INCIDENT_MINUTES + AFTER_MINUTES);
    let range = Micros(STEP.0 * steps);
    let start = Micros::from_secs(1_790_000_000);
    let trace_count = steps * parameters.step_traces;
    let plan = Plan { seed: 20_261_121, trace_count, end: Micros(start.0 + range.0), range };
    let mut run = Run::open(plan, parameters, folder)?;
    run.ask(
        "/UpdateGroup",
        &json!({"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": true}}),
    )
    .await?;

    for _ in 0..STEPS * 60 * parameters.quiet_hours {
        run.step(None).await?;
    }
    let mut report = Report {
        quiet_hours: parameters.quiet_hours,
        traces_a_minute: STEPS * parameters.step_traces,
        quiet_insight_count: run.insights(None).await?.len(),
        incident_service: parameters.incident.service,
        incident_share: parameters.incident.per_mille as f64 / 1e3,
        ..Report::default()
    };
    let begun = run.clock.now();
    for _ in 0..STEPS * INCIDENT_MINUTES {
        run.step(Some(&parameters.incident)).await?;
        let found = run.insights(Some("ACTIVE")).await?;
        if let (None, Some(first)) = (report.opened_after_secs, found.first()) {
            report.opened_after_secs = Some(run.clock.now().since(begun).seconds());
            report.root_cause = text(&first["RootCauseServiceId"]["Name"]);
        }
    }
    let ended = run.clock.now();
    for _ in 0..STEPS * AFTER_MINUTES {
        run.step(None).await?;
        let is_over = run.insights(Some("ACTIVE")).await?.is_empty();
        if report.closed_after_secs.is_none() && is_over {
            report.closed_after_secs = Some(run.clock.now().since(ended).seconds());
        }
    }
    let all = run.insights(None).await?;
    report.insight_count = all.len();
    report.summary = all.first().and_then(|first| text(&first["Summary"]));
    report.minute_millis_mean = run.millis.iter().sum::<f64>() / run.millis.len().max(1) as f64;
    report.minute_millis_max = run.millis.iter().copied().fold(0.0, f64::max);
    if parameters.is_judged {
        report.judge();
    }
    Ok(report)
}

impl Report {
    fn judge(&mut self) {
        let promises = [
            (self.quiet_insight_count == 0, "there was an insight while nothing happened"),
            (self.insight_count == 1, "there was not one insight for one incident"),
            (self.opened_after_secs.is_some_and(|secs| secs <= 180.0), "it did not open in time"),
            (
                self.root_cause.as_deref() == Some(self.incident_service),
                "another service is blamed",
            ),
            (self.closed_after_secs.is_some(), "it did not close"),
        ];
        let broken = promises.into_iter().filter(|(is_kept, _)| !is_kept);
        self.problems = broken.map(|(_, problem)| problem).collect();
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A server and the shop that sends to it.
struct Run {
    plan: Plan,
    step_traces: u64,
    server: Server,
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    /// The next trace.
    next: u64,
    step_number: u64,
    /// How long looking at each minute took.
    millis: Vec<f64>,
}

impl Run {
    fn open(plan: Plan, parameters: &Parameters, folder: &Path) -> io::Result<Self> {
        let dir = Arc::new(DiskDir::open(folder)?);
        let config = Config::default();
        let control = Control::open(&config, dir.clone(), None).map_err(io::Error::other)?;
        let clock = Arc::new(ManualClock::at(plan.start()));
        let options = Options { upkeep: Upkeep::ByHand, ..Options::default() };
        let store = Store::open(dir, options, clock.clone(), Arc::new(control.rollup()));
        let store = Arc::new(store.map_err(io::Error::other)?);
        let server = Server::new(config, store.clone(), control, clock.clone());
        let step_traces = parameters.step_traces;
        Ok(Self {
            plan,
            step_traces,
            server,
            store,
            clock,
            next: 0,
            step_number: 0,
            millis: Vec::new(),
        })
    }

    /// Lets five seconds pass.
    async fn step(&mut self, incident: Option<&Incident>) -> io::Result<()> {
        self.clock.advance(STEP.0);
        let mut texts = Vec::new();
        for index in self.next..self.next + self.step_traces {
            let mut trace = Trace::draw(&self.plan, index);
            if let Some(incident) = incident {
                trace.suffer(&self.plan, incident);
            }
            for work in 0..trace.works.len() {
                let mut text = Vec::new();
                trace.write(&self.plan, work, &mut text);
                texts.push(String::from_utf8(text).map_err(io::Error::other)?);
            }
        }
        self.next += self.step_traces;
        let answer = self.ask("/TraceSegments", &json!({"TraceSegmentDocuments": texts})).await?;
        if answer != json!({"UnprocessedTraceSegments": []}) {
            return Err(io::Error::other(answer.to_string()));
        }
        self.step_number += 1;
        if self.step_number.is_multiple_of(STEPS) {
            self.tidy()?;
        }
        let begin = now();
        self.server.look_for_insights().await;
        let millis = begin.elapsed().as_secs_f64() * 1e3;
        // A minute has ended ten seconds ago.
        if self.clock.now().0 / STEP.0 % STEPS == 2 {
            self.millis.push(millis);
        }
        Ok(())
    }

    /// Seals and compacts, as the program does beside its work.
    fn tidy(&self) -> io::Result<()> {
        self.store.seal(Seal::Most).map_err(io::Error::other)?;
        while self.store.compact().map_err(io::Error::other)?.is_some() {}
        Ok(())
    }

    /// Returns the insights of the last day and a half, newest first.
    async fn insights(&self, state: Option<&str>) -> io::Result<Vec<Value>> {
        let now = self.clock.now().seconds();
        let states: Vec<&str> = state.into_iter().collect();
        let request = json!({"GroupName": "Default", "StartTime": now - 130_000.0, "EndTime": now, "States": states});
        let mut answer = self.ask("/InsightSummaries", &request).await?;
        match answer["InsightSummaries"].take() {
            Value::Array(insights) => Ok(insights),
            _ => Err(io::Error::other(answer.to_string())),
        }
    }

    async fn ask(&self, path: &str, request: &Value) -> io::Result<Value> {
        let reply = self.server.call(path, request.to_string().as_bytes()).await;
        let answer = serde_json::from_slice(&reply.body).map_err(io::Error::other)?;
        match reply.error_type {
            None => Ok(answer),
            Some(kind) => Err(io::Error::other(format!("{kind}: {answer}"))),
        }
    }
}
