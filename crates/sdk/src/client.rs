//! A tower layer for clients: each call has a subsegment of the current segment.
//!
//! The subsegment is named after the host, and ends with the head of the answer. The call brings the
//! trace header along, unless it has one; so it does when the trace is not recorded, so that the
//! callee does not begin another.
//!
//! ```
//! let layer = fluoro_sdk::client::ClientLayer::new();
//! ```

use std::fmt::Display;
use std::pin::Pin;
use std::task::{Poll, ready};

use http::{HeaderMap, Request, Response, Uri};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::context::Context;
use crate::entity::{Entity, Exception};
use crate::over_http::{self, TRACE_HEADER, TRACEPARENT};

/// Gives each call a subsegment.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientLayer {
    sends_traceparent: bool,
    expects_segments: bool,
}

impl ClientLayer {
    /// Returns a layer that sends the trace header.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends W3C's `traceparent`, too.
    #[must_use]
    pub fn with_traceparent(mut self) -> Self {
        self.sends_traceparent = true;
        self
    }

    /// Says that callees send segments of their own, so that a trace without them is incomplete.
    #[must_use]
    pub fn expecting_segments(mut self) -> Self {
        self.expects_segments = true;
        self
    }

    /// Begins the subsegment of a call, and tells the callee.
    pub(crate) fn begin(self, method: &str, uri: &Uri, headers: &mut HeaderMap) -> Entity {
        let current = Context::current();
        if current.is_nothing() {
            return Entity::nothing();
        }
        let entity = if current.is_recorded() {
            let entity = current.begin_remote(name_of(uri, headers));
            let mut made = over_http::made(method, uri, headers);
            made.traced = self.expects_segments.then_some(true);
            entity.http_request(made);
            entity
        } else {
            current.begin("")
        };
        if !headers.contains_key(TRACE_HEADER)
            && let Some(value) = over_http::value(entity.header())
        {
            headers.insert(TRACE_HEADER, value);
        }
        if self.sends_traceparent
            && !headers.contains_key(TRACEPARENT)
            && let Some(value) = over_http::value(entity.traceparent())
        {
            headers.insert(TRACEPARENT, value);
        }
        entity
    }
}

/// Returns the name of a call: the host without its port.
fn name_of(uri: &Uri, headers: &HeaderMap) -> String {
    let from_header = || {
        let host = over_http::host_of(uri, headers)?;
        Some(host.rsplit_once(':').map_or(host, |(host, _)| host))
    };
    uri.host().or_else(from_header).unwrap_or("remote").to_owned()
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        Client { layer: *self, inner }
    }
}

/// A service whose calls have subsegments.
#[derive(Clone, Debug)]
pub struct Client<S> {
    layer: ClientLayer,
    inner: S,
}

impl<S, B, A> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Error: Display,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Calling<S::Future>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let entity = self.layer.begin(method.as_str(), &uri, request.headers_mut());
        Calling { future: self.inner.call(request), entity: Some(entity) }
    }
}

pin_project! {
    /// A call that is being answered.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Calling<F> {
        #[pin]
        future: F,
        entity: Option<Entity>,
    }
}

impl<F, A, E> Future for Calling<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    E: Display,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.future.poll(cx));
        let entity = this.entity.take().unwrap_or_else(Entity::nothing);
        match &answer {
            Ok(answer) => {
                let length = over_http::length_of(answer.headers());
                entity.http_response(answer.status().as_u16(), length);
            }
            Err(cause) => fail::<E>(&entity, cause),
        }
        Poll::Ready(answer)
    }
}

/// Records that a call was not answered.
pub(crate) fn fail<E>(entity: &Entity, cause: &impl Display) {
    let kind = std::any::type_name::<E>();
    let exception = Exception::new(kind, cause.to_string());
    entity.record_exception(Exception { is_remote: true, ..exception });
}

#[cfg(test)]
mod tests;
