//! The parts of one trace that this service has recorded and not yet sent: what is open, what is
//! finished, and what may leave.
//!
//! A segment leaves when it ends, with all that is finished below it; what is still open then leaves
//! on its own later, and so does what begins below something that has left. A segment that holds
//! more parts than the threshold sends finished ones ahead of itself. Indices of parts are used
//! again; whoever holds one also holds the part's id, and is not answered when that is another.

use wire::segment::Segment;
use wire::{Micros, SegmentId, TraceId};

use crate::document::{Finished, Metadata, Note};

/// Levels of subsegments in one document; what is deeper is sent on its own. Readers of JSON stop
/// somewhere, most at 128, of which each level takes two.
const DEPTH_MAX: u32 = 32;

/// Where a part is: its place in the tree, and which part it was that was put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) index: u32,
    pub(crate) id: SegmentId,
}

impl Place {
    /// The place of something that is not in the tree.
    pub(crate) fn outside(id: SegmentId) -> Self {
        Self { index: u32::MAX, id }
    }
}

/// A segment or subsegment.
pub(crate) struct Part {
    pub(crate) document: Segment<'static>,
    pub(crate) metadata: Vec<Note>,
    parent: Option<u32>,
    children: Vec<u32>,
    /// Parts below this one, at any depth, that have not ended.
    open_below: u32,
    /// Whether it is sent when it ends.
    is_top: bool,
    depth: u32,
}

impl Part {
    fn is_open(&self) -> bool {
        self.document.end_time.is_none()
    }
}

/// The parts of one trace.
pub(crate) struct Tree {
    trace_id: TraceId,
    threshold: usize,
    parts: Vec<Option<Box<Part>>>,
    free: Vec<u32>,
    /// Parts that are there and have ended.
    closed_count: usize,
    segment: Option<Place>,
}

impl Tree {
    pub(crate) fn new(trace_id: TraceId, threshold: usize) -> Self {
        Self {
            trace_id,
            threshold,
            parts: Vec::new(),
            free: Vec::new(),
            closed_count: 0,
            segment: None,
        }
    }

    /// Puts the segment in.
    pub(crate) fn plant(&mut self, document: Segment<'static>) -> Place {
        let place = self.put(document, None, 0);
        self.segment = Some(place);
        place
    }

    /// Returns the segment; the part at `place` when the segment has left.
    pub(crate) fn segment_or(&mut self, place: Place) -> Option<&mut Part> {
        let segment = self.segment.filter(|segment| self.part(*segment).is_some());
        self.part(segment.unwrap_or(place))
    }

    /// Puts a subsegment in, below `parent` if that is still there.
    pub(crate) fn begin(&mut self, parent: Place, mut document: Segment<'static>) -> Place {
        let above = self.part(parent).map(|part| part.depth);
        match above {
            Some(depth) if depth < DEPTH_MAX => self.put(document, Some(parent.index), depth + 1),
            _ => {
                document.parent_id = Some(parent.id);
                self.put(document, None, 0)
            }
        }
    }

    fn put(&mut self, document: Segment<'static>, parent: Option<u32>, depth: u32) -> Place {
        let id = document.id;
        let is_top = parent.is_none();
        let (metadata, children) = (Vec::new(), Vec::new());
        let part = Part { document, metadata, parent, children, open_below: 0, is_top, depth };
        let index = self.free.pop().unwrap_or_else(|| {
            self.parts.push(None);
            u32::try_from(self.parts.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(slot) = self.parts.get_mut(index as usize) {
            *slot = Some(Box::new(part));
        }
        if let Some(above) = parent.and_then(|parent| self.at(parent)) {
            above.children.push(index);
        }
        self.for_each_above(index, |above| above.open_below += 1);
        Place { index, id }
    }

    fn at(&mut self, index: u32) -> Option<&mut Part> {
        self.parts.get_mut(index as usize)?.as_deref_mut()
    }

    /// Returns the part, if it has not left.
    pub(crate) fn part(&mut self, place: Place) -> Option<&mut Part> {
        self.at(place.index).filter(|part| part.document.id == place.id)
    }

    fn for_each_above(&mut self, index: u32, mut change: impl FnMut(&mut Part)) {
        let mut next = self.at(index).and_then(|part| part.parent);
        while let Some(above) = next.and_then(|index| self.at(index)) {
            change(above);
            next = above.parent;
        }
    }

    /// Ends a part, and returns what leaves with that.
    pub(crate) fn end(&mut self, place: Place, now: Micros) -> Vec<Finished> {
        let Some(part) = self.part(place).filter(|part| part.is_open()) else { return Vec::new() };
        // A clock that was set back does not make work end before it began.
        let end = now.seconds().max(part.document.start_time.0);
        part.document.end_time = Some(wire::Seconds(end));
        let is_top = part.is_top;
        self.closed_count += 1;
        self.for_each_above(place.index, |above| above.open_below -= 1);
        if is_top {
            return self.cut(place.index).into_iter().collect();
        }
        if self.parts.len() - self.free.len() <= self.threshold {
            return Vec::new();
        }
        self.stream(place.index)
    }

    /// Returns what is known of an open part, as a document of its own.
    pub(crate) fn announce(&mut self, place: Place) -> Option<Finished> {
        let trace_id = self.trace_id;
        let above = self.part(place)?.parent;
        let above = above.and_then(|above| self.at(above)).map(|above| above.document.id);
        let part = self.part(place).filter(|part| part.is_open())?;
        let mut document = part.document.clone();
        document.in_progress = Some(true);
        document.trace_id = Some(trace_id);
        document.parent_id = above.or(document.parent_id);
        let metadata = Metadata::of(document.id, part.metadata.clone()).into_iter().collect();
        Some(Finished { document: Box::new(document), metadata, rule: None })
    }

    /// Cuts finished parts out, of a tree that has too many.
    fn stream(&mut self, ended: u32) -> Vec<Finished> {
        // Looking at every part is worth it only if many of them may leave.
        if self.closed_count * 2 > self.threshold {
            let tops = 0..u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
            let ready: Vec<u32> = tops.filter(|&index| self.is_highest_ready(index)).collect();
            return ready.into_iter().filter_map(|index| self.cut(index)).collect();
        }
        let mut highest = ended;
        while let Some(parent) = self.at(highest).and_then(|part| part.parent)
            && self.is_ready(parent)
        {
            highest = parent;
        }
        if self.is_ready(highest) { self.cut(highest).into_iter().collect() } else { Vec::new() }
    }

    /// Returns whether a part and all below it have ended.
    fn is_ready(&mut self, index: u32) -> bool {
        self.at(index).is_some_and(|part| !part.is_open() && part.open_below == 0)
    }

    /// Returns whether a part is ready and the one above it is not.
    fn is_highest_ready(&mut self, index: u32) -> bool {
        let parent = self.at(index).and_then(|part| part.parent);
        self.is_ready(index) && !parent.is_some_and(|parent| self.is_ready(parent))
    }

    /// Takes a part that has ended out, with what has ended below it.
    fn cut(&mut self, index: u32) -> Option<Finished> {
        let parent = self.at(index)?.parent;
        let above = parent.and_then(|parent| self.at(parent)).map(|above| {
            above.children.retain(|&child| child != index);
            above.document.id
        });
        let mut metadata = Vec::new();
        let mut document = self.gather(index, &mut metadata)?;
        document.parent_id = above.or(document.parent_id);
        document.trace_id = Some(self.trace_id);
        Some(Finished { document: Box::new(document), metadata, rule: None })
    }

    /// Takes parts out of the tree and puts them into one document; those that are open stay, and
    /// will be sent on their own.
    fn gather(&mut self, index: u32, metadata: &mut Vec<Metadata>) -> Option<Segment<'static>> {
        let part = self.parts.get_mut(index as usize)?.take()?;
        self.free.push(index);
        self.closed_count -= 1;
        let Part { mut document, metadata: notes, children, .. } = *part;
        metadata.extend(Metadata::of(document.id, notes));
        document.subsegments.reserve_exact(children.len());
        for child in children {
            let Some(below) = self.at(child) else { continue };
            if below.is_open() {
                below.is_top = true;
                below.parent = None;
                below.document.parent_id = Some(document.id);
            } else {
                document.subsegments.extend(self.gather(child, metadata));
            }
        }
        Some(document)
    }
}

#[cfg(test)]
mod tests;
