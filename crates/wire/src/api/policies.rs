//! Resource policies: `PutResourcePolicy`, `ListResourcePolicies`, `DeleteResourcePolicy`.

mod document;

use std::ops::RangeInclusive;

use serde::Serialize;

pub use document::{Effect, PolicyDocument, PolicyStatement};

use super::Error;
use super::reader::{Reader, read};
use crate::Seconds;

/// How long a policy's name may be.
const NAME_CHARS: RangeInclusive<usize> = 1..=128;

/// What a policy's name is like.
const NAME_PATTERN: &str = r"[\w+=,.@-]+";

/// The request of `PutResourcePolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutResourcePolicyRequest {
    /// The policy's name.
    pub policy_name: String,
    /// The policy, as JSON text.
    pub policy_document: String,
    /// The revision that the policy must have; `0` when it must not exist.
    pub policy_revision_id: Option<String>,
    /// Whether the caller may lock himself out.
    pub bypass_policy_lockout_check: bool,
}

impl PutResourcePolicyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: PutResourcePolicy, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let policy_name = policy_name(reader)?;
            let document = reader.any_text("PolicyDocument")?;
            let bypass = reader.flag("BypassPolicyLockoutCheck")?;
            Ok(Self {
                policy_name,
                policy_document: reader.require("PolicyDocument", document),
                policy_revision_id: reader.any_text("PolicyRevisionId")?,
                bypass_policy_lockout_check: bypass.unwrap_or_default(),
            })
        })
    }
}

/// The request of `DeleteResourcePolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteResourcePolicyRequest {
    /// The policy's name.
    pub policy_name: String,
    /// The revision that the policy must have.
    pub policy_revision_id: Option<String>,
}

impl DeleteResourcePolicyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: DeleteResourcePolicy, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let policy_name = policy_name(reader)?;
            Ok(Self { policy_name, policy_revision_id: reader.any_text("PolicyRevisionId")? })
        })
    }
}

/// The request of `ListResourcePolicies`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListResourcePoliciesRequest {
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl ListResourcePoliciesRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: ListResourcePolicies, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| Ok(Self { next_token: reader.text("NextToken", 1..=100)? }))
    }
}

fn policy_name(reader: &mut Reader<'_, '_>) -> Result<String, Error> {
    let is_like = |name: &str| {
        name.chars().all(|char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char))
    };
    let name = reader.text_like("PolicyName", NAME_CHARS, NAME_PATTERN, is_like)?;
    Ok(reader.require("PolicyName", name))
}

/// The response of `PutResourcePolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutResourcePolicyResponse<'a> {
    /// The policy as it is now.
    pub resource_policy: ResourcePolicy<'a>,
}

/// The response of `ListResourcePolicies`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListResourcePoliciesResponse<'a> {
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// Every policy.
    pub resource_policies: Vec<ResourcePolicy<'a>>,
}

/// Who may write traces here.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourcePolicy<'a> {
    /// When it was last put, in whole seconds.
    pub last_updated_time: Seconds,
    /// The policy, as JSON text.
    pub policy_document: &'a str,
    /// Its name.
    pub policy_name: &'a str,
    /// How often it was put, as decimal text.
    pub policy_revision_id: String,
}
