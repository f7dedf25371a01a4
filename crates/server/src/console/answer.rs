//! The answer of an endpoint that answers in one piece.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::Error;
use crate::http::reply;

/// What an endpoint answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// JSON, or nothing.
    pub(crate) body: Bytes,
}

/// An answer, or why there is none.
pub(crate) type Answered = Result<Answer, Error>;

impl Answer {
    /// Returns a success with a body.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("the console's types can be written");
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() }
    }

    /// Returns a success without a body.
    pub(crate) fn nothing() -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { status: StatusCode::NO_CONTENT, headers, body }
    }

    /// Returns the answer with one more header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, reply::json_headers(), self.body).into_response();
        response.headers_mut().insert(reply::REQUEST_ID, reply::request_id());
        response.headers_mut().extend(self.headers);
        response
    }
}
