//! The tables of a block, read by a program that knows Parquet and nothing of us.

use std::fs;

use serde_json::json;
use store::block::segments::{self, Document, Level, Pick, Trace};
use store::block::traces::{Place, Row, Writer};
use trace::fixture::{BASE, Fixture};
use wire::{Micros, Segment};

use crate::clients::run_python;

/// So many traces that a table has several pages.
const TRACE_COUNT: u32 = 3_000;

/// One trace in two is at fault; each has four rows in two documents.
fn fixture(number: u32) -> Fixture {
    let (status, city) =
        if number.is_multiple_of(2) { ("500 fault", "Berlin") } else { ("200", "Zürich") };
    let text = format!(
        "
        checkout     0..120ms  {status} user=ann @rank={number} @city={city}
          validate   1..9ms
          > payments 45..110ms {status}
        "
    );
    Fixture::numbered(number, Micros(BASE.0 + u64::from(number) * 1_000), &text)
}

/// Returns both tables; that of segments was merged from two.
fn tables() -> (Vec<u8>, Vec<u8>) {
    let mut traces = Writer::default();
    let mut halves = [0, 1].map(|_| segments::Writer::new(Vec::new()).expect("memory"));
    let mut picks = Vec::new();
    let mut first_row = 0;
    for number in 1..=TRACE_COUNT {
        let fixture = fixture(number);
        let document = |sent: &trace::fixture::Document| sent.text.clone();
        let texts: Vec<_> = fixture.documents.iter().map(document).collect();
        let documents = texts.iter().zip(&fixture.documents).map(|(text, sent)| Document {
            text,
            segment: None,
            received: sent.received,
            request_number: sent.request_number,
        });
        let parsed = Segment::parse(&texts[0]).expect("a document");
        let id = parsed.trace_id.expect("a segment's trace");
        let trace = Trace { id, documents: documents.collect(), limit_exceeded: false };
        let input = number as usize % 2;
        let rows = halves[input].push(&trace).expect("memory");
        let row_count = u32::try_from(rows.end - rows.start).expect("few rows");
        picks.push(Pick { input, rows });
        traces.push(&Row::of(&fixture.trace(), Place { first_row, row_count }));
        first_row += row_count;
    }
    let halves = halves.map(|half| {
        let (file, _) = half.finish().expect("memory");
        segments::Table::open(std::sync::Arc::new(bytes::Bytes::from(file))).expect("a table")
    });
    let merged = segments::merge(Vec::new(), &halves.each_ref(), picks, Level::Compacted);
    (merged.expect("whole tables").0, traces.finish().expect("few traces").0)
}

#[test]
fn duckdb_reads_both_tables_of_a_block() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = ["segments.parquet", "traces.parquet"].map(|name| folder.path().join(name));
    let (segments, traces) = tables();
    fs::write(&names[0], segments).expect("a file");
    fs::write(&names[1], traces).expect("a file");
    let found = run_python("tables.py", &[&names[0], &names[1]]);

    let count = u64::from(TRACE_COUNT);
    let ranks = count * (count + 1) / 2;
    let start = BASE.0 + 1_000;
    let received = fixture(TRACE_COUNT).documents[0].received.0;
    // The answering segment has the second of the last two numbers.
    let last_id = u64::from(TRACE_COUNT) << 32 | 4;
    assert_eq!(
        found["totals"],
        json!([count * 4, count, count * 258_000, start, received, count * 2, last_id])
    );
    let half = count / 2;
    assert_eq!(
        found["names"],
        json!([
            ["checkout", null, 200, half, 0],
            ["checkout", null, 500, half, half],
            ["payments", "remote", 200, half, 0],
            ["payments", "remote", 500, half, half],
            ["payments", null, 200, half, 0],
            ["payments", null, 500, half, half],
            ["validate", null, null, count, 0],
        ])
    );
    let even = half * (half + 1);
    assert_eq!(
        found["annotations"],
        json!([
            [r#"["rank","city"]"#, "Berlin", half, even],
            [r#"["rank","city"]"#, "Zürich", half, ranks - even],
        ])
    );
    assert_eq!(
        found["trace_totals"],
        json!([count, count * 120_000, count * 4, start, 500, ranks, half, count])
    );
    assert_eq!(found["joined"], json!([half * 4, half * 3]));
}
