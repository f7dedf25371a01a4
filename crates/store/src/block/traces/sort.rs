//! The times of all traces found, for sorting them.

use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, UInt64Array};
use wire::{Micros, TraceId};

use super::evaluate::Evaluation;
use super::scan::{GROUP_CHUNKS, steps};
use super::table::{Table, column};
use super::{Cost, Error, Query};
use crate::sort::{Place, Time};

impl Table {
    /// Calls `visit` with the place and the row of each trace that is like the predicate, on all
    /// pages together.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page that is needed is not the one written; some were visited then.
    pub(crate) fn times_by(
        &self,
        query: &Query<'_>,
        by: Time,
        visit: &mut dyn FnMut(Place, u32),
    ) -> Result<Cost, Error> {
        let mut evaluation = Evaluation::new(self, self.reader());
        let mut cost = Cost::default();
        let predicate = query.in_window();
        let names: &[&str] = match by {
            Time::Start => &["trace_id", "start"],
            Time::Duration => &["trace_id", "duration"],
            Time::ResponseTime => &["trace_id", "duration", "response_gap"],
        };
        for rows in steps(self.candidates(query).into_iter(), GROUP_CHUNKS) {
            if query.is_cancelled() {
                break;
            }
            let (rows, mask) = evaluation.evaluate_live(&predicate, rows, query.void)?;
            cost.row_count += rows.count() as u64;
            query.tell(rows.count(), mask.count_set_bits());
            if mask.count_set_bits() == 0 {
                continue;
            }
            let rows = rows.narrow(&mask);
            let batch = evaluation.load(names, &rows)?;
            let ids: &FixedSizeBinaryArray = column(&batch, "trace_id")?;
            let first: &UInt64Array = column(&batch, names[1])?;
            let gaps: Option<&Int64Array> =
                names.get(2).map(|name| column(&batch, name)).transpose()?;
            for (at, row) in rows.places().enumerate() {
                let id = ids.value(at).try_into().map_err(|_| Error::content("trace_id"))?;
                let from = first.is_valid(at).then(|| first.value(at));
                let time = match gaps {
                    None => from,
                    Some(gaps) => gaps
                        .is_valid(at)
                        .then(|| from.unwrap_or(0).wrapping_add_signed(gaps.value(at))),
                };
                visit(Place { time: time.map(Micros), id: TraceId(id) }, row);
            }
        }
        let (column_count, bytes_read) = (evaluation.column_count, evaluation.reader.bytes_read());
        Ok(Cost { column_count, bytes_read, ..cost })
    }
}
