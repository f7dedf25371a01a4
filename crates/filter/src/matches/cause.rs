//! Root causes: their parts, and their form as JSON.

use trace::cause::{CauseEntity, CauseService};
use trace::{RootCause, Summary};

use super::read::{Place, Subject};
use crate::ast::{CauseKind, Json, Level};

/// The parts of the causes of one kind, each with its place in its own list.
pub(super) fn parts<'t>(
    summary: &'t Summary<'t>,
    kind: CauseKind,
    level: Level,
) -> Vec<Subject<'t>> {
    let mut parts = Vec::new();
    let causes = match kind {
        CauseKind::Fault => &summary.fault_root_causes,
        CauseKind::Error => &summary.error_root_causes,
        CauseKind::ResponseTime => &summary.response_time_root_causes,
    };
    for cause in causes {
        for (index, service) in cause.services.iter().enumerate() {
            if level == Level::Service {
                let place = Place { index, count: cause.services.len() };
                parts.push(Subject::CauseService(service, place));
            }
            for (index, entity) in service.path.iter().enumerate() {
                if level == Level::Entity {
                    let place = Place { index, count: service.path.len() };
                    parts.push(Subject::CauseEntity(entity, place));
                }
                for (index, exception) in entity.exceptions.iter().enumerate() {
                    if level == Level::Exception {
                        let place = Place { index, count: entity.exceptions.len() };
                        parts.push(Subject::CauseException(*exception, place));
                    }
                }
            }
        }
    }
    parts
}

/// Whether the causes of one kind have these among them.
pub(super) fn fits_any(summary: &Summary<'_>, pattern: &[Json]) -> bool {
    let kinds = [
        &summary.fault_root_causes,
        &summary.error_root_causes,
        &summary.response_time_root_causes,
    ];
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
