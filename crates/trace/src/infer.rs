//! Segments of services that sent nothing, deduced from their callers' subsegments.
//!
//! Every finished call to another service that no segment answers has one, as long as the call is
//! part of a segment; the day the callee's own segment comes, the inferred one is gone. Its id is
//! derived from the call's id, so it is the same each time the trace is read: the call's id is the
//! state of a SplitMix64 generator, whose first output that is no id of the trace is taken.
//!
//! Source: `service-graph.md` §2.

use std::borrow::Cow;

use wire::{Segment, SegmentId};

use crate::node::resource;
use crate::{Entity, Role, Trace};

/// Appends the inferred segments to the trace.
pub(crate) fn append(trace: &mut Trace<'_>) {
    for call in 0..trace.entities.len() {
        if is_unanswered(trace, call) {
            append_callee(trace, call);
        }
    }
}

fn is_unanswered(trace: &Trace<'_>, at: usize) -> bool {
    let entity = &trace.entities[at];
    entity.is_call()
        && entity.owner.is_some()
        && entity.is_finished()
        && trace.callees(entity).next().is_none()
}

fn append_callee<'a>(trace: &mut Trace<'a>, call: usize) {
    let id = derived_id(trace, trace.entities[call].segment.id);
    let segment = callee_of(trace, call, id);
    let (start, end) = (segment.start_time, segment.end_time);
    let at = push(trace, segment, Role::Inferred, call);
    if is_sent_to_queue(&trace.entities[call].segment) {
        let id = derived_id(trace, id);
        let queue_time = Segment::blank(id, Cow::Borrowed("QueueTime"), start);
        let queue_time = Segment { end_time: end, ..queue_time };
        push(trace, queue_time, Role::Subsegment, at);
    }
}

/// The segment as the callee might have sent it.
fn callee_of<'a>(trace: &Trace<'a>, call: usize, id: SegmentId) -> Segment<'a> {
    let call = &trace.entities[call].segment;
    Segment {
        trace_id: Some(trace.id),
        parent_id: Some(call.id),
        end_time: call.end_time,
        inferred: Some(true),
        fault: call.fault,
        error: call.error,
        throttle: call.throttle,
        http: call.http.clone(),
        aws: call.aws.clone(),
        origin: origin_of(call),
        ..Segment::blank(id, call.name.clone(), call.start_time)
    }
}

/// The callee's type; not known of services outside AWS.
fn origin_of<'a>(call: &Segment<'a>) -> Option<Cow<'a, str>> {
    if call.namespace.as_deref() != Some("aws") {
        return None;
    }
    Some(match resource(call) {
        Some(resource) => Cow::Borrowed(resource.service_type),
        None => Cow::Owned(format!("AWS::{}", call.name)),
    })
}

/// Whether the call put messages into a queue: those wait there for as long as the call took.
fn is_sent_to_queue(call: &Segment<'_>) -> bool {
    let operation = call.aws.as_deref().and_then(|aws| aws.operation.as_deref());
    call.name == "SQS" && operation.is_some_and(|name| name.starts_with("SendMessage"))
}

/// Adds an entity that was not sent; it came when its cause came.
fn push<'a>(trace: &mut Trace<'a>, segment: Segment<'a>, role: Role, parent: usize) -> usize {
    let at = trace.entities.len();
    let cause = &mut trace.entities[parent];
    cause.children.push(at);
    let entity = Entity {
        parent_id: Some(cause.segment.id),
        parent: Some(parent),
        children: Vec::new(),
        owner: Some(if role == Role::Inferred { at } else { parent }),
        is_traced: false,
        received: cause.received,
        role,
        segment,
    };
    trace.insert(entity);
    at
}

fn derived_id(trace: &Trace<'_>, from: SegmentId) -> SegmentId {
    let mut state = from.0;
    loop {
        // The states are all different and so are the outputs: one of them is free.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut id = state;
        id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let id = SegmentId(id ^ (id >> 31));
        if trace.find(id).is_none() {
            return id;
        }
    }
}

#[cfg(test)]
mod tests;
