//! `store`: what it costs to take traces in, seal and compact them, and to find them again.
//!
//! The shop's documents go through `PutTraceSegments` into a server of its own. When everything is
//! sealed and compacted, the folder is measured, the server started anew, and asked. The answers
//! are compared with what was drawn: a figure of a wrong answer is worth nothing.

mod check;
mod connection;
mod figures;
mod parameters;
mod process;
mod query;
mod scan;
mod send;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fluoro_tests::program::{now, pause};
use fluoro_tests::{Program, http};
use serde::Serialize;
use store::Predicate;
use store::block::traces::predicate::TextMember;
use store::group::By;
use wire::Micros;

use crate::shop::{Plan, Trace};
use figures::Figures;
use query::{Asker, percentile_ms};
use scan::{Searcher, annotation};
use send::Sent;

pub(crate) use parameters::{Parameters, USAGE};

/// Zero when everything is sealed, and when nothing is left to compact.
const UNSEALED: &str = "fluoro_store_live_documents";
const UNCOMPACTED: &str = "fluoro_store_compaction_pending_blocks";
/// How long sealing and compacting may take.
const SEAL_PATIENCE: Duration = Duration::from_secs(600);

/// What a run showed.
#[derive(Serialize)]
pub(crate) struct Report {
    parameters: Parameters,
    trace_count: u64,
    document_count: u64,
    span_count: u64,
    document_bytes: u64,
    refusal_count: u64,
    /// Bytes on disk by kind of file.
    disk_bytes: BTreeMap<&'static str, u64>,
    /// The figures with their aims.
    pub(crate) figures: Figures,
    /// Answers that were wrong; a good run has none.
    pub(crate) problems: Vec<String>,
}

/// A run's server and what it has been given.
struct Run<'p> {
    parameters: &'p Parameters,
    plan: Plan,
    folder: PathBuf,
    figures: Figures,
}

/// Runs everything in `folder`, with traces that end at `end`; `clock` tells the time.
///
/// # Errors
/// When the server cannot be started, stops answering, refuses a document or does not seal.
pub(crate) fn run(
    parameters: &Parameters,
    folder: &Path,
    clock: fn() -> Micros,
) -> io::Result<Report> {
    let plan = Plan::of_spans(parameters.span_count, clock());
    let (folder, figures) = (folder.to_owned(), Figures::default());
    let mut run = Run { parameters, plan, folder, figures };
    run.measure_empty()?;
    let (sent, disk_bytes) = run.fill()?;
    let problems = run.ask(&sent, clock())?;
    if !run.parameters.is_kept {
        fs::remove_dir_all(run.folder.join("full"))?;
    }
    Ok(Report {
        parameters: parameters.clone(),
        trace_count: plan.trace_count,
        document_count: sent.tally.document_count,
        span_count: sent.tally.span_count,
        document_bytes: sent.document_bytes,
        refusal_count: sent.refusal_count,
        disk_bytes,
        figures: run.figures,
        problems,
    })
}

impl Run<'_> {
    fn start(&self, name: &str) -> io::Result<(Program, Duration)> {
        let program = std::env::current_exe()?.with_file_name("fluoro");
        let (begin, folder) = (now(), self.folder.join(name));
        let mut arguments = vec!["--memory-max", self.parameters.memory_max.as_str()];
        if self.parameters.is_hurried {
            arguments.extend(["--seal-idle", "1s", "--seal-every", "1s"]);
        }
        let server = Program::start(&program, &folder, &arguments)?;
        Ok((server, begin.elapsed()))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("full/data")
    }

    /// A server with nothing in it.
    fn measure_empty(&mut self) -> io::Result<()> {
        let (server, start) = self.start("empty")?;
        let rss = process::rss_bytes(server.process_id())?;
        server.stop()?;
        fs::remove_dir_all(self.folder.join("empty"))?;
        self.figures.aim("start, empty", "s", Some(start.as_secs_f64()), 0.1);
        self.figures.aim("RSS, empty", "MB", Some(rss as f64 / 1e6), 20.0);
        Ok(())
    }

    /// Sends everything and waits until it has found its place.
    fn fill(&mut self) -> io::Result<(Sent, BTreeMap<&'static str, u64>)> {
        let (server, _) = self.start("full")?;
        let (before, begin) = (server.usage()?.cpu_secs, now());
        let Parameters { connection_count, batch_documents, .. } = *self.parameters;
        let sent = send::send(&self.plan, server.doors.http, connection_count, batch_documents)?;
        let (taken, wall) = (server.usage()?.cpu_secs - before, begin.elapsed().as_secs_f64());
        let documents = sent.tally.document_count as f64;
        let per_document = |cpu_secs: f64| cpu_secs * 1e6 / documents;
        let sealed = match self.parameters.is_seal_awaited {
            true => {
                wait_until_sealed(&server)?;
                Some(server.usage()?.cpu_secs - before)
            }
            false => None,
        };
        let figures = &mut self.figures;
        figures.add("wall time to the last answer", "s", wall);
        figures.add("documents a second", "1/s", documents / wall);
        figures.add("answer to 25 documents, p50", "ms", percentile_ms(&sent.waits, 0.5));
        figures.add("answer to 25 documents, p99", "ms", percentile_ms(&sent.waits, 0.99));
        figures.add("refusals (429, 503)", "", sent.refusal_count as f64);
        figures.add("CPU a document, durable", "us", per_document(taken));
        figures.aim("CPU a document, sealed and compacted", "us", sealed.map(per_document), 10.0);
        let disk_bytes = self.measure_disk(&server, &sent, sealed.is_some())?;
        self.stop(server)?;
        Ok((sent, disk_bytes))
    }

    fn measure_disk(
        &mut self,
        server: &Program,
        sent: &Sent,
        is_sealed: bool,
    ) -> io::Result<BTreeMap<&'static str, u64>> {
        let disk_bytes = process::disk_bytes(&self.data())?;
        let written = process::written_bytes(server.process_id())? as f64;
        let total = disk_bytes.values().sum::<u64>() as f64;
        let (spans, figures) = (sent.tally.span_count as f64, &mut self.figures);
        figures.aim("on disk, a span", "B", is_sealed.then_some(total / spans), 36.0);
        for (kind, bytes) in &disk_bytes {
            figures.add(&format!("on disk, a span: {kind}"), "B", *bytes as f64 / spans);
        }
        let amplification = written / sent.document_bytes as f64;
        figures.aim("written, a byte of documents", "B", Some(amplification), 2.5);
        let rss = process::rss_bytes(server.process_id())? as f64 / 1e6;
        let rss_max = server.usage()?.rss_bytes_max as f64 / 1e6;
        figures.aim("RSS, at most while taking in", "MB", Some(rss_max), 200.0);
        figures.add("RSS, after that", "MB", rss);
        Ok(disk_bytes)
    }

    fn stop(&self, server: Program) -> io::Result<()> {
        let status = server.stop()?;
        match status.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("fluoro stopped with {status}"))),
        }
    }

    /// Starts the server on what it has and asks; returns what was wrong in the answers.
    fn ask(&mut self, sent: &Sent, until: Micros) -> io::Result<Vec<String>> {
        let (server, start) = self.start("full")?;
        self.figures.aim("start, full", "s", Some(start.as_secs_f64()), 0.1);
        let rss = process::rss_bytes(server.process_id())? as f64 / 1e6;
        self.figures.add("RSS, started full", "MB", rss);
        let plan = self.plan;
        let mut asker = Asker::new(&server, &plan, self.parameters.repeats_max)?;
        let mut problems = asker.check_traces()?;
        problems.extend(asker.check_graph(until, &sent.tally)?);
        self.time_queries(&mut asker, until)?;
        drop(asker);
        self.stop(server)?;
        self.search()?;

        process::evict(&self.data())?;
        let (server, _) = self.start("full")?;
        let cold = Asker::new(&server, &plan, self.parameters.repeats_max)?.traces_by_id(17)?;
        self.figures.query("trace by id, cold", Some(&cold), [None, None]);
        self.stop(server)?;
        Ok(problems)
    }

    /// Asks the store itself: counts and groups are no operations of the API.
    fn search(&mut self) -> io::Result<()> {
        let searcher = Searcher::open(&self.data())?;
        let everything = Predicate::All(Vec::new());
        let few = Predicate::All(vec![Predicate::has_fault(), annotation("tenant", "t-17")]);
        for (name, predicate, aim) in [
            ("100 summaries, newest of all", everything.clone(), 8.0),
            ("100 summaries, matches many", annotation("tier", "gold"), 8.0),
            ("search, matches few", few, 1.5),
            ("search, matches one", needle(&self.plan), 1.5),
            ("search, matches none", annotation("tier", "platinum"), 1.5),
        ] {
            let (cost, found) = searcher.page(&predicate);
            self.figures.query(name, Some(&cost), [Some(aim), None]);
            self.figures.add(&format!("{name}: on the page"), "", found as f64);
        }
        for (name, predicate) in
            [("count of everything", everything), ("count of faults", Predicate::has_fault())]
        {
            let (cost, found) = searcher.count(&predicate);
            self.figures.query(name, Some(&cost), [None, None]);
            self.figures.add(&format!("{name}: traces"), "", found as f64);
        }
        self.group(&searcher);
        Ok(())
    }

    /// Puts everything together by keys with few and with many values.
    fn group(&mut self, searcher: &Searcher) {
        for (name, by) in [
            ("entry point", By::EntryPoint),
            ("status", By::Status),
            ("annotation of 40 values", By::Annotation("campaign".to_owned())),
            ("user", By::Text(TextMember::User)),
            ("service", By::Node),
        ] {
            let name = format!("group by {name}");
            let (cost, found) = searcher.group(&by);
            self.figures.query(&name, Some(&cost), [Some(60.0), None]);
            self.figures.add(&format!("{name}: groups"), "", found as f64);
        }
    }

    fn time_queries(&mut self, asker: &mut Asker<'_>, until: Micros) -> io::Result<()> {
        asker.traces_by_id(1)?;
        let warm = asker.traces_by_id(1)?;
        self.figures.query("trace by id, warm", Some(&warm), [Some(0.7), Some(3.0)]);
        let newest = asker.summaries()?;
        self.figures.query("newest page of summaries", newest.as_ref(), [Some(8.0), None]);
        let graph = asker.graph(until)?;
        self.figures.query("service graph of everything", Some(&graph), [Some(3.0), None]);
        Ok(())
    }
}

/// Returns the annotation of one trace from the middle of the plan that no other trace has.
fn needle(plan: &Plan) -> Predicate {
    let middle = plan.trace_count / 2;
    let traces = (middle..plan.trace_count).map(|index| Trace::draw(plan, index));
    let found = traces.into_iter().find(Trace::has_needle);
    let value = found.map_or_else(String::new, |trace| trace.needle());
    annotation("session", &value)
}

/// Waits until the server says that everything is in its final place.
fn wait_until_sealed(server: &Program) -> io::Result<()> {
    let begin = now();
    while begin.elapsed() < SEAL_PATIENCE {
        let metrics = http::get(server.doors.http, "/metrics")?.body;
        let [unsealed, uncompacted] = [UNSEALED, UNCOMPACTED].map(|name| gauge(&metrics, name));
        let (Some(unsealed), Some(uncompacted)) = (unsealed, uncompacted) else {
            let text = format!("/metrics has no {UNSEALED} or {UNCOMPACTED}; try --no-seal");
            return Err(io::Error::other(text));
        };
        if unsealed == 0.0 && uncompacted == 0.0 {
            return Ok(());
        }
        pause(Duration::from_millis(200));
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "not everything was sealed and compacted"))
}

/// Returns the value of a metric without labels; `None` when the server does not have it.
fn gauge(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_gauge_is_not_zero() {
        let metrics = "# HELP a_b x\na_b_c 5\na_b 0\n";
        assert_eq!(gauge(metrics, "a_b"), Some(0.0));
        assert_eq!(gauge(metrics, "a_b_c"), Some(5.0));
        assert_eq!(gauge(metrics, "a"), None);
    }
}
