//! A tower layer for servers: each request has a segment.
//!
//! The request continues the trace of its `X-Amzn-Trace-Id`, or of its `traceparent`; its answer says
//! the trace's id. The segment ends when the body of the answer has been sent, or was given up. While
//! the service works on the request, the segment is current.
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! let recorder = fluoro_sdk::Recorder::new(fluoro_sdk::Config::from_env("shop")?)?;
//! let layer = fluoro_sdk::middleware::ServerLayer::new(&recorder);
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `axum`, the route's template is the annotation `route`, and the peer's address is
//! known if the router is served with `into_make_service_with_connect_info`. Use `Router::layer`, so
//! that the route is known when the layer is asked. Elsewhere, [`ServerLayer::with_route`] and
//! [`Peer`] say the same.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Poll, ready};

use http::{Extensions, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::context::{FutureExt, InContext};
use crate::entity::Entity;
use crate::over_http::{self, TRACE_HEADER};
use crate::recorder::{Incoming, Recorder};

pub use crate::over_http::TracedBody;

/// The address of a request's peer, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Says which route a request has taken.
type Route = fn(&Extensions) -> Option<String>;

/// Gives each request a segment.
#[derive(Clone, Debug)]
pub struct ServerLayer {
    recorder: Recorder,
    route: Route,
}

impl ServerLayer {
    /// Returns a layer that records with `recorder`.
    pub fn new(recorder: &Recorder) -> Self {
        Self { recorder: recorder.clone(), route: usual_route }
    }

    /// Takes the template of the route, which becomes the annotation `route`, from the request's
    /// extensions.
    #[must_use]
    pub fn with_route(mut self, route: fn(&Extensions) -> Option<String>) -> Self {
        self.route = route;
        self
    }

    /// Begins the segment of a request.
    fn begin<B>(&self, request: &Request<B>) -> Entity {
        let (uri, headers) = (request.uri(), request.headers());
        let method = request.method().as_str();
        let entity = self.recorder.begin_request(&Incoming {
            header: over_http::trace_of(headers),
            host: over_http::host_of(uri, headers),
            method: Some(method),
            path: Some(uri.path()),
            ..Incoming::default()
        });
        if entity.is_recorded() {
            let extensions = request.extensions();
            let peer = peer_of(extensions);
            entity.http_request(over_http::served(method, uri, headers, peer));
            if let Some(route) = (self.route)(extensions) {
                entity.annotate("route", route);
            }
        }
        entity
    }
}

#[cfg(feature = "axum")]
fn usual_route(extensions: &Extensions) -> Option<String> {
    extensions.get::<axum::extract::MatchedPath>().map(|path| path.as_str().to_owned())
}

#[cfg(not(feature = "axum"))]
fn usual_route(_extensions: &Extensions) -> Option<String> {
    None
}

fn peer_of(extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<Peer>().map(|peer| peer.0);
    #[cfg(feature = "axum")]
    let peer = peer.or_else(|| {
        let info = extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
        info.map(|info| info.0.ip())
    });
    peer
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Server<S> {
        Server { layer: self.clone(), inner }
    }
}

/// A service whose requests have segments.
#[derive(Clone, Debug)]
pub struct Server<S> {
    layer: ServerLayer,
    inner: S,
}

impl<S, B, A> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<A>>,
{
    type Response = Response<TracedBody<A>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let entity = self.layer.begin(&request);
        let context = entity.context();
        let future = entity.run(|| self.inner.call(request)).in_context(context);
        Answering { future, entity: Some(entity) }
    }
}

pin_project! {
    /// An answer that is being made.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Answering<F> {
        #[pin]
        future: InContext<F>,
        entity: Option<Entity>,
    }
}

impl<F, A, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<A>, E>>,
{
    type Output = Result<Response<TracedBody<A>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.future.poll(cx));
        let entity = this.entity.take().unwrap_or_else(Entity::nothing);
        let mut answer = answer.inspect_err(|_| entity.set_fault())?;
        let length = over_http::length_of(answer.headers());
        entity.http_response(answer.status().as_u16(), length);
        if let Some(value) = over_http::value(entity.response_header()) {
            answer.headers_mut().insert(TRACE_HEADER, value);
        }
        Poll::Ready(Ok(answer.map(|body| TracedBody::new(body, entity))))
    }
}

#[cfg(test)]
mod tests;
