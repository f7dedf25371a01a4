//! `fluoro store`: looks into a data directory. Nothing in it is changed, and a server may have it
//! open meanwhile.

mod export;
mod inspect;
mod json;
mod verify;

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use store::DiskDir;
use store::examine::{Examination, Flaw};

use crate::Failure;

/// What to do with the directory.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Say what is in the directory: blocks, log, deleted traces.
    Inspect(inspect::InspectArguments),
    /// Read and check every byte; exits with 1 when something is damaged.
    Verify(verify::VerifyArguments),
    /// Write all traces, or some, for other programs; exits with 1 when something could not be read.
    Export(export::ExportArguments),
}

/// Which directory.
#[derive(Debug, Args)]
pub(crate) struct Directory {
    /// The folder that holds the data.
    #[arg(value_name = "DIR", env = "FLUORO_DATA_DIR", default_value = "./fluoro-data")]
    dir: PathBuf,
}

impl Directory {
    fn open(&self) -> Result<Examination, Failure> {
        let path = &self.dir;
        // It would be made by opening it.
        if !path.is_dir() {
            return Err(format!("there is no folder {}", path.display()).into());
        }
        let dir = DiskDir::open(path)
            .map_err(|error| format!("failed to open {}: {error}", path.display()))?;
        Ok(Examination::open(Arc::new(dir)))
    }
}

/// Does what was asked for.
///
/// # Errors
/// When there is no such directory, or the answer cannot be written.
pub(crate) fn run(command: &StoreCommand) -> Result<ExitCode, Failure> {
    let is_sound = match command {
        StoreCommand::Inspect(arguments) => inspect::inspect(arguments)?,
        StoreCommand::Verify(arguments) => verify::verify(arguments)?,
        StoreCommand::Export(arguments) => export::export(arguments)?,
    };
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says what files are that nothing names.
fn orphans_told(examination: &Examination, count: usize) -> String {
    match examination.problem() {
        Some(_) => format!("found, but named by no manifest that can be read: {count}; keep them"),
        None => format!(
            "named by nothing: {count}; while a server runs they may be in the making, else a crash \
             left them and the next start removes them"
        ),
    }
}

/// A flaw, as it is told to people.
struct Told<'f>(&'f Flaw);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { path, offset, what, advice } = self.0;
        write!(f, "✗ {}", path.display())?;
        if let Some(offset) = offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {what}\n    {}", advice.text())
    }
}

/// A number of bytes, rounded for people.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let step = (self.0.max(1).ilog2() / 10).min(4);
        let text = match step {
            0 => format!("{} B", self.0),
            _ => format!(
                "{:.1} {}",
                self.0 as f64 / (1_u64 << (10 * step)) as f64,
                UNITS[step as usize]
            ),
        };
        f.pad(&text)
    }
}

/// Returns `bytes` for each of `count`, as text; a dash when there is none.
fn each(bytes: u64, count: u64) -> String {
    if count == 0 { "–".to_owned() } else { format!("{:.1}", bytes as f64 / count as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!((each(9, 2), each(9, 0)), ("4.5".to_owned(), "–".to_owned()));
    }
}
