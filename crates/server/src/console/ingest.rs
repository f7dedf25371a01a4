//! `GET ingest`: what comes in, what is refused and why, who sends, and what waits where.

use serde::Serialize;
use store::Statistics;
use utoipa::ToSchema;
use wire::Micros;
use wire::problem::{Code, Problem};

use super::{Answer, Answered, Ask};
use crate::app::App;
use crate::ingest::journal::{Daemon, Rejection, Reported, Sender, Sent};
use crate::metrics::DoorCounters;

/// What comes in, since the server began. Times are in microseconds since the epoch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestStatus {
    /// When the server began.
    since: u64,
    sources: Vec<IngestSource>,
    /// The newest documents that were refused, at most 100, the newest first; of one second at most
    /// 20.
    rejections: Vec<IngestRejection>,
    /// SDKs, the one heard last first, at most 200.
    senders: Vec<IngestSender>,
    /// What daemons report, the one heard last first, at most 200.
    telemetry: Vec<IngestDaemon>,
    queues: Vec<IngestQueue>,
    memory: IngestMemory,
    store: IngestStore,
    build: IngestBuild,
}

/// One way in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestSource {
    source: &'static str,
    /// Documents that came.
    documents: u64,
    /// Their bytes.
    bytes: u64,
    /// Those that were refused for what is wrong with them.
    rejected: u64,
}

/// A document that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestRejection {
    at: u64,
    source: &'static str,
    /// What the sender was answered.
    code: String,
    /// What is wrong, in words.
    message: String,
    /// Its first 300 characters, without what looks secret.
    document: String,
    #[schema(required)]
    trace_id: Option<String>,
}

/// An SDK.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestSender {
    /// Its name, empty when documents do not say.
    sdk: String,
    /// Its version, empty when documents do not say.
    version: String,
    documents: u64,
    last_seen: u64,
}

/// What a daemon counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestDaemon {
    /// Where it runs: its host's name, or its instance.
    #[schema(required)]
    host: Option<String>,
    /// Always null: daemons do not say.
    #[schema(required)]
    version: Option<String>,
    received: u64,
    sent: u64,
    spilled: u64,
    rejected: u64,
    last_seen: u64,
}

/// Where documents wait.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestQueue {
    name: &'static str,
    /// What is counted: `documents`, `bytes` or `batches`.
    unit: &'static str,
    length: u64,
    /// How long it may be; null when only memory limits it.
    #[schema(required)]
    max: Option<u64>,
    /// Documents that were dropped there.
    dropped: u64,
}

/// The memory budget. Units: bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestMemory {
    used: u64,
    max: u64,
}

/// What is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestStore {
    blocks: u64,
    /// Bytes of the blocks and of the log.
    bytes: u64,
    traces: u64,
    /// The oldest start of a trace.
    #[schema(required)]
    oldest: Option<u64>,
    /// The newest start of a trace.
    #[schema(required)]
    newest: Option<u64>,
    /// Blocks that cannot be read; what is in them is missing from every answer.
    unreadable_blocks: u64,
}

/// The program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestBuild {
    version: &'static str,
}

/// Says what comes in.
#[utoipa::path(get, path = "/console/api/ingest", operation_id = "ingest",
    responses((status = 200, body = IngestStatus)))]
pub(super) fn status(ask: &Ask<'_>) -> Answered {
    let app = ask.app;
    let statistics = app.store.statistics();
    let journal = &app.journal;
    Ok(Answer::json(&IngestStatus {
        since: journal.since().0,
        sources: [&app.metrics.http, &app.metrics.udp].map(IngestSource::from).into(),
        rejections: journal.rejections().into_iter().map(IngestRejection::from).collect(),
        senders: journal.senders().into_iter().map(IngestSender::from).collect(),
        telemetry: journal.daemons().into_iter().map(IngestDaemon::from).collect(),
        queues: queues(app, &statistics),
        memory: IngestMemory { used: statistics.memory_bytes, max: statistics.memory_bytes_max },
        store: stored(app, &statistics),
        build: IngestBuild { version: env!("CARGO_PKG_VERSION") },
    }))
}

fn stored(app: &App, statistics: &Statistics) -> IngestStore {
    let blocks = &statistics.blocks;
    let starts = app.store.starts();
    IngestStore {
        blocks: blocks.block_count,
        bytes: blocks.block_bytes + statistics.wal_bytes,
        traces: (blocks.trace_count - blocks.void_trace_count) + statistics.trace_count,
        oldest: starts.as_ref().map(|starts| starts.start().0),
        newest: starts.as_ref().map(|starts| starts.end().0),
        unreadable_blocks: blocks.quarantined_count,
    }
}

/// Where documents wait: in front of the store, and in the doors that told their numbers.
fn queues(app: &App, statistics: &Statistics) -> Vec<IngestQueue> {
    let mut queues = vec![IngestQueue {
        name: "store",
        unit: "batches",
        length: statistics.queued_batch_count,
        max: None,
        dropped: app.metrics.dropped_count(),
    }];
    let numbers = app.metrics.registered_numbers();
    let of =
        |name: &str| numbers.iter().find(|number| number.name == name).map(|number| number.value);
    if let Some(length) = of("udp_queued_bytes") {
        let max = of("udp_queue_bytes_max");
        let dropped = of("udp_spilled").unwrap_or(0);
        queues.push(IngestQueue { name: "udp", unit: "bytes", length, max, dropped });
    }
    if let Some(dropped) = of("udp_kernel_drops") {
        // How much waits there is not told.
        let max = of("udp_receive_buffer_bytes");
        queues.push(IngestQueue { name: "kernel", unit: "bytes", length: 0, max, dropped });
    }
    queues
}

impl From<&DoorCounters> for IngestSource {
    fn from(door: &DoorCounters) -> Self {
        Self {
            source: door.name(),
            documents: door.received.get(),
            bytes: door.bytes.get(),
            rejected: door.rejected_count(),
        }
    }
}

impl From<Rejection> for IngestRejection {
    fn from(rejection: Rejection) -> Self {
        let Rejection { at, door, problem, document, trace_id } = rejection;
        Self {
            at: at.0,
            source: door,
            code: problem.code.to_string(),
            message: words(&problem),
            document,
            trace_id: trace_id.map(|id| id.to_string()),
        }
    }
}

impl From<(Sender, Sent)> for IngestSender {
    fn from((Sender { sdk, version }, sent): (Sender, Sent)) -> Self {
        let Sent { document_count: documents, last: Micros(last_seen) } = sent;
        Self { sdk, version, documents, last_seen }
    }
}

impl From<(Daemon, Reported)> for IngestDaemon {
    fn from((daemon, reported): (Daemon, Reported)) -> Self {
        let Reported { received, sent, spilled, rejected, last: Micros(last_seen) } = reported;
        let host = daemon.hostname.or(daemon.instance_id);
        Self { host, version: None, received, sent, spilled, rejected, last_seen }
    }
}

/// Says what is wrong with a document.
fn words(problem: &Problem) -> String {
    let what = match problem.code {
        Code::ParseError => "it is not JSON, or not an object where one is needed",
        Code::DocumentTooLarge => "it is larger than 64 KB",
        Code::UnknownType => "its type is neither segment nor subsegment",
        Code::MissingId => "it has no id",
        Code::InvalidId => "its id is not 16 hexadecimal digits",
        Code::MissingName => "it has no name",
        Code::MissingTraceId => "it has no trace id",
        Code::InvalidTraceId => "its trace id is not 1-, 8 and 24 hexadecimal digits",
        Code::MissingStartTime => "it has no start time, or one that is not a number",
        Code::InProgressSegmentHasEndTime | Code::InProgressSubsegmentHasEndTime => {
            "it is in progress and has an end time"
        }
        Code::MissingEndTime => "it has no end time, and is not in progress",
        Code::MissingParentId => "it is a subsegment alone and has no parent id",
        Code::InvalidParentId => "its parent id is not 16 hexadecimal digits",
    };
    match &*problem.place {
        "" => what.to_owned(),
        place => format!("{what} (at {place})"),
    }
}

#[cfg(test)]
mod tests;
