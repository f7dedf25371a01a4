//! Groups over HTTP: the one of all traces, and those that are made.

use insta::assert_snapshot;
use serde_json::{Value, json};
use store::dir::{Fault, FaultKind};

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
async fn groups_survive_a_restart() {
    let stand = Stand::new();
    let body = r#"{"GroupName":"g","FilterExpression":"fault"}"#;
    stand.post("/CreateGroup", body).await;
    let before = stand.post("/Groups", "{}").await;
    let stand = stand.restarted();
    assert_eq!(stand.post("/Groups", "{}").await, before);
    assert!(before.contains(r#""GroupName":"g""#), "{before}");
}

/// Returns a server with the group `g` of faults.
async fn with_group() -> Stand {
    let stand = Stand::new();
    stand.ask("/CreateGroup", json!({"GroupName": "g", "FilterExpression": "fault"})).await;
    stand
}

/// Returns an answer with random letters made regular.
fn regular(answer: &str) -> String {
    let mut parts = answer.splitn(2, "group/g/");
    let (Some(start), Some(rest)) = (parts.next(), parts.next()) else { return answer.to_owned() };
    let (id, rest) = rest.split_once('"').expect("a text ends");
    let is_base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    assert!(id.len() == 52 && id.bytes().all(is_base32), "{id}");
    format!(r#"{start}group/g/<id>"{rest}"#)
}

#[tokio::test]
async fn a_group_is_made_changed_found_and_deleted() {
    let stand = Stand::new();
    let create = json!({"GroupName": "g", "FilterExpression": "fault",
        "InsightsConfiguration": {"InsightsEnabled": true}, "Tags": [{"Key": "k", "Value": "v"}]});
    let made = stand.post("/CreateGroup", &create.to_string()).await;
    assert_snapshot!(regular(&made), @r#"200 {"Group":{"FilterExpression":"fault","GroupARN":"arn:aws:xray:us-east-1:000000000000:group/g/<id>","GroupName":"g","InsightsConfiguration":{"InsightsEnabled":true,"NotificationsEnabled":false}}}"#);
    assert_snapshot!(stand.post("/CreateGroup", &create.to_string()).await, @r#"400 InvalidRequestException {"Message":"Group already exists"}"#);
    let update = json!({"GroupName": "g", "FilterExpression": "error OR throttle"});
    let changed = stand.post("/UpdateGroup", &update.to_string()).await;
    assert_snapshot!(regular(&changed), @r#"200 {"Group":{"FilterExpression":"error OR throttle","GroupARN":"arn:aws:xray:us-east-1:000000000000:group/g/<id>","GroupName":"g","InsightsConfiguration":{"InsightsEnabled":true,"NotificationsEnabled":false}}}"#);
    assert_eq!(stand.post("/GetGroup", r#"{"GroupName":"g"}"#).await, changed);
    let arn = stand.ask("/GetGroup", json!({"GroupName": "g"})).await["Group"]["GroupARN"].clone();
    let by_arn = json!({"GroupARN": arn}).to_string();
    assert_eq!(stand.post("/GetGroup", &by_arn).await, changed);
    assert_snapshot!(stand.post("/DeleteGroup", &by_arn).await, @"200 {}");
    assert_snapshot!(stand.post("/DeleteGroup", &by_arn).await, @r#"400 InvalidRequestException {"Message":"Group not found"}"#);
    let again = stand.ask("/CreateGroup", create).await;
    assert_ne!(again["Group"]["GroupARN"], arn);
    assert_snapshot!(stand.post("/GetGroup", &by_arn).await, @r#"400 InvalidRequestException {"Message":"Group not found"}"#);
}

#[tokio::test]
async fn a_group_needs_a_name_of_its_own() {
    let stand = with_group().await;
    let create = async |name: &str| {
        let body = json!({"GroupName": name, "FilterExpression": "fault"}).to_string();
        stand.post("/CreateGroup", &body).await
    };
    assert_snapshot!(create("g").await, @r#"400 InvalidRequestException {"Message":"Group already exists"}"#);
    assert_snapshot!(create("Default").await, @r#"400 InvalidRequestException {"Message":"Group name Default is reserved"}"#);
    assert_snapshot!(create("a_b").await, @r#"400 InvalidRequestException {"Message":"Invalid group name"}"#);
    assert_snapshot!(create("é").await, @r#"400 InvalidRequestException {"Message":"Invalid group name"}"#);
    assert_snapshot!(create("123456789012345678901234567890123").await, @r#"400 ValidationException {"message":"1 validation error detected: Value '123456789012345678901234567890123' at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 32"}"#);
    for name in ["G", "default", "-", "1", "12345678901234567890123456789012"] {
        assert!(create(name).await.starts_with("200 "), "{name}");
    }
}

#[tokio::test]
async fn a_group_needs_a_filter_that_can_be_read() {
    let stand = with_group().await;
    for filter in [json!(null), json!(""), json!(" \n")] {
        for (path, name) in [("/CreateGroup", "h"), ("/UpdateGroup", "g")] {
            let body = json!({"GroupName": name, "FilterExpression": filter}).to_string();
            let answer = stand.post(path, &body).await;
            let empty = r#"400 InvalidRequestException {"Message":"Filter Expression is empty"}"#;
            assert_eq!(answer, empty, "{path} {filter}");
        }
    }
    let update = async |filter: &str| {
        let body = json!({"GroupName": "g", "FilterExpression": filter}).to_string();
        stand.post("/UpdateGroup", &body).await
    };
    assert_snapshot!(update("fault AND (madeup = 7)").await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 12 : Invalid input symbol: 'ma'"}"#);
    assert_snapshot!(update("(fault").await, @r#"400 InvalidRequestException {"Message":"Error Location: line 1, position 7 : missing ')' at end of expression"}"#);
    assert_snapshot!(update(r#"group.name = "g""#).await, @r#"400 InvalidRequestException {"Message":"Filter Expression refers to its own group"}"#);
    assert_snapshot!(update(&format!(r#"user = "{}""#, "x".repeat(16 << 10))).await, @r#"400 InvalidRequestException {"Message":"Filter Expression is too long"}"#);
    let group = stand.ask("/GetGroup", json!({"GroupName": "g"})).await;
    assert_eq!(group["Group"]["FilterExpression"], "fault");
}

#[tokio::test]
async fn groups_do_not_refer_to_one_another_in_a_circle() {
    let stand = with_group().await;
    let post = async |path: &str, name: &str, filter: &str| {
        let body = json!({"GroupName": name, "FilterExpression": filter}).to_string();
        stand.post(path, &body).await
    };
    assert!(post("/CreateGroup", "h", r#"group.name = "g""#).await.starts_with("200 "));
    assert_snapshot!(post("/UpdateGroup", "g", r#"group.name = "h" OR error"#).await, @r#"400 InvalidRequestException {"Message":"Filter Expression refers to its own group"}"#);
}

#[tokio::test]
async fn there_are_twenty_five_groups_at_most() {
    let stand = Stand::new();
    let create = async |name: &str| {
        let body = json!({"GroupName": name, "FilterExpression": "fault"}).to_string();
        stand.post("/CreateGroup", &body).await
    };
    for number in 1..25 {
        assert!(create(&number.to_string()).await.starts_with("200 "), "{number}");
    }
    assert_snapshot!(create("25").await, @r#"400 InvalidRequestException {"Message":"Group limit exceeded for this account"}"#);
    stand.ask("/DeleteGroup", json!({"GroupName": "7"})).await;
    assert!(create("25").await.starts_with("200 "));
}

#[tokio::test]
async fn default_stays_what_it_is_but_for_insights() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/DeleteGroup", r#"{"GroupName":"Default"}"#).await, @r#"400 InvalidRequestException {"Message":"Default group cannot be deleted"}"#);
    let update = json!({"GroupName": "Default", "FilterExpression": "fault"}).to_string();
    assert_snapshot!(stand.post("/UpdateGroup", &update).await, @r#"400 InvalidRequestException {"Message":"Filter expression of the default group cannot be updated"}"#);
    let insights = json!({"InsightsEnabled": true, "NotificationsEnabled": true});
    let update = json!({"GroupName": "Default", "InsightsConfiguration": insights}).to_string();
    let changed = stand.post("/UpdateGroup", &update).await;
    assert_snapshot!(changed, @r#"200 {"Group":{"FilterExpression":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightsConfiguration":{"InsightsEnabled":true,"NotificationsEnabled":true}}}"#);
    let stand = stand.restarted();
    assert_eq!(stand.post("/GetGroup", r#"{"GroupName":"Default"}"#).await, changed);
}

#[tokio::test]
async fn notifications_need_insights() {
    let stand = with_group().await;
    let update = async |insights: Value| {
        let body = json!({"GroupName": "g", "FilterExpression": "fault",
            "InsightsConfiguration": insights});
        regular(&stand.post("/UpdateGroup", &body.to_string()).await)
    };
    assert_snapshot!(update(json!({"NotificationsEnabled": true})).await, @r#"400 InvalidRequestException {"Message":"Notifications cannot be enabled when insights are disabled"}"#);
    assert_snapshot!(update(json!({"InsightsEnabled": true, "NotificationsEnabled": true})).await, @r#"200 {"Group":{"FilterExpression":"fault","GroupARN":"arn:aws:xray:us-east-1:000000000000:group/g/<id>","GroupName":"g","InsightsConfiguration":{"InsightsEnabled":true,"NotificationsEnabled":true}}}"#);
    assert_snapshot!(update(json!({"InsightsEnabled": false, "NotificationsEnabled": true})).await, @r#"400 InvalidRequestException {"Message":"Notifications cannot be enabled when insights are disabled"}"#);
    assert_snapshot!(update(json!({"InsightsEnabled": false})).await, @r#"200 {"Group":{"FilterExpression":"fault","GroupARN":"arn:aws:xray:us-east-1:000000000000:group/g/<id>","GroupName":"g","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}}"#);
}

#[tokio::test]
async fn a_change_of_a_group_needs_exactly_one_of_name_and_arn() {
    let stand = with_group().await;
    for path in ["/UpdateGroup", "/DeleteGroup"] {
        let both = stand.post(path, r#"{"GroupName":"g","GroupARN":"x"}"#).await;
        assert!(both.contains("cannot contain both"), "{path}: {both}");
        let neither = stand.post(path, r#"{"FilterExpression":"fault"}"#).await;
        assert!(neither.contains("must contain either"), "{path}: {neither}");
        let unknown = stand.post(path, r#"{"GroupName":"x","FilterExpression":"fault"}"#).await;
        assert!(unknown.contains("Group not found"), "{path}: {unknown}");
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_written_is_answered_so_and_not_made() {
    let stand = with_group().await;
    stand.dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::Eio });
    let body = json!({"GroupName": "g", "FilterExpression": "error"}).to_string();
    assert_snapshot!(stand.post("/UpdateGroup", &body).await, @r#"503 ServiceUnavailableException {"message":"The change could not be made durable"}"#);
    stand.dir.disarm();
    let group = stand.ask("/GetGroup", json!({"GroupName": "g"})).await;
    assert_eq!(group["Group"]["FilterExpression"], "fault");
}
