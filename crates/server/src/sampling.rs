//! Who may sample how much: rules, and what clients that follow them are told to do.
//!
//! Time is passed in. [`rules`] are the rules themselves, which are kept; [`reservoir`] shares what a rule samples for certain among its clients, [`boost`] raises its rate
//! while something is wrong, and [`windows`] adds up what its clients report. The last three are
//! kept per rule, begin empty at a start, and are gone with their rule.

mod rules;

pub(crate) mod dry_run;

mod reservoir;

mod boost;

mod windows;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
pub(crate) use rules::Rules;
use store::Documents;
use wire::api::Error;
use wire::api::sampling::{
    CreateSamplingRuleRequest, GetSamplingTargetsRequest, RuleSelector, RuleUpdate,
};
use wire::sampling::{
    BoostStatistics, REPORT_INTERVAL_SECS, RuleRecord, StatisticSummary, Statistics, Target,
};
use wire::{Micros, Seconds};

use self::boost::Booster;
use self::reservoir::Reservoir;
use self::windows::Windows;
use crate::control::{self, Kept};

/// Reports whose time differs more from ours say nothing about the demand of now.
const REPORT_AGE_MAX: Micros = Micros(300 * Micros::PER_SECOND);

/// Java's SDK sends milliseconds; no second of this era has so many digits.
const MILLISECONDS_MIN: f64 = 1e11;

/// The rules, and what their clients do.
pub(crate) struct Sampling {
    rules: Kept<Rules>,
    /// By the name of a rule; absent until there is a report of it. Rules are looked at while it is
    /// locked, so that none is added that was deleted.
    activity: Mutex<Activities>,
    refused: Counter,
}

#[derive(Debug, Default)]
struct Activities(HashMap<String, Activity>);

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
    /// Loads the rules. `arn_prefix` is what the ARN of each begins with, up to its name.
    pub(crate) fn load_rules(
        documents: Arc<Documents>,
        arn_prefix: String,
    ) -> Result<Kept<Rules>, control::Error> {
        Kept::open(documents, |bytes| Rules::load(bytes, arn_prefix))
    }

    /// Returns these rules, without clients; `refused` counts reports that got no quota because too
    /// many clients are known.
    pub(crate) fn new(rules: Kept<Rules>, refused: Counter) -> Self {
        Self { rules, activity: Mutex::default(), refused }
    }

    /// Returns every rule in the order in which they are tried.
    pub(crate) fn rules(&self) -> Vec<RuleRecord<'static>> {
        self.rules.now().records()
    }

    /// Makes a rule.
    pub(crate) fn create(
        &self,
        request: CreateSamplingRuleRequest,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        self.rules.change(|rules| rules.create(request, now))
    }

    /// Changes a rule.
    pub(crate) fn update(
        &self,
        update: RuleUpdate,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        self.rules.change(|rules| rules.update(update, now))
    }

    /// Deletes a rule and forgets what its clients did.
    pub(crate) fn delete(
        &self,
        selector: &RuleSelector,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        let record = self.rules.change(|rules| rules.delete(selector, now))?;
        self.activity.lock().0.remove(&*record.sampling_rule.rule_name);
        Ok(record)
    }

    /// Returns the tags of the rule with this ARN.
    pub(crate) fn tags(&self, arn: &str) -> Option<BTreeMap<String, String>> {
        self.rules.now().tags(arn).cloned()
    }

    /// Changes the tags of the rule with this ARN.
    pub(crate) fn change_tags(
        &self,
        arn: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.rules.change(|rules| {
            change(rules.tags_mut(arn).ok_or_else(|| Error::resource_not_found(arn))?)
        })
    }

    /// Takes the reports of a request and says what its clients are to do.
    pub(crate) fn answer<'a>(
        &self,
        request: &'a GetSamplingTargetsRequest,
        now: Micros,
    ) -> Answer<'a> {
        let mut activity = self.activity.lock();
        let rules = self.rules.now();
        let unknown_boosts = request.boost_statistics.as_ref().map(|reports| {
            let unknown = |report: &&BoostStatistics| !activity.take_anomalies(&rules, report, now);
            reports.iter().filter(unknown).map(|report| &*report.rule_name).collect()
        });
        let mut targets = Vec::with_capacity(request.statistics.len());
        let mut unknown = Vec::new();
        for report in &request.statistics {
            match activity.target(&rules, report, now, &self.refused) {
                Some(target) => targets.push(target),
                None => unknown.push(&*report.rule_name),
            }
        }
        let last_rule_modification = rules.last_modification();
        Answer { targets, unknown, unknown_boosts, last_rule_modification }
    }

    /// Returns what the clients of each rule counted in the last window that has ended.
    pub(crate) fn summaries(&self, now: Micros) -> Vec<StatisticSummary<'static>> {
        let activity = self.activity.lock();
        let summary = |record: RuleRecord<'static>| {
            let rule_name = record.sampling_rule.rule_name;
            let activity = activity.0.get(&*rule_name);
            let window = activity.map(|activity| activity.windows.closed(now));
            window.unwrap_or_default().summary(rule_name, windows::last_closed_start(now))
        };
        self.rules().into_iter().map(summary).collect()
    }
}

impl Activities {
    /// Returns what the reporting client is to do; `None` when there is no such rule.
    fn target<'a>(
        &mut self,
        rules: &Rules,
        report: &'a Statistics,
        now: Micros,
        refused: &Counter,
    ) -> Option<Target<'a>> {
        let rule = rules.find(&report.rule_name)?;
        let activity = self.of(&report.rule_name);
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
    fn take_anomalies(&mut self, rules: &Rules, report: &BoostStatistics, now: Micros) -> bool {
        let Some(rule) = rules.find(&report.rule_name) else { return false };
        if is_current(report.timestamp, now) {
            self.of(&report.rule_name).booster.report(report, rule, now);
        }
        true
    }

    /// Returns what the clients of a rule do.
    fn of(&mut self, rule_name: &str) -> &mut Activity {
        // Looked up by reference first, so that a name is copied only once in its rule's life.
        if !self.0.contains_key(rule_name) {
            self.0.insert(rule_name.to_owned(), Activity::default());
        }
        self.0.get_mut(rule_name).expect("it was put there above")
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
