//! `fluoro store inspect`: what is in a data directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use store::examine::{BlockDetail, Column, Examination, Flaw, LogFile};
use store::manifest::{BlockId, Entry, Level, Orphan, Tombstone};

use super::json::{list, object, text};
use super::{Bytes, Directory, Told, each, orphans_told};
use crate::Failure;
use crate::moment::Moment;
use crate::say::say;

/// The flags of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    directory: Directory,

    /// Show one block: its columns, encodings, index and rollup.
    #[arg(long, value_name = "ID", value_parser = parse_block)]
    block: Option<BlockId>,

    /// Write one JSON object, for programs.
    #[arg(long)]
    json: bool,
}

fn parse_block(text: &str) -> Result<BlockId, String> {
    BlockId::parse(text).ok_or_else(|| "a block's id has 26 digits and capitals".to_owned())
}

/// What was found in a directory.
struct Found {
    examination: Examination,
    void: BTreeMap<BlockId, u64>,
    log: Vec<LogFile>,
    orphans: Vec<Orphan>,
    flaws: Vec<Flaw>,
    /// What could not even be listed.
    problems: Vec<String>,
}

/// Prints what is in the directory; returns whether all that was looked at could be read.
///
/// # Errors
/// When there is no such directory or no such block.
pub(super) fn inspect(arguments: &InspectArguments) -> Result<bool, Failure> {
    let examination = arguments.directory.open()?;
    if let Some(id) = arguments.block {
        let Some(entry) = examination.state().block(id) else {
            return Err(format!("the manifest names no block {id}").into());
        };
        let detail = examination.describe(entry);
        let lines = if arguments.json {
            vec![detail_json(entry, &detail)]
        } else {
            detail_text(entry, &detail)
        };
        lines.iter().for_each(say);
        return Ok(detail.flaws.is_empty());
    }
    let found = Found::of(examination);
    let lines = if arguments.json { vec![found.json()] } else { found.text() };
    lines.iter().for_each(say);
    Ok(found.flaws.is_empty() && found.problems.is_empty())
}

impl Found {
    fn of(examination: Examination) -> Self {
        let mut problems = Vec::new();
        let log = examination.log_files().unwrap_or_else(|error| {
            problems.push(error.to_string());
            Vec::new()
        });
        let orphans = examination.orphans().unwrap_or_else(|error| {
            problems.push(error.to_string());
            Vec::new()
        });
        let mut flaws = examination.manifest_flaws();
        flaws.extend(log.iter().filter_map(|file| file.flaw.clone()));
        let void = examination.void_traces();
        Self { examination, void, log, orphans, flaws, problems }
    }

    fn void_of(&self, entry: &Entry) -> u64 {
        self.void.get(&entry.id).copied().unwrap_or_default()
    }

    fn text(&self) -> Vec<String> {
        let state = self.examination.state();
        let opened = self.examination.opened();
        let mut lines = vec![format!(
            "manifest: commit {}, {} records after checkpoint {}, log sealed through group {}",
            state.sequence(),
            opened.record_count,
            opened.checkpoint,
            state.first_unsealed_group() - 1,
        )];
        let torn = opened.torn_records.len();
        if torn > 0 {
            lines.push(format!("  {torn} records torn at the end; never acknowledged"));
        }
        lines.push(self.sums());
        lines.extend(self.blocks());
        lines.push(format!("files of the log: {}", self.log.len()));
        lines.extend(self.log.iter().map(|file| format!("  {}", log_file(file))));
        let deleted = |(trace, deleted)| match deleted {
            Tombstone::Received(time) => format!("  {trace} at {}", Moment(time)),
            Tombstone::Through(group) => format!("  {trace} through group {group}"),
        };
        lines.push(format!(
            "deleted traces whose rows are still there: {}",
            state.tombstones().len()
        ));
        lines.extend(state.tombstones().map(deleted));
        if !self.orphans.is_empty() {
            lines.push(orphans_told(&self.examination, self.orphans.len()));
            lines.extend(self.orphans.iter().map(|orphan| format!("  {}", orphan_name(orphan))));
        }
        lines.extend(self.flaws.iter().map(|flaw| Told(flaw).to_string()));
        lines.extend(self.problems.iter().map(|problem| format!("✗ failed to {problem}")));
        lines
    }

    fn sums(&self) -> String {
        let [traces, rows, bytes] = sums(self.examination.state().blocks());
        format!(
            "blocks: {}, {traces} traces ({} void), {rows} rows, {}; {} bytes a trace, {} a row",
            self.examination.state().blocks().len(),
            self.void.values().sum::<u64>(),
            Bytes(bytes),
            each(bytes, traces),
            each(bytes, rows),
        )
    }

    /// Returns a table of the blocks, by partition.
    fn blocks(&self) -> Vec<String> {
        let entries = by_hour(&self.examination);
        if entries.is_empty() {
            return Vec::new();
        }
        let row = |cells: [&str; 10]| {
            let [hour, id, level, class, traces, void, rows, bytes, trace, row] = cells;
            format!(
                "  {hour:10}  {id:26}  {level:9}  {class:>5}  {traces:>9}  {void:>6}  {rows:>10}  \
                 {bytes:>10}  {trace:>7}  {row:>6}"
            )
        };
        let mut lines = vec![row([
            "hour", "block", "level", "class", "traces", "void", "rows", "bytes", "a trace",
            "a row",
        ])];
        for entry in entries {
            let bytes = entry.bytes();
            lines.push(row([
                &entry.hour.to_string(),
                &entry.id.to_string(),
                &level(entry.level),
                &entry.class.0.to_string(),
                &entry.trace_count.to_string(),
                &self.void_of(entry).to_string(),
                &entry.row_count.to_string(),
                &Bytes(bytes).to_string(),
                &each(bytes, entry.trace_count),
                &each(bytes, entry.row_count),
            ]));
            lines.push(format!("  {:10}  {}", "", files(entry)));
        }
        lines
    }

    fn json(&self) -> String {
        let state = self.examination.state();
        let tombstone = |(trace, deleted): (wire::TraceId, Tombstone)| {
            let (name, value) = match deleted {
                Tombstone::Received(time) => ("deleted_micros", time.0),
                Tombstone::Through(group) => ("deleted_through", group),
            };
            object(&[("trace", text(&trace.to_string())), (name, value.to_string())])
        };
        let orphan = |orphan: &Orphan| text(&orphan_name(orphan));
        let entries = by_hour(&self.examination);
        object(&[
            ("commit", state.sequence().to_string()),
            ("sealed_through", (state.first_unsealed_group() - 1).to_string()),
            (
                "blocks",
                list(entries.into_iter().map(|entry| entry_json(entry, self.void_of(entry)))),
            ),
            ("log", list(self.log.iter().map(log_json))),
            ("deleted", list(state.tombstones().map(tombstone))),
            ("orphans", list(self.orphans.iter().map(orphan))),
            ("flaws", list(self.flaws.iter().map(flaw_json))),
            ("problems", list(self.problems.iter().map(|problem| text(problem)))),
        ])
    }
}

fn by_hour(examination: &Examination) -> Vec<&Arc<Entry>> {
    let mut entries: Vec<&Arc<Entry>> = examination.state().blocks().collect();
    entries.sort_by_key(|entry| (entry.hour, entry.id));
    entries
}

/// Returns traces, rows and bytes.
fn sums<'e>(entries: impl Iterator<Item = &'e Arc<Entry>>) -> [u64; 3] {
    entries.fold([0; 3], |[traces, rows, bytes], entry| {
        [traces + entry.trace_count, rows + entry.row_count, bytes + entry.bytes()]
    })
}

fn level(level: Level) -> String {
    match level {
        Level::SEALED => "sealed".to_owned(),
        Level::COMPACTED => "compacted".to_owned(),
        Level(other) => format!("level {other}"),
    }
}

fn files(entry: &Entry) -> String {
    let files: Vec<String> =
        entry.files.iter().map(|file| format!("{} {}", file.name, Bytes(file.bytes))).collect();
    let late = if entry.is_late { "; has newer versions of traces" } else { "" };
    let (first, last) = (Moment(*entry.starts.start()), Moment(*entry.starts.end()));
    format!("{}; began {first} to {last}{late}", files.join(", "))
}

fn log_file(file: &LogFile) -> String {
    let groups = match &file.groups {
        Some(groups) => {
            format!("groups {} to {} ({})", groups.start(), groups.end(), file.group_count)
        }
        None => "no group".to_owned(),
    };
    let other = match file.other_bytes {
        0 => String::new(),
        bytes => format!(", {bytes} bytes that are none"),
    };
    format!("{}: {}, {groups}{other}", file.name, Bytes(file.bytes))
}

pub(super) fn orphan_name(orphan: &Orphan) -> String {
    match orphan {
        Orphan::File(name) => name.clone(),
        Orphan::Folder(name) => format!("{name}/"),
    }
}

fn entry_json(entry: &Entry, void: u64) -> String {
    let file = |file: &store::manifest::BlockFile| {
        object(&[("name", text(&file.name)), ("bytes", file.bytes.to_string())])
    };
    let range = |range: &std::ops::RangeInclusive<wire::Micros>| {
        list([range.start().0.to_string(), range.end().0.to_string()])
    };
    object(&[
        ("hour", text(&entry.hour.to_string())),
        ("id", text(&entry.id.to_string())),
        ("level", entry.level.0.to_string()),
        ("class", entry.class.0.to_string()),
        ("late", entry.is_late.to_string()),
        ("sealed_through", entry.sealed_through.to_string()),
        ("traces", entry.trace_count.to_string()),
        ("void_traces", void.to_string()),
        ("rows", entry.row_count.to_string()),
        ("bytes", entry.bytes().to_string()),
        ("started_micros", range(&entry.starts)),
        ("received_micros", range(&entry.received)),
        ("files", list(entry.files.iter().map(file))),
    ])
}

fn log_json(file: &LogFile) -> String {
    let groups = match &file.groups {
        Some(groups) => list([groups.start().to_string(), groups.end().to_string()]),
        None => "null".to_owned(),
    };
    object(&[
        ("name", text(&file.name)),
        ("bytes", file.bytes.to_string()),
        ("groups", groups),
        ("group_count", file.group_count.to_string()),
        ("other_bytes", file.other_bytes.to_string()),
    ])
}

fn flaw_json(flaw: &Flaw) -> String {
    object(&[
        ("path", text(&flaw.path.to_string_lossy())),
        ("offset", flaw.offset.map_or("null".to_owned(), |offset| offset.to_string())),
        ("what", text(&flaw.what)),
        ("advice", text(flaw.advice.text())),
    ])
}

fn detail_text(entry: &Entry, detail: &BlockDetail) -> Vec<String> {
    let mut lines = vec![
        format!(
            "block {} of hour {}, {}, class {}",
            entry.id,
            entry.hour,
            level(entry.level),
            entry.class.0
        ),
        format!("{} traces, {} rows, {}", entry.trace_count, entry.row_count, files(entry)),
    ];
    for (name, columns, count) in [
        ("segments.parquet", &detail.segments, entry.row_count),
        ("traces.parquet", &detail.traces, entry.trace_count),
    ] {
        let all: u64 = columns.iter().map(|column| column.bytes).sum();
        lines.push(format!("{name}: {} in columns, {} a row", Bytes(all), each(all, count)));
        lines.extend(columns.iter().map(|column| column_text(column, count)));
    }
    lines.push("index.bin".to_owned());
    lines.extend(
        detail.sections.iter().map(|part| format!("  {:28} {:>10}", part.name, part.bytes)),
    );
    lines.push(format!("rollup.bin: {} minutes", detail.minutes.len()));
    lines.extend(detail.minutes.iter().map(|(minute, bytes)| {
        format!("  {:28} {bytes:>10}", Moment(wire::Micros::from_secs(minute.saturating_mul(60))))
    }));
    lines.extend(detail.flaws.iter().map(|flaw| Told(flaw).to_string()));
    lines
}

fn column_text(column: &Column, count: u64) -> String {
    format!(
        "  {:28} {:>10} {:>8}  of {:>10}  {} {}",
        column.name,
        column.bytes,
        each(column.bytes, count),
        column.plain_bytes,
        column.encodings.join("+"),
        column.compression,
    )
}

fn detail_json(entry: &Entry, detail: &BlockDetail) -> String {
    let column = |column: &Column| {
        object(&[
            ("name", text(&column.name)),
            ("bytes", column.bytes.to_string()),
            ("plain_bytes", column.plain_bytes.to_string()),
            ("encodings", list(column.encodings.iter().map(|one| text(one)))),
            ("compression", text(&column.compression)),
        ])
    };
    let minute = |(minute, bytes): &(u64, u64)| {
        object(&[("minute", minute.to_string()), ("bytes", bytes.to_string())])
    };
    let section = |part: &store::examine::Part| {
        object(&[("name", text(part.name)), ("bytes", part.bytes.to_string())])
    };
    object(&[
        ("hour", text(&entry.hour.to_string())),
        ("id", text(&entry.id.to_string())),
        ("traces", entry.trace_count.to_string()),
        ("rows", entry.row_count.to_string()),
        ("segment_columns", list(detail.segments.iter().map(column))),
        ("trace_columns", list(detail.traces.iter().map(column))),
        ("index", list(detail.sections.iter().map(section))),
        ("rollup", list(detail.minutes.iter().map(minute))),
        ("flaws", list(detail.flaws.iter().map(flaw_json))),
    ])
}
