//! Lines in pieces of every size are the lines in one piece.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const HEADER: &[u8] = datagram::HEADER;

/// Feeds pieces, and returns the documents and what was rejected.
fn read<'a>(
    otlp: Otlp,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Vec<String>, Vec<StreamProblem>), StreamProblem> {
    let mut lines = Lines::new(otlp);
    let (mut texts, mut counts) = (Vec::new(), [0; StreamProblem::ALL.len()]);
    let mut add = |batch: Batch| {
        texts.extend(batch.documents.iter().map(|it| String::from_utf8_lossy(it).into_owned()));
        counts.iter_mut().zip(batch.rejected).for_each(|(sum, count)| *sum += count);
    };
    for piece in pieces {
        lines.room().extend_from_slice(piece);
        add(lines.take()?);
    }
    add(lines.finish()?);
    assert!(lines.is_between());
    let each = |(problem, count)| std::iter::repeat_n(problem, count);
    Ok((texts, StreamProblem::ALL.into_iter().zip(counts).flat_map(each).collect()))
}

fn whole(bytes: &[u8]) -> Result<(Vec<String>, Vec<StreamProblem>), StreamProblem> {
    read(Otlp::Passed, [bytes])
}

#[test]
fn each_line_is_a_document() {
    use StreamProblem::{BadHeader, NotUtf8, Unsupported};
    let ok = |texts: &[&str], problems: &[StreamProblem]| {
        Ok((texts.iter().map(|&text| text.to_owned()).collect(), problems.to_vec()))
    };
    let behind = |lines: &[u8]| whole(&[HEADER, lines].concat());
    assert_eq!(behind(b""), ok(&[], &[]));
    assert_eq!(behind(b"{\"a\":1}\n{}\n"), ok(&["{\"a\":1}", "{}"], &[]));
    assert_eq!(behind(b"\n \t\r\n{}\r\n\n\n[]"), ok(&["{}", "[]"], &[]));
    assert_eq!(behind(b"{}\n\xff\n\"\xc3\xa9\"\n"), ok(&["{}", "\"é\""], &[NotUtf8]));
    assert_eq!(behind(b"T1SCgA=\nT1UCgA=\nM1CgA="), ok(&["T1SCgA=", "T1UCgA=", "M1CgA="], &[]));
    let refused = read(Otlp::Refused, [HEADER, b"T1SCgA=\n{}\n"]);
    assert_eq!(refused, ok(&["{}"], &[Unsupported]));
    assert_eq!(whole(b"{\"Version\": 1, \"format\": \"JSON\"}\r\n{}"), ok(&["{}"], &[]));
    assert_eq!(whole(b""), ok(&[], &[]));
    assert_eq!(whole(b"{}\n{}"), Err(BadHeader));
    assert_eq!(whole(b"\n"), Err(BadHeader));
    assert_eq!(whole(&[b' '; HEADER_BYTES_MAX + 1]), Err(BadHeader));
    assert_eq!(whole(b"GET / HTTP/1.1\r\n\r\n"), Err(BadHeader));
}

#[test]
fn a_document_that_is_too_large_costs_itself_alone() {
    let largest = vec![b'x'; STREAM_DOCUMENT_BYTES_MAX];
    for (extra, behind) in [(1, &b"\nb\n"[..]), (9_000_000, b"\nb\n"), (9_000_000, b"")] {
        let mut bytes = [HEADER, b"a\n", &largest, b"\n", &largest].concat();
        bytes.resize(bytes.len() + extra, b'x');
        bytes.extend(behind);
        for piece_bytes in [1 << 16, 1 << 23, 1 << 30] {
            let (texts, problems) = read(Otlp::Passed, bytes.chunks(piece_bytes)).unwrap();
            let lengths: Vec<_> = texts.iter().map(String::len).collect();
            let last: &[usize] = if behind.is_empty() { &[] } else { &[1] };
            assert_eq!(lengths, [&[1, STREAM_DOCUMENT_BYTES_MAX], last].concat());
            assert_eq!(problems, [StreamProblem::TooLarge]);
        }
    }
}

#[test]
fn a_large_document_leaves_no_large_buffer() {
    let mut lines = Lines::new(Otlp::Passed);
    lines.room().extend_from_slice(HEADER);
    for _ in 0..30 {
        lines.room().extend_from_slice(&[b'x'; READ_BYTES]);
        lines.take().unwrap();
    }
    assert_eq!(lines.held_bytes(), 30 * READ_BYTES);
    lines.room().extend_from_slice(b"\n");
    assert_eq!(lines.take().unwrap().documents.len(), 1);
    assert!(lines.room().capacity() <= READ_BYTES);
}

proptest! {
    #[test]
    fn where_the_pieces_end_does_not_matter(
        has_header in prop::bool::weighted(0.9),
        lines in vec("[a-zé \r\n]{0,40}", 0..6),
        cuts in vec(1..50usize, 1..40),
    ) {
        let mut bytes = if has_header { HEADER.to_vec() } else { Vec::new() };
        bytes.extend(lines.join("\n").as_bytes());
        let mut rest = &bytes[..];
        let pieces = cuts.iter().cycle().map_while(|&cut| {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            rest = behind;
            (!piece.is_empty()).then_some(piece)
        });
        prop_assert_eq!(read(Otlp::Passed, pieces), whole(&bytes));
    }
}
