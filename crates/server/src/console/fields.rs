//! `GET fields` and `GET fields/values`: what can be asked of the traces of a window.

mod values;

use std::collections::BTreeMap;

use filter::ast::{Field, Side};
use filter::keywords::{Kind, Scope, TABLE};
use serde::{Deserialize, Serialize};
use store::block::traces::Facts;
use store::group::{By, Key};
use store::{Axis, Filter, Page, Query, group};
use utoipa::{IntoParams, ToSchema};
use wire::value::Scalar;

use super::{Answer, Answered, Ask, Error, error, shape};

pub(super) use values::{__path_values, values};

/// The newest traces whose annotations tell of which kind the values of a key are.
const SAMPLE_TRACES: usize = 200;

/// Annotation keys that are told.
const KEYS_MAX: usize = 1_000;

/// A window of starts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Window {
    /// The earliest start. Units: microseconds since the epoch.
    from: u64,
    /// The latest start, itself included. Units: microseconds since the epoch.
    to: u64,
}

/// What can be asked of traces.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fields {
    /// The words of the language, then the annotations of the window, those of most traces first.
    fields: Vec<FieldName>,
}

/// Something that can be asked of a trace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldName {
    /// As it is written in an expression.
    name: String,
    kind: FieldKind,
    /// What it is, in a line.
    detail: &'static str,
    /// The traces that have it, where that was counted.
    #[schema(required)]
    traces: Option<u64>,
}

/// What kind of value a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FieldKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false, as an annotation.
    Boolean,
    /// A number of seconds.
    Time,
    /// True or false; holds when it stands alone.
    Flag,
    /// A node of the service graph.
    Node,
}

/// Says what can be asked of the traces of a window.
#[utoipa::path(get, path = "/console/api/fields", operation_id = "fields", params(Window),
    responses((status = 200, body = Fields), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn fields(ask: &Ask<'_>) -> Answered {
    let Window { from, to } = ask.input.query()?;
    let window = shape::window(from, to)?;
    let mut fields: Vec<FieldName> = keywords().collect();
    let filter = Filter::EVERYTHING;
    let by = &By::AnnotationKey;
    let keys = ask.app.store.group(&group::Query {
        filter,
        axis: Axis::Start,
        window: window.clone(),
        by,
        groups_max: KEYS_MAX,
    });
    let page = Page { after: None, traces_max: SAMPLE_TRACES };
    let newest =
        ask.app.store.scan(&Query { filter, axis: Axis::Start, window, page, checks_max: 0 });
    let mut kinds = BTreeMap::new();
    for row in &newest.rows {
        row.for_each_value(|key, value| {
            kinds.entry(key.to_owned()).or_insert_with(|| kind_of(value));
        });
    }
    fields.extend(keys.groups.into_iter().filter_map(|group| {
        let Key::Text(key) = group.key else { return None };
        Some(FieldName {
            kind: kinds.get(&*key).copied().unwrap_or(FieldKind::Text),
            name: Field::Annotation(Side::Here, key.into()).to_string(),
            detail: "an annotation",
            traces: Some(group.measures.trace_count),
        })
    }));
    Ok(Answer::json(&Fields { fields }))
}

/// The words that stand for something of a trace, or of a node or an edge of it.
fn keywords() -> impl Iterator<Item = FieldName> {
    let of_trace = TABLE.iter().filter(|row| row.scopes.contains(&Scope::Trace));
    let keywords = of_trace.map(|row| {
        let kind = match row.kind {
            Kind::Flag => FieldKind::Flag,
            Kind::Number if ["responsetime", "duration"].contains(&row.name) => FieldKind::Time,
            Kind::Number => FieldKind::Number,
            Kind::Text | Kind::Annotation | Kind::Group | Kind::Json => FieldKind::Text,
        };
        FieldName { name: row.name.to_owned(), kind, detail: row.help, traces: None }
    });
    let nodes = [("service", "a node of the graph"), ("edge", "a call between two nodes")];
    let nodes = nodes.map(|(name, detail)| FieldName {
        name: name.to_owned(),
        kind: FieldKind::Node,
        detail,
        traces: None,
    });
    keywords.chain(nodes)
}

fn kind_of(value: &Scalar<'_>) -> FieldKind {
    match value {
        Scalar::Text(_) => FieldKind::Text,
        Scalar::Number(_) => FieldKind::Number,
        Scalar::Flag(_) => FieldKind::Boolean,
    }
}

/// Reads the name of a field as it stands in an expression; where it may stand does not count.
fn field(name: &str) -> Result<Field, Error> {
    let unknown = || Error::invalid(format!("There is no field {name}")).in_field("name");
    let parsed = filter::parse(name).expression.ok_or_else(unknown)?;
    match parsed.value {
        filter::Expr::Compare(comparison) if comparison.test.is_none() => {
            Ok(comparison.field.value)
        }
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests;
