//! Documents as they are returned: whole segments again, with everything folded in that was sent
//! apart.

use wire::{Segment, SegmentId, json};

use crate::{Role, Trace};

/// How deep subsegments are nested in a document that we return. What lies deeper is listed beside
/// its parent: a document nested without bound is one that most programs cannot read.
pub const DOCUMENT_DEPTH_MAX: usize = 50;

/// Where an entity stands in the document that it is returned in.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The entity it is listed in; means nothing for a segment.
    host: usize,
    depth: usize,
}

impl Trace<'_> {
    /// Returns the segments' documents, first the real ones and then the inferred ones, each by
    /// start and id. Orphaned subsegments are in none of them.
    ///
    /// Source: `BatchGetTraces`; `segment-document.md` §7.
    pub fn documents(&self) -> Vec<(SegmentId, String)> {
        let places = self.places();
        let mut parts: Vec<Vec<Segment<'_>>> = self.entities.iter().map(|_| Vec::new()).collect();
        let mut texts = vec![None; self.entities.len()];
        for &at in self.top_down.iter().rev() {
            let entity = &self.entities[at];
            if entity.owner.is_none() {
                continue;
            }
            let mut segment = entity.segment.clone();
            // They were met from the bottom up, that is, last one first.
            segment.subsegments = std::mem::take(&mut parts[at]);
            segment.subsegments.reverse();
            match entity.role {
                Role::Subsegment => parts[places[at].host].push(segment),
                Role::Segment | Role::Inferred => texts[at] = Some(json::encode(&segment)),
            }
        }
        let document = |&at: &usize| Some((self.entities[at].segment.id, texts[at].take()?));
        self.segments.iter().chain(&self.inferred).filter_map(document).collect()
    }

    fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::default(); self.entities.len()];
        for &at in &self.top_down {
            let entity = &self.entities[at];
            let (Role::Subsegment, Some(parent)) = (entity.role, entity.parent) else { continue };
            let above = places[parent];
            places[at] = match above.depth {
                DOCUMENT_DEPTH_MAX => above,
                depth => Place { host: parent, depth: depth + 1 },
            };
        }
        places
    }
}

#[cfg(test)]
mod tests;
