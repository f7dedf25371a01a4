//! A service of axum with tracing, in the few lines that it takes. Start it, ask it, and look at the
//! trace: `cargo run -p fluoro-sdk --features axum,tracing --example axum`.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use fluoro_sdk::layer::SpanLayer;
use fluoro_sdk::middleware::ServerLayer;
use fluoro_sdk::{Config, Recorder};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let recorder = Recorder::new(Config::from_env("greeter")?)?;
    tracing_subscriber::registry().with(SpanLayer::new(&recorder)).init();
    let app = Router::new().route("/hello/{name}", get(hello)).layer(ServerLayer::new(&recorder));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

/// A span below the request's segment: its name and its fields are in the trace.
#[tracing::instrument(fields(xray.annotation.name = %name))]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!\n")
}
