//! Which parts leave when, told with short names: a part's id is its letter.

use proptest::prelude::*;

use super::*;
use crate::document::{self, SUBSEGMENT};

/// A tree that is driven by words: `+b<a` begins `b` below `a`, `-b` ends it.
fn run(threshold: usize, words: &str) -> Vec<String> {
    let mut tree = Tree::new(TraceId([0; 16]), threshold);
    let mut places: Vec<(char, Place)> = Vec::new();
    let mut left = Vec::new();
    for word in words.split_whitespace() {
        let mut letters = word.chars();
        let (sign, name) = (letters.next(), letters.next().expect("a name"));
        let find = |name| places.iter().rfind(|(other, _)| *other == name).expect("begun").1;
        if sign == Some('-') {
            left.extend(tree.end(find(name), Micros(2)).iter().map(render));
            continue;
        }
        let id = SegmentId(u64::from(u32::from(name)));
        let mut part = document::begin(id, name.to_string().into(), Micros(1));
        let place = match letters.nth(1) {
            None => tree.plant(part),
            Some(parent) => {
                part.kind = Some(SUBSEGMENT);
                tree.begin(find(parent), part)
            }
        };
        places.push((name, place));
    }
    left
}

/// `p:a(b,c(d))`: `a`, sent below `p`, with what is in it.
fn render(finished: &Finished) -> String {
    let letter = |id: SegmentId| char::from_u32(id.0 as u32).expect("a letter");
    let parent = finished.document.parent_id.map(|id| format!("{}:", letter(id)));
    format!("{}{}", parent.unwrap_or_default(), render_part(&finished.document))
}

fn render_part(part: &Segment<'_>) -> String {
    if part.subsegments.is_empty() {
        return part.name.to_string();
    }
    let below: Vec<_> = part.subsegments.iter().map(render_part).collect();
    format!("{}({})", part.name, below.join(","))
}

#[test]
fn a_segment_leaves_with_what_is_below_it() {
    assert_eq!(run(100, "+a +b<a +c<b -c +d<a -d -b -a"), ["a(b(c),d)"]);
    assert_eq!(run(100, "+a -a -a"), ["a"]);
}

#[test]
fn what_is_open_when_its_segment_leaves_is_sent_on_its_own() {
    assert_eq!(run(100, "+a +b<a +c<b +d<c -c -b -a -d"), ["a(b(c))", "c:d"]);
    assert_eq!(run(100, "+a +b<a +c<b -c -a -b"), ["a", "a:b(c)"]);
}

#[test]
fn what_begins_below_something_that_has_left_is_sent_on_its_own() {
    assert_eq!(run(100, "+a -a +b<a +c<b -c -b"), ["a", "a:b(c)"]);
}

#[test]
fn past_the_threshold_finished_parts_are_sent_ahead() {
    assert_eq!(run(0, "+a +b<a +c<b -c -b -a"), ["b:c", "a:b", "a"]);
    // Three are allowed, four are there: all that are finished leave, whole subtrees together.
    assert_eq!(run(3, "+a +b<a +c<b -c -b +d<a -d +e<a -e -a"), ["a:b(c)", "a:d", "a(e)"]);
    // One that is finished waits for what is below it.
    assert_eq!(run(2, "+a +b<a +c<b -b +d<a -d -c -a"), ["a:d", "a:b(c)", "a"]);
}

#[test]
fn a_place_that_is_used_again_does_not_answer_for_the_part_before() {
    // `c` takes the place of `b`; ending `b` again does not end it.
    assert_eq!(run(0, "+a +b<a -b +c<a -b -a"), ["a:b", "a"]);
}

#[test]
fn what_is_deep_is_cut_into_documents_that_can_be_read() {
    let mut tree = Tree::new(TraceId([0; 16]), 1000);
    let mut places = vec![tree.plant(document::begin(SegmentId(1), "a".into(), Micros(1)))];
    for id in 2..=200 {
        let part = document::begin(SegmentId(id), "b".into(), Micros(1));
        places.push(tree.begin(*places.last().expect("one above"), part));
    }
    let left: Vec<Finished> =
        places.iter().rev().flat_map(|&place| tree.end(place, Micros(2))).collect();
    fn depth(part: &Segment<'_>) -> u32 {
        part.subsegments.iter().map(depth).max().unwrap_or(0) + 1
    }
    assert!(left.iter().all(|it| depth(&it.document) <= DEPTH_MAX + 1));
    assert_eq!(left.iter().map(|it| depth(&it.document)).sum::<u32>(), 200);
}

#[test]
fn work_does_not_end_before_it_began() {
    let mut tree = Tree::new(TraceId([0; 16]), 100);
    let place = tree.plant(document::begin(SegmentId(1), "a".into(), Micros(5)));
    let left = tree.end(place, Micros(3));
    assert_eq!(left[0].document.end_time, Some(Micros(5).into()));
}

fn edges(part: &Segment<'_>, above: Option<u64>, found: &mut Vec<(u64, Option<u64>)>) {
    found.push((part.id.0, above));
    part.subsegments.iter().for_each(|below| edges(below, Some(part.id.0), found));
}

proptest! {
    /// Parts that begin below any earlier one and end in any order, under any threshold.
    #[test]
    fn every_part_is_sent_once_and_below_its_parent(
        threshold in 0_usize..12,
        steps in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..80),
    ) {
        let mut tree = Tree::new(TraceId([0; 16]), threshold);
        let first = document::begin(SegmentId(0), "part".into(), Micros(1));
        let mut places = vec![tree.plant(first)];
        let mut expected = vec![(0, None)];
        let mut left = Vec::new();
        for (chosen, ends) in steps {
            let parent = chosen.index(places.len());
            if ends {
                left.extend(tree.end(places[parent], Micros(2)));
                continue;
            }
            let id = places.len() as u64;
            let part = document::begin(SegmentId(id), "part".into(), Micros(1));
            places.push(tree.begin(places[parent], part));
            expected.push((id, Some(parent as u64)));
        }
        for place in places {
            left.extend(tree.end(place, Micros(2)));
        }
        let mut found = Vec::new();
        for finished in &left {
            let above = finished.document.parent_id.map(|id| id.0);
            edges(&finished.document, above, &mut found);
        }
        found.sort_unstable();
        prop_assert_eq!(found, expected);
        prop_assert!(tree.parts.iter().all(Option::is_none), "nothing stays");
        prop_assert_eq!(tree.closed_count, 0);
    }
}
