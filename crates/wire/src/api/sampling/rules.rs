//! Rules over HTTP: `GetSamplingRules`, `CreateSamplingRule`, `UpdateSamplingRule` and
//! `DeleteSamplingRule`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::super::Error;
use super::super::reader::{Reader, read};
use super::super::tags::{self, Tag};
use crate::limits::SAMPLING_RULE_ATTRIBUTES_MAX;
use crate::sampling::{RateBoost, Rule, RuleRecord};

/// How long a rule's name may be.
const NAME_CHARS: RangeInclusive<usize> = 1..=32;

/// How long the name and the pattern of an attribute may be.
const ATTRIBUTE_CHARS: RangeInclusive<usize> = 1..=32;

/// Where a rule may stand; `Default` comes after all of them.
const PRIORITIES: RangeInclusive<i32> = 1..=9999;

/// Reads the request of `GetSamplingRules`, whose `NextToken` is ignored.
///
/// # Errors
/// `Serialization` when the body is not a JSON object or the token is no text.
///
/// Source: GetSamplingRules, API model.
pub fn parse_rules_request(body: &[u8]) -> Result<(), Error> {
    read(body, |reader| reader.any_text("NextToken").map(|_| ()))
}

/// The response of `GetSamplingRules`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetSamplingRulesResponse<'a> {
    /// Always absent: no SDK asks for a second page.
    pub next_token: Option<String>,
    /// Every rule, `Default` among them.
    pub sampling_rule_records: Vec<RuleRecord<'a>>,
}

/// The response of `CreateSamplingRule`, `UpdateSamplingRule` and `DeleteSamplingRule`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SamplingRuleRecordResponse<'a> {
    /// The rule as it is now, or was before it was deleted.
    pub sampling_rule_record: RuleRecord<'a>,
}

/// Which rule a request means: exactly one member is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelector {
    /// The rule's name.
    pub rule_name: Option<String>,
    /// The rule's ARN.
    pub rule_arn: Option<String>,
}

impl RuleSelector {
    fn read(reader: &mut Reader<'_, '_>, name_chars: RangeInclusive<usize>) -> Result<Self, Error> {
        Ok(Self {
            rule_name: reader.text("RuleName", name_chars)?,
            rule_arn: reader.any_text("RuleARN")?,
        })
    }
}

/// The request of `CreateSamplingRule`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSamplingRuleRequest {
    /// The rule to be.
    pub sampling_rule: NewRule,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl CreateSamplingRuleRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: CreateSamplingRule, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let rule = reader.structure("SamplingRule", NewRule::read)?;
            let tags = tags::read_list(reader)?;
            Ok(Self {
                sampling_rule: reader.require("SamplingRule", rule),
                tags: tags.unwrap_or_default(),
            })
        })
    }
}

/// A rule that is not known to the service yet. Members as in [`Rule`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewRule {
    /// What it is to be called.
    pub selector: RuleSelector,
    /// As in [`Rule`].
    pub attributes: BTreeMap<String, String>,
    /// As in [`Rule`].
    pub fixed_rate: f64,
    /// As in [`Rule`].
    pub http_method: String,
    /// As in [`Rule`].
    pub host: String,
    /// As in [`Rule`].
    pub priority: i32,
    /// As in [`Rule`].
    pub reservoir_size: i32,
    /// As in [`Rule`].
    pub resource_arn: String,
    /// As in [`Rule`].
    pub sampling_rate_boost: Option<RateBoost>,
    /// As in [`Rule`].
    pub service_name: String,
    /// As in [`Rule`].
    pub service_type: String,
    /// As in [`Rule`].
    pub url_path: String,
    /// As in [`Rule`]; at least 1.
    pub version: i32,
}

impl NewRule {
    fn read(reader: &mut Reader<'_, '_>) -> Result<Self, Error> {
        let selector = RuleSelector::read(reader, NAME_CHARS)?;
        let resource_arn = required_text(reader, "ResourceARN", 500)?;
        let priority = reader.integer_within("Priority", PRIORITIES)?;
        let fixed_rate = reader.fraction("FixedRate")?;
        let reservoir_size = reader.integer("ReservoirSize", 0)?;
        let version = reader.integer("Version", 1)?;
        Ok(Self {
            selector,
            resource_arn,
            priority: reader.require("Priority", priority),
            fixed_rate: reader.require("FixedRate", fixed_rate),
            reservoir_size: reader.require("ReservoirSize", reservoir_size),
            service_name: required_text(reader, "ServiceName", 64)?,
            service_type: required_text(reader, "ServiceType", 64)?,
            host: required_text(reader, "Host", 64)?,
            http_method: required_text(reader, "HTTPMethod", 10)?,
            url_path: required_text(reader, "URLPath", 128)?,
            version: reader.require("Version", version),
            attributes: attributes(reader)?.unwrap_or_default(),
            sampling_rate_boost: rate_boost(reader)?,
        })
    }

    /// Returns the rule under the name and ARN that it was given.
    pub fn named(self, rule_name: String, rule_arn: String) -> Rule<'static> {
        let owned = |(key, value): (String, String)| (key.into(), value.into());
        Rule {
            attributes: self.attributes.into_iter().map(owned).collect(),
            fixed_rate: self.fixed_rate,
            http_method: self.http_method.into(),
            host: self.host.into(),
            priority: self.priority,
            reservoir_size: self.reservoir_size,
            resource_arn: self.resource_arn.into(),
            rule_arn: rule_arn.into(),
            rule_name: rule_name.into(),
            sampling_rate_boost: self.sampling_rate_boost,
            service_name: self.service_name.into(),
            service_type: self.service_type.into(),
            url_path: self.url_path.into(),
            version: self.version,
        }
    }
}

/// The request of `UpdateSamplingRule`.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateSamplingRuleRequest {
    /// The change.
    pub sampling_rule_update: RuleUpdate,
}

impl UpdateSamplingRuleRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: UpdateSamplingRule, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let update = reader.structure("SamplingRuleUpdate", RuleUpdate::read)?;
            Ok(Self { sampling_rule_update: reader.require("SamplingRuleUpdate", update) })
        })
    }
}

/// What is to change in a rule; members as in [`Rule`].
///
/// What is absent stays as it is, but for the boost, which is gone when absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleUpdate {
    /// The rule.
    pub selector: RuleSelector,
    /// As in [`Rule`].
    pub attributes: Option<BTreeMap<String, String>>,
    /// As in [`Rule`]; the model sets no bounds here.
    pub fixed_rate: Option<f64>,
    /// As in [`Rule`].
    pub http_method: Option<String>,
    /// As in [`Rule`].
    pub host: Option<String>,
    /// As in [`Rule`]; the model sets no bounds here.
    pub priority: Option<i32>,
    /// As in [`Rule`]; the model sets no bounds here.
    pub reservoir_size: Option<i32>,
    /// As in [`Rule`].
    pub resource_arn: Option<String>,
    /// As in [`Rule`].
    pub sampling_rate_boost: Option<RateBoost>,
    /// As in [`Rule`].
    pub service_name: Option<String>,
    /// As in [`Rule`].
    pub service_type: Option<String>,
    /// As in [`Rule`].
    pub url_path: Option<String>,
}

impl RuleUpdate {
    fn read(reader: &mut Reader<'_, '_>) -> Result<Self, Error> {
        Ok(Self {
            selector: RuleSelector::read(reader, NAME_CHARS)?,
            resource_arn: reader.text("ResourceARN", 0..=500)?,
            priority: reader.integer("Priority", i32::MIN)?,
            fixed_rate: reader.double("FixedRate")?,
            reservoir_size: reader.integer("ReservoirSize", i32::MIN)?,
            host: reader.text("Host", 0..=64)?,
            service_name: reader.text("ServiceName", 0..=64)?,
            service_type: reader.text("ServiceType", 0..=64)?,
            http_method: reader.text("HTTPMethod", 0..=10)?,
            url_path: reader.text("URLPath", 0..=128)?,
            attributes: attributes(reader)?,
            sampling_rate_boost: rate_boost(reader)?,
        })
    }

    /// Returns whether the numbers lie within the bounds that the model sets for a new rule.
    pub fn is_within_bounds(&self) -> bool {
        self.priority.is_none_or(|priority| PRIORITIES.contains(&priority))
            && self.fixed_rate.is_none_or(|rate| (0.0..=1.0).contains(&rate))
            && self.reservoir_size.is_none_or(|size| size >= 0)
    }

    /// Changes `rule`.
    pub fn apply(self, rule: &mut Rule<'_>) {
        let text = |slot: &mut std::borrow::Cow<'_, str>, value: Option<String>| {
            if let Some(value) = value {
                *slot = value.into();
            }
        };
        text(&mut rule.http_method, self.http_method);
        text(&mut rule.host, self.host);
        text(&mut rule.resource_arn, self.resource_arn);
        text(&mut rule.service_name, self.service_name);
        text(&mut rule.service_type, self.service_type);
        text(&mut rule.url_path, self.url_path);
        rule.fixed_rate = self.fixed_rate.unwrap_or(rule.fixed_rate);
        rule.priority = self.priority.unwrap_or(rule.priority);
        rule.reservoir_size = self.reservoir_size.unwrap_or(rule.reservoir_size);
        rule.sampling_rate_boost = self.sampling_rate_boost;
        if let Some(attributes) = self.attributes {
            let owned = |(key, value): (String, String)| (key.into(), value.into());
            rule.attributes = attributes.into_iter().map(owned).collect();
        }
    }
}

/// The request of `DeleteSamplingRule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteSamplingRuleRequest {
    /// The rule.
    pub selector: RuleSelector,
}

impl DeleteSamplingRuleRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization`, as AWS answers; the model sets no bounds.
    ///
    /// Source: DeleteSamplingRule, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| Ok(Self { selector: RuleSelector::read(reader, 0..=usize::MAX)? }))
    }
}

fn required_text(
    reader: &mut Reader<'_, '_>,
    name: &str,
    chars_max: usize,
) -> Result<String, Error> {
    let text = reader.text(name, 0..=chars_max)?;
    Ok(reader.require(name, text))
}

fn attributes(reader: &mut Reader<'_, '_>) -> Result<Option<BTreeMap<String, String>>, Error> {
    reader.text_map("Attributes", SAMPLING_RULE_ATTRIBUTES_MAX, ATTRIBUTE_CHARS)
}

fn rate_boost(reader: &mut Reader<'_, '_>) -> Result<Option<RateBoost>, Error> {
    reader.structure("SamplingRateBoost", |reader| {
        let max_rate = reader.fraction("MaxRate")?;
        let cooldown = reader.integer("CooldownWindowMinutes", 0)?;
        Ok(RateBoost {
            cooldown_window_minutes: reader.require("CooldownWindowMinutes", cooldown),
            disable_default_anomaly_detection: reader.flag("DisableDefaultAnomalyDetection")?,
            max_rate: reader.require("MaxRate", max_rate),
        })
    })
}

#[cfg(test)]
mod tests;
