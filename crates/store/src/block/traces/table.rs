//! An open trace table, and its columns for some of its rows.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::basic::{Encoding, Type};
use parquet::file::metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData};

use super::Error;
use super::columns::{CHUNK_ROWS, GROUP_ROWS, Meta};
use crate::ReadAt;
use crate::block::checksum::{Damage, Reader, Verified};

/// A trace table whose footer was read. Cheap to clone.
#[derive(Clone)]
pub struct Table(Arc<Inner>);

struct Inner {
    file: Arc<Verified>,
    metadata: ArrowReaderMetadata,
    meta: Meta,
    row_count: usize,
    /// By which texts are read as codes of dictionaries; made when it is first needed.
    coded: OnceLock<ArrowReaderMetadata>,
}

/// Rows of one row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) group: usize,
    /// Where they are in the group; ascending, apart from each other, none empty.
    pub(super) runs: Vec<Range<usize>>,
}

impl Rows {
    pub(super) fn count(&self) -> usize {
        self.runs.iter().map(Range::len).sum()
    }

    /// Returns those of the rows that the mask has set.
    pub(super) fn narrow(&self, mask: &BooleanBuffer) -> Self {
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut before = 0;
        for run in &self.runs {
            for (start, end) in mask.slice(before, run.len()).set_slices() {
                runs.push(run.start + start..run.start + end);
            }
            before += run.len();
        }
        Self { group: self.group, runs }
    }

    /// Returns the mask of those that the table-wide mask has not set; beyond it nothing is set.
    pub(super) fn unset_in(&self, mask: &BooleanBuffer) -> BooleanBuffer {
        let mut unset = BooleanBufferBuilder::new(self.count());
        let base = self.group * GROUP_ROWS;
        for run in &self.runs {
            let known = (base + run.end).min(mask.len()).saturating_sub(base + run.start);
            if known > 0 {
                unset.append_buffer(&!&mask.slice(base + run.start, known));
            }
            unset.append_n(run.len() - known, true);
        }
        unset.finish()
    }

    /// Returns the place of each row in the table.
    pub(super) fn places(&self) -> impl Iterator<Item = u32> {
        let base = self.group * GROUP_ROWS;
        self.runs.iter().flat_map(move |run| run.clone().map(move |row| (base + row) as u32))
    }
}

impl Table {
    /// Opens the trace table that `source` holds.
    ///
    /// # Errors
    /// [`Error::NotATable`] for another Parquet file, [`Error::Damaged`] when the metadata is not
    /// the one written, [`Error::Io`], [`Error::VersionUnknown`] for a later format.
    pub fn open(source: Arc<dyn ReadAt>) -> Result<Self, Error> {
        let options = ArrowReaderOptions::new()
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Required);
        let (file, metadata) = Verified::open(source, options).map_err(Error::read)?;
        let entries = metadata.metadata().file_metadata().key_value_metadata();
        let meta = Meta::read(entries.map(Vec::as_slice).unwrap_or_default())?;
        let groups = metadata.metadata().row_groups();
        let counts = groups.iter().map(|group| usize::try_from(group.num_rows()).unwrap_or(0));
        let row_count: usize = counts.clone().sum();
        let is_regular = counts.enumerate().all(|(at, count)| {
            count == GROUP_ROWS || at + 1 == groups.len() && (1..GROUP_ROWS).contains(&count)
        });
        let is_chunked = meta.chunk_starts.len() == row_count.div_ceil(CHUNK_ROWS);
        if !is_regular || !is_chunked || u32::try_from(row_count).is_err() {
            return Err(Error::content("row groups"));
        }
        Ok(Self(Arc::new(Inner { file, metadata, meta, row_count, coded: OnceLock::new() })))
    }

    /// Returns the number of traces.
    pub fn row_count(&self) -> usize {
        self.0.row_count
    }

    /// Reads the whole body of the file; returns each part that is not as it was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the file is too short, [`Error::Io`].
    pub fn damages(&self) -> Result<Vec<Damage>, Error> {
        self.0.file.damages().map_err(Error::read)
    }

    /// Returns what the file says of its columns.
    pub(crate) fn metadata(&self) -> &ParquetMetaData {
        self.0.metadata.metadata()
    }

    /// Returns the compressed bytes of each column, in the order of the columns.
    pub fn column_bytes(&self) -> Vec<(String, u64)> {
        let mut columns: Vec<(String, u64)> = Vec::new();
        for group in self.0.metadata.metadata().row_groups() {
            for column in group.columns() {
                let name = column.column_path().parts().first().cloned().unwrap_or_default();
                let bytes = u64::try_from(column.compressed_size()).unwrap_or(0);
                match columns.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, sum)) => *sum += bytes,
                    None => columns.push((name, bytes)),
                }
            }
        }
        columns
    }

    pub(super) fn meta(&self) -> &Meta {
        &self.0.meta
    }

    pub(super) fn reader(&self) -> Reader {
        Reader::new(self.0.file.clone())
    }

    pub(super) fn has_column(&self, name: &str) -> bool {
        self.0.metadata.schema().column_with_name(name).is_some()
    }

    pub(super) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.0.metadata.schema().fields().iter().map(|field| field.name().as_str())
    }

    /// Reads these columns, or all, for these rows.
    pub(super) fn load(
        &self,
        reader: &Reader,
        names: Option<&[&str]>,
        rows: &Rows,
    ) -> Result<RecordBatch, Error> {
        self.load_by(&self.0.metadata, reader, names, rows)
    }

    /// Reads these columns for these rows; texts, and lists of them, as codes of dictionaries.
    pub(super) fn load_coded(
        &self,
        reader: &Reader,
        names: &[&str],
        rows: &Rows,
    ) -> Result<RecordBatch, Error> {
        let metadata = match self.0.coded.get() {
            Some(metadata) => metadata,
            None => {
                let metadata = coded(&self.0.metadata)?;
                self.0.coded.get_or_init(|| metadata)
            }
        };
        self.load_by(metadata, reader, Some(names), rows)
    }

    /// Returns whether the file has all texts of a column as codes, or it is one of something else.
    pub(super) fn is_coded(&self, group: usize, name: &str) -> bool {
        let columns = self.0.metadata.metadata().row_group(group).columns().iter();
        let is_coded = |column: &ColumnChunkMetaData| {
            let encodings = column.page_encoding_stats_mask();
            encodings.is_some_and(|all| {
                all.is_only(Encoding::RLE_DICTIONARY) || all.is_only(Encoding::PLAIN_DICTIONARY)
            })
        };
        columns
            .filter(|column| column.column_path().parts()[0] == name)
            .all(|column| column.column_type() != Type::BYTE_ARRAY || is_coded(column))
    }

    fn load_by(
        &self,
        metadata: &ArrowReaderMetadata,
        reader: &Reader,
        names: Option<&[&str]>,
        rows: &Rows,
    ) -> Result<RecordBatch, Error> {
        let mut mask = ProjectionMask::all();
        if let Some(names) = names {
            let place =
                |name: &&str| metadata.schema().index_of(name).map_err(|_| Error::content(*name));
            let places: Vec<usize> = names.iter().map(place).collect::<Result<_, _>>()?;
            mask = ProjectionMask::roots(metadata.parquet_schema(), places);
        }
        let group_rows = self.0.row_count.saturating_sub(rows.group * GROUP_ROWS).min(GROUP_ROWS);
        let selection =
            RowSelection::from_consecutive_ranges(rows.runs.iter().cloned(), group_rows);
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(reader.clone(), metadata.clone())
                .with_row_groups(vec![rows.group])
                .with_projection(mask)
                .with_row_selection(selection)
                .with_batch_size(rows.count().max(1));
        let batches: Result<Vec<RecordBatch>, _> =
            builder.build().map_err(|error| Error::read(reader.failure(error)))?.collect();
        let batches = batches.map_err(|error| Error::read(reader.failure(error)))?;
        let batch = match batches.len() {
            1 => batches.into_iter().next(),
            0 => None,
            _ => Some(
                concat_batches(&batches[0].schema(), &batches)
                    .map_err(|error| Error::read(reader.failure(error)))?,
            ),
        };
        batch
            .filter(|batch| batch.num_rows() == rows.count())
            .ok_or_else(|| Error::content("row groups"))
    }
}

/// Returns the metadata by which texts are read as codes of dictionaries.
fn coded(metadata: &ArrowReaderMetadata) -> Result<ArrowReaderMetadata, Error> {
    let texts = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let of = |field: &Field| match field.data_type() {
        DataType::Utf8 => Some(texts()),
        DataType::List(item) if *item.data_type() == DataType::Utf8 => {
            let item = item.as_ref().clone().with_data_type(texts());
            Some(DataType::List(Arc::new(item)))
        }
        _ => None,
    };
    let field = |field: &Arc<Field>| match of(field) {
        Some(coded) => Arc::new(field.as_ref().clone().with_data_type(coded)),
        None => Arc::clone(field),
    };
    let schema = metadata.schema();
    let fields: Fields = schema.fields().iter().map(field).collect();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
        .map_err(|source| Error::Read { source })
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("row_count", &self.0.row_count).finish_non_exhaustive()
    }
}

/// Returns a column of a batch in the type that the format gives it.
pub(super) fn column<'b, A: Array + 'static>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b A, Error> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref());
    column.ok_or_else(|| Error::content(name))
}

/// Returns the rows for which the array says true.
pub(super) fn is_true(array: BooleanArray) -> BooleanBuffer {
    let (values, nulls) = array.into_parts();
    match nulls {
        None => values,
        Some(nulls) => &values & nulls.inner(),
    }
}
