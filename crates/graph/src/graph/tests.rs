//! Graphs are merged and listed.

use proptest::prelude::*;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use crate::Graph;

/// A trace of random services, sent in random portions.
pub(crate) fn any_trace() -> impl Strategy<Value = String> {
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

/// Everything that is counted, without what a subtraction leaves behind.
fn counts(graph: &Graph) -> Vec<String> {
    let nodes = graph.nodes();
    let node = |node: &&crate::Node| {
        format!("{:?} {:?}", node.id, (node.statistics, &node.response_times, &node.durations))
    };
    let edge = |placed: crate::PlacedEdge<'_>| {
        let ends = (&nodes[placed.source_index].id, &nodes[placed.target_index].id, placed.kind);
        let crate::Edge { statistics, response_times, received_event_ages, .. } = placed.edge;
        format!("{ends:?} {:?}", (statistics, response_times, received_event_ages))
    };
    nodes.iter().map(node).chain(graph.edges().into_iter().map(edge)).collect()
}

/// The graph of each window between two times of receipt, which lie `step` apart.
fn windows(trace: &trace::Trace<'_>, step: u64) -> Vec<Graph> {
    let window = |number: u64| {
        let start = BASE.0 + 60 * Micros::PER_SECOND + number * step;
        let mut graph = Graph::default();
        graph.fold(trace, Some(Micros(start)..Micros(start + step)));
        graph
    };
    (0..(30 * Micros::PER_SECOND).div_ceil(step)).map(window).collect()
}

#[test]
fn what_was_taken_away_is_not_there() {
    let (early, late) = (Fixture::new("a 0..9ms"), Fixture::new("b 0..9ms\n  c 1..2ms remote"));
    let mut graph = folded(&[early.clone(), late.clone()]);
    graph.subtract(folded(std::slice::from_ref(&late)));
    assert_same(&graph, &folded(std::slice::from_ref(&early)));
    graph.subtract(folded(&[early]));
    assert_same(&graph, &Graph::default());
    assert_eq!(graph.bounds(), None);
}

proptest! {
    #[test]
    fn a_later_version_replaces_an_earlier_one(
        text in any_trace(),
        version_lens in prop::collection::vec(0..20_usize, 1..4),
        step in 1..4_u64,
        order in prop::collection::vec(any::<prop::sample::Index>(), 200),
    ) {
        let fixture = Fixture::new(&text);
        let received = fixture.received();
        let step = step * Micros::PER_SECOND;
        let version = |len: &usize| {
            let some = &received[..*len.min(&received.len())];
            trace::assemble(fixture.id, some, false).ok().map(|trace| windows(&trace, step))
        };
        // Each version is added, and taken away by the next one.
        let mut parts: Vec<(Graph, bool)> = Vec::new();
        for graphs in version_lens.iter().filter_map(version) {
            parts.extend(graphs.iter().map(|graph| (graph.clone(), true)));
            parts.extend(graphs.into_iter().map(|graph| (graph, false)));
        }
        parts.extend(windows(&fixture.trace(), step).into_iter().map(|graph| (graph, true)));

        // Put together in any order: each part into one of three heaps, then the heaps into one.
        let mut heaps = vec![Graph::default(); 3];
        for draw in order.iter().chain(std::iter::repeat(&order[0])) {
            if parts.is_empty() {
                break;
            }
            let (graph, is_added) = parts.swap_remove(draw.index(parts.len()));
            let heap = &mut heaps[draw.index(3)];
            if is_added { heap.merge(graph) } else { heap.subtract(graph) }
        }
        let mut all = Graph::default();
        heaps.into_iter().for_each(|heap| all.merge(heap));
        prop_assert_eq!(counts(&all), counts(&folded(&[fixture])));
    }

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
    fn minutes_count_everything_once(text in any_trace(), base in 0..60_u64) {
        let fixture = Fixture::numbered(1, Micros(BASE.0 + base * Micros::PER_SECOND), &text);
        let trace = fixture.trace();
        let mut all = Graph::default();
        all.fold(&trace, None);
        let mut merged = Graph::default();
        crate::minutes(&trace).for_each(|minute| merged.fold(&trace, Some(minute)));
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
