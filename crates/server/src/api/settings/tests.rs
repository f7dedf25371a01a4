//! Settings over HTTP: changed, shown, kept.

use insta::assert_snapshot;

use crate::testing::Stand;

#[tokio::test]
async fn a_key_is_kept_and_its_use_is_under_way_in_the_first_answer() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/EncryptionConfig", "").await, @r#"200 {"EncryptionConfig":{"KeyId":null,"Status":"ACTIVE","Type":"NONE"}}"#);
    let put = async |stand: &Stand, body: &str| stand.post("/PutEncryptionConfig", body).await;
    assert_snapshot!(put(&stand, r#"{"Type":"KMS"}"#).await, @r#"400 InvalidRequestException {"Message":"KeyId is required when Type is KMS"}"#);
    assert_snapshot!(put(&stand, r#"{"Type":"NONE","KeyId":"alias/a"}"#).await, @r#"400 InvalidRequestException {"Message":"KeyId must be omitted when Type is NONE"}"#);
    assert_snapshot!(put(&stand, r#"{"Type":"KMS","KeyId":"alias/a"}"#).await, @r#"200 {"EncryptionConfig":{"KeyId":"alias/a","Status":"UPDATING","Type":"KMS"}}"#);
    let stand = stand.restarted();
    assert_snapshot!(stand.post("/EncryptionConfig", "").await, @r#"200 {"EncryptionConfig":{"KeyId":"alias/a","Status":"ACTIVE","Type":"KMS"}}"#);
    assert_snapshot!(put(&stand, r#"{"Type":"NONE"}"#).await, @r#"200 {"EncryptionConfig":{"KeyId":null,"Status":"UPDATING","Type":"NONE"}}"#);
    assert_snapshot!(stand.post("/EncryptionConfig", "").await, @r#"200 {"EncryptionConfig":{"KeyId":null,"Status":"ACTIVE","Type":"NONE"}}"#);
}

#[tokio::test]
async fn the_only_indexing_rule_is_changed_and_kept() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/GetIndexingRules", "{}").await, @r#"200 {"IndexingRules":[{"ModifiedAt":0.0,"Name":"Default","Rule":{"Probabilistic":{"ActualSamplingPercentage":100.0,"DesiredSamplingPercentage":1.0}}}],"NextToken":null}"#);
    assert_snapshot!(stand.post("/GetIndexingRules", r#"{"NextToken":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
    let update = async |name: &str, rule: &str| {
        let body = format!(r#"{{"Name":"{name}","Rule":{rule}}}"#);
        stand.post("/UpdateIndexingRule", &body).await
    };
    let percent =
        |number| format!(r#"{{"Probabilistic":{{"DesiredSamplingPercentage":{number}}}}}"#);
    assert_snapshot!(update("Default", &percent(12.5)).await, @r#"200 {"IndexingRule":{"ModifiedAt":1.790159305E9,"Name":"Default","Rule":{"Probabilistic":{"ActualSamplingPercentage":100.0,"DesiredSamplingPercentage":12.5}}}}"#);
    assert_snapshot!(update("default", &percent(1.0)).await, @r#"404 ResourceNotFoundException {"Message":"Resource default not found","ResourceName":"default"}"#);
    assert_snapshot!(update("Default", &percent(100.1)).await, @r#"400 InvalidRequestException {"Message":"DesiredSamplingPercentage must be between 0 and 100"}"#);
    assert_snapshot!(update("Default", &percent(-0.1)).await, @r#"400 InvalidRequestException {"Message":"DesiredSamplingPercentage must be between 0 and 100"}"#);
    assert_snapshot!(update("Default", "{}").await, @r#"400 InvalidRequestException {"Message":"Rule must contain Probabilistic"}"#);
    for number in [0.0, 100.0, 12.5] {
        assert!(update("Default", &percent(number)).await.starts_with("200 "), "{number}");
    }
    let stand = stand.restarted();
    assert_snapshot!(stand.post("/GetIndexingRules", "{}").await, @r#"200 {"IndexingRules":[{"ModifiedAt":1.790159305E9,"Name":"Default","Rule":{"Probabilistic":{"ActualSamplingPercentage":100.0,"DesiredSamplingPercentage":12.5}}}],"NextToken":null}"#);
}

#[tokio::test]
async fn a_destination_is_kept_and_pending_in_the_first_answer() {
    let stand = Stand::new();
    let update =
        async |stand: &Stand, body: &str| stand.post("/UpdateTraceSegmentDestination", body).await;
    assert_snapshot!(stand.post("/GetTraceSegmentDestination", "").await, @r#"200 {"Destination":"XRay","Status":"ACTIVE"}"#);
    assert_snapshot!(update(&stand, "{}").await, @r#"400 InvalidRequestException {"Message":"Request must contain a destination"}"#);
    let key =
        r#"{"Destination":"XRay","CloudWatchLogsConfiguration":{"SpansLogGroupKmsKeyId":"k"}}"#;
    assert_snapshot!(update(&stand, key).await, @r#"400 InvalidRequestException {"Message":"CloudWatchLogsConfiguration is only allowed with destination CloudWatchLogs"}"#);
    assert_snapshot!(update(&stand, r#"{"Destination":"XRay"}"#).await, @r#"200 {"Destination":"XRay","Status":"ACTIVE"}"#);
    assert_snapshot!(update(&stand, &key.replace("XRay", "CloudWatchLogs")).await, @r#"200 {"Destination":"CloudWatchLogs","Status":"PENDING"}"#);
    let stand = stand.restarted();
    assert_snapshot!(stand.post("/GetTraceSegmentDestination", "").await, @r#"200 {"Destination":"CloudWatchLogs","Status":"ACTIVE"}"#);
    assert_snapshot!(update(&stand, r#"{"Destination":"XRay"}"#).await, @r#"200 {"Destination":"XRay","Status":"PENDING"}"#);
}
