//! Queries of `sqlx`, which tells of each when it is over: the subsegment begins as long ago as the
//! query took.

use std::borrow::Cow;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level};
use wire::Micros;
use wire::segment::Sql;

use crate::context::Context;

/// The target of the events that tell of queries.
pub(super) const TARGET: &str = "sqlx::query";

/// What an event tells of a query.
#[derive(Default)]
struct Query {
    summary: String,
    statement: String,
    elapsed_secs: f64,
    rows_returned: u64,
    rows_affected: u64,
}

impl Visit for Query {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.elapsed_secs = value;
        }
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "rows_returned" => self.rows_returned = value,
            "rows_affected" => self.rows_affected = value,
            _ => {}
        }
    }
    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}

/// Records the query that an event tells of, below `context`.
pub(super) fn record(
    event: &Event<'_>,
    context: &Context,
    name: Cow<'static, str>,
    collects_text: bool,
    now: Micros,
) {
    if !context.is_recorded() {
        return;
    }
    let mut query = Query::default();
    event.record(&mut query);
    // A cast saturates, and what is not a number becomes zero.
    let elapsed = Micros((query.elapsed_secs * Micros::PER_SECOND as f64) as u64);
    let entity = context.begin_at(name, now.since(elapsed));
    entity.set_namespace("remote");
    let text = [query.statement, query.summary].into_iter().find(|it| !it.trim().is_empty());
    entity.sql(Sql {
        sanitized_query: text.filter(|_| collects_text).map(|it| it.trim().to_owned().into()),
        ..Sql::default()
    });
    entity.metadata("rows_returned", &query.rows_returned);
    entity.metadata("rows_affected", &query.rows_affected);
    if *event.metadata().level() == Level::ERROR {
        entity.set_fault();
    }
    entity.end_at(now);
}
