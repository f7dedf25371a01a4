//! Sampling rules, targets, and summaries of what clients report.

use bytes::Bytes;
use wire::api::Error;
use wire::api::sampling::{
    CreateSamplingRuleRequest, DeleteSamplingRuleRequest, GetSamplingRulesResponse,
    GetSamplingStatisticSummariesResponse, GetSamplingTargetsRequest, GetSamplingTargetsResponse,
    SamplingRuleRecordResponse, UnprocessedStatistics, UpdateSamplingRuleRequest,
    parse_rules_request, parse_summaries_request,
};
use wire::json;
use wire::sampling::RuleRecord;

use crate::app::App;

/// Returns every rule on one page; SDKs ask for no second one.
pub(crate) fn rules(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_rules_request(body)?;
    let response =
        GetSamplingRulesResponse { next_token: None, sampling_rule_records: app.sampling.rules() };
    Ok(json::encode(&response).into())
}

/// Makes a rule.
///
/// Source: `sampling.md` §1.
pub(crate) fn create_rule(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = CreateSamplingRuleRequest::parse(body)?;
    app.sampling.create(request, app.clock.now()).map(encoded)
}

/// Changes a rule.
///
/// Source: `sampling.md` §1.
pub(crate) fn update_rule(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = UpdateSamplingRuleRequest::parse(body)?;
    app.sampling.update(request.sampling_rule_update, app.clock.now()).map(encoded)
}

/// Deletes a rule.
///
/// Source: `sampling.md` §1.
pub(crate) fn delete_rule(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = DeleteSamplingRuleRequest::parse(body)?;
    app.sampling.delete(&request.selector, app.clock.now()).map(encoded)
}

fn encoded(sampling_rule_record: RuleRecord<'static>) -> Bytes {
    json::encode(&SamplingRuleRecordResponse { sampling_rule_record }).into()
}

/// Tells each reporting client what to do. A report of an unknown rule costs the others nothing.
///
/// Source: `sampling.md` §4.
pub(crate) fn targets(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetSamplingTargetsRequest::parse(body)?;
    let answer = app.sampling.answer(&request, app.clock.now());
    let unprocessed = |names: Vec<_>| names.into_iter().map(unknown_rule).collect();
    let response = GetSamplingTargetsResponse {
        last_rule_modification: answer.last_rule_modification,
        sampling_target_documents: answer.targets,
        unprocessed_boost_statistics: answer.unknown_boosts.map(unprocessed),
        unprocessed_statistics: unprocessed(answer.unknown),
    };
    Ok(json::encode(&response).into())
}

fn unknown_rule(rule_name: &str) -> UnprocessedStatistics<'_> {
    UnprocessedStatistics { error_code: "400", message: "Unknown rule", rule_name }
}

/// Returns what clients counted for each rule in the last ten seconds that have ended.
///
/// Source: `sampling.md` §4.
pub(crate) fn summaries(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_summaries_request(body)?;
    let response = GetSamplingStatisticSummariesResponse {
        next_token: None,
        sampling_statistic_summaries: app.sampling.summaries(app.clock.now()),
    };
    Ok(json::encode(&response).into())
}

#[cfg(test)]
mod tests;
