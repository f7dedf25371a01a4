//! Who may sample how much: the `Default` rule, and its reservoir shared out among clients.
//!
//! A client is told the fixed rate on its first report and gets a quota from the second one on. A
//! quota is its share of the reservoir by demand, rounded up, as far as the quotas that other
//! clients hold leave room: the quotas valid at any moment never add up to more than the reservoir.
//! Until a quota expires, it stays reserved, whether its client reports or not.

use std::borrow::Cow;
use std::collections::HashMap;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use wire::sampling::{QUOTA_SECS, REPORT_INTERVAL_SECS, Rule, RuleRecord, Statistics, Target};
use wire::{Micros, Seconds};

/// When a rule was last made, changed or deleted: never, as long as they cannot be.
pub(crate) const LAST_RULE_MODIFICATION: Seconds = Seconds(0.0);

/// Clients that are known at a time; one more is answered as if each report were its first.
const CLIENTS_MAX: usize = 10_000;

/// Reports whose time differs more from ours say nothing about the demand of now.
const REPORT_AGE_MAX: Micros = Micros(QUOTA_SECS * Micros::PER_SECOND);

/// Java's SDK sends milliseconds; no second of this era has so many digits.
const MILLISECONDS_MIN: f64 = 1e11;

/// The rule, and what its clients do.
pub(crate) struct Sampling {
    rule_arn: String,
    reservoir: Mutex<Reservoir>,
}

impl Sampling {
    /// `refused` counts reports that got no quota because too many clients are known.
    pub(crate) fn new(rule_arn: String, refused: Counter) -> Self {
        Self { rule_arn, reservoir: Mutex::new(Reservoir { refused, ..Reservoir::default() }) }
    }

    /// Returns the `Default` rule.
    pub(crate) fn default_rule(&self) -> RuleRecord<'_> {
        RuleRecord {
            created_at: LAST_RULE_MODIFICATION,
            modified_at: LAST_RULE_MODIFICATION,
            sampling_rule: Rule::default_rule(&self.rule_arn),
        }
    }

    /// Takes a client's report for the `Default` rule and returns what the client is to do.
    pub(crate) fn target(&self, report: &Statistics, now: Micros) -> Target<'static> {
        let rule = Rule::default_rule(&self.rule_arn);
        let lease = self.reservoir.lock().report(report, rule.reservoir_size, now);
        Target {
            fixed_rate: rule.fixed_rate,
            interval: lease.map(|_| REPORT_INTERVAL_SECS),
            quota: lease.map(|lease| lease.quota),
            quota_expires_at: lease.map(|lease| lease.expires_at.into()),
            rule_name: Cow::Borrowed(wire::sampling::DEFAULT_RULE),
            sampling_boost: None,
        }
    }
}

/// A part of the reservoir, given to one client for a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lease {
    quota: i32,
    expires_at: Micros,
}

#[derive(Clone, Copy, Debug)]
struct Client {
    reported: Micros,
    /// Requests in its last current report.
    demand: u64,
    lease: Lease,
}

/// The clients of one rule.
#[derive(Debug, Default)]
struct Reservoir {
    clients: HashMap<String, Client>,
    refused: Counter,
}

impl Reservoir {
    /// Notes a report; `None` on a client's first one.
    fn report(&mut self, report: &Statistics, size: i32, now: Micros) -> Option<Lease> {
        let lifetime = QUOTA_SECS * Micros::PER_SECOND;
        self.clients.retain(|_, client| now.since(client.reported).0 < lifetime);
        let demand = u64::try_from(report.request_count).unwrap_or(0).max(1);
        let Some(client) = self.clients.get_mut(&report.client_id) else {
            if self.clients.len() >= CLIENTS_MAX {
                self.refused.inc();
                return None;
            }
            let client = Client { reported: now, demand, lease: Lease::default() };
            self.clients.insert(report.client_id.clone(), client);
            return None;
        };
        client.reported = now;
        if is_current(report.timestamp, now) {
            client.demand = demand;
        }
        let own = *client;
        // A lease begins with its client's last report, so whoever is still here holds a valid one.
        let held: i32 = self.clients.values().map(|client| client.lease.quota).sum();
        let demand: u64 = self.clients.values().map(|client| client.demand).sum();
        let share = (u64::from(size.unsigned_abs()) * own.demand).div_ceil(demand);
        let free = size - (held - own.lease.quota);
        let lease = Lease {
            quota: i32::try_from(share).unwrap_or(size).min(free),
            expires_at: Micros(now.floor_second().0 + lifetime),
        };
        if let Some(client) = self.clients.get_mut(&report.client_id) {
            client.lease = lease;
        }
        Some(lease)
    }
}

fn is_current(timestamp: Seconds, now: Micros) -> bool {
    let Seconds(number) = timestamp;
    let sent = if number < MILLISECONDS_MIN { number } else { number / 1e3 };
    let sent = Seconds(sent).micros();
    now.since(sent).max(sent.since(now)) <= REPORT_AGE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(client: &str, request_count: i32, now: Micros) -> Statistics {
        Statistics {
            rule_name: "Default".to_owned(),
            client_id: client.to_owned(),
            timestamp: now.into(),
            request_count,
            sampled_count: 0,
            borrow_count: 0,
        }
    }

    /// Has clients report in turn, ten seconds apart from round to round, and lists their quotas.
    fn quotas(size: i32, rounds: &[&[(&str, i32)]]) -> Vec<Vec<Option<i32>>> {
        let mut reservoir = Reservoir::default();
        let mut now = Micros::from_secs(1_790_000_000);
        let mut all = Vec::new();
        for round in rounds {
            now.0 += 10 * Micros::PER_SECOND;
            let quota = |&(client, count): &(&str, i32)| {
                reservoir.report(&report(client, count, now), size, now).map(|lease| lease.quota)
            };
            all.push(round.iter().map(quota).collect());
        }
        all
    }

    #[test]
    fn the_first_report_gets_no_quota_and_the_second_the_whole_reservoir() {
        assert_eq!(
            quotas(2, &[&[("a", 5)], &[("a", 5)], &[("a", 0)]]),
            [[None], [Some(2)], [Some(2)]]
        );
    }

    #[test]
    fn clients_come_to_share_by_demand_and_never_exceed_the_reservoir() {
        let both: &[_] = &[("a", 30), ("b", 10)];
        assert_eq!(
            quotas(8, &[&[("a", 30)], &[("a", 30)], both, both, both]),
            [
                vec![None],
                vec![Some(8)],
                vec![Some(8), None],
                vec![Some(6), Some(2)],
                vec![Some(6), Some(2)],
            ]
        );
    }

    #[test]
    fn a_reservoir_of_one_is_held_by_one_client_until_it_is_gone() {
        let mut reservoir = Reservoir::default();
        let start = Micros::from_secs(1_790_000_000);
        let mut ask = |client, secs| {
            let now = Micros(start.0 + secs * Micros::PER_SECOND);
            reservoir.report(&report(client, 1, now), 1, now).map(|lease| lease.quota)
        };
        assert_eq!([ask("a", 0), ask("b", 0)], [None, None]);
        assert_eq!([ask("b", 10), ask("a", 10)], [Some(1), Some(0)]);
        assert_eq!(ask("a", 309), Some(0));
        assert_eq!(ask("a", 310), Some(1));
        assert_eq!(ask("b", 310), None, "it was forgotten");
    }

    #[test]
    fn a_lease_ends_with_a_whole_second() {
        let mut reservoir = Reservoir::default();
        let now = Micros(1_790_000_000_700_000);
        reservoir.report(&report("a", 1, now), 1, now);
        let lease = reservoir.report(&report("a", 1, now), 1, now).expect("second report");
        assert_eq!(lease.expires_at, Micros(1_790_000_300_000_000));
    }

    #[test]
    fn milliseconds_are_times_too_and_old_reports_count_nothing() {
        let now = Micros::from_secs(1_790_000_000);
        for (timestamp, current) in [
            (1_790_000_000.0, true),
            (1_790_000_000_000.0, true),
            (1_789_999_699.0, false),
            (1_790_000_301.0, false),
            (0.0, false),
        ] {
            assert_eq!(is_current(Seconds(timestamp), now), current, "{timestamp}");
        }
    }

    #[test]
    fn clients_beyond_the_bound_are_answered_and_forgotten() {
        let now = Micros::from_secs(1_790_000_000);
        let mut reservoir = Reservoir::default();
        let client = Client { reported: now, demand: 1, lease: Lease::default() };
        reservoir.clients = (0..CLIENTS_MAX).map(|n| (n.to_string(), client)).collect();
        for _ in 0..2 {
            assert_eq!(reservoir.report(&report("one more", 1, now), 1, now), None);
        }
        assert_eq!((reservoir.clients.len(), reservoir.refused.get()), (CLIENTS_MAX, 2));
    }
}
