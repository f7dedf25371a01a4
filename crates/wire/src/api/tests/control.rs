//! What operators set: groups, tags, policies, settings.

use super::*;
use crate::api::policies::*;
use crate::api::tags::*;

#[test]
fn changes_of_groups_are_read() {
    assert_snapshot!(check(CreateGroupRequest::parse, "{}"), @r#"400 {"message":"1 validation error detected: Value null at 'groupName' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(
        CreateGroupRequest::parse,
        r#"{"GroupName":"g","FilterExpression":"fault","InsightsConfiguration":
            {"InsightsEnabled":true},"Tags":[{"Key":"k","Value":""}]}"#
    ), @r#"CreateGroupRequest { group_name: "g", filter_expression: Some("fault"), insights_configuration: Some(InsightsUpdate { insights_enabled: Some(true), notifications_enabled: None }), tags: [Tag { key: "k", value: "" }] }"#);
    assert_snapshot!(check(
        CreateGroupRequest::parse,
        r#"{"GroupName":"g","Tags":[{"Key":"k"},{"Key":"","Value":null}]}"#
    ), @r#"400 {"message":"3 validation errors detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null; Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(
        UpdateGroupRequest::parse,
        r#"{"GroupARN":"","InsightsConfiguration":{"NotificationsEnabled":"no"}}"#
    ), @r#"400 {"Message":"STRING_VALUE can not be converted to a Boolean"}"#);
    assert_snapshot!(check(UpdateGroupRequest::parse, r#"{"GroupARN":""}"#), @r#"400 {"message":"1 validation error detected: Value '' at 'groupARN' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
}

#[test]
fn requests_about_tags_are_read() {
    assert_snapshot!(check(TagResourceRequest::parse, "{}"), @r#"400 {"message":"2 validation errors detected: Value null at 'resourceARN' failed to satisfy constraint: Member must not be null; Value null at 'tags' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(UntagResourceRequest::parse, r#"{"ResourceARN":"a"}"#), @r#"400 {"message":"1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(UntagResourceRequest::parse, r#"{"ResourceARN":"a","TagKeys":[""]}"#), @r#"400 {"message":"1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"}"#);
    let many = vec!["\"k\""; 201].join(",");
    let many = format!(r#"{{"ResourceARN":"a","TagKeys":[{many}]}}"#);
    assert_snapshot!(check(UntagResourceRequest::parse, &many), @r#"400 {"message":"1 validation error detected: Value '[201 members]' at 'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 200"}"#);
    assert_snapshot!(check(ListTagsForResourceRequest::parse, r#"{"NextToken":7}"#), @r#"400 {"Message":"NUMBER_VALUE can not be converted to a String"}"#);
    let shown = ListTagsForResourceResponse {
        next_token: None,
        tags: vec![TagShown { key: "k", value: "v" }],
    };
    assert_snapshot!(encode(&shown), @r#"{"NextToken":null,"Tags":[{"Key":"k","Value":"v"}]}"#);
}

#[test]
fn requests_about_policies_are_read() {
    assert_snapshot!(check(PutResourcePolicyRequest::parse, r#"{"PolicyName":"a b"}"#), @r#"400 {"message":"2 validation errors detected: Value 'a b' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+; Value null at 'policyDocument' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(PutResourcePolicyRequest::parse, r#"{"PolicyName":"a","PolicyDocument":"{}"}"#), @r#"PutResourcePolicyRequest { policy_name: "a", policy_document: "{}", policy_revision_id: None, bypass_policy_lockout_check: false }"#);
    assert_snapshot!(check(DeleteResourcePolicyRequest::parse, "{}"), @r#"400 {"message":"1 validation error detected: Value null at 'policyName' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(ListResourcePoliciesRequest::parse, r#"{"NextToken":""}"#), @r#"400 {"message":"1 validation error detected: Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
}

#[test]
fn settings_are_read() {
    assert_snapshot!(check(PutEncryptionConfigRequest::parse, "{}"), @r#"400 {"message":"1 validation error detected: Value null at 'type' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(PutEncryptionConfigRequest::parse, r#"{"Type":"AES","KeyId":""}"#), @r#"400 {"message":"2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'AES' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [NONE, KMS]"}"#);
    assert_snapshot!(check(PutEncryptionConfigRequest::parse, r#"{"Type":"KMS","KeyId":"k"}"#), @r#"PutEncryptionConfigRequest { key_id: Some("k"), encryption_type: Kms }"#);
    assert_snapshot!(check(UpdateIndexingRuleRequest::parse, "{}"), @r#"400 {"message":"2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; Value null at 'rule' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(UpdateIndexingRuleRequest::parse, r#"{"Name":"Default","Rule":{}}"#), @r#"UpdateIndexingRuleRequest { name: "Default", desired_sampling_percentage: None }"#);
    assert_snapshot!(check(UpdateIndexingRuleRequest::parse, r#"{"Name":"Default","Rule":{"Probabilistic":{}}}"#), @r#"400 {"message":"1 validation error detected: Value null at 'rule.probabilistic.desiredSamplingPercentage' failed to satisfy constraint: Member must not be null"}"#);
    assert_snapshot!(check(
        UpdateIndexingRuleRequest::parse,
        r#"{"Name":"Default","Rule":{"Probabilistic":{"DesiredSamplingPercentage":5}}}"#
    ), @r#"UpdateIndexingRuleRequest { name: "Default", desired_sampling_percentage: Some(5.0) }"#);
    assert_snapshot!(check(UpdateTraceSegmentDestinationRequest::parse, "{}"), @"UpdateTraceSegmentDestinationRequest { destination: None, cloud_watch_logs: None }");
    assert_snapshot!(check(
        UpdateTraceSegmentDestinationRequest::parse,
        r#"{"Destination":"S3","CloudWatchLogsConfiguration":{"SpansLogGroupKmsKeyId":""}}"#
    ), @r#"400 {"message":"2 validation errors detected: Value 'S3' at 'destination' failed to satisfy constraint: Member must satisfy enum value set: [XRay, CloudWatchLogs]; Value '' at 'cloudWatchLogsConfiguration.spansLogGroupKmsKeyId' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#);
}
