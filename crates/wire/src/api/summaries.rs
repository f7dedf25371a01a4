//! Traces in short: `GetTraceSummaries`.
//!
//! The shapes borrow from the trace they are made of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::Error;
use super::reader::{Reader, read};
use crate::{Seconds, json};

/// The request of `GetTraceSummaries`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetTraceSummariesRequest {
    /// The window's first moment.
    pub start_time: Seconds,
    /// The window's last moment.
    pub end_time: Seconds,
    /// Which of a trace's times must lie in the window.
    pub time_range_type: TimeRangeType,
    /// Whether a subset of the traces will do.
    pub sampling: bool,
    /// How the subset is chosen.
    pub sampling_strategy: Option<SamplingStrategy>,
    /// Which traces are wanted.
    pub filter_expression: Option<String>,
    /// Where the previous page ended.
    pub next_token: Option<String>,
}

/// Which of a trace's times must lie in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeRangeType {
    /// When its first segment started; never the time inside its id.
    #[default]
    TraceId,
    /// When it was last added to.
    Event,
    /// When a segment ended.
    Service,
}

impl TimeRangeType {
    /// Returns the API's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TraceId => "TraceId",
            Self::Event => "Event",
            Self::Service => "Service",
        }
    }
}

/// How a subset of the traces is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SamplingStrategy {
    /// The way.
    pub name: Option<SamplingStrategyName>,
    /// The wanted fraction of the traces.
    pub value: Option<f64>,
}

/// The ways to choose a subset of the traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingStrategyName {
    /// Whatever part of the window was looked at.
    PartialScan,
    /// Each trace with the same probability.
    FixedRate,
}

impl GetTraceSummariesRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetTraceSummaries, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let start_time = reader.timestamp("StartTime")?;
            let end_time = reader.timestamp("EndTime")?;
            Ok(Self {
                start_time: reader.require("StartTime", start_time),
                end_time: reader.require("EndTime", end_time),
                time_range_type: reader
                    .word(
                        "TimeRangeType",
                        &[
                            ("TraceId", TimeRangeType::TraceId),
                            ("Service", TimeRangeType::Service),
                            ("Event", TimeRangeType::Event),
                        ],
                    )?
                    .unwrap_or_default(),
                sampling: reader.flag("Sampling")?.unwrap_or(false),
                sampling_strategy: reader.structure("SamplingStrategy", sampling_strategy)?,
                filter_expression: reader.any_text("FilterExpression")?,
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

fn sampling_strategy(reader: &mut Reader<'_, '_>) -> Result<SamplingStrategy, Error> {
    let names = [
        ("PartialScan", SamplingStrategyName::PartialScan),
        ("FixedRate", SamplingStrategyName::FixedRate),
    ];
    Ok(SamplingStrategy { name: reader.word("Name", &names)?, value: reader.double("Value")? })
}

/// The response of `GetTraceSummaries`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetTraceSummariesResponse {
    /// Where in the window this page begins.
    pub approximate_time: Seconds,
    /// Where the next page begins; absent on the last one.
    pub next_token: Option<String>,
    /// The page.
    pub trace_summaries: Vec<EncodedSummary>,
    /// Traces in the window before filtering.
    pub traces_processed_count: u64,
}

/// A summary that is already written, so that the trace behind it need not stay in memory until
/// the whole page is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct EncodedSummary(Box<RawValue>);

impl From<&TraceSummary<'_>> for EncodedSummary {
    fn from(summary: &TraceSummary<'_>) -> Self {
        Self(RawValue::from_string(json::encode(summary)).expect("the encoder writes JSON"))
    }
}

/// One trace in short.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TraceSummary<'a> {
    /// Each key with its distinct values.
    pub annotations: BTreeMap<&'a str, Vec<ValueWithServiceIds<'a>>>,
    /// Where the services ran.
    pub availability_zones: Vec<AvailabilityZoneDetail<'a>>,
    /// Seconds from the first start to the last end; absent while anything is unfinished.
    pub duration: Option<f64>,
    /// The service where the trace began.
    pub entry_point: Option<ServiceId<'a>>,
    /// What led to errors.
    pub error_root_causes: Vec<RootCause<'a, FailedEntity<'a>>>,
    /// What led to faults.
    pub fault_root_causes: Vec<RootCause<'a, FailedEntity<'a>>>,
    /// Whether the root was answered 4xx.
    pub has_error: bool,
    /// Whether the root was answered 5xx.
    pub has_fault: bool,
    /// Whether the root was answered 429.
    pub has_throttle: bool,
    /// The root's request.
    pub http: Http<'a>,
    /// The trace id.
    pub id: String,
    /// The instances the services ran on.
    pub instance_ids: Vec<InstanceIdDetail<'a>>,
    /// Whether a segment that others refer to is missing.
    pub is_partial: bool,
    /// Seen on the wire, always absent.
    pub matched_edge: Option<()>,
    /// When the trace was last added to, in whole seconds; absent for windows of start times.
    pub matched_event_time: Option<Seconds>,
    /// Seen on the wire, always absent.
    pub matched_service: Option<()>,
    /// The resources the services ran on.
    #[serde(rename = "ResourceARNs")]
    pub resource_arns: Vec<ResourceArnDetail<'a>>,
    /// The root's seconds from start to end.
    pub response_time: Option<f64>,
    /// What led to slow responses.
    pub response_time_root_causes: Vec<RootCause<'a, SlowEntity<'a>>>,
    /// How many ingestion requests changed the trace.
    pub revision: u32,
    /// The services of the trace, its client included.
    pub service_ids: Vec<ServiceId<'a>>,
    /// The earliest start.
    pub start_time: Seconds,
    /// Who asked.
    pub users: Vec<TraceUser<'a>>,
}

/// The root's HTTP request and answer.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Http<'a> {
    /// Where the request came from.
    pub client_ip: Option<&'a str>,
    /// The request's method.
    pub http_method: Option<&'a str>,
    /// The answer's status.
    pub http_status: Option<i64>,
    /// What was asked for.
    #[serde(rename = "HttpURL")]
    pub http_url: Option<&'a str>,
    /// The program that asked.
    pub user_agent: Option<&'a str>,
}

/// Which service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServiceId<'a> {
    /// The account, when it is not one's own.
    pub account_id: Option<&'a str>,
    /// The service's name.
    pub name: &'a str,
    /// The name again, as the only member of a list.
    pub names: [&'a str; 1],
    /// What kind of thing ran the service.
    #[serde(rename = "Type")]
    pub service_type: Option<&'a str>,
}

/// A value of an annotation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ValueWithServiceIds<'a> {
    /// The value.
    pub annotation_value: AnnotationValue<'a>,
    /// Always absent, as AWS answers.
    pub service_ids: Option<()>,
}

/// A value of an annotation; exactly one member is there.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AnnotationValue<'a> {
    /// A flag.
    pub boolean_value: Option<bool>,
    /// A number.
    pub number_value: Option<f64>,
    /// A text.
    pub string_value: Option<&'a str>,
}

/// A user of the traced application.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TraceUser<'a> {
    /// Always absent, as AWS answers.
    pub service_ids: Option<()>,
    /// The user's name.
    pub user_name: &'a str,
}

/// An availability zone.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AvailabilityZoneDetail<'a> {
    /// The zone's name.
    pub name: &'a str,
}

/// An instance.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceIdDetail<'a> {
    /// The instance's id.
    pub id: &'a str,
}

/// A resource.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceArnDetail<'a> {
    /// The resource's name.
    #[serde(rename = "ARN")]
    pub arn: &'a str,
}

/// What led to an error, a fault or a slow response: services from upstream to downstream.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCause<'a, Entity> {
    /// Whether the path begins at the root.
    pub client_impacting: bool,
    /// The path.
    pub services: Vec<RootCauseService<'a, Entity>>,
}

/// One service on the path.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCauseService<'a, Entity> {
    /// The account, when it is not one's own.
    pub account_id: Option<&'a str>,
    /// The segment, then the subsegments followed.
    pub entity_path: Vec<Entity>,
    /// Whether the service sent nothing itself.
    pub inferred: bool,
    /// The service's name.
    pub name: &'a str,
    /// The name again, as the only member of a list.
    pub names: [&'a str; 1],
    /// What kind of thing ran the service.
    #[serde(rename = "Type")]
    pub service_type: Option<&'a str>,
}

/// One segment or subsegment on the path to an error or a fault.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FailedEntity<'a> {
    /// What was thrown.
    pub exceptions: Vec<RootCauseException<'a>>,
    /// The entity's name.
    pub name: &'a str,
    /// Whether it is a call to another service.
    pub remote: bool,
}

/// What was thrown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCauseException<'a> {
    /// The exception's message.
    pub message: Option<&'a str>,
    /// The exception's type.
    pub name: Option<&'a str>,
}

/// One segment or subsegment on the path to a slow response.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SlowEntity<'a> {
    /// Its share of the root's response time, from 0 to 1.
    pub coverage: f64,
    /// The entity's name.
    pub name: &'a str,
    /// Whether it is a call to another service.
    pub remote: bool,
}
