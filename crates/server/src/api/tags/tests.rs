//! Tags over HTTP: put on, listed, taken off, kept and gone.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::testing::Stand;

const RULE: &str = "arn:aws:xray:us-east-1:000000000000:sampling-rule/r";

/// Returns a server with a group and a rule, and the group's ARN.
async fn stand() -> (Stand, String) {
    let stand = Stand::new();
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let group = json!({"GroupName": "g", "FilterExpression": "fault", "Tags": tags});
    let group = stand.ask("/CreateGroup", group).await;
    let rule = json!({"RuleName": "r", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 2, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1});
    stand.ask("/CreateSamplingRule", json!({"SamplingRule": rule, "Tags": tags})).await;
    let arn = group["Group"]["GroupARN"].as_str().expect("an ARN").to_owned();
    (stand, arn)
}

async fn list(stand: &Stand, arn: &str) -> String {
    stand.post("/ListTagsForResource", &json!({"ResourceARN": arn}).to_string()).await
}

async fn put(stand: &Stand, arn: &str, tags: Value) -> String {
    stand.post("/TagResource", &json!({"ResourceARN": arn, "Tags": tags}).to_string()).await
}

/// Returns what is answered with these tags.
fn listed(tags: Value) -> String {
    format!("200 {}", json!({"NextToken": null, "Tags": tags}))
}

#[tokio::test]
async fn groups_and_rules_have_tags() {
    let (stand, group) = stand().await;
    for arn in [group.as_str(), RULE] {
        let blue = json!([{"Key": "team", "Value": "blue"}]);
        assert_eq!(list(&stand, arn).await, listed(blue));
        let tags = json!([{"Key": "team", "Value": "red"}, {"Key": "cost", "Value": ""}]);
        assert_eq!(put(&stand, arn, tags).await, "200 {}");
        let both = json!([{"Key": "cost", "Value": ""}, {"Key": "team", "Value": "red"}]);
        assert_eq!(list(&stand, arn).await, listed(both));
        let keys = json!({"ResourceARN": arn, "TagKeys": ["team", "none"]}).to_string();
        assert_eq!(stand.post("/UntagResource", &keys).await, "200 {}");
    }
    let stand = stand.restarted();
    for arn in [group.as_str(), RULE] {
        assert_eq!(list(&stand, arn).await, listed(json!([{"Key": "cost", "Value": ""}])));
    }
}

#[tokio::test]
async fn the_defaults_have_tags_too() {
    let mut stand = Stand::new();
    let arn = |kind: &str| format!("arn:aws:xray:us-east-1:000000000000:{kind}/Default");
    let tags = json!([{"Key": "k", "Value": "v"}]);
    for kind in ["group", "sampling-rule"] {
        assert_eq!(put(&stand, &arn(kind), tags.clone()).await, "200 {}");
        stand = stand.restarted();
        assert_eq!(list(&stand, &arn(kind)).await, listed(tags.clone()));
    }
}

#[tokio::test]
async fn tags_go_with_what_they_are_on() {
    let (stand, group) = stand().await;
    stand.ask("/DeleteGroup", json!({"GroupARN": group})).await;
    stand.ask("/DeleteSamplingRule", json!({"RuleARN": RULE})).await;
    assert_snapshot!(list(&stand, RULE).await, @r#"404 ResourceNotFoundException {"Message":"Resource arn:aws:xray:us-east-1:000000000000:sampling-rule/r not found","ResourceName":"arn:aws:xray:us-east-1:000000000000:sampling-rule/r"}"#);
    let gone = list(&stand, &group).await;
    assert!(gone.starts_with("404 ResourceNotFoundException "), "{gone}");
    let again = json!({"GroupName": "g", "FilterExpression": "fault"});
    let again = stand.ask("/CreateGroup", again).await;
    let arn = again["Group"]["GroupARN"].as_str().expect("an ARN");
    assert_ne!(arn, group);
    assert_snapshot!(list(&stand, arn).await, @r#"200 {"NextToken":null,"Tags":[]}"#);
}

#[tokio::test]
async fn what_is_no_resource_is_said_so() {
    let stand = Stand::new();
    assert_snapshot!(list(&stand, "arn:x").await, @r#"404 ResourceNotFoundException {"Message":"Resource arn:x not found","ResourceName":"arn:x"}"#);
    assert_snapshot!(put(&stand, "arn:x", json!([])).await, @r#"404 ResourceNotFoundException {"Message":"Resource arn:x not found","ResourceName":"arn:x"}"#);
    assert_snapshot!(stand.post("/UntagResource", r#"{"ResourceARN":"x","TagKeys":[]}"#).await, @r#"404 ResourceNotFoundException {"Message":"Resource x not found","ResourceName":"x"}"#);
    let elsewhere = "arn:aws:xray:us-east-1:111111111111:group/Default";
    assert_snapshot!(list(&stand, elsewhere).await, @r#"404 ResourceNotFoundException {"Message":"Resource arn:aws:xray:us-east-1:111111111111:group/Default not found","ResourceName":"arn:aws:xray:us-east-1:111111111111:group/Default"}"#);
    assert_snapshot!(stand.post("/ListTagsForResource", r#"{"ResourceARN":"x","NextToken":"y"}"#).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
}

#[tokio::test]
async fn bad_tags_are_refused_and_change_nothing() {
    let (stand, _) = stand().await;
    let before = list(&stand, RULE).await;
    let tag = |key: &str| json!({"Key": key, "Value": "v"});
    assert_snapshot!(put(&stand, RULE, json!([tag("ok"), tag("aws:x")])).await, @r#"400 InvalidRequestException {"Message":"Tag keys cannot begin with aws:"}"#);
    assert_snapshot!(put(&stand, RULE, json!([tag("a"), tag("a")])).await, @r#"400 InvalidRequestException {"Message":"Tag keys must be unique"}"#);
    assert_snapshot!(put(&stand, RULE, json!([tag("<")])).await, @r#"400 InvalidRequestException {"Message":"Tag contains invalid characters"}"#);
    let many: Vec<Value> = (0..50).map(|number| tag(&number.to_string())).collect();
    assert_snapshot!(put(&stand, RULE, json!(many)).await, @r#"400 TooManyTagsException {"Message":"A resource can have at most 50 tags","ResourceName":"arn:aws:xray:us-east-1:000000000000:sampling-rule/r"}"#);
    assert_eq!(list(&stand, RULE).await, before);
    let group = json!({"GroupName": "h", "FilterExpression": "fault", "Tags": [tag("aws:x")]});
    assert_snapshot!(stand.post("/CreateGroup", &group.to_string()).await, @r#"400 InvalidRequestException {"Message":"Tag keys cannot begin with aws:"}"#);
    let many: Vec<Value> = (0..51).map(|number| tag(&number.to_string())).collect();
    let group = json!({"GroupName": "h", "FilterExpression": "fault", "Tags": many});
    assert_snapshot!(stand.post("/CreateGroup", &group.to_string()).await, @r#"400 InvalidRequestException {"Message":"A resource can have at most 50 tags"}"#);
}
