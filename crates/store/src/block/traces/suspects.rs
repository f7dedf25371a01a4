//! Which of the traces found are not known to be wanted, and where their segments are.

use arrow::array::{FixedSizeBinaryArray, UInt32Array};
use wire::TraceId;

use super::columns::GROUP_ROWS;
use super::evaluate::Evaluation;
use super::predicate::Predicate;
use super::row::Place;
use super::scan::{GROUP_CHUNKS, steps};
use super::table::{Rows, Table, column};
use super::{Error, Query};

/// A trace that must be looked at whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suspect {
    /// Its row.
    pub(crate) row: u32,
    pub(crate) id: TraceId,
    /// Where its segments are.
    pub(crate) place: Place,
}

impl Table {
    /// Returns those of the rows that are not like `lower`. The rows are ascending.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page that is needed is not the one written.
    pub(crate) fn suspects(&self, rows: &[u32], lower: &Predicate) -> Result<Vec<Suspect>, Error> {
        let mut evaluation = Evaluation::new(self, self.reader());
        let mut suspects = Vec::new();
        for of_group in rows.chunk_by(|a, b| group_of(*a) == group_of(*b)) {
            let group = group_of(of_group[0]);
            let run = |row: &u32| {
                let row = *row as usize % GROUP_ROWS;
                row..row + 1
            };
            let rows = Rows { group, runs: of_group.iter().map(run).collect() };
            evaluation.suspects(rows, lower, &mut suspects)?;
        }
        Ok(suspects)
    }

    /// Returns the traces that are like the predicate of the query, on all pages together, and not
    /// like `lower`.
    ///
    /// # Errors
    /// As for [`Table::suspects`].
    pub(crate) fn all_suspects(
        &self,
        query: &Query<'_>,
        lower: &Predicate,
    ) -> Result<Vec<Suspect>, Error> {
        let mut evaluation = Evaluation::new(self, self.reader());
        let predicate = query.in_window();
        let mut suspects = Vec::new();
        for rows in steps(self.candidates(query).into_iter(), GROUP_CHUNKS) {
            if query.is_cancelled() {
                break;
            }
            let (rows, mask) = evaluation.evaluate_live(&predicate, rows, query.void)?;
            if mask.count_set_bits() > 0 {
                evaluation.suspects(rows.narrow(&mask), lower, &mut suspects)?;
            }
        }
        Ok(suspects)
    }
}

fn group_of(row: u32) -> usize {
    row as usize / GROUP_ROWS
}

impl Evaluation<'_> {
    fn suspects(
        &mut self,
        rows: Rows,
        lower: &Predicate,
        suspects: &mut Vec<Suspect>,
    ) -> Result<(), Error> {
        let are_sure = self.evaluate(lower, &rows)?;
        let rows = rows.narrow(&!&are_sure);
        if rows.count() == 0 {
            return Ok(());
        }
        let batch = self.load(&["trace_id", "first_row", "row_count"], &rows)?;
        let ids: &FixedSizeBinaryArray = column(&batch, "trace_id")?;
        let first_rows: &UInt32Array = column(&batch, "first_row")?;
        let row_counts: &UInt32Array = column(&batch, "row_count")?;
        for (at, row) in rows.places().enumerate() {
            let id = ids.value(at).try_into().map_err(|_| Error::content("trace_id"))?;
            let (first_row, row_count) = (first_rows.value(at), row_counts.value(at));
            let place = Place { first_row, row_count };
            suspects.push(Suspect { row, id: TraceId(id), place });
        }
        Ok(())
    }
}
