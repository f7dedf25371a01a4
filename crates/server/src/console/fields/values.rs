//! The values that a field has in the traces of a window, with the number of traces of each.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use filter::ast::{Field, Value};
use filter::keywords::{Keyword, Kind};
use filter::predicate::{Condition, Predicate, Test};
use serde::{Deserialize, Serialize};
use store::block::traces::predicate::TextMember;
use store::group::{By, Grouped, Key};
use store::{Axis, Filter, Page, Query, group};
use trace::NodeId;
use utoipa::{IntoParams, ToSchema};
use wire::Micros;

use super::super::{Answer, Answered, Ask, error, shape};
use super::field;

/// Values that one answer has at most, and when nobody says how many.
const LIMIT_MAX: usize = 500;
const LIMIT: usize = 20;

/// Which values are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ValuesQuery {
    /// The field, as it is written in an expression; `name` and `type` for those of nodes.
    name: String,
    /// What they begin with; those that have it elsewhere come last. Case does not count.
    #[serde(default)]
    #[param(required = false)]
    prefix: String,
    /// The earliest start. Units: microseconds since the epoch.
    from: u64,
    /// The latest start, itself included. Units: microseconds since the epoch.
    to: u64,
    /// How many are wanted: 20 when it is not said, at most 500.
    limit: Option<usize>,
}

/// The values of a field, those of most traces first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldValues {
    values: Vec<FieldValue>,
    /// False when there may be others of more traces.
    exact: bool,
}

/// A value of a field.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldValue {
    /// The value.
    value: String,
    /// As it is written in an expression.
    text: String,
    /// The traces that have it, where that was counted.
    #[schema(required)]
    traces: Option<u64>,
}

/// Says which values a field has.
#[utoipa::path(get, path = "/console/api/fields/values", operation_id = "fieldValues",
    params(ValuesQuery),
    responses((status = 200, body = FieldValues), (status = "4XX", body = error::Body<'_>)))]
pub(in crate::console) fn values(ask: &Ask<'_>) -> Answered {
    let ValuesQuery { name, prefix, from, to, limit } = ask.input.query()?;
    let search = Search {
        ask,
        window: shape::window(from, to)?,
        prefix: prefix.to_lowercase(),
        limit: limit.unwrap_or(LIMIT).min(LIMIT_MAX),
    };
    Ok(Answer::json(&search.values_of(&name)?))
}

struct Search<'a> {
    ask: &'a Ask<'a>,
    window: RangeInclusive<Micros>,
    /// In small letters.
    prefix: String,
    limit: usize,
}

impl Search<'_> {
    fn values_of(&self, name: &str) -> Result<FieldValues, super::Error> {
        if name.eq_ignore_ascii_case("service") {
            return Ok(self.of_nodes(service_name));
        }
        let field = field(name)?;
        let keyword = match &field {
            Field::Annotation(_, key) => return Ok(self.grouped(&By::Annotation(key.clone()))),
            Field::Keyword(keyword) => *keyword,
        };
        let of_text = |member| self.grouped(&By::Text(member));
        Ok(match keyword {
            Keyword::Name => self.of_nodes(service_name),
            Keyword::Type => self.of_nodes(|node| node.service_type.as_deref()),
            Keyword::HttpStatus => self.grouped(&By::Status),
            Keyword::HttpUrl => of_text(TextMember::Url),
            Keyword::HttpMethod => of_text(TextMember::Method),
            Keyword::HttpUserAgent => of_text(TextMember::UserAgent),
            Keyword::HttpClientIp => of_text(TextMember::ClientIp),
            Keyword::User => of_text(TextMember::User),
            Keyword::AvailabilityZone => of_text(TextMember::AvailabilityZone),
            Keyword::InstanceId => of_text(TextMember::InstanceId),
            Keyword::ResourceArn => of_text(TextMember::ResourceArn),
            Keyword::GroupName => self.of_groups(|group| group.name),
            Keyword::GroupArn => self.of_groups(|group| group.arn),
            keyword if keyword.row().kind == Kind::Flag => self.of_flag(field),
            _ => FieldValues { values: Vec::new(), exact: true },
        })
    }

    fn group(&self, by: &By, groups_max: usize) -> Grouped {
        self.ask.app.store.group(&group::Query {
            filter: Filter::EVERYTHING,
            axis: Axis::Start,
            window: self.window.clone(),
            by,
            groups_max,
        })
    }

    fn grouped(&self, by: &By) -> FieldValues {
        let groups_max = if self.prefix.is_empty() { self.limit } else { usize::MAX };
        let grouped = self.group(by, groups_max);
        let exact = is_exact(&grouped);
        let values = grouped.groups.into_iter().filter_map(|group| {
            let (value, text) = match group.key {
                Key::Text(text) => (text.to_string(), Value::Text(text.into())),
                Key::Status(status) => (status.to_string(), Value::Number(status as f64)),
                Key::Number(number) => {
                    (Value::Number(number.get()).to_string(), Value::Number(number.get()))
                }
                Key::Flag(flag) => (flag.to_string(), Value::Flag(flag)),
                _ => return None,
            };
            let traces = Some(group.measures.trace_count);
            Some(FieldValue { value, text: text.to_string(), traces })
        });
        self.first(values.collect(), exact)
    }

    /// What is said of nodes: a trace with several nodes of which the same is said counts as often.
    fn of_nodes(
        &self,
        part: impl for<'n> Fn(&'n NodeId<'static>) -> Option<&'n str>,
    ) -> FieldValues {
        let grouped = self.group(&By::Node, usize::MAX);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for group in &grouped.groups {
            if let Key::Node(node) = &group.key
                && let Some(text) = part(node)
            {
                *counts.entry(text.to_owned()).or_default() += group.measures.trace_count;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        let value = |(value, count)| written(value, Some(count));
        self.first(counts.into_iter().map(value).collect(), is_exact(&grouped))
    }

    fn of_groups(&self, part: impl Fn(crate::groups::Group) -> String) -> FieldValues {
        let groups = self.ask.app.groups.all().into_iter();
        self.first(groups.map(|group| written(part(group), None)).collect(), true)
    }

    fn of_flag(&self, field: Field) -> FieldValues {
        let count = |filter: &Filter| {
            let page = Page { after: None, traces_max: 1 };
            let (axis, window) = (Axis::Start, self.window.clone());
            let query = Query { filter, axis, window, page, checks_max: u64::MAX };
            self.ask.app.store.count(&query)
        };
        let test = Test { field, condition: Condition::Flag(true) };
        let is_set = Filter::of(&Predicate::Test(test), &Default::default());
        let (set, cost) = count(&is_set);
        let (all, _) = count(Filter::EVERYTHING);
        let value = |flag: bool, traces| FieldValue {
            value: flag.to_string(),
            text: flag.to_string(),
            traces: Some(traces),
        };
        let values = vec![value(true, set), value(false, all.saturating_sub(set))];
        self.first(values, cost.unreadable_block_count == 0)
    }

    /// The values that begin as is wanted, then those that have it elsewhere, each in their order.
    fn first(&self, values: Vec<FieldValue>, exact: bool) -> FieldValues {
        let place = |value: &FieldValue| value.value.to_lowercase().find(&self.prefix);
        let fitting = values.into_iter().filter_map(|value| Some((place(&value)? > 0, value)));
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|(is_elsewhere, _)| *is_elsewhere);
        fitting.truncate(self.limit);
        FieldValues { values: fitting.into_iter().map(|(_, value)| value).collect(), exact }
    }
}

/// A client is called as the service that it calls, which is the one meant.
fn service_name<'n>(node: &'n NodeId<'static>) -> Option<&'n str> {
    (node.service_type.as_deref() != Some("client")).then_some(&*node.name)
}

fn written(value: String, traces: Option<u64>) -> FieldValue {
    FieldValue { text: Value::Text(value.clone()).to_string(), value, traces }
}

fn is_exact(grouped: &Grouped) -> bool {
    grouped.cost.unreadable_block_count == 0 && grouped.others.untold_count == 0
}
