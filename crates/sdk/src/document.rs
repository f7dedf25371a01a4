//! Documents: how a part begins, and how finished parts become text that fits into a datagram.
//!
//! A document that is too long is taken apart: its largest subsegments are sent on their own until
//! the rest fits. A single part that does not fit loses its metadata, then the stacks of its
//! exceptions, then its annotations; if that is not enough it is not sent, and counted.

use std::borrow::Cow;

use wire::raw::Json;
use wire::segment::{Cause, Segment};
use wire::{Micros, SegmentId, datagram, json};

use crate::resource::Resource;

/// The longest datagram over IPv4; with the header before the document, a daemon reads a little more.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 65_507;

/// A value among a part's metadata.
#[derive(Clone)]
pub(crate) struct Note {
    pub(crate) namespace: Cow<'static, str>,
    pub(crate) key: Cow<'static, str>,
    pub(crate) value: Json,
}

/// The metadata of one part, as its document has it.
pub(crate) struct Metadata {
    id: SegmentId,
    value: Json,
}

impl Metadata {
    /// Puts a part's notes together; of two with one key the later counts.
    pub(crate) fn of(id: SegmentId, notes: Vec<Note>) -> Option<Self> {
        let mut namespaces: Vec<(Cow<'_, str>, Members)> = Vec::new();
        for Note { namespace, key, value } in notes {
            let at = namespaces.iter().position(|(name, _)| *name == namespace);
            let at = at.unwrap_or_else(|| {
                namespaces.push((namespace, Vec::new()));
                namespaces.len() - 1
            });
            let members = &mut namespaces[at].1;
            members.retain(|(other, _)| *other != key);
            members.push((key, value));
        }
        let namespaces = namespaces.into_iter();
        let objects = namespaces.filter_map(|(name, members)| Some((name, object(&members)?)));
        let objects: Members = objects.collect();
        let value = object(&objects).filter(|_| !objects.is_empty())?;
        Some(Self { id, value })
    }
}

/// The members of a JSON object.
type Members = Vec<(Cow<'static, str>, Json)>;

fn object(members: &Members) -> Option<Json> {
    Json::object(members.iter().map(|(key, value)| (key, value)))
}

/// What is to be sent.
pub(crate) struct Finished {
    /// The outermost part; a segment unless it has a parent and is of the kind `subsegment`.
    pub(crate) document: Box<Segment<'static>>,
    /// The metadata of the parts that have some, each before those below it.
    pub(crate) metadata: Vec<Metadata>,
    /// The sampling rule by which the trace is recorded.
    pub(crate) rule: Option<std::sync::Arc<str>>,
}

/// Returns a part that begins at `start`.
pub(crate) fn begin(id: SegmentId, name: Cow<'static, str>, start: Micros) -> Segment<'static> {
    Segment::blank(id, name, start.into())
}

/// The kind of a subsegment that is on its own, and while it is open of every subsegment: only the
/// outermost part of a document keeps it.
pub(crate) const SUBSEGMENT: Cow<'static, str> = Cow::Borrowed("subsegment");

/// Gives the datagrams of all documents that `finished` becomes to `take`, and returns how many parts
/// could not be sent because they are too long. Datagrams are written into `buffer`, whose memory is
/// used again.
pub(crate) fn encode(
    finished: Finished,
    resource: &Resource,
    buffer: &mut Vec<u8>,
    mut take: impl FnMut(&[u8]),
) -> usize {
    let Finished { mut document, metadata, rule } = finished;
    if !document.is_subsegment() {
        resource.describe(&mut document, rule.map(|rule| rule.to_string()));
    }
    let mut document: Segment<'_> = *document;
    attach(&mut document, &mut metadata.iter().peekable());
    write(&document, buffer);
    if buffer.len() <= DATAGRAM_BYTES_MAX {
        take(buffer);
        return 0;
    }
    split(document, buffer, take)
}

/// Writes the datagram of a document.
fn write(document: &Segment<'_>, buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.extend_from_slice(datagram::HEADER);
    json::put_shortest(document, buffer);
}

/// Puts each part's metadata in its place, and leaves the kind of the outermost part alone.
fn attach<'m>(
    segment: &mut Segment<'m>,
    metadata: &mut std::iter::Peekable<std::slice::Iter<'m, Metadata>>,
) {
    if let Some(found) = metadata.next_if(|metadata| metadata.id == segment.id) {
        segment.metadata = Some(found.value.raw());
    }
    for below in &mut segment.subsegments {
        below.kind = None;
        attach(below, metadata);
    }
}

fn split(document: Segment<'_>, buffer: &mut Vec<u8>, mut take: impl FnMut(&[u8])) -> usize {
    let mut too_long_count = 0;
    let mut pending = vec![document];
    while let Some(mut document) = pending.pop() {
        write(&document, buffer);
        if buffer.len() <= DATAGRAM_BYTES_MAX {
            take(buffer);
        } else if !document.subsegments.is_empty() {
            let detached = detach(&mut document, buffer.len() - DATAGRAM_BYTES_MAX, buffer);
            pending.push(document);
            pending.extend(detached);
        } else if shrink(&mut document) {
            pending.push(document);
        } else {
            too_long_count += 1;
        }
    }
    too_long_count
}

/// Takes the largest subsegments out of a document until it is `excess` bytes shorter.
fn detach<'a>(document: &mut Segment<'a>, excess: usize, buffer: &mut Vec<u8>) -> Vec<Segment<'a>> {
    let mut bytes_of = |part| {
        write(part, buffer);
        buffer.len() - datagram::HEADER.len()
    };
    let mut sizes: Vec<(usize, usize)> =
        document.subsegments.iter().map(&mut bytes_of).zip(0..).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let mut freed = 0;
    sizes.retain(|(bytes, _)| {
        let is_needed = freed < excess;
        freed += if is_needed { *bytes } else { 0 };
        is_needed
    });
    // From the back, so that the indices stay right.
    sizes.sort_unstable_by_key(|(_, index)| std::cmp::Reverse(*index));
    let parts = sizes.into_iter().map(|(_, index)| document.subsegments.remove(index));
    let parts = parts.collect::<Vec<_>>().into_iter();
    parts
        .map(|part| Segment {
            kind: Some(SUBSEGMENT),
            trace_id: document.trace_id,
            parent_id: Some(document.id),
            ..part
        })
        .collect()
}

/// Takes from a part what it can do without; false when there is nothing left to take.
fn shrink(part: &mut Segment<'_>) -> bool {
    if part.metadata.take().is_some() {
        return true;
    }
    if let Some(Cause::Here(causes)) = &mut part.cause {
        let stacks = causes.exceptions.iter_mut().filter(|it| !it.stack.is_empty());
        let cut: usize = stacks.map(|exception| exception.stack.drain(..).len()).sum();
        if cut > 0 {
            return true;
        }
    }
    part.annotations.take().is_some() || part.cause.take().is_some()
}

#[cfg(test)]
mod tests;
