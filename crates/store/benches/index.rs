//! What the index of a block costs: bytes and processor time a trace, lookups, pruning.
//!
//! The input is made like the traffic of a shop: 12 services, 8 spans a trace, URLs and users with
//! ids, 20 annotation keys of which 2 have a value of their own in each trace. Making it, and
//! hashing its tokens, is measured apart from building. Before divan's table a summary is printed.
//! Run: `cargo bench -p fluoro-store --bench index`.

use std::fs;
use std::hint::black_box;

use divan::Bencher;
use store::Axis;
use store::index::{
    Builder, CHUNK_ROWS, Condition, Index, SectionKind, Token, TokenHash, TraceEntry, url_words,
};
use wire::value::{Number, Scalar};
use wire::{Micros, TraceId};

fn main() {
    let rows = rows(TRACE_COUNT);
    for round in 0..3 {
        eprintln!("round {round}: {}", processor_time(&rows));
    }
    eprintln!("{}", sizes(&build(&rows)));
    divan::main();
}

const TRACE_COUNT: u64 = 200_000;
const SPANS_PER_TRACE: u64 = 8;
const ID_SEED: u64 = 1;
const ABSENT_ID_SEED: u64 = 2;

const SERVICES: [&str; 12] = [
    "front", "cart", "checkout", "payment", "catalog", "search", "users", "mail", "stock", "price",
    "orders", "dynamodb",
];

/// A row with its tokens.
type Row = (TraceEntry, Vec<TokenHash>);

/// Returns the `number`th number of a sequence without a pattern.
fn random(seed: u64, number: u64) -> u64 {
    let mut mixed = number.wrapping_add(seed << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ mixed >> 32
}

fn id(seed: u64, number: u64) -> TraceId {
    let random = u128::from(random(seed, number)) << 64 | u128::from(random(seed + 7, number));
    TraceId::new(0x581c_f771, random)
}

/// Returns rows, newest first.
fn rows(count: u64) -> Vec<Row> {
    let mut scratch = String::new();
    (0..count).map(|number| (entry(number), tokens(number, &mut scratch))).collect()
}

fn entry(number: u64) -> TraceEntry {
    let start = 1_790_149_878_000_000 - number * 5_000;
    let duration = 1_000 + random(3, number) % 500_000;
    let first = (number * SPANS_PER_TRACE) as u32;
    TraceEntry {
        id: id(ID_SEED, number),
        segment_rows: first..first + SPANS_PER_TRACE as u32,
        start: Micros(start),
        end: Some(Micros(start + duration)),
        first_end: Some(Micros(start + duration)),
        updated: Micros(start + duration + 1_000_000),
        duration: Some(Micros(duration)),
        response_time: Some(Micros(duration)),
        flags: u32::from(random(4, number).is_multiple_of(100)),
    }
}

fn tokens(number: u64, scratch: &mut String) -> Vec<TokenHash> {
    let mut hashes = Vec::new();
    let mut push = |token: Token<'_>| hashes.push(token.hash_with(scratch));
    let pick = |place: u64| SERVICES[(random(10 + place, number) % SERVICES.len() as u64) as usize];
    push(Token::Root(pick(0)));
    push(Token::Service(pick(0)));
    for place in 1..6 {
        push(Token::Service(pick(place)));
        push(Token::Edge { from: pick(place - 1), to: pick(place) });
    }
    for key in 0..5 {
        let key = (random(20 + key, number) % 18).to_string();
        push(Token::AnnotationKey(&key));
        push(Token::Annotation(&key, &Scalar::Number(Number::Integer((number % 7) as i64))));
    }
    for key in ["order", "session"] {
        let value = format!("{:x}", random(30, number));
        push(Token::AnnotationKey(key));
        push(Token::Annotation(key, &Scalar::Text(value.into())));
    }
    push(Token::User(&format!("user-{}", random(40, number) % 5_000)));
    push(Token::Status(if random(4, number).is_multiple_of(100) { 500 } else { 200 }));
    let url = format!("https://shop.example/{}/{}", pick(0), random(50, number) % 1_000_000);
    url_words(&url).for_each(|word| push(Token::UrlWord(word)));
    hashes
}

fn build(rows: &[Row]) -> Vec<u8> {
    let mut builder = Builder::default();
    rows.iter().for_each(|(entry, tokens)| builder.push(entry, tokens.iter().copied()));
    builder.finish()
}

/// Says what a trace takes in each section, and how many different tokens a chunk has.
fn sizes(bytes: &[u8]) -> String {
    let index = Index::open(bytes).expect("an index");
    let per_trace = |bytes: usize| bytes as f64 / TRACE_COUNT as f64;
    let sections =
        SectionKind::ALL.map(|kind| format!("{kind} {:.3}", per_trace(index.section_len(kind))));
    format!("bytes a trace: {}; file {:.3}", sections.join(", "), per_trace(bytes.len()))
}

/// Nanoseconds that this thread has run.
fn processor_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// Says what each step costs. The kernel counts in steps of some milliseconds, so only what takes
/// longer is measured in this way.
fn processor_time(rows: &[Row]) -> String {
    let start = processor_nanos();
    let bytes = build(rows);
    let build = (processor_nanos() - start) / TRACE_COUNT;
    let index = Index::open(&bytes).expect("an index");
    let start = processor_nanos();
    let found: usize = (0..TRACE_COUNT)
        .map(|number| index.find(&id(ID_SEED, number * 7919 % TRACE_COUNT)).count())
        .sum();
    let find = (processor_nanos() - start) / TRACE_COUNT;
    let absent = (0..TRACE_COUNT).map(|number| id(ABSENT_ID_SEED, number));
    let wrong: usize = absent.map(|id| index.find(&id).count()).sum();
    let token_count: usize = rows.iter().map(|(_, tokens)| tokens.len()).sum();
    format!(
        "processor time: build {build} ns a trace of {} tokens, find {find} ns; found {found}, \
         absent and found {wrong}",
        token_count / rows.len(),
    )
}

/// Hashes an edge and an annotation with a number.
#[divan::bench]
fn hash_two_tokens(bencher: Bencher<'_, '_>) {
    let mut scratch = String::new();
    let value = Scalar::Number(Number::Integer(4711));
    bencher.bench_local(|| {
        let edge = Token::Edge { from: black_box("checkout"), to: black_box("payment") };
        let annotation = Token::Annotation(black_box("order_id"), black_box(&value));
        (edge.hash_with(&mut scratch), annotation.hash_with(&mut scratch))
    });
}

/// Adds the rows of a chunk, whose tokens are hashed already, and finishes.
#[divan::bench(sample_count = 20)]
fn build_chunk(bencher: Bencher<'_, '_>) {
    let rows = rows(u64::from(CHUNK_ROWS));
    bencher.bench_local(|| build(&rows));
}

#[divan::bench(args = [10_000, 200_000])]
fn find(bencher: Bencher<'_, '_>, count: u64) {
    let bytes = build(&rows(count));
    let index = Index::open(&bytes).expect("an index");
    let mut number = 0;
    bencher.bench_local(|| {
        number += 7919;
        index.find(&id(ID_SEED, number % count)).count()
    });
}

#[divan::bench]
fn find_absent(bencher: Bencher<'_, '_>) {
    let bytes = build(&rows(TRACE_COUNT));
    let index = Index::open(&bytes).expect("an index");
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        index.find(&id(ABSENT_ID_SEED, number)).count()
    });
}

/// Prunes all chunks by a rare token, by a window, by both and a flag.
#[divan::bench(args = ["token", "window", "all"])]
fn prune(bencher: Bencher<'_, '_>, what: &str) {
    let bytes = build(&rows(TRACE_COUNT));
    let index = Index::open(&bytes).expect("an index");
    let token = || Condition::from(Token::UrlWord("271828"));
    let window = || {
        Condition::Time(Axis::Start, Micros(1_790_149_500_000_000)..=Micros(1_790_149_600_000_000))
    };
    let condition = match what {
        "token" => token(),
        "window" => window(),
        _ => Condition::All([window(), token(), Condition::FlagsAny(1)].into()),
    };
    bencher.bench_local(|| index.prune(black_box(&condition)));
}

#[divan::bench(sample_count = 10)]
fn open(bencher: Bencher<'_, '_>) {
    let bytes = build(&rows(TRACE_COUNT));
    bencher.bench_local(|| Index::open(&bytes).map(|index| index.row_count()));
}
