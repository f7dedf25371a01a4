//! Whole rows, from all columns.

use std::collections::BTreeMap;

use arrow::array::{
    Array, BinaryArray, BooleanArray, FixedSizeBinaryArray, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray, UInt16Array, UInt32Array, UInt64Array,
};
use trace::NodeId;
use wire::value::{Number, Scalar};
use wire::{Micros, TraceId};

use super::Error;
use super::causes::{self, Causes};
use super::codes::AllCodes;
use super::columns::GROUP_ROWS;
use super::row::{Edge, Marks, Place, StoredRow};
use super::table::{Rows, Table, column};
use crate::block::checksum::Reader;

/// The annotations of one row, by key; values in the order of a summary.
type Annotations = BTreeMap<String, Vec<Scalar<'static>>>;

/// Returns the number that a float stands for unless something else is said: an integer if it is
/// one and small enough for a float to be exact.
pub(super) fn plain_number(float: f64) -> Number {
    const EXACT_MAX: f64 = (1_u64 << 53) as f64;
    let is_plain = float.fract() == 0.0 && float.abs() <= EXACT_MAX;
    match is_plain && (float != 0.0 || float.is_sign_positive()) {
        true => Number::Integer(float as i64),
        false => Number::Float(float),
    }
}

impl Table {
    /// Returns whole rows, in the order in which they are asked for.
    ///
    /// Shape: one for each place; places beyond the table are left out.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page is not the one written.
    pub fn rows(&self, places: &[u32]) -> Result<Vec<StoredRow>, Error> {
        self.rows_by(&self.reader(), places)
    }

    pub(super) fn rows_by(&self, reader: &Reader, places: &[u32]) -> Result<Vec<StoredRow>, Error> {
        let mut sorted: Vec<usize> = places.iter().map(|&place| place as usize).collect();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.retain(|place| *place < self.row_count());
        let mut found = Vec::with_capacity(sorted.len());
        for of_group in sorted.chunk_by(|a, b| a / GROUP_ROWS == b / GROUP_ROWS) {
            let group = of_group[0] / GROUP_ROWS;
            let runs = of_group.iter().map(|place| place % GROUP_ROWS..place % GROUP_ROWS + 1);
            let rows = Rows { group, runs: runs.collect() };
            let batch = self.load(reader, None, &rows)?;
            found.extend(self.decode(&batch)?);
        }
        if places.is_sorted_by(|a, b| a < b) {
            return Ok(found);
        }
        let row = |place: &u32| Some(found[sorted.binary_search(&(*place as usize)).ok()?].clone());
        Ok(places.iter().filter_map(row).collect())
    }

    fn decode(&self, batch: &RecordBatch) -> Result<Vec<StoredRow>, Error> {
        let mut annotations = self.annotations(batch)?;
        let services = AllCodes::of(batch, "service")?;
        let edges = AllCodes::of(batch, "edge")?;
        let row = |at: usize| {
            let (nodes, codes, marks) = self.services(services.row(at))?;
            let mut row = StoredRow {
                edges: self.edges(edges.row(at), &codes)?,
                nodes,
                services: marks,
                annotations: std::mem::take(&mut annotations[at]).into_iter().collect(),
                ..self.plain(batch, at)?
            };
            let bytes = |name| {
                let column: &BinaryArray = column(batch, name)?;
                Ok(if column.is_null(at) { Vec::new() } else { column.value(at).to_vec() })
            };
            row.causes = Causes {
                failures: bytes("failure_causes")?,
                response_times: bytes("response_time_causes")?,
                shares: bytes("cause_shares")?,
            };
            match causes::decode(&row.causes, row.response_time) {
                Some(_) => Ok(row),
                None => Err(Error::content("response_time_causes")),
            }
        };
        (0..batch.num_rows()).map(row).collect()
    }

    /// What a row has at most one of, or a list of texts.
    fn plain(&self, batch: &RecordBatch, at: usize) -> Result<StoredRow, Error> {
        let id: &FixedSizeBinaryArray = column(batch, "trace_id")?;
        let id = id.value(at).try_into().map_err(|_| Error::content("trace_id"))?;
        let start = Micros(column::<UInt64Array>(batch, "start")?.value(at));
        let duration = option_u64(batch, "duration", at)?;
        let status: &Int64Array = column(batch, "status")?;
        let entry_point: &UInt32Array = column(batch, "entry_point")?;
        let entry_point = match entry_point.is_null(at) {
            true => None,
            false => Some(self.node(entry_point.value(at), "entry_point")?),
        };
        let count = |name| Ok(column::<UInt32Array>(batch, name)?.value(at));
        let end = gap(batch, "end_gap", at, start.0.wrapping_add(duration.unwrap_or(0)))?;
        let first_end_gap = column::<UInt64Array>(batch, "first_end_gap")?.value(at);
        Ok(StoredRow {
            id: TraceId(id),
            start,
            end,
            first_end: end.map(|end| Micros(end.0.wrapping_sub(first_end_gap))),
            duration: duration.map(Micros),
            response_time: gap(batch, "response_gap", at, duration.unwrap_or(0))?,
            updated: Micros(column::<UInt64Array>(batch, "updated")?.value(at)),
            revision: count("revision")?,
            place: Place { first_row: count("first_row")?, row_count: count("row_count")? },
            flags: column::<UInt16Array>(batch, "flags")?.value(at),
            status: status.is_valid(at).then(|| status.value(at)),
            url: text(batch, "url", at)?,
            method: text(batch, "method", at)?,
            user_agent: text(batch, "user_agent", at)?,
            client_ip: text(batch, "client_ip", at)?,
            users: texts(batch, "users", at)?,
            resource_arns: texts(batch, "resource_arns", at)?,
            instance_ids: texts(batch, "instance_ids", at)?,
            availability_zones: texts(batch, "availability_zones", at)?,
            entry_point,
            annotations: Vec::new(),
            nodes: Vec::new(),
            services: Vec::new(),
            edges: Vec::new(),
            causes: Causes::default(),
        })
    }

    fn node(&self, code: u32, column: &str) -> Result<NodeId<'static>, Error> {
        let node = self.meta().services.get(code as usize).cloned();
        node.ok_or_else(|| Error::content(column))
    }

    /// Returns the nodes, sorted, with their codes and marks.
    #[expect(clippy::type_complexity, reason = "three parallel lists, taken apart at once")]
    fn services(
        &self,
        codes: Vec<(u32, Marks)>,
    ) -> Result<(Vec<NodeId<'static>>, Vec<u32>, Vec<Marks>), Error> {
        let named = |(code, marks)| Ok((self.node(code, "service_any")?, code, marks));
        let mut named: Vec<_> = codes.into_iter().map(named).collect::<Result<_, Error>>()?;
        named.sort();
        let codes = named.iter().map(|(_, code, _)| *code).collect();
        let marks = named.iter().map(|(_, _, marks)| *marks).collect();
        Ok((named.into_iter().map(|(node, _, _)| node).collect(), codes, marks))
    }

    /// Returns the edges, sorted; `services` are the codes of the row's nodes.
    fn edges(&self, codes: Vec<(u32, Marks)>, services: &[u32]) -> Result<Vec<Edge>, Error> {
        let place = |code: u32| services.iter().position(|other| *other == code);
        let edge = |(code, marks): (u32, Marks)| {
            let (source, target) = self.meta().edges.get(code as usize)?;
            Some(Edge { source: place(*source)?, target: place(*target)?, marks })
        };
        let edges: Option<Vec<Edge>> = codes.into_iter().map(edge).collect();
        let mut edges = edges.ok_or_else(|| Error::content("edge_any"))?;
        edges.sort();
        Ok(edges)
    }

    /// The annotations of each row.
    fn annotations(&self, batch: &RecordBatch) -> Result<Vec<Annotations>, Error> {
        let mut all: Vec<Annotations> = vec![Annotations::new(); batch.num_rows()];
        // Of the values of one key texts come first, then numbers, then flags.
        for prefix in ["a.", "n.", "b."] {
            for name in self.column_names().filter(|name| name.starts_with(prefix)) {
                let lists: &ListArray = column(batch, name)?;
                let key = &name[prefix.len()..];
                for_each_value(lists, |row, at| {
                    let value = scalar(lists.values().as_ref(), at)?;
                    all[row].entry(key.to_owned()).or_default().push(value);
                    Some(())
                })
                .ok_or_else(|| Error::content(name))?;
            }
        }
        if !self.meta().overflow_keys.is_empty() {
            overflow(batch, &mut all).ok_or_else(|| Error::content("annotations"))?;
        }
        let spellings: &BinaryArray = column(batch, "number_spellings")?;
        for (row, annotations) in all.iter_mut().enumerate() {
            if spellings.is_valid(row) {
                respell(annotations, spellings.value(row))
                    .ok_or_else(|| Error::content("number_spellings"))?;
            }
        }
        Ok(all)
    }
}

/// Calls `visit` with the row and the place of each value of a list column.
fn for_each_value(
    lists: &ListArray,
    mut visit: impl FnMut(usize, usize) -> Option<()>,
) -> Option<()> {
    for (row, ends) in lists.value_offsets().windows(2).enumerate() {
        for at in ends[0] as usize..ends[1] as usize {
            visit(row, at)?;
        }
    }
    Some(())
}

fn scalar(values: &dyn Array, at: usize) -> Option<Scalar<'static>> {
    let values = values.as_any();
    if let Some(texts) = values.downcast_ref::<StringArray>() {
        return Some(Scalar::Text(texts.value(at).to_owned().into()));
    }
    if let Some(numbers) = values.downcast_ref::<Float64Array>() {
        return Some(Scalar::Number(plain_number(numbers.value(at))));
    }
    values.downcast_ref::<BooleanArray>().map(|flags| Scalar::Flag(flags.value(at)))
}

/// Adds the annotations without columns of their own.
fn overflow(batch: &RecordBatch, all: &mut [Annotations]) -> Option<()> {
    let lists: &ListArray = column(batch, "annotations").ok()?;
    let values: &StructArray = lists.values().as_any().downcast_ref()?;
    let keys: &StringArray = values.column_by_name("key")?.as_any().downcast_ref()?;
    let kinds = ["text", "number", "flag"].map(|name| values.column_by_name(name));
    for_each_value(lists, |row, at| {
        let values = kinds.iter().flatten().find(|values| values.is_valid(at))?;
        let value = scalar(values.as_ref(), at)?;
        all[row].entry(keys.value(at).to_owned()).or_default().push(value);
        Some(())
    })
}

/// Puts numbers in the place of those that a float did not give back.
fn respell(annotations: &mut Annotations, spellings: &[u8]) -> Option<()> {
    let mut spellings = causes::numbers(spellings)?.into_iter().peekable();
    let values = annotations.values_mut().flatten();
    let numbers = values.filter_map(|value| match value {
        Scalar::Number(number) => Some(number),
        _ => None,
    });
    for (position, number) in numbers.enumerate() {
        if let Some((_, spelling)) = spellings.next_if(|(at, _)| *at == position) {
            *number = spelling;
        }
    }
    spellings.next().is_none().then_some(())
}

fn option_u64(batch: &RecordBatch, name: &str, at: usize) -> Result<Option<u64>, Error> {
    let column: &UInt64Array = column(batch, name)?;
    Ok(column.is_valid(at).then(|| column.value(at)))
}

/// A time that is kept as its distance from another.
fn gap(batch: &RecordBatch, name: &str, at: usize, from: u64) -> Result<Option<Micros>, Error> {
    let column: &Int64Array = column(batch, name)?;
    Ok(column.is_valid(at).then(|| Micros(from.wrapping_add_signed(column.value(at)))))
}

fn text(batch: &RecordBatch, name: &str, at: usize) -> Result<Option<String>, Error> {
    let column: &StringArray = column(batch, name)?;
    Ok(column.is_valid(at).then(|| column.value(at).to_owned()))
}

fn texts(batch: &RecordBatch, name: &str, at: usize) -> Result<Vec<String>, Error> {
    let lists: &ListArray = column(batch, name)?;
    let values = lists.value(at);
    let texts: Option<&StringArray> = values.as_any().downcast_ref();
    let texts = texts.ok_or_else(|| Error::content(name))?;
    Ok(texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}
