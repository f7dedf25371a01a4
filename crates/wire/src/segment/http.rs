//! The `http` section: the request a service answered, or the one it made.

use std::borrow::Cow;

use crate::member::object;
use crate::value::Scalar;

object! {
    /// An HTTP request and its response.
    #[derive(Default)]
    pub struct Http {
        /// The request.
        request: Option<Request<'a>> = "request",
        /// The response.
        response: Option<Response<'a>> = "response",
    }
}

object! {
    /// An HTTP request.
    #[derive(Default)]
    pub struct Request {
        /// The method, such as `GET`.
        method: Option<Cow<'a, str>> = "method",
        /// Scheme, host and path; SDKs leave the query out.
        url: Option<Cow<'a, str>> = "url",
        /// The caller's program.
        user_agent: Option<Cow<'a, str>> = "user_agent",
        /// The caller's address.
        client_ip: Option<Cow<'a, str>> = "client_ip",
        /// Whether `client_ip` came from the `X-Forwarded-For` header.
        x_forwarded_for: Option<bool> = "x_forwarded_for",
        /// Whether the callee promises a segment of its own.
        traced: Option<bool> = "traced",
    }
}

object! {
    /// An HTTP response.
    #[derive(Default)]
    pub struct Response {
        /// The status code.
        status: Option<i64> = "status",
        /// The body's length in bytes; some SDKs send `-1`, some a string.
        content_length: Option<Scalar<'a>> = "content_length",
    }
}
