//! Graphs are merged and listed.

use proptest::prelude::*;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use crate::Graph;

/// A trace of random services, sent in random portions.
fn any_trace() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec!["", "500", "404", "429", "late", "500 late", "begun"]);
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let marker = prop::sample::select(vec!["", "> ", "=> "]);
    let line = (0..3_usize, marker, name, 0..50_u64, 0..50_u64, words, prop::bool::ANY);
    prop::collection::vec(line, 1..8).prop_map(|lines| {
        let mut text = String::new();
        let mut deepest = 0;
        for (depth, marker, name, start, length, words, is_remote) in lines {
            let depth = depth.min(deepest);
            deepest = depth + 1;
            let marker = if depth == 0 { "" } else { marker };
            let remote = if is_remote && depth > 0 { "remote" } else { "" };
            let end = start + length;
            text +=
                &format!("{:1$}{marker}{name} {start}..{end}ms {words} {remote}\n", "", 2 * depth);
        }
        text
    })
}

fn folded(fixtures: &[Fixture]) -> Graph {
    let mut graph = Graph::default();
    fixtures.iter().for_each(|fixture| graph.fold(&fixture.trace(), None));
    graph
}

fn assert_same(a: &Graph, b: &Graph) {
    assert_eq!(a.to_string(), b.to_string());
    assert_eq!(a.nodes(), b.nodes());
    let edges = |graph: &Graph| -> Vec<_> {
        graph
            .edges()
            .into_iter()
            .map(|e| (e.source_index, e.target_index, e.kind, e.edge.clone()))
            .collect()
    };
    assert_eq!(edges(a), edges(b));
    assert_eq!(a.bounds(), b.bounds());
}

proptest! {
    #[test]
    fn merging_in_any_grouping_is_folding_everything(
        texts in prop::collection::vec(any_trace(), 1..6),
        cut in 0..6_usize,
    ) {
        let fixture = |(index, text): (usize, &String)| {
            Fixture::numbered(index as u32, Micros(BASE.0 + index as u64 * 700_000), text)
        };
        let fixtures: Vec<Fixture> = texts.iter().enumerate().map(fixture).collect();
        let all = folded(&fixtures);

        let (left, right) = fixtures.split_at(cut.min(fixtures.len()));
        let mut merged = folded(right);
        merged.merge(folded(left));
        assert_same(&merged, &all);

        let mut one_by_one = Graph::default();
        fixtures.iter().for_each(|one| one_by_one.merge(folded(std::slice::from_ref(one))));
        assert_same(&one_by_one, &all);
    }

    #[test]
    fn windows_side_by_side_count_everything_once(text in any_trace()) {
        let fixture = Fixture::new(&text);
        let trace = fixture.trace();
        let mut all = Graph::default();
        all.fold(&trace, None);
        let mut merged = Graph::default();
        let mut start = BASE;
        for document in &fixture.documents {
            let end = Micros(document.received.0 + 1);
            merged.fold(&trace, Some(start..end));
            start = end;
        }
        assert_same(&merged, &all);
    }

    #[test]
    fn a_node_counts_its_finished_segments(text in any_trace()) {
        let fixture = Fixture::new(&text);
        let trace = fixture.trace();
        let mut graph = Graph::default();
        graph.fold(&trace, None);
        let counted: u64 = graph.nodes().iter().map(|node| node.statistics.total()).sum();
        prop_assert_eq!(counted as usize, trace.segments.len() + trace.inferred.len());
        for node in graph.nodes() {
            prop_assert_eq!(node.response_times.count(), node.statistics.total());
            prop_assert_eq!(node.durations.count(), node.statistics.total());
        }
    }
}
