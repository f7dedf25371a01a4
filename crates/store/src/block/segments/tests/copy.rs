//! A compacted table has the traces of its inputs, copied or merged.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::block::Damage;

/// Compacts the picks, and checks that each is where it is said to be; returns where that is.
fn compacted(tables: &[Table], picks: &[Pick]) -> (Table, Vec<Range<u64>>) {
    let inputs: Vec<_> = tables.iter().collect();
    let Compacted { to, counts, first_rows } = compact(Vec::new(), &inputs, picks).unwrap();
    assert_eq!(counts.bytes, to.len() as u64);
    let table = Table::open(Arc::new(Bytes::from(to))).unwrap();
    table.verify().unwrap();
    let mut found = Counts { bytes: counts.bytes, ..Counts::default() };
    let mut places = Vec::new();
    for (pick, first) in picks.iter().zip(first_rows) {
        let rows = first..first + pick.rows.end - pick.rows.start;
        let traces = table.traces(rows.clone()).unwrap();
        assert_eq!(traces, tables[pick.input].traces(pick.rows.clone()).unwrap());
        found.trace_count += traces.len() as u64;
        found.document_count += traces.iter().map(|it| it.documents.len() as u64).sum::<u64>();
        found.row_count += rows.end - rows.start;
        places.push(rows);
    }
    assert_eq!(counts, Counts { verbatim_count: counts.verbatim_count, ..found });
    assert_eq!(table.row_count(), counts.row_count);
    (table, places)
}

fn one_document(number: u64) -> String {
    format!(
        r#"{{"trace_id":"1-581cf771-{number:024x}","name":"n","id":"{number:016x}","start_time":{number}.5,"end_time":9999999}}"#
    )
}

/// Writes the traces of these numbers to one table, and picks those that are wanted.
fn table(numbers: Range<u64>, input: usize, picks: &mut Vec<(TraceId, Pick)>) -> Table {
    let sent = Sent::group(numbers.map(one_document));
    let (file, _, rows) = write(&sent);
    let pick = |(sent, rows): (&Sent, _)| (sent.id, Pick { input, rows });
    picks.extend(sent.iter().zip(rows).map(pick));
    Table::open(Arc::new(file)).unwrap()
}

fn sorted(mut picks: Vec<(TraceId, Pick)>) -> Vec<Pick> {
    picks.sort_by_key(|(id, _)| *id);
    picks.into_iter().map(|(_, pick)| pick).collect()
}

#[test]
fn whole_row_groups_are_copied_and_others_are_merged() {
    let mut picks = Vec::new();
    let tables = [
        table(200..210, 0, &mut picks),
        table(50..60, 1, &mut picks),
        table(0..3, 2, &mut picks),
        table(100..110, 3, &mut picks),
    ];
    // One row of the second table is void, and the third is small.
    picks.remove(12);
    let picks = sorted(picks);
    let (table, places) = compacted(&tables, &picks);
    let rows: Vec<_> = table.group_rows();
    assert_eq!(rows, [0..12, 12..22, 22..32]);
    let place = |number: usize| places[number].start;
    assert_eq!([place(0), place(3), place(12), place(22)], [0, 3, 22, 12]);

    // What was made of copies is not sorted: its parts are read side by side.
    let again = |rows: Range<u64>| Pick { input: 0, rows };
    let some: Vec<Pick> = places
        .iter()
        .enumerate()
        .filter(|(at, _)| at % 5 > 0)
        .map(|(_, rows)| again(rows.clone()))
        .collect();
    let (table, _) = compacted(&[table], &some);
    assert_eq!(format!("{:?}", table.group_rows()), "[0..25]");
}

#[test]
fn row_groups_with_a_trace_in_common_are_copied_together_or_not_at_all() {
    let groups = [0..10, 10..20, 20..30];
    let copied = |picked: &[(u64, u64)]| {
        let picked: Vec<_> = picked.iter().map(|&(start, end)| start..end).collect();
        let copied = super::super::copy::whole(0, &groups, picked.iter());
        format!("{:?}", copied.map(|groups| groups.indexes).collect::<Vec<_>>())
    };
    assert_eq!(copied(&[(0, 10), (10, 20), (20, 30)]), "[0..1, 1..2, 2..3]");
    assert_eq!(copied(&[(0, 5), (5, 15), (15, 20), (20, 30)]), "[0..2, 2..3]");
    assert_eq!(copied(&[(0, 5), (5, 15), (16, 20), (20, 30)]), "[2..3]");
    assert_eq!(copied(&[(0, 30)]), "[0..3]");
    assert_eq!(copied(&[(0, 29)]), "[]");
    assert_eq!(copied(&[]), "[]");
}

#[test]
fn what_is_copied_is_verified() {
    let mut picks = Vec::new();
    let sent = Sent::group((0..9_000).map(one_document));
    let (file, _, rows) = write(&sent);
    let mut damaged = file.to_vec();
    damaged[50_000] ^= 1;
    let damaged = Table::open(Arc::new(Bytes::from(damaged))).unwrap();
    picks.extend(rows.into_iter().map(|rows| Pick { input: 0, rows }));
    let error = compact(Vec::new(), &[&damaged], &picks).map(drop).unwrap_err();
    let is_damage =
        std::matches!(error, Error::Damaged { source: Damage::Chunk { offset: 49_152 } });
    assert!(is_damage, "{error:?}");
}

#[test]
fn what_is_not_there_is_an_error() {
    let mut picks = Vec::new();
    let table = table(0..9, 0, &mut picks);
    let picks = [Pick { input: 0, rows: 0..10 }];
    let error = compact(Vec::new(), &[&table], &picks).map(drop).unwrap_err();
    insta::assert_snapshot!(error, @"read rows 0 to 10 of a table of segments that has 9");
    let (table, _) = compacted(&[], &[]);
    assert_eq!(table.row_count(), 0);
}

#[test]
fn a_table_that_is_not_sorted_is_found() {
    let mut picks = Vec::new();
    let tables = [table(9..10, 0, &mut picks), table(0..1, 1, &mut picks)];
    let inputs: Vec<_> = tables.iter().collect();
    let mut writer = writer::file(Vec::new(), Level::Compacted).unwrap();
    for table in inputs {
        let reader = table.reader();
        for batch in table.select(&reader, &(0..1)).unwrap().build().unwrap() {
            writer.write(&batch.unwrap()).unwrap();
        }
    }
    let (file, _) = writer.into_serialized_writer().unwrap();
    let (file, _) = writer::finish(file, Counts::default()).unwrap();
    let error = Table::open(Arc::new(Bytes::from(file))).unwrap().verify().unwrap_err();
    insta::assert_snapshot!(error, @"understand trace_id in row 1 of a table of segments");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(16, 64)))]

    #[test]
    fn what_is_compacted_twice_is_what_was_written(
        traces in prop::collection::vec((0..TRACES.len(), 0_usize..4, 0_u8..6), 0..40)
    ) {
        let mut of_input = vec![Vec::new(); 4];
        let mut dropped = [Vec::new(), Vec::new()];
        for (number, (text, input, gone)) in (1..).zip(traces) {
            let fixture = Fixture::numbered(number, trace::fixture::BASE, TRACES[text]);
            let sent = Sent::group(fixture.texts());
            if let Some(dropped) = dropped.get_mut(usize::from(gone)) {
                dropped.extend(sent.iter().map(|sent| sent.id));
            }
            of_input[input].extend(sent);
        }
        let mut tables = Vec::new();
        let mut picks = Vec::new();
        for (input, sent) in of_input.iter_mut().enumerate() {
            sent.sort_by_key(|sent| sent.id);
            let (file, _, rows) = write(sent);
            tables.push(Table::open(Arc::new(file)).unwrap());
            let pick = |(sent, rows): (&Sent, _)| (sent.id, Pick { input, rows });
            let kept = sent.iter().zip(rows).filter(|(sent, _)| !dropped[0].contains(&sent.id));
            picks.extend(kept.map(pick));
        }
        // The first three, and then these and the last.
        picks.sort_by_key(|(id, _)| *id);
        let (last, first): (Vec<_>, Vec<_>) = picks.into_iter().partition(|(_, pick)| pick.input == 3);
        let (table, places) = compacted(&tables, &sorted(first.clone()));
        let moved = first.into_iter().zip(places).map(|((id, _), rows)| (id, Pick { input: 0, rows }));
        let last = last.into_iter().map(|(id, pick)| (id, Pick { input: 1, ..pick }));
        let kept = moved.chain(last).filter(|(id, _)| !dropped[1].contains(id));
        let last_table = tables.pop().unwrap();
        compacted(&[table, last_table], &sorted(kept.collect()));
    }
}
