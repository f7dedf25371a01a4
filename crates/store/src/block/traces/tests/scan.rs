//! A scan finds what a look at every row finds, in the same order and pages.

use std::cmp::Reverse;
use std::ops::{Range, RangeInclusive};

use arrow::buffer::BooleanBuffer;
use proptest::collection::vec;
use proptest::prelude::*;
use trace::Outcome;
use wire::Micros;

use super::generate::{axis, bare, crowded, predicate, rows, window};
use super::table;
use crate::block::traces::predicate::{Flag, Term};
use crate::block::traces::{CHUNK_ROWS, Facts, Predicate, Query, Row, StoredRow, Table};
use crate::{Axis, Cursor, Page};

const ALL: RangeInclusive<Micros> = Micros(0)..=Micros(u64::MAX);

fn anything() -> Predicate {
    Predicate::All(Vec::new())
}

/// The slow, obvious way: looks at every row of the table, places given.
fn expected(
    rows: &[Row<'_>],
    predicate: &Predicate,
    axis: Axis,
    window: &RangeInclusive<Micros>,
    allowed: Option<&[Range<u32>]>,
    void: Option<&BooleanBuffer>,
) -> Vec<Cursor> {
    let mut sorted: Vec<&Row<'_>> = rows.iter().collect();
    sorted.sort_by_key(|row| Reverse((row.summary.start, row.summary.id)));
    let mut found = Vec::new();
    for (place, row) in sorted.into_iter().enumerate() {
        let is_allowed =
            allowed.is_none_or(|ranges| ranges.iter().any(|range| range.contains(&(place as u32))));
        let is_void = void.is_some_and(|void| place < void.len() && void.value(place));
        let Some(time) = row.time(axis) else { continue };
        let is_like = predicate.matches(row);
        assert_eq!(is_like, predicate.matches(&StoredRow::of(row)), "{predicate:?}");
        if is_allowed && !is_void && row.is_in(axis, window) && is_like {
            found.push(Cursor { time, id: row.summary.id });
        }
    }
    found.sort_by_key(|cursor| Reverse(*cursor));
    found
}

/// Turns all pages.
fn pages(table: &Table, query: &Query<'_>) -> Vec<Cursor> {
    let mut query = query.clone();
    let mut found = Vec::new();
    loop {
        let page = table.scan(&query).expect("undamaged");
        assert!(page.rows.len() <= query.page.traces_max.max(1));
        let time = |row: &StoredRow| row.time(query.axis).expect("it was selected by it");
        found.extend(page.rows.iter().map(|row| Cursor { time: time(row), id: row.id() }));
        if page.next.is_none() {
            return found;
        }
        assert_eq!(page.next, found.last().copied());
        assert!(query.page.after.is_none_or(|after| page.next < Some(after)), "pages go on");
        query.page.after = page.next;
    }
}

fn ranges() -> impl Strategy<Value = Option<Vec<Range<u32>>>> {
    let starts = proptest::collection::btree_set(0_u32..50, 0..8);
    let ranges = starts.prop_map(|ends| {
        let ends: Vec<u32> = ends.into_iter().collect();
        ends.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect()
    });
    proptest::option::of(ranges)
}

/// Few or many void rows, fewer than the table has or more.
fn void() -> impl Strategy<Value = Option<BooleanBuffer>> {
    let bits = (0_usize..50, prop_oneof![Just(0.1), Just(0.9)])
        .prop_flat_map(|(len, part)| vec(proptest::bool::weighted(part), len));
    proptest::option::of(bits.prop_map(BooleanBuffer::from))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(16, 64)))]

    #[test]
    fn a_scan_finds_what_a_look_at_every_row_finds(
        rows in rows(0..40),
        predicates in vec(predicate(), 1..8),
        (axis, window) in (axis(), window()),
        (allowed, void) in (ranges(), void()),
        traces_max in 0_usize..12,
    ) {
        let table = table(&rows);
        for predicate in &predicates {
            let query = Query {
                predicate,
                axis,
                window: window.clone(),
                rows: allowed.as_deref(),
                void: void.as_ref(),
                page: Page { after: None, traces_max },
                watch: None,
            };
            let expected = expected(&rows, predicate, axis, &window, allowed.as_deref(), void.as_ref());
            let count = table.count(&query).expect("undamaged");
            prop_assert_eq!(count, expected.len() as u64, "{:?}", predicate);
            prop_assert_eq!(pages(&table, &query), expected, "{:?}", predicate);
        }
    }

    #[test]
    fn a_scan_of_lists_finds_what_a_look_at_every_row_finds(predicate in predicate()) {
        thread_local! {
            static CROWDED: (Vec<Row<'static>>, Table) = {
                let rows = crowded();
                let table = table(&rows);
                (rows, table)
            };
        }
        CROWDED.with(|(rows, table)| {
            let page = Page { after: None, traces_max: 25 };
            let query =
                Query { predicate: &predicate, axis: Axis::Start, window: ALL, rows: None, void: None, page, watch: None };
            let expected = expected(rows, &predicate, Axis::Start, &ALL, None, None);
            assert_eq!(pages(table, &query), expected);
        });
    }
}

/// Nine row groups and a bit, so that pages and groups are crossed; one row in 1000 has a fault,
/// and four rows at a time share a start.
fn large() -> Vec<Row<'static>> {
    let row = |at: usize| {
        let mut row = bare(at, 1_000 + (at as u64 * 7_919 % 150_000) / 4);
        row.summary.updated = Micros(at as u64);
        row.summary.has_fault = at % 1_000 == 3;
        row
    };
    (0..150_000).map(row).collect()
}

#[test]
fn pages_cross_chunks_and_row_groups() {
    let rows = large();
    let table = table(&rows);
    let fault = Predicate::Is(Term::Flag(Flag::Root(Outcome::Fault)));
    for axis in [Axis::Start, Axis::Updated, Axis::End] {
        let window = Micros(5_000)..=Micros(33_000);
        let page = Page { after: None, traces_max: 20 };
        let query =
            Query { predicate: &fault, axis, window, rows: None, void: None, page, watch: None };
        let expected = expected(&rows, &fault, axis, &query.window, None, None);
        assert_eq!(expected.is_empty(), axis == Axis::End);
        assert_eq!(pages(&table, &query), expected, "{axis:?}");
    }
}

#[test]
fn the_newest_are_found_in_the_first_chunk() {
    let table = table(&large());
    let anything = anything();
    let page = Page { after: None, traces_max: 100 };
    let query = Query {
        predicate: &anything,
        axis: Axis::Start,
        window: ALL,
        rows: None,
        void: None,
        page,
        watch: None,
    };
    let first = table.select(&query).expect("undamaged");
    assert_eq!(first.traces.len(), 100);
    assert_eq!(first.cost.row_count, CHUNK_ROWS as u64);

    // A window deep in the table is read where it is, and not from the newest row on.
    let deep = Query { window: Micros(1_000)..=Micros(1_010), ..query.clone() };
    let found = table.select(&deep).expect("undamaged");
    assert_eq!(found.traces.len(), 44);
    assert!(found.cost.row_count <= CHUNK_ROWS as u64, "{:?}", found.cost);

    let two_rows = [5..6, 149_999..160_000];
    let few = Query { rows: Some(&two_rows), ..query };
    let found = table.select(&few).expect("undamaged");
    assert_eq!(found.traces.iter().map(|(_, row)| *row).collect::<Vec<_>>(), [5, 149_999]);
    assert_eq!(found.cost.row_count, 2);
    assert!(found.cost.bytes_read < first.cost.bytes_read * 2);
}

#[test]
fn chunks_of_void_rows_are_not_read() {
    let table = table(&large());
    let anything = anything();
    let page = Page { after: None, traces_max: 100 };
    let chunk = CHUNK_ROWS;
    let void = BooleanBuffer::collect_bool(2 * chunk + 10, |row| row != chunk - 1);
    let query = Query {
        predicate: &anything,
        axis: Axis::Start,
        window: ALL,
        rows: None,
        void: Some(&void),
        page,
        watch: None,
    };
    let found = table.select(&query).expect("undamaged");
    let rows: Vec<u32> = found.traces.iter().map(|(_, row)| *row).collect();
    assert_eq!((rows[0], rows[1], rows.len()), (8191, 2 * 8192 + 10, 100));
    assert_eq!(found.cost.skipped_chunk_count, 1);
    // The one row of the first chunk, then a chunk and half of another.
    assert!(found.cost.row_count <= 1 + 2 * CHUNK_ROWS as u64, "{:?}", found.cost);
    assert_eq!(table.count(&query).expect("undamaged"), 150_000 - 2 * 8192 - 10 + 1);
}

#[test]
fn columns_that_cannot_change_the_answer_are_not_read() {
    let table = table(&large());
    let fault = Predicate::Is(Term::Flag(Flag::Root(Outcome::Fault)));
    let limited = Predicate::Is(Term::Flag(Flag::LimitExceeded));
    let page = Page { after: None, traces_max: 100 };
    let cost = |predicate: &Predicate| {
        let query = Query {
            predicate,
            axis: Axis::Start,
            window: ALL,
            rows: None,
            void: None,
            page,
            watch: None,
        };
        table.select(&query).expect("undamaged").cost
    };
    // No row has the flag: the flags alone were read, once for each step.
    let none = cost(&limited);
    let both = cost(&Predicate::All(vec![limited.clone(), fault.clone()]));
    assert_eq!(none.row_count, 150_000);
    assert_eq!(none.column_count, both.column_count);
    assert!(none.bytes_read < cost(&fault).bytes_read);
    // Neither are those that were just read.
    let twice = cost(&Predicate::Any(vec![limited.clone(), limited]));
    assert_eq!(twice.column_count, none.column_count);
}

#[test]
fn a_window_at_the_edge_of_a_chunk_loses_nothing() {
    let table = table(&large());
    let anything = anything();
    for &start in &table.meta().chunk_starts {
        let window = Micros(start)..=Micros(start);
        let page = Page { after: None, traces_max: 100 };
        let query = Query {
            predicate: &anything,
            axis: Axis::Start,
            window,
            rows: None,
            void: None,
            page,
            watch: None,
        };
        assert_eq!(table.count(&query).expect("undamaged"), 4, "{start}");
    }
}
