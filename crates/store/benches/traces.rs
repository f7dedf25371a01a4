//! What the trace table of a block costs: bytes per trace and column, and processor time per scan.
//!
//! The rows are made up, always the same, and cheap to make: 77 services in four layers, about
//! seven of them in a trace, 24 annotation keys of which each trace has some, users, URLs with ids,
//! one fault in a hundred traces.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use bytes::Bytes;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use store::block::traces::predicate::{
    NodeTest, NumberMember, Order, Predicate, Term, TextMember, TextTest, ValueTest,
};
use store::block::traces::{Edge, Marks, Pick, Place, Query, Row, StoredRow, Table, Writer, merge};
use store::scan::prune::{Tokens, entry};
use store::{Axis, Page};
use trace::cause::{CauseEntity, CauseService};
use trace::summary::Http;
use trace::{NodeId, Outcome, RootCause, Summary};
use wire::value::{Number, Scalar};
use wire::{Micros, TraceId};

const ROW_COUNT: usize = 100_000;

/// One hour, as in the measurements that these are compared with.
const SPAN_MICROS: u64 = 3_600_000_000;

fn main() {
    let rows = rows();
    report(&rows);
    divan::main();
}

/// Random numbers that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }
}

/// The texts live as long as the program does.
fn leak(text: String) -> &'static str {
    text.leak()
}

fn rows() -> Vec<Row<'static>> {
    let mut random = Random(1);
    let service = |at: u64| NodeId {
        name: leak(format!("service-{at:02}")).into(),
        service_type: (!at.is_multiple_of(3)).then(|| "AWS::ECS::Container".into()),
    };
    let services: Vec<NodeId<'static>> = (0..77).map(service).collect();
    let keys: Vec<&'static str> = (0..24).map(|at| leak(format!("key_{at:02}"))).collect();
    (0..ROW_COUNT).map(|at| row(&mut random, &services, &keys, at)).collect()
}

fn row(
    random: &mut Random,
    services: &[NodeId<'static>],
    keys: &[&'static str],
    at: usize,
) -> Row<'static> {
    let start = 1_790_158_000_000_000 + random.below(SPAN_MICROS);
    let duration = 2_000 + random.below(400) * random.below(4_000);
    let response = if at.is_multiple_of(10) { duration / 2 } else { duration };
    let is_fault = random.below(100) == 0;
    let (path, nodes, marks) = path(random, services, is_fault);
    let place = |node: &NodeId<'_>| nodes.binary_search(node).expect("on the path");
    let edges: BTreeMap<(usize, usize), Marks> =
        path.windows(2).map(|two| ((place(&two[0]), place(&two[1])), Marks::OK)).collect();
    let edge = |((source, target), marks)| Edge { source, target, marks };
    let cause = slow_path(&path[..path.len().min(4)], random, response);
    let random_id = u128::from(random.below(u64::MAX)) << 64 | u128::from(random.below(u64::MAX));
    let summary = Summary {
        id: TraceId::new((start / Micros::PER_SECOND) as u32, random_id),
        start: Micros(start),
        duration: Some(Micros(duration)),
        response_time: Some(Micros(response)),
        has_fault: is_fault,
        has_error: false,
        has_throttle: false,
        is_partial: random.below(200) == 0,
        http: http(random, is_fault),
        annotations: annotations(random, keys),
        users: (random.below(3) > 0)
            .then(|| leak(format!("user-{}", random.below(20_000))))
            .into_iter()
            .collect(),
        nodes,
        resource_arns: Vec::new(),
        instance_ids: vec![leak(format!("i-{:08x}", random.below(40)))],
        availability_zones: vec![["us-west-2a", "us-west-2b"][at % 2]],
        entry_point: Some(path[0].clone()),
        fault_root_causes: Vec::new(),
        error_root_causes: Vec::new(),
        response_time_root_causes: vec![cause],
        revision: 1 + random.below(3) as u32,
        updated: Micros(start + duration + random.below(2_000_000)),
    };
    Row {
        place: Place {
            first_row: random.below(2_000_000) as u32,
            row_count: path.len() as u32 * 2,
        },
        end: Some(Micros(start + duration)),
        first_end: Some(Micros(start + duration - random.below(duration))),
        services: marks,
        edges: edges.into_iter().map(edge).collect(),
        has_inferred: at.is_multiple_of(4),
        limit_exceeded: false,
        summary,
    }
}

/// The services of a trace, from the entry point on; the nodes, sorted, and how their work ended.
fn path(
    random: &mut Random,
    services: &[NodeId<'static>],
    is_fault: bool,
) -> (Vec<NodeId<'static>>, Vec<NodeId<'static>>, Vec<Marks>) {
    let mut place = random.below(7);
    let mut path = Vec::new();
    for _ in 0..4 + random.below(7) {
        path.push(services[place as usize % services.len()].clone());
        place = place * 3 + 7 + random.below(3);
    }
    let mut nodes = path.clone();
    nodes.push(path[0].client());
    nodes.sort();
    nodes.dedup();
    let fault_of = if is_fault { nodes.binary_search(&path[0]).ok() } else { None };
    let mark = |at| if Some(at) == fault_of { Marks::FAULT } else { Marks::OK };
    let marks = (0..nodes.len()).map(mark).collect();
    (path, nodes, marks)
}

fn http(random: &mut Random, is_fault: bool) -> Http<'static> {
    let route = ["cart", "orders", "users", "search", "items"][random.below(5) as usize];
    let status = [200, 200, 200, 200, 200, 204, 302, 404][random.below(8) as usize];
    Http {
        url: Some(leak(format!("https://shop.example/{route}/{}", random.below(10_000_000)))),
        status: Some(if is_fault { 503 } else { status }),
        method: Some(["GET", "GET", "GET", "POST"][random.below(4) as usize]),
        user_agent: Some(["curl/8.5", "Mozilla/5.0", "okhttp/4.12"][random.below(3) as usize]),
        client_ip: Some(leak(format!("192.0.2.{}", random.below(250)))),
    }
}

fn annotations(
    random: &mut Random,
    keys: &[&'static str],
) -> Vec<(&'static str, Vec<&'static Scalar<'static>>)> {
    let mut annotations = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        if random.below(3) != 0 {
            continue;
        }
        let value = match at {
            0 => Scalar::Text(format!("unique-{:x}", random.below(u64::MAX)).into()),
            1..12 => Scalar::Text(format!("value-{}", random.below(50)).into()),
            12..22 => Scalar::Number(Number::Integer(random.below(1_000) as i64)),
            _ => Scalar::Flag(random.below(2) == 0),
        };
        annotations.push((*key, vec![&*Box::leak(Box::new(value))]));
    }
    annotations
}

fn slow_path(path: &[NodeId<'static>], random: &mut Random, response: u64) -> RootCause<'static> {
    let mut part = response;
    let service = |node: &NodeId<'static>| {
        part -= random.below(part / 3 + 1);
        let name = node.name.clone().into_owned().leak();
        let coverage = Some(part as f64 / response as f64);
        let path = vec![CauseEntity { name, is_remote: false, coverage, exceptions: Vec::new() }];
        CauseService { node: node.clone(), path, is_inferred: false }
    };
    RootCause { services: path.iter().map(service).collect(), is_client_impacting: true }
}

fn write(rows: &[Row<'_>]) -> Bytes {
    let mut writer = Writer::default();
    rows.iter().for_each(|row| writer.push(row));
    writer.finish().expect("small enough").0.into()
}

fn is(term: Term) -> Predicate {
    Predicate::Is(term)
}

fn predicates() -> Vec<(&'static str, Predicate)> {
    let service = |name: &str| NodeTest { name: Some(name.to_owned()), service_type: None };
    let annotation = |key: &str, test| is(Term::Annotation(key.to_owned(), test));
    let text = |text: &str| TextTest::Equals(text.to_owned());
    let status = is(Term::Number(NumberMember::Status, Order::GreaterOrEqual, 500.0));
    let has_service = |outcome| is(Term::Service(service("service-24"), outcome));
    vec![
        ("status >= 500", status.clone()),
        ("service", has_service(None)),
        ("service fault", has_service(Some(Outcome::Fault))),
        ("service ok", has_service(Some(Outcome::Ok))),
        ("edge", is(Term::Edge(service("service-00"), service("service-07"), None))),
        ("annotation = text", annotation("key_05", ValueTest::Text(text("value-7")))),
        ("annotation = unique", annotation("key_00", ValueTest::Text(text("unique-0")))),
        ("annotation > number", annotation("key_15", ValueTest::Number(Order::Greater, 995.0))),
        (
            "url contains",
            is(Term::Text(TextMember::Url, TextTest::Contains("/1234567".to_owned()))),
        ),
        ("user =", is(Term::Text(TextMember::User, text("user-77")))),
        ("duration > 1", is(Term::Number(NumberMember::Duration, Order::Greater, 1.0))),
        (
            "status and url",
            Predicate::All(vec![
                is(Term::Text(TextMember::Url, TextTest::Contains("/12".to_owned()))),
                status,
            ]),
        ),
        ("anything", Predicate::All(Vec::new())),
    ]
}

fn query(predicate: &Predicate, traces_max: usize) -> Query<'_> {
    let window = Micros(0)..=Micros(u64::MAX);
    let page = Page { after: None, traces_max };
    Query { predicate, axis: Axis::Start, window, rows: None, void: None, page, watch: None }
}

/// Nanoseconds that this thread has run.
fn processor_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// Returns the processor time of one run, in microseconds: the least mean of three rounds. The
/// kernel's count moves in steps of milliseconds, so a round is many runs.
fn micros(mut run: impl FnMut()) -> f64 {
    const ROUND_NANOS: u64 = 120_000_000;
    let mut round = || {
        let start = processor_nanos();
        let mut run_count = 0.0;
        loop {
            run();
            run_count += 1.0;
            let nanos = processor_nanos() - start;
            if nanos >= ROUND_NANOS {
                return nanos as f64 / 1e3 / run_count;
            }
        }
    };
    (0..3).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn report(rows: &[Row<'_>]) {
    let bytes = write(rows);
    let per_trace = |bytes: u64| bytes as f64 / rows.len() as f64;
    let mut text = format!("{:.1} bytes a trace\n", per_trace(bytes.len() as u64));
    let wrote = micros(|| drop(black_box(write(rows))));
    text += &format!("write {:.2} us a trace\n", wrote / rows.len() as f64);
    let mut tokens = Tokens::default();
    let mut hashes = Vec::new();
    let told = micros(|| {
        for row in rows {
            hashes.clear();
            tokens.push(row, &mut hashes);
            black_box((entry(row), &hashes));
        }
    });
    text += &format!("tokens {:.2} us a trace\n", told / rows.len() as f64);
    let table = Table::open(Arc::new(bytes.clone())).expect("just written");
    let picks: Vec<Pick> =
        (0..rows.len() as u32).map(|row| Pick { input: 0, row, place: Place::default() }).collect();
    let merged = micros(|| drop(black_box(merge(&[&table], &picks, |_, _| ()))));
    text += &format!("merge {:.2} us a trace\n", merged / rows.len() as f64);
    let some: Vec<StoredRow> = rows.iter().take(10_000).map(StoredRow::of).collect();
    for (name, predicate) in predicates() {
        let matched = micros(|| {
            black_box(some.iter().filter(|row| predicate.matches(*row)).count());
        });
        text += &format!("matches {name} {:.3} us a trace\n", matched / some.len() as f64);
    }
    let opened = micros(|| drop(black_box(Table::open(Arc::new(bytes.clone())))));
    text += &format!("open {opened:.0} us\n");
    let table = Table::open(Arc::new(bytes)).expect("just written");
    for (name, bytes) in table.column_bytes() {
        text += &format!("  {name} {:.2}\n", per_trace(bytes));
    }
    eprint!("{text}");
    text.clear();
    for (name, predicate) in predicates() {
        let all = query(&predicate, usize::MAX);
        let found = table.select(&all).expect("undamaged");
        let cpu = micros(|| drop(black_box(table.select(&all))));
        let evaluated = micros(|| drop(black_box(table.count(&all))));
        let first = micros(|| drop(black_box(table.select(&query(&predicate, 100)))));
        let page = micros(|| drop(black_box(table.scan(&query(&predicate, 100)))));
        text += &format!(
            "{name}: {} found; evaluated {evaluated:.0} us ({:.1} ms per 711k); all ids {cpu:.0} us; \
             first 100 ids {first:.0} us, whole {page:.0} us; {} KB read\n",
            found.traces.len(),
            evaluated / 1e3 * 7.11,
            found.cost.bytes_read / 1000,
        );
    }
    eprint!("{text}");
}

/// The newest hundred, whole.
#[divan::bench(sample_count = 20)]
fn newest_100(bencher: Bencher<'_, '_>) {
    let table = Table::open(Arc::new(write(&rows()))).expect("just written");
    let anything = Predicate::All(Vec::new());
    bencher.bench_local(|| table.scan(&query(&anything, 100)));
}

/// Rows to bytes.
#[divan::bench(sample_count = 2)]
fn encode(bencher: Bencher<'_, '_>) {
    let rows = rows();
    bencher.counter(ItemsCount::new(rows.len())).bench_local(|| write(&rows));
}
