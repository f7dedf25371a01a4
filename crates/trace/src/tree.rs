//! Documents in the order of their arrival become one tree.
//!
//! Every segment and subsegment, embedded or sent alone, is one [`Entity`] in a flat list and knows
//! the others by their index. A parent is found by its id once all documents are read, so it makes
//! no difference which of the two came first. What has no way up to a segment stays in the list
//! without an owner: it is an orphan, nothing is lost.

mod assemble;

use hashbrown::HashMap;
use wire::{Micros, Segment, SegmentId, TraceId};

pub use assemble::{assemble, assemble_parsed};

/// One document as the store hands it out.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The JSON text.
    pub text: &'a str,
    /// When it came.
    pub received: Micros,
    /// The ingestion request it came with; increases with time.
    pub request_number: u64,
}

/// All segments with one trace id.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The trace's id.
    pub id: TraceId,
    /// Segments and subsegments, real and inferred.
    pub entities: Vec<Entity<'a>>,
    /// The real segments, by start and then id.
    pub segments: Vec<usize>,
    /// The inferred segments, by start and then id.
    pub inferred: Vec<usize>,
    /// The first segment without a parent id.
    pub root: Option<usize>,
    /// One, and one more for every further ingestion request that changed the trace.
    pub revision: u32,
    /// When the last document came that changed the trace.
    pub updated: Micros,
    /// Whether documents were refused because the trace had become too large.
    pub limit_exceeded: bool,
    /// Every entity once; a parent before its children, except where the documents make a circle.
    pub top_down: Vec<usize>,
    /// Invariant: leads from the id of each entity to its index in `entities`.
    index: HashMap<SegmentId, usize>,
}

/// A segment or subsegment of a trace.
#[derive(Debug)]
pub struct Entity<'a> {
    /// What was said of it, in the form in which documents return it; its `subsegments` are empty,
    /// they are entities of their own.
    pub segment: Segment<'a>,
    /// What it is.
    pub role: Role,
    /// The id it names as its parent, or that of the entity it was embedded in.
    pub parent_id: Option<SegmentId>,
    /// The entity behind `parent_id`; `None` also when that never came.
    pub parent: Option<usize>,
    /// The entities whose parent this one is, by start and then id.
    pub children: Vec<usize>,
    /// The nearest segment upwards, itself included; `None` for an orphaned subsegment.
    pub owner: Option<usize>,
    /// Whether the callee promised a segment of its own.
    pub is_traced: bool,
    /// When the document came that completed it, or, unfinished, the last one.
    pub received: Micros,
}

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A segment that was sent.
    Segment,
    /// A subsegment, embedded or sent alone; also the parts of an inferred segment.
    Subsegment,
    /// A segment deduced from its caller's subsegment.
    Inferred,
}

impl<'a> Trace<'a> {
    /// Returns the earliest start of any entity.
    pub fn start(&self) -> Micros {
        self.entities.iter().map(Entity::start).min().unwrap_or_default()
    }

    /// Returns the time from the first start to the last end of all segments and their parts.
    ///
    /// Shape: `None` while anything is unfinished, and when no segment came or none has an end that
    /// is not before its start.
    ///
    /// Source: `service-graph.md` §5, observed.
    pub fn duration(&self) -> Option<Micros> {
        if !self.entities.iter().all(Entity::is_finished) {
            return None;
        }
        let attached = || self.entities.iter().filter(|entity| entity.owner.is_some());
        let start = attached().map(Entity::start).min()?;
        let end = attached().filter_map(Entity::valid_end).max()?;
        Some(end.since(start))
    }

    /// Returns where the entity with this id is.
    pub fn find(&self, id: SegmentId) -> Option<usize> {
        self.index.get(&id).copied()
    }

    /// Returns whether a parent or a promised callee is missing.
    ///
    /// Source: `service-graph.md` §5, observed: an unfinished segment alone does not count.
    pub fn is_partial(&self) -> bool {
        self.entities.iter().any(|entity| {
            let lost =
                entity.owner.is_none() || entity.parent_id.is_some() != entity.parent.is_some();
            lost || entity.is_traced && self.callees(entity).next().is_none()
        })
    }

    /// Returns the real segments that name this entity as their parent.
    pub fn callees<'t>(&'t self, entity: &'t Entity<'_>) -> impl Iterator<Item = usize> + 't {
        let is_segment = |child: &usize| self.entities[*child].role == Role::Segment;
        entity.children.iter().copied().filter(is_segment)
    }

    /// Adds an entity whose parent is already there.
    pub(crate) fn insert(&mut self, entity: Entity<'a>) {
        self.top_down.push(self.entities.len());
        self.index.insert(entity.segment.id, self.entities.len());
        self.entities.push(entity);
    }

    /// Returns the segment that was inferred from this subsegment.
    pub fn inferred_from(&self, entity: &Entity<'_>) -> Option<usize> {
        // It is appended after all others have found their place.
        entity.children.last().copied().filter(|&child| self.entities[child].role == Role::Inferred)
    }
}

impl Entity<'_> {
    /// Returns when the work began.
    pub fn start(&self) -> Micros {
        self.segment.start_time.micros()
    }

    /// Returns when the work ended; `None` while it goes on.
    pub fn end(&self) -> Option<Micros> {
        self.segment.end_time.map(wire::Seconds::micros)
    }

    /// Returns the end, unless it lies before the start.
    pub fn valid_end(&self) -> Option<Micros> {
        self.end().filter(|end| *end >= self.start())
    }

    /// Returns the time from start to end; `None` while the work goes on or when it ended before it
    /// began.
    pub fn duration(&self) -> Option<Micros> {
        self.valid_end().map(|end| end.since(self.start()))
    }

    /// Returns whether the work has ended.
    pub fn is_finished(&self) -> bool {
        self.segment.end_time.is_some()
    }

    /// The order in which entities are listed: by start, then by id.
    pub(crate) fn rank(&self) -> (Micros, SegmentId) {
        (self.start(), self.segment.id)
    }
}

#[cfg(test)]
mod tests;
