//! From documents to the tree: which document counts, and who is whose parent.
//!
//! An id is one record, wherever it occurs. The first document that completes a record counts for
//! ever; an unfinished one gives way to whatever comes later. What is ignored is ignored with all
//! its parts. Source: `segment-document.md` §5.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use wire::{Micros, Segment, SegmentId, TraceId};

use crate::node::resource;
use crate::{Entity, Error, Received, Role, Trace, infer};

/// Builds the tree out of `documents`, which are sorted by arrival.
///
/// # Errors
/// [`Error::NoDocuments`]; [`Error::ReadDocument`] and [`Error::OtherTrace`] when a document is not
/// what the store once accepted for this trace.
pub fn assemble<'a>(
    id: TraceId,
    documents: &[Received<'a>],
    limit_exceeded: bool,
) -> Result<Trace<'a>, Error> {
    let parse = |(document_index, document): (usize, &Received<'a>)| {
        let segment = Segment::parse(document.text).map_err(|mut problems| {
            Error::ReadDocument { id, document_index, problem: problems.swap_remove(0) }
        })?;
        Ok((*document, segment))
    };
    let parsed: Result<Vec<_>, _> = documents.iter().enumerate().map(parse).collect();
    assemble_parsed(id, parsed?, limit_exceeded)
}

/// Builds the tree as [`assemble`] does, out of documents that were parsed already.
///
/// # Errors
/// As for [`assemble`], but for [`Error::ReadDocument`].
pub fn assemble_parsed<'a>(
    id: TraceId,
    documents: Vec<(Received<'a>, Segment<'a>)>,
    limit_exceeded: bool,
) -> Result<Trace<'a>, Error> {
    let mut records = Records::with_room(documents.len() * 2);
    for (document_index, (document, segment)) in documents.into_iter().enumerate() {
        if segment.trace_id != Some(id) {
            return Err(Error::OtherTrace { id, document_index });
        }
        records.take(segment, &document);
    }
    if records.entities.is_empty() {
        return Err(Error::NoDocuments { id });
    }
    let mut trace = records.into_trace(id, limit_exceeded);
    link(&mut trace);
    order(&mut trace);
    trace.segments = listed(&trace, Role::Segment);
    trace.root = trace.segments.iter().copied().find(|&at| trace.entities[at].parent_id.is_none());
    infer::append(&mut trace);
    trace.inferred = listed(&trace, Role::Inferred);
    Ok(trace)
}

/// What was read so far; parents are still ids.
#[derive(Default)]
struct Records<'a> {
    entities: Vec<Entity<'a>>,
    index: HashMap<SegmentId, usize>,
    revision: u32,
    updated: Micros,
    last_request_number: Option<u64>,
}

impl<'a> Records<'a> {
    fn with_room(count: usize) -> Self {
        let (entities, index) = (Vec::with_capacity(count), HashMap::with_capacity(count));
        Self { entities, index, ..Self::default() }
    }

    /// Takes in one document and all its parts.
    fn take(&mut self, segment: Segment<'a>, document: &Received<'a>) {
        let role = if segment.is_subsegment() { Role::Subsegment } else { Role::Segment };
        let parent_id = segment.parent_id;
        if self.take_with_parts(segment, role, parent_id, document.received) {
            self.note_change(document);
        }
    }

    /// Takes in an entity and its parts, as deep as JSON is read; returns whether that changed
    /// anything.
    fn take_with_parts(
        &mut self,
        mut segment: Segment<'a>,
        role: Role,
        parent_id: Option<SegmentId>,
        received: Micros,
    ) -> bool {
        let id = segment.id;
        let parts = std::mem::take(&mut segment.subsegments);
        let is_taken = self.put(new_entity(segment, role, parent_id, received));
        if is_taken {
            for part in parts {
                self.take_with_parts(part, Role::Subsegment, Some(id), received);
            }
        }
        is_taken
    }

    /// Stores one record, or returns false when a complete one stands in its place.
    fn put(&mut self, entity: Entity<'a>) -> bool {
        match self.index.entry(entity.segment.id) {
            Entry::Vacant(place) => {
                place.insert(self.entities.len());
                self.entities.push(entity);
                true
            }
            Entry::Occupied(place) => {
                let stored = &mut self.entities[*place.get()];
                let gives_way = !stored.is_finished();
                if gives_way {
                    *stored = entity;
                }
                gives_way
            }
        }
    }

    fn note_change(&mut self, document: &Received<'_>) {
        if self.last_request_number != Some(document.request_number) {
            self.last_request_number = Some(document.request_number);
            self.revision += 1;
        }
        self.updated = self.updated.max(document.received);
    }

    fn into_trace(self, id: TraceId, limit_exceeded: bool) -> Trace<'a> {
        Trace {
            id,
            entities: self.entities,
            segments: Vec::new(),
            inferred: Vec::new(),
            root: None,
            revision: self.revision,
            updated: self.updated,
            limit_exceeded,
            top_down: Vec::new(),
            index: self.index,
        }
    }
}

/// Brings what was sent into the form in which it is returned. Source: `segment-document.md` §7.
fn new_entity(
    mut segment: Segment<'_>,
    role: Role,
    parent_id: Option<SegmentId>,
    received: Micros,
) -> Entity<'_> {
    segment.kind = None;
    if role == Role::Subsegment {
        segment.parent_id = None;
        segment.trace_id = None;
        name_resources(&mut segment);
    }
    let promise = segment.http.as_mut().and_then(|http| http.request.as_mut()?.traced.take());
    let is_traced = promise == Some(true) || segment.traced == Some(true);
    Entity {
        segment,
        role,
        parent_id,
        parent: None,
        children: Vec::new(),
        owner: None,
        is_traced,
        received,
    }
}

/// Says of an AWS call which resource it used, and nothing when that is not known. Topics are not
/// listed. Source: `service-graph.md` §1.
fn name_resources(segment: &mut Segment<'_>) {
    if segment.namespace.as_deref() != Some("aws") {
        return;
    }
    let names = match resource(segment) {
        Some(resource) if resource.service_type != "AWS::SNS" => vec![resource.name.clone()],
        _ => Vec::new(),
    };
    if let Some(aws) = &mut segment.aws {
        aws.resource_names = names;
    }
}

/// Turns parent ids into indexes, and lists every entity among its parent's children.
fn link(trace: &mut Trace<'_>) {
    for at in 0..trace.entities.len() {
        let parent = trace.entities[at].parent_id.and_then(|id| trace.find(id));
        trace.entities[at].parent = parent;
        if let Some(parent) = parent {
            trace.entities[parent].children.push(at);
        }
    }
    for at in 0..trace.entities.len() {
        let mut children = std::mem::take(&mut trace.entities[at].children);
        children.sort_by_key(|&child| trace.entities[child].rank());
        trace.entities[at].children = children;
    }
}

/// Visits every entity once, from the top, and tells it its owner.
///
/// Tops are what has no parent. Of a circle, a segment is taken for its top when there is one, so
/// that its parts have an owner; a circle of subsegments alone has none.
fn order(trace: &mut Trace<'_>) {
    let mut tops: Vec<usize> = (0..trace.entities.len()).collect();
    tops.sort_by_key(|&at| {
        let entity = &trace.entities[at];
        (entity.parent.is_some(), entity.role != Role::Segment, entity.rank())
    });
    let mut is_visited = vec![false; trace.entities.len()];
    let mut pending = Vec::new();
    for top in tops {
        pending.push(top);
        while let Some(at) = pending.pop() {
            if std::mem::replace(&mut is_visited[at], true) {
                continue;
            }
            trace.top_down.push(at);
            let entity = &trace.entities[at];
            pending.extend(entity.children.iter().rev());
            let owner = match entity.role {
                Role::Segment | Role::Inferred => Some(at),
                Role::Subsegment => entity.parent.and_then(|parent| trace.entities[parent].owner),
            };
            trace.entities[at].owner = owner;
        }
    }
}

/// The entities in this role, by start and then id.
fn listed(trace: &Trace<'_>, role: Role) -> Vec<usize> {
    let mut listed: Vec<usize> =
        (0..trace.entities.len()).filter(|&at| trace.entities[at].role == role).collect();
    listed.sort_by_key(|&at| trace.entities[at].rank());
    listed
}
