//! A merged table has the rows picked, as if they had been written to it.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{everything, generate, table};
use crate::block::traces::{Pick, Place, Row, StoredRow, Table, merge};

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
    let mut seen: Vec<StoredRow> = Vec::new();
    let inputs: Vec<&Table> = tables.iter().collect();
    let bytes = merge(&inputs, &picks, |row| seen.push(row.clone())).expect("undamaged");
    let merged = Table::open(std::sync::Arc::new(bytes::Bytes::from(bytes))).expect("a table");
    let merged = everything(&merged);
    assert_eq!(format!("{merged:?}"), format!("{:?}", everything(&table(&expected))));
    assert_eq!(format!("{merged:?}"), format!("{seen:?}"));
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
