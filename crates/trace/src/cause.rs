//! Root causes: the path of services blamed for a fault, an error or a slow response.
//!
//! A path is a list of entities from upstream to downstream; cut where one service ends and the
//! next begins, it is a [`RootCause`].
//!
//! Source: `service-graph.md` §6.

mod failure;

use wire::segment::{Cause, Exception};

use crate::{NodeId, Role, Trace};

/// One path of blame.
#[derive(Clone, Debug, PartialEq)]
pub struct RootCause<'t> {
    /// The services on it, from upstream to downstream.
    pub services: Vec<CauseService<'t>>,
    /// Whether it begins at the root segment.
    pub is_client_impacting: bool,
}

/// One service on the path.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseService<'t> {
    /// The service's node.
    pub node: NodeId<'t>,
    /// Its entities on the path.
    pub path: Vec<CauseEntity<'t>>,
    /// Whether the service sent nothing.
    pub is_inferred: bool,
}

/// One segment or subsegment on the path.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseEntity<'t> {
    /// Its name.
    pub name: &'t str,
    /// Whether it is a call to another service.
    pub is_remote: bool,
    /// Its share of the root's response time, from zero to one; only on response time causes.
    pub coverage: Option<f64>,
    /// What it threw; none on response time causes.
    pub exceptions: Vec<CauseException<'t>>,
}

/// One exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseException<'t> {
    /// Its type.
    pub name: Option<&'t str>,
    /// Its message.
    pub message: Option<&'t str>,
}

/// Returns where faults began, by the `fault` flag.
pub fn of_faults<'t>(trace: &'t Trace<'_>) -> Vec<RootCause<'t>> {
    failure::causes(trace, |segment| segment.fault == Some(true))
}

/// Returns where errors began, by the `error` flag.
pub fn of_errors<'t>(trace: &'t Trace<'_>) -> Vec<RootCause<'t>> {
    failure::causes(trace, |segment| segment.error == Some(true))
}

/// Returns where the root's response time went: at most one path, always from the root, along the
/// longest parts that cover more than half of it and are not longer than it.
pub fn of_response_time<'t>(trace: &'t Trace<'_>) -> Vec<RootCause<'t>> {
    let Some(root) = trace.root else { return Vec::new() };
    let Some(whole) = trace.entities[root].duration() else { return Vec::new() };
    let duration = |at: usize| trace.entities[at].duration().map_or(0, |micros| micros.0);
    let is_eligible =
        |at: &usize| duration(*at).saturating_mul(2) > whole.0 && duration(*at) <= whole.0;

    let mut path = vec![root];
    let mut is_on_path = vec![false; trace.entities.len()];
    let mut here = root;
    while trace.entities[here].role != Role::Inferred {
        is_on_path[here] = true;
        let children = trace.entities[here].children.iter().copied();
        let slow = children.filter(is_eligible).filter(|&child| !is_on_path[child]);
        // Of equally long ones the last is an inferred callee, if there is one.
        let Some(next) = slow.max_by_key(|&child| duration(child)) else { break };
        path.push(next);
        here = next;
    }
    if path.len() == 1 {
        return Vec::new();
    }
    let entity = |at| CauseEntity {
        coverage: Some(duration(at) as f64 / whole.0 as f64),
        ..entity(trace, at)
    };
    vec![RootCause { services: services(trace, &path, entity), is_client_impacting: true }]
}

/// Cuts a path where one service ends and the next begins.
fn services<'t>(
    trace: &'t Trace<'_>,
    path: &[usize],
    entity: impl Fn(usize) -> CauseEntity<'t>,
) -> Vec<CauseService<'t>> {
    let of_one_service =
        |a: &usize, b: &usize| trace.entities[*a].owner == trace.entities[*b].owner;
    let service = |part: &[usize]| {
        let first = *part.first()?;
        let owner = trace.entities[first].owner?;
        Some(CauseService {
            node: trace.node(first)?,
            path: part.iter().map(|&at| entity(at)).collect(),
            is_inferred: trace.entities[owner].role == Role::Inferred,
        })
    };
    path.chunk_by(of_one_service).filter_map(service).collect()
}

/// An entity on a path, without what only one kind of cause says.
fn entity<'t>(trace: &'t Trace<'_>, at: usize) -> CauseEntity<'t> {
    let entity = &trace.entities[at];
    CauseEntity {
        name: &entity.segment.name,
        is_remote: entity.is_call(),
        coverage: None,
        exceptions: Vec::new(),
    }
}

/// The exceptions recorded at an entity itself.
fn exceptions<'t, 'a>(trace: &'t Trace<'a>, at: usize) -> &'t [Exception<'a>] {
    match &trace.entities[at].segment.cause {
        Some(Cause::Here(causes)) => &causes.exceptions,
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
