//! The front that SDKs talk to: datagrams in over UDP, sampling calls over TCP.
//!
//! A thread reads datagrams in bursts and puts their documents into a queue of bounded size; tasks
//! take batches from it and hand them to a [`Sink`]. Sampling calls go to an [`Upstream`]. What
//! stands behind the two is the program's affair: the store in the same process, or [`Lanes`], which
//! send everything on over HTTP, each to a server of its own.

pub mod config;

pub mod original;

mod telemetry;

mod log_limit;

mod queue;

pub mod udp;

pub mod stream;

pub mod sink;

pub mod spool;

mod tcp;

pub mod aws;

pub mod client;

mod endpoint;

mod destination;

mod lane;

mod lanes;

pub mod report;

pub mod health;

mod front;

#[cfg(test)]
mod backend;

#[cfg(test)]
mod fake;

pub use config::{Batching, Config, Otlp};
pub use destination::Destination;
pub use endpoint::{Endpoint, EndpointProblem};
pub use front::{Doors, Error, Front};
pub use lane::{Lane, LaneOptions, Status};
pub use lanes::Lanes;
pub use sink::{Reply, SamplingCall, Sink, Upstream};
pub use telemetry::{Counter, Telemetry};
