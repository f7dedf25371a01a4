//! What is to be done from time to time: telling the log what the store could not do in the
//! background, and looking for insights.

use std::time::Duration;

use store::{Statistics, Store};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, warn};

use crate::app::Server;
use crate::ingest::chain;

/// How often is looked whether a minute has ended.
const TICK_EVERY: Duration = Duration::from_secs(5);

/// How often the store is asked.
const ASK_EVERY: Duration = Duration::from_secs(10);

impl Server {
    /// Looks for insights, and logs what sealing, compaction and retention could not do and which
    /// blocks cannot be read, each once. Never returns.
    pub async fn watch(&self) {
        tokio::join!(self.watch_store(), self.watch_insights());
    }

    async fn watch_insights(&self) {
        let mut ticks = interval(TICK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look_for_insights().await;
        }
    }

    async fn watch_store(&self) {
        let mut ticks = interval(ASK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut failure_count, mut quarantined_count) = (0, 0);
        loop {
            ticks.tick().await;
            let statistics = self.store().statistics();
            failure_count = tell_failures(self.store(), &statistics, failure_count);
            quarantined_count = tell_quarantine(self.store(), &statistics, quarantined_count);
        }
    }
}

/// Returns how many failures there were so far.
fn tell_failures(store: &Store, statistics: &Statistics, before: u64) -> u64 {
    let Statistics { seal_failure_count, compaction_failure_count, expire_failure_count, .. } =
        *statistics;
    let count = seal_failure_count + compaction_failure_count + expire_failure_count;
    if count > before
        && let Some(reason) = store.last_failure()
    {
        let reason = chain(&reason);
        warn!(
            reason,
            seal_failure_count,
            compaction_failure_count,
            expire_failure_count,
            "the store will try again what it failed to do"
        );
    }
    count
}

/// Returns how many blocks cannot be read.
fn tell_quarantine(store: &Store, statistics: &Statistics, before: u64) -> u64 {
    let count = statistics.blocks.quarantined_count;
    if count > before {
        for reason in store.quarantine() {
            let reason = chain(&reason);
            error!(reason, "a block cannot be read; what it holds is missing from answers");
        }
    }
    count
}
