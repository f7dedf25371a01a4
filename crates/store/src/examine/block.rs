//! One block from outside: what its files are made of, and whether they are as they were written.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::file::metadata::ParquetMetaData;

use super::{Advice, Examination, Flaw, chain};
use crate::block::{Block, Damage, INDEX, ROLLUP, SEGMENTS, TRACES};
use crate::error::{BlockProblem, Error};
use crate::index::SectionKind;
use crate::manifest::{BlockFile, Entry};
use crate::rollup;

/// Rows of the table of traces that are read at a time.
pub(super) const ROWS_AT_ONCE: usize = 8192;

/// What a block's files are made of. What could not be read is empty, and a flaw says why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockDetail {
    /// The columns of the table of segments.
    pub segments: Vec<Column>,
    /// The columns of the table of traces.
    pub traces: Vec<Column>,
    /// The sections of the index: name and bytes.
    pub sections: Vec<Part>,
    /// The minutes of the rollup since the epoch, and the bytes of each.
    pub minutes: Vec<(u64, u64)>,
    /// What could not be read.
    pub flaws: Vec<Flaw>,
}

/// One column of a table, all row groups together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its bytes in the file.
    pub bytes: u64,
    /// Its bytes before compression.
    pub plain_bytes: u64,
    /// How its values are laid out, sorted.
    pub encodings: Vec<String>,
    /// How its pages are compressed.
    pub compression: String,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it holds.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
}

/// What checking a block found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockChecked {
    /// The bytes of the files that are there.
    pub bytes: u64,
    /// What is not as it was written.
    pub flaws: Vec<Flaw>,
    /// Whether a server has removed the block meanwhile; it has no flaws then.
    pub is_gone: bool,
}

impl Examination {
    /// Returns what the files of a block are made of. Of the tables only the metadata is read.
    pub fn describe(&self, entry: &Arc<Entry>) -> BlockDetail {
        let block = self.blocks.block(entry);
        let mut detail = BlockDetail::default();
        let mut flaws = Vec::new();
        let mut seen = |file, seen: Result<(), Error>| {
            flaws.extend(seen.err().map(|error| self.block_flaw(entry, file, &error)));
        };
        seen(SEGMENTS, block.segments().map(|table| detail.segments = columns(table.metadata())));
        seen(TRACES, block.traces().map(|table| detail.traces = columns(table.metadata())));
        let part = |index: &crate::index::Index<_>, (kind, name)| Part {
            name,
            bytes: index.section_len(kind) as u64,
        };
        let sections = block.index().map(|index| {
            detail.sections = SECTIONS.iter().map(|section| part(&index, *section)).collect();
        });
        seen(INDEX, sections);
        seen(ROLLUP, block.rollup().map(|file| detail.minutes = file.minutes().collect()));
        BlockDetail { flaws, ..detail }
    }

    /// Reads and checks every byte of a block, and whether its files go together.
    pub fn check_block(&self, entry: &Arc<Entry>) -> BlockChecked {
        let block = self.blocks.block(entry);
        let mut checked = BlockChecked::default();
        for file in &entry.files {
            match self.check_file(&block, file) {
                Ok(flaws) => {
                    checked.bytes += file.bytes;
                    checked.flaws.extend(flaws);
                }
                Err(flaw) => checked.flaws.push(flaw),
            }
        }
        if checked.flaws.is_empty() {
            let agreed = self.check_rows(&block).and_then(|()| block.verify());
            let flaw = agreed.err().map(|error| self.block_flaw(entry, "", &error));
            checked.flaws.extend(flaw);
        }
        if !checked.flaws.is_empty() && self.is_gone(entry) {
            return BlockChecked { is_gone: true, ..BlockChecked::default() };
        }
        checked
    }

    /// Checks the bytes of one file.
    pub(super) fn check_file(&self, block: &Block, file: &BlockFile) -> Result<Vec<Flaw>, Flaw> {
        let entry = &block.entry;
        let name = format!("{}/{}", entry.folder(), file.name);
        let path = self.dir.path(&name);
        let flaw = |what: String, advice| Flaw { path: path.clone(), offset: None, what, advice };
        let open = self.dir.open(&name).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => flaw("the file is missing".to_owned(), Advice::RestoreBlock),
            _ => flaw(error.to_string(), Advice::LookAtDisk),
        })?;
        if open.byte_count() != file.bytes {
            let (is, should) = (open.byte_count(), file.bytes);
            let what = format!("the file has {is} bytes, and the manifest says {should}");
            return Err(flaw(what, Advice::RestoreBlock));
        }
        let damages = match file.name.as_str() {
            SEGMENTS => block
                .segments()
                .and_then(|table| table.damages().map_err(|error| block.failed(error))),
            TRACES => block
                .traces()
                .and_then(|table| table.damages().map_err(|error| block.failed(error))),
            INDEX => block.index().map(|_| Vec::new()),
            ROLLUP => block.rollup().map(|_| Vec::new()),
            _ => Ok(Vec::new()),
        };
        let damages = damages.map_err(|error| self.block_flaw(entry, &file.name, &error))?;
        let damaged = |damage: Damage| Flaw { path: path.clone(), ..of_damage(&damage) };
        Ok(damages.into_iter().map(damaged).collect())
    }

    /// Checks that the index leads to every row of the table of traces, and from there to rows that
    /// the table of segments has.
    fn check_rows(&self, block: &Block) -> Result<(), Error> {
        let (index, table) = (block.index()?, block.traces()?);
        let row_count = u32::try_from(table.row_count()).unwrap_or(u32::MAX);
        let places: Vec<u32> = (0..row_count).collect();
        for places in places.chunks(ROWS_AT_ONCE) {
            let rows = table.rows(places).map_err(|problem| block.failed(problem))?;
            for (place, row) in places.iter().zip(&rows) {
                let segments = row.place();
                let end = u64::from(segments.first_row) + u64::from(segments.row_count);
                let is_found = index
                    .find(&row.id())
                    .any(|at| at.trace_row == *place && u64::from(at.segment_rows.end) == end);
                if !is_found || end > block.entry.row_count {
                    return Err(block.failed(BlockProblem::NotOurs { file: INDEX }));
                }
            }
        }
        Ok(())
    }

    /// Says of an error in which file it is, and where. `file` is the one that was read; empty when
    /// that is not known.
    pub(super) fn block_flaw(&self, entry: &Entry, file: &str, error: &Error) -> Flaw {
        let path = |file: &str| self.block_path(entry, file);
        let Error::Block { source, .. } = error else {
            let what = chain(error);
            return Flaw { path: path(file), offset: None, what, advice: Advice::LookAtDisk };
        };
        let plain = |file: &str, advice| Flaw {
            path: path(file),
            offset: None,
            what: chain(source.as_ref()),
            advice,
        };
        use crate::block::{segments, traces};
        let damaged = |file, damage| Flaw { path: path(file), ..of_damage(damage) };
        match source.as_ref() {
            BlockProblem::Segments(segments::Error::Damaged { source }) => {
                damaged(SEGMENTS, source)
            }
            BlockProblem::Traces(traces::Error::Damaged { source }) => damaged(TRACES, source),
            BlockProblem::Segments(segments::Error::VersionUnknown { .. }) => {
                plain(SEGMENTS, Advice::OtherVersion)
            }
            BlockProblem::Traces(traces::Error::VersionUnknown { .. }) => {
                plain(TRACES, Advice::OtherVersion)
            }
            BlockProblem::Rollup(rollup::Error::VersionUnknown { .. }) => {
                plain(ROLLUP, Advice::OtherVersion)
            }
            BlockProblem::Segments(_) => plain(SEGMENTS, Advice::RestoreBlock),
            BlockProblem::Traces(_) => plain(TRACES, Advice::RestoreBlock),
            BlockProblem::Index(_) => plain(INDEX, Advice::RestoreBlock),
            BlockProblem::Rollup(_) => plain(ROLLUP, Advice::RestoreBlock),
            _ => plain(file, Advice::RestoreBlock),
        }
    }

    fn block_path(&self, entry: &Entry, file: &str) -> PathBuf {
        let folder = entry.folder();
        self.dir.path(&if file.is_empty() { folder } else { format!("{folder}/{file}") })
    }
}

/// The sections of an index, and what people call them.
const SECTIONS: [(SectionKind, &str); 5] = [
    (SectionKind::TraceFilter, "trace filter"),
    (SectionKind::TraceTable, "trace table"),
    (SectionKind::TokenFilters, "token filters"),
    (SectionKind::Zones, "zones"),
    (SectionKind::Late, "late traces"),
];

/// A flaw of a table, without its path.
fn of_damage(damage: &Damage) -> Flaw {
    let offset = match damage {
        Damage::Chunk { offset } => Some(*offset),
        _ => None,
    };
    let (path, what) = (PathBuf::new(), damage.to_string());
    Flaw { path, offset, what, advice: Advice::RestoreBlock }
}

fn columns(metadata: &ParquetMetaData) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    for group in metadata.row_groups() {
        for (at, chunk) in group.columns().iter().enumerate() {
            if columns.len() <= at {
                columns.push(Column {
                    name: chunk.column_path().string(),
                    bytes: 0,
                    plain_bytes: 0,
                    encodings: Vec::new(),
                    compression: chunk.compression_codec().to_string(),
                });
            }
            let column = &mut columns[at];
            column.bytes += size(chunk.compressed_size());
            column.plain_bytes += size(chunk.uncompressed_size());
            column.encodings.extend(chunk.encodings().map(|encoding| encoding.to_string()));
            column.encodings.sort();
            column.encodings.dedup();
        }
    }
    columns
}
