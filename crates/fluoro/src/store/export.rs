//! `fluoro store export`: traces for other programs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use store::StoredTrace;
use store::examine::{Examination, Exported, Flaw, Wanted};
use wire::{Micros, TraceId};

use super::{Directory, Told};
use crate::Failure;
use crate::moment::Moment;

/// Progress is told after so many traces.
const TOLD_EVERY: u64 = 10_000;

/// The flags of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    directory: Directory,

    /// The new file, or - for standard output; for Parquet the new folder.
    #[arg(long, value_name = "OUT")]
    to: PathBuf,

    /// What to write.
    #[arg(long, value_name = "FORMAT", default_value = "ndjson")]
    format: Format,

    /// Only traces that began at this time or later: RFC 3339, or seconds since 1970.
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,

    /// Only traces that began before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,

    /// Only this trace.
    #[arg(long, value_name = "ID", value_parser = parse_trace)]
    trace: Option<TraceId>,

    /// Write {"received":SECONDS,"document":{...}} on each line.
    #[arg(long)]
    with_received: bool,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One document a line, trace by trace.
    Ndjson,
    /// The two tables of each block, as they are, and tables of what is only in the log.
    Parquet,
}

fn parse_trace(text: &str) -> Result<TraceId, String> {
    TraceId::parse(text)
        .ok_or_else(|| "a trace id is 1-, 8 hex digits, -, 24 hex digits".to_owned())
}

/// Exports; returns whether everything could be read.
///
/// # Errors
/// When there is no such directory, or the output cannot be written.
pub(super) fn export(arguments: &ExportArguments) -> Result<bool, Failure> {
    let examination = arguments.directory.open()?;
    let wanted = Wanted {
        from: arguments.from.map(|moment| moment.0),
        until: arguments.until.map(|moment| moment.0),
        trace: arguments.trace,
    };
    match arguments.format {
        Format::Ndjson => lines(&examination, &wanted, arguments),
        Format::Parquet if arguments.to == Path::new("-") => {
            Err("Parquet goes into a folder: --to FOLDER".into())
        }
        Format::Parquet if arguments.with_received => {
            Err("--with-received is for ndjson; the tables have a column `received`".into())
        }
        Format::Parquet => tables(&examination, &wanted, &arguments.to),
    }
}

fn lines(
    examination: &Examination,
    wanted: &Wanted,
    arguments: &ExportArguments,
) -> Result<bool, Failure> {
    let to = &arguments.to;
    let unwritten = |error: io::Error| format!("failed to write {}: {error}", to.display());
    let out: Box<dyn Write> = match to == Path::new("-") {
        true => Box::new(io::stdout().lock()),
        false => Box::new(File::create_new(to).map_err(unwritten)?),
    };
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let is_told = io::stderr().is_terminal();
    let mut trace_count = 0;
    let done = examination.export(wanted, &mut |trace| {
        trace_count += 1;
        if is_told && trace_count % TOLD_EVERY == 0 {
            eprintln!("{trace_count} traces");
        }
        write_trace(&mut out, trace, arguments.with_received)
    });
    let done = done.and_then(|done| out.flush().map(|()| done)).map_err(unwritten)?;
    let Exported { trace_count, document_count, lost_trace_count, flaws } = done;
    tell(&flaws);
    if lost_trace_count > 0 {
        eprintln!("{lost_trace_count} traces could not be read");
    }
    eprintln!("{trace_count} traces, {document_count} documents written");
    Ok(flaws.is_empty())
}

fn write_trace(out: &mut impl Write, trace: &StoredTrace, with_received: bool) -> io::Result<()> {
    for document in &trace.documents {
        // A line break stands between the parts of a document if it is there at all.
        let text = document.text().replace(['\n', '\r'], " ");
        let Micros(micros) = document.received;
        let (seconds, micros) = (micros / Micros::PER_SECOND, micros % Micros::PER_SECOND);
        match with_received {
            true => writeln!(out, "{{\"received\":{seconds}.{micros:06},\"document\":{text}}}")?,
            false => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

fn tables(examination: &Examination, wanted: &Wanted, to: &Path) -> Result<bool, Failure> {
    let mut flaws = examination.manifest_flaws();
    let entries: Vec<_> = examination.state().blocks().cloned().collect();
    let entries: Vec<_> =
        entries.into_iter().filter(|entry| examination.may_have(entry, wanted)).collect();
    for (at, entry) in entries.iter().enumerate() {
        let folder = to.join(entry.hour.to_string()).join(entry.id.to_string());
        let mut files = NewFiles { folder, files: BTreeMap::new() };
        let found = examination
            .copy_tables(entry, &mut |name, bytes| files.put(name, bytes))
            .map_err(|error| format!("failed to write {}: {error}", files.folder.display()))?;
        flaws.extend(found);
        if io::stderr().is_terminal() {
            eprintln!("{} of {} blocks", at + 1, entries.len());
        }
    }
    let log = examination.log_tables(wanted)?;
    let mut files = NewFiles { folder: to.join("log"), files: BTreeMap::new() };
    for (name, bytes) in &log.files {
        files
            .put(name, bytes)
            .map_err(|error| format!("failed to write {}: {error}", files.folder.display()))?;
    }
    flaws.extend(log.flaws);
    tell(&flaws);
    let (blocks, traces) = (entries.len(), log.trace_count);
    eprintln!("tables of {blocks} blocks, and of {traces} traces in the log, written");
    Ok(flaws.is_empty())
}

/// The files of one folder that is being written.
struct NewFiles {
    folder: PathBuf,
    files: BTreeMap<&'static str, File>,
}

impl NewFiles {
    fn put(&mut self, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        if !self.files.contains_key(name) {
            fs::create_dir_all(&self.folder)?;
            self.files.insert(name, File::create_new(self.folder.join(name))?);
        }
        self.files.get_mut(name).map_or(Ok(()), |file| file.write_all(bytes))
    }
}

fn tell(flaws: &[Flaw]) {
    flaws.iter().for_each(|flaw| eprintln!("{}", Told(flaw)));
}
