//! How the API says no: a code with its HTTP status, and a body.

use std::fmt;

use serde::Serialize;

use crate::json;

/// What went wrong, by the name that travels in `x-amzn-errortype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request breaks one of the service's own rules.
    InvalidRequest,
    /// There are as many sampling rules as there may be.
    RuleLimitExceeded,
    /// The resource that is meant does not exist.
    ResourceNotFound,
    /// The resource would have more tags than it may have.
    TooManyTags,
    /// Another request came first.
    InvalidPolicyRevisionId,
    /// The policy would keep the caller from changing it again.
    LockoutPrevention,
    /// The policy is none.
    MalformedPolicyDocument,
    /// There are as many resource policies as there may be.
    PolicyCountLimitExceeded,
    /// The policy is too long.
    PolicySizeLimitExceeded,
    /// The request breaks a constraint of the API's model.
    Validation,
    /// The request is not JSON, or a value has another JSON type.
    Serialization,
    /// There is no such operation.
    UnknownOperation,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The body is larger than the service takes.
    RequestEntityTooLarge,
    /// The body is compressed in a way the service does not know.
    UnsupportedMediaType,
    /// Too much at once; the same request may succeed later.
    Throttled,
    /// The service failed.
    InternalFailure,
    /// The service cannot do this now.
    ServiceUnavailable,
}

impl ErrorCode {
    /// Returns the value of the `x-amzn-errortype` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequestException",
            Self::RuleLimitExceeded => "RuleLimitExceededException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::TooManyTags => "TooManyTagsException",
            Self::InvalidPolicyRevisionId => "InvalidPolicyRevisionIdException",
            Self::LockoutPrevention => "LockoutPreventionException",
            Self::MalformedPolicyDocument => "MalformedPolicyDocumentException",
            Self::PolicyCountLimitExceeded => "PolicyCountLimitExceededException",
            Self::PolicySizeLimitExceeded => "PolicySizeLimitExceededException",
            Self::Validation => "ValidationException",
            Self::Serialization => "SerializationException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::RequestTimeout => "RequestTimeoutException",
            Self::RequestEntityTooLarge => "RequestEntityTooLargeException",
            Self::UnsupportedMediaType => "UnsupportedMediaTypeException",
            Self::Throttled => "ThrottledException",
            Self::InternalFailure => "InternalFailure",
            Self::ServiceUnavailable => "ServiceUnavailableException",
        }
    }

    /// Returns the HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::RuleLimitExceeded
            | Self::TooManyTags
            | Self::InvalidPolicyRevisionId
            | Self::LockoutPrevention
            | Self::MalformedPolicyDocument
            | Self::PolicyCountLimitExceeded
            | Self::PolicySizeLimitExceeded
            | Self::Validation
            | Self::Serialization => 400,
            Self::UnknownOperation | Self::ResourceNotFound => 404,
            Self::RequestTimeout => 408,
            Self::RequestEntityTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Throttled => 429,
            Self::InternalFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }

    /// The exceptions of the API's own model, and `SerializationException`, capitalise the member
    /// that holds the message; what AWS's framework answers by itself does not.
    const fn capitalises_message(self) -> bool {
        !matches!(
            self,
            Self::Validation
                | Self::UnknownOperation
                | Self::RequestTimeout
                | Self::RequestEntityTooLarge
                | Self::UnsupportedMediaType
                | Self::InternalFailure
                | Self::ServiceUnavailable
        )
    }

    /// Whether the body has a member that names the resource.
    const fn names_resource(self) -> bool {
        matches!(self, Self::ResourceNotFound | Self::TooManyTags)
    }
}

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub code: ErrorCode,
    /// The reason in words, for the caller; `None` is written as `null`.
    pub message: Option<String>,
    /// The resource that it is about; shown with `ResourceNotFound` and `TooManyTags`.
    pub resource_name: Option<String>,
}

impl Error {
    /// Returns an error with a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), resource_name: None }
    }

    /// Returns the error of a request for a resource that does not exist.
    pub fn resource_not_found(resource_name: &str) -> Self {
        let message = format!("Resource {resource_name} not found");
        Self::new(ErrorCode::ResourceNotFound, message).about(resource_name)
    }

    /// Returns the error with the name of the resource that it is about.
    #[must_use]
    pub fn about(self, resource_name: &str) -> Self {
        Self { resource_name: Some(resource_name.to_owned()), ..self }
    }

    /// Returns the error of a request that breaks one of the service's own rules.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// Returns the error of a request that is not JSON or has a value of another JSON type.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Serialization, message)
    }

    /// Returns the error of a service that failed; the caller is not told how.
    pub fn internal() -> Self {
        Self { code: ErrorCode::InternalFailure, message: None, resource_name: None }
    }

    /// Returns the error that lists `violations`, of which there is at least one.
    pub(crate) fn validation(violations: &[String]) -> Self {
        let noun = if violations.len() == 1 { "error" } else { "errors" };
        let list = violations.join("; ");
        let message = format!("{} validation {noun} detected: {list}", violations.len());
        Self::new(ErrorCode::Validation, message)
    }

    /// Returns the response's JSON body.
    pub fn body(&self) -> String {
        let message = self.message.as_deref();
        if self.code.names_resource() {
            json::encode(&OfResource { message, resource_name: self.resource_name.as_deref() })
        } else if self.code.capitalises_message() {
            json::encode(&Capitalised { message })
        } else {
            json::encode(&Plain { message })
        }
    }
}

#[derive(Serialize)]
struct Capitalised<'a> {
    #[serde(rename = "Message")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfResource<'a> {
    message: Option<&'a str>,
    resource_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Plain<'a> {
    message: Option<&'a str>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modelled_exceptions_capitalise_the_message_and_the_framework_does_not() {
        for (error, body) in [
            (Error::invalid_request("Trace id not found"), r#"{"Message":"Trace id not found"}"#),
            (Error::serialization("x"), r#"{"Message":"x"}"#),
            (Error::new(ErrorCode::Throttled, "x"), r#"{"Message":"x"}"#),
            (
                Error::validation(&["x".to_owned()]),
                r#"{"message":"1 validation error detected: x"}"#,
            ),
            (Error::internal(), r#"{"message":null}"#),
            (Error::new(ErrorCode::LockoutPrevention, "x"), r#"{"Message":"x"}"#),
            (
                Error::resource_not_found("arn:x"),
                r#"{"Message":"Resource arn:x not found","ResourceName":"arn:x"}"#,
            ),
            (Error::new(ErrorCode::TooManyTags, "x"), r#"{"Message":"x","ResourceName":null}"#),
            (Error::new(ErrorCode::UnknownOperation, "x"), r#"{"message":"x"}"#),
        ] {
            assert_eq!(error.body(), body);
        }
    }

    #[test]
    fn several_violations_are_counted_and_joined() {
        let error = Error::validation(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(error.to_string(), "ValidationException: 2 validation errors detected: a; b");
    }
}
