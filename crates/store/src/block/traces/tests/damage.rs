//! Bytes that are not those written are refused, and never with a panic.

use std::sync::Arc;

use bytes::Bytes;
use wire::Micros;

use super::super::{Error, Predicate, Query, Table};
use super::{FIXTURES, bytes};
use crate::block::traces::{Place, Row};
use crate::{Axis, Page};

fn small() -> Bytes {
    let traces: Vec<_> = FIXTURES.iter().map(trace::fixture::Fixture::trace).collect();
    let rows: Vec<Row<'_>> = traces.iter().map(|trace| Row::of(trace, Place::default())).collect();
    bytes(&rows)
}

/// Opens the table and reads all of it.
fn read(bytes: Bytes) -> Result<usize, Error> {
    let predicate = Predicate::All(Vec::new());
    let window = Micros(0)..=Micros(u64::MAX);
    let page = Page { after: None, traces_max: 100 };
    let query = Query {
        predicate: &predicate,
        axis: Axis::Start,
        window,
        rows: None,
        void: None,
        page,
        watch: None,
    };
    Ok(Table::open(Arc::new(bytes))?.scan(&query)?.rows.len())
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let whole = small();
    assert_eq!(read(whole.clone()).expect("whole"), FIXTURES.len());
    for at in (0..whole.len()).step_by(crate::testing::step(7)) {
        let mut flipped = whole.to_vec();
        flipped[at] ^= 1 << (at % 8);
        match read(flipped.into()) {
            Err(Error::Damaged { .. } | Error::NotATable { .. }) => {}
            // The file's first bytes say that it is Parquet, and are not needed to read it.
            other => panic!("byte {at} of {}: {other:?}", whole.len()),
        }
    }
}

#[test]
fn a_truncated_table_is_refused() {
    let whole = small();
    for len in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        match Table::open(Arc::new(whole.slice(..len))) {
            Err(Error::NotATable { .. } | Error::Damaged { .. }) => {}
            other => panic!("{len} bytes: {other:?}"),
        }
    }
}

#[test]
fn other_bytes_are_no_table() {
    for other in [&b""[..], b"PAR1", b"PAR1\0\0\0\0PAR1", b"\xff\xff\xff\xffPAR1", &[0; 4096]] {
        let error = Table::open(Arc::new(Bytes::copy_from_slice(other))).expect_err("no table");
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    }
}
