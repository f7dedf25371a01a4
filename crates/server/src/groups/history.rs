//! Which filters of groups were in force when.
//!
//! A version begins with a change and ends with another; nothing is ever changed about the time
//! before. What is in force at one time is looked up, not computed, because every trace asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use filter::predicate::{self, GroupReference, Predicate};
use wire::Micros;
use wire::api::{Error, ErrorCode};
use wire::control::{StoredGroup, StoredGroupVersion};

use super::DEFAULT_NAME;

/// The versions that are remembered; with more, filters cannot be changed until some are forgotten.
const VERSIONS_MAX: usize = 1_000;

/// A filter of a group, in force for traces that were last updated in some span of time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupVersion {
    /// Unique over all groups and times; never zero.
    pub(crate) number: u64,
    /// The filter, with those of other groups put in for their names.
    pub(crate) filter: Arc<Predicate>,
}

/// The groups of one moment, as filters may refer to them.
#[derive(Clone, Copy)]
pub(super) struct Definitions<'a> {
    pub(super) groups: &'a [StoredGroup],
    pub(super) arn_prefix: &'a str,
}

impl Definitions<'_> {
    pub(super) fn arn(&self, group: &StoredGroup) -> String {
        format!("{}{}/{}", self.arn_prefix, group.name, group.id)
    }

    pub(super) fn expression_of(&self, reference: &GroupReference) -> Option<String> {
        let is_default = match reference {
            GroupReference::Name(name) => name == DEFAULT_NAME,
            GroupReference::Arn(arn) => {
                arn.strip_prefix(self.arn_prefix).is_some_and(|rest| rest == DEFAULT_NAME)
            }
        };
        if is_default {
            return Some(String::new());
        }
        let is_meant = |group: &&StoredGroup| match reference {
            GroupReference::Name(name) => group.name == *name,
            GroupReference::Arn(arn) => self.arn(group) == *arn,
        };
        self.groups.iter().find(is_meant).map(|group| group.filter_expression.clone())
    }

    /// Returns what a filter means among these groups.
    fn resolve(&self, expression: &str) -> Result<Predicate, Unusable> {
        let predicate = Predicate::read(expression)
            .map_err(|problems| Unusable::Text(problems.first().map(ToString::to_string)))?;
        Ok(predicate.resolve(&|reference| self.expression_of(reference))?)
    }
}

/// Why a filter means nothing.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{}", .0.as_deref().unwrap_or_default())]
    Text(Option<String>),
    #[error(transparent)]
    Groups(#[from] predicate::Error),
}

/// The versions that were in force from some time on.
type Moment = (Micros, Arc<[GroupVersion]>);

/// Every version that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// In the order of their numbers, which is the order of time.
    versions: Vec<Version>,
    last_number: u64,
    last_change: Micros,
    /// By time; before the first, nothing was in force.
    moments: Arc<[Moment]>,
}

#[derive(Clone, Debug)]
struct Version {
    stored: StoredGroupVersion,
    filter: Arc<Predicate>,
}

impl Version {
    fn is_in_force(&self, at: Micros) -> bool {
        self.stored.from_micros <= at.0 && self.stored.until_micros.is_none_or(|until| at.0 < until)
    }

    fn version(&self) -> GroupVersion {
        GroupVersion { number: self.stored.number, filter: Arc::clone(&self.filter) }
    }
}

impl History {
    /// Puts together what [`save`](Self::save) returned.
    pub(super) fn load(
        stored: Vec<StoredGroupVersion>,
        last_number: u64,
        last_change: Micros,
        arn_prefix: &str,
    ) -> Result<Self, String> {
        let filters: Result<Vec<_>, String> =
            stored.iter().map(|one| loaded_filter(one, &stored, arn_prefix)).collect();
        let versions = stored.iter().cloned().zip(filters?);
        let versions = versions.map(|(stored, filter)| Version { stored, filter }).collect();
        let mut history = Self { versions, last_number, last_change, moments: Arc::default() };
        history.index();
        Ok(history)
    }

    /// Returns the versions to be kept.
    pub(super) fn save(&self) -> Vec<StoredGroupVersion> {
        self.versions.iter().map(|version| version.stored.clone()).collect()
    }

    pub(super) fn last_number(&self) -> u64 {
        self.last_number
    }

    pub(super) fn last_change(&self) -> Micros {
        self.last_change
    }

    /// Returns what was, is or will be in force at `at`.
    pub(super) fn in_force(&self, at: Micros) -> Arc<[GroupVersion]> {
        let count = self.moments.partition_point(|(from, _)| *from <= at);
        let moment = count.checked_sub(1).map(|last| &self.moments[last]);
        moment.map_or_else(Arc::default, |(_, versions)| Arc::clone(versions))
    }

    /// Returns the version of a group that is in force, zero when none is, and those before it.
    pub(super) fn of_group(&self, id: &str) -> (u64, Vec<u64>) {
        let ours = self.versions.iter().filter(|version| version.stored.group_id == id);
        let (open, closed): (Vec<_>, Vec<_>) =
            ours.partition(|version| version.stored.until_micros.is_none());
        let number = |version: &Version| version.stored.number;
        (open.first().map_or(0, |open| number(open)), closed.into_iter().map(number).collect())
    }

    /// Puts `groups` in force from `now` on, or from the last change on if that is later. Forgets
    /// what was in force before `known_since` only.
    pub(super) fn change(
        &mut self,
        now: Micros,
        known_since: Option<Micros>,
        groups: &Definitions<'_>,
    ) -> Result<(), Error> {
        let from = now.max(self.last_change);
        let mut wanted = Vec::with_capacity(groups.groups.len());
        for group in groups.groups {
            let filter = groups.resolve(&group.filter_expression).map_err(refused)?;
            wanted.push((group, filter));
        }
        let is_wanted = |version: &Version| {
            wanted.iter().any(|(group, filter)| {
                group.id == version.stored.group_id && *filter == *version.filter
            })
        };
        for version in &mut self.versions {
            if version.stored.until_micros.is_none() && !is_wanted(version) {
                version.stored.until_micros = Some(from.0);
            }
        }
        for (group, filter) in wanted {
            if self.of_group(&group.id).0 == 0 {
                self.begin(group, filter, from);
            }
        }
        self.last_change = from;
        self.forget(known_since);
        self.index();
        if self.versions.len() > VERSIONS_MAX {
            return Err(Error::new(ErrorCode::Throttled, "Filters of groups changed too often"));
        }
        Ok(())
    }

    fn begin(&mut self, group: &StoredGroup, filter: Predicate, from: Micros) {
        self.last_number += 1;
        let stored = StoredGroupVersion {
            filter_expression: group.filter_expression.clone(),
            from_micros: from.0,
            group_id: group.id.clone(),
            group_name: group.name.clone(),
            number: self.last_number,
            until_micros: None,
        };
        self.versions.push(Version { stored, filter: Arc::new(filter) });
    }

    /// Drops versions that ended too long ago to matter, or when they began.
    fn forget(&mut self, known_since: Option<Micros>) {
        let since = known_since.unwrap_or_default().0;
        self.versions.retain(|Version { stored, .. }| {
            stored.until_micros.is_none_or(|until| until > since && until > stored.from_micros)
        });
    }

    fn index(&mut self) {
        let mut times = BTreeSet::new();
        for Version { stored, .. } in &self.versions {
            times.insert(stored.from_micros);
            times.extend(stored.until_micros);
        }
        let moment = |at| {
            let in_force = self.versions.iter().filter(|version| version.is_in_force(at));
            (at, in_force.map(Version::version).collect())
        };
        self.moments = times.into_iter().map(|at| moment(Micros(at))).collect();
    }
}

/// Returns what the filter of a version means among the versions that were in force when it began.
fn loaded_filter(
    version: &StoredGroupVersion,
    all: &[StoredGroupVersion],
    arn_prefix: &str,
) -> Result<Arc<Predicate>, String> {
    let at = version.from_micros;
    let was_in_force = |other: &&StoredGroupVersion| {
        other.from_micros <= at && other.until_micros.is_none_or(|until| at < until)
    };
    let groups: Vec<StoredGroup> = all.iter().filter(was_in_force).map(group_of).collect();
    let groups = Definitions { groups: &groups, arn_prefix };
    let filter = groups.resolve(&version.filter_expression);
    let in_words = |problem| format!("the filter of group {}: {problem}", version.group_name);
    filter.map(Arc::new).map_err(in_words)
}

fn group_of(version: &StoredGroupVersion) -> StoredGroup {
    StoredGroup {
        filter_expression: version.filter_expression.clone(),
        id: version.group_id.clone(),
        insights_configuration: Default::default(),
        name: version.group_name.clone(),
        tags: Default::default(),
    }
}

fn refused(unusable: Unusable) -> Error {
    Error::invalid_request(match unusable {
        Unusable::Text(problem) => problem.unwrap_or_default(),
        Unusable::Groups(predicate::Error::GroupCycle(_)) => {
            "Filter Expression refers to its own group".to_owned()
        }
        Unusable::Groups(predicate::Error::TooManyGroups) => {
            "Filter Expression refers to too many groups".to_owned()
        }
    })
}

#[cfg(test)]
mod tests;
