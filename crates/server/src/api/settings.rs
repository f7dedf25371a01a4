//! Settings of the whole service: encryption, indexing, where segments go.

use bytes::Bytes;
use wire::Micros;
use wire::api::Error;
use wire::api::settings::{
    Destination, EncryptionConfig, EncryptionConfigResponse, EncryptionType,
    GetIndexingRulesRequest, GetIndexingRulesResponse, IndexingRule, IndexingRuleValue,
    ProbabilisticRuleValue, PutEncryptionConfigRequest, TraceSegmentDestinationResponse,
    UpdateIndexingRuleRequest, UpdateIndexingRuleResponse, UpdateTraceSegmentDestinationRequest,
    parse_no_members,
};
use wire::control::StoredIndexing;
use wire::json;

use super::refuse_next_token;
use crate::app::App;
use crate::settings::INDEXING_RULE;

/// What is in fact indexed: every trace.
const ACTUAL_PERCENTAGE: f64 = 100.0;

/// Returns how stored traces are to be encrypted.
///
/// Source: GetEncryptionConfig, API reference.
pub(crate) fn encryption(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_no_members(body)?;
    Ok(encryption_shown(app.settings.encryption_key_id().as_deref(), "ACTIVE"))
}

/// Changes how stored traces are to be encrypted.
///
/// Source: PutEncryptionConfig, API reference.
pub(crate) fn put_encryption(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let key_id = app.settings.encrypt(PutEncryptionConfigRequest::parse(body)?)?;
    Ok(encryption_shown(key_id.as_deref(), "UPDATING"))
}

fn encryption_shown(key_id: Option<&str>, status: &str) -> Bytes {
    let kind = if key_id.is_some() { EncryptionType::Kms } else { EncryptionType::None };
    let encryption_config = EncryptionConfig { key_id, status, encryption_type: kind.name() };
    json::encode(&EncryptionConfigResponse { encryption_config }).into()
}

/// Returns the indexing rule.
///
/// Source: GetIndexingRules, API reference.
pub(crate) fn indexing_rules(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetIndexingRulesRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let indexing_rules = vec![indexing_shown(app.settings.indexing())];
    Ok(json::encode(&GetIndexingRulesResponse { indexing_rules, next_token: None }).into())
}

/// Changes the indexing rule.
///
/// Source: UpdateIndexingRule, API reference.
pub(crate) fn update_indexing_rule(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = UpdateIndexingRuleRequest::parse(body)?;
    let indexing = app.settings.index(&request, app.clock.now())?;
    let indexing_rule = indexing_shown(indexing);
    Ok(json::encode(&UpdateIndexingRuleResponse { indexing_rule }).into())
}

fn indexing_shown(indexing: StoredIndexing) -> IndexingRule<'static> {
    let probabilistic = ProbabilisticRuleValue {
        actual_sampling_percentage: ACTUAL_PERCENTAGE,
        desired_sampling_percentage: indexing.desired_sampling_percentage,
    };
    IndexingRule {
        modified_at: Micros(indexing.modified_micros).into(),
        name: INDEXING_RULE,
        rule: IndexingRuleValue { probabilistic },
    }
}

/// Returns where segments are to go.
///
/// Source: GetTraceSegmentDestination, captured answers.
pub(crate) fn destination(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_no_members(body)?;
    Ok(destination_shown(app.settings.destination(), "ACTIVE"))
}

/// Changes where segments are to go.
///
/// Source: UpdateTraceSegmentDestination, API reference.
pub(crate) fn update_destination(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = UpdateTraceSegmentDestinationRequest::parse(body)?;
    let (destination, is_new) = app.settings.send(request)?;
    Ok(destination_shown(destination, if is_new { "PENDING" } else { "ACTIVE" }))
}

fn destination_shown(destination: Destination, status: &str) -> Bytes {
    let destination = destination.name();
    json::encode(&TraceSegmentDestinationResponse { destination, status }).into()
}

#[cfg(test)]
mod tests;
