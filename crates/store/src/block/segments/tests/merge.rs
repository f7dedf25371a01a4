//! Tables that are merged are the table that would have been written at once.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use super::*;
use crate::ReadAt;
use crate::block::Damage;

/// All rows of a file.
fn rows(file: Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let schema = columns::schema();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    concat_batches(batches.first().map_or(&schema, |batch| batch.schema_ref()), &batches).unwrap()
}

/// Writes each input's traces; picks all of them, in the order of their ids.
fn inputs(inputs: &[Vec<Sent>]) -> (Vec<Table>, Vec<Pick>) {
    let mut picks = Vec::new();
    let mut tables = Vec::new();
    for (input, sent) in inputs.iter().enumerate() {
        let (file, _, rows) = write(sent);
        tables.push(Table::open(Arc::new(file)).unwrap());
        let of_trace = |(sent, rows): (&Sent, _)| (sent.id, Pick { input, rows });
        picks.extend(sent.iter().zip(rows).map(of_trace));
    }
    picks.sort_by_key(|(id, pick)| (*id, pick.input));
    (tables, picks.into_iter().map(|(_, pick)| pick).collect())
}

fn merged(tables: &[Table], picks: Vec<Pick>) -> Result<(Bytes, Counts), Error> {
    let tables: Vec<_> = tables.iter().collect();
    let (file, counts) = merge(Vec::new(), &tables, picks, Level::Compacted)?;
    assert_eq!(counts.bytes, file.len() as u64);
    Ok((file.into(), counts))
}

/// Traces that follow each other, of one document each.
fn many(numbers: std::ops::Range<u64>) -> Vec<Sent> {
    let text = |number: u64| {
        format!(
            r#"{{"trace_id":"1-581cf771-{number:024x}","name":"n{number}","id":"{number:016x}","start_time":{number}.5,"end_time":9999999}}"#
        )
    };
    Sent::group(numbers.map(text))
}

#[test]
fn many_batches_of_many_inputs_come_in_their_order() {
    let all = many(0..20_000);
    let mut of_input = vec![Vec::new(); 3];
    for (number, sent) in all.iter().enumerate() {
        // The last input has its traces in one piece.
        let input = if number < 12_000 { number % 2 } else { 2 };
        of_input[input].push(sent.clone());
    }
    let (tables, picks) = inputs(&of_input);
    let (file, counts) = merged(&tables, picks).unwrap();
    let (wanted, wanted_counts, _) = write(&all);
    assert_eq!(rows(file), rows(wanted));
    assert_eq!(counts, Counts { bytes: counts.bytes, ..wanted_counts });
}

#[test]
fn parts_of_a_trace_become_one() {
    let texts = |from: u64| {
        let text = |number: u64| {
            format!(
                r#"{{"trace_id":"1-581cf771-a006649127e371903a2de979","name":"a","id":"{number:016x}","parent_id":"{:016x}","start_time":{number},"end_time":99}}"#,
                number - 1
            )
        };
        (from..from + 3).map(text)
    };
    let parts = [Sent::group(texts(1)), Sent::group(texts(4))];
    let (tables, picks) = inputs(&parts);
    let (file, counts) = merged(&tables, picks).unwrap();
    assert_eq!((counts.trace_count, counts.document_count), (1, 6));
    let traces = Table::open(Arc::new(file)).unwrap().traces(0..6).unwrap();
    let [trace] = &traces[..] else { panic!("one trace: {traces:?}") };
    assert!(trace.limit_exceeded);
    let requests: Vec<_> = trace.documents.iter().map(|it| it.request_number).collect();
    assert_eq!(requests, [0, 0, 1, 2, 2, 3]);
    for (read, sent) in trace.documents.iter().zip(texts(1).chain(texts(4))) {
        assert_eq!(said(&read.text), said(&sent));
    }
}

#[test]
fn nothing_merged_is_a_table() {
    for tables in [Vec::new(), inputs(&[many(0..5)]).0] {
        let (file, counts) = merged(&tables, Vec::new()).unwrap();
        assert_eq!((counts.trace_count, counts.row_count), (0, 0));
        assert_eq!(Table::open(Arc::new(file)).unwrap().row_count(), 0);
    }
}

#[test]
fn traces_out_of_order_and_parts_of_documents_are_errors() {
    let (tables, picks) = inputs(&[many(0..2), many(2..4)]);
    let check = |picks: Vec<Pick>| merged(&tables, picks).map(drop).unwrap_err().to_string();
    let error = check(vec![picks[2].clone(), picks[0].clone()]);
    insta::assert_snapshot!(error, @"understand trace_id in row 1 of a table of segments");
    let error = check(vec![Pick { input: 0, rows: 1..3 }]);
    insta::assert_snapshot!(error, @"read rows 1 to 3 of a table of segments that has 2");
    let (tables, picks) = inputs(&[fixture_traces()]);
    let inside = picks[0].rows.start + 1..picks[0].rows.end;
    let error = merged(&tables, vec![Pick { input: 0, rows: inside }]).map(drop).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"understand depth in row 0 of a table of segments");
}

#[test]
fn a_damaged_input_is_an_error() {
    let (file, _, rows) = write(&many(0..9_000));
    let mut damaged = file.to_vec();
    damaged[50_000] ^= 1;
    let table = Table::open(Arc::new(Bytes::from(damaged))).unwrap();
    let picks = rows.into_iter().map(|rows| Pick { input: 0, rows }).collect();
    let error = merged(&[table], picks).map(drop).unwrap_err();
    let is_damage =
        std::matches!(error, Error::Damaged { source: Damage::Chunk { offset: 49_152 } });
    assert!(is_damage, "{error:?}");
}

#[test]
fn an_input_that_cannot_be_read_is_no_damaged_one() {
    struct Failing(Bytes, AtomicBool);
    impl ReadAt for Failing {
        fn byte_count(&self) -> u64 {
            self.0.byte_count()
        }
        fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
            match self.1.load(Ordering::Relaxed) {
                true => Err(io::ErrorKind::PermissionDenied.into()),
                false => self.0.read_at(offset, len),
            }
        }
    }
    let (file, ..) = write(&many(0..10));
    let source = Arc::new(Failing(file, AtomicBool::new(false)));
    let table = Table::open(source.clone()).unwrap();
    source.1.store(true, Ordering::Relaxed);
    let picks = vec![Pick { input: 0, rows: 0..10 }];
    let Err(Error::Io { source }) = merged(&[table], picks) else { panic!("it cannot be read") };
    assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(16, 64)))]

    #[test]
    fn a_merge_is_what_is_written_at_once(
        traces in prop::collection::vec((0..TRACES.len(), prop::option::weighted(0.9, 0_usize..4)), 0..40)
    ) {
        let mut of_input = vec![Vec::new(); 4];
        let mut dropped = Vec::new();
        let mut kept = Vec::new();
        for (number, (text, input)) in (1..).zip(traces) {
            let fixture = Fixture::numbered(number, trace::fixture::BASE, TRACES[text]);
            let sent = Sent::group(fixture.texts());
            of_input[input.unwrap_or_default()].extend(sent.clone());
            match input {
                Some(_) => kept.extend(sent),
                None => dropped.extend(sent.iter().map(|sent| sent.id)),
            }
        }
        of_input.iter_mut().for_each(|sent| sent.sort_by_key(|sent| sent.id));
        kept.sort_by_key(|sent| sent.id);
        let (tables, mut picks) = inputs(&of_input);
        picks.retain(|pick| {
            let traces = tables[pick.input].traces(pick.rows.clone()).unwrap();
            traces.iter().all(|trace| !dropped.contains(&trace.id))
        });
        let (file, counts) = merged(&tables, picks).unwrap();
        let (wanted, wanted_counts, _) = write(&kept);
        prop_assert_eq!(rows(file), rows(wanted));
        prop_assert_eq!(counts, Counts { bytes: counts.bytes, ..wanted_counts });
    }
}
