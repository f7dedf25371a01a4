//! The datagram in which an SDK sends one document: a header line, a newline, the document.
//!
//! Nothing here looks into the document; [`Segment::parse`](crate::Segment::parse) does that.

use std::fmt;

use serde_json::{Map, Value};

use crate::limits::DOCUMENT_BYTES_MAX;

/// The header as most SDKs write it, and as the others do.
const HEADERS: [&[u8]; 2] =
    [b"{\"format\":\"json\",\"version\":1}\n", b"{\"format\": \"json\", \"version\": 1}\n"];

/// What a datagram begins with, for those who write the document behind it themselves.
pub const HEADER: &[u8] = HEADERS[0];

/// What the documents of OTLP exporters begin with: sampled spans, unsampled spans, metrics.
const OTLP_PREFIXES: [&str; 3] = ["T1S", "T1U", "M1"];

/// Why a datagram brought no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no newline, so there is no header.
    NoNewline,
    /// The first line is not the header of a format that we know.
    BadHeader,
    /// Nothing follows the header.
    NoDocument,
    /// The document has more than `DOCUMENT_BYTES_MAX` bytes.
    TooLarge,
    /// The document is OTLP in base64, which is not taken in yet.
    Unsupported,
    /// The document is not UTF-8.
    NotUtf8,
}

impl Problem {
    /// Every problem, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::NoNewline,
        Self::BadHeader,
        Self::NoDocument,
        Self::TooLarge,
        Self::Unsupported,
        Self::NotUtf8,
    ];

    /// Returns the problem as one word, for the label of a counter.
    pub fn label(self) -> &'static str {
        match self {
            Self::NoNewline => "no_newline",
            Self::BadHeader => "bad_header",
            Self::NoDocument => "no_document",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
            Self::NotUtf8 => "not_utf8",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNewline => "no newline ends the header",
            Self::BadHeader => "the header is not that of a JSON document of version 1",
            Self::NoDocument => "no document follows the header",
            Self::TooLarge => "the document is too large",
            Self::Unsupported => "OTLP in datagrams is not supported yet",
            Self::NotUtf8 => "the document is not UTF-8",
        })
    }
}

/// Returns the document that a datagram brings.
///
/// # Errors
/// What is wrong with the datagram around its document.
///
/// Source: the UDP protocol of the X-Ray daemon.
pub fn parse(datagram: &[u8]) -> Result<&str, Problem> {
    parse_with_otlp(datagram).and_then(|document| match is_otlp(document) {
        true => Err(Problem::Unsupported),
        false => Ok(document),
    })
}

/// Returns the document that a datagram brings, be it a segment or OTLP: for those who send on what
/// they do not look into.
///
/// # Errors
/// What is wrong with the datagram around its document; never [`Problem::Unsupported`].
pub fn parse_with_otlp(datagram: &[u8]) -> Result<&str, Problem> {
    let document = match HEADERS.iter().find_map(|header| datagram.strip_prefix(*header)) {
        Some(document) => document,
        None => after_header(datagram)?,
    };
    if document.is_empty() {
        return Err(Problem::NoDocument);
    }
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(Problem::TooLarge);
    }
    std::str::from_utf8(document).map_err(|_| Problem::NotUtf8)
}

/// Returns whether a document is OTLP in base64 and no segment.
pub fn is_otlp(document: &str) -> bool {
    OTLP_PREFIXES.iter().any(|prefix| document.starts_with(prefix))
}

/// Returns whether a line, without its newline, is the header of documents that we know.
pub fn is_header(line: &[u8]) -> bool {
    HEADERS.iter().any(|header| header.strip_suffix(b"\n") == Some(line)) || names_json(line)
}

/// Returns the datagram that brings `document`, as most SDKs send it.
pub fn encode(document: &str) -> Vec<u8> {
    [HEADERS[0], document.as_bytes()].concat()
}

/// Reads a header that is not written in one of the usual ways: JSON, with names and the format in
/// any case.
fn after_header(datagram: &[u8]) -> Result<&[u8], Problem> {
    let newline = datagram.iter().position(|&byte| byte == b'\n').ok_or(Problem::NoNewline)?;
    let (header, document) = (&datagram[..newline], &datagram[newline + 1..]);
    if names_json(header) { Ok(document) } else { Err(Problem::BadHeader) }
}

/// Returns whether a header names the one format and version that there is.
fn names_json(header: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice(header) else { return false };
    let is_json = |value: &Value| value.as_str().is_some_and(|v| v.eq_ignore_ascii_case("json"));
    let is_version_1 = |value: &Value| *value == 1;
    holds(&members, "format", is_json) && holds(&members, "version", is_version_1)
}

/// Returns whether the member is there, under one or more spellings, each with the right value.
fn holds(members: &Map<String, Value>, name: &str, is_right: impl Fn(&Value) -> bool) -> bool {
    let named = || members.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    named().next().is_some() && named().all(|(_, value)| is_right(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_header_is_taken() {
        for header in [
            r#"{"format":"json","version":1}"#,
            r#"{"format": "json", "version": 1}"#,
            r#"{"version":1,"format":"json"}"#,
            r#" { "FORMAT" : "Json" , "Version" : 1 , "more" : [{}] } "#,
            "{\"format\":\"json\",\"version\":1}\r",
        ] {
            let datagram = format!("{header}\n{{\"a\":\n1}}");
            assert_eq!(parse(datagram.as_bytes()), Ok("{\"a\":\n1}"), "{header}");
            assert!(is_header(header.as_bytes()), "{header}");
        }
    }

    #[test]
    fn other_headers_are_refused() {
        for header in [
            "",
            "{}",
            "null",
            "[]",
            "json",
            r#"{"format":"json"}"#,
            r#"{"version":1}"#,
            r#"{"format":"json","version":2}"#,
            r#"{"format":"json","version":"1"}"#,
            r#"{"format":"json","version":1.0}"#,
            r#"{"format":"json","version":null}"#,
            r#"{"format":"xml","version":1}"#,
            r#"{"format":1,"version":1}"#,
            r#"{"format":"json","version":1,"Version":2}"#,
            r#"{"format":"json","version":1}{}"#,
            r#"x{"format":"json","version":1}"#,
        ] {
            let datagram = format!("{header}\n{{}}");
            assert_eq!(parse(datagram.as_bytes()), Err(Problem::BadHeader), "{header}");
            assert!(!is_header(header.as_bytes()), "{header}");
        }
    }

    #[test]
    fn each_problem_is_told_from_the_others() {
        let with = |document: &[u8]| [HEADERS[0], document].concat();
        for (datagram, problem) in [
            (b"".to_vec(), Problem::NoNewline),
            (b"{\"format\":\"json\",\"version\":1}".to_vec(), Problem::NoNewline),
            (with(b""), Problem::NoDocument),
            (with(b"\xff\xfe"), Problem::NotUtf8),
            (with(b"T1SCgA="), Problem::Unsupported),
            (with(b"T1UCgA="), Problem::Unsupported),
            (with(b"M1CgA="), Problem::Unsupported),
            (with(&[b' '; DOCUMENT_BYTES_MAX + 1]), Problem::TooLarge),
        ] {
            assert_eq!(parse(&datagram), Err(problem), "{}", datagram.escape_ascii());
        }
        for document in ["T1SCgA=", "T1UCgA=", "M1CgA=", "{}"] {
            assert_eq!(parse_with_otlp(&encode(document)), Ok(document));
        }
        let largest = " ".repeat(DOCUMENT_BYTES_MAX);
        assert_eq!(parse(&encode(&largest)), Ok(largest.as_str()));
    }

    #[test]
    fn every_problem_has_a_label_of_its_own() {
        let mut labels = Problem::ALL.map(Problem::label).to_vec();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), Problem::ALL.len());
        for (index, problem) in Problem::ALL.into_iter().enumerate() {
            assert_eq!(problem as usize, index);
        }
    }
}
