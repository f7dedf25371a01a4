//! A number as monitoring systems are shown it; whoever counts hands these to whoever answers
//! `/metrics`.

/// One number with all that a monitoring system wants to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
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
