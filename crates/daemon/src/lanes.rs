//! Every destination at once: each gets everything, in a queue of its own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wire::api::{Error, ErrorCode};
use wire::metric::Metric;

use crate::destination::Failure;
use crate::lane::{self, Lane};
use crate::sink::{Reply, SamplingCall, Sink, Upstream};

/// The lanes of a daemon; the first answers sampling calls. Stop them with [`Lanes::stop`].
pub struct Lanes {
    /// Invariant: at least one.
    lanes: Vec<Arc<Lane>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Lanes {
    /// Opens the lanes, of which there must be one or more: what they hold from the last run is sent
    /// at once.
    pub fn open(lanes: Vec<Arc<Lane>>) -> Arc<Self> {
        let mut tasks = JoinSet::new();
        lanes.iter().for_each(|lane| lane.open(&mut tasks));
        Arc::new(Self { lanes, tasks: Mutex::new(tasks) })
    }

    /// Returns the lanes, in the order in which they were named.
    pub fn all(&self) -> &[Arc<Lane>] {
        &self.lanes
    }

    /// Returns the numbers of all; those of one name stand together.
    pub fn numbers(&self) -> Vec<Metric> {
        let mut numbers: Vec<_> = self.lanes.iter().flat_map(|lane| lane.numbers()).collect();
        numbers.sort_by_key(|number| number.name);
        numbers
    }

    /// Sends what is in memory, but not for longer than `patience`; what is left then is put into the
    /// spool, or counted as given up.
    pub async fn stop(&self, patience: Duration) {
        self.lanes.iter().for_each(|lane| lane.close());
        let tasks = std::mem::take(&mut *self.tasks.lock());
        lane::join(tasks, Instant::now() + patience).await;
        for lane in &self.lanes {
            lane.settle().await;
        }
    }
}

impl Sink for Lanes {
    async fn put(&self, documents: Vec<Bytes>) {
        let documents: Arc<[Bytes]> = documents.into();
        for lane in &self.lanes {
            lane.offer(documents.clone());
        }
    }
}

impl Upstream for Lanes {
    async fn call(&self, call: SamplingCall, body: Bytes) -> Reply {
        self.lanes[0].destination().call(call.path(), body).await.unwrap_or_else(no_answer)
    }

    async fn pass(&self, request: Request<Bytes>) -> Reply {
        self.lanes[0].destination().proxy(request).await.unwrap_or_else(no_answer)
    }
}

fn no_answer(failure: Failure) -> Reply {
    let message = format!("The endpoint did not answer: {}", failure.label());
    Error::new(ErrorCode::ServiceUnavailable, message).into()
}
