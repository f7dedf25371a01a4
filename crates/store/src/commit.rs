//! Group commit: batches wait in a queue, and one thread makes them durable and visible.
//!
//! The thread takes whatever waits as one group, writes and syncs it, inserts it into the live set
//! and then says so to each caller. While it is at that, the next group gathers by itself, so there
//! is no waiting for company. The queue's bound is the memory budget, which every batch in it has
//! drawn on.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::{Condvar, Mutex};
use wire::Clock;

use crate::batch::Encoded;
use crate::budget::Reservation;
use crate::dir::Lock;
use crate::error::Error;
use crate::live::LiveSet;
use crate::statistics::{Counters, Health, count};
use crate::wal;

/// A group is closed when it has so many bytes, unless its first batch alone has more.
const GROUP_BYTES_MAX: usize = 8 << 20;

/// What is called when a batch is durable and visible, or could not be made so.
pub(crate) type Done = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// A batch that waits for its group.
pub(crate) struct Pending {
    pub(crate) batch: Encoded,
    pub(crate) reservation: Reservation,
    pub(crate) done: Done,
}

/// The batches that wait, and what the writer's thread has come to.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    pending: VecDeque<Pending>,
    is_closed: bool,
    poison: Option<Arc<Error>>,
}

impl State {
    fn refusal(&self) -> Option<Error> {
        match &self.poison {
            Some(reason) => Some(Error::Poisoned { reason: Arc::clone(reason) }),
            None if self.is_closed => Some(Error::Closed),
            None => None,
        }
    }
}

impl Queue {
    /// Queues a batch, or drops it with its callback and says why.
    pub(crate) fn push(&self, pending: Pending) -> Result<(), Error> {
        let mut state = self.state.lock();
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        state.pending.push_back(pending);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Returns why a batch would be refused now, if it would.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.state.lock().refusal()
    }

    /// Lets no more batches in; the writer ends once those that wait are done.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_one();
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().pending.len()
    }

    pub(crate) fn health(&self) -> Health {
        let state = self.state.lock();
        match &state.poison {
            Some(reason) => Health::Poisoned(Arc::clone(reason)),
            None if state.is_closed => Health::Closed,
            None => Health::Ready,
        }
    }

    fn poison(&self, reason: Error) {
        self.state.lock().poison.get_or_insert_with(|| Arc::new(reason));
    }

    /// Waits for batches; `None` when the queue is closed and empty.
    fn take(&self) -> Option<Group> {
        let mut state = self.state.lock();
        while state.pending.is_empty() && !state.is_closed {
            self.changed.wait(&mut state);
        }
        let first = state.pending.pop_front()?;
        let mut bytes = first.batch.bytes.len();
        let mut batches = vec![first];
        while let Some(next) = state.pending.front() {
            bytes += next.batch.bytes.len();
            if bytes > GROUP_BYTES_MAX {
                break;
            }
            batches.extend(state.pending.pop_front());
        }
        let poisoned = |reason: &Arc<Error>| Error::Poisoned { reason: Arc::clone(reason) };
        Some(Group { batches, refusal: state.poison.as_ref().map(poisoned) })
    }
}

struct Group {
    batches: Vec<Pending>,
    /// Why the group is not to be written.
    refusal: Option<Error>,
}

/// The writer's thread.
pub(crate) struct Committer {
    pub(crate) queue: Arc<Queue>,
    pub(crate) writer: wal::Writer,
    pub(crate) live: Arc<LiveSet>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The number of the last ingestion request; counts the durable batches.
    pub(crate) request_number: u64,
    /// Held until the thread has written for the last time.
    pub(crate) _lock: Lock,
}

impl Committer {
    /// Commits groups until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        // A defect here must not leave callers waiting for ever.
        if catch_unwind(AssertUnwindSafe(|| self.commit_all())).is_err() {
            queue.poison(Error::WriterPanicked);
            queue.close();
            while let Some(group) = queue.take() {
                group.batches.into_iter().for_each(|p| tell(p.done, Err(Error::WriterPanicked)));
            }
        }
    }

    fn commit_all(&mut self) {
        while let Some(group) = self.queue.take() {
            match self.write(&group) {
                Ok(()) => self.acknowledge(group.batches),
                Err(error) => self.fail(group.batches, &error),
            }
        }
    }

    fn write(&mut self, group: &Group) -> Result<(), Error> {
        if let Some(refusal) = &group.refusal {
            return Err(refusal.clone());
        }
        let batches: Vec<&[u8]> = group.batches.iter().map(|p| p.batch.bytes.as_ref()).collect();
        let started = self.clock.now();
        let written = self.writer.append(&batches);
        count(&self.counters.commit_micros, self.clock.now().since(started).0);
        let done = self.writer.done;
        self.counters.sync_count.store(done.sync_count, Ordering::Relaxed);
        self.counters.wal_file_count.store(done.file_count, Ordering::Relaxed);
        self.counters.wal_bytes.store(done.bytes, Ordering::Relaxed);
        written.map_err(|failure| {
            if failure.is_final {
                self.queue.poison(failure.error.clone());
            }
            failure.error
        })
    }

    /// Makes the group visible and says so.
    fn acknowledge(&mut self, batches: Vec<Pending>) {
        count(&self.counters.group_count, 1);
        count(&self.counters.acknowledged_count, batches.len() as u64);
        let mut callbacks = Vec::with_capacity(batches.len());
        for Pending { batch, reservation, done } in batches {
            self.request_number += 1;
            self.counters.inserted(self.live.insert(batch, self.request_number, reservation));
            callbacks.push(done);
        }
        callbacks.into_iter().for_each(|done| tell(done, Ok(())));
    }

    fn fail(&self, batches: Vec<Pending>, error: &Error) {
        count(&self.counters.failed_count, batches.len() as u64);
        for Pending { batch, reservation, done } in batches {
            drop((batch, reservation));
            tell(done, Err(error.clone()));
        }
    }
}

/// Calls back. A caller that panics in its callback harms nobody else: not the thread, and not
/// those who are told after it.
fn tell(done: Done, result: Result<(), Error>) {
    drop(catch_unwind(AssertUnwindSafe(|| done(result))));
}
