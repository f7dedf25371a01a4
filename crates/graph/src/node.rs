//! The vertices of a service graph.

use trace::NodeId;
use wire::Micros;

use crate::{Histogram, Statistics};

/// A service, a resource, or whoever called the first service.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What distinguishes it from the others.
    pub id: NodeId<'static>,
    /// Whether it served a root segment.
    pub is_root: bool,
    /// How we know of it.
    pub state: State,
    /// When the traces began that it took part in.
    pub bounds: Bounds,
    /// Counts of its segments; none on a client.
    pub statistics: Statistics,
    /// What its callers waited for; empty on a client.
    pub response_times: Histogram,
    /// What it worked for, beyond its answer too; empty on a client.
    pub durations: Histogram,
}

/// How we know of a node; the better one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// From an AWS call, or because somebody must have called.
    Unknown,
    /// From a call to it.
    Passive,
    /// From its own segments.
    Active,
}

/// From when until when the traces began that something took part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The first trace's start.
    pub first: Micros,
    /// The last trace's start.
    pub last: Micros,
}

impl Node {
    /// Returns whether it stands for whoever called the first service: it has edges only.
    pub fn is_client(&self) -> bool {
        self.id.service_type.as_deref() == Some(NodeId::CLIENT)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.is_root |= other.is_root;
        self.state = self.state.max(other.state);
        self.bounds.merge(other.bounds);
        self.statistics.merge(&other.statistics);
        self.response_times.merge(&other.response_times);
        self.durations.merge(&other.durations);
    }

    /// Returns whether everything that was added was taken away.
    pub(crate) fn is_zero(&self) -> bool {
        self.statistics.is_zero() && self.response_times.is_zero() && self.durations.is_zero()
    }

    pub(crate) fn negate(&mut self) {
        self.statistics.negate();
        self.response_times.negate();
        self.durations.negate();
    }
}

impl State {
    /// Returns the API's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Passive => "passive",
            Self::Active => "active",
        }
    }
}

impl Bounds {
    /// Returns the bounds of one trace.
    pub fn at(start: Micros) -> Self {
        Self { first: start, last: start }
    }

    /// Returns the start that nodes and edges print: the first trace's second.
    pub fn start(self) -> Micros {
        self.first.floor_second()
    }

    /// Returns the end that nodes and edges print: the end of the last trace's second.
    pub fn end(self) -> Micros {
        Micros(self.last_second().0.saturating_add(Micros::PER_SECOND))
    }

    /// Returns the end that a whole graph prints: the last trace's second.
    pub fn last_second(self) -> Micros {
        self.last.floor_second()
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}
