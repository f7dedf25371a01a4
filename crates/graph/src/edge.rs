//! The arrows of a service graph.

use std::collections::BTreeSet;

use trace::NodeId;

use crate::{Histogram, Statistics};

/// What one node asks of another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Counts of the calls, as the caller saw them.
    pub statistics: Statistics,
    /// What the caller waited for; empty on a link.
    pub response_times: Histogram,
    /// The time from sending a message to receiving it; only on a link.
    pub received_event_ages: Histogram,
    /// What callers call the target.
    pub aliases: BTreeSet<NodeId<'static>>,
}

/// How the target learnt of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// It was called, and somebody waited.
    Call,
    /// It received a message: `EdgeType` is `link`.
    Link,
}

impl Edge {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.statistics.merge(&other.statistics);
        self.response_times.merge(&other.response_times);
        self.received_event_ages.merge(&other.received_event_ages);
        self.aliases.extend(other.aliases.iter().cloned());
    }

    /// Returns whether everything that was added was taken away.
    pub(crate) fn is_zero(&self) -> bool {
        self.statistics.is_zero()
            && self.response_times.is_zero()
            && self.received_event_ages.is_zero()
    }

    pub(crate) fn negate(&mut self) {
        self.statistics.negate();
        self.response_times.negate();
        self.received_event_ages.negate();
    }
}
