//! The client's side of sampling, for an SDK: rules and targets read, statistics written.
//!
//! Reading is lenient: a rule that is not understood is left out, and does not take others along.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::sampling::{BoostStatistics, RateBoost, Rule, Statistics};
use crate::{Seconds, json};

/// Reads the rules of an answer to `GetSamplingRules`, in the order in which they are tried; `None`
/// when it is no such answer.
///
/// Source: GetSamplingRules, API reference.
pub fn parse_rules(body: &[u8]) -> Option<Vec<Rule<'static>>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        sampling_rule_records: Vec<&'a RawValue>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Record {
        sampling_rule: LenientRule,
    }
    let answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    let records = answer.sampling_rule_records.into_iter();
    let rules = records.filter_map(|record| serde_json::from_str::<Record>(record.get()).ok());
    let mut rules: Vec<Rule<'static>> = rules.map(|record| record.sampling_rule.into()).collect();
    rules.sort_by(|a, b| (a.priority, &a.rule_name).cmp(&(b.priority, &b.rule_name)));
    Some(rules)
}

/// A rule with only those members required without which it cannot be applied.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LenientRule {
    #[serde(default, deserialize_with = "or_default")]
    attributes: BTreeMap<String, String>,
    fixed_rate: f64,
    #[serde(rename = "HTTPMethod")]
    http_method: String,
    host: String,
    priority: i32,
    reservoir_size: i32,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    #[serde(rename = "RuleARN", default, deserialize_with = "or_default")]
    rule_arn: String,
    rule_name: String,
    #[serde(default)]
    sampling_rate_boost: Option<RateBoost>,
    service_name: String,
    service_type: String,
    #[serde(rename = "URLPath")]
    url_path: String,
    version: i32,
}

/// Reads `null` as a member that is not there.
fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl From<LenientRule> for Rule<'static> {
    fn from(rule: LenientRule) -> Self {
        let attributes = rule.attributes.into_iter();
        Self {
            attributes: attributes.map(|(key, value)| (key.into(), value.into())).collect(),
            fixed_rate: rule.fixed_rate,
            http_method: rule.http_method.into(),
            host: rule.host.into(),
            priority: rule.priority,
            reservoir_size: rule.reservoir_size,
            resource_arn: rule.resource_arn.into(),
            rule_arn: rule.rule_arn.into(),
            rule_name: rule.rule_name.into(),
            sampling_rate_boost: rule.sampling_rate_boost,
            service_name: rule.service_name.into(),
            service_type: rule.service_type.into(),
            url_path: rule.url_path.into(),
            version: rule.version,
        }
    }
}

/// What an answer to `GetSamplingTargets` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// When any rule was last changed, if the answer says.
    pub last_rule_modification: Option<Seconds>,
    /// What to do, for each rule that was reported.
    pub targets: Vec<crate::sampling::Target<'static>>,
    /// The codes of the reports that were refused.
    pub refused: Vec<String>,
}

/// Reads an answer to `GetSamplingTargets`; `None` when it is no such answer.
///
/// Source: GetSamplingTargets, API reference.
pub fn parse_targets(body: &[u8]) -> Option<Targets> {
    let answer: TargetsAnswer = serde_json::from_slice(body).ok()?;
    let targets = answer.sampling_target_documents.into_iter();
    let refused = answer.unprocessed_statistics.into_iter();
    Some(Targets {
        last_rule_modification: answer.last_rule_modification.map(Seconds),
        targets: targets.map(LenientTarget::read).collect(),
        refused: refused.filter_map(|report| report.error_code).collect(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetsAnswer {
    #[serde(default)]
    last_rule_modification: Option<f64>,
    sampling_target_documents: Vec<LenientTarget>,
    #[serde(default, deserialize_with = "or_default")]
    unprocessed_statistics: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    #[serde(default)]
    error_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LenientTarget {
    rule_name: String,
    fixed_rate: f64,
    #[serde(default)]
    interval: Option<i32>,
    #[serde(default)]
    reservoir_quota: Option<i32>,
    #[serde(rename = "ReservoirQuotaTTL", default)]
    reservoir_quota_ttl: Option<f64>,
    #[serde(default)]
    sampling_boost: Option<LenientBoost>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LenientBoost {
    boost_rate: f64,
    #[serde(rename = "BoostRateTTL")]
    boost_rate_ttl: f64,
}

impl LenientTarget {
    fn read(self) -> crate::sampling::Target<'static> {
        crate::sampling::Target {
            fixed_rate: self.fixed_rate,
            interval: self.interval,
            quota: self.reservoir_quota,
            quota_expires_at: self.reservoir_quota_ttl.map(Seconds),
            rule_name: Cow::Owned(self.rule_name),
            sampling_boost: self.sampling_boost.map(|boost| crate::sampling::Boost {
                boost_rate: boost.boost_rate,
                expires_at: Seconds(boost.boost_rate_ttl),
            }),
        }
    }
}

/// Returns the body of a `GetSamplingTargets` request; reports of anomalies are left out when there
/// are none.
///
/// Source: GetSamplingTargets, API reference.
pub fn sampling_targets_request(statistics: &[Statistics], boosts: &[BoostStatistics]) -> String {
    json::encode(&Request {
        sampling_statistics_documents: statistics.iter().map(Document::from).collect(),
        sampling_boost_statistics_documents: boosts.iter().map(BoostDocument::from).collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    sampling_statistics_documents: Vec<Document<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sampling_boost_statistics_documents: Vec<BoostDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    rule_name: &'a str,
    #[serde(rename = "ClientID")]
    client_id: &'a str,
    timestamp: Seconds,
    request_count: i32,
    sampled_count: i32,
    borrow_count: i32,
}

impl<'a> From<&'a Statistics> for Document<'a> {
    fn from(statistics: &'a Statistics) -> Self {
        Self {
            rule_name: &statistics.rule_name,
            client_id: &statistics.client_id,
            timestamp: statistics.timestamp,
            request_count: statistics.request_count,
            sampled_count: statistics.sampled_count,
            borrow_count: statistics.borrow_count,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BoostDocument<'a> {
    rule_name: &'a str,
    service_name: &'a str,
    timestamp: Seconds,
    anomaly_count: i32,
    total_count: i32,
    sampled_anomaly_count: i32,
}

impl<'a> From<&'a BoostStatistics> for BoostDocument<'a> {
    fn from(statistics: &'a BoostStatistics) -> Self {
        Self {
            rule_name: &statistics.rule_name,
            service_name: &statistics.service_name,
            timestamp: statistics.timestamp,
            anomaly_count: statistics.anomaly_count,
            total_count: statistics.total_count,
            sampled_anomaly_count: statistics.sampled_anomaly_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sampling::{
        GetSamplingRulesResponse, GetSamplingTargetsRequest, GetSamplingTargetsResponse,
        UnprocessedStatistics,
    };
    use crate::sampling::{Boost, RuleRecord, Target};

    fn record(name: &'static str, priority: i32) -> RuleRecord<'static> {
        let rule = Rule { rule_name: name.into(), priority, ..Rule::default_rule("arn") };
        RuleRecord { created_at: Seconds(0.0), modified_at: Seconds(0.0), sampling_rule: rule }
    }

    #[test]
    fn rules_are_read_as_the_server_writes_them_and_put_in_order() {
        let records = vec![record("Default", 10_000), record("b", 7), record("a", 7)];
        let rule = records[0].sampling_rule.clone();
        let answer = GetSamplingRulesResponse { next_token: None, sampling_rule_records: records };
        let rules = parse_rules(json::encode(&answer).as_bytes()).expect("an answer");
        let names: Vec<_> = rules.iter().map(|rule| rule.rule_name.as_ref()).collect();
        assert_eq!(names, ["a", "b", "Default"]);
        assert_eq!(rules[2], rule);
    }

    #[test]
    fn a_rule_that_is_not_understood_takes_no_other_along() {
        let good =
            json::encode(&record("a", 1)).replace("\"Attributes\":{}", "\"Attributes\":null");
        let body = format!(r#"{{"SamplingRuleRecords":[{{"SamplingRule":{{}}}},7,{good}]}}"#);
        assert_eq!(parse_rules(body.as_bytes()).map(|rules| rules.len()), Some(1));
        for body in ["", "{}", "[]", "<html>"] {
            assert!(parse_rules(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn targets_are_read_as_the_server_writes_them() {
        let target = Target {
            fixed_rate: 0.5,
            interval: Some(10),
            quota: Some(2),
            quota_expires_at: Some(Seconds(1_790_161_865.0)),
            rule_name: "a".into(),
            sampling_boost: Some(Boost { boost_rate: 0.7, expires_at: Seconds(1.0) }),
        };
        let bare = Target { interval: None, quota: None, quota_expires_at: None, ..target.clone() };
        let targets = vec![target, Target { sampling_boost: None, ..bare }];
        let refused = UnprocessedStatistics { error_code: "400", message: "", rule_name: "x" };
        let answer = GetSamplingTargetsResponse {
            last_rule_modification: Seconds(3.0),
            sampling_target_documents: targets.clone(),
            unprocessed_boost_statistics: None,
            unprocessed_statistics: vec![refused],
        };
        let read = parse_targets(json::encode(&answer).as_bytes()).expect("an answer");
        let expected = Targets {
            last_rule_modification: Some(Seconds(3.0)),
            targets,
            refused: vec!["400".to_owned()],
        };
        assert_eq!(read, expected);
        assert_eq!(parse_targets(b"{}"), None);
    }

    #[test]
    fn reports_that_are_written_are_read_as_they_were() {
        let statistics = vec![Statistics {
            rule_name: "a".to_owned(),
            client_id: "0123456789abcdef01234567".to_owned(),
            timestamp: Seconds(1_790_161_865.5),
            request_count: 3,
            sampled_count: 2,
            borrow_count: 1,
        }];
        let boosts = vec![BoostStatistics {
            rule_name: "a".to_owned(),
            service_name: "s".to_owned(),
            timestamp: Seconds(1_790_161_865.5),
            anomaly_count: 3,
            total_count: 9,
            sampled_anomaly_count: 1,
        }];
        for boosts in [Vec::new(), boosts] {
            let body = sampling_targets_request(&statistics, &boosts);
            let read = GetSamplingTargetsRequest::parse(body.as_bytes()).expect("a request");
            assert_eq!(read.statistics, statistics);
            assert_eq!(read.boost_statistics.unwrap_or_default(), boosts);
        }
    }
}
