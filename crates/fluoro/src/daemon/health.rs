//! `fluoro daemon health`: asks the daemon on this machine how it is, for images without a shell.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use super::words::variable;
use crate::doors::parse_address;
use crate::say::say;

/// How long each step may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// More of an answer is not looked at.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Asks, says the answer, and returns 0 when all is well, else 1.
///
/// Without an address that of `FLUORO_HEALTH` is asked, and without that the door for sampling calls,
/// which every daemon has: that it answers at all is good news.
pub(super) fn ask(words: &[String]) -> ExitCode {
    let health = variable("FLUORO_HEALTH").filter(|address| !address.is_empty());
    let (address, path) = match (words, health) {
        ([], None) => (daemon::Config::DOOR.to_string(), "/"),
        ([], Some(address)) => (address, "/healthz"),
        ([address], _) => (address.clone(), "/healthz"),
        _ => {
            eprintln!("fluoro: daemon health takes one address, such as 127.0.0.1:2001");
            return ExitCode::from(2);
        }
    };
    let answer = parse_address(&reachable(&address)).and_then(|address| {
        get(address, path).map_err(|error| format!("{address} does not answer: {error}"))
    });
    match answer {
        Ok(answer) if is_well(&answer, path) => {
            say(format_args!("ok"));
            ExitCode::SUCCESS
        }
        Ok(answer) => {
            eprintln!("fluoro: {address} says {}", answer.lines().next().unwrap_or("nothing"));
            ExitCode::FAILURE
        }
        Err(problem) => {
            eprintln!("fluoro: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Returns where to ask a daemon that listens on every address.
fn reachable(address: &str) -> String {
    match address.strip_prefix("0.0.0.0:").or_else(|| address.strip_prefix(':')) {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.replace("[::]:", "[::1]:"),
    }
}

/// Whether the answer is a good one. At the door for sampling calls every answer is.
fn is_well(answer: &str, path: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 ") || (path == "/" && answer.starts_with("HTTP/1.1 "))
}

fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_here() {
        for (address, asked) in [
            ("0.0.0.0:2001", "127.0.0.1:2001"),
            (":2001", "127.0.0.1:2001"),
            ("[::]:2001", "[::1]:2001"),
            ("10.0.0.7:2001", "10.0.0.7:2001"),
        ] {
            assert_eq!(reachable(address), asked);
        }
    }

    #[test]
    fn every_answer_of_the_sampling_door_is_good_and_of_health_only_200() {
        assert!(is_well("HTTP/1.1 200 OK\r\n", "/healthz"));
        assert!(!is_well("HTTP/1.1 404 Not Found\r\n", "/healthz"));
        assert!(is_well("HTTP/1.1 404 Not Found\r\n", "/"));
        assert!(!is_well("SSH-2.0", "/"));
    }
}
