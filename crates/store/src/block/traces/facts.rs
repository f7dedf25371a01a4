//! What can be asked of one trace, whether it was just made or kept.

use std::ops::RangeInclusive;

use filter::ast::CauseKind;
use trace::NodeId;
use trace::cause::CauseService;
use wire::value::Scalar;
use wire::{Micros, TraceId};

use super::causes;
use super::columns;
use super::predicate::TextMember;
use super::row::{Edge, Marks, Place, Row, StoredRow};
use crate::Axis;
use crate::live::overlaps;

/// What can be asked of one trace without making a row of another kind of it.
pub trait Facts {
    /// Returns the trace's id.
    fn id(&self) -> TraceId;
    /// Returns the earliest start of anything.
    fn start(&self) -> Micros;
    /// Returns the latest end of a finished segment.
    fn end(&self) -> Option<Micros>;
    /// Returns the earliest end of a finished segment; there when the latest is.
    fn first_end(&self) -> Option<Micros>;
    /// Returns when the trace last changed.
    fn updated(&self) -> Micros;
    /// Returns first start to last end.
    fn duration(&self) -> Option<Micros>;
    /// Returns the root's time.
    fn response_time(&self) -> Option<Micros>;
    /// Returns where the trace's segments are.
    fn place(&self) -> Place;
    /// Returns the bits of the column `flags`.
    fn flags(&self) -> u16;
    /// Returns what the root answered.
    fn status(&self) -> Option<i64>;
    /// Returns whether one of the texts passes.
    fn any_text(&self, member: TextMember, passes: impl FnMut(&str) -> bool) -> bool;
    /// Returns whether one of the values under an annotation key passes.
    fn any_value(&self, key: &str, passes: impl FnMut(&Scalar<'_>) -> bool) -> bool;
    /// Calls `visit` for each value of each annotation key; those of one key follow each other.
    fn for_each_value(&self, visit: impl FnMut(&str, &Scalar<'_>));
    /// Calls `visit` with the services on each path of blame of a kind; their shares of the time
    /// are any number.
    fn for_each_path(&self, kind: CauseKind, visit: impl FnMut(&[CauseService<'_>]));
    /// Returns whether the root causes fit a predicate about them.
    fn causes_fit(&self, predicate: &filter::Predicate) -> bool;
    /// Returns the nodes, sorted.
    fn nodes(&self) -> &[NodeId<'_>];
    /// Returns how the work of each node ended, in their order.
    fn marks(&self) -> &[Marks];
    /// Returns the calls between the nodes.
    fn edges(&self) -> &[Edge];
    /// Returns the root's node.
    fn entry_point(&self) -> Option<&NodeId<'_>>;

    /// Returns the time by which the trace stands among others.
    fn time(&self, axis: Axis) -> Option<Micros> {
        match axis {
            Axis::Start => Some(self.start()),
            Axis::Updated => Some(self.updated()),
            Axis::End => self.end(),
        }
    }

    /// Returns whether the trace is in a window of times; by its ends when the window has some of
    /// the time from the first to the last of them.
    fn is_in(&self, axis: Axis, window: &RangeInclusive<Micros>) -> bool {
        match (axis, self.first_end(), self.end()) {
            (Axis::End, Some(first), Some(last)) => overlaps(window, first, last),
            (Axis::End, ..) => false,
            (Axis::Start, ..) => window.contains(&self.start()),
            (Axis::Updated, ..) => window.contains(&self.updated()),
        }
    }
}

impl Facts for Row<'_> {
    fn id(&self) -> TraceId {
        self.summary.id
    }

    fn start(&self) -> Micros {
        self.summary.start
    }

    fn end(&self) -> Option<Micros> {
        self.end
    }

    fn first_end(&self) -> Option<Micros> {
        self.first_end
    }

    fn updated(&self) -> Micros {
        self.summary.updated
    }

    fn duration(&self) -> Option<Micros> {
        self.summary.duration
    }

    fn response_time(&self) -> Option<Micros> {
        self.summary.response_time
    }

    fn place(&self) -> Place {
        self.place
    }

    fn flags(&self) -> u16 {
        let summary = &self.summary;
        let any = |marks| self.services.iter().any(|service| service.has(marks));
        let flags = [
            (summary.has_fault, columns::ROOT_FAULT),
            (summary.has_error, columns::ROOT_ERROR),
            (summary.has_throttle, columns::ROOT_THROTTLE),
            (summary.is_partial, columns::PARTIAL),
            (self.limit_exceeded, columns::LIMIT_EXCEEDED),
            (any(Marks::FAULT), columns::ANY_FAULT),
            (any(Marks::ERROR), columns::ANY_ERROR),
            (any(Marks::THROTTLE), columns::ANY_THROTTLE),
            (self.has_inferred, columns::INFERRED),
        ];
        flags.iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum()
    }

    fn status(&self) -> Option<i64> {
        self.summary.http.status
    }

    fn any_text(&self, member: TextMember, mut passes: impl FnMut(&str) -> bool) -> bool {
        let summary = &self.summary;
        let list = match member {
            TextMember::Url => return summary.http.url.is_some_and(passes),
            TextMember::Method => return summary.http.method.is_some_and(passes),
            TextMember::UserAgent => return summary.http.user_agent.is_some_and(passes),
            TextMember::ClientIp => return summary.http.client_ip.is_some_and(passes),
            TextMember::User => &summary.users,
            TextMember::InstanceId => &summary.instance_ids,
            TextMember::AvailabilityZone => &summary.availability_zones,
            TextMember::ResourceArn => &summary.resource_arns,
        };
        list.iter().any(|text| passes(text))
    }

    fn any_value(&self, key: &str, mut passes: impl FnMut(&Scalar<'_>) -> bool) -> bool {
        let values = self.summary.annotations.iter().find(|(other, _)| *other == key);
        values.is_some_and(|(_, values)| values.iter().any(|value| passes(value)))
    }

    fn for_each_value(&self, mut visit: impl FnMut(&str, &Scalar<'_>)) {
        for (key, values) in &self.summary.annotations {
            values.iter().for_each(|value| visit(key, value));
        }
    }

    fn for_each_path(&self, kind: CauseKind, mut visit: impl FnMut(&[CauseService<'_>])) {
        let causes = match kind {
            CauseKind::Fault => &self.summary.fault_root_causes,
            CauseKind::Error => &self.summary.error_root_causes,
            CauseKind::ResponseTime => &self.summary.response_time_root_causes,
        };
        causes.iter().for_each(|cause| visit(&cause.services));
    }

    fn causes_fit(&self, predicate: &filter::Predicate) -> bool {
        filter::Causes::of(&self.summary).fit(predicate)
    }

    fn nodes(&self) -> &[NodeId<'_>] {
        &self.summary.nodes
    }

    fn marks(&self) -> &[Marks] {
        &self.services
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn entry_point(&self) -> Option<&NodeId<'_>> {
        self.summary.entry_point.as_ref()
    }
}

impl Facts for StoredRow {
    fn id(&self) -> TraceId {
        self.id
    }

    fn start(&self) -> Micros {
        self.start
    }

    fn end(&self) -> Option<Micros> {
        self.end
    }

    fn first_end(&self) -> Option<Micros> {
        self.first_end
    }

    fn updated(&self) -> Micros {
        self.updated
    }

    fn duration(&self) -> Option<Micros> {
        self.duration
    }

    fn response_time(&self) -> Option<Micros> {
        self.response_time
    }

    fn place(&self) -> Place {
        self.place
    }

    fn flags(&self) -> u16 {
        self.flags
    }

    fn status(&self) -> Option<i64> {
        self.status
    }

    fn any_text(&self, member: TextMember, mut passes: impl FnMut(&str) -> bool) -> bool {
        let list = match member {
            TextMember::Url => return self.url.as_deref().is_some_and(passes),
            TextMember::Method => return self.method.as_deref().is_some_and(passes),
            TextMember::UserAgent => return self.user_agent.as_deref().is_some_and(passes),
            TextMember::ClientIp => return self.client_ip.as_deref().is_some_and(passes),
            TextMember::User => &self.users,
            TextMember::InstanceId => &self.instance_ids,
            TextMember::AvailabilityZone => &self.availability_zones,
            TextMember::ResourceArn => &self.resource_arns,
        };
        list.iter().any(|text| passes(text))
    }

    fn any_value(&self, key: &str, passes: impl FnMut(&Scalar<'_>) -> bool) -> bool {
        let values = self.annotations.iter().find(|(other, _)| other == key);
        values.is_some_and(|(_, values)| values.iter().any(passes))
    }

    fn for_each_value(&self, mut visit: impl FnMut(&str, &Scalar<'_>)) {
        for (key, values) in &self.annotations {
            values.iter().for_each(|value| visit(key, value));
        }
    }

    fn for_each_path(&self, kind: CauseKind, mut visit: impl FnMut(&[CauseService<'_>])) {
        let bytes = match kind {
            CauseKind::Fault | CauseKind::Error => &self.causes.failures,
            CauseKind::ResponseTime => &self.causes.response_times,
        };
        // They were decoded once before.
        let paths = causes::of_kind(kind, bytes).unwrap_or_default();
        paths.iter().for_each(|cause| visit(&cause.services));
    }

    fn causes_fit(&self, predicate: &filter::Predicate) -> bool {
        let lists = causes::decode(&self.causes, self.response_time);
        // They were decoded once before.
        lists.is_some_and(|lists| causes::fit(&lists, predicate))
    }

    fn nodes(&self) -> &[NodeId<'_>] {
        &self.nodes
    }

    fn marks(&self) -> &[Marks] {
        &self.services
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn entry_point(&self) -> Option<&NodeId<'_>> {
        self.entry_point.as_ref()
    }
}
