//! A server that documents are sent to, and what its answers mean.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Request, StatusCode};
use parking_lot::Mutex;
use tracing::warn;
use wire::Clock;
use wire::api::client;
use wire::api::segments::UnprocessedTraceSegment;

use crate::Endpoint;
use crate::aws::{self, Identity};
use crate::log_limit::LogLimit;
use crate::sink::Reply;

pub(crate) use failure::Failure;

mod failure;

/// Says that a batch may have been taken already: the connection was lost, or the daemon was killed,
/// before an answer came.
pub(crate) const REPEATED: &str = "x-fluoro-repeated";

/// The longest pause that a server may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// A server, and how to talk to it.
pub struct Destination {
    endpoint: Endpoint,
    client: reqwest::Client,
    /// Who signs; a server that is not AWS is not signed for unless it asks.
    identity: Option<Identity>,
    clock: Arc<dyn Clock>,
    unsigned: Mutex<LogLimit>,
}

/// What became of a batch.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It arrived; these documents of it were refused.
    Taken(Vec<UnprocessedTraceSegment>),
    /// It will never be taken: the status, and the error's name.
    Refused(u16, String),
    /// It is to be sent again.
    Later(Later),
}

/// Why, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Later {
    pub(crate) failure: Failure,
    /// What the server asked for.
    pub(crate) pause: Option<Duration>,
}

/// An answer that arrived.
struct Answer {
    reply: Reply,
    pause: Option<Duration>,
}

impl Destination {
    /// Returns a destination that has not connected yet.
    pub fn new(
        endpoint: Endpoint,
        client: reqwest::Client,
        identity: Option<Identity>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoint, client, identity, clock, unsigned: Mutex::default() }
    }

    /// Returns the URL that everything is sent below.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a batch once.
    pub(crate) async fn put(&self, documents: &[Bytes], is_repeated: bool) -> Outcome {
        // What is not UTF-8 does not come through the front.
        let texts: Vec<&str> = documents.iter().flat_map(|text| str::from_utf8(text)).collect();
        let body = client::put_trace_segments(&texts).into();
        let mut headers = HeaderMap::new();
        if is_repeated {
            headers.insert(REPEATED, HeaderValue::from_static("true"));
        }
        match self.post("/TraceSegments", headers, body).await {
            Ok(answer) => {
                self.look_at_credentials(&answer.reply);
                meaning(answer)
            }
            Err(failure) => Outcome::Later(Later { failure, pause: None }),
        }
    }

    /// Sends a call, and returns its answer whatever it is.
    ///
    /// # Errors
    /// When no answer came.
    pub(crate) async fn call(&self, path: &str, body: Bytes) -> Result<Reply, Failure> {
        Ok(self.post(path, HeaderMap::new(), body).await?.reply)
    }

    async fn post(&self, path: &str, headers: HeaderMap, body: Bytes) -> Result<Answer, Failure> {
        let mut request = Request::post(path);
        if let Some(all) = request.headers_mut() {
            *all = headers;
            all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        self.pass(request.body(body).map_err(|_| Failure::Other)?).await
    }

    /// Sends a request to its path below the endpoint, signed where that is needed.
    async fn pass(&self, request: Request<Bytes>) -> Result<Answer, Failure> {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.endpoint).parse().map_err(|_| Failure::Other)?;
        let mut request = Request::from_parts(head, body);
        if let Some(identity) = &self.identity {
            let now = self.clock.now();
            aws::stamp(request.headers_mut(), now);
            let signed = identity.sign(request, now).await;
            request = signed.map_err(|problem| self.unsigned(&problem))?;
        }
        let request = reqwest::Request::try_from(request).map_err(|_| Failure::Other)?;
        read(self.client.execute(request).await.map_err(|error| Failure::of(&error))?).await
    }

    /// Forgets credentials that are not taken, before they say themselves that they are over.
    fn look_at_credentials(&self, reply: &Reply) {
        const REFUSED: [&str; 3] = ["ExpiredToken", "UnrecognizedClient", "InvalidClientTokenId"];
        let error_type = reply.error_type.as_deref().unwrap_or_default();
        if let Some(identity) = &self.identity
            && REFUSED.iter().any(|word| error_type.contains(word))
        {
            identity.distrust(self.clock.now());
        }
    }

    /// Tells why nothing can be signed: the chain of causes is what helps to find it.
    fn unsigned(&self, problem: &aws::Problem) -> Failure {
        if let Some(count) = self.unsigned.lock().add(1, self.clock.now()) {
            warn!(count, %problem, "could not sign");
        }
        Failure::unsigned(problem)
    }

    /// Passes any request on, and returns its answer whatever it is.
    ///
    /// # Errors
    /// When no answer came.
    pub(crate) async fn proxy(&self, request: Request<Bytes>) -> Result<Reply, Failure> {
        Ok(self.pass(request).await?.reply)
    }
}

/// Reads the body, and of the head what matters here.
async fn read(mut response: reqwest::Response) -> Result<Answer, Failure> {
    let status = response.status().as_u16();
    let text = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let error_type = text("x-amzn-errortype");
    let pause = text(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
    let pause = pause.map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| Failure::of(&error))? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            return Err(Failure::Other);
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { reply: Reply { status, error_type, body: body.into() }, pause })
}

/// Returns what an answer to a batch means for it.
fn meaning(Answer { reply, pause }: Answer) -> Outcome {
    match StatusCode::from_u16(reply.status) {
        // An answer that cannot be read is still a success by its status.
        Ok(status) if status.is_success() => {
            Outcome::Taken(client::unprocessed_trace_segments(&reply.body).unwrap_or_default())
        }
        Ok(status) if is_final(status, reply.error_type.as_deref().unwrap_or_default()) => {
            Outcome::Refused(reply.status, reply.error_type.unwrap_or_default())
        }
        _ => Outcome::Later(Later { failure: Failure::of_status(reply.status), pause }),
    }
}

/// Whether the request itself is wrong, so that sending it again is of no use. Whoever may not send
/// yet, calls a wrong address or has a wrong clock is no reason to throw documents away.
fn is_final(status: StatusCode, error_type: &str) -> bool {
    const PASSING: [&str; 6] =
        ["Expired", "Throttl", "UnrecognizedClient", "Signature", "Token", "AccessDenied"];
    let is_wrong = matches!(status.as_u16(), 400 | 411 | 413 | 414 | 415 | 422);
    is_wrong && !PASSING.iter().any(|word| error_type.contains(word))
}

#[cfg(test)]
mod tests;
