//! The state as text, for people.

use std::ops::RangeInclusive;

use wire::Micros;

use super::entry::{Entry, Level};
use super::state::{State, Tombstone};

/// Returns the state as lines of text: sums first, then every block, then every deleted trace.
///
/// Units: times in seconds since the epoch.
pub fn describe(state: &State) -> Vec<String> {
    let sum = |of: fn(&Entry) -> u64| {
        state.blocks().fold(0_u64, |sum, entry| sum.saturating_add(of(entry)))
    };
    let mut lines = vec![
        format!("commit {}, log sealed through group {}", state.sequence, state.sealed_through),
        format!(
            "{} blocks, {} traces, {} rows, {} bytes, {} deleted traces",
            state.blocks.len(),
            sum(|entry| entry.trace_count),
            sum(|entry| entry.row_count),
            sum(Entry::bytes),
            state.tombstones.len(),
        ),
    ];
    lines.extend(state.blocks().map(|entry| block(entry)));
    lines.extend(state.tombstones().map(|(trace, deleted)| match deleted {
        Tombstone::Received(time) => format!("deleted {trace} at {}", seconds(time)),
        Tombstone::Through(group) => format!("deleted {trace} through group {group}"),
    }));
    lines
}

fn block(entry: &Entry) -> String {
    let level = match entry.level {
        Level::SEALED => "sealed".to_owned(),
        Level::COMPACTED => "compacted".to_owned(),
        Level(other) => format!("level {other}"),
    };
    let late = if entry.is_late { ", late" } else { "" };
    let files: Vec<String> =
        entry.files.iter().map(|file| format!("{} {}", file.name, file.bytes)).collect();
    format!(
        "{}: {level}, class {}{late}, {} traces, {} rows, {} bytes ({}), started {}, received {}",
        entry.folder(),
        entry.class.0,
        entry.trace_count,
        entry.row_count,
        entry.bytes(),
        files.join(", "),
        range(&entry.starts),
        range(&entry.received),
    )
}

fn range(times: &RangeInclusive<Micros>) -> String {
    format!("{} to {}", seconds(*times.start()), seconds(*times.end()))
}

fn seconds(time: Micros) -> String {
    format!("{}.{:06}", time.0 / Micros::PER_SECOND, time.0 % Micros::PER_SECOND)
}
