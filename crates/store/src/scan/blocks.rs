//! Blocks under a scan: which are asked, in which order, and what of them does not count.

use std::cmp::Reverse;
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use wire::Micros;

use super::{FoundIn, Scan};
use crate::block::Block;
use crate::block::traces::{self, Predicate};
use crate::error::Error;
use crate::live::{Axis, Page};
use crate::view::Visible;

/// What asking one block took.
pub(crate) type Asked = Result<traces::Cost, Error>;

impl Scan<'_, '_> {
    /// Asks each block that may have a trace of the window.
    pub(crate) fn each_block(
        &mut self,
        mut ask: impl FnMut(&Arc<Block>, &traces::Table, &traces::Query<'_>) -> Asked,
    ) {
        let view = Arc::clone(&self.view);
        for one in view.blocks() {
            if self.watch.is_cancelled() {
                break;
            }
            if !self.is_in_window(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            let ask = |_: &Block, table: &traces::Table, query: &traces::Query<'_>| {
                ask(&one.block, table, query)
            };
            let cost = self.in_whole_block(one, ask).unwrap_or_default();
            self.cost.row_count += cost.row_count;
            self.cost.bytes_read += cost.bytes_read;
        }
    }

    /// Looks at blocks, those with the newest traces first, until no other can have one of the page.
    pub(super) fn blocks(&mut self) {
        let view = Arc::clone(&self.view);
        let mut blocks: Vec<&Visible> = view.blocks().collect();
        blocks.sort_by_key(|one| Reverse(self.newest(one)));
        for one in blocks {
            if !self.may_matter(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            let lower = self.query.filter.check().map(|check| &check.lower);
            let selected = self.in_block(one, |block, table, query| {
                let selected = table.select(query).map_err(|problem| block.failed(problem))?;
                let Some(lower) = lower else { return Ok((selected, Vec::new())) };
                let mut rows: Vec<u32> = selected.traces.iter().map(|(_, row)| *row).collect();
                rows.sort_unstable();
                let suspects = table.suspects(&rows, lower);
                Ok((selected, suspects.map_err(|problem| block.failed(problem))?))
            });
            let Some(Some((selected, suspects))) = selected else { continue };
            self.cost.row_count += selected.cost.row_count;
            self.cost.bytes_read += selected.cost.bytes_read;
            let found = selected.traces.into_iter().map(|(cursor, row)| {
                let suspect = suspects.binary_search_by_key(&row, |suspect| suspect.row);
                let suspect = suspect.ok().map(|at| suspects[at]);
                (cursor, FoundIn::Block { block: Arc::clone(&one.block), row, suspect })
            });
            self.found.extend(found);
            self.keep_page();
        }
    }

    pub(super) fn count_blocks(&mut self) -> u64 {
        let view = Arc::clone(&self.view);
        let mut sum = 0;
        for one in view.blocks() {
            if self.watch.is_cancelled() {
                break;
            }
            if !self.is_in_window(one) {
                self.cost.pruned_block_count += 1;
                continue;
            }
            if let Some(all) = self.counted_whole(one) {
                self.watch.add(all, all);
                sum += all;
                continue;
            }
            let count = |block: &Block, table: &traces::Table, query: &traces::Query<'_>| {
                table.count(query).map_err(|problem| block.failed(problem))
            };
            sum += self.in_whole_block(one, count).unwrap_or(0);
        }
        sum
    }

    /// Returns how many traces a block has when all of them count, without reading any.
    fn counted_whole(&self, one: &Visible) -> Option<u64> {
        let (entry, window) = (&one.block.entry, &self.query.window);
        let bounds = self.bounds(one)?;
        let is_inside = window.start() <= bounds.start() && bounds.end() <= window.end();
        let is_everything = *self.query.filter.upper() == Predicate::All(Vec::new())
            && self.query.filter.is_exact();
        (is_inside && is_everything).then(|| {
            let void = self.void(one).map_or(0, |void| void.count_set_bits() as u64);
            entry.trace_count.saturating_sub(void)
        })
    }

    /// Asks one block about all its traces that are wanted; `None` when it has none or cannot be
    /// read.
    fn in_whole_block<T>(
        &mut self,
        one: &Visible,
        ask: impl FnOnce(&Block, &traces::Table, &traces::Query<'_>) -> Result<T, Error>,
    ) -> Option<T> {
        let mut checked_count = 0;
        let check = self.query.filter.check();
        let answer = self.in_block(one, |block, table, query| {
            let mut query = query.clone();
            let void;
            if let Some(check) = check {
                (void, checked_count) = check.void(block, table, &query)?;
                query.void = Some(&void);
            }
            ask(block, table, &query)
        });
        self.cost.checked_count += checked_count;
        answer.flatten()
    }

    /// Asks one block; `None` when the index ruled it out, `Some(None)` when it cannot be read.
    fn in_block<T>(
        &mut self,
        one: &Visible,
        ask: impl FnOnce(&Block, &traces::Table, &traces::Query<'_>) -> Result<T, Error>,
    ) -> Option<Option<T>> {
        let block = &one.block;
        let rows = block.read(|block| Ok(block.index()?.prune(&self.condition)));
        if rows.as_ref().is_some_and(Vec::is_empty) {
            self.cost.pruned_block_count += 1;
            return None;
        }
        let void = self.void(one);
        let answer = rows.and_then(|rows| {
            let query = traces::Query {
                predicate: self.query.filter.upper(),
                axis: self.query.axis,
                window: self.query.window.clone(),
                rows: Some(&rows),
                void: void.as_ref(),
                // One more than a page, to know whether there is another.
                page: Page {
                    traces_max: self.page.traces_max.max(1).saturating_add(1),
                    ..self.page
                },
                watch: Some(self.watch),
            };
            block.read(|block| ask(block, &block.traces()?, &query))
        });
        match answer {
            Some(_) => self.cost.block_count += 1,
            None => self.cost.unreadable_block_count += 1,
        }
        Some(answer)
    }

    /// Returns the rows that are not looked at: void ones, and those of traces that are live again.
    fn void(&self, one: &Visible) -> Option<BooleanBuffer> {
        let void = one.void.as_ref().map(|void| void.rows.clone());
        let Some(late) = self.late_rows.get(&one.block.entry.id) else { return void };
        let row_count = usize::try_from(one.block.entry.trace_count).unwrap_or(0);
        let is_late = |row: usize| u32::try_from(row).is_ok_and(|row| late.contains(&row));
        let late = BooleanBuffer::collect_bool(row_count, is_late);
        Some(match void {
            Some(void) => &void | &late,
            None => late,
        })
    }

    /// Returns a time that nothing in the block is newer than.
    fn newest(&self, one: &Visible) -> Micros {
        match self.query.axis {
            Axis::Start => *one.block.entry.starts.end(),
            Axis::Updated => *one.block.entry.received.end(),
            Axis::End => Micros(u64::MAX),
        }
    }

    /// Returns between which times on the axis all traces of the block lie, where that is known.
    fn bounds<'v>(&self, one: &'v Visible) -> Option<&'v RangeInclusive<Micros>> {
        match self.query.axis {
            Axis::Start => Some(&one.block.entry.starts),
            Axis::Updated => Some(&one.block.entry.received),
            Axis::End => None,
        }
    }

    fn is_in_window(&self, one: &Visible) -> bool {
        let window = &self.query.window;
        self.bounds(one)
            .is_none_or(|bounds| bounds.start() <= window.end() && window.start() <= bounds.end())
    }

    /// Returns whether the block may have a trace of the page.
    fn may_matter(&self, one: &Visible) -> bool {
        let newest = self.newest(one);
        // What was found is sorted as soon as it is more than a page.
        let last = self.found.get(self.page.traces_max.max(1));
        self.is_in_window(one) && last.is_none_or(|(last, _)| newest >= last.time)
    }
}
