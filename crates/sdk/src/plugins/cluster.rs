//! The name of an EKS cluster: asked of the cluster's API, over TLS and with the account of the pod.
//! Whoever may not ask, or is not answered, has no name.
//!
//! Source: the plugin of Java's SDK.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use wire::raw::text_at;

use super::{PATIENCE, Surroundings};
use crate::door::{self, Answer, Request};

/// Where the API is, for pods that are not told.
const API: (&str, &str) = ("kubernetes.default.svc", "443");

/// The config map in which CloudWatch keeps what it knows of the cluster.
const CONFIG_MAP: &str = "/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info";

/// Where a pod finds the certificate of its cluster's authority.
const AUTHORITY: &str = "var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/// Returns the name of the cluster that this pod is in.
pub(super) fn name(around: &Surroundings<'_>, token: &str) -> Option<String> {
    let variable = |name| (around.variable)(name).filter(|value| !value.is_empty());
    let host = variable("KUBERNETES_SERVICE_HOST").unwrap_or_else(|| API.0.to_owned());
    let port = variable("KUBERNETES_SERVICE_PORT").unwrap_or_else(|| API.1.to_owned());
    let answer = ask(&host, &port, &around.file(AUTHORITY)?, token).ok()?;
    let name = text_at(&answer.body, &["data", "cluster.name"]).filter(|name| !name.is_empty());
    name.filter(|_| answer.status == 200)
}

/// Asks the API for the config map.
fn ask(host: &str, port: &str, authority: &[u8], token: &str) -> io::Result<Answer> {
    let address = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str())];
    let request = Request { method: "GET", path: CONFIG_MAP, headers: &headers, body: "" };
    let stream = secured(host, authority, door::connect(&address, PATIENCE)?)?;
    door::exchange_over(stream, &address, &request)
}

/// Puts TLS over a connection: only a server counts whose certificate is of this authority.
fn secured(
    host: &str,
    authority: &[u8],
    stream: TcpStream,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(authority).flatten());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let client = ClientConnection::new(Arc::new(config), host).map_err(io::Error::other)?;
    Ok(StreamOwned::new(client, stream))
}

#[cfg(test)]
mod tests;
