//! Where credentials come from, one kind of host after the other.
//!
//! AWS's library reads the environment by itself, and a test must not change that of its process:
//! each case runs this test program once more, with an environment of its own and nothing else.

use std::path::Path;
use std::process::Command;

use super::*;

/// Names the file that the child says it in; who has no such variable is no child.
const CHILD: &str = "FLUORO_TEST_SAID_IN";

/// The role to send as, and whether it is local mode.
const ROLE: &str = "FLUORO_TEST_ROLE";
const LOCAL: &str = "FLUORO_TEST_LOCAL";

/// 2015-08-30T12:36:00Z, when all credentials here are good.
const NOW: Micros = Micros(1_440_938_160_000_000);

#[test]
fn a_child_says_who_it_is() {
    #[expect(clippy::disallowed_methods, reason = "this is the rim of the child")]
    let variable = |name: &str| std::env::var(name).ok();
    let Some(path) = variable(CHILD) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let said = runtime.expect("a runtime").block_on(who_am_i(&variable));
    std::fs::write(path, said).expect("a file");
}

async fn who_am_i(variable: &(dyn Fn(&str) -> Option<String> + Sync)) -> String {
    let outgoing = Outgoing { proxy: None, is_unverified: false, variable };
    let client = client(&outgoing).expect("a client");
    let wanted = Wanted {
        region: variable("AWS_REGION"),
        role_arn: variable(ROLE),
        is_local: variable(LOCAL).is_some(),
    };
    let identity = match Identity::find(&wanted, Around { client: &client, variable }).await {
        Ok(identity) => identity,
        Err(problem) => return problem.to_string(),
    };
    let url = format!("{}/TraceSegments", identity.endpoint());
    let request = Request::post(&url).body(Bytes::new()).expect("a request");
    let signed = match identity.sign(request, NOW).await {
        Ok(signed) => signed,
        Err(problem) => return format!("{url}\n{problem}"),
    };
    let header =
        |name: &str| signed.headers().get(name).map_or("-", |value| value.to_str().expect("text"));
    let authorization = header("authorization");
    let scope = authorization.split(['=', ',']).nth(1).expect("a scope");
    format!("{url}\n{scope}\n{}", header("x-amz-security-token"))
}

/// Runs the child with these variables and this folder as its home; returns what it said.
async fn said(home: &Path, variables: &[(&str, &str)]) -> String {
    let path = home.join("said");
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", "aws::tests::chain::a_child_says_who_it_is"]).env_clear();
    command.env("HOME", home).env(CHILD, &path);
    if variables.iter().all(|(name, _)| *name != ENDPOINT) {
        command.env("AWS_EC2_METADATA_DISABLED", "true");
    }
    command.envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let output = output.expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(path).expect("it said something")
}

/// Writes files below a home, and runs the child with it.
async fn said_at_home(files: &[(&str, &str)], variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    said(home.path(), variables).await
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");
const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "ENV");
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "secret");

#[tokio::test]
async fn the_environment() {
    let token = ("AWS_SESSION_TOKEN", "of-env");
    insta::assert_snapshot!(said_at_home(&[], &[REGION, ID, SECRET, token]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    ENV/20150830/eu-west-1/xray/aws4_request
    of-env
    ");
}

#[tokio::test]
async fn fips_and_dual_stack_by_the_environment() {
    let both = [("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")];
    let said = said_at_home(&[], &[REGION, ID, SECRET, both[0], both[1]]).await;
    insta::assert_snapshot!(said, @"
    https://xray-fips.eu-west-1.api.aws/TraceSegments
    ENV/20150830/eu-west-1/xray/aws4_request
    -
    ");
}

#[tokio::test]
async fn a_profile_and_in_local_mode_its_region() {
    let files = [
        (".aws/credentials", "[work]\naws_access_key_id=FILE\naws_secret_access_key=secret\n"),
        (".aws/config", "[profile work]\nregion=sa-east-1\n"),
    ];
    let profile = ("AWS_PROFILE", "work");
    insta::assert_snapshot!(said_at_home(&files, &[profile, (LOCAL, "1")]).await, @"
    https://xray.sa-east-1.amazonaws.com/TraceSegments
    FILE/20150830/sa-east-1/xray/aws4_request
    -
    ");
    let default_region = ("AWS_DEFAULT_REGION", "us-west-2");
    let said = said_at_home(&files, &[profile, (LOCAL, "1"), default_region]).await;
    assert!(said.starts_with("https://xray.us-west-2."), "{said}");
    insta::assert_snapshot!(said_at_home(&files, &[profile, default_region]).await, @"
    find the AWS region. Tried:
      --region, the config file and AWS_REGION: not set
      the metadata file of ECS: not enabled by ECS_ENABLE_CONTAINER_METADATA
      the metadata service of EC2: not asked, for AWS_EC2_METADATA_DISABLED is true
    Set --region, Region in the config file, or AWS_REGION
    ");
    insta::assert_snapshot!(said_at_home(&[], &[(LOCAL, "1")]).await, @"
    find the AWS region. Tried:
      --region, the config file and AWS_REGION: not set
      AWS_DEFAULT_REGION and the profile: not set
      ECS and EC2: not asked in local mode
    Set --region, Region in the config file, or AWS_REGION
    ");
}

#[tokio::test]
async fn a_process_of_a_profile() {
    let home = tempfile::tempdir().expect("a folder");
    let answer = home.path().join("answer");
    let json = json!({
        "Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "secret",
        "SessionToken": "of-process", "Expiration": "2099-01-01T00:00:00Z",
    });
    std::fs::write(&answer, json.to_string()).expect("a file");
    let config = home.path().join("config");
    let text = format!("[default]\ncredential_process = /bin/cat {}\n", answer.display());
    std::fs::write(&config, text).expect("a file");
    let file = ("AWS_CONFIG_FILE", config.to_str().expect("text"));
    let path = ("PATH", "/bin:/usr/bin");
    insta::assert_snapshot!(said(home.path(), &[REGION, file, path]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    PROCESS/20150830/eu-west-1/xray/aws4_request
    of-process
    ");
}

#[tokio::test]
async fn single_sign_on() {
    let portal = Fake::start(|call| {
        assert_eq!(call.header("x-amz-sso_bearer_token"), "signed on");
        ok(json!({"roleCredentials": {
            "accessKeyId": "SSO", "secretAccessKey": "secret", "sessionToken": "of-sso",
            "expiration": 4_070_908_800_000_u64,
        }})
        .to_string())
    })
    .await;
    let config = "[default]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\
                  sso_account_id = 123456789012\nsso_role_name = writer\n";
    let token = json!({"accessToken": "signed on", "expiresAt": "2099-01-01T00:00:00Z",
        "region": "eu-west-1", "startUrl": "https://acme.awsapps.com/start"})
    .to_string();
    // The file is named by the SHA-1 of the URL.
    let path = ".aws/sso/cache/40169cea58ca6cbf23fb27b2542923fb5f524af0.json";
    let files = [(".aws/config", config), (path, &token)];
    let said = said_at_home(&files, &[REGION, ("AWS_ENDPOINT_URL_SSO", &portal.url())]).await;
    insta::assert_snapshot!(said, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    SSO/20150830/eu-west-1/xray/aws4_request
    of-sso
    ");
}

/// A token service that gives credentials named after the action.
fn token_service(call: &Call) -> Answer {
    let body = String::from_utf8_lossy(&call.body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let action = action.expect("an action");
    ok(format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>STS</AccessKeyId>\
         <SecretAccessKey>secret</SecretAccessKey><SessionToken>of-{action}</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser>\
         <AssumedRoleId>A:xray-daemon</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>\
         </AssumedRoleUser></{action}Result></{action}Response>"
    ))
}

const ARN: &str = "arn:aws:iam::123456789012:role/writer";

#[tokio::test]
async fn web_identity_as_for_a_service_account_of_eks() {
    let sts = Fake::start(token_service).await;
    let home = tempfile::tempdir().expect("a folder");
    let token = home.path().join("token");
    std::fs::write(&token, "the.web.token").expect("a file");
    let file = ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().expect("text"));
    let (role, session) = (("AWS_ROLE_ARN", ARN), ("AWS_ROLE_SESSION_NAME", "pod"));
    let url = sts.url();
    let endpoint = ("AWS_ENDPOINT_URL_STS", &*url);
    let said = said(home.path(), &[REGION, file, role, session, endpoint]).await;
    insta::assert_snapshot!(said, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    STS/20150830/eu-west-1/xray/aws4_request
    of-AssumeRoleWithWebIdentity
    ");
    let body = String::from_utf8_lossy(&sts.calls()[0].body).into_owned();
    assert!(body.contains("WebIdentityToken=the.web.token"), "{body}");
    assert!(body.contains("RoleSessionName=pod"), "{body}");
}

#[tokio::test]
async fn a_role_is_assumed_with_what_the_chain_gives() {
    let sts = Fake::start(token_service).await;
    let url = sts.url();
    let variables = [REGION, ID, SECRET, (ROLE, ARN), ("AWS_ENDPOINT_URL_STS", &*url)];
    insta::assert_snapshot!(said_at_home(&[], &variables).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    STS/20150830/eu-west-1/xray/aws4_request
    of-AssumeRole
    ");
    let call = &sts.calls()[0];
    let body = String::from_utf8_lossy(&call.body).into_owned();
    assert!(body.contains("RoleSessionName=xray-daemon"), "{body}");
    assert!(!body.contains("ExternalId"), "{body}");
    let scope = "Credential=ENV/";
    assert!(call.header("authorization").contains(scope), "{}", call.header("authorization"));
    assert!(call.header("authorization").contains("/eu-west-1/sts/aws4_request"));
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_says_why() {
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                  <Message>User is not authorized</Message></Error></ErrorResponse>";
    let sts = Fake::start(move |_| Some((403, denied.to_owned()))).await;
    let url = sts.url();
    let variables = [REGION, ID, SECRET, (ROLE, ARN), ("AWS_ENDPOINT_URL_STS", &*url)];
    insta::assert_snapshot!(said_at_home(&[], &variables).await, @r#"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    find AWS credentials: service error: unhandled error (AccessDenied): Error { code: "AccessDenied", message: "User is not authorized" }
    "#);
}

/// The answer of the agents that give credentials to containers.
fn container_credentials(token: &str) -> Answer {
    ok(json!({
        "AccessKeyId": "CONTAINER", "SecretAccessKey": "secret", "Token": token,
        "Expiration": "2099-01-01T00:00:00Z",
    })
    .to_string())
}

#[tokio::test]
async fn a_task_of_ecs() {
    let agent = Fake::start(|call| container_credentials(call.header("authorization"))).await;
    let url = format!("{}/v2/credentials/1", agent.url());
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*url);
    let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of-ecs");
    insta::assert_snapshot!(said_at_home(&[], &[REGION, uri, token]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    CONTAINER/20150830/eu-west-1/xray/aws4_request
    of-ecs
    ");
    assert_eq!(agent.lines(), ["GET /v2/credentials/1"]);
}

#[tokio::test]
async fn a_pod_of_eks() {
    let agent = Fake::start(|call| container_credentials(call.header("authorization"))).await;
    let home = tempfile::tempdir().expect("a folder");
    let token = home.path().join("eks-pod-identity-token");
    std::fs::write(&token, "of-pod").expect("a file");
    let url = format!("{}/v1/credentials", agent.url());
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*url);
    let file = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_str().expect("text"));
    insta::assert_snapshot!(said(home.path(), &[REGION, uri, file]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    CONTAINER/20150830/eu-west-1/xray/aws4_request
    of-pod
    ");
}

#[tokio::test]
async fn an_instance_of_ec2_names_its_region_too() {
    let fake = Fake::start(instance).await;
    insta::assert_snapshot!(said_at_home(&[], &[(ENDPOINT, &fake.url())]).await, @"
    https://xray.eu-west-3.amazonaws.com/TraceSegments
    EC2/20150830/eu-west-3/xray/aws4_request
    of-ec2
    ");
    let refused = Fake::start(|_| Some((403, String::new()))).await;
    insta::assert_snapshot!(said_at_home(&[], &[REGION, (ENDPOINT, &refused.url())]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    find AWS credentials: failed to load IMDS session token: service error: request forbidden: IMDS is disabled or the caller has insufficient permissions.
    ");
}

#[tokio::test]
async fn nobody_gives_credentials() {
    insta::assert_snapshot!(said_at_home(&[], &[REGION]).await, @"
    https://xray.eu-west-1.amazonaws.com/TraceSegments
    find AWS credentials: no credentials found in chain. Attempted: Environment: environment variable not set; Profile: the credential provider was not enabled; WebIdentityToken: $AWS_WEB_IDENTITY_TOKEN_FILE was not set; EcsContainer: ECS provider not configured; Ec2InstanceMetadata: IMDS disabled by AWS_EC2_METADATA_DISABLED env var set to `true`
    ");
}

/// An image that was built from nothing has no roots, and starts all the same.
#[tokio::test]
async fn an_image_without_certificates() {
    let nowhere = [("SSL_CERT_FILE", "/nowhere/file"), ("SSL_CERT_DIR", "/nowhere")];
    let said = said_at_home(&[], &[REGION, ID, SECRET, nowhere[0], nowhere[1]]).await;
    assert!(said.contains("\nENV/"), "{said}");
}
