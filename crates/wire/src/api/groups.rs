//! Groups and the encryption setting: `GetGroups`, `GetGroup`, `GetEncryptionConfig`.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Error;
use super::reader::read;

/// How long a group's name may be.
pub(super) const GROUP_NAME_CHARS: RangeInclusive<usize> = 1..=32;

/// How long a group's ARN may be.
pub(super) const GROUP_ARN_CHARS: RangeInclusive<usize> = 1..=400;

/// The request of `GetGroups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetGroupsRequest {
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl GetGroupsRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetGroups, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| Ok(Self { next_token: reader.text("NextToken", 1..=100)? }))
    }
}

/// The request of `GetGroup`: exactly one member is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetGroupRequest {
    /// The group's name.
    pub group_name: Option<String>,
    /// The group's ARN.
    pub group_arn: Option<String>,
}

impl GetGroupRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetGroup, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            Ok(Self {
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
            })
        })
    }
}

/// Reads the request of `GetEncryptionConfig`, which has no members.
///
/// # Errors
/// `Serialization` when the body is not a JSON object.
///
/// Source: GetEncryptionConfig, API model.
pub fn parse_no_members(body: &[u8]) -> Result<(), Error> {
    read(body, |_| Ok(()))
}

/// The response of `GetGroups`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupsResponse<'a> {
    /// Every group.
    pub groups: Vec<Group<'a>>,
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
}

/// The response of `GetGroup`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupResponse<'a> {
    /// The group.
    pub group: Group<'a>,
}

/// A named filter expression.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group<'a> {
    /// Which traces belong to the group; absent on `Default`, to which all do.
    pub filter_expression: Option<&'a str>,
    /// The group's ARN.
    #[serde(rename = "GroupARN")]
    pub group_arn: &'a str,
    /// The group's name.
    pub group_name: &'a str,
    /// Whether the group is watched.
    pub insights_configuration: InsightsConfiguration,
}

/// Whether a group is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InsightsConfiguration {
    /// Whether insights are looked for.
    pub insights_enabled: bool,
    /// Whether they are sent out.
    pub notifications_enabled: bool,
}

/// The response of `GetEncryptionConfig`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetEncryptionConfigResponse<'a> {
    /// The setting.
    pub encryption_config: EncryptionConfig<'a>,
}

/// How stored traces are encrypted.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptionConfig<'a> {
    /// The key, if one was chosen.
    pub key_id: Option<&'a str>,
    /// `ACTIVE`, or `UPDATING` for a while after a change.
    pub status: &'a str,
    /// `NONE` or `KMS`.
    #[serde(rename = "Type")]
    pub encryption_type: &'a str,
}
