//! One destination's documents, from the front to its answer.
//!
//! Batches wait in memory; senders take the oldest. One that cannot be delivered goes back to its
//! place, and the [`gate`] says when the next attempt is due, so that nothing is given up for a server
//! that is away. With a spool, what waits meanwhile goes to disk, where it is safe from a kill too.
//! Beyond the bounds of memory and spool the oldest documents are dropped and counted.
//!
//! What is in the spool is older than what is in memory, and goes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout_at;
use tracing::{info, warn};
use wire::metric::Metric;

use crate::destination::{Destination, Outcome};
use crate::spool::{self, Spool};
use gate::{Gate, Pass};
use lines::Lines;
use numbers::Numbers;
use room::{Batch, Room};

pub(crate) use numbers::Sums;

mod gate;

mod lines;

mod numbers;

mod room;

/// What a lane may hold, and how it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneOptions {
    /// Memory for documents, in bytes; those on their way included.
    pub bytes_max: usize,
    /// How many batches may be on their way at a time.
    pub concurrency: usize,
}

/// The queue of one destination.
pub struct Lane {
    destination: Destination,
    options: LaneOptions,
    room: Mutex<Room>,
    /// Something waits in memory or in the spool.
    changed: Notify,
    /// What waits in memory is to go into the spool.
    spill_due: Notify,
    gate: Gate,
    spool: Option<Arc<Mutex<Spool>>>,
    /// Batches that are in the spool, or on their way into it, and not on their way to the server.
    backlog: AtomicUsize,
    is_closing: watch::Sender<bool>,
    numbers: Numbers,
    lines: Mutex<Lines>,
}

/// A batch, and where it is to be forgotten once it has arrived.
struct Taken {
    batch: Batch,
    spooled: Option<spool::Id>,
}

/// What waits, and since when the server is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Documents in memory.
    pub waiting: usize,
    /// Documents in the spool.
    pub spooled: u64,
    /// For how long the server has not taken anything; `None` when all is well.
    pub down: Option<Duration>,
}

impl Lane {
    /// Returns a lane that does not send yet.
    pub fn new(destination: Destination, options: LaneOptions, spool: Option<Spool>) -> Self {
        let batch_count = spool.as_ref().map_or(0, |spool| spool.waiting().batches);
        Self {
            destination,
            options,
            room: Mutex::default(),
            changed: Notify::new(),
            spill_due: Notify::new(),
            gate: Gate::default(),
            spool: spool.map(|spool| Arc::new(Mutex::new(spool))),
            backlog: AtomicUsize::new(batch_count as usize),
            is_closing: watch::Sender::new(false),
            numbers: Numbers::default(),
            lines: Mutex::default(),
        }
    }

    /// Returns where everything goes.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Returns how it stands.
    pub fn status(&self) -> Status {
        Status {
            waiting: self.room.lock().document_count(),
            spooled: self.spool.as_ref().map_or(0, |spool| spool.lock().waiting().documents),
            down: self.gate.shut_since().map(|since| since.elapsed()),
        }
    }

    /// Returns its numbers, each with the destination as label.
    pub fn numbers(&self) -> Vec<Metric> {
        let spooled = self.spool.as_ref().map(|spool| spool.lock().waiting());
        let (documents, bytes) = {
            let room = self.room.lock();
            (room.document_count(), room.bytes())
        };
        let gauges = numbers::Gauges {
            documents: documents as u64,
            bytes: bytes as u64,
            is_down: self.gate.shut_since().is_some(),
            spooled,
        };
        self.numbers.metrics(&self.destination.endpoint().to_string(), gauges)
    }

    pub(crate) fn sums(&self) -> Sums {
        self.numbers.sums()
    }

    /// Takes a batch; what is too old for the memory there is goes.
    pub(crate) fn offer(&self, documents: Arc<[Bytes]>) {
        let (dropped_count, is_half_full) = {
            let mut room = self.room.lock();
            room.push(documents);
            let dropped_count = room.shrink(self.options.bytes_max);
            (dropped_count, room.bytes() > self.options.bytes_max / 2)
        };
        self.count_dropped(dropped_count as u64);
        self.changed.notify_one();
        if is_half_full || self.gate.shut_since().is_some() {
            self.spill_due.notify_one();
        }
    }

    /// Begins to send.
    pub(crate) fn open(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        for _ in 0..self.options.concurrency {
            tasks.spawn(self.clone().send_on());
        }
        if self.spool.is_some() {
            tasks.spawn(self.clone().spill_on());
        }
        // What the last run left is on its way at once.
        self.changed.notify_one();
    }

    /// Asks the senders to end with what is in memory.
    pub(crate) fn close(&self) {
        self.is_closing.send_replace(true);
    }

    /// Keeps what is left, once nothing sends any more: in the spool, or as a number.
    pub(crate) async fn settle(&self) {
        self.room.lock().recall();
        if self.spool.is_some() {
            self.spill().await;
        }
        let left = self.room.lock().drain();
        let document_count = left.iter().map(|batch| batch.documents.len()).sum::<usize>();
        self.numbers.abandoned.add(document_count);
        let endpoint = self.destination.endpoint();
        if document_count > 0 {
            warn!(document_count, %endpoint, "gave up documents that could not be sent in time");
        }
        let spooled = self.spool.as_ref().map_or(0, |spool| spool.lock().waiting().documents);
        let Sums { sent, refused, dropped, .. } = self.sums();
        info!(%endpoint, sent, refused, dropped, spooled, "stopped sending");
    }

    /// Sends batches until there are none and none will come. The body of a sender.
    async fn send_on(self: Arc<Self>) {
        let mut closing = self.is_closing.subscribe();
        loop {
            let pass = tokio::select! {
                biased;
                pass = self.gate.pass() => pass,
                // What cannot be sent now stays in the spool.
                _ = closing.wait_for(|closing| *closing), if self.spool.is_some() => return,
            };
            let Some(taken) = self.take(&mut closing).await else { return };
            self.deliver(taken, pass).await;
        }
    }

    /// Waits for the oldest batch; `None` once the lane is closed and nothing is to be sent now.
    async fn take(&self, closing: &mut watch::Receiver<bool>) -> Option<Taken> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let is_closing = *closing.borrow_and_update();
            if self.backlog.load(Ordering::Acquire) > 0 {
                if is_closing {
                    return None;
                }
                if let Some(taken) = self.take_spooled().await {
                    self.changed.notify_one();
                    return Some(taken);
                }
            } else if let Some(batch) = self.take_waiting() {
                return Some(Taken { batch, spooled: None });
            } else if is_closing {
                return None;
            }
            tokio::select! {
                () = changed => {}
                _ = closing.changed() => {}
            }
        }
    }

    fn take_waiting(&self) -> Option<Batch> {
        let mut room = self.room.lock();
        let batch = room.take()?;
        if room.is_waiting() {
            self.changed.notify_one();
        }
        Some(batch)
    }

    async fn take_spooled(&self) -> Option<Taken> {
        let taken = self.in_spool(Spool::next).await?;
        match taken {
            Ok(Some(spool::Taken { id, documents, is_repeated })) => {
                self.backlog.fetch_sub(1, Ordering::AcqRel);
                let batch = Batch { number: 0, documents: documents.into(), is_repeated };
                Some(Taken { batch, spooled: Some(id) })
            }
            // Damaged or dropped meanwhile: what is counted here is not there any more.
            Ok(None) => {
                self.backlog.store(0, Ordering::Release);
                None
            }
            Err(error) => {
                self.count_spool_error(&error);
                self.backlog.store(0, Ordering::Release);
                None
            }
        }
    }

    /// Sends a batch once, and sees to it that it is forgotten or comes again.
    async fn deliver(&self, taken: Taken, pass: Pass<'_>) {
        let Taken { batch, spooled } = taken;
        let begin = self.destination.clock().now();
        if batch.is_repeated {
            self.numbers.repeated.add(batch.documents.len());
        }
        match self.destination.put(&batch.documents, batch.is_repeated).await {
            Outcome::Later(later) => {
                self.gate.shut(&pass, later.pause);
                self.count_failure(later);
                let may_have_arrived = later.failure.may_have_arrived();
                match spooled {
                    Some(id) => self.spool_back(id).await,
                    None => self.room.lock().put_back(batch.number, may_have_arrived),
                }
                self.changed.notify_one();
                self.spill_due.notify_one();
            }
            outcome => {
                if let Some(down) = self.gate.open() {
                    info!(endpoint = %self.destination.endpoint(), ?down, "the server answers again");
                }
                self.count_answer(&batch, outcome, begin);
                match spooled {
                    Some(id) => self.spool_done(id).await,
                    None => self.room.lock().finish(batch.number),
                }
            }
        }
    }

    /// Puts what waits in memory into the spool whenever that is due. The body of a task.
    async fn spill_on(self: Arc<Self>) {
        let mut closing = self.is_closing.subscribe();
        loop {
            tokio::select! {
                () = self.spill_due.notified() => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
            // What is on its way is older and may come back: it goes first.
            if self.gate.shut_since().is_some() && self.room.lock().is_flying() {
                continue;
            }
            self.spill().await;
        }
    }

    /// Puts what waits in memory into the spool, with one sync for all of it.
    async fn spill(&self) {
        let batches = {
            let mut room = self.room.lock();
            let batches = room.drain();
            self.backlog.fetch_add(batches.len(), Ordering::AcqRel);
            batches
        };
        if batches.is_empty() {
            return;
        }
        let pushed = batches.clone();
        match self.in_spool(move |spool| spool.push(&pushed)).await {
            Some(Ok(dropped_count)) => {
                self.count_dropped(dropped_count);
                self.changed.notify_one();
            }
            Some(Err(error)) => {
                self.count_spool_error(&error);
                self.backlog.fetch_sub(batches.len(), Ordering::AcqRel);
                self.room.lock().restore(batches);
            }
            None => {}
        }
    }

    async fn spool_done(&self, id: spool::Id) {
        if let Some(Err(error)) = self.in_spool(move |spool| spool.done(id)).await {
            self.count_spool_error(&error);
        }
    }

    async fn spool_back(&self, id: spool::Id) {
        self.in_spool(move |spool| spool.back(id)).await;
        self.backlog.fetch_add(1, Ordering::AcqRel);
    }

    /// Does something that waits for the disk, away from the senders.
    async fn in_spool<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Spool) -> R + Send + 'static,
    ) -> Option<R> {
        let spool = self.spool.clone()?;
        tokio::task::spawn_blocking(move || work(&mut spool.lock())).await.ok()
    }
}

/// Waits for the tasks, but not beyond the deadline.
pub(crate) async fn join(mut tasks: JoinSet<()>, deadline: tokio::time::Instant) {
    let all_done = async { while tasks.join_next().await.is_some() {} };
    if timeout_at(deadline, all_done).await.is_err() {
        tasks.shutdown().await;
    }
}

#[cfg(test)]
mod tests;
