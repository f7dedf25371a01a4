//! Doors: what their addresses may be, and what to say when one cannot be opened.

use std::error::Error as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::Failure;

/// A door as a person knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door {
    /// Its protocol, as a person says it.
    pub(crate) name: &'static str,
    /// The flag that moves it.
    pub(crate) flag: &'static str,
    /// Where it is, or is to be.
    pub(crate) address: SocketAddr,
}

/// Reads an address: an IP address or `localhost`, and a port.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    local.or_else(|| text.parse().ok()).ok_or_else(|| {
        "an address is an IP address and a port: 127.0.0.1:2000, [::1]:2000, 0.0.0.0:2000; port 0 \
         takes a free one"
            .to_owned()
    })
}

/// Refuses doors that others can reach, because nobody is asked who they are.
///
/// # Errors
/// The first such door, and what to do about it.
pub(crate) fn refuse_public(doors: &[Door]) -> Result<(), Failure> {
    let Some(door) = doors.iter().find(|door| !door.address.ip().to_canonical().is_loopback())
    else {
        return Ok(());
    };
    let Door { name, flag, address } = door;
    let port = address.port();
    Err(format!(
        "{name} {address} can be reached from other machines, and Fluoro does not check credentials \
         yet: whoever reaches it could read and write traces. Listen on this machine only \
         ({flag} 127.0.0.1:{port}), or set --insecure (FLUORO_INSECURE=true) if a firewall or a \
         private network keeps others out"
    )
    .into())
}

/// Says which door could not be opened, why, and what to do.
pub(crate) fn explain(door: Door, error: &io::Error) -> Failure {
    let Door { name, flag, address } = door;
    let host = address.ip();
    let shown = SocketAddr::new(host, 0);
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "it is taken by another program (an X-Ray daemon, or another Fluoro?); stop that one, or \
             choose another address: {flag} {shown} takes a free port"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("{host} is no address of this machine; choose another one with {flag}")
        }
        io::ErrorKind::PermissionDenied => format!(
            "this user may not listen on port {}; choose one above 1023 with {flag}",
            address.port()
        ),
        _ => format!("{error}; choose another address with {flag}"),
    };
    format!("failed to listen on {name} {address}: {advice}").into()
}

/// Says why the doors of the front could not be opened, by the flags that move them.
pub(crate) fn explain_front(error: daemon::Error, [udp, tcp]: [&'static str; 2]) -> Failure {
    let (name, flag, address) = match &error {
        daemon::Error::Udp(daemon::udp::Error::Bind { address, .. }) => ("UDP", udp, *address),
        daemon::Error::Tcp { address, .. } => ("TCP", tcp, *address),
        _ => return error.into(),
    };
    match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(cause) => explain(Door { name, flag, address }, cause),
        None => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(address: &str) -> Door {
        let address = address.parse().expect("an address");
        Door { name: "HTTP", flag: "--http", address }
    }

    #[test]
    fn an_address_is_an_ip_address_and_a_port() {
        for (text, address) in [
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("localhost:2000", "127.0.0.1:2000"),
            ("[::1]:2000", "[::1]:2000"),
        ] {
            assert_eq!(parse_address(text).expect("an address").to_string(), address);
        }
        for text in ["", "2000", ":2000", "127.0.0.1", "localhost", "localhost:x", "a.b:2000"] {
            assert!(parse_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_loopback_is_open_without_credentials() {
        let local = ["127.0.0.1:1", "127.3.2.1:0", "[::1]:1", "[::ffff:127.0.0.1]:1"];
        assert!(refuse_public(&local.map(door)).is_ok());
        for address in ["0.0.0.0:2080", "[::]:2080", "192.0.2.1:2080", "[::ffff:192.0.2.1]:2080"] {
            let doors = [door("127.0.0.1:1"), door(address)];
            let refusal = refuse_public(&doors).expect_err("a public door").to_string();
            assert!(refusal.starts_with(&format!("HTTP {address} can be reached")), "{refusal}");
            assert!(refusal.contains("(--http 127.0.0.1:2080)"), "{refusal}");
            assert!(refusal.contains("--insecure (FLUORO_INSECURE=true)"), "{refusal}");
        }
    }

    #[test]
    fn a_taken_door_is_named_with_the_way_out() {
        let error = explain(door("127.0.0.1:2080"), &io::ErrorKind::AddrInUse.into());
        let text = error.to_string();
        assert!(text.starts_with("failed to listen on HTTP 127.0.0.1:2080: it is taken"), "{text}");
        assert!(text.ends_with("--http 127.0.0.1:0 takes a free port"), "{text}");
    }
}
