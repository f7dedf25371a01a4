//! Why an attempt to send failed.

use std::error::Error;
use std::io;

use crate::aws;

/// Why, in the classes of the X-Ray daemon's telemetry and one of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No answer in time.
    Timeout,
    /// Nobody listens there, or the connection could not be made otherwise.
    Connect,
    /// The name has no address.
    UnknownHost,
    /// An answer with a status of 400 to 499.
    Http4xx,
    /// An answer with a status of 500 to 599.
    Http5xx,
    /// There are no credentials to sign with.
    Credentials,
    /// Anything else, such as a connection that was lost.
    Other,
}

impl Failure {
    /// Every failure, in the order of their declaration.
    pub(crate) const ALL: [Self; 7] = [
        Self::Timeout,
        Self::Connect,
        Self::UnknownHost,
        Self::Http4xx,
        Self::Http5xx,
        Self::Credentials,
        Self::Other,
    ];

    /// Returns its name in metrics and logs.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::UnknownHost => "unknown_host",
            Self::Http4xx => "http_4xx",
            Self::Http5xx => "http_5xx",
            Self::Credentials => "credentials",
            Self::Other => "other",
        }
    }

    /// Whether the server may have taken the batch although no good answer came.
    pub(crate) fn may_have_arrived(self) -> bool {
        matches!(self, Self::Timeout | Self::Http5xx | Self::Other)
    }

    /// Returns the class of an error of the client.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut cause: Option<&dyn Error> = Some(error);
        while let Some(error) = cause {
            // The client tells of a name that has no address in words alone.
            if error.to_string().contains("dns error") {
                return Self::UnknownHost;
            }
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if kind == Some(io::ErrorKind::TimedOut) {
                return Self::Timeout;
            }
            cause = error.source();
        }
        if error.is_connect() { Self::Connect } else { Self::Other }
    }

    /// Returns the class of a request that could not be signed.
    pub(super) fn unsigned(problem: &aws::Problem) -> Self {
        match problem {
            aws::Problem::NoCredentials { .. } | aws::Problem::NoRegion { .. } => Self::Credentials,
            aws::Problem::Unsigned { .. } => Self::Other,
        }
    }

    /// Returns the class of a status that is no success.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            400..=499 => Self::Http4xx,
            500..=599 => Self::Http5xx,
            _ => Self::Other,
        }
    }
}
