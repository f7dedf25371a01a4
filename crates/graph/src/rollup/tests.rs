//! Graphs become bytes and graphs again.

use proptest::prelude::*;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use super::*;
use crate::Graph;
use crate::fuzzing::fuzz_rollup;

fn folded(text: &str) -> Graph {
    let mut graph = Graph::default();
    graph.fold(&Fixture::new(text).trace(), None);
    graph
}

fn assert_goes_round(graph: &Graph) {
    let bytes = encode(&graph.clone().into());
    fuzz_rollup(&bytes);
    let read = everything(&bytes).expect("just written");
    assert_eq!(read.to_string(), graph.to_string());
    assert_eq!(read.nodes(), graph.nodes());
    let edges = |graph: &Graph| -> Vec<_> {
        graph.edges().into_iter().map(|placed| placed.edge.clone()).collect()
    };
    assert_eq!(edges(&read), edges(graph));
}

const SHOP: &str = "
    shop 0..1000ms
      > pay 1..600ms 500
        DynamoDB 2..301ms aws op=Query table=carts 429
      > pay 601..900ms
    mail 1..2ms links=1:3
";

#[test]
fn a_graph_becomes_few_bytes() {
    let bytes = encode(&folded(SHOP).into());
    insta::assert_snapshot!(bytes.len(), @"293");
    insta::assert_snapshot!(hex(&encode(&Rollup::default())), @"01 00 00 00");
    insta::assert_snapshot!(hex(&encode(&folded("a 0..300ms").into())), @"
    01 02 01 61 06 63 6c 69 65 6e 74 02 00 00 06 c0 88 dd 8b bf 84 97 03 00
    02 00 00 00 c0 cf 24 01 96 02 02 00 01 96 02 02 00 00 02 00 c0 88 dd 8b
    bf 84 97 03 00 00 00 00 00 00 00 00 01 01 00 02 00 00 00 c0 cf 24 01 96
    02 02 00 00 00
    ");
}

fn hex(bytes: &[u8]) -> String {
    let words: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    words.chunks(24).map(|words| words.join(" ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn any_cut_and_any_rest_is_refused() {
    let bytes = encode(&folded(SHOP).into());
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
    let longer = [bytes.as_slice(), &[0, 0]].concat();
    assert_eq!(decode(&longer).map(|_| ()), Err(Error::Trailing { byte_count: 2 }));
}

#[test]
fn what_is_wrong_is_refused() {
    let refused = |bytes: &[u8]| decode(bytes).map(|_| ()).expect_err("not the bytes of a graph");
    assert_eq!(refused(&[]), Error::Version);
    assert_eq!(refused(&[3, 0, 0, 0]), Error::Version);
    assert_eq!(refused(&[1, 0xff, 0xff, 0x7f, 0, 0]), Error::Short);
    assert_eq!(refused(&[1, 1, 1, 0xff, 0, 0]), Error::Name);
    assert_eq!(refused(&[1, 1, 1, b'a', 0, 0]), Error::Name);
    assert_eq!(refused(&[1, 2, 1, b'a', 1, b'a', 0, 0]), Error::Name);
    let node = |state: u8| [[1, 1, 1, b'a', 1, 0, 0, state].as_slice(), &[0; 11]].concat();
    // It counts nothing.
    assert_eq!(refused(&node(0)[..18]), Error::Order);
    assert_eq!(refused(&node(3)), Error::Number);
    assert_eq!(refused(&node(8)), Error::Number);
}

/// A rollup with the graphs of two groups, one of which has a name that everything has not.
fn grouped() -> Rollup {
    let groups = [(3, folded("a 0..300ms")), (300, folded("b 0..1ms"))];
    Rollup { everything: folded("a 0..300ms"), groups: groups.into() }
}

#[test]
fn groups_share_the_names() {
    let bytes = encode(&grouped());
    insta::assert_snapshot!(hex(&bytes), @"
    02 03 01 61 01 62 06 63 6c 69 65 6e 74 42 02 00 00 06 c0 88 dd 8b bf 84
    97 03 00 02 00 00 00 c0 cf 24 01 96 02 02 00 01 96 02 02 00 00 03 00 c0
    88 dd 8b bf 84 97 03 00 00 00 00 00 00 00 00 01 01 00 02 00 00 00 c0 cf
    24 01 96 02 02 00 00 00 02 03 42 02 00 00 06 c0 88 dd 8b bf 84 97 03 00
    02 00 00 00 c0 cf 24 01 96 02 02 00 01 96 02 02 00 00 03 00 c0 88 dd 8b
    bf 84 97 03 00 00 00 00 00 00 00 00 01 01 00 02 00 00 00 c0 cf 24 01 96
    02 02 00 00 00 a9 02 3a 02 01 00 06 c0 88 dd 8b bf 84 97 03 00 02 00 00
    00 d0 0f 01 01 02 01 01 02 01 03 00 c0 88 dd 8b bf 84 97 03 00 00 00 00
    00 00 00 00 01 01 00 02 00 00 00 d0 0f 01 01 02 00 00
    ");
    fuzz_rollup(&bytes);
    let read = decode(&bytes).expect("just written");
    insta::assert_snapshot!(read.groups[&300], @"
    b: 1 ok 0.001s active root
    b (client): - unknown
    b (client) → b: 1 ok 0.001s
    ");
    let numbers = |numbers: &[u64]| -> Vec<u64> {
        groups(&bytes, numbers).expect("just written").into_keys().collect()
    };
    assert_eq!(numbers(&[300, 4]), [300]);
    assert_eq!(numbers(&[3, 300]), [3, 300]);
    assert!(numbers(&[]).is_empty());
    assert!(groups(&encode(&folded(SHOP).into()), &[3]).expect("just written").is_empty());
}

#[test]
fn a_group_that_counts_nothing_is_not_written() {
    let mut rollup = grouped();
    rollup.subtract(Rollup { everything: Graph::default(), groups: grouped().groups });
    assert_eq!(encode(&rollup), encode(&folded("a 0..300ms").into()));
}

#[test]
fn what_is_wrong_with_groups_is_refused() {
    let refused = |bytes: &[u8]| decode(bytes).map(|_| ()).expect_err("not the bytes of graphs");
    // None, number zero, one that counts nothing, one that goes on behind its end.
    assert_eq!(refused(&[2, 0, 2, 0, 0, 0]), Error::Order);
    assert_eq!(refused(&[2, 0, 2, 0, 0, 1, 0, 2, 0, 0]), Error::Order);
    assert_eq!(refused(&[2, 0, 2, 0, 0, 1, 1, 2, 0, 0]), Error::Order);
    assert_eq!(refused(&[2, 0, 2, 0, 0, 1, 1, 3, 0, 0, 0]), Error::Trailing { byte_count: 1 });
    let bytes = encode(&grouped());
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn what_is_owed_goes_round() {
    let mut graph = folded("a 0..9ms");
    graph.subtract(folded(SHOP));
    assert_goes_round(&graph);
    graph.merge(folded(SHOP));
    assert_eq!(encode(&graph.into()), encode(&folded("a 0..9ms").into()));
}

proptest! {
    #[test]
    fn graphs_go_round(texts in prop::collection::vec(crate::graph::tests::any_trace(), 0..4)) {
        let mut graph = Graph::default();
        let mut reversed = Graph::default();
        let fixture = |(index, text): (usize, &String)| {
            Fixture::numbered(index as u32, Micros(BASE.0 + index as u64 * 700_000), text)
        };
        let fixtures: Vec<Fixture> = texts.iter().enumerate().map(fixture).collect();
        fixtures.iter().for_each(|fixture| graph.fold(&fixture.trace(), None));
        fixtures.iter().rev().for_each(|fixture| reversed.fold(&fixture.trace(), None));
        assert_goes_round(&graph);
        prop_assert_eq!(encode(&graph.into()), encode(&reversed.into()));
    }

    #[test]
    fn rollups_go_round(texts in prop::collection::vec((0..4_u64, crate::graph::tests::any_trace()), 0..6)) {
        let mut rollup = Rollup::default();
        for (number, text) in &texts {
            let fixture = Fixture::new(text);
            rollup.everything.fold(&fixture.trace(), None);
            if *number > 0 {
                rollup.groups.entry(*number).or_default().fold(&fixture.trace(), None);
            }
        }
        let bytes = encode(&rollup);
        fuzz_rollup(&bytes);
        prop_assert!(decode(&bytes).is_ok());
    }
}
