//! Finding traces, newest first, page by page.
//!
//! Rows lie in the order of their starts, newest first. A scan goes through the chunks that the
//! window and the caller leave, a few at a time and then more, and stops when the page is full. On
//! the other axes every row of the window may be the newest, so all are looked at.

use std::cmp::Reverse;
use std::ops::{Range, RangeInclusive};

use arrow::array::FixedSizeBinaryArray;
use arrow::buffer::BooleanBuffer;
use wire::{Micros, TraceId};

use super::Error;
use super::columns::{CHUNK_ROWS, GROUP_ROWS};
use super::evaluate::Evaluation;
use super::predicate::{Predicate, Term};
use super::row::StoredRow;
use super::table::{Rows, Table, column};
use crate::block::checksum::Reader;
use crate::{Axis, Cursor, Page, Watch};

/// The chunks of a row group.
pub(super) const GROUP_CHUNKS: usize = GROUP_ROWS / CHUNK_ROWS;

/// What is asked of a table.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub predicate: &'q Predicate,
    /// The time by which traces are selected and ordered.
    pub axis: Axis,
    /// The times on that axis.
    pub window: RangeInclusive<Micros>,
    /// The rows that can match, ascending and apart from each other; `None` for all.
    pub rows: Option<&'q [Range<u32>]>,
    /// The rows that are void: set for those that are never found nor counted, because a newer block
    /// has the whole of the trace. Rows beyond its length are not void.
    pub void: Option<&'q BooleanBuffer>,
    /// Which part of the traces found is wanted.
    pub page: Page,
    /// Whoever wants to know how far it is, and may call it off; only where all traces are looked at.
    pub watch: Option<&'q Watch>,
}

/// Traces that were found, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The traces, newest first, each with its place in the order and its row.
    pub traces: Vec<(Cursor, u32)>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<Cursor>,
    /// What it took to find them.
    pub cost: Cost,
}

/// One page of traces.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The traces, newest first.
    pub rows: Vec<StoredRow>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<Cursor>,
    /// What it took to find and read them.
    pub cost: Cost,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Rows on which the predicate was evaluated.
    pub row_count: u64,
    /// Chunks in which no row was looked at, for they are out of the window, ruled out by the caller
    /// or void; not those behind the last trace of a page.
    pub skipped_chunk_count: u64,
    /// Columns read, counted once for each time.
    pub column_count: u64,
    /// Bytes read from the file.
    pub bytes_read: u64,
}

impl Query<'_> {
    /// Returns whether nobody waits for the answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.watch.is_some_and(Watch::is_cancelled)
    }

    /// Tells that some rows were looked at, and how many of them are like the predicate.
    pub(super) fn tell(&self, looked_at: usize, found: usize) {
        if let Some(watch) = self.watch {
            watch.add(looked_at as u64, found as u64);
        }
    }

    /// Returns the predicate and, unless every time is in the window, that condition.
    pub(super) fn in_window(&self) -> Predicate {
        let is_everything = self.window == (Micros(0)..=Micros(u64::MAX));
        if is_everything && self.axis != Axis::End {
            return self.predicate.clone();
        }
        let window = Predicate::Is(Term::Time(self.axis, self.window.clone()));
        // All are evaluated by cost: a rare flag is looked at before the times.
        match self.predicate {
            Predicate::All(terms) => {
                Predicate::All(terms.iter().cloned().chain([window]).collect())
            }
            other => Predicate::All(vec![other.clone(), window]),
        }
    }
}

impl Table {
    /// Returns the traces that are like the predicate, one page of them, whole.
    ///
    /// # Errors
    /// As for [`Table::select`].
    pub fn scan(&self, query: &Query<'_>) -> Result<Scanned, Error> {
        let reader = self.reader();
        let Selected { traces, next, cost } = self.select_by(reader.clone(), query)?;
        let places: Vec<u32> = traces.iter().map(|(_, place)| *place).collect();
        let rows = self.rows_by(&reader, &places)?;
        Ok(Scanned { rows, next, cost: Cost { bytes_read: reader.bytes_read(), ..cost } })
    }

    /// Returns where the traces are that are like the predicate, one page of them.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page that is needed is not the one written.
    pub fn select(&self, query: &Query<'_>) -> Result<Selected, Error> {
        self.select_by(self.reader(), query)
    }

    /// Returns how many traces are like the predicate, on all pages together.
    ///
    /// # Errors
    /// As for [`Table::select`].
    pub fn count(&self, query: &Query<'_>) -> Result<u64, Error> {
        let reader = self.reader();
        let mut evaluation = Evaluation::new(self, reader);
        let all = Query { page: Page { after: None, ..query.page }, ..query.clone() };
        let predicate = all.in_window();
        let mut count = 0;
        for rows in steps(self.candidates(&all).into_iter(), GROUP_CHUNKS) {
            if query.is_cancelled() {
                break;
            }
            let (rows, mask) = evaluation.evaluate_live(&predicate, rows, query.void)?;
            query.tell(rows.count(), mask.count_set_bits());
            count += mask.count_set_bits() as u64;
        }
        Ok(count)
    }

    fn select_by(&self, reader: Reader, query: &Query<'_>) -> Result<Selected, Error> {
        let evaluation = Evaluation::new(self, reader);
        let candidates = self.candidates(query);
        let skipped_chunk_count = (self.meta().chunk_starts.len() - candidates.len()) as u64;
        let cost = Cost { skipped_chunk_count, ..Cost::default() };
        let mut scan = Scan { evaluation, query, found: Vec::new(), cost };
        let predicate = query.in_window();
        // The newest are wanted; nobody knows of how many chunks.
        let first = if query.axis == Axis::Start { 1 } else { GROUP_CHUNKS };
        for rows in steps(candidates.into_iter(), first) {
            scan.step(&predicate, rows)?;
            if query.axis == Axis::Start && scan.found.len() > scan.found_max() {
                break;
            }
        }
        Ok(scan.finish())
    }

    /// The rows that the window, the page before and the caller leave, for each chunk of which
    /// something is left.
    pub(super) fn candidates(&self, query: &Query<'_>) -> Vec<Vec<Range<usize>>> {
        let starts = &self.meta().chunk_starts;
        let last = query
            .page
            .after
            .map_or(*query.window.end(), |after| after.time.min(*query.window.end()));
        let first = *query.window.start();
        let is_in_window = |chunk: usize| {
            let oldest = starts.get(chunk + 1).copied().unwrap_or(0);
            query.axis != Axis::Start || starts[chunk] >= first.0 && oldest <= last.0
        };
        let runs = |chunk: usize| {
            let start = chunk * CHUNK_ROWS;
            let chunk = start..(start + CHUNK_ROWS).min(self.row_count());
            match query.rows {
                None => vec![chunk],
                Some(rows) => intersect(rows, &chunk),
            }
        };
        let is_left = |runs: &Vec<Range<usize>>| runs.iter().any(|run| !is_void(query.void, run));
        (0..starts.len()).filter(|chunk| is_in_window(*chunk)).map(runs).filter(is_left).collect()
    }
}

/// Returns whether all of these rows are void.
fn is_void(void: Option<&BooleanBuffer>, rows: &Range<usize>) -> bool {
    let known = |void: &&BooleanBuffer| rows.end <= void.len();
    void.filter(known)
        .is_some_and(|void| void.slice(rows.start, rows.len()).count_set_bits() == rows.len())
}

/// Returns the parts of the ranges that lie in a chunk.
fn intersect(rows: &[Range<u32>], chunk: &Range<usize>) -> Vec<Range<usize>> {
    let first = rows.partition_point(|range| range.end as usize <= chunk.start);
    let mut parts = Vec::new();
    for range in &rows[first..] {
        let part = chunk.start.max(range.start as usize)..chunk.end.min(range.end as usize);
        if range.start as usize >= chunk.end {
            break;
        }
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts
}

/// Puts chunks of one row group together, so many the first time, twice as many each time.
pub(super) fn steps(
    chunks: impl Iterator<Item = Vec<Range<usize>>>,
    mut chunks_max: usize,
) -> impl Iterator<Item = Rows> {
    let mut chunks = chunks.peekable();
    std::iter::from_fn(move || {
        let group = chunks.peek()?[0].start / GROUP_ROWS;
        let is_near = |runs: &Vec<Range<usize>>| runs[0].start / GROUP_ROWS == group;
        let mut runs = Vec::new();
        for _ in 0..chunks_max {
            let Some(more) = chunks.next_if(is_near) else { break };
            let base = group * GROUP_ROWS;
            runs.extend(more.into_iter().map(|run| run.start - base..run.end - base));
        }
        chunks_max = (chunks_max * 2).min(GROUP_CHUNKS);
        Some(Rows { group, runs })
    })
}

/// A scan on its way.
struct Scan<'t, 'q> {
    evaluation: Evaluation<'t>,
    query: &'q Query<'q>,
    found: Vec<(Cursor, u32)>,
    cost: Cost,
}

impl Scan<'_, '_> {
    /// The page's size; at least one trace is returned if there is one.
    fn found_max(&self) -> usize {
        self.query.page.traces_max.max(1)
    }

    fn step(&mut self, predicate: &Predicate, rows: Rows) -> Result<(), Error> {
        let (rows, mask) = self.evaluation.evaluate_live(predicate, rows, self.query.void)?;
        self.cost.row_count += rows.count() as u64;
        if mask.count_set_bits() == 0 {
            return Ok(());
        }
        let rows = rows.narrow(&mask);
        let (times, _) = self.evaluation.times(self.query.axis, &rows)?;
        let batch = self.evaluation.load(&["trace_id"], &rows)?;
        let ids: &FixedSizeBinaryArray = column(&batch, "trace_id")?;
        for (at, (time, place)) in times.into_iter().zip(rows.places()).enumerate() {
            let id = ids.value(at).try_into().map_err(|_| Error::content("trace_id"))?;
            let cursor = Cursor { time: Micros(time), id: TraceId(id) };
            if self.query.page.after.is_none_or(|after| cursor < after) {
                self.found.push((cursor, place));
            }
        }
        if self.found.len() > self.found_max().saturating_add(CHUNK_ROWS).saturating_mul(2) {
            self.keep_newest(self.found_max().saturating_add(1));
        }
        Ok(())
    }

    fn keep_newest(&mut self, count: usize) {
        self.found.sort_unstable_by_key(|found| Reverse(*found));
        self.found.truncate(count);
    }

    fn finish(mut self) -> Selected {
        let count = self.found_max();
        self.keep_newest(count.saturating_add(1));
        let has_more = self.found.len() > count;
        self.found.truncate(count);
        let last = self.found.last().map(|(cursor, _)| *cursor);
        Selected {
            next: last.filter(|_| has_more),
            traces: self.found,
            cost: Cost {
                column_count: self.evaluation.column_count,
                bytes_read: self.evaluation.reader.bytes_read(),
                ..self.cost
            },
        }
    }
}
