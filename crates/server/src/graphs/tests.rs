//! The graphs of minutes, sealed and live, of everything and of groups.

use std::collections::BTreeSet;

use filter::Predicate;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Seal;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use super::*;
use crate::groups::Selector;
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

impl Stand {
    async fn group(&self, operation: &str, name: &str, filter: &str) -> Value {
        let body = json!({"GroupName": name, "FilterExpression": filter});
        self.ask(operation, body).await
    }

    /// The graphs of the versions that a group has and had.
    fn versions(&self, name: &str) -> String {
        let app = self.server.app();
        let group = app.groups.find(&Selector::Name(name.to_owned())).expect("a group");
        let Scope::Group { version, older } = Scope::of(&group) else { panic!("not Default") };
        let of = |version| Scope::Group { version, older: Vec::new() };
        let graph = |version| window(app, &of(version), &ALWAYS);
        let numbers = older.into_iter().chain([version]);
        numbers.map(|number| format!("version {number}\n{}", graph(number))).collect()
    }
}

#[tokio::test]
async fn a_trace_belongs_to_the_filter_of_its_last_update() {
    let stand = Stand::new();
    stand.group("/CreateGroup", "g", "service(\"back\")").await;
    let later = |minutes: u64| Micros(BASE.0 + minutes * 60 * Micros::PER_SECOND);
    stand.put_trace("front 0..9ms\n  > back 1..2ms 500").await;
    stand.put_fixture(&Fixture::numbered(2, later(1), "front 0..9ms")).await;
    stand.store.seal(Seal::All).expect("sealed");
    stand.clock.advance(1);
    stand.group("/UpdateGroup", "g", "fault").await;
    stand.put_fixture(&Fixture::numbered(3, later(2), "front 0..9ms 500")).await;
    let shown = stand.versions("g");
    assert_snapshot!(shown, @"
    version 1
    back: 1 fault 0.001s active
    front: 1 ok 0.009s active root
    front (client): - unknown
    front → back: 1 fault 0.001s as back (remote)
    front (client) → front: 1 ok 0.009s
    version 2
    front: 1 fault 0.009s active root
    front (client): - unknown
    front (client) → front: 1 fault 0.009s
    ");
    stand.store.seal(Seal::All).expect("sealed");
    assert_eq!(stand.versions("g"), shown);
    let stand = stand.restarted();
    assert_eq!(stand.versions("g"), shown);
}

#[derive(Clone, Debug)]
enum Step {
    /// The next document of a trace comes.
    Put(usize),
    /// The first document of a trace comes again.
    Repeat(usize),
    /// A group gets a filter; it is made if need be.
    Set(usize, usize),
    Delete(usize),
    Seal,
    /// The hour ends, and blocks become one.
    Compact,
    Restart,
}

const TRACES: [&str; 5] = [
    "a 0..9ms 500\n  > b 1..5ms late",
    "a 0..9ms late\n  b 1..5ms remote late",
    "b 0..3ms\n  > c 1..2ms 500 late\n  DynamoDB 2..3ms aws late",
    "c 0..2ms 404",
    "a 0..20ms begun\n  > c 1..9ms 500",
];

const FILTERS: [&str; 5] = [
    "fault",
    "service(\"b\")",
    "service(\"c\") { fault } AND !partial",
    "edge(\"a\", \"b\")",
    "(group.name = \"g0\") OR error",
];

/// How a filter refers to the other group.
const REFERENCE: &str = "group.name = \"g0\"";

const NAMES: [&str; 2] = ["g0", "g1"];

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..TRACES.len()).prop_map(Step::Put),
        1 => (0..TRACES.len()).prop_map(Step::Repeat),
        3 => (0..NAMES.len(), 0..FILTERS.len()).prop_map(|(name, filter)| Step::Set(name, filter)),
        1 => (0..NAMES.len()).prop_map(Step::Delete),
        3 => Just(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Restart),
    ]
}

/// What is known of a version without asking the groups.
struct Known {
    name: usize,
    number: u64,
    from: Micros,
    until: Micros,
    predicate: Predicate,
}

/// A stand and what was done with it.
struct Model {
    stand: Stand,
    /// How many documents of each trace came.
    put: [usize; TRACES.len()],
    filters: [Option<usize>; NAMES.len()],
    versions: Vec<Known>,
}

impl Model {
    async fn step(&mut self, step: &Step) {
        self.stand.clock.advance(7_000_000);
        match *step {
            Step::Put(trace) => {
                let fixture = Fixture::numbered(trace as u32 + 1, BASE, TRACES[trace]);
                let Some(document) = fixture.documents.get(self.put[trace]) else { return };
                self.put[trace] += 1;
                self.stand.put(&[&document.text]).await;
            }
            Step::Repeat(trace) if self.put[trace] > 0 => {
                let fixture = Fixture::numbered(trace as u32 + 1, BASE, TRACES[trace]);
                self.stand.put(&[&fixture.documents[0].text]).await;
            }
            Step::Set(name, filter) => {
                if name == 0 && FILTERS[filter].contains(REFERENCE) {
                    return;
                }
                let is_new = self.filters[name].is_none();
                let operation = if is_new { "/CreateGroup" } else { "/UpdateGroup" };
                self.stand.group(operation, NAMES[name], FILTERS[filter]).await;
                self.filters[name] = Some(filter);
                self.note();
            }
            Step::Delete(name) => {
                if self.filters[name].take().is_some() {
                    self.stand.ask("/DeleteGroup", json!({"GroupName": NAMES[name]})).await;
                    self.note();
                }
            }
            Step::Seal => drop(self.stand.store.seal(Seal::All).expect("sealed")),
            Step::Compact => {
                self.stand.clock.advance(3 * 3600 * Micros::PER_SECOND);
                while self.stand.store.compact().expect("compacted").is_some() {}
            }
            Step::Restart | Step::Repeat(_) => {}
        }
    }

    /// Notes which versions end and begin now.
    fn note(&mut self) {
        let now = wire::Clock::now(self.stand.clock.as_ref());
        for (name, text) in NAMES.iter().enumerate() {
            let selector = Selector::Name((*text).to_owned());
            let group = self.stand.server.app().groups.find(&selector);
            let number = group.map_or(0, |group| group.version);
            let mut open = self.versions.iter_mut().filter(|one| one.until == Micros(u64::MAX));
            let open = open.find(|one| one.name == name);
            if open.as_ref().is_some_and(|one| one.number == number) {
                continue;
            }
            if let Some(open) = open {
                open.until = now;
            }
            if let Some(filter) = self.filters[name] {
                // A group that is not there is nothing.
                let text = match self.filters[0] {
                    Some(other) => FILTERS[filter].replace(REFERENCE, FILTERS[other]),
                    None => FILTERS[filter].replace(REFERENCE, "ok AND fault"),
                };
                let predicate = Predicate::read(&text).expect("a filter");
                let until = Micros(u64::MAX);
                self.versions.push(Known { name, number, from: now, until, predicate });
            }
        }
    }

    /// Returns the graph of a version from all traces one by one.
    fn expected(&self, known: &Known) -> Graph {
        let mut graph = Graph::default();
        for trace in 0..TRACES.len() {
            let id = trace::fixture::trace_id(trace as u32 + 1);
            let Some(stored) = self.stand.store.trace(&id) else { continue };
            let trace = crate::rollup::assemble(&stored).expect("sound documents");
            let is_in_force = known.from <= trace.updated && trace.updated < known.until;
            if is_in_force && filter::matches(&known.predicate, &trace, &trace::summarize(&trace)) {
                graph.fold(&trace, None);
            }
        }
        graph
    }
}

/// Everything that is counted, without what a subtraction leaves behind.
fn counts(graph: &Graph) -> BTreeSet<String> {
    let nodes = graph.nodes();
    let node = |node: &&graph::Node| {
        format!("{:?} {:?}", node.id, (node.statistics, &node.response_times, &node.durations))
    };
    let edge = |placed: graph::PlacedEdge<'_>| {
        let ends = (&nodes[placed.source_index].id, &nodes[placed.target_index].id, placed.kind);
        format!("{ends:?} {:?}", (placed.edge.statistics, &placed.edge.response_times))
    };
    nodes.iter().map(node).chain(graph.edges().into_iter().map(edge)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_graph_of_a_version_is_that_of_its_members(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let stand = Stand::new();
            let mut model = Model { stand, put: Default::default(), filters: Default::default(), versions: Vec::new() };
            for step in &steps {
                model.step(step).await;
                if matches!(step, Step::Restart) {
                    model.stand = model.stand.restarted();
                }
            }
            let app = model.stand.server.app();
            for known in &model.versions {
                let scope = Scope::Group { version: known.number, older: Vec::new() };
                let expected = counts(&model.expected(known));
                prop_assert_eq!(counts(&window(app, &scope, &ALWAYS)), expected.clone());
                let mut sum = Graph::default();
                minutes(app, &scope, &ALWAYS).into_values().for_each(|graph| sum.merge(graph));
                prop_assert_eq!(counts(&sum), expected);
            }
            Ok(())
        })?;
    }
}
