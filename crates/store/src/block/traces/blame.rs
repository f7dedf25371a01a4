//! A predicate about root causes on columns.
//!
//! Who is blamed repeats from trace to trace, so what was decided of one is decided of all that are
//! the same, unless it depends on the shares of the response time.

use std::collections::HashMap;

use arrow::array::{Array, BinaryArray, Int64Array, UInt64Array};
use arrow::buffer::BooleanBuffer;
use filter::Predicate;
use filter::ast::{CauseKind, Field};
use filter::keywords::Keyword;
use wire::Micros;

use super::evaluate::Evaluation;
use super::table::{Rows, column};
use super::{Error, causes};

pub(super) const FAILURES: &str = "failure_causes";
pub(super) const RESPONSE_TIMES: &str = "response_time_causes";
const SHARES: &str = "cause_shares";

impl Evaluation<'_> {
    /// Returns the rows whose root causes fit.
    pub(super) fn causes(
        &mut self,
        predicate: &Predicate,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        match predicate {
            Predicate::Cause { kind: CauseKind::Fault | CauseKind::Error, .. } => {
                self.shapes(FAILURES, rows, |bytes| {
                    Some(causes::fit(&causes::shapes(bytes, &[])?, predicate))
                })
            }
            Predicate::Cause { body, .. } if !has_coverage(body) => {
                self.shapes(RESPONSE_TIMES, rows, |bytes| {
                    Some(causes::fit(&causes::shapes(&[], bytes)?, predicate))
                })
            }
            _ => self.whole_causes(predicate, rows),
        }
    }

    /// Asks each shape once.
    fn shapes(
        &mut self,
        name: &str,
        rows: &Rows,
        fits: impl Fn(&[u8]) -> Option<bool>,
    ) -> Result<BooleanBuffer, Error> {
        let batch = self.load(&[name], rows)?;
        let shapes: &BinaryArray = column(&batch, name)?;
        let mut known: HashMap<&[u8], bool> = HashMap::new();
        let does_none_fit = fits(&[]).ok_or_else(|| Error::content(name))?;
        let fits_at = |at: usize| -> Result<bool, Error> {
            if shapes.is_null(at) {
                return Ok(does_none_fit);
            }
            let bytes = value(shapes, at);
            if let Some(fits) = known.get(bytes) {
                return Ok(*fits);
            }
            let fits = fits(bytes).ok_or_else(|| Error::content(name))?;
            known.insert(bytes, fits);
            Ok(fits)
        };
        (0..batch.num_rows()).map(fits_at).collect()
    }

    /// Asks the causes of each row, with the shares in them.
    fn whole_causes(&mut self, predicate: &Predicate, rows: &Rows) -> Result<BooleanBuffer, Error> {
        let names = [FAILURES, RESPONSE_TIMES, SHARES];
        let batch =
            self.load(&[FAILURES, RESPONSE_TIMES, SHARES, "duration", "response_gap"], rows)?;
        let durations: &UInt64Array = column(&batch, "duration")?;
        let gaps: &Int64Array = column(&batch, "response_gap")?;
        let mut columns: Vec<&BinaryArray> = Vec::with_capacity(names.len());
        for name in names {
            columns.push(column(&batch, name)?);
        }
        let fits_at = |at: usize| {
            let whole = gaps.is_valid(at).then(|| {
                let from = if durations.is_valid(at) { durations.value(at) } else { 0 };
                Micros(from.wrapping_add_signed(gaps.value(at)))
            });
            let parts = [columns[0], columns[1], columns[2]].map(|column| value(column, at));
            let lists = causes::decode_parts(parts, whole);
            Ok(causes::fit(&lists.ok_or_else(|| Error::content(SHARES))?, predicate))
        };
        (0..batch.num_rows()).map(fits_at).collect()
    }
}

fn value(column: &BinaryArray, at: usize) -> &[u8] {
    if column.is_null(at) { &[] } else { column.value(at) }
}

/// Returns whether the body of a selector asks for a share of the response time.
fn has_coverage(body: &Predicate) -> bool {
    match body {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(has_coverage),
        Predicate::Not(part) => has_coverage(part),
        Predicate::Test(test) => test.field == Field::Keyword(Keyword::Coverage),
        _ => false,
    }
}
