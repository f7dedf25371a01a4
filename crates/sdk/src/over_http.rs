//! What requests and answers over HTTP say to a trace, for servers and for clients.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Poll, ready};

use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use wire::header::Sampled;
use wire::segment::Request;
use wire::{Header, SegmentId, TraceId};

use crate::entity::Entity;

/// The trace header's name, as a map of headers has it.
pub(crate) const TRACE_HEADER: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// The name of W3C's header.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the trace that a request continues: that of the trace header, or else of W3C's.
pub(crate) fn trace_of(headers: &HeaderMap) -> Header {
    match text(headers, &TRACE_HEADER) {
        Some(header) => Header::parse(header),
        None => text(headers, &TRACEPARENT).and_then(parse_traceparent).unwrap_or_default(),
    }
}

/// Reads W3C's header; `None` when it is void. Versions to come may have more fields behind.
///
/// Source: Trace Context, W3C.
fn parse_traceparent(text: &str) -> Option<Header> {
    let mut fields = text.trim().split('-');
    let (version, root, parent) = (fields.next()?, fields.next()?, fields.next()?);
    let flags = u8::from_str_radix(fields.next().filter(|flags| flags.len() == 2)?, 16).ok()?;
    let is_readable = version.len() == 2 && version != "ff";
    let is_done = version != "00" || fields.next().is_none();
    let root = TraceId::parse_w3c(root).filter(|root| root.0 != [0; 16])?;
    let parent = SegmentId::parse(parent).filter(|parent| parent.0 != 0)?;
    let sampled = if flags & 1 == 1 { Sampled::Yes } else { Sampled::No };
    if !is_readable || !is_done {
        return None;
    }
    let mut header = Header::default();
    (header.root, header.parent, header.sampled) = (Some(root), Some(parent), Some(sampled));
    Some(header)
}

/// Returns the host that a request asks for, with the port if it is there.
pub(crate) fn host_of<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Option<&'r str> {
    text(headers, &HOST).or_else(|| uri.authority().map(|authority| authority.as_str()))
}

/// Returns what a segment says of the request it serves. Queries are left out, as they may hold
/// secrets.
pub(crate) fn served(
    method: &str,
    uri: &Uri,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
) -> Request<'static> {
    let forwarded = text(headers, &FORWARDED_FOR).and_then(|it| it.split(',').next());
    let forwarded = forwarded.map(str::trim).filter(|it| !it.is_empty());
    let scheme = text(headers, &FORWARDED_PROTO).or(uri.scheme_str()).unwrap_or("http");
    let host = host_of(uri, headers).unwrap_or("");
    Request {
        method: Some(method.to_owned().into()),
        url: Some(format!("{scheme}://{host}{}", uri.path()).into()),
        user_agent: text(headers, &USER_AGENT).map(|agent| agent.to_owned().into()),
        client_ip: match forwarded {
            Some(forwarded) => Some(forwarded.to_owned().into()),
            None => peer.map(|peer| peer.to_string().into()),
        },
        x_forwarded_for: forwarded.map(|_| true),
        ..Request::default()
    }
}

/// Returns what a subsegment says of the request it makes, without its query.
pub(crate) fn made(method: &str, uri: &Uri, headers: &HeaderMap) -> Request<'static> {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.authority().map(|it| it.host_and_port()).or_else(|| host_of(uri, headers));
    Request {
        method: Some(method.to_owned().into()),
        url: Some(format!("{scheme}://{}{}", host.unwrap_or(""), uri.path()).into()),
        ..Request::default()
    }
}

/// An authority without the name and password that may stand before it.
trait HostAndPort {
    fn host_and_port(&self) -> &str;
}

impl HostAndPort for http::uri::Authority {
    fn host_and_port(&self) -> &str {
        self.as_str().rsplit_once('@').map_or(self.as_str(), |(_, host)| host)
    }
}

/// Returns the length that an answer says it has.
pub(crate) fn length_of(headers: &HeaderMap) -> Option<u64> {
    text(headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok())
}

/// Returns a value for a header; ids and what came in a header always are one.
pub(crate) fn value(text: Option<String>) -> Option<HeaderValue> {
    text.and_then(|text| HeaderValue::try_from(text).ok())
}

pin_project! {
    /// A body that is part of the work of a segment, which ends when the body does.
    pub struct TracedBody<B> {
        #[pin]
        body: B,
        entity: Option<Entity>,
    }
}

impl<B> TracedBody<B> {
    pub(crate) fn new(body: B, entity: Entity) -> Self {
        Self { body, entity: Some(entity) }
    }
}

impl<B: Default> Default for TracedBody<B> {
    fn default() -> Self {
        Self { body: B::default(), entity: None }
    }
}

impl<B: Body> Body for TracedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        match &frame {
            Some(Ok(_)) => {}
            Some(Err(_)) => {
                if let Some(entity) = this.entity.take() {
                    entity.set_fault();
                }
            }
            None => drop(this.entity.take()),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traceparent_is_read_as_w3c_says() {
        let good = "00-4efaaf4d1e8720b39541901950019ee5-53995c3f42cd8ad8-01";
        let header = parse_traceparent(good).expect("a header");
        let expected = "Root=1-4efaaf4d-1e8720b39541901950019ee5;Parent=53995c3f42cd8ad8;Sampled=1";
        assert_eq!(header.to_string(), expected);
        for (text, sampled) in [
            (good.replace("-01", "-00"), Some(Sampled::No)),
            (good.replace("00-", "cc-") + "-more", Some(Sampled::Yes)),
            (good.to_owned() + "-more", None),
            (good.replace("00-", "ff-"), None),
            (good.replace("53995c3f42cd8ad8", "0000000000000000"), None),
            (good.replace("4efaaf4d1e8720b39541901950019ee5", &"0".repeat(32)), None),
            (good.replace("-01", ""), None),
            (good.replace("-01", "-1"), None),
        ] {
            let read = parse_traceparent(&text).and_then(|header| header.sampled);
            assert_eq!(read, sampled, "{text}");
        }
    }

    #[test]
    fn urls_have_no_query_and_no_password() {
        let uri: Uri = "https://user:word@h.example:8443/a/b?secret=1".parse().expect("a URI");
        let request = made("GET", &uri, &HeaderMap::new());
        assert_eq!(request.url.as_deref(), Some("https://h.example:8443/a/b"));
    }
}
