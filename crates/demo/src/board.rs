//! The board: what is broken at the moment, and until when.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::fault::Fault;

/// The longest time for which something may be broken: a demo that nobody watches heals.
pub const BROKEN_MAX: Duration = Duration::from_secs(24 * 3600);

/// From when until when something is broken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    since: Instant,
    until: Instant,
}

/// What is broken now. Whoever must act on a change watches it.
pub(crate) struct Board {
    runs: watch::Sender<BTreeMap<Fault, Run>>,
}

impl Board {
    /// Returns a board with nothing broken.
    pub(crate) fn new() -> Self {
        Self { runs: watch::Sender::new(BTreeMap::new()) }
    }

    /// Breaks something for `time`; what is broken already begins anew.
    pub(crate) fn start(&self, fault: Fault, time: Duration) {
        let since = Instant::now();
        let until = since + time.min(BROKEN_MAX);
        self.runs.send_modify(|runs| {
            runs.insert(fault, Run { since, until });
        });
    }

    /// Heals something; false when it was not broken.
    pub(crate) fn end(&self, fault: Fault) -> bool {
        self.runs.send_if_modified(|runs| runs.remove(&fault).is_some())
    }

    /// Returns whether something is broken.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.runs.borrow().get(&fault).is_some_and(|run| Instant::now() < run.until)
    }

    /// Returns how much of its time has passed, from 0 to 1; 0 when it is not broken.
    pub(crate) fn progress(&self, fault: Fault) -> f64 {
        let Some(run) = self.runs.borrow().get(&fault).copied() else { return 0.0 };
        let whole = run.until.duration_since(run.since).as_secs_f64();
        if whole > 0.0 { (run.since.elapsed().as_secs_f64() / whole).min(1.0) } else { 1.0 }
    }

    /// Returns for how long something will still be broken; `None` when it is not.
    pub(crate) fn remaining(&self, fault: Fault) -> Option<Duration> {
        let until = self.runs.borrow().get(&fault)?.until;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Returns what tells of changes.
    pub(crate) fn watch(&self) -> watch::Receiver<BTreeMap<Fault, Run>> {
        self.runs.subscribe()
    }

    /// Heals each fault when its time is over; never returns.
    pub(crate) async fn expire(&self) {
        let mut changes = self.watch();
        loop {
            let next = changes.borrow_and_update().values().map(|run| run.until).min();
            let healed = async {
                match next {
                    Some(next) => sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = healed => {
                    let now = Instant::now();
                    self.runs.send_modify(|runs| runs.retain(|_, run| run.until > now));
                }
                // The sender is this board, which lives at least as long.
                _ = changes.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn what_is_broken_heals_by_itself() {
        let board = std::sync::Arc::new(Board::new());
        let theirs = board.clone();
        let expiring = tokio::spawn(async move { theirs.expire().await });
        board.start(Fault::Latency, 2 * MINUTE);
        board.start(Fault::Backend, MINUTE);
        let mut changes = board.watch();
        tokio::time::sleep(MINUTE / 2).await;
        assert_eq!(board.progress(Fault::Latency), 0.25);
        assert_eq!(board.remaining(Fault::Backend), Some(MINUTE / 2));
        changes.borrow_and_update();
        changes.changed().await.expect("the board is there");
        assert!(!board.has(Fault::Backend) && board.has(Fault::Latency));
        changes.changed().await.expect("the board is there");
        assert_eq!((board.has(Fault::Latency), board.remaining(Fault::Latency)), (false, None));
        expiring.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_broken_can_be_healed_and_broken_again() {
        let board = Board::new();
        assert!(!board.end(Fault::Errors));
        board.start(Fault::Errors, MINUTE);
        tokio::time::sleep(MINUTE / 2).await;
        board.start(Fault::Errors, MINUTE);
        assert_eq!(board.remaining(Fault::Errors), Some(MINUTE));
        assert!(board.end(Fault::Errors));
        assert!(!board.has(Fault::Errors));
        board.start(Fault::Errors, 2 * BROKEN_MAX);
        assert_eq!(board.remaining(Fault::Errors), Some(BROKEN_MAX));
    }
}
