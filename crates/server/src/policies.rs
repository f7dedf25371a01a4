//! Resource policies: checked, kept and listed. They are not asked yet, as nobody is asked who he is.

use std::sync::Arc;

use store::Documents;
use wire::Micros;
use wire::api::policies::{
    DeleteResourcePolicyRequest, Effect, PolicyDocument, PolicyStatement, PutResourcePolicyRequest,
};
use wire::api::{Error, ErrorCode};
use wire::control::{Stored, StoredPolicies, StoredPolicy};
use wire::limits::{RESOURCE_POLICIES_MAX, RESOURCE_POLICY_BYTES_MAX};

use crate::control::{self, Kept, Setting};

/// What a caller must be allowed to do so that he is not locked out.
const PUT_ACTION: &str = "xray:PutResourcePolicy";

/// The revision of a policy that does not exist.
const NO_REVISION: u64 = 0;

/// The policies there are.
pub(crate) struct Policies {
    account_id: String,
    kept: Kept<StoredPolicies>,
}

impl Setting for StoredPolicies {
    const DOCUMENT: &'static str = "policies";

    fn encode(&self) -> Vec<u8> {
        Stored::encode(self)
    }
}

impl Policies {
    /// Loads the policies of the resources of an account.
    pub(crate) fn open(
        documents: Arc<Documents>,
        account_id: String,
    ) -> Result<Self, control::Error> {
        let load =
            |bytes: Option<&[u8]>| bytes.map_or_else(|| Ok(Default::default()), Stored::decode);
        Ok(Self { account_id, kept: Kept::open(documents, load)? })
    }

    /// Returns every policy, by name.
    pub(crate) fn all(&self) -> Arc<StoredPolicies> {
        self.kept.now()
    }

    /// Makes a policy, or puts it in the place of the one of its name.
    pub(crate) fn put(
        &self,
        request: PutResourcePolicyRequest,
        now: Micros,
    ) -> Result<StoredPolicy, Error> {
        self.check(&request)?;
        let PutResourcePolicyRequest { policy_name: name, policy_document, .. } = request;
        self.kept.change(|StoredPolicies { policies }| {
            let at = policies.binary_search_by(|policy| policy.name.cmp(&name));
            let revision = at.map_or(NO_REVISION, |at| policies[at].revision);
            if !is_meant(request.policy_revision_id.as_deref(), revision) {
                return Err(Error::new(
                    ErrorCode::InvalidPolicyRevisionId,
                    format!("Another concurrent request has modified the resource policy {name}"),
                ));
            }
            let policy = StoredPolicy {
                document: policy_document,
                last_updated_micros: now.floor_second().0,
                name,
                revision: revision + 1,
            };
            match at {
                Ok(at) => policies[at] = policy.clone(),
                Err(_) if policies.len() >= RESOURCE_POLICIES_MAX => return Err(too_many()),
                Err(at) => policies.insert(at, policy.clone()),
            }
            Ok(policy)
        })
    }

    /// Deletes a policy.
    pub(crate) fn delete(&self, request: &DeleteResourcePolicyRequest) -> Result<(), Error> {
        let DeleteResourcePolicyRequest { policy_name: name, policy_revision_id } = request;
        self.kept.change(|StoredPolicies { policies }| {
            let at = policies.iter().position(|policy| policy.name == *name);
            let revision = at.map_or(NO_REVISION, |at| policies[at].revision);
            let is_meant = is_meant(policy_revision_id.as_deref(), revision);
            match at {
                Some(at) if is_meant => drop(policies.remove(at)),
                None if policy_revision_id.is_none() => {
                    let message = format!("The resource policy {name} does not exist.");
                    return Err(Error::invalid_request(message));
                }
                _ => {
                    let message = format!(
                        "Another concurrent request has modified or deleted the resource policy \
                         {name}"
                    );
                    return Err(Error::new(ErrorCode::InvalidPolicyRevisionId, message));
                }
            }
            Ok(())
        })
    }

    fn check(&self, request: &PutResourcePolicyRequest) -> Result<(), Error> {
        if request.policy_document.len() > RESOURCE_POLICY_BYTES_MAX {
            let message =
                format!("A resource policy can have at most {RESOURCE_POLICY_BYTES_MAX} bytes");
            return Err(Error::new(ErrorCode::PolicySizeLimitExceeded, message));
        }
        let policy = PolicyDocument::parse(&request.policy_document).map_err(|problem| {
            let message = format!("The policy document is malformed: {problem}");
            Error::new(ErrorCode::MalformedPolicyDocument, message)
        })?;
        let locks_out = |statement: &PolicyStatement| self.locks_out(statement);
        if !request.bypass_policy_lockout_check && policy.statements.iter().any(locks_out) {
            return Err(Error::new(
                ErrorCode::LockoutPrevention,
                "The policy would prevent its caller from calling PutResourcePolicy again",
            ));
        }
        Ok(())
    }

    /// Returns whether a statement keeps everybody of this account, whoever calls, from changing
    /// the policy, always.
    fn locks_out(&self, statement: &PolicyStatement) -> bool {
        let root = format!("arn:aws:iam::{}:root", self.account_id);
        let everybody = ["*", &self.account_id, &root];
        let names = |list: &Option<Vec<String>>, wanted: &[&str]| {
            list.as_ref().is_some_and(|list| list.iter().any(|one| wanted.contains(&&**one)))
        };
        statement.effect == Effect::Deny
            && !statement.has_condition
            && statement.is_about(PUT_ACTION)
            && names(&statement.principals, &everybody)
            && names(&statement.resources, &["*"])
    }
}

/// Returns whether a request that names a revision, or none, means this one.
fn is_meant(wanted: Option<&str>, revision: u64) -> bool {
    wanted.is_none_or(|wanted| wanted == revision.to_string())
}

fn too_many() -> Error {
    let message = format!("There can be at most {RESOURCE_POLICIES_MAX} resource policies");
    Error::new(ErrorCode::PolicyCountLimitExceeded, message)
}
