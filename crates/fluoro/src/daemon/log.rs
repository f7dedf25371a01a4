//! The daemon's log: to standard output or a file, in the original's form or as JSON.

use std::fmt::{self, Write as _};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use daemon::original::settings::{Level, Log};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use wire::Clock;

use crate::Failure;
use crate::clock::SystemClock;
use crate::moment::Moment;

/// At this length a file is rolled. Source: aws-xray-daemon 3.6.6.
const FILE_BYTES_MAX: u64 = 50 << 20;

/// Starts to log; once in the life of the program.
///
/// # Errors
/// When the file cannot be opened.
pub(super) fn start(log: &Log) -> Result<(), Failure> {
    let writer = match &log.file {
        None => BoxMakeWriter::new(io::stdout),
        Some(path) => {
            let file = Rolled::open(PathBuf::from(path), log.is_rolled)
                .map_err(|error| format!("failed to open the log file {path}: {error}"))?;
            BoxMakeWriter::new(Mutex::new(file))
        }
    };
    let level = match log.level {
        Level::Trace => LevelFilter::TRACE,
        Level::Debug => LevelFilter::DEBUG,
        Level::Info => LevelFilter::INFO,
        Level::Warn => LevelFilter::WARN,
        Level::Error => LevelFilter::ERROR,
    };
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_writer(writer);
    if log.is_json {
        subscriber.json().flatten_event(true).init();
    } else {
        subscriber.event_format(Line).init();
    }
    Ok(())
}

/// `2026-01-02T03:04:05Z [Info] text`, then the fields.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = match *event.metadata().level() {
            tracing::Level::TRACE => "Trace",
            tracing::Level::DEBUG => "Debug",
            tracing::Level::INFO => "Info",
            tracing::Level::WARN => "Warn",
            tracing::Level::ERROR => "Error",
        };
        let mut words = Words::default();
        event.record(&mut words);
        let Words { message, fields } = words;
        writeln!(writer, "{} [{level}] {message}{fields}", Moment(SystemClock.now()))
    }
}

/// The message, and the fields behind it.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to memory does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = match field.name() {
            "message" => self.message.write_str(value),
            name => write!(self.fields, " {name}={value}"),
        };
    }
}

/// A file that makes way for a new one when it is full; one old file is kept beside it.
struct Rolled {
    path: PathBuf,
    file: File,
    length: u64,
    /// `u64::MAX` when it is never rolled.
    bytes_max: u64,
}

impl Rolled {
    fn open(path: PathBuf, is_rolled: bool) -> io::Result<Self> {
        let file = appended(&path)?;
        let length = file.metadata()?.len();
        let bytes_max = if is_rolled { FILE_BYTES_MAX } else { u64::MAX };
        Ok(Self { path, file, length, bytes_max })
    }

    fn roll(&mut self) -> io::Result<()> {
        let mut old = self.path.clone().into_os_string();
        old.push(".1");
        fs::rename(&self.path, old)?;
        self.file = appended(&self.path)?;
        self.length = 0;
        Ok(())
    }
}

fn appended(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

impl Write for Rolled {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.length > 0 && self.length.saturating_add(line.len() as u64) > self.bytes_max {
            self.roll()?;
        }
        let written = self.file.write(line)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_makes_way_and_one_old_one_is_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("xray.log");
        fs::write(&path, "old\n").expect("a file");
        let mut rolled = Rolled::open(path.clone(), true).expect("a file");
        rolled.bytes_max = 10;
        for line in ["first\n", "second\n", "third\n"] {
            rolled.write_all(line.as_bytes()).expect("it is written");
        }
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
        assert_eq!((text("xray.log"), text("xray.log.1")), ("third\n".into(), "second\n".into()));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
