//! A pod and its cluster, with an authority that exists for this test alone.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

use super::*;
use crate::plugins::Plugin;
use crate::resource::Resource;

const AUTHORITY_PEM: &str = include_str!("authority.pem");

/// The certificate of 127.0.0.1, and its key, which opens nothing else.
const SERVER_PEM: &[u8] = include_bytes!("server.pem");
const KEY_PEM: &[u8] = include_bytes!("server-key.pem");

/// Answers one call as the API of a cluster does to the account whose token is `secret`.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let certificates = CertificateDer::pem_slice_iter(SERVER_PEM).flatten().collect();
    let key = PrivateKeyDer::from_pem_slice(KEY_PEM).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(io::Error::other)?;
    let (stream, _) = listener.accept()?;
    let server = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(server, stream));
    let mut call = String::new();
    while stream.read_line(&mut call)? > 2 {}
    let is_allowed = call.contains("Authorization: Bearer secret\r\n");
    let (status, body) = match call.starts_with(&format!("GET {CONFIG_MAP} ")) && is_allowed {
        true => (200, r#"{"kind":"ConfigMap","data":{"cluster.name":"prod","logs.region":"x"}}"#),
        false => (403, r#"{"kind":"Status","data":{"cluster.name":"not for you"}}"#),
    };
    let length = body.len();
    write!(stream.get_mut(), "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}")?;
    stream.get_mut().flush()
}

/// Returns what a pod with this token and this authority finds out; `None` serves nothing.
fn found(token: &str, authority: &str, is_served: bool) -> Resource {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    // What a client that trusts nobody makes of its handshake is its own affair.
    let server = is_served.then(|| std::thread::spawn(move || drop(serve(&listener))));
    let root = tempfile::tempdir().expect("a temporary folder");
    let account = root.path().join("var/run/secrets/kubernetes.io/serviceaccount");
    std::fs::create_dir_all(&account).expect("a folder");
    std::fs::write(account.join("token"), format!("{token}\n")).expect("a file");
    std::fs::write(account.join("ca.crt"), authority).expect("a file");
    let variable = |name: &str| match name {
        "KUBERNETES_SERVICE_HOST" => Some("127.0.0.1".to_owned()),
        "KUBERNETES_SERVICE_PORT" => Some(port.clone()),
        _ => None,
    };
    let around = Surroundings { variable: &variable, root: root.path().to_owned() };
    let mut resource = Resource::default();
    Plugin::Eks.describe(&mut resource, &around);
    if let Some(server) = server {
        server.join().expect("a server");
    }
    resource
}

#[test]
fn a_pod_asks_its_cluster_for_its_name() {
    let resource = found("secret", AUTHORITY_PEM, true);
    let eks = resource.eks.expect("a pod");
    assert_eq!(eks.cluster_name.as_deref(), Some("prod"));
    assert_eq!(resource.log_groups, ["/aws/containerinsights/prod/application"]);
}

#[test]
fn a_pod_that_may_not_ask_or_trusts_nobody_has_no_name() {
    // Whose certificate it is does not matter, as long as it is not that of the authority.
    let other = std::str::from_utf8(SERVER_PEM).expect("text");
    for (token, authority, is_served) in [
        ("other", AUTHORITY_PEM, true),
        ("secret", other, true),
        ("secret", "", true),
        ("secret", AUTHORITY_PEM, false),
    ] {
        let resource = found(token, authority, is_served);
        let eks = resource.eks.expect("a pod all the same");
        assert_eq!(eks.cluster_name, None, "{token} {is_served}");
        assert!(resource.log_groups.is_empty());
    }
}
