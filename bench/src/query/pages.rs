//! What the console's pages cost: sorted searches, groups, and a comparison of many tables in one pass.

use std::{io, slice};

use serde::Serialize;
use store::block::traces::predicate::TextMember;
use store::group::{By, Measured, Table, Tables};
use store::sort::{self, Order, Time};
use store::{Axis, Filter, Store, Watch, visit};
use wire::Micros;

use super::filter;
use crate::seal::timed;

/// How often each is asked; the middle counts.
const REPEATS: usize = 5;

/// What one question cost.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    /// What is asked.
    pub(super) page: &'static str,
    /// Of which traces.
    pub(super) expression: &'static str,
    /// CPU time of the thread that asks, in milliseconds.
    pub(super) ms: f64,
    /// Traces that match.
    pub(super) total_count: u64,
}

/// Asks everything.
///
/// # Errors
/// When an expression is not understood.
pub(super) fn run(store: &Store) -> io::Result<Vec<Cost>> {
    let mut costs = Vec::new();
    for expression in ["", "fault", r#"service("checkout") { http.status = 200 }"#] {
        let all = &filter(expression)?;
        costs.push(median("slowest 100", expression, || slowest(store, all)));
        for (page, by) in [
            ("by URL", By::Text(TextMember::Url)),
            ("by URL, ids out", By::UrlTemplate),
            ("by node", By::Node),
            ("by outcome", By::Outcome),
        ] {
            costs.push(median(page, expression, || tables(store, all, &[], slice::from_ref(&by))));
        }
        let sets = [&filter(&format!("{expression} fault"))?];
        costs.push(median("12 tables, one set", expression, || {
            tables(store, all, &sets, &every_table())
        }));
    }
    let fault = &filter("fault")?;
    costs.push(median("2,000 whole traces", "fault", || whole(store, fault)));
    Ok(costs)
}

/// The tables of a comparison.
fn every_table() -> Vec<By> {
    let texts = [TextMember::Method, TextMember::UserAgent, TextMember::ClientIp, TextMember::User];
    let texts = texts.map(By::Text).into_iter();
    let others = [
        By::UrlTemplate,
        By::Status,
        By::Node,
        By::EntryPoint,
        By::Edge,
        By::FaultCause,
        By::Annotation("tier".to_owned()),
        By::Start { width: Micros(60 * Micros::PER_SECOND) },
    ];
    texts.chain(others).collect()
}

fn median(page: &'static str, expression: &'static str, ask: impl Fn() -> u64) -> Cost {
    let mut waits = Vec::new();
    let mut total_count = 0;
    for _ in 0..REPEATS {
        let (total, micros) = timed(&ask);
        total_count = total;
        waits.push(micros / 1e3);
    }
    waits.sort_by(f64::total_cmp);
    Cost { page, expression, ms: waits[REPEATS / 2], total_count }
}

fn slowest(store: &Store, filter: &Filter) -> u64 {
    let query = sort::Query {
        filter,
        axis: Axis::Start,
        window: Micros(0)..=Micros(u64::MAX),
        by: Time::ResponseTime,
        order: Order::Descending,
        after: None,
        traces_max: 100,
        watch: &Watch::default(),
    };
    store.sort(&query).total
}

fn tables(store: &Store, filter: &Filter, sets: &[&Filter], by: &[By]) -> u64 {
    let tables: Vec<Table<'_>> =
        by.iter().map(|by| Table { by, of: None, groups_max: 50 }).collect();
    let found = store.group_tables(&Tables {
        filter,
        axis: Axis::Start,
        window: Micros(0)..=Micros(u64::MAX),
        sets,
        tables: &tables,
        measured: Measured::default(),
        watch: &Watch::default(),
    });
    found[0].total.trace_count
}

fn whole(store: &Store, filter: &Filter) -> u64 {
    let query = visit::Query {
        filter,
        axis: Axis::Start,
        window: Micros(0)..=Micros(u64::MAX),
        traces_max: 2_000,
        watch: &Watch::default(),
    };
    store.visit(&query, &mut |_| {}).visited_count
}
