//! Merges tables: rows are copied column by column, and no document is built.
//!
//! What a row says of others is a distance inside its trace, so rows mean the same in another
//! table. Every input is read once, from its beginning to its end, a batch of rows at a time.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::interleave_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use wire::TraceId;

use super::columns::{Arrays, Level, schema};
use super::table::Table;
use super::writer::{self, BATCH_ROWS, Counts};
use super::{Error, flags};
use crate::block::checksum::{Reader, Summing};

/// Rows of an input that are in memory at a time.
const INPUT_ROWS: usize = 2_048;

/// Rows of one input that are written next: whole traces, or all of a trace that the input has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which input.
    pub input: usize,
    /// Its rows.
    pub rows: Range<u64>,
}

/// Writes a table of the rows picked, in the order of the picks.
///
/// What is not picked is left out. Traces come sorted by id; a trace of which several inputs have
/// documents becomes one when its picks follow each other, in the order in which its documents
/// came. Memory: a batch of rows of each input, and what the writer holds.
///
/// # Errors
/// As for [`Table::traces`] and [`super::Writer::push`]; [`Error::ValueUnexpected`] when traces are
/// not sorted or a pick begins inside a document.
///
/// # Panics
/// When a pick names no input, or the picks of one input do not ascend.
pub fn merge<W: Write + Send>(
    to: W,
    inputs: &[&Table],
    picks: impl IntoIterator<Item = Pick>,
    level: Level,
) -> Result<(W, Counts), Error> {
    let streams = inputs.iter().map(|table| Stream::new(table, 0..table.row_count()));
    let mut streams = streams.collect::<Result<Vec<_>, _>>()?;
    let mut output = Output::new(to, level, inputs.len())?;
    for Pick { input, rows } in picks {
        output.begin_pick();
        streams[input].copy(input, rows, &mut output)?;
    }
    let (file, counts) = output.end()?;
    let (file, _) = file.into_serialized_writer().map_err(Error::write)?;
    writer::finish(file, counts)
}

/// An input that is being read.
pub(super) struct Stream<'t> {
    table: &'t Table,
    reader: Reader,
    batches: ParquetRecordBatchReader,
    /// The rows that are in memory.
    batch: RecordBatch,
    /// The rows of the table that these are.
    batch_rows: Range<u64>,
    /// The end of the rows picked so far.
    picked_end: u64,
}

impl<'t> Stream<'t> {
    /// Reads these rows of the table.
    pub(super) fn new(table: &'t Table, rows: Range<u64>) -> Result<Self, Error> {
        let reader = table.reader();
        let batches = table.select(&reader, &rows)?.with_batch_size(INPUT_ROWS).build();
        let batches = batches.map_err(|error| Error::read(reader.failure(error)))?;
        let batch = RecordBatch::new_empty(schema());
        let (batch_rows, picked_end) = (rows.start..rows.start, rows.start);
        Ok(Self { table, reader, batches, batch, batch_rows, picked_end })
    }

    /// Copies the rows to the output.
    pub(super) fn copy<W: Write + Send>(
        &mut self,
        input: usize,
        mut rows: Range<u64>,
        output: &mut Output<W>,
    ) -> Result<(), Error> {
        assert!(self.picked_end <= rows.start, "picks of one input ascend");
        self.picked_end = rows.end.max(rows.start);
        if rows.end > self.table.row_count() {
            return Err(self.missing(&rows));
        }
        while rows.start < rows.end {
            while rows.start >= self.batch_rows.end {
                self.load(&rows)?;
                output.forget(input);
            }
            let end = rows.end.min(self.batch_rows.end);
            let local = |row| usize::try_from(row - self.batch_rows.start).unwrap_or(usize::MAX);
            output.take(input, &self.batch, local(rows.start)..local(end))?;
            rows.start = end;
        }
        Ok(())
    }

    fn missing(&self, wanted: &Range<u64>) -> Error {
        Error::RowsMissing { rows: wanted.clone(), row_count: self.table.row_count() }
    }

    /// Reads the next rows of the table.
    fn load(&mut self, wanted: &Range<u64>) -> Result<(), Error> {
        let batch = self.batches.next().ok_or_else(|| self.missing(wanted))?;
        let batch = batch.map_err(|error| Error::read(self.reader.failure(error)))?;
        self.batch = in_order(&batch)?;
        let start = self.batch_rows.end;
        self.batch_rows = start..start + self.batch.num_rows() as u64;
        Ok(())
    }
}

/// Returns the columns in the order in which they are written.
fn in_order(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    Arrays::find(batch)?;
    let schema = schema();
    let columns = schema.fields().iter().filter_map(|field| batch.column_by_name(field.name()));
    let columns = columns.cloned().collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let batch = RecordBatch::try_new_with_options(schema.clone(), columns, &options);
    batch.map_err(|error| Error::Read { source: error.into() })
}

/// The table that is being written.
pub(super) struct Output<W: Write + Send> {
    file: ArrowWriter<Summing<W>>,
    counts: Counts,
    last_trace: Option<TraceId>,
    /// Batches of inputs of which rows are waiting.
    batches: Vec<RecordBatch>,
    /// Which of these is the batch that an input has in memory.
    places: Vec<Option<usize>>,
    /// The rows that are waiting: in which batch, and where in it.
    rows: Vec<(usize, usize)>,
    /// Those of the waiting rows with which picks begin.
    pick_starts: Vec<usize>,
}

impl<W: Write + Send> Output<W> {
    pub(super) fn new(to: W, level: Level, input_count: usize) -> Result<Self, Error> {
        Ok(Self {
            file: writer::file(to, level)?,
            counts: Counts::default(),
            last_trace: None,
            batches: Vec::new(),
            places: vec![None; input_count],
            rows: Vec::with_capacity(BATCH_ROWS),
            pick_starts: Vec::new(),
        })
    }

    pub(super) fn begin_pick(&mut self) {
        self.pick_starts.push(self.rows.len());
    }

    /// The input has another batch in memory.
    fn forget(&mut self, input: usize) {
        self.places[input] = None;
    }

    /// Takes rows of the batch that an input has in memory.
    fn take(&mut self, input: usize, batch: &RecordBatch, rows: Range<usize>) -> Result<(), Error> {
        let place = *self.places[input].get_or_insert_with(|| {
            self.batches.push(batch.clone());
            self.batches.len() - 1
        });
        self.rows.extend(rows.map(|row| (place, row)));
        if self.rows.len() >= BATCH_ROWS { self.write() } else { Ok(()) }
    }

    /// Writes the rows that are waiting.
    fn write(&mut self) -> Result<(), Error> {
        let batches: Vec<_> = self.batches.iter().collect();
        if !batches.is_empty() {
            let batch = interleave_record_batch(&batches, &self.rows);
            let batch = batch.map_err(Error::write)?;
            let batch = self.look_at(batch)?;
            self.file.write(&batch).map_err(Error::write)?;
        }
        self.batches.clear();
        self.places.fill(None);
        self.rows.clear();
        self.pick_starts.clear();
        Ok(())
    }

    /// Counts what is in the rows, and joins the parts of traces that come from several inputs.
    fn look_at(&mut self, batch: RecordBatch) -> Result<RecordBatch, Error> {
        let arrays = Arrays::find(&batch)?;
        let unexpected = |row: usize, column| Error::ValueUnexpected {
            row: self.counts.row_count + row as u64,
            column,
        };
        let mut counts = self.counts;
        let mut joined = Vec::new();
        let mut picks = self.pick_starts.iter().peekable();
        for row in 0..batch.num_rows() {
            let bytes = arrays.trace_id.value(row);
            let id = TraceId(bytes.try_into().map_err(|_| unexpected(row, "trace_id"))?);
            let is_document = arrays.depth.value(row) == 0;
            let mut begins_pick = false;
            while picks.next_if(|&&start| start == row).is_some() {
                begins_pick = true;
            }
            if self.last_trace > Some(id) {
                return Err(unexpected(row, "trace_id"));
            }
            if (begins_pick || self.last_trace != Some(id)) && !is_document {
                return Err(unexpected(row, "depth"));
            }
            if self.last_trace.replace(id) != Some(id) {
                counts.trace_count += 1;
            } else if begins_pick {
                joined.push(row);
            }
            counts.document_count += u64::from(is_document);
            let is_verbatim = arrays.flags.value(row) & flags::VERBATIM != 0;
            counts.verbatim_count += u64::from(is_document && is_verbatim);
        }
        counts.row_count += batch.num_rows() as u64;
        self.counts = counts;
        if joined.is_empty() { Ok(batch) } else { Ok(join(&batch, &joined)) }
    }

    /// Writes what is waiting; returns the file, and what was written to it.
    pub(super) fn end(mut self) -> Result<(ArrowWriter<Summing<W>>, Counts), Error> {
        self.write()?;
        Ok((self.file, self.counts))
    }
}

/// Says that the documents of these rows came with another request than those before them.
fn join(batch: &RecordBatch, rows: &[usize]) -> RecordBatch {
    let place = batch.schema().index_of("flags").expect("a column of the schema");
    let flags = Arrays::find(batch).expect("the columns were found before").flags;
    let mut values = flags.values().to_vec();
    for &row in rows {
        values[row] |= flags::NEXT_REQUEST;
    }
    let mut columns = batch.columns().to_vec();
    let flags: ArrayRef = Arc::new(UInt32Array::from(values));
    columns[place] = flags;
    RecordBatch::try_new(batch.schema(), columns).expect("one column for another of its type")
}
