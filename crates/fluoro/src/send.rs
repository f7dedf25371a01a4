//! `fluoro send`: puts sample traces into the UDP door, the way an SDK does.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use wire::Clock;

use crate::Failure;
use crate::sample::{Sample, sample};
use crate::say::say;
use crate::signals::Signals;

/// What to send, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct SendArguments {
    /// The UDP door of a Fluoro server, a Fluoro daemon or an X-Ray daemon: HOST:PORT, or as the
    /// X-Ray SDKs take it, "tcp:HOST:PORT udp:HOST:PORT".
    #[arg(long, env = "AWS_XRAY_DAEMON_ADDRESS", value_name = "ADDR")]
    #[arg(default_value = "127.0.0.1:2000")]
    to: String,

    /// The API of the server that gets the traces; only to print how to read them.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:2080")]
    endpoint: String,

    /// How many traces to send; 1, or with --every as many as come until Ctrl-C.
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// The pause between two traces, such as 500ms, 2s or 1m.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    every: Option<Duration>,
}

/// Sends the traces and prints what was sent.
///
/// # Errors
/// When a datagram cannot be sent; a door nobody listens at is noticed on some systems only.
pub(crate) fn send(arguments: &SendArguments, clock: &dyn Clock) -> Result<(), Failure> {
    let to = resolve(&arguments.to)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(send_all(arguments, to, clock))?)
}

async fn send_all(arguments: &SendArguments, to: SocketAddr, clock: &dyn Clock) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let socket = UdpSocket::bind(if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })?;
    socket.connect(to).map_err(explain(to))?;
    let mut random = fastrand::Rng::new();
    let mut ticks = tokio::time::interval(arguments.every.unwrap_or(PAUSE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let count = arguments.count.unwrap_or(if arguments.every.is_some() { u64::MAX } else { 1 });
    for number in 1..=count {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = signals.next() => return Ok(()),
        }
        let sample = sample(clock.now(), &mut random);
        for document in &sample.documents {
            socket.send(&wire::datagram::encode(document)).map_err(explain(to))?;
        }
        report(number, &sample, &arguments.endpoint);
    }
    Ok(())
}

/// The pause between two traces when none is asked for: long enough for the system to say that
/// nobody listens.
const PAUSE: Duration = Duration::from_millis(1);

/// Finds the address to send to in what the X-Ray SDKs understand.
fn resolve(text: &str) -> Result<SocketAddr, Failure> {
    let one = text.split_whitespace().find_map(|part| part.strip_prefix("udp:")).unwrap_or(text);
    let found = one.to_socket_addrs().map(|addresses| {
        let addresses: Vec<SocketAddr> = addresses.collect();
        // SDKs speak IPv4, so the doors do unless told otherwise.
        addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied()
    });
    match found {
        Ok(Some(address)) => Ok(address),
        Ok(None) => Err(format!("{one} has no address").into()),
        Err(error) => Err(format!(
            "--to {text}: {error}; write HOST:PORT, or \"tcp:HOST:PORT udp:HOST:PORT\""
        )
        .into()),
    }
}

fn report(number: u64, sample: &Sample, endpoint: &str) {
    let outcome = if sample.is_faulty { "  (this order failed)" } else { "" };
    say(format_args!("sent trace {}{outcome}", sample.id));
    if number == 1 {
        say(format_args!(
            "read it with:\n    aws xray batch-get-traces --endpoint-url {endpoint} \
             --region us-east-1 --trace-ids {}",
            sample.id
        ));
    }
}

/// Names the door that refused: the system's error does not.
fn explain(to: SocketAddr) -> impl Fn(io::Error) -> io::Error {
    move |error| match error.kind() {
        io::ErrorKind::ConnectionRefused => io::Error::new(
            error.kind(),
            format!("nothing listens at udp {to}: start `fluoro serve`, or say where with --to"),
        ),
        kind => io::Error::new(kind, format!("send to udp {to}: {error}")),
    }
}

/// Reads a number with a unit: `ms`, `s` or `m`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "a number with a unit, such as 2s".to_owned())?;
    match &text[digits.len()..] {
        "ms" if number > 0 => Ok(Duration::from_millis(number)),
        "s" if number > 0 => Ok(Duration::from_secs(number)),
        "m" if number > 0 => Ok(Duration::from_secs(number * 60)),
        "ms" | "s" | "m" => Err("a pause longer than nothing".to_owned()),
        unit => Err(format!("'{unit}' is none of the units ms, s and m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_given_as_the_sdks_take_it() {
        for text in ["127.0.0.1:9", "tcp:127.0.0.1:8 udp:127.0.0.1:9", "udp:127.0.0.1:9 tcp:a:8"] {
            assert_eq!(resolve(text).expect("an address").to_string(), "127.0.0.1:9", "{text}");
        }
        assert_eq!(resolve("[::1]:9").expect("an address").to_string(), "[::1]:9");
        assert_eq!(resolve("localhost:9").expect("an address").to_string(), "127.0.0.1:9");
        for text in ["", "127.0.0.1", "tcp:127.0.0.1:8", "127.0.0.1:x"] {
            let problem = resolve(text).expect_err("no address").to_string();
            assert!(problem.contains("HOST:PORT"), "{text}: {problem}");
        }
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_duration("3m"), Ok(Duration::from_secs(180)));
        for text in ["", "2", "s", "2h", "-1s", "0s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
