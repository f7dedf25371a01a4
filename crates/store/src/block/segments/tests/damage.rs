//! Files that are not as they were written are refused, and nothing panics.

use proptest::prelude::*;

use super::*;
use crate::block::Damage;

/// A small file that says something in most columns.
fn file() -> Bytes {
    let mut sent = Sent::group(client_documents());
    sent.extend(fixture_traces());
    sent.sort_by_key(|sent| sent.id);
    write(&sent).0
}

fn read(file: &[u8]) -> Result<Vec<StoredTrace>, Error> {
    let table = Table::open(Arc::new(Bytes::copy_from_slice(file)))?;
    table.traces(0..table.row_count())
}

#[test]
fn every_truncation_is_an_error() {
    let file = file();
    assert!(read(&file).is_ok());
    for len in 0..file.len() {
        let error =
            Table::open(Arc::new(file.slice(..len))).map(drop).expect_err("a part of a file");
        let is_damage = std::matches!(error, Error::Damaged { .. });
        assert!(is_damage, "{len}: {error:?}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_an_error() {
    let file = file();
    for place in (0..file.len()).step_by(crate::testing::step(7)) {
        let mut damaged = file.to_vec();
        damaged[place] ^= 1 << (place % 8);
        assert!(read(&damaged).is_err(), "byte {place} of {}", file.len());
    }
}

#[test]
fn an_error_names_the_damaged_part() {
    let text = |number: u64| {
        let id = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!(
            r#"{{"trace_id":"1-581cf771-a006649127e371903a2de979","name":"a","id":"{id:016x}","start_time":1,"end_time":2}}"#
        )
    };
    let (file, ..) = write(&Sent::group((0..6_000).map(text)));
    let mut damaged = file.to_vec();
    damaged[20_000] ^= 1;
    let error = read(&damaged).expect_err("a flipped bit");
    let source = std::error::Error::source(&error).expect("the damage");
    insta::assert_snapshot!(
        format!("{error}: {source}"),
        @"read a table of segments: the part that begins at byte 16384 does not match its checksum"
    );
    let is_damage =
        std::matches!(error, Error::Damaged { source: Damage::Chunk { offset: 16_384 } });
    assert!(is_damage, "{error:?}");
}

#[test]
fn rows_beyond_the_end_are_an_error() {
    let table = Table::open(Arc::new(file())).unwrap();
    let count = table.row_count();
    let error = table.traces(count - 1..count + 1).expect_err("a row too many");
    let wanted =
        format!("read rows {} to {} of a table of segments that has {count}", count - 1, count + 1);
    assert_eq!(error.to_string(), wanted);
    assert!(table.traces(u64::MAX - 1..u64::MAX).is_err());
}

#[test]
fn rows_that_begin_inside_a_document_are_an_error() {
    let table = Table::open(Arc::new(file())).unwrap();
    let results: Vec<_> = (0..table.row_count()).map(|row| table.traces(row..row + 1)).collect();
    assert!(results.iter().any(Result::is_err));
}

proptest! {
    #[test]
    fn bytes_that_are_no_file_are_an_error(bytes: Vec<u8>, ends_well: bool) {
        let mut bytes = bytes;
        if ends_well {
            bytes.extend_from_slice(b"PAR1");
        }
        prop_assert!(Table::open(Arc::new(Bytes::from(bytes))).is_err());
    }
}
