//! `GetInsightSummaries`, `GetInsight`, `GetInsightEvents` and `GetInsightImpactGraph`.
//!
//! Pages go from the newest to the oldest; a token says where the page before ended.

use std::cmp::Reverse;

use bytes::Bytes;
use graph::insight::{Event, Impact, Insight, InsightId};
use trace::NodeId;
use wire::api::Error;
use wire::api::insights::{
    self as shown, AnomalousService, GetInsightEventsRequest, GetInsightEventsResponse,
    GetInsightImpactGraphRequest, GetInsightImpactGraphResponse, GetInsightRequest,
    GetInsightResponse, GetInsightSummariesRequest, GetInsightSummariesResponse, InsightCategory,
    InsightState, RequestImpactStatistics,
};
use wire::api::summaries::ServiceId;
use wire::{Micros, Seconds, json};

use super::graph::check_window;
use super::refuse_next_token;
use super::summaries::check_order;
use crate::app::App;
use crate::graphs::{self, Scope};
use crate::groups::{self, Group, Selector};
use crate::http::token;
use crate::insights::{impact, start, words};

/// How far back windows may reach.
///
/// Source: GetInsightSummaries and GetInsightImpactGraph, API model.
const AGE_MAX: Micros = Micros(30 * 24 * 3600 * Micros::PER_SECOND);

/// Clients compute the oldest moment before they send it.
const AGE_MARGIN: Micros = Micros(300 * Micros::PER_SECOND);

/// Returns one page of the insights of a group that were active in a window, newest first.
///
/// Source: GetInsightSummaries, API reference.
pub(crate) fn summaries(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetInsightSummariesRequest::parse(body)?;
    let (start_time, end_time) = (request.start_time, request.end_time);
    check_order(start_time, end_time)?;
    check_age("Start time", start_time, app.clock.now())?;
    check_age("End time", end_time, app.clock.now())?;
    let selector = Selector::required(request.group_name, request.group_arn)?;
    let group = app.groups.find(&selector).ok_or_else(groups::not_found)?;
    let after = request.next_token.as_deref().map(read_token).transpose()?;
    let results_max = request.max_results.unwrap_or(GetInsightSummariesRequest::RESULTS_MAX);
    let window = start_time.micros()..=end_time.micros();
    app.insights.of_group(&group.arn, |insights| {
        let is_wanted = |insight: &&Insight| {
            let is_in_state = request.state.is_none_or(|wanted| wanted == state(insight));
            let end = end(insight).unwrap_or(Micros(u64::MAX));
            is_in_state && start(insight.first_minute) <= *window.end() && end >= *window.start()
        };
        let key = |insight: &Insight| Reverse((insight.first_minute, insight.id));
        let mut found: Vec<&Insight> = insights.iter().filter(is_wanted).collect();
        found.sort_by_key(|insight| key(insight));
        found.retain(|insight| after.is_none_or(|after| key(insight) > Reverse(after)));
        let page = &found[..found.len().min(results_max as usize)];
        let next = page.last().filter(|_| page.len() < found.len());
        let response = GetInsightSummariesResponse {
            insight_summaries: page.iter().map(|insight| summary(insight, &group)).collect(),
            next_token: next.map(|last| write_token((last.first_minute, last.id))),
        };
        Ok(json::encode(&response).into())
    })
}

/// Returns one insight.
///
/// Source: GetInsight, API reference.
pub(crate) fn insight(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetInsightRequest::parse(body)?;
    let (group, insight) = find(app, &request.insight_id)?;
    Ok(json::encode(&GetInsightResponse { insight: shape(&insight, &group) }).into())
}

/// Returns one page of an insight's events, newest first.
///
/// Source: GetInsightEvents, API reference.
pub(crate) fn events(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetInsightEventsRequest::parse(body)?;
    let (group, insight) = find(app, &request.insight_id)?;
    let before = match request.next_token.as_deref() {
        None => insight.events.len(),
        Some(text) => match read_token(text)? {
            (index, id) if id == insight.id && index <= insight.events.len() as u64 => {
                index as usize
            }
            _ => return Err(token::invalid(text)),
        },
    };
    let results_max = request.max_results.unwrap_or(GetInsightEventsRequest::RESULTS_MAX);
    let first = before.saturating_sub(results_max as usize);
    let page = insight.events[first..before].iter().rev();
    let response = GetInsightEventsResponse {
        insight_events: page.map(|event| shape_event(event, &insight, &group)).collect(),
        next_token: (first > 0).then(|| write_token((first as u64, insight.id))),
    };
    Ok(json::encode(&response).into())
}

/// Returns the structure of the graph that an insight has to do with, in a window of times of
/// receipt.
///
/// Source: GetInsightImpactGraph, API reference.
pub(crate) fn impact_graph(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetInsightImpactGraphRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let (start_time, end_time) = (request.start_time, request.end_time);
    check_window(start_time, end_time)?;
    check_age("Start time", start_time, app.clock.now())?;
    let (group, insight) = find(app, &request.insight_id)?;
    let window = store::whole_minutes(&(start_time.micros()..end_time.micros()));
    let graph = graphs::window(app, &Scope::of(&group), &window);
    let response = GetInsightImpactGraphResponse {
        end_time,
        insight_id: insight.id.to_string(),
        next_token: None,
        service_graph_end_time: window.end.into(),
        service_graph_start_time: window.start.into(),
        services: impact::services(&graph, &insight),
        start_time,
    };
    Ok(json::encode(&response).into())
}

fn check_age(name: &str, time: Seconds, now: Micros) -> Result<(), Error> {
    if now.since(time.micros()) > Micros(AGE_MAX.0 + AGE_MARGIN.0) {
        return Err(Error::invalid_request(format!("{name} cannot be more than 30 days old")));
    }
    Ok(())
}

/// Returns an insight, and the group that it is of.
fn find(app: &App, id: &str) -> Result<(Group, Insight), Error> {
    let found = InsightId::parse(id).and_then(|id| {
        let (arn, insight) = app.insights.find(id)?;
        Some((app.groups.find(&Selector::Arn(arn))?, insight))
    });
    found.ok_or_else(|| Error::invalid_request("Insight not found"))
}

fn state(insight: &Insight) -> InsightState {
    if insight.is_active() { InsightState::Active } else { InsightState::Closed }
}

/// Returns when an insight ended; `None` while it is active.
fn end(insight: &Insight) -> Option<Micros> {
    insight.closed.map(|_| start(insight.last_minute + 1))
}

fn summary<'i>(insight: &'i Insight, group: &'i Group) -> shown::Insight<'i> {
    let last_update_time = Some(start(insight.updated_minute() + 1).into());
    shown::Insight { last_update_time, ..shape(insight, group) }
}

fn shape<'i>(insight: &'i Insight, group: &'i Group) -> shown::Insight<'i> {
    shown::Insight {
        categories: [InsightCategory::Fault],
        client_request_impact_statistics: statistics(&insight.client_impact),
        end_time: end(insight).map(Seconds::from),
        group_arn: &group.arn,
        group_name: &group.name,
        insight_id: insight.id.to_string(),
        last_update_time: None,
        root_cause_service_id: service_id(&insight.root),
        root_cause_service_request_impact_statistics: statistics(&insight.root_impact),
        start_time: start(insight.first_minute).into(),
        state: state(insight),
        summary: words::insight(insight, &group.name),
        top_anomalous_services: services(insight.top()),
    }
}

fn shape_event<'i>(event: &'i Event, insight: &Insight, group: &Group) -> shown::InsightEvent<'i> {
    shown::InsightEvent {
        client_request_impact_statistics: statistics(&event.client_impact),
        event_time: start(event.minute + 1).into(),
        root_cause_service_request_impact_statistics: statistics(&event.root_impact),
        summary: words::event(event, insight, &group.name),
        top_anomalous_services: services(event.top.iter()),
    }
}

fn statistics(impact: &Impact) -> RequestImpactStatistics {
    RequestImpactStatistics {
        fault_count: impact.faults,
        ok_count: impact.ok,
        total_count: impact.total,
    }
}

fn services<'i>(ids: impl Iterator<Item = &'i NodeId<'static>>) -> Vec<AnomalousService<'i>> {
    ids.map(|id| AnomalousService { service_id: service_id(id) }).collect()
}

fn service_id<'i>(id: &'i NodeId<'static>) -> ServiceId<'i> {
    ServiceId {
        account_id: None,
        name: &id.name,
        names: [&id.name],
        service_type: id.service_type.as_deref(),
    }
}

/// A number and an id.
const TOKEN_BYTES: usize = 8 + 16;

fn write_token((number, id): (u64, InsightId)) -> String {
    token::encode(&[number.to_be_bytes().as_slice(), &id.0].concat())
}

fn read_token(text: &str) -> Result<(u64, InsightId), Error> {
    let bytes: [u8; TOKEN_BYTES] = token::decode(text)?;
    let (number, id) = bytes.split_first_chunk().expect("the token's length was checked");
    let id = InsightId(id.try_into().expect("the token's length was checked"));
    Ok((u64::from_be_bytes(*number), id))
}

#[cfg(test)]
mod tests;
