//! The store: documents in, durable; traces out.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use trace::Trace;
use wire::{Clock, Micros, TraceId};

use crate::batch::Batch;
use crate::budget::Budget;
use crate::commit::{Committer, Pending, Queue};
use crate::compact::Compacted;
use crate::dir::{Dir, Lock};
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::expire::Retention;
use crate::graph::{Folded, Grain};
use crate::group::{self, Grouped};
use crate::live::{LiveSet, StoredTrace};
use crate::manifest::{self, Manifest};
use crate::pressure::Pressure;
use crate::replay::{Replayed, Wanted, replay};
use crate::rollup::Rollup;
use crate::scan::{Query, ScanCost, Scanned};
use crate::seal::{Seal, Sealed};
use crate::sort::{self, Sorted};
use crate::statistics::{Counters, Health, Statistics, count};
use crate::upkeep::{Keeper, Upkeep};
use crate::visit::{self, Visited};
use crate::wal::{self, OnDamage};
use crate::watch::Watch;

/// What the store may take, and how it treats a damaged log.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The memory budget: what is queued, what is live, and all that is kept about it.
    pub memory_bytes_max: u64,
    /// From this size on a file of the log is full.
    pub wal_file_bytes: u64,
    /// The sum of the texts that one trace keeps; what comes later is dropped.
    pub trace_bytes_max: u64,
    /// Whether to open a damaged log all the same, without what the damaged parts held.
    pub skip_corrupt: bool,
    /// A trace that nothing was added to for this long may be sealed.
    pub idle: Micros,
    /// What is idle is sealed so often.
    pub seal_every: Micros,
    /// From so many bytes of live documents on, most of them are sealed at once.
    pub seal_bytes: u64,
    /// What open files of blocks may take in memory, besides the budget.
    pub open_bytes_max: u64,
    /// How long traces are kept.
    pub retention: Retention,
    /// Who seals, compacts and expires.
    pub upkeep: Upkeep,
}

/// How long traces are kept if nobody says so: thirty days.
const DEFAULT_AGE: Micros = Micros(30 * 24 * 3600 * Micros::PER_SECOND);

impl Default for Options {
    fn default() -> Self {
        Self {
            memory_bytes_max: 1 << 30,
            wal_file_bytes: 64 << 20,
            trace_bytes_max: 8 << 20,
            skip_corrupt: false,
            idle: Micros::from_secs(10),
            seal_every: Micros::from_secs(60),
            seal_bytes: 32 << 20,
            open_bytes_max: 64 << 20,
            retention: Retention { age: Some(DEFAULT_AGE), ..Retention::default() },
            upkeep: Upkeep::Threads,
        }
    }
}

/// The traces of one directory.
pub struct Store {
    pub(crate) engine: Arc<Engine>,
    /// What was known at the start; the counters add to it.
    opened: Statistics,
    /// The threads that seal and compact; `None` once the store is closed, or when there are none.
    keeper: Mutex<Option<Keeper>>,
    /// The thread that writes; `None` once the store is closed.
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in `dir`: the manifest, and what of the log is in no block. `rollup` folds
    /// what is kept beside the traces.
    ///
    /// # Errors
    /// [`Error::Locked`] when another store has the directory; [`Error::Damaged`] and
    /// [`Error::DocumentUnreadable`] when the log is not what was written, unless
    /// [`Options::skip_corrupt`]; [`Error::LogOverBudget`] when the log needs more than
    /// [`Options::memory_bytes_max`]; [`Error::Manifest`], [`Error::VersionUnknown`], and what the
    /// disk reports.
    pub fn open(
        dir: Arc<dyn Dir>,
        options: Options,
        clock: Arc<dyn Clock>,
        rollup: Arc<dyn Rollup>,
    ) -> Result<Self, Error> {
        let lock = lock(dir.as_ref())?;
        let manifest = Manifest::open(Arc::clone(&dir), manifest::Options::default())?;
        let live = Arc::new(LiveSet::new(options.trace_bytes_max));
        let budget = Budget::new(options.memory_bytes_max);
        let state = manifest.snapshot();
        let wanted = Wanted {
            first_group: state.first_unsealed_group(),
            is_deleted: &|id, received, group| {
                state.tombstone(id).is_some_and(|deleted| deleted.has_document(received, group))
            },
            on_damage: if options.skip_corrupt { OnDamage::Skip } else { OnDamage::Refuse },
        };
        let replayed = replay(dir.as_ref(), wanted, &live, &budget)?;
        let opened = opened(&replayed);
        let counters = Arc::new(Counters::default());
        counters.inserted(replayed.inserted);
        // Only a log that goes on where the blocks end shows that no commit was lost.
        if replayed.recovered.damage_count == 0 {
            let orphans = manifest::orphans(dir.as_ref(), &state);
            let removed = orphans.and_then(|all| manifest::remove_orphans(dir.as_ref(), &all));
            // They are in nobody's way.
            count(&counters.remove_failure_count, u64::from(removed.is_err()));
        }
        let opened_group = replayed.recovered.next_group.saturating_sub(1);
        let queue = Arc::new(Queue::default());
        let pressure = Arc::new(Pressure::new(options.seal_bytes, Arc::clone(&counters)));
        let committer = Committer {
            queue: Arc::clone(&queue),
            writer: wal::Writer::new(Arc::clone(&dir), options.wal_file_bytes, replayed.recovered),
            live: Arc::clone(&live),
            counters: Arc::clone(&counters),
            clock: Arc::clone(&clock),
            pressure: Arc::clone(&pressure),
            _lock: lock,
        };
        let thread = thread::Builder::new().name("wal".to_owned()).spawn(|| committer.run());
        let thread = thread.map_err(|error| Error::StartThread { source: Arc::new(error) })?;
        let upkeep = options.upkeep;
        let engine = Arc::new(Engine::new(Parts {
            dir,
            options,
            clock,
            rollup,
            queue,
            live,
            budget,
            counters,
            pressure,
            manifest,
            opened_group,
        }));
        let (keeper, writer) = (Mutex::default(), Mutex::new(Some(thread)));
        let store = Self { engine, opened, keeper, writer };
        if upkeep == Upkeep::Threads {
            *store.keeper.lock() = Some(Keeper::start(Arc::clone(&store.engine))?);
        }
        Ok(store)
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
        let Engine { queue, budget, counters, .. } = self.engine.as_ref();
        if let Some(refusal) = queue.refusal() {
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
        let Some(reservation) = budget.reserve(charge) else {
            count(&counters.memory_full_count, 1);
            return Err(Error::MemoryFull {
                bytes_needed: charge,
                bytes_used: budget.bytes_used(),
                bytes_max: budget.bytes_max(),
            });
        };
        queue.push(Pending { batch, reservation, done: Box::new(done) })
    }

    /// Returns the documents of one trace, those in blocks before those that are live; `None` when
    /// there are none. A block that cannot be read counts as empty; the statistics say so.
    pub fn trace(&self, id: &TraceId) -> Option<StoredTrace> {
        self.engine.trace(id)
    }

    /// Returns one page of the traces that pass the filter, newest first.
    ///
    /// Shape: at most `page.traces_max` traces, but at least one if there is one; fewer, and perhaps
    /// none, when `checks_max` traces had to be asked one by one. Only `next` says whether there are
    /// more.
    /// Units: the window in microseconds since the epoch, both ends included.
    ///
    /// Source: `GetTraceSummaries`, `TimeRangeType`.
    pub fn scan(&self, query: &Query<'_>) -> Scanned {
        self.engine.scan(query)
    }

    /// Returns how many traces are like the predicate, whatever the page is, and what it took to
    /// count them.
    pub fn count(&self, query: &Query<'_>) -> (u64, ScanCost) {
        self.count_watched(query, &Watch::default())
    }

    /// Counts as [`Store::count`] does; less when it is called off.
    pub fn count_watched(&self, query: &Query<'_>, watch: &Watch) -> (u64, ScanCost) {
        self.engine.count(query, watch)
    }

    /// Hands out what a service graph of the minutes that `window` touches is made of, or one of
    /// each minute.
    ///
    /// Units: `window` in times of receipt, half-open; it is widened to whole minutes.
    pub fn fold(&self, window: &Range<Micros>, grain: Grain, visit: impl FnMut(Folded)) {
        self.engine.fold(window, grain, visit);
    }

    /// Returns the traces that pass the filter by key, live and sealed together: exact counts
    /// and what is measured of each group. A block that cannot be read counts as empty; the cost
    /// says so.
    ///
    /// Shape: at most `groups_max` groups, and the others added up.
    pub fn group(&self, query: &group::Query<'_>) -> Grouped {
        self.engine.group(query, &Watch::default())
    }

    /// Groups as [`Store::group`] does, by several keys in one pass; less when it is called off.
    ///
    /// Shape: one answer for each table, in their order.
    pub fn group_tables(&self, query: &group::Tables<'_>) -> Vec<Grouped> {
        self.engine.group_tables(query)
    }

    /// Returns the first traces that pass the filter in an order of the caller's choice, live and
    /// sealed together. All that pass are looked at; a block that cannot be read counts as empty.
    ///
    /// Shape: at most `traces_max` traces.
    pub fn sort(&self, query: &sort::Query<'_>) -> Sorted {
        self.engine.sort(query)
    }

    /// Shows the newest traces that pass the filter, whole, live and sealed together. A block that
    /// cannot be read counts as empty; the cost says so.
    pub fn visit(&self, query: &visit::Query<'_>, look: &mut dyn FnMut(&Trace<'_>)) -> Visited {
        self.engine.visit(query, look)
    }

    /// Seals traces now.
    ///
    /// # Errors
    /// What the disk reports; nothing is lost then, and the next attempt does it again.
    pub fn seal(&self, seal: Seal) -> Result<Sealed, Error> {
        self.engine.seal(seal)
    }

    /// Compacts once now; `None` when there is nothing to compact.
    ///
    /// # Errors
    /// What the disk reports; the blocks are as they were.
    pub fn compact(&self) -> Result<Option<Compacted>, Error> {
        self.engine.compact()
    }

    /// Removes what is older than it may be, or too much; returns how many blocks.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn expire(&self) -> Result<u64, Error> {
        self.engine.expire()
    }

    /// Deletes a trace; returns whether there was one. What is received of it later is shown.
    ///
    /// # Errors
    /// What the disk reports; the trace may then be deleted or not.
    pub fn delete(&self, trace: TraceId) -> Result<bool, Error> {
        self.engine.delete(trace)
    }

    /// Returns counters since the start and levels of the moment.
    pub fn statistics(&self) -> Statistics {
        let Engine { budget, queue, counters, .. } = self.engine.as_ref();
        let blocks = self.engine.block_statistics();
        counters.fill(Statistics {
            memory_bytes: budget.bytes_used(),
            memory_bytes_max: budget.bytes_max(),
            queued_batch_count: queue.len() as u64,
            is_poisoned: matches!(self.health(), Health::Poisoned(_)),
            blocks,
            ..self.opened
        })
    }

    /// Returns whether the store takes documents.
    pub fn health(&self) -> Health {
        self.engine.queue.health()
    }

    /// Returns why blocks cannot be read; what they hold is missing from every answer until it can be.
    pub fn quarantine(&self) -> Vec<Error> {
        self.engine.quarantine()
    }

    /// Returns the last thing that sealing, compaction or retention could not do; it is tried again.
    pub fn last_failure(&self) -> Option<Error> {
        self.engine.last_failure()
    }

    /// Commits what is queued and gives up the directory. Appends are refused from now on, queries
    /// still answered. Closing twice does nothing.
    pub fn close(&self) {
        drop(self.keeper.lock().take());
        self.engine.queue.close();
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
