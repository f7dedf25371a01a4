//! Insights: when a service faults more often than its own past lets expect.
//!
//! [`band`] learns what share of a node's requests faults, and says what that lets expect of the next
//! ones. Nothing here reads a clock.
//!
//! Reading order is the order below.

mod tail;

pub mod band;

pub use band::{Band, Baseline, Counts, forecast};
