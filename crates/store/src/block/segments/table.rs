//! Reads the table.

use std::num::TryFromIntError;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::arrow::{ArrowSchemaConverter, ProjectionMask};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::offset_index::OffsetIndexMetaData;

use super::{Error, Needs, ParsedTrace, StoredTrace, VERSION, VERSION_KEY, columns, rebuild};
use crate::ReadAt;
use crate::block::checksum::{Damage, Reader, Verified};

/// An open table; its metadata is read once.
#[derive(Debug)]
pub struct Table {
    file: Arc<Verified>,
    metadata: ArrowReaderMetadata,
    row_count: u64,
}

impl Table {
    /// Opens the table that `source` holds.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`], [`Error::VersionUnknown`] and [`Error::Read`].
    pub fn open(source: Arc<dyn ReadAt>) -> Result<Self, Error> {
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let (file, metadata) = Verified::open(source, options).map_err(Error::read)?;
        let about = metadata.metadata().file_metadata();
        let entries = about.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
        let version = entries.iter().find(|entry| entry.key == VERSION_KEY);
        let version = version.and_then(|entry| entry.value.as_deref()).unwrap_or_default();
        if version != VERSION.to_string() {
            let version = version.to_owned();
            return Err(Error::VersionUnknown { version, version_max: VERSION });
        }
        let row_count = u64::try_from(about.num_rows()).unwrap_or_default();
        Ok(Self { file, metadata, row_count })
    }

    /// Reads the whole body of the file; returns each part that is not as it was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the file is too short, [`Error::Io`].
    pub fn damages(&self) -> Result<Vec<Damage>, Error> {
        self.file.damages().map_err(Error::read)
    }

    /// Returns what the file says of its columns.
    pub(crate) fn metadata(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// Returns how many rows the table has.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Returns the traces whose rows are `rows`, with their documents in the order of arrival.
    ///
    /// `rows` begins and ends with a trace. All of it is in memory at once: to read a whole table,
    /// ask for a part after the other.
    ///
    /// # Errors
    /// [`Error::RowsMissing`] when the table has fewer rows; [`Error::Damaged`],
    /// [`Error::Io`], [`Error::ColumnMissing`], [`Error::ValueUnexpected`] and [`Error::Read`].
    pub fn traces(&self, rows: Range<u64>) -> Result<Vec<StoredTrace>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self.read(rows.clone())?;
        rebuild::traces(&batch, rows.start)
    }

    /// Calls `visit` with the trace of each of these ranges of rows, without what is not needed. The ranges are ascending and apart from each other.
    ///
    /// All of them are in memory at once, so ask for some, and then for others. The row that an error
    /// names is counted without the rows between the ranges.
    ///
    /// # Errors
    /// As for [`Table::traces`].
    pub(crate) fn parsed(
        &self,
        places: &[Range<u64>],
        needs: Needs,
        visit: &mut dyn FnMut(ParsedTrace<'_>),
    ) -> Result<(), Error> {
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
        let all = first.start..last.end;
        let is_needed = |name: &&str| {
            !columns::MEANINGLESS.contains(name)
                && (needs.annotations || !columns::ANNOTATIONS.contains(name))
                && (needs.root_causes || *name != columns::CAUSE)
        };
        let names: Vec<&str> = names().filter(is_needed).collect();
        let reader = self.reader();
        let (groups, selection) = self.selection(&all, places)?;
        let builder = self.only(&reader, &names).with_row_groups(groups);
        let count = places.iter().map(|rows| rows.end - rows.start).sum();
        let batch = self.batch(&reader, builder.with_row_selection(selection), &all, count)?;
        rebuild::parsed(&columns::completed(&batch), first.start, visit)
    }

    fn read(&self, rows: Range<u64>) -> Result<RecordBatch, Error> {
        let reader = self.reader();
        if rows.end > self.row_count {
            return Err(Error::RowsMissing { rows, row_count: self.row_count });
        }
        let builder = self.select(&reader, &rows)?;
        self.batch(&reader, builder, &rows, rows.end - rows.start)
    }

    /// Reads so many rows, all of them within `rows`, as one batch.
    fn batch(
        &self,
        reader: &Reader,
        builder: ParquetRecordBatchReaderBuilder<Reader>,
        rows: &Range<u64>,
        count: u64,
    ) -> Result<RecordBatch, Error> {
        let missing = || Error::RowsMissing { rows: rows.clone(), row_count: self.row_count };
        let count = usize::try_from(count).map_err(|_| missing())?;
        let batches = builder
            .with_batch_size(count)
            .build()
            .map_err(|error| Error::read(reader.failure(error)))?;
        let schema = batches.schema();
        let batches = batches.collect::<Result<Vec<_>, _>>();
        let mut batches = batches.map_err(|error| Error::read(reader.failure(error)))?;
        match (batches.pop(), batches.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => {
                batches.extend(last);
                let batch = concat_batches(&schema, &batches);
                batch.map_err(|error| Error::read(reader.failure(error)))
            }
        }
    }

    /// Returns what reads the known columns of these rows.
    pub(super) fn select(
        &self,
        reader: &Reader,
        rows: &Range<u64>,
    ) -> Result<ParquetRecordBatchReaderBuilder<Reader>, Error> {
        let (groups, selection) = self.selection(rows, std::slice::from_ref(rows))?;
        let names: Vec<&str> = names().collect();
        Ok(self.only(reader, &names).with_row_groups(groups).with_row_selection(selection))
    }

    /// Returns the row groups that hold `all`, and how to read `parts` of it from them.
    fn selection(
        &self,
        all: &Range<u64>,
        parts: &[Range<u64>],
    ) -> Result<(Vec<usize>, RowSelection), Error> {
        let missing = || Error::RowsMissing { rows: all.clone(), row_count: self.row_count };
        if all.end > self.row_count {
            return Err(missing());
        }
        let (groups, local) = self.groups(all).ok_or_else(missing)?;
        let total = groups.iter().map(|&group| self.metadata().row_group(group).num_rows());
        let total = usize::try_from(total.sum::<i64>()).map_err(|_| missing())?;
        let narrow = |row: u64| usize::try_from(row - all.start).map(|row| row + local.start);
        let parts = parts.iter().map(|part| Ok(narrow(part.start)?..narrow(part.end)?));
        let parts: Result<Vec<Range<usize>>, TryFromIntError> = parts.collect();
        let parts = parts.map_err(|_| missing())?;
        Ok((groups, RowSelection::from_consecutive_ranges(parts.into_iter(), total)))
    }

    /// Returns what reads these columns of all rows.
    pub(super) fn only(
        &self,
        reader: &Reader,
        names: &[&str],
    ) -> ParquetRecordBatchReaderBuilder<Reader> {
        let mask = ProjectionMask::columns(self.metadata.parquet_schema(), names.iter().copied());
        let metadata = self.metadata.clone();
        ParquetRecordBatchReaderBuilder::new_with_metadata(reader.clone(), metadata)
            .with_projection(mask)
    }

    /// Begins one more read.
    pub(super) fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.file))
    }

    /// Returns the rows of each row group.
    pub(super) fn group_rows(&self) -> Vec<Range<u64>> {
        let mut end = 0;
        let rows = |group: &RowGroupMetaData| {
            let start = end;
            end += u64::try_from(group.num_rows()).unwrap_or_default();
            start..end
        };
        self.metadata().row_groups().iter().map(rows).collect()
    }

    /// Returns whether the file has the columns that a new one would have, and says where their
    /// pages are.
    pub(super) fn is_of_this_schema(&self) -> bool {
        let ours = ArrowSchemaConverter::new().convert(&columns::schema());
        let columns = self.metadata.parquet_schema().columns();
        ours.is_ok_and(|ours| ours.columns() == columns)
            && self.metadata().row_groups().iter().enumerate().all(|(index, group)| {
                group.columns().len() == columns.len() && self.offsets(index).len() == columns.len()
            })
    }

    /// Returns where the pages of each column of a row group are; none when the file does not say.
    pub(super) fn offsets(&self, group: usize) -> &[OffsetIndexMetaData] {
        let all = self.metadata().offset_index();
        all.and_then(|all| all.get(group)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the row groups that hold the rows, and the rows counted from the first of them.
    fn groups(&self, rows: &Range<u64>) -> Option<(Vec<usize>, Range<usize>)> {
        let mut groups = Vec::new();
        let mut groups_start = 0;
        let mut end = 0;
        for (index, group) in self.metadata.metadata().row_groups().iter().enumerate() {
            let start = end;
            end += u64::try_from(group.num_rows()).ok()?;
            if start < rows.end && rows.start < end {
                if groups.is_empty() {
                    groups_start = start;
                }
                groups.push(index);
            }
        }
        let local = |row: u64| usize::try_from(row.checked_sub(groups_start)?).ok();
        Some((groups, local(rows.start)?..local(rows.end)?))
    }
}

/// The names of all columns.
fn names() -> impl Iterator<Item = &'static str> {
    columns::COLUMNS.iter().map(|&(name, _)| name)
}
