//! One ingestion request: its documents, and what the live set wants to know of each.
//!
//! A batch is encoded while it is filled, in the form the log has it, and that one buffer is what
//! is written, what the live set keeps and what queries read. The form is described in
//! `docs/format/wal.md`.

use wire::{Micros, Segment, SegmentId, TraceId};

/// The documents of one ingestion request, on their way into the store.
#[derive(Debug)]
pub struct Batch {
    received: Micros,
    /// The batch as the log has it, but for the document count.
    bytes: Vec<u8>,
    facts: Vec<Facts>,
}

/// What the live set wants to know of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) trace_id: TraceId,
    pub(crate) id: SegmentId,
    /// Where the text lies in the batch's bytes.
    pub(crate) offset: usize,
    pub(crate) len: usize,
    /// The earliest start of the document's entity and those inside it.
    pub(crate) start: Micros,
    pub(crate) progress: Progress,
}

/// How far the work was when a document was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Unfinished,
    /// A finished independent subsegment; it does not count for ranges over segments' ends.
    SubsegmentFinished,
    /// A finished segment and its end.
    SegmentFinished(Micros),
}

/// Receipt time and document count.
const HEAD_LEN: usize = size_of::<u64>() + size_of::<u32>();

/// A document's length.
const DOCUMENT_HEAD_LEN: usize = size_of::<u32>();

impl Batch {
    /// Begins the batch of a request that was received at `received`.
    pub fn new(received: Micros) -> Self {
        Self::with_room(received, 0, 0)
    }

    /// Begins a batch with room for so many documents of so many bytes in all: filling it up to
    /// there moves nothing in memory.
    pub fn with_room(received: Micros, document_count: usize, document_bytes: usize) -> Self {
        let heads = HEAD_LEN + document_count * DOCUMENT_HEAD_LEN;
        let mut bytes = Vec::with_capacity(heads + document_bytes);
        bytes.extend_from_slice(&received.0.to_le_bytes());
        bytes.extend_from_slice(&0_u32.to_le_bytes());
        Self { received, bytes, facts: Vec::with_capacity(document_count) }
    }

    /// Adds a document. `segment` is what [`Segment::parse`] made of `text`.
    ///
    /// # Panics
    /// When `segment` has no trace id, which `Segment::parse` never returns.
    pub fn push(&mut self, text: &str, segment: &Segment<'_>) {
        let offset = self.bytes.len() + DOCUMENT_HEAD_LEN;
        // A text beyond four gigabytes is cut short here and its batch refused by the store.
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&len.to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
        self.facts.push(Facts {
            trace_id: segment.trace_id.expect("the outermost document has a trace id"),
            id: segment.id,
            offset,
            len: text.len(),
            start: earliest_start(segment),
            progress: Progress::of(segment),
        });
    }

    /// Returns how many documents the batch has.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Returns whether the batch has no documents.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Returns the batch's size in the log.
    pub(crate) fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// Completes the encoding. The buffer has no slack: it stays in memory for long.
    pub(crate) fn encode(self) -> Encoded {
        let Self { received, mut bytes, facts } = self;
        let count = u32::try_from(facts.len()).unwrap_or(u32::MAX);
        bytes[size_of::<u64>()..HEAD_LEN].copy_from_slice(&count.to_le_bytes());
        Encoded { received, bytes: bytes.into_boxed_slice(), facts }
    }
}

/// A batch as the log has it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) received: Micros,
    pub(crate) bytes: Box<[u8]>,
    pub(crate) facts: Vec<Facts>,
}

fn earliest_start(segment: &Segment<'_>) -> Micros {
    let inside = segment.subsegments.iter().map(earliest_start);
    inside.fold(segment.start_time.micros(), Micros::min)
}

/// Returns whether a document says that its entity is finished.
pub(crate) fn is_finished(segment: &Segment<'_>) -> bool {
    Progress::of(segment).is_finished()
}

impl Progress {
    fn of(segment: &Segment<'_>) -> Self {
        match segment.end_time {
            _ if segment.is_in_progress() => Self::Unfinished,
            None => Self::Unfinished,
            Some(_) if segment.is_subsegment() => Self::SubsegmentFinished,
            Some(end) => Self::SegmentFinished(end.micros()),
        }
    }

    pub(crate) fn is_finished(self) -> bool {
        self != Self::Unfinished
    }
}

/// Appends a batch of documents that were carried over.
pub(crate) fn encode_carried(
    received: Micros,
    request_number: u64,
    documents: &[&str],
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(&received.0.to_le_bytes());
    out.extend_from_slice(&request_number.to_le_bytes());
    out.extend_from_slice(&(documents.len() as u32).to_le_bytes());
    for document in documents {
        out.extend_from_slice(&(document.len() as u32).to_le_bytes());
        out.extend_from_slice(document.as_bytes());
    }
}

/// A batch read back from the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    pub(crate) received: Micros,
    /// Its request number, where it is written: its place in the log is another one now.
    pub(crate) request_number: Option<u64>,
    /// The documents' bytes, and where each begins in what [`decode`] was given.
    pub(crate) documents: Vec<(usize, &'a [u8])>,
}

/// Reads the batches of one frame's payload; `None` when the payload is not exactly a list of
/// batches. Allocates in proportion to `payload`.
pub(crate) fn decode(payload: &[u8]) -> Option<Vec<Decoded<'_>>> {
    decode_batches(payload, |rest| Some((None, rest)))
}

/// Reads batches that were carried over, as [`decode`] does with others.
pub(crate) fn decode_carried(payload: &[u8]) -> Option<Vec<Decoded<'_>>> {
    decode_batches(payload, |rest| {
        let (number, rest) = rest.split_first_chunk()?;
        Some((Some(u64::from_le_bytes(*number)), rest))
    })
}

fn decode_batches<'a>(
    payload: &'a [u8],
    request_number: impl Fn(&'a [u8]) -> Option<(Option<u64>, &'a [u8])>,
) -> Option<Vec<Decoded<'a>>> {
    let mut batches = Vec::new();
    let mut rest = payload;
    while !rest.is_empty() {
        let (received, after) = rest.split_first_chunk()?;
        let (request_number, after) = request_number(after)?;
        let (count, after) = after.split_first_chunk()?;
        let received = Micros(u64::from_le_bytes(*received));
        let mut batch = Decoded { received, request_number, documents: Vec::new() };
        rest = after;
        for _ in 0..u32::from_le_bytes(*count) {
            let (len, after) = rest.split_first_chunk()?;
            let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
            let (text, after) = after.split_at_checked(len)?;
            batch.documents.push((payload.len() - after.len() - len, text));
            rest = after;
        }
        batches.push(batch);
    }
    Some(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Facts {
        let mut batch = Batch::new(Micros(7));
        batch.push(text, &Segment::parse(text).expect("a document"));
        batch.facts.remove(0)
    }

    const HEAD: &str =
        r#""name":"a","id":"00000000000000aa","trace_id":"1-00000000-000000000000000000000001""#;

    #[test]
    fn the_earliest_start_may_lie_inside() {
        let inner = r#"{"name":"b","id":"00000000000000bb","start_time":2.5,"end_time":3}"#;
        let text = format!(r#"{{{HEAD},"start_time":4,"end_time":5,"subsegments":[{inner}]}}"#);
        let facts = facts(&text);
        assert_eq!(facts.start, Micros(2_500_000));
        assert_eq!(facts.progress, Progress::SegmentFinished(Micros::from_secs(5)));
    }

    #[test]
    fn only_a_finished_segment_has_an_end() {
        let unfinished = facts(&format!(r#"{{{HEAD},"start_time":4,"in_progress":true}}"#));
        assert_eq!(unfinished.progress, Progress::Unfinished);
        let kind = r#""type":"subsegment","parent_id":"00000000000000cc""#;
        let subsegment = facts(&format!(r#"{{{HEAD},{kind},"start_time":4,"end_time":5}}"#));
        assert_eq!(subsegment.progress, Progress::SubsegmentFinished);
    }

    #[test]
    fn a_batch_is_read_back_as_it_was_written() {
        let text = format!(r#"{{{HEAD},"start_time":4,"end_time":5}}"#);
        let segment = Segment::parse(&text).expect("a document");
        let mut bytes = Vec::new();
        for (received, count) in [(1, 2), (2, 0), (3, 1)] {
            let mut batch = Batch::new(Micros(received));
            (0..count).for_each(|_| batch.push(&text, &segment));
            bytes.extend_from_slice(&batch.encode().bytes);
        }
        let batches = decode(&bytes).expect("batches");
        let shape: Vec<_> = batches.iter().map(|b| (b.received.0, b.documents.len())).collect();
        assert_eq!(shape, [(1, 2), (2, 0), (3, 1)]);
        for (offset, document) in batches.iter().flat_map(|batch| &batch.documents) {
            assert_eq!(*document, text.as_bytes());
            assert_eq!(&bytes[*offset..offset + text.len()], text.as_bytes());
        }
        // Cut anywhere but between two batches, it is no list of batches.
        let between: Vec<usize> =
            (0..bytes.len()).filter(|at| decode(&bytes[..*at]).is_some()).collect();
        let first = HEAD_LEN + 2 * (DOCUMENT_HEAD_LEN + text.len());
        assert_eq!(between, [0, first, first + HEAD_LEN]);
    }
}
