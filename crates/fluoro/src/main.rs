//! The `fluoro` program: arguments, config, environment; nothing else.
fn main() {}
