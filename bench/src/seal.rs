//! `seal`: what sealing and compacting cost by themselves, without a door in front.
//!
//! The shop's documents go into a store of this process, which seals whenever the program would, and
//! compacts what there is to compact. Time is the thread's that does it, and so are the figures to be
//! compared before and after a change; what the whole program takes, `store` tells.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use nix::time::{ClockId, clock_gettime};
use serde::Serialize;
use server::{Config, Control};
use store::{Batch, DiskDir, Options, Seal, Store, Upkeep};
use wire::{ManualClock, Micros, Segment};

use crate::shop::{Arrival, Arrivals, Plan};

/// Documents that come together.
const BATCH_DOCUMENTS: usize = 25;

/// What it cost.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    document_count: u64,
    document_bytes: u64,
    sealed_trace_count: u64,
    block_count: u64,
    compacted_block_count: u64,
    /// CPU time of the thread, microseconds a document.
    parse_micros: f64,
    seal_micros: f64,
    compact_micros: f64,
}

/// Runs everything in `folder`.
///
/// # Errors
/// When the store cannot be opened, or what it reports.
pub(crate) fn run(plan: &Plan, folder: &Path) -> io::Result<Report> {
    fill(plan, &open(folder)?)
}

/// Opens a store that does nothing by itself.
///
/// # Errors
/// What the store reports.
pub(crate) fn open(folder: &Path) -> io::Result<Store> {
    let dir = Arc::new(DiskDir::open(folder)?);
    let options = Options { upkeep: Upkeep::ByHand, ..Options::default() };
    let control = Control::open(&Config::default(), dir.clone(), None).map_err(io::Error::other)?;
    let rollup = Arc::new(control.rollup());
    let clock = Arc::new(ManualClock::default());
    Store::open(dir, options, clock, rollup).map_err(io::Error::other)
}

/// Puts everything into a store, sealed and compacted.
///
/// # Errors
/// What the store reports.
pub(crate) fn fill(plan: &Plan, store: &Store) -> io::Result<Report> {
    let seal_bytes = Options::default().seal_bytes;
    let mut run = Run { plan, store, report: Report::default(), live_bytes: 0 };
    let mut arrivals = Arrivals::new(*plan).peekable();
    while arrivals.peek().is_some() {
        run.append(&mut arrivals)?;
        if run.live_bytes >= seal_bytes {
            run.seal(Seal::Most)?;
        }
    }
    run.seal(Seal::All)?;
    let mut report = run.report;
    let count = report.document_count.max(1) as f64;
    for micros in [&mut report.parse_micros, &mut report.seal_micros, &mut report.compact_micros] {
        *micros /= count;
    }
    Ok(report)
}

/// A store and what was done with it.
struct Run<'r> {
    plan: &'r Plan,
    store: &'r Store,
    report: Report,
    live_bytes: u64,
}

impl Run<'_> {
    /// Appends the next batch and waits until it is durable.
    fn append(&mut self, arrivals: &mut impl Iterator<Item = Arrival>) -> io::Result<()> {
        let mut texts = Vec::new();
        for arrival in arrivals.take(BATCH_DOCUMENTS) {
            let mut text = Vec::new();
            arrival.trace.write(self.plan, arrival.work, &mut text);
            texts.push(String::from_utf8(text).map_err(io::Error::other)?);
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut batch = Batch::with_room(Micros(0), texts.len(), bytes);
        let (parsed, micros) = timed(|| {
            for text in &texts {
                batch.push(text, &Segment::parse(text).ok()?);
            }
            Some(())
        });
        parsed.ok_or_else(|| io::Error::other("the shop writes valid documents"))?;
        self.live_bytes += bytes as u64;
        self.report.document_bytes += bytes as u64;
        self.report.document_count += texts.len() as u64;
        self.report.parse_micros += micros;
        let (done, durable) = sync_channel(1);
        let answer = move |result| drop(done.send(result));
        self.store.append(batch, answer).map_err(io::Error::other)?;
        durable.recv().map_err(io::Error::other)?.map_err(io::Error::other)
    }

    /// Seals, and compacts what then is to be compacted.
    fn seal(&mut self, seal: Seal) -> io::Result<()> {
        let (sealed, micros) = timed(|| self.store.seal(seal));
        let sealed = sealed.map_err(io::Error::other)?;
        self.report.seal_micros += micros;
        self.report.sealed_trace_count += sealed.trace_count;
        self.report.block_count += sealed.block_count;
        self.live_bytes = 0;
        loop {
            let (compacted, micros) = timed(|| self.store.compact());
            self.report.compact_micros += micros;
            let Some(compacted) = compacted.map_err(io::Error::other)? else { return Ok(()) };
            self.report.compacted_block_count += compacted.input_count;
        }
    }
}

/// Runs `work`; also returns the CPU time that this thread took for it, in microseconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begin = thread_micros();
    let done = work();
    (done, thread_micros() - begin)
}

fn thread_micros() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    let time = time.expect("every kernel knows a thread's time");
    time.tv_sec() as f64 * 1e6 + time.tv_nsec() as f64 / 1e3
}
