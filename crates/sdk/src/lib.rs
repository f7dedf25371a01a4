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
//! | feature | what it brings | how |
//! |---|---|---|
//! | `tracing` | `layer`: spans become segments and subsegments, errors become exceptions | [`guide::tracing`], and [`guide::sqlx`] for queries |
//! | `tower` | `middleware` for servers, `client` for clients | [`guide::tower`] |
//! | `axum` | routes and peers for `middleware` | [`guide::axum`] |
//! | `reqwest` | `requests`: a middleware for `reqwest-middleware` | [`guide::reqwest`] |
//! | `aws` | `aws`: an interceptor for clients of the AWS SDK | [`guide::aws`] |
//! | `opentelemetry` | `otel`: a propagator, an id generator and a sampler for programs of OpenTelemetry | [`guide::opentelemetry`] |
//! | `eks` | the cluster's name for [`Plugin::Eks`] | [`Config::with_plugins`] |
//!
//! Without a feature: [`Plugin`]s that ask what the program runs on, Lambda functions in
//! [`guide::lambda`], and a fake daemon for tests in [`guide::testing`].
//!
//! # What it promises its host
//!
//! It does not panic. Nothing waits for the network but [`Recorder::flush`],
//! [`Recorder::refresh_sampling`] and [`Config::with_plugins`]. Every queue is bounded, and
//! [`Recorder::statistics`] counts what was lost. Where no daemon listens it is silent. A request that
//! is not recorded costs its ids and the decision. Nothing is global: two recorders do not know each
//! other.
//!
//! # Variables of the environment
//!
//! Read by [`Config::with_env`] and [`Config::with_plugins`]; they beat what the code says.
//!
//! | variable | what it does here |
//! |---|---|
//! | `AWS_XRAY_DAEMON_ADDRESS` | [`Config::daemon`]: `host:port`, or `tcp:host:port udp:host:port` in either order; names and IPv6, too |
//! | `AWS_XRAY_TRACING_NAME` | the name, fixed or where the host gives none |
//! | `AWS_XRAY_CONTEXT_MISSING` | [`Config::context_missing`] |
//! | `AWS_XRAY_SDK_ENABLED`, `AWS_XRAY_SDK_DISABLED` | [`Config::enabled`]; either switches everything off |
//! | `AWS_XRAY_NOOP_ID` | [`Config::noop_ids`] |
//! | `AWS_XRAY_COLLECT_SQL_QUERIES` | [`Config::collect_sql_queries`] |
//! | `AWS_XRAY_LOG_LEVEL` | `silent` says nothing; there are no other levels, see [`Log`] |
//! | `AWS_XRAY_DEBUG_MODE` | beats `silent`; there is nothing more to say |
//! | `AWS_LOG_GROUP` | a log group of each segment |
//! | `LAMBDA_TASK_ROOT` | [`Config::lambda`]; `/tmp/.aws-xray/initialized` is written |
//! | `_X_AMZN_TRACE_ID` | the invocation of a Lambda function, read anew each time: [`Recorder::begin_current_invocation`], [`Recorder::subsegment`], spans and OpenTelemetry's propagator go below it |
//! | `IMDS_ENDPOINT`, `ECS_CONTAINER_METADATA_URI_V4`, `ECS_CONTAINER_METADATA_URI` | where [`Plugin`]s ask |
//! | `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT` | where the plugin for EKS asks for its cluster's name |
//! | `AWS_XRAY_MANUAL_MODE` | nothing: what Node's SDK does in this mode, passing contexts by hand, can always be done here |
//! | `AWS_XRAY_METRICS_DAEMON_ADDRESS` | nothing: Java's SDK counts requests for CloudWatch there, and the server derives the same from traces |
//! | `AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG` | nothing: its value is YAML; what it can say of anomalies is said in [`Config::anomalies`] |
//!
//! # What is not there
//!
//! Patterns of attributes in sampling rules, which no SDK applies; the spans of anomalies that no
//! sampling rule has picked, which AWS's distribution of OpenTelemetry can send along.

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

pub mod guide;

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
