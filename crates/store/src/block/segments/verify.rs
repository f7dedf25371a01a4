//! Reads a whole table to see whether it makes sense.

use std::ops::Range;

use wire::TraceId;

use super::Error;
use super::columns::Arrays;
use super::table::Table;

/// Rows that are in memory at a time.
const ROWS: usize = 2_048;

impl Table {
    /// Reads every value, and checks that the rows of each row group are sorted by trace and that
    /// every trace begins with a document.
    ///
    /// # Errors
    /// As for [`Table::traces`].
    pub fn verify(&self) -> Result<(), Error> {
        let mut last = None;
        for rows in self.group_rows() {
            self.verify_group(&rows, &mut last)?;
        }
        Ok(())
    }

    /// `last` is the trace that the row before is of.
    fn verify_group(&self, rows: &Range<u64>, last: &mut Option<TraceId>) -> Result<(), Error> {
        let reader = self.reader();
        let batches = self.select(&reader, rows)?.with_batch_size(ROWS).build();
        let mut row = rows.start;
        for batch in batches.map_err(|error| Error::read(reader.failure(error)))? {
            let batch = batch.map_err(|error| Error::read(reader.failure(error)))?;
            let arrays = Arrays::find(&batch)?;
            for (id, depth) in arrays.trace_id.iter().zip(arrays.depth.values()) {
                let unexpected = |column| Error::ValueUnexpected { row, column };
                let id = id.and_then(|id| id.try_into().ok().map(TraceId));
                let id = id.ok_or_else(|| unexpected("trace_id"))?;
                if row > rows.start && *last > Some(id) {
                    return Err(unexpected("trace_id"));
                }
                if last.replace(id) != Some(id) && *depth != 0 {
                    return Err(unexpected("depth"));
                }
                row += 1;
            }
        }
        Ok(())
    }
}
