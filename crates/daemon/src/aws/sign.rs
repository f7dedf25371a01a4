//! Signatures of requests to X-Ray.
//!
//! Signed are the host, the type of the body and AWS's own headers; everything else may be changed
//! by who passes the request on.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as signature};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use http::{HeaderValue, Request};
use wire::Micros;

use super::{Problem, in_one_line};

/// When the X-Ray daemon sent what a request carries.
const TIMESTAMP: HeaderName = HeaderName::from_static("x-amzn-xray-timestamp");

/// The header that a trace is passed on with; not ours, and changed on the way.
const TRACE_ID: &str = "x-amzn-trace-id";

/// What foreign signatures consist of.
const FOREIGN: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

/// The service that is signed for.
const SERVICE: &str = "xray";

/// Adds the time at which documents or telemetry are sent, as the original does.
///
/// Units: Unix seconds with nine decimals.
pub fn stamp(headers: &mut HeaderMap, now: Micros) {
    let (seconds, micros) = (now.0 / Micros::PER_SECOND, now.0 % Micros::PER_SECOND);
    let text = format!("{seconds}.{micros:06}000");
    // Digits and a dot are always a value.
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(TIMESTAMP, value);
    }
}

/// Signs a request.
///
/// # Errors
/// [`Problem::Unsigned`].
pub(super) fn sign(
    mut request: Request<Bytes>,
    region: &str,
    credentials: Credentials,
    now: Micros,
) -> Result<Request<Bytes>, Problem> {
    clear(request.headers_mut());
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(UNIX_EPOCH + Duration::from_micros(now.0))
        .settings(SigningSettings::default())
        .build()
        .expect("all that is needed was given")
        .into();
    let unsigned = |error: &dyn std::error::Error| Problem::Unsigned { causes: in_one_line(error) };
    if request.uri().host().is_none() {
        return Err(Problem::Unsigned { causes: "its URL has no host".to_owned() });
    }
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        signed_headers(request.headers()),
        SignableBody::Bytes(request.body()),
    );
    let output = signature(signable.map_err(|error| unsigned(&error))?, &params);
    let (instructions, _) = output.map_err(|error| unsigned(&error))?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Removes a signature for somebody else, and the host it was for.
fn clear(headers: &mut HeaderMap) {
    for name in FOREIGN.map(HeaderName::from_static).into_iter().chain([AUTHORIZATION, HOST]) {
        headers.remove(name);
    }
}

fn signed_headers(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let is_signed = |name: &HeaderName| {
        let text = name.as_str();
        *name == CONTENT_TYPE || (text.starts_with("x-amz") && text != TRACE_ID)
    };
    let headers = headers.iter().filter(move |(name, _)| is_signed(name));
    headers.flat_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
}
