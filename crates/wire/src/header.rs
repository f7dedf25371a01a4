//! The trace header: how a trace continues from one service to the next.
//!
//! `Root=1-…;Parent=…;Sampled=1`, and whatever others add to it on the way. Reading never fails:
//! what is not understood is kept as text and goes out again, behind what is.

use std::fmt;

use crate::{SegmentId, TraceId};

/// A trace header.
///
/// Printed, it reads `Root`, `Parent`, `Sampled`, `Self`, `Lineage` and then all other parts in the
/// order in which they came. A header that was parsed prints to text that parses to the same.
///
/// Source: X-Amzn-Trace-Id, developer guide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The trace; absent when there was none, or none that is an id.
    pub root: Option<TraceId>,
    /// The segment or subsegment that makes the call; absent when there was none, or none that is
    /// an id.
    pub parent: Option<SegmentId>,
    /// Whether the trace is recorded; absent when nobody decided yet.
    pub sampled: Option<Sampled>,
    /// Invariant: trimmed, without `;`.
    self_text: Option<String>,
    /// Invariant: trimmed, without `;`.
    lineage: Option<String>,
    /// Invariant: each is trimmed, not empty, and without `;`.
    others: Vec<String>,
}

/// What a header says of recording its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampled {
    /// `1`: the trace is recorded.
    Yes,
    /// `0`: the trace is not recorded.
    No,
    /// `?`: the callee decides and answers with its decision.
    Asked,
}

impl Header {
    /// The header's name over HTTP; compared without regard to case.
    pub const NAME: &str = "X-Amzn-Trace-Id";

    /// Reads a header's value.
    ///
    /// Blanks around parts, and around `=` of the parts known, do not count; keys are told apart by
    /// case, and of two parts with one key the first counts. What cannot be used is kept as text.
    pub fn parse(text: &str) -> Self {
        Self::parse_usual(text).unwrap_or_else(|| Self::parse_any(text))
    }

    /// Reads a header that is written as every SDK writes it; each request of a service brings one.
    fn parse_usual(text: &str) -> Option<Self> {
        let (root, rest) = text.strip_prefix("Root=")?.split_at_checked(35)?;
        let (parent, rest) = rest.strip_prefix(";Parent=")?.split_at_checked(16)?;
        Some(Self {
            root: Some(TraceId::parse(root)?),
            parent: Some(SegmentId::parse(parent)?),
            sampled: Some(Sampled::parse(rest.strip_prefix(";Sampled=")?)?),
            ..Self::default()
        })
    }

    fn parse_any(text: &str) -> Self {
        let mut header = Self::default();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            if !header.take(part) {
                header.others.push(part.to_owned());
            }
        }
        header
    }

    /// Returns what a load balancer added of itself.
    pub fn self_text(&self) -> Option<&str> {
        self.self_text.as_deref()
    }

    /// Returns by which the platform detects that a call goes round in circles.
    pub fn lineage(&self) -> Option<&str> {
        self.lineage.as_deref()
    }

    /// Returns all other parts, in the order in which they came.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// Takes a part into the field it belongs to; false when there is none, or it is full.
    fn take(&mut self, part: &str) -> bool {
        let Some((key, value)) = part.split_once('=') else { return false };
        let value = value.trim();
        match key.trim() {
            "Root" => fill(&mut self.root, TraceId::parse(value)),
            "Parent" => fill(&mut self.parent, SegmentId::parse(value)),
            "Sampled" => fill(&mut self.sampled, Sampled::parse(value)),
            "Self" => fill(&mut self.self_text, Some(value.to_owned())),
            "Lineage" => fill(&mut self.lineage, Some(value.to_owned())),
            _ => false,
        }
    }
}

fn fill<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    let fits = field.is_none() && value.is_some();
    if fits {
        *field = value;
    }
    fits
}

impl Sampled {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Yes),
            "0" => Some(Self::No),
            "?" => Some(Self::Asked),
            _ => None,
        }
    }
}

impl fmt::Display for Sampled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "1",
            Self::No => "0",
            Self::Asked => "?",
        })
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Parts { f, is_first: true };
        parts.known("Root", self.root)?;
        parts.known("Parent", self.parent)?;
        parts.known("Sampled", self.sampled)?;
        parts.known("Self", self.self_text())?;
        parts.known("Lineage", self.lineage())?;
        self.others().try_for_each(|part| parts.add(format_args!("{part}")))
    }
}

/// Writes parts with `;` between them.
struct Parts<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    is_first: bool,
}

impl Parts<'_, '_> {
    fn known(&mut self, key: &str, value: Option<impl fmt::Display>) -> fmt::Result {
        value.map_or(Ok(()), |value| self.add(format_args!("{key}={value}")))
    }

    fn add(&mut self, part: fmt::Arguments<'_>) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.f.write_str(";")?;
        }
        self.f.write_fmt(part)
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    const USUAL: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn the_usual_header_is_understood() {
        let header = Header::parse(USUAL);
        assert_eq!(header.root, TraceId::parse("1-5759e988-bd862e3fe1be46a994272793"));
        assert_eq!(header.parent, SegmentId::parse("53995c3f42cd8ad8"));
        assert_eq!(header.sampled, Some(Sampled::Yes));
        assert_eq!(header.to_string(), USUAL);
    }

    #[test]
    fn parts_are_trimmed_and_put_in_order() {
        let header = Header::parse(
            " CalledFrom=app=1 ; Lineage=a87bd80c:1|68fd508a:5;Self=1-67a1f2c4-12;;Sampled = ? ;\
             Parent=53995C3F42CD8AD8; x ;Root=1-5759e988-bd862e3fe1be46a994272793;",
        );
        assert_snapshot!(header, @"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?;Self=1-67a1f2c4-12;Lineage=a87bd80c:1|68fd508a:5;CalledFrom=app=1;x");
        assert_eq!(header.lineage(), Some("a87bd80c:1|68fd508a:5"));
        assert_eq!(header.self_text(), Some("1-67a1f2c4-12"));
        assert_eq!(header.others().collect::<Vec<_>>(), ["CalledFrom=app=1", "x"]);
    }

    #[test]
    fn what_is_not_understood_is_kept_as_text() {
        for part in
            ["Root=1-2-3", "Parent=zz", "Sampled=yes", "root=1-5759e988-bd862e3fe1be46a994272793"]
        {
            let header = Header::parse(part);
            assert_eq!((header.root, header.parent, header.sampled), (None, None, None), "{part}");
            assert_eq!(header.to_string(), part);
        }
        assert_eq!(Header::parse(" ; "), Header::default());
    }

    #[test]
    fn of_two_parts_with_one_key_the_first_usable_one_counts() {
        let header = Header::parse("Sampled=x;Sampled=0;Sampled=1");
        assert_eq!(header.sampled, Some(Sampled::No));
        assert_eq!(header.to_string(), "Sampled=0;Sampled=x;Sampled=1");
    }

    /// Headers as they may come: known and unknown keys, good and bad values, stray blanks.
    fn any_header() -> impl Strategy<Value = String> {
        let key = prop_oneof![
            Just("Root".to_owned()),
            Just("Parent".to_owned()),
            Just("Sampled".to_owned()),
            Just("Self".to_owned()),
            Just("Lineage".to_owned()),
            "[a-zR= ]{0,5}",
        ];
        let value = prop_oneof![
            "1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}",
            "[0-9a-fA-F]{16}",
            "[01?]",
            "[ -:<-~é\t]{0,12}",
        ];
        let part = (" {0,2}", key, "( |=|= )", value).prop_map(|(a, b, c, d)| a + &b + &c + &d);
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.join(";"))
    }

    proptest! {
        #[test]
        fn a_header_printed_and_parsed_is_the_same(text in any_header()) {
            let header = Header::parse(&text);
            prop_assert_eq!(Header::parse(&header.to_string()), header);
        }

        #[test]
        fn a_header_that_was_built_prints_what_it_says(
            root in any::<Option<[u8; 16]>>(),
            parent in any::<Option<u64>>(),
            sampled in prop::option::of(prop_oneof![
                Just(Sampled::Yes), Just(Sampled::No), Just(Sampled::Asked)
            ]),
        ) {
            let (root, parent) = (root.map(TraceId), parent.map(SegmentId));
            let header = Header { root, parent, sampled, ..Header::default() };
            prop_assert_eq!(&Header::parse(&header.to_string()), &header);
            prop_assert_eq!(Header::parse_any(&header.to_string()), header);
        }
    }
}
