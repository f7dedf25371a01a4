//! Sorted traces are those that sorting all of them finds.

use trace::fixture::{BASE, Fixture};

use super::*;
use crate::testing::{append, batch, open};
use crate::{MemDir, Seal, Store};

const ALL: RangeInclusive<Micros> = Micros(0)..=Micros(u64::MAX);

/// A store of live, sealed and late traces; some are unfinished, some are equally long.
fn store() -> Store {
    let store = open(&MemDir::default());
    for number in 1..=60 {
        let end = match number % 7 {
            0 => String::new(),
            more => format!("{}ms", more * 10),
        };
        let fault = if number % 5 == 0 { "500" } else { "" };
        let text = format!("front 0..{end} {fault}\n  > back 1..{}ms", 2 + number % 3);
        let base = Micros(BASE.0 + u64::from(number % 4) * 1_000_000);
        let fixture = Fixture::numbered(number, base, &text);
        append(&store, batch(u64::from(number), &fixture.texts())).expect("appended");
        if number == 20 || number == 40 {
            store.seal(Seal::All).expect("sealed");
        }
    }
    for number in [3, 7, 30] {
        let base = Micros(BASE.0 + u64::from(number % 4) * 1_000_000);
        let fixture = Fixture::numbered(number, base, "more 0..500ms id=9");
        append(&store, batch(99, &fixture.texts())).expect("appended");
    }
    store
}

fn all(store: &Store, filter: &Filter) -> Vec<Arc<StoredRow>> {
    let page = Page { after: None, traces_max: usize::MAX };
    let axis = Axis::Start;
    let query = scan::Query { filter, axis, window: ALL, page, checks_max: u64::MAX };
    store.scan(&query).rows
}

#[test]
fn every_page_in_every_order_is_part_of_all_sorted() {
    let store = store();
    for text in ["", "fault", r#"service("back") { duration > 0.0015 }"#, "annotation.none"] {
        let predicate = filter::Predicate::read(text).expect("legal");
        let filter = &Filter::of(&predicate, &filter::Options::default());
        let rows = all(&store, filter);
        for by in [Time::Start, Time::Duration, Time::ResponseTime] {
            for order in [Order::Ascending, Order::Descending] {
                let place = |row: &Arc<StoredRow>| Place { time: by.of(row), id: row.id() };
                let mut expected: Vec<Place> = rows.iter().map(place).collect();
                expected.sort_by(|a, b| order.compare(a, b));
                let mut found = Vec::new();
                let (axis, after, traces_max) = (Axis::Start, None, 7);
                let watch = &Watch::default();
                let mut query =
                    Query { filter, axis, window: ALL, by, order, after, traces_max, watch };
                loop {
                    let page = store.sort(&query);
                    assert_eq!(page.total, expected.len() as u64, "{text} {by:?} {order:?}");
                    found.extend(page.rows.iter().map(place));
                    query.after = page.next;
                    if page.next.is_none() {
                        break;
                    }
                }
                assert_eq!(found, expected, "{text} {by:?} {order:?}");
            }
        }
    }
}

#[test]
fn whoever_watches_sees_how_far_it_is_and_may_call_it_off() {
    let store = store();
    for (is_cancelled, looked_at) in [(false, 60), (true, 0)] {
        for filter in [Filter::EVERYTHING, &late_filter()] {
            let watch = &Watch::default();
            if is_cancelled {
                watch.cancel();
            }
            let (axis, by, order, after) = (Axis::Start, Time::Start, Order::Ascending, None);
            let query =
                Query { filter, axis, window: ALL, by, order, after, traces_max: 100, watch };
            let page = store.sort(&query);
            let progress = watch.progress();
            assert_eq!(progress.found, page.total);
            assert!(progress.looked_at >= looked_at, "{progress:?}");
            assert_eq!(page.rows.is_empty(), is_cancelled);
        }
    }
}

/// A filter for which traces must be put together.
fn late_filter() -> Filter {
    let predicate =
        filter::Predicate::read(r#"service("back") { duration > 0.0015 }"#).expect("legal");
    let filter = Filter::of(&predicate, &filter::Options::default());
    assert!(!filter.is_exact());
    filter
}

#[test]
fn what_has_no_such_time_comes_last() {
    let store = store();
    for order in [Order::Ascending, Order::Descending] {
        let (filter, axis, by) = (Filter::EVERYTHING, Axis::Start, Time::ResponseTime);
        let (after, traces_max) = (None, 100);
        let watch = &Watch::default();
        let query = Query { filter, axis, window: ALL, by, order, after, traces_max, watch };
        let times: Vec<Option<Micros>> =
            store.sort(&query).rows.iter().map(|row| by.of(row)).collect();
        let known = times.iter().take_while(|time| time.is_some()).count();
        assert!(known < times.len() && times[known..].iter().all(Option::is_none));
        assert!(times[..known].is_sorted_by(|a, b| match order {
            Order::Ascending => a <= b,
            Order::Descending => a >= b,
        }));
    }
}
