//! What goes between two services: a request, and its answer or the reason why there is none.

use std::borrow::Cow;
use std::time::Duration;

/// A request, of what HTTP would carry only what the demo uses.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// The path, without a query.
    pub(crate) path: String,
    /// The visit that it belongs to.
    pub(crate) number: u64,
    /// The trace header.
    pub(crate) trace: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// What went wrong inside of the service; not sent to the caller.
    pub(crate) trouble: Option<Trouble>,
}

/// An exception as a service would raise it.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// File, line and function, innermost first.
    pub(crate) stack: &'static [(&'static str, u32, &'static str)],
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody listens.
    #[error("connection refused")]
    Refused,
    /// The connection ended before the answer.
    #[error("connection closed before the answer was complete")]
    Closed,
    /// It took too long.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
}

impl Answer {
    /// Returns that all went well.
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, body: body.into(), trouble: None }
    }

    /// Returns a refusal or a failure.
    pub(crate) fn status(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), trouble: None }
    }

    /// Returns a failure with the exception behind it.
    pub(crate) fn failed(status: u16, trouble: Trouble) -> Self {
        Self { status, body: trouble.message.to_string(), trouble: Some(trouble) }
    }

    /// Returns whether the service did what it was asked for.
    pub(crate) fn is_ok(&self) -> bool {
        self.status < 400
    }
}

impl CallError {
    /// Returns the name of the exception that a client library would raise.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Refused => "ConnectionRefused",
            Self::Closed => "ConnectionClosed",
            Self::Timeout(_) => "Timeout",
        }
    }
}

/// Returns what a service answers whose callee did not do its part: the callee's refusal as it is,
/// and 502 for anything else.
pub(crate) fn pass_on(outcome: Result<Answer, CallError>) -> Answer {
    match outcome {
        Ok(answer) if answer.status < 500 => Answer { trouble: None, ..answer },
        Ok(answer) => Answer::status(502, answer.body),
        Err(error) => Answer::status(502, error.to_string()),
    }
}
