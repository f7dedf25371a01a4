//! The documents that wait for the sink: as many as fit a number of bytes, oldest out first.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use crate::{Batching, Telemetry};

/// A queue between one thread that fills it and tasks that empty it.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    /// Told to those who wait for room.
    freed: Notify,
    /// Held by the one task that gathers a batch, so that batches fill one after the other.
    turn: tokio::sync::Mutex<()>,
    bytes_max: usize,
    telemetry: Arc<Telemetry>,
}

#[derive(Default)]
struct Waiting {
    documents: VecDeque<Bytes>,
    /// Invariant: the sum of [`cost`] over `documents`.
    bytes: usize,
    /// What the task that gathers a batch waits for: a push that does not reach it wakes nobody.
    wanted: Wanted,
    is_closed: bool,
}

/// So many documents, or so many bytes.
#[derive(Clone, Copy, Default)]
struct Wanted {
    documents: usize,
    bytes: usize,
}

/// Returns what a document holds of the queue's bytes; a document without any is not free.
fn cost(document: &Bytes) -> usize {
    document.len() + size_of::<Bytes>()
}

impl Queue {
    pub(crate) fn new(bytes_max: usize, telemetry: Arc<Telemetry>) -> Self {
        telemetry.queue_bytes_max.set(bytes_max as u64);
        Self {
            waiting: Mutex::default(),
            changed: Notify::new(),
            freed: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            bytes_max,
            telemetry,
        }
    }

    /// Adds documents and drops the oldest of those that are too many; returns how many it dropped.
    pub(crate) fn push(&self, documents: Vec<Bytes>) -> usize {
        let mut waiting = self.waiting.lock();
        waiting.bytes += documents.iter().map(cost).sum::<usize>();
        waiting.documents.extend(documents);
        let mut spilled_count = 0;
        while waiting.bytes > self.bytes_max && waiting.pop().is_some() {
            spilled_count += 1;
        }
        self.show(&waiting);
        let is_enough = waiting.is_enough();
        drop(waiting);
        self.telemetry.spilled.add(spilled_count);
        if is_enough {
            self.changed.notify_one();
        }
        spilled_count
    }

    /// Adds documents if they fit, or if there are no others; gives them back otherwise.
    pub(crate) fn push_if_room(&self, documents: Vec<Bytes>) -> Result<(), Vec<Bytes>> {
        let bytes = documents.iter().map(cost).sum::<usize>();
        let mut waiting = self.waiting.lock();
        if waiting.bytes + bytes > self.bytes_max && !waiting.documents.is_empty() {
            return Err(documents);
        }
        waiting.bytes += bytes;
        waiting.documents.extend(documents);
        self.show(&waiting);
        let is_enough = waiting.is_enough();
        drop(waiting);
        if is_enough {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits until documents are taken out, from now on and not only from the first poll.
    pub(crate) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// Lets the tasks take what is left, and then no more.
    pub(crate) fn close(&self) {
        self.waiting.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Takes all that is left, for counting it.
    pub(crate) fn clear(&self) -> usize {
        let mut waiting = self.waiting.lock();
        let count = std::iter::from_fn(|| waiting.pop()).count();
        self.show(&waiting);
        count
    }

    /// Waits for documents and takes a batch of them; `None` once the queue is closed and empty.
    pub(crate) async fn next(&self, batching: &Batching) -> Option<Vec<Bytes>> {
        let _turn = self.turn.lock().await;
        self.filled(Wanted { documents: 1, bytes: 1 }).await;
        if !batching.linger.is_zero() {
            let full = Wanted { documents: batching.documents_max, bytes: batching.bytes_max };
            let filled = self.filled(full);
            // Full or not, the batch goes when its time is up.
            timeout(batching.linger, filled).await.ok();
        }
        let mut waiting = self.waiting.lock();
        let batch = waiting.take(batching);
        // Counted before the queue forgets them, so that no document is ever nowhere.
        self.telemetry.in_flight.add(batch.len());
        self.show(&waiting);
        drop(waiting);
        self.freed.notify_waiters();
        (!batch.is_empty()).then_some(batch)
    }

    /// Waits until there is so much, or no more to come.
    async fn filled(&self, wanted: Wanted) {
        loop {
            {
                let mut waiting = self.waiting.lock();
                waiting.wanted = wanted;
                if waiting.is_enough() || waiting.is_closed {
                    return;
                }
            }
            // Only the holder of the turn waits here, and a change before it waits is kept for it.
            self.changed.notified().await;
        }
    }

    fn show(&self, waiting: &Waiting) {
        self.telemetry.queued_documents.set(waiting.documents.len() as u64);
        self.telemetry.queued_bytes.set(waiting.bytes as u64);
    }
}

impl Waiting {
    fn is_enough(&self) -> bool {
        self.documents.len() >= self.wanted.documents || self.bytes >= self.wanted.bytes
    }

    fn pop(&mut self) -> Option<Bytes> {
        let document = self.documents.pop_front()?;
        self.bytes -= cost(&document);
        Some(document)
    }

    fn take(&mut self, batching: &Batching) -> Vec<Bytes> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(next) = self.documents.front() {
            bytes += next.len();
            let is_full = batch.len() == batching.documents_max || bytes > batching.bytes_max;
            if is_full && !batch.is_empty() {
                break;
            }
            batch.extend(self.pop());
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn documents(texts: &[&'static str]) -> Vec<Bytes> {
        texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect()
    }

    fn queue(bytes_max: usize) -> Queue {
        Queue::new(bytes_max, Arc::default())
    }

    fn batching(documents_max: usize, bytes_max: usize) -> Batching {
        Batching { documents_max, bytes_max, linger: Duration::ZERO }
    }

    #[tokio::test]
    async fn documents_come_out_in_order_and_in_batches() {
        let queue = queue(1 << 20);
        queue.push(documents(&["a", "b", "c", "dddd", "ee"]));
        queue.close();
        let two = batching(2, 100);
        assert_eq!(queue.next(&two).await, Some(documents(&["a", "b"])));
        assert_eq!(queue.telemetry.in_flight.value(), 2);
        // A document larger than a batch goes alone.
        let small = batching(9, 2);
        assert_eq!(queue.next(&small).await, Some(documents(&["c"])));
        assert_eq!(queue.next(&small).await, Some(documents(&["dddd"])));
        assert_eq!(queue.next(&small).await, Some(documents(&["ee"])));
        assert_eq!(queue.next(&small).await, None);
        assert_eq!(queue.telemetry.queued_bytes.value(), 0);
    }

    #[tokio::test]
    async fn the_oldest_are_dropped_and_counted_when_it_is_full() {
        let queue = queue(3 * (1 + size_of::<Bytes>()));
        assert_eq!(queue.push(documents(&["a", "b", "c"])), 0);
        assert_eq!(queue.push(documents(&["d", "e"])), 2);
        assert_eq!(queue.telemetry.spilled.value(), 2);
        assert_eq!(queue.telemetry.queued_documents.value(), 3);
        assert_eq!(queue.next(&batching(9, 99)).await, Some(documents(&["c", "d", "e"])));
        assert_eq!(queue.push(vec![Bytes::from(vec![b' '; 1000])]), 1);
        assert_eq!(queue.telemetry.queued_bytes.value(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_waits_for_more_until_it_is_full_or_its_time_is_up() {
        let queue = Arc::new(queue(1 << 20));
        let lingering = Batching { linger: Duration::from_secs(1), ..batching(3, 1000) };
        queue.push(documents(&["a"]));
        let begin = tokio::time::Instant::now();
        assert_eq!(queue.next(&lingering).await, Some(documents(&["a"])));
        assert_eq!(begin.elapsed(), Duration::from_secs(1));

        let begin = tokio::time::Instant::now();
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.next(&lingering).await }
        });
        tokio::task::yield_now().await;
        queue.push(documents(&["b"]));
        queue.push(documents(&["c", "d", "e"]));
        assert_eq!(waiting.await.expect("no panic"), Some(documents(&["b", "c", "d"])));
        assert_eq!(begin.elapsed(), Duration::ZERO);

        queue.close();
        assert_eq!(queue.next(&lingering).await, Some(documents(&["e"])));
        assert_eq!(queue.next(&lingering).await, None);
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_forwarded_batch_has_fifty_documents_or_is_a_second_old() {
        let queue = queue(1 << 20);
        queue.push(documents(&["a"; 149]));
        let begin = tokio::time::Instant::now();
        for (count, elapsed_ms) in [(50, 0), (50, 0), (49, 1000)] {
            let batch = queue.next(&Batching::FORWARDED).await.expect("documents");
            assert_eq!(batch.len(), count);
            assert_eq!(begin.elapsed(), Duration::from_millis(elapsed_ms));
        }
        // No number of bytes ends it sooner.
        queue.push(vec![Bytes::from(vec![b' '; 20_000]); 50]);
        let batch = queue.next(&Batching::FORWARDED).await.expect("documents");
        assert_eq!((batch.len(), begin.elapsed()), (50, Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn who_waits_for_room_is_told_and_drops_nothing() {
        let queue = queue(2 * (1 + size_of::<Bytes>()));
        assert_eq!(queue.push_if_room(documents(&["a", "b"])), Ok(()));
        let freed = queue.freed();
        assert_eq!(queue.push_if_room(documents(&["c"])), Err(documents(&["c"])));
        assert_eq!(queue.next(&batching(1, 99)).await, Some(documents(&["a"])));
        freed.await;
        assert_eq!(queue.push_if_room(documents(&["c"])), Ok(()));
        assert_eq!(queue.next(&batching(9, 99)).await, Some(documents(&["b", "c"])));
        // What never fits has the queue for itself.
        assert_eq!(queue.push_if_room(documents(&["d", "e", "f"])), Ok(()));
        assert_eq!(queue.telemetry.queued_documents.value(), 3);
        assert_eq!(queue.telemetry.spilled.value(), 0);
    }

    #[tokio::test]
    async fn every_task_is_woken_when_it_closes() {
        let queue = Arc::new(queue(1 << 20));
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.next(&batching(1, 1)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        queue.close();
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), None);
        }
    }
}
