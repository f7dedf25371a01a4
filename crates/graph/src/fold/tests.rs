//! What of a trace becomes which node and which edge.

use insta::assert_snapshot;
use trace::fixture::{BASE, Fixture, RECEIVED};
use wire::Micros;

use crate::{Graph, Histogram, State};

fn folded(text: &str) -> Graph {
    let mut graph = Graph::default();
    graph.fold(&Fixture::new(text).trace(), None);
    graph
}

fn check(text: &str) -> String {
    folded(text).to_string()
}

fn show(histogram: &Histogram) -> String {
    let entry = |entry: crate::histogram::Entry| format!("{}×{}", entry.value, entry.count);
    histogram.entries().into_iter().map(entry).collect::<Vec<_>>().join(" ")
}

#[test]
fn callers_and_callees_have_their_own_view() {
    assert_snapshot!(check("
        front 0..100ms
          back.local 10..90ms 503 remote
            => back 20..80ms 200
              DynamoDB 30..40ms aws op=Query table=scores 429
    "), @"
    back: 1 ok 0.06s active
    front: 1 ok 0.1s active root
    front (client): - unknown
    scores (AWS::DynamoDB::Table): 1 throttle 0.01s unknown
    back → scores (AWS::DynamoDB::Table): 1 throttle 0.01s
    front → back: 1 fault 0.08s as back.local (remote)
    front (client) → front: 1 ok 0.1s
    ");
}

#[test]
fn several_traces_are_counted_together() {
    let mut graph = Graph::default();
    for (number, status) in [(1, "200"), (2, "200"), (3, "500"), (4, "404")] {
        let text = format!("a 0..9ms {status}\n  > b 1..{number}ms {status}");
        graph.fold(&Fixture::numbered(number, BASE, &text).trace(), None);
    }
    assert_snapshot!(graph, @"
    a: 2 ok 1 error 1 fault 0.036s active root
    a (client): - unknown
    b: 2 ok 1 error 1 fault 0.006s active
    a → b: 2 ok 1 error 1 fault 0.006s as b (remote)
    a (client) → a: 2 ok 1 error 1 fault 0.036s
    ");
    let nodes = graph.nodes();
    assert_snapshot!(show(&nodes[2].response_times), @"0×1 0.001×1 0.002×1 0.003×1");
}

#[test]
fn one_name_with_two_types_is_two_nodes() {
    assert_snapshot!(check("
        f 0..9ms origin=AWS::Lambda
          => f 1..8ms origin=AWS::Lambda::Function
        f 0..9ms
    "), @"
    f: 1 ok 0.009s active root
    f (AWS::Lambda): 1 ok 0.009s active root
    f (AWS::Lambda::Function): 1 ok 0.007s active
    f (client): - unknown
    f (AWS::Lambda) → f (AWS::Lambda::Function): 1 ok 0.007s
    f (client) → f: 1 ok 0.009s
    f (client) → f (AWS::Lambda): 1 ok 0.009s
    ");
}

#[test]
fn a_segment_below_local_work_or_a_segment_is_seen_by_itself() {
    assert_snapshot!(check("
        a 0..100ms
          local 0..50ms 500
            => b 10..20ms
    "), @"
    a: 1 ok 0.1s active root
    a (client): - unknown
    b: 1 ok 0.01s active
    a → b: 1 ok 0.01s
    a (client) → a: 1 ok 0.1s
    ");
}

#[test]
fn an_orphan_has_no_edge_to_it() {
    assert_snapshot!(check("
        a 0..100ms orphan
          x 1..2ms remote
        call 0..9ms remote orphan subsegment
    "), @"
    a: 1 ok 0.1s active
    x (remote): 1 ok 0.001s passive
    a → x (remote): 1 ok 0.001s
    ");
}

#[test]
fn a_service_that_calls_itself_has_an_edge_to_itself() {
    assert_snapshot!(check("a 0..9ms\n  > a 1..8ms"), @"
    a: 2 ok 0.016s active root
    a (client): - unknown
    a → a: 1 ok 0.007s as a (remote)
    a (client) → a: 1 ok 0.009s
    ");
}

#[test]
fn an_inferred_callee_of_the_same_identity_has_no_edge() {
    assert_snapshot!(check("
        a 0..9ms
          => x 0..9ms origin=remote
            x 1..2ms remote
    "), @"
    a: 1 ok 0.009s active root
    a (client): - unknown
    x (remote): 2 ok 0.01s active
    a → x (remote): 1 ok 0.009s
    a (client) → a: 1 ok 0.009s
    ");
}

#[test]
fn a_node_that_once_spoke_for_itself_is_active() {
    let silent = Fixture::numbered(1, BASE, "a 0..9ms\n  x 1..2ms remote");
    let speaking = Fixture::numbered(2, BASE, "x 0..9ms orphan origin=remote");
    for order in [[&silent, &speaking], [&speaking, &silent]] {
        let mut together = Graph::default();
        let mut merged = Graph::default();
        for fixture in order {
            together.fold(&fixture.trace(), None);
            let mut alone = Graph::default();
            alone.fold(&fixture.trace(), None);
            merged.merge(alone);
        }
        for graph in [together, merged] {
            assert_eq!(graph.nodes()[2].state, State::Active, "{graph}");
        }
    }
}

#[test]
fn what_is_unfinished_is_not_counted() {
    assert_snapshot!(check("front 0.."), @"");
    assert_snapshot!(check("
        front 0..
          done 1..2ms remote
          open 1.. remote
          > back 3..4ms
            => deep 4..
    "), @"
    back: 1 ok 0.001s active
    done (remote): 1 ok 0.001s passive
    front: - active
    front → back: 1 ok 0.001s as back (remote)
    front → done (remote): 1 ok 0.001s
    ");
}

#[test]
fn a_call_answered_twice_by_one_service_is_one_call() {
    assert_snapshot!(check("
        a 0..9ms
          b 1..8ms remote
            => b 2..3ms
            => b 4..5ms
            => c 6..7ms
    "), @"
    a: 1 ok 0.009s active root
    a (client): - unknown
    b: 2 ok 0.002s active
    c: 1 ok 0.001s active
    a → b: 1 ok 0.007s as b (remote)
    a → c: 1 ok 0.007s as b (remote)
    a (client) → a: 1 ok 0.009s
    ");
}

#[test]
fn an_end_before_the_start_is_no_time_at_all() {
    assert_snapshot!(check("a 9..0ms"), @"
    a: 1 ok 0s active root
    a (client): - unknown
    a (client) → a: 1 ok 0s
    ");
}

#[test]
fn a_duration_reaches_beyond_the_answer() {
    let graph = folded(
        "
        a 10..20ms
          early 5..12ms
          after 15..120ms
            > b 30..100ms
    ",
    );
    let nodes = graph.nodes();
    assert_eq!(show(&nodes[0].response_times), "0.01×1");
    assert_eq!(show(&nodes[0].durations), "0.115×1");
    assert_eq!(show(&nodes[2].durations), "0.07×1");
}

#[test]
fn a_client_has_edges_only() {
    let graph = folded("a 0..9ms");
    let nodes = graph.nodes();
    let clients: Vec<bool> = nodes.iter().map(|node| node.is_client()).collect();
    assert_eq!(clients, [false, true]);
    assert_eq!(nodes[1].statistics.total() + nodes[1].response_times.count(), 0);
    let edges = graph.edges();
    assert_eq!((edges[0].source_index, edges[0].target_index, edges.len()), (1, 0, 1));
}

#[test]
fn an_observation_belongs_to_the_window_in_which_it_was_completed() {
    let fixture = Fixture::new(
        "
        front 0..100ms begun
          done 1..2ms streamed remote
          => late 3..4ms late
    ",
    );
    let trace = fixture.trace();
    let second = |n: u64| Micros(RECEIVED.0 + n * Micros::PER_SECOND);
    let window = |from, until| {
        let mut graph = Graph::default();
        graph.fold(&trace, Some(second(from)..second(until)));
        graph.to_string()
    };
    // Begun, streamed, finished, and then what came late.
    assert_eq!(window(1, 2), "");
    assert_snapshot!(window(2, 3), @"
    done (remote): 1 ok 0.001s passive
    front: - active
    front → done (remote): 1 ok 0.001s
    ");
    assert_snapshot!(window(3, 4), @"
    front: 1 ok 0.1s active root
    front (client): - unknown
    front (client) → front: 1 ok 0.1s
    ");
    assert_snapshot!(window(4, 5), @"
    front: - active
    late: 1 ok 0.001s active
    front → late: 1 ok 0.001s
    ");
    assert_eq!(window(5, 99), "");
}

#[test]
fn bounds_are_the_seconds_in_which_traces_began() {
    let mut graph = Graph::default();
    assert_eq!(graph.bounds(), None);
    for (number, millis) in [(1, 1_200), (2, 3_700)] {
        let base = Micros(1_000_000_000 + millis * 1000);
        let text = "a 0..9s\n  > b 5..6s";
        graph.fold(&Fixture::numbered(number, base, text).trace(), None);
    }
    for node in graph.nodes() {
        let bounds = (node.bounds.start(), node.bounds.end());
        assert_eq!(bounds, (Micros::from_secs(1001), Micros::from_secs(1004)), "{}", node.id.name);
    }
    let bounds = graph.bounds().map(|bounds| (bounds.start(), bounds.last_second()));
    assert_eq!(bounds, Some((Micros::from_secs(1001), Micros::from_secs(1003))));
}

#[test]
fn a_message_links_its_queue_to_its_receiver() {
    let producer = Fixture::numbered(
        2,
        BASE,
        "
        shop 0..100ms
          SQS 10..20ms aws op=SendMessage queue=orders
    ",
    );
    let consumer = Fixture::new("packer 5.02..6s links=2:2 500");
    let mut graph = Graph::default();
    graph.fold(&producer.trace(), None);
    graph.fold(&consumer.trace(), None);
    graph.fold_links(&producer.trace(), &consumer.trace(), None);
    assert_snapshot!(graph, @"
    orders (AWS::SQS::Queue): 1 ok 0.01s unknown
    packer: 1 fault 0.98s active root
    packer (client): - unknown
    shop: 1 ok 0.1s active root
    shop (client): - unknown
    orders (AWS::SQS::Queue) ⇢ packer: 1 fault 0.98s
    packer (client) → packer: 1 fault 0.98s
    shop → orders (AWS::SQS::Queue): 1 ok 0.01s
    shop (client) → shop: 1 ok 0.1s
    ");
    let edges = graph.edges();
    let link = edges.iter().find(|edge| edge.kind == crate::EdgeKind::Link).expect("a link");
    assert_eq!(show(&link.edge.received_event_ages), "5×1");
    assert_eq!(link.edge.response_times.count(), 0);

    let mut none = Graph::default();
    none.fold_links(&producer.trace(), &consumer.trace(), Some(BASE..RECEIVED));
    assert_eq!(none.to_string(), "");
}

#[test]
fn a_message_inside_one_trace_is_a_link_too() {
    assert_snapshot!(check("
        shop 0..100ms
          > audit 10..20ms
        packer 200..300ms links=1:2
    "), @"
    audit: 1 ok 0.01s active
    packer: 1 ok 0.1s active root
    packer (client): - unknown
    shop: 1 ok 0.1s active root
    shop (client): - unknown
    packer (client) → packer: 1 ok 0.1s
    shop → audit: 1 ok 0.01s as audit (remote)
    shop ⇢ packer: 1 ok 0.1s
    shop (client) → shop: 1 ok 0.1s
    ");
}

#[test]
fn minutes_are_those_in_which_something_was_finished() {
    // Received from 58 s after a full minute on, one request a second; finished from 59 s on.
    let base = Micros(BASE.0 + 32 * Micros::PER_SECOND);
    let text =
        "front 0..100ms begun\n  done 1..2ms streamed\n  => late 3..4ms late\n  open 1.. late";
    let fixture = Fixture::numbered(1, base, text);
    let minutes: Vec<_> = crate::minutes(&fixture.trace()).collect();
    let minute = 60 * Micros::PER_SECOND;
    let first = fixture.documents[0].received.0 / minute * minute;
    let window =
        |number: u64| Micros(first + number * minute)..Micros(first + (number + 1) * minute);
    assert_eq!(minutes, [window(0), window(1)]);
    assert_eq!(crate::minutes(&Fixture::new("open 0..").trace()).count(), 0);
}
