//! What the trace table keeps of one trace.
//!
//! A [`Row`] borrows from a trace, a [`StoredRow`] owns what it says, whether a table gave it back or
//! it was made [`of`](StoredRow::of) a row; it lends a `Row` that is equal to the one written.

use trace::{Connection, Flags, NodeId, Summary, Trace, summarize};
use wire::value::Scalar;
use wire::{Micros, TraceId};

use super::causes::{self, Causes};
use super::columns;
use super::facts::Facts;

/// One trace, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'t> {
    /// Everything that `GetTraceSummaries` says.
    pub summary: Summary<'t>,
    /// Where its segments are.
    pub place: Place,
    /// The latest end of a finished segment.
    pub end: Option<Micros>,
    /// The earliest end of a finished segment; there when the latest is, and not after it.
    pub first_end: Option<Micros>,
    /// How the work of each of the summary's nodes ended, in the order of `summary.nodes`.
    pub services: Vec<Marks>,
    /// The connections between nodes, each once.
    pub edges: Vec<Edge>,
    /// Whether a callee sent nothing.
    pub has_inferred: bool,
    /// Whether documents were refused because the trace had become too large.
    pub limit_exceeded: bool,
}

/// Where the segments of a trace are in the segment table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The first row.
    pub first_row: u32,
    /// The number of rows.
    pub row_count: u32,
}

/// A connection between two nodes of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The caller: an index into `summary.nodes`.
    pub source: usize,
    /// The callee: an index into `summary.nodes`.
    pub target: usize,
    /// How the calls ended.
    pub marks: Marks,
}

/// How several pieces of work ended; each that is true of at least one of them is set.
///
/// Invariant: not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marks(u8);

impl Marks {
    /// One failed (5xx).
    pub const FAULT: Self = Self(1);
    /// One erred (4xx).
    pub const ERROR: Self = Self(2);
    /// One was throttled (429).
    pub const THROTTLE: Self = Self(4);
    /// One is not known to have gone wrong.
    pub const OK: Self = Self(8);
    /// Everything but [`Marks::OK`].
    pub const FAILED: Self = Self(7);

    /// Returns the marks of one piece of work.
    pub fn of(flags: Flags) -> Self {
        let bits = [(flags.fault, 1), (flags.error, 2), (flags.throttle, 4)];
        match bits.iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum() {
            0 => Self::OK,
            failed => Self(failed),
        }
    }

    /// Returns what is true of either.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether any of `other`'s marks is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether some went well and some did not.
    pub fn is_mixed(self) -> bool {
        self.has(Self::OK) && self.has(Self::FAILED)
    }

    /// Puts the marks together again from what failed.
    pub(super) fn from_failed(failed: impl Iterator<Item = Self>, is_mixed: bool) -> Self {
        match failed.reduce(Self::or) {
            None => Self::OK,
            Some(failed) if is_mixed => failed.or(Self::OK),
            Some(failed) => failed,
        }
    }
}

impl<'t> Row<'t> {
    /// Returns the row of a trace.
    pub fn of(trace: &'t Trace<'_>, place: Place) -> Self {
        let summary = summarize(trace);
        let mut found = Found::new(trace, &summary.nodes);
        found.services();
        found.edges();
        let segments = trace.segments.iter().map(|&at| &trace.entities[at]);
        let ends = segments.filter_map(|entity| entity.end());
        Self {
            place,
            end: ends.clone().max(),
            first_end: ends.min(),
            services: found.services.iter().map(|marks| marks.unwrap_or(Marks::OK)).collect(),
            edges: found.edges,
            has_inferred: !trace.inferred.is_empty(),
            limit_exceeded: trace.limit_exceeded,
            summary,
        }
    }
}

/// How the work of nodes and the calls between them ended.
struct Found<'f, 't, 'a> {
    trace: &'t Trace<'a>,
    /// Sorted.
    nodes: &'f [NodeId<'t>],
    /// Which of the nodes each segment belongs to, as far as it was asked for.
    places: Vec<Option<usize>>,
    services: Vec<Option<Marks>>,
    /// Sorted by source and target.
    edges: Vec<Edge>,
}

impl<'f, 't, 'a> Found<'f, 't, 'a> {
    fn new(trace: &'t Trace<'a>, nodes: &'f [NodeId<'t>]) -> Self {
        let places = vec![None; trace.entities.len()];
        Self { trace, nodes, places, services: vec![None; nodes.len()], edges: Vec::new() }
    }

    /// A client's work is the calls it made.
    fn services(&mut self) {
        let trace = self.trace;
        for &at in trace.segments.iter().chain(&trace.inferred) {
            let Some(place) = self.place(at) else { continue };
            let marks = Marks::of(Flags::of(&trace.entities[at].segment));
            add(&mut self.services[place], marks);
            if trace.entities[at].parent_id.is_none()
                && let Some(client) = self.client_place(place)
            {
                add(&mut self.services[client], marks);
            }
        }
    }

    /// The connections as the service graph has them, unfinished ones included.
    fn edges(&mut self) {
        let trace = self.trace;
        for Connection { source, target, seen } in trace.connections() {
            let Some(target) = self.place(target) else { continue };
            let source = match source {
                Some(source) => self.place(source),
                None => self.client_place(target),
            };
            let Some(source) = source else { continue };
            let marks = Marks::of(Flags::of(&trace.entities[seen].segment));
            self.edges.push(Edge { source, target, marks });
        }
        self.edges.sort_unstable();
        self.edges.dedup_by(|next, edge| {
            let is_same = (next.source, next.target) == (edge.source, edge.target);
            if is_same {
                edge.marks = edge.marks.or(next.marks);
            }
            is_same
        });
    }

    /// Returns which node the work of this entity is part of.
    fn place(&mut self, at: usize) -> Option<usize> {
        let owner = self.trace.entities[at].owner?;
        if self.places[owner].is_none() {
            self.places[owner] = self.nodes.binary_search(&self.trace.node(owner)?).ok();
        }
        self.places[owner]
    }

    fn client_place(&self, place: usize) -> Option<usize> {
        self.nodes.binary_search(&self.nodes[place].client()).ok()
    }
}

fn add(all: &mut Option<Marks>, marks: Marks) {
    *all = Some(all.map_or(marks, |all| all.or(marks)));
}

/// One trace, as a table gives it back; it borrows from nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRow {
    pub(super) id: TraceId,
    pub(super) start: Micros,
    pub(super) end: Option<Micros>,
    pub(super) first_end: Option<Micros>,
    pub(super) duration: Option<Micros>,
    pub(super) response_time: Option<Micros>,
    pub(super) updated: Micros,
    pub(super) revision: u32,
    pub(super) place: Place,
    pub(super) flags: u16,
    pub(super) status: Option<i64>,
    pub(super) url: Option<String>,
    pub(super) method: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) client_ip: Option<String>,
    pub(super) annotations: Vec<(String, Vec<Scalar<'static>>)>,
    pub(super) users: Vec<String>,
    pub(super) resource_arns: Vec<String>,
    pub(super) instance_ids: Vec<String>,
    pub(super) availability_zones: Vec<String>,
    pub(super) nodes: Vec<NodeId<'static>>,
    pub(super) services: Vec<Marks>,
    pub(super) edges: Vec<Edge>,
    pub(super) entry_point: Option<NodeId<'static>>,
    /// Invariant: can be decoded; checked when the row was read.
    pub(super) causes: Causes,
}

impl StoredRow {
    /// Returns the row that a table would give back, had this one been written to it.
    pub fn of(row: &Row<'_>) -> Self {
        let summary = &row.summary;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let values = |(key, values): &(&str, Vec<&Scalar<'_>>)| {
            ((*key).to_owned(), values.iter().map(|value| owned(value)).collect())
        };
        Self {
            id: summary.id,
            start: summary.start,
            end: row.end,
            first_end: row.first_end,
            duration: summary.duration,
            response_time: summary.response_time,
            updated: summary.updated,
            revision: summary.revision,
            place: row.place,
            flags: row.flags(),
            status: summary.http.status,
            url: text(summary.http.url),
            method: text(summary.http.method),
            user_agent: text(summary.http.user_agent),
            client_ip: text(summary.http.client_ip),
            annotations: summary.annotations.iter().map(values).collect(),
            users: texts(&summary.users),
            resource_arns: texts(&summary.resource_arns),
            instance_ids: texts(&summary.instance_ids),
            availability_zones: texts(&summary.availability_zones),
            nodes: summary.nodes.iter().map(|node| node.clone().into_owned()).collect(),
            services: row.services.clone(),
            edges: row.edges.clone(),
            entry_point: summary.entry_point.clone().map(NodeId::into_owned),
            causes: causes::encode(summary),
        }
    }

    /// Returns the trace's id.
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// Returns the earliest start of anything.
    pub fn start(&self) -> Micros {
        self.start
    }

    /// Returns the latest end of a finished segment.
    pub fn end(&self) -> Option<Micros> {
        self.end
    }

    /// Returns when the trace last changed.
    pub fn updated(&self) -> Micros {
        self.updated
    }

    /// Returns first start to last end; `None` while anything is unfinished.
    pub fn duration(&self) -> Option<Micros> {
        self.duration
    }

    /// Returns where the trace's segments are.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the bits of the column `flags`.
    pub fn flags(&self) -> u16 {
        self.flags
    }

    /// Returns whether documents were refused because the trace had become too large.
    pub fn limit_exceeded(&self) -> bool {
        self.flags & columns::LIMIT_EXCEEDED != 0
    }

    /// Returns the row as it was written.
    ///
    /// # Panics
    /// Never: what could be wrong was checked when the row was read.
    pub fn row(&self) -> Row<'_> {
        Row { summary: self.summary(), ..self.row_without_causes() }
    }

    /// Returns the row as it was written, but for its root causes.
    pub(super) fn row_without_causes(&self) -> Row<'_> {
        Row {
            summary: self.summary_without_causes(),
            place: self.place,
            end: self.end,
            first_end: self.first_end,
            services: self.services.clone(),
            edges: self.edges.clone(),
            has_inferred: self.flags & columns::INFERRED != 0,
            limit_exceeded: self.limit_exceeded(),
        }
    }

    /// Returns what `GetTraceSummaries` says of the trace.
    ///
    /// # Panics
    /// Never: what could be wrong was checked when the row was read.
    pub fn summary(&self) -> Summary<'_> {
        let causes = causes::decode(&self.causes, self.response_time);
        let [faults, errors, response_times] = causes.expect("causes were decoded once before");
        Summary {
            fault_root_causes: faults,
            error_root_causes: errors,
            response_time_root_causes: response_times,
            ..self.summary_without_causes()
        }
    }

    fn summary_without_causes(&self) -> Summary<'_> {
        Summary {
            id: self.id,
            start: self.start,
            duration: self.duration,
            response_time: self.response_time,
            has_fault: self.flags & columns::ROOT_FAULT != 0,
            has_error: self.flags & columns::ROOT_ERROR != 0,
            has_throttle: self.flags & columns::ROOT_THROTTLE != 0,
            is_partial: self.flags & columns::PARTIAL != 0,
            http: trace::summary::Http {
                url: self.url.as_deref(),
                status: self.status,
                method: self.method.as_deref(),
                user_agent: self.user_agent.as_deref(),
                client_ip: self.client_ip.as_deref(),
            },
            annotations: self
                .annotations
                .iter()
                .map(|(key, values)| (&**key, values.iter().collect()))
                .collect(),
            users: texts(&self.users),
            nodes: self.nodes.clone(),
            resource_arns: texts(&self.resource_arns),
            instance_ids: texts(&self.instance_ids),
            availability_zones: texts(&self.availability_zones),
            entry_point: self.entry_point.clone(),
            fault_root_causes: Vec::new(),
            error_root_causes: Vec::new(),
            response_time_root_causes: Vec::new(),
            revision: self.revision,
            updated: self.updated,
        }
    }
}

fn owned(value: &Scalar<'_>) -> Scalar<'static> {
    match value {
        Scalar::Text(text) => Scalar::Text(text.clone().into_owned().into()),
        Scalar::Number(number) => Scalar::Number(*number),
        Scalar::Flag(flag) => Scalar::Flag(*flag),
    }
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
