//! What the server can be told; where it listens is the caller's affair.

use std::net::SocketAddr;
use std::time::Duration;

/// The server's settings. Every one has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The region named in ARNs.
    pub region: String,
    /// The account named in ARNs: 12 digits.
    pub account_id: String,
    /// The largest body of one request, inflated; one that brings no documents must be shorter.
    pub body_bytes_max: usize,
    /// The bodies of all requests together that are held in memory; what comes beyond is answered
    /// with `ThrottledException`.
    pub bodies_bytes_max: usize,
    /// How long a request's head, and then its body, may take to arrive.
    pub request_timeout: Duration,
    /// Connections open at a time; more wait to be accepted.
    pub connections_max: usize,
    /// Queries that read the store at a time; more wait for their turn.
    pub queries_max: usize,
    /// Trace summaries on one page.
    pub page_summaries_max: usize,
    /// How long requests under way may take to end once the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            body_bytes_max: 16 << 20,
            bodies_bytes_max: 256 << 20,
            request_timeout: Duration::from_secs(30),
            connections_max: 1024,
            queries_max: 8,
            page_summaries_max: 200,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

impl Config {
    /// Returns the ARN of one of this server's resources, such as `group/Default`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:xray:{}:{}:{resource}", self.region, self.account_id)
    }
}

/// Where the doors of the program are, as far as it has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The API and the console.
    pub http: Option<SocketAddr>,
    /// Segments from SDKs.
    pub udp: Option<SocketAddr>,
    /// Sampling calls of SDKs.
    pub tcp: Option<SocketAddr>,
}
