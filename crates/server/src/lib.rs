//! The backend: HTTP front, route table, ingest, metrics.
//!
//! A request passes, in reading order, `http` (bytes, headers, limits), `routes` (which operation,
//! which right), `api` (what the operation answers) and, when it brings documents, `ingest`. What
//! is stored is the store's affair, what a trace means is `trace`'s; this crate asks and answers.

pub mod config;

mod app;

pub mod http;

mod routes;

mod api;

mod console;

pub mod ingest;

mod rollup;

mod graphs;

mod watch;

mod expression;
mod groups;

mod insights;

mod sampling;

mod retrieval;

mod tags;

mod policies;

mod settings;

pub mod control;

pub mod metrics;

#[cfg(test)]
mod testing;

pub use app::Server;
pub use config::{Addresses, Config};
pub use control::Control;
pub use http::Reply;
pub use ingest::Ingest;
pub use rollup::GraphRollup;
