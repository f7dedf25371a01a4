//! The counters behind `/metrics`.
//!
//! Operations and ingest count here; the store's own numbers are read from it at each scrape.
//! Whoever owns other numbers (the UDP front) registers them through [`Metrics::register`].

mod number;
mod store_numbers;

use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use store::Store;
use wire::api::segments::TelemetryRecord;
use wire::metric::Metric;

use number::Source;

/// Returns numbers in the text format of OpenMetrics, as `/metrics` shows them.
///
/// # Panics
/// Never: writing to memory does not fail.
pub fn exposition(numbers: Vec<Metric>) -> String {
    let mut registry = Registry::with_prefix("fluoro");
    registry.register_collector(Source::boxed(move || numbers.clone()));
    written(&registry)
}

fn written(registry: &Registry) -> String {
    let mut text = String::new();
    text::encode(&mut text, registry).expect("writing to memory does not fail");
    text
}

/// The server's counters.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<[(&'static str, &'static str); 2], Counter>,
    /// What came in over HTTP.
    pub(crate) http: DoorCounters,
    /// What came in as datagrams.
    pub(crate) udp: DoorCounters,
    /// Documents dropped although they were valid, by what was in the way.
    dropped: Family<[(&'static str, &'static str); 1], Counter>,
    /// Traces that were left out of an answer because a stored document could not be read.
    pub(crate) unreadable_traces: Counter,
    /// Clients that got no quota because too many are known.
    pub(crate) sampling_clients_refused: Counter,
    daemon_segments: Family<[(&'static str, &'static str); 1], Counter>,
    /// Valid documents dropped, whatever was in the way.
    dropped_sum: Counter,
    /// What others registered.
    others: Mutex<Vec<Arc<Numbers>>>,
}

type Numbers = dyn Fn() -> Vec<Metric> + Send + Sync;

/// What one door let in.
#[derive(Clone)]
pub(crate) struct DoorCounters {
    door: &'static str,
    pub(crate) bytes: Counter,
    pub(crate) received: Counter,
    pub(crate) accepted: Counter,
    rejected: Family<[(&'static str, String); 2], Counter>,
    /// All of them, whatever was wrong.
    rejected_sum: Counter,
}

impl DoorCounters {
    /// Counts a document that was refused for what is wrong with it.
    pub(crate) fn count_rejected(&self, code: wire::problem::Code) {
        let labels = [("door", self.door.to_owned()), ("code", code.to_string())];
        self.rejected.get_or_create(&labels).inc();
        self.rejected_sum.inc();
    }

    /// Returns how many documents were refused for what is wrong with them.
    pub(crate) fn rejected_count(&self) -> u64 {
        self.rejected_sum.get()
    }

    /// Returns the door's name.
    pub(crate) fn name(&self) -> &'static str {
        self.door
    }
}

impl Metrics {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        let mut registry = Registry::with_prefix("fluoro");
        let requests =
            registered(&mut registry, "requests", "API requests, by operation and outcome");
        let bytes: Family<[(&'static str, &'static str); 1], Counter> =
            registered(&mut registry, "document_bytes", "Bytes of documents received, by door");
        let received: Family<[(&'static str, &'static str); 1], Counter> =
            registered(&mut registry, "documents_received", "Documents received, by door");
        let accepted: Family<[(&'static str, &'static str); 1], Counter> =
            registered(&mut registry, "documents_accepted", "Documents made durable, by door");
        let rejected = registered(
            &mut registry,
            "documents_rejected",
            "Documents refused for what is wrong with them, by door and code",
        );
        let dropped = registered(
            &mut registry,
            "documents_dropped",
            "Valid documents not kept, by what was in the way",
        );
        let unreadable_traces = registered(
            &mut registry,
            "traces_unreadable",
            "Traces left out of an answer because a stored document could not be read",
        );
        let sampling_clients_refused = registered(
            &mut registry,
            "sampling_clients_refused",
            "Sampling reports answered without a quota because too many clients are known",
        );
        let daemon_segments = registered(
            &mut registry,
            "telemetry_segments",
            "What daemons report in telemetry records, by what became of the segments",
        );
        registry.register_collector(Source::boxed(move || store_numbers::of(&store)));
        let door = |door| DoorCounters {
            door,
            bytes: bytes.get_or_create_owned(&[("door", door)]),
            received: received.get_or_create_owned(&[("door", door)]),
            accepted: accepted.get_or_create_owned(&[("door", door)]),
            rejected: Family::clone(&rejected),
            rejected_sum: Counter::default(),
        };
        Self {
            requests,
            http: door("http"),
            udp: door("udp"),
            dropped,
            unreadable_traces,
            sampling_clients_refused,
            daemon_segments,
            registry: Mutex::new(registry),
            dropped_sum: Counter::default(),
            others: Mutex::default(),
        }
    }

    /// Lets another part of the program put its numbers beside these. They are asked for at each
    /// scrape, get the prefix `fluoro_`, and those of one name must stand together.
    pub fn register(&self, numbers: impl Fn() -> Vec<Metric> + Send + Sync + 'static) {
        let numbers = Arc::new(numbers);
        self.others.lock().push(numbers.clone());
        self.registry.lock().register_collector(Source::boxed(move || numbers()));
    }

    /// Returns the numbers that others registered, as they are now.
    pub(crate) fn registered_numbers(&self) -> Vec<Metric> {
        let others = self.others.lock().clone();
        others.iter().flat_map(|numbers| numbers()).collect()
    }

    /// Returns how many valid documents were not kept.
    pub(crate) fn dropped_count(&self) -> u64 {
        self.dropped_sum.get()
    }

    /// Returns all numbers in the OpenMetrics text format.
    ///
    /// # Panics
    /// Never: writing to memory does not fail, and nothing else that happens here can.
    pub fn encode(&self) -> String {
        written(&self.registry.lock())
    }

    /// Counts a request; `operation` is `-` when there is none.
    pub(crate) fn count_request(&self, operation: &'static str, outcome: &'static str) {
        self.requests.get_or_create(&[("operation", operation), ("outcome", outcome)]).inc();
    }

    /// Counts valid documents that were not kept.
    pub(crate) fn count_dropped(&self, why: &'static str, documents: usize) {
        self.dropped.get_or_create(&[("cause", why)]).inc_by(documents as u64);
        self.dropped_sum.inc_by(documents as u64);
    }

    /// Adds up what a daemon reports.
    pub(crate) fn count_telemetry(&self, record: &TelemetryRecord) {
        for (fate, count) in [
            ("received", record.segments_received),
            ("sent", record.segments_sent),
            ("spilled", record.segments_spilled),
            ("rejected", record.segments_rejected),
        ] {
            // A negative count is nothing that a counter can take back.
            let count = u64::try_from(count).unwrap_or(0);
            self.daemon_segments.get_or_create(&[("fate", fate)]).inc_by(count);
        }
    }
}

/// Registers a new metric and returns it.
fn registered<M>(registry: &mut Registry, name: &str, help: &str) -> M
where
    M: prometheus_client::registry::Metric + Clone + Default,
{
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}
