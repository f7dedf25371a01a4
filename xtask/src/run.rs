//! `run`: a server on this machine and the demo beside it, until Ctrl-C.
//!
//! The server and the demo are two children, each in a process group of its own: Ctrl-C reaches
//! this program alone, which then asks them to stop, the demo first, and waits for both.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::cache::Cache;
use crate::command::{Line, built, root};
use crate::say::{say, step};

/// How long to wait between two looks at the children and the server's door.
const TICK: Duration = Duration::from_millis(100);

/// Builds and starts the server and the demo, and returns when both have stopped.
pub(crate) fn run(own: &[String], passed_on: &[String]) -> Result<(), String> {
    if let Some(word) = own.first() {
        return Err(format!("run does not know `{word}`; put what is for the server after `--`"));
    }
    let cache = Cache::open();
    build_console()?;
    let build = cache.cargo("build --package fluoro");
    step("build", &build);
    build.run()?;
    let fluoro = built(&cache.target, "debug", "fluoro");

    let stop = Stop::on_signals()?;
    let ready_file = cache.target.join(format!("run-{}.json", std::process::id()));
    let serve = Line::new(&fluoro, "serve --ready-file").args([&ready_file]).args(passed_on);
    step("serve", &serve);
    let mut server = start(&serve, Stdio::inherit())?;
    let doors = wait_until_ready(&mut server, &ready_file, &stop);
    // It was there if the server came so far, and is of no use to anyone else.
    std::fs::remove_file(&ready_file).ok();
    if let Some(doors) = doors? {
        let logs = cache.target.join("demo.log");
        let mut demo = Demo::start(&fluoro, &doors, [&ready_file, &logs], &stop)?;
        if let Some(control) = &demo.control {
            greet(&doors, control, [&fluoro, &logs]);
        }
        watch(&mut server, &mut demo.child, &stop)?;
        say("\nstopping");
        end(&mut demo.child, &stop)?;
    }
    let status = end(&mut server, &stop)?;
    if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
}

/// Builds the console when Node.js is there. Without it the server says how the console is built.
pub(crate) fn build_console() -> Result<(), String> {
    let npm = |args| Line::new("npm", "--prefix console").args([args]);
    if npm("--version").output().is_none() {
        say("Node.js is not here: the server comes without its console");
        return Ok(());
    }
    if !packages_are_fresh() {
        let install = npm("ci").args(["--ignore-scripts", "--no-audit", "--no-fund"]);
        step("console packages", &install);
        install.run()?;
    }
    let build = npm("run").args(["build"]);
    step("console", &build);
    build.run()
}

/// Returns whether what npm installed is as new as the list of what to install.
fn packages_are_fresh() -> bool {
    let changed = |path| root().join(path).metadata().and_then(|file| file.modified()).ok();
    let installed = changed("console/node_modules/.package-lock.json");
    installed.is_some() && installed >= changed("console/package-lock.json")
}

/// The addresses that the server listens on and that we talk to.
#[derive(Debug, PartialEq)]
struct Doors {
    /// Datagrams.
    udp: String,
    /// The sampling calls of the SDKs.
    tcp: String,
    /// The API.
    http: String,
}

/// Returns an address from a ready file: one JSON object of addresses, which need no escapes.
fn address(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Where the demo is told what to break, unless that is taken.
const CONTROL: &str = "127.0.0.1:2090";

/// The demo.
struct Demo {
    child: Child,
    /// Its control door; absent when it did not come so far.
    control: Option<String>,
}

impl Demo {
    /// Starts the demo and waits until its doors are open, or it has ended. It writes two files: one
    /// that says where its doors are, and its log lines.
    fn start(
        fluoro: &Path,
        doors: &Doors,
        [ready_file, logs]: [&Path; 2],
        stop: &Stop,
    ) -> Result<Self, String> {
        // Another demo may run here; this one then takes any port.
        let is_free = TcpListener::bind(CONTROL).is_ok();
        let line = Line::new(fluoro, "demo --daemon")
            .args([&doors.daemon(), "--server", &format!("http://{}", doors.http)])
            .args(["--control", if is_free { CONTROL } else { "127.0.0.1:0" }])
            .args([Path::new("--logs"), logs, Path::new("--ready-file"), ready_file]);
        step("demo", &line);
        let mut child = start(&line, Stdio::null())?;
        let mut control = None;
        while control.is_none() && exit_status(&mut child)?.is_none() && !stop.is_asked() {
            let text = std::fs::read_to_string(ready_file).ok();
            control = text.and_then(|text| address(&text, "control"));
            tick();
        }
        std::fs::remove_file(ready_file).ok();
        Ok(Self { child, control })
    }
}

impl Doors {
    /// Reads the server's ready file.
    fn read(text: &str) -> Option<Self> {
        let member = |name: &str| address(text, name);
        Some(Self { udp: member("udp")?, tcp: member("tcp")?, http: member("http")? })
    }

    /// Returns the address as the SDKs take it from the environment.
    fn daemon(&self) -> String {
        let Self { udp, tcp, .. } = self;
        if udp == tcp { udp.clone() } else { format!("tcp:{tcp} udp:{udp}") }
    }

    /// Returns whether the server answers that it is ready.
    fn answer_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(&self.http)?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            let host = &self.http;
            write!(stream, "GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.split(' ').nth(1) == Some("200"))
        };
        ask().unwrap_or(false)
    }
}

/// Set by the signals that ask this program to end.
struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Starts to listen; from here on the signals no longer end this program.
    fn on_signals() -> Result<Self, String> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag))
                .map_err(|cause| format!("failed to wait for signal {signal}: {cause}"))?;
        }
        Ok(Self(flag))
    }

    /// Returns whether a signal came since the last call to `asked`.
    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns whether a signal came since the last call.
    fn asked(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

fn start(line: &Line, output: Stdio) -> Result<Child, String> {
    line.command()
        .stdout(output)
        .process_group(0)
        .spawn()
        .map_err(|cause| format!("failed to start `{line}`: {cause}"))
}

/// Returns the doors when the server is ready, nothing when we were asked to stop before, or the
/// server had no more to do than to print its help.
fn wait_until_ready(
    server: &mut Child,
    ready_file: &Path,
    stop: &Stop,
) -> Result<Option<Doors>, String> {
    loop {
        // Not there, or not read, is not yet there.
        let doors = std::fs::read_to_string(ready_file).ok().and_then(|text| Doors::read(&text));
        if let Some(doors) = doors.filter(Doors::answer_ready) {
            return Ok(Some(doors));
        }
        if stop.asked() {
            return Ok(None);
        }
        if let Some(status) = exit_status(server)? {
            if status.success() {
                return Ok(None);
            }
            return Err(format!(
                "the server ended before it was ready, with {status}\n\
                 what it asks for goes after `--`; other doors, for example:\n    \
                 cargo xtask run -- --udp 127.0.0.1:2001 --tcp 127.0.0.1:2001 --http 127.0.0.1:2081"
            ));
        }
        tick();
    }
}

/// Returns when we are asked to stop or the server ends; says so when the demo ends.
fn watch(server: &mut Child, demo: &mut Child, stop: &Stop) -> Result<(), String> {
    let mut is_running = true;
    while !stop.asked() && exit_status(server)?.is_none() {
        if is_running && let Some(status) = exit_status(demo)? {
            say(format_args!("no more traces: the demo ended with {status}"));
            is_running = false;
        }
        tick();
    }
    Ok(())
}

/// Asks a child to stop and waits for it. At the second Ctrl-C it is ended by force.
fn end(child: &mut Child, stop: &Stop) -> Result<ExitStatus, String> {
    if exit_status(child)?.is_none() {
        // The standard library can only end by force; every shell can ask.
        Line::new("sh", "-c").args(["kill -TERM \"$0\"", &child.id().to_string()]).output();
    }
    loop {
        if let Some(status) = exit_status(child)? {
            return Ok(status);
        }
        if stop.asked() {
            child.kill().map_err(|cause| format!("failed to end a child: {cause}"))?;
        }
        tick();
    }
}

fn exit_status(child: &mut Child) -> Result<Option<ExitStatus>, String> {
    child.try_wait().map_err(|cause| format!("failed to look at a child: {cause}"))
}

#[expect(clippy::disallowed_methods, reason = "another program's door can only be looked at again")]
fn tick() {
    std::thread::sleep(TICK);
}

/// Says where everything is and what to try next.
fn greet(doors: &Doors, control: &str, [fluoro, logs]: [&Path; 2]) {
    let http = &doors.http;
    let daemon = doors.daemon();
    let flag = if control == CONTROL { String::new() } else { format!(" --control {control}") };
    say(format_args!(
        r#"
The console:                   http://{http}/console/
The X-Ray API answers at       http://{http}
The demo can be broken at      http://{control}

A front-end calls a back-end once a second, and visitors come to a shop of eight services.
Things to try, in another terminal:

1. See the service graph of the last minute with the AWS CLI:
   aws xray get-service-graph --endpoint-url http://{http} --region us-east-1 --no-sign-request \
     --start-time $(($(date +%s) - 60)) --end-time $(date +%s) --output table --query 'Services[].{{
     name:Name,type:Type,ok:SummaryStatistics.OkCount,fault:SummaryStatistics.FaultStatistics.TotalCount}}'

2. Break the back-end, ask again, and find out what is wrong:
   {fluoro} demo break backend{flag}
   aws xray get-trace-summaries --endpoint-url http://{http} --region us-east-1 --no-sign-request \
     --start-time $(($(date +%s) - 60)) --end-time $(date +%s) --filter-expression fault \
     --query 'TraceSummaries[0].FaultRootCauses[0].Services[0].EntityPath[].Exceptions[].Message'

3. Heal it, and see what else can be broken:
   {fluoro} demo fix backend{flag}
   {fluoro} demo faults{flag}

4. Read what the services logged in a trace, whose id is on its page in the console:
   grep TRACE-ID {logs}

5. Send a trace of your own with the X-Ray SDK for Python (examples/ has more):
   AWS_XRAY_DAEMON_ADDRESS="{daemon}" python3 -c "from aws_xray_sdk.core import xray_recorder as x; \
     x.configure(sampling=False); x.begin_segment('hello'); x.end_segment()"

docs/demo.md shows what you will see. Ctrl-C stops everything."#,
        fluoro = fluoro.display(),
        logs = logs.display(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_file_names_the_doors() {
        let text = r#"{"http":"127.0.0.1:1","udp":"127.0.0.1:2","tcp":"127.0.0.1:2","pid":7}"#;
        let doors = Doors::read(text).unwrap();
        assert_eq!((doors.http.as_str(), doors.daemon().as_str()), ("127.0.0.1:1", "127.0.0.1:2"));
        let moved = Doors::read(&text.replace(":2\",\"pid", ":3\",\"pid")).unwrap();
        assert_eq!(moved.daemon(), "tcp:127.0.0.1:3 udp:127.0.0.1:2");
        assert_eq!(Doors::read(&text[..40]), None);
    }

    #[test]
    fn a_server_that_is_not_there_is_not_ready() {
        // A UDP port: nobody listens on the TCP port of the same number.
        let http = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let doors = Doors { udp: String::new(), tcp: String::new(), http: http.to_string() };
        assert!(!doors.answer_ready());
    }
}
