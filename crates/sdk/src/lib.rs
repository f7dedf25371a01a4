//! Traces a Rust application for X-Ray: segments, sampling, and layers for the libraries that
//! services are made of.

mod config;
mod error;
mod log;

mod recorder;
mod sampler;

mod context;
mod entity;
mod name;
mod resource;

mod document;
mod emitter;

mod door;
mod system;

#[cfg(feature = "tracing")]
pub mod layer;

#[cfg(feature = "tower")]
pub mod client;
#[cfg(feature = "tower")]
pub mod middleware;
#[cfg(feature = "tower")]
mod over_http;

pub mod testing;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use config::{Config, ContextMissing, DaemonAddress};
pub use context::{Context, Entered, FutureExt, InContext, InEntity};
pub use emitter::Statistics;
pub use entity::{Annotation, Entity, Exception};
pub use error::Error;
pub use log::Log;
pub use name::Naming;
pub use recorder::{Incoming, Recorder};
pub use resource::Resource;
pub use sampler::Sampling;
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
