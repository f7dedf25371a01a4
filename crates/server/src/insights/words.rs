//! What happened, as a person would say it.

use graph::insight::{CloseReason, Event, EventKind, Impact, Insight};
use trace::NodeId;

/// Returns a service's name, with its type if it has one.
pub(crate) fn service(id: &NodeId<'_>) -> String {
    match &id.service_type {
        Some(of) => format!("{} ({of})", id.name),
        None => id.name.to_string(),
    }
}

/// Returns an insight in a few sentences.
pub(crate) fn insight(insight: &Insight, group_name: &str) -> String {
    let root = service(&insight.root);
    let minutes = minutes(insight.last_minute + 1 - insight.first_minute.min(insight.last_minute));
    let what = "faulted more often than expected for";
    let first = match insight.closed.map(|closed| closed.reason) {
        None => format!("{root} has {what} {minutes}"),
        Some(CloseReason::Recovered) => format!("{root} {what} {minutes} and has recovered"),
        Some(CloseReason::Accepted) => {
            format!("{root} {what} {minutes}; so many faults are expected of it now")
        }
        Some(CloseReason::Joined) => {
            format!("{root} {what} {minutes}; the cause turned out to be that of another insight")
        }
        Some(CloseReason::Unwatched) => {
            format!("{root} {what} {minutes}, when the group was no longer watched")
        }
    };
    let numbers = numbers(&insight.root_impact, &insight.client_impact, group_name);
    let top: Vec<&NodeId<'static>> = insight.top().collect();
    format!("{first}. {numbers}{}", others(&insight.root, &top))
}

/// Returns an event in a few sentences.
pub(crate) fn event(event: &Event, insight: &Insight, group_name: &str) -> String {
    let root = service(&event.root);
    let first = match event.kind {
        EventKind::Opened => format!("{root} faults more often than expected"),
        EventKind::RootChanged => format!("{root} turned out to be the root cause"),
        EventKind::Grew => "The incident has grown".to_owned(),
        EventKind::Closed => match insight.closed.map(|closed| closed.reason) {
            Some(CloseReason::Accepted) => {
                format!("So many faults of {root} are expected now")
            }
            Some(CloseReason::Joined) => {
                "Another insight turned out to have the same cause, and goes on".to_owned()
            }
            Some(CloseReason::Unwatched) => "The group is not watched any more".to_owned(),
            Some(CloseReason::Recovered) | None => format!("{root} has recovered"),
        },
    };
    let numbers = numbers(&event.root_impact, &event.client_impact, group_name);
    let top: Vec<&NodeId<'static>> = event.top.iter().collect();
    format!("{first}. {numbers}{}", others(&event.root, &top))
}

fn minutes(count: u64) -> String {
    if count == 1 { "a minute".to_owned() } else { format!("{count} minutes") }
}

fn numbers(root: &Impact, clients: &Impact, group_name: &str) -> String {
    let of_root = format!("{} to it faulted", share(root));
    if clients.total == 0 {
        return format!("{of_root}.");
    }
    format!("{of_root}, and so did {} from clients to the group {group_name}.", share(clients))
}

/// Returns for example `12 of 100 requests (12.0 %)`.
fn share(impact: &Impact) -> String {
    let percent = 100.0 * impact.faults as f64 / impact.total.max(1) as f64;
    format!("{} of {} requests ({percent:.1} %)", impact.faults, impact.total)
}

/// Returns the services beside the root cause, as a sentence.
fn others(root: &NodeId<'_>, top: &[&NodeId<'static>]) -> String {
    let names: Vec<String> = top.iter().filter(|id| **id != root).map(|id| service(id)).collect();
    match &names[..] {
        [] => String::new(),
        [one] => format!(" Also affected: {one}."),
        [most @ .., last] => format!(" Also affected: {} and {last}.", most.join(", ")),
    }
}
