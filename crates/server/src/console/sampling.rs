//! `POST sampling/dryrun`: what other sampling rules would have done with the traces of a window.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::block::traces::Facts;
use store::{Axis, Filter, Page, Query, StoredRow};
use utoipa::ToSchema;
use wire::api::sampling::CreateSamplingRuleRequest;
use wire::limits::SAMPLING_RULES_MAX;
use wire::sampling::{DEFAULT_RULE, Rule};
use wire::value::Scalar;
use wire::{Micros, api};

use super::{Answer, Answered, Ask, Error, error, shape};
use crate::sampling::dry_run::{DryRun, OfService, Request};

/// The newest traces that are looked at.
const TRACES_MAX: u64 = 50_000;

/// Traces that are read at a time.
const PAGE_TRACES: usize = 1_000;

const NOTE: &str = "Only requests whose traces were kept are known. Of these it is said which rule \
    each would have met, and how many that rule would have kept; requests that were not sampled are \
    in no number. Attributes are compared with the annotations of a trace.";

/// Rules to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DryRunRequest {
    /// The earliest start. Units: microseconds since the epoch.
    from: u64,
    /// The latest start, itself included. Units: microseconds since the epoch.
    to: u64,
    /// All rules that there would be, as `CreateSamplingRule` takes them; `Default` as it is when it
    /// is not among them.
    #[schema(value_type = Vec<Object>)]
    rules: Vec<Value>,
}

/// What they would have done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DryRunResponse {
    /// Traces that were looked at.
    requests: u64,
    /// In the order in which they are tried.
    rules: Vec<DryRunRule>,
    /// Those of most requests first.
    services: Vec<DryRunService>,
    /// False when there are more traces than were looked at, or something could not be read.
    exact: bool,
    /// What these numbers are, and what they are not.
    note: &'static str,
}

/// What a rule would have done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DryRunRule {
    name: String,
    /// Requests that would have met it.
    matched: u64,
    /// How many of them it would have kept.
    kept: f64,
    /// The rule in front of it that leaves it nothing to match.
    #[schema(required)]
    shadowed_by: Option<String>,
}

/// What would have become of the requests of one service.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DryRunService {
    /// The service at which they began; empty when that is not known.
    service: String,
    requests: u64,
    /// How many of them the present rules keep.
    kept_now: f64,
    /// How many the rules of the request would have kept.
    kept_then: f64,
}

/// Tries sampling rules on the traces of a window.
#[utoipa::path(post, path = "/console/api/sampling/dryrun", operation_id = "dryRunSampling",
    request_body = DryRunRequest,
    responses((status = 200, body = DryRunResponse), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn dry_run(ask: &Ask<'_>) -> Answered {
    let DryRunRequest { from, to, rules } = ask.body()?;
    let window = shape::window(from, to)?;
    let now: Vec<Rule<'static>> =
        ask.app.sampling.rules().into_iter().map(|record| record.sampling_rule).collect();
    let then = read_rules(rules, &now)?;
    let (mut runs_now, mut runs_then) = (DryRun::new(&now), DryRun::new(&then));
    let page = Page { after: None, traces_max: PAGE_TRACES };
    let mut query =
        Query { filter: Filter::EVERYTHING, axis: Axis::Start, window, page, checks_max: 0 };
    let (mut count, mut exact) = (0, true);
    loop {
        let found = ask.app.store.scan(&query);
        exact &= found.cost.unreadable_block_count == 0;
        for row in &found.rows {
            let request = request_of(row);
            runs_now.meet(&request);
            runs_then.meet(&request);
        }
        count += found.rows.len() as u64;
        let is_enough = count >= TRACES_MAX || ask.watch.is_cancelled();
        let Some(next) = found.next else { break };
        if is_enough {
            exact = false;
            break;
        }
        query.page.after = Some(next);
    }
    Ok(Answer::json(&response(&then, &runs_now, &runs_then, count, exact)))
}

fn response(
    rules: &[Rule<'_>],
    now: &DryRun<'_>,
    then: &DryRun<'_>,
    requests: u64,
    exact: bool,
) -> DryRunResponse {
    let (now, then) = (now.outcome(), then.outcome());
    let name = |at: usize| rules[at].rule_name.to_string();
    let of_rules = then.rules.iter().enumerate().map(|(at, rule)| DryRunRule {
        name: name(at),
        matched: rule.matched,
        kept: rule.kept,
        shadowed_by: rule.shadowed_by.map(name),
    });
    let mut services: BTreeMap<&String, [OfService; 2]> = BTreeMap::new();
    for (at, outcome) in [&now, &then].into_iter().enumerate() {
        for (service, of_service) in &outcome.services {
            services.entry(service).or_default()[at] = *of_service;
        }
    }
    let of_service = |(service, [now, then]): (&String, [OfService; 2])| DryRunService {
        service: service.clone(),
        requests: now.requests.max(then.requests),
        kept_now: now.kept,
        kept_then: then.kept,
    };
    let mut services: Vec<_> = services.into_iter().map(of_service).collect();
    services.sort_by_key(|service| std::cmp::Reverse(service.requests));
    DryRunResponse { requests, rules: of_rules.collect(), services, exact, note: NOTE }
}

/// Reads the rules, and puts them in the order in which they are tried.
fn read_rules(rules: Vec<Value>, now: &[Rule<'static>]) -> Result<Vec<Rule<'static>>, Error> {
    // `Default` is one more.
    if rules.len() > SAMPLING_RULES_MAX + 1 {
        return Err(Error::invalid("There are too many rules").in_field("rules"));
    }
    let mut read = Vec::with_capacity(rules.len() + 1);
    for rule in rules {
        read.push(read_rule(rule).map_err(|error| Error::from(error).in_field("rules"))?);
    }
    if read.iter().all(|rule: &Rule<'_>| rule.rule_name != DEFAULT_RULE) {
        read.extend(now.iter().find(|rule| rule.rule_name == DEFAULT_RULE).cloned());
    }
    read.sort_by(|a, b| (a.priority, &a.rule_name).cmp(&(b.priority, &b.rule_name)));
    Ok(read)
}

fn read_rule(mut rule: Value) -> Result<Rule<'static>, api::Error> {
    let default = Rule::default_rule("");
    let is_default = rule["RuleName"] == DEFAULT_RULE;
    if is_default {
        // It stands behind all that a new rule may.
        rule["Priority"] = json!(1);
    }
    let body = json!({"SamplingRule": rule}).to_string();
    let new = CreateSamplingRuleRequest::parse(body.as_bytes())?.sampling_rule;
    let name = new.selector.rule_name.clone().unwrap_or_default();
    let mut rule = new.named(name, String::new());
    if is_default {
        rule.priority = default.priority;
    }
    Ok(rule)
}

/// Returns what is known of the request that a trace began with.
fn request_of(row: &StoredRow) -> Request {
    let summary = row.summary();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let (host, path) = parts(summary.http.url.unwrap_or_default());
    let mut attributes = BTreeMap::new();
    row.for_each_value(|key, value| {
        if let Scalar::Text(text) = value {
            attributes.insert(key.to_owned(), text.to_string());
        }
    });
    let entry = summary.entry_point.as_ref();
    let Micros(start) = row.start();
    Request {
        second: start / Micros::PER_SECOND,
        service: text(entry.map(|node| &*node.name)),
        service_type: text(entry.and_then(|node| node.service_type.as_deref())),
        host: host.to_owned(),
        method: text(summary.http.method),
        path: path.to_owned(),
        resource_arns: summary.resource_arns.iter().map(|arn| (*arn).to_owned()).collect(),
        attributes,
    }
}

/// Returns the host and the path of a URL, or of a path alone.
fn parts(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let has_host = rest.len() < url.len();
    let path = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = if has_host { rest.split_at(path) } else { ("", rest) };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    (host, if path.is_empty() && has_host { "/" } else { path })
}

#[cfg(test)]
mod tests;
