//! What it costs to append documents: filling batches, the log, the live set; parsing excluded.
//!
//! The table is wall time by divan, with all batches in flight at once. Before it the processor
//! time of all threads is printed per document, which is what the budget of the hot path is about.
//! Run: `cargo bench -p fluoro-store`.

use std::fs;
use std::path::Path;
use std::sync::{Arc, mpsc};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use store::{Axis, Batch, Dir, DiskDir, Error, MemDir, Options, Page, Store};
use wire::{ManualClock, Micros, Segment};

fn main() {
    for round in 0..3 {
        eprintln!("round {round}: {}", processor_time(&Documents::new()));
    }
    divan::main();
}

const BATCH_COUNT: usize = 1600;
const DOCUMENTS_EACH: usize = 25;
const DOCUMENTS_PER_TRACE: usize = 5;

/// The texts of all batches, so that none is made while the time runs.
struct Documents(Vec<String>);

impl Documents {
    fn new() -> Self {
        Self((0..BATCH_COUNT * DOCUMENTS_EACH).map(document).collect())
    }

    fn parse(&self) -> Vec<(&str, Segment<'_>)> {
        let texts = self.0.iter().map(String::as_str);
        texts.map(|text| (text, Segment::parse(text).expect("a valid document"))).collect()
    }
}

/// A document of about 500 bytes, as a small service sends it.
fn document(number: usize) -> String {
    let trace = number / DOCUMENTS_PER_TRACE;
    let start = 1_790_149_878.783_249 + trace as f64;
    let end = start + 0.018;
    format!(
        r#"{{"name":"cart","id":"{number:016x}","trace_id":"1-581cf771-{trace:024x}","parent_id":"53995c3f42cd8ad8","start_time":{start:.6},"end_time":{end:.6},"origin":"AWS::ECS::Container","http":{{"request":{{"method":"GET","url":"https://shop.example/cart/81723","client_ip":"192.0.2.17"}},"response":{{"status":200,"content_length":861}}}},"annotations":{{"tier":"gold","items":3}},"aws":{{"xray":{{"sdk":"X-Ray for Go","sdk_version":"2.0.3"}}}},"service":{{"version":"1.4.2"}}}}"#
    )
}

fn open(dir: impl Dir + 'static) -> Store {
    let clock = Arc::new(ManualClock::default());
    let options = Options { upkeep: store::Upkeep::ByHand, ..Options::default() };
    Store::open(Arc::new(dir), options, clock, Arc::new(store::NoRollup))
        .expect("an empty directory opens")
}

fn fill(documents: &[(&str, Segment<'_>)]) -> Vec<Batch> {
    let fill = |documents: &[(&str, Segment<'_>)]| {
        let mut batch = Batch::new(Micros(1));
        documents.iter().for_each(|(text, segment)| batch.push(text, segment));
        batch
    };
    documents.chunks(DOCUMENTS_EACH).map(fill).collect()
}

/// Appends batches, at most `in_flight` at a time, and waits for the last.
fn append(store: &Store, batches: Vec<Batch>, in_flight: usize) {
    let (sender, receiver) = mpsc::channel::<Result<(), Error>>();
    let wait = || receiver.recv().expect("called").expect("durable");
    let mut waiting = 0;
    for batch in batches {
        if waiting == in_flight {
            wait();
            waiting -= 1;
        }
        let sender = sender.clone();
        let done = move |result| sender.send(result).expect("the bench waits");
        store.append(batch, done).expect("there is room");
        waiting += 1;
    }
    (0..waiting).for_each(|_| wait());
}

/// Nanoseconds that all live threads of this process have run.
fn processor_nanos() -> u64 {
    let threads = fs::read_dir("/proc/self/task").expect("a list of threads");
    let nanos = |thread: &Path| -> u64 {
        let text = fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    };
    threads.map(|thread| nanos(&thread.expect("a thread").path())).sum()
}

/// Says what one document costs, step by step.
fn processor_time(documents: &Documents) -> String {
    let count = documents.0.len() as u64;
    let bytes: usize = documents.0.iter().map(String::len).sum();
    let parsed = documents.parse();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskDir::open(folder.path()).expect("a directory");
    let mut text = format!("{} bytes a document; ", bytes / documents.0.len());
    let steps: [(&str, Store); 2] = [("memory", open(MemDir::default())), ("disk", open(disk))];
    for (name, store) in steps {
        let start = processor_nanos();
        let batches = fill(&parsed);
        let filled = processor_nanos();
        append(&store, batches, 64);
        let appended = processor_nanos();
        let statistics = store.statistics();
        text += &format!(
            "{name}: fill {} ns, append and insert {} ns, {} groups, {} bytes of memory; ",
            (filled - start) / count,
            (appended - filled) / count,
            statistics.group_count,
            statistics.memory_bytes / count,
        );
    }
    text
}

#[divan::bench(args = [1, 64], sample_count = 10)]
fn append_to_memory(bencher: Bencher<'_, '_>, in_flight: usize) {
    let documents = Documents::new();
    let parsed = documents.parse();
    bencher
        .counter(ItemsCount::new(parsed.len()))
        .with_inputs(|| open(MemDir::default()))
        .bench_local_values(|store| {
            append(&store, fill(&parsed), in_flight);
            store
        });
}

#[divan::bench(args = [1, 64], sample_count = 10)]
fn append_to_disk(bencher: Bencher<'_, '_>, in_flight: usize) {
    let documents = Documents::new();
    let parsed = documents.parse();
    bencher
        .counter(ItemsCount::new(parsed.len()))
        .with_inputs(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let store = open(DiskDir::open(folder.path()).expect("a directory"));
            (folder, store)
        })
        .bench_local_refs(|(_, store)| append(store, fill(&parsed), in_flight));
}

/// One group of 16 batches, as one write of many parts or copied together first.
#[divan::bench(args = ["parts", "copied"], sample_count = 200)]
fn write_group(bencher: Bencher<'_, '_>, how: &str) {
    let batch = vec![7_u8; 12_500];
    let parts: Vec<&[u8]> = vec![&batch; 16];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = DiskDir::open(folder.path()).expect("a directory");
    let mut file = dir.create_new("wal/a").expect("created");
    bencher.counter(BytesCount::new(batch.len() * parts.len())).bench_local(|| match how {
        "parts" => file.append(&parts),
        _ => file.append(&[&parts.concat()]),
    });
}

/// The newest page of a live set of 8000 traces.
#[divan::bench(args = [Axis::Start, Axis::Updated, Axis::End])]
fn newest_page(bencher: Bencher<'_, '_>, axis: Axis) {
    let documents = Documents::new();
    let store = open(MemDir::default());
    append(&store, fill(&documents.parse()), 64);
    let page = Page { after: None, traces_max: 100 };
    let (filter, checks_max) = (store::Filter::EVERYTHING, u64::MAX);
    bencher.bench_local(|| {
        let window = Micros(0)..=Micros(u64::MAX);
        let axis = black_box(axis);
        store.scan(&store::Query { filter, axis, window, page, checks_max })
    });
}
