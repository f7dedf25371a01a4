//! What the front can be told; where the words come from is the program's affair.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use wire::limits::DAEMON_BATCH_DOCUMENTS_MAX;

/// The front's settings. Every one has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where datagrams are received.
    pub udp: SocketAddr,
    /// Where sampling calls are answered.
    pub tcp: SocketAddr,
    /// Whether requests that are no sampling calls are passed on, too.
    pub is_open_proxy: bool,
    /// Where streams of documents are accepted; see [`crate::stream`].
    pub stream: Option<SocketAddr>,
    /// The Unix socket at which they are accepted too.
    pub unix_socket: Option<PathBuf>,
    /// Whether documents that are OTLP are taken.
    pub otlp: Otlp,
    /// The receive buffer that the kernel is asked for; it may grant less.
    pub receive_buffer_bytes: usize,
    /// The documents that may wait for the sink, in bytes; beyond it the oldest are dropped.
    pub queue_bytes_max: usize,
    /// How documents are handed to the sink.
    pub batching: Batching,
    /// How many batches may be with the sink at a time; one keeps the documents in order.
    pub batches_in_flight_max: usize,
}

/// What becomes of documents that are OTLP in base64, as the exporters of OpenTelemetry's AWS
/// distributions send them: `T1S…`, `T1U…`, `M1…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otlp {
    /// They are refused and counted: the sink reads segments.
    #[default]
    Refused,
    /// They go to the sink like all others: it sends on what it does not look into.
    Passed,
}

/// When a batch is full, and how long it may wait to become so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// The most documents in one batch.
    pub documents_max: usize,
    /// The most bytes in one batch; a single document may be larger.
    pub bytes_max: usize,
    /// How long to wait for more documents after the first; zero takes what is there.
    pub linger: Duration,
}

impl Batching {
    /// For a sink in this process. Nobody waits for an answer, so a moment of patience costs nothing
    /// and saves a seventh of the CPU time: fewer and larger groups are written and synced.
    pub const LOCAL: Self =
        Self { documents_max: 1024, bytes_max: 1 << 20, linger: Duration::from_millis(5) };

    /// For a sink behind HTTP, as the X-Ray daemon does it.
    pub const FORWARDED: Self = Self {
        documents_max: DAEMON_BATCH_DOCUMENTS_MAX,
        // What is on its way is encoded once more: eight batches of this size are 16 MB.
        bytes_max: 1 << 20,
        linger: Duration::from_secs(1),
    };
}

impl Config {
    /// Where SDKs send to if nobody tells them otherwise.
    pub const DOOR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 2000);
}

impl Default for Config {
    fn default() -> Self {
        Self {
            udp: Self::DOOR,
            tcp: Self::DOOR,
            is_open_proxy: false,
            stream: None,
            unix_socket: None,
            otlp: Otlp::Refused,
            receive_buffer_bytes: 16 << 20,
            queue_bytes_max: 64 << 20,
            batching: Batching::LOCAL,
            batches_in_flight_max: 1,
        }
    }
}
