//! Telemetry records: once a minute the daemon tells each destination what it did, as the X-Ray
//! daemon does; a record that does not arrive is sent with the next ones.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::debug;
use wire::api::client;
use wire::api::segments::{ConnectionErrors, PutTelemetryRecordsRequest, TelemetryRecord};
use wire::{Micros, Seconds};

use crate::Telemetry;
use crate::destination::Failure;
use crate::lane::{Lane, Sums};

/// How often. Source: aws-xray-daemon 3.6.6.
const EVERY: Duration = Duration::from_secs(60);

/// Records that wait for a destination; beyond it the oldest go.
const RECORDS_MAX: usize = 30;

/// Records in one call.
const CALL_RECORDS_MAX: usize = 10;

/// Who the daemon is, in its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reporter {
    /// The EC2 instance.
    pub instance_id: Option<String>,
    /// The host.
    pub hostname: Option<String>,
    /// The AWS resource that the settings name.
    pub resource_arn: Option<String>,
}

/// The records of one destination.
struct Records {
    waiting: VecDeque<TelemetryRecord>,
    before: Snapshot,
}

/// All counts at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Snapshot {
    received: u64,
    rejected: u64,
    spilled: u64,
    sums: Sums,
}

impl Snapshot {
    fn of(telemetry: &Telemetry, lane: &Lane) -> Self {
        Self {
            received: telemetry.received_count(),
            rejected: telemetry.rejected_count(),
            spilled: telemetry.spilled.value(),
            sums: lane.sums(),
        }
    }

    /// Returns what happened since `before`.
    fn since(&self, before: &Self, now: Micros) -> TelemetryRecord {
        let count = |after: u64, before: u64| i32::try_from(after - before).unwrap_or(i32::MAX);
        let (new, old) = (&self.sums, &before.sums);
        let errors =
            |failure: Failure| count(new.errors[failure as usize], old.errors[failure as usize]);
        TelemetryRecord {
            timestamp: Seconds(now.0 as f64 / Micros::PER_SECOND as f64),
            segments_received: count(self.received, before.received),
            segments_sent: count(new.sent, old.sent),
            segments_spilled: count(self.spilled + new.dropped, before.spilled + old.dropped),
            segments_rejected: count(self.rejected + new.refused, before.rejected + old.refused),
            connection_errors: ConnectionErrors {
                timeout: errors(Failure::Timeout),
                connection_refused: errors(Failure::Connect),
                http_4xx: errors(Failure::Http4xx),
                http_5xx: errors(Failure::Http5xx),
                unknown_host: errors(Failure::UnknownHost),
                other: errors(Failure::Other).saturating_add(errors(Failure::Credentials)),
            },
        }
    }
}

/// Reports to one destination each minute, and a last time when `stopped` is told. Nothing is sent
/// before the first document came; until it is known who we are, that is left out.
pub async fn report(
    lane: Arc<Lane>,
    telemetry: Arc<Telemetry>,
    reporter: Arc<OnceLock<Reporter>>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut records = Records { waiting: VecDeque::new(), before: Snapshot::default() };
    let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_last = tokio::select! {
            _ = ticks.tick() => false,
            _ = stopped.wait_for(|stopped| *stopped) => true,
        };
        records.add(&telemetry, &lane);
        records.send(&lane, reporter.get()).await;
        if is_last {
            return;
        }
    }
}

impl Records {
    fn add(&mut self, telemetry: &Telemetry, lane: &Lane) {
        let after = Snapshot::of(telemetry, lane);
        if after.received == 0 {
            return;
        }
        if self.waiting.len() == RECORDS_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(after.since(&self.before, lane.destination().clock().now()));
        self.before = after;
    }

    async fn send(&mut self, lane: &Lane, reporter: Option<&Reporter>) {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(CALL_RECORDS_MAX);
            let Reporter { instance_id, hostname, resource_arn } =
                reporter.cloned().unwrap_or_default();
            let records = self.waiting.iter().take(count).copied().collect();
            let request =
                PutTelemetryRecordsRequest { records, instance_id, hostname, resource_arn };
            let body = client::put_telemetry_records(&request).into();
            match lane.destination().call("/TelemetryRecords", body).await {
                Ok(reply) if reply.status < 300 => self.waiting.drain(..count),
                outcome => {
                    debug!(?outcome, "could not send telemetry records; they wait");
                    return;
                }
            };
        }
    }
}

#[cfg(test)]
mod tests;
