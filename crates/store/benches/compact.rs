//! What compaction costs: processor time for each span of eight blocks sealed one after the other.
//!
//! Processor time of this thread, three times; the blocks are in memory. Run:
//! `cargo bench -p fluoro-store --bench compact -- [TRACES]`, with the number of traces of a block. What
//! it takes in memory is only seen when the allocator gives it back: `MIMALLOC_PURGE_DELAY=0`.

#[path = "block/generate.rs"]
mod generate;

use std::fs;
use std::sync::{Arc, mpsc};

use generate::Generated;
use store::{Batch, Error, MemDir, NoRollup, Options, Seal, Store, Upkeep};
use wire::{ManualClock, Micros, Segment};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BLOCK_COUNT: usize = 8;
const TRACES_EACH: usize = 7_400;
const TRACES_PER_BATCH: usize = 100;
const ROUNDS: usize = 3;

/// Between the starts of two traces: all of them are of one hour.
const STEP_MICROS: u64 = 20_011;

fn main() {
    let small = std::env::args().any(|argument| argument == "--test");
    let given = std::env::args().find_map(|argument| argument.parse().ok());
    let traces_each = if small { 20 } else { given.unwrap_or(TRACES_EACH) };
    let mut traces = generate::traces(BLOCK_COUNT * traces_each, STEP_MICROS);
    traces.sort_by_key(|trace| trace.start);
    for _ in 0..if small { 1 } else { ROUNDS } {
        eprintln!("{}", measure(&traces, traces_each));
    }
}

/// Seals the traces in eight blocks, compacts all there is to compact, and says what it took.
fn measure(traces: &[Generated], traces_each: usize) -> String {
    let options =
        Options { upkeep: Upkeep::ByHand, memory_bytes_max: 4 << 30, ..Options::default() };
    let clock = Arc::new(ManualClock::default());
    let dir = Arc::new(MemDir::default());
    let store = Store::open(dir, options, clock, Arc::new(NoRollup)).expect("an empty store");
    for traces in traces.chunks(traces_each) {
        append(&store, traces);
        store.seal(Seal::All).expect("memory");
    }
    let before = store.statistics().blocks;
    let (start, start_bytes) = (processor_nanos(), resident_bytes("VmRSS"));
    // From here on the most that was resident is counted anew.
    fs::write("/proc/self/clear_refs", "5").expect("a process of our own");
    let mut input_count = 0;
    while let Some(compacted) = store.compact().expect("whole blocks") {
        input_count += compacted.input_count;
    }
    let nanos = processor_nanos() - start;
    let more_bytes = resident_bytes("VmHWM").saturating_sub(start_bytes);
    let after = store.statistics().blocks;
    let row_count = before.row_count * input_count / BLOCK_COUNT as u64;
    format!(
        "compacted {input_count} of {BLOCK_COUNT} blocks of {} spans: {} ns a span; \
         {:.2} bytes a span before, {:.2} after; {} MB of memory",
        before.row_count / BLOCK_COUNT as u64,
        nanos / row_count.max(1),
        before.block_bytes as f64 / before.row_count as f64,
        after.block_bytes as f64 / after.row_count as f64,
        more_bytes / 1_000_000,
    )
}

fn append(store: &Store, traces: &[Generated]) {
    let (sender, receiver) = mpsc::channel::<Result<(), Error>>();
    for traces in traces.chunks(TRACES_PER_BATCH) {
        let received = traces.last().expect("chunks are not empty").start;
        let mut batch = Batch::new(Micros(received.0 + 1_000_000));
        for text in traces.iter().flat_map(|trace| &trace.texts) {
            batch.push(text, &Segment::parse(text).expect("a valid document"));
        }
        let sender = sender.clone();
        let done = move |result| sender.send(result).expect("the bench waits");
        store.append(batch, done).expect("there is room");
        receiver.recv().expect("called").expect("durable");
    }
}

/// Nanoseconds that this thread has run.
fn processor_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// What of this process is in memory now (`VmRSS`), or was at most (`VmHWM`).
fn resident_bytes(of: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(of)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}
