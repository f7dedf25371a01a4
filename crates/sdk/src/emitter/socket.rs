//! The socket to the daemon: found by name, found again when the name moves, in either family.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use wire::{Clock, Micros};

use crate::log::Log;

/// How long a name is taken to be at the address it was found at.
const NAME_SECS: u64 = 60;

/// How long after a failure the daemon is looked for again.
const RETRY_SECS: u64 = 1;

/// How long a datagram may wait for the network, which it never does on one machine.
const WRITE_TIMEOUT: Duration = Duration::from_millis(100);

/// Sends documents to an address that may be a name.
pub(super) struct Socket {
    address: String,
    /// The address is a number, and stays.
    is_fixed: bool,
    socket: Option<UdpSocket>,
    /// When to look for the address again.
    next_look: Micros,
    clock: Arc<dyn Clock>,
    log: Log,
}

/// What became of a document, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// The network took it.
    pub(super) is_taken: bool,
    /// Nobody took the one before it, although the network had.
    pub(super) is_previous_lost: bool,
}

fn is_refused<T>(result: &io::Result<T>) -> bool {
    result.as_ref().is_err_and(|cause| cause.kind() == ErrorKind::ConnectionRefused)
}

impl Socket {
    pub(super) fn new(address: &str, clock: Arc<dyn Clock>, log: Log) -> Self {
        let is_fixed = address.parse::<SocketAddr>().is_ok();
        let next_look = Micros(0);
        Self { address: address.to_owned(), is_fixed, socket: None, next_look, clock, log }
    }

    /// Sends the datagram of a document.
    pub(super) fn send(&mut self, datagram: &[u8]) -> Sent {
        let Some(socket) = self.find() else { return Sent::default() };
        let first = socket.send(datagram);
        // That nobody listens is said one datagram late, in the place of sending the next.
        let is_late = is_refused(&first);
        let sent = if is_late { socket.send(datagram) } else { first };
        if sent.is_err() && !is_refused(&sent) {
            self.give_up();
        }
        Sent { is_taken: sent.is_ok(), is_previous_lost: is_late }
    }

    fn give_up(&mut self) {
        self.socket = None;
        self.look_again_in(RETRY_SECS);
    }

    fn look_again_in(&mut self, seconds: u64) {
        let now = self.clock.now();
        self.next_look = Micros(now.0.saturating_add(seconds * Micros::PER_SECOND));
    }

    /// Returns a socket to where the daemon is.
    fn find(&mut self) -> Option<&UdpSocket> {
        let is_settled = self.socket.is_some() && self.is_fixed;
        if !is_settled && self.clock.now() >= self.next_look {
            match connect(&self.address) {
                Ok(socket) => {
                    self.socket = Some(socket);
                    self.look_again_in(NAME_SECS);
                }
                // Where the name was found before is still the best guess.
                Err(cause) => {
                    self.look_again_in(RETRY_SECS);
                    let now = self.clock.now();
                    self.log
                        .say(now, &format!("the daemon {} is not found: {cause}", self.address));
                }
            }
        }
        self.socket.as_ref()
    }
}

/// Returns a socket to the first of the addresses that has a way to it.
fn connect(address: &str) -> io::Result<UdpSocket> {
    let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in address.to_socket_addrs()? {
        match connect_to(address) {
            Ok(socket) => return Ok(socket),
            Err(cause) => failure = cause,
        }
    }
    Err(failure)
}

fn connect_to(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
    };
    socket.set_write_timeout(Some(WRITE_TIMEOUT))?;
    socket.connect(address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use wire::ManualClock;

    use super::*;

    const DATAGRAM: &[u8] = b"a document";

    fn socket(address: &str, clock: &Arc<ManualClock>) -> Socket {
        Socket::new(address, clock.clone(), Log::silent())
    }

    #[test]
    fn documents_reach_names_and_both_families() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let Ok(daemon) = UdpSocket::bind((host.trim_matches(['[', ']']), 0)) else { continue };
            let port = daemon.local_addr().expect("an address").port();
            let mut socket = socket(&format!("{host}:{port}"), &Arc::default());
            assert!(socket.send(DATAGRAM).is_taken, "{host}");
            let mut buffer = [0; 64];
            let length = daemon.recv(&mut buffer).expect("a datagram");
            assert_eq!(&buffer[..length], DATAGRAM, "{host}");
        }
    }

    #[test]
    fn a_daemon_that_is_gone_is_counted_and_one_that_is_back_is_served() {
        let daemon = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = daemon.local_addr().expect("an address");
        let mut socket = socket(&address.to_string(), &Arc::default());
        drop(daemon);
        assert_eq!(socket.send(DATAGRAM), Sent { is_taken: true, is_previous_lost: false });
        assert_eq!(socket.send(DATAGRAM), Sent { is_taken: true, is_previous_lost: true });
        let daemon = UdpSocket::bind(address).expect("the port is free again");
        assert!(socket.send(DATAGRAM).is_taken, "somebody listens");
        assert!(daemon.recv(&mut [0; 64]).is_ok());
    }

    #[test]
    fn a_name_that_is_not_found_is_looked_for_again_after_a_while() {
        let clock = Arc::new(ManualClock::default());
        let mut socket = socket("no.such.host.invalid:2000", &clock);
        assert!(!socket.send(DATAGRAM).is_taken, "nowhere to send to");
        assert_eq!(socket.next_look, Micros::from_secs(RETRY_SECS));
        clock.advance(Micros::PER_SECOND);
        assert!(!socket.send(DATAGRAM).is_taken, "still not");
        assert_eq!(socket.next_look, Micros::from_secs(2 * RETRY_SECS));
    }
}
