//! `GetSamplingRules` and `GetSamplingTargets`.

use bytes::Bytes;
use wire::api::Error;
use wire::api::sampling::{
    GetSamplingRulesResponse, GetSamplingTargetsRequest, GetSamplingTargetsResponse,
    UnprocessedStatistics, parse_rules_request,
};
use wire::json;
use wire::sampling::DEFAULT_RULE;

use crate::app::App;
use crate::sampling::LAST_RULE_MODIFICATION;

/// Returns every rule on one page; SDKs ask for no second one.
pub(crate) fn rules(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_rules_request(body)?;
    let response = GetSamplingRulesResponse {
        next_token: None,
        sampling_rule_records: vec![app.sampling.default_rule()],
    };
    Ok(json::encode(&response).into())
}

/// Tells each reporting client what to do. A report of an unknown rule costs the others nothing.
///
/// Source: `sampling.md` §4.
pub(crate) fn targets(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetSamplingTargetsRequest::parse(body)?;
    let now = app.clock.now();
    let (known, unknown): (Vec<_>, Vec<_>) =
        request.statistics.iter().partition(|report| report.rule_name == DEFAULT_RULE);
    let boosts = request.boost_statistics.as_deref();
    let response = GetSamplingTargetsResponse {
        last_rule_modification: LAST_RULE_MODIFICATION,
        sampling_target_documents: known
            .into_iter()
            .map(|report| app.sampling.target(report, now))
            .collect(),
        unprocessed_boost_statistics: boosts.map(|boosts| {
            let names = boosts.iter().map(|boost| &*boost.rule_name);
            names.filter(|name| *name != DEFAULT_RULE).map(unknown_rule).collect()
        }),
        unprocessed_statistics: unknown
            .into_iter()
            .map(|report| unknown_rule(&report.rule_name))
            .collect(),
    };
    Ok(json::encode(&response).into())
}

fn unknown_rule(rule_name: &str) -> UnprocessedStatistics<'_> {
    UnprocessedStatistics { error_code: "400", message: "Unknown rule", rule_name }
}

#[cfg(test)]
mod tests;
