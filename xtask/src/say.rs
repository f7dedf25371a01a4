//! What the verbs print, and how long something took.

use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

/// Prints one line to standard output; a reader who has gone away is no failure.
pub(crate) fn say(text: impl Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// Prints the head of a step.
pub(crate) fn step(name: &str, what: impl Display) {
    say(format_args!("\n== {name}: {what}"));
}

/// Runs `work` and returns what it returned and the time it took.
#[expect(clippy::disallowed_methods, reason = "seconds are printed here and decide nothing")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Writes a duration as seconds with one digit.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
