//! Makes one table of several: row groups of which every row is wanted are copied as bytes, and the
//! rest is merged.
//!
//! Copying costs next to nothing: nothing is decoded but what is counted. The rows of the table are
//! sorted by trace within each row group then, and not from one to the next.

use std::io::Write;
use std::ops::Range;

use arrow::array::{UInt8Array, UInt32Array};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::writer::SerializedFileWriter;

use super::columns::{Level, find};
use super::merge::{Output, Pick, Stream};
use super::table::Table;
use super::writer::{self, Counts};
use super::{Error, flags};
use crate::block::checksum::Summing;

/// Row groups with fewer rows are merged with others: what stands in front of each column, and the
/// dictionaries that a group has for itself, would take more room than copying saves work. Tests of
/// all that compacts are to copy some and to merge some.
const COPIED_ROWS_MIN: u64 = if cfg!(test) { 4 } else { 16_384 };

/// A table that was made of several.
#[derive(Debug)]
pub struct Compacted<W> {
    /// What it was written to.
    pub to: W,
    /// What it holds.
    pub counts: Counts,
    /// The first row of each pick.
    pub first_rows: Vec<u64>,
}

/// Writes a table of the rows picked, each pick's together, in an order that takes little work.
///
/// Picks come sorted by trace; each is the whole of a trace, and no trace comes twice.
///
/// # Errors
/// As for [`super::merge()`].
///
/// # Panics
/// When a pick names no input, or two have a row in common.
pub fn compact<W: Write + Send>(
    to: W,
    inputs: &[&Table],
    picks: &[Pick],
) -> Result<Compacted<W>, Error> {
    let copied = copied(inputs, picks)?;
    let is_copied = |pick: &Pick| copied.iter().position(|groups| groups.have(pick));
    let places: Vec<Option<usize>> = picks.iter().map(is_copied).collect();
    let is_merged = |(pick, place): (&Pick, &Option<usize>)| place.is_none().then(|| pick.clone());
    let merged: Vec<Pick> = picks.iter().zip(&places).filter_map(is_merged).collect();
    let (file, mut counts) = merge_runs(to, inputs, &merged)?.end()?;
    let (mut file, _) = file.into_serialized_writer().map_err(Error::write)?;
    let mut starts = Vec::with_capacity(copied.len());
    for groups in &copied {
        starts.push(counts.row_count);
        groups.copy(inputs[groups.input], &mut file, &mut counts)?;
    }
    counts.trace_count += (picks.len() - merged.len()) as u64;
    let (to, counts) = writer::finish(file, counts)?;
    let mut merged_end = 0;
    let first_row = |(pick, place): (&Pick, &Option<usize>)| match place {
        Some(at) => starts[*at] + (pick.rows.start - copied[*at].rows.start),
        None => {
            merged_end += pick.rows.end - pick.rows.start;
            merged_end - (pick.rows.end - pick.rows.start)
        }
    };
    let first_rows = picks.iter().zip(&places).map(first_row).collect();
    Ok(Compacted { to, counts, first_rows })
}

/// Row groups of one input that go together: traces lie in two that follow each other.
#[derive(Debug)]
pub(super) struct Groups {
    input: usize,
    pub(super) indexes: Range<usize>,
    rows: Range<u64>,
}

/// Returns the row groups that are copied.
fn copied(inputs: &[&Table], picks: &[Pick]) -> Result<Vec<Groups>, Error> {
    let mut copied = Vec::new();
    for (input, table) in inputs.iter().enumerate() {
        let rows = picks.iter().filter(|pick| pick.input == input).map(|pick| &pick.rows);
        if let Some(beyond) = rows.clone().find(|rows| rows.end > table.row_count()) {
            let (rows, row_count) = (beyond.clone(), table.row_count());
            return Err(Error::RowsMissing { rows, row_count });
        }
        if table.is_of_this_schema() {
            copied.extend(whole(input, &table.group_rows(), rows));
        }
    }
    Ok(copied)
}

/// Returns those of an input's row groups of which every row is picked.
pub(super) fn whole<'r>(
    input: usize,
    groups: &[Range<u64>],
    picked: impl Iterator<Item = &'r Range<u64>>,
) -> impl Iterator<Item = Groups> {
    let mut picked_counts = vec![0; groups.len()];
    // Whether a trace goes on in the group that follows.
    let mut is_joined = vec![false; groups.len()];
    for rows in picked {
        let first = groups.partition_point(|group| group.end <= rows.start);
        for (at, group) in groups.iter().enumerate().skip(first) {
            let end = rows.end.min(group.end);
            picked_counts[at] += end.saturating_sub(rows.start.max(group.start));
            if rows.end <= group.end {
                break;
            }
            is_joined[at] = true;
        }
    }
    let is_whole = move |groups: &Groups, picked: &[u64]| {
        let count = groups.rows.end - groups.rows.start;
        count == picked.iter().sum::<u64>() && count >= COPIED_ROWS_MIN * picked.len() as u64
    };
    let mut start = 0;
    let mut whole = Vec::new();
    for end in 1..=groups.len() {
        if is_joined[end - 1] {
            continue;
        }
        let (indexes, rows) = (start..end, groups[start].start..groups[end - 1].end);
        let joined = Groups { input, indexes, rows };
        if is_whole(&joined, &picked_counts[start..end]) {
            whole.push(joined);
        }
        start = end;
    }
    whole.into_iter()
}

impl Groups {
    fn have(&self, pick: &Pick) -> bool {
        pick.input == self.input
            && self.rows.start <= pick.rows.start
            && pick.rows.end <= self.rows.end
    }

    fn copy<W: Write + Send>(
        &self,
        table: &Table,
        file: &mut SerializedFileWriter<Summing<W>>,
        counts: &mut Counts,
    ) -> Result<(), Error> {
        for index in self.indexes.clone() {
            copy_group(table, index, file)?;
        }
        count(table, self.indexes.clone(), counts)
    }
}

/// Copies one row group; every byte is verified on the way.
fn copy_group<W: Write + Send>(
    table: &Table,
    index: usize,
    file: &mut SerializedFileWriter<Summing<W>>,
) -> Result<(), Error> {
    let reader = table.reader();
    let group = table.metadata().row_group(index);
    let rows_written = u64::try_from(group.num_rows()).unwrap_or_default();
    let mut to = file.next_row_group().map_err(Error::write)?;
    for (column, offsets) in group.columns().iter().zip(table.offsets(index)) {
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let part = reader
            .part(u64::try_from(start).unwrap_or(u64::MAX), column.compressed_size())
            .map_err(|error| Error::read(reader.failure(error)))?;
        let close = ColumnCloseResult {
            bytes_written: u64::try_from(column.compressed_size()).unwrap_or_default(),
            rows_written,
            metadata: column.clone(),
            bloom_filter: None,
            column_index: None,
            offset_index: Some(OffsetIndexMetaData::clone(offsets)),
        };
        to.append_column(&part, close).map_err(Error::write)?;
    }
    to.close().map_err(Error::write)?;
    Ok(())
}

/// Counts what is in row groups but for traces, of which only the rows' ids would tell.
fn count(table: &Table, groups: Range<usize>, counts: &mut Counts) -> Result<(), Error> {
    let reader = table.reader();
    let batches = table.only(&reader, &["depth", "flags"]).with_row_groups(groups.collect());
    let batches = batches.build().map_err(|error| Error::read(reader.failure(error)))?;
    for batch in batches {
        let batch = batch.map_err(|error| Error::read(reader.failure(error)))?;
        let depths: &UInt8Array = find(&batch, "depth")?;
        let all: &UInt32Array = find(&batch, "flags")?;
        for (_, flags) in depths.values().iter().zip(all.values()).filter(|(depth, _)| **depth == 0)
        {
            counts.document_count += 1;
            counts.verbatim_count += u64::from(flags & flags::VERBATIM != 0);
        }
        counts.row_count += batch.num_rows() as u64;
    }
    Ok(())
}

/// Merges the picks, which are sorted by trace. Rows of an input that was made of copies are not:
/// each stretch of them that is, is read by itself.
fn merge_runs<W: Write + Send>(
    to: W,
    inputs: &[&Table],
    picks: &[Pick],
) -> Result<Output<W>, Error> {
    let mut order: Vec<usize> = (0..picks.len()).collect();
    order.sort_unstable_by_key(|&at| (picks[at].input, picks[at].rows.start));
    let is_one_run = |a: &usize, b: &usize| picks[*a].input == picks[*b].input && a < b;
    let mut streams = Vec::new();
    let mut stream_of = vec![0; picks.len()];
    for run in order.chunk_by(is_one_run) {
        run.iter().for_each(|&at| stream_of[at] = streams.len());
        let (first, last) = (&picks[run[0]], &picks[run[run.len() - 1]]);
        streams.push(Stream::new(inputs[first.input], first.rows.start..last.rows.end)?);
    }
    let mut output = Output::new(to, Level::Compacted, streams.len())?;
    for (pick, &stream) in picks.iter().zip(&stream_of) {
        output.begin_pick();
        streams[stream].copy(stream, pick.rows.clone(), &mut output)?;
    }
    Ok(output)
}
