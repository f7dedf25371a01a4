//! The real X-Ray SDKs, boto3 and the AWS CLI, unmodified, against the real program.
//!
//! `clients/` holds one small program for each; `clients/install.py` builds them once into a cache
//! folder outside the checkout. What they print is what an application sees. All tests share one
//! server: every name begins with a prefix of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use fluoro_tests::program::{self, Doors, until};
use fluoro_tests::{Program, http};
use serde_json::{Value, json};

#[test]
fn python_sends_what_boto3_reads() {
    let _server = server();
    let sent = run("python", "py", &[]);
    let read = run("python-read", "py", &[text(&sent["trace_id"]), "--segments", "1"]);
    assert_eq!(read["complete"], json!(true), "{read}");
    check_batch(&read, &sent);
    check_summary(&read["summaries"][text(&sent["trace_id"])]);
    check_replies(&read);
    check_series(&read["series"]);
    check_retrieval(&read, text(&sent["trace_id"]));
    check_refusals(&read["refused"]);
}

#[test]
fn node_java_and_go_send_what_the_api_returns() {
    let _server = server();
    for sdk in ["node", "java", "go"] {
        let sent = run(sdk, sdk, &[]);
        let entities = entities_of(text(&sent["trace_id"]), 1);
        let segment = named(&entities, text(&sent["name"]));
        assert_eq!(segment["id"], sent["segment_id"], "{sdk}");
        assert_eq!(segment["fault"], json!(true), "{sdk}");
        assert_eq!(segment["user"], json!(format!("{sdk}-user")), "{sdk}");
        assert_eq!(segment["annotations"]["city"], json!("Zürich 東京 🚲"), "{sdk}");
        assert_eq!(segment["annotations"]["items"].as_f64(), Some(3.0), "{sdk}");
        assert_eq!(segment["annotations"]["express"], json!(true), "{sdk}");
        let failed = named(&entities, "charge card");
        let exception = &failed["cause"]["exceptions"][0];
        assert!(text(&exception["message"]).contains("card declined"), "{sdk}: {failed}");
        let inferred = entities.iter().find(|entity| entity["inferred"] == json!(true));
        let table = inferred.unwrap_or_else(|| panic!("{sdk}: no inferred segment"));
        assert_eq!(table["origin"], json!("AWS::DynamoDB::Table"), "{sdk}");
    }
}

#[test]
fn subsegments_that_leave_before_their_segment_are_folded_under_it() {
    let _server = server();
    let sent = run("python", "stream", &["--stream"]);
    let entities = entities_of(text(&sent["trace_id"]), 1);
    let segment = named(&entities, text(&sent["name"]));
    let below = segment["subsegments"].as_array().expect("subsegments");
    assert!(below.iter().any(|part| part["name"] == "DynamoDB"), "{segment}");
    for part in below {
        assert!(part.get("trace_id").is_none() && part.get("parent_id").is_none(), "{part}");
    }
}

#[test]
fn every_sdk_samples_by_the_rules_that_the_tcp_door_hands_out() {
    let _server = server();
    for sdk in ["python", "node", "java", "go"] {
        let sent = run(sdk, &format!("rule-{sdk}"), &["--sampler"]);
        assert_eq!(sent["rule"], json!("Default"), "{sdk}: {sent}");
        let entities = entities_of(text(&sent["trace_id"]), 1);
        let agent = &named(&entities, text(&sent["name"]))["aws"]["xray"];
        let rule = agent.get("sampling_rule_name").or(agent.get("rule_name"));
        assert_eq!(rule, Some(&json!("Default")), "{sdk}: {agent}");
    }
}

#[test]
fn a_rule_made_over_the_api_decides_what_an_sdk_samples() {
    // A server of its own: every SDK would fetch the rule.
    let server = Running::start();
    let rule = json!({"RuleName": "made", "ResourceARN": "*", "Priority": 1, "FixedRate": 1,
        "ReservoirSize": 0, "ServiceName": "made-*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1})
    .to_string();
    let cli = |arguments: &[&str]| cli_at(server.doors, arguments);
    let made = cli(&["create-sampling-rule", "--sampling-rule", &rule]);
    assert_eq!(made["SamplingRuleRecord"]["SamplingRule"]["FixedRate"], json!(1.0), "{made}");
    for (prefix, rule) in [("made", "made"), ("other", "Default")] {
        let mut command = command_at(server.doors, "python");
        let command = command.env("FLUORO_TEST_PREFIX", prefix).arg("--sampler");
        assert_eq!(output("python", command)["rule"], json!(rule), "{prefix}");
    }
    let update = r#"{"RuleName": "made", "ReservoirSize": 7}"#;
    let updated = cli(&["update-sampling-rule", "--sampling-rule-update", update]);
    let deleted = cli(&["delete-sampling-rule", "--rule-name", "made"]);
    assert_eq!(deleted["SamplingRuleRecord"]["SamplingRule"]["ReservoirSize"], json!(7));
    assert_eq!(deleted, updated);
    let summaries = cli(&["get-sampling-statistic-summaries"]);
    assert_eq!(summaries["SamplingStatisticSummaries"][0]["RuleName"], json!("Default"));
}

#[test]
fn groups_and_policies_are_set_with_the_cli() {
    // A server of its own: another test lists all groups.
    let server = Running::start();
    let cli = |arguments: &[&str]| cli_at(server.doors, arguments);
    let made = cli(&[
        "create-group",
        "--group-name",
        "set",
        "--filter-expression",
        r#"service("a") {fault}"#,
        "--insights-configuration",
        "InsightsEnabled=true",
        "--tags",
        "Key=team,Value=blue",
    ]);
    let arn = text(&made["Group"]["GroupARN"]);
    assert_eq!(made["Group"]["InsightsConfiguration"]["InsightsEnabled"], json!(true), "{made}");
    let updated = cli(&["update-group", "--group-arn", arn, "--filter-expression", "error"]);
    assert_eq!(updated["Group"], cli(&["get-group", "--group-name", "set"])["Group"]);
    assert_eq!(updated["Group"]["FilterExpression"], json!("error"));
    let tags = cli(&["list-tags-for-resource", "--resource-arn", arn]);
    assert_eq!(tags["Tags"], json!([{"Key": "team", "Value": "blue"}]));
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},
        "Action":"xray:PutTraceSegments","Resource":"*"}]}"#;
    let put = ["put-resource-policy", "--policy-name", "p", "--policy-document", policy];
    assert_eq!(cli(&put)["ResourcePolicy"]["PolicyRevisionId"], json!("1"));
    let listed = cli(&["list-resource-policies"]);
    assert_eq!(listed["ResourcePolicies"][0]["PolicyDocument"], json!(policy));
    let indexed = cli(&[
        "update-indexing-rule",
        "--name",
        "Default",
        "--rule",
        r#"{"Probabilistic":{"DesiredSamplingPercentage":5}}"#,
    ]);
    let rule = &indexed["IndexingRule"]["Rule"]["Probabilistic"];
    assert_eq!(rule["DesiredSamplingPercentage"], json!(5.0), "{indexed}");
    let encrypted = cli(&["put-encryption-config", "--type", "KMS", "--key-id", "alias/a"]);
    assert_eq!(encrypted["EncryptionConfig"]["Status"], json!("UPDATING"));
    let sent = cli(&["update-trace-segment-destination", "--destination", "CloudWatchLogs"]);
    assert_eq!(sent["Status"], json!("PENDING"));
}

#[test]
fn a_call_through_three_services_is_drawn_as_a_graph() {
    let _server = server();
    let sent = run("python-chain", "chain", &[]);
    let id = text(&sent["trace_id"]);
    let read = run("python-read", "chain", &[text(&sent["trace_id"]), "--segments", "3"]);
    assert_eq!(read["complete"], json!(true), "{read}");
    for graph in ["trace_graph", "service_graph"] {
        let nodes = read[graph].as_array().unwrap_or_else(|| panic!("{graph}: {}", read[graph]));
        let edge = |from: &str, kind: Value, to: &str| {
            let node = nodes.iter().find(|node| node["name"] == from && node["type"] == kind);
            let node = node.unwrap_or_else(|| panic!("{graph} has no {from}: {nodes:?}"));
            let edges = node["edges"].as_array().expect("edges");
            assert!(
                edges.iter().any(|edge| edge["to"] == to),
                "{graph} has no {from} → {to}: {edges:?}"
            );
        };
        edge("chain-front", json!("client"), "chain-front");
        edge("chain-front", Value::Null, "chain-back");
        edge("chain-back", Value::Null, "chain-store");
    }
    assert_eq!(read["summaries"][id]["IsPartial"], json!(false), "{}", read["summaries"]);
}

#[test]
fn the_aws_cli_reads_traces_and_the_graph() {
    let _server = server();
    let sent = run("go", "cli", &[]);
    let id = text(&sent["trace_id"]);
    let entities = entities_of(id, 1);
    let start = named(&entities, "cli-go")["start_time"].as_f64().expect("a time") as u64;
    let (from, to) = ((start - 60).to_string(), (start + 120).to_string());
    let traces = cli(&["batch-get-traces", "--trace-ids", id]);
    assert_eq!(traces["Traces"][0]["Id"], json!(id));
    let summaries = cli(&["get-trace-summaries", "--start-time", &from, "--end-time", &to]);
    let summaries = summaries["TraceSummaries"].as_array().expect("summaries");
    let summary = summaries.iter().find(|summary| summary["Id"] == id).expect("our trace");
    assert_eq!(summary["HasFault"], json!(true));
    assert_eq!(summary["Http"]["HttpStatus"], json!(500));
    let is_found = |expression: &str| {
        let window = ["get-trace-summaries", "--start-time", &from, "--end-time", &to];
        let found = cli(&[&window[..], &["--filter-expression", expression]].concat());
        found["TraceSummaries"].as_array().expect("summaries").iter().any(|one| one["Id"] == id)
    };
    assert!(is_found("service(\"cli-go\") { fault } AND http.status = 500"));
    assert!(is_found("service(\"cli-go\") { http.status = 500 }"));
    assert!(!is_found("service(\"cli-go\") { http.status = 200 }"));
    let graph = cli(&["get-service-graph", "--start-time", &from, "--end-time", &to]);
    let services = graph["Services"].as_array().expect("services");
    assert!(services.iter().any(|service| service["Name"] == "cli-go"), "{services:?}");
}

fn check_batch(read: &Value, sent: &Value) {
    let batch = &read["batch"]["traces"][text(&sent["trace_id"])];
    assert_eq!(batch["limit_exceeded"], json!(false), "{read}");
    let entities = batch["entities"].as_array().expect("entities").clone();
    let segment = named(&entities, text(&sent["name"]));
    assert_eq!((&segment["id"], &segment["depth"]), (&sent["segment_id"], &json!(0)));
    assert_eq!(segment["annotations"]["total"], json!(12.5));
    assert_eq!(segment["metadata"]["shop"]["order"]["gift"], json!(false));
    assert_eq!(named(&entities, "DynamoDB")["aws"]["resource_names"], json!(["orders"]));
    let failed = named(&entities, "charge card");
    assert_eq!((&failed["fault"], &failed["depth"]), (&json!(true), &json!(2)));
    let exception = &failed["exceptions"][0];
    assert_eq!(exception["message"], json!("card declined: größer als das Limit"), "{failed}");
    assert!(exception["frame_count"].as_u64() > Some(0), "{failed}");
}

fn check_summary(summary: &Value) {
    assert_eq!((&summary["HasFault"], &summary["HasError"]), (&json!(true), &json!(false)));
    assert_eq!(summary["Http"]["HttpMethod"], json!("POST"));
    assert_eq!(summary["Users"][0]["UserName"], json!("py-user"));
    let city = &summary["Annotations"]["city"][0]["AnnotationValue"];
    assert_eq!(city["StringValue"], json!("Zürich 東京 🚲"), "{summary}");
    assert_eq!(summary["Annotations"]["items"][0]["AnnotationValue"]["NumberValue"], json!(3.0));
    let causes = &summary["FaultRootCauses"][0]["Services"];
    assert_eq!(causes[0]["Name"], json!("py-python"), "{summary}");
}

fn check_replies(read: &Value) {
    assert_eq!(read["put"]["reply"]["UnprocessedTraceSegments"][0]["ErrorCode"], "InvalidTraceId");
    assert_eq!(
        read["put"]["reply"]["UnprocessedTraceSegments"][0]["Id"],
        read["put"]["bad_segment_id"]
    );
    assert_eq!(read["telemetry"].get("error"), None, "{}", read["telemetry"]);
    assert_eq!(read["encryption_config"]["EncryptionConfig"]["Type"], "NONE");
    assert_eq!(read["group"]["Group"]["GroupName"], "Default");
    assert_eq!(read["groups"]["Groups"][0]["GroupName"], "Default");
    let rule = &read["sampling_rules"]["SamplingRuleRecords"][0]["SamplingRule"];
    assert_eq!((&rule["RuleName"], &rule["FixedRate"]), (&json!("Default"), &json!(0.05)));
    let targets = &read["sampling_targets"]["SamplingTargetDocuments"];
    assert_eq!(targets[0]["RuleName"], "Default", "{}", read["sampling_targets"]);
}

/// The segment that was put is the only one of its service.
fn check_series(series: &Value) {
    let period = &series["TimeSeriesServiceStatistics"][0];
    assert_eq!(period["ServiceSummaryStatistics"]["OkCount"], 1, "{series}");
    assert_eq!(period["ResponseTimeHistogram"][0], json!({"Value": 0.25, "Count": 1}), "{series}");
    assert_eq!(period["ServiceForecastStatistics"]["FaultCountHigh"], 1, "{series}");
}

fn check_retrieval(read: &Value, trace_id: &str) {
    let retrieval = &read["retrieval"];
    let page = &retrieval["pages"][0];
    assert_eq!(page["RetrievalStatus"], "COMPLETE", "{retrieval}");
    assert_eq!(page["Traces"][text(&read["put"]["trace_id"])], 1, "{retrieval}");
    assert!(page["Traces"][trace_id].as_u64() > Some(1), "{retrieval}");
    assert_eq!(retrieval["graph"].as_array().map(Vec::len), Some(5), "{retrieval}");
    assert_eq!(retrieval["cancelled"], json!({}), "{retrieval}");
    assert_eq!(retrieval["after"], "CANCELLED", "{retrieval}");
    assert_eq!(retrieval["unknown"]["error"], "ResourceNotFoundException", "{retrieval}");
}

fn check_refusals(refused: &Value) {
    for (what, message) in [
        ("six_ids", "Exceeding maximum query size: 5"),
        ("unknown_group", "Group not found"),
        ("unknown_group_graph", "Group not found."),
    ] {
        assert_eq!(
            refused[what],
            json!({"error": "InvalidRequestException", "message": message, "status": 400}),
            "{what}"
        );
    }
    let broken = &refused["broken_filter_expression"];
    assert_eq!(broken["error"], "InvalidRequestException", "{refused}");
    let message = text(&broken["message"]);
    assert!(message.starts_with("Error Location: line 1, position 9 : "), "{refused}");
}

/// Waits until the trace has as many reported segments, and returns all its documents and the
/// subsegments below them, parents first.
fn entities_of(id: &str, segment_count: usize) -> Vec<Value> {
    until(&format!("{segment_count} segments of {id}"), || {
        let body = json!({ "TraceIds": [id] }).to_string();
        let answer = http::post(server().doors.http, "/Traces", &body).expect("an answer").json();
        let segments = answer["Traces"][0]["Segments"].as_array()?;
        let mut entities = Vec::new();
        for segment in segments {
            let document = serde_json::from_str(text(&segment["Document"])).expect("a document");
            flatten(document, &mut entities);
        }
        let reported = segments.len() - entities.iter().filter(|e| e["inferred"] == true).count();
        (reported >= segment_count).then_some(entities)
    })
}

fn flatten(document: Value, entities: &mut Vec<Value>) {
    entities.push(document.clone());
    for part in document["subsegments"].as_array().into_iter().flatten() {
        flatten(part.clone(), entities);
    }
}

fn named<'a>(entities: &'a [Value], name: &str) -> &'a Value {
    let found = entities.iter().find(|entity| entity["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {entities:?}"))
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

/// Runs a client and returns the JSON line it printed.
fn run(client: &str, prefix: &str, arguments: &[&str]) -> Value {
    let mut command = command(client);
    output(client, command.env("FLUORO_TEST_PREFIX", prefix).args(arguments))
}

/// Runs `aws xray …` and returns what it printed.
fn cli(arguments: &[&str]) -> Value {
    cli_at(server().doors, arguments)
}

pub(crate) fn cli_at(doors: Doors, arguments: &[&str]) -> Value {
    let endpoint = format!("http://{}", doors.http);
    let mut command = command_at(doors, "cli");
    command.arg("xray").args(arguments).args(["--endpoint-url", &endpoint, "--output", "json"]);
    command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    output("cli", command.env("AWS_DEFAULT_REGION", "us-east-1"))
}

fn command(client: &str) -> Command {
    command_at(server().doors, client)
}

pub(crate) fn command_at(doors: Doors, client: &str) -> Command {
    let argv = &installed()[client]["run"];
    let argv: Vec<&str> = argv.as_array().expect("an argv").iter().map(text).collect();
    let mut command = Command::new(argv[0]);
    command
        .args(&argv[1..])
        .env("AWS_XRAY_DAEMON_ADDRESS", format!("tcp:{} udp:{}", doors.tcp, doors.udp))
        .env("FLUORO_ENDPOINT", format!("http://{}", doors.http))
        .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
        .envs([("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")]);
    command
}

pub(crate) fn output(client: &str, command: &mut Command) -> Value {
    let output = command.stdin(Stdio::null()).output().expect("the client starts");
    let (said, erred) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{client}: {}\n{said}\n{erred}", output.status);
    if said.is_empty() {
        // The AWS CLI has nothing to say about an answer without members.
        return json!({});
    }
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{client}: {error}: {said}\n{erred}"))
}

/// Runs a client against a server and returns the JSON line it printed.
pub(crate) fn run_at(doors: Doors, client: &str, arguments: &[&str]) -> Value {
    output(client, command_at(doors, client).args(arguments))
}

/// Has a client call these operations one after the other, with nothing asked, and returns what it
/// read.
pub(crate) fn read_with(client: &str, server: SocketAddr, operations: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("operations");
    std::fs::write(&path, operations.join("\n")).expect("a temporary file");
    output(client, command_at(Doors::all(server), client).arg(path))
}

/// Runs a program of the Python client's folder that meets no server; returns the JSON it printed.
pub(crate) fn run_python(program: &str, arguments: &[&Path]) -> Value {
    // The argv of `python` is the interpreter, its options, and a program in that folder.
    let argv = installed()["python"]["run"].as_array().expect("an argv");
    let (sender, python) = argv.split_last().expect("a program");
    let mut command = Command::new(text(&python[0]));
    command.args(python[1..].iter().map(text)).arg(Path::new(text(sender)).with_file_name(program));
    output(program, command.args(arguments))
}

/// Returns how to run each client, building those that are not built yet.
fn installed() -> &'static Value {
    static INSTALLED: OnceLock<Value> = OnceLock::new();
    INSTALLED.get_or_init(|| install("all"))
}

/// Returns how to run what `install.py` knows under this name, building it if it is not built yet.
pub(crate) fn install(name: &str) -> Value {
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/clients/install.py");
    let mut command = Command::new("python3");
    output("install.py", command.arg(install).arg("--cache").arg(cache()).arg(name))
}

/// Returns the folder that outlives the checkout.
#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn cache() -> PathBuf {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let folder = variable("FLUORO_CACHE").map(PathBuf::from);
    let folder = folder.or_else(|| variable("HOME").map(|h| Path::new(&h).join(".cache/fluoro")));
    folder.unwrap_or_else(std::env::temp_dir).join("clients")
}

/// Returns the server that the tests running now share; it ends with the last of them.
///
/// Each test holds what this returns until its end, so that all its calls meet one server.
fn server() -> Arc<Running> {
    static SHARED: Mutex<Weak<Running>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let running = Arc::new(Running::start());
        *shared = Arc::downgrade(&running);
        running
    })
}

/// A server and its folder, which are gone when this is dropped.
pub(crate) struct Running {
    pub(crate) doors: Doors,
    _program: Program,
    _folder: tempfile::TempDir,
}

impl Running {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = Program::start(program::built(), folder.path(), &[]).expect("fluoro starts");
        Self { doors: program.doors, _program: program, _folder: folder }
    }
}
