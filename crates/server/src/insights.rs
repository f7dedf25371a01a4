//! The watch over groups: each minute that has ended is shown to the engine of every group that is
//! watched, and what is known is kept.
//!
//! [`Insights::tick`] does all the work and is called from time to time; how often does not matter.
//! It asks for the graphs of the minutes that have ended since the last time, a few seconds late so
//! that documents on their way are counted. A group that was not watched before first learns from
//! the last hours. What an engine knows is written when an insight changes, and every now and then;
//! after a restart the minutes since then are taken again, so that nothing is lost.

mod kept;

pub(crate) mod words;

pub(crate) mod impact;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use ::graph::insight::{Change, Engine, EventKind, Insight, InsightId, bytes};
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use store::Documents;
use tracing::{info, warn};
use wire::Micros;
use wire::metric::{Kind, Metric};

use crate::app::App;
use crate::graphs::{self, Scope};
use crate::groups::{Group, Groups};

const MINUTE: Micros = Micros(60 * Micros::PER_SECOND);

/// How long after its end a minute is taken.
const GRACE: Micros = Micros(10 * Micros::PER_SECOND);

/// From so many minutes is learned what is normal, and so many are taken again after a restart.
const LEARNED_MINUTES: u64 = 6 * 60;

/// A clock that goes back by fewer minutes is waited for.
const SET_BACK_MINUTES: u64 = 30;

/// So many graphs are in memory at a time.
const CHUNK_MINUTES: usize = 10;

/// What is known is kept at least every so many minutes.
const KEPT_EVERY_MINUTES: u64 = 15;

/// What is known of every group.
pub(crate) struct Insights {
    documents: Arc<Documents>,
    /// By the group's ARN.
    watchers: Mutex<BTreeMap<String, Watcher>>,
    /// Held during a tick, so that there is one at a time.
    ticking: Mutex<()>,
    minutes: Counter,
    failures: Counter,
}

/// What is known of one group.
#[derive(Default)]
struct Watcher {
    engine: Engine,
    /// Whether the group was watched at the last tick.
    is_watched: bool,
    /// The last minute of what was kept.
    kept_minute: u64,
    /// Whether something has changed that has to be kept.
    is_dirty: bool,
}

/// Something that happened to an insight, for whoever wants to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// The group, by its name.
    pub(crate) group_name: String,
    /// The insight as it was then.
    pub(crate) insight: Insight,
    /// What happened.
    pub(crate) kind: EventKind,
}

impl Insights {
    /// Loads what is known of the groups.
    pub(crate) fn open(documents: Arc<Documents>, groups: &Groups) -> Self {
        let load = |group: Group| {
            let engine = kept::load(&documents, &group.arn)?;
            let kept_minute = engine.minute().unwrap_or(0);
            let watcher = Watcher { engine, is_watched: true, kept_minute, is_dirty: false };
            Some((group.arn, watcher))
        };
        let watchers = groups.all().into_iter().filter_map(load).collect();
        Self {
            documents,
            watchers: Mutex::new(watchers),
            ticking: Mutex::default(),
            minutes: Counter::default(),
            failures: Counter::default(),
        }
    }

    /// Shows `look` the insights of a group, oldest first.
    pub(crate) fn of_group<T>(&self, arn: &str, look: impl FnOnce(&[Insight]) -> T) -> T {
        let watchers = self.watchers.lock();
        look(watchers.get(arn).map_or(&[], |watcher| watcher.engine.insights()))
    }

    /// Returns an insight and the ARN of its group.
    pub(crate) fn find(&self, id: InsightId) -> Option<(String, Insight)> {
        let watchers = self.watchers.lock();
        watchers.iter().find_map(|(arn, watcher)| {
            let insight = watcher.engine.insights().iter().find(|insight| insight.id == id)?;
            Some((arn.clone(), insight.clone()))
        })
    }

    /// Takes the minutes that have ended since the last tick, and returns what happened. Reads the
    /// store and waits for the disk.
    pub(crate) fn tick(&self, app: &App, now: Micros) -> Vec<Notice> {
        let _turn = self.ticking.lock();
        // The minute before the one that goes on.
        let Some(minute) = store::minute(now.since(GRACE)).checked_sub(1) else {
            return Vec::new();
        };
        let groups = app.groups.all();
        self.forget_gone(&groups);
        groups.iter().flat_map(|group| self.tick_group(app, group, minute)).collect()
    }

    fn tick_group(&self, app: &App, group: &Group, minute: u64) -> Vec<Notice> {
        let notices = if group.insights.insights_enabled {
            self.watch(app, group, minute)
        } else {
            self.rest(group, minute)
        };
        self.keep(group);
        notices.iter().for_each(tell);
        notices
    }

    /// Shows the engine of a group every minute up to `minute` that it has not seen.
    fn watch(&self, app: &App, group: &Group, minute: u64) -> Vec<Notice> {
        let mut notices = Vec::new();
        let (from, is_new) = self.with(group, |watcher| {
            let oldest = (minute + 1).saturating_sub(LEARNED_MINUTES);
            if watcher.engine.minute() > Some(minute + SET_BACK_MINUTES) {
                warn!(
                    group_name = group.name,
                    "the clock was set back; learns anew what is normal"
                );
                let changes = watcher.engine.start_over(minute);
                notices.extend(watcher.notices(group, &changes));
                watcher.is_watched = false;
            }
            let is_new = !std::mem::replace(&mut watcher.is_watched, true);
            watcher.is_dirty |= is_new;
            let next = watcher.engine.minute().map_or(oldest, |last| last + 1);
            (next.max(oldest), is_new)
        });
        let scope = Scope::of(group);
        for first in (from..=minute).step_by(CHUNK_MINUTES) {
            let numbers = first..(first + CHUNK_MINUTES as u64).min(minute + 1);
            let mut graphs = graphs::minutes(app, &scope, &times(&numbers));
            notices.extend(self.with(group, |watcher| {
                let mut notices = Vec::new();
                for number in numbers {
                    let graph = graphs.remove(&number).unwrap_or_default();
                    if is_new && number < minute {
                        watcher.engine.learn(number, &graph);
                        continue;
                    }
                    let changes = watcher.engine.step(number, &graph, &mut new_id);
                    notices.extend(watcher.notices(group, &changes));
                    self.minutes.inc();
                }
                watcher.is_dirty |= minute >= watcher.kept_minute + KEPT_EVERY_MINUTES;
                notices
            }));
        }
        notices
    }

    /// Closes what goes on in a group that is not watched any more.
    fn rest(&self, group: &Group, minute: u64) -> Vec<Notice> {
        let mut watchers = self.watchers.lock();
        let Some(watcher) = watchers.get_mut(&group.arn).filter(|watcher| watcher.is_watched)
        else {
            return Vec::new();
        };
        watcher.is_watched = false;
        let changes = watcher.engine.abandon(minute);
        watcher.notices(group, &changes)
    }

    /// Forgets groups that were deleted.
    fn forget_gone(&self, groups: &[Group]) {
        let is_there = |arn: &String| groups.iter().any(|group| group.arn == *arn);
        let gone: Vec<String> = {
            let mut watchers = self.watchers.lock();
            let gone: Vec<String> = watchers.keys().filter(|arn| !is_there(arn)).cloned().collect();
            gone.iter().for_each(|arn| drop(watchers.remove(arn)));
            gone
        };
        for arn in gone {
            if let Err(error) = kept::save(&self.documents, &arn, &[]) {
                warn!(%error, "could not remove what was known of the insights of a deleted group");
            }
        }
    }

    /// Writes what is known of a group, if that is due.
    fn keep(&self, group: &Group) {
        let encoded = {
            let watchers = self.watchers.lock();
            let watcher = watchers.get(&group.arn).filter(|watcher| watcher.is_dirty);
            watcher.map(|watcher| (bytes::encode(&watcher.engine), watcher.engine.minute()))
        };
        let Some((state, minute)) = encoded else { return };
        match kept::save(&self.documents, &group.arn, &state) {
            Ok(()) => self.with(group, |watcher| {
                watcher.is_dirty = false;
                watcher.kept_minute = minute.unwrap_or(0);
            }),
            Err(error) => {
                self.failures.inc();
                warn!(%error, "could not keep what is known of insights; will try again");
            }
        }
    }

    fn with<T>(&self, group: &Group, change: impl FnOnce(&mut Watcher) -> T) -> T {
        let mut watchers = self.watchers.lock();
        change(watchers.entry(group.arn.clone()).or_default())
    }

    /// Returns the numbers to be monitored.
    pub(crate) fn numbers(&self) -> Vec<Metric> {
        let watchers = self.watchers.lock();
        let watched = || watchers.values().filter(|watcher| watcher.is_watched);
        let is_active = |insight: &&Insight| insight.is_active();
        let active = watchers.values().flat_map(|watcher| watcher.engine.insights());
        let last_minutes = watched().filter_map(|watcher| watcher.engine.minute());
        let minute_end = last_minutes.min().map_or(0, |minute| (minute + 1) * 60);
        let nodes: usize = watched().map(|watcher| watcher.engine.node_count()).sum();
        let counts = [
            (
                Kind::Gauge,
                "insights_active",
                "Insights that go on",
                active.filter(is_active).count() as u64,
            ),
            (Kind::Gauge, "insight_groups", "Groups that are watched", watched().count() as u64),
            (Kind::Gauge, "insight_nodes", "Nodes that are watched, over all groups", nodes as u64),
            (
                Kind::Gauge,
                "insight_minute_end_seconds",
                "End of the last minute that every watched group was looked at, since the epoch",
                minute_end,
            ),
            (Kind::Counter, "insight_minutes", "Minutes of groups looked at", self.minutes.get()),
            (
                Kind::Counter,
                "insight_keep_failures",
                "Times that what is known of insights could not be written",
                self.failures.get(),
            ),
        ];
        let metric = |(kind, name, help, value)| Metric::new(kind, name, help, value);
        counts.into_iter().map(metric).collect()
    }
}

impl Watcher {
    /// Returns what there is to tell.
    fn notices(&mut self, group: &Group, changes: &[Change]) -> Vec<Notice> {
        self.is_dirty |= !changes.is_empty();
        let notice = |change: &Change| {
            let mut insights = self.engine.insights().iter();
            let insight = insights.find(|insight| insight.id == change.id)?.clone();
            Some(Notice { group_name: group.name.clone(), insight, kind: change.kind })
        };
        changes.iter().filter_map(notice).collect()
    }
}

fn tell(notice: &Notice) {
    let Notice { group_name, insight, kind } = notice;
    let (id, root) = (insight.id, words::service(&insight.root));
    match kind {
        EventKind::Opened => info!(%id, group_name, root, "an insight began"),
        EventKind::RootChanged => info!(%id, group_name, root, "an insight has another root cause"),
        EventKind::Grew => info!(%id, group_name, root, "an insight has grown"),
        EventKind::Closed => info!(%id, group_name, root, "an insight is over"),
    }
}

fn new_id() -> InsightId {
    InsightId::from_random(fastrand::u128(..))
}

/// Returns the beginning of a minute.
pub(crate) fn start(minute: u64) -> Micros {
    Micros(minute.saturating_mul(MINUTE.0))
}

fn times(minutes: &Range<u64>) -> Range<Micros> {
    start(minutes.start)..start(minutes.end)
}

#[cfg(test)]
pub(crate) mod tests;
