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
mod template;

use std::ops::RangeInclusive;

use arrow::buffer::BooleanBuffer;
use filter::ast::CauseKind;
use trace::{NodeId, Outcome};
use wire::Micros;

use crate::block::Block;
use crate::block::traces::predicate::TextMember;
use crate::block::traces::{self, Predicate};
use crate::engine::Engine;
use crate::error::Error;
use crate::live::{Axis, Page};
use crate::scan::{self, Filter, Scan, ScanCost};
use crate::watch::Watch;

pub use histogram::Histogram;
pub use measures::Measures;
pub(crate) use measures::{Groups, Sample, Slot};
pub use template::template;

/// What groups take in memory at most while they are counted.
const BYTES_MAX: usize = 64 << 20;

/// By what traces are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A text of the trace, as it was recorded.
    Text(TextMember),
    /// The path of the URL, with what looks like an id taken out: see [`template()`].
    UrlTemplate,
    /// The status that the root segment answered.
    Status,
    /// The worst that is true of the root segment.
    Outcome,
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
    /// Each path of blame of this kind: the services on it, from upstream to downstream.
    CausePath(CauseKind),
    /// Each type of exception on a path of blame for a fault or an error.
    Exception,
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
    /// How it went.
    Outcome(Outcome),
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
    /// Services, each of which called the next.
    Path(Box<[NodeId<'static>]>),
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

/// How many sets there may be.
pub const SETS_MAX: usize = 2;

/// Several questions about the same traces, to be answered in one pass over them.
#[derive(Clone, Debug)]
pub struct Tables<'q> {
    /// What a trace must be like.
    pub filter: &'q Filter,
    /// The time by which traces are selected.
    pub axis: Axis,
    /// The times on that axis, both ends included.
    pub window: RangeInclusive<Micros>,
    /// At most [`SETS_MAX`] filters, each of which narrows `filter`: all that pass it pass `filter`.
    pub sets: &'q [&'q Filter],
    /// By what traces are put together.
    pub tables: &'q [Table<'q>],
    /// What is measured of them.
    pub measured: Measured,
    /// How far it is; whoever called it off gets what was counted until then.
    pub watch: &'q Watch,
}

/// Which time of a trace is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measured {
    /// How long the root took.
    #[default]
    ResponseTime,
    /// First start to last end.
    Duration,
}

/// One way of putting traces together.
#[derive(Clone, Copy, Debug)]
pub struct Table<'q> {
    /// By what.
    pub by: &'q By,
    /// Only those of this set, by its place; all when `None`.
    pub of: Option<usize>,
    /// How many groups are wanted.
    pub groups_max: usize,
}

/// A set, as a block is asked for it.
pub(crate) struct Narrowed<'s> {
    pub(crate) predicate: &'s Predicate,
    /// Rows that are not in it though they are like the predicate; void ones may be among them.
    pub(crate) void: Option<BooleanBuffer>,
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
    pub(crate) fn group(&self, query: &Query<'_>, watch: &Watch) -> Grouped {
        let Query { filter, axis, window, by, groups_max } = query.clone();
        let tables = &[Table { by, of: None, groups_max }];
        let measured = Measured::default();
        let all = Tables { filter, axis, window, sets: &[], tables, measured, watch };
        self.group_tables(&all).pop().unwrap_or_default()
    }

    /// Returns the groups of each table, in one pass over the traces.
    pub(crate) fn group_tables(&self, query: &Tables<'_>) -> Vec<Grouped> {
        let Tables { filter, axis, window, sets, tables, measured, watch } = query.clone();
        let sets = &sets[..sets.len().min(SETS_MAX)];
        let page = Page { after: None, traces_max: usize::MAX };
        let all = scan::Query { filter, axis, window, page, checks_max: u64::MAX };
        let bytes_max = BYTES_MAX / tables.len().div_ceil(2).max(1);
        let mut groups: Vec<Groups> = tables.iter().map(|_| Groups::new(bytes_max)).collect();
        let mut scan = Scan::begin(self, &all, watch);
        for (row, is_late) in scan.live_found() {
            let mut sample = Sample::of(&*row, measured);
            for (at, set) in sets.iter().enumerate() {
                sample.sets |= u8::from(scan.live_is_in(set, &row, is_late)) << at;
            }
            for (table, groups) in tables.iter().zip(&mut groups) {
                if sample.is_of(table.of) {
                    let keys = keys::of(table.by, &*row).into_iter();
                    let slots: Vec<Slot> = keys.map(|key| groups.key(key)).collect();
                    groups.add(&slots, sample);
                }
            }
        }
        let mut checked_count = 0;
        scan.each_block(|block, table, query| {
            let narrowed = sets.iter().map(|set| {
                let (narrowed, count) = Narrowed::of(set, block, table, query)?;
                checked_count += count;
                Ok(narrowed)
            });
            let narrowed = narrowed.collect::<Result<Vec<_>, Error>>()?;
            let counted = table.group(query, &narrowed, tables, measured, &mut groups);
            counted.map_err(|problem| block.failed(problem))
        });
        scan.add_checked(checked_count);
        let cost = scan.cost();
        self.counters.scanned(&cost);
        let groups = groups.into_iter().zip(tables);
        let grouped = groups.map(|(groups, table)| {
            let (groups, others, none, total) = groups.finish(table.groups_max);
            Grouped { groups, others, none, total, cost }
        });
        grouped.collect()
    }
}

impl<'s> Narrowed<'s> {
    /// Finds out what of a block is not in a set though its row is like it; also how many traces
    /// were asked for that.
    fn of(
        set: &'s Filter,
        block: &Block,
        table: &traces::Table,
        query: &traces::Query<'_>,
    ) -> Result<(Self, u64), Error> {
        let predicate = set.upper();
        let Some(check) = set.check() else { return Ok((Self { predicate, void: None }, 0)) };
        let query = traces::Query { predicate, ..query.clone() };
        let (void, count) = check.void(block, table, &query)?;
        Ok((Self { predicate, void: Some(void) }, count))
    }
}

#[cfg(test)]
mod tests;
