//! What a block's table of segments costs: bytes by column, and time to write and to rebuild.
//!
//! Processor time of this thread, best of three. Run: `cargo bench -p fluoro-store --bench block`.

mod generate;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use store::block::segments::{Counts, Document, Level, Pick, Table, Trace, Writer, merge};
use wire::{Micros, Segment};

use generate::Generated;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TRACE_COUNT: usize = 60_000;
/// Between the starts of two traces.
const STEP_MICROS: u64 = 90_017;
const DOCUMENTS_PER_REQUEST: u64 = 25;
const ROUNDS: usize = 3;
const LOOKUP_COUNT: usize = 2_000;
const OPEN_COUNT: u64 = 200;
const MERGED_COUNT: usize = 8;

fn main() {
    let small = std::env::args().any(|argument| argument == "--test");
    let traces = generate::traces(if small { 50 } else { TRACE_COUNT }, STEP_MICROS);
    let bytes: usize = traces.iter().flat_map(|trace| &trace.texts).map(String::len).sum();
    let (file, counts, rows) = write(&traces);
    let documents = counts.document_count;
    eprintln!(
        "{} traces, {documents} documents of {} bytes, {} spans; {} kept verbatim",
        counts.trace_count,
        bytes as u64 / documents,
        counts.row_count,
        counts.verbatim_count,
    );
    if let Some(path) = std::env::args().find(|argument| argument.ends_with(".parquet")) {
        fs::write(path, &file).expect("a place to write to");
    }
    print_columns(&file, &counts);
    let parse = best(|| parse(&traces));
    let write_ns = best(|| drop(black_box(write(&traces))));
    let table = Table::open(Arc::new(file.clone())).expect("the table just written");
    let read = best(|| {
        for part in rows.chunks(500) {
            let range = part[0].start..part[part.len() - 1].end;
            black_box(table.traces(range).expect("rows of the table"));
        }
    });
    let lookup = lookup(&table, &rows);
    let open =
        best(|| (0..OPEN_COUNT).for_each(|_| drop(black_box(Table::open(Arc::new(file.clone()))))));
    let spans = counts.row_count;
    eprintln!("parse            {:6} ns a document", parse / documents);
    eprintln!(
        "write with parse {:6} ns a document, {} ns a span",
        write_ns / documents,
        write_ns / spans
    );
    eprintln!("rebuild in order {:6} ns a document", read / documents);
    eprintln!("rebuild by id    {:6} us a trace", lookup / 1_000);
    eprintln!("open             {:6} us", open / OPEN_COUNT / 1_000);
    for trace_count in [MERGED_COUNT * 20_000 * traces.len() / spans as usize, traces.len()] {
        for level in [Level::Sealed, Level::Compacted] {
            print_merge(&traces[..trace_count.min(traces.len())], level);
        }
    }
}

/// Merges eight tables, of which each has some traces of every part of the order.
fn print_merge(traces: &[Generated], level: Level) {
    let mut tables = Vec::new();
    let mut picks = vec![Vec::new(); MERGED_COUNT];
    for (input, picks) in picks.iter_mut().enumerate() {
        let (file, _, rows) = write(traces.iter().skip(input).step_by(MERGED_COUNT));
        tables.push(Table::open(Arc::new(file)).expect("the table just written"));
        picks.extend(rows.into_iter().map(|rows| Pick { input, rows }));
    }
    let tables: Vec<_> = tables.iter().collect();
    let order = (0..traces.len()).map(|at| picks[at % MERGED_COUNT][at / MERGED_COUNT].clone());
    let merged = || merge(Vec::new(), &tables, order.clone(), level).expect("whole tables");
    let nanos = best(|| drop(black_box(merged())));
    let (file, counts) = merged();
    let mut end = 0;
    let rows: Vec<_> = order
        .clone()
        .map(|pick| {
            let start = end;
            end += pick.rows.end - pick.rows.start;
            start..end
        })
        .collect();
    let table = Table::open(Arc::new(Bytes::from(file))).expect("the table just written");
    eprintln!(
        "merge {MERGED_COUNT} to {} spans, {level:?}: {} ns and {:.2} bytes a span, by id {} us",
        counts.row_count,
        nanos / counts.row_count,
        counts.bytes as f64 / counts.row_count as f64,
        lookup(&table, &rows) / 1_000,
    );
}

/// Returns the nanoseconds to read one trace.
fn lookup(table: &Table, rows: &[Range<u64>]) -> u64 {
    let step = (rows.len() / LOOKUP_COUNT).max(1);
    let wanted: Vec<_> = rows.iter().step_by(step).collect();
    let nanos = best(|| {
        for rows in &wanted {
            black_box(table.traces((*rows).clone()).expect("rows of the table"));
        }
    });
    nanos / wanted.len() as u64
}

/// Writes the table; returns the file, what it holds, and each trace's rows.
fn write<'g>(traces: impl IntoIterator<Item = &'g Generated>) -> (Bytes, Counts, Vec<Range<u64>>) {
    let mut writer = Writer::new(Vec::new()).expect("memory");
    let mut rows = Vec::new();
    for generated in traces {
        // Requests carry documents of traces that ran at the same time, not that have similar ids.
        let request =
            (generated.start.0 - 1_790_000_000_000_000) / STEP_MICROS * 4 / DOCUMENTS_PER_REQUEST;
        let document = |(place, text)| Document {
            text,
            segment: None,
            received: Micros(1_790_000_000_000_000 + (request + place / 2) * 560_321 + 1_000_000),
            request_number: request + place / 2,
        };
        let texts = generated.texts.iter().map(String::as_str);
        let documents = (0_u64..).zip(texts).map(document).collect();
        let trace = Trace { id: generated.id, documents, limit_exceeded: false };
        rows.push(writer.push(&trace).expect("memory"));
    }
    let (file, counts) = writer.finish().expect("memory");
    (file.into(), counts, rows)
}

fn parse(traces: &[Generated]) {
    for text in traces.iter().flat_map(|trace| &trace.texts) {
        black_box(Segment::parse(text).expect("a valid document"));
    }
}

fn print_columns(file: &Bytes, counts: &Counts) {
    let metadata = ArrowReaderMetadata::load(file, Default::default()).expect("a Parquet file");
    let mut sizes = BTreeMap::<String, (i64, i64)>::new();
    for column in metadata.metadata().row_groups().iter().flat_map(|group| group.columns()) {
        let size = sizes.entry(column.column_path().string()).or_default();
        size.0 += column.compressed_size();
        size.1 += column.uncompressed_size();
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, (bytes, _))| -bytes);
    let spans = counts.row_count as f64;
    for (name, (bytes, raw)) in &sizes {
        eprintln!(
            "{name:18} {:6.2} bytes a span, {:6.2} before zstd",
            *bytes as f64 / spans,
            *raw as f64 / spans
        );
    }
    let columns: i64 = sizes.iter().map(|(_, (bytes, _))| bytes).sum();
    eprintln!("{:18} {:6.2}", "all columns", columns as f64 / spans);
    eprintln!("{:18} {:6.2}", "file", counts.bytes as f64 / spans);
}

fn best(mut run: impl FnMut()) -> u64 {
    let measure = |_| {
        let start = processor_nanos();
        run();
        processor_nanos() - start
    };
    (0..ROUNDS).map(measure).min().unwrap_or_default()
}

/// Nanoseconds that this thread has run.
fn processor_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}
