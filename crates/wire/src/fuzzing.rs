//! What must hold for any bytes: the bodies of the fuzz targets.
//!
//! A body panics when a promise is broken, and does nothing otherwise. Each compares the reading
//! that we use with a second one that is slow and obvious, or goes once round.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::datagram;
use crate::header::Header;
use crate::json::encode;
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::member::{parse_careful, parse_quick};
use crate::problem::{Code, check};
use crate::segment::Segment;

/// Reads a document in both ways, and reads what is written of it.
///
/// # Panics
/// When the readings disagree, or a document written is not the document read.
pub fn fuzz_document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let found = check(text);
    compare_ways(text);
    match Segment::parse(text) {
        Err(problems) => assert_eq!(problems, found, "the readings find different problems"),
        Ok(segment) => {
            assert!(found.is_empty() || is_beyond_trees(text), "read in spite of {found:?}");
            go_round(&segment, text.len());
        }
    }
}

/// What is read quickly is what is read carefully.
fn compare_ways(text: &str) {
    if let Some(quick) = parse_quick::<Segment<'_>>(text) {
        let careful: Option<Segment<'_>> = parse_careful(text);
        assert_eq!(
            format!("{:?}", Some(quick)),
            format!("{careful:?}"),
            "read in two ways: {text}"
        );
    }
}

/// Returns whether the text is JSON that cannot be held as a tree: a number beyond a double or half
/// a surrogate pair. Where such a value is carried untouched, reading the document never looks at
/// it.
fn is_beyond_trees(text: &str) -> bool {
    check(text).iter().all(|problem| problem.code == Code::ParseError)
        && serde_json::from_str::<Value>(text).is_err()
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn go_round(segment: &Segment<'_>, bytes: usize) {
    let written = encode(segment);
    // A number may take more digits in our notation, which is no reason to call it too large.
    if bytes > DOCUMENT_BYTES_MAX / 8 {
        return;
    }
    let again = Segment::parse(&written).expect("what we write we can read");
    // Raw values are compared as text, which `==` on them would not do.
    assert_eq!(format!("{again:?}"), format!("{segment:?}"), "written as {written}");
}

/// Reads a datagram in both ways, and sends its document once more.
///
/// # Panics
/// When the readings disagree, or the document sent is not the document received.
pub fn fuzz_datagram(bytes: &[u8]) {
    let parsed = datagram::parse(bytes);
    // A blank before the header means nothing, and keeps it from being compared as a whole.
    assert_eq!(datagram::parse(&[b" ", bytes].concat()), parsed, "the readings disagree");
    if let Ok(document) = parsed {
        assert!(bytes.ends_with(document.as_bytes()));
        assert_eq!(datagram::parse(&datagram::encode(document)), Ok(document));
    }
}

/// Reads a header, and reads what is printed of it.
///
/// # Panics
/// When the header printed is not the header read, or a part was lost on the way.
pub fn fuzz_header(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let header = Header::parse(text);
    let printed = header.to_string();
    assert_eq!(Header::parse(&printed), header, "printed as {printed}");
    let count = |text: &str| text.split(';').filter(|part| !part.trim().is_empty()).count();
    assert_eq!(count(&printed), count(text), "a part was lost or made: {printed}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_hold_for_what_is_usual_and_what_is_odd() {
        for text in [
            "",
            "{",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Self=1;x;Sampled=?",
            "{\"format\": \"json\", \"version\": 1}\n{}",
            include_str!("segment/full.json"),
            r#"{"name":"a","id":"70de5b6f19ff9a0a","start_time":1,"end_time":2e0,
               "trace_id":"1-581cf771-a006649127e371903a2de979","metadata":{"a":1e400}}"#,
        ] {
            fuzz_document(text.as_bytes());
            fuzz_datagram(text.as_bytes());
            fuzz_header(text.as_bytes());
        }
    }
}
