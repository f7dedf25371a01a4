//! Traces that rows do not decide are put together and asked.
//!
//! Those of a block come in the order of the table of segments, some at a time, and without the
//! columns that say nothing of what a trace means; no document's text is written for it.

use std::ops::Range;

use arrow::buffer::BooleanBuffer;
use trace::{Trace, assemble_parsed, summarize};

use super::lower::Check;
use crate::block::Block;
use crate::block::segments::{self, Needs};
use crate::block::traces::{self, Predicate, Row, StoredRow, Suspect};
use crate::error::Error;
use crate::watch::Watch;

/// Rows of the table of segments that are in memory together, if one trace does not have more.
const ROWS_AT_ONCE: u64 = 16 * 1024;

impl Check {
    /// Returns whether a trace is wanted.
    pub(super) fn passes_whole(&self, trace: &Trace<'_>) -> bool {
        self.passes(trace, &summarize(trace))
    }

    /// Returns which of the traces of a block are wanted, in the order of `suspects`.
    pub(super) fn passing(
        &self,
        block: &Block,
        suspects: &[Suspect],
        watch: &Watch,
    ) -> Result<Vec<bool>, Error> {
        let mut passing = vec![false; suspects.len()];
        each_whole(block, suspects, self.needs, watch, &mut |at, trace| {
            passing[at] = self.passes_whole(trace);
        })?;
        Ok(passing)
    }

    /// Returns the void rows of a query and, beside them, those that it finds in vain; also how
    /// many traces were asked.
    pub(crate) fn void(
        &self,
        block: &Block,
        table: &traces::Table,
        query: &traces::Query<'_>,
    ) -> Result<(BooleanBuffer, u64), Error> {
        let suspects = table.all_suspects(query, &self.lower);
        let suspects = suspects.map_err(|problem| block.failed(problem))?;
        let unwatched = Watch::default();
        let passing = self.passing(block, &suspects, query.watch.unwrap_or(&unwatched))?;
        let is_void =
            |row: usize| query.void.is_some_and(|void| row < void.len() && void.value(row));
        let mut refused = suspects.iter().zip(&passing).filter(|(_, passes)| !**passes).peekable();
        // Suspects come in the order of their rows.
        let void = BooleanBuffer::collect_bool(table.row_count(), |row| {
            let is_refused = refused.next_if(|(suspect, _)| suspect.row as usize == row).is_some();
            is_refused || is_void(row)
        });
        Ok((void, suspects.len() as u64))
    }
}

/// Calls `visit` with the traces of a block, each with its place among the suspects, in the order of
/// their segments; with some of them when it is called off.
pub(crate) fn each_whole(
    block: &Block,
    suspects: &[Suspect],
    needs: Needs,
    watch: &Watch,
    visit: &mut dyn FnMut(usize, &Trace<'_>),
) -> Result<(), Error> {
    let mut order: Vec<usize> = (0..suspects.len()).collect();
    order.sort_unstable_by_key(|at| suspects[*at].place.first_row);
    let mut rest = order.as_slice();
    while !rest.is_empty() && !watch.is_cancelled() {
        let now;
        (now, rest) = rest.split_at(count_at_once(suspects, rest));
        watch.add(now.len() as u64, 0);
        let places: Vec<Range<u64>> = now.iter().map(|at| range(&suspects[*at])).collect();
        let mut next = now.iter();
        let mut visit = |parsed: segments::ParsedTrace<'_>| {
            // One range is one trace; what is not as the row says is not there.
            let at = next.find(|at| suspects[**at].id == parsed.id);
            let trace = assemble_parsed(parsed.id, parsed.documents, parsed.limit_exceeded);
            if let (Some(at), Ok(trace)) = (at, trace) {
                visit(*at, &trace);
            }
        };
        let table = block.segments()?;
        table.parsed(&places, needs, &mut visit).map_err(|problem| block.failed(problem))?;
    }
    Ok(())
}

/// So few rows are made anew of their segments: of each of the many columns of the trace table a
/// whole page is decoded for a single row.
const FEW_ROWS: usize = 2;

/// Returns whole rows of the trace table of a block, ascending.
pub(super) fn rows(block: &Block, rows: &[u32]) -> Result<Vec<StoredRow>, Error> {
    let table = block.traces()?;
    if rows.len() <= FEW_ROWS {
        let all = table.suspects(rows, &Predicate::Any(Vec::new()));
        let all = all.map_err(|problem| block.failed(problem))?;
        let made = all.iter().map(|one| row(block, one)).collect::<Result<Option<Vec<_>>, _>>()?;
        if let Some(made) = made.filter(|made| made.len() == rows.len()) {
            return Ok(made);
        }
    }
    table.rows(rows).map_err(|problem| block.failed(problem))
}

/// Makes a row anew; `None` when its segments are not those of its trace.
fn row(block: &Block, of: &Suspect) -> Result<Option<StoredRow>, Error> {
    let mut row = None;
    let mut visit = |parsed: segments::ParsedTrace<'_>| {
        let trace = assemble_parsed(parsed.id, parsed.documents, parsed.limit_exceeded);
        let trace = trace.ok().filter(|trace| trace.id == of.id);
        row = trace.map(|trace| StoredRow::of(&Row::of(&trace, of.place)));
    };
    let table = block.segments()?;
    table.parsed(&[range(of)], Needs::ALL, &mut visit).map_err(|problem| block.failed(problem))?;
    Ok(row)
}

fn range(suspect: &Suspect) -> Range<u64> {
    let first = u64::from(suspect.place.first_row);
    first..first + u64::from(suspect.place.row_count)
}

/// Returns how many of the first suspects are read together; at least one.
fn count_at_once(suspects: &[Suspect], order: &[usize]) -> usize {
    let mut sum = 0;
    let is_within = |at: &&usize| {
        sum += u64::from(suspects[**at].place.row_count);
        sum <= ROWS_AT_ONCE
    };
    order.iter().take_while(is_within).count().max(1)
}
