//! Searches, counts and groups asked of the store itself; `query` tells what expressions cost.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fluoro_tests::program::now;
use store::block::traces::predicate::{Predicate, Term, TextTest, ValueTest};
use store::group::{self, By};
use store::{Axis, DiskDir, Filter, NoRollup, Options, Page, Query, Store, Upkeep};
use wire::{ManualClock, Micros};

use super::query::{Cost, percentile_ms};

/// How often each is asked.
const REPEATS: usize = 100;

/// Groups that are asked for: a table and its *others*.
const GROUPS: usize = 50;

/// Traces on a page.
const PAGE: usize = 100;

/// A store whose server was stopped.
pub(super) struct Searcher(Store);

impl Searcher {
    /// Opens the data folder.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let dir = Arc::new(DiskDir::open(data)?);
        let options = Options { upkeep: Upkeep::ByHand, ..Options::default() };
        let clock = Arc::new(ManualClock::default());
        let store = Store::open(dir, options, clock, Arc::new(NoRollup));
        store.map(Self).map_err(io::Error::other)
    }

    /// Reads the newest page of the traces that are like the predicate; also how many are on it.
    pub(super) fn page(&self, predicate: &Predicate) -> (Cost, usize) {
        let filter = Filter::from(predicate.clone());
        let found = || self.0.scan(&query(&filter)).rows.len();
        (time(found), found())
    }

    /// Counts all traces that are like the predicate; also how many there are.
    pub(super) fn count(&self, predicate: &Predicate) -> (Cost, usize) {
        let filter = Filter::from(predicate.clone());
        let count = || usize::try_from(self.0.count(&query(&filter)).0).unwrap_or(usize::MAX);
        (time(count), count())
    }

    /// Puts all traces together by key; also how many groups there are.
    pub(super) fn group(&self, by: &By) -> (Cost, usize) {
        let group = || {
            let found = self.0.group(&grouped(by));
            found.groups.len() + usize::try_from(found.others.group_count).unwrap_or(usize::MAX)
        };
        (time(group), group())
    }
}

/// Returns what a group-by over everything asks.
fn grouped(by: &By) -> group::Query<'_> {
    let (filter, window) = (Filter::EVERYTHING, Micros(0)..=Micros(u64::MAX));
    group::Query { filter, axis: Axis::Start, window, by, groups_max: GROUPS }
}

fn query(filter: &Filter) -> Query<'_> {
    let page = Page { after: None, traces_max: PAGE };
    let window = Micros(0)..=Micros(u64::MAX);
    Query { filter, axis: Axis::Start, window, page, checks_max: u64::MAX }
}

/// Returns the traces that have this text under an annotation key.
pub(super) fn annotation(key: &str, value: &str) -> Predicate {
    let is_equal = ValueTest::Text(TextTest::Equals(value.to_owned()));
    Predicate::Is(Term::Annotation(key.to_owned(), is_equal))
}

fn time(mut ask: impl FnMut() -> usize) -> Cost {
    ask();
    let mut waits: Vec<Duration> = Vec::new();
    let begin = now();
    for _ in 0..REPEATS {
        let asked = now();
        ask();
        waits.push(asked.elapsed());
    }
    let total_ms = begin.elapsed().as_secs_f64() * 1e3;
    waits.sort_unstable();
    Cost {
        repeat_count: waits.len(),
        p50_ms: percentile_ms(&waits, 0.5),
        p99_ms: percentile_ms(&waits, 0.99),
        // One thread does it all, so this is the time it took as well.
        cpu_ms: total_ms / waits.len() as f64,
        answer_bytes: 0,
    }
}
