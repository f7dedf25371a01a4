//! Rows and predicates at random, from few values, so that terms often hold.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::sample::subsequence;
use trace::cause::{CauseEntity, CauseException, CauseService};
use trace::summary::Http;
use trace::{NodeId, Outcome, RootCause, Summary};
use wire::value::{Number, Scalar};
use wire::{Micros, TraceId};

use crate::Axis;
use crate::block::traces::predicate::{
    Flag, NodeTest, NumberMember, Order, Predicate, Term, TextMember, TextTest, ValueTest,
};
use crate::block::traces::{Edge, Marks, Place, Row};

const TEXTS: [&str; 6] = ["", "a", "ab", "https://shop.example/ab", "ünï\tco\\de\n", "true"];
const KEYS: [&str; 4] = ["k", "owner", "rank.x", "z"];
const NAMES: [&str; 4] = ["a", "b", "tab\tname", ""];
const TYPES: [&str; 3] = ["client", "AWS::Lambda", ""];
const NUMBERS: [f64; 5] = [-1.0, 0.0, 0.5, 10.0, 1e300];
const STATUSES: [i64; 5] = [200, 404, 500, -1, i64::MAX];
const TIMES: [u64; 9] =
    [0, 1, 2, 500_000, 10_000_000, 10_000_001, 1_790_159_305_000_000, 1 << 63, u64::MAX];

/// What may be asked of root causes.
const CAUSES: [&str; 8] = [
    r#"rootcause.fault.service { name = "a" }"#,
    r#"rootcause.fault.service { last and type = "AWS::Lambda" }"#,
    r#"rootcause.error.entity { !remote or index = 1 }"#,
    r#"rootcause.error.exception { name = "ab" }"#,
    r#"rootcause.responsetime.service { inferred and first }"#,
    r#"rootcause.responsetime.entity { coverage > 0.2 }"#,
    r#"rootcause.json = #[]"#,
    r#"rootcause.json = #[{"Services":[{"EntityPath":[{"Coverage":0.25}]}]}]"#,
];

/// Values in the order of a summary: texts, numbers, flags.
static VALUES: LazyLock<Vec<Scalar<'static>>> = LazyLock::new(|| {
    let texts = TEXTS.iter().map(|text| Scalar::Text((*text).into()));
    let numbers = [
        Number::Float(-0.0),
        Number::Integer(-1),
        Number::Integer(0),
        Number::Float(0.5),
        Number::Integer(10),
        Number::Float(10.0),
        Number::Integer((1 << 53) + 1),
        Number::Integer(i64::MAX),
        Number::Float(1e300),
    ];
    let flags = [false, true].map(Scalar::Flag);
    texts.chain(numbers.map(Scalar::Number)).chain(flags).collect()
});

fn time() -> impl Strategy<Value = Micros> {
    select(&TIMES[..]).prop_map(Micros)
}

fn text() -> impl Strategy<Value = &'static str> {
    select(&TEXTS[..])
}

fn texts() -> impl Strategy<Value = Vec<&'static str>> {
    btree_set(text(), 0..3).prop_map(|texts| texts.into_iter().collect())
}

fn node() -> impl Strategy<Value = NodeId<'static>> {
    (select(&NAMES[..]), of(select(&TYPES[..]))).prop_map(|(name, service_type)| NodeId {
        name: name.into(),
        service_type: service_type.map(Into::into),
    })
}

fn marks() -> impl Strategy<Value = Marks> {
    let one = select(&[Marks::OK, Marks::FAULT, Marks::ERROR, Marks::THROTTLE][..]);
    vec(one, 1..3).prop_map(|marks| marks.into_iter().reduce(Marks::or).expect("at least one"))
}

fn annotations() -> impl Strategy<Value = Vec<(&'static str, Vec<&'static Scalar<'static>>)>> {
    let values = subsequence(VALUES.iter().collect::<Vec<_>>(), 1..4);
    btree_map(select(&KEYS[..]), values, 0..4).prop_map(|keys| keys.into_iter().collect())
}

fn causes() -> impl Strategy<Value = Vec<RootCause<'static>>> {
    let exception =
        (of(text()), of(text())).prop_map(|(name, message)| CauseException { name, message });
    let share = select(&[0.0, 0.25, 0.1 + 0.2, 1.0, f64::MAX][..]);
    let entity = (text(), any::<bool>(), of(share), vec(exception, 0..2)).prop_map(
        |(name, is_remote, coverage, exceptions)| CauseEntity {
            name,
            is_remote,
            coverage,
            exceptions,
        },
    );
    let service = (node(), vec(entity, 0..3), any::<bool>())
        .prop_map(|(node, path, is_inferred)| CauseService { node, path, is_inferred });
    let cause = (vec(service, 0..3), any::<bool>())
        .prop_map(|(services, is_client_impacting)| RootCause { services, is_client_impacting });
    vec(cause, 0..3)
}

/// Nodes with their marks, and edges between them.
type Outcomes = (Vec<NodeId<'static>>, Vec<Marks>, Vec<Edge>);

fn outcomes() -> impl Strategy<Value = Outcomes> {
    let edges = btree_map((any::<usize>(), any::<usize>()), marks(), 0..4);
    (btree_map(node(), marks(), 0..4), edges).prop_map(|(services, edges)| {
        let (nodes, services): (Vec<_>, Vec<_>) = services.into_iter().unzip();
        let count = nodes.len().max(1);
        let places = edges.into_iter().map(|((a, b), marks)| ((a % count, b % count), marks));
        let distinct: std::collections::BTreeMap<_, _> = places.collect();
        let edges =
            distinct.into_iter().map(|((source, target), marks)| Edge { source, target, marks });
        let edges = if nodes.is_empty() { Vec::new() } else { edges.collect() };
        (nodes, services, edges)
    })
}

prop_compose! {
    fn summary()(
        (start, duration, response_time, updated) in (time(), of(time()), of(time()), time()),
        [has_fault, has_error, has_throttle, is_partial] in any::<[bool; 4]>(),
        (url, method, user_agent, client_ip) in (of(text()), of(text()), of(text()), of(text())),
        status in of(select(&STATUSES[..])),
        [users, resource_arns, instance_ids, availability_zones] in
            [texts(), texts(), texts(), texts()],
        (annotations, entry_point, revision) in (annotations(), of(node()), any::<u32>()),
        [fault_root_causes, error_root_causes, response_time_root_causes] in
            [causes(), causes(), causes()],
    ) -> Summary<'static> {
        Summary {
            id: TraceId([0; 16]),
            start, duration, response_time, updated, has_fault, has_error, has_throttle,
            is_partial, users, resource_arns, instance_ids, availability_zones, annotations,
            entry_point, revision, fault_root_causes, error_root_causes,
            response_time_root_causes,
            http: Http { url, status, method, user_agent, client_ip },
            nodes: Vec::new(),
        }
    }
}

prop_compose! {
    fn row()(
        mut summary in summary(),
        (nodes, services, edges) in outcomes(),
        (first_row, row_count) in any::<(u32, u32)>(),
        ends in of((time(), time())),
        (has_inferred, limit_exceeded) in any::<(bool, bool)>(),
    ) -> Row<'static> {
        summary.nodes = nodes;
        let place = Place { first_row, row_count };
        let end = ends.map(|(a, b)| a.max(b));
        let first_end = ends.map(|(a, b)| a.min(b));
        Row { summary, place, end, first_end, services, edges, has_inferred, limit_exceeded }
    }
}

/// Rows whose ids are not in the order of the rows.
pub(crate) fn rows(count: Range<usize>) -> impl Strategy<Value = Vec<Row<'static>>> {
    vec(row(), count).prop_map(|mut rows| {
        for (at, row) in rows.iter_mut().enumerate() {
            row.summary.id = id(at);
        }
        rows
    })
}

pub(super) fn id(at: usize) -> TraceId {
    let mixed = (at as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    TraceId(mixed.to_be_bytes())
}

/// A row that says nothing.
pub(crate) fn bare(at: usize, start: u64) -> Row<'static> {
    let summary = Summary {
        id: id(at),
        start: Micros(start),
        duration: None,
        response_time: None,
        has_fault: false,
        has_error: false,
        has_throttle: false,
        is_partial: false,
        http: Http::default(),
        annotations: Vec::new(),
        users: Vec::new(),
        nodes: Vec::new(),
        resource_arns: Vec::new(),
        instance_ids: Vec::new(),
        availability_zones: Vec::new(),
        entry_point: None,
        fault_root_causes: Vec::new(),
        error_root_causes: Vec::new(),
        response_time_root_causes: Vec::new(),
        revision: 1,
        updated: Micros(start),
    };
    Row {
        summary,
        place: Place::default(),
        end: None,
        first_end: None,
        services: Vec::new(),
        edges: Vec::new(),
        has_inferred: false,
        limit_exceeded: false,
    }
}

/// Rows with more services than a bitmap has, and more keys than there are columns.
pub(crate) fn crowded() -> Vec<Row<'static>> {
    let node = |at: usize| NodeId { name: format!("s{at:05}").into(), service_type: None };
    let key = |at: usize| &*format!("k{at:03}").leak();
    let keys: Vec<&'static str> = (0..120).map(key).collect();
    let marks = [Marks::OK, Marks::FAULT, Marks::ERROR.or(Marks::OK), Marks::THROTTLE];
    let row = |at: usize| {
        let mut row = bare(at, 1_000_000 - at as u64);
        row.summary.nodes = (at * 50..at * 50 + 50).chain([9_999]).map(node).collect();
        row.services = (0..51).map(|service| marks[service % 4]).collect();
        let edge = |source| Edge { source, target: 50, marks: marks[(source + 1) % 4] };
        row.edges = (0..50).map(edge).collect();
        let used =
            keys.iter().enumerate().filter(|(key, _)| !(at + key).is_multiple_of(3) || *key < 20);
        row.summary.annotations = used
            .map(|(key, name)| (*name, VALUES.iter().skip(key % 12).step_by(4).collect()))
            .collect();
        row
    };
    (0..60).map(row).collect()
}

fn comparison() -> impl Strategy<Value = Order> {
    use Order::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    select(&[Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual][..])
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(&[Outcome::Ok, Outcome::Error, Outcome::Fault, Outcome::Throttle][..])
}

pub(crate) fn axis() -> impl Strategy<Value = Axis> {
    select(&[Axis::Start, Axis::Updated, Axis::End][..])
}

pub(crate) fn window() -> impl Strategy<Value = RangeInclusive<Micros>> {
    let any_order = (time(), time());
    prop_oneof![Just(Micros(0)..=Micros(u64::MAX)), any_order.prop_map(|(a, b)| a..=b),]
}

fn text_test() -> impl Strategy<Value = TextTest> {
    let part = || select(&["", "a", "ab", "shop", "true", "%", "b"][..]).prop_map(str::to_owned);
    prop_oneof![
        Just(TextTest::Exists),
        part().prop_map(TextTest::Equals),
        part().prop_map(TextTest::Differs),
        part().prop_map(TextTest::Contains),
        part().prop_map(TextTest::BeginsWith),
        part().prop_map(TextTest::EndsWith),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![select(&NUMBERS[..]), select(&[200.0, 500.0, 10.000_001][..])]
}

fn value_test() -> impl Strategy<Value = ValueTest> {
    prop_oneof![
        Just(ValueTest::Exists),
        text_test().prop_map(ValueTest::Text),
        (comparison(), number()).prop_map(|(how, value)| ValueTest::Number(how, value)),
        any::<bool>().prop_map(ValueTest::Flag),
    ]
}

fn node_test() -> impl Strategy<Value = NodeTest> {
    (of(select(&["a", "b", "", "s00003", "none"][..])), of(select(&TYPES[..]))).prop_map(
        |(name, service_type)| NodeTest {
            name: name.map(str::to_owned),
            service_type: service_type.map(str::to_owned),
        },
    )
}

fn term() -> impl Strategy<Value = Term> {
    use NumberMember::{Duration, ResponseTime, Status};
    use TextMember::{
        AvailabilityZone, ClientIp, InstanceId, Method, ResourceArn, Url, User, UserAgent,
    };
    let flag = prop_oneof![
        outcome().prop_map(Flag::Root),
        outcome().prop_map(Flag::Anywhere),
        select(&[Flag::Partial, Flag::Inferred, Flag::LimitExceeded][..]),
    ];
    let number_member = select(&[Duration, ResponseTime, Status][..]);
    let members =
        [Url, Method, UserAgent, ClientIp, User, InstanceId, AvailabilityZone, ResourceArn];
    let key = select(&["k", "owner", "rank.x", "none", "k000", "k119"][..]);
    prop_oneof![
        flag.prop_map(Term::Flag),
        (axis(), window()).prop_map(|(axis, window)| Term::Time(axis, window)),
        (number_member, comparison(), number()).prop_map(|(of, how, to)| Term::Number(of, how, to)),
        (select(members.to_vec()), text_test()).prop_map(|(of, test)| Term::Text(of, test)),
        (key, value_test()).prop_map(|(key, test)| Term::Annotation(key.to_owned(), test)),
        (node_test(), of(outcome())).prop_map(|(node, how)| Term::Service(node, how)),
        (node_test(), node_test(), of(outcome())).prop_map(|(a, b, how)| Term::Edge(a, b, how)),
        node_test().prop_map(Term::Root),
        select(&CAUSES[..]).prop_map(|text| {
            Term::Causes(filter::Predicate::read(text).expect("an expression"))
        }),
    ]
}

pub(crate) fn predicate() -> impl Strategy<Value = Predicate> {
    term().prop_map(Predicate::Is).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Predicate::All),
            vec(inner.clone(), 0..4).prop_map(Predicate::Any),
            inner.prop_map(|not| Predicate::Not(Box::new(not))),
        ]
    })
}
