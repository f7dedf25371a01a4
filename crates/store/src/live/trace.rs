//! One trace in the live set: its documents, and the times by which it is found.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use hashbrown::HashSet;
use wire::{Micros, SegmentId, TraceId};

use super::{Axis, overlaps};
use crate::batch::{Facts, Progress};
use crate::block::traces::StoredRow;
use crate::budget::Reservation;
use crate::wal;

/// From so many documents on, finished entities are looked up and not searched for.
const SEARCHED_MAX: usize = if cfg!(test) { 4 } else { 32 };

/// What an allocation takes besides its bytes, at most.
const ALLOCATION_CHARGE: u64 = 16;

/// The allocations behind a trace: its documents, and the table of finished entities.
pub(super) const ALLOCATIONS_CHARGE: u64 =
    3 * ALLOCATION_CHARGE + size_of::<HashSet<SegmentId>>() as u64;

/// What one document takes at most: a place in a list that was just doubled, and one in the table
/// of finished entities.
pub(super) const DOCUMENT_CHARGE: u64 =
    size_of::<Document>() as u64 * 2 + (size_of::<SegmentId>() as u64 + 1) * 16 / 7 + 1;

/// The bytes of one batch, shared by the documents in it and gone with the last of them.
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    received: Micros,
    request_number: u64,
    _reservation: Reservation,
}

impl Buffer {
    /// Returns what a buffer takes of the budget.
    pub(super) fn charge(bytes_len: usize) -> u64 {
        (bytes_len + size_of::<Self>()) as u64 + 2 * ALLOCATION_CHARGE
    }

    /// `reservation` holds the buffer's charge.
    pub(super) fn new(
        bytes: Box<[u8]>,
        received: Micros,
        request_number: u64,
        reservation: Reservation,
    ) -> Self {
        Self { bytes, received, request_number, _reservation: reservation }
    }
}

/// A document of a trace in the live set.
#[derive(Clone)]
pub(super) struct Document {
    buffer: Arc<Buffer>,
    /// Where the text lies in the buffer. Invariant: inside it, and on the bounds of characters.
    offset: u32,
    /// The text's length, and [`FINISHED`] when the entity is: there are as many of these as there
    /// are documents in memory, and a field of its own would make each a third larger.
    len_and_state: u32,
    id: SegmentId,
}

/// Marks a finished entity. No length has this bit.
const FINISHED: u32 = 1 << 31;

const _: () = assert!(wal::PAYLOAD_BYTES_MAX < FINISHED as usize, "a length has the bit");
const _: () = assert!(size_of::<Document>() == 24, "a document takes more than it has to");

/// A trace in the live set.
pub(super) struct LiveTrace {
    /// In the order in which they came.
    documents: Vec<Document>,
    /// The ids of the finished ones, once there are many.
    finished: Option<Box<HashSet<SegmentId>>>,
    /// The sum of the texts' lengths.
    bytes: u64,
    /// The earliest start in any document.
    start: Micros,
    /// The latest end of a finished segment; zero when there is none.
    end: Micros,
    /// The earliest end of a finished segment; the latest time of all when there is none.
    first_end: Micros,
    /// The latest receipt of a document that was kept.
    updated: Micros,
    limit_exceeded: bool,
    /// How often its documents were carried over into a later group of the log.
    carry_count: u8,
    /// Whether a block has earlier documents of it.
    sealed: Sealed,
    /// What a scan made of the documents that there are.
    row: Option<CachedRow>,
}

/// The row that a live trace would have in a block.
#[derive(Clone)]
pub(crate) struct CachedRow {
    pub(crate) row: Arc<StoredRow>,
    pub(crate) _reservation: Arc<Reservation>,
}

/// Whether a block has earlier documents of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    No,
    Yes,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    /// A finished document of that entity is there, and the first completion wins.
    Repeated,
    /// The trace is as large as a trace may be.
    OverLimit,
}

impl LiveTrace {
    pub(super) fn new() -> Self {
        Self {
            documents: Vec::new(),
            finished: None,
            bytes: 0,
            start: Micros(u64::MAX),
            end: Micros(0),
            first_end: Micros(u64::MAX),
            updated: Micros(0),
            limit_exceeded: false,
            carry_count: 0,
            sealed: Sealed::Unknown,
            row: None,
        }
    }

    /// Adds a document, unless it can make no difference or no room is left. The first document of
    /// a trace always has room.
    ///
    /// Source: segment documents, lifecycle: nothing replaces a finished entity.
    pub(super) fn insert(&mut self, buffer: &Arc<Buffer>, facts: &Facts, bytes_max: u64) -> Kept {
        if self.is_finished(facts.id) {
            return Kept::Repeated;
        }
        let bytes = self.bytes + facts.len as u64;
        if bytes > bytes_max && !self.documents.is_empty() {
            self.limit_exceeded = true;
            return Kept::OverLimit;
        }
        self.bytes = bytes;
        self.start = self.start.min(facts.start);
        self.updated = self.updated.max(buffer.received);
        if let Progress::SegmentFinished(end) = facts.progress {
            self.end = self.end.max(end);
            self.first_end = self.first_end.min(end);
        }
        self.push(buffer, facts);
        Kept::Yes
    }

    fn push(&mut self, buffer: &Arc<Buffer>, facts: &Facts) {
        self.row = None;
        if self.documents.is_empty() {
            // Most traces of a small service have one document; a list would begin with four.
            self.documents.reserve_exact(1);
        }
        self.documents.push(Document::new(buffer, facts));
        match &mut self.finished {
            Some(finished) if facts.progress.is_finished() => drop(finished.insert(facts.id)),
            None if self.documents.len() > SEARCHED_MAX => {
                self.finished = Some(Box::new(self.finished_ids().collect()));
            }
            _ => {}
        }
    }

    fn is_finished(&self, id: SegmentId) -> bool {
        match &self.finished {
            Some(finished) => finished.contains(&id),
            None => self.finished_ids().any(|finished| finished == id),
        }
    }

    fn finished_ids(&self) -> impl Iterator<Item = SegmentId> {
        self.documents.iter().filter(|document| document.is_finished()).map(|d| d.id)
    }

    /// Returns the time by which the trace stands on `axis` when that lies in `window`.
    pub(super) fn time_in(&self, axis: Axis, window: &RangeInclusive<Micros>) -> Option<Micros> {
        let time = match axis {
            Axis::Start => self.start,
            Axis::Updated => self.updated,
            Axis::End => {
                let is_there = self.first_end <= self.end;
                return (is_there && overlaps(window, self.first_end, self.end))
                    .then_some(self.end);
            }
        };
        window.contains(&time).then_some(time)
    }

    pub(super) fn stored(&self, id: TraceId) -> StoredTrace {
        let documents = self.documents.iter().map(Document::stored).collect();
        StoredTrace { id, documents, limit_exceeded: self.limit_exceeded }
    }

    /// Returns what there is to seal: the documents of the groups up to `through`, which are the
    /// first ones; `None` when there are none.
    pub(super) fn candidate(&self, id: TraceId, through: u64) -> Option<Candidate> {
        let documents = &self.documents[..self.prefix_len(through)];
        (!documents.is_empty()).then(|| Candidate {
            id,
            documents: documents.to_vec(),
            limit_exceeded: self.limit_exceeded,
            start: self.start,
            updated: self.updated,
            bytes: documents.iter().map(|document| u64::from(document.len())).sum(),
            carry_count: self.carry_count,
        })
    }

    fn prefix_len(&self, through: u64) -> usize {
        let is_within =
            |document: &Document| wal::group_of(document.buffer.request_number) <= through;
        self.documents.partition_point(is_within)
    }

    /// Drops the documents of the groups up to `through`, which a block has now. The ids of those
    /// that were finished stay known, and so do the times by which the trace is found.
    pub(super) fn drop_sealed(&mut self, through: u64) -> Removed {
        let len = self.prefix_len(through);
        if len < self.documents.len() {
            let finished: HashSet<SegmentId> = self.finished_ids().collect();
            if !finished.is_empty() {
                self.finished.get_or_insert_default().extend(finished);
            }
        }
        let bytes = self.documents.drain(..len).map(|document| u64::from(document.len())).sum();
        self.documents.shrink_to_fit();
        self.bytes -= bytes;
        self.sealed = Sealed::Yes;
        self.row = None;
        Removed { document_count: len as u64, document_bytes: bytes, trace_count: 0 }
    }

    /// Puts copies in the place of the documents of the groups up to `through`; they come in the
    /// same order.
    pub(super) fn replace(&mut self, through: u64, copies: Vec<Document>) {
        let len = self.prefix_len(through);
        assert_eq!(len, copies.len(), "what is carried over is what there is");
        self.documents.splice(..len, copies);
        self.carry_count = self.carry_count.saturating_add(1);
    }

    pub(super) fn row(&self) -> Option<&CachedRow> {
        self.row.as_ref()
    }

    /// Keeps a row that was made of so many documents, if those are still all.
    pub(super) fn keep_row(&mut self, row: CachedRow, document_count: usize) {
        if self.documents.len() == document_count {
            self.row = Some(row);
        }
    }

    pub(super) fn document_count(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn start(&self) -> Micros {
        self.start
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    pub(super) fn sealed(&self) -> Sealed {
        self.sealed
    }

    /// A row that was made before this was known lacks what a block has.
    pub(super) fn set_sealed(&mut self, sealed: Sealed) {
        self.sealed = sealed;
        self.row = None;
    }

    /// Returns what the trace's own allocations take, for the test that compares the charges.
    #[cfg(test)]
    pub(super) fn allocated_bytes(&self) -> u64 {
        let finished = self.finished.as_ref();
        let table = finished.map_or(0, |set| set.allocation_size() + size_of::<HashSet<u64>>());
        (self.documents.capacity() * size_of::<Document>() + table) as u64
    }
}

impl Document {
    fn new(buffer: &Arc<Buffer>, facts: &Facts) -> Self {
        let len = u32::try_from(facts.len).expect("a batch is smaller than a frame");
        let state = if facts.progress.is_finished() { FINISHED } else { 0 };
        Self {
            buffer: Arc::clone(buffer),
            offset: u32::try_from(facts.offset).expect("a batch is smaller than a frame"),
            len_and_state: len | state,
            id: facts.id,
        }
    }

    fn len(&self) -> u32 {
        self.len_and_state & !FINISHED
    }

    fn is_finished(&self) -> bool {
        self.len_and_state & FINISHED != 0
    }

    /// Returns the same document in other bytes.
    pub(super) fn moved(&self, buffer: &Arc<Buffer>, offset: u32) -> Self {
        Self { buffer: Arc::clone(buffer), offset, ..self.clone() }
    }

    pub(super) fn request_number(&self) -> u64 {
        self.buffer.request_number
    }

    pub(super) fn received(&self) -> Micros {
        self.buffer.received
    }

    pub(super) fn text(&self) -> &str {
        let start = self.offset as usize;
        text(&self.buffer.bytes[start..start + self.len() as usize])
    }

    fn stored(&self) -> StoredDocument {
        let (buffer, len) = (Arc::clone(&self.buffer), self.len());
        StoredDocument {
            received: buffer.received,
            request_number: buffer.request_number,
            text: Text::Shared { buffer, offset: self.offset, len },
        }
    }
}

/// A trace that may be sealed, as far as its documents are in the groups that are.
pub(crate) struct Candidate {
    pub(crate) id: TraceId,
    pub(super) documents: Vec<Document>,
    limit_exceeded: bool,
    /// The earliest start of anything.
    pub(crate) start: Micros,
    /// When the trace was last added to.
    pub(crate) updated: Micros,
    /// The sum of the documents' lengths.
    pub(crate) bytes: u64,
    pub(crate) carry_count: u8,
}

impl Candidate {
    pub(crate) fn stored(&self) -> StoredTrace {
        let documents = self.documents.iter().map(Document::stored).collect();
        StoredTrace { id: self.id, documents, limit_exceeded: self.limit_exceeded }
    }
}

/// What left the live set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    pub(crate) document_count: u64,
    pub(crate) document_bytes: u64,
    pub(crate) trace_count: u64,
}

/// A trace as the store hands it out; it may share its documents' bytes with the store.
#[derive(Clone, Debug)]
pub struct StoredTrace {
    /// The trace's id.
    pub id: TraceId,
    /// Its documents, in the order in which they came.
    pub documents: Vec<StoredDocument>,
    /// Whether documents were dropped because the trace had grown too large.
    pub limit_exceeded: bool,
}

/// A document as the store hands it out.
#[derive(Clone)]
pub struct StoredDocument {
    /// When the request came that brought the document.
    pub received: Micros,
    /// Which request that was: larger for later ones, and the same after a restart.
    pub request_number: u64,
    text: Text,
}

/// Where a document's text is.
#[derive(Clone)]
enum Text {
    /// In the bytes that it came with.
    Shared {
        buffer: Arc<Buffer>,
        /// Invariant: as in [`Document`].
        offset: u32,
        len: u32,
    },
    /// Built again from a block.
    Built(String),
}

impl StoredDocument {
    /// Returns a document that was built again.
    pub(crate) fn built(received: Micros, request_number: u64, text: String) -> Self {
        Self { received, request_number, text: Text::Built(text) }
    }

    /// Returns the document's text.
    pub fn text(&self) -> &str {
        match &self.text {
            Text::Shared { buffer, offset, len } => {
                let start = *offset as usize;
                text(&buffer.bytes[start..start + *len as usize])
            }
            Text::Built(text) => text,
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a batch is filled with texts")
}

impl fmt::Debug for StoredDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredDocument")
            .field("received", &self.received)
            .field("request_number", &self.request_number)
            .field("text", &self.text())
            .finish()
    }
}
