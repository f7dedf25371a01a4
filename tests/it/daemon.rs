//! `fluoro daemon` between real clients and the real server: what the X-Ray daemon's users rely on,
//! and what they lose with it.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};

use fluoro_tests::program::{self, Doors, until};
use fluoro_tests::{Program, http};
use serde_json::json;

use crate::clients;
use crate::documents;

/// A folder, and in it a server.
struct Stand {
    folder: tempfile::TempDir,
    server: Option<Program>,
    http: SocketAddr,
}

impl Stand {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = Program::start(program::built(), &folder.path().join("server"), &[]);
        let server = server.expect("fluoro starts");
        Self { http: server.doors.http, server: Some(server), folder }
    }

    fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    fn daemon(&self, arguments: &[&str]) -> Program {
        let url = self.url();
        let arguments = [&["--endpoint", url.as_str()], arguments].concat();
        Program::daemon(program::built(), &self.folder.path().join("daemon"), &arguments)
            .expect("the daemon starts")
    }

    fn spool(&self) -> String {
        self.folder.path().join("spool").display().to_string()
    }

    fn server_stops(&mut self) {
        self.server.take().expect("it runs").kill().expect("it was running");
    }

    fn server_starts(&mut self) {
        let http = self.http.to_string();
        let folder = self.folder.path().join("server");
        let server = Program::start(program::built(), &folder, &["--http", &http]);
        self.server = Some(server.expect("fluoro starts"));
    }

    /// Whether the server has these traces, by the numbers they were sent with.
    fn holds(&self, numbers: std::ops::Range<u32>) -> bool {
        let numbers: Vec<_> = numbers.collect();
        numbers.chunks(5).all(|few| {
            let ids: Vec<_> = few.iter().map(|number| documents::trace(*number).id).collect();
            let body = json!({ "TraceIds": ids }).to_string();
            let answer = http::post(self.http, "/Traces", &body).expect("the server answers");
            answer.json()["Traces"].as_array().is_some_and(|traces| traces.len() == few.len())
        })
    }
}

/// Sends documents as datagrams, each a trace of its own.
fn send(udp: SocketAddr, numbers: std::ops::Range<u32>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for number in numbers {
        let document = &documents::trace(number).documents[0];
        let datagram = format!("{{\"format\":\"json\",\"version\":1}}\n{document}");
        socket.send_to(datagram.as_bytes(), udp).expect("loopback takes datagrams");
    }
}

fn count(daemon: &Program, metric: &str) -> f64 {
    daemon.metric(metric).expect("the daemon answers")
}

fn wait_for(daemon: &Program, metric: &str, expected: f64) {
    until(metric, || (count(daemon, metric) >= expected).then_some(()));
}

#[test]
fn every_sdk_reaches_the_server_through_the_daemon_and_asks_it_what_to_sample() {
    let stand = Stand::new();
    let daemon = stand.daemon(&[]);
    let doors = Doors { http: stand.http, ..daemon.doors };
    for sdk in ["python", "node", "java", "go"] {
        let mut command = clients::command_at(doors, sdk);
        let sent =
            clients::output(sdk, command.env("FLUORO_TEST_PREFIX", "through").arg("--sampler"));
        let id = sent["trace_id"].as_str().expect("a trace id");
        let body = json!({ "TraceIds": [id] }).to_string();
        until(sdk, || {
            let answer = http::post(stand.http, "/Traces", &body).expect("an answer").json();
            (answer["Traces"].as_array()?.len() == 1).then_some(())
        });
    }
    assert!(count(&daemon, "fluoro_tcp_sampling_calls_total") >= 4.0);
    assert_eq!(count(&daemon, "fluoro_forward_refused_total"), 0.0);
    assert!(daemon.stop().expect("it stops").success());
}

#[test]
fn a_server_that_is_away_costs_no_document() {
    let mut stand = Stand::new();
    let daemon = stand.daemon(&["--spool", &stand.spool()]);
    send(daemon.doors.udp, 0..100);
    wait_for(&daemon, "fluoro_forward_sent_total", 100.0);
    stand.server_stops();
    send(daemon.doors.udp, 100..400);
    wait_for(&daemon, "fluoro_forward_spool_documents", 300.0);
    let ready = http::get(daemon.doors.http, "/readyz").expect("an answer");
    assert_eq!(ready.status, 200);
    assert!(ready.body.contains("takes nothing since"), "{}", ready.body);
    stand.server_starts();
    send(daemon.doors.udp, 400..500);
    until("all documents", || (count(&daemon, "fluoro_forward_sent_total") >= 500.0).then_some(()));
    assert!(stand.holds(0..500));
    for nothing in ["dropped", "refused", "abandoned"] {
        assert_eq!(count(&daemon, &format!("fluoro_forward_{nothing}_total")), 0.0, "{nothing}");
    }
    assert_eq!(count(&daemon, "fluoro_forward_spool_documents"), 0.0);
}

#[test]
fn what_the_spool_has_survives_a_kill() {
    let mut stand = Stand::new();
    stand.server_stops();
    let spool = stand.spool();
    let daemon = stand.daemon(&["--spool", &spool]);
    send(daemon.doors.udp, 0..300);
    wait_for(&daemon, "fluoro_forward_spool_documents", 300.0);
    daemon.kill().expect("it was running");
    stand.server_starts();
    let daemon = stand.daemon(&["--spool", &spool]);
    wait_for(&daemon, "fluoro_forward_sent_total", 300.0);
    assert!(stand.holds(0..300));
    assert!(daemon.stop().expect("it stops").success());
}

#[test]
fn one_destination_that_is_away_does_not_hold_up_another() {
    let stand = Stand::new();
    let nobody = UdpSocket::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let away = format!("http://{nobody}");
    let daemon = stand.daemon(&["--endpoint", &away, "--spool", &stand.spool()]);
    send(daemon.doors.udp, 0..50);
    let sent = format!("fluoro_forward_sent_total{{destination=\"{}\"}}", stand.url());
    wait_for(&daemon, &sent, 50.0);
    let spooled = format!("fluoro_forward_spool_documents{{destination=\"{away}\"}}");
    wait_for(&daemon, &spooled, 50.0);
    assert!(stand.holds(0..50));
}

#[test]
fn the_tcp_door_passes_on_what_samples_and_everything_only_when_it_is_open() {
    let stand = Stand::new();
    let daemon = stand.daemon(&[]);
    let rules = http::post(daemon.doors.tcp, "/GetSamplingRules", "").expect("an answer");
    assert_eq!(rules.status, 200);
    let groups = http::post(daemon.doors.tcp, "/Groups", "{}").expect("an answer");
    assert_eq!(groups.status, 404, "{}", groups.body);
    drop(daemon);
    let daemon = stand.daemon(&["--open-proxy"]);
    let groups = http::post(daemon.doors.tcp, "/Groups", "{}").expect("an answer");
    assert_eq!(groups.json()["Groups"][0]["GroupName"], "Default", "{}", groups.body);
}

fn run(program: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(words).env_remove("AWS_REGION").output().expect("it runs")
}

/// Under the original's name: flags alone, its exit codes, its first lines in its order.
#[test]
fn a_link_called_xray_is_the_original() {
    let stand = Stand::new();
    let xray = stand.folder.path().join("xray");
    std::os::unix::fs::symlink(program::built(), &xray).expect("a link");
    let said = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let version = run(&xray, &["-v"]);
    assert!(said(&version).starts_with("AWS X-Ray daemon version: "), "{}", said(&version));
    assert_eq!(version.status.code(), Some(0));
    assert_eq!(run(&xray, &["--help"]).status.code(), Some(0));
    let wrong = run(&xray, &["-nope"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("--buffer-memory"));
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(told.starts_with("flag provided but not defined: -nope"), "{told}");
    let config = stand.folder.path().join("cfg.yaml");
    for (text, why) in [
        ("Version: 3\n", "Version 3 is not known"),
        ("Version: 2\nMemoryLimit: 1\n", "MemoryLimit flag is not supported any more"),
        ("Version: 2\nNope: 1\n", "Nope flag is invalid"),
    ] {
        fs::write(&config, text).expect("a file");
        let wrong = run(&xray, &["-c", config.to_str().expect("letters")]);
        assert_eq!(wrong.status.code(), Some(1), "{text}");
        let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn the_log_begins_with_the_lines_that_people_look_for() {
    let stand = Stand::new();
    let config = stand.folder.path().join("cfg.yaml");
    let text = format!(
        "Version: 2\nTotalBufferSizeMB: 4\nSocket:\n  UDPAddress: 127.0.0.1:0\n  TCPAddress: \
         127.0.0.1:0\nLogging:\n  LogPath: {}\n",
        stand.folder.path().join("xray.log").display()
    );
    fs::write(&config, text).expect("a file");
    let daemon = stand.daemon(&["-c", config.to_str().expect("letters")]);
    let health = run(program::built(), &["daemon", "health", &daemon.doors.http.to_string()]);
    assert_eq!(health.status.code(), Some(0));
    daemon.stop().expect("it stops");
    let health = run(program::built(), &["daemon", "health", "127.0.0.1:1"]);
    assert_eq!(health.status.code(), Some(1));
    let log = fs::read_to_string(stand.folder.path().join("xray.log")).expect("a log");
    let mut lines = log.lines();
    for expected in [
        "[Info] Initializing AWS X-Ray daemon ",
        "[Info] Using buffer memory limit of 4 MB",
        "[Info] 64 segment buffers allocated",
        "[Info] HTTP Proxy server using X-Ray Endpoint : http://127.0.0.1:",
        "[Info] Starting proxy http server on 127.0.0.1:",
        "[Info] Got shutdown signal: ",
    ] {
        assert!(lines.any(|line| line.contains(expected)), "{expected}: {log}");
    }
}

#[test]
fn a_refused_document_is_named_and_not_shown() {
    let stand = Stand::new();
    let daemon = stand.daemon(&[]);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let document = json!({
        "trace_id": "1-00000001-000000000000000000000001", "id": "00000000000000aa",
        "name": "refused", "metadata": { "secret": "hidden" }, "start_time": "never", "end_time": 2,
    });
    let datagram = format!("{{\"format\": \"json\", \"version\": 1}}\n{document}");
    socket.send_to(datagram.as_bytes(), daemon.doors.udp).expect("loopback takes datagrams");
    wait_for(&daemon, "fluoro_forward_refused_total", 1.0);
    let log = until("the line", || {
        let log = daemon.log().expect("a log");
        log.contains("Unprocessed segment").then_some(log)
    });
    assert!(
        log.contains("00000000000000aa, trace id 1-00000001-000000000000000000000001"),
        "{log}"
    );
    assert!(!log.contains("hidden"), "{log}");
}

#[test]
fn telemetry_arrives_before_the_daemon_is_gone() {
    let stand = Stand::new();
    let daemon = stand.daemon(&[]);
    send(daemon.doors.udp, 0..7);
    wait_for(&daemon, "fluoro_forward_sent_total", 7.0);
    assert!(daemon.stop().expect("it stops").success());
    let server = stand.server.as_ref().expect("it runs");
    let told = server.metric("fluoro_telemetry_segments_total{fate=\"sent\"}");
    assert_eq!(told.expect("the server answers"), 7.0);
}

/// What stands in `daemon.md` about the metrics is what there is.
#[test]
fn the_document_names_every_metric_of_the_destinations() {
    let stand = Stand::new();
    let daemon = stand.daemon(&["--spool", &stand.spool()]);
    let page = http::get(daemon.doors.http, "/metrics").expect("an answer").body;
    let document = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/daemon.md"));
    let document = document.expect("the document is there");
    let names = page.lines().filter_map(|line| line.strip_prefix("# TYPE fluoro_forward_"));
    let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
    assert!(names.len() >= 10, "{page}");
    for name in names {
        assert!(document.contains(name), "{name} is not in docs/daemon.md");
    }
}
