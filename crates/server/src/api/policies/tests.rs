//! Resource policies over HTTP: revisions, limits, what is no policy.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::testing::Stand;

/// A policy of one statement, with members changed.
fn document(members: Value) -> String {
    let mut statement = json!({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "xray:PutTraceSegments", "Resource": "*"});
    for (name, value) in members.as_object().expect("members") {
        statement[name] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

async fn put(stand: &Stand, name: &str, revision: Option<&str>) -> String {
    let body = json!({"PolicyName": name, "PolicyDocument": document(json!({})),
        "PolicyRevisionId": revision});
    stand.post("/PutResourcePolicy", &body.to_string()).await
}

async fn delete(stand: &Stand, name: &str, revision: Option<&str>) -> String {
    let body = json!({"PolicyName": name, "PolicyRevisionId": revision});
    stand.post("/DeleteResourcePolicy", &body.to_string()).await
}

/// Returns the answer to a put of this document, without its body when it is a success.
async fn put_document(stand: &Stand, document: &str, bypass: bool) -> String {
    let body = json!({"PolicyName": "p", "PolicyDocument": document,
        "BypassPolicyLockoutCheck": bypass});
    let answer = stand.post("/PutResourcePolicy", &body.to_string()).await;
    if answer.starts_with("200 ") { "200".to_owned() } else { answer }
}

#[tokio::test]
async fn a_policy_is_put_listed_and_deleted() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/ListResourcePolicies", "{}").await, @r#"200 {"NextToken":null,"ResourcePolicies":[]}"#);
    assert_snapshot!(put(&stand, "p", None).await, @r#"200 {"ResourcePolicy":{"LastUpdatedTime":1.790159305E9,"PolicyDocument":"{\"Statement\":[{\"Action\":\"xray:PutTraceSegments\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}","PolicyName":"p","PolicyRevisionId":"1"}}"#);
    stand.clock.advance(1_500_000);
    put(&stand, "p", None).await;
    put(&stand, "a@b", Some("0")).await;
    let stand = stand.restarted();
    assert_snapshot!(stand.post("/ListResourcePolicies", "{}").await, @r#"200 {"NextToken":null,"ResourcePolicies":[{"LastUpdatedTime":1.790159306E9,"PolicyDocument":"{\"Statement\":[{\"Action\":\"xray:PutTraceSegments\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}","PolicyName":"a@b","PolicyRevisionId":"1"},{"LastUpdatedTime":1.790159306E9,"PolicyDocument":"{\"Statement\":[{\"Action\":\"xray:PutTraceSegments\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}","PolicyName":"p","PolicyRevisionId":"2"}]}"#);
    assert_snapshot!(stand.post("/ListResourcePolicies", r#"{"NextToken":"x"}"#).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
    assert_snapshot!(delete(&stand, "p", None).await, @"200 {}");
    assert_snapshot!(delete(&stand, "p", None).await, @r#"400 InvalidRequestException {"Message":"The resource policy p does not exist."}"#);
}

#[tokio::test]
async fn a_revision_must_be_the_one_that_is_there() {
    let stand = Stand::new();
    assert_snapshot!(put(&stand, "p", Some("1")).await, @r#"400 InvalidPolicyRevisionIdException {"Message":"Another concurrent request has modified the resource policy p"}"#);
    let is_put = async |revision| put(&stand, "p", Some(revision)).await.starts_with("200 ");
    assert!(is_put("0").await);
    for (revision, is_meant) in
        [("0", false), ("2", false), ("1", true), ("1", false), ("02", false), ("2", true)]
    {
        assert_eq!(is_put(revision).await, is_meant, "{revision}");
    }
    assert_snapshot!(delete(&stand, "p", Some("2")).await, @r#"400 InvalidPolicyRevisionIdException {"Message":"Another concurrent request has modified or deleted the resource policy p"}"#);
    assert_snapshot!(delete(&stand, "p", Some("3")).await, @"200 {}");
    assert_snapshot!(delete(&stand, "p", Some("3")).await, @r#"400 InvalidPolicyRevisionIdException {"Message":"Another concurrent request has modified or deleted the resource policy p"}"#);
    assert_snapshot!(delete(&stand, "p", Some("0")).await, @r#"400 InvalidPolicyRevisionIdException {"Message":"Another concurrent request has modified or deleted the resource policy p"}"#);
}

#[tokio::test]
async fn there_are_five_at_most() {
    let stand = Stand::new();
    for name in ["a", "b", "c", "d", "e"] {
        assert!(put(&stand, name, None).await.starts_with("200 "), "{name}");
    }
    assert_snapshot!(put(&stand, "f", None).await, @r#"400 PolicyCountLimitExceededException {"Message":"There can be at most 5 resource policies"}"#);
    assert!(put(&stand, "c", None).await.starts_with("200 "), "this one is there");
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let stand = Stand::new();
    assert_snapshot!(put_document(&stand, "{}", false).await, @r#"400 MalformedPolicyDocumentException {"Message":"The policy document is malformed: a policy has at least one Statement"}"#);
    let other = document(json!({"Action": ["xray:Get*", "s3:GetObject"]}));
    assert_snapshot!(put_document(&stand, &other, false).await, @r#"400 MalformedPolicyDocumentException {"Message":"The policy document is malformed: s3:GetObject is no action of X-Ray"}"#);
    let padded = |bytes: usize| format!("{:bytes$}", document(json!({})));
    assert_eq!(put_document(&stand, &padded(5120), false).await, "200");
    assert_snapshot!(put_document(&stand, &padded(5121), false).await, @r#"400 PolicySizeLimitExceededException {"Message":"A resource policy can have at most 5120 bytes"}"#);
    assert_snapshot!(stand.post("/PutResourcePolicy", r#"{"PolicyName":"a/b"}"#).await, @r#"400 ValidationException {"message":"2 validation errors detected: Value 'a/b' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+; Value null at 'policyDocument' failed to satisfy constraint: Member must not be null"}"#);
}

#[tokio::test]
async fn nobody_locks_himself_out_by_mistake() {
    let stand = Stand::new();
    let deny = |members: Value| {
        let mut all = json!({"Effect": "Deny", "Principal": "*", "Action": "*"});
        for (name, value) in members.as_object().expect("members") {
            all[name] = value.clone();
        }
        document(all)
    };
    assert_snapshot!(put_document(&stand, &deny(json!({})), false).await, @r#"400 LockoutPreventionException {"Message":"The policy would prevent its caller from calling PutResourcePolicy again"}"#);
    assert_eq!(put_document(&stand, &deny(json!({})), true).await, "200");
    for (members, locks_out) in [
        (json!({"Action": "xray:Put*"}), true),
        (json!({"Principal": {"AWS": ["000000000000"]}}), true),
        (json!({"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}), true),
        (json!({"Action": "xray:PutTraceSegments"}), false),
        (json!({"Principal": {"AWS": "111111111111"}}), false),
        (json!({"Effect": "Allow"}), false),
        (json!({"Resource": "arn:aws:xray:*:*:group/*"}), false),
        (json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}), false),
    ] {
        let answer = put_document(&stand, &deny(members.clone()), false).await;
        assert_eq!(answer != "200", locks_out, "{members}: {answer}");
    }
}
