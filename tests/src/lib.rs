//! Parts that more than one test needs: a started program, a plain HTTP client.

pub mod http;
pub mod program;

pub use program::Program;
