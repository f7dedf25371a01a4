//! `GetTimeSeriesServiceStatistics`.
//!
//! A period consists of whole minutes of receipt, so what it counts is exact. The faults to be expected
//! of a service are learned from the periods before, as insights learn them.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use filter::EntitySelector;
use filter::ast::Node;
use graph::insight::{Band, Baseline, Counts};
use graph::{EdgeKind, Graph, Histogram, Statistics};
use store::Grain;
use wire::api::Error;
use wire::api::series::{
    ForecastStatistics, GetTimeSeriesServiceStatisticsRequest,
    GetTimeSeriesServiceStatisticsResponse, TimeSeriesServiceStatistics,
};
use wire::{Micros, Seconds, json};

use super::graph::{check_window, scope, shape};
use super::refuse_next_token;
use crate::app::App;
use crate::expression;
use crate::graphs::{self, Scope};

/// The lengths that a period may have, in seconds.
///
/// Source: GetTimeSeriesServiceStatistics, captured answers.
const PERIODS: [i32; 2] = [60, 300];

/// How far before the window it is learned how many faults are to be expected.
const LEARNED: Micros = Micros(3 * 3600 * Micros::PER_SECOND);

/// Returns what was counted of nodes or edges in each period of a window, the last period first.
///
/// Source: GetTimeSeriesServiceStatistics, API reference and captured answers.
pub(crate) fn statistics(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetTimeSeriesServiceStatisticsRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    check_window(request.start_time, request.end_time)?;
    let period = period(request.period)?;
    let counted = Counted::read(request.entity_selector_expression.as_deref())?;
    if request.forecast_statistics && !counted.is_one_service() {
        let message = "Forecast statistics require an entity selector expression with an id";
        return Err(Error::invalid_request(message));
    }
    let asked = Asked {
        counted,
        scope: scope(app, request.group_name, request.group_arn)?,
        window: covered(request.start_time.micros()..request.end_time.micros(), period),
        period,
        learned: if request.forecast_statistics { LEARNED } else { Micros(0) },
    };
    let series = Series::of(app, &asked);
    let response = GetTimeSeriesServiceStatisticsResponse {
        contains_old_group_versions: series.older.total() > 0,
        next_token: None,
        time_series_service_statistics: series.shown(&asked),
    };
    Ok(json::encode(&response).into())
}

/// What a request asks for.
struct Asked {
    counted: Counted,
    scope: Scope,
    /// In times of receipt.
    window: Range<Micros>,
    period: Micros,
    /// How far before the window expectations are learned; zero when none are wanted.
    learned: Micros,
}

/// Returns the length of a period.
fn period(secs: Option<i32>) -> Result<Micros, Error> {
    let secs = secs.unwrap_or(PERIODS[0]);
    if !PERIODS.contains(&secs) {
        let message = format!("Time period must be one of {PERIODS:?}");
        return Err(Error::invalid_request(message));
    }
    Ok(Micros::from_secs(secs.unsigned_abs().into()))
}

/// Returns the window of receipt of the periods that end in `ends`; an empty one when none does.
fn covered(ends: Range<Micros>, period: Micros) -> Range<Micros> {
    let start_of = |end: Micros| {
        let number = end.0.div_ceil(period.0).saturating_sub(1);
        Micros(number.saturating_mul(period.0))
    };
    let start = start_of(ends.start);
    start..start_of(ends.end).max(start)
}

/// What is counted.
enum Counted {
    /// The calls of clients.
    Clients,
    /// Nodes; all of them when none is named.
    Services(Option<Node>),
    /// Edges from one node to another; all of them when none is named.
    Edges(Option<(Node, Node)>),
}

impl Counted {
    /// Reads a selector; what is wrong with it is said in the words of filter expressions.
    fn read(text: Option<&str>) -> Result<Self, Error> {
        let Some(text) = text else { return Ok(Self::Clients) };
        match EntitySelector::read(text) {
            Ok(EntitySelector::Service(node)) => Ok(Self::Services(node)),
            Ok(EntitySelector::Edge(ends)) => Ok(Self::Edges(ends)),
            Err(problems) => Err(expression::refusal(&problems)),
        }
    }

    /// Returns whether it is a service that is named.
    fn is_one_service(&self) -> bool {
        matches!(self, Self::Services(Some(_)))
    }

    /// Adds what a graph has of it.
    fn add(&self, graph: &Graph, account_id: &str, sum: &mut Sum) {
        let nodes = graph.nodes();
        if let Self::Services(wanted) = self {
            let is_wanted = |node: &graph::Node| {
                wanted.as_ref().is_none_or(|wanted| is_node(wanted, node, account_id))
            };
            for node in nodes.into_iter().filter(|node| is_wanted(node)) {
                sum.add(&node.statistics, &node.response_times);
            }
            return;
        }
        for placed in graph.edges() {
            let (source, target) = (nodes[placed.source_index], nodes[placed.target_index]);
            let is_wanted = match self {
                Self::Edges(Some((from, to))) => {
                    is_node(from, source, account_id) && is_node(to, target, account_id)
                }
                Self::Edges(None) => true,
                _ => source.is_client() && placed.kind == EdgeKind::Call,
            };
            if is_wanted {
                sum.add(&placed.edge.statistics, &placed.edge.response_times);
            }
        }
    }

    /// Returns a period in the API's shape.
    fn shown(&self, end: Micros, sum: &Sum, band: Option<Band>) -> TimeSeriesServiceStatistics {
        let statistics = Some(shape::statistics(&sum.statistics));
        let (edge, service) = match self {
            Self::Services(_) => (None, statistics),
            Self::Clients | Self::Edges(_) => (statistics, None),
        };
        TimeSeriesServiceStatistics {
            edge_summary_statistics: edge,
            response_time_histogram: shape::entries(&sum.response_times),
            service_forecast_statistics: ForecastStatistics {
                fault_count_high: band.map(|band| band.high),
                fault_count_low: band.map(|band| band.low),
            },
            service_summary_statistics: service,
            timestamp: Seconds::from(end),
        }
    }
}

/// Returns whether this is a node that is wanted; all of them are of one's own account.
fn is_node(wanted: &Node, node: &graph::Node, account_id: &str) -> bool {
    let is = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    };
    is(&wanted.name, Some(&node.id.name))
        && is(&wanted.service_type, node.id.service_type.as_deref())
        && is(&wanted.account_id, Some(account_id))
}

/// What was counted in a period.
#[derive(Default)]
struct Sum {
    statistics: Statistics,
    response_times: Histogram,
}

impl Sum {
    fn add(&mut self, statistics: &Statistics, response_times: &Histogram) {
        self.statistics.merge(statistics);
        self.response_times.merge(response_times);
    }
}

/// What was counted in each period.
#[derive(Default)]
struct Series {
    /// By the period's end.
    sums: BTreeMap<Micros, Sum>,
    /// What all nodes did in traces that joined the group under an earlier filter.
    older: Statistics,
}

impl Series {
    fn of(app: &App, asked: &Asked) -> Self {
        let mut series = Self::default();
        let window = asked.window.start.since(asked.learned)..asked.window.end;
        graphs::each_part(app, &asked.scope, &window, Grain::Minute, |part| {
            let start = Micros(part.minute.saturating_mul(60 * Micros::PER_SECOND));
            let number = start.0 / asked.period.0 + 1;
            let sum = series.sums.entry(Micros(number.saturating_mul(asked.period.0))).or_default();
            asked.counted.add(&part.graph, &app.config.account_id, sum);
            if asked.scope.is_older(&part) && start >= asked.window.start {
                let nodes = part.graph.nodes();
                nodes.into_iter().for_each(|node| series.older.merge(&node.statistics));
            }
        });
        series
    }

    /// Returns the periods of the window in which something was counted, the last one first.
    fn shown(&self, asked: &Asked) -> Vec<TimeSeriesServiceStatistics> {
        let mut baseline = (asked.learned.0 > 0).then(Baseline::default);
        let mut shown = Vec::new();
        for (&end, sum) in self.sums.iter().filter(|(_, sum)| sum.statistics.total() > 0) {
            let band = baseline.as_mut().map(|baseline| expected(baseline, sum, asked.period));
            if end > asked.window.start {
                shown.push(asked.counted.shown(end, sum, band));
            }
        }
        shown.reverse();
        shown
    }
}

/// Returns how many faults were to be expected in a period, and learns from it unless there were more.
fn expected(baseline: &mut Baseline, sum: &Sum, period: Micros) -> Band {
    let counts = Counts { faults: sum.statistics.fault_count(), total: sum.statistics.total() };
    let band = baseline.band(counts.total);
    if counts.faults <= band.high {
        let minutes = period.0 / (60 * Micros::PER_SECOND);
        baseline.learn(counts, u32::try_from(minutes).unwrap_or(1));
    }
    band
}

#[cfg(test)]
mod tests;
