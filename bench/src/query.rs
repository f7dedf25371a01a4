//! `query`: what filter expressions cost, asked of a store in this process.
//!
//! The store holds the shop, sealed and compacted. Each expression is asked for its newest page and
//! for its count; time is the CPU time of the thread that asks, reading the expression included.

mod pages;

use std::fmt;
use std::io;
use std::path::Path;

use filter::{Options, Predicate};
use serde::Serialize;
use store::{Axis, Filter, Page, Query, Store};
use wire::Micros;

use crate::seal::{fill, open, timed};
use crate::shop::{Plan, Trace};

/// Summaries on a page.
const PAGE: usize = 100;

/// Traces that are put together for one page, as the server has it.
const CHECKS_MAX: u64 = 4_096;

/// How often a page is asked for, unless that takes long.
const REPEATS: usize = 40;
const REPEAT_MILLIS_MAX: f64 = 2_000.0;

/// What it cost.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    trace_count: u64,
    expressions: Vec<Cost>,
    /// What is asked beyond pages of summaries.
    pages: Vec<pages::Cost>,
}

/// What one expression cost.
#[derive(Debug, Serialize)]
struct Cost {
    expression: String,
    /// Half of the pages took less, in milliseconds.
    page_ms: f64,
    /// What is wished for; `None` when nothing is.
    aim_ms: Option<f64>,
    /// Traces on the page.
    found_count: usize,
    /// Whether there is another page.
    has_more: bool,
    /// Rows that were looked at for it.
    row_count: u64,
    /// Traces that were put together for it.
    checked_count: u64,
    /// Milliseconds for the count of all.
    count_ms: f64,
    /// All that fit.
    total_count: u64,
    /// Traces that were put together for the count.
    count_checked_count: u64,
}

/// Runs everything in `folder`, which may hold the store of a run before.
///
/// # Errors
/// What the store reports; an expression that is not understood.
pub(crate) fn run(plan: &Plan, folder: &Path) -> io::Result<Report> {
    let store = open(folder)?;
    if store.statistics().blocks.block_count == 0 {
        fill(plan, &store)?;
    }
    let ask = |(text, aim_ms): (String, Option<f64>)| ask(&store, text, aim_ms);
    let expressions: io::Result<Vec<Cost>> = expressions(plan).into_iter().map(ask).collect();
    let pages = pages::run(&store)?;
    Ok(Report { trace_count: plan.trace_count, expressions: expressions?, pages })
}

/// Returns what is asked, each with the milliseconds that a page may take.
fn expressions(plan: &Plan) -> Vec<(String, Option<f64>)> {
    let all = [
        ("", Some(8.0)),
        ("fault", Some(8.0)),
        ("http.status = 404", Some(8.0)),
        (r#"service("checkout")"#, Some(8.0)),
        (r#"service("checkout") { fault }"#, Some(8.0)),
        (r#"edge("front", "catalog") { error }"#, Some(8.0)),
        (r#"http.url CONTAINS "/front/""#, Some(8.0)),
        ("responsetime > 0.05 AND !partial", Some(8.0)),
        ("responsetime >= 0.5 AND responsetime <= 0.6", Some(8.0)),
        (r#"rootcause.fault.exception { name = "KeyError" }"#, Some(8.0)),
        (r#"service("checkout") { http.status = 200 }"#, None),
        (r#"service("checkout") { http.url CONTAINS "zz" }"#, None),
        (r#"annotation[tier] = "platinum""#, Some(2.0)),
    ];
    let all = all.into_iter().map(|(text, aim_ms)| (text.to_owned(), aim_ms));
    let many: Vec<String> =
        (0..20).map(|word| format!(r#"http.url CONTAINS "none{word}""#)).collect();
    let many = many.join(" OR ");
    let one = (format!(r#"annotation[session] = "{}""#, needle(plan)), Some(1.5));
    all.chain([one, (many, None)]).collect()
}

/// Returns the value of an annotation that one trace from the middle of the plan has.
fn needle(plan: &Plan) -> String {
    let middle = plan.trace_count / 2;
    let mut traces = (middle..plan.trace_count).map(|index| Trace::draw(plan, index));
    traces.find(Trace::has_needle).map_or_else(String::new, |trace| trace.needle())
}

fn filter(text: &str) -> io::Result<Filter> {
    let predicate = Predicate::read(text).map_err(|problems| {
        io::Error::other(problems.first().map_or_else(String::new, ToString::to_string))
    })?;
    Ok(Filter::of(&predicate, &Options::default()))
}

fn ask(store: &Store, expression: String, aim_ms: Option<f64>) -> io::Result<Cost> {
    let page = Page { after: None, traces_max: PAGE };
    let window = Micros(0)..=Micros(u64::MAX);
    let read = filter(&expression)?;
    let query = Query { filter: &read, axis: Axis::Start, window, page, checks_max: CHECKS_MAX };
    let found = store.scan(&query);
    let (mut waits, mut sum) = (Vec::new(), 0.0);
    while waits.len() < REPEATS && (sum < REPEAT_MILLIS_MAX || waits.len() < 3) {
        let scan = || Ok(store.scan(&Query { filter: &filter(&expression)?, ..query.clone() }));
        let (scanned, micros): (io::Result<_>, f64) = timed(scan);
        scanned?;
        waits.push(micros / 1e3);
        sum += micros / 1e3;
    }
    waits.sort_by(f64::total_cmp);
    let ((total_count, count_cost), count_micros) = timed(|| store.count(&query));
    Ok(Cost {
        expression,
        page_ms: waits[waits.len() / 2],
        aim_ms,
        found_count: found.rows.len(),
        has_more: found.next.is_some(),
        row_count: found.cost.row_count,
        checked_count: found.cost.checked_count,
        count_ms: count_micros / 1e3,
        total_count,
        count_checked_count: count_cost.checked_count,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "page ms  aim  found     rows  asked  count ms    total  asked  expression")?;
        for cost in &self.expressions {
            let aim = cost.aim_ms.map_or_else(String::new, |aim| format!("{aim:.1}"));
            let more = if cost.has_more { "+" } else { " " };
            writeln!(
                out,
                "{:7.2} {aim:>4}  {:4}{more} {:8}  {:5}  {:8.2} {:8}  {:5}  {}",
                cost.page_ms,
                cost.found_count,
                cost.row_count,
                cost.checked_count,
                cost.count_ms,
                cost.total_count,
                cost.count_checked_count,
                cost.expression,
            )?;
        }
        writeln!(out, "\n      ms    total  page                  expression")?;
        for pages::Cost { page, expression, ms, total_count } in &self.pages {
            writeln!(out, "{ms:8.2} {total_count:8}  {page:20}  {expression}")?;
        }
        Ok(())
    }
}
