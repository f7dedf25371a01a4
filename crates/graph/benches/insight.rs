//! What it costs to look for insights: one minute of a group with 1,000 nodes and 4,000 edges, quiet
//! and in an incident, and keeping what is known. Run: `cargo bench -p fluoro-graph --bench insight`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use graph::Graph;
use graph::insight::{Counts, Engine, InsightId, bytes, forecast};
use trace::fixture::{BASE, Fixture};

fn main() {
    divan::main();
}

const SERVICE_COUNT: u32 = 1_000;
const CALLEE_COUNT: u32 = 4;
const CALLS_EACH: u32 = 6;

/// A graph in which `fault_share` of the requests fault, of each service the same.
fn graph_of(fault_share: f64) -> Graph {
    let mut graph = Graph::default();
    let mut number = 0;
    for service in 0..SERVICE_COUNT {
        for call in 0..CALLEE_COUNT * CALLS_EACH {
            number += 1;
            let callee = (service * 7 + call % CALLEE_COUNT + 1) % SERVICE_COUNT;
            let share = f64::from(call) / f64::from(CALLEE_COUNT * CALLS_EACH);
            let status = if share < fault_share { 500 } else { 200 };
            let text =
                format!("service{service} 0..9ms {status}\n  > service{callee} 1..8ms {status}");
            graph.fold(&Fixture::numbered(number, BASE, &text).trace(), None);
        }
    }
    graph
}

/// An engine that knows an hour.
fn engine(graph: &Graph) -> Engine {
    let mut engine = Engine::default();
    (0..60).for_each(|minute| engine.learn(minute, graph));
    engine
}

fn step(bencher: Bencher<'_, '_>, fault_share: f64) {
    let engine = engine(&graph_of(0.0));
    let graph = graph_of(fault_share);
    bencher
        .counter(ItemsCount::new(SERVICE_COUNT))
        .with_inputs(|| engine.clone())
        .bench_local_values(|mut engine| {
            let mut id = 0;
            let mut new_id = || {
                id += 1;
                InsightId::from_random(id)
            };
            // A second minute is what opens incidents.
            engine.learn(60, &graph);
            engine.step(61, &graph, &mut new_id);
            engine
        });
}

/// Two minutes.
#[divan::bench]
fn two_quiet_minutes(bencher: Bencher<'_, '_>) {
    step(bencher, 0.0);
}

/// Two minutes in which every service is anomalous.
#[divan::bench]
fn two_minutes_of_an_incident_everywhere(bencher: Bencher<'_, '_>) {
    step(bencher, 0.5);
}

#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let engine = engine(&graph_of(0.0));
    bencher.counter(BytesCount::of_slice(&bytes::encode(&engine))).bench(|| bytes::encode(&engine));
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let kept = bytes::encode(&engine(&graph_of(0.0)));
    bencher.counter(BytesCount::of_slice(&kept)).bench(|| bytes::decode(&kept));
}

/// The bands of six hours of one node.
#[divan::bench(args = [100, 10_000])]
fn forecast_of_six_hours(total: u64) -> usize {
    forecast((0..360).map(|minute| Counts { faults: total / 200 + minute % 3, total })).len()
}
