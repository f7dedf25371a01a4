//! Groups: how many traces there are of each key, and how they went, live and sealed together.
//!
//! Blocks are read column by column: those of the key, as codes of its dictionary, and those of
//! what is measured. A code is looked up once for each part of a block; traces are then added to
//! groups by number. Live traces are looked at one by one.
//!
//! What a page about traces shows beside their list comes from here: the values of a field with
//! their counts, the annotation keys there are, counts by outcome step by step ([`By::Start`]),
//! and how long answers took, of each group and of all ([`Measures::response_times`]).

mod histogram;
mod keys;
mod measures;

use std::ops::RangeInclusive;

use trace::NodeId;
use wire::Micros;

use crate::block::traces::predicate::TextMember;
use crate::engine::Engine;
use crate::live::{Axis, Page};
use crate::scan::{self, Filter, Scan, ScanCost};

pub use histogram::Histogram;
pub use measures::Measures;
pub(crate) use measures::{Groups, Sample, Slot};

/// What groups take in memory at most while they are counted.
const BYTES_MAX: usize = 64 << 20;

/// By what traces are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A text of the trace, as it was recorded.
    Text(TextMember),
    /// The status that the root segment answered.
    Status,
    /// The node at which the trace began.
    EntryPoint,
    /// Each node that took part.
    Node,
    /// Each connection between two nodes.
    Edge,
    /// Each value recorded under this annotation key.
    Annotation(String),
    /// Each annotation key that something was recorded under.
    AnnotationKey,
    /// Each node at which a fault began: the last on a path of blame.
    FaultCause,
    /// The start, in steps of this width since the epoch.
    Start {
        /// How long a step is; at least one microsecond.
        width: Micros,
    },
}

/// What the traces of one group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A text.
    Text(Box<str>),
    /// A status.
    Status(i64),
    /// A number; integers too large for a float are put together with their neighbours.
    Number(Number),
    /// A flag.
    Flag(bool),
    /// A node.
    Node(NodeId<'static>),
    /// A caller and a callee.
    Edge(Box<(NodeId<'static>, NodeId<'static>)>),
    /// The first moment of a step of time.
    Start(Micros),
}

/// A number that groups are told apart by.
///
/// Invariant: zero has no sign.
#[derive(Clone, Copy, Debug)]
pub struct Number(f64);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// What a trace must be like.
    pub filter: &'q Filter,
    /// The time by which traces are selected.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// By what traces are put together.
    pub by: &'q By,
    /// How many groups are wanted.
    pub groups_max: usize,
}

/// The traces that pass the filter, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grouped {
    /// The groups with the most traces, sorted by their number, the largest first, then by key. A
    /// trace that has several keys is in several groups.
    pub groups: Vec<Group>,
    /// The groups that are not among them, added up: a trace counts once for each of its keys.
    pub others: Others,
    /// The traces that have no key.
    pub none: Measures,
    /// All traces, each once.
    pub total: Measures,
    /// What it took.
    pub cost: ScanCost,
}

/// The traces of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub key: Key,
    /// What is measured of them.
    pub measures: Measures,
}

/// The groups that are not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// How many groups that were told apart.
    pub group_count: u64,
    /// How many times a trace had a key that was not told apart for want of memory: what is counted
    /// of every other group is exact all the same, but a group among these may be larger.
    pub untold_count: u64,
    /// What is measured of all of them.
    pub measures: Measures,
}

impl Engine {
    /// Returns the groups of the traces that pass the filter.
    pub(crate) fn group(&self, query: &Query<'_>) -> Grouped {
        self.group_within(query, BYTES_MAX)
    }

    fn group_within(&self, query: &Query<'_>, bytes_max: usize) -> Grouped {
        let Query { filter, axis, window, by, groups_max } = query.clone();
        let page = Page { after: None, traces_max: usize::MAX };
        let all = scan::Query { filter, axis, window, page, checks_max: u64::MAX };
        let mut groups = Groups::new(bytes_max);
        let mut scan = Scan::begin(self, &all);
        scan.each_live(|row| {
            let slots: Vec<Slot> =
                keys::of(by, &**row).into_iter().map(|key| groups.key(key)).collect();
            groups.add(&slots, Sample::of(&**row));
        });
        scan.each_block(|_, table, query| table.group(query, by, &mut groups));
        let cost = scan.cost();
        self.counters.scanned(&cost);
        let (groups, others, none, total) = groups.finish(groups_max);
        Grouped { groups, others, none, total, cost }
    }
}

#[cfg(test)]
mod tests;
