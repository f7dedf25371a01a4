//! Settings of the whole service: encryption, indexing, where segments go.

use serde::{Deserialize, Serialize};

use super::Error;
use super::reader::read;
use crate::Seconds;

/// How stored traces are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EncryptionType {
    /// As the service likes.
    #[default]
    None,
    /// With a key that was chosen.
    Kms,
}

impl EncryptionType {
    const ALL: [(&'static str, Self); 2] = [("NONE", Self::None), ("KMS", Self::Kms)];

    /// Returns the word of the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Kms => "KMS",
        }
    }
}

/// Reads the request of `GetEncryptionConfig` or `GetTraceSegmentDestination`, which have no members.
///
/// # Errors
/// `Serialization` when the body is not a JSON object.
///
/// Source: GetEncryptionConfig and GetTraceSegmentDestination, API model.
pub fn parse_no_members(body: &[u8]) -> Result<(), Error> {
    read(body, |_| Ok(()))
}

/// The request of `PutEncryptionConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutEncryptionConfigRequest {
    /// The key; wanted with `Kms` alone.
    pub key_id: Option<String>,
    /// Whether a key is used.
    pub encryption_type: EncryptionType,
}

impl PutEncryptionConfigRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: PutEncryptionConfig, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let key_id = reader.text("KeyId", 1..=3000)?;
            let encryption_type = reader.word("Type", &EncryptionType::ALL)?;
            if encryption_type.is_none() && !reader.has("Type") {
                reader.require::<EncryptionType>("Type", None);
            }
            Ok(Self { key_id, encryption_type: encryption_type.unwrap_or_default() })
        })
    }
}

/// The request of `GetIndexingRules`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetIndexingRulesRequest {
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl GetIndexingRulesRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization`, as AWS answers.
    ///
    /// Source: GetIndexingRules, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| Ok(Self { next_token: reader.any_text("NextToken")? }))
    }
}

/// The request of `UpdateIndexingRule`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateIndexingRuleRequest {
    /// The rule's name.
    pub name: String,
    /// The percentage of traces that are to be indexed; `None` when the change is of no known kind.
    pub desired_sampling_percentage: Option<f64>,
}

impl UpdateIndexingRuleRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: UpdateIndexingRule, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let name = reader.any_text("Name")?;
            let rule = reader.structure("Rule", |rule| {
                rule.structure("Probabilistic", |value| {
                    let percentage = value.double("DesiredSamplingPercentage")?;
                    Ok(value.require("DesiredSamplingPercentage", percentage))
                })
            })?;
            Ok(Self {
                name: reader.require("Name", name),
                desired_sampling_percentage: reader.require("Rule", rule),
            })
        })
    }
}

/// Where segments go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// Into traces alone.
    #[default]
    XRay,
    /// Into log groups too, as spans.
    CloudWatchLogs,
}

impl Destination {
    const ALL: [(&'static str, Self); 2] =
        [("XRay", Self::XRay), ("CloudWatchLogs", Self::CloudWatchLogs)];

    /// Returns the word of the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XRay => "XRay",
            Self::CloudWatchLogs => "CloudWatchLogs",
        }
    }
}

/// The request of `UpdateTraceSegmentDestination`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateTraceSegmentDestinationRequest {
    /// Where segments are to go.
    pub destination: Option<Destination>,
    /// How the log groups are to be made, if they are.
    pub cloud_watch_logs: Option<CloudWatchLogsConfiguration>,
}

/// How log groups are to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudWatchLogsConfiguration {
    /// The key to encrypt them with.
    pub spans_log_group_kms_key_id: Option<String>,
}

impl UpdateTraceSegmentDestinationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: UpdateTraceSegmentDestination, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let destination = reader.word("Destination", &Destination::ALL)?;
            let cloud_watch_logs = reader.structure("CloudWatchLogsConfiguration", |reader| {
                let key = reader.text("SpansLogGroupKmsKeyId", 1..=256)?;
                Ok(CloudWatchLogsConfiguration { spans_log_group_kms_key_id: key })
            })?;
            Ok(Self { destination, cloud_watch_logs })
        })
    }
}

/// The response of `GetEncryptionConfig` and `PutEncryptionConfig`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptionConfigResponse<'a> {
    /// The setting.
    pub encryption_config: EncryptionConfig<'a>,
}

/// How stored traces are encrypted.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptionConfig<'a> {
    /// The key, if one was chosen.
    pub key_id: Option<&'a str>,
    /// `ACTIVE`, or `UPDATING` in the answer to a change.
    pub status: &'a str,
    /// `NONE` or `KMS`.
    #[serde(rename = "Type")]
    pub encryption_type: &'a str,
}

/// The response of `GetTraceSegmentDestination` and `UpdateTraceSegmentDestination`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TraceSegmentDestinationResponse<'a> {
    /// Where segments go.
    pub destination: &'a str,
    /// `ACTIVE`, or `PENDING` in the answer to a change.
    pub status: &'a str,
}

/// The response of `GetIndexingRules`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetIndexingRulesResponse<'a> {
    /// Every rule.
    pub indexing_rules: Vec<IndexingRule<'a>>,
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
}

/// The response of `UpdateIndexingRule`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateIndexingRuleResponse<'a> {
    /// The rule as it is now.
    pub indexing_rule: IndexingRule<'a>,
}

/// How many of the traces can be searched for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexingRule<'a> {
    /// When the rule was last changed, in whole seconds; zero for an untouched one.
    pub modified_at: Seconds,
    /// Its name.
    pub name: &'a str,
    /// What it says.
    pub rule: IndexingRuleValue,
}

/// What an indexing rule says.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexingRuleValue {
    /// So many, chosen by chance.
    pub probabilistic: ProbabilisticRuleValue,
}

/// A share of the traces.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProbabilisticRuleValue {
    /// The percentage that is indexed.
    pub actual_sampling_percentage: f64,
    /// The percentage that was asked for.
    pub desired_sampling_percentage: f64,
}
