//! Sampling: rules, what clients report of them, and what they are told to do.

mod file;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Seconds;
use crate::control::Stored;

pub use file::{LocalRule, LocalRules};

/// The name of the rule that always exists and matches what no other rule matched.
pub const DEFAULT_RULE: &str = "Default";

/// Seconds from one report of a rule's statistics to the next.
pub const REPORT_INTERVAL_SECS: i32 = 10;

/// Seconds for which a client may use its reservoir quota.
pub const QUOTA_SECS: u64 = 300;

/// Seconds for which a client may use a boost without reporting again.
pub const BOOST_SECS: u64 = 20;

/// Which requests to sample, and how many of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule<'a> {
    /// Attributes of the segment that must match.
    pub attributes: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    /// The fraction sampled beyond the reservoir, from 0 to 1.
    pub fixed_rate: f64,
    /// The request's method, as a pattern.
    #[serde(rename = "HTTPMethod")]
    pub http_method: Cow<'a, str>,
    /// The request's host, as a pattern.
    pub host: Cow<'a, str>,
    /// Rules are tried in ascending order.
    pub priority: i32,
    /// Requests per second always sampled, over all clients.
    pub reservoir_size: i32,
    /// The resource that runs the service, as a pattern.
    #[serde(rename = "ResourceARN")]
    pub resource_arn: Cow<'a, str>,
    /// The rule's ARN.
    #[serde(rename = "RuleARN")]
    pub rule_arn: Cow<'a, str>,
    /// The rule's name.
    pub rule_name: Cow<'a, str>,
    /// Sampling more while something is wrong; left out when not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_rate_boost: Option<RateBoost>,
    /// The segment's name, as a pattern.
    pub service_name: Cow<'a, str>,
    /// The segment's origin, as a pattern.
    pub service_type: Cow<'a, str>,
    /// The request's path, as a pattern.
    #[serde(rename = "URLPath")]
    pub url_path: Cow<'a, str>,
    /// The version of the rule format; 1.
    pub version: i32,
}

impl<'a> Rule<'a> {
    /// Returns the `Default` rule as it is out of the box: one request per second and 5 %.
    ///
    /// Source: GetSamplingRules, captured answers.
    pub fn default_rule(rule_arn: &'a str) -> Self {
        let any = Cow::Borrowed("*");
        Self {
            attributes: BTreeMap::new(),
            fixed_rate: 0.05,
            http_method: any.clone(),
            host: any.clone(),
            priority: 10_000,
            reservoir_size: 1,
            resource_arn: any.clone(),
            rule_arn: Cow::Borrowed(rule_arn),
            rule_name: Cow::Borrowed(DEFAULT_RULE),
            sampling_rate_boost: None,
            service_name: any.clone(),
            service_type: any.clone(),
            url_path: any,
            version: 1,
        }
    }
}

/// How far a rule may go while something is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RateBoost {
    /// Minutes from one boost to the next.
    pub cooldown_window_minutes: i32,
    /// Whether clients are not to take every 5xx for an anomaly; carried, and left out when not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_default_anomaly_detection: Option<bool>,
    /// The highest rate a boost may reach, from 0 to 1.
    pub max_rate: f64,
}

/// A rule and its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleRecord<'a> {
    /// When the rule was made, in whole seconds; zero for `Default`.
    pub created_at: Seconds,
    /// When the rule was last changed, in whole seconds; zero for an untouched `Default`.
    pub modified_at: Seconds,
    /// The rule.
    pub sampling_rule: Rule<'a>,
}

/// The rules as they are kept from one run of a server to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredRules {
    /// When any rule was last made, changed or deleted.
    pub last_rule_modification: Seconds,
    /// The rules.
    pub rules: Vec<StoredRule>,
}

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredRule {
    /// The rule and its history, as `GetSamplingRules` shows them.
    pub record: RuleRecord<'static>,
    /// The tags the rule was made with.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl Stored for StoredRules {}

/// What the clients counted together for one rule in one window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatisticSummary<'a> {
    /// Requests that were sampled without a quota.
    pub borrow_count: i32,
    /// Requests that matched the rule.
    pub request_count: i32,
    /// The rule.
    pub rule_name: Cow<'a, str>,
    /// Those that were sampled.
    pub sampled_count: i32,
    /// The window's start.
    pub timestamp: Seconds,
}

/// What one client counted for one rule since its last report.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The rule.
    pub rule_name: String,
    /// The client: 24 characters that it chose at its start.
    pub client_id: String,
    /// When the client counted; Java's SDK sends milliseconds.
    pub timestamp: Seconds,
    /// Requests that matched the rule.
    pub request_count: i32,
    /// Those that were sampled.
    pub sampled_count: i32,
    /// Those that were sampled without a quota, one per second.
    pub borrow_count: i32,
}

/// What one client saw go wrong in one service.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostStatistics {
    /// The rule.
    pub rule_name: String,
    /// The service.
    pub service_name: String,
    /// When the client counted.
    pub timestamp: Seconds,
    /// Requests that went wrong.
    pub anomaly_count: i32,
    /// All requests.
    pub total_count: i32,
    /// Requests that went wrong and were sampled.
    pub sampled_anomaly_count: i32,
}

/// What a client is told to do for one rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target<'a> {
    /// The fraction to sample beyond the reservoir.
    pub fixed_rate: f64,
    /// Seconds until the next report; absent when the client has no quota yet.
    pub interval: Option<i32>,
    /// Requests per second this client may take from the reservoir; absent as long as the client is
    /// to borrow.
    #[serde(rename = "ReservoirQuota")]
    pub quota: Option<i32>,
    /// Until when, in whole seconds.
    #[serde(rename = "ReservoirQuotaTTL")]
    pub quota_expires_at: Option<Seconds>,
    /// The rule.
    pub rule_name: Cow<'a, str>,
    /// A higher rate for a while; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling_boost: Option<Boost>,
}

/// A higher sampling rate for a while.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Boost {
    /// The rate.
    pub boost_rate: f64,
    /// Until when.
    #[serde(rename = "BoostRateTTL")]
    pub expires_at: Seconds,
}
