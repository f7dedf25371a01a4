//! `POST traces/aggregate`: traces by what they have in common.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use store::group::{By, Group, Key, Measured, Table, Tables};
use store::{Axis, Filter, Grouped};
use utoipa::ToSchema;

use super::info::GROUPS_MAX;
use super::measures::Measures;
use super::shape::{Scope, window};
use super::{Answer, Answered, Ask, Error, error, term};

/// Which traces, and by what they are put together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Aggregate {
    #[serde(flatten)]
    scope: Scope,
    /// `url` (ids taken out), `rawUrl`, `method`, `status`, `clientIp`, `userAgent`, `user`,
    /// `service`, `entry`, `edge`, `cause`, `exception`, `faultPath`, `errorPath`, `slowPath`,
    /// `zone`, `instance`, `arn` or `annotation:KEY`.
    by: String,
    /// Groups that are wanted, 1 to 500; 20 unless said otherwise.
    #[serde(default = "groups_default")]
    #[schema(required = false)]
    limit: usize,
    /// Only groups whose key has this in it, in whatever case.
    #[serde(default)]
    #[schema(nullable = false)]
    search: Option<String>,
    /// Another window, to compare with.
    #[serde(default)]
    #[schema(nullable = false)]
    compare: Option<Window>,
}

/// A window of time. Units: microseconds since the epoch, both ends included.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

fn groups_default() -> usize {
    20
}

/// Traces by what they have in common.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Aggregated {
    /// All traces, each once.
    total: Measures,
    /// Those without such a key.
    none: Measures,
    /// The largest first.
    groups: Vec<AggregatedGroup>,
    others: Others,
    /// False when something could not be read, or there are too many groups to tell all apart.
    exact: bool,
}

/// The traces of one key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AggregatedGroup {
    /// What they have in common. A node is `name~type`, an edge two of them with ` → ` between, a path
    /// any number of them.
    key: String,
    /// The filter expression that picks them; empty when there is none. That of a template may pick
    /// others, too.
    filter: String,
    measures: Measures,
    /// Those of the window to compare with; null when there is none.
    #[schema(required)]
    previous: Option<Measures>,
}

/// The groups that are not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Others {
    groups: u64,
    measures: Measures,
}

/// Puts traces together by what they have in common.
#[utoipa::path(post, path = "/console/api/traces/aggregate", operation_id = "aggregate",
    request_body = Aggregate,
    responses((status = 200, body = Aggregated), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn aggregate(ask: &Ask<'_>) -> Answered {
    let request: Aggregate = ask.body()?;
    let by = &term::read_by(&request.by, "by")?;
    let filter = &request.scope.filter(ask.app)?;
    let limit = request.limit.clamp(1, GROUPS_MAX);
    let search = request.search.as_deref().unwrap_or_default().to_lowercase();
    // What is searched for may be in the smallest group.
    let groups_max = if search.is_empty() { limit } else { usize::MAX };
    let scope = &request.scope;
    let mut found = grouped(ask, filter, scope.from, scope.to, by, groups_max)?;
    let mut exact = is_exact(&found);
    if !search.is_empty() {
        narrow(&mut found, limit, &search);
    }
    let previous = match request.compare {
        Some(Window { from, to }) => {
            let all = grouped(ask, filter, from, to, by, usize::MAX)?;
            exact &= is_exact(&all);
            Some(all.groups.into_iter().map(|one| (one.key, one.measures)).collect())
        }
        None => None,
    };
    let group = |one: &Group| AggregatedGroup {
        key: term::text(&one.key),
        filter: term::filter(by, &one.key),
        measures: Measures::from(&one.measures),
        previous: previous.as_ref().map(|all: &HashMap<Key, store::group::Measures>| {
            Measures::from(all.get(&one.key).unwrap_or(&store::group::Measures::default()))
        }),
    };
    Ok(Answer::json(&Aggregated {
        total: Measures::from(&found.total),
        none: Measures::from(&found.none),
        groups: found.groups.iter().map(group).collect(),
        others: Others {
            groups: found.others.group_count,
            measures: Measures::from(&found.others.measures),
        },
        exact,
    }))
}

/// Puts the traces of a window together.
pub(super) fn grouped(
    ask: &Ask<'_>,
    filter: &Filter,
    from: u64,
    to: u64,
    by: &By,
    groups_max: usize,
) -> Result<Grouped, Error> {
    let tables = &[Table { by, of: None, groups_max }];
    let (axis, window, watch) = (Axis::Start, window(from, to)?, ask.watch);
    let measured = Measured::default();
    let query = Tables { filter, axis, window, sets: &[], tables, measured, watch };
    Ok(ask.app.store.group_tables(&query).pop().unwrap_or_default())
}

/// Returns whether everything was read and told apart.
pub(super) fn is_exact(grouped: &Grouped) -> bool {
    grouped.cost.unreadable_block_count == 0 && grouped.others.untold_count == 0
}

/// Leaves the largest groups whose keys have the text in them; the others are those that have it too.
fn narrow(grouped: &mut Grouped, limit: usize, search: &str) {
    grouped.groups.retain(|one| term::text(&one.key).to_lowercase().contains(search));
    for other in grouped.groups.drain(limit.min(grouped.groups.len())..) {
        grouped.others.group_count += 1;
        grouped.others.measures.merge(&other.measures);
    }
}
