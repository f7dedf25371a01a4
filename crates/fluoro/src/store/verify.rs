//! `fluoro store verify`: whether all that is kept is as it was written.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use clap::Args;
use store::examine::{BlockChecked, Examination, Flaw};
use store::manifest::Entry;

use super::inspect::orphan_name;
use super::{Bytes, Directory, Told, orphans_told};
use crate::Failure;
use crate::say::say;

/// The flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    directory: Directory,
}

/// How far the check of the blocks is.
struct Progress {
    is_shown: bool,
    bytes: u64,
    bytes_total: u64,
}

/// Checks everything and says what was found; returns whether nothing is damaged.
///
/// # Errors
/// When there is no such directory.
pub(super) fn verify(arguments: &VerifyArguments) -> Result<bool, Failure> {
    let examination = arguments.directory.open()?;
    let mut flaws = check_manifest(&examination);
    flaws.extend(check_log(&examination));
    flaws.extend(check_settings(&examination));
    flaws.extend(check_blocks(&examination));
    say_void(&examination);
    let is_listed = say_orphans(&examination);
    let is_sound = flaws.is_empty() && is_listed;
    if !flaws.is_empty() {
        say(format_args!("\n{} damaged:", count(flaws.len() as u64, "place")));
        flaws.iter().for_each(|flaw| say(Told(flaw)));
    }
    say(if is_sound { "\nEverything is as it was written." } else { "\nNot all of it is whole." });
    Ok(is_sound)
}

fn check_manifest(examination: &Examination) -> Vec<Flaw> {
    let (flaws, opened) = (examination.manifest_flaws(), examination.opened());
    say(format_args!(
        "manifest: commit {}, {}, {}",
        examination.state().sequence(),
        count(opened.record_count, "record"),
        wholeness(&flaws)
    ));
    let torn = opened.torn_records.len() as u64;
    if torn > 0 {
        say(format_args!("  {} torn at its end, never acknowledged", count(torn, "record")));
    }
    flaws
}

fn check_log(examination: &Examination) -> Vec<Flaw> {
    let log = examination.check_log();
    say(format_args!(
        "log: {}, {}, {} of {} in no block, {}",
        count(log.file_count, "file"),
        Bytes(log.bytes),
        count(log.document_count, "document"),
        count(log.trace_count, "trace"),
        wholeness(&log.flaws)
    ));
    if log.torn_bytes > 0 {
        say(format_args!("  {} bytes torn at its end, never acknowledged", log.torn_bytes));
    }
    log.flaws
}

fn check_settings(examination: &Examination) -> Vec<Flaw> {
    let settings = examination.check_settings();
    say(format_args!(
        "settings: {}, {}, {}",
        count(settings.file_count, "file"),
        Bytes(settings.bytes),
        wholeness(&settings.flaws)
    ));
    settings.flaws
}

fn check_blocks(examination: &Examination) -> Vec<Flaw> {
    let mut entries: Vec<&Arc<Entry>> = examination.state().blocks().collect();
    entries.sort_by_key(|entry| (entry.hour, entry.id));
    let bytes_total = entries.iter().map(|entry| entry.bytes()).sum();
    let mut progress = Progress { is_shown: io::stderr().is_terminal(), bytes: 0, bytes_total };
    let (mut flaws, mut whole_count, mut gone_count) = (Vec::new(), 0, 0);
    for entry in &entries {
        let checked = examination.check_block(entry);
        progress.show(entry, &checked);
        whole_count += u64::from(checked.flaws.is_empty() && !checked.is_gone);
        gone_count += u64::from(checked.is_gone);
        flaws.extend(checked.flaws);
    }
    say(format_args!(
        "blocks: {whole_count} of {} whole, {}",
        entries.len() as u64 - gone_count,
        Bytes(bytes_total)
    ));
    if gone_count > 0 {
        let blocks = count(gone_count, "block");
        say(format_args!("  {blocks} more removed meanwhile by the server that runs"));
    }
    flaws
}

impl Progress {
    fn show(&mut self, entry: &Entry, checked: &BlockChecked) {
        self.bytes += entry.bytes();
        if !self.is_shown {
            return;
        }
        let verdict = match (checked.is_gone, checked.flaws.len()) {
            (true, _) => "gone",
            (_, 0) => "whole",
            _ => "DAMAGED",
        };
        let percent = self.bytes * 100 / self.bytes_total.max(1);
        let (folder, bytes) = (entry.folder(), Bytes(entry.bytes()).to_string());
        eprintln!("{percent:>3} %  {folder}  {bytes:>10}  {verdict}");
    }
}

fn say_void(examination: &Examination) {
    let void = examination.void_traces();
    let sum: u64 = void.values().sum();
    if sum > 0 {
        say(format_args!(
            "void: {} in {}, deleted or whole in a newer block; compaction removes them",
            count(sum, "trace"),
            count(void.len() as u64, "block")
        ));
    }
}

/// Returns whether the folders could be listed.
fn say_orphans(examination: &Examination) -> bool {
    let orphans = match examination.orphans() {
        Ok(orphans) => orphans,
        Err(error) => {
            say(format_args!("✗ failed to {error}"));
            return false;
        }
    };
    if !orphans.is_empty() {
        say(orphans_told(examination, orphans.len()));
    }
    orphans.iter().for_each(|orphan| say(format_args!("  {}", orphan_name(orphan))));
    true
}

fn wholeness(flaws: &[Flaw]) -> &'static str {
    if flaws.is_empty() { "whole" } else { "DAMAGED" }
}

fn count(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
