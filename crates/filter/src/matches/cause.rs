//! Root causes: their parts, and their form as JSON.

use trace::cause::{CauseEntity, CauseException, CauseService};
use trace::{RootCause, Summary};
use wire::value::Scalar;

use super::meets;
use super::read::{flag, number, text as text_value};
use crate::ast::{CauseKind, Field, Json, Level};
use crate::keywords::Keyword;
use crate::predicate::{Predicate, Test};

/// The root causes of one trace.
#[derive(Clone, Copy, Debug)]
pub struct Causes<'c, 't> {
    /// Where faults began.
    pub faults: &'c [RootCause<'t>],
    /// Where errors began.
    pub errors: &'c [RootCause<'t>],
    /// Where the time went.
    pub response_times: &'c [RootCause<'t>],
}

impl<'c, 't> Causes<'c, 't> {
    /// Returns those of a trace.
    pub fn of(summary: &'c Summary<'t>) -> Self {
        Self {
            faults: &summary.fault_root_causes,
            errors: &summary.error_root_causes,
            response_times: &summary.response_time_root_causes,
        }
    }

    /// Returns whether the causes fit [`Predicate::Cause`] or [`Predicate::CauseList`]; they never
    /// fit another predicate.
    pub fn fit(&self, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::Cause { kind, level, body } => {
                parts(self.of_kind(*kind), *level).iter().any(|part| part.fits(body))
            }
            Predicate::CauseList(pattern) => fits_any(self, pattern),
            _ => false,
        }
    }

    fn of_kind(&self, kind: CauseKind) -> &'c [RootCause<'t>] {
        match kind {
            CauseKind::Fault => self.faults,
            CauseKind::Error => self.errors,
            CauseKind::ResponseTime => self.response_times,
        }
    }
}

/// A part of a cause with its place in its own list.
enum Part<'c, 't> {
    Service(&'c CauseService<'t>, Place),
    Entity(&'c CauseEntity<'t>, Place),
    Exception(CauseException<'t>, Place),
}

/// Where something stands in its list.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    count: usize,
}

impl Part<'_, '_> {
    /// Bodies have tests alone; nothing else is said of a part.
    fn fits(&self, body: &Predicate) -> bool {
        match body {
            Predicate::All(parts) => parts.iter().all(|part| self.fits(part)),
            Predicate::Any(parts) => parts.iter().any(|part| self.fits(part)),
            Predicate::Not(part) => !self.fits(part),
            Predicate::Test(Test { field: Field::Keyword(keyword), condition }) => {
                self.values(*keyword).iter().any(|value| meets(condition, value))
            }
            _ => false,
        }
    }

    fn values(&self, keyword: Keyword) -> Vec<Scalar<'_>> {
        match self {
            Self::Service(service, place) => match keyword {
                Keyword::Name => text_value(Some(&*service.node.name)),
                Keyword::Type => text_value(service.node.service_type.as_deref()),
                Keyword::Inferred => flag(service.is_inferred),
                keyword => place.values(keyword),
            },
            Self::Entity(entity, place) => match keyword {
                Keyword::Name => text_value(Some(entity.name)),
                Keyword::Remote => flag(entity.is_remote),
                Keyword::Coverage => number(entity.coverage),
                keyword => place.values(keyword),
            },
            Self::Exception(exception, place) => match keyword {
                Keyword::Name => text_value(exception.name),
                Keyword::Message => text_value(exception.message),
                keyword => place.values(keyword),
            },
        }
    }
}

impl Place {
    fn values(self, keyword: Keyword) -> Vec<Scalar<'static>> {
        match keyword {
            Keyword::First => flag(self.index == 0),
            Keyword::Last => flag(self.index + 1 == self.count),
            Keyword::Index => number(Some(self.index as f64)),
            _ => Vec::new(),
        }
    }
}

/// The parts of the causes of one kind, each with its place in its own list.
fn parts<'c, 't>(causes: &'c [RootCause<'t>], level: Level) -> Vec<Part<'c, 't>> {
    let mut parts = Vec::new();
    for cause in causes {
        for (index, service) in cause.services.iter().enumerate() {
            if level == Level::Service {
                let place = Place { index, count: cause.services.len() };
                parts.push(Part::Service(service, place));
            }
            for (index, entity) in service.path.iter().enumerate() {
                if level == Level::Entity {
                    let place = Place { index, count: service.path.len() };
                    parts.push(Part::Entity(entity, place));
                }
                for (index, exception) in entity.exceptions.iter().enumerate() {
                    if level == Level::Exception {
                        let place = Place { index, count: entity.exceptions.len() };
                        parts.push(Part::Exception(*exception, place));
                    }
                }
            }
        }
    }
    parts
}

/// Whether the causes of one kind have these among them.
fn fits_any(causes: &Causes<'_, '_>, pattern: &[Json]) -> bool {
    let kinds = [causes.faults, causes.errors, causes.response_times];
    kinds.into_iter().any(|causes| {
        let causes: Vec<Json> = causes.iter().map(of_cause).collect();
        fits_list(pattern, &causes)
    })
}

/// Whether a value is as the pattern: what the pattern leaves out does not count.
fn fits(pattern: &Json, value: &Json) -> bool {
    match (pattern, value) {
        (Json::Object(pattern), Json::Object(members)) => pattern.iter().all(|(key, pattern)| {
            members.iter().any(|(known, value)| known == key && fits(pattern, value))
        }),
        (Json::List(pattern), Json::List(items)) => fits_list(pattern, items),
        _ => pattern == value,
    }
}

/// Whether the items of the pattern are found in this order, perhaps with others between them.
fn fits_list(pattern: &[Json], items: &[Json]) -> bool {
    let mut items = items.iter();
    pattern.iter().all(|wanted| items.any(|item| fits(wanted, item)))
}

/// The JSON in which summaries give a root cause.
fn of_cause(cause: &RootCause<'_>) -> Json {
    object(vec![
        ("Services", list(&cause.services, of_service)),
        ("ClientImpacting", Json::Flag(cause.is_client_impacting)),
    ])
}

fn of_service(service: &CauseService<'_>) -> Json {
    let name = || Json::Text(service.node.name.clone().into_owned());
    object(vec![
        ("Name", name()),
        ("Names", Json::List(vec![name()])),
        ("Type", text(service.node.service_type.as_deref())),
        ("EntityPath", list(&service.path, of_entity)),
        ("Inferred", Json::Flag(service.is_inferred)),
    ])
}

fn of_entity(entity: &CauseEntity<'_>) -> Json {
    let exceptions = list(&entity.exceptions, |exception| {
        object(vec![("Name", text(exception.name)), ("Message", text(exception.message))])
    });
    object(vec![
        ("Name", text(Some(entity.name))),
        ("Coverage", entity.coverage.map_or(Json::Null, Json::Number)),
        ("Remote", Json::Flag(entity.is_remote)),
        ("Exceptions", exceptions),
    ])
}

fn object(members: Vec<(&str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Json) -> Json {
    Json::List(items.iter().map(one).collect())
}

fn text(text: Option<&str>) -> Json {
    text.map_or(Json::Null, |text| Json::Text(text.to_owned()))
}
