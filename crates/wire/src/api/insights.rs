//! Insights: `GetInsightSummaries`, `GetInsight`, `GetInsightEvents` and `GetInsightImpactGraph`.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Error;
use super::groups::{GROUP_ARN_CHARS, GROUP_NAME_CHARS};
use super::reader::{Reader, read};
use super::summaries::ServiceId;
use crate::Seconds;

/// How long a page token may be.
const TOKEN_CHARS: RangeInclusive<usize> = 1..=2000;

/// Insights on one page.
const SUMMARIES: RangeInclusive<i32> = 1..=100;

/// Events on one page.
const EVENTS: RangeInclusive<i32> = 1..=50;

/// The states that one request may ask for.
const STATES_MAX: usize = 1;

/// What an insight's id looks like, as constraint messages print it.
const ID_PATTERN: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-\
                          [0-9a-fA-F]{12}";

/// Whether an insight goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InsightState {
    /// It does.
    Active,
    /// It is over.
    Closed,
}

const STATES: [(&str, InsightState); 2] =
    [("ACTIVE", InsightState::Active), ("CLOSED", InsightState::Closed)];

/// What kind of anomaly an insight is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InsightCategory {
    /// Faults (5xx).
    Fault,
}

/// The request of `GetInsightSummaries`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetInsightSummariesRequest {
    /// The state that is wanted; all when absent.
    pub state: Option<InsightState>,
    /// The group, by its ARN.
    pub group_arn: Option<String>,
    /// The group, by its name.
    pub group_name: Option<String>,
    /// The window's first moment.
    pub start_time: Seconds,
    /// The window's last moment.
    pub end_time: Seconds,
    /// Insights on the page, at most.
    pub max_results: Option<i32>,
    /// Where to go on.
    pub next_token: Option<String>,
}

impl GetInsightSummariesRequest {
    /// Insights on a page unless the request says otherwise.
    pub const RESULTS_MAX: i32 = *SUMMARIES.end();

    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetInsightSummaries, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let states = reader.words("States", STATES_MAX, &STATES)?.unwrap_or_default();
            let (start_time, end_time) = window(reader)?;
            Ok(Self {
                state: states.first().copied(),
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                start_time,
                end_time,
                max_results: reader.integer_within("MaxResults", SUMMARIES)?,
                next_token: reader.text("NextToken", TOKEN_CHARS)?,
            })
        })
    }
}

/// The request of `GetInsight`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetInsightRequest {
    /// Which one: a UUID.
    pub insight_id: String,
}

impl GetInsightRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetInsight, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| Ok(Self { insight_id: insight_id(reader)? }))
    }
}

/// The request of `GetInsightEvents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetInsightEventsRequest {
    /// Which insight: a UUID.
    pub insight_id: String,
    /// Events on the page, at most.
    pub max_results: Option<i32>,
    /// Where to go on.
    pub next_token: Option<String>,
}

impl GetInsightEventsRequest {
    /// Events on a page unless the request says otherwise.
    pub const RESULTS_MAX: i32 = *EVENTS.end();

    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetInsightEvents, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            Ok(Self {
                insight_id: insight_id(reader)?,
                max_results: reader.integer_within("MaxResults", EVENTS)?,
                next_token: reader.text("NextToken", TOKEN_CHARS)?,
            })
        })
    }
}

/// The request of `GetInsightImpactGraph`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetInsightImpactGraphRequest {
    /// Which insight: a UUID.
    pub insight_id: String,
    /// The window's first moment.
    pub start_time: Seconds,
    /// The moment after the window.
    pub end_time: Seconds,
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl GetInsightImpactGraphRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetInsightImpactGraph, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let insight_id = insight_id(reader)?;
            let (start_time, end_time) = window(reader)?;
            let next_token = reader.text("NextToken", TOKEN_CHARS)?;
            Ok(Self { insight_id, start_time, end_time, next_token })
        })
    }
}

fn window(reader: &mut Reader<'_, '_>) -> Result<(Seconds, Seconds), Error> {
    let start_time = reader.timestamp("StartTime")?;
    let end_time = reader.timestamp("EndTime")?;
    Ok((reader.require("StartTime", start_time), reader.require("EndTime", end_time)))
}

fn insight_id(reader: &mut Reader<'_, '_>) -> Result<String, Error> {
    let id = reader.pattern("InsightId", ID_PATTERN, is_insight_id)?;
    Ok(reader.require("InsightId", id))
}

fn is_insight_id(text: &str) -> bool {
    let is_fitting = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => (b'1'..=b'5').contains(&byte),
        19 => b"89abAB".contains(&byte),
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_fitting)
}

/// The response of `GetInsightSummaries`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetInsightSummariesResponse<'a> {
    /// The insights on this page.
    pub insight_summaries: Vec<Insight<'a>>,
    /// Where to go on; absent on the last page.
    pub next_token: Option<String>,
}

/// The response of `GetInsight`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetInsightResponse<'a> {
    /// The insight.
    pub insight: Insight<'a>,
}

/// A period in which services of a group faulted more often than expected, with one cause.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Insight<'a> {
    /// What kind of anomaly it is.
    pub categories: [InsightCategory; 1],
    /// How the requests of clients went.
    pub client_request_impact_statistics: RequestImpactStatistics,
    /// When it ended; absent while it is active.
    pub end_time: Option<Seconds>,
    /// The group, by its ARN.
    #[serde(rename = "GroupARN")]
    pub group_arn: &'a str,
    /// The group, by its name.
    pub group_name: &'a str,
    /// What distinguishes it from all others.
    pub insight_id: String,
    /// When something was last known of it; only in a list, left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Seconds>,
    /// The deepest anomalous service.
    pub root_cause_service_id: ServiceId<'a>,
    /// How the requests to that service went.
    pub root_cause_service_request_impact_statistics: RequestImpactStatistics,
    /// When it began.
    pub start_time: Seconds,
    /// Whether it goes on.
    pub state: InsightState,
    /// The same in words.
    pub summary: String,
    /// The services that it affects most.
    pub top_anomalous_services: Vec<AnomalousService<'a>>,
}

/// How requests went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestImpactStatistics {
    /// Those that faulted.
    pub fault_count: u64,
    /// Those that ended well.
    pub ok_count: u64,
    /// All of them.
    pub total_count: u64,
}

/// A service that is affected.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AnomalousService<'a> {
    /// Which one.
    pub service_id: ServiceId<'a>,
}

/// The response of `GetInsightEvents`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetInsightEventsResponse<'a> {
    /// The events on this page.
    pub insight_events: Vec<InsightEvent<'a>>,
    /// Where to go on; absent on the last page.
    pub next_token: Option<String>,
}

/// Something that happened to an insight.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InsightEvent<'a> {
    /// How the requests of clients went up to then.
    pub client_request_impact_statistics: RequestImpactStatistics,
    /// When it was noticed.
    pub event_time: Seconds,
    /// How the requests to the root cause went up to then.
    pub root_cause_service_request_impact_statistics: RequestImpactStatistics,
    /// What happened, in words.
    pub summary: String,
    /// The services that were affected most up to then.
    pub top_anomalous_services: Vec<AnomalousService<'a>>,
}

/// The response of `GetInsightImpactGraph`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetInsightImpactGraphResponse<'a> {
    /// The window's end, as it was asked for.
    pub end_time: Seconds,
    /// The insight.
    pub insight_id: String,
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The end of the time that the graph is of.
    pub service_graph_end_time: Seconds,
    /// The start of the time that the graph is of.
    pub service_graph_start_time: Seconds,
    /// The nodes, with their edges inside.
    pub services: Vec<InsightImpactGraphService<'a>>,
    /// The window's start, as it was asked for.
    pub start_time: Seconds,
}

/// A node of an impact graph.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InsightImpactGraphService<'a> {
    /// The account, when it is not one's own.
    pub account_id: Option<&'a str>,
    /// The calls that the service made.
    pub edges: Vec<InsightImpactGraphEdge>,
    /// The service's name.
    pub name: &'a str,
    /// The name again, as the only member of a list.
    pub names: [&'a str; 1],
    /// The node's number in this answer, from 0.
    pub reference_id: usize,
    /// What kind of thing ran the service.
    #[serde(rename = "Type")]
    pub service_type: Option<&'a str>,
}

/// An edge of an impact graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InsightImpactGraphEdge {
    /// The number of the called node.
    pub reference_id: usize,
}

#[cfg(test)]
mod tests;
