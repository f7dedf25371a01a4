//! The few messages that this crate has for its host: seldom, and never about the host's data.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wire::Micros;

/// Microseconds from one message to the next; what comes between is counted.
const INTERVAL_MICROS: u64 = 10 * Micros::PER_SECOND;

/// Where messages go: to `tracing` when that feature is on, to standard error otherwise; at most one
/// in ten seconds.
#[derive(Clone)]
pub struct Log {
    to: To,
    state: Arc<State>,
}

#[derive(Clone)]
enum To {
    Usual,
    Nobody,
    Function(Arc<dyn Fn(&str) + Send + Sync>),
}

#[derive(Debug, Default)]
struct State {
    /// When the next message may be said, in microseconds since the epoch.
    next: AtomicU64,
    kept_back: AtomicU64,
}

impl Log {
    /// Says nothing.
    pub fn silent() -> Self {
        Self { to: To::Nobody, state: Arc::default() }
    }

    /// Gives each message to `function`.
    pub fn to(function: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { to: To::Function(Arc::new(function)), state: Arc::default() }
    }

    /// Follows Node's variables: `silent` says nothing, and debug mode does not say less.
    pub(crate) fn set_level(&mut self, level: Option<&str>, debug: bool) {
        if level.is_some_and(|level| level.eq_ignore_ascii_case("silent")) && !debug {
            self.to = To::Nobody;
        }
    }

    /// Says `message`, unless another was said a moment ago.
    pub(crate) fn say(&self, now: Micros, message: &str) {
        let next = self.state.next.load(Ordering::Relaxed);
        let claims = |next| {
            let after = now.0.saturating_add(INTERVAL_MICROS);
            self.state.next.compare_exchange(next, after, Ordering::Relaxed, Ordering::Relaxed)
        };
        if now.0 < next || claims(next).is_err() {
            self.state.kept_back.fetch_add(1, Ordering::Relaxed);
            return;
        }
        match self.state.kept_back.swap(0, Ordering::Relaxed) {
            0 => self.put(message),
            more => self.put(&format!("{message} ({more} messages were kept back)")),
        }
    }

    fn put(&self, message: &str) {
        match &self.to {
            To::Usual => usual(message),
            To::Nobody => {}
            To::Function(function) => function(message),
        }
    }
}

#[cfg(feature = "tracing")]
fn usual(message: &str) {
    tracing::warn!(target: "fluoro_sdk", "{message}");
}

#[cfg(not(feature = "tracing"))]
fn usual(message: &str) {
    use std::io::Write;
    // A host without standard error loses the message and nothing else.
    let _written = writeln!(std::io::stderr(), "fluoro-sdk: {message}");
}

impl Default for Log {
    fn default() -> Self {
        Self { to: To::Usual, state: Arc::default() }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn messages_are_few_and_say_how_many_there_were() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let log = Log::to(move |message| crate::lock(&heard).push(message.to_owned()));
        for second in [0, 1, 9, 10, 11] {
            log.say(Micros::from_secs(second), "something is missing");
        }
        let expected = ["something is missing", "something is missing (2 messages were kept back)"];
        assert_eq!(*crate::lock(&said), expected);
    }

    #[test]
    fn silence_can_be_asked_for() {
        for (level, debug, silent) in
            [(Some("SILENT"), false, true), (Some("silent"), true, false), (None, false, false)]
        {
            let mut log = Log::default();
            log.set_level(level, debug);
            assert_eq!(matches!(log.to, To::Nobody), silent, "{level:?} {debug}");
        }
    }
}
