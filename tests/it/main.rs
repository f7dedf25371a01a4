//! One binary for every test that crosses crates.

mod clients;
mod compat;
mod conformance;
mod crash;
mod daemon;
mod demo;
mod deploy;
mod documents;
mod examples;
mod flow;
mod fuzz;
mod sdk;
mod session;
mod settings;
mod tables;
mod tidy;

/// Returns whether the slow form of a test is wanted: `SLOW=1`, and always in CI.
#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn runs_slow_tests() -> bool {
    ["SLOW", "CI"].iter().any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}
