//! What a server keeps of its settings from one run to the next, as JSON.
//!
//! Not part of the API: these shapes are on disk, and `docs/format/control.md` has an example of
//! each. A member may be added if it has a default; none may change its meaning.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::groups::InsightsConfiguration;
use crate::api::settings::Destination;
use crate::json;

/// A document that is kept.
pub trait Stored: Serialize + DeserializeOwned {
    /// Returns the document as JSON.
    fn encode(&self) -> Vec<u8> {
        json::encode(self).into_bytes()
    }

    /// Reads what [`encode`](Self::encode) returned.
    ///
    /// # Errors
    /// Where `bytes` are not that.
    fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(bytes).map_err(Unreadable)
    }
}

/// A document is not what was kept.
#[derive(Debug)]
pub struct Unreadable(serde_json::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unreadable {}

/// The groups, and which filters were in force when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredGroups {
    /// Whether the group of all traces is watched.
    pub default_insights: InsightsConfiguration,
    /// The tags of the group of all traces.
    #[serde(default)]
    pub default_tags: BTreeMap<String, String>,
    /// The other groups.
    pub groups: Vec<StoredGroup>,
    /// When a filter last changed, in microseconds since the epoch.
    pub last_change_micros: u64,
    /// The largest number that a version ever had.
    pub last_version_number: u64,
    /// The filters that are or were in force.
    pub versions: Vec<StoredGroupVersion>,
}

impl Stored for StoredGroups {}

/// A group as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredGroup {
    /// Which traces belong to it.
    pub filter_expression: String,
    /// What its ARN ends with; another one when the group is made again.
    pub id: String,
    /// Whether it is watched.
    pub insights_configuration: InsightsConfiguration,
    /// Its name.
    pub name: String,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// One filter of a group, with the filters of groups that it refers to, while none of them changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredGroupVersion {
    /// The filter.
    pub filter_expression: String,
    /// Since when it was in force, in microseconds since the epoch.
    pub from_micros: u64,
    /// The group's id.
    pub group_id: String,
    /// The group's name.
    pub group_name: String,
    /// The version's number, which no other version of any group ever has.
    pub number: u64,
    /// Until when it was in force; absent when it still is.
    pub until_micros: Option<u64>,
}

/// The resource policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredPolicies {
    /// All of them.
    pub policies: Vec<StoredPolicy>,
}

impl Stored for StoredPolicies {}

/// A resource policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredPolicy {
    /// The policy, as JSON text.
    pub document: String,
    /// When it was last put, in microseconds since the epoch.
    pub last_updated_micros: u64,
    /// Its name.
    pub name: String,
    /// How often it was put.
    pub revision: u64,
}

/// Settings of the whole service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredSettings {
    /// Where segments go.
    pub destination: Destination,
    /// The key of the log groups, if one was given.
    pub destination_key_id: Option<String>,
    /// The key that traces are to be encrypted with, if one was given.
    pub encryption_key_id: Option<String>,
    /// How many of the traces are to be indexed; absent when nobody said so.
    pub indexing: Option<StoredIndexing>,
}

impl Stored for StoredSettings {}

/// How many of the traces are to be indexed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredIndexing {
    /// The percentage.
    pub desired_sampling_percentage: f64,
    /// When it was said, in microseconds since the epoch.
    pub modified_micros: u64,
}

/// Pages of the console under names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredViews {
    /// All of them, the oldest first.
    pub views: Vec<StoredView>,
}

impl Stored for StoredViews {}

/// A page of the console under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredView {
    /// When it was made, in microseconds since the epoch.
    pub created_micros: u64,
    /// What it is known by; unique.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The page, as the rest of its URL.
    pub path: String,
    /// When it was last changed, in microseconds since the epoch.
    pub updated_micros: u64,
}

/// Pages of the console under short keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredLinks {
    /// All of them, the oldest first.
    pub links: Vec<StoredLink>,
}

impl Stored for StoredLinks {}

/// A page of the console under a short key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredLink {
    /// When it was made, in microseconds since the epoch.
    pub created_micros: u64,
    /// The key; unique.
    pub key: String,
    /// The page, as the rest of its URL.
    pub path: String,
}

/// What is known of the insights of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredInsights {
    /// The group's ARN.
    pub group: String,
    /// The bytes of what is known, in hexadecimal digits; empty once the group is gone.
    pub state: String,
}

impl Stored for StoredInsights {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::StoredRules;

    /// Reads the example of a document, and writes it again.
    fn check<T: Stored>(name: &str) {
        let page = include_str!("../../../docs/format/control.md");
        let (_, section) = page.split_once(&format!("### {name}\n")).expect("a section");
        let (_, example) = section.split_once("```json\n").expect("an example");
        let (example, _) = example.split_once("```").expect("the end of the example");
        let document = T::decode(example.as_bytes());
        let document = document.unwrap_or_else(|error| panic!("{name}: {error}"));
        let unbroken: String = example.lines().map(str::trim_start).collect();
        assert_eq!(String::from_utf8(document.encode()).expect("JSON"), unbroken);
    }

    #[test]
    fn the_examples_in_the_documentation_are_what_is_written() {
        check::<StoredGroups>("groups");
        check::<StoredRules>("sampling-rules");
        check::<StoredPolicies>("policies");
        check::<StoredSettings>("settings");
        check::<StoredViews>("views");
        check::<StoredLinks>("links");
    }
}
