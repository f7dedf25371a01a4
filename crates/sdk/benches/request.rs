//! What a request costs its service: one that is not recorded, and one that is, with two subsegments
//! and everything that middleware says of it.
//!
//! The second is measured with what the emitter's thread does for it: each round waits until the
//! documents have been sent, so that its time is the work of both threads.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use fluoro_sdk::segment::Request;
use fluoro_sdk::testing::FakeDaemon;
use fluoro_sdk::{Config, DaemonAddress, Header, Incoming, Log, Recorder, Sampling, SystemClock};

/// Requests in one round of the recorded kind; fewer than the queue holds.
const ROUND: usize = 500;

fn main() {
    divan::main();
}

fn recorder(daemon: &FakeDaemon, sampling: Sampling) -> Recorder {
    let config = Config {
        sampling,
        clock: Arc::new(SystemClock),
        log: Log::silent(),
        ..daemon.config("shop")
    };
    Recorder::new(config).expect("a recorder")
}

fn request() -> Incoming<'static> {
    Incoming {
        host: Some("www.example.com"),
        method: Some("GET"),
        path: Some("/api/cart/7"),
        ..Incoming::default()
    }
}

/// A request that no caller has decided on and that the rules do not pick.
#[divan::bench]
fn unsampled_by_rule(bencher: Bencher<'_, '_>) {
    let daemon = FakeDaemon::start().expect("free ports");
    let rules = r#"{"version":2,"default":{"fixed_target":0,"rate":0.0000001},"rules":[
        {"host":"*","http_method":"*","url_path":"/health","fixed_target":0,"rate":0},
        {"host":"*","http_method":"POST","url_path":"/api/*","fixed_target":0,"rate":0}]}"#;
    let recorder = recorder(&daemon, Sampling::local(rules).expect("rules"));
    bencher.bench_local(|| {
        let segment = recorder.begin_request(&request());
        segment.begin("one").annotate("key", 1);
        segment.begin("two").annotate("key", 2);
        segment.is_recorded()
    });
}

/// A request whose caller has decided against it.
#[divan::bench]
fn unsampled_by_caller(bencher: Bencher<'_, '_>) {
    let daemon = FakeDaemon::start().expect("free ports");
    let recorder = recorder(&daemon, Sampling::Always);
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
    bencher.bench_local(|| {
        let header = Header::parse(header);
        let segment = recorder.begin_request(&Incoming { header, ..request() });
        segment.begin("one").annotate("key", 1);
        segment.begin("two").annotate("key", 2);
        segment.is_recorded()
    });
}

fn serve(recorder: &Recorder) {
    let segment = recorder.begin_request(&request());
    segment.http_request(Request {
        method: Some("GET".into()),
        url: Some("http://www.example.com/api/cart/7".into()),
        user_agent: Some("curl/8.5.0".into()),
        client_ip: Some("203.0.113.7".into()),
        ..Request::default()
    });
    segment.annotate("route", "/api/cart/{id}");
    {
        let call = segment.begin_remote("inventory.internal");
        call.http_request(Request {
            method: Some("GET".into()),
            url: Some("http://inventory.internal/stock".into()),
            ..Request::default()
        });
        call.http_response(200, Some(512));
    }
    let call = segment.begin_aws("DynamoDB");
    call.aws(|aws| {
        aws.operation = Some("GetItem".into());
        aws.table_name = Some("carts".into());
    });
    drop(call);
    segment.http_response(200, Some(1024));
}

/// Returns a recorder whose documents go to a door that nobody opens: the kernel throws them away, and
/// no time of a daemon is counted.
fn recorder_to_nowhere() -> (Recorder, UdpSocket) {
    let door = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let udp = door.local_addr().expect("an address").to_string();
    let daemon = DaemonAddress { tcp: udp.clone(), udp };
    let config = Config { sampling: Sampling::Always, daemon, ..Config::named("shop") };
    (Recorder::new(config).expect("a recorder"), door)
}

/// What the request itself waits for: the work of its own thread.
#[divan::bench]
fn sampled_in_its_thread(bencher: Bencher<'_, '_>) {
    let (recorder, _door) = recorder_to_nowhere();
    bencher.bench_local(|| serve(&recorder));
}

/// All the work that the request makes, in both threads.
#[divan::bench]
fn sampled_and_sent(bencher: Bencher<'_, '_>) {
    let (recorder, _door) = recorder_to_nowhere();
    bencher.counter(ItemsCount::new(ROUND)).bench_local(|| {
        for _ in 0..ROUND {
            serve(&recorder);
        }
        assert!(recorder.flush(Duration::from_secs(10)));
    });
}
