//! A bounded queue that its writers never wait for: one reader takes all that is there at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bounded queue with one reader.
pub(super) struct Queue<T> {
    max: usize,
    state: Mutex<State<T>>,
    /// The reader waits for items here.
    filled: Condvar,
    /// Those who flush wait here.
    emptied: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    dropped_count: u64,
    is_closed: bool,
    /// The reader waits.
    is_idle: bool,
    /// The reader works on items that it has taken.
    is_busy: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(max: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            dropped_count: 0,
            is_closed: false,
            is_idle: false,
            is_busy: false,
        };
        Self { max, state: Mutex::new(state), filled: Condvar::new(), emptied: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        crate::lock(&self.state)
    }

    /// Puts an item in, or drops and counts it when the queue is full or closed.
    pub(super) fn put(&self, item: T) {
        let mut state = self.state();
        if state.is_closed || state.items.len() >= self.max {
            state.dropped_count += 1;
            drop(state);
            return;
        }
        state.items.push_back(item);
        let wakes = std::mem::take(&mut state.is_idle);
        drop(state);
        if wakes {
            self.filled.notify_one();
        }
    }

    /// Gives every item to `work` until the queue is closed and empty.
    pub(super) fn drain(&self, mut work: impl FnMut(T)) {
        let mut taken = VecDeque::new();
        while self.take(&mut taken) {
            taken.drain(..).for_each(&mut work);
        }
    }

    /// Waits for items and takes all; false when there will be none.
    fn take(&self, taken: &mut VecDeque<T>) -> bool {
        let mut state = self.state();
        state.is_busy = false;
        if state.items.is_empty() {
            self.emptied.notify_all();
        }
        while state.items.is_empty() {
            if state.is_closed {
                return false;
            }
            state.is_idle = true;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_idle = false;
        state.is_busy = true;
        std::mem::swap(&mut state.items, taken);
        true
    }

    /// Takes no more items.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_one();
    }

    /// Waits until every item has been worked on; false when `timeout` passed before.
    pub(super) fn wait_until_empty(&self, timeout: Duration) -> bool {
        let state = self.state();
        let has_work = |state: &mut State<T>| state.is_busy || !state.items.is_empty();
        let waited = self.emptied.wait_timeout_while(state, timeout, has_work);
        let (_state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }

    pub(super) fn dropped_count(&self) -> u64 {
        self.state().dropped_count
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let queue = Queue::new(2);
        (0..5).for_each(|item| queue.put(item));
        queue.close();
        queue.put(9);
        let mut seen = Vec::new();
        queue.drain(|item| seen.push(item));
        assert_eq!(seen, [0, 1]);
        assert_eq!(queue.dropped_count(), 4);
    }

    #[test]
    fn a_flush_waits_for_the_item_in_work() {
        let queue = Arc::new(Queue::new(8));
        let (go, gate) = mpsc::channel::<()>();
        let (tell, started) = mpsc::channel();
        let theirs = queue.clone();
        let worker = std::thread::spawn(move || {
            theirs.drain(|item: u8| {
                let _told = tell.send(item);
                let _opened = gate.recv();
            });
        });
        queue.put(1);
        assert_eq!(started.recv(), Ok(1));
        assert!(!queue.wait_until_empty(Duration::from_millis(1)), "one is in work");
        go.send(()).expect("the worker waits");
        assert!(queue.wait_until_empty(Duration::from_secs(10)), "none is left");
        queue.close();
        worker.join().expect("the worker ends");
    }
}
