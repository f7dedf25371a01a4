//! The store: documents in, durable; traces out.

use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use wire::{Clock, Micros, TraceId};

use crate::batch::Batch;
use crate::budget::Budget;
use crate::commit::{Committer, Pending, Queue};
use crate::dir::{Dir, Lock};
use crate::error::Error;
use crate::live::{Axis, LiveSet, Page, StoredTrace, TracePage};
use crate::replay::{Replayed, replay};
use crate::statistics::{Counters, Health, Statistics, count};
use crate::wal::{self, OnDamage};

/// What the store may take, and how it treats a damaged log.
#[derive(Clone, Debug)]
pub struct Options {
    /// The memory budget: what is queued, what is live, and all that is kept about it.
    pub memory_bytes_max: u64,
    /// From this size on a file of the log is full.
    pub wal_file_bytes: u64,
    /// The sum of the texts that one trace keeps; what comes later is dropped.
    pub trace_bytes_max: u64,
    /// Whether to open a damaged log all the same, without what the damaged parts held.
    pub skip_corrupt: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory_bytes_max: 1 << 30,
            wal_file_bytes: 64 << 20,
            trace_bytes_max: 8 << 20,
            skip_corrupt: false,
        }
    }
}

/// The traces of one directory.
pub struct Store {
    queue: Arc<Queue>,
    live: Arc<LiveSet>,
    budget: Arc<Budget>,
    counters: Arc<Counters>,
    /// What was known at the start; the counters add to it.
    opened: Statistics,
    /// The thread that writes; `None` once the store is closed.
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in `dir` and reads its log; nothing is written before the first append.
    ///
    /// Units: `clock` serves only to count the time spent writing.
    ///
    /// # Errors
    /// [`Error::Locked`] when another store has the directory; [`Error::Damaged`] and
    /// [`Error::DocumentUnreadable`] when the log is not what was written, unless
    /// [`Options::skip_corrupt`]; [`Error::LogOverBudget`] when the log needs more than
    /// [`Options::memory_bytes_max`]; [`Error::VersionUnknown`], and what the disk reports.
    pub fn open(dir: Arc<dyn Dir>, options: Options, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let lock = lock(dir.as_ref())?;
        let live = Arc::new(LiveSet::new(options.trace_bytes_max));
        let budget = Budget::new(options.memory_bytes_max);
        let on_damage = if options.skip_corrupt { OnDamage::Skip } else { OnDamage::Refuse };
        let replayed = replay(dir.as_ref(), on_damage, &live, &budget)?;
        let opened = opened(&replayed);
        let counters = Arc::new(Counters::default());
        counters.inserted(replayed.inserted);
        let queue = Arc::new(Queue::default());
        let committer = Committer {
            queue: Arc::clone(&queue),
            writer: wal::Writer::new(dir, options.wal_file_bytes, replayed.recovered),
            live: Arc::clone(&live),
            counters: Arc::clone(&counters),
            clock,
            request_number: replayed.batch_count,
            _lock: lock,
        };
        let thread = thread::Builder::new().name("wal".to_owned()).spawn(|| committer.run());
        let thread = thread.map_err(|error| Error::StartWriter { source: Arc::new(error) })?;
        let writer = Mutex::new(Some(thread));
        Ok(Self { queue, live, budget, counters, opened, writer })
    }

    /// Appends one ingestion request. After `Ok`, `done` is called once, on the writer's thread:
    /// with `Ok` when the documents are durable and visible to every query, else with the reason
    /// why they are not known to be durable; they may still turn up after a restart. A batch
    /// without documents is done at once. `done` must not wait for the store.
    ///
    /// # Errors
    /// [`Error::MemoryFull`], to be answered with 429; [`Error::Poisoned`] and [`Error::Closed`];
    /// [`Error::BatchTooLarge`]. Nothing was appended then, and `done` is dropped without a call.
    pub fn append(
        &self,
        batch: Batch,
        done: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) -> Result<(), Error> {
        if let Some(refusal) = self.queue.refusal() {
            return Err(refusal);
        }
        if batch.is_empty() {
            done(Ok(()));
            return Ok(());
        }
        let (bytes, bytes_max) = (batch.bytes_len(), wal::PAYLOAD_BYTES_MAX);
        if bytes > bytes_max {
            let (bytes, bytes_max) = (bytes as u64, bytes_max as u64);
            return Err(Error::BatchTooLarge { bytes, bytes_max });
        }
        let batch = batch.encode();
        let charge = LiveSet::charge(&batch);
        let Some(reservation) = self.budget.reserve(charge) else {
            count(&self.counters.memory_full_count, 1);
            return Err(Error::MemoryFull {
                bytes_needed: charge,
                bytes_used: self.budget.bytes_used(),
                bytes_max: self.budget.bytes_max(),
            });
        };
        self.queue.push(Pending { batch, reservation, done: Box::new(done) })
    }

    /// Returns the documents of one trace; `None` when there are none.
    pub fn trace(&self, id: &TraceId) -> Option<StoredTrace> {
        self.live.trace(id)
    }

    /// Returns one page of the traces whose time on `axis` lies in `window`, newest first.
    ///
    /// Shape: at most `page.traces_max` traces, but at least one if there is one.
    /// Units: `window` in microseconds since the epoch, both ends included.
    ///
    /// Source: `GetTraceSummaries`, `TimeRangeType`.
    pub fn traces(&self, axis: Axis, window: RangeInclusive<Micros>, page: Page) -> TracePage {
        self.live.traces(axis, &window, page)
    }

    /// Returns the ids of all traces whose time on `axis` lies in `window`, in no order.
    ///
    /// For whoever wants every trace once: a trace that changes while pages are turned moves in
    /// front of those already turned, but it does not lose its id.
    pub fn trace_ids(&self, axis: Axis, window: RangeInclusive<Micros>) -> Vec<TraceId> {
        self.live.trace_ids(axis, &window)
    }

    /// Returns counters since the start and levels of the moment.
    pub fn statistics(&self) -> Statistics {
        self.counters.fill(Statistics {
            memory_bytes: self.budget.bytes_used(),
            memory_bytes_max: self.budget.bytes_max(),
            queued_batch_count: self.queue.len() as u64,
            is_poisoned: matches!(self.health(), Health::Poisoned(_)),
            ..self.opened
        })
    }

    /// Returns whether the store takes documents.
    pub fn health(&self) -> Health {
        self.queue.health()
    }

    /// Commits what is queued and gives up the directory. Appends are refused from now on, queries
    /// still answered. Closing twice does nothing.
    pub fn close(&self) {
        self.queue.close();
        let Some(thread) = self.writer.lock().take() else {
            return;
        };
        // The last owner may go away inside a callback, on the very thread that would be waited for.
        if thread.thread().id() != thread::current().id() {
            // The thread catches its panics; there is nothing to learn from how it ended.
            drop(thread.join());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}

fn lock(dir: &dyn Dir) -> Result<Lock, Error> {
    let path = dir.path("");
    dir.lock().map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::Locked { path },
        _ => Error::Lock { path, source: Arc::new(error) },
    })
}

/// What the statistics say of the log as it was found.
fn opened(replayed: &Replayed) -> Statistics {
    let recovered = &replayed.recovered;
    Statistics {
        wal_file_count: recovered.file_count,
        wal_bytes: recovered.bytes,
        recovered_document_count: replayed.document_count,
        recovered_torn_bytes: recovered.torn_bytes,
        recovered_damage_count: recovered.damage_count + replayed.damage_count,
        recovered_skipped_bytes: recovered.skipped_bytes,
        ..Statistics::default()
    }
}

#[cfg(test)]
mod tests;
