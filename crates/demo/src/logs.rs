//! Log lines of the services: a JSON object each, with the trace in which it was written, so that
//! one finds the lines of a trace and the trace of a line.
//!
//! They are written by a thread of their own; what comes faster than it writes is lost and counted.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use fluoro_sdk::{Micros, ToJson, TraceId};
use parking_lot::Mutex;

/// Lines that may wait to be written.
const LINES_MAX: usize = 1024;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Info,
    Warn,
    Error,
}

/// What a service says.
pub(crate) struct Line<'l> {
    pub(crate) time: Micros,
    pub(crate) level: Level,
    pub(crate) service: &'l str,
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) message: &'l str,
}

/// Takes log lines, if anybody wants them.
#[derive(Default)]
pub(crate) struct Logbook {
    writer: Mutex<Option<Writer>>,
    lost_count: AtomicU64,
}

struct Writer {
    lines: SyncSender<String>,
    thread: JoinHandle<()>,
}

impl Logbook {
    /// Returns a logbook that is written to `out`.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(crate) fn to(out: Box<dyn Write + Send>) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(LINES_MAX);
        let thread = thread::Builder::new().name("demo-logs".to_owned());
        let thread = thread.spawn(move || write(&waiting, out))?;
        let writer = Mutex::new(Some(Writer { lines, thread }));
        Ok(Self { writer, lost_count: AtomicU64::new(0) })
    }

    /// Returns whether anybody wants lines.
    pub(crate) fn is_open(&self) -> bool {
        self.writer.lock().is_some()
    }

    /// Writes a line, without waiting for it.
    pub(crate) fn put(&self, line: &Line<'_>) {
        let writer = self.writer.lock();
        let (Some(writer), Some(text)) = (writer.as_ref(), text(line)) else { return };
        if writer.lines.try_send(text).is_err() {
            self.lost_count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all is written, and returns how many lines were lost.
    pub(crate) fn close(&self) -> u64 {
        let writer = self.writer.lock().take();
        if let Some(Writer { lines, thread }) = writer {
            drop(lines);
            // It does not panic, and there is nobody left to tell.
            thread.join().ok();
        }
        self.lost_count.load(Ordering::Relaxed)
    }
}

/// Writes lines until nobody is left to send them. What cannot be written is the reader's loss: the
/// demo goes on.
fn write(waiting: &Receiver<String>, mut out: Box<dyn Write + Send>) {
    while let Ok(line) = waiting.recv() {
        out.write_all(line.as_bytes()).ok();
        for line in waiting.try_iter() {
            out.write_all(line.as_bytes()).ok();
        }
        out.flush().ok();
    }
}

/// Returns the line, with its end.
fn text(line: &Line<'_>) -> Option<String> {
    let level = match line.level {
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    let mut members = vec![
        ("time", rfc_3339(line.time).to_json()?),
        ("level", level.to_json()?),
        ("service", line.service.to_json()?),
    ];
    if let Some(trace_id) = line.trace_id {
        members.push(("trace_id", trace_id.to_string().to_json()?));
    }
    members.push(("message", line.message.to_json()?));
    let object = wire::raw::Json::object(members.iter().map(|(name, value)| (*name, value)))?;
    Some(format!("{}\n", object.text()))
}

/// Writes a time to the millisecond, in UTC.
fn rfc_3339(time: Micros) -> String {
    let (days, rest) = (time.0 / DAY_MICROS, time.0 % DAY_MICROS);
    // Years that begin in March have their odd day at the end.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let (millis, seconds) = (rest / 1000 % 1000, rest / Micros::PER_SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let year = era * 400 + year;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Units: microseconds.
const DAY_MICROS: u64 = 86_400 * Micros::PER_SECOND;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_an_object_that_names_its_trace() {
        let paper = Paper::default();
        let logs = Logbook::to(Box::new(paper.clone())).expect("a thread");
        let line = Line {
            time: Micros(1_790_000_000_123_456),
            level: Level::Warn,
            service: "payments",
            trace_id: Some(TraceId::new(0x6ab1_3c00, 7)),
            message: "the \"bank\" is away",
        };
        logs.put(&line);
        logs.put(&Line { level: Level::Info, trace_id: None, ..line });
        assert_eq!(logs.close(), 0);
        insta::assert_snapshot!(String::from_utf8(paper.0.lock().clone()).expect("text"), @r#"
        {"time":"2026-09-21T14:13:20.123Z","level":"WARN","service":"payments","trace_id":"1-6ab13c00-000000000000000000000007","message":"the \"bank\" is away"}
        {"time":"2026-09-21T14:13:20.123Z","level":"INFO","service":"payments","message":"the \"bank\" is away"}
        "#);
        assert!(!logs.is_open());
    }

    #[test]
    fn times_are_written_as_calendars_have_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_704_067_199, "2023-12-31T23:59:59.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc_3339(Micros::from_secs(seconds)), text);
        }
    }
}
