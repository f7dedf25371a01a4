//! Rules and targets of the server: what they are, what they have let pass, and what is reported of
//! that. No network: the answers are passed in, and so is the time, but for that at which a watched
//! request ends.
//!
//! A rule with a quota samples so many requests in each second; without one it borrows one request per
//! second; then its rate counts, raised for a while when the server boosts it. Without rules, or with
//! rules that nobody has confirmed for an hour, local rules decide.
//!
//! Source: the algorithm that all X-Ray SDKs share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use wire::api::sampling::Targets;
use wire::limits::SAMPLING_STATISTICS_MAX;
use wire::sampling::{BoostStatistics, LocalRules, REPORT_INTERVAL_SECS, Rule, Statistics, Target};
use wire::{Micros, Seconds};

use super::watch::{Conditions, Watch};
use super::{Decision, Local, PerSecond, Question, draw, fits};
use crate::system::Random;

/// How long rules count that nobody has confirmed.
const RULES_SECS: u64 = 3600;

/// Services whose anomalies are counted for one rule; with dynamic naming, callers choose the names.
const SERVICES_MAX: usize = SAMPLING_STATISTICS_MAX;

/// Rules of the server, and what they have let pass.
pub(crate) struct Central {
    client_id: String,
    fallback: Local,
    conditions: Conditions,
    rules: RwLock<Arc<[Arc<RuleState>]>>,
    /// Whether any of the rules may be boosted.
    has_boosts: AtomicBool,
    /// When the rules were last fetched, in microseconds; zero before.
    fetched: AtomicU64,
}

/// A rule, and what it has let pass.
pub(super) struct RuleState {
    rule: Rule<'static>,
    name: Arc<str>,
    tally: Mutex<Tally>,
}

/// What a rule has let pass since it was last reported, and what it may let pass.
#[derive(Clone, Debug, Default)]
struct Tally {
    request_count: i32,
    sampled_count: i32,
    borrow_count: i32,
    fixed_rate: f64,
    quota: Option<(u32, Micros)>,
    boost: Option<(f64, Micros)>,
    reservoir: PerSecond,
    borrowed: PerSecond,
    next_report: Micros,
    anomalies: Vec<Anomalies>,
}

/// What went wrong in one service.
#[derive(Clone, Debug)]
struct Anomalies {
    service: String,
    total_count: i32,
    anomaly_count: i32,
    sampled_anomaly_count: i32,
}

/// What is due to be reported.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) statistics: Vec<Statistics>,
    pub(super) boosts: Vec<BoostStatistics>,
}

/// Adds to a count that may be at its end.
fn add(count: &mut i32, more: i32) {
    *count = count.saturating_add(more);
}

impl RuleState {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        crate::lock(&self.tally)
    }

    /// Counts a request that went wrong.
    pub(super) fn count_anomaly(&self, service: &str, is_sampled: bool) {
        if let Some(anomalies) = self.tally().anomalies_of(service) {
            add(&mut anomalies.anomaly_count, 1);
            add(&mut anomalies.sampled_anomaly_count, i32::from(is_sampled));
        }
    }

    /// Returns whether every fault counts as an anomaly.
    pub(super) fn takes_faults_for_anomalies(&self) -> bool {
        let boost = self.rule.sampling_rate_boost;
        boost.and_then(|boost| boost.disable_default_anomaly_detection) != Some(true)
    }

    fn applies(&self, question: &Question<'_>) -> bool {
        let rule = &self.rule;
        fits(&rule.url_path, question.path)
            && fits(&rule.http_method, question.method)
            && fits(&rule.host, question.host)
            && fits(&rule.service_name, Some(question.service))
            && fits(&rule.service_type, question.origin)
    }
}

impl Tally {
    /// Decides on a request that matched.
    fn decide(&mut self, reservoir_size: i32, now: Micros, random: &dyn Random) -> bool {
        add(&mut self.request_count, 1);
        if let Some((quota, _)) = self.quota.filter(|(_, expires_at)| *expires_at >= now) {
            if self.reservoir.take(quota, now) {
                add(&mut self.sampled_count, 1);
                return true;
            }
        } else if reservoir_size > 0 && self.borrowed.take(1, now) {
            add(&mut self.borrow_count, 1);
            return true;
        }
        let boosted = self.boost.filter(|(_, expires_at)| *expires_at >= now);
        let rate = boosted.map_or(self.fixed_rate, |(rate, _)| rate.max(self.fixed_rate));
        let is_sampled = draw(rate, random);
        add(&mut self.sampled_count, i32::from(is_sampled));
        is_sampled
    }

    fn anomalies_of(&mut self, service: &str) -> Option<&mut Anomalies> {
        let at = self.anomalies.iter().position(|anomalies| anomalies.service == service);
        let at = at.or_else(|| {
            if self.anomalies.len() >= SERVICES_MAX {
                return None;
            }
            self.anomalies.push(Anomalies {
                service: service.to_owned(),
                total_count: 0,
                anomaly_count: 0,
                sampled_anomaly_count: 0,
            });
            Some(self.anomalies.len() - 1)
        });
        at.and_then(|at| self.anomalies.get_mut(at))
    }

    fn apply(&mut self, target: &Target<'_>, now: Micros) {
        self.fixed_rate = target.fixed_rate;
        let interval = target.interval.unwrap_or(REPORT_INTERVAL_SECS);
        let interval = u64::try_from(interval).unwrap_or(0);
        self.next_report = Micros(now.0.saturating_add(Micros::from_secs(interval).0));
        if let (Some(quota), Some(expires_at)) = (target.quota, target.quota_expires_at) {
            self.quota = Some((u32::try_from(quota).unwrap_or(0), expires_at.micros()));
        }
        let boost = target.sampling_boost;
        self.boost = boost.map(|boost| (boost.boost_rate, boost.expires_at.micros()));
    }
}

impl Central {
    pub(super) fn new(client_id: String, fallback: &LocalRules, conditions: Conditions) -> Self {
        Self {
            client_id,
            fallback: Local::new(fallback),
            conditions,
            has_boosts: AtomicBool::new(false),
            rules: RwLock::new(Arc::new([])),
            fetched: AtomicU64::new(0),
        }
    }

    fn rules(&self) -> Arc<[Arc<RuleState>]> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn decide(
        &self,
        question: &Question<'_>,
        now: Micros,
        random: &dyn Random,
    ) -> Decision {
        let Some(rule) = self.rule_for(question, now) else {
            return self.fallback.decide(question, now, random);
        };
        let is_sampled = rule.tally().decide(rule.rule.reservoir_size, now, random);
        let watch = self.watched(&rule, question, is_sampled, now);
        Decision { is_sampled, rule: is_sampled.then(|| rule.name.clone()), watch }
    }

    /// Returns who counts what goes wrong with a request that its caller has decided on.
    pub(super) fn watch(
        &self,
        question: &Question<'_>,
        is_sampled: bool,
        now: impl FnOnce() -> Micros,
    ) -> Option<Arc<Watch>> {
        if !self.has_boosts.load(Ordering::Relaxed) {
            return None;
        }
        let now = now();
        let rule = self.rule_for(question, now)?;
        self.watched(&rule, question, is_sampled, now)
    }

    fn rule_for(&self, question: &Question<'_>, now: Micros) -> Option<Arc<RuleState>> {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        let fetched = self.fetched.load(Ordering::Relaxed);
        let is_fresh = now.since(Micros(fetched)) <= Micros::from_secs(RULES_SECS);
        rules.iter().find(|rule| is_fresh && rule.applies(question)).cloned()
    }

    /// Counts a request whose rule may be boosted.
    fn watched(
        &self,
        rule: &Arc<RuleState>,
        question: &Question<'_>,
        is_sampled: bool,
        now: Micros,
    ) -> Option<Arc<Watch>> {
        rule.rule.sampling_rate_boost?;
        if let Some(anomalies) = rule.tally().anomalies_of(question.service) {
            add(&mut anomalies.total_count, 1);
        }
        let conditions = self.conditions.clone();
        Some(Arc::new(Watch::new(rule.clone(), question, conditions, is_sampled, now)))
    }

    /// Takes rules that were fetched; what was counted for a rule of the same name goes on.
    pub(super) fn take_rules(&self, rules: Vec<Rule<'static>>, now: Micros) {
        let before = self.rules();
        let usable = rules.into_iter().filter(|rule| {
            rule.version == 1 && rule.resource_arn == "*" && rule.attributes.is_empty()
        });
        let rules = usable.map(|rule| {
            let known = before.iter().find(|known| *known.name == *rule.rule_name);
            let mut tally = known.map(|known| known.tally().clone()).unwrap_or_default();
            tally.fixed_rate = rule.fixed_rate;
            let name = Arc::from(&*rule.rule_name);
            Arc::new(RuleState { rule, name, tally: Mutex::new(tally) })
        });
        let rules: Arc<[_]> = rules.collect();
        let has_boosts = rules.iter().any(|rule| rule.rule.sampling_rate_boost.is_some());
        self.has_boosts.store(has_boosts, Ordering::Relaxed);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        self.fetched.store(now.0, Ordering::Relaxed);
    }

    /// Takes what is due to be reported out of the counts; at most as much as one call may carry.
    pub(super) fn report(&self, now: Micros) -> Report {
        let mut report = Report::default();
        for rule in self.rules().iter() {
            let mut tally = rule.tally();
            if now < tally.next_report || report.statistics.len() >= SAMPLING_STATISTICS_MAX {
                continue;
            }
            // Where callers have decided on all requests, there are anomalies at most.
            if tally.request_count > 0 {
                report.statistics.push(Statistics {
                    rule_name: rule.name.to_string(),
                    client_id: self.client_id.clone(),
                    timestamp: Seconds::from(now),
                    request_count: std::mem::take(&mut tally.request_count),
                    sampled_count: std::mem::take(&mut tally.sampled_count),
                    borrow_count: std::mem::take(&mut tally.borrow_count),
                });
            }
            let room = SAMPLING_STATISTICS_MAX.saturating_sub(report.boosts.len());
            let anomalies = std::mem::take(&mut tally.anomalies).into_iter().take(room);
            report.boosts.extend(anomalies.map(|it| BoostStatistics {
                rule_name: rule.name.to_string(),
                service_name: it.service.chars().take(64).collect(),
                timestamp: Seconds::from(now),
                anomaly_count: it.anomaly_count,
                total_count: it.total_count,
                sampled_anomaly_count: it.sampled_anomaly_count,
            }));
        }
        report
    }

    /// Puts the counts of a report back that did not arrive. What it said of anomalies is stale by the
    /// time it would arrive, and is forgotten.
    pub(super) fn restore(&self, report: &Report) {
        for statistics in &report.statistics {
            if let Some(rule) = self.named(&statistics.rule_name) {
                let mut tally = rule.tally();
                add(&mut tally.request_count, statistics.request_count);
                add(&mut tally.sampled_count, statistics.sampled_count);
                add(&mut tally.borrow_count, statistics.borrow_count);
            }
        }
    }

    /// Does what the server says; returns whether the rules are to be fetched again.
    pub(super) fn take_targets(&self, targets: &Targets, now: Micros) -> bool {
        for target in &targets.targets {
            if let Some(rule) = self.named(&target.rule_name) {
                rule.tally().apply(target, now);
            }
        }
        let fetched = self.fetched.load(Ordering::Relaxed);
        let modified = targets.last_rule_modification.map(Seconds::micros);
        let is_stale = modified.is_some_and(|modified| modified.0 > fetched);
        is_stale || targets.refused.iter().any(|code| code.starts_with('4'))
    }

    fn named(&self, name: &str) -> Option<Arc<RuleState>> {
        self.rules().iter().find(|rule| *rule.name == *name).cloned()
    }
}

#[cfg(test)]
mod tests;
