//! One table of the rows of several.
//!
//! Mostly column by column; tables with so many annotation keys that not all have columns of their own
//! are merged row by row.

mod columns;
mod source;

use std::cmp::Reverse;
use std::vec;

use arrow::array::{FixedSizeBinaryArray, RecordBatch, UInt32Array, UInt64Array};
use wire::{Micros, TraceId};

use super::Error;
use super::columns::GROUP_ROWS;
use super::row::{Place, StoredRow};
use super::table::{Rows, Table, column};
use super::write::Writer;
use crate::index::{TokenHash, TraceEntry};
use crate::scan::prune::{self, Tokens};

/// So many rows of each table are in memory.
const READ_ROWS: usize = 512;

/// A row that the new table shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which table has it.
    pub input: usize,
    /// Its place there.
    pub row: u32,
    /// Where the segments of the trace will be.
    pub place: Place,
}

/// Returns the bytes of a table of these rows, given in any order, each trace once; the same rows
/// that a `Writer` would have been given. `seen` is called with what the index is told of each, and
/// its tokens, of which one may come twice; in the order of the new table.
///
/// Memory: the inputs and the new table, decoded.
///
/// # Errors
/// [`Error::Damaged`] when a page is not the one written, [`Error::Encode`] as for a `Writer`.
///
/// # Panics
/// When a table does not have the row picked.
pub fn merge(
    inputs: &[&Table],
    picks: &[Pick],
    seen: impl FnMut(&TraceEntry, &[TokenHash]),
) -> Result<Vec<u8>, Error> {
    match !picks.is_empty() && columns::can_merge(inputs) {
        true => columns::merge(inputs, picks, seen),
        false => merge_rows(inputs, picks, seen),
    }
}

/// As [`merge`], whatever the tables are.
pub(super) fn merge_rows(
    inputs: &[&Table],
    picks: &[Pick],
    mut seen: impl FnMut(&TraceEntry, &[TokenHash]),
) -> Result<Vec<u8>, Error> {
    let keys: Vec<_> = inputs.iter().map(|table| table.keys()).collect::<Result<_, _>>()?;
    let mut picks = picks.to_vec();
    picks.sort_by_cached_key(|pick| Reverse(keys[pick.input][pick.row as usize]));
    drop(keys);
    let source = |(input, table): (usize, &&Table)| {
        let of_input = picks.iter().filter(|pick| pick.input == input);
        Source::new((*table).clone(), of_input.map(|pick| pick.row).collect())
    };
    let mut sources: Vec<Source> = inputs.iter().enumerate().map(source).collect();
    let mut writer = Writer::default();
    let (mut tokens, mut of_row) = (Tokens::default(), Vec::new());
    for pick in &picks {
        let mut row = sources[pick.input].next()?;
        row.place = pick.place;
        of_row.clear();
        tokens.push(&row, &mut of_row);
        seen(&prune::entry(&row), &of_row);
        writer.push_stored(&row);
    }
    Ok(writer.finish()?.0)
}

/// The rows of one table that were picked, in their order.
struct Source {
    table: Table,
    rows: vec::IntoIter<u32>,
    read: vec::IntoIter<StoredRow>,
}

impl Source {
    fn new(table: Table, rows: Vec<u32>) -> Self {
        Self { table, rows: rows.into_iter(), read: Vec::new().into_iter() }
    }

    /// Returns the next row; called once for each.
    fn next(&mut self) -> Result<StoredRow, Error> {
        if let Some(row) = self.read.next() {
            return Ok(row);
        }
        let rows: Vec<u32> = self.rows.by_ref().take(READ_ROWS).collect();
        self.read = self.table.rows(&rows)?.into_iter();
        Ok(self.read.next().expect("the table has the rows that are picked of it"))
    }
}

impl Table {
    /// Returns that by which each row is sorted.
    fn keys(&self) -> Result<Vec<(Micros, TraceId)>, Error> {
        let mut keys = Vec::with_capacity(self.row_count());
        self.each_group(Some(&["start", "trace_id"]), |batch| {
            let starts: &UInt64Array = column(batch, "start")?;
            let ids: &FixedSizeBinaryArray = column(batch, "trace_id")?;
            for (at, start) in starts.values().iter().enumerate() {
                keys.push((Micros(*start), id(ids, at)?));
            }
            Ok(())
        })?;
        Ok(keys)
    }

    /// Returns the id of each row and where its segments are.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page is not the one written.
    pub fn places(&self) -> Result<Vec<(TraceId, Place)>, Error> {
        let mut places = Vec::with_capacity(self.row_count());
        self.each_group(Some(&["trace_id", "first_row", "row_count"]), |batch| {
            let ids: &FixedSizeBinaryArray = column(batch, "trace_id")?;
            let first_rows: &UInt32Array = column(batch, "first_row")?;
            let row_counts: &UInt32Array = column(batch, "row_count")?;
            for at in 0..batch.num_rows() {
                let (first_row, row_count) = (first_rows.value(at), row_counts.value(at));
                places.push((id(ids, at)?, Place { first_row, row_count }));
            }
            Ok(())
        })?;
        Ok(places)
    }

    /// Reads columns, or all of them, of all rows, a row group after the other.
    fn each_group(
        &self,
        names: Option<&[&str]>,
        mut visit: impl FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let reader = self.reader();
        for group in 0..self.row_count().div_ceil(GROUP_ROWS) {
            let count = (self.row_count() - group * GROUP_ROWS).min(GROUP_ROWS);
            let rows = Rows { group, runs: std::iter::once(0..count).collect() };
            visit(&self.load(&reader, names, &rows)?)?;
        }
        Ok(())
    }
}

fn id(ids: &FixedSizeBinaryArray, at: usize) -> Result<TraceId, Error> {
    ids.value(at).try_into().map(TraceId).map_err(|_| Error::content("trace_id"))
}
