//! `run`: a server on this machine with sample traces coming in, until Ctrl-C.
//!
//! The server and the sender are two children, each in a process group of its own: Ctrl-C reaches
//! this program alone, which then asks them to stop, the sender first, and waits for both.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::cache::Cache;
use crate::command::{Line, built};
use crate::say::{say, step};

/// How long to wait between two looks at the children and the server's door.
const TICK: Duration = Duration::from_millis(100);

/// Builds and starts the server and the sender, and returns when both have stopped.
pub(crate) fn run(own: &[String], passed_on: &[String]) -> Result<(), String> {
    if let Some(word) = own.first() {
        return Err(format!("run does not know `{word}`; put what is for the server after `--`"));
    }
    let cache = Cache::open();
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
        let send = Line::new(&fluoro, "send --every 2s --to").args([&doors.udp]);
        let send = send.args(["--endpoint", &format!("http://{}", doors.http)]);
        let mut sender = start(&send, Stdio::null())?;
        greet(&doors, &fluoro);
        watch(&mut server, &mut sender, &stop)?;
        say("\nstopping");
        end(&mut sender, &stop)?;
    }
    let status = end(&mut server, &stop)?;
    if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
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

impl Doors {
    /// Reads the server's ready file: one JSON object of addresses, which need no escapes.
    fn read(text: &str) -> Option<Self> {
        let member = |name: &str| {
            let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
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

/// Returns when we are asked to stop or the server ends; says so when the sender ends.
fn watch(server: &mut Child, sender: &mut Child, stop: &Stop) -> Result<(), String> {
    let mut sending = true;
    while !stop.asked() && exit_status(server)?.is_none() {
        if sending && let Some(status) = exit_status(sender)? {
            say(format_args!("no more sample traces: the sender ended with {status}"));
            sending = false;
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

/// Says where the server is and what to try next.
fn greet(doors: &Doors, fluoro: &Path) {
    let http = &doors.http;
    let daemon = doors.daemon();
    say(format_args!(
        r#"
Fluoro runs at http://{http}, and a sample trace comes in every two seconds.

Three next things to try, in another terminal:

1. Ask for the last ten minutes with the AWS CLI:
   aws xray get-trace-summaries --endpoint-url http://{http} --region us-east-1 --no-sign-request \
     --start-time $(($(date +%s) - 600)) --end-time $(date +%s)

2. Send a trace of your own with the X-Ray SDK for Python:
   AWS_XRAY_DAEMON_ADDRESS="{daemon}" python3 -c "from aws_xray_sdk.core import xray_recorder as x; \
     x.configure(sampling=False); x.begin_segment('hello'); x.end_segment()"

3. Let Fluoro look at itself:
   {fluoro} doctor

Ctrl-C stops it."#,
        fluoro = fluoro.display(),
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
