//! Statistics over time: `GetTimeSeriesServiceStatistics`.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Error;
use super::graph::{HistogramEntry, Statistics};
use super::groups::{GROUP_ARN_CHARS, GROUP_NAME_CHARS};
use super::reader::read;
use crate::Seconds;

/// How long a selector may be.
const SELECTOR_CHARS: RangeInclusive<usize> = 1..=500;

/// The request of `GetTimeSeriesServiceStatistics`.
#[derive(Clone, Debug, PartialEq)]
pub struct GetTimeSeriesServiceStatisticsRequest {
    /// The first moment at which a period may end.
    pub start_time: Seconds,
    /// The moment before which a period ends.
    pub end_time: Seconds,
    /// The group, by its name.
    pub group_name: Option<String>,
    /// The group, by its ARN.
    pub group_arn: Option<String>,
    /// Which nodes or edges are counted.
    pub entity_selector_expression: Option<String>,
    /// The length of a period in seconds.
    pub period: Option<i32>,
    /// Whether the expected faults are wanted, too.
    pub forecast_statistics: bool,
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl GetTimeSeriesServiceStatisticsRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: GetTimeSeriesServiceStatistics, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let start_time = reader.timestamp("StartTime")?;
            let end_time = reader.timestamp("EndTime")?;
            Ok(Self {
                start_time: reader.require("StartTime", start_time),
                end_time: reader.require("EndTime", end_time),
                group_name: reader.text("GroupName", GROUP_NAME_CHARS)?,
                group_arn: reader.text("GroupARN", GROUP_ARN_CHARS)?,
                entity_selector_expression: reader
                    .text("EntitySelectorExpression", SELECTOR_CHARS)?,
                period: reader.integer("Period", i32::MIN)?,
                forecast_statistics: reader.flag("ForecastStatistics")?.unwrap_or(false),
                next_token: reader.any_text("NextToken")?,
            })
        })
    }
}

/// The response of `GetTimeSeriesServiceStatistics`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetTimeSeriesServiceStatisticsResponse {
    /// Whether traces were counted that joined the group under an earlier filter of it.
    pub contains_old_group_versions: bool,
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The periods in which something was counted, the last one first.
    pub time_series_service_statistics: Vec<TimeSeriesServiceStatistics>,
}

/// What was counted in one period.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeSeriesServiceStatistics {
    /// How the calls went; absent when nodes are counted.
    pub edge_summary_statistics: Option<Statistics>,
    /// How long they took.
    pub response_time_histogram: Vec<HistogramEntry>,
    /// The faults that were to be expected.
    pub service_forecast_statistics: ForecastStatistics,
    /// How the requests went; absent when edges are counted.
    pub service_summary_statistics: Option<Statistics>,
    /// The period's end.
    pub timestamp: Seconds,
}

/// The faults that were to be expected; absent when nobody asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ForecastStatistics {
    /// More are unusual.
    pub fault_count_high: Option<u64>,
    /// Fewer are unusual.
    pub fault_count_low: Option<u64>,
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::json;

    fn check(body: &str) -> String {
        match GetTimeSeriesServiceStatisticsRequest::parse(body.as_bytes()) {
            Ok(request) => format!("{request:?}"),
            Err(error) => format!("{} {}", error.code.status(), error.body()),
        }
    }

    #[test]
    fn a_series_needs_a_window_and_a_selector_of_some_length() {
        assert_snapshot!(check("{}"), @r#"400 {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
        assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"Period":60.5}"#), @r#"400 {"Message":"NUMBER_VALUE can not be converted to an Integer"}"#);
        assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"EntitySelectorExpression":"","Period":-1}"#), @r#"400 {"message":"1 validation error detected: Value '' at 'entitySelectorExpression' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
        let long = format!(
            r#"{{"StartTime":1,"EndTime":2,"EntitySelectorExpression":"{}"}}"#,
            "x".repeat(501)
        );
        assert!(check(&long).contains("Member must have length less than or equal to 500"));
        assert_snapshot!(check(
            r#"{"StartTime":1,"EndTime":2.5,"EntitySelectorExpression":"service()","Period":-5,
                "ForecastStatistics":true,"GroupName":"g","GroupARN":"a","NextToken":"t"}"#
        ), @r#"GetTimeSeriesServiceStatisticsRequest { start_time: Seconds(1.0), end_time: Seconds(2.5), group_name: Some("g"), group_arn: Some("a"), entity_selector_expression: Some("service()"), period: Some(-5), forecast_statistics: true, next_token: Some("t") }"#);
    }

    #[test]
    fn a_period_without_a_forecast_has_nulls_in_its_place() {
        let period = TimeSeriesServiceStatistics {
            edge_summary_statistics: Some(Statistics::default()),
            timestamp: Seconds(1_790_159_340.0),
            ..TimeSeriesServiceStatistics::default()
        };
        let response = GetTimeSeriesServiceStatisticsResponse {
            time_series_service_statistics: vec![period],
            ..GetTimeSeriesServiceStatisticsResponse::default()
        };
        assert_snapshot!(json::encode(&response), @r#"{"ContainsOldGroupVersions":false,"NextToken":null,"TimeSeriesServiceStatistics":[{"EdgeSummaryStatistics":{"ErrorStatistics":{"OtherCount":0,"ThrottleCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"OkCount":0,"TotalCount":0,"TotalResponseTime":0.0},"ResponseTimeHistogram":[],"ServiceForecastStatistics":{"FaultCountHigh":null,"FaultCountLow":null},"ServiceSummaryStatistics":null,"Timestamp":1.79015934E9}]}"#);
    }
}
