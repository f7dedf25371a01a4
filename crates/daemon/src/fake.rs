//! A real HTTP server for tests, which answers by a function and remembers what it was asked.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;

/// How long a token of the metadata service lives.
const LIFETIME: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The method and the target of the request line.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// Returns a header's text, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// A status and a body; `None` never comes.
pub(crate) type Answer = Option<(u16, String)>;

/// Returns a good answer.
pub(crate) fn ok(body: impl Into<String>) -> Answer {
    Some((200, body.into()))
}

/// A server that lives as long as the runtime.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Fake {
    /// Starts a server.
    pub(crate) async fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let (heard, answer) = (calls.clone(), Arc::new(answer));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let (heard, answer) = (heard.clone(), answer.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (heard, answer) = (heard.clone(), answer.clone());
                    async move {
                        let call = read(request).await;
                        // Remembered first: who hears that an answer is made looks for the call.
                        heard.lock().push(call.clone());
                        // How long a token lives is what was asked for.
                        let lifetime = call.headers.get(LIFETIME).cloned();
                        let Some((status, body)) = answer(&call) else {
                            return std::future::pending().await;
                        };
                        let mut response = Response::new(Full::new(Bytes::from(body)));
                        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
                        response.headers_mut().extend(lifetime.map(|secs| (LIFETIME, secs)));
                        Ok::<_, Infallible>(response)
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, calls }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what came so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().clone()
    }

    /// Returns the request lines that came so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.line).collect()
    }
}

async fn read(request: Request<Incoming>) -> Call {
    let line = format!("{} {}", request.method(), request.uri());
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Call { line, headers: head.headers, body }
}

/// Returns an environment that consists of these variables.
pub(crate) fn variables(
    pairs: &[(&'static str, &str)],
) -> impl Fn(&str) -> Option<String> + Sync + use<> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    move |name| pairs.iter().find(|(of, _)| *of == name).map(|(_, value)| value.clone())
}
