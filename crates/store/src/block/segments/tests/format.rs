//! The file is what `docs/format/block.md` says, to other readers and in every version.

use std::fmt::Write as _;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, UInt32Type, UInt64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/segments-v1.parquet");

fn batch(file: Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

#[test]
fn any_parquet_reader_sees_the_documented_columns() {
    let traces = Sent::group(Fixture::new(TRACES[0]).texts());
    let batch = batch(write(&traces).0);
    let names = batch.column_by_name("name").unwrap().as_string::<i32>();
    let starts = batch.column_by_name("start").unwrap().as_primitive::<Int64Type>();
    let durations = batch.column_by_name("duration").unwrap().as_primitive::<Int64Type>();
    let flags = batch.column_by_name("flags").unwrap().as_primitive::<UInt32Type>();
    let ids = batch.column_by_name("id").unwrap().as_primitive::<UInt64Type>();
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        let (id, name, start) = (ids.value(row), names.value(row), starts.value(row));
        let (duration, flags) = (durations.value(row), flags.value(row));
        writeln!(text, "{id:016x} {name} {start} {duration} {flags:#x}").unwrap();
    }
    insta::assert_snapshot!(text, @"
    0000000100000001 checkout 0 120000 0xa00
    0000000100000002 validate 1000 8000 0x0
    0000000100000003 DynamoDB 10000 30000 0x0
    0000000100000004 payments 45000 65000 0x0
    0000000100000005 payments 45000 65000 0x600
    0000000100000006 db@host 50000 40000 0x0
    0000000100000007 mail 50000 0 0x2708
    ");
}

#[test]
fn every_column_is_documented_and_no_other() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/block.md");
    let document = fs::read_to_string(document).unwrap();
    let section = document.split("\n## ").find(|section| section.starts_with("`segments.parquet`"));
    let section = section.expect("a section about this file");
    let columns = section.split("\n### ").find(|part| part.starts_with("Columns"));
    let rows = columns.expect("a part about the columns").lines();
    let cell = |row: &str, index: usize| row.split('|').nth(index).unwrap_or("").trim().to_owned();
    let documented: Vec<_> = rows
        .filter(|row| row.starts_with("| `"))
        .map(|row| [cell(row, 1).replace('`', ""), cell(row, 2), cell(row, 3)])
        .collect();
    let schema = columns::schema();
    let actual: Vec<_> = columns::COLUMNS
        .iter()
        .map(|&(name, layout)| {
            let field = schema.field_with_name(name).unwrap();
            let optional = if field.is_nullable() { "?" } else { "" };
            let data_type = format!("{}{optional}", field.data_type());
            [name.to_owned(), data_type, format!("{layout:?}").to_lowercase()]
        })
        .collect();
    assert_eq!(documented, actual);
}

/// What the fixture of version 1 was made from.
fn fixture_sent() -> Vec<Sent> {
    let mut sent = fixture_traces();
    let members = PECULIAR.iter().filter(|members| !members.contains("cause"));
    let texts = members.map(|members| {
        format!(
            r#"{{"trace_id":"1-581cf771-a006649127e371903a2de979","name":"a","id":"53995c3f42cd8ad8","start_time":1795245638.3111613,"end_time":1795245638.5,{members}}}"#
        )
    });
    sent.extend(Sent::group(texts));
    sent.sort_by_key(|sent| sent.id);
    sent
}

#[test]
fn a_file_of_version_1_is_read() {
    let sent = fixture_sent();
    let table = Table::open(Arc::new(Bytes::from(fs::read(FIXTURE).unwrap()))).unwrap();
    let traces = table.traces(0..table.row_count()).unwrap();
    assert_eq!(traces.len(), sent.len());
    for (read, sent) in traces.iter().zip(&sent) {
        assert_eq!(read.id, sent.id);
        let read: Vec<_> = read.documents.iter().map(|document| said(&document.text)).collect();
        let sent: Vec<_> = sent.texts.iter().map(|text| said(text)).collect();
        assert_eq!(read, sent);
    }
}

#[test]
fn a_file_of_another_version_is_refused() {
    let (file, ..) = write(&fixture_sent());
    let key = VERSION_KEY.as_bytes();
    let place = file.windows(key.len()).rposition(|window| window == key).unwrap() + key.len() + 2;
    let mut newer = file.to_vec();
    assert_eq!(newer[place], b'1');
    newer[place] = b'9';
    let error = Table::open(Arc::new(Bytes::from(crate::block::checksum::with_right_sum(newer))))
        .map(drop)
        .unwrap_err();
    insta::assert_snapshot!(error, @r#"read a table of segments: it is of version "9" of the format, and this program knows up to 1"#);
}
