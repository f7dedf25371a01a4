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
use std::sync::mpsc::{self, SyncSender};

use parking_lot::{Condvar, Mutex};
use wire::Clock;

use crate::batch::Encoded;
use crate::budget::Reservation;
use crate::dir::Lock;
use crate::error::Error;
use crate::live::LiveSet;
use crate::pressure::{self, Pressure};
use crate::statistics::{Counters, Health, count};
use crate::wal::{self, Boundary};

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

/// What the writer's thread is asked to do with the log between two groups, and where the answer
/// goes.
pub(crate) enum Command {
    /// Begin a new file.
    Rotate(SyncSender<Result<Boundary, Error>>),
    /// Append what is carried over from the groups up to that one.
    Carry(u64, Vec<u8>, SyncSender<Result<(), Error>>),
    /// Remove the files up to there.
    Remove(Boundary, SyncSender<Result<(), Error>>),
}

/// What the writer's thread does next.
enum Work {
    Command(Command),
    Group(Group),
}

/// The batches that wait, and what the writer's thread has come to.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    commands: VecDeque<Command>,
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

    /// Begins a new file of the log; returns where the older ones end. All that they hold is in the
    /// live set by then.
    pub(crate) fn rotate(&self) -> Result<Boundary, Error> {
        self.command(Command::Rotate)
    }

    /// Makes durable what is carried over from the groups up to `through`.
    pub(crate) fn carry(&self, through: u64, batches: Vec<u8>) -> Result<(), Error> {
        self.command(|answer| Command::Carry(through, batches, answer))
    }

    /// Removes the log's files up to `boundary`.
    pub(crate) fn remove(&self, boundary: Boundary) -> Result<(), Error> {
        self.command(|answer| Command::Remove(boundary, answer))
    }

    fn command<T>(
        &self,
        command: impl FnOnce(SyncSender<Result<T, Error>>) -> Command,
    ) -> Result<T, Error> {
        let (answer, answered) = mpsc::sync_channel(1);
        let mut state = self.state.lock();
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        state.commands.push_back(command(answer));
        drop(state);
        self.changed.notify_one();
        // Whoever drops a command without an answer has stopped.
        answered.recv().unwrap_or(Err(Error::Closed))
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

    /// Lets the writer look again whether it is to hold batches back.
    pub(crate) fn wake(&self) {
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

    /// Waits for work; `None` when the queue is closed and empty. Batches are held back for as long
    /// as `pressure` says so; commands never are, for they are what lowers it.
    fn take(&self, pressure: &Pressure) -> Option<Work> {
        let mut state = self.state.lock();
        let mut look_count = 0;
        loop {
            if let Some(command) = state.commands.pop_front() {
                return Some(Work::Command(command));
            }
            if state.pending.is_empty() {
                if state.is_closed {
                    return None;
                }
                self.changed.wait(&mut state);
            } else if !state.is_closed && pressure.holds_back(look_count) {
                look_count += 1;
                self.changed.wait_for(&mut state, pressure::LOOK_EVERY);
            } else {
                break;
            }
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
        let refusal = state.poison.as_ref().map(poisoned);
        Some(Work::Group(Group { batches, refusal }))
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
    /// Where the writer waits when sealing does not keep up.
    pub(crate) pressure: Arc<Pressure>,
    /// Held until the thread has written for the last time.
    pub(crate) _lock: Lock,
}

impl Committer {
    /// Commits groups until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let (queue, pressure) = (Arc::clone(&self.queue), Arc::clone(&self.pressure));
        // A defect here must not leave callers waiting for ever.
        if catch_unwind(AssertUnwindSafe(|| self.commit_all())).is_err() {
            queue.poison(Error::WriterPanicked);
            queue.close();
            while let Some(work) = queue.take(&pressure) {
                let Work::Group(group) = work else { continue };
                group.batches.into_iter().for_each(|p| tell(p.done, Err(Error::WriterPanicked)));
            }
        }
    }

    fn commit_all(&mut self) {
        while let Some(work) = self.queue.take(&self.pressure) {
            match work {
                Work::Command(command) => self.obey(command),
                Work::Group(group) => match self.write(&group) {
                    Ok(number) => self.acknowledge(number, group.batches),
                    Err(error) => self.fail(group.batches, &error),
                },
            }
            self.count_log();
        }
    }

    /// Does what the sealer asks for. It waits for the answer, so none is ever too many.
    fn obey(&mut self, command: Command) {
        match command {
            Command::Rotate(answer) => drop(answer.try_send(Ok(self.writer.rotate()))),
            Command::Carry(through, batches, answer) => {
                let carried = self.writer.append_carried(through, &batches);
                self.count_log();
                drop(answer.try_send(carried.map_err(|failure| self.poison_if_final(failure))));
            }
            Command::Remove(boundary, answer) => {
                let removed = self.writer.remove(boundary);
                self.count_log();
                drop(answer.try_send(removed));
            }
        }
    }

    fn poison_if_final(&self, failure: wal::Failure) -> Error {
        if failure.is_final {
            self.queue.poison(failure.error.clone());
        }
        failure.error
    }

    /// Called before anyone is told of what was done.
    fn count_log(&self) {
        let done = self.writer.done;
        let Counters { sync_count, wal_file_count, wal_bytes, .. } = self.counters.as_ref();
        sync_count.store(done.sync_count, Ordering::Relaxed);
        wal_file_count.store(done.file_count, Ordering::Relaxed);
        wal_bytes.store(done.bytes, Ordering::Relaxed);
        let Counters { wal_removed_file_count, wal_removed_bytes, .. } = self.counters.as_ref();
        wal_removed_file_count.store(done.removed_file_count, Ordering::Relaxed);
        wal_removed_bytes.store(done.removed_bytes, Ordering::Relaxed);
    }

    /// Returns the group's number.
    fn write(&mut self, group: &Group) -> Result<u64, Error> {
        if let Some(refusal) = &group.refusal {
            return Err(refusal.clone());
        }
        let batches: Vec<&[u8]> = group.batches.iter().map(|p| p.batch.bytes.as_ref()).collect();
        let started = self.clock.now();
        let written = self.writer.append(&batches);
        count(&self.counters.commit_micros, self.clock.now().since(started).0);
        // Before anyone is told.
        self.count_log();
        written.map_err(|failure| self.poison_if_final(failure))
    }

    /// Makes the group visible and says so.
    fn acknowledge(&mut self, group: u64, batches: Vec<Pending>) {
        count(&self.counters.group_count, 1);
        count(&self.counters.acknowledged_count, batches.len() as u64);
        let mut callbacks = Vec::with_capacity(batches.len());
        for (index, Pending { batch, reservation, done }) in batches.into_iter().enumerate() {
            let request_number = wal::request_number(group, index);
            self.counters.inserted(self.live.insert(batch, request_number, reservation));
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
