//! The group of all traces, however it is asked for.

use insta::assert_snapshot;

use crate::testing::Stand;

#[tokio::test]
async fn default_is_the_only_group() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/Groups", "{}").await, @r#"200 {"Groups":[{"FilterExpression":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}],"NextToken":null}"#);
    assert_snapshot!(stand.post("/Groups", r#"{"NextToken":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"Next Token not supported"}"#);
}

#[tokio::test]
async fn a_group_is_chosen_by_exactly_one_of_name_and_arn() {
    let stand = Stand::new();
    let answer = async |body: &str| stand.post("/GetGroup", body).await;
    let by_name = answer(r#"{"GroupName":"Default"}"#).await;
    assert_snapshot!(by_name, @r#"200 {"Group":{"FilterExpression":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}}"#);
    let arn = "arn:aws:xray:us-east-1:000000000000:group/Default";
    assert_eq!(answer(&format!(r#"{{"GroupARN":"{arn}"}}"#)).await, by_name);
    assert_snapshot!(answer(r#"{"GroupName":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"Group not found"}"#);
    assert_snapshot!(answer(r#"{"GroupName":"Default","GroupARN":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"Request cannot contain both group name and group ARN"}"#);
    assert_snapshot!(answer("{}").await, @r#"400 InvalidRequestException {"Message":"Request must contain either group name or group ARN"}"#);
}

#[tokio::test]
async fn nothing_is_encrypted_by_this_program() {
    assert_snapshot!(Stand::new().post("/EncryptionConfig", "").await, @r#"200 {"EncryptionConfig":{"KeyId":null,"Status":"ACTIVE","Type":"NONE"}}"#);
}

#[tokio::test]
async fn groups_survive_a_restart() {
    let stand = Stand::new();
    let body = r#"{"GroupName":"g","FilterExpression":"fault"}"#;
    stand.post("/CreateGroup", body).await;
    let before = stand.post("/Groups", "{}").await;
    let stand = stand.restarted();
    assert_eq!(stand.post("/Groups", "{}").await, before);
    assert!(before.contains(r#""GroupName":"g""#), "{before}");
}
