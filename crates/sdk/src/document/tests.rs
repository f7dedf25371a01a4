//! Documents stay below the limit, and nothing that can be sent is lost on the way.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wire::raw::ToJson;
use wire::segment::Segment as Document;
use wire::value::Scalar;

use super::*;
use crate::entity::Exception;

const TRACE: wire::TraceId = wire::TraceId([7; 16]);

fn part(id: u64, metadata_bytes: usize, notes: &mut Vec<Metadata>) -> Segment<'static> {
    let mut part = begin(SegmentId(id), format!("part {id}").into(), Micros(1));
    part.end_time = Some(Micros(2).into());
    part.kind = Some(SUBSEGMENT);
    if metadata_bytes > 0 {
        let value = "x".repeat(metadata_bytes).to_json().expect("text is JSON");
        let note = Note { namespace: "default".into(), key: "k".into(), value };
        notes.extend(Metadata::of(part.id, vec![note]));
    }
    part
}

fn finished(document: Segment<'static>, metadata: Vec<Metadata>) -> Finished {
    let document = Segment { trace_id: Some(TRACE), kind: None, ..document };
    Finished { document: Box::new(document), metadata, rule: None }
}

fn texts(finished: Finished) -> (Vec<String>, usize) {
    let mut texts = Vec::new();
    let too_long = encode(finished, &Resource::default(), &mut Vec::new(), |datagram| {
        assert!(datagram.len() <= DATAGRAM_BYTES_MAX);
        texts.push(datagram::parse(datagram).expect("a document").to_owned());
    });
    (texts, too_long)
}

/// Collects each part's id with the id above it, over all documents.
fn edges(texts: &[String]) -> BTreeSet<(u64, Option<u64>)> {
    fn walk(part: &Document<'_>, above: Option<u64>, edges: &mut BTreeSet<(u64, Option<u64>)>) {
        edges.insert((part.id.0, above));
        part.subsegments.iter().for_each(|below| walk(below, Some(part.id.0), edges));
    }
    let mut found = BTreeSet::new();
    for text in texts {
        let document = Document::parse(text).expect("a good document");
        assert_eq!(document.trace_id, Some(TRACE));
        walk(&document, document.parent_id.map(|id| id.0), &mut found);
    }
    found
}

#[test]
fn a_segment_says_what_it_runs_on_and_keeps_metadata_in_place() {
    let mut notes = Vec::new();
    let mut root = part(1, 3, &mut notes);
    let plain = part(2, 0, &mut notes);
    let last = part(3, 2, &mut notes);
    root.subsegments = vec![plain, last];
    let (texts, _) = texts(Finished { rule: Some("checkout".into()), ..finished(root, notes) });
    let text = texts.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r#"{"id":"0000000000000001","name":"part 1","start_time":1e-6,"trace_id":"1-07070707-070707070707070707070707","end_time":2e-6,"metadata":{"default":{"k":"xxx"}},"aws":{"xray":{"sdk":"Fluoro for Rust","sdk_version":"VERSION","sampling_rule_name":"checkout"}},"service":{"runtime":"rust","compiler":"rustc"},"subsegments":[{"id":"0000000000000002","name":"part 2","start_time":1e-6,"end_time":2e-6},{"id":"0000000000000003","name":"part 3","start_time":1e-6,"end_time":2e-6,"metadata":{"default":{"k":"xx"}}}]}"#);
}

#[test]
fn of_two_notes_with_one_key_the_later_counts() {
    let note = |namespace: &'static str, key: &'static str, value: i32| Note {
        namespace: namespace.into(),
        key: key.into(),
        value: value.to_json().expect("a number"),
    };
    let notes = vec![note("a", "k", 1), note("b", "k", 2), note("a", "l", 3), note("a", "k", 4)];
    let metadata = Metadata::of(SegmentId(1), notes).expect("some");
    assert_eq!(metadata.value.text(), r#"{"a":{"l":3,"k":4},"b":{"k":2}}"#);
    assert!(Metadata::of(SegmentId(1), Vec::new()).is_none());
}

#[test]
fn a_part_that_is_too_long_loses_what_it_can_do_without() {
    let mut notes = Vec::new();
    let mut root = part(1, 70_000, &mut notes);
    root.user = Some("u".into());
    let (sent, too_long) = texts(finished(root, notes));
    assert_eq!((sent.len(), too_long), (1, 0));
    assert!(sent[0].contains(r#""user":"u""#) && !sent[0].contains("metadata"), "{}", sent[0]);

    let mut root = part(1, 0, &mut Vec::new());
    let frame = wire::segment::Frame {
        path: Some("p".repeat(70_000).into()),
        line: None,
        label: None,
        others: Vec::new(),
    };
    let exception = Exception { stack: vec![frame], ..Exception::new("kind", "message") };
    let exceptions = vec![exception.document(SegmentId(9), None)];
    root.cause = Some(Cause::Here(Box::new(wire::segment::Causes {
        working_directory: None,
        paths: Vec::new(),
        exceptions,
        others: Vec::new(),
    })));
    let (sent, too_long) = texts(finished(root.clone(), Vec::new()));
    assert_eq!((sent.len(), too_long), (1, 0));
    assert!(sent[0].contains("message") && !sent[0].contains("stack"), "{}", sent[0]);

    let text = Scalar::Text("x".repeat(70_000).into());
    root.annotations.get_or_insert_default().entries.push(("k".into(), text));
    assert_eq!(texts(finished(root.clone(), Vec::new())).0.len(), 1);

    root.name = "n".repeat(70_000).into();
    assert_eq!(texts(finished(root, Vec::new())), (Vec::new(), 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Parts with metadata of any size, each below an earlier one.
    #[test]
    fn documents_fit_and_every_part_is_sent_once(
        parts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40_000), 1..24)
    ) {
        let mut expected = BTreeSet::new();
        let mut above = Vec::new();
        for (index, (chosen, _)) in parts.iter().enumerate() {
            let parent = (index > 0).then(|| chosen.index(index));
            above.push(parent);
            expected.insert((index as u64, parent.map(|parent| parent as u64)));
        }
        fn build(
            index: usize,
            above: &[Option<usize>],
            parts: &[(prop::sample::Index, usize)],
            notes: &mut Vec<Metadata>,
        ) -> Segment<'static> {
            let mut built = part(index as u64, parts[index].1, notes);
            for below in (index + 1..above.len()).filter(|&it| above[it] == Some(index)) {
                built.subsegments.push(build(below, above, parts, notes));
            }
            built
        }
        let mut notes = Vec::new();
        let root = build(0, &above, &parts, &mut notes);
        let (sent, too_long) = texts(finished(root, notes));
        prop_assert_eq!(too_long, 0);
        prop_assert_eq!(edges(&sent), expected);
        let kept: usize = sent.iter().map(String::len).sum();
        let metadata: usize = parts.iter().map(|(_, bytes)| bytes).sum();
        prop_assert!(kept > metadata, "no metadata is lost that fits");
    }
}
