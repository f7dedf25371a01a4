//! The X-Ray HTTP API: its operations, its errors, and the bodies of requests and responses.
//!
//! Requests are read as AWS reads them: the whole body first, where a value of another JSON type
//! is a `SerializationException`, then the model's constraints, all of which are reported together
//! in one `ValidationException`. What an operation makes of its request is not decided here.
//!
//! Responses are written with [`json::encode`](crate::json::encode): members in alphabetical order,
//! absent ones as `null`, doubles in Java's notation. Source: `rest-json` model of API version
//! 2016-04-12, and answers captured from AWS.

pub mod operation;

pub mod error;

mod reader;

pub mod segments;

pub mod traces;

pub mod summaries;

pub mod graph;

pub mod series;

pub mod retrieval;

pub mod sampling;

pub mod groups;

pub mod tags;

pub mod policies;

pub mod settings;

pub mod insights;

pub mod client;

pub use error::{Error, ErrorCode};
pub use operation::Operation;

#[cfg(test)]
mod tests;
