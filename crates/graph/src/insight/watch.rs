//! One node under watch: what is expected of it, and how its last minutes were.
//!
//! Minutes with few requests are put together until there are enough to judge, or until some time
//! has passed. A node is *hot* when its last few judgements together are very unlikely, and are so
//! not for one of them alone; it is hot until none of them was an anomaly. What was judged normal teaches; an anomaly does not, unless it has lasted
//! so long that it has to be taken for normal.

use trace::NodeId;

use super::band::{Baseline, Counts};
use super::incident::Impact;

/// Requests that are enough to be judged.
pub const JUDGED_TOTAL_MIN: u64 = 20;

/// After so many minutes any number of requests is enough.
pub const JUDGED_MINUTES_MAX: u64 = 5;

/// How many judgements are remembered.
pub const JUDGEMENT_COUNT: usize = 3;

/// How unlikely what was judged must be, all in all, for a node to be hot.
pub const HOT_TAIL: f64 = 1e-7;

/// How unlikely it must still be without the worst of the judgements: one of them alone is none.
pub const HOT_REST_TAIL: f64 = 1e-3;

/// Few faults are a part of an anomaly if so many or more are that unlikely.
pub const RAISED_TAIL: f64 = 0.02;

/// After so many minutes without an anomaly a node is not hot, and an incident over.
pub const QUIET_MINUTES: u64 = 10;

/// An anomaly of so many minutes is the new normal.
pub const ACCEPTED_MINUTES: u64 = 6 * 60;

/// A node and its last minutes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watch {
    pub(super) id: NodeId<'static>,
    pub(super) baseline: Baseline,
    /// What was not judged yet.
    pub(super) pending: Impact,
    /// The first minute of that; without meaning when there is nothing.
    pub(super) pending_since: u64,
    /// The last minute with requests.
    pub(super) seen: u64,
    /// What was judged last, the newest first.
    pub(super) recent: [Counts; JUDGEMENT_COUNT],
    /// One bit for each of the last judgements, the newest the lowest; set for an anomaly.
    pub(super) judgements: u8,
    /// Since the first anomaly that is still remembered.
    pub(super) run: Option<Run>,
    pub(super) is_hot: bool,
    /// The last minute that was taken for normal although it was not.
    pub(super) accepted: Option<u64>,
}

/// The time from the first anomaly on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) first_minute: u64,
    /// The last minute that was judged anomalous.
    pub(super) last_minute: u64,
    /// All requests since then.
    pub(super) impact: Impact,
    /// The faults beyond those that were expected.
    pub(super) excess: f64,
}

/// What one minute showed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Judged {
    /// The requests that were judged; none when it was too early.
    pub(super) impact: Impact,
    /// The faults beyond those that were expected, if there were too many.
    pub(super) excess: f64,
}

impl Watch {
    pub(super) fn new(id: NodeId<'static>) -> Self {
        Self {
            id,
            baseline: Baseline::default(),
            pending: Impact::default(),
            pending_since: 0,
            seen: 0,
            recent: Default::default(),
            judgements: 0,
            run: None,
            is_hot: false,
            accepted: None,
        }
    }

    /// Takes the next minute, in which there may have been no requests.
    pub(super) fn observe(&mut self, minute: u64, impact: Impact) -> Judged {
        if impact.total > 0 {
            if self.pending.total == 0 {
                self.pending_since = minute;
            }
            self.pending.add(impact);
            self.seen = minute;
        }
        let minutes = (minute + 1).saturating_sub(self.pending_since);
        let is_enough = self.pending.total >= JUDGED_TOTAL_MIN || minutes >= JUDGED_MINUTES_MAX;
        let judged = if self.pending.total > 0 && is_enough {
            self.judge(minute, u32::try_from(minutes).unwrap_or(u32::MAX))
        } else {
            Judged::default()
        };
        self.cool(minute);
        judged
    }

    fn judge(&mut self, minute: u64, minutes: u32) -> Judged {
        let impact = std::mem::take(&mut self.pending);
        let counts = impact.counts();
        self.recent.rotate_right(1);
        self.recent[0] = counts;
        let expected = self.baseline.rate() * counts.total as f64;
        let is_anomalous = self.is_anomalous(counts);
        let excess = if is_anomalous { counts.faults as f64 - expected } else { 0.0 };
        self.judgements =
            (self.judgements << 1 | u8::from(is_anomalous)) & ((1 << JUDGEMENT_COUNT) - 1);
        self.is_hot |= is_anomalous && self.is_burning();
        if is_anomalous {
            let first_minute = self.pending_since;
            let run =
                Run { first_minute, last_minute: minute, impact: Impact::default(), excess: 0.0 };
            self.run.get_or_insert(run).last_minute = minute;
        }
        if let Some(run) = &mut self.run {
            run.impact.add(impact);
            run.excess += excess;
        }
        if !is_anomalous {
            self.baseline.learn(counts, minutes);
        } else if self.is_accepted(minute) {
            // What was learned long ago would only stand in the way.
            self.baseline = Baseline::default();
            self.baseline.learn(counts, minutes);
            self.accepted = Some(minute);
        }
        Judged { impact, excess }
    }

    /// Returns whether the newest counts are an anomaly: by themselves, or as a part of the last ones
    /// when they are few.
    fn is_anomalous(&self, newest: Counts) -> bool {
        let is_part =
            || self.baseline.is_exceeded(self.sum()) && self.baseline.tail(newest) < RAISED_TAIL;
        self.baseline.is_exceeded(newest) || is_part()
    }

    /// Returns whether the last judgements together are no chance, and not one of them alone.
    fn is_burning(&self) -> bool {
        let sum = self.sum();
        let worst = self.recent.into_iter().max_by_key(|counts| counts.faults).unwrap_or_default();
        let rest = Counts { faults: sum.faults - worst.faults, total: sum.total - worst.total };
        self.baseline.surprise(sum) < HOT_TAIL && self.baseline.surprise(rest) < HOT_REST_TAIL
    }

    /// Returns what was judged last, put together.
    fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        self.recent.into_iter().for_each(|counts| sum.add(counts));
        sum
    }

    fn is_accepted(&self, minute: u64) -> bool {
        let since = |run: &Run| minute.saturating_sub(run.first_minute);
        self.is_hot && self.run.as_ref().is_some_and(|run| since(run) >= ACCEPTED_MINUTES)
    }

    /// Forgets anomalies that are over.
    fn cool(&mut self, minute: u64) {
        let quiet = |run: &Run| minute.saturating_sub(run.last_minute) >= QUIET_MINUTES;
        if self.run.as_ref().is_some_and(quiet) {
            self.judgements = 0;
            self.recent = Default::default();
        }
        if self.judgements == 0 {
            self.is_hot = false;
            self.run = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Renders what happens to a node that answers `faults/total` in each minute; a dot for none.
    fn check(minutes: &str) -> String {
        let mut watch = Watch::new(NodeId { name: "a".into(), service_type: None });
        let normal = Impact { ok: 199, faults: 1, total: 200 };
        for minute in 0..60 {
            watch.observe(minute, normal);
        }
        let step = |(minute, word): (u64, &str)| {
            let (faults, total) = word.split_once('/').unwrap_or(("0", "0"));
            let (faults, total) = (faults.parse().unwrap(), total.parse().unwrap());
            let judged = watch.observe(minute, Impact { ok: total - faults, faults, total });
            let mark = match (judged.impact.total, judged.excess > 0.0) {
                (0, _) => '.',
                (_, false) => 'n',
                (_, true) => 'A',
            };
            format!("{mark}{} ", if watch.is_hot { "!" } else { "" })
        };
        (60..).zip(minutes.split_whitespace()).map(step).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn two_of_three_anomalies_are_hot_until_three_are_normal() {
        let snapshot = check("1/200 24/200 1/200 24/200 1/200 1/200 1/200 1/200");
        insta::assert_snapshot!(snapshot, @"n A n A! n! n! n n");
        insta::assert_snapshot!(check("24/200 1/200 1/200 24/200 1/200 1/200"), @"A n n A n n");
        insta::assert_snapshot!(check("24/200 24/200 24/200"), @"A A! A!");
    }

    #[test]
    fn few_requests_are_judged_together() {
        insta::assert_snapshot!(check("1/5 4/5 4/5 4/5 3/4 3/4 3/4 3/4 3/4"), @". . . A . . . . A!");
        insta::assert_snapshot!(check("1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1"), @". . . . A . . . . A");
        insta::assert_snapshot!(check("1/1 0/0 0/0 0/0 0/0 0/0 0/0"), @". . . . n . .");
    }

    #[test]
    fn silence_cools() {
        let text = format!("24/200 24/200{}", " 0/0".repeat(11));
        insta::assert_snapshot!(check(&text), @"A A! .! .! .! .! .! .! .! .! .! . .");
    }

    #[test]
    fn what_lasts_for_hours_becomes_normal() {
        let hours = " 24/200".repeat(ACCEPTED_MINUTES as usize + 5);
        let states: Vec<String> = check(&hours).split(' ').map(str::to_owned).collect();
        assert_eq!(states[1], "A!");
        assert_eq!(states[ACCEPTED_MINUTES as usize], "A!");
        assert_eq!(states[ACCEPTED_MINUTES as usize + 1], "n!");
        assert_eq!(states[ACCEPTED_MINUTES as usize + 4], "n");
    }
}
