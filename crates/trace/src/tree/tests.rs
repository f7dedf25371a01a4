//! The rules by which documents become a tree.

mod random;

use insta::assert_snapshot;
use wire::{Micros, SegmentId};

use crate::fixture::{BASE, Fixture, RECEIVED, render, segment_id, trace_id};
use crate::{Received, Trace, assemble};

/// The tree, and what is said of it as a whole.
fn check(text: &str) -> String {
    let fixture = Fixture::new(text);
    show(&fixture.trace())
}

fn show(trace: &Trace<'_>) -> String {
    let duration =
        trace.duration().map_or("unknown".to_owned(), |micros| format!("{}s", micros.seconds()));
    let partial = if trace.is_partial() { ", partial" } else { "" };
    format!("{}duration {duration}, revision {}{partial}\n", render(trace), trace.revision)
}

/// Reads documents that each come with a request of their own, a second apart.
fn assembled<'a>(texts: &[&'a str]) -> Trace<'a> {
    let received = |(index, text): (usize, &&'a str)| Received {
        text,
        received: Micros(RECEIVED.0 + index as u64 * Micros::PER_SECOND),
        request_number: index as u64,
    };
    let documents: Vec<Received<'_>> = texts.iter().enumerate().map(received).collect();
    assemble(trace_id(1), &documents, false).expect("valid documents")
}

/// A document of trace one; `rest` holds its end and its other members.
fn document(id: u32, name: &str, start: u64, rest: &str) -> String {
    let (id, trace, start) =
        (segment_id(1, id), trace_id(1), Micros(BASE.0 + start * 1000).seconds());
    format!(r#"{{"id":"{id}","trace_id":"{trace}","name":"{name}","start_time":{start},{rest}}}"#)
}

/// An embedded part of such a document.
fn part(id: u32, name: &str, rest: &str) -> String {
    let (id, start) = (segment_id(1, id), BASE.seconds());
    format!(r#"{{"id":"{id}","name":"{name}","start_time":{start},{rest}}}"#)
}

fn end(millis: u64) -> String {
    format!(r#""end_time":{}"#, Micros(BASE.0 + millis * 1000).seconds())
}

const OPEN: &str = r#""in_progress":true"#;

#[test]
fn embedded_and_independent_subsegments_end_in_one_tree() {
    assert_snapshot!(check("
        front 0..100ms
          late 60..70ms late
            deeper 61..62ms
              latest 61..62ms late
          embedded 10..50ms
            streamed 20..30ms streamed
    "), @"
    front 0..100ms
      embedded 10..50ms
        streamed 20..30ms
      late 60..70ms
        deeper 61..62ms
          latest 61..62ms
    duration 0.1s, revision 4
    ");
}

#[test]
fn a_segment_below_a_segment_stays_a_segment() {
    assert_snapshot!(check("
        service 0..100ms origin=AWS::Lambda
          => function 10..90ms origin=AWS::Lambda::Function
            work 20..30ms
    "), @"
    service 0..100ms origin=AWS::Lambda
      => function 10..90ms origin=AWS::Lambda::Function
        work 20..30ms
    duration 0.1s, revision 1
    ");
}

#[test]
fn a_subsegment_whose_parent_never_comes_is_kept() {
    assert_snapshot!(check("probe 0..5ms orphan subsegment\n  part 1..2ms"), @"
    probe 0..5ms orphan subsegment
      part 1..2ms
    duration unknown, revision 1, partial
    ");
    let fixture = Fixture::new("probe 0..5ms orphan subsegment");
    let trace = fixture.trace();
    assert_eq!((trace.segments.len(), trace.root, trace.documents().len()), (0, None, 0));
}

#[test]
fn a_segment_whose_parent_never_comes_is_no_root() {
    assert_snapshot!(check("a 0..5ms orphan"), @"
    a 0..5ms orphan
    duration 0.005s, revision 1, partial
    ");
    assert_eq!(Fixture::new("a 0..5ms orphan").trace().root, None);
}

#[test]
fn the_first_segment_without_a_parent_is_the_root() {
    let fixture = Fixture::new("late 5..9ms\nearly 1..2ms\norphan 0..9ms orphan");
    let trace = fixture.trace();
    assert_eq!(trace.root.map(|at| &*trace.entities[at].segment.name), Some("early"));
}

#[test]
fn an_unfinished_segment_gives_way_to_what_comes_later() {
    let (begun, again) = (document(1, "begun", 0, OPEN), document(1, "again", 1, OPEN));
    let done = document(1, "done", 2, &end(9));
    assert_snapshot!(show(&assembled(&[&begun])), @"
    begun 0..
    duration unknown, revision 1
    ");
    assert_snapshot!(show(&assembled(&[&begun, &again])), @"
    again 0..
    duration unknown, revision 2
    ");
    assert_snapshot!(show(&assembled(&[&begun, &again, &done])), @"
    done 0..7ms
    duration 0.007s, revision 3
    ");
}

#[test]
fn the_first_completion_wins() {
    let done = document(1, "done", 2, &end(9));
    let begun = document(1, "begun", 0, OPEN);
    let part = part(2, "part", &end(2));
    let other = document(1, "other", 3, &format!(r#"{},"subsegments":[{part}]"#, end(4)));
    let trace = assembled(&[&done, &begun, &other]);
    assert_snapshot!(show(&trace), @"
    done 0..7ms
    duration 0.007s, revision 1
    ");
    assert_eq!(trace.updated, RECEIVED);
}

#[test]
fn a_part_that_was_streamed_wins_over_the_one_embedded_later() {
    let members = format!(r#"{},"type":"subsegment","parent_id":"{}""#, end(8), segment_id(1, 1));
    let streamed = document(2, "streamed", 5, &members);
    let part = part(2, "embedded", &end(2));
    let whole = document(1, "whole", 0, &format!(r#"{},"subsegments":[{part}]"#, end(9)));
    assert_snapshot!(show(&assembled(&[&streamed, &whole])), @"
    whole 0..9ms
      streamed 5..8ms
    duration 0.009s, revision 2
    ");
    assert_snapshot!(show(&assembled(&[&whole, &streamed])), @"
    whole 0..9ms
      embedded 0..2ms
    duration 0.009s, revision 1
    ");
}

#[test]
fn parts_of_an_unfinished_segment_outlive_it() {
    let part = part(2, "part", &end(3));
    let begun = document(1, "begun", 0, &format!(r#"{OPEN},"subsegments":[{part}]"#));
    let done = document(1, "done", 0, &end(9));
    assert_snapshot!(show(&assembled(&[&begun, &done])), @"
    done 0..9ms
      part 0..3ms
    duration 0.009s, revision 2
    ");
}

#[test]
fn revisions_count_the_requests_that_changed_something() {
    let fixture = Fixture::new(
        "
        a 0..9ms begun
          b 1..2ms streamed
          => c 3..4ms late
          d 1..2ms late
    ",
    );
    // begun, streamed, complete, late, late
    let trace = fixture.trace();
    assert_eq!(trace.revision, 5);
    assert_eq!(trace.updated, Micros(RECEIVED.0 + 5 * Micros::PER_SECOND));
    let completed = |name: &str| {
        let of_name = trace.entities.iter().find(|entity| entity.segment.name == name);
        of_name.map(|entity| entity.received.since(RECEIVED).seconds())
    };
    assert_eq!((completed("a"), completed("b"), completed("c")), (Some(3.0), Some(2.0), Some(4.0)));
}

#[test]
fn a_duration_reaches_from_the_first_start_to_the_last_end() {
    for (text, millis) in [
        ("a 5..10ms", Some(5)),
        ("a 5..10ms\n  b 4..12ms", Some(8)),
        ("a 5..10ms\n  b 6..", None),
        ("a 5..", None),
        ("a 10..5ms", None),
        ("a 10..5ms\n  b 12..13ms", Some(3)),
        ("a 5..10ms\nb 0..90ms orphan subsegment", Some(5)),
        ("b 0..90ms orphan subsegment", None),
        ("a 5..10ms\nb 0..90ms orphan", Some(90)),
    ] {
        let duration = Fixture::new(text).trace().duration();
        assert_eq!(duration, millis.map(|millis| Micros(millis * 1000)), "{text}");
    }
}

#[test]
fn a_trace_is_partial_when_something_announced_is_missing() {
    for (text, is_partial) in [
        ("a 0..9ms", false),
        ("a 0..", false),
        ("a 0..9ms orphan", true),
        ("a 0..9ms\nb 0..9ms orphan subsegment", true),
        ("a 0..9ms\n  b 1..2ms remote traced", true),
        ("a 0..9ms\n  > b 1..2ms traced", false),
        ("a 0..9ms\n  > b 1.. traced", false),
    ] {
        assert_eq!(Fixture::new(text).trace().is_partial(), is_partial, "{text}");
    }
}

#[test]
fn subsegments_in_a_circle_are_orphans() {
    let below = |id, parent| {
        let parent = segment_id(1, parent);
        let members = format!(r#"{},"type":"subsegment","parent_id":"{parent}""#, end(9));
        document(id, "part", 0, &members)
    };
    let documents = [below(1, 2), below(2, 3), below(3, 1), below(4, 3), below(5, 5)];
    let trace = assembled(&documents.each_ref().map(String::as_str));
    assert_snapshot!(show(&trace), @"
    part 0..9ms orphan subsegment # in a circle
      part 0..9ms
        part 0..9ms
        part 0..9ms
    part 0..9ms orphan subsegment # in a circle
    duration unknown, revision 5, partial
    ");
    assert_eq!((trace.entities.len(), trace.documents().len()), (5, 0));
}

#[test]
fn a_segment_called_by_its_own_part_is_whole() {
    let part = part(2, "part", &end(3));
    let members =
        format!(r#"{},"parent_id":"{}","subsegments":[{part}]"#, end(9), segment_id(1, 2));
    let whole = document(1, "whole", 0, &members);
    let trace = assembled(&[&whole]);
    assert_snapshot!(show(&trace), @"
    whole 0..9ms orphan # in a circle
      part 0..3ms
    duration 0.009s, revision 1
    ");
    assert_eq!(trace.documents().len(), 1);
}

#[test]
fn an_id_used_by_two_parents_is_one_part_of_the_first() {
    let whole = |id, name: &str, part: &str| {
        document(id, name, 0, &format!(r#"{},"subsegments":[{part}]"#, end(9)))
    };
    let a = whole(1, "a", &part(9, "mine", &end(3)));
    let b = whole(2, "b", &part(9, "no, mine", &end(3)));
    assert_snapshot!(show(&assembled(&[&a, &b])), @"
    a 0..9ms
      mine 0..3ms
    b 0..9ms
    duration 0.009s, revision 2
    ");
}

#[test]
fn what_the_store_should_never_hand_out_is_an_error() {
    let problem = |texts: &[&str]| {
        let documents: Vec<Received<'_>> =
            texts.iter().map(|text| Received { text, received: BASE, request_number: 1 }).collect();
        assemble(trace_id(1), &documents, false).expect_err("no trace").to_string()
    };
    assert_snapshot!(problem(&[]), @"assemble trace 1-6ab3a9c9-000000000000000000000001 from no documents");
    assert_snapshot!(problem(&[&document(1, "a", 0, &end(1)), "{"]), @"read document 1 of trace 1-6ab3a9c9-000000000000000000000001: Invalid entity. ErrorCode: ParseError");
    let other = document(1, "a", 0, &end(1)).replace("1-6ab3a9c9", "1-00000000");
    assert_snapshot!(problem(&[&other]), @"assemble trace 1-6ab3a9c9-000000000000000000000001 from document 0 of another trace");
}

#[test]
fn ten_thousand_segments_are_assembled_in_linear_time() {
    let call = |id: u32| {
        let parent = segment_id(1, id / 2);
        document(id, "part", 0, &format!(r#"{},"parent_id":"{parent}""#, end(9)))
    };
    let texts: Vec<String> =
        std::iter::once(document(1, "root", 0, &end(9))).chain((2..=10_000).map(call)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let trace = assembled(&texts);
    assert_eq!(trace.segments.len(), 10_000);
    assert_eq!(trace.revision, 10_000);
    assert_eq!(trace.find(SegmentId(0)), None);
}
