//! What is written comes back, and a scan finds what a look at every row finds.

mod damage;
pub(crate) mod generate;
mod merge;
mod scan;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use insta::assert_snapshot;
use proptest::prelude::*;
use trace::fixture::Fixture;
use wire::Micros;

use super::{Marks, Place, Row, StoredRow, Table, Writer};

/// Writes rows and opens what was written.
fn table(rows: &[Row<'_>]) -> Table {
    Table::open(Arc::new(bytes(rows))).expect("a table just written")
}

fn bytes(rows: &[Row<'_>]) -> Bytes {
    let mut writer = Writer::default();
    rows.iter().for_each(|row| writer.push(row));
    let (bytes, order) = writer.finish().expect("small enough");
    assert_eq!(order.len(), rows.len());
    bytes.into()
}

fn everything(table: &Table) -> Vec<StoredRow> {
    let places: Vec<u32> = (0..table.row_count() as u32).collect();
    table.rows(&places).expect("undamaged")
}

/// Checks that all rows come back, newest first.
fn check_round_trip(rows: &[Row<'_>]) {
    let stored = everything(&table(rows));
    let mut expected: Vec<&Row<'_>> = rows.iter().collect();
    expected.sort_by_key(|row| std::cmp::Reverse((row.summary.start, row.summary.id)));
    assert_eq!(stored.len(), expected.len());
    for (stored, expected) in stored.iter().zip(expected) {
        assert_eq!(stored.row(), *expected);
        assert_eq!(format!("{:?}", stored.row()), format!("{expected:?}"));
        let owned = StoredRow::of(expected);
        assert_eq!(format!("{stored:?}"), format!("{owned:?}"));
    }
}

static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| {
    let texts = [
        "a 0..1ms",
        "front 0..",
        "probe 5..9ms orphan subsegment @a=1",
        "
        front 0..1000ms 404 method=GET url=https://example.com/a agent=ua/1 ip=192.0.2.17 user=u1 \
instance=i-0 zone=us-west-2a arn=arn:1 @rank=10
          DynamoDB 10..20ms aws op=Query table=scores @rank=10.5 @rank=9 @owner=x
          > back 100..900ms user=u2 instance=i-1 zone=us-west-2a @owner=true
          => third 400..500ms user=u1
        ",
        "
        checkout 0..120ms 500 fault user=ann throws=Boom:declined
          validate 1..9ms
          > payments 20..119ms 500 fault throws=Boom:declined
            \"db@host\" 50..90ms remote sql=\"select 1\" error throws=Slow:
          > payments 20..30ms
          mail 50.. remote late
        ",
        "a 5..1ms throttle 429\nb 0..1s 503\nc 3..4ms orphan",
    ];
    let numbered = texts.iter().zip(1..);
    let base = |number: u32| trace::fixture::BASE.0 + u64::from(number / 3) * 1_000_000;
    numbered.map(|(text, number)| Fixture::numbered(number, Micros(base(number)), text)).collect()
});

#[test]
fn summaries_of_traces_come_back() {
    let traces: Vec<_> = FIXTURES.iter().map(Fixture::trace).collect();
    let place = |at: u32| Place { first_row: at * 7, row_count: at + 1 };
    let rows: Vec<Row<'_>> =
        traces.iter().zip(0..).map(|(trace, at)| Row::of(trace, place(at))).collect();
    assert!(rows.iter().any(|row| !row.summary.fault_root_causes.is_empty()));
    assert!(rows.iter().any(|row| !row.summary.error_root_causes.is_empty()));
    assert!(rows.iter().any(|row| !row.summary.response_time_root_causes.is_empty()));
    check_round_trip(&rows);
}

#[test]
fn an_empty_table_is_a_table() {
    check_round_trip(&[]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_rows_come_back(rows in generate::rows(0..40)) {
        check_round_trip(&rows);
    }
}

#[test]
fn many_services_and_keys_come_back() {
    let rows = generate::crowded();
    let table = table(&rows);
    assert!(table.meta().services.len() > super::columns::BITMAP_ENTRIES_MAX);
    assert!(!table.meta().overflow_keys.is_empty());
    check_round_trip(&rows);
}

#[test]
fn rows_come_in_the_order_asked_for() {
    let traces: Vec<_> = FIXTURES.iter().map(Fixture::trace).collect();
    let rows: Vec<Row<'_>> = traces.iter().map(|trace| Row::of(trace, Place::default())).collect();
    let table = table(&rows);
    let all: Vec<_> = everything(&table).iter().map(StoredRow::id).collect();
    let some = table.rows(&[3, 0, 99, 3]).expect("undamaged");
    assert_eq!(some.iter().map(StoredRow::id).collect::<Vec<_>>(), [all[3], all[0], all[3]]);
}

#[test]
fn a_table_of_version_1_is_read() {
    let table = Table::open(Arc::new(Bytes::from_static(include_bytes!(
        "../../../fixtures/traces-v1.parquet"
    ))));
    let stored = everything(&table.expect("a table of version 1"));
    let traces: Vec<_> = FIXTURES.iter().map(Fixture::trace).collect();
    assert_eq!(stored.len(), traces.len());
    for stored in &stored {
        let trace = traces.iter().find(|trace| trace.id == stored.id()).expect("a fixture");
        assert_eq!(stored.row(), Row::of(trace, stored.row().place));
    }
}

/// Lists nodes and edges with their marks.
fn outcomes(text: &str) -> String {
    let fixture = Fixture::new(text);
    let trace = fixture.trace();
    let row = Row::of(&trace, Place::default());
    let marks = |marks: Marks| {
        let all = [
            (Marks::OK, "ok"),
            (Marks::FAULT, "fault"),
            (Marks::ERROR, "error"),
            (Marks::THROTTLE, "throttle"),
        ];
        let set = all.iter().filter(|(mark, _)| marks.has(*mark)).map(|(_, name)| *name);
        set.collect::<Vec<_>>().join(" ")
    };
    let name = |at: usize| {
        let node = &row.summary.nodes[at];
        node.service_type.as_ref().map_or(node.name.to_string(), |of| format!("{}:{of}", node.name))
    };
    let nodes = row.services.iter().enumerate();
    let mut lines: Vec<String> =
        nodes.map(|(at, of)| format!("{} {}", name(at), marks(*of))).collect();
    lines.extend(row.edges.iter().map(|edge| {
        format!("{} → {} {}", name(edge.source), name(edge.target), marks(edge.marks))
    }));
    lines.join("\n")
}

#[test]
fn outcomes_are_those_of_segments_and_of_calls() {
    assert_snapshot!(outcomes("
        front 0..100ms 500
          DynamoDB 1..2ms aws op=Query table=scores 429
          DynamoDB 1..2ms aws op=Query table=scores
          > back 5..9ms 404
          => worker 10..20ms fault error
          local 1..2ms fault
    "), @"
    back error
    front fault
    front:client fault
    scores:AWS::DynamoDB::Table ok throttle
    worker fault error
    front → back error
    front → scores:AWS::DynamoDB::Table ok throttle
    front → worker fault error
    front:client → front fault
    ");
}
