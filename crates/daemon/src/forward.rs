//! Documents and sampling calls sent on over HTTP, to another server that speaks the X-Ray API.
//!
//! A batch that cannot be delivered is tried once more and then given up, as the X-Ray daemon does:
//! what waits behind it is newer. Everything given up is counted.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::{Authority, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use parking_lot::Mutex;
use tokio::time::{sleep, timeout};
use tracing::warn;
use wire::Clock;
use wire::api::{Error, ErrorCode, client};
use wire::metric::{Kind, Metric};

use crate::log_limit::LogLimit;
use crate::sink::{Reply, SamplingCall, Sink, Upstream};
use crate::telemetry::Counter;

/// How often a batch is sent before it is given up.
const ATTEMPTS_MAX: usize = 2;

/// How long an answer may take, from the first byte sent to the last received.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause before the second attempt; it takes up to twice as long, so that many daemons do not
/// come back at the same moment.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// How long an idle connection is kept for the next batch.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// The server that everything is sent to: `http://host:port`, with or without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    authority: Authority,
    /// Invariant: a path without a slash at its end.
    path: String,
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointProblem {
    /// Not a URL with a host.
    #[error("this is not a URL such as http://traces.example:2080")]
    NotAUrl,
    /// A URL of another kind than `http`.
    #[error("only http:// is supported so far; https:// comes with the full daemon")]
    NotHttp,
    /// A URL with something behind the path.
    #[error("the URL of an endpoint has no query")]
    HasQuery,
}

impl FromStr for Endpoint {
    type Err = EndpointProblem;
    fn from_str(text: &str) -> Result<Self, EndpointProblem> {
        let parts = text.parse::<Uri>().map_err(|_| EndpointProblem::NotAUrl)?.into_parts();
        match parts.scheme {
            None => return Err(EndpointProblem::NotAUrl),
            Some(scheme) if scheme != Scheme::HTTP => return Err(EndpointProblem::NotHttp),
            Some(_) => {}
        }
        let authority = parts.authority.ok_or(EndpointProblem::NotAUrl)?;
        let path = parts.path_and_query.ok_or(EndpointProblem::NotAUrl)?;
        if path.query().is_some() {
            return Err(EndpointProblem::HasQuery);
        }
        Ok(Self { authority, path: path.path().trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

/// Sends documents and sampling calls on to one endpoint.
pub struct Forwarder {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    numbers: Numbers,
    failed: Mutex<LogLimit>,
    refused: Mutex<LogLimit>,
}

#[derive(Default)]
struct Numbers {
    sent: Counter,
    refused: Counter,
    lost: Counter,
    errors: [Counter; Failure::ALL.len()],
}

/// Why an attempt failed, in the classes of the X-Ray daemon's telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Timeout,
    Connect,
    Http4xx,
    Http5xx,
    Other,
}

impl Failure {
    const ALL: [Self; 5] =
        [Self::Timeout, Self::Connect, Self::Http4xx, Self::Http5xx, Self::Other];

    fn label(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Http4xx => "http_4xx",
            Self::Http5xx => "http_5xx",
            Self::Other => "other",
        }
    }

    fn of(status: StatusCode) -> Option<Self> {
        match status.as_u16() {
            200..=299 => None,
            400..=499 => Some(Self::Http4xx),
            500..=599 => Some(Self::Http5xx),
            _ => Some(Self::Other),
        }
    }
}

impl Forwarder {
    /// Returns a forwarder that has not connected yet.
    pub fn new(endpoint: Endpoint, clock: Arc<dyn Clock>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build_http();
        Self {
            client,
            endpoint,
            clock,
            numbers: Numbers::default(),
            failed: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// Returns what became of the documents.
    pub fn numbers(&self) -> Vec<Metric> {
        let Numbers { sent, refused, lost, .. } = &self.numbers;
        let plain = [
            ("forward_sent", "Documents the endpoint took", sent),
            ("forward_refused", "Documents the endpoint refused", refused),
            ("forward_lost", "Documents given up after the last attempt", lost),
        ];
        let number =
            |name, help, counter: &Counter| Metric::new(Kind::Counter, name, help, counter.value());
        let plain = plain.map(|(name, help, counter)| number(name, help, counter));
        let errors = Failure::ALL.map(|failure| {
            let counter = &self.numbers.errors[failure as usize];
            number("forward_errors", "Failed attempts to send, by cause", counter)
                .with("cause", failure.label())
        });
        plain.into_iter().chain(errors).collect()
    }

    /// Sends the body until it is answered, or there have been enough attempts.
    async fn deliver(&self, body: Bytes) -> Result<Reply, Failure> {
        let mut attempt_number = 1;
        loop {
            let (failure, again) = match self.post("/TraceSegments", body.clone()).await {
                Ok((reply, None)) => return Ok(reply),
                Ok((reply, Some(failure))) => {
                    (failure, failure == Failure::Http5xx || reply.status == 429)
                }
                Err(failure) => (failure, true),
            };
            if attempt_number == ATTEMPTS_MAX || !again {
                return Err(failure);
            }
            attempt_number += 1;
            sleep(RETRY_PAUSE.mul_f64(1.0 + fastrand::f64())).await;
        }
    }

    /// Sends one request; returns the answer, and what kind of failure it is if it is one.
    async fn post(&self, path: &str, body: Bytes) -> Result<(Reply, Option<Failure>), Failure> {
        let Endpoint { authority, path: prefix } = &self.endpoint;
        let request = Request::post(format!("http://{authority}{prefix}{path}"))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .expect("the endpoint was parsed, and our paths are valid");
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| {
                if error.is_connect() { Failure::Connect } else { Failure::Other }
            })?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|_| Failure::Other)?.to_bytes();
            let error_type = head.headers.get("x-amzn-errortype").and_then(|e| e.to_str().ok());
            let error_type = error_type.map(str::to_owned);
            let reply = Reply { status: head.status.as_u16(), error_type, body };
            Ok((reply, Failure::of(head.status)))
        };
        let answer = timeout(ANSWER_TIMEOUT, exchange).await.unwrap_or(Err(Failure::Timeout));
        if let Ok((_, Some(failure))) | Err(failure) = answer {
            self.numbers.errors[failure as usize].add(1);
        }
        answer
    }

    fn count_answer(&self, reply: &Reply, document_count: usize) {
        // An answer that cannot be read is still a success by its status.
        let refused = client::unprocessed_trace_segments(&reply.body).unwrap_or_default();
        let refused_count = refused.len().min(document_count);
        self.numbers.sent.add(document_count - refused_count);
        self.numbers.refused.add(refused_count);
        let due = self.refused.lock().add(refused_count, self.clock.now());
        if let (Some(count), Some(first)) = (due, refused.first()) {
            let (code, id) = (&first.error_code, first.id.as_deref().unwrap_or("-"));
            warn!(count, code, segment_id = id, "the endpoint refused documents");
        }
    }

    fn count_lost(&self, failure: Failure, document_count: usize) {
        self.numbers.lost.add(document_count);
        let due = self.failed.lock().add(document_count, self.clock.now());
        if let Some(count) = due {
            warn!(count, cause = failure.label(), endpoint = %self.endpoint, "lost documents");
        }
    }
}

impl Sink for Forwarder {
    async fn put(&self, documents: Vec<Bytes>) {
        // What is not UTF-8 does not come through the front.
        let texts: Vec<&str> = documents.iter().flat_map(|text| str::from_utf8(text)).collect();
        let body = client::put_trace_segments(&texts).into();
        match self.deliver(body).await {
            Ok(reply) => self.count_answer(&reply, documents.len()),
            Err(failure) => self.count_lost(failure, documents.len()),
        }
    }
}

impl Upstream for Forwarder {
    async fn call(&self, call: SamplingCall, body: Bytes) -> Reply {
        match self.post(call.path(), body).await {
            Ok((reply, _)) => reply,
            Err(failure) => {
                let message = format!("The endpoint did not answer: {}", failure.label());
                Error::new(ErrorCode::ServiceUnavailable, message).into()
            }
        }
    }
}

#[cfg(test)]
mod tests;
