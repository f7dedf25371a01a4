//! The batches in memory, with a bound in bytes: those that wait, and those on their way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use crate::spool;

/// Documents that travel together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Batch {
    /// Counts up; older batches have smaller numbers.
    pub(super) number: u64,
    pub(super) documents: Arc<[Bytes]>,
    /// Whether it may have arrived already.
    pub(super) is_repeated: bool,
}

impl Batch {
    /// Returns what it holds of the room's bytes; a document without any is not free.
    fn cost(&self) -> usize {
        self.documents.iter().map(|document| document.len() + size_of::<Bytes>()).sum()
    }
}

impl spool::Batch for Batch {
    fn documents(&self) -> &[Bytes] {
        &self.documents
    }

    fn is_repeated(&self) -> bool {
        self.is_repeated
    }
}

/// The batches of one destination, oldest first.
#[derive(Debug, Default)]
pub(super) struct Room {
    waiting: VecDeque<Batch>,
    flying: BTreeMap<u64, Batch>,
    /// Invariant: the sum of [`Batch::cost`] over all.
    bytes: usize,
    document_count: usize,
    next_number: u64,
}

impl Room {
    /// Adds a batch behind the others.
    pub(super) fn push(&mut self, documents: Arc<[Bytes]>) {
        let batch = Batch { number: self.next_number, documents, is_repeated: false };
        self.next_number += 1;
        self.bytes += batch.cost();
        self.document_count += batch.documents.len();
        self.waiting.push_back(batch);
    }

    /// Drops the oldest that wait until all hold no more than this; returns how many documents.
    pub(super) fn shrink(&mut self, bytes_max: usize) -> usize {
        let mut count = 0;
        while self.bytes > bytes_max {
            let Some(batch) = self.waiting.pop_front() else { break };
            count += batch.documents.len();
            self.forget(&batch);
        }
        count
    }

    /// Takes the oldest that waits on its way.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let batch = self.waiting.pop_front()?;
        self.flying.insert(batch.number, batch.clone());
        Some(batch)
    }

    /// Forgets a batch that was on its way.
    pub(super) fn finish(&mut self, number: u64) {
        if let Some(batch) = self.flying.remove(&number) {
            self.forget(&batch);
        }
    }

    /// Lets a batch wait again that was on its way, where it stood.
    pub(super) fn put_back(&mut self, number: u64, may_have_arrived: bool) {
        let Some(mut batch) = self.flying.remove(&number) else { return };
        batch.is_repeated |= may_have_arrived;
        let place = self.waiting.partition_point(|other| other.number < number);
        self.waiting.insert(place, batch);
    }

    /// Takes out all that wait.
    pub(super) fn drain(&mut self) -> Vec<Batch> {
        let batches: Vec<_> = self.waiting.drain(..).collect();
        batches.iter().for_each(|batch| self.forget(batch));
        batches
    }

    /// Lets everything on its way wait again: nobody waits for an answer any more.
    pub(super) fn recall(&mut self) {
        let numbers: Vec<u64> = self.flying.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.put_back(number, true));
    }

    /// Puts drained batches back before all others.
    pub(super) fn restore(&mut self, batches: Vec<Batch>) {
        for batch in batches.into_iter().rev() {
            self.bytes += batch.cost();
            self.document_count += batch.documents.len();
            self.waiting.push_front(batch);
        }
    }

    fn forget(&mut self, batch: &Batch) {
        self.bytes -= batch.cost();
        self.document_count -= batch.documents.len();
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns how many documents there are, on their way or not.
    pub(super) fn document_count(&self) -> usize {
        self.document_count
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn is_flying(&self) -> bool {
        !self.flying.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(texts: &[&'static str]) -> Room {
        let mut room = Room::default();
        for text in texts {
            room.push([Bytes::from_static(text.as_bytes())].into());
        }
        room
    }

    fn texts(batches: &[Batch]) -> String {
        let text = |batch: &Batch| {
            let mark = if batch.is_repeated { "!" } else { "" };
            format!("{}{mark}", String::from_utf8_lossy(&batch.documents[0]))
        };
        batches.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_comes_back_stands_where_it_stood() {
        let mut room = room(&["a", "b", "c", "d"]);
        let taken: Vec<_> = (0..3).map_while(|_| room.take()).collect();
        assert_eq!(texts(&taken), "a b c");
        room.put_back(taken[2].number, false);
        room.put_back(taken[0].number, true);
        room.finish(taken[1].number);
        assert!(!room.is_flying());
        assert_eq!(texts(&room.drain()), "a! c d");
        assert_eq!((room.bytes(), room.document_count(), room.is_waiting()), (0, 0, false));
    }

    #[test]
    fn the_oldest_that_wait_go_when_there_is_too_much() {
        let mut room = room(&["a", "b", "c"]);
        let one = 1 + size_of::<Bytes>();
        let flying = room.take().expect("a batch");
        assert_eq!(room.shrink(3 * one), 0);
        assert_eq!(room.shrink(2 * one), 1);
        assert_eq!(room.shrink(0), 1);
        assert_eq!(room.bytes(), one);
        room.finish(flying.number);
        assert_eq!(room.bytes(), 0);
        // Who was told to drop it is not asked again.
        room.put_back(flying.number, true);
        assert!(!room.is_waiting());
    }

    #[test]
    fn what_was_drained_and_what_was_recalled_keep_the_order() {
        let mut room = room(&["a", "b", "c"]);
        let drained = room.drain();
        room.push([Bytes::from_static(b"d")].into());
        room.restore(drained);
        assert_eq!(room.document_count(), 4);
        room.take();
        room.take();
        room.recall();
        assert_eq!(texts(&room.drain()), "a! b! c d");
    }
}
