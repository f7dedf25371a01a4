//! What graphs cost: folding a trace into one, keeping it as bytes, merging half an hour of them.
//!
//! A minute has 12 services, 40 edges and about 60 buckets in each histogram. Run:
//! `cargo bench -p fluoro-graph`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use graph::{Graph, Rollup, rollup};
use trace::fixture::{BASE, Fixture};
use wire::Micros;

fn main() {
    let minutes = minutes(MINUTE_COUNT);
    let byte_count: usize = minutes.iter().map(Vec::len).sum();
    let merged = merged(&minutes);
    eprintln!(
        "{} bytes a minute; merged: {} nodes, {} edges, {} bytes",
        byte_count / minutes.len(),
        merged.nodes().len(),
        merged.edges().len(),
        rollup::encode(&merged.clone().into()).len(),
    );
    eprintln!("{} bytes with five groups", grouped().len());
    divan::main();
}

const MINUTE_COUNT: u64 = 30;
const SERVICE_COUNT: u64 = 12;
const EDGE_COUNT: u64 = 40;
/// Enough for about 60 buckets.
const CALLS_EACH: u64 = 150;

/// Returns the `number`th number of a sequence without a pattern.
fn random(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ mixed >> 32
}

/// How many minutes differ; the others are like one of them.
const DIFFERENT_COUNT: u64 = 3;

/// Returns the rollups of some minutes.
fn minutes(count: u64) -> Vec<Vec<u8>> {
    let different: Vec<Vec<u8>> =
        (0..DIFFERENT_COUNT).map(|minute| rollup::encode(&graph_of(minute).into())).collect();
    different.into_iter().cycle().take(count as usize).collect()
}

/// A graph of edges whose calls take around 20 ms, a few of them far longer.
fn graph_of(minute: u64) -> Graph {
    let mut graph = Graph::default();
    for call in 0..EDGE_COUNT * CALLS_EACH {
        let edge = call % EDGE_COUNT;
        let (source, target) =
            (edge % SERVICE_COUNT, (edge * 5 + edge / SERVICE_COUNT) % SERVICE_COUNT);
        let number = random(minute << 32 | call);
        let long = if number.is_multiple_of(10) { number >> 8 & 511 } else { 0 };
        let millis = 2 + (number >> 32 & 31) + (number >> 40 & 15) + long;
        let text =
            format!("service{source} 0..{}ms\n  > service{target} 1..{millis}ms", millis + 2);
        let base = Micros(BASE.0 + minute * 60 * Micros::PER_SECOND);
        graph.fold(&Fixture::numbered(call as u32, base, &text).trace(), None);
    }
    graph
}

fn merged(minutes: &[Vec<u8>]) -> Graph {
    let mut merged = Graph::default();
    for bytes in minutes {
        merged.merge(rollup::everything(bytes).expect("just encoded"));
    }
    merged
}

/// What a question for half an hour does: decode and merge.
#[divan::bench]
fn merge_half_an_hour(bencher: Bencher<'_, '_>) {
    let minutes = minutes(MINUTE_COUNT);
    bencher
        .counter(BytesCount::new(minutes.iter().map(Vec::len).sum::<usize>()))
        .bench_local(|| merged(&minutes));
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let bytes = rollup::encode(&graph_of(1).into());
    bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| rollup::decode(&bytes));
}

/// Five groups, each of which has the whole graph.
fn grouped() -> Vec<u8> {
    let everything = graph_of(1);
    let groups = (1..=5).map(|number| (number, everything.clone())).collect();
    rollup::encode(&Rollup { everything, groups })
}

#[divan::bench]
fn decode_everything_beside_five_groups(bencher: Bencher<'_, '_>) {
    let bytes = grouped();
    bencher.bench_local(|| rollup::everything(&bytes));
}

#[divan::bench]
fn decode_one_of_five_groups(bencher: Bencher<'_, '_>) {
    let bytes = grouped();
    bencher.bench_local(|| rollup::groups(&bytes, &[3]));
}

#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let rollup = graph_of(1).into();
    bencher.bench_local(|| rollup::encode(&rollup));
}

#[divan::bench]
fn show(bencher: Bencher<'_, '_>) {
    let merged = merged(&minutes(MINUTE_COUNT));
    bencher.bench_local(|| {
        merged
            .edges()
            .iter()
            .map(|placed| placed.edge.response_times.entries().len())
            .sum::<usize>()
    });
}

/// A typical trace of 8 segments and subsegments, over the minute in which it came.
const TRACE: &str = "
    front 0..120ms 200
      > checkout 5..110ms
        validate 6..9ms
        DynamoDB 10..40ms aws op=Query table=carts
        > payments 45..100ms
          \"db@host\" 50..90ms remote
";

#[divan::bench]
fn fold(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new(TRACE);
    let trace = fixture.trace();
    let window = Micros(BASE.0)..Micros(BASE.0 + 120 * Micros::PER_SECOND);
    let mut graph = Graph::default();
    bencher
        .counter(ItemsCount::new(8_usize))
        .bench_local(|| graph.fold(&trace, Some(window.clone())));
}
