//! Writes the table: traces in, a Parquet file out.

use std::io::Write;
use std::ops::Range;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::metadata::KeyValue;
use parquet::file::writer::SerializedFileWriter;
use wire::TraceId;

use super::columns::{Level, properties, schema};
use super::shred::Shredder;
use super::{Error, Trace, VERSION, VERSION_KEY};
use crate::block::checksum::{self, Summing};

/// Rows that are handed on together.
pub(super) const BATCH_ROWS: usize = 8_192;

/// Writes the table of one block.
#[derive(Debug)]
pub struct Writer<W: Write + Send> {
    file: ArrowWriter<Summing<W>>,
    shredder: Shredder,
    last_trace: Option<TraceId>,
    counts: Counts,
}

/// What a table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Traces.
    pub trace_count: u64,
    /// Documents.
    pub document_count: u64,
    /// Rows: segments and subsegments.
    pub row_count: u64,
    /// Documents that could not be taken apart, and are kept whole.
    pub verbatim_count: u64,
    /// The file's length.
    pub bytes: u64,
}

/// Begins a file.
pub(super) fn file<W: Write + Send>(to: W, level: Level) -> Result<ArrowWriter<Summing<W>>, Error> {
    // Arrow's own schema would be a second copy of what the Parquet schema says.
    let options =
        ArrowWriterOptions::new().with_properties(properties(level)).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(Summing::new(to), schema(), options).map_err(Error::write)
}

/// Ends a file of rows that are all written.
pub(super) fn finish<W: Write + Send>(
    file: SerializedFileWriter<Summing<W>>,
    counts: Counts,
) -> Result<(W, Counts), Error> {
    let version = KeyValue::new(VERSION_KEY.to_owned(), VERSION.to_string());
    let (to, bytes) = checksum::finish_file(file, [version]).map_err(Error::write)?;
    Ok((to, Counts { bytes, ..counts }))
}

impl<W: Write + Send> Writer<W> {
    /// Begins the table.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn new(to: W) -> Result<Self, Error> {
        let file = file(to, Level::Sealed)?;
        let (shredder, counts) = (Shredder::new(), Counts::default());
        Ok(Self { file, shredder, last_trace: None, counts })
    }

    /// Adds one trace and returns its rows.
    ///
    /// # Errors
    /// [`Error::Write`]; the table is then of no use.
    ///
    /// # Panics
    /// When traces do not come sorted by id, each once.
    pub fn push(&mut self, trace: &Trace<'_>) -> Result<Range<u64>, Error> {
        assert!(self.last_trace.is_none_or(|last| last < trace.id), "traces come sorted by id");
        self.last_trace = Some(trace.id);
        let (row_count, verbatim_count) = self.shredder.push(trace);
        let first = self.counts.row_count;
        self.counts.trace_count += 1;
        self.counts.document_count += trace.documents.len() as u64;
        self.counts.row_count += row_count as u64;
        self.counts.verbatim_count += verbatim_count as u64;
        if self.shredder.row_count() >= BATCH_ROWS {
            self.file.write(&self.shredder.finish()).map_err(Error::write)?;
        }
        Ok(first..self.counts.row_count)
    }

    /// Ends the table; returns what it was written to, and what it holds.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn finish(mut self) -> Result<(W, Counts), Error> {
        self.file.write(&self.shredder.finish()).map_err(Error::write)?;
        let (file, _) = self.file.into_serialized_writer().map_err(Error::write)?;
        finish(file, self.counts)
    }
}
