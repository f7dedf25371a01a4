//! Macro benchmarks.
fn main() {}
