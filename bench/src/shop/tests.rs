//! The generator keeps what the benchmark says of it.

use std::collections::{BTreeMap, BTreeSet};

use super::arrivals::Arrival;
use super::*;

fn plan(trace_count: u64) -> Plan {
    Plan {
        seed: 7,
        trace_count,
        end: Micros::from_secs(1_790_000_000),
        range: Micros::from_secs(trace_count / 100),
    }
}

fn texts(plan: &Plan) -> Vec<(Arrival, String)> {
    let text = |arrival: Arrival| {
        let mut out = Vec::new();
        arrival.trace.write(plan, arrival.work, &mut out);
        (arrival, String::from_utf8(out).expect("documents are text"))
    };
    Arrivals::new(*plan).map(text).collect()
}

fn mean(sum: u64, count: u64) -> f64 {
    sum as f64 / count as f64
}

#[test]
fn traces_are_as_large_as_promised() {
    let plan = plan(20_000);
    let mut tally = Tally::default();
    (0..plan.trace_count).for_each(|index| tally.add(&Trace::draw(&plan, index)));
    let spans = mean(tally.span_count, plan.trace_count);
    assert!((7.5..8.5).contains(&spans), "{spans} spans a trace");
    let spans = mean(tally.span_count, tally.document_count);
    assert!((2.1..2.3).contains(&spans), "{spans} spans a document");
    let faulty = mean(tally.faulty_count, plan.trace_count);
    assert!((0.008..0.012).contains(&faulty), "{faulty} of the traces are faulty");
    assert_eq!(tally.nodes().len(), 12 + 8, "{:?}", tally.nodes().keys());
}

#[test]
fn every_document_is_valid_and_about_1_kb() {
    let (plan, mut bytes, mut keys) = (plan(3_000), 0, BTreeSet::new());
    let texts = texts(&plan);
    for (_, text) in &texts {
        let segment = wire::Segment::parse(text).unwrap_or_else(|p| panic!("{text}: {p:?}"));
        assert!(segment.others.is_empty(), "{text}");
        let annotations = segment.annotations.unwrap_or_default().entries;
        keys.extend(annotations.into_iter().map(|(key, _)| key.into_owned()));
        bytes += text.len() as u64;
    }
    assert_eq!(keys.len(), 20);
    let mean = mean(bytes, texts.len() as u64);
    assert!((870.0..1_150.0).contains(&mean), "{mean} bytes a document");
}

#[test]
fn any_trace_can_be_made_again_alone() {
    let plan = plan(2_000);
    for (arrival, text) in texts(&plan).iter().step_by(97) {
        let (again, mut out) = (Trace::draw(&plan, arrival.trace.index), Vec::new());
        again.write(&plan, arrival.work, &mut out);
        assert_eq!(text.as_bytes(), out);
    }
    let other = Plan { seed: 8, ..plan };
    assert_ne!(Trace::draw(&plan, 5).id, Trace::draw(&other, 5).id);
}

#[test]
fn documents_come_when_their_work_ends() {
    let (plan, mut last, mut places) = (plan(5_000), Micros(0), BTreeMap::new());
    for (place, arrival) in Arrivals::new(plan).enumerate() {
        let end = arrival.trace.works[arrival.work].end;
        assert!(last <= end, "document {place} ended before the one before it");
        last = end;
        places.entry(arrival.trace.index).or_insert_with(Vec::new).push(place);
    }
    assert_eq!(places.len(), 5_000, "every trace came");
    let apart = places.values().filter(|places| places.windows(2).any(|two| two[1] > two[0] + 1));
    assert!(apart.count() > 1_000, "traces are interleaved");
}

#[test]
fn a_trace_begins_where_the_plan_says_and_takes_three_seconds_at_most() {
    let (plan, mut longest) = (plan(20_000), Micros(0));
    for index in 0..plan.trace_count {
        let trace = Trace::draw(&plan, index);
        let start = trace.works[0].start;
        assert!(start >= Micros(plan.end.0 - plan.range.0));
        longest = longest.max(trace.works[0].end.since(start));
        let secs = u64::from_be_bytes([
            0,
            0,
            0,
            0,
            trace.id.0[0],
            trace.id.0[1],
            trace.id.0[2],
            trace.id.0[3],
        ]);
        assert_eq!(plan.begin(index).0 / Micros::PER_SECOND, secs);
    }
    assert!(longest < Micros(3 * Micros::PER_SECOND), "{longest:?}");
}
