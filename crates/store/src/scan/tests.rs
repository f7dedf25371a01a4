//! Every scan, count and group finds the traces that `filter::evaluate` finds.

mod generate;

use std::ops::Range;

use filter::{Options, evaluate};
use proptest::collection::vec;
use proptest::prelude::*;
use trace::fixture::{BASE, Fixture};
use trace::summarize;

use super::*;
use crate::group::{self, By};
use crate::testing::{append, batch, ids, open};
use crate::{MemDir, Seal, Store};
use generate::{expression, trace_text};

/// What becomes of the traces of a store: each comes in two parts, at least the first of which is
/// never empty.
#[derive(Clone, Debug)]
struct History {
    /// The traces, each with how many of its documents come at first.
    traces: Vec<(String, usize)>,
    /// What is done between the parts, and after them.
    between: Upkeep,
    after: Upkeep,
}

#[derive(Clone, Copy, Debug)]
struct Upkeep {
    is_sealed: bool,
    is_compacted: bool,
    is_opened_anew: bool,
}

fn upkeep() -> impl Strategy<Value = Upkeep> {
    any::<[bool; 3]>().prop_map(|[is_sealed, is_compacted, is_opened_anew]| Upkeep {
        is_sealed,
        is_compacted,
        is_opened_anew,
    })
}

fn history() -> impl Strategy<Value = History> {
    let traces = vec((trace_text(), 1_usize..5), 1..9);
    (traces, upkeep(), upkeep()).prop_map(|(traces, between, after)| History {
        traces,
        between,
        after,
    })
}

impl History {
    fn store(&self, dir: &MemDir) -> Store {
        let fixture = |(number, (text, _)): (u32, &(String, usize))| {
            let base = Micros(BASE.0 + u64::from(number / 2) * 1_000_000);
            Fixture::numbered(number, base, text)
        };
        let fixtures: Vec<Fixture> = (1..).zip(&self.traces).map(fixture).collect();
        let mut store = open(dir);
        for (is_second, upkeep) in [(false, self.between), (true, self.after)] {
            for (received, (fixture, (_, first))) in (1..).zip(fixtures.iter().zip(&self.traces)) {
                let (before, after) =
                    fixture.documents.split_at((*first).min(fixture.documents.len()));
                let part = if is_second { after } else { before };
                let texts: Vec<&str> = part.iter().map(|document| &*document.text).collect();
                if !texts.is_empty() {
                    append(&store, batch(received, &texts)).expect("appended");
                }
            }
            if upkeep.is_sealed {
                store.seal(Seal::All).expect("sealed");
            }
            if upkeep.is_compacted {
                store.compact().expect("compacted");
            }
            if upkeep.is_opened_anew {
                drop(store);
                store = open(dir);
            }
        }
        store
    }
}

/// The slow, obvious way: every trace is looked at.
fn expected(store: &Store, predicate: &filter::Predicate, options: &Options) -> Vec<TraceId> {
    let fits = |id: &TraceId| {
        let stored = store.trace(id).expect("it was found");
        let fits = |trace: &Trace<'_>| {
            let summary = summarize(trace);
            evaluate(predicate, trace, &summary, options).is_some()
        };
        with_trace(&stored, fits).expect("a trace")
    };
    let mut found: Vec<TraceId> = ids(store).into_iter().filter(fits).collect();
    found.sort_unstable();
    found
}

const ALL: RangeInclusive<Micros> = Micros(0)..=Micros(u64::MAX);

/// Turns all pages; also says how many there were.
fn paged(store: &Store, query: &Query<'_>) -> (Vec<TraceId>, usize) {
    let mut found: Vec<Cursor> = Vec::new();
    let mut query = query.clone();
    for page_count in 1.. {
        let page = store.scan(&query);
        assert_eq!(page.cost.unreadable_block_count, 0);
        let cursor = |row: &Arc<StoredRow>| {
            let time = row.time(query.axis).expect("it stands among others");
            Cursor { time, id: row.id() }
        };
        found.extend(page.rows.iter().map(cursor));
        assert!(page.rows.len() <= query.page.traces_max.max(1));
        query.page.after = page.next;
        if page.next.is_none() {
            assert!(found.is_sorted_by(|newer, older| newer > older), "{found:?}");
            let mut ids: Vec<TraceId> = found.iter().map(|cursor| cursor.id).collect();
            ids.sort_unstable();
            return (ids, page_count);
        }
    }
    unreachable!("pages end")
}

fn check(store: &Store, text: &str, options: &Options, traces_max: usize, checks_max: u64) {
    let predicate = filter::Predicate::read(text).expect("an expression");
    let filter = &Filter::of(&predicate, options);
    let expected = expected(store, &predicate, options);
    for axis in [Axis::Start, Axis::Updated] {
        let page = Page { after: None, traces_max };
        let query = Query { filter, axis, window: ALL, page, checks_max };
        assert_eq!(paged(store, &query).0, expected, "{text}");
        assert_eq!(store.count(&query).0, expected.len() as u64, "{text}");
    }
    let by = &By::Node;
    let query = group::Query { filter, axis: Axis::Start, window: ALL, by, groups_max: 9 };
    let total = store.group(&query).total;
    assert_eq!(total.trace_count, expected.len() as u64, "{text}");
}

fn window() -> impl Strategy<Value = Option<Range<Micros>>> {
    let millis = |millis: u64| Micros(BASE.0 + millis * 1_000);
    let window = (0_u64..3_000, 0_u64..2_000)
        .prop_map(move |(start, width)| millis(start)..millis(start + width));
    prop_oneof![3 => Just(None), 1 => window.prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(12, 300)))]

    #[test]
    fn a_filter_finds_what_the_reference_finds(
        history in history(),
        expressions in vec((expression(), window()), 30),
        traces_max in 1_usize..5,
        checks_max in prop::sample::select(vec![0_u64, 2, u64::MAX]),
    ) {
        let store = history.store(&MemDir::default());
        for (text, window) in expressions {
            check(&store, &text, &Options { window }, traces_max, checks_max);
        }
    }
}

/// A store of so many traces, of which one in ten is slow behind its front.
fn many(count: u32) -> Store {
    let store = open(&MemDir::default());
    for number in 1..=count {
        let end = if number % 10 == 0 { 90 } else { 20 };
        let text = format!("front 0..100ms\n  > back 10..{end}ms");
        let base = Micros(BASE.0 + u64::from(number) * 1_000);
        let fixture = Fixture::numbered(number, base, &text);
        append(&store, batch(u64::from(number), &fixture.texts())).expect("appended");
    }
    store
}

#[test]
fn a_page_ends_when_enough_traces_were_asked_and_the_next_one_goes_on() {
    let store = many(200);
    store.seal(Seal::All).expect("sealed");
    let predicate = filter::Predicate::read(r#"service("back") { duration > 1 }"#).expect("legal");
    let filter = &Filter::of(&predicate, &Options::default());
    let page = Page { after: None, traces_max: 7 };
    let query = Query { filter, axis: Axis::Start, window: ALL, page, checks_max: 50 };
    let first = store.scan(&query);
    assert!(first.rows.is_empty() && first.next.is_some());
    assert_eq!(first.cost.checked_count, 50);
    let (found, page_count) = paged(&store, &query);
    assert!(found.is_empty() && page_count == 4, "{page_count}");
}

#[test]
fn no_more_traces_are_asked_than_are_needed_for_a_page() {
    for is_sealed in [false, true] {
        let store = many(200);
        if is_sealed {
            store.seal(Seal::All).expect("sealed");
        }
        let predicate = filter::Predicate::read(r#"service("back") { duration < 0.05 }"#);
        let filter = &Filter::of(&predicate.expect("legal"), &Options::default());
        let page = Page { after: None, traces_max: 9 };
        let query = Query { filter, axis: Axis::Start, window: ALL, page, checks_max: u64::MAX };
        let found = store.scan(&query);
        assert_eq!(found.rows.len(), 9);
        assert!((9..30).contains(&found.cost.checked_count), "{:?}", found.cost);
    }
}
