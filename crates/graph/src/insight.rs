//! Insights: when a service faults more often than its own past lets expect.
//!
//! An [`Engine`] watches one group. It is fed the group's graph of each minute, once the minute has
//! ended, and keeps for every node what share of its requests faults ([`band`]). A node that leaves
//! its band for some of its last minutes is hot; hot nodes that call each other have one cause, the
//! deepest of them; a cause is an [`Insight`] until its nodes have been quiet for a while. What is
//! known becomes bytes to be kept ([`bytes`]).
//!
//! Nothing here reads a clock: a minute is a number that is passed in. The model, its thresholds and
//! their reasons are in `docs/insights.md`.
//!
//! Reading order is the order below.

mod tail;

pub mod band;

mod watch;

mod cluster;

mod incident;

mod engine;

pub mod bytes;

pub use band::{Band, Baseline, Counts, forecast};
pub use engine::{
    ACTIVE_MAX, CLOSED_MAX, Change, Engine, FORGOTTEN_MINUTES, KEPT_MINUTES, NODES_MAX,
};
pub use incident::{
    Affected, CloseReason, Closed, EVENTS_MAX, Event, EventKind, Impact, Insight, InsightId,
    SERVICES_MAX, TOP_MAX,
};
pub use watch::{
    ACCEPTED_MINUTES, HOT_REST_TAIL, HOT_TAIL, JUDGED_MINUTES_MAX, JUDGED_TOTAL_MIN,
    JUDGEMENT_COUNT, QUIET_MINUTES, RAISED_TAIL,
};
