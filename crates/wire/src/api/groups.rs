//! Groups: `GetGroups`, `GetGroup`, `CreateGroup`, `UpdateGroup`, `DeleteGroup`.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Error;
use super::reader::{Reader, read};
use super::tags::{self, Tag};

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

/// The request of `GetGroup` and of `DeleteGroup`: exactly one member is wanted.
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
    /// Source: GetGroup and DeleteGroup, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            Ok(Self {
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
            })
        })
    }
}

/// The request of `CreateGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateGroupRequest {
    /// What the group is to be called.
    pub group_name: String,
    /// Which traces are to belong to it.
    pub filter_expression: Option<String>,
    /// Whether it is to be watched.
    pub insights_configuration: Option<InsightsUpdate>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl CreateGroupRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: CreateGroup, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let group_name = reader.text("GroupName", GROUP_NAME_CHARS)?;
            Ok(Self {
                group_name: reader.require("GroupName", group_name),
                filter_expression: reader.any_text("FilterExpression")?,
                insights_configuration: InsightsUpdate::read(reader)?,
                tags: tags::read_list(reader)?.unwrap_or_default(),
            })
        })
    }
}

/// The request of `UpdateGroup`: exactly one of name and ARN is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateGroupRequest {
    /// The group's name.
    pub group_name: Option<String>,
    /// The group's ARN.
    pub group_arn: Option<String>,
    /// Which traces are to belong to it from now on.
    pub filter_expression: Option<String>,
    /// Whether it is to be watched.
    pub insights_configuration: Option<InsightsUpdate>,
}

impl UpdateGroupRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: UpdateGroup, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            Ok(Self {
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
                filter_expression: reader.any_text("FilterExpression")?,
                insights_configuration: InsightsUpdate::read(reader)?,
            })
        })
    }
}

/// What is to change in an [`InsightsConfiguration`]; what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InsightsUpdate {
    /// Whether insights are to be looked for.
    pub insights_enabled: Option<bool>,
    /// Whether they are to be sent out.
    pub notifications_enabled: Option<bool>,
}

impl InsightsUpdate {
    fn read(reader: &mut Reader<'_, '_>) -> Result<Option<Self>, Error> {
        reader.structure("InsightsConfiguration", |reader| {
            Ok(Self {
                insights_enabled: reader.flag("InsightsEnabled")?,
                notifications_enabled: reader.flag("NotificationsEnabled")?,
            })
        })
    }

    /// Returns the configuration after the change. Who asks for no more insights, asks for no more
    /// notifications of them.
    pub fn apply(self, before: InsightsConfiguration) -> InsightsConfiguration {
        let insights_enabled = self.insights_enabled.unwrap_or(before.insights_enabled);
        let kept = before.notifications_enabled && insights_enabled;
        let notifications_enabled = self.notifications_enabled.unwrap_or(kept);
        InsightsConfiguration { insights_enabled, notifications_enabled }
    }
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

/// The response of `GetGroup`, `CreateGroup` and `UpdateGroup`.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InsightsConfiguration {
    /// Whether insights are looked for.
    pub insights_enabled: bool,
    /// Whether they are sent out.
    pub notifications_enabled: bool,
}
