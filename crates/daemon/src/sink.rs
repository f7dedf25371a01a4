//! The two doors behind the front: where documents go, and who answers sampling calls.
//!
//! There are two of each: straight into the server in the same process, or over HTTP to another.

use bytes::Bytes;
use http::Request;
use wire::api::{Error, ErrorCode};

/// Where documents go.
pub trait Sink: Send + Sync + 'static {
    /// Takes a batch of documents, each of them UTF-8; done when nothing more can become of it.
    ///
    /// What is not kept is counted and logged by the sink: the sender of a datagram waits for no
    /// answer.
    fn put(&self, documents: Vec<Bytes>) -> impl Future<Output = ()> + Send;
}

/// Who answers sampling calls.
pub trait Upstream: Send + Sync + 'static {
    /// Answers one call; `body` is JSON, never empty.
    fn call(&self, call: SamplingCall, body: Bytes) -> impl Future<Output = Reply> + Send;

    /// Answers a request that is no sampling call; refused unless the upstream is another server.
    fn pass(&self, request: Request<Bytes>) -> impl Future<Output = Reply> + Send {
        let message = format!("There is no operation {} here", request.uri().path());
        async move { Error::new(ErrorCode::UnknownOperation, message).into() }
    }
}

/// The calls that SDKs make to the front; all others are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingCall {
    /// Which rules there are.
    Rules,
    /// What the rules allow this client, after its report.
    Targets,
}

impl SamplingCall {
    /// Every call, in the order of their declaration.
    pub const ALL: [Self; 2] = [Self::Rules, Self::Targets];

    /// Returns the call that is posted to `path`.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.path() == path)
    }

    /// Returns where the call is posted to. Source: API reference.
    pub fn path(self) -> &'static str {
        match self {
            Self::Rules => "/GetSamplingRules",
            Self::Targets => "/SamplingTargets",
        }
    }

    /// Returns the operation's name.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Rules => "GetSamplingRules",
            Self::Targets => "GetSamplingTargets",
        }
    }
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The value of `x-amzn-errortype`; `None` on success.
    pub error_type: Option<String>,
    /// The JSON body.
    pub body: Bytes,
}

impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        Self {
            status: error.code.status(),
            error_type: Some(error.code.name().to_owned()),
            body: error.body().into(),
        }
    }
}
