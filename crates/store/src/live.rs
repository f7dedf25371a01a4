//! The live set: every trace in memory, and the answers to queries.
//!
//! The set is cut into shards by trace id, each under a lock of its own. A query visits one shard
//! after the other, first to select traces by time and then to load those of the page, so it never
//! stands in the way of more than a sixteenth of the writes. What the documents of a trace mean is
//! decided by the reader; here a trace is a list of documents and a few times.

mod page;
mod trace;

use std::hash::BuildHasher;
use std::ops::RangeInclusive;
use std::sync::Arc;

use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap};
use parking_lot::Mutex;
use wire::{Micros, TraceId};

use crate::batch::{Encoded, Facts};
use crate::budget::Reservation;
use page::Newest;
pub(crate) use page::overlaps;
use trace::{Kept, LiveTrace};

pub use page::{Axis, Cursor, Page, TracePage};
pub(crate) use trace::Buffer;
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

    pub(crate) fn traces(
        &self,
        axis: Axis,
        window: &RangeInclusive<Micros>,
        page: Page,
    ) -> TracePage {
        let mut newest = Newest::new(page);
        for shard in &self.shards {
            for (id, trace) in shard.lock().iter() {
                if let Some(time) = trace.time_in(axis, window) {
                    newest.offer(Cursor { time, id: *id });
                }
            }
        }
        let (cursors, next, window_count) = newest.finish();
        let traces = cursors.iter().filter_map(|cursor| self.trace(&cursor.id)).collect();
        TracePage { traces, next, window_count }
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

    fn shard(&self, id: &TraceId) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(id) as usize % SHARD_COUNT]
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
