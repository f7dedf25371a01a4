//! A merged table has the rows picked, as if they had been written to it.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{everything, generate, table};
use crate::block::traces::merge::merge_rows;
use crate::block::traces::{Pick, Place, Row, StoredRow, Table, merge};
use crate::index::{TokenHash, TraceEntry};
use crate::scan::prune::{self, Tokens};

/// Writes each row to one of three tables, merges those that are kept, and compares.
fn check(rows: &[Row<'_>], choices: &[(usize, bool)]) {
    let parts: Vec<Vec<Row<'_>>> = (0..3)
        .map(|part| {
            let of_part = rows.iter().zip(choices).filter(|(_, choice)| choice.0 == part);
            of_part.map(|(row, _)| row.clone()).collect()
        })
        .collect();
    let tables: Vec<Table> = parts.iter().map(|rows| table(rows)).collect();
    let mut picks = Vec::new();
    let mut expected: Vec<Row<'_>> = Vec::new();
    for (row, (input, is_kept)) in rows.iter().zip(choices) {
        if *is_kept {
            let stored = everything(&tables[*input]);
            let at = stored.iter().position(|stored| stored.id() == row.summary.id);
            let place = Place { first_row: picks.len() as u32, row_count: 7 };
            picks.push(Pick { input: *input, row: at.expect("it was written") as u32, place });
            expected.push(Row { place, ..row.clone() });
        }
    }
    let inputs: Vec<&Table> = tables.iter().collect();
    let mut seen: Vec<Told> = Vec::new();
    let bytes = merge(&inputs, &picks, |entry, tokens| seen.push(told(entry, tokens)));
    let mut seen_by_rows: Vec<Told> = Vec::new();
    let by_rows =
        merge_rows(&inputs, &picks, |entry, tokens| seen_by_rows.push(told(entry, tokens)));
    let expected = table(&expected);
    for (bytes, seen) in [(bytes, seen), (by_rows, seen_by_rows)] {
        let bytes = bytes::Bytes::from(bytes.expect("undamaged"));
        let merged = Table::open(std::sync::Arc::new(bytes)).expect("a table");
        let rows = everything(&merged);
        assert_eq!(format!("{rows:?}"), format!("{:?}", everything(&expected)));
        let columns = |table: &Table| table.column_names().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(columns(&merged), columns(&expected));
        let names = |table: &Table| table.meta().services.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&merged), names(&expected));
        assert_eq!(merged.meta().chunk_starts, expected.meta().chunk_starts);
        assert_eq!(seen, rows.iter().map(told_of).collect::<Vec<_>>());
    }
}

/// What the index is told of a row.
type Told = (TraceEntry, BTreeSet<TokenHash>);

fn told(entry: &TraceEntry, tokens: &[TokenHash]) -> Told {
    (entry.clone(), tokens.iter().copied().collect())
}

fn told_of(row: &StoredRow) -> Told {
    let mut tokens = Vec::new();
    Tokens::default().push(row, &mut tokens);
    told(&prune::entry(row), &tokens)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn picked_rows_are_merged(
        rows in generate::rows(0..30),
        choices in vec((0_usize..3, any::<bool>()), 30),
    ) {
        check(&rows, &choices);
    }
}

#[test]
fn tables_with_many_services_and_keys_are_merged() {
    let rows = generate::crowded();
    let choices: Vec<(usize, bool)> = (0..rows.len()).map(|at| (at % 3, at % 7 > 0)).collect();
    check(&rows, &choices);
}
