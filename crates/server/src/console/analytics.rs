//! `POST analytics`: all traces of a scope, a set of them and perhaps another, compared in one pass
//! over the store.

mod differences;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::group::{By, Group, Key, Measured, Table, Tables};
use store::{Axis, Filter, Grouped, Progress, Watch, group};
use utoipa::ToSchema;
use wire::Micros;

use super::aggregate::Window;
use super::info::ANALYTICS_TABLES_MAX;
use super::measures::Measures;
use super::shape::{Scope, read_filter, resolved, window};
use super::{Ask, Error, Lines, Work, buckets, error, term};
use crate::app::App;
use differences::Difference;

/// Rows of one table that are shown.
const ROWS_MAX: usize = 50;

/// Buckets of response times, and of those in the heatmap.
const TIMES_MAX: usize = 40;

/// Steps of time.
const STEPS_MAX: u64 = 80;

/// Which traces, which of them, and what of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Analytics {
    #[serde(flatten)]
    scope: Scope,
    /// A filter expression: those of the traces that are the set A.
    #[serde(default)]
    #[schema(required = false)]
    a: String,
    /// When those of A began; whenever, if absent.
    #[serde(default)]
    #[schema(nullable = false)]
    a_window: Option<Window>,
    /// A filter expression: those that are the set B. There is none without it and without a window.
    #[serde(default)]
    b: Option<String>,
    /// When those of B began.
    #[serde(default)]
    #[schema(nullable = false)]
    b_window: Option<Window>,
    /// Which times are drawn and measured; response times unless said otherwise.
    #[serde(default)]
    #[schema(required = false)]
    measure: MeasuredTime,
    /// Tables that are wanted, as `by` of an aggregate; at most 24.
    #[serde(default)]
    #[schema(required = false)]
    tables: Vec<String>,
    /// Whether to say what is different in A.
    #[serde(default)]
    #[schema(required = false)]
    differences: bool,
}

/// Which time of a trace is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MeasuredTime {
    #[default]
    ResponseTime,
    Duration,
}

/// A line of the answer. `b` is null when there is no set B.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "progress and errors are written where all answers in lines are")]
pub(crate) enum AnalyticsLine<'e> {
    Progress(Done),
    Sets(Box<Sets>),
    Distribution(Distribution),
    Activity(Activity),
    Heatmap(Heatmap),
    Table(CountTable),
    Differences(Vec<Difference>),
    End(AnalyticsEnd),
    Error(error::Body<'e>),
}

/// How far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Traces that were looked at.
    done: u64,
    /// Of how many; null when that is not known.
    #[schema(required)]
    of: Option<u64>,
}

/// What is measured of each set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sets {
    retrieved: Measures,
    a: Measures,
    #[schema(required)]
    b: Option<Measures>,
}

/// Response times on a logarithmic axis.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Distribution {
    /// One more than there are counts; empty when no trace has a response time. Units: microseconds.
    edges: Vec<u64>,
    all: Vec<u64>,
    a: Vec<u64>,
    #[schema(required)]
    b: Option<Vec<u64>>,
}

/// Traces by when they began.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Activity {
    /// Units: microseconds since the epoch.
    start: u64,
    /// Of a step. Units: microseconds.
    width: u64,
    all: Vec<u64>,
    a: Vec<u64>,
    #[schema(required)]
    b: Option<Vec<u64>>,
}

/// Traces by when they began and how long they took.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Heatmap {
    /// Units: microseconds since the epoch.
    start: u64,
    /// Of a step. Units: microseconds.
    width: u64,
    /// As of the distribution.
    edges: Vec<u64>,
    /// Of each step, the counts between the edges.
    all: Vec<Vec<u64>>,
    a: Vec<Vec<u64>>,
}

/// Traces by what they have in common.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountTable {
    by: String,
    /// The largest first, at most 50.
    rows: Vec<CountRow>,
    /// The groups that are not shown, added up.
    others: CountOthers,
    /// Traces without such a key.
    none: Counts,
}

/// One group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountRow {
    /// As of an aggregate.
    key: String,
    filter: String,
    #[serde(flatten)]
    counts: Counts,
}

/// The groups that are not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountOthers {
    groups: u64,
    #[serde(flatten)]
    counts: Counts,
}

/// How many traces, and how many of them are in each set.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    all: u64,
    a: u64,
    #[schema(required)]
    b: Option<u64>,
}

/// What there is to say behind everything else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalyticsEnd {
    /// Traces that were looked at.
    scanned: u64,
    /// False when something could not be read, or there are too many groups to tell all apart.
    exact: bool,
}

/// Compares sets of traces.
#[utoipa::path(post, path = "/console/api/analytics", operation_id = "analytics",
    request_body = Analytics,
    responses((status = 200, body = AnalyticsLine<'_>, content_type = "application/x-ndjson"),
        (status = "4XX", body = error::Body<'_>)))]
pub(super) fn analytics(ask: &Ask<'_>) -> Result<Work, Error> {
    let request: Analytics = ask.body()?;
    request.scope.window()?;
    if request.tables.len() > ANALYTICS_TABLES_MAX {
        let message = format!("At most {ANALYTICS_TABLES_MAX} tables are made at once");
        return Err(Error::invalid(message).in_field("tables"));
    }
    let tables =
        request.tables.iter().map(|word| Ok((word.clone(), term::read_by(word, "tables")?)));
    let tables = tables.collect::<Result<Vec<_>, Error>>()?;
    let scope = request.scope.predicate(ask.app)?;
    let filter_of = |parts| Filter::of(&filter::Predicate::All(parts), &filter::Options::default());
    let set = |text: &str, began: Option<Window>, field| {
        let set = resolved(ask.app, read_filter(text, field)?)?;
        let set = filter_of(vec![scope.clone(), set]);
        Ok::<_, Error>(match began {
            Some(Window { from, to }) => set.within(Axis::Start, window(from, to)?),
            None => set,
        })
    };
    let mut sets = vec![set(&request.a, request.a_window, "a")?];
    if request.b.is_some() || request.b_window.is_some() {
        sets.push(set(request.b.as_deref().unwrap_or_default(), request.b_window, "b")?);
    }
    let all = filter_of(vec![scope.clone()]);
    let Scope { from, to, .. } = request.scope;
    let width = buckets::width(from, to, STEPS_MAX);
    let wants_differences = request.differences;
    let measured = match request.measure {
        MeasuredTime::ResponseTime => Measured::ResponseTime,
        MeasuredTime::Duration => Measured::Duration,
    };
    let analysis = Analysis { all, sets, tables, from, to, width, measured, wants_differences };
    Ok(Work {
        progress,
        run: Box::new(move |app, watch, lines| {
            analysis.run(app, watch, lines);
            Ok(())
        }),
    })
}

fn progress(progress: Progress) -> serde_json::Value {
    json!({"done": progress.looked_at, "of": null})
}

/// What is to be done.
struct Analysis {
    all: Filter,
    /// A, and perhaps B.
    sets: Vec<Filter>,
    tables: Vec<(String, By)>,
    from: u64,
    to: u64,
    width: u64,
    measured: Measured,
    wants_differences: bool,
}

impl Analysis {
    fn run(&self, app: &App, watch: &Watch, lines: &mut Lines<'_>) {
        let steps = &By::Start { width: Micros(self.width) };
        let sets: Vec<&Filter> = self.sets.iter().collect();
        let of_steps = std::iter::once(None).chain((0..sets.len()).map(Some));
        let mut tables: Vec<Table<'_>> =
            of_steps.map(|of| Table { by: steps, of, groups_max: usize::MAX }).collect();
        let groups_max = usize::MAX;
        tables.extend(self.tables.iter().map(|(_, by)| Table { by, of: None, groups_max }));
        let mut found = app.store.group_tables(&Tables {
            filter: &self.all,
            axis: Axis::Start,
            window: Micros(self.from)..=Micros(self.to),
            sets: &sets,
            tables: &tables,
            measured: self.measured,
            watch,
        });
        let counted = found.split_off(1 + sets.len());
        self.over_time(&found, lines);
        let mut differences = Vec::new();
        let mut exact = found.iter().chain(&counted).all(super::aggregate::is_exact);
        let totals = (found[0].total.trace_count, found[1].total.trace_count);
        for ((word, by), grouped) in self.tables.iter().zip(counted) {
            if self.wants_differences {
                let of_table = grouped.groups.iter().map(|group| (word.as_str(), by, group));
                differences.extend(of_table.filter_map(|one| Difference::of(one, totals)));
            }
            lines.send(&AnalyticsLine::Table(self.table(word, by, grouped)));
        }
        exact &= !watch.is_cancelled();
        if self.wants_differences {
            lines.send(&AnalyticsLine::Differences(differences::ranked(differences)));
        }
        let scanned = watch.progress().looked_at;
        lines.send(&AnalyticsLine::End(AnalyticsEnd { scanned, exact }));
    }

    /// Sends what is known of all and of each set: in sum, by time, by response time, and by both.
    fn over_time(&self, found: &[Grouped], lines: &mut Lines<'_>) {
        let (all, a, b) = (&found[0], &found[1], found.get(2));
        lines.send(&AnalyticsLine::Sets(Box::new(Sets {
            retrieved: Measures::from(&all.total),
            a: Measures::from(&a.total),
            b: b.map(|b| Measures::from(&b.total)),
        })));
        let (min, max) = (all.total.response_time_min, all.total.response_time_max);
        let edges = match (min, max) {
            (Some(min), Some(max)) => buckets::edges(min.0, max.0, TIMES_MAX),
            _ => Vec::new(),
        };
        let times = |of: &Grouped| buckets::counts(&edges, &of.total.response_times);
        lines.send(&AnalyticsLine::Distribution(Distribution {
            all: times(all),
            a: times(a),
            b: b.map(times),
            edges: edges.clone(),
        }));
        let start = self.from / self.width * self.width;
        let counts = |of: &Grouped| self.by_step(of, |step| step.map_or(0, |one| one.trace_count));
        lines.send(&AnalyticsLine::Activity(Activity {
            start,
            width: self.width,
            all: counts(all),
            a: counts(a),
            b: b.map(counts),
        }));
        let none = group::Histogram::default();
        let cells = |of: &Grouped| {
            self.by_step(of, |step| {
                buckets::counts(&edges, step.map_or(&none, |one| &one.response_times))
            })
        };
        lines.send(&AnalyticsLine::Heatmap(Heatmap {
            start,
            width: self.width,
            all: cells(all),
            a: cells(a),
            edges: edges.clone(),
        }));
        // Whoever waits for the tables has something to look at.
        lines.flush();
    }

    /// Returns what is said of each step of the window.
    fn by_step<T>(&self, of: &Grouped, say: impl Fn(Option<&group::Measures>) -> T) -> Vec<T> {
        let known: HashMap<&Key, &group::Measures> =
            of.groups.iter().map(|one| (&one.key, &one.measures)).collect();
        let steps = buckets::steps(self.from, self.to, self.width);
        steps.map(|at| say(known.get(&Key::Start(Micros(at))).copied())).collect()
    }

    fn table(&self, word: &str, by: &By, mut grouped: Grouped) -> CountTable {
        for other in grouped.groups.drain(ROWS_MAX.min(grouped.groups.len())..) {
            grouped.others.group_count += 1;
            grouped.others.measures.merge(&other.measures);
        }
        let row = |Group { key, measures }: &Group| CountRow {
            key: term::text(key),
            filter: term::filter(by, key),
            counts: self.counts(measures),
        };
        CountTable {
            by: word.to_owned(),
            rows: grouped.groups.iter().map(row).collect(),
            others: CountOthers {
                groups: grouped.others.group_count,
                counts: self.counts(&grouped.others.measures),
            },
            none: self.counts(&grouped.none),
        }
    }

    fn counts(&self, measures: &group::Measures) -> Counts {
        let [a, b] = measures.set_counts;
        Counts { all: measures.trace_count, a, b: (self.sets.len() > 1).then_some(b) }
    }
}
