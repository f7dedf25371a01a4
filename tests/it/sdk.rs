//! The Rust SDK against the real program: documents by UDP, rules by TCP, read back over the API.

mod features;

mod read_back;

mod sampling;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use fluoro_sdk::client::ClientLayer;
use fluoro_sdk::layer::SpanLayer;
use fluoro_sdk::middleware::ServerLayer;
use fluoro_sdk::{Config, DaemonAddress, Log, Recorder, Sampling, SeededRandom};
use fluoro_tests::program::{self, until};
use fluoro_tests::{Program, http};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

/// How long anything may take that does not depend on the network.
const PATIENCE: Duration = Duration::from_secs(10);

fn start(folder: &tempfile::TempDir) -> Program {
    Program::start(program::built(), folder.path(), &[]).expect("fluoro starts")
}

fn config(fluoro: &Program, name: &str) -> Config {
    let (udp, tcp) = (fluoro.doors.udp.to_string(), fluoro.doors.tcp.to_string());
    let daemon = DaemonAddress { udp, tcp };
    let random = Arc::new(SeededRandom::new(7));
    Config { daemon, random, log: Log::silent(), ..Config::named(name) }
}

/// Returns the settings of a service that records each request.
fn sampled(fluoro: &Program, name: &str, seed: u64) -> Config {
    let random = Arc::new(SeededRandom::new(seed));
    Config { sampling: Sampling::Always, random, ..config(fluoro, name) }
}

/// Returns the documents of a trace as soon as there are `count`.
fn documents(fluoro: &Program, id: &str, count: usize) -> Vec<Value> {
    let all = || read_back::documents(fluoro, id).filter(|documents| documents.len() == count);
    until("the trace", all)
}

/// Renders a document for reading: names, indented, with what was said of each.
fn render(part: &Value, depth: usize, out: &mut String) {
    let said = ["annotations", "namespace", "fault", "http"];
    let said = said.iter().filter(|name| !part[**name].is_null());
    let said: Vec<String> = said.map(|name| format!(" {name}={}", part[*name])).collect();
    let name = part["name"].as_str().unwrap_or("?");
    out.push_str(&format!("{}{name}{}\n", "  ".repeat(depth), said.concat()));
    for below in part["subsegments"].as_array().into_iter().flatten() {
        render(below, depth + 1, out);
    }
}

type Answer = http_types::Response<String>;

async fn pay(_: http_types::Request<String>) -> Result<Answer, Infallible> {
    let charge = async { tracing::error!("the card was refused") };
    charge.instrument(tracing::info_span!("charge", xray.annotation.tier = "gold")).await;
    Ok(http_types::Response::builder().status(500).body(String::new()).expect("an answer"))
}

#[test]
fn a_call_through_every_layer_is_read_back_as_one_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let sampled = |name| Config { sampling: Sampling::Always, ..config(&fluoro, name) };
    let random = Arc::new(SeededRandom::new(8));
    let back = Recorder::new(Config { random, ..sampled("back") }).expect("a recorder");
    let front = Recorder::new(sampled("front")).expect("a recorder");
    let subscriber = tracing_subscriber::registry().with(SpanLayer::new(&back));
    let segment = front.begin();
    let id = segment.trace_id().expect("a trace").to_string();
    tracing::subscriber::with_default(subscriber, || {
        let server = ServerLayer::new(&back).layer(service_fn(pay));
        let client = ClientLayer::new().expecting_segments().layer(server);
        let request = http_types::Request::post("http://back.example/pay").body(String::new());
        let call = client.oneshot(request.expect("a request"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answer = segment.run(|| runtime.block_on(call)).expect("an answer");
        segment.http_response(answer.status().as_u16(), None);
    });
    drop(segment);
    let mut documents = documents(&fluoro, &id, 2);
    documents.sort_by_key(|it| it["parent_id"].is_string());
    let mut said = String::new();
    documents.iter().for_each(|document| render(document, 0, &mut said));
    insta::assert_snapshot!(said, @r#"
    front fault=true http={"response":{"status":500}}
      back.example namespace="remote" fault=true http={"request":{"method":"POST","url":"http://back.example/pay"},"response":{"status":500}}
    back fault=true http={"request":{"method":"POST","url":"http://back.example/pay"},"response":{"status":500}}
      charge annotations={"tier":"gold"} fault=true
    "#);
    assert_eq!(documents[1]["parent_id"], documents[0]["subsegments"][0]["id"]);
}

#[test]
fn a_long_document_arrives_in_parts_and_is_whole_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let config = Config { sampling: Sampling::Always, ..config(&fluoro, "long") };
    let recorder = Recorder::new(config).expect("a recorder");
    let segment = recorder.begin();
    let id = segment.trace_id().expect("a trace").to_string();
    for _ in 0..10 {
        segment.begin("part").metadata("text", &"x".repeat(20_000));
    }
    drop(segment);
    let body = json!({ "TraceIds": [id] }).to_string();
    until("ten parts", || {
        let found = http::post(fluoro.doors.http, "/Traces", &body).ok()?.json();
        let document = found["Traces"][0]["Segments"][0]["Document"].as_str()?.to_owned();
        let document: Value = serde_json::from_str(&document).ok()?;
        (document["subsegments"].as_array()?.len() == 10).then_some(())
    });
}

#[test]
fn a_server_that_is_killed_costs_no_time_and_one_that_is_back_gets_documents_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let udp = fluoro.doors.udp.to_string();
    let recorder = Recorder::new(sampled(&fluoro, "steady", 1)).expect("a recorder");
    drop(recorder.begin());
    assert!(recorder.flush(PATIENCE));
    fluoro.kill().expect("fluoro is killed");
    let begin = program::now();
    for _ in 0..10_000 {
        drop(recorder.begin());
    }
    let spent = begin.elapsed();
    assert!(spent < PATIENCE, "ten thousand requests wait for nobody: {spent:?}");
    assert!(recorder.flush(PATIENCE));
    let counts = recorder.statistics();
    // The last one is not known to be lost before the next one is sent.
    let lost = counts.failed + counts.dropped;
    assert!((9_999..=10_000).contains(&lost), "{counts:?}");
    assert_eq!(lost + counts.sent, 10_001, "{counts:?}");
    let fluoro = Program::start(program::built(), folder.path(), &["--udp", &udp]);
    let fluoro = fluoro.expect("fluoro starts at the same door");
    let segment = recorder.begin();
    let id = segment.trace_id().expect("a trace").to_string();
    drop(segment);
    assert_eq!(documents(&fluoro, &id, 1)[0]["name"], "steady");
}
