//! A real server on the other side, for tests: answers as it is told and remembers what came.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// The answer to a batch that was taken whole.
pub(crate) const TAKEN: (u16, &str) = (200, "{\"UnprocessedTraceSegments\":[]}");

/// What came in one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) is_repeated: bool,
}

/// A server on a port of its own.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    heard: Mutex<Vec<Heard>>,
    came: Notify,
    /// The next answers; status 0 never answers.
    answers: Mutex<VecDeque<(u16, &'static str)>>,
    /// What is answered then.
    last: Mutex<(u16, &'static str)>,
}

impl Backend {
    /// Starts a server that gives these answers, and then the last one for ever.
    pub(crate) async fn start(answers: &[(u16, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        state.answers.lock().extend(answers);
        *state.last.lock() = *answers.last().expect("an answer");
        let backend = Self { url: format!("http://{address}/prefix/"), state: state.clone() };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let state = state.clone();
                let service = service_fn(move |request| answer(state.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        backend
    }

    /// Says what is answered from now on.
    pub(crate) fn answer(&self, answer: (u16, &'static str)) {
        self.state.answers.lock().clear();
        *self.state.last.lock() = answer;
    }

    /// Waits for so many requests in all, and returns them.
    pub(crate) async fn heard(&self, count: usize) -> Vec<Heard> {
        loop {
            let came = self.state.came.notified();
            let heard = self.state.heard.lock().clone();
            if heard.len() >= count {
                return heard;
            }
            came.await;
        }
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let is_repeated = request.headers().contains_key(crate::destination::REPEATED);
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let body = String::from_utf8(body.to_vec()).expect("text");
    state.heard.lock().push(Heard { path, body, is_repeated });
    let (status, text) = state.answers.lock().pop_front().unwrap_or(*state.last.lock());
    state.came.notify_one();
    if status == 0 {
        return std::future::pending().await;
    }
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert("x-amzn-errortype", "Some".parse().expect("a value"));
    Ok(response)
}
