//! Parts that more than one test needs: a started program, a plain HTTP client, a server that repeats
//! answers.

pub mod http;
pub mod program;
pub mod replay;

pub use program::Program;
