//! Finding traces: what is asked, and where the answer can be.

pub mod prune;
