//! What sampling rules would do with requests that were seen: which rule each of them meets, and how
//! many would be kept.
//!
//! Only requests whose traces were kept are known here, so this says how rules differ and not how
//! much there is. A rule's reservoir keeps the first requests of each second, as all its clients
//! together do; of the others, its rate is expected and nothing is rolled.

use std::collections::BTreeMap;

use wire::glob;
use wire::sampling::{DEFAULT_RULE, Rule};

/// A request as its rule would see it. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// When it came, in seconds since the epoch.
    pub(crate) second: u64,
    pub(crate) service: String,
    pub(crate) service_type: String,
    pub(crate) host: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) resource_arns: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// What the rules would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// In the order of the rules.
    pub(crate) rules: Vec<OfRule>,
    /// By the service's name.
    pub(crate) services: BTreeMap<String, OfService>,
}

/// What one rule would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OfRule {
    pub(crate) matched: u64,
    pub(crate) kept: f64,
    /// The rule in front of it that leaves it nothing to match, by its place.
    pub(crate) shadowed_by: Option<usize>,
}

/// What would become of the requests of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct OfService {
    pub(crate) requests: u64,
    pub(crate) kept: f64,
}

/// Rules at work on requests, which may come in any order.
pub(crate) struct DryRun<'r> {
    /// In the order in which they are tried.
    rules: &'r [Rule<'r>],
    /// How many requests of each service met a rule in each second.
    met: Vec<BTreeMap<u64, BTreeMap<String, u64>>>,
    /// For each rule, how many requests it would match that met another one, by that.
    lost: Vec<BTreeMap<usize, u64>>,
}

impl<'r> DryRun<'r> {
    /// Begins with rules in the order in which they are tried.
    pub(crate) fn new(rules: &'r [Rule<'r>]) -> Self {
        let (met, lost) = (vec![BTreeMap::new(); rules.len()], vec![BTreeMap::new(); rules.len()]);
        Self { rules, met, lost }
    }

    /// Lets a request meet its rule.
    pub(crate) fn meet(&mut self, request: &Request) {
        let fitting = |rule: &Rule<'_>| matches(rule, request);
        let Some(first) = self.rules.iter().position(fitting) else { return };
        let of_second = self.met[first].entry(request.second).or_default();
        match of_second.get_mut(&request.service) {
            Some(count) => *count += 1,
            None => {
                of_second.insert(request.service.clone(), 1);
            }
        }
        for (at, rule) in self.rules.iter().enumerate().skip(first + 1) {
            if fitting(rule) {
                *self.lost[at].entry(first).or_default() += 1;
            }
        }
    }

    /// Says what came of it.
    pub(crate) fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for (at, rule) in self.rules.iter().enumerate() {
            let mut of_rule = OfRule::default();
            for services in self.met[at].values() {
                let count: u64 = services.values().sum();
                let kept = kept_of(count, rule);
                of_rule.matched += count;
                of_rule.kept += kept;
                for (service, requests) in services {
                    let of_service = outcome.services.entry(service.clone()).or_default();
                    of_service.requests += requests;
                    // Who comes first in a second is not known.
                    of_service.kept += kept * *requests as f64 / count as f64;
                }
            }
            of_rule.shadowed_by = self.shadow(at, of_rule.matched);
            outcome.rules.push(of_rule);
        }
        outcome
    }

    /// Returns the rule that leaves nothing to match: one that matches all that this one does, or,
    /// when nothing met it, the one that most met instead. `Default` is there for what is left.
    fn shadow(&self, at: usize, matched: u64) -> Option<usize> {
        let covering = self.rules[..at].iter().position(|rule| covers(rule, &self.rules[at]));
        let instead = || {
            let most = self.lost[at].iter().max_by_key(|(_, count)| **count);
            let is_wanted = matched == 0 && self.rules[at].rule_name != DEFAULT_RULE;
            most.map(|(rule, _)| *rule).filter(|_| is_wanted)
        };
        covering.or_else(instead)
    }
}

/// How many of the requests of one second are expected to be kept.
fn kept_of(count: u64, rule: &Rule<'_>) -> f64 {
    let reservoir = count.min(u64::try_from(rule.reservoir_size).unwrap_or(0));
    reservoir as f64 + (count - reservoir) as f64 * rule.fixed_rate
}

/// Returns whether a request meets a rule.
///
/// Source: sampling rules, developer guide.
fn matches(rule: &Rule<'_>, request: &Request) -> bool {
    let arns = &request.resource_arns;
    let has_attribute =
        |(key, pattern): (&std::borrow::Cow<'_, str>, &std::borrow::Cow<'_, str>)| {
            request.attributes.get(&**key).is_some_and(|value| glob::matches(pattern, value))
        };
    glob::matches(&rule.service_name, &request.service)
        && glob::matches(&rule.service_type, &request.service_type)
        && glob::matches(&rule.host, &request.host)
        && glob::matches(&rule.http_method, &request.method)
        && glob::matches(&rule.url_path, &request.path)
        && (rule.resource_arn == "*"
            || arns.iter().any(|arn| glob::matches(&rule.resource_arn, arn)))
        && rule.attributes.iter().all(has_attribute)
}

/// Returns whether all that meets `rule` would meet `wide`, too.
fn covers(wide: &Rule<'_>, rule: &Rule<'_>) -> bool {
    let patterns = |rule: &'_ Rule<'_>| {
        [
            rule.service_name.to_string(),
            rule.service_type.to_string(),
            rule.host.to_string(),
            rule.http_method.to_string(),
            rule.url_path.to_string(),
            rule.resource_arn.to_string(),
        ]
    };
    let pairs = patterns(wide).into_iter().zip(patterns(rule));
    pairs.into_iter().all(|(wide, pattern)| covers_pattern(&wide, &pattern))
        && wide.attributes.iter().all(|(key, wide)| {
            rule.attributes.get(key).is_some_and(|pattern| covers_pattern(wide, pattern))
        })
}

/// Returns whether every text that is like `pattern` is like `wide`. It may say no where that is so;
/// it never says yes where it is not.
fn covers_pattern(wide: &str, pattern: &str) -> bool {
    let (wide, pattern): (Vec<char>, Vec<char>) =
        (wide.chars().collect(), pattern.chars().collect());
    // `row[j]`: the first characters of `wide` cover the first `j` of the pattern.
    let mut row: Vec<bool> = std::iter::once(true).chain(pattern.iter().map(|_| false)).collect();
    for one in wide {
        let mut next = vec![one == '*' && row[0]];
        for (at, other) in pattern.iter().enumerate() {
            next.push(match one {
                // A star stands for whatever there is, stars as well.
                '*' => row[at + 1] || next[at],
                '?' => row[at] && *other != '*',
                one => row[at] && one.eq_ignore_ascii_case(other),
            });
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests;
