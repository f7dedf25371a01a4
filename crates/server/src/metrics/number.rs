//! Numbers that are asked for at each scrape, and how they become metrics.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use wire::metric::{Kind, Metric};

/// Returns the number in the form in which it is written.
fn written(number: &Metric) -> Box<dyn EncodeMetric> {
    match number.kind {
        Kind::Counter => Box::new(ConstCounter::new(number.value)),
        Kind::Gauge => Box::new(ConstGauge::new(number.value)),
    }
}

/// Returns the labels in the form in which they are written.
fn labels(number: &Metric) -> Vec<(&'static str, &str)> {
    number.labels.iter().map(|(name, value)| (*name, value.as_ref())).collect()
}

/// Where numbers come from.
pub(super) struct Source(Box<dyn Fn() -> Vec<Metric> + Send + Sync>);

impl Source {
    pub(super) fn boxed(numbers: impl Fn() -> Vec<Metric> + Send + Sync + 'static) -> Box<Self> {
        Box::new(Self(Box::new(numbers)))
    }
}

impl Collector for Source {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for of_one_name in (self.0)().chunk_by(|a, b| a.name == b.name) {
            let first @ Metric { name, help, .. } = &of_one_name[0];
            let kind = written(first).metric_type();
            let mut encoder = encoder.encode_descriptor(name, help, None, kind)?;
            if first.labels.is_empty() {
                written(first).encode(encoder)?;
                continue;
            }
            for number in of_one_name {
                written(number).encode(encoder.encode_family(&labels(number).as_slice())?)?;
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
