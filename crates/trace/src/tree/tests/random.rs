//! Documents in random order and of random sense.

use proptest::prelude::*;
use wire::Micros;

use super::{document, end};
use crate::fixture::{Fixture, RECEIVED, render, segment_id, trace_id};
use crate::{Received, Trace, assemble, summarize};

fn assembled<'a>(texts: &'a [String]) -> Trace<'a> {
    let received = |(index, text): (usize, &'a String)| Received {
        text,
        received: Micros(RECEIVED.0 + index as u64),
        request_number: index as u64 / 2,
    };
    let documents: Vec<Received<'_>> = texts.iter().enumerate().map(received).collect();
    assemble(trace_id(1), &documents, false).expect("valid documents")
}

/// A fixture whose parts are sent in all manners; each line is indented at most one step further
/// than the line above it.
fn any_fixture() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "",
        "late",
        "streamed",
        "begun",
        "remote",
        "aws op=Get late",
        "remote streamed",
        "500 fault",
    ]);
    let line = (0..4_usize, prop::bool::ANY, 0..50_u64, 0..50_u64, words);
    prop::collection::vec(line, 1..12).prop_map(|lines| {
        let mut text = String::new();
        let mut deepest = 0;
        for (index, (depth, is_segment, start, length, words)) in lines.into_iter().enumerate() {
            let depth = depth.min(deepest);
            deepest = depth + 1;
            let marker = if is_segment && depth > 0 { "=> " } else { "" };
            let end = start + length;
            text += &format!("{:1$}{marker}part{index} {start}..{end}ms {words}\n", "", 2 * depth);
        }
        text
    })
}

/// A document with ids out of a small pool: they collide, and parents make circles.
fn any_document() -> impl Strategy<Value = String> {
    let id = 1..7_u32;
    let part = (id.clone(), id.clone(), 0..3_u8, 0..4_u8);
    (part, prop::collection::vec((id, 0..2_u8), 0..3)).prop_map(
        |((id, parent, kind, state), parts)| {
            let state_of = |state: u8| match state {
                0 => r#""in_progress":true"#.to_owned(),
                1 => format!(r#"{},"fault":true,"error":true,"namespace":"aws""#, end(3)),
                2 => format!(
                    r#"{},"fault":true,"namespace":"remote","cause":"00000000000000e1""#,
                    end(9)
                ),
                _ => format!(
                    r#"{},"fault":true,"cause":{{"exceptions":[{{"id":"00000000000000e1"}}]}}"#,
                    end(9)
                ),
            };
            let place = match kind {
                0 => String::new(),
                1 => format!(r#","parent_id":"{}""#, segment_id(1, parent)),
                _ => format!(r#","type":"subsegment","parent_id":"{}""#, segment_id(1, parent)),
            };
            let part = |(id, state): (u32, u8)| {
                let (id, state) = (segment_id(1, id), state_of(state));
                format!(r#"{{"id":"{id}","name":"part","start_time":1,{state}}}"#)
            };
            let parts: Vec<String> = parts.into_iter().map(part).collect();
            let members =
                format!(r#"{}{place},"subsegments":[{}]"#, state_of(state), parts.join(","));
            document(id, "a", 0, &members)
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_arrival_makes_no_difference(
        text in any_fixture(),
        seed in prop::collection::vec(any::<u32>(), 30),
    ) {
        let fixture = Fixture::new(&text);
        let expected = render(&fixture.trace());
        let mut texts: Vec<(u32, String)> =
            seed.into_iter().zip(fixture.texts()).collect();
        texts.sort();
        let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
        let (trace, whole) = (assembled(&texts), fixture.trace());
        prop_assert_eq!(render(&trace), expected);
        prop_assert_eq!(trace.documents(), whole.documents());
    }

    #[test]
    fn a_drawing_is_a_fixture_of_the_same_trace(text in any_fixture()) {
        let drawn = render(&Fixture::new(&text).trace());
        let fixture = Fixture::new(&drawn);
        prop_assert_eq!(render(&fixture.trace()), drawn);
    }

    #[test]
    fn any_documents_are_assembled_and_nothing_is_lost(
        texts in prop::collection::vec(any_document(), 1..12),
    ) {
        let trace = assembled(&texts);
        let mut seen = trace.top_down.clone();
        seen.sort();
        prop_assert_eq!(seen, (0..trace.entities.len()).collect::<Vec<_>>());
        for (at, entity) in trace.entities.iter().enumerate() {
            prop_assert_eq!(trace.find(entity.segment.id), Some(at));
            for &child in &entity.children {
                prop_assert_eq!(trace.entities[child].parent, Some(at));
            }
        }
        let segments = trace.segments.len() + trace.inferred.len();
        prop_assert_eq!(trace.documents().len(), segments);
        let lines = render(&trace).lines().count();
        prop_assert!(lines + trace.inferred.len() <= trace.entities.len());
        summarize(&trace);
    }
}
