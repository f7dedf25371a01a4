//! What became of a destination's documents.

use wire::metric::{Kind, Metric};

use crate::destination::Failure;
use crate::spool;
use crate::telemetry::Counter;

#[derive(Default)]
pub(super) struct Numbers {
    pub(super) sent: Counter,
    pub(super) refused: Counter,
    pub(super) dropped: Counter,
    pub(super) abandoned: Counter,
    pub(super) repeated: Counter,
    pub(super) spool_errors: Counter,
    pub(super) errors: [Counter; Failure::ALL.len()],
}

/// What can fall, at one moment.
pub(super) struct Gauges {
    pub(super) documents: u64,
    pub(super) bytes: u64,
    pub(super) is_down: bool,
    pub(super) spooled: Option<spool::Waiting>,
}

/// What telemetry records are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) sent: u64,
    pub(crate) refused: u64,
    pub(crate) dropped: u64,
    pub(crate) errors: [u64; Failure::ALL.len()],
}

impl Numbers {
    pub(super) fn sums(&self) -> Sums {
        Sums {
            sent: self.sent.value(),
            refused: self.refused.value(),
            dropped: self.dropped.value(),
            errors: std::array::from_fn(|i| self.errors[i].value()),
        }
    }

    pub(super) fn metrics(&self, destination: &str, gauges: Gauges) -> Vec<Metric> {
        use Kind::{Counter, Gauge};
        let number = |kind, name, help, value| {
            Metric::new(kind, name, help, value).with("destination", destination.to_owned())
        };
        let counters = [
            ("forward_sent", "Documents the destination took", &self.sent),
            ("forward_refused", "Documents the destination refused", &self.refused),
            ("forward_dropped", "Documents dropped because too many waited", &self.dropped),
            ("forward_abandoned", "Documents given up at shutdown", &self.abandoned),
            (
                "forward_repeated",
                "Documents sent again that may have arrived before",
                &self.repeated,
            ),
            ("forward_spool_errors", "Failed reads and writes of the spool", &self.spool_errors),
        ];
        let counters =
            counters.map(|(name, help, counter)| number(Counter, name, help, counter.value()));
        let errors = Failure::ALL.map(|failure| {
            let value = self.errors[failure as usize].value();
            number(Counter, "forward_errors", "Failed attempts to send, by cause", value)
                .with("cause", failure.label())
        });
        let spool = gauges.spooled.map(|spooled| {
            [
                ("forward_spool_documents", "Documents in the spool", spooled.documents),
                ("forward_spool_bytes", "Bytes of the spool", spooled.bytes),
            ]
        });
        let plain = [
            ("forward_waiting_documents", "Documents in memory", gauges.documents),
            ("forward_waiting_bytes", "Bytes of documents in memory", gauges.bytes),
            ("forward_down", "Whether the destination takes nothing", u64::from(gauges.is_down)),
        ];
        let gauges = plain.into_iter().chain(spool.into_iter().flatten());
        let gauges = gauges.map(|(name, help, value)| number(Gauge, name, help, value));
        counters.into_iter().chain(errors).chain(gauges).collect()
    }
}
