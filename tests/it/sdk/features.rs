//! Each integration against the real program: what it records, read back through the API.

use std::convert::Infallible;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use aws_sdk_xray::config::retry::RetryConfig;
use aws_sdk_xray::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::routing::get;
use fluoro_sdk::aws::CallInterceptor;
use fluoro_sdk::client::ClientLayer;
use fluoro_sdk::layer::SpanLayer;
use fluoro_sdk::middleware::ServerLayer;
use fluoro_sdk::otel::{self, XrayIdGenerator, XrayPropagator, XraySampler};
use fluoro_sdk::requests::CallMiddleware;
use fluoro_sdk::{Entity, FutureExt, Header, Incoming, Plugin, Recorder};
use fluoro_tests::{Program, http};
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::json;
use tower::{Layer, ServiceExt};
use tracing::{Instrument, Level, error, info_span};
use tracing_subscriber::layer::SubscriberExt;

use super::{read_back, sampled, start};

/// Returns the trace that an entity is in.
fn id_of(entity: &Entity) -> String {
    entity.trace_id().expect("a trace").to_string()
}

fn recorder(fluoro: &Program, name: &str, seed: u64) -> Recorder {
    Recorder::new(sampled(fluoro, name, seed)).expect("a recorder")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

async fn order(
    axum::extract::Path(id): axum::extract::Path<u16>,
) -> (http_types::StatusCode, String) {
    let _below = fluoro_sdk::subsegment("load");
    let status = if id < 100 { 200 } else { id };
    (http_types::StatusCode::from_u16(status).expect("a status"), format!("order {id}"))
}

/// Serves `/orders/{id}` with axum on a free port.
async fn serve(recorder: &Recorder) -> SocketAddr {
    let app = Router::new().route("/orders/{id}", get(order)).layer(ServerLayer::new(recorder));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[test]
fn axum_serves_what_reqwest_asks_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let (back, front) = (recorder(&fluoro, "back", 1), recorder(&fluoro, "front", 2));
    let segment = front.begin();
    let id = id_of(&segment);
    let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(CallMiddleware::new(ClientLayer::new().expecting_segments()))
        .build();
    let calls = async {
        let address = serve(&back).await;
        for path in ["orders/7?secret=1", "orders/429", "orders/503", "nowhere"] {
            let answer = client.get(format!("http://{address}/{path}")).send().await;
            answer.expect("an answer").text().await.expect("a body");
        }
    };
    block_on(calls.in_entity(segment));
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 1 + 4 + 4 + 3));
}

#[test]
fn hyper_asks_through_the_layer_of_tower() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let (back, front) = (recorder(&fluoro, "back", 1), recorder(&fluoro, "front", 2));
    let segment = front.begin();
    let id = id_of(&segment);
    let calls = async {
        let address = serve(&back).await;
        let gone = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<&'static [u8]>>();
        let client = ClientLayer::new().with_traceparent().layer(client);
        for address in [address, gone] {
            let request = http_types::Request::get(format!("http://{address}/orders/404"));
            let request = request.body(Empty::new()).expect("a request");
            let answer = client.clone().oneshot(request).await;
            assert_eq!(answer.is_err(), address == gone);
        }
    };
    block_on(calls.in_entity(segment));
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 1 + 2 + 2));
}

#[test]
fn calls_of_the_aws_sdk_are_subsegments() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let segment = recorder(&fluoro, "shop", 1).begin();
    let id = id_of(&segment);
    let config = aws_sdk_xray::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(format!("http://{}", fluoro.doors.http))
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .interceptor(CallInterceptor::new())
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    let client = aws_sdk_xray::Client::from_conf(config.build());
    let calls = async {
        assert!(client.get_encryption_config().send().await.is_ok());
        assert!(client.get_group().group_name("nobody").send().await.is_err());
    };
    block_on(calls.in_entity(segment));
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 3));
}

#[derive(Debug)]
struct Unpaid(std::num::ParseIntError);

impl std::fmt::Display for Unpaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("read the price")
    }
}

impl Error for Unpaid {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Begins work that is given up half way.
fn give_up() {
    let mut work = Box::pin(std::future::pending::<()>().instrument(info_span!("given up")));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(work.as_mut().poll(&mut cx).is_pending());
}

#[test]
fn spans_of_tracing_are_segments_and_subsegments() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let recorder = recorder(&fluoro, "shop", 1);
    let subscriber =
        tracing_subscriber::registry().with(SpanLayer::new(&recorder).naming_queries("shop@db"));
    let id = tracing::subscriber::with_default(subscriber, || {
        let message = info_span!("message");
        let order = info_span!(parent: None, "order", xray.annotation.tier = "gold", count = 3_u64);
        order.follows_from(&message);
        drop(message);
        let _order = order.enter();
        let pay = info_span!("pay", xray.user = "u-1", amount = tracing::field::Empty);
        pay.record("amount", 7.5);
        pay.in_scope(|| {
            let cause = Unpaid("x".parse::<u8>().expect_err("no number"));
            error!(error = &cause as &(dyn Error + 'static), "it failed");
        });
        give_up();
        tracing::event!(
            target: "sqlx::query", Level::DEBUG, summary = "SELECT id FROM …",
            db.statement = "SELECT id", rows_affected = 0_u64, rows_returned = 3_u64,
            elapsed_secs = 0.0
        );
        fluoro_sdk::Context::current().trace_id().expect("a trace").to_string()
    });
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 4));
}

/// Answers what the platforms of EC2 and ECS would; each call has a connection of its own.
fn platform(calls: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for _ in 0..calls {
            let (mut stream, _) = listener.accept().expect("a call");
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let call: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            let body = match call.first().map(|line| line.split(' ').nth(1).unwrap_or_default()) {
                Some("/latest/api/token") => "token",
                Some("/latest/dynamic/instance-identity/document") => {
                    r#"{"instanceId":"i-1","availabilityZone":"eu-west-1a","instanceType":"m7g.large","imageId":"ami-1"}"#
                }
                _ => {
                    r#"{"DockerId":"d","ContainerARN":"arn:c","LogOptions":{"awslogs-group":"/logs"}}"#
                }
            };
            let length = body.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
                .expect("an answer");
        }
    });
    format!("http://{address}")
}

/// Writes files as a container of Elastic Beanstalk on EKS would have them.
fn root() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = r#"{"environment_name":"prod","version_label":"v7","deployment_id":7}"#;
    for (path, text) in [
        ("proc/sys/kernel/hostname", "pod-1\n"),
        ("var/elasticbeanstalk/xray/environment.conf", environment),
        ("var/run/secrets/kubernetes.io/serviceaccount/token", "token"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

#[test]
fn plugins_say_what_the_service_runs_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let (platform, root) = (platform(3), root());
    let variable = |name: &str| match name {
        "IMDS_ENDPOINT" | "ECS_CONTAINER_METADATA_URI_V4" => Some(platform.clone()),
        _ => None,
    };
    let plugins = [Plugin::Ec2, Plugin::Ecs, Plugin::Eks, Plugin::ElasticBeanstalk];
    let config = sampled(&fluoro, "shop", 1).with_plugins_in(&plugins, variable, root.path());
    let segment = Recorder::new(config).expect("a recorder").begin();
    let id = id_of(&segment);
    drop(segment);
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 1));
}

#[test]
fn subsegments_of_a_lambda_function_go_below_the_segment_of_its_platform() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let seconds = read_back::now_micros() / 1_000_000;
    let id = format!("1-{seconds:08x}-0123456789abcdef01234567");
    let function = json!({
        "name": "resize", "id": "53995c3f42cd8ad8", "trace_id": id, "origin": "AWS::Lambda::Function",
        "start_time": seconds, "end_time": seconds + 1
    });
    let body = json!({ "TraceSegmentDocuments": [function.to_string()] }).to_string();
    assert_eq!(http::post(fluoro.doors.http, "/TraceSegments", &body).expect("taken").status, 200);
    let mut config = sampled(&fluoro, "resize", 1);
    config.lambda = true;
    let recorder = Recorder::new(config).expect("a recorder");
    let header = Header::parse(&format!("Root={id};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1"));
    let work = async {
        let below = fluoro_sdk::subsegment("resize");
        below.annotate("width", 640);
        drop(below.begin_aws("S3"));
        Ok::<_, Infallible>(())
    };
    block_on(work.in_entity(recorder.begin_invocation(&header))).expect("an answer");
    insta::assert_snapshot!(read_back::trace(&fluoro, &id, 3));
}

#[test]
fn a_service_of_opentelemetry_and_one_of_this_sdk_are_in_one_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let recorder = recorder(&fluoro, "front", 1);
    let provider = SdkTracerProvider::builder()
        .with_id_generator(XrayIdGenerator::new())
        .with_sampler(XraySampler::new(&recorder))
        .build();
    let front = recorder.begin();
    let id = id_of(&front);
    let span = provider.tracer("middle").start_with_context("middle", &otel::context_of(&front));
    let mut headers = std::collections::HashMap::new();
    let cx = opentelemetry::Context::new().with_span(span);
    XrayPropagator::new().inject_context(&cx, &mut headers);
    let header = Header::parse(&headers["x-amzn-trace-id"]);
    let between = header.parent.expect("the span's id").to_string();
    drop(recorder.begin_request(&Incoming { header, name: Some("back"), ..Incoming::default() }));
    drop(front);
    read_back::trace(&fluoro, &id, 2);
    let documents = read_back::documents(&fluoro, &id).expect("the trace");
    assert_eq!([&documents[0]["name"], &documents[1]["name"]], ["front", "back"]);
    assert_eq!(documents[1]["parent_id"], between);
}
