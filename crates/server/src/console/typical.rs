//! `GET traces/{id}/typical`: a trace that went well, to compare another one with.

use filter::Predicate;
use serde::Serialize;
use store::group::{By, template};
use store::sort::{Order, Place, Query, Time};
use store::{Axis, Filter, StoredRow};
use trace::NodeId;
use utoipa::ToSchema;
use wire::{Micros, TraceId};

use super::aggregate::grouped;
use super::{Answer, Answered, Ask, Error, error, term};

/// How far away from the trace others are looked for.
const REACH: u64 = 3_600 * Micros::PER_SECOND;

/// How many traces around the median are looked at, in either direction.
const ROWS_MAX: usize = 100;

/// A trace to compare with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Typical {
    /// Null when there is none.
    #[schema(required)]
    id: Option<String>,
    /// Of how many it is the typical one.
    of: u64,
    by: TypicalBy,
}

/// What the traces have in common of which one is typical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TypicalBy {
    /// The entry point and the URL, ids taken out.
    Url,
    /// The entry point.
    Entry,
}

/// Finds a trace of the same entry point that went well and took neither long nor short.
#[utoipa::path(get, path = "/console/api/traces/{id}/typical", operation_id = "typical",
    params(("id" = String, Path)),
    responses((status = 200, body = Typical), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn typical(ask: &Ask<'_>) -> Answered {
    let text = ask.input.parameter("id");
    let id = TraceId::parse(text);
    let id = id.ok_or_else(|| Error::invalid(format!("{text} is no trace id")).in_field("id"))?;
    let missing = || Error::not_found(format!("There is no trace {text}"));
    let stored = ask.app.store.trace(&id).ok_or_else(missing)?;
    let trace = crate::rollup::assemble(&stored).map_err(|_| missing())?;
    let summary = trace::summarize(&trace);
    let Some(entry) = &summary.entry_point else {
        return Ok(Answer::json(&Typical { id: None, of: 0, by: TypicalBy::Entry }));
    };
    let around = Around { ask, id, start: summary.start };
    let of_url = summary.http.url.map(template);
    let found = match &of_url {
        Some(template) => around.find(entry, Some(template))?,
        None => None,
    };
    let found = match found {
        Some((id, of)) => Some((id, of, TypicalBy::Url)),
        None => around.find(entry, None)?.map(|(id, of)| (id, of, TypicalBy::Entry)),
    };
    let (id, of, by) = match found {
        Some((id, of, by)) => (Some(id.to_string()), of, by),
        None => (None, 0, TypicalBy::Entry),
    };
    Ok(Answer::json(&Typical { id, of, by }))
}

/// Where traces are looked for.
struct Around<'a> {
    ask: &'a Ask<'a>,
    /// The trace that another one is wanted for.
    id: TraceId,
    start: Micros,
}

impl Around<'_> {
    /// Returns the trace nearest to the median of all that went well, and how many those are.
    fn find(
        &self,
        entry: &NodeId<'_>,
        of_url: Option<&str>,
    ) -> Result<Option<(TraceId, u64)>, Error> {
        let entry =
            term::filter(&By::EntryPoint, &store::group::Key::Node(entry.clone().into_owned()));
        let url = of_url.map_or(String::new(), |template| {
            term::filter(&By::UrlTemplate, &store::group::Key::Text(template.into()))
        });
        let text = format!("{entry} AND ok {}{url}", if url.is_empty() { "" } else { "AND " });
        let predicate = Predicate::read(&text);
        let predicate = predicate.map_err(|_| Error::from(wire::api::Error::internal()))?;
        let filter = &Filter::of(&predicate, &filter::Options::default());
        let (from, to) = (self.start.0.saturating_sub(REACH), self.start.0.saturating_add(REACH));
        let found = grouped(self.ask, filter, from, to, &By::UrlTemplate, usize::MAX)?;
        let measures = match of_url {
            None => Some(&found.total),
            // The filter may pick longer URLs, too.
            Some(template) => {
                let is_it = |key: &store::group::Key| term::text(key) == template;
                found.groups.iter().find(|one| is_it(&one.key)).map(|one| &one.measures)
            }
        };
        let Some(measures) = measures else { return Ok(None) };
        let Some(median) = measures.quantile(0.5) else { return Ok(None) };
        let is_like = |row: &StoredRow| {
            let url = row.summary().http.url.map(template);
            row.id() != self.id && of_url.is_none_or(|of_url| url.as_deref() == Some(of_url))
        };
        let nearest = [Order::Ascending, Order::Descending].into_iter().filter_map(|order| {
            let row = self.first(filter, from, to, median, order, &is_like)?;
            let time = Time::ResponseTime.of(&row)?;
            Some((time.0.abs_diff(median.0), row.id()))
        });
        Ok(nearest.min().map(|(_, id)| (id, measures.trace_count)))
    }

    /// Returns the first like trace from the median on.
    fn first(
        &self,
        filter: &Filter,
        from: u64,
        to: u64,
        median: Micros,
        order: Order,
        is_like: &dyn Fn(&StoredRow) -> bool,
    ) -> Option<std::sync::Arc<StoredRow>> {
        // The first place of its time in one direction, the last in the other.
        let after = match order {
            Order::Ascending => {
                Place { time: Some(Micros(median.0.checked_sub(1)?)), id: TraceId([255; 16]) }
            }
            Order::Descending => Place { time: Some(Micros(median.0 + 1)), id: TraceId([255; 16]) },
        };
        let query = Query {
            filter,
            axis: Axis::Start,
            window: Micros(from)..=Micros(to),
            by: Time::ResponseTime,
            order,
            after: Some(after),
            traces_max: ROWS_MAX,
            watch: self.ask.watch,
        };
        self.ask.app.store.sort(&query).rows.into_iter().find(|row| is_like(row))
    }
}
