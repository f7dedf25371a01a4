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

#[cfg(test)]
mod tests {
    use super::*;

    /// 2015-08-30T12:36:00Z.
    const NOW: Micros = Micros(1_440_938_160_123_456);

    fn request(url: &str) -> Request<Bytes> {
        let body = Bytes::from_static(b"{\"TraceSegmentDocuments\":[\"{}\"]}");
        let request = Request::post(url).header(CONTENT_TYPE, "application/json");
        let mut request = request.body(body).expect("a request");
        stamp(request.headers_mut(), NOW);
        request
    }

    fn signed(request: Request<Bytes>) -> Request<Bytes> {
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let token = Some("session/token==".to_owned());
        let credentials = Credentials::new(id, secret, token, None, "test");
        sign(request, "eu-central-1", credentials, NOW).expect("a signed request")
    }

    fn shown(request: &Request<Bytes>) -> String {
        let mut lines: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    /// The signatures are botocore's of the same requests, made by its `SigV4Auth`.
    #[test]
    fn signatures_are_those_of_the_sdk() {
        let signature = |url: &str| {
            let signed = signed(request(url));
            let text = signed.headers()[AUTHORIZATION].to_str().expect("text").to_owned();
            text.rsplit_once('=').expect("a signature").1.to_owned()
        };
        assert_eq!(
            signature("https://xray.eu-central-1.amazonaws.com/TraceSegments"),
            "a986e36dc08d1870a2272ae5021fa82f645bc5899ed7a4af68e34d420ff3bc16"
        );
        assert_eq!(
            signature("http://127.0.0.1:2080/prefix/GetSamplingRules?b=2&a=1%20x"),
            "671e2f1044cd9c2c8e7af31637bfbb8b80675e924dc5f1eee277d5473e89d987"
        );
    }

    #[test]
    fn a_foreign_signature_is_replaced_and_what_changes_on_the_way_is_not_signed() {
        let mut foreign = request("https://xray.eu-central-1.amazonaws.com/GetSamplingRules");
        for (name, value) in [
            ("authorization", "AWS4-HMAC-SHA256 Credential=dummy"),
            ("x-amz-date", "20000101T000000Z"),
            ("x-amz-security-token", "theirs"),
            ("x-amz-content-sha256", "theirs"),
            ("host", "127.0.0.1:2000"),
            ("user-agent", "xray-sdk"),
            ("x-amzn-trace-id", "Root=1-2-3"),
        ] {
            foreign.headers_mut().append(name, HeaderValue::from_static(value));
        }
        insta::assert_snapshot!(shown(&signed(foreign)), @"
        authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/xray/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amzn-xray-timestamp, Signature=9334d7cb7294319cfa63d838722aa26cf29265954ef26c0b7d1bcea2ed8b6b6f
        content-type: application/json
        user-agent: xray-sdk
        x-amz-date: 20150830T123600Z
        x-amz-security-token: session/token==
        x-amzn-trace-id: Root=1-2-3
        x-amzn-xray-timestamp: 1440938160.123456000
        ");
    }

    #[test]
    fn a_request_to_nowhere_is_not_signed() {
        let nowhere = Request::post("/TraceSegments").body(Bytes::new()).expect("a request");
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let problem = sign(nowhere, "eu-central-1", credentials, NOW).expect_err("no host");
        assert_eq!(problem.to_string(), "sign a request: its URL has no host");
    }

    #[test]
    fn a_stamp_has_nine_decimals() {
        let mut headers = HeaderMap::new();
        stamp(&mut headers, Micros(1_000_042));
        assert_eq!(headers[TIMESTAMP], "1.000042000");
    }
}
