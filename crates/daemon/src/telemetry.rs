//! What the front counts. Plain atomics: whoever shows them reads them when asked.

use std::sync::atomic::{AtomicU64, Ordering};

use wire::datagram::Problem;
use wire::metric::{Kind, Metric};

use crate::SamplingCall;
use crate::stream::StreamProblem;

/// A number that many may change; reading it is a snapshot.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Returns the number.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, count: usize) {
        self.0.fetch_sub(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// The front's numbers.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// Datagrams received, good and bad.
    pub datagrams: Counter,
    /// Their bytes.
    pub datagram_bytes: Counter,
    /// Datagrams that brought no document, by problem.
    rejected: [Counter; Problem::ALL.len()],
    /// Datagrams that the kernel dropped because the receive buffer was full, as of the last one
    /// received.
    pub kernel_drops: Counter,
    /// Failed attempts to receive.
    pub receive_errors: Counter,
    /// The receive buffer the kernel granted, in bytes.
    pub receive_buffer_bytes: Counter,
    /// Documents dropped because the queue was full.
    pub spilled: Counter,
    /// Documents in the queue.
    pub queued_documents: Counter,
    /// Bytes that they hold.
    pub queued_bytes: Counter,
    /// How many bytes of documents may wait.
    pub queue_bytes_max: Counter,
    /// Documents that are with the sink.
    pub in_flight: Counter,
    /// Documents given up because stopping took too long.
    pub abandoned: Counter,
    /// Streams that are open.
    pub streams_open: Counter,
    /// Documents that streams brought.
    pub stream_documents: Counter,
    /// Lines and streams that brought none, by problem.
    stream_rejected: [Counter; StreamProblem::ALL.len()],
    /// Sampling calls, by call.
    sampling_calls: [Counter; SamplingCall::ALL.len()],
    /// Requests by TCP that were no sampling calls, and were refused.
    pub tcp_refused: Counter,
    /// Requests by TCP that were no sampling calls, and were passed on.
    pub tcp_passed: Counter,
}

impl Telemetry {
    /// Returns how many datagrams had this problem.
    pub fn rejected(&self, problem: Problem) -> &Counter {
        &self.rejected[problem as usize]
    }

    /// Returns how many documents came, good and bad.
    pub fn received_count(&self) -> u64 {
        self.datagrams.value() + self.stream_documents.value()
    }

    /// Returns how many of those were bad.
    pub fn rejected_count(&self) -> u64 {
        let rejected = Problem::ALL.iter().map(|problem| self.rejected(*problem).value());
        let refused =
            StreamProblem::ALL.iter().map(|problem| self.stream_rejected(*problem).value());
        rejected.chain(refused).sum()
    }

    /// Returns how many lines of streams, or whole streams, had this problem.
    pub fn stream_rejected(&self, problem: StreamProblem) -> &Counter {
        &self.stream_rejected[problem as usize]
    }

    /// Returns how many of these calls were answered.
    pub fn sampling_calls(&self, call: SamplingCall) -> &Counter {
        &self.sampling_calls[call as usize]
    }

    /// Returns all numbers; those of one name stand together.
    pub fn numbers(&self) -> Vec<Metric> {
        use Kind::{Counter, Gauge};
        let plain = [
            (Counter, "udp_datagrams", "Datagrams received, good and bad", &self.datagrams),
            (Counter, "udp_datagram_bytes", "Bytes of datagrams received", &self.datagram_bytes),
            (
                Counter,
                "udp_kernel_drops",
                "Datagrams the kernel dropped for want of buffer, as of the last one received",
                &self.kernel_drops,
            ),
            (Counter, "udp_receive_errors", "Failed receives", &self.receive_errors),
            (
                Gauge,
                "udp_receive_buffer_bytes",
                "The receive buffer the kernel granted",
                &self.receive_buffer_bytes,
            ),
            (Counter, "udp_spilled", "Documents dropped because the queue was full", &self.spilled),
            (Gauge, "udp_queued_documents", "Documents in the queue", &self.queued_documents),
            (Gauge, "udp_queued_bytes", "Bytes of documents in the queue", &self.queued_bytes),
            (Gauge, "udp_queue_bytes_max", "Bytes that the queue holds", &self.queue_bytes_max),
            (Gauge, "udp_in_flight_documents", "Documents being kept or sent", &self.in_flight),
            (Counter, "udp_abandoned", "Documents given up at shutdown", &self.abandoned),
            (Gauge, "stream_open", "Streams of documents that are open", &self.streams_open),
            (Counter, "stream_documents", "Documents received in streams", &self.stream_documents),
            (Counter, "tcp_refused", "TCP requests that were no sampling calls", &self.tcp_refused),
            (Counter, "tcp_passed", "TCP requests passed on by the open proxy", &self.tcp_passed),
        ];
        let number = |(kind, name, help, counter): (_, _, _, &self::Counter)| {
            Metric::new(kind, name, help, counter.value())
        };
        let rejected = Problem::ALL.map(|problem| {
            let help = "Datagrams that brought no document, by reason";
            Metric::new(Counter, "udp_rejected", help, self.rejected(problem).value())
                .with("reason", problem.label())
        });
        let stream_rejected = StreamProblem::ALL.map(|problem| {
            let help = "Lines of streams that brought no document, by reason";
            let value = self.stream_rejected(problem).value();
            Metric::new(Counter, "stream_rejected", help, value).with("reason", problem.label())
        });
        let calls = SamplingCall::ALL.map(|call| {
            let help = "Sampling calls of SDKs answered, by operation";
            Metric::new(Counter, "tcp_sampling_calls", help, self.sampling_calls(call).value())
                .with("operation", call.operation())
        });
        plain.into_iter().map(number).chain(rejected).chain(stream_rejected).chain(calls).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_name_and_label_of_its_own() {
        let telemetry = Telemetry::default();
        telemetry.rejected(Problem::NotUtf8).add(3);
        telemetry.sampling_calls(SamplingCall::Targets).add(2);
        let numbers = telemetry.numbers();
        let of = |label: &str| {
            let found = numbers.iter().find(|number| number.labels.iter().any(|l| l.1 == label));
            found.map(|number| number.value)
        };
        assert_eq!((of("not_utf8"), of("GetSamplingTargets")), (Some(3), Some(2)));
        let mut names: Vec<_> = numbers.iter().map(|n| (n.name, n.labels.clone())).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), numbers.len());
    }
}
