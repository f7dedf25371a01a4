//! What the store's threads and its callers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use wire::{Clock, Micros, TraceId};

use crate::block::Blocks;
use crate::budget::Budget;
use crate::commit::Queue;
use crate::compact;
use crate::dir::Dir;
use crate::error::Error;
use crate::live::{LiveSet, StoredTrace};
use crate::manifest::{self, BlockId, Entry, Manifest, Op, State};
use crate::pressure::Pressure;
use crate::rollup::Rollup;
use crate::seal::Unsettled;
use crate::statistics::{BlockStatistics, Counters};
use crate::store::Options;
use crate::view::View;

/// The store without its threads.
pub(crate) struct Engine {
    pub(crate) dir: Arc<dyn Dir>,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rollup: Arc<dyn Rollup>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) live: Arc<LiveSet>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) pressure: Arc<Pressure>,
    pub(crate) manifest: Manifest,
    pub(crate) blocks: Arc<Blocks>,
    /// The last group of the log as it was found.
    pub(crate) opened_group: u64,
    /// What queries see. Whoever reads it together with the live set holds it meanwhile: what is
    /// sealed leaves the one and enters the other while nobody does.
    view: RwLock<Arc<View>>,
    /// One seals at a time.
    pub(crate) sealing: Mutex<Unsettled>,
    /// One compacts, expires or deletes at a time.
    pub(crate) compacting: Mutex<()>,
    /// Commits and the views they make come one after the other.
    committing: Mutex<Unknown>,
    block_count: AtomicU64,
    /// The last thing that could not be done in the background.
    failure: Mutex<Option<Error>>,
}

/// What an engine is made of.
pub(crate) struct Parts {
    pub(crate) dir: Arc<dyn Dir>,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rollup: Arc<dyn Rollup>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) live: Arc<LiveSet>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) pressure: Arc<Pressure>,
    pub(crate) manifest: Manifest,
    pub(crate) opened_group: u64,
}

/// Whether the outcome of the last commit is unknown: the disk failed when it was asked.
#[derive(Default)]
enum Unknown {
    #[default]
    No,
    /// One that adds sealed blocks. Until it is known, no view may show them: what they hold is live.
    Sealing(Error),
    /// Another one.
    Other,
}

/// Whose commit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Sealing, which finds out itself what became of it.
    Sealing,
    /// Whoever can do without knowing.
    Others,
}

/// A commit that failed.
pub(crate) struct CommitError {
    pub(crate) error: Error,
    /// Whether it may have been made all the same.
    pub(crate) is_unsettled: bool,
}

impl Engine {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
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
        } = parts;
        let blocks = Blocks::new(Arc::clone(&dir), options.open_bytes_max);
        let view = View::of(manifest.snapshot(), &View::default(), &blocks);
        Self {
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
            blocks,
            opened_group,
            view: RwLock::new(Arc::new(view)),
            sealing: Mutex::default(),
            compacting: Mutex::default(),
            committing: Mutex::default(),
            block_count: AtomicU64::new(0),
            failure: Mutex::default(),
        }
    }

    /// Returns why blocks cannot be read.
    pub(crate) fn quarantine(&self) -> Vec<Error> {
        self.view().blocks().filter_map(|one| one.block.problem().cloned()).collect()
    }

    /// Remembers what could not be done in the background.
    pub(crate) fn failed(&self, error: Error) {
        *self.failure.lock() = Some(error);
    }

    pub(crate) fn last_failure(&self) -> Option<Error> {
        self.failure.lock().clone()
    }

    /// Returns levels of the moment.
    pub(crate) fn block_statistics(&self) -> BlockStatistics {
        let view = self.view();
        let sum = |of: fn(&Entry) -> u64| view.state.blocks().map(|entry| of(entry)).sum();
        let void = view.blocks().filter_map(|one| one.void.as_ref()).map(|void| void.count as u64);
        let quarantined = view.blocks().filter(|one| one.block.problem().is_some());
        BlockStatistics {
            block_count: view.state.blocks().len() as u64,
            block_bytes: sum(Entry::bytes),
            trace_count: sum(|entry| entry.trace_count),
            row_count: sum(|entry| entry.row_count),
            void_trace_count: void.sum(),
            compaction_pending_count: compact::pending_count(&view, self.clock.now()) as u64,
            quarantined_count: quarantined.count() as u64,
            open_bytes: self.blocks.bytes(),
        }
    }

    /// Returns what queries see of the blocks.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read())
    }

    /// Returns what `look` finds in the live set, and the view that belongs to it. `look` is short:
    /// what is being sealed waits for it.
    pub(crate) fn at_once<T>(&self, look: impl FnOnce(&LiveSet) -> T) -> (Arc<View>, T) {
        let view = self.view.read();
        let found = look(&self.live);
        (Arc::clone(&view), found)
    }

    /// Commits `ops`; `is_done` says of a state whether it has them. Then queries see the new state
    /// from the moment on at which `then` is done.
    pub(crate) fn commit(
        &self,
        by: By,
        ops: &[Op],
        is_done: impl Fn(&State) -> bool,
        then: impl FnOnce(),
    ) -> Result<(), CommitError> {
        let mut unknown = self.committing.lock();
        if let Unknown::Sealing(error) = &*unknown {
            return Err(CommitError { error: error.clone(), is_unsettled: false });
        }
        *unknown = Unknown::No;
        if let Err(error) = self.manifest.commit_on_newest(ops) {
            let settled = |is_unsettled| CommitError { error: error.clone().into(), is_unsettled };
            if !matches!(error, manifest::Error::Publish { .. }) {
                return Err(settled(false));
            }
            // ## It may be there
            match self.manifest.refresh() {
                Ok(state) if is_done(&state) => {}
                Ok(_) => return Err(settled(false)),
                Err(_) => {
                    *unknown = match by {
                        By::Sealing => Unknown::Sealing(error.clone().into()),
                        By::Others => Unknown::Other,
                    };
                    return Err(settled(true));
                }
            }
        }
        self.install_locked(then);
        drop(unknown);
        Ok(())
    }

    /// Reads what became of a commit of sealing; `then` is done when `is_done` says that it was made,
    /// before queries see it.
    pub(crate) fn settle_sealing(
        &self,
        is_done: impl Fn(&State) -> bool,
        then: impl FnOnce(),
    ) -> Result<bool, Error> {
        let mut unknown = self.committing.lock();
        let state = self.manifest.refresh()?;
        *unknown = Unknown::No;
        let is_done = is_done(&state);
        self.install_locked(|| {
            if is_done {
                then();
            }
        });
        Ok(is_done)
    }

    /// Lets queries see the newest state, but for one that sealing does not know yet.
    fn install(&self) {
        let unknown = self.committing.lock();
        if !matches!(*unknown, Unknown::Sealing(_)) {
            self.install_locked(|| {});
        }
    }

    fn install_locked(&self, then: impl FnOnce()) {
        let before = self.view();
        let next = Arc::new(View::of(self.manifest.snapshot(), &before, &self.blocks));
        let mut view = self.view.write();
        *view = next;
        then();
    }

    /// Tries blocks again that could not be read.
    pub(crate) fn retry_quarantined(&self) {
        if self.view().blocks().any(|one| one.block.problem().is_some()) {
            self.install();
        }
    }

    /// Returns the whole of a trace: what is live behind what is in a block.
    pub(crate) fn trace(&self, id: &TraceId) -> Option<StoredTrace> {
        let (view, live) = self.at_once(|live| live.trace(id));
        self.whole(&view, id, live)
    }

    /// Returns a trace as it is in `view`, or while it is not sealed.
    pub(crate) fn trace_in(&self, view: &View, id: &TraceId) -> Option<StoredTrace> {
        self.whole(view, id, self.live.trace(id))
    }

    fn whole(&self, view: &View, id: &TraceId, live: Option<StoredTrace>) -> Option<StoredTrace> {
        match (view.trace(id, false), live) {
            (Some(before), Some(later)) => Some(self.joined(&before, later)),
            (before, later) => before.or(later),
        }
    }

    /// Returns an id that no other block of this directory has: commits are counted for ever, and
    /// what this process makes after the same commit is counted too.
    pub(crate) fn next_block_id(&self) -> BlockId {
        let count = self.block_count.fetch_add(1, Ordering::Relaxed);
        let commit = self.manifest.snapshot().sequence().0;
        BlockId::new(self.clock.now(), u128::from(commit) << 24 | u128::from(count & 0xff_ffff))
    }

    /// Returns how long ago something was.
    pub(crate) fn age(&self, time: Micros) -> Micros {
        self.clock.now().since(time)
    }
}
