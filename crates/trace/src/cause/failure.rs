//! Root causes of faults and errors: from where a failure shows down to where it was thrown.
//!
//! A cause begins at a failed segment, or at a failed call that no segment answers, which no failed
//! caller explains. It follows what failed below, and counts only if it comes to an end: a callee
//! that sent nothing, or something that recorded an exception.

use std::collections::{HashMap, HashSet};

use wire::Segment;
use wire::segment::Cause;

use super::{CauseEntity, CauseException, RootCause, entity, exceptions, services};
use crate::{Role, Trace};

/// Returns one cause for each beginning that comes to an end.
pub(super) fn causes<'t>(
    trace: &'t Trace<'_>,
    has_failed: fn(&Segment<'_>) -> bool,
) -> Vec<RootCause<'t>> {
    if !trace.entities.iter().any(|entity| has_failed(&entity.segment)) {
        return Vec::new();
    }
    let blame = Blame::new(trace, has_failed);
    let cause = |&start: &usize| RootCause {
        services: services(trace, &blame.path(start), |at| failed_entity(trace, at)),
        is_client_impacting: trace.root == Some(start),
    };
    let starts = blame.starts();
    let ended = starts.iter().filter(|&&start| blame.leads_to_end[start]).map(cause);
    ended.filter(|cause| !cause.services.is_empty()).collect()
}

fn failed_entity<'t>(trace: &'t Trace<'_>, at: usize) -> CauseEntity<'t> {
    let exception = |exception: &'t wire::segment::Exception<'_>| CauseException {
        name: exception.kind.as_deref(),
        message: exception.message.as_deref(),
    };
    CauseEntity {
        exceptions: exceptions(trace, at).iter().map(exception).collect(),
        ..entity(trace, at)
    }
}

struct Blame<'t, 'a> {
    trace: &'t Trace<'a>,
    /// Whether each entity failed.
    has_failed: Vec<bool>,
    /// Whether a path through what failed leads from each entity to an end.
    leads_to_end: Vec<bool>,
    /// Where each exception is recorded.
    thrown_at: HashMap<&'t str, usize>,
}

impl<'t, 'a> Blame<'t, 'a> {
    fn new(trace: &'t Trace<'a>, has_failed: fn(&Segment<'_>) -> bool) -> Self {
        let mut blame = Self {
            trace,
            has_failed: trace.entities.iter().map(|entity| has_failed(&entity.segment)).collect(),
            leads_to_end: vec![false; trace.entities.len()],
            thrown_at: HashMap::new(),
        };
        let attached = |at: &&usize| trace.entities[**at].owner.is_some();
        for &at in trace.top_down.iter().filter(attached) {
            for exception in exceptions(trace, at) {
                if let Some(id) = &exception.id {
                    blame.thrown_at.entry(id).or_insert(at);
                }
            }
        }
        for &at in trace.top_down.iter().rev() {
            blame.leads_to_end[at] = blame.has_failed[at] && blame.is_above_end(at);
        }
        blame
    }

    fn is_above_end(&self, at: usize) -> bool {
        let entity = &self.trace.entities[at];
        entity.role == Role::Inferred
            || !exceptions(self.trace, at).is_empty()
            || self.redirection(at).is_some()
            || entity.children.iter().any(|&child| self.leads_to_end[child])
    }

    /// Where the exception is recorded that an entity refers to.
    fn redirection(&self, at: usize) -> Option<usize> {
        match &self.trace.entities[at].segment.cause {
            Some(Cause::Reference(id)) => self.thrown_at.get(&**id).copied(),
            _ => None,
        }
    }

    /// The failed segments and unanswered calls that are not below another one through failures.
    fn starts(&self) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut is_explained = vec![false; self.trace.entities.len()];
        for &at in self.trace.top_down.iter().filter(|&&at| self.has_failed[at]) {
            let entity = &self.trace.entities[at];
            let from_above = entity.parent.is_some_and(|parent| is_explained[parent]);
            let is_start = match entity.role {
                Role::Segment => !from_above,
                Role::Subsegment => !from_above && self.trace.inferred_from(entity).is_some(),
                Role::Inferred => false,
            };
            is_explained[at] = from_above || is_start;
            starts.extend(is_start.then_some(at));
        }
        starts
    }

    /// From a beginning to its end. One at an unanswered call is the callee alone.
    fn path(&self, start: usize) -> Vec<usize> {
        let mut path = Path::default();
        match self.silent_callee(start) {
            Some(callee) => path.push(callee),
            None => path.push(start),
        }
        while let Some(&here) = path.steps.last() {
            let extension = self.extension(here, &path);
            if extension.is_empty() {
                break;
            }
            extension.into_iter().for_each(|at| path.push(at));
        }
        // What refers to an exception further up says nothing new.
        let is_end = |at: &usize| {
            let role = self.trace.entities[*at].role;
            role == Role::Inferred || !exceptions(self.trace, *at).is_empty()
        };
        let length = path.steps.iter().rposition(is_end).map_or(0, |last| last + 1);
        path.steps.truncate(length);
        path.steps
    }

    /// The next steps from `here`; none at the end.
    fn extension(&self, here: usize, path: &Path) -> Vec<usize> {
        let thrown_at = self.redirection(here).filter(|at| !path.contains(*at));
        if let Some(target) = thrown_at {
            let way = self.way(here, target).into_iter();
            return way.filter(|&at| !path.contains(at)).collect();
        }
        if let Some(callee) = self.silent_callee(here) {
            return vec![callee];
        }
        let children = self.trace.entities[here].children.iter().copied();
        let failed: Vec<usize> =
            children.filter(|&at| self.leads_to_end[at] && !path.contains(at)).collect();
        let silent = failed.iter().find(|&&at| self.silent_callee(at).is_some());
        silent.or(failed.first()).copied().into_iter().collect()
    }

    /// The failed segment that was inferred from a call.
    fn silent_callee(&self, call: usize) -> Option<usize> {
        self.trace.inferred_from(&self.trace.entities[call]).filter(|&at| self.has_failed[at])
    }

    /// The entities after `from` down to `to`; when `to` is not below `from`, from `to`'s own
    /// segment.
    fn way(&self, from: usize, to: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut in_service = 0;
        let mut above = Some(to);
        // A way as long as this has gone round in a circle.
        while let Some(at) = above.filter(|_| way.len() < self.trace.entities.len()) {
            if at == from {
                in_service = way.len();
                break;
            }
            way.push(at);
            if self.trace.entities[at].owner == self.trace.entities[to].owner {
                in_service = way.len();
            }
            above = self.trace.entities[at].parent;
        }
        way.truncate(in_service);
        way.reverse();
        way
    }
}

/// The entities passed so far.
#[derive(Default)]
struct Path {
    steps: Vec<usize>,
    passed: HashSet<usize>,
}

impl Path {
    fn push(&mut self, at: usize) {
        self.steps.push(at);
        self.passed.insert(at);
    }

    fn contains(&self, at: usize) -> bool {
        self.passed.contains(&at)
    }
}
