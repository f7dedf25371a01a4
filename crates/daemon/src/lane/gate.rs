//! When to try again: a server that failed is left alone for a while, and then asked by one sender.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep_until};

/// The first pause; each failure in a row doubles it.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Open while sending works; shut from a failure until the next success.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    /// Held by the one sender that tries while the gate is shut.
    probe: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row; those of attempts under way at the same time are one.
    failure_count: u32,
    /// When it was shut.
    since: Option<Instant>,
    /// When to try again.
    until: Option<Instant>,
}

/// The leave to try once.
#[derive(Debug)]
pub(super) struct Pass<'g> {
    /// The failures in a row when the attempt began.
    failure_count: u32,
    _probe: Option<MutexGuard<'g, ()>>,
}

impl Gate {
    /// Returns since when it is shut; `None` when it is open.
    pub(super) fn shut_since(&self) -> Option<Instant> {
        self.state.lock().since
    }

    /// Waits until the caller may try.
    pub(super) async fn pass(&self) -> Pass<'_> {
        if self.shut_since().is_none() {
            return Pass { failure_count: 0, _probe: None };
        }
        let probe = self.probe.lock().await;
        let (failure_count, until) = {
            let state = self.state.lock();
            (state.failure_count, state.until)
        };
        if let Some(until) = until {
            sleep_until(until).await;
        }
        Pass { failure_count, _probe: until.map(|_| probe) }
    }

    /// Remembers a success; returns for how long the gate was shut, if it was.
    pub(super) fn open(&self) -> Option<Duration> {
        let state = std::mem::take(&mut *self.state.lock());
        state.since.map(|since| since.elapsed())
    }

    /// Remembers a failure. The server's own wish counts, otherwise the pause doubles with each
    /// failure in a row, less a random part, so that many daemons do not come back at one moment.
    pub(super) fn shut(&self, pass: &Pass<'_>, wish: Option<Duration>) {
        let mut state = self.state.lock();
        if state.failure_count > pass.failure_count {
            return;
        }
        let doubled = PAUSE_MIN.saturating_mul(1 << state.failure_count.min(10)).min(PAUSE_MAX);
        let pause = wish.unwrap_or_else(|| doubled.mul_f64(0.5 + fastrand::f64() / 2.0));
        state.failure_count += 1;
        let now = Instant::now();
        state.since.get_or_insert(now);
        state.until = Some(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_half_a_minute_less_a_random_part() {
        let gate = Gate::default();
        for (failure, whole) in
            [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000].iter().enumerate()
        {
            let begin = Instant::now();
            let pass = gate.pass().await;
            let waited = begin.elapsed().as_millis();
            if failure == 0 {
                assert_eq!(waited, 0);
            }
            gate.shut(&pass, None);
            let until = gate.state.lock().until.expect("it is shut");
            let pause = (until - Instant::now()).as_millis();
            assert!((whole / 2..=*whole).contains(&pause), "{failure}: {pause}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_attempts_under_way_together_are_one() {
        let gate = Gate::default();
        let (first, second) = (gate.pass().await, gate.pass().await);
        gate.shut(&first, None);
        gate.shut(&second, None);
        assert_eq!(gate.state.lock().failure_count, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_tries_while_it_is_shut_and_all_go_once_it_is_open() {
        let gate = Gate::default();
        let pass = gate.pass().await;
        gate.shut(&pass, Some(Duration::from_secs(5)));
        let begin = Instant::now();
        let probe = gate.pass().await;
        assert_eq!(begin.elapsed(), Duration::from_secs(5));
        let second = tokio::time::timeout(Duration::from_secs(60), gate.pass());
        assert!(second.await.is_err());
        assert_eq!(gate.open(), Some(Duration::from_secs(65)));
        drop(probe);
        tokio::time::timeout(Duration::ZERO, gate.pass()).await.expect("it is open");
        assert_eq!(gate.open(), None);
    }
}
