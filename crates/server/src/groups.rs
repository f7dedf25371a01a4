//! Groups: named filters, and `Default`, to which every trace belongs.
//!
//! A trace belongs to a group if the filter matched that was in force when the trace was last added
//! to. So each filter is a version of its group with a number of its own, and [`history`] knows
//! which versions were in force when; it is kept with the groups, and answers the same for ever.

mod history;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use filter::predicate::GroupReference;
pub(crate) use history::GroupVersion;
use store::Documents;
use wire::Micros;
use wire::api::groups::{
    self as shown, CreateGroupRequest, InsightsConfiguration, UpdateGroupRequest,
};
use wire::api::{Error, groups::InsightsUpdate};
use wire::control::{Stored, StoredGroup, StoredGroups};
use wire::limits::GROUPS_MAX;

use self::history::{Definitions, History};
use crate::control::{self, Kept, Setting};
use crate::{expression, tags};

/// The name of the group of all traces.
const DEFAULT_NAME: &str = "Default";

/// How much longer than traces are kept it is known which filters were in force: the newest
/// documents of a block decide when it goes, and a trace in it may be that much older.
const HISTORY_MARGIN: Micros = Micros(7 * 24 * 3600 * Micros::PER_SECOND);

/// How far a change is put off so that it does not concern what graphs have been made of. A clock that
/// is set back further than this may leave a trace counted in a group that it has left.
const POSTPONED_MAX: Micros = Micros(60 * Micros::PER_SECOND);

/// Which group a request means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// The one of this name.
    Name(String),
    /// The one of this ARN.
    Arn(String),
}

impl Selector {
    /// Reads the two members that may name a group; `None` when neither does.
    pub(crate) fn new(name: Option<String>, arn: Option<String>) -> Result<Option<Self>, Error> {
        match (name, arn) {
            (Some(_), Some(_)) => {
                Err(Error::invalid_request("Request cannot contain both group name and group ARN"))
            }
            (Some(name), None) => Ok(Some(Self::Name(name))),
            (None, Some(arn)) => Ok(Some(Self::Arn(arn))),
            (None, None) => Ok(None),
        }
    }

    /// Reads the two members where one of them must name a group.
    pub(crate) fn required(name: Option<String>, arn: Option<String>) -> Result<Self, Error> {
        Self::new(name, arn)?.ok_or_else(|| {
            Error::invalid_request("Request must contain either group name or group ARN")
        })
    }
}

/// A group as it was when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Its filter; `None` of `Default`.
    pub(crate) expression: Option<String>,
    pub(crate) insights: InsightsConfiguration,
    /// The version in force; zero of `Default`.
    pub(crate) version: u64,
    /// The versions before it that are still known, oldest first.
    pub(crate) older_versions: Vec<u64>,
}

impl Group {
    /// Returns the group as the API shows it.
    pub(crate) fn shown(&self) -> shown::Group<'_> {
        shown::Group {
            filter_expression: self.expression.as_deref(),
            group_arn: &self.arn,
            group_name: &self.name,
            insights_configuration: self.insights,
        }
    }
}

/// The groups there are.
pub(crate) struct Groups {
    arn_prefix: String,
    history_age: Option<Micros>,
    /// The latest time that [`Groups::in_force_for_good`] was asked about.
    /// Invariant: changes only while no change of the groups is on its way.
    asked: AtomicU64,
    kept: Kept<State>,
}

#[derive(Clone)]
struct State {
    default_insights: InsightsConfiguration,
    default_tags: BTreeMap<String, String>,
    /// All but `Default`, sorted by name.
    groups: Vec<StoredGroup>,
    history: History,
}

impl Groups {
    /// Loads the groups. `arn_prefix` is what the ARN of each begins with, up to its name.
    pub(crate) fn open(
        documents: Arc<Documents>,
        arn_prefix: String,
        history_age: Option<Micros>,
    ) -> Result<Self, control::Error> {
        let kept = Kept::open(documents, |bytes| State::load(bytes, &arn_prefix))?;
        Ok(Self { arn_prefix, history_age, asked: AtomicU64::new(0), kept })
    }

    /// Returns the versions in force for a trace last updated at `at`; `Default` is not among them.
    pub(crate) fn in_force(&self, at: Micros) -> Arc<[GroupVersion]> {
        self.kept.now().history.in_force(at)
    }

    /// Returns the versions in force for a trace last updated at `at`, for graphs that are kept: no later
    /// change will say otherwise, even when the clock is set back a little. Waits for a change that is
    /// on its way.
    pub(crate) fn in_force_for_good(&self, at: Micros) -> Arc<[GroupVersion]> {
        self.kept.settled(|state| {
            self.asked.fetch_max(at.0, Ordering::Relaxed);
            state.history.in_force(at)
        })
    }

    /// Returns the group that is meant; names are case-sensitive.
    pub(crate) fn find(&self, selector: &Selector) -> Option<Group> {
        let state = self.kept.now();
        if self.is_default(selector) {
            return Some(self.default_group(&state));
        }
        self.position(&state, selector).map(|at| self.group(&state, &state.groups[at]))
    }

    /// Returns the filter of a group as it is now, an empty one for `Default`.
    pub(crate) fn expression_of(&self, reference: &GroupReference) -> Option<String> {
        let state = self.kept.now();
        state.definitions(&self.arn_prefix).expression_of(reference)
    }

    /// Returns every group, `Default` first and then by name.
    pub(crate) fn all(&self) -> Vec<Group> {
        let state = self.kept.now();
        let others = state.groups.iter().map(|group| self.group(&state, group));
        std::iter::once(self.default_group(&state)).chain(others).collect()
    }

    /// Makes a group. `id` is what its ARN is to end with, never used before.
    pub(crate) fn create(
        &self,
        request: CreateGroupRequest,
        id: String,
        now: Micros,
    ) -> Result<Group, Error> {
        let CreateGroupRequest { group_name: name, filter_expression, .. } = request;
        check_name(&name)?;
        let filter_expression = checked_filter(filter_expression)?;
        let insights = request.insights_configuration.unwrap_or_default();
        let insights_configuration = checked_insights(insights, InsightsConfiguration::default())?;
        let tags = tags::of_new(request.tags)?;
        let group = StoredGroup { filter_expression, id, insights_configuration, name, tags };
        self.kept.change(|state| {
            let at = match state.groups.binary_search_by(|other| other.name.cmp(&group.name)) {
                Ok(_) => return Err(Error::invalid_request("Group already exists")),
                Err(at) => at,
            };
            // `Default` is one of them.
            if state.groups.len() + 1 >= GROUPS_MAX {
                return Err(Error::invalid_request("Group limit exceeded for this account"));
            }
            state.groups.insert(at, group);
            self.note_change(state, now)?;
            Ok(self.group(state, &state.groups[at]))
        })
    }

    /// Changes a group.
    pub(crate) fn update(&self, request: UpdateGroupRequest, now: Micros) -> Result<Group, Error> {
        let selector = Selector::required(request.group_name, request.group_arn)?;
        let insights = request.insights_configuration.unwrap_or_default();
        if self.is_default(&selector) {
            return self.update_default(request.filter_expression.as_deref(), insights);
        }
        let filter_expression = checked_filter(request.filter_expression)?;
        self.kept.change(|state| {
            let at = self.position(state, &selector).ok_or_else(not_found)?;
            let group = &mut state.groups[at];
            group.insights_configuration =
                checked_insights(insights, group.insights_configuration)?;
            group.filter_expression = filter_expression;
            self.note_change(state, now)?;
            Ok(self.group(state, &state.groups[at]))
        })
    }

    fn update_default(
        &self,
        filter_expression: Option<&str>,
        insights: InsightsUpdate,
    ) -> Result<Group, Error> {
        if filter_expression.is_some_and(|text| !text.trim().is_empty()) {
            return Err(Error::invalid_request(
                "Filter expression of the default group cannot be updated",
            ));
        }
        self.kept.change(|state| {
            state.default_insights = checked_insights(insights, state.default_insights)?;
            Ok(self.default_group(state))
        })
    }

    /// Deletes a group, and its tags with it.
    pub(crate) fn delete(&self, selector: &Selector, now: Micros) -> Result<(), Error> {
        if self.is_default(selector) {
            return Err(Error::invalid_request("Default group cannot be deleted"));
        }
        self.kept.change(|state| {
            let at = self.position(state, selector).ok_or_else(not_found)?;
            state.groups.remove(at);
            self.note_change(state, now)
        })
    }

    /// Returns the tags of the group with this ARN.
    pub(crate) fn tags(&self, arn: &str) -> Option<BTreeMap<String, String>> {
        let state = self.kept.now();
        let selector = Selector::Arn(arn.to_owned());
        if self.is_default(&selector) {
            return Some(state.default_tags.clone());
        }
        self.position(&state, &selector).map(|at| state.groups[at].tags.clone())
    }

    /// Changes the tags of the group with this ARN.
    pub(crate) fn change_tags(
        &self,
        arn: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.kept.change(|state| {
            let tags = self.tags_of(state, arn);
            change(tags.ok_or_else(|| Error::resource_not_found(arn))?)
        })
    }

    fn tags_of<'s>(
        &self,
        state: &'s mut State,
        arn: &str,
    ) -> Option<&'s mut BTreeMap<String, String>> {
        let selector = Selector::Arn(arn.to_owned());
        if self.is_default(&selector) {
            return Some(&mut state.default_tags);
        }
        let at = self.position(state, &selector)?;
        Some(&mut state.groups[at].tags)
    }

    fn note_change(&self, state: &mut State, now: Micros) -> Result<(), Error> {
        let age = self.history_age;
        let known_since = age.map(|age| now.since(Micros(age.0.saturating_add(HISTORY_MARGIN.0))));
        let State { groups, history, .. } = state;
        let definitions = Definitions { groups, arn_prefix: &self.arn_prefix };
        let unasked = self.asked.load(Ordering::Relaxed).saturating_add(1);
        let latest = now.0.saturating_add(POSTPONED_MAX.0);
        history.change(now.max(Micros(unasked.min(latest))), known_since, &definitions)
    }

    fn is_default(&self, selector: &Selector) -> bool {
        match selector {
            Selector::Name(name) => name == DEFAULT_NAME,
            Selector::Arn(arn) => {
                arn.strip_prefix(&self.arn_prefix).is_some_and(|rest| rest == DEFAULT_NAME)
            }
        }
    }

    fn position(&self, state: &State, selector: &Selector) -> Option<usize> {
        let definitions = state.definitions(&self.arn_prefix);
        state.groups.iter().position(|group| match selector {
            Selector::Name(name) => group.name == *name,
            Selector::Arn(arn) => definitions.arn(group) == *arn,
        })
    }

    fn default_group(&self, state: &State) -> Group {
        Group {
            name: DEFAULT_NAME.to_owned(),
            arn: format!("{}{DEFAULT_NAME}", self.arn_prefix),
            expression: None,
            insights: state.default_insights,
            version: 0,
            older_versions: Vec::new(),
        }
    }

    fn group(&self, state: &State, group: &StoredGroup) -> Group {
        let (version, older_versions) = state.history.of_group(&group.id);
        Group {
            name: group.name.clone(),
            arn: state.definitions(&self.arn_prefix).arn(group),
            expression: Some(group.filter_expression.clone()),
            insights: group.insights_configuration,
            version,
            older_versions,
        }
    }
}

impl State {
    fn load(bytes: Option<&[u8]>, arn_prefix: &str) -> Result<Self, String> {
        let stored = bytes.map(StoredGroups::decode).transpose();
        let stored = stored.map_err(|error| error.to_string())?.unwrap_or_default();
        let StoredGroups { default_insights, default_tags, mut groups, .. } = stored;
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        let last_change = Micros(stored.last_change_micros);
        let history =
            History::load(stored.versions, stored.last_version_number, last_change, arn_prefix)?;
        Ok(Self { default_insights, default_tags, groups, history })
    }

    fn definitions<'a>(&'a self, arn_prefix: &'a str) -> Definitions<'a> {
        Definitions { groups: &self.groups, arn_prefix }
    }
}

impl Setting for State {
    const DOCUMENT: &'static str = "groups";

    fn encode(&self) -> Vec<u8> {
        StoredGroups {
            default_insights: self.default_insights,
            default_tags: self.default_tags.clone(),
            groups: self.groups.clone(),
            last_change_micros: self.history.last_change().0,
            last_version_number: self.history.last_number(),
            versions: self.history.save(),
        }
        .encode()
    }
}

pub(crate) fn not_found() -> Error {
    Error::invalid_request("Group not found")
}

fn check_name(name: &str) -> Result<(), Error> {
    if name == DEFAULT_NAME {
        return Err(Error::invalid_request("Group name Default is reserved"));
    }
    if !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '-') {
        return Err(Error::invalid_request("Invalid group name"));
    }
    Ok(())
}

/// Returns a filter that can be read.
fn checked_filter(text: Option<String>) -> Result<String, Error> {
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Error::invalid_request("Filter Expression is empty"))?;
    expression::read(&text)?;
    Ok(text)
}

fn checked_insights(
    update: InsightsUpdate,
    before: InsightsConfiguration,
) -> Result<InsightsConfiguration, Error> {
    let after = update.apply(before);
    if after.notifications_enabled && !after.insights_enabled {
        return Err(Error::invalid_request(
            "Notifications cannot be enabled when insights are disabled",
        ));
    }
    Ok(after)
}

#[cfg(test)]
mod tests;
