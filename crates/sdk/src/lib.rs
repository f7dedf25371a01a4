//! Traces a Rust application for X-Ray: segments, sampling, and layers for the libraries that
//! services are made of.
//!
//! # Five lines
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! use fluoro_sdk::{Config, Recorder};
//!
//! let recorder = Recorder::new(Config::from_env("checkout")?)?;
//! let segment = recorder.begin();
//! segment.annotate("tier", "gold");
//! let call = segment.begin_remote("payments.example.com");
//! call.http_response(200, None);
//! drop((call, segment)); // Ended, and sent to the daemon on 127.0.0.1:2000.
//! # Ok(())
//! # }
//! ```
//!
//! A [`Recorder`] begins segments, by the sampling rules of the server unless [`Config::sampling`] says
//! otherwise. An [`Entity`] owns one segment or subsegment, which ends when the entity is dropped. A
//! [`Context`] is a place in a trace, cheap to clone: what is said goes there, and subsegments begin
//! there. Each thread and each future has a current one, see [`Context::enter`] and [`FutureExt`].
//!
//! # Integrations
//!
//! | feature | what it brings |
//! |---|---|
//! | `tracing` | `layer`: spans become segments and subsegments, errors become exceptions, the queries of sqlx become subsegments |
//! | `tower` | `middleware` for servers, `client` for clients |
//! | `axum` | routes and peers for `middleware` |
//! | `reqwest` | `requests`: a middleware for `reqwest-middleware` |
//! | `aws` | `aws`: an interceptor for clients of the AWS SDK |
//!
//! Without a feature: [`Plugin`]s that ask what the program runs on, [`Recorder::begin_invocation`]
//! for Lambda functions, and a fake daemon for tests in [`testing`].
//!
//! # What it promises its host
//!
//! It does not panic. Nothing waits for the network but [`Recorder::flush`],
//! [`Recorder::refresh_sampling`] and [`Config::with_plugins`]. Every queue is bounded, and
//! [`Recorder::statistics`] counts what was lost. Where no daemon listens it is silent. A request that
//! is not recorded costs its ids and the decision. Nothing is global: two recorders do not know each
//! other.
//!
//! # What is not there
//!
//! The propagator and the id generator for OpenTelemetry; in Lambda, the reading of
//! `_X_AMZN_TRACE_ID`, which the runtime hands on as the invocation's header; the name of an EKS cluster, which takes TLS;
//! patterns of attributes in sampling rules, which no SDK applies;
//! the metrics of Java's SDK
//! (`AWS_XRAY_METRICS_DAEMON_ADDRESS`); Node's manual mode, since contexts can always be passed by hand.

mod config;
mod error;
mod log;

mod recorder;
mod sampler;

mod context;
mod entity;
mod name;
mod plugins;
mod resource;

mod document;
mod emitter;

mod door;
mod system;

#[cfg(feature = "tracing")]
pub mod layer;

#[cfg(feature = "aws")]
pub mod aws;

#[cfg(feature = "opentelemetry")]
pub mod otel;

#[cfg(feature = "tower")]
pub mod client;
#[cfg(feature = "tower")]
pub mod middleware;
#[cfg(feature = "tower")]
mod over_http;
#[cfg(feature = "reqwest")]
pub mod requests;

pub mod testing;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use config::{Config, ContextMissing, DaemonAddress};
pub use context::{Context, Entered, FutureExt, InContext, InEntity};
pub use emitter::Statistics;
pub use entity::{Annotation, Entity, Exception};
pub use error::Error;
pub use log::Log;
pub use name::Naming;
pub use plugins::Plugin;
pub use recorder::{Incoming, Recorder};
pub use resource::Resource;
pub use sampler::{Anomaly, Sampling};
pub use system::{Random, SeededRandom, SystemClock, SystemRandom};

pub use wire::raw::ToJson;
pub use wire::sampling::{LocalRule, LocalRules};
pub use wire::segment;
pub use wire::{Clock, Header, ManualClock, Micros, SegmentId, TraceId};

/// Takes a lock; a thread that panicked with it has left nothing half done that would matter more
/// than the host going on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a subsegment of the current segment; where there is none, the work goes on unrecorded.
///
/// [`Recorder::subsegment`] also does what the settings say about work without a segment.
pub fn subsegment(name: impl Into<std::borrow::Cow<'static, str>>) -> Entity {
    Context::current().begin(name)
}
