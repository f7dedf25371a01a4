//! Incidents in a simulated shop: what opens, what its cause is, when it closes, and what does not
//! open.

use trace::{NodeId, Outcome};
use wire::Micros;

use super::*;
use crate::State;
use crate::insight::bytes;

/// The shop's services, each with its calls: `name (type): callees`.
const SHOP: &str = "
    front: checkout search
    checkout: payments stock
    payments: bank-(remote)
    stock: orders-(AWS::DynamoDB::Table)
    search: catalog
    catalog: orders-(AWS::DynamoDB::Table)
";

/// The share of requests that fault on an ordinary day.
const ORDINARY: f64 = 0.005;

struct Service {
    id: NodeId<'static>,
    rate: f64,
    callees: Vec<usize>,
}

/// A shop whose requests all come through its first service.
struct Shop {
    random: u64,
    services: Vec<Service>,
    /// Requests in a minute.
    traffic: u64,
    minute: u64,
    start: u64,
    engine: Engine,
    /// What happened, one line each, minutes counted from `mark`.
    log: String,
}

/// How often something went well, and how often it faulted.
type Ends = [i64; 2];

#[derive(Default)]
struct Counted {
    services: Vec<Ends>,
    calls: BTreeMap<(usize, usize), Ends>,
}

fn statistics([ok, fault]: Ends) -> Statistics {
    Statistics { ok, fault, ..Statistics::default() }
}

fn node_id(word: &str) -> NodeId<'static> {
    let (name, of) = match word.split_once("-(") {
        Some((name, of)) => (name, Some(of.trim_end_matches(')').to_owned().into())),
        None => (word, None),
    };
    NodeId { name: name.to_owned().into(), service_type: of }
}

impl Shop {
    fn new(seed: u64, text: &str) -> Self {
        let mut words: Vec<&str> = Vec::new();
        for word in text.split_whitespace().map(|word| word.trim_end_matches(':')) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let service = |word: &&str| Service {
            id: node_id(word),
            rate: if word.contains('(') { 0.0 } else { ORDINARY / 3.0 },
            callees: text
                .lines()
                .filter_map(|line| line.trim().split_once(':').filter(|(name, _)| name == word))
                .flat_map(|(_, callees)| callees.split_whitespace())
                .filter_map(|callee| words.iter().position(|word| *word == callee))
                .collect(),
        };
        Self {
            random: seed,
            services: words.iter().map(service).collect(),
            traffic: 300,
            minute: 29_000_000,
            start: 29_000_000,
            engine: Engine::default(),
            log: String::new(),
        }
    }

    /// Returns a number from 0 to 1, the next of a fixed sequence (SplitMix64).
    fn draw(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn set(&mut self, word: &str, rate: f64) {
        let id = node_id(word);
        let service = self.services.iter_mut().find(|service| service.id == id);
        service.expect("a service of the shop").rate = rate;
    }

    /// Serves one request and returns whether it faulted; a service whose callee faults faults, too.
    fn serve(&mut self, counted: &mut Counted, at: usize) -> bool {
        let mut is_fault = self.draw() < self.services[at].rate;
        for index in 0..self.services[at].callees.len() {
            let callee = self.services[at].callees[index];
            let answer = self.serve(counted, callee);
            counted.calls.entry((at, callee)).or_default()[usize::from(answer)] += 1;
            is_fault |= answer;
        }
        counted.services[at][usize::from(is_fault)] += 1;
        is_fault
    }

    fn graph(&mut self) -> Graph {
        let mut counted =
            Counted { services: vec![[0; 2]; self.services.len()], ..Counted::default() };
        for _ in 0..self.traffic {
            self.serve(&mut counted, 0);
        }
        let mut graph = Graph::default();
        for (service, counts) in self.services.iter().zip(&counted.services) {
            let place = graph.place(service.id.clone(), State::Active, Micros(0));
            graph.node(place).statistics = statistics(*counts);
        }
        for (&(from, to), counts) in &counted.calls {
            graph.edge(from, to, EdgeKind::Call).statistics = statistics(*counts);
        }
        let client = graph.place(self.services[0].id.client(), State::Unknown, Micros(0));
        graph.edge(client, 0, EdgeKind::Call).statistics = statistics(counted.services[0]);
        graph
    }

    fn run(&mut self, minutes: u64) -> &mut Self {
        for _ in 0..minutes {
            let graph = self.graph();
            self.step(&graph);
        }
        self
    }

    fn step(&mut self, graph: &Graph) {
        let mut number = self.engine.insights().len() as u128;
        let mut new_id = || {
            number += 1;
            InsightId::from_random(number)
        };
        let changes = self.engine.step(self.minute, graph, &mut new_id);
        for change in changes {
            let insights = self.engine.insights();
            let number = insights.iter().position(|insight| insight.id == change.id);
            let number = number.expect("what changed is there");
            let insight = &insights[number];
            let names: Vec<&str> = insight.top().map(|id| &*id.name).collect();
            let minute = self.minute + 1 - self.start;
            let kind = match insight.closed {
                Some(closed) => format!("{:?}", closed.reason),
                None => format!("{:?}", change.kind),
            };
            let line =
                format!("{minute} #{number} {kind} {} of {}", insight.root.name, names.join(" "));
            self.log += line.trim_end();
            self.log += "\n";
        }
        self.minute += 1;
    }

    /// Lets three hours pass in which nothing happens, and begins to count.
    fn settled(seed: u64) -> Self {
        let mut shop = Self::new(seed, SHOP);
        shop.run(180);
        assert_eq!(shop.log, "", "seed {seed}");
        shop.start = shop.minute;
        shop
    }
}

#[test]
fn an_incident_opens_with_its_cause_and_closes_after_recovery() {
    for seed in 1..=8 {
        let mut shop = Shop::settled(seed);
        shop.set("payments", 0.12);
        shop.run(30);
        shop.set("payments", ORDINARY / 3.0);
        shop.run(60);
        let lines: Vec<&str> = shop.log.lines().collect();
        let [opened, .., closed] = lines[..] else { panic!("seed {seed}: {}", shop.log) };
        assert!(opened.starts_with("2 #0 Opened payments"), "seed {seed}: {opened}");
        assert!(closed.starts_with("40 #0 Recovered payments"), "seed {seed}: {closed}");
        let [insight] = shop.engine.insights() else { panic!("seed {seed}: {}", shop.log) };
        assert_eq!((insight.first_minute, insight.last_minute), (shop.start, shop.start + 29));
        let root = insight.root_impact;
        assert!(root.total == 30 * 300, "{root:?}");
        assert_eq!(root.total, root.ok + root.faults);
        assert_eq!(insight.client_impact.total, root.total);
        assert!((900..1_300).contains(&root.faults), "{root:?}");
        assert!(insight.client_impact.faults >= root.faults);
        let mut names: Vec<&str> = insight.top().map(|id| &*id.name).collect();
        names.sort_unstable();
        assert_eq!(names, ["checkout", "front", "payments"], "seed {seed}");
    }
}

#[test]
fn a_tale_of_one_incident() {
    let mut shop = Shop::settled(1);
    shop.set("bank-(remote)", 0.12);
    shop.run(25);
    shop.set("bank-(remote)", 0.4);
    shop.run(25);
    shop.set("bank-(remote)", 0.0);
    shop.run(20);
    insta::assert_snapshot!(shop.log, @"
    2 #0 Opened bank of checkout front payments bank
    7 #0 Grew bank of checkout payments bank front
    14 #0 Grew bank of checkout payments bank front
    27 #0 Grew bank of payments checkout bank front
    37 #0 Grew bank of payments bank checkout front
    60 #0 Recovered bank of bank payments checkout front
    ");
}

#[test]
fn a_quiet_day_has_no_insight() {
    for seed in [11, 12, 13] {
        let mut shop = Shop::new(seed, SHOP);
        for hour in 0..24_u64 {
            // Between 60 requests a minute at night and 300 at noon.
            shop.traffic = 60 + 20 * hour.min(24 - hour);
            shop.run(60);
        }
        assert_eq!(shop.log, "", "seed {seed}");
    }
}

#[test]
fn few_requests_do_not_alarm_and_an_outage_does() {
    for seed in [21, 22, 23] {
        let mut shop = Shop::new(seed, SHOP);
        shop.traffic = 3;
        shop.run(24 * 60);
        assert_eq!(shop.log, "", "seed {seed}");
        shop.start = shop.minute;
        shop.set("payments", 1.0);
        shop.run(20);
        let lines: Vec<&str> = shop.log.lines().collect();
        let [opened, ..] = lines[..] else { panic!("seed {seed}") };
        assert!(opened.starts_with("10 #0 Opened payments"), "seed {seed}: {opened}");
    }
}

#[test]
fn a_raised_rate_among_few_requests_is_one_incident() {
    for seed in 25..=30 {
        let mut shop = Shop::new(seed, SHOP);
        shop.traffic = 30;
        shop.run(240);
        assert_eq!(shop.log, "", "seed {seed}");
        shop.start = shop.minute;
        shop.set("payments", 0.12);
        shop.run(60);
        shop.set("payments", ORDINARY / 3.0);
        shop.run(30);
        let [insight] = shop.engine.insights() else { panic!("seed {seed}: {}", shop.log) };
        assert_eq!(insight.root.name, "payments", "seed {seed}: {}", shop.log);
        assert!(insight.events[0].minute - shop.start < 10, "seed {seed}: {}", shop.log);
        assert!(
            insight.last_minute - shop.start > 52 && !insight.is_active(),
            "seed {seed}: {}",
            shop.log
        );
    }
}

#[test]
fn what_is_new_or_constant_or_more_is_not_an_incident() {
    for seed in [31, 32, 33] {
        // A service that always faults so much, from its first minute on.
        let mut shop = Shop::new(seed, SHOP);
        shop.set("search", 0.05);
        shop.run(180);
        // A new one.
        let id = node_id("reviews");
        shop.services.push(Service { id, rate: 0.02, callees: Vec::new() });
        let last = shop.services.len() - 1;
        shop.services[0].callees.push(last);
        shop.run(120);
        // Twice the traffic, at once.
        shop.traffic *= 2;
        shop.run(120);
        assert_eq!(shop.log, "", "seed {seed}");
    }
}

#[test]
fn one_bad_minute_is_no_incident() {
    for seed in [41, 42, 43] {
        let mut shop = Shop::settled(seed);
        shop.set("stock", 0.5);
        shop.run(1);
        shop.set("stock", ORDINARY / 3.0);
        shop.run(60);
        assert_eq!(shop.log, "", "seed {seed}");
    }
}

#[test]
fn two_causes_are_two_incidents() {
    for seed in [51, 52, 53] {
        let mut shop = Shop::settled(seed);
        shop.set("payments", 0.12);
        shop.set("catalog", 0.2);
        shop.run(30);
        shop.set("catalog", ORDINARY / 3.0);
        shop.run(20);
        shop.set("payments", ORDINARY / 3.0);
        shop.run(20);
        let [one, two] = shop.engine.insights() else { panic!("seed {seed}: {}", shop.log) };
        assert_eq!((&*one.root.name, &*two.root.name), ("catalog", "payments"), "seed {seed}");
        let ends = (one.last_minute - shop.start, two.last_minute - shop.start);
        // What both cause above them ends with the later one.
        assert!(ends.0 <= 49 && ends.1 == 49, "seed {seed}: {ends:?}");
        assert!(shop.engine.insights().iter().all(|insight| !insight.is_active()), "{}", shop.log);
    }
}

#[test]
fn a_deeper_cause_takes_over_and_two_become_one() {
    let mut shop = Shop::settled(61);
    shop.set("stock", 0.2);
    shop.set("catalog", 0.2);
    shop.run(10);
    shop.set("orders-(AWS::DynamoDB::Table)", 0.3);
    shop.run(10);
    insta::assert_snapshot!(shop.log, @"
    2 #0 Opened stock of front stock checkout
    2 #1 Opened catalog of front catalog search
    7 #0 Grew stock of front stock checkout
    7 #1 Grew catalog of front catalog search
    12 #0 RootChanged orders of front stock checkout orders search
    12 #1 Joined catalog of front catalog search
    17 #0 Grew orders of front stock checkout orders search
    ");
}

#[test]
fn what_goes_on_for_hours_becomes_normal() {
    let mut shop = Shop::settled(71);
    shop.set("stock", 0.2);
    shop.run(8 * 60);
    let last = shop.log.lines().last().unwrap_or_default();
    assert!(last.contains("Accepted stock"), "{}", shop.log);
    assert!(!shop.engine.insights()[0].is_active());
}

#[test]
fn a_circle_has_one_cause() {
    let mut engine = Engine::default();
    let graph = |rate: u64| {
        let mut graph = Graph::default();
        let [a, b] = ["a", "b"].map(|name| graph.place(node_id(name), State::Active, Micros(0)));
        for number in 0..200 {
            let bad = if number < rate { Outcome::Fault } else { Outcome::Ok };
            let worse = if number < 2 * rate { Outcome::Fault } else { Outcome::Ok };
            graph.node(a).statistics.record(bad, Micros(1));
            graph.node(b).statistics.record(worse, Micros(1));
            graph.edge(a, b, EdgeKind::Call).statistics.record(worse, Micros(1));
            graph.edge(b, a, EdgeKind::Call).statistics.record(bad, Micros(1));
        }
        graph
    };
    let id = InsightId::from_random(1);
    (0..60).for_each(|minute| assert_eq!(engine.step(minute, &graph(1), &mut || id), []));
    (60..62).for_each(|minute| drop(engine.step(minute, &graph(30), &mut || id)));
    let [insight] = engine.insights() else { panic!("one incident") };
    assert_eq!(insight.root, node_id("b"));
    assert_eq!(insight.services.len(), 2);
}

#[test]
fn what_was_learned_from_the_past_is_used_and_opens_nothing() {
    let (mut shop, mut late) = (Shop::new(81, SHOP), Engine::default());
    let mut graphs = Vec::new();
    for minute in 0..200 {
        shop.set("payments", if minute < 190 { ORDINARY / 3.0 } else { 0.2 });
        let graph = shop.graph();
        shop.step(&graph);
        graphs.push((shop.minute - 1, graph));
    }
    graphs.iter().for_each(|(minute, graph)| late.learn(*minute, graph));
    assert_eq!((shop.engine.insights().len(), late.insights().len()), (1, 0));
    let (graph, id) = (shop.graph(), InsightId::from_random(9));
    let changes = late.step(shop.minute, &graph, &mut || id);
    assert_eq!(changes, [Change { id, kind: EventKind::Opened }]);
    assert_eq!(late.insights()[0].first_minute, shop.engine.insights()[0].first_minute);
    // A minute is not taken twice.
    let before = late.clone();
    assert_eq!(late.step(shop.minute, &graph, &mut || id), []);
    late.learn(shop.minute - 1, &graph);
    assert_eq!(late, before);
}

#[test]
fn a_restart_changes_nothing() {
    let mut shop = Shop::settled(91);
    let mut engine = shop.engine.clone();
    for minute in 0..120_u64 {
        shop.set("payments", if (20..60).contains(&minute) { 0.12 } else { ORDINARY / 3.0 });
        shop.traffic = if minute % 7 == 0 { 10 } else { 150 };
        let graph = shop.graph();
        let number = shop.engine.insights().len() as u128;
        let id = InsightId::from_random(number + 1);
        engine.step(shop.minute, &graph, &mut || id);
        shop.step(&graph);
        // Kept, and read again.
        let kept = bytes::encode(&engine);
        engine = bytes::decode(&kept).expect("what was written is read");
        assert_eq!(engine, shop.engine, "minute {minute}");
        assert_eq!(bytes::encode(&engine), kept);
    }
    assert_eq!(engine.insights().len(), 1);
}

#[test]
fn damaged_bytes_are_refused_or_harmless() {
    let mut shop = Shop::settled(92);
    shop.set("payments", 0.12);
    shop.run(5);
    let kept = bytes::encode(&shop.engine);
    assert_eq!(bytes::decode(&[]), Err(bytes::Error::Version));
    assert_eq!(bytes::decode(&[9]), Err(bytes::Error::Version));
    let longer: Vec<u8> = kept.iter().copied().chain([0]).collect();
    assert_eq!(bytes::decode(&longer), Err(bytes::Error::Damaged));
    for length in 1..kept.len() {
        assert_eq!(bytes::decode(&kept[..length]), Err(bytes::Error::Damaged), "{length}");
    }
    let graph = shop.graph();
    for at in 1..kept.len() {
        let mut damaged = kept.clone();
        damaged[at] ^= 1 << (at % 8);
        if let Ok(mut engine) = bytes::decode(&damaged) {
            engine.step(shop.minute, &graph, &mut || InsightId::from_random(7));
            assert!(bytes::decode(&bytes::encode(&engine)).is_ok());
        }
    }
}

#[test]
fn nodes_insights_and_events_are_bounded() {
    let mut engine = Engine::default();
    let mut graph = Graph::default();
    for number in 0..NODES_MAX + 5 {
        graph.place(node_id(&format!("n{number}")), State::Active, Micros(0));
        graph.node(number).statistics.record(Outcome::Ok, Micros(1));
    }
    engine.learn(1, &graph);
    assert_eq!(engine.node_count(), NODES_MAX);
    let mut one = Graph::default();
    let place = one.place(node_id("n7"), State::Active, Micros(0));
    one.node(place).statistics.record(Outcome::Ok, Micros(1));
    engine.step(FORGOTTEN_MINUTES, &one, &mut || InsightId::from_random(1));
    engine.step(FORGOTTEN_MINUTES + SWEEP_MINUTES, &one, &mut || InsightId::from_random(1));
    assert_eq!(engine.node_count(), 1);
    assert_eq!(engine.places.get(&node_id("n7")), Some(&0));
}

#[test]
fn closed_insights_are_kept_for_a_while() {
    let mut shop = Shop::settled(95);
    shop.set("stock", 0.3);
    shop.run(3);
    let minute = shop.minute;
    assert_eq!(shop.engine.abandon(minute).len(), 1);
    assert_eq!(shop.engine.abandon(minute), []);
    let closed = shop.engine.insights()[0].closed;
    assert_eq!(closed.map(|closed| closed.reason), Some(CloseReason::Unwatched));
    let (empty, id) = (Graph::default(), InsightId::from_random(5));
    shop.engine.step(minute + KEPT_MINUTES, &empty, &mut || id);
    assert_eq!(shop.engine.insights().len(), 1);
    shop.engine.step(minute + KEPT_MINUTES + 1, &empty, &mut || id);
    assert_eq!(shop.engine.insights().len(), 0);
}
