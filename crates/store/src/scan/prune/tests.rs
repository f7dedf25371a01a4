//! No row that is like a predicate is in a chunk that is pruned by it.

use std::fmt::Write;

use insta::assert_snapshot;
use proptest::prelude::*;
use wire::Micros;

use super::*;
use crate::Axis;
use crate::block::traces::tests::generate::{bare, predicate, rows};
use crate::block::traces::{Row, StoredRow};
use crate::index::{Builder, Index};

/// Returns the index of rows in this order.
fn index(rows: &[Row<'_>], chunk_rows: u32) -> Index<Vec<u8>> {
    let mut builder = Builder::with_chunk_rows(chunk_rows);
    let (mut tokens, mut of_stored) = (Tokens::default(), Tokens::default());
    for row in rows {
        let (mut hashes, mut stored_hashes) = (Vec::new(), Vec::new());
        let stored = StoredRow::of(row);
        tokens.push(row, &mut hashes);
        of_stored.push(&stored, &mut stored_hashes);
        assert_eq!(hashes, stored_hashes);
        assert_eq!(entry(row), entry(&stored));
        builder.push(&entry(row), hashes);
    }
    Index::open(builder.finish()).expect("an index just made")
}

proptest! {
    #[test]
    fn no_row_that_is_like_the_predicate_is_pruned(
        rows in rows(1..24),
        predicates in proptest::collection::vec(predicate(), 1..24),
        chunk_rows in 1_u32..4,
    ) {
        let rows: Vec<Row<'_>> = rows.into_iter().map(|mut row| {
            // As the table has it: positions beyond 32 bits do not exist.
            row.place.row_count = row.place.row_count.min(u32::MAX - row.place.first_row);
            row
        }).collect();
        let index = index(&rows, chunk_rows);
        for predicate in &predicates {
            let left = index.prune(&condition(predicate));
            for (at, row) in rows.iter().enumerate() {
                let is_left = left.iter().any(|range| range.contains(&(at as u32)));
                prop_assert!(is_left || !predicate.matches(row), "{:?}", predicate);
            }
        }
    }

    #[test]
    fn a_least_time_is_not_above_a_time_of_as_many_seconds(micros in any::<u64>()) {
        prop_assert!(micros_min(Micros(micros).seconds()) <= Micros(micros));
    }
}

#[test]
fn what_an_index_can_tell_prunes() {
    let mut fault = bare(0, 10);
    fault.summary.has_fault = true;
    fault.summary.duration = Some(Micros(2_000_000));
    fault.summary.http.status = Some(500);
    fault.summary.http.url = Some("https://shop.example/cart");
    fault.summary.users = vec!["ann"];
    let plain = bare(1, 9);
    let index = index(&[fault, plain], 1);
    let text = |text: &str| TextTest::Equals(text.to_owned());
    let number = |member, comparison, value| Term::Number(member, comparison, value);
    let node = |name: &str| NodeTest { name: Some(name.to_owned()), service_type: None };
    let terms = [
        Term::Flag(Flag::Root(Outcome::Fault)),
        Term::Flag(Flag::Root(Outcome::Ok)),
        Term::Flag(Flag::Anywhere(Outcome::Fault)),
        Term::Time(Axis::Start, Micros(0)..=Micros(9)),
        Term::Time(Axis::End, Micros(0)..=Micros(9)),
        number(NumberMember::Duration, Order::GreaterOrEqual, 2.0),
        number(NumberMember::Duration, Order::Greater, 2.1),
        number(NumberMember::Duration, Order::Less, 1.0),
        number(NumberMember::Status, Order::Equal, 500.0),
        Term::Text(TextMember::Url, TextTest::Contains("example/cart/".to_owned())),
        Term::Text(TextMember::Url, text("https://shop.example/cart")),
        Term::Text(TextMember::User, text("ann")),
        Term::Text(TextMember::Method, text("GET")),
        Term::Annotation("tier".to_owned(), ValueTest::Flag(true)),
        Term::Service(node("cart"), None),
        Term::Service(NodeTest::default(), Some(Outcome::Fault)),
        Term::Edge(node("cart"), NodeTest::default(), None),
    ];
    let mut lines = String::new();
    let mut list = |name: String, predicate: &Predicate| {
        let left = index.prune(&condition(predicate));
        let rows: Vec<u32> = left.into_iter().flatten().collect();
        let name = name.replace(", service_type: None", "").replace("name: None", "");
        writeln!(lines, "{rows:?} {name}").expect("a string takes every write");
    };
    for term in terms {
        list(format!("{term:?}"), &Predicate::Is(term));
    }
    let ok = Predicate::Is(Term::Flag(Flag::Root(Outcome::Ok)));
    list("not ok".to_owned(), &Predicate::Not(Box::new(ok)));
    assert_snapshot!(lines, @r#"
    [0] Flag(Root(Fault))
    [0, 1] Flag(Root(Ok))
    [] Flag(Anywhere(Fault))
    [1] Time(Start, Micros(0)..=Micros(9))
    [] Time(End, Micros(0)..=Micros(9))
    [0] Number(Duration, GreaterOrEqual, 2.0)
    [] Number(Duration, Greater, 2.1)
    [0, 1] Number(Duration, Less, 1.0)
    [0] Number(Status, Equal, 500.0)
    [0] Text(Url, Contains("example/cart/"))
    [0] Text(Url, Equals("https://shop.example/cart"))
    [0] Text(User, Equals("ann"))
    [0, 1] Text(Method, Equals("GET"))
    [] Annotation("tier", Flag(true))
    [] Service(NodeTest { name: Some("cart") }, None)
    [] Service(NodeTest {  }, Some(Fault))
    [] Edge(NodeTest { name: Some("cart") }, NodeTest {  }, None)
    [0] not ok
    "#);
}
