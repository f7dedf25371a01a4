//! Each request's errors, and each response's letters.

mod control;

use insta::assert_snapshot;
use serde_json::Value;

use super::graph::*;
use super::groups::*;
use super::sampling::*;
use super::settings::*;
use super::summaries::*;
use super::traces::*;
use super::*;
use crate::Seconds;
use crate::json::encode;
use crate::sampling::{Boost, RateBoost, Rule, RuleRecord, Target};

fn check<T: std::fmt::Debug>(parse: impl Fn(&[u8]) -> Result<T, Error>, body: &str) -> String {
    match parse(body.as_bytes()) {
        Ok(request) => format!("{request:?}"),
        Err(error) => format!("{} {}", error.code.status(), error.body()),
    }
}

#[test]
fn trace_ids_are_texts_of_some_length() {
    let check = |body| check(TraceIdsRequest::parse, body);
    assert_snapshot!(check("{}"), @r#"400 {"message":"1 validation error detected: Value null at 'traceIds' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(r#"{"TraceIds":["1-2-3"],"NextToken":"x","Unknown":[1]}"#), @r#"TraceIdsRequest { trace_ids: ["1-2-3"], next_token: Some("x") }"#);
    assert_snapshot!(check(r#"{"TraceIds":[""]}"#), @r#"400 {"message":"1 validation error detected: Value '[]' at 'traceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 35, Member must have length greater than or equal to 1]"}"#);
    assert_snapshot!(check(r#"{"TraceIds":[7]}"#), @r#"400 {"Message":"NUMBER_VALUE can not be converted to a String"}"#);
    assert_snapshot!(check(r#"{"TraceIds":"1-2-3"}"#), @r#"400 {"Message":"STRING_VALUE can not be converted to a List"}"#);
    assert_snapshot!(check(r#"{"TraceIds":[],"NextToken":{}}"#), @r#"400 {"Message":"START_OBJECT can not be converted to a String"}"#);
}

#[test]
fn summaries_need_a_window_of_numbers() {
    let check = |body| check(GetTraceSummariesRequest::parse, body);
    assert_snapshot!(check("{}"), @r#"400 {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value null at 'endTime' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":"2026-01-01T00:00:00Z"}"#), @r#"400 {"Message":"STRING_VALUE can not be converted to a Timestamp"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"TimeRangeType":"Invalid"}"#), @r#"400 {"message":"1 validation error detected: Value 'Invalid' at 'timeRangeType' failed to satisfy constraint: Member must satisfy enum value set: [TraceId, Service, Event]"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"Sampling":"yes"}"#), @r#"400 {"Message":"STRING_VALUE can not be converted to a Boolean"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"SamplingStrategy":{"Name":"Half"}}"#), @r#"400 {"message":"1 validation error detected: Value 'Half' at 'samplingStrategy.name' failed to satisfy constraint: Member must satisfy enum value set: [PartialScan, FixedRate]"}"#);
    assert_snapshot!(check(r#"{"StartTime":1,"EndTime":2,"SamplingStrategy":[]}"#), @r#"400 {"Message":"START_ARRAY can not be converted to a Structure"}"#);
    assert_snapshot!(check(
        r#"{"StartTime":1.5e9,"EndTime":2,"TimeRangeType":"Event","Sampling":true,
            "SamplingStrategy":{"Name":"FixedRate","Value":1},"FilterExpression":""}"#
    ), @r#"GetTraceSummariesRequest { start_time: Seconds(1500000000.0), end_time: Seconds(2.0), time_range_type: Event, sampling: true, sampling_strategy: Some(SamplingStrategy { name: Some(FixedRate), value: Some(1.0) }), filter_expression: Some(""), next_token: None }"#);
}

#[test]
fn sampling_reports_are_checked_one_by_one() {
    let check = |body| check(GetSamplingTargetsRequest::parse, body);
    assert_snapshot!(check("{}"), @r#"400 {"message":"1 validation error detected: Value null at 'samplingStatisticsDocuments' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(r#"{"SamplingStatisticsDocuments":[7]}"#), @r#"400 {"Message":"NUMBER_VALUE can not be converted to a Structure"}"#);
    assert_snapshot!(check(
        r#"{"SamplingStatisticsDocuments":[{"RuleName":"Default","ClientID":"short",
            "Timestamp":1,"RequestCount":-1,"SampledCount":1.5}]}"#
    ), @r#"400 {"Message":"NUMBER_VALUE can not be converted to an Integer"}"#);
    assert_snapshot!(check(
        r#"{"SamplingStatisticsDocuments":[{"RuleName":"Default","ClientID":"short",
            "Timestamp":1,"RequestCount":-1}]}"#
    ), @r#"400 {"message":"3 validation errors detected: Value 'short' at 'samplingStatisticsDocuments.1.member.clientID' failed to satisfy constraint: Member must have length greater than or equal to 24; Value '-1' at 'samplingStatisticsDocuments.1.member.requestCount' failed to satisfy constraint: Member must have value greater than or equal to 0; Value null at 'samplingStatisticsDocuments.1.member.sampledCount' failed to satisfy constraint: Member must not be null"}"#);
    let many = format!(
        r#"{{"SamplingStatisticsDocuments":[{}]}}"#,
        [r#"{"RuleName":"r",
        "ClientID":"0123456789abcdef01234567","Timestamp":1,"RequestCount":1,"SampledCount":1}"#;
            26]
            .join(",")
    );
    assert_snapshot!(check(&many), @r#"400 {"message":"1 validation error detected: Value '[26 members]' at 'samplingStatisticsDocuments' failed to satisfy constraint: Member must have length less than or equal to 25"}"#);
    assert_snapshot!(check(
        r#"{"SamplingStatisticsDocuments":[],"SamplingBoostStatisticsDocuments":null}"#
    ), @"GetSamplingTargetsRequest { statistics: [], boost_statistics: None }");
}

#[test]
fn groups_are_named_within_bounds() {
    assert_snapshot!(check(GetGroupsRequest::parse, r#"{"NextToken":""}"#), @r#"400 {"message":"1 validation error detected: Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
    assert_snapshot!(check(GetGroupRequest::parse, r#"{"GroupName":""}"#), @r#"400 {"message":"1 validation error detected: Value '' at 'groupName' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
    assert_snapshot!(check(GetGroupRequest::parse, ""), @"GetGroupRequest { group_name: None, group_arn: None }");
    assert_snapshot!(check(parse_no_members, "7"), @r#"400 {"Message":"NUMBER_VALUE can not be converted to a Structure"}"#);
    assert_snapshot!(check(parse_rules_request, r#"{"NextToken":null}"#), @"()");
    assert_snapshot!(check(
        GetServiceGraphRequest::parse,
        r#"{"StartTime":null,"EndTime":1,"GroupName":"123456789012345678901234567890123"}"#
    ), @r#"400 {"message":"2 validation errors detected: Value null at 'startTime' failed to satisfy constraint: Member must not be null; Value '123456789012345678901234567890123' at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 32"}"#);
}

/// Asserts that keys stand in alphabetical order, whatever is in the response.
fn assert_alphabetical(text: &str) {
    let sorted: Value = serde_json::from_str(text).expect("responses are JSON");
    assert_eq!(encode(&sorted), text);
}

#[test]
fn a_summary_is_written_as_aws_writes_it() {
    let service = |service_type| ServiceId {
        account_id: None,
        name: "front",
        names: ["front"],
        service_type,
    };
    let number = AnnotationValue { number_value: Some(10.0), ..AnnotationValue::default() };
    let summary = TraceSummary {
        annotations: [(
            "rank",
            vec![ValueWithServiceIds { annotation_value: number, service_ids: None }],
        )]
        .into(),
        availability_zones: vec![AvailabilityZoneDetail { name: "us-west-2a" }],
        duration: Some(1.0),
        entry_point: Some(service(None)),
        error_root_causes: vec![],
        fault_root_causes: vec![],
        has_error: true,
        has_fault: false,
        has_throttle: false,
        http: Http {
            client_ip: Some("192.0.2.17"),
            http_method: Some("GET"),
            http_status: Some(404),
            http_url: Some("https://example.com/a"),
            user_agent: Some("ua/1"),
        },
        id: "1-6ab3a9c9-0dd0ce7669dc31298247e8b9".to_owned(),
        instance_ids: vec![InstanceIdDetail { id: "i-0123456789abcdef0" }],
        is_partial: false,
        matched_edge: None,
        matched_event_time: None,
        matched_service: None,
        resource_arns: vec![],
        response_time: Some(1.0),
        response_time_root_causes: vec![],
        revision: 1,
        service_ids: vec![service(None), service(Some("client"))],
        start_time: Seconds(1_790_159_315.0),
        users: vec![TraceUser { service_ids: None, user_name: "u1" }],
    };
    let text = encode(&GetTraceSummariesResponse {
        approximate_time: Seconds(1_790_158_405.0),
        next_token: None,
        trace_summaries: vec![EncodedSummary::from(&summary)],
        traces_processed_count: 6,
    });
    // Source: `api.md` §4, verbatim.
    assert_eq!(text, include_str!("golden/trace_summaries.json").trim_end());
    assert_alphabetical(&text);
}

#[test]
fn root_causes_are_written_as_aws_writes_them() {
    let fault = RootCause {
        client_impacting: false,
        services: vec![RootCauseService {
            account_id: None,
            entity_path: vec![FailedEntity {
                exceptions: vec![RootCauseException {
                    message: Some("boom"),
                    name: Some("OwnedFailure"),
                }],
                name: "back",
                remote: false,
            }],
            inferred: false,
            name: "back",
            names: ["back"],
            service_type: None,
        }],
    };
    assert_eq!(encode(&fault), include_str!("golden/fault_root_cause.json").trim_end());
    let entity = |coverage, name, remote| SlowEntity { coverage, name, remote };
    let slow = RootCause {
        client_impacting: true,
        services: vec![RootCauseService {
            account_id: None,
            entity_path: vec![entity(1.0, "front", false), entity(0.75, "back", true)],
            inferred: false,
            name: "front",
            names: ["front"],
            service_type: None,
        }],
    };
    assert_eq!(encode(&slow), include_str!("golden/response_time_root_cause.json").trim_end());
}

#[test]
fn a_service_graph_is_written_as_aws_writes_it() {
    let statistics = Statistics {
        ok_count: 1,
        total_count: 1,
        total_response_time: 3.0,
        ..Statistics::default()
    };
    let histogram = vec![HistogramEntry { count: 1, value: 3.0 }];
    let (first, last) = (Some(Seconds(1_790_161_521.0)), Some(Seconds(1_790_161_522.0)));
    let front = Service {
        account_id: None,
        duration_histogram: Some(histogram.clone()),
        edges: vec![],
        end_time: last,
        hosted_in: Some(NoMembers {}),
        key_attributes: Some(NoMembers {}),
        name: "front",
        names: ["front"],
        reference_id: 0,
        region: None,
        response_time_histogram: Some(histogram.clone()),
        root: Some(true),
        start_time: first,
        state: "active",
        summary_statistics: Some(statistics.clone()),
        service_type: None,
    };
    let edge = Edge {
        aliases: vec![],
        edge_type: None,
        end_time: last,
        received_event_age_histogram: None,
        reference_id: 0,
        response_time_histogram: Some(histogram),
        start_time: first,
        summary_statistics: Some(statistics),
    };
    let client = Service {
        duration_histogram: None,
        edges: vec![edge.clone()],
        reference_id: 1,
        response_time_histogram: None,
        root: None,
        state: "unknown",
        summary_statistics: None,
        service_type: Some("client"),
        ..front.clone()
    };
    let text = encode(&GetServiceGraphResponse {
        end_time: first,
        services: vec![front, client],
        start_time: first,
        ..GetServiceGraphResponse::default()
    });
    assert_eq!(text, include_str!("golden/service_graph.json").trim_end());
    assert_alphabetical(&text);
    assert_alphabetical(&encode(&Edge {
        edge_type: Some("link"),
        received_event_age_histogram: Some(vec![]),
        aliases: vec![Alias { name: "back", names: ["back"], alias_type: Some("remote") }],
        ..edge
    }));
}

#[test]
fn empty_answers_have_their_nulls() {
    assert_snapshot!(encode(&GetServiceGraphResponse::default()), @r#"{"ContainsOldGroupVersions":false,"EndTime":null,"NextToken":null,"Services":[],"StartTime":null}"#);
    assert_snapshot!(encode(&GetTraceGraphResponse::default()), @r#"{"NextToken":null,"Services":[]}"#);
    assert_snapshot!(encode(&BatchGetTracesResponse::default()), @r#"{"NextToken":null,"Traces":[],"UnprocessedTraceIds":[]}"#);
    assert_snapshot!(encode(&segments::PutTraceSegmentsResponse::default()), @r#"{"UnprocessedTraceSegments":[]}"#);
    let trace = Trace {
        duration: None,
        id: "1-2-3".to_owned(),
        limit_exceeded: false,
        segments: vec![Segment { document: "{}".to_owned(), id: "x".to_owned() }],
    };
    assert_snapshot!(encode(&trace), @r#"{"Duration":null,"Id":"1-2-3","LimitExceeded":false,"Segments":[{"Document":"{}","Id":"x"}]}"#);
}

#[test]
fn sampling_answers_suit_every_sdk() {
    let rule = Rule::default_rule("arn:aws:xray:us-east-1:000000000000:sampling-rule/Default");
    let rules = |rule| {
        encode(&GetSamplingRulesResponse {
            next_token: None,
            sampling_rule_records: vec![RuleRecord {
                created_at: Seconds(0.0),
                modified_at: Seconds(0.0),
                sampling_rule: rule,
            }],
        })
    };
    assert_snapshot!(rules(rule.clone()), @r#"{"NextToken":null,"SamplingRuleRecords":[{"CreatedAt":0.0,"ModifiedAt":0.0,"SamplingRule":{"Attributes":{},"FixedRate":0.05,"HTTPMethod":"*","Host":"*","Priority":10000,"ReservoirSize":1,"ResourceARN":"*","RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/Default","RuleName":"Default","ServiceName":"*","ServiceType":"*","URLPath":"*","Version":1}}]}"#);
    let boost = RateBoost { cooldown_window_minutes: 1, max_rate: 0.5, ..RateBoost::default() };
    assert_alphabetical(&rules(Rule { sampling_rate_boost: Some(boost), ..rule }));

    let target = Target {
        fixed_rate: 0.05,
        interval: None,
        quota: None,
        quota_expires_at: None,
        rule_name: "Default".into(),
        sampling_boost: None,
    };
    let targets = |target| {
        encode(&GetSamplingTargetsResponse {
            last_rule_modification: Seconds(0.0),
            sampling_target_documents: vec![target],
            unprocessed_boost_statistics: None,
            unprocessed_statistics: vec![UnprocessedStatistics {
                error_code: "400",
                message: "Unknown rule",
                rule_name: "gone",
            }],
        })
    };
    assert_snapshot!(targets(target.clone()), @r#"{"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":0.05,"Interval":null,"ReservoirQuota":null,"ReservoirQuotaTTL":null,"RuleName":"Default"}],"UnprocessedStatistics":[{"ErrorCode":"400","Message":"Unknown rule","RuleName":"gone"}]}"#);
    let boost = Boost { boost_rate: 0.1, expires_at: Seconds(1.79e9) };
    let target = Target {
        interval: Some(10),
        quota: Some(1),
        quota_expires_at: Some(Seconds(1_790_161_865.0)),
        sampling_boost: Some(boost),
        ..target
    };
    assert_snapshot!(targets(target.clone()), @r#"{"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":0.05,"Interval":10,"ReservoirQuota":1,"ReservoirQuotaTTL":1.790161865E9,"RuleName":"Default","SamplingBoost":{"BoostRate":0.1,"BoostRateTTL":1.79E9}}],"UnprocessedStatistics":[{"ErrorCode":"400","Message":"Unknown rule","RuleName":"gone"}]}"#);
    assert_alphabetical(&targets(target));
}

#[test]
fn groups_and_encryption_are_written_as_aws_writes_them() {
    let group = || Group {
        filter_expression: None,
        group_arn: "arn:aws:xray:us-east-1:000000000000:group/Default",
        group_name: "Default",
        insights_configuration: InsightsConfiguration::default(),
    };
    assert_snapshot!(encode(&GetGroupsResponse { groups: vec![group()], next_token: None }), @r#"{"Groups":[{"FilterExpression":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}],"NextToken":null}"#);
    assert_snapshot!(encode(&GetGroupResponse { group: group() }), @r#"{"Group":{"FilterExpression":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}}"#);
    let encryption_config =
        EncryptionConfig { key_id: None, status: "ACTIVE", encryption_type: "NONE" };
    assert_snapshot!(encode(&EncryptionConfigResponse { encryption_config }), @r#"{"EncryptionConfig":{"KeyId":null,"Status":"ACTIVE","Type":"NONE"}}"#);
}
