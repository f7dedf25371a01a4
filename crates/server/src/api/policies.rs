//! Resource policies.

use bytes::Bytes;
use wire::Micros;
use wire::api::Error;
use wire::api::policies::{
    DeleteResourcePolicyRequest, ListResourcePoliciesRequest, ListResourcePoliciesResponse,
    PutResourcePolicyRequest, PutResourcePolicyResponse, ResourcePolicy,
};
use wire::control::StoredPolicy;
use wire::json;

use super::refuse_next_token;
use crate::app::App;

/// Makes a policy or replaces it.
///
/// Source: PutResourcePolicy, API reference and captured answers.
pub(crate) fn put(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = PutResourcePolicyRequest::parse(body)?;
    let policy = app.policies.put(request, app.clock.now())?;
    Ok(json::encode(&PutResourcePolicyResponse { resource_policy: shown(&policy) }).into())
}

/// Returns every policy.
///
/// Source: ListResourcePolicies, captured answers.
pub(crate) fn list(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = ListResourcePoliciesRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let policies = app.policies.all();
    let resource_policies = policies.policies.iter().map(shown).collect();
    Ok(json::encode(&ListResourcePoliciesResponse { next_token: None, resource_policies }).into())
}

/// Deletes a policy.
///
/// Source: DeleteResourcePolicy, captured answers.
pub(crate) fn delete(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    app.policies.delete(&DeleteResourcePolicyRequest::parse(body)?)?;
    Ok(Bytes::from_static(b"{}"))
}

fn shown(policy: &StoredPolicy) -> ResourcePolicy<'_> {
    ResourcePolicy {
        last_updated_time: Micros(policy.last_updated_micros).into(),
        policy_document: &policy.document,
        policy_name: &policy.name,
        policy_revision_id: policy.revision.to_string(),
    }
}

#[cfg(test)]
mod tests;
