//! The live set: every trace in memory, and the answers to queries.
//!
//! The set is cut into shards by trace id, each under a lock of its own. A query visits one shard
//! after the other, first to select traces by time and then to load those of the page, so it never
//! stands in the way of more than a sixteenth of the writes. What the documents of a trace mean is
//! decided by the reader; here a trace is a list of documents and a few times.

mod page;
mod trace;

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::RangeInclusive;
use std::sync::Arc;

use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap};
use parking_lot::Mutex;
use wire::{Micros, TraceId};

use crate::batch::{self, Encoded, Facts};
use crate::budget::{Budget, Reservation};
pub(crate) use page::overlaps;
use trace::{Document, Kept, LiveTrace};

pub use page::{Axis, Cursor, Page};
pub(crate) use trace::{Buffer, CachedRow, Candidate, Removed, Sealed};
pub use trace::{StoredDocument, StoredTrace};

const SHARD_COUNT: usize = 16;

type Shard = HashMap<TraceId, LiveTrace>;

/// Every trace that is in memory.
pub(crate) struct LiveSet {
    shards: [Mutex<Shard>; SHARD_COUNT],
    hasher: DefaultHashBuilder,
    trace_bytes_max: u64,
}

/// What became of the documents of one batch, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inserted {
    pub(crate) document_count: u64,
    pub(crate) document_bytes: u64,
    pub(crate) trace_count: u64,
    /// Dropped, because a finished document of the same entity was there.
    pub(crate) repeated_count: u64,
    /// Dropped, because the trace is as large as a trace may be.
    pub(crate) over_limit_count: u64,
}

impl LiveSet {
    pub(crate) fn new(trace_bytes_max: u64) -> Self {
        let shards = Default::default();
        Self { shards, hasher: DefaultHashBuilder::default(), trace_bytes_max }
    }

    /// Returns the most that the batch can take of the budget, from the moment it is queued on.
    pub(crate) fn charge(batch: &Encoded) -> u64 {
        let facts = (size_of::<Facts>() * batch.facts.capacity()) as u64;
        let live = Inserted::charge_max(batch.facts.len() as u64);
        Buffer::charge(batch.bytes.len()) + facts + live + QUEUED_CHARGE
    }

    /// Inserts a batch. Of `reservation`, which holds its [`LiveSet::charge`], the part that is
    /// needed is kept and the rest given back.
    pub(crate) fn insert(
        &self,
        batch: Encoded,
        request_number: u64,
        mut reservation: Reservation,
    ) -> Inserted {
        let Encoded { received, bytes, facts } = batch;
        let buffer_reservation = reservation.split(Buffer::charge(bytes.len()));
        let buffer = Arc::new(Buffer::new(bytes, received, request_number, buffer_reservation));
        let mut inserted = Inserted::default();
        for facts in &facts {
            self.insert_document(&buffer, facts, &mut inserted);
        }
        reservation.spend(inserted.charge());
        inserted
    }

    fn insert_document(&self, buffer: &Arc<Buffer>, facts: &Facts, inserted: &mut Inserted) {
        let mut shard = self.shard(&facts.trace_id).lock();
        let trace = match shard.entry(facts.trace_id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                inserted.trace_count += 1;
                entry.insert(LiveTrace::new())
            }
        };
        match trace.insert(buffer, facts, self.trace_bytes_max) {
            Kept::Yes => {
                inserted.document_count += 1;
                inserted.document_bytes += facts.len as u64;
            }
            Kept::Repeated => inserted.repeated_count += 1,
            Kept::OverLimit => inserted.over_limit_count += 1,
        }
    }

    pub(crate) fn trace(&self, id: &TraceId) -> Option<StoredTrace> {
        self.shard(id).lock().get(id).map(|trace| trace.stored(*id))
    }

    /// Returns the traces that a scan is to look at: those whose time on `axis` lies in `window`, by
    /// that time, and those of which blocks have earlier versions, whatever their time is.
    pub(crate) fn looked_at(&self, axis: Axis, window: &RangeInclusive<Micros>) -> LookedAt {
        let mut found = LookedAt::default();
        for shard in &self.shards {
            for (id, trace) in shard.lock().iter() {
                if trace.sealed() == Sealed::Yes {
                    found.late.push(*id);
                } else if let Some(time) = trace.time_in(axis, window) {
                    found.whole.push(Cursor { time, id: *id });
                }
            }
        }
        found
    }

    /// Returns a trace, or the row that was made of it.
    pub(crate) fn row_or_trace(&self, id: &TraceId) -> Option<RowOrTrace> {
        let shard = self.shard(id).lock();
        let trace = shard.get(id)?;
        Some(match trace.row() {
            Some(row) => RowOrTrace::Row(row.clone()),
            None => RowOrTrace::Trace(trace.stored(*id), trace.document_count()),
        })
    }

    /// Returns a trace, and whether blocks have an earlier version of it.
    pub(crate) fn trace_and_lateness(&self, id: &TraceId) -> Option<(StoredTrace, bool)> {
        let shard = self.shard(id).lock();
        let trace = shard.get(id)?;
        Some((trace.stored(*id), trace.sealed() == Sealed::Yes))
    }

    /// Keeps a row that was made of a trace of so many documents.
    pub(crate) fn keep_row(&self, id: &TraceId, row: CachedRow, document_count: usize) {
        if let Some(trace) = self.shard(id).lock().get_mut(id) {
            trace.keep_row(row, document_count);
        }
    }

    pub(crate) fn trace_ids(&self, axis: Axis, window: &RangeInclusive<Micros>) -> Vec<TraceId> {
        let mut ids = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            let selected = shard.iter().filter(|(_, trace)| trace.time_in(axis, window).is_some());
            ids.extend(selected.map(|(id, _)| *id));
        }
        ids
    }

    /// Returns everything that the groups up to `through` hold, in no order.
    pub(crate) fn candidates(&self, through: u64) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            candidates.extend(shard.iter().filter_map(|(id, trace)| trace.candidate(*id, through)));
        }
        candidates
    }

    /// Drops the documents of these traces in the groups up to `through`, for blocks have them now or
    /// they were deleted, and gives back what they took.
    pub(crate) fn drop_sealed<'i>(
        &self,
        ids: impl IntoIterator<Item = &'i TraceId>,
        through: u64,
        budget: &Budget,
    ) -> Removed {
        let mut removed = Removed::default();
        for id in ids {
            let mut shard = self.shard(id).lock();
            let Entry::Occupied(mut entry) = shard.entry(*id) else { continue };
            removed.add(entry.get_mut().drop_sealed(through));
            if entry.get().is_empty() {
                entry.remove();
                removed.trace_count += 1;
            }
        }
        self.give_room_back();
        budget.give_back(removed.charge());
        removed
    }

    /// Puts copies of these traces' documents in the place of those in the groups up to `through`:
    /// the originals share their bytes with documents that are sealed.
    pub(crate) fn replace(&self, through: u64, copies: Copies) {
        for (id, documents) in copies.traces {
            if let Some(trace) = self.shard(&id).lock().get_mut(&id) {
                trace.replace(through, documents);
            }
        }
    }

    /// Finds out of which traces blocks have earlier documents: `look` says so of an id and a start,
    /// and is asked until it knows.
    pub(crate) fn resolve_late(&self, mut look: impl FnMut(&TraceId, Micros) -> Option<bool>) {
        for (id, start) in self.unresolved() {
            let sealed = match look(&id, start) {
                Some(true) => Sealed::Yes,
                Some(false) => Sealed::No,
                None => continue,
            };
            if let Some(trace) = self.shard(&id).lock().get_mut(&id)
                && trace.sealed() == Sealed::Unknown
            {
                trace.set_sealed(sealed);
            }
        }
    }

    fn unresolved(&self) -> Vec<(TraceId, Micros)> {
        let mut unresolved = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            let found = shard.iter().filter(|(_, trace)| trace.sealed() == Sealed::Unknown);
            unresolved.extend(found.map(|(id, trace)| (*id, trace.start())));
        }
        unresolved
    }

    /// Shrinks tables that have become mostly empty.
    fn give_room_back(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            if shard.capacity() > SHRUNK_CAPACITY && shard.len() < shard.capacity() / 8 {
                let wanted = shard.len() * 2;
                shard.shrink_to(wanted);
            }
        }
    }

    fn shard(&self, id: &TraceId) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(id) as usize % SHARD_COUNT]
    }
}

/// What a scan is to look at.
#[derive(Default)]
pub(crate) struct LookedAt {
    /// Traces that are all here.
    pub(crate) whole: Vec<Cursor>,
    /// Traces of which blocks have earlier versions.
    pub(crate) late: Vec<TraceId>,
}

/// A live trace, or what a scan made of it before.
pub(crate) enum RowOrTrace {
    Row(CachedRow),
    Trace(StoredTrace, usize),
}

/// A table of so many traces is left as it is.
const SHRUNK_CAPACITY: usize = 1024;

/// What is carried over is cut into frames of about this size.
const CARRIED_FRAME_BYTES: usize = 8 << 20;

/// So many documents of one request are carried over together at most.
const CARRIED_TOGETHER_MAX: usize = 64;

/// Copies of documents, in buffers of their own.
pub(crate) struct Copies {
    traces: HashMap<TraceId, Vec<Document>>,
}

impl Copies {
    /// Copies documents, request by request, and encodes them for the log.
    pub(crate) fn of<'c>(
        candidates: impl Iterator<Item = &'c Candidate>,
        budget: &Arc<Budget>,
    ) -> (Self, Vec<Vec<u8>>) {
        let mut requests: BTreeMap<u64, Vec<(TraceId, &Document)>> = BTreeMap::new();
        for Candidate { id, documents, .. } in candidates {
            for document in documents {
                requests.entry(document.request_number()).or_default().push((*id, document));
            }
        }
        let mut copies = Self { traces: HashMap::new() };
        let mut frames = vec![Vec::new()];
        for (request_number, documents) in requests {
            let received = documents[0].1.received();
            for documents in documents.chunks(CARRIED_TOGETHER_MAX) {
                let texts: Vec<&str> = documents.iter().map(|(_, one)| one.text()).collect();
                if frames.last().is_none_or(|frame| frame.len() > CARRIED_FRAME_BYTES) {
                    frames.push(Vec::new());
                }
                if let Some(frame) = frames.last_mut() {
                    batch::encode_carried(received, request_number, &texts, frame);
                }
                copies.copy(received, request_number, documents, budget);
            }
        }
        (copies, frames)
    }

    fn copy(
        &mut self,
        received: Micros,
        request_number: u64,
        documents: &[(TraceId, &Document)],
        budget: &Arc<Budget>,
    ) {
        let bytes: Vec<u8> =
            documents.iter().flat_map(|(_, document)| document.text().bytes()).collect();
        // The originals go as soon as the copies are in their place.
        let reservation = budget.reserve_anyway(Buffer::charge(bytes.len()));
        let bytes = bytes.into_boxed_slice();
        let buffer = Arc::new(Buffer::new(bytes, received, request_number, reservation));
        let mut offset = 0;
        for (id, document) in documents {
            self.traces.entry(*id).or_default().push(document.moved(&buffer, offset));
            offset += document.text().len() as u32;
        }
    }
}

impl Removed {
    fn add(&mut self, other: Self) {
        self.document_count += other.document_count;
        self.document_bytes += other.document_bytes;
        self.trace_count += other.trace_count;
    }

    /// What they took of the budget besides their bytes.
    fn charge(&self) -> u64 {
        self.document_count * trace::DOCUMENT_CHARGE + self.trace_count * TRACE_CHARGE
    }
}

impl Inserted {
    /// What the live set's own structures take of the budget.
    fn charge(&self) -> u64 {
        self.document_count * trace::DOCUMENT_CHARGE + self.trace_count * TRACE_CHARGE
    }

    /// What they take when every document is kept and begins a trace.
    fn charge_max(document_count: u64) -> u64 {
        document_count * (trace::DOCUMENT_CHARGE + TRACE_CHARGE)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.document_count += other.document_count;
        self.document_bytes += other.document_bytes;
        self.trace_count += other.trace_count;
        self.repeated_count += other.repeated_count;
        self.over_limit_count += other.over_limit_count;
    }
}

/// What a batch takes in the queue besides its bytes and facts: its place, and its callback.
const QUEUED_CHARGE: u64 = 512;

/// What a trace without documents takes at most: a slot and its control byte in a table that was
/// just doubled, so that it is filled to seven parts of sixteen, and the allocations behind it.
const TRACE_CHARGE: u64 =
    (size_of::<(TraceId, LiveTrace)>() as u64 + 1) * 16 / 7 + trace::ALLOCATIONS_CHARGE;

#[cfg(test)]
mod tests;
