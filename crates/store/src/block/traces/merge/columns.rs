//! Merges column by column: no row is made, values go from array to array.
//!
//! Only codes are translated, from the dictionaries of the inputs to that of the new table. Which
//! annotation keys have columns is not decided anew, so all keys of the inputs must have some.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, RecordBatch, UInt32Array, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::interleave;
use arrow::datatypes::{DataType, FieldRef, Schema};

use super::Pick;
use super::source::{Source, Target};
use crate::block::traces::columns::{ANNOTATION_KEYS_MAX, CHUNK_ROWS, GROUP_ROWS, Meta};
use crate::block::traces::table::Table;
use crate::block::traces::write::{Column, write_sorted};
use crate::block::traces::{Error, Place};
use crate::index::{TokenHash, TraceEntry};

/// What the names of annotation columns begin with, in the order of the file.
const KINDS: [&str; 3] = ["a.", "n.", "b."];

/// Returns whether the tables can be merged this way.
pub(super) fn can_merge(inputs: &[&Table]) -> bool {
    let names = inputs.iter().flat_map(|table| table.column_names());
    let keys: BTreeSet<&str> = names.filter_map(annotation).map(|(key, _)| key).collect();
    keys.len() <= ANNOTATION_KEYS_MAX
        && inputs.iter().all(|table| table.meta().overflow_keys.is_empty())
}

/// Returns the key of a column of annotations, and the number of its kind.
pub(super) fn annotation(name: &str) -> Option<(&str, usize)> {
    let key = |(at, kind): (usize, &&str)| Some((name.strip_prefix(*kind)?, at));
    KINDS.iter().enumerate().find_map(key)
}

/// A row of the new table: its source, its place there, and where its segments will be.
type Placed = (usize, usize, Place);

/// As [`super::merge`]; at least one row is picked.
pub(super) fn merge(
    inputs: &[&Table],
    picks: &[Pick],
    mut seen: impl FnMut(&TraceEntry, &[TokenHash]),
) -> Result<Vec<u8>, Error> {
    // The row groups of an input are sources of their own.
    let mut firsts = Vec::new();
    let mut batches: Vec<(&Meta, RecordBatch)> = Vec::new();
    for table in inputs {
        firsts.push(batches.len());
        table.each_group(None, |batch| {
            batches.push((table.meta(), batch.clone()));
            Ok(())
        })?;
    }
    let sources = batches.iter().map(|(meta, batch)| Source::new(meta, batch));
    let mut sources = sources.collect::<Result<Vec<Source<'_>>, _>>()?;
    let placed = |pick: &Pick| {
        let row = pick.row as usize;
        (firsts[pick.input] + row / GROUP_ROWS, row % GROUP_ROWS, pick.place)
    };
    let key = |(source, row, _): &Placed| sources[*source].key(*row);
    let keyed = picks.iter().map(placed).map(|placed| Ok((Reverse(key(&placed)?), placed)));
    let mut keyed = keyed.collect::<Result<Vec<_>, Error>>()?;
    keyed.sort_unstable_by_key(|(key, _)| *key);
    let starts = keyed.chunks(CHUNK_ROWS).map(|chunk| chunk[0].0.0.0.0);
    let mut meta = Meta { chunk_starts: starts.collect(), ..Meta::default() };
    let order: Vec<Placed> = keyed.into_iter().map(|(_, placed)| placed).collect();
    let mut target = Target::default();
    let (mut tokens, mut entry_points) = (Vec::new(), Vec::with_capacity(order.len()));
    for &(source, row, place) in &order {
        let source = &mut sources[source];
        tokens.clear();
        entry_points.push(source.codes(row, &mut target, &mut tokens)?);
        source.tokens(row, &mut tokens);
        seen(&source.entry(row, place)?, &tokens);
    }
    drop(sources);
    let batches = batches.into_iter().map(|(_, batch)| batch).collect();
    let Target { dictionary, services, edges, .. } = target;
    let codes = [services.finish(dictionary.services.len()), edges.finish(dictionary.edges.len())];
    (meta.services, meta.edges) = (dictionary.services, dictionary.edges);
    let made = [
        ("entry_point", entry_points.into_iter().collect::<UInt32Array>()),
        ("first_row", order.iter().map(|placed| Some(placed.2.first_row)).collect()),
        ("row_count", order.iter().map(|placed| Some(placed.2.row_count)).collect()),
    ];
    let made = made.map(|(name, array)| (name, Arc::new(array) as ArrayRef));
    let order = order.into_iter().map(|(source, row, _)| (source, row)).collect();
    write_sorted(&Inputs { batches, order }.merge(&made, codes)?, &meta)
}

/// What columns are put together from.
struct Inputs {
    batches: Vec<RecordBatch>,
    /// The batch of each row of the new table, and its place there.
    order: Vec<(usize, usize)>,
}

impl Inputs {
    /// Returns the columns of the new table. Those of an input are given up one after the other.
    fn merge(
        mut self,
        made: &[(&str, ArrayRef)],
        codes: [Vec<Column>; 2],
    ) -> Result<RecordBatch, Error> {
        let mut codes = codes.into_iter();
        let mut columns: Vec<Column> = Vec::new();
        let fields = self.batches[0].schema_ref().fields().clone();
        for field in &fields {
            let name = field.name().as_str();
            if let Some((_, array)) = made.iter().find(|(made, _)| *made == name) {
                columns.push(Column::of(field, Arc::clone(array)));
            } else if matches!(name, "service_any" | "edge_any") {
                columns.extend(codes.next().unwrap_or_default());
            } else if name == "annotations" {
                columns.extend(self.annotations()?);
                columns.push(self.column(field)?);
            } else if !is_code(name) && annotation(name).is_none() {
                columns.push(self.column(field)?);
            }
        }
        let (fields, arrays): (Vec<_>, Vec<_>) =
            columns.into_iter().map(|column| (column.field, column.array)).unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(Error::encode)
    }

    /// Returns a column for each key and type that rows have.
    fn annotations(&mut self) -> Result<Vec<Column>, Error> {
        let mut fields: BTreeMap<(String, usize), FieldRef> = BTreeMap::new();
        for field in self.batches.iter().flat_map(|batch| batch.schema_ref().fields()) {
            if let Some((key, kind)) = annotation(field.name()) {
                fields.insert((key.to_owned(), kind), Arc::clone(field));
            }
        }
        let columns = fields.values().map(|field| self.column(field));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let has_values = |column: &Column| {
            let lists: Option<&ListArray> = column.array.as_any().downcast_ref();
            lists.is_some_and(|lists| !lists.values().is_empty())
        };
        Ok(columns.into_iter().filter(has_values).collect())
    }

    /// Returns one column; the rows of an input that lacks it have empty lists.
    fn column(&mut self, field: &FieldRef) -> Result<Column, Error> {
        let take = |batch: &mut RecordBatch| match batch.schema_ref().index_of(field.name()) {
            Ok(at) => Ok(batch.remove_column(at)),
            Err(_) => empty_lists(field, batch.num_rows()),
        };
        let arrays = self.batches.iter_mut().map(take).collect::<Result<Vec<_>, _>>()?;
        let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        Ok(Column::of(field, interleave(&arrays, &self.order).map_err(Error::encode)?))
    }
}

/// Returns whether the column refers to a dictionary by more than one code.
fn is_code(name: &str) -> bool {
    name.starts_with("service_") || name.starts_with("edge_")
}

fn empty_lists(field: &FieldRef, row_count: usize) -> Result<ArrayRef, Error> {
    let DataType::List(item) = field.data_type() else { return Err(Error::content(field.name())) };
    let values = new_empty_array(item.data_type());
    let offsets = OffsetBuffer::new_zeroed(row_count);
    Ok(Arc::new(ListArray::new(Arc::clone(item), offsets, values, None)))
}
