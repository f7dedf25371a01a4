//! Who may sample how much: rules, and what clients that follow them are told to do.
//!
//! Everything here is in memory, and time is passed in. [`rules`] are the rules themselves;
//! [`reservoir`] shares what a rule samples for certain among its clients, [`boost`] raises its rate
//! while something is wrong, and [`windows`] adds up what its clients report. The last three are
//! kept per rule, begin empty at a start, and are gone with their rule.

mod rules;

mod reservoir;

mod boost;

mod windows;

use std::borrow::Cow;
use std::collections::HashMap;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
pub(crate) use rules::LoadError;
use wire::api::Error;
use wire::api::sampling::{
    CreateSamplingRuleRequest, GetSamplingTargetsRequest, RuleSelector, RuleUpdate,
};
use wire::sampling::{
    BoostStatistics, REPORT_INTERVAL_SECS, Rule, RuleRecord, StatisticSummary, Statistics, Target,
};
use wire::{Micros, Seconds};

use self::boost::Booster;
use self::reservoir::Reservoir;
use self::rules::Rules;
use self::windows::Windows;

/// Reports whose time differs more from ours say nothing about the demand of now.
const REPORT_AGE_MAX: Micros = Micros(300 * Micros::PER_SECOND);

/// Java's SDK sends milliseconds; no second of this era has so many digits.
const MILLISECONDS_MIN: f64 = 1e11;

/// The rules, and what their clients do.
pub(crate) struct Sampling {
    state: Mutex<State>,
    refused: Counter,
}

struct State {
    rules: Rules,
    /// By the name of a rule that exists; absent until there is a report of it.
    activity: HashMap<String, Activity>,
}

/// What the clients of one rule do.
#[derive(Debug, Default)]
struct Activity {
    reservoir: Reservoir,
    booster: Booster,
    windows: Windows,
}

/// What became of the reports of one request.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer<'a> {
    pub(crate) targets: Vec<Target<'a>>,
    /// The rules that reports named and that do not exist.
    pub(crate) unknown: Vec<&'a str>,
    /// The same for reports of anomalies; `None` when there were none.
    pub(crate) unknown_boosts: Option<Vec<&'a str>>,
    pub(crate) last_rule_modification: Seconds,
}

impl Sampling {
    /// Returns the state before the first rule was made.
    ///
    /// `arn_prefix` is what the ARN of each rule begins with, up to its name; `refused` counts
    /// reports that got no quota because too many clients are known.
    pub(crate) fn new(arn_prefix: String, refused: Counter) -> Self {
        let state = State { rules: Rules::new(arn_prefix), activity: HashMap::new() };
        Self { state: Mutex::new(state), refused }
    }

    /// Returns every rule in the order in which they are tried.
    pub(crate) fn rules(&self) -> Vec<RuleRecord<'static>> {
        self.state.lock().rules.records()
    }

    /// Makes a rule.
    pub(crate) fn create(
        &self,
        request: CreateSamplingRuleRequest,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        self.state.lock().rules.create(request, now)
    }

    /// Changes a rule.
    pub(crate) fn update(
        &self,
        update: RuleUpdate,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        self.state.lock().rules.update(update, now)
    }

    /// Deletes a rule and forgets what its clients did.
    pub(crate) fn delete(
        &self,
        selector: &RuleSelector,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        let mut state = self.state.lock();
        let record = state.rules.delete(selector, now)?;
        state.activity.remove(&*record.sampling_rule.rule_name);
        Ok(record)
    }

    /// Takes the reports of a request and says what its clients are to do.
    pub(crate) fn answer<'a>(
        &self,
        request: &'a GetSamplingTargetsRequest,
        now: Micros,
    ) -> Answer<'a> {
        let mut state = self.state.lock();
        let unknown_boosts = request.boost_statistics.as_ref().map(|reports| {
            let unknown = |report: &&BoostStatistics| !state.take_anomalies(report, now);
            reports.iter().filter(unknown).map(|report| &*report.rule_name).collect()
        });
        let mut targets = Vec::with_capacity(request.statistics.len());
        let mut unknown = Vec::new();
        for report in &request.statistics {
            match state.target(report, now, &self.refused) {
                Some(target) => targets.push(target),
                None => unknown.push(&*report.rule_name),
            }
        }
        let last_rule_modification = state.rules.last_modification();
        Answer { targets, unknown, unknown_boosts, last_rule_modification }
    }

    /// Returns what the clients of each rule counted in the last window that has ended.
    pub(crate) fn summaries(&self, now: Micros) -> Vec<StatisticSummary<'static>> {
        let State { rules, activity } = &*self.state.lock();
        let summary = |record: RuleRecord<'static>| {
            let rule_name = record.sampling_rule.rule_name;
            let activity = activity.get(&*rule_name);
            let window = activity.map(|activity| activity.windows.closed(now));
            window.unwrap_or_default().summary(rule_name, windows::last_closed_start(now))
        };
        rules.records().into_iter().map(summary).collect()
    }

    /// Returns the rules as bytes for [`load`](Self::load).
    #[cfg_attr(not(test), expect(dead_code, reason = "called once the control state keeps rules"))]
    pub(crate) fn save(&self) -> Vec<u8> {
        self.state.lock().rules.save()
    }

    /// Replaces the rules by saved ones. Clients are forgotten.
    #[cfg_attr(not(test), expect(dead_code, reason = "called once the control state keeps rules"))]
    pub(crate) fn load(&self, bytes: &[u8]) -> Result<(), LoadError> {
        let mut state = self.state.lock();
        state.rules.load(bytes)?;
        state.activity.clear();
        Ok(())
    }
}

impl State {
    /// Returns what the reporting client is to do; `None` when there is no such rule.
    fn target<'a>(
        &mut self,
        report: &'a Statistics,
        now: Micros,
        refused: &Counter,
    ) -> Option<Target<'a>> {
        let (rule, activity) = self.find(&report.rule_name)?;
        let is_current = is_current(report.timestamp, now);
        if is_current {
            activity.windows.add(report, now);
        }
        let demand = is_current.then(|| u64::try_from(report.request_count).unwrap_or(0));
        let lease = activity.reservoir.report(&report.client_id, demand, rule.reservoir_size, now);
        let lease = lease.unwrap_or_else(|_full| {
            refused.inc();
            None
        });
        Some(Target {
            fixed_rate: rule.fixed_rate,
            interval: lease.map(|_| REPORT_INTERVAL_SECS),
            quota: lease.map(|lease| lease.quota),
            quota_expires_at: lease.map(|lease| lease.expires_at.into()),
            rule_name: Cow::Borrowed(&report.rule_name),
            sampling_boost: activity.booster.boost(rule, now),
        })
    }

    /// Takes a report of anomalies; false when there is no such rule.
    fn take_anomalies(&mut self, report: &BoostStatistics, now: Micros) -> bool {
        let Some((rule, activity)) = self.find(&report.rule_name) else { return false };
        if is_current(report.timestamp, now) {
            activity.booster.report(report, rule, now);
        }
        true
    }

    fn find(&mut self, rule_name: &str) -> Option<(&Rule<'static>, &mut Activity)> {
        let rule = self.rules.find(rule_name)?;
        // Looked up by reference first, so that a name is copied only once in its rule's life.
        if !self.activity.contains_key(rule_name) {
            self.activity.insert(rule_name.to_owned(), Activity::default());
        }
        Some((rule, self.activity.get_mut(rule_name)?))
    }
}

fn is_current(timestamp: Seconds, now: Micros) -> bool {
    let Seconds(number) = timestamp;
    let sent = if number < MILLISECONDS_MIN { number } else { number / 1e3 };
    let sent = Seconds(sent).micros();
    now.since(sent).max(sent.since(now)) <= REPORT_AGE_MAX
}

#[cfg(test)]
mod tests;
