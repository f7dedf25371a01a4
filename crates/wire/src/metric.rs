//! A number as monitoring systems are shown it; whoever counts hands these to whoever answers
//! `/metrics`.

use std::borrow::Cow;

/// One number with all that a monitoring system wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Whether it can fall.
    pub kind: Kind,
    /// The name, without a prefix for the program.
    pub name: &'static str,
    /// What is counted.
    pub help: &'static str,
    /// Names and values that tell this number from others of the same name, which all have the same
    /// names; empty when it is the only one.
    pub labels: Vec<(&'static str, Cow<'static, str>)>,
    /// The value.
    pub value: u64,
}

impl Metric {
    /// Returns a number that is the only one of its name.
    pub fn new(kind: Kind, name: &'static str, help: &'static str, value: u64) -> Self {
        Self { kind, name, help, labels: Vec::new(), value }
    }

    /// Returns the number with one label more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push((name, value.into()));
        self
    }
}

/// Whether a number can fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, until a restart; its name gets the ending `_total`.
    Counter,
    /// Rises and falls.
    Gauge,
}
