//! Service graphs: `GetServiceGraph` and `GetTraceGraph`.

use serde::Serialize;

use super::Error;
use super::groups::{GROUP_ARN_CHARS, GROUP_NAME_CHARS};
use super::reader::read;
use crate::Seconds;

/// The request of `GetServiceGraph`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetServiceGraphRequest {
    /// The window's first moment.
    pub start_time: Seconds,
    /// The window's last moment.
    pub end_time: Seconds,
    /// The group, by its name.
    pub group_name: Option<String>,
    /// The group, by its ARN.
    pub group_arn: Option<String>,
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl GetServiceGraphRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetServiceGraph, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let start_time = reader.timestamp("StartTime")?;
            let end_time = reader.timestamp("EndTime")?;
            Ok(Self {
                start_time: reader.require("StartTime", start_time),
                end_time: reader.require("EndTime", end_time),
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

/// The response of `GetServiceGraph`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetServiceGraphResponse<'a> {
    /// Whether traces were counted that joined the group under an earlier filter of it.
    pub contains_old_group_versions: bool,
    /// The latest second in which a counted trace began.
    pub end_time: Option<Seconds>,
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The nodes, with their edges inside.
    pub services: Vec<Service<'a>>,
    /// The earliest second in which a counted trace began.
    pub start_time: Option<Seconds>,
}

/// The response of `GetTraceGraph`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetTraceGraphResponse<'a> {
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The nodes, with their edges inside.
    pub services: Vec<Service<'a>>,
}

/// One node of a graph.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Service<'a> {
    /// The account, when it is not one's own.
    pub account_id: Option<&'a str>,
    /// How long the service worked; absent on the client.
    pub duration_histogram: Option<Vec<HistogramEntry>>,
    /// The calls that the service made.
    pub edges: Vec<Edge<'a>>,
    /// The end of the last second in which a counted trace began.
    pub end_time: Option<Seconds>,
    /// Seen on the wire: empty in a service graph, absent in a trace graph.
    pub hosted_in: Option<NoMembers>,
    /// Seen on the wire: empty in a service graph, absent in a trace graph.
    pub key_attributes: Option<NoMembers>,
    /// The service's name.
    pub name: &'a str,
    /// The name again, as the only member of a list.
    pub names: [&'a str; 1],
    /// The node's number in this answer, from 0.
    pub reference_id: usize,
    /// Seen on the wire, always absent.
    pub region: Option<&'a str>,
    /// How long the callers waited; absent on the client.
    pub response_time_histogram: Option<Vec<HistogramEntry>>,
    /// True where traces began, absent elsewhere.
    pub root: Option<bool>,
    /// The first second in which a counted trace began.
    pub start_time: Option<Seconds>,
    /// `active`, `passive` or `unknown`.
    pub state: &'a str,
    /// How the requests went; absent on the client.
    pub summary_statistics: Option<Statistics>,
    /// What kind of thing ran the service.
    #[serde(rename = "Type")]
    pub service_type: Option<&'a str>,
}

/// An object without members.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct NoMembers {}

/// The calls from one node to another.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Edge<'a> {
    /// Other names that the caller has for the called service.
    pub aliases: Vec<Alias<'a>>,
    /// `link` on an asynchronous call; left out on others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge_type: Option<&'a str>,
    /// The end of the last second in which a counted trace began.
    pub end_time: Option<Seconds>,
    /// How old asynchronous messages were when they were received; left out on other calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_event_age_histogram: Option<Vec<HistogramEntry>>,
    /// The number of the called node.
    pub reference_id: usize,
    /// How long the caller waited; absent on an asynchronous call.
    pub response_time_histogram: Option<Vec<HistogramEntry>>,
    /// The first second in which a counted trace began.
    pub start_time: Option<Seconds>,
    /// How the calls went.
    pub summary_statistics: Option<Statistics>,
}

/// Another name of a service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alias<'a> {
    /// The name.
    pub name: &'a str,
    /// The name again, as the only member of a list.
    pub names: [&'a str; 1],
    /// What kind of thing the caller takes it for.
    #[serde(rename = "Type")]
    pub alias_type: Option<&'a str>,
}

/// How requests went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statistics {
    /// The 4xx among them.
    pub error_statistics: ErrorStatistics,
    /// The 5xx among them.
    pub fault_statistics: FaultStatistics,
    /// Those that went well.
    pub ok_count: u64,
    /// All of them.
    pub total_count: u64,
    /// Their response times added up, in seconds.
    pub total_response_time: f64,
}

/// Requests answered 4xx.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ErrorStatistics {
    /// All but the throttled ones.
    pub other_count: u64,
    /// The throttled ones (429).
    pub throttle_count: u64,
    /// All of them.
    pub total_count: u64,
}

/// Requests answered 5xx.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FaultStatistics {
    /// All of them.
    pub other_count: u64,
    /// All of them.
    pub total_count: u64,
}

/// One bar of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HistogramEntry {
    /// How many.
    pub count: u64,
    /// Seconds, rounded to milliseconds.
    pub value: f64,
}
