//! The rules: made, changed, deleted, kept from one run to the next.
//!
//! What the API's model bounds was checked before a request came here; these are the service's own
//! rules. `Default` always exists, comes last, matches everything, and only its numbers change.

use std::collections::BTreeMap;

use thiserror::Error;
use wire::api::sampling::{CreateSamplingRuleRequest, RuleSelector, RuleUpdate};
use wire::api::{Error, ErrorCode};
use wire::control::{Stored, Unreadable};
use wire::limits::SAMPLING_RULES_MAX;
use wire::sampling::{DEFAULT_RULE, RateBoost, Rule, RuleRecord, StoredRule, StoredRules};
use wire::{Micros, Seconds};

use crate::control::Setting;
use crate::tags;

/// How long a rule's name may be, in characters, when an ARN brings it.
const NAME_CHARS_MAX: usize = 32;

/// Why saved rules could not be loaded.
#[derive(Debug, Error)]
pub(crate) enum LoadError {
    /// The bytes are not what was saved.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// More rules than there may be.
    #[error("there are {count} rules, more than {SAMPLING_RULES_MAX} beside Default")]
    TooMany {
        /// Rules beside `Default`.
        count: usize,
    },
}

/// Every rule there is.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    arn_prefix: String,
    /// Invariant: holds `Default`, each rule under its name, and at most `SAMPLING_RULES_MAX` more.
    by_name: BTreeMap<String, StoredRule>,
    last_modification: Seconds,
}

impl Rules {
    pub(super) fn new(arn_prefix: String) -> Self {
        let default_rule = default_rule(&arn_prefix);
        let by_name = BTreeMap::from([(DEFAULT_RULE.to_owned(), default_rule)]);
        Self { arn_prefix, by_name, last_modification: Seconds(0.0) }
    }

    /// Returns when any rule was last made, changed or deleted; zero before that.
    pub(super) fn last_modification(&self) -> Seconds {
        self.last_modification
    }

    pub(super) fn find(&self, rule_name: &str) -> Option<&Rule<'static>> {
        self.by_name.get(rule_name).map(|stored| &stored.record.sampling_rule)
    }

    /// Returns every rule, by priority and then by name, which is the order SDKs try them in.
    pub(super) fn records(&self) -> Vec<RuleRecord<'static>> {
        let mut records: Vec<_> =
            self.by_name.values().map(|stored| stored.record.clone()).collect();
        // The sort is stable and the map has the order of names.
        records.sort_by_key(|record| record.sampling_rule.priority);
        records
    }

    pub(super) fn create(
        &mut self,
        request: CreateSamplingRuleRequest,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        let CreateSamplingRuleRequest { sampling_rule: new, tags } = request;
        let name = self.name(&new.selector)?.to_owned();
        let tags = tags::of_new(tags)?;
        if new.version != 1 {
            return Err(Error::invalid_request("Sampling rule version must be 1"));
        }
        if new.sampling_rate_boost.is_some_and(|boost| !is_usable(boost)) {
            return Err(Error::invalid_request("Invalid sampling rate boost for sampling rule"));
        }
        if self.by_name.contains_key(&name) {
            return Err(Error::invalid_request("Sampling rule already exists"));
        }
        if self.by_name.len() > SAMPLING_RULES_MAX {
            return Err(Error::new(
                ErrorCode::RuleLimitExceeded,
                "Sampling rule limit exceeded for this account",
            ));
        }
        let time = now.floor_second().into();
        let sampling_rule = new.named(name.clone(), format!("{}{name}", self.arn_prefix));
        let record = RuleRecord { created_at: time, modified_at: time, sampling_rule };
        self.by_name.insert(name, StoredRule { record: record.clone(), tags });
        self.note_modification(now);
        Ok(record)
    }

    pub(super) fn update(
        &mut self,
        update: RuleUpdate,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        let name = self.name(&update.selector)?;
        let stored = self.by_name.get(name).ok_or_else(unknown)?;
        let mut record = stored.record.clone();
        let is_default = name == DEFAULT_RULE;
        // A number out of bounds is no change that anything below could notice.
        let is_sound = update.sampling_rate_boost.is_none_or(is_usable)
            && if is_default { has_sound_numbers(&update) } else { update.is_within_bounds() };
        let name = name.to_owned();
        let before = record.sampling_rule.clone();
        update.apply(&mut record.sampling_rule);
        if !is_sound || is_default && !differs_in_numbers_alone(&before, &record.sampling_rule) {
            return Err(Error::invalid_request("Invalid update request for sampling rule"));
        }
        record.modified_at = now.floor_second().into();
        if let Some(stored) = self.by_name.get_mut(&name) {
            stored.record = record.clone();
        }
        self.note_modification(now);
        Ok(record)
    }

    pub(super) fn delete(
        &mut self,
        selector: &RuleSelector,
        now: Micros,
    ) -> Result<RuleRecord<'static>, Error> {
        let name = self.name(selector)?;
        if name == DEFAULT_RULE {
            return Err(Error::invalid_request("Default sampling rule cannot be deleted"));
        }
        let stored = self.by_name.remove(name).ok_or_else(unknown)?;
        self.note_modification(now);
        Ok(stored.record)
    }

    /// Returns the tags of the rule with this ARN.
    pub(super) fn tags(&self, arn: &str) -> Option<&BTreeMap<String, String>> {
        let stored = self.by_name.get(arn.strip_prefix(&self.arn_prefix)?)?;
        Some(&stored.tags)
    }

    pub(super) fn tags_mut(&mut self, arn: &str) -> Option<&mut BTreeMap<String, String>> {
        let stored = self.by_name.get_mut(arn.strip_prefix(&self.arn_prefix)?)?;
        Some(&mut stored.tags)
    }

    /// Returns the rules as they were saved, whose ARNs become those of this server; `Default`
    /// alone when none were.
    pub(super) fn load(bytes: Option<&[u8]>, arn_prefix: String) -> Result<Self, LoadError> {
        let mut rules = Self::new(arn_prefix);
        let Some(bytes) = bytes else { return Ok(rules) };
        let saved = StoredRules::decode(bytes)?;
        for mut stored in saved.rules {
            let rule = &mut stored.record.sampling_rule;
            let name = rule.rule_name.clone().into_owned();
            rule.rule_arn = format!("{}{name}", rules.arn_prefix).into();
            rules.by_name.insert(name, stored);
        }
        let count = rules.by_name.len() - 1;
        if count > SAMPLING_RULES_MAX {
            return Err(LoadError::TooMany { count });
        }
        rules.last_modification = saved.last_rule_modification;
        Ok(rules)
    }

    /// Returns the name of the rule that is meant; whether it exists is not said.
    fn name<'a>(&self, selector: &'a RuleSelector) -> Result<&'a str, Error> {
        match (&selector.rule_name, &selector.rule_arn) {
            (Some(_), Some(_)) => Err(Error::invalid_request(
                "Request cannot contain both sampling rule name and sampling rule ARN",
            )),
            (None, None) => Err(Error::invalid_request(
                "Request must contain either sampling rule name or sampling rule ARN",
            )),
            (Some(name), None) => Ok(name),
            (None, Some(arn)) => {
                let name = arn.strip_prefix(&self.arn_prefix);
                let chars = 1..=NAME_CHARS_MAX;
                name.filter(|name| chars.contains(&name.chars().count())).ok_or_else(unknown)
            }
        }
    }

    /// Rounds up: a client that fetched the rules earlier in this very second has to see that they
    /// are newer, and SDKs compare whole seconds.
    fn note_modification(&mut self, now: Micros) {
        let time = Micros(now.floor_second().0 + Micros::PER_SECOND);
        let time = Seconds::from(if now == now.floor_second() { now } else { time });
        let Seconds(last) = self.last_modification;
        self.last_modification = Seconds(last.max(time.0));
    }
}

impl Setting for Rules {
    const DOCUMENT: &'static str = "sampling-rules";

    fn encode(&self) -> Vec<u8> {
        let rules = self.by_name.values().cloned().collect();
        StoredRules { last_rule_modification: self.last_modification, rules }.encode()
    }
}

fn unknown() -> Error {
    Error::invalid_request("Sampling rule does not exist")
}

/// A rate that could be reached, but never again lowered, is an error of the one who asks for it.
fn is_usable(boost: RateBoost) -> bool {
    boost.max_rate == 0.0 || boost.cooldown_window_minutes > 0
}

fn has_sound_numbers(update: &RuleUpdate) -> bool {
    RuleUpdate { priority: None, ..update.clone() }.is_within_bounds()
}

/// Whether only the two numbers differ that may differ in `Default`.
fn differs_in_numbers_alone(before: &Rule<'_>, after: &Rule<'_>) -> bool {
    let fixed_rate = before.fixed_rate;
    let reservoir_size = before.reservoir_size;
    Rule { fixed_rate, reservoir_size, ..after.clone() } == *before
}

fn default_rule(arn_prefix: &str) -> StoredRule {
    let arn = format!("{arn_prefix}{DEFAULT_RULE}");
    let sampling_rule = Rule { rule_arn: arn.into(), ..Rule::default_rule("") };
    let record = RuleRecord { created_at: Seconds(0.0), modified_at: Seconds(0.0), sampling_rule };
    StoredRule { record, tags: BTreeMap::new() }
}

#[cfg(test)]
mod tests;
