//! The program as a person meets it: started, asked, stopped. No test waits for time to pass; each
//! waits for a line or for an end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};

/// A started `serve`; killed when dropped.
struct Program {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    udp: SocketAddr,
    tcp: SocketAddr,
    http: SocketAddr,
}

impl Program {
    /// Starts a command on free ports and reads its greeting.
    fn start(arguments: &[&str]) -> Self {
        let mut child =
            fluoro(&[arguments, &["--udp", "127.0.0.1:0", "--tcp", "127.0.0.1:0"]].concat())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        assert!(line(&mut stdout).ends_with(" is ready.\n"));
        let mut door = |name: &str| -> Option<SocketAddr> {
            let line = line(&mut stdout);
            line.split_whitespace().nth(1).filter(|_| line.contains(name))?.parse().ok()
        };
        let udp = door("UDP").expect("the UDP door is named");
        let tcp = door("TCP").expect("the TCP door is named");
        let http = door("HTTP").expect("the HTTP door is named");
        Self { child, _stdout: stdout, stderr, udp, tcp, http }
    }

    fn serve(folder: &Path) -> Self {
        let folder = folder.join("data");
        let folder = folder.to_str().expect("a path of letters");
        Self::start(&["serve", "--http", "127.0.0.1:0", "--data-dir", folder])
    }

    fn http(&self) -> SocketAddr {
        self.http
    }

    /// Sends a signal by its name.
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.expect("every shell can kill").success());
    }

    /// Waits for its end and returns the code.
    fn end(mut self) -> Option<i32> {
        self.child.wait().expect("it was started here").code()
    }

    fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.end(), Some(0));
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing can be done about a process that is already gone.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn fluoro(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluoro"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (Output, String, String) {
    let output = fluoro(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, erred) = (text(&output.stdout), text(&output.stderr));
    (output, said, erred)
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("text");
    line
}

/// Sends one request and returns head and body of the answer.
fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("loopback");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    answer
}

/// Sends a sample trace and returns its id.
fn send(to: SocketAddr) -> String {
    let (output, said, erred) = run(&["send", "--to", &to.to_string()]);
    assert!(output.status.success(), "{erred}");
    let id = said.split_whitespace().nth(2).expect("sent trace ID").to_owned();
    let command = format!(
        "aws xray batch-get-traces --endpoint-url http://127.0.0.1:2080 --region us-east-1 \
         --trace-ids {id}"
    );
    assert!(said.contains(&command), "{said}");
    id
}

fn assert_holds(http: SocketAddr, id: &str) {
    let answer = ask(http, "POST", "/Traces", &format!("{{\"TraceIds\":[\"{id}\"]}}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for name in ["front", "cart", "payment", "DynamoDB", "ledger@db.shop.example"] {
        assert!(answer.contains(&format!("\\\"name\\\":\\\"{name}\\\"")), "{name}: {answer}");
    }
}

/// Returns the value of a metric without labels.
fn metric(http: SocketAddr, name: &str) -> u64 {
    let page = ask(http, "GET", "/metrics", "");
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.expect("the metric is there").parse().expect("a number")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_sample_trace_survives_a_stop_right_after_it_was_sent() {
    let folder = folder();
    let first = Program::serve(folder.path());
    let ids: Vec<String> = (0..3).map(|_| send(first.udp)).collect();
    first.stop();
    let second = Program::serve(folder.path());
    ids.iter().for_each(|id| assert_holds(second.http(), id));
    second.stop();
}

#[test]
fn what_the_kernel_holds_when_it_is_told_to_stop_is_kept() {
    let folder = folder();
    let first = Program::serve(folder.path());
    // Asleep, it takes nothing; awake again, it finds the signal and the datagrams together. The
    // kernel charges a small datagram with less than 1 KiB of what it granted.
    let count = 2000.min(metric(first.http(), "fluoro_udp_receive_buffer_bytes") / 1024);
    first.signal("STOP");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for number in 0..count {
        let document = format!(
            "{{\"name\":\"a\",\"id\":\"{number:016x}\",\"trace_id\":\"1-6b014f5f-{number:024x}\",\
             \"start_time\":1795247967,\"end_time\":1795247968}}"
        );
        let datagram = wire::datagram::encode(&document);
        socket.send_to(&datagram, first.udp).expect("loopback takes datagrams");
    }
    first.signal("TERM");
    first.signal("CONT");
    assert_eq!(first.end(), Some(0));
    let second = Program::serve(folder.path());
    assert_eq!(metric(second.http(), "fluoro_store_live_documents"), count);
    second.stop();
}

#[test]
fn the_tcp_door_answers_sampling_calls_and_nothing_else() {
    let folder = folder();
    let server = Program::serve(folder.path());
    let report = "{\"SamplingStatisticsDocuments\":[{\"RuleName\":\"Default\",\
                  \"ClientID\":\"abcdefabcdefabcdefabcdef\",\"Timestamp\":1790000000,\
                  \"RequestCount\":1,\"BorrowCount\":0,\"SampledCount\":1}]}";
    let targets = ask(server.tcp, "POST", "/SamplingTargets", report);
    assert!(targets.starts_with("HTTP/1.1 200 OK\r\n"), "{targets}");
    assert!(targets.contains("\"LastRuleModification\":0.0"), "{targets}");
    let bad = ask(server.tcp, "POST", "/SamplingTargets", "{");
    assert!(bad.starts_with("HTTP/1.1 400 "), "{bad}");
    assert!(bad.contains("x-amzn-errortype: SerializationException\r\n"), "{bad}");
    let other = ask(server.tcp, "POST", "/Traces", "{\"TraceIds\":[]}");
    assert!(other.starts_with("HTTP/1.1 404 "), "{other}");
    server.stop();
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let folder = folder();
    let mut server = Program::serve(folder.path());
    let mut half = TcpStream::connect(server.http()).expect("loopback");
    half.write_all(b"POST /TraceSegments HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n")
        .expect("the server reads");
    // An answer to a later request shows that the connection before it was accepted.
    ask(server.http(), "GET", "/healthz", "");
    server.signal("TERM");
    while !line(&mut server.stderr).contains("waiting for requests under way") {}
    server.signal("INT");
    assert_eq!(server.end(), Some(130));
}

#[test]
fn the_environment_comes_before_the_file_and_after_the_flags() {
    let folder = folder();
    let file = folder.path().join("fluoro.toml");
    std::fs::write(&file, "udp = \"192.0.2.1:1\"\ntcp = \"192.0.2.2:2\"\nhttp = \"192.0.2.3:3\"")
        .expect("a file");
    let output = fluoro(&["serve", "--http", "127.0.0.1:0"])
        .env("FLUORO_CONFIG", &file)
        .env("FLUORO_HTTP", "192.0.2.4:4")
        .env("FLUORO_UDP", "127.0.0.1:0")
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let erred = String::from_utf8_lossy(&output.stderr);
    assert!(erred.starts_with("fluoro: TCP 192.0.2.2:2 can be reached from other"), "{erred}");
}

#[test]
fn a_taken_door_ends_it_with_the_way_out() {
    let folder = folder();
    let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = held.local_addr().expect("it is bound").to_string();
    let data = folder.path().join("data");
    let data = data.to_str().expect("a path of letters");
    let free = ["--udp", "127.0.0.1:0", "--data-dir", data];
    for (flag, name, other) in [("--http", "HTTP", "--tcp"), ("--tcp", "TCP", "--http")] {
        let arguments = [&["serve", flag, &address, other, "127.0.0.1:0"], &free[..]].concat();
        let (output, _, erred) = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let expected = format!("fluoro: failed to listen on {name} {address}: it is taken by");
        assert!(erred.contains(&expected), "{erred}");
        assert!(erred.contains(&format!("{flag} 127.0.0.1:0 takes a free port")), "{erred}");
    }
    assert!(!Path::new(data).exists(), "nothing was made");
    let (output, said, _) = run(&["doctor", "--http", &address, "--data-dir", data]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&format!("✗ http {address} is held by another program")), "{said}");
}

#[test]
fn the_doctor_knows_a_server_that_runs() {
    let folder = folder();
    let server = Program::serve(folder.path());
    let (http, udp, tcp) =
        (server.http().to_string(), server.udp.to_string(), server.tcp.to_string());
    let data = folder.path().to_str().expect("a path of letters");
    let (output, said, _) =
        run(&["doctor", "--http", &http, "--udp", &udp, "--tcp", &tcp, "--data-dir", data]);
    for door in [format!("http {http}"), format!("udp {udp}"), format!("tcp {tcp}")] {
        let expected = format!("✓ {door} is held by the Fluoro that runs here");
        assert!(said.contains(&expected), "{said}");
    }
    assert!(said.contains("✓ the Fluoro that runs here is ready"), "{said}");
    assert!(output.status.success(), "{said}");
    server.stop();
}

#[test]
fn every_metric_is_in_the_operators_document() {
    let folder = folder();
    let server = Program::serve(folder.path());
    let page = ask(server.http(), "GET", "/metrics", "");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate.md");
    let document = std::fs::read_to_string(path).expect("the document is there");
    let mut count = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').expect("a name and a kind");
        let shown = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        let is_there = ["`", "{"].iter().any(|end| document.contains(&format!("`{shown}{end}")));
        assert!(is_there, "docs/operate.md lacks {shown}");
        count += 1;
    }
    assert!(count > 30, "{page}");
    server.stop();
}

#[test]
fn the_version_is_printed() {
    let version = format!("fluoro {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["version"]).1, version);
    assert_eq!(run(&["--version"]).1, version);
}

/// Returns the first block's table of segments.
fn table_of_segments(data: &str) -> PathBuf {
    let first = |folder: &Path| {
        let mut entries = std::fs::read_dir(folder).expect("a folder");
        entries.next().expect("something is in it").expect("it can be read").path()
    };
    first(&first(&Path::new(data).join("blocks"))).join("segments.parquet")
}

/// Returns the ids of the traces in an export, each once, in its order.
fn exported_ids(ndjson: &str) -> Vec<String> {
    let id = |line: &str| {
        let at = line.find("\"1-").expect("a trace id") + 1;
        line[at..at + 35].to_owned()
    };
    let mut ids: Vec<String> = ndjson.lines().map(id).collect();
    ids.dedup();
    ids
}

#[test]
fn a_data_directory_is_inspected_verified_and_exported() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().expect("letters").to_owned();
    let data = path("data");
    let arguments = ["--data-dir", &data, "--seal-idle", "1s", "--seal-every", "1s"];
    let server = Program::start(&[&["serve", "--http", "127.0.0.1:0"], &arguments[..]].concat());
    let mut ids: Vec<String> = (0..3).map(|_| send(server.udp)).collect();
    while metric(server.http(), "fluoro_store_block_traces") < 3 {}
    ids.push(send(server.udp));
    let (output, said, erred) = run(&["store", "inspect", &data]);
    assert!(output.status.success(), "while it runs: {said}{erred}");
    server.stop();
    ids.sort();

    let (output, said, _) = run(&["store", "inspect", "--json", &data]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("\"name\":\"segments.parquet\""), "{said}");
    let table = table_of_segments(&data);
    let block = table.parent().and_then(Path::file_name).expect("a block's folder");
    let block = block.to_str().expect("letters");
    let (output, said, _) = run(&["store", "inspect", "--block", block, &data]);
    assert!(output.status.success(), "{said}");
    for part in ["\n  trace_id ", "DELTA_BYTE_ARRAY", "\n  trace filter ", "\nrollup.bin: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (output, said, erred) = run(&["store", "verify", &data]);
    assert!(output.status.success(), "{said}{erred}");
    assert!(said.ends_with("\nEverything is as it was written.\n"), "{said}");
    let (output, said, erred) = run(&["store", "export", &data, "--to", "-"]);
    assert!(output.status.success(), "{erred}");
    assert_eq!(exported_ids(&said), ids);
    let tables = path("tables");
    let (output, _, erred) =
        run(&["store", "export", &data, "--format", "parquet", "--to", &tables]);
    assert!(output.status.success(), "{erred}");
    assert!(Path::new(&tables).join("log/traces.parquet").exists(), "the last one is in the log");

    let mut bytes = std::fs::read(&table).expect("the table is there");
    bytes[100] ^= 1;
    std::fs::write(&table, bytes).expect("the table is written");
    let (output, said, _) = run(&["store", "verify", &data]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("✗ {} at byte 0: ", table.display())), "{said}");
    let ndjson = path("rest.ndjson");
    let (output, _, erred) = run(&["store", "export", &data, "--to", &ndjson]);
    assert_eq!(output.status.code(), Some(1), "{erred}");
    assert!(erred.contains(&format!("✗ {} at byte 0: ", table.display())), "{erred}");
    let rest = exported_ids(&std::fs::read_to_string(&ndjson).expect("the rest is written"));
    assert!((1..4).contains(&rest.len()) && rest.last() == ids.last(), "{rest:?}");
    let (output, _, erred) = run(&["store", "export", &data, "--to", &ndjson]);
    assert_eq!(output.status.code(), Some(1), "nothing is written over");
    assert!(erred.starts_with("fluoro: failed to write "), "{erred}");
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let folder = folder();
    let data = folder.path().join("none");
    let (output, _, erred) = run(&["store", "inspect", data.to_str().expect("letters")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(erred, format!("fluoro: there is no folder {}\n", data.display()));
    assert!(!data.exists());
}
