//! A service of hyper that answers a request by calling itself, both traced: one segment calls the
//! other. `cargo run -p fluoro-sdk --features tower --example hyper`, then ask 127.0.0.1:8080.

use std::convert::Infallible;

use fluoro_sdk::client::ClientLayer;
use fluoro_sdk::middleware::{Peer, ServerLayer};
use fluoro_sdk::{Config, Recorder};
use http::{Request, Response};
use http_body_util::{Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let recorder = Recorder::new(Config::from_env("echo")?)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let service = ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer.ip()));
                request
            })
            .layer(ServerLayer::new(&recorder))
            .service(service_fn(answer));
        tokio::spawn(async move {
            let service = TowerToHyperService::new(service);
            let io = TokioIo::new(stream);
            // A client that goes away is its own affair.
            let _served = Builder::new(TokioExecutor::new()).serve_connection(io, service).await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = match request.uri().path() {
        "/leaf" => "leaf\n".to_owned(),
        _ => call().await.unwrap_or_else(|cause| format!("the call failed: {cause}\n")),
    };
    Ok(Response::new(Full::new(text.into())))
}

/// Calls this service; the subsegment is that of the current segment.
async fn call() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let client = ClientLayer::new().expecting_segments().layer(client);
    let request = Request::get("http://127.0.0.1:8080/leaf").body(Empty::new())?;
    let answer = client.oneshot(request).await?;
    Ok(format!("called, and was answered {}\n", answer.status()))
}
