//! The answer to one API call, and how it looks on the wire.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use wire::api::Error;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The answer to one API call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The value of `x-amzn-errortype`; `None` on success.
    pub error_type: Option<&'static str>,
    /// The JSON body.
    pub body: Bytes,
}

impl From<Result<Bytes, Error>> for Reply {
    fn from(answer: Result<Bytes, Error>) -> Self {
        match answer {
            Ok(body) => Self { status: StatusCode::OK, error_type: None, body },
            Err(error) => Self {
                status: StatusCode::from_u16(error.code.status())
                    .expect("error codes have statuses of three digits"),
                error_type: Some(error.code.name()),
                body: error.body().into(),
            },
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(json_headers().map(|(name, value)| (name, HeaderValue::from_static(value))));
        headers.insert(REQUEST_ID, request_id());
        if let Some(error_type) = self.error_type {
            headers.insert(ERROR_TYPE, HeaderValue::from_static(error_type));
        }
        response
    }
}

/// The headers of every answer in JSON.
pub(crate) fn json_headers() -> [(HeaderName, &'static str); 3] {
    [
        (CONTENT_TYPE, "application/json"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31540000; includeSubDomains"),
    ]
}

/// Makes up a random UUID (version 4); nothing depends on its being hard to guess.
pub(crate) fn request_id() -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let mut text = [b'-'; 36];
    let places = (0..36).filter(|place| ![8, 13, 18, 23].contains(place));
    for (digit, place) in places.enumerate() {
        text[place] = DIGITS[(bits >> (124 - 4 * digit) & 0xf) as usize];
    }
    HeaderValue::from_bytes(&text).expect("hex digits and dashes are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        for _ in 0..100 {
            let id = request_id();
            let id = id.to_str().expect("ASCII");
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        assert_ne!(request_id(), request_id());
    }
}
