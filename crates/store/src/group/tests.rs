//! Groups are those that a look at every trace finds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use bytes::Bytes;
use filter::ast::CauseKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use trace::cause::CauseService;
use wire::value::Scalar;

use super::measures::Sample;
use super::*;
use crate::block::traces::tests::generate::{axis, crowded, predicate, rows, window};
use crate::block::traces::{self, Facts, Place, Row, Table, Writer};
use crate::testing::{append, batch, ids, open, trace_id};
use crate::{MemDir, Predicate, Seal, Store};

const ALL: RangeInclusive<Micros> = Micros(0)..=Micros(u64::MAX);

/// What the slow, obvious way knows of a trace.
type Seen = (BTreeSet<Key>, Sample);

fn seen(by: &By, row: &Row<'_>) -> Seen {
    let summary = &row.summary;
    let text = |text: &&str| Key::Text((*text).into());
    let http = &summary.http;
    let keys: Vec<Key> = match by {
        By::Text(TextMember::Url) => http.url.iter().map(text).collect(),
        By::Text(TextMember::Method) => http.method.iter().map(text).collect(),
        By::Text(TextMember::UserAgent) => http.user_agent.iter().map(text).collect(),
        By::Text(TextMember::ClientIp) => http.client_ip.iter().map(text).collect(),
        By::Text(TextMember::User) => summary.users.iter().map(text).collect(),
        By::Text(TextMember::InstanceId) => summary.instance_ids.iter().map(text).collect(),
        By::Text(TextMember::ResourceArn) => summary.resource_arns.iter().map(text).collect(),
        By::Text(TextMember::AvailabilityZone) => {
            summary.availability_zones.iter().map(text).collect()
        }
        By::UrlTemplate => http.url.iter().map(|url| Key::Text(template(url).into())).collect(),
        By::Outcome => {
            let worst = [Outcome::Fault, Outcome::Throttle, Outcome::Error];
            let bits = [1, 4, 2];
            let found = worst.into_iter().zip(bits).find(|(_, bit)| row.flags() & bit != 0);
            vec![Key::Outcome(found.map_or(Outcome::Ok, |(outcome, _)| outcome))]
        }
        By::Status => http.status.into_iter().map(Key::Status).collect(),
        By::EntryPoint => summary.entry_point.iter().map(Key::node).collect(),
        By::Node => summary.nodes.iter().map(Key::node).collect(),
        By::Edge => {
            let node = |at: usize| &summary.nodes[at];
            row.edges.iter().map(|edge| Key::edge(node(edge.source), node(edge.target))).collect()
        }
        By::Annotation(key) => {
            let own = summary.annotations.iter().filter(|(other, _)| other == key);
            let key = |value: &&Scalar<'_>| match value {
                Scalar::Text(text) => Key::Text((&**text).into()),
                Scalar::Number(number) => Key::Number(number.as_f64().into()),
                Scalar::Flag(flag) => Key::Flag(*flag),
            };
            own.flat_map(|(_, values)| values).map(key).collect()
        }
        By::AnnotationKey => {
            summary.annotations.iter().map(|(key, _)| Key::Text((*key).into())).collect()
        }
        By::CausePath(kind) => {
            let causes = match kind {
                CauseKind::Fault => &summary.fault_root_causes,
                CauseKind::Error => &summary.error_root_causes,
                CauseKind::ResponseTime => &summary.response_time_root_causes,
            };
            let paths = causes.iter().map(|cause| &cause.services).filter(|path| !path.is_empty());
            let node = |service: &CauseService<'_>| service.node.clone().into_owned();
            paths.map(|path| Key::Path(path.iter().map(node).collect())).collect()
        }
        By::Exception => {
            let causes = summary.fault_root_causes.iter().chain(&summary.error_root_causes);
            let entities = causes.flat_map(|cause| &cause.services).flat_map(|one| &one.path);
            let exceptions = entities.flat_map(|entity| &entity.exceptions);
            exceptions.filter_map(|one| one.name).map(|name| Key::Text(name.into())).collect()
        }
        By::FaultCause => {
            let paths = summary.fault_root_causes.iter().map(|cause| &cause.services);
            paths.filter_map(|path| path.last()).map(|last| Key::node(&last.node)).collect()
        }
        By::Start { width } => {
            vec![Key::Start(Micros(summary.start.0 - summary.start.0 % width.0))]
        }
    };
    let sample = Sample { flags: row.flags(), response_time: summary.response_time, sets: 0 };
    (keys.into_iter().collect(), sample)
}

fn measured(samples: &[Sample]) -> Measures {
    // Of what is true of a root, the worst counts.
    let worst = |flags: u16| [1, 4, 2].into_iter().find(|flag| flags & flag != 0);
    let has = |flag| samples.iter().filter(|one| worst(one.flags) == Some(flag)).count() as u64;
    let in_set = |bit: u8| samples.iter().filter(|one| one.sets & bit != 0).count() as u64;
    let times: Vec<Micros> = samples.iter().filter_map(|one| one.response_time).collect();
    let mut response_times = Histogram::default();
    times.iter().for_each(|time| response_times.record(*time));
    let [fault, error, throttle] = [1, 2, 4];
    Measures {
        trace_count: samples.len() as u64,
        fault_count: has(fault),
        error_count: has(error),
        throttle_count: has(throttle),
        set_counts: [in_set(1), in_set(2)],
        timed_count: times.len() as u64,
        response_time_sum: Micros(times.iter().fold(0, |sum, time| sum.saturating_add(time.0))),
        response_time_min: times.iter().min().copied(),
        response_time_max: times.iter().max().copied(),
        response_times,
    }
}

/// The slow, obvious way: every trace in each of its groups.
fn expected(traces: &[Seen], groups_max: usize) -> Grouped {
    let mut all: BTreeMap<&Key, Vec<Sample>> = BTreeMap::new();
    for (keys, sample) in traces {
        keys.iter().for_each(|key| all.entry(key).or_default().push(*sample));
    }
    // Sorted by key already, and the sort is stable.
    let mut all: Vec<(&Key, Vec<Sample>)> = all.into_iter().collect();
    all.sort_by_key(|(_, samples)| std::cmp::Reverse(samples.len()));
    let others = all.split_off(groups_max.min(all.len()));
    let group = |(key, samples): (&Key, Vec<Sample>)| Group {
        key: key.clone(),
        measures: measured(&samples),
    };
    let none = traces.iter().filter(|(keys, _)| keys.is_empty()).map(|(_, sample)| *sample);
    let total: Vec<Sample> = traces.iter().map(|(_, sample)| *sample).collect();
    Grouped {
        groups: all.into_iter().map(group).collect(),
        none: measured(&none.collect::<Vec<_>>()),
        total: measured(&total),
        others: Others {
            group_count: others.len() as u64,
            untold_count: 0,
            measures: measured(
                &others.into_iter().flat_map(|(_, samples)| samples).collect::<Vec<_>>(),
            ),
        },
        cost: ScanCost::default(),
    }
}

fn grouped(groups: Groups, groups_max: usize) -> Grouped {
    let (groups, others, none, total) = groups.finish(groups_max);
    Grouped { groups, others, none, total, cost: ScanCost::default() }
}

fn table(rows: &[Row<'_>]) -> Table {
    let mut writer = Writer::default();
    rows.iter().for_each(|row| writer.push(row));
    let bytes: Bytes = writer.finish().expect("small enough").0.into();
    Table::open(Arc::new(bytes)).expect("a table just written")
}

fn every_way() -> Vec<By> {
    use TextMember::{
        AvailabilityZone, ClientIp, InstanceId, Method, ResourceArn, Url, User, UserAgent,
    };
    let texts = [Url, Method, UserAgent, ClientIp, User, InstanceId, AvailabilityZone, ResourceArn];
    let keys = ["k", "owner", "rank.x", "none", "k000", "k119"];
    let steps = [1, 3, 1_000_000].map(|width| By::Start { width: Micros(width) });
    let others = [
        By::UrlTemplate,
        By::Outcome,
        By::AnnotationKey,
        By::Status,
        By::EntryPoint,
        By::Node,
        By::Edge,
        By::FaultCause,
        By::CausePath(CauseKind::Fault),
        By::CausePath(CauseKind::Error),
        By::CausePath(CauseKind::ResponseTime),
        By::Exception,
    ];
    let keys = keys.map(|key| By::Annotation(key.to_owned()));
    texts.map(By::Text).into_iter().chain(keys).chain(others).chain(steps).collect()
}

/// Checks one table, of which some rows are void.
fn check(rows: &[Row<'_>], table: &Table, query: &traces::Query<'_>, by: &By, groups_max: usize) {
    let mut sorted: Vec<&Row<'_>> = rows.iter().collect();
    sorted.sort_by_key(|row| std::cmp::Reverse((row.summary.start, row.summary.id)));
    let is_void =
        |place: usize| query.void.is_some_and(|void| place < void.len() && void.value(place));
    let found = sorted.into_iter().enumerate().filter(|(place, row)| {
        !is_void(*place) && row.is_in(query.axis, &query.window) && query.predicate.matches(*row)
    });
    let found: Vec<Seen> = found.map(|(_, row)| seen(by, row)).collect();
    let expected = expected(&found, groups_max);
    let mut groups = Groups::new(BYTES_MAX);
    let tables = &[super::Table { by, of: None, groups_max }];
    let cost =
        table.group(query, &[], tables, Measured::default(), std::slice::from_mut(&mut groups));
    let cost = cost.expect("undamaged");
    assert!(cost.row_count >= found.len() as u64);
    assert_eq!(grouped(groups, groups_max), expected, "{by:?}");
}

fn query<'q>(
    predicate: &'q Predicate,
    axis: Axis,
    window: RangeInclusive<Micros>,
    void: Option<&'q BooleanBuffer>,
) -> traces::Query<'q> {
    let page = Page { after: None, traces_max: usize::MAX };
    traces::Query { predicate, axis, window, rows: None, void, page, watch: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(12, 64)))]

    #[test]
    fn groups_of_a_table_are_those_of_its_rows(
        rows in rows(0..40),
        predicates in vec(predicate(), 1..4),
        (axis, window) in (axis(), window()),
        void in proptest::option::of(vec(any::<bool>(), 0..50).prop_map(BooleanBuffer::from)),
        groups_max in 0_usize..6,
    ) {
        let table = table(&rows);
        let anything = Predicate::All(Vec::new());
        for by in every_way() {
            check(&rows, &table, &query(&anything, Axis::Start, ALL, None), &by, groups_max);
            for predicate in &predicates {
                let query = query(predicate, axis, window.clone(), void.as_ref());
                check(&rows, &table, &query, &by, groups_max);
            }
        }
    }
}

#[test]
fn groups_of_large_dictionaries_and_further_annotations_are_those_of_the_rows() {
    let rows = crowded();
    let table = table(&rows);
    let anything = Predicate::All(Vec::new());
    for by in every_way() {
        check(&rows, &table, &query(&anything, Axis::Start, ALL, None), &by, 7);
    }
}

#[test]
fn keys_that_find_no_place_are_counted_together() {
    let mut groups = Groups::new(2_000);
    let sample = Sample { flags: 1, response_time: Some(Micros(5)), sets: 0 };
    for _ in 0..2 {
        for key in 0..100 {
            let slot = groups.key(Key::Status(key));
            groups.add(&[slot], sample);
        }
    }
    let found = grouped(groups, 2);
    assert_eq!(found.total.trace_count, 200);
    let told = found.groups.len() as u64 + found.others.group_count;
    assert!((3..20).contains(&told), "{told}");
    assert_eq!(found.others.untold_count, 2 * (100 - told));
    assert_eq!(found.others.measures.trace_count, 200 - 2 * 2);
    assert_eq!(found.others.measures.fault_count, 200 - 2 * 2);
    let keys: Vec<&Key> = found.groups.iter().map(|group| &group.key).collect();
    assert_eq!(keys, [&Key::Status(0), &Key::Status(1)]);
    assert_eq!(found.groups[0].measures.trace_count, 2, "known before memory was short");
}

/// What happens to a store.
#[derive(Clone, Debug)]
enum Step {
    /// Documents by their trace, their id and what they are like.
    Append(Vec<(u64, u64, usize)>),
    Seal(Seal),
    Compact,
    Delete(u64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let documents = vec((0_u64..8, 0_u64..3, 0..LIKE.len()), 1..5);
    prop_oneof![
        5 => documents.prop_map(Step::Append),
        4 => select(vec![Seal::All, Seal::Most, Seal::Idle]).prop_map(Step::Seal),
        1 => Just(Step::Compact),
        1 => (0_u64..8).prop_map(Step::Delete),
        1 => Just(Step::Reopen),
    ]
}

const LIKE: [&str; 5] = [
    r#""annotations":{"k":"a","owner":7}"#,
    r#""fault":true,"user":"u","annotations":{"k":true},"cause":{"exceptions":[{"id":"0000000000000001"}]}"#,
    r#""error":true,"throttle":true,"http":{"request":{"url":"/u","method":"GET"},"response":{"status":429}}"#,
    r#""annotations":{"k":"b","owner":7.5},"origin":"AWS::EC2::Instance","aws":{"ec2":{"instance_id":"i-1"}}"#,
    r#""http":{"request":{"client_ip":"192.0.2.1","user_agent":"a"},"response":{"status":200}}"#,
];

fn document((trace, id, like): (u64, u64, usize)) -> String {
    let (trace_id, like) = (trace_id(trace), LIKE[like]);
    let parent = if id == 0 { "" } else { r#""parent_id":"0000000000000010","# };
    format!(
        r#"{{"trace_id":"{trace_id}","id":"{:016x}",{parent}"name":"n{id}","start_time":{},"end_time":{}.5,{like}}}"#,
        id + 16,
        50 + trace,
        51 + trace + id,
    )
}

/// Looks at every trace of the store.
fn all_seen(store: &Store, by: &By) -> Vec<Seen> {
    let whole = |id| {
        let stored = store.trace(&id).expect("it was found");
        let seen = |trace: &trace::Trace<'_>| seen(by, &Row::of(trace, Place::default()));
        scan::with_trace(&stored, seen).expect("a trace")
    };
    ids(store).into_iter().map(whole).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(6, 100)))]

    #[test]
    fn groups_of_a_store_are_those_of_its_traces(steps in vec(step(), 1..30)) {
        let dir = MemDir::default();
        let mut store = open(&dir);
        for (received, step) in (1..).zip(steps) {
            match step {
                Step::Append(documents) => {
                    let documents: Vec<String> = documents.into_iter().map(document).collect();
                    append(&store, batch(received, &documents)).expect("appended");
                }
                Step::Seal(seal) => drop(store.seal(seal).expect("sealed")),
                Step::Compact => drop(store.compact().expect("compacted")),
                Step::Delete(trace) => drop(store.delete(trace_id(trace)).expect("deleted")),
                Step::Reopen => {
                    drop(store);
                    store = open(&dir);
                }
            }
        }
        for by in every_way() {
            let query = Query {
                filter: Filter::EVERYTHING, axis: Axis::Start, window: ALL, by: &by, groups_max: 2,
            };
            let found = store.group(&query);
            prop_assert_eq!(found.cost.unreadable_block_count, 0);
            let expected = Grouped { cost: found.cost, ..expected(&all_seen(&store, &by), 2) };
            prop_assert_eq!(found, expected, "{:?}", by);
        }
    }
}

#[test]
fn tables_and_sets_in_one_pass_are_what_each_says_alone() {
    let store = open(&MemDir::default());
    for trace in 0..40 {
        let documents: Vec<String> =
            (0..1 + trace % 3).map(|id| document((trace, id, (trace + id) as usize % 5))).collect();
        append(&store, batch(trace + 1, &documents)).expect("appended");
        if trace == 15 || trace == 30 {
            store.seal(Seal::All).expect("sealed");
        }
    }
    let filter = |text: &str| {
        let predicate = filter::Predicate::read(text).expect("legal");
        Filter::of(&predicate, &filter::Options::default())
    };
    let (axis, window, watch) = (Axis::Start, ALL, &Watch::default());
    for (all, a, b) in [
        ("", "fault", r#"annotation.k = "a""#),
        ("duration > 0", "error", r#"service("n1") { duration > 1.6 }"#),
        (r#"service("n0") { duration > 1.6 }"#, r#"service("n1") { ok }"#, "fault"),
    ] {
        let sets = [a, b].map(|set| filter(&format!("{all} {set}")));
        let all = &filter(all);
        let every_way = every_way();
        let tables: Vec<super::Table<'_>> = every_way
            .iter()
            .flat_map(|by| [None, Some(0), Some(1)].map(|of| (by, of)))
            .map(|(by, of)| super::Table { by, of, groups_max: usize::MAX })
            .collect();
        let query = Tables {
            filter: all,
            axis,
            window: window.clone(),
            sets: &[&sets[0], &sets[1]],
            tables: &tables,
            measured: Measured::default(),
            watch,
        };
        let found = store.group_tables(&query);
        for (tables, found) in tables.chunks(3).zip(found.chunks(3)) {
            let alone = |filter| {
                let window = window.clone();
                let query =
                    Query { filter, axis, window, by: tables[0].by, groups_max: usize::MAX };
                store.group(&query)
            };
            let alone = [alone(all), alone(&sets[0]), alone(&sets[1])];
            for (found, alone) in found.iter().zip(&alone) {
                assert_eq!(without_sets(found), without_sets(alone), "{:?}", tables[0]);
            }
            let counts = |grouped: &Grouped, key: &Key| {
                let group = grouped.groups.iter().find(|group| group.key == *key);
                group.map_or(0, |group| group.measures.trace_count)
            };
            for Group { key, measures } in &found[0].groups {
                let expected = [counts(&alone[1], key), counts(&alone[2], key)];
                assert_eq!(measures.set_counts, expected, "{key:?}");
            }
        }
    }
}

#[test]
fn a_set_may_have_a_window_and_durations_may_be_measured() {
    let store = open(&MemDir::default());
    for trace in 0..30 {
        let documents: Vec<String> = (0..2).map(|id| document((trace, id, 1))).collect();
        append(&store, batch(trace + 1, &documents)).expect("appended");
        if trace == 20 {
            store.seal(Seal::All).expect("sealed");
        }
    }
    // Traces begin at 50 s, a second apart.
    let window = Micros(60_000_000)..=Micros(74_999_999);
    let by = &By::Outcome;
    for (text, expected) in [("", 15), (r#"service("n1") { duration > 1.6 }"#, 15), ("ok", 0)] {
        let predicate = filter::Predicate::read(text).expect("legal");
        let set = Filter::of(&predicate, &filter::Options::default());
        let set = &set.within(Axis::Start, window.clone());
        let found = store.group_tables(&Tables {
            filter: Filter::EVERYTHING,
            axis: Axis::Start,
            window: ALL,
            sets: &[set],
            tables: &[super::Table { by, of: None, groups_max: 9 }],
            measured: Measured::Duration,
            watch: &Watch::default(),
        });
        let total = &found[0].total;
        assert_eq!((total.trace_count, total.set_counts[0]), (30, expected), "{text}");
        let alone = Query { filter: set, axis: Axis::Start, window: ALL, by, groups_max: 9 };
        assert_eq!(store.group(&alone).total.trace_count, expected, "{text}");
        let page = Page { after: None, traces_max: usize::MAX };
        let all = scan::Query {
            filter: Filter::EVERYTHING,
            axis: Axis::Start,
            window: ALL,
            page,
            checks_max: u64::MAX,
        };
        let durations = store.scan(&all).rows.iter().filter_map(|row| row.duration()).max();
        assert_eq!(total.response_time_max, durations);
    }
}

/// Returns the keys and what is measured, without what is not asked of a set alone.
fn without_sets(grouped: &Grouped) -> (Vec<Group>, Measures, Measures) {
    let plain = |measures: &Measures| Measures { set_counts: [0; SETS_MAX], ..measures.clone() };
    let groups = grouped.groups.iter();
    let groups =
        groups.map(|one| Group { key: one.key.clone(), measures: plain(&one.measures) }).collect();
    (groups, plain(&grouped.none), plain(&grouped.total))
}
