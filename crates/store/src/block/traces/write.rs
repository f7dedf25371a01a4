//! Rows become one Parquet file.
//!
//! Values go straight into the builders of their columns, in the order in which rows come; at the
//! end the rows are put in their order, newest first.

mod annotations;
mod codes;

use std::cmp::Reverse;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, FixedSizeBinaryBuilder, Int64Builder, ListBuilder, RecordBatch,
    StringBuilder, UInt16Builder, UInt32Array, UInt32Builder, UInt64Builder,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use wire::{Micros, TraceId};

use super::causes::Causes;
use super::columns::{self, Meta};
use super::facts::Facts;
use super::row::{Row, StoredRow};
use super::{Error, causes};
use crate::block::checksum::{Summing, finish};
use annotations::Annotations;
pub(super) use codes::{Codes, Dictionary};

/// Collects the rows of a trace table.
pub struct Writer {
    /// The start and id of each row, by which rows are sorted.
    keys: Vec<(Micros, TraceId)>,
    plain: Plain,
    causes: CauseColumns,
    annotations: Annotations,
    dictionary: Dictionary,
    services: Codes,
    edges: Codes,
}

/// A column, ready to be sorted.
pub(super) struct Column {
    pub(super) field: Field,
    pub(super) array: ArrayRef,
}

impl Column {
    pub(super) fn of(field: &Field, array: ArrayRef) -> Self {
        Self { field: field.clone(), array }
    }

    fn new(name: impl Into<String>, is_nullable: bool, array: ArrayRef) -> Self {
        Self { field: Field::new(name, array.data_type().clone(), is_nullable), array }
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            plain: Plain::default(),
            causes: CauseColumns::default(),
            annotations: Annotations::default(),
            dictionary: Dictionary::default(),
            services: Codes::new("service"),
            edges: Codes::new("edge"),
        }
    }
}

impl Writer {
    /// Adds a trace; in any order, each id once.
    pub fn push(&mut self, row: &Row<'_>) {
        self.put(row, causes::encode(&row.summary));
    }

    /// Adds a trace that another table gave back.
    pub(super) fn push_stored(&mut self, stored: &StoredRow) {
        self.put(&stored.row_without_causes(), stored.causes.clone());
    }

    fn put(&mut self, row: &Row<'_>, causes: Causes) {
        let at = self.keys.len();
        self.keys.push((row.summary.start, row.summary.id));
        let nodes: Vec<u32> =
            row.summary.nodes.iter().map(|node| self.dictionary.service(node)).collect();
        let entry_point =
            row.summary.entry_point.as_ref().map(|node| self.dictionary.service(node));
        self.plain.push(row, entry_point);
        self.causes.push(causes);
        self.annotations.push(at, &row.summary.annotations);
        self.services.push(nodes.iter().copied().zip(row.services.iter().copied()));
        let dictionary = &mut self.dictionary;
        self.edges.push(
            row.edges
                .iter()
                .map(|edge| (dictionary.edge(nodes[edge.source], nodes[edge.target]), edge.marks)),
        );
    }

    /// Returns the number of traces added.
    pub fn row_count(&self) -> usize {
        self.keys.len()
    }

    /// Returns the bytes of the file, and where each trace is in it: for every row of the file, in
    /// their order, the number of the push that added it.
    ///
    /// # Errors
    /// [`Error::Encode`] when there are more rows, or larger columns, than a file can have.
    pub fn finish(self) -> Result<(Vec<u8>, Vec<u32>), Error> {
        let row_count = u32::try_from(self.keys.len())
            .map_err(|_| Error::encode(ParquetError::General("too many rows".to_owned())))?;
        let mut order: Vec<u32> = (0..row_count).collect();
        order.sort_unstable_by_key(|&at| Reverse(self.keys[at as usize]));
        let (overflow_keys, annotations) = self.annotations.finish(self.keys.len());
        let chunks = order.chunks(columns::CHUNK_ROWS);
        let meta = Meta {
            chunk_starts: chunks.map(|chunk| self.keys[chunk[0] as usize].0.0).collect(),
            overflow_keys,
            services: self.dictionary.services,
            edges: self.dictionary.edges,
        };
        let mut columns = self.plain.finish();
        columns.extend(self.services.finish(meta.services.len()));
        columns.extend(self.edges.finish(meta.edges.len()));
        columns.extend(self.causes.finish());
        columns.extend(annotations);
        Ok((encode(columns, &order, &meta)?, order))
    }
}

/// Sorts the columns and writes them.
fn encode(columns: Vec<Column>, order: &[u32], meta: &Meta) -> Result<Vec<u8>, Error> {
    let order = UInt32Array::from(order.to_vec());
    let fields: Vec<Field> = columns.iter().map(|column| column.field.clone()).collect();
    let schema = Arc::new(Schema::new(fields));
    let sorted: Result<Vec<_>, _> =
        columns.iter().map(|column| take(&column.array, &order, None)).collect();
    let batch = sorted.and_then(|sorted| RecordBatch::try_new(schema, sorted));
    let batch = batch.map_err(Error::encode)?;
    drop(columns);
    write_sorted(&batch, meta)
}

/// Writes columns whose rows are in their order.
pub(super) fn write_sorted(batch: &RecordBatch, meta: &Meta) -> Result<Vec<u8>, Error> {
    let (to, schema) = (Summing::new(Vec::new()), batch.schema());
    let properties = properties(schema.fields());
    let mut writer = ArrowWriter::try_new(to, schema, Some(properties)).map_err(Error::encode)?;
    writer.write(batch).map_err(Error::encode)?;
    let (bytes, _) = finish(writer, meta.write()).map_err(Error::encode)?;
    Ok(bytes)
}

fn properties(fields: &Fields) -> WriterProperties {
    let zstd = ZstdLevel::try_new(1).expect("zstd has a level 1");
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(zstd))
        .set_max_row_group_row_count(Some(columns::GROUP_ROWS))
        .set_data_page_row_count_limit(columns::PAGE_ROWS)
        .set_dictionary_page_size_limit(columns::DICTIONARY_BYTES_MAX)
        .set_write_batch_size(1024)
        .set_statistics_enabled(EnabledStatistics::None);
    fields.iter().fold(properties, |all, field| column_properties(all, field)).build()
}

/// Numbers that differ from row to row are kept as differences, ids and addresses without a
/// dictionary; all else is left to Parquet's dictionaries.
fn column_properties(
    properties: WriterPropertiesBuilder,
    field: &Field,
) -> WriterPropertiesBuilder {
    let path = || ColumnPath::new(vec![field.name().clone()]);
    let encoding = match field.name().as_str() {
        "trace_id" => Encoding::DELTA_BYTE_ARRAY,
        "start" | "updated" | "duration" | "first_end_gap" | "first_row" => {
            Encoding::DELTA_BINARY_PACKED
        }
        "cause_shares" => Encoding::PLAIN,
        _ => return properties,
    };
    properties
        .set_column_dictionary_enabled(path(), false)
        .set_column_encoding(path(), encoding)
        .set_column_statistics_enabled(path(), EnabledStatistics::Chunk)
}

/// The columns of what every trace has at most one of, or a list of texts.
struct Plain {
    trace_id: FixedSizeBinaryBuilder,
    start: UInt64Builder,
    updated: UInt64Builder,
    duration: UInt64Builder,
    response_gap: Int64Builder,
    end_gap: Int64Builder,
    first_end_gap: UInt64Builder,
    flags: UInt16Builder,
    status: Int64Builder,
    texts: [(&'static str, StringBuilder); 4],
    lists: [(&'static str, ListBuilder<StringBuilder>); 4],
    entry_point: UInt32Builder,
    first_row: UInt32Builder,
    row_count: UInt32Builder,
    revision: UInt32Builder,
}

impl Default for Plain {
    fn default() -> Self {
        let list = || {
            let item = Field::new("item", DataType::Utf8, false);
            ListBuilder::new(StringBuilder::new()).with_field(item)
        };
        Self {
            trace_id: FixedSizeBinaryBuilder::new(16),
            start: UInt64Builder::new(),
            updated: UInt64Builder::new(),
            duration: UInt64Builder::new(),
            response_gap: Int64Builder::new(),
            end_gap: Int64Builder::new(),
            first_end_gap: UInt64Builder::new(),
            flags: UInt16Builder::new(),
            status: Int64Builder::new(),
            texts: ["url", "method", "user_agent", "client_ip"]
                .map(|name| (name, StringBuilder::new())),
            lists: ["users", "resource_arns", "instance_ids", "availability_zones"]
                .map(|name| (name, list())),
            entry_point: UInt32Builder::new(),
            first_row: UInt32Builder::new(),
            row_count: UInt32Builder::new(),
            revision: UInt32Builder::new(),
        }
    }
}

impl Plain {
    fn push(&mut self, row: &Row<'_>, entry_point: Option<u32>) {
        let summary = &row.summary;
        self.trace_id.append_value(summary.id.0).expect("an id has 16 bytes");
        self.start.append_value(summary.start.0);
        self.updated.append_value(summary.updated.0);
        let duration = summary.duration.map(|duration| duration.0);
        self.duration.append_option(duration);
        // Usually the root takes as long as the trace, and the trace ends with the last segment.
        let base = duration.unwrap_or(0);
        let gap = |to: u64, from: u64| to.wrapping_sub(from).cast_signed();
        self.response_gap.append_option(summary.response_time.map(|time| gap(time.0, base)));
        let expected = summary.start.0.wrapping_add(base);
        self.end_gap.append_option(row.end.map(|end| gap(end.0, expected)));
        let first_end_gap =
            row.end.zip(row.first_end).map(|(end, first)| end.0.wrapping_sub(first.0));
        self.first_end_gap.append_value(first_end_gap.unwrap_or(0));
        self.flags.append_value(row.flags());
        self.status.append_option(summary.http.status);
        let http = &summary.http;
        let texts = [http.url, http.method, http.user_agent, http.client_ip];
        for ((_, column), text) in self.texts.iter_mut().zip(texts) {
            column.append_option(text);
        }
        let lists = [
            &summary.users,
            &summary.resource_arns,
            &summary.instance_ids,
            &summary.availability_zones,
        ];
        for ((_, column), texts) in self.lists.iter_mut().zip(lists) {
            texts.iter().for_each(|text| column.values().append_value(text));
            column.append(true);
        }
        self.entry_point.append_option(entry_point);
        self.first_row.append_value(row.place.first_row);
        self.row_count.append_value(row.place.row_count);
        self.revision.append_value(summary.revision);
    }

    fn finish(mut self) -> Vec<Column> {
        let mut columns = vec![
            Column::new("trace_id", false, Arc::new(self.trace_id.finish())),
            Column::new("start", false, Arc::new(self.start.finish())),
            Column::new("updated", false, Arc::new(self.updated.finish())),
            Column::new("duration", true, Arc::new(self.duration.finish())),
            Column::new("response_gap", true, Arc::new(self.response_gap.finish())),
            Column::new("end_gap", true, Arc::new(self.end_gap.finish())),
            Column::new("first_end_gap", false, Arc::new(self.first_end_gap.finish())),
            Column::new("flags", false, Arc::new(self.flags.finish())),
            Column::new("status", true, Arc::new(self.status.finish())),
        ];
        for (name, mut column) in self.texts {
            columns.push(Column::new(name, true, Arc::new(column.finish())));
        }
        for (name, mut column) in self.lists {
            columns.push(Column::new(name, false, Arc::new(column.finish())));
        }
        columns.extend([
            Column::new("entry_point", true, Arc::new(self.entry_point.finish())),
            Column::new("first_row", false, Arc::new(self.first_row.finish())),
            Column::new("row_count", false, Arc::new(self.row_count.finish())),
            Column::new("revision", false, Arc::new(self.revision.finish())),
        ]);
        columns
    }
}

/// The columns of root causes.
#[derive(Default)]
struct CauseColumns {
    failures: BinaryBuilder,
    response_times: BinaryBuilder,
    shares: BinaryBuilder,
}

impl CauseColumns {
    fn push(&mut self, encoded: Causes) {
        let some = |bytes: Vec<u8>| (!bytes.is_empty()).then_some(bytes);
        self.failures.append_option(some(encoded.failures));
        self.response_times.append_option(some(encoded.response_times));
        self.shares.append_option(some(encoded.shares));
    }

    fn finish(mut self) -> [Column; 3] {
        [
            Column::new("failure_causes", true, Arc::new(self.failures.finish())),
            Column::new("response_time_causes", true, Arc::new(self.response_times.finish())),
            Column::new("cause_shares", true, Arc::new(self.shares.finish())),
        ]
    }
}
