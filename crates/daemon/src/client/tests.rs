//! The client against real sockets: proxies that record what they are asked, and a server with a
//! certificate that nobody trusts.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::fake::{Fake, ok, variables};

/// A certificate for this machine that it signed itself, and its key, which opens nothing else.
const SERVER_PEM: &[u8] = include_bytes!("server.pem");
const KEY_PEM: &[u8] = include_bytes!("server-key.pem");

fn made(proxy: Option<&str>, pairs: &[(&'static str, &str)]) -> Result<Client, Problem> {
    let proxy = proxy.map(str::to_owned);
    client(&Outgoing { proxy, is_unverified: false, variable: &variables(pairs) })
}

/// A server, and a proxy that answers in its place.
async fn server_and_proxy() -> (Fake, Fake) {
    (Fake::start(|_| ok("server")).await, Fake::start(|_| ok("proxy")).await)
}

/// Returns who answered.
async fn answered(client: &Client, url: &str) -> String {
    match client.get(url).send().await {
        Ok(answer) => answer.text().await.expect("a body"),
        Err(_) => "nobody".to_owned(),
    }
}

#[tokio::test]
async fn no_proxy_lists_addresses_networks_domains_and_everything() {
    let (server, proxy) = server_and_proxy().await;
    // By this address a machine reaches itself, and no rule of ours knows it.
    let machine = format!("http://0.0.0.0:{}/", server.address.port());
    let unknown = "http://collector.fluoro.invalid/";
    let table = [
        ("", machine.as_str(), "proxy"),
        ("0.0.0.0", &machine, "server"),
        ("0.0.0.0/8", &machine, "server"),
        ("10.0.0.0/8", &machine, "proxy"),
        ("example.com, 0.0.0.0", &machine, "server"),
        ("*", &machine, "server"),
        ("", unknown, "proxy"),
        ("fluoro.invalid", unknown, "nobody"),
        (".fluoro.invalid", unknown, "nobody"),
        ("uoro.invalid", unknown, "proxy"),
    ];
    for (excepted, url, expected) in table {
        let variables = [("HTTP_PROXY", &*proxy.url()), ("NO_PROXY", excepted)];
        let client = made(None, &variables).expect("a client");
        assert_eq!(answered(&client, url).await, expected, "{excepted:?} {url}");
    }
}

#[tokio::test]
async fn this_machine_and_what_is_linked_to_it_are_never_asked_through_a_proxy() {
    let (server, proxy) = server_and_proxy().await;
    let client = made(Some(&proxy.url()), &[]).expect("a client");
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(answered(&client, &format!("http://{host}:{port}/")).await, "server", "{host}");
    }
    // Metadata services: whether there are any, the proxy is not asked.
    for url in ["http://169.254.169.254:9/", "http://[fd00:ec2::254]:9/"] {
        let _ = client.get(url).timeout(Duration::from_millis(20)).send().await;
    }
    assert!(proxy.lines().is_empty());
}

#[tokio::test]
async fn the_environments_proxies_are_for_their_schemes_and_the_flags_for_all() {
    let (server, other) = server_and_proxy().await;
    let url = "http://collector.fluoro.invalid/x";
    let variable = ("HTTPS_PROXY", &*other.url());
    let client = made(None, &[variable]).expect("a client");
    assert_eq!(answered(&client, url).await, "nobody", "a proxy for https");
    let client = made(None, &[("http_proxy", &other.url())]).expect("a client");
    assert_eq!(answered(&client, url).await, "proxy", "in lower case");
    let client = made(Some(&server.url()), &[("HTTP_PROXY", &other.url())]).expect("a client");
    assert_eq!(answered(&client, url).await, "server", "the flag beats the variable");
    assert_eq!(server.lines(), ["GET http://collector.fluoro.invalid/x"]);
}

#[tokio::test]
async fn https_goes_through_a_tunnel_of_the_proxy() {
    let proxy = Fake::start(|_| Some((403, String::new()))).await;
    let url = format!("http://user:secret@{}", proxy.address);
    for client in [made(Some(&url), &[]), made(None, &[("HTTPS_PROXY", &url)])] {
        let client = client.expect("a client");
        assert_eq!(answered(&client, "https://xray.eu-west-1.amazonaws.com/").await, "nobody");
    }
    let calls = proxy.calls();
    assert_eq!(proxy.lines(), ["CONNECT xray.eu-west-1.amazonaws.com:443"; 2]);
    assert_eq!(calls[0].header("proxy-authorization"), "Basic dXNlcjpzZWNyZXQ=");
    assert_eq!(calls[1].header("proxy-authorization"), "Basic dXNlcjpzZWNyZXQ=");
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Returns the server's side of TLS, which offers these protocols.
fn tls(protocols: &[&str]) -> Arc<ServerConfig> {
    let certificates = CertificateDer::pem_slice_iter(SERVER_PEM).flatten().collect();
    let key = PrivateKeyDer::from_pem_slice(KEY_PEM).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("a certificate and its key");
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// Serves as many connections as are asked for, one after the other.
fn serve_tls(connection_count: usize) -> SocketAddr {
    let (listener, address) = listener();
    let config = tls(&[]);
    std::thread::spawn(move || {
        for _ in 0..connection_count {
            let (stream, _) = listener.accept()?;
            let server = ServerConnection::new(config.clone()).expect("a server");
            let mut stream = BufReader::new(StreamOwned::new(server, stream));
            let mut line = String::new();
            // Who does not trust us hangs up.
            while stream.read_line(&mut line).is_ok_and(|count| count > 2) {}
            let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\nserver";
            let _ = stream.get_mut().write_all(answer.as_bytes());
            let _ = stream.get_mut().flush();
        }
        std::io::Result::Ok(())
    });
    address
}

#[tokio::test]
async fn a_server_is_trusted_by_its_roots_by_a_bundle_or_when_nobody_looks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bundle.pem");
    std::fs::write(&path, SERVER_PEM).expect("a file");
    let bundle = path.to_str().expect("text").to_owned();
    let url = format!("https://{}/", serve_tls(3));
    let strict = made(None, &[]).expect("a client");
    assert_eq!(answered(&strict, &url).await, "nobody");
    let trusting = made(None, &[("AWS_CA_BUNDLE", &bundle)]).expect("a client");
    assert_eq!(answered(&trusting, &url).await, "server");
    let variable = &variables(&[]);
    let blind = client(&Outgoing { proxy: None, is_unverified: true, variable });
    assert_eq!(answered(&blind.expect("a client"), &url).await, "server");
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered() {
    let (listener, address) = listener();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let server = ServerConnection::new(tls(&["h2", "http/1.1"])).expect("a server");
        let mut line = String::new();
        let mut stream = BufReader::new(StreamOwned::new(server, stream));
        stream.read_line(&mut line).expect("a line");
        line
    });
    let variable = &variables(&[]);
    let blind = client(&Outgoing { proxy: None, is_unverified: true, variable });
    assert_eq!(answered(&blind.expect("a client"), &format!("https://{address}/")).await, "nobody");
    assert_eq!(server.join().expect("no panic"), "PRI * HTTP/2.0\r\n");
}

#[test]
fn the_roots_that_are_built_in_are_many() {
    assert!(built_in_roots().count() > 100);
    assert!(builder().tls_certs_only(built_in_roots()).build().is_ok());
}

#[test]
fn what_cannot_be_used_is_named_without_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let (none, junk) = (folder.path().join("none.pem"), folder.path().join("junk.pem"));
    std::fs::write(&junk, "no certificate").expect("a file");
    let (none, junk) = (none.to_str().expect("text"), junk.to_str().expect("text"));
    let says = |proxy, variables: &[(&'static str, &str)]| {
        let problem = made(proxy, variables).expect_err("a problem");
        problem.to_string().replace(folder.path().to_str().expect("text"), "")
    };
    let said = [
        says(Some("socks5://user:secret@proxy:1080"), &[]),
        says(Some("http://"), &[]),
        says(None, &[("HTTPS_PROXY", "ftp://proxy")]),
        says(None, &[("HTTP_PROXY", "::::")]),
        says(None, &[("AWS_CA_BUNDLE", none)]),
        says(None, &[("AWS_CA_BUNDLE", junk)]),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    --proxy-address: `socks5://…@proxy:1080` is no HTTP proxy such as http://proxy.example:3128
    --proxy-address: `http://` is no HTTP proxy such as http://proxy.example:3128
    HTTPS_PROXY: `ftp://proxy` is no HTTP proxy such as http://proxy.example:3128
    HTTP_PROXY: `::::` is no HTTP proxy such as http://proxy.example:3128
    read the certificates of AWS_CA_BUNDLE, /none.pem
    read the certificates of AWS_CA_BUNDLE, /junk.pem
    ");
}

#[tokio::test]
async fn the_client_names_itself_as_the_original_and_by_its_own_name() {
    let server = Fake::start(|_| ok("")).await;
    for execution in ["AWS_ECS_FARGATE", "two\nlines", ""] {
        let client = made(None, &[("AWS_EXECUTION_ENV", execution)]).expect("a client");
        answered(&client, &server.url()).await;
    }
    let said: Vec<_> =
        server.calls().iter().map(|call| call.header("user-agent").to_owned()).collect();
    let (os, arch) = (said[0].rsplit_once(" OS/")).expect("a system");
    assert!(!arch.is_empty(), "{os}");
    let said: Vec<_> = said.iter().map(|said| said.replace(arch, "…")).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    fluoro/0.1.0 xray-agent/xray-daemon/3.6.6 exec-env/AWS_ECS_FARGATE OS/…
    fluoro/0.1.0 xray-agent/xray-daemon/3.6.6 exec-env/twolines OS/…
    fluoro/0.1.0 xray-agent/xray-daemon/3.6.6 exec-env/UNKNOWN OS/…
    ");
}
