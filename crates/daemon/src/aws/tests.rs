//! Identities found on real sockets: what is ours in this process, what AWS's library reads from its
//! environment in a process of its own.

mod chain;

use std::time::Duration;

use http::Request;
use serde_json::json;

use super::*;
use crate::client::{Outgoing, client};
use crate::fake::{Answer, Call, Fake, ok, variables};

fn plain_client() -> reqwest::Client {
    let variable = &variables(&[]);
    client(&Outgoing { proxy: None, is_unverified: false, variable }).expect("a client")
}

/// A metadata service of the second version: nothing without a token.
fn instance(call: &Call) -> Answer {
    if call.line == "PUT /latest/api/token" {
        assert_eq!(call.header("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
        return ok("the token");
    }
    if call.header("x-aws-ec2-metadata-token") != "the token" {
        return Some((401, String::new()));
    }
    match call.line.trim_start_matches("GET /latest/meta-data/") {
        "placement/region" => ok("eu-west-3\n"),
        "instance-id" => ok("i-0123456789abcdef0"),
        "hostname" => ok("ip-10-0-0-1.ec2.internal"),
        "iam/security-credentials/" => ok("the-role"),
        "iam/security-credentials/the-role" => ok(json!({
            "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": "EC2", "SecretAccessKey": "secret", "Token": "of-ec2",
            "Expiration": "2099-01-01T00:00:00Z",
        })
        .to_string()),
        _ => Some((404, String::new())),
    }
}

/// Returns the region that is found, or why there is none, on one line.
async fn region(wanted: &Wanted, pairs: &[(&'static str, &str)]) -> String {
    let variable = &variables(pairs);
    let around = Around { client: &plain_client(), variable };
    match region::find(wanted, around).await {
        Ok(region) => region,
        Err(problem) => problem.to_string(),
    }
}

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

#[tokio::test]
async fn a_region_that_is_wanted_is_not_looked_for() {
    let fake = Fake::start(instance).await;
    let wanted = Wanted { region: Some("us-east-2".to_owned()), ..Wanted::default() };
    assert_eq!(region(&wanted, &[(ENDPOINT, &fake.url())]).await, "us-east-2");
    assert!(fake.lines().is_empty());
}

#[tokio::test]
async fn ec2_names_the_region_to_who_has_a_token() {
    let fake = Fake::start(instance).await;
    assert_eq!(region(&Wanted::default(), &[(ENDPOINT, &fake.url())]).await, "eu-west-3");
    let lines = fake.lines();
    assert_eq!(lines, ["PUT /latest/api/token", "GET /latest/meta-data/placement/region"]);
}

#[tokio::test]
async fn ecs_names_the_region_before_ec2_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ecs.json");
    let task = json!({"TaskARN": "arn:aws:ecs:ap-south-1:123456789012:task/cluster/1", "X": 1});
    std::fs::write(&path, task.to_string()).expect("a file");
    let fake = Fake::start(instance).await;
    let (url, path) = (fake.url(), path.to_str().expect("text").to_owned());
    let found = async |on: &str, path: &str| {
        let variables = [
            ("ECS_ENABLE_CONTAINER_METADATA", on),
            ("ECS_CONTAINER_METADATA_FILE", path),
            (ENDPOINT, &*url),
        ];
        region(&Wanted::default(), &variables).await
    };
    assert_eq!(found("true", &path).await, "ap-south-1");
    assert_eq!(found("false", &path).await, "eu-west-3");
    assert_eq!(found("true", "/nowhere").await, "eu-west-3");
    std::fs::write(&path, "{\"TaskARN\":\"arn:aws:ecs\"}").expect("a file");
    assert_eq!(found("true", &path).await, "eu-west-3");
}

#[tokio::test]
async fn without_a_region_everything_that_was_tried_is_told() {
    let refusing = Fake::start(|_| Some((403, String::new()))).await;
    let variables = [("ECS_ENABLE_CONTAINER_METADATA", "true"), (ENDPOINT, &*refusing.url())];
    let said = region(&Wanted::default(), &variables).await;
    let off = [("AWS_EC2_METADATA_DISABLED", "true")];
    let said = format!("{said}\n\n{}", region(&Wanted::default(), &off).await);
    insta::assert_snapshot!(said, @"
    find the AWS region. Tried:
      --region, the config file and AWS_REGION: not set
      the metadata file of ECS: ECS_CONTAINER_METADATA_FILE is not set
      the metadata service of EC2: failed to load IMDS session token: service error: request forbidden: IMDS is disabled or the caller has insufficient permissions.
    Set --region, Region in the config file, or AWS_REGION

    find the AWS region. Tried:
      --region, the config file and AWS_REGION: not set
      the metadata file of ECS: not enabled by ECS_ENABLE_CONTAINER_METADATA
      the metadata service of EC2: not asked, for AWS_EC2_METADATA_DISABLED is true
    Set --region, Region in the config file, or AWS_REGION
    ");
}

/// A container that is one network hop too far away sends its question and hears nothing.
#[tokio::test(start_paused = true)]
async fn a_token_that_never_comes_is_not_waited_for() {
    let silent = Fake::start(|_| None).await;
    let start = tokio::time::Instant::now();
    let said = region(&Wanted::default(), &[(ENDPOINT, &silent.url())]).await;
    assert!(start.elapsed() <= Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(said.contains("the metadata service of EC2: "), "{said}");
}

/// Returns the host's name and instance.
async fn host(is_local: bool, pairs: &[(&'static str, &str)]) -> String {
    let wanted = Wanted { is_local, ..Wanted::default() };
    let variable = &variables(pairs);
    let around = Around { client: &plain_client(), variable };
    let Host { hostname, instance_id } = Host::find(&wanted, around).await;
    format!("{hostname} {instance_id}")
}

#[tokio::test]
async fn a_host_is_who_its_variables_say_and_then_who_ec2_says() {
    let fake = Fake::start(instance).await;
    let url = fake.url();
    let (name, id) = (("AWS_HOSTNAME", "me"), ("AWS_INSTANCE_ID", "i-1"));
    let on_ec2 = (ENDPOINT, &*url);
    assert_eq!(host(false, &[name, id, on_ec2]).await, "me i-1");
    assert_eq!(host(true, &[name, on_ec2]).await, "me ");
    assert!(fake.lines().is_empty());
    assert_eq!(host(false, &[name, on_ec2]).await, "me i-0123456789abcdef0");
    assert_eq!(host(false, &[on_ec2]).await, "ip-10-0-0-1.ec2.internal i-0123456789abcdef0");
    let refusing = Fake::start(|_| Some((403, String::new()))).await;
    assert_eq!(host(false, &[(ENDPOINT, &refusing.url())]).await, " ");
    assert_eq!(host(false, &[("AWS_EC2_METADATA_DISABLED", "true")]).await, " ");
}
