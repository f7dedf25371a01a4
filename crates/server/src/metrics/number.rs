//! Numbers that are asked for at each scrape, and how they become metrics.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// One number with all that a monitoring system wants to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Whether it can fall.
    pub kind: Kind,
    /// The name, without a prefix for the program.
    pub name: &'static str,
    /// What is counted.
    pub help: &'static str,
    /// A name and a value that tell this number from others of the same name.
    pub label: Option<(&'static str, &'static str)>,
    /// The value.
    pub value: u64,
}

/// Whether a number can fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, until a restart; its name gets the ending `_total`.
    Counter,
    /// Rises and falls.
    Gauge,
}

impl Number {
    fn metric(&self) -> Box<dyn EncodeMetric> {
        match self.kind {
            Kind::Counter => Box::new(ConstCounter::new(self.value)),
            Kind::Gauge => Box::new(ConstGauge::new(self.value)),
        }
    }
}

/// Where numbers come from.
pub(super) struct Source(Box<dyn Fn() -> Vec<Number> + Send + Sync>);

impl Source {
    pub(super) fn boxed(numbers: impl Fn() -> Vec<Number> + Send + Sync + 'static) -> Box<Self> {
        Box::new(Self(Box::new(numbers)))
    }
}

impl Collector for Source {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for of_one_name in (self.0)().chunk_by(|a, b| a.name == b.name) {
            let first @ Number { name, help, .. } = of_one_name[0];
            let kind = first.metric().metric_type();
            let mut encoder = encoder.encode_descriptor(name, help, None, kind)?;
            if first.label.is_none() {
                first.metric().encode(encoder)?;
                continue;
            }
            for number in of_one_name {
                number.metric().encode(encoder.encode_family(&number.label.as_slice())?)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}
