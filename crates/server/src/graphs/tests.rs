//! The graphs of minutes, sealed and live.

use insta::assert_snapshot;
use store::Seal;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use super::*;
use crate::testing::Stand;

/// Renders the graph of each minute.
fn shown(stand: &Stand, window: &Range<Micros>) -> String {
    let minutes = minutes(stand.server.app(), &Scope::Everything, window);
    let first = store::minute(BASE);
    let shown = minutes.iter().map(|(minute, graph)| format!("+{}\n{graph}", minute - first));
    shown.collect()
}

const ALWAYS: Range<Micros> = Micros(0)..Micros(u64::MAX);

/// A trace that comes in two requests, the last of one minute and the first of the next.
fn across_minutes() -> Fixture {
    let start = Micros(BASE.0 + 31 * Micros::PER_SECOND);
    Fixture::numbered(1, start, "front 0..9ms\n  back 1..2ms remote 500 late")
}

#[tokio::test]
async fn each_minute_has_its_graph_whether_it_is_sealed_or_not() {
    let stand = Stand::new();
    stand.put_fixture(&across_minutes()).await;
    let later = Micros(BASE.0 + 150 * Micros::PER_SECOND);
    stand.put_fixture(&Fixture::numbered(2, later, "front 0..7ms")).await;
    let live = shown(&stand, &ALWAYS);
    assert_snapshot!(live, @"
    +1
    front: 1 ok 0.009s active root
    front (client): - unknown
    front (client) → front: 1 ok 0.009s
    +2
    back (remote): 1 fault 0.001s passive
    front: - active
    front → back (remote): 1 fault 0.001s
    +3
    front: 1 ok 0.007s active root
    front (client): - unknown
    front (client) → front: 1 ok 0.007s
    ");
    stand.store.seal(Seal::All).expect("sealed");
    assert_eq!(shown(&stand, &ALWAYS), live);
    let second = Micros((store::minute(BASE) + 2) * 60 * Micros::PER_SECOND);
    let window = second..Micros(second.0 + 1);
    assert_snapshot!(shown(&stand, &window), @"
    +2
    back (remote): 1 fault 0.001s passive
    front: - active
    front → back (remote): 1 fault 0.001s
    ");
}

#[tokio::test]
async fn what_a_block_counted_of_a_trace_is_taken_back_from_its_minutes() {
    let (stand, plain) = (Stand::new(), Stand::new());
    let fixture = across_minutes();
    plain.put_fixture(&fixture).await;
    let (id, documents) = (fixture.id, fixture.documents);
    for document in documents {
        stand.store.seal(Seal::All).expect("sealed");
        stand.put_fixture(&Fixture { id, documents: vec![document] }).await;
    }
    let expected = shown(&plain, &ALWAYS);
    assert_eq!(shown(&stand, &ALWAYS), expected);
    stand.store.seal(Seal::All).expect("sealed");
    assert_eq!(shown(&stand, &ALWAYS), expected);
}
