//! How an endpoint of the console says no.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use wire::api::{self, ErrorCode};

use crate::http::reply;

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) status: StatusCode,
    /// What went wrong, as a word.
    pub(crate) code: &'static str,
    /// And in words.
    pub(crate) message: String,
    /// Which member of the request it is about.
    pub(crate) field: Option<&'static str>,
    /// Where in that member, in UTF-16 units as JavaScript counts.
    pub(crate) offset: Option<usize>,
}

/// Why a request was not answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(crate) struct Body<'e> {
    /// What went wrong, as a word that does not change.
    code: &'e str,
    /// What went wrong, in words.
    message: &'e str,
    /// The member of the request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<&'e str>,
    /// Where in that member, in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    offset: Option<usize>,
    /// The request, as the log knows it.
    request_id: &'e str,
}

impl Error {
    /// Returns an error.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), field: None, offset: None }
    }

    /// Returns the error of a request that asks what cannot be.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    /// Returns the error of a request for what does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// Returns the error with the member of the request that it is about.
    #[must_use]
    pub(crate) fn in_field(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Returns the error with a place in the member.
    #[must_use]
    pub(crate) fn at(self, offset: usize) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// Shows the error as it is written in an answer to this request.
    pub(crate) fn body<'e>(&'e self, request_id: &'e str) -> Body<'e> {
        let Self { code, message, field, offset, .. } = self;
        Body { code, message, field: *field, offset: *offset, request_id }
    }

    /// Returns the answer.
    pub(crate) fn response(&self) -> Response {
        let id = reply::request_id();
        let body = serde_json::to_vec(&self.body(id.to_str().unwrap_or_default()))
            .expect("texts and numbers can be written");
        let mut response = (self.status, reply::json_headers(), body).into_response();
        response.headers_mut().insert(reply::REQUEST_ID, id);
        response
    }
}

impl From<api::Error> for Error {
    fn from(error: api::Error) -> Self {
        let code = match error.code {
            ErrorCode::InternalFailure => "InternalFailure",
            ErrorCode::Throttled => "Throttled",
            ErrorCode::ServiceUnavailable => "ServiceUnavailable",
            ErrorCode::ResourceNotFound => "NotFound",
            ErrorCode::RequestTimeout => "RequestTimeout",
            ErrorCode::RequestEntityTooLarge => "RequestTooLarge",
            ErrorCode::UnsupportedMediaType => "UnsupportedMediaType",
            _ => "InvalidRequest",
        };
        let status = StatusCode::from_u16(error.code.status())
            .expect("error codes have statuses of three digits");
        Self::new(status, code, error.message.unwrap_or_default())
    }
}
