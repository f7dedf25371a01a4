//! A block that is read: its files are opened when they are first needed, and closed when others
//! need the memory.
//!
//! A block that cannot be read is *quarantined*: it says why and counts as empty, and the others
//! answer. The next view tries again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use parking_lot::Mutex;
use wire::TraceId;

use super::{INDEX, ROLLUP, SEGMENTS, TRACES, segments, traces};
use crate::dir::{Dir, ReadAt};
use crate::error::{BlockProblem, Error};
use crate::index::{Candidate, Index};
use crate::manifest::{BlockId, Entry, Tombstone};
use crate::rollup;

/// What an open table takes in memory besides its rows: columns, their names and settings.
const TABLE_BYTES: u64 = 64 * 1024;

/// What an open table takes for each of its rows: the places of its pages.
const TABLE_ROW_BYTES: u64 = 2;

/// Opens the blocks of one directory, and bounds the memory that open ones take together.
pub(crate) struct Blocks {
    dir: Arc<dyn Dir>,
    /// What open files may take.
    bytes_max: u64,
    bytes: AtomicU64,
    /// Counts uses; what was used longest ago is closed first.
    use_count: AtomicU64,
    all: Mutex<Vec<Weak<Block>>>,
}

/// One block.
pub(crate) struct Block {
    pub(crate) entry: Arc<Entry>,
    blocks: Weak<Blocks>,
    dir: Arc<dyn Dir>,
    parts: Mutex<Parts>,
    last_use: AtomicU64,
    /// Why the block cannot be read.
    problem: OnceLock<Error>,
}

/// The files that are open.
#[derive(Default)]
struct Parts {
    index: Option<Arc<Index<Bytes>>>,
    rollup: Option<Arc<rollup::File>>,
    segments: Option<Arc<segments::Table>>,
    traces: Option<traces::Table>,
    /// What they take.
    bytes: u64,
}

impl Blocks {
    pub(crate) fn new(dir: Arc<dyn Dir>, bytes_max: u64) -> Arc<Self> {
        Arc::new(Self {
            dir,
            bytes_max,
            bytes: AtomicU64::new(0),
            use_count: AtomicU64::new(0),
            all: Mutex::default(),
        })
    }

    /// Returns a block that the manifest names. Nothing of it is read yet.
    pub(crate) fn block(self: &Arc<Self>, entry: &Arc<Entry>) -> Arc<Block> {
        let block = Arc::new(Block {
            entry: Arc::clone(entry),
            blocks: Arc::downgrade(self),
            dir: Arc::clone(&self.dir),
            parts: Mutex::default(),
            last_use: AtomicU64::new(0),
            problem: OnceLock::new(),
        });
        let mut all = self.all.lock();
        all.retain(|block| block.strong_count() > 0);
        all.push(Arc::downgrade(&block));
        block
    }

    /// Returns what open files take.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn close_if_full(&self) {
        if self.bytes() > self.bytes_max {
            self.close_some();
        }
    }

    /// Closes the files of the blocks used longest ago, until a quarter is free.
    fn close_some(&self) {
        let mut blocks: Vec<Arc<Block>> =
            self.all.lock().iter().filter_map(Weak::upgrade).collect();
        blocks.sort_by_key(|block| block.last_use.load(Ordering::Relaxed));
        for block in blocks {
            if self.bytes() <= self.bytes_max / 4 * 3 {
                return;
            }
            // Whoever is opening a file of it now goes on alone.
            let Some(mut parts) = block.parts.try_lock() else { continue };
            self.bytes.fetch_sub(std::mem::take(&mut *parts).bytes, Ordering::Relaxed);
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(blocks) = self.blocks.upgrade() {
            blocks.bytes.fetch_sub(self.parts.lock().bytes, Ordering::Relaxed);
        }
    }
}

impl Block {
    /// By what blocks of one partition are sorted: of two with the same trace, the greater has all
    /// of it.
    pub(crate) fn age(&self) -> (u64, BlockId) {
        (self.entry.sealed_through, self.entry.id)
    }

    /// Reads something; `None` when the block is quarantined, by this read or before.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Self) -> Result<T, Error>) -> Option<T> {
        if self.problem.get().is_some() {
            return None;
        }
        match read(self) {
            Ok(value) => Some(value),
            Err(problem) => {
                // The first one says it.
                drop(self.problem.set(problem));
                None
            }
        }
    }

    /// Returns why the block is quarantined.
    pub(crate) fn problem(&self) -> Option<&Error> {
        self.problem.get()
    }

    /// Returns the error of a read in this block.
    pub(crate) fn failed(&self, problem: impl Into<BlockProblem>) -> Error {
        let path = self.dir.path(&self.entry.folder());
        Error::Block { path, source: Arc::new(problem.into()) }
    }

    /// Returns where the trace may be; who reads the rows compares the id.
    pub(crate) fn find(&self, id: &TraceId) -> Vec<Candidate> {
        let found = self.read(|block| Ok(block.index()?.find(id).collect::<Vec<_>>()));
        let is_inside = |at: &Candidate| {
            u64::from(at.trace_row) < self.entry.trace_count
                && u64::from(at.segment_rows.end) <= self.entry.row_count
        };
        found.unwrap_or_default().into_iter().filter(is_inside).collect()
    }

    /// Returns the rows of the trace table that may be the trace's.
    pub(crate) fn rows_of(&self, id: &TraceId) -> impl Iterator<Item = u32> + use<> {
        self.find(id).into_iter().map(|at| at.trace_row)
    }

    /// Returns the trace's rows when all of it was deleted.
    pub(crate) fn rows_deleted(&self, id: &TraceId, deleted: Tombstone) -> Vec<u32> {
        let sealed_through = self.entry.sealed_through;
        if !deleted.has_version(*self.entry.received.start(), sealed_through) {
            return Vec::new();
        }
        let rows: Vec<u32> = self.rows_of(id).collect();
        if rows.is_empty() {
            return rows;
        }
        let stored =
            self.read(|block| block.traces()?.rows(&rows).map_err(|problem| block.failed(problem)));
        let stored = stored.unwrap_or_default();
        let is_deleted = |row: &traces::StoredRow| {
            row.id() == *id && deleted.has_version(row.updated(), sealed_through)
        };
        rows.into_iter().zip(&stored).filter(|(_, row)| is_deleted(row)).map(|(at, _)| at).collect()
    }

    /// Reads and checks every byte.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        self.segments()?.verify().map_err(|problem| self.failed(problem))?;
        let traces = self.traces()?;
        let rows: Vec<u32> = (0..u32::try_from(traces.row_count()).unwrap_or(u32::MAX)).collect();
        for rows in rows.chunks(4096) {
            traces.rows(rows).map_err(|problem| self.failed(problem))?;
        }
        self.index()?;
        self.rollup()?;
        Ok(())
    }

    /// Returns the traces of which older blocks have earlier versions.
    pub(crate) fn late_traces(&self) -> Vec<TraceId> {
        self.read(|block| Ok(block.index()?.late_traces().collect())).unwrap_or_default()
    }

    pub(crate) fn index(&self) -> Result<Arc<Index<Bytes>>, Error> {
        self.part(
            |parts| &mut parts.index,
            || {
                let bytes = self.whole(INDEX)?;
                let len = bytes.len() as u64;
                let index = Index::open(bytes).map_err(|problem| self.failed(problem))?;
                if u64::from(index.row_count()) != self.entry.trace_count {
                    return Err(self.failed(BlockProblem::NotOurs { file: INDEX }));
                }
                Ok((Arc::new(index), len))
            },
        )
    }

    pub(crate) fn rollup(&self) -> Result<Arc<rollup::File>, Error> {
        self.part(
            |parts| &mut parts.rollup,
            || {
                let bytes = self.whole(ROLLUP)?;
                let len = bytes.len() as u64;
                let file = rollup::File::decode(&bytes).map_err(|problem| self.failed(problem))?;
                Ok((Arc::new(file), len))
            },
        )
    }

    pub(crate) fn segments(&self) -> Result<Arc<segments::Table>, Error> {
        self.part(
            |parts| &mut parts.segments,
            || {
                let table = segments::Table::open(self.open(SEGMENTS)?)
                    .map_err(|problem| self.failed(problem))?;
                if table.row_count() != self.entry.row_count {
                    return Err(self.failed(BlockProblem::NotOurs { file: SEGMENTS }));
                }
                Ok((Arc::new(table), TABLE_BYTES + TABLE_ROW_BYTES * self.entry.row_count))
            },
        )
    }

    pub(crate) fn traces(&self) -> Result<traces::Table, Error> {
        self.part(
            |parts| &mut parts.traces,
            || {
                let table = traces::Table::open(self.open(TRACES)?)
                    .map_err(|problem| self.failed(problem))?;
                if table.row_count() as u64 != self.entry.trace_count {
                    return Err(self.failed(BlockProblem::NotOurs { file: TRACES }));
                }
                Ok((table, TABLE_BYTES + TABLE_ROW_BYTES * self.entry.trace_count))
            },
        )
    }

    /// Returns an open file, opening it if need be.
    fn part<T: Clone>(
        &self,
        place: impl Fn(&mut Parts) -> &mut Option<T>,
        open: impl FnOnce() -> Result<(T, u64), Error>,
    ) -> Result<T, Error> {
        let blocks = self.blocks.upgrade();
        if let Some(blocks) = &blocks {
            let now = blocks.use_count.fetch_add(1, Ordering::Relaxed);
            self.last_use.store(now, Ordering::Relaxed);
        }
        let mut parts = self.parts.lock();
        if let Some(open) = place(&mut parts) {
            return Ok(open.clone());
        }
        let (opened, bytes) = open()?;
        *place(&mut parts) = Some(opened.clone());
        parts.bytes += bytes;
        let Some(blocks) = blocks else { return Ok(opened) };
        // Counted before anybody can close it and count it less.
        blocks.bytes.fetch_add(bytes, Ordering::Relaxed);
        drop(parts);
        blocks.close_if_full();
        Ok(opened)
    }

    fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.entry.folder())
    }

    fn open(&self, file: &'static str) -> Result<Arc<dyn ReadAt>, Error> {
        let name = self.name(file);
        self.dir
            .open(&name)
            .map_err(|error| Error::Read { path: self.dir.path(&name), source: Arc::new(error) })
    }

    fn whole(&self, file: &'static str) -> Result<Bytes, Error> {
        let open = self.open(file)?;
        let len = usize::try_from(open.byte_count()).unwrap_or(usize::MAX);
        open.read_at(0, len).map_err(|error| Error::Read {
            path: self.dir.path(&self.name(file)),
            source: Arc::new(error),
        })
    }
}
