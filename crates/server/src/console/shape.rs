//! Shapes that several endpoints share.

use std::ops::RangeInclusive;

use filter::Predicate;
use serde::{Deserialize, Serialize};
use store::Filter;
use utoipa::ToSchema;
use wire::Micros;
use wire::limits::FILTER_BYTES_MAX;

use super::Error;
use crate::app::App;
use crate::graphs;
use crate::groups::{Group, Selector};

/// Which traces are meant: those that began in a window and pass a filter.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scope {
    /// The earliest start. Units: microseconds since the epoch.
    pub(crate) from: u64,
    /// The latest start, itself included. Units: microseconds since the epoch.
    pub(crate) to: u64,
    /// A filter expression.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(crate) filter: Option<String>,
    /// The name of a group, whose present filter must hold, too.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(crate) group: Option<String>,
}

/// A node of the service graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NodeName {
    pub(crate) name: String,
    /// Its type; `client` for clients, empty when it is not known.
    #[serde(rename = "type", default)]
    pub(crate) node_type: String,
}

impl Scope {
    /// Returns the window.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub(crate) fn window(&self) -> Result<RangeInclusive<Micros>, Error> {
        window(self.from, self.to)
    }

    /// Returns of which traces the stored graphs of a group are.
    ///
    /// # Errors
    /// When there is no such group.
    pub(crate) fn group_of(app: &App, name: &str) -> Result<graphs::Scope, Error> {
        Ok(graphs::Scope::of(&find_group(app, name)?))
    }

    /// Reads the filter, with the group's, as the store is asked.
    ///
    /// # Errors
    /// As for [`Scope::predicate`].
    pub(crate) fn filter(&self, app: &App) -> Result<Filter, Error> {
        Ok(Filter::of(&self.predicate(app)?, &filter::Options::default()))
    }

    /// Reads the filter, with the group's.
    ///
    /// # Errors
    /// When it cannot be read, with the place; when there is no such group.
    pub(crate) fn predicate(&self, app: &App) -> Result<Predicate, Error> {
        let mut parts = vec![read_filter(self.filter.as_deref().unwrap_or_default(), "filter")?];
        if let Some(name) = &self.group {
            let group = find_group(app, name)?;
            parts.push(read_filter(group.expression.as_deref().unwrap_or_default(), "group")?);
        }
        resolved(app, Predicate::All(parts))
    }
}

fn find_group(app: &App, name: &str) -> Result<Group, Error> {
    let group = app.groups.find(&Selector::Name(name.to_owned()));
    let missing = || Error::not_found(format!("There is no group {name}"));
    group.ok_or_else(|| missing().in_field("group"))
}

/// Puts the filters of groups in the places of their names.
pub(crate) fn resolved(app: &App, predicate: Predicate) -> Result<Predicate, Error> {
    predicate.resolve(&|group| app.groups.expression_of(group)).map_err(|error| {
        let message = match error {
            filter::Error::GroupCycle(_) => "The filter has groups that refer to each other",
            filter::Error::TooManyGroups => "The filter refers to too many groups",
        };
        Error::invalid(message).in_field("filter")
    })
}

/// Reads a window of time.
///
/// # Errors
/// When it ends before it begins.
pub(crate) fn window(from: u64, to: u64) -> Result<RangeInclusive<Micros>, Error> {
    if to < from {
        return Err(Error::invalid("A window cannot end before it begins").in_field("to"));
    }
    Ok(Micros(from)..=Micros(to))
}

/// Reads a filter expression that is a member of a request.
///
/// # Errors
/// What is wrong with it first, and where.
pub(crate) fn read_filter(text: &str, field: &'static str) -> Result<Predicate, Error> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(Error::invalid("The filter is too long").in_field(field));
    }
    Predicate::read(text).map_err(|problems| {
        let Some(problem) = problems.first() else {
            return Error::invalid("The filter cannot be read").in_field(field);
        };
        let error = Error { code: "InvalidFilter", ..Error::invalid(problem.to_string()) };
        error.in_field(field).at(utf16_offset(text, problem.range.start))
    })
}

/// Returns how many UTF-16 units there are before a byte of a text.
pub(crate) fn utf16_offset(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).encode_utf16().count()
}
