//! The demo as a newcomer meets it: the real program beside a real server, broken from outside,
//! healed, and stopped.

use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{fs, io};

use fluoro_tests::program::{self, epoch_secs, now, until};
use fluoro_tests::{Program, http};
use serde_json::{Map, Value, json};

/// How soon the graph must be complete. Source: acceptance checks of the demo.
const COMPLETE: Duration = Duration::from_secs(15);

/// How soon a fault must be seen. Source: acceptance checks of the demo.
const SEEN: Duration = Duration::from_secs(10);

/// The most memory a demo may take, in bytes. Source: acceptance checks of the demo.
const RSS_BYTES_MAX: u64 = 300 << 20;

/// The most of a core that a demo may take. Source: acceptance checks of the demo.
const CPU_MAX: f64 = 0.3;

/// Units of the times in `/proc`. Source: `sysconf(_SC_CLK_TCK)` on Linux, always.
const TICKS_PER_SEC: f64 = 100.0;

/// Greetings over which the cadence is measured.
const GREETINGS: usize = 9;

/// A demo that runs; killed when dropped.
struct Demo {
    child: Child,
    control: SocketAddr,
    ports: Vec<SocketAddr>,
}

impl Demo {
    fn start(server: &Program, folder: &tempfile::TempDir, arguments: &[&str]) -> Self {
        let ready = folder.path().join("demo.json");
        let child = Command::new(program::built())
            .args(["demo", "--control", "127.0.0.1:0", "--server"])
            .arg(format!("http://{}", server.doors.http))
            .args(["--daemon", &server.doors.udp.to_string(), "--ready-file"])
            .arg(&ready)
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .expect("fluoro starts");
        // Owned at once, so that it ends when this test fails.
        let mut demo = Self { child, control: server.doors.http, ports: Vec::new() };
        let text = until("the demo", || {
            assert!(demo.child.try_wait().expect("it is ours").is_none(), "the demo has ended");
            fs::read_to_string(&ready).ok()
        });
        let doors: Map<String, Value> = serde_json::from_str(&text).expect("JSON");
        let address = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        demo.control = address(&doors["control"]).expect("an address");
        demo.ports = doors.values().filter_map(address).collect();
        demo
    }

    /// Tells it something from another terminal, as it were.
    fn tell(&self, words: &[&str]) -> String {
        let output = Command::new(program::built())
            .arg("demo")
            .args(words)
            .args(["--control", &self.control.to_string()])
            .output()
            .expect("fluoro starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    fn rss_bytes_max(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("Linux says so") * 1024
    }

    /// Returns the time for which it had a processor.
    fn cpu_secs(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let status = status.expect("it runs");
        // The name, in parentheses, may contain anything.
        let (_, numbers) = status.rsplit_once(')').expect("a name");
        let ticks = numbers.split_whitespace().skip(11).take(2);
        ticks.map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS_PER_SEC
    }

    /// Interrupts it, as Ctrl-C does.
    fn interrupt(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.expect("every shell can kill").success());
        until("the demo's end", || self.child.try_wait().expect("it is ours"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A service graph as it came.
struct Graph(Vec<Value>);

impl Graph {
    /// Asks for the graph of the last minutes.
    fn of(server: &Program) -> Self {
        let seconds = epoch_secs();
        let body = json!({ "StartTime": seconds - 300, "EndTime": seconds + 60 }).to_string();
        let answer = http::post(server.doors.http, "/ServiceGraph", &body).expect("an answer");
        Self(answer.json()["Services"].as_array().cloned().expect("services"))
    }

    fn edge_count(&self) -> usize {
        self.0.iter().filter_map(|node| node["Edges"].as_array()).map(Vec::len).sum()
    }

    /// Returns the sum of a statistic over the nodes of a name that are no clients.
    fn count(&self, name: &str, pointer: &str) -> u64 {
        self.nodes(name).filter_map(|node| node.pointer(pointer)?.as_u64()).sum()
    }

    /// Returns the faults of the edges from one node to another.
    fn edge_faults(&self, from: &str, to: &str) -> u64 {
        let targets: Vec<_> = self.nodes(to).map(|node| &node["ReferenceId"]).collect();
        let edges = self.nodes(from).filter_map(|node| node["Edges"].as_array()).flatten();
        let edges = edges.filter(|edge| targets.contains(&&edge["ReferenceId"]));
        edges.filter_map(|edge| edge.pointer(FAULTS)?.as_u64()).sum()
    }

    /// Returns whether messages go from a queue to the node of this name.
    fn links_queue_to(&self, name: &str) -> bool {
        let targets: Vec<_> = self.nodes(name).map(|node| &node["ReferenceId"]).collect();
        let queues = self.0.iter().filter(|node| node["Type"] == "AWS::SQS::Queue");
        let mut edges = queues.filter_map(|node| node["Edges"].as_array()).flatten();
        edges.any(|edge| edge["EdgeType"] == "link" && targets.contains(&&edge["ReferenceId"]))
    }

    fn nodes(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |node| node["Name"] == name && node["Type"] != "client")
    }
}

const OK: &str = "/SummaryStatistics/OkCount";
const FAULTS: &str = "/SummaryStatistics/FaultStatistics/TotalCount";

/// What the graph of the demo must show, by name.
const NODES: [&str; 13] = [
    "front-end",
    "back-end",
    "web",
    "api",
    "recommendations",
    "inventory",
    "orders",
    "payments",
    "worker",
    "mailer",
    "stock",
    "shop@orders-db.example",
    "api.bank.example",
];

#[test]
fn a_newcomer_sees_it_breaks_it_and_heals_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = start_server(&folder);
    let logs = folder.path().join("demo.log");
    let begin = now();
    let arguments = ["--rate", "10", "--logs", logs.to_str().expect("a path of ours")];
    let demo = Demo::start(&server, &folder, &arguments);
    until("the whole graph", || {
        let graph = Graph::of(&server);
        let is_there = |name: &&str| graph.count(name, OK) > 0;
        let is_whole = graph.edge_count() >= 14 && graph.links_queue_to("worker");
        (NODES.iter().all(is_there) && is_whole).then_some(())
    });
    assert!(begin.elapsed() <= COMPLETE, "the graph took {:?}", begin.elapsed());

    demo.tell(&["break", "bank-timeout", "--for", "1m"]);
    check_one_node_breaks_and_heals(&server, &demo);
    let failed_greeting = check_reason(&server);
    until("the bank's fault", || summaries(&server, PAYMENTS_FAIL).first().map(drop));
    check_listed_alike(&demo);
    check_cadence(&server);
    check_sampling_rule(&server, &demo);

    let (rss, cpu) = (demo.rss_bytes_max(), demo.cpu_secs() / begin.elapsed().as_secs_f64());
    assert!(rss <= RSS_BYTES_MAX, "the demo took {rss} bytes");
    assert!(cpu <= CPU_MAX, "the demo took {cpu} of a core");
    check_nothing_is_left(demo);
    assert_eq!(sampling_rules(&server), ["Default"], "it was broken when the demo ended");
    check_log(&fs::read_to_string(&logs).expect("a log"), &failed_greeting);
}

/// A filter expression of the acceptance checks.
const PAYMENTS_FAIL: &str = r#"service("payments") AND fault"#;

fn check_one_node_breaks_and_heals(server: &Program, demo: &Demo) {
    let said = demo.tell(&["break", "backend", "--for", "1m"]);
    assert!(said.starts_with("broken for 1m: back-end refuses connections\n"), "{said}");
    let broken = now();
    until("the fault", || {
        let graph = Graph::of(server);
        let faults = [
            graph.count("back-end", FAULTS),
            graph.count("front-end", FAULTS),
            graph.edge_faults("front-end", "back-end"),
        ];
        faults.iter().all(|count| *count > 0).then_some(())
    });
    assert!(broken.elapsed() <= SEEN, "the fault took {:?}", broken.elapsed());
    assert!(demo.tell(&["faults"]).starts_with("backend        broken, "));
    assert_eq!(demo.tell(&["fix", "backend"]), "fixed: backend\n");
    let before = Graph::of(server).count("back-end", OK);
    until("the healing", || (Graph::of(server).count("back-end", OK) > before + 1).then_some(()));
    assert_eq!(Graph::of(server).nodes("back-end").count(), 1, "up and down it is one node");
}

/// `fluoro demo faults` names what programs and the page are told.
fn check_listed_alike(demo: &Demo) {
    let told = demo.tell(&["faults"]);
    let named = told.lines().filter_map(|line| line.split_whitespace().next());
    let door = demo.control;
    let request = format!("GET /faults HTTP/1.1\r\nHost: {door}\r\nConnection: close\r\n\r\n");
    let listed = http::exchange(door, request.as_bytes()).expect("an answer").json();
    let listed = listed.as_array().expect("a list");
    let listed = listed.iter().filter_map(|fault| fault["name"].as_str());
    assert_eq!(named.collect::<Vec<_>>(), listed.collect::<Vec<_>>());
}

/// The fault `sampling` is a rule of the server while it lasts; it is left broken.
fn check_sampling_rule(server: &Program, demo: &Demo) {
    let wait_for = |rules: &[&str]| {
        until("the rules", || (sampling_rules(server) == rules).then_some(()));
    };
    for (verb, rules) in [
        ("break", &["Default", "demo-sampling"][..]),
        ("fix", &["Default"]),
        ("break", &["Default", "demo-sampling"]),
    ] {
        demo.tell(&[verb, "sampling"]);
        wait_for(rules);
    }
}

/// Returns the names of the server's sampling rules, sorted.
fn sampling_rules(server: &Program) -> Vec<String> {
    let answer = http::post(server.doors.http, "/GetSamplingRules", "{}").expect("an answer");
    let answer = answer.json();
    let records = answer["SamplingRuleRecords"].as_array().expect("records").iter();
    let names = records.filter_map(|it| it.pointer("/SamplingRule/RuleName")?.as_str());
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names
}

/// Every line is an object with a trace, and the lines of a trace say what went wrong in it.
fn check_log(log: &str, failed_greeting: &str) {
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        assert!(line["time"].is_string() && line["message"].is_string(), "{line}");
        assert!(line["trace_id"].is_string(), "{line}");
    }
    let mut found = lines.iter().filter(|line| line["trace_id"] == failed_greeting);
    let line = found.find(|line| line["level"] == "ERROR").expect("a line of the greeting");
    let message = line["message"].as_str().unwrap_or_default();
    assert_eq!(line["service"], "front-end");
    assert!(message.ends_with("back-end does not answer: connection refused"), "{message}");
}

/// The trace of a failed greeting says why; returns its id.
fn check_reason(server: &Program) -> String {
    let failed = summaries(server, r#"service("front-end") AND fault"#);
    let services = failed[0]["FaultRootCauses"][0]["Services"].as_array().expect("services");
    let text = json!(services).to_string();
    assert!(text.contains("connection refused"), "{text}");
    failed[0]["Id"].as_str().expect("an id").to_owned()
}

/// Between the first and the last of some greetings lies a second for each.
fn check_cadence(server: &Program) {
    let starts = until("enough greetings", || {
        let found = summaries(server, r#"service("front-end")"#);
        let starts: Vec<f64> = found.iter().filter_map(|it| it["StartTime"].as_f64()).collect();
        (starts.len() >= GREETINGS).then_some(starts)
    });
    let first = starts.iter().copied().fold(f64::MAX, f64::min);
    let last = starts.iter().copied().fold(f64::MIN, f64::max);
    let per_second = (starts.len() - 1) as f64 / (last - first);
    assert!((0.95..=1.05).contains(&per_second), "{per_second} greetings a second");
}

fn check_nothing_is_left(demo: Demo) {
    let ports = demo.ports.clone();
    assert!(ports.len() > 12, "{ports:?}");
    let status = demo.interrupt();
    assert!(status.success(), "{status}");
    for port in ports {
        let gone = TcpStream::connect(port).expect_err("nobody listens any more");
        assert_eq!(gone.kind(), io::ErrorKind::ConnectionRefused, "{port}");
    }
}

#[test]
fn a_past_is_told_and_labelled() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = start_server(&folder);
    let arguments = ["--history", "30m", "--scene", "shop", "--seed", "7", "--rate", "0.01"];
    let demo = Demo::start(&server, &folder, &arguments);
    let seconds = epoch_secs();
    let body = json!({
        "StartTime": seconds - 1_500, "EndTime": seconds - 900,
        "FilterExpression": r#"annotation.demo = "history" AND service("payments")"#,
    });
    let answer = http::post(server.doors.http, "/TraceSummaries", &body.to_string());
    let found = answer.expect("an answer").json();
    // Two in five of the visits, of which there is one each five seconds, for ten minutes.
    let orders = found["TraceSummaries"].as_array().expect("summaries").len();
    assert!((25..75).contains(&orders), "{orders} orders");
    let times = found["TraceSummaries"][0]["StartTime"].as_f64().expect("a time");
    assert!(times < (seconds - 900) as f64, "{times}");
    assert!(demo.interrupt().success());
}

#[test]
fn a_verb_without_a_demo_says_what_to_start() {
    // A UDP port: nobody listens on the TCP port of the same number.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("an address").to_string();
    let output = Command::new(program::built())
        .args(["demo", "break", "latency", "--control", &address])
        .output()
        .expect("fluoro starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!("fluoro: no demo listens at {address}: start `fluoro demo`, or");
    assert!(!output.status.success() && said.starts_with(&expected), "{said}");
}

fn start_server(folder: &tempfile::TempDir) -> Program {
    Program::start(program::built(), folder.path(), &[]).expect("fluoro starts")
}

/// Returns the summaries of the last minutes' traces that match.
fn summaries(server: &Program, expression: &str) -> Vec<Value> {
    let seconds = epoch_secs();
    let body = json!({
        "StartTime": seconds - 300, "EndTime": seconds + 60, "FilterExpression": expression,
    });
    let answer = http::post(server.doors.http, "/TraceSummaries", &body.to_string());
    let found = answer.expect("an answer").json();
    found["TraceSummaries"].as_array().cloned().unwrap_or_default()
}
