//! The Default rule, and targets for reports good and bad.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::testing::Stand;

fn report(rule: &str) -> Value {
    json!({"RuleName": rule, "ClientID": "0123456789abcdef01234567", "Timestamp": 1790159305,
        "RequestCount": 10, "SampledCount": 1, "BorrowCount": 1})
}

#[tokio::test]
async fn the_default_rule_is_always_there() {
    let stand = Stand::new();
    let rules = stand.post("/GetSamplingRules", "{}").await;
    assert_snapshot!(rules, @r#"200 {"NextToken":null,"SamplingRuleRecords":[{"CreatedAt":0.0,"ModifiedAt":0.0,"SamplingRule":{"Attributes":{},"FixedRate":0.05,"HTTPMethod":"*","Host":"*","Priority":10000,"ReservoirSize":1,"ResourceARN":"*","RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/Default","RuleName":"Default","ServiceName":"*","ServiceType":"*","URLPath":"*","Version":1}}]}"#);
    for body in ["", r#"{"NextToken":null}"#, r#"{"NextToken":"x"}"#] {
        assert_eq!(stand.post("/GetSamplingRules", body).await, rules);
    }
}

#[tokio::test]
async fn a_first_report_gets_the_rate_and_the_next_one_a_quota() {
    let stand = Stand::new();
    let body = json!({"SamplingStatisticsDocuments": [report("Default")]}).to_string();
    assert_snapshot!(stand.post("/SamplingTargets", &body).await, @r#"200 {"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":0.05,"Interval":null,"ReservoirQuota":null,"ReservoirQuotaTTL":null,"RuleName":"Default"}],"UnprocessedStatistics":[]}"#);
    stand.clock.advance(10_000_000);
    assert_snapshot!(stand.post("/SamplingTargets", &body).await, @r#"200 {"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":0.05,"Interval":10,"ReservoirQuota":1,"ReservoirQuotaTTL":1.790159615E9,"RuleName":"Default"}],"UnprocessedStatistics":[]}"#);
}

#[tokio::test]
async fn an_unknown_rule_costs_the_others_nothing() {
    let stand = Stand::new();
    let boost = json!({"RuleName": "gone", "ServiceName": "s", "Timestamp": 1, "AnomalyCount": 1,
        "TotalCount": 1, "SampledAnomalyCount": 0});
    let body = json!({
        "SamplingStatisticsDocuments": [report("gone"), report("Default")],
        "SamplingBoostStatisticsDocuments": [boost],
    });
    assert_snapshot!(stand.post("/SamplingTargets", &body.to_string()).await, @r#"200 {"LastRuleModification":0.0,"SamplingTargetDocuments":[{"FixedRate":0.05,"Interval":null,"ReservoirQuota":null,"ReservoirQuotaTTL":null,"RuleName":"Default"}],"UnprocessedBoostStatistics":[{"ErrorCode":"400","Message":"Unknown rule","RuleName":"gone"}],"UnprocessedStatistics":[{"ErrorCode":"400","Message":"Unknown rule","RuleName":"gone"}]}"#);
}

#[tokio::test]
async fn an_empty_list_is_legal_and_none_is_not() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/SamplingTargets", r#"{"SamplingStatisticsDocuments":[]}"#).await, @r#"200 {"LastRuleModification":0.0,"SamplingTargetDocuments":[],"UnprocessedStatistics":[]}"#);
    assert_snapshot!(stand.post("/SamplingTargets", "{}").await, @r#"400 ValidationException {"message":"1 validation error detected: Value null at 'samplingStatisticsDocuments' failed to satisfy constraint: Member must not be null"}"#);
}

#[tokio::test]
async fn a_rule_is_made_changed_listed_and_deleted() {
    let stand = Stand::new();
    let rule = json!({"RuleName": "r", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 2, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "/a*", "Version": 1, "Attributes": {"x": "y"},
        "SamplingRateBoost": {"MaxRate": 0.9, "CooldownWindowMinutes": 1,
            "DisableDefaultAnomalyDetection": true}});
    let create = json!({"SamplingRule": rule}).to_string();
    assert_snapshot!(stand.post("/CreateSamplingRule", &create).await, @r#"200 {"SamplingRuleRecord":{"CreatedAt":1.790159305E9,"ModifiedAt":1.790159305E9,"SamplingRule":{"Attributes":{"x":"y"},"FixedRate":0.5,"HTTPMethod":"*","Host":"*","Priority":1,"ReservoirSize":2,"ResourceARN":"*","RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/r","RuleName":"r","SamplingRateBoost":{"CooldownWindowMinutes":1,"DisableDefaultAnomalyDetection":true,"MaxRate":0.9},"ServiceName":"*","ServiceType":"*","URLPath":"/a*","Version":1}}}"#);
    assert_snapshot!(stand.post("/CreateSamplingRule", &create).await, @r#"400 InvalidRequestException {"Message":"Sampling rule already exists"}"#);
    stand.clock.advance(5_000_000);
    let update = json!({"SamplingRuleUpdate": {"RuleName": "r", "Host": "h"}}).to_string();
    assert_snapshot!(stand.post("/UpdateSamplingRule", &update).await, @r#"200 {"SamplingRuleRecord":{"CreatedAt":1.790159305E9,"ModifiedAt":1.79015931E9,"SamplingRule":{"Attributes":{"x":"y"},"FixedRate":0.5,"HTTPMethod":"*","Host":"h","Priority":1,"ReservoirSize":2,"ResourceARN":"*","RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/r","RuleName":"r","ServiceName":"*","ServiceType":"*","URLPath":"/a*","Version":1}}}"#);
    let listed = stand.ask("/GetSamplingRules", json!({})).await;
    let records = listed["SamplingRuleRecords"].as_array().expect("a list");
    let names: Vec<_> = records.iter().map(|record| &record["SamplingRule"]["RuleName"]).collect();
    assert_eq!(names, ["r", "Default"]);
    let body = json!({"SamplingStatisticsDocuments": [report("r")]});
    let answer = stand.ask("/SamplingTargets", body).await;
    assert_eq!(answer["LastRuleModification"], records[0]["ModifiedAt"]);
    let deleted = stand.ask("/DeleteSamplingRule", json!({"RuleName": "r"})).await;
    assert_eq!(deleted["SamplingRuleRecord"], records[0]);
    assert_snapshot!(stand.post("/DeleteSamplingRule", r#"{"RuleName":"r"}"#).await, @r#"400 InvalidRequestException {"Message":"Sampling rule does not exist"}"#);
    assert_snapshot!(stand.post("/UpdateSamplingRule", "{}").await, @r#"400 ValidationException {"message":"1 validation error detected: Value null at 'samplingRuleUpdate' failed to satisfy constraint: Member must not be null"}"#);
}

#[tokio::test]
async fn summaries_show_the_last_ten_seconds_that_have_ended() {
    let stand = Stand::new();
    let mut report = report("Default");
    report["Timestamp"] = json!(wire::Clock::now(&*stand.clock).seconds());
    stand.ask("/SamplingTargets", json!({"SamplingStatisticsDocuments": [report]})).await;
    stand.clock.advance(10_000_000);
    assert_snapshot!(stand.post("/SamplingStatisticSummaries", "{}").await, @r#"200 {"NextToken":null,"SamplingStatisticSummaries":[{"BorrowCount":1,"RequestCount":10,"RuleName":"Default","SampledCount":1,"Timestamp":1.7901593E9}]}"#);
    stand.clock.advance(10_000_000);
    assert_snapshot!(stand.post("/SamplingStatisticSummaries", r#"{"NextToken":"x"}"#).await, @r#"200 {"NextToken":null,"SamplingStatisticSummaries":[{"BorrowCount":0,"RequestCount":0,"RuleName":"Default","SampledCount":0,"Timestamp":1.79015931E9}]}"#);
}

#[tokio::test]
async fn rules_survive_a_restart_and_their_clients_do_not() {
    let stand = Stand::new();
    let rule = json!({"RuleName": "r", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 2, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "/a*", "Version": 1, "Attributes": {"x": "y"}});
    stand.ask("/CreateSamplingRule", json!({"SamplingRule": rule})).await;
    let update = json!({"SamplingRuleUpdate": {"RuleName": "Default", "FixedRate": 0.01}});
    stand.ask("/UpdateSamplingRule", update).await;
    let before = stand.ask("/GetSamplingRules", json!({})).await;
    let targets = json!({"SamplingStatisticsDocuments": [report("r")]});
    let first = stand.ask("/SamplingTargets", targets.clone()).await;
    let stand = stand.restarted();
    assert_eq!(stand.ask("/GetSamplingRules", json!({})).await, before);
    assert_eq!(stand.ask("/SamplingTargets", targets).await, first);
}
