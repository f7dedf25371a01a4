//! Sampling over HTTP: rules read and changed, targets, summaries of statistics.
//!
//! SDKs are particular about these answers: times and rates with a decimal point, counts without,
//! every list and `Attributes` there even when empty.

mod client;
mod rules;

use serde::Serialize;

pub use client::{Targets, parse_rules, parse_targets, sampling_targets_request};
pub use rules::{
    CreateSamplingRuleRequest, DeleteSamplingRuleRequest, GetSamplingRulesResponse, NewRule,
    RuleSelector, RuleUpdate, SamplingRuleRecordResponse, UpdateSamplingRuleRequest,
    parse_rules_request,
};

use super::Error;
use super::reader::{Reader, read};
use crate::Seconds;
use crate::limits::SAMPLING_STATISTICS_MAX;
use crate::sampling::{BoostStatistics, StatisticSummary, Statistics, Target};

/// The request of `GetSamplingTargets`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetSamplingTargetsRequest {
    /// What the clients counted.
    pub statistics: Vec<Statistics>,
    /// What the clients saw go wrong, if they look for that.
    pub boost_statistics: Option<Vec<BoostStatistics>>,
}

impl GetSamplingTargetsRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetSamplingTargets, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let list = "SamplingStatisticsDocuments";
            let documents = reader.structures(list, SAMPLING_STATISTICS_MAX, statistics)?;
            Ok(Self {
                statistics: reader.require(list, documents),
                boost_statistics: reader.structures(
                    "SamplingBoostStatisticsDocuments",
                    SAMPLING_STATISTICS_MAX,
                    boost_statistics,
                )?,
            })
        })
    }
}

fn statistics(reader: &mut Reader<'_, '_>) -> Result<Statistics, Error> {
    let rule_name = reader.text("RuleName", 1..=32)?;
    let client_id = reader.text("ClientID", 24..=24)?;
    let timestamp = reader.timestamp("Timestamp")?;
    Ok(Statistics {
        rule_name: reader.require("RuleName", rule_name),
        client_id: reader.require("ClientID", client_id),
        timestamp: reader.require("Timestamp", timestamp),
        request_count: required_count(reader, "RequestCount")?,
        sampled_count: required_count(reader, "SampledCount")?,
        borrow_count: reader.integer("BorrowCount", 0)?.unwrap_or(0),
    })
}

fn boost_statistics(reader: &mut Reader<'_, '_>) -> Result<BoostStatistics, Error> {
    let rule_name = reader.text("RuleName", 1..=32)?;
    let service_name = reader.text("ServiceName", 0..=64)?;
    let timestamp = reader.timestamp("Timestamp")?;
    Ok(BoostStatistics {
        rule_name: reader.require("RuleName", rule_name),
        service_name: reader.require("ServiceName", service_name),
        timestamp: reader.require("Timestamp", timestamp),
        anomaly_count: required_count(reader, "AnomalyCount")?,
        total_count: required_count(reader, "TotalCount")?,
        sampled_anomaly_count: required_count(reader, "SampledAnomalyCount")?,
    })
}

fn required_count(reader: &mut Reader<'_, '_>, name: &str) -> Result<i32, Error> {
    let count = reader.integer(name, 0)?;
    Ok(reader.require(name, count))
}

/// The response of `GetSamplingTargets`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetSamplingTargetsResponse<'a> {
    /// When any rule was last made, changed or deleted; zero before that.
    pub last_rule_modification: Seconds,
    /// What to do, one per report.
    pub sampling_target_documents: Vec<Target<'a>>,
    /// Reports of anomalies that could not be used; left out when there were no such reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unprocessed_boost_statistics: Option<Vec<UnprocessedStatistics<'a>>>,
    /// Reports that could not be used.
    pub unprocessed_statistics: Vec<UnprocessedStatistics<'a>>,
}

/// A report that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnprocessedStatistics<'a> {
    /// An HTTP status: 4xx makes SDKs fetch the rules again.
    pub error_code: &'a str,
    /// Why.
    pub message: &'a str,
    /// The rule named by the report.
    pub rule_name: &'a str,
}

/// Reads the request of `GetSamplingStatisticSummaries`, whose `NextToken` is ignored.
///
/// # Errors
/// `Serialization` when the body is not a JSON object or the token is no text.
///
/// Source: GetSamplingStatisticSummaries, API model.
pub fn parse_summaries_request(body: &[u8]) -> Result<(), Error> {
    parse_rules_request(body)
}

/// The response of `GetSamplingStatisticSummaries`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetSamplingStatisticSummariesResponse<'a> {
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// One per rule.
    pub sampling_statistic_summaries: Vec<StatisticSummary<'a>>,
}
