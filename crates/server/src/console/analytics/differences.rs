//! What is different in a set: groups whose share of it is not their share of the rest, by more than
//! chance would make it.

use serde::Serialize;
use statrs::function::erf::erfc;
use store::group::{By, Group};
use utoipa::ToSchema;

use crate::console::term;

/// Groups with fewer traces on either side say nothing.
const SUPPORT_MIN: u64 = 5;

/// How likely chance alone may make one of all differences that are told.
const P_VALUE_MAX: f64 = 0.01;

/// Differences that are told.
const DIFFERENCES_MAX: usize = 50;

/// A group whose share of A is not its share of the rest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Difference {
    by: String,
    key: String,
    /// Picks the group.
    filter: String,
    /// Traces of the group in A.
    a: u64,
    /// All of A.
    a_total: u64,
    /// Traces of the group that are not in A.
    rest: u64,
    /// All that are not in A.
    rest_total: u64,
    /// How many times as large its share of A is; null when the rest has none.
    #[schema(required)]
    lift: Option<f64>,
    /// How likely chance alone makes such a difference, corrected for how many were looked at.
    p_value: f64,
}

impl Difference {
    /// Compares a group's share of A with its share of the rest; `None` when it has too few traces.
    /// `totals` are the traces of all and of A.
    pub(super) fn of(
        (word, by, Group { key, measures }): (&str, &By, &Group),
        (total, a_total): (u64, u64),
    ) -> Option<Self> {
        let [a, _] = measures.set_counts;
        let (rest, rest_total) = (measures.trace_count - a, total - a_total);
        if a.max(rest) < SUPPORT_MIN || a_total == 0 || rest_total == 0 {
            return None;
        }
        let (of_a, of_rest) = (share(a, a_total), share(rest, rest_total));
        Some(Self {
            by: word.to_owned(),
            key: term::text(key),
            filter: term::filter(by, key),
            a,
            a_total,
            rest,
            rest_total,
            lift: (rest > 0).then(|| of_a / of_rest),
            p_value: p_value(a, a_total, rest, rest_total),
        })
    }

    fn difference(&self) -> f64 {
        share(self.a, self.a_total) - share(self.rest, self.rest_total)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Returns the differences that chance does not explain, the greatest first.
pub(super) fn ranked(mut all: Vec<Difference>) -> Vec<Difference> {
    // The more is looked at, the more looks strange.
    let count = all.len() as f64;
    for one in &mut all {
        one.p_value = (one.p_value * count).min(1.0);
    }
    all.retain(|one| one.p_value < P_VALUE_MAX);
    all.sort_by(|a, b| {
        let by_size = b.difference().abs().total_cmp(&a.difference().abs());
        by_size.then_with(|| (&a.by, &a.key).cmp(&(&b.by, &b.key)))
    });
    all.truncate(DIFFERENCES_MAX);
    all
}

/// The G-test of a table of two by two: how likely two sets of one kind differ so much.
fn p_value(a: u64, a_total: u64, rest: u64, rest_total: u64) -> f64 {
    let (whole, members) = ((a_total + rest_total) as f64, (a + rest) as f64);
    let term = |observed: u64, row: f64, column: f64| {
        let expected = row * column / whole;
        // Nothing of nothing expected is no surprise.
        if observed == 0 { 0.0 } else { observed as f64 * (observed as f64 / expected).ln() }
    };
    let g = 2.0
        * (term(a, members, a_total as f64)
            + term(a_total - a, whole - members, a_total as f64)
            + term(rest, members, rest_total as f64)
            + term(rest_total - rest, whole - members, rest_total as f64));
    // Chi-squared with one degree of freedom is the square of a normal.
    erfc((g.max(0.0) / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_makes_of_a_table_is_known() {
        for ((a, a_total, rest, rest_total), expected) in [
            // The same share on both sides.
            ((10, 100, 20, 200), 1.0),
            // Worked out by hand.
            ((12, 40, 6, 40), 0.1055),
            ((20, 40, 8, 40), 0.0044),
            ((41, 100, 3, 100), 3.4e-12),
        ] {
            let found = p_value(a, a_total, rest, rest_total);
            assert!((found / expected - 1.0).abs() < 0.02, "{found:e} is not {expected:e}");
        }
    }

    fn difference(key: &str, a: u64, rest: u64) -> Difference {
        let (by, filter, lift) = (String::new(), String::new(), None);
        let (a_total, rest_total) = (100, 1_000);
        let p_value = p_value(a, a_total, rest, rest_total);
        Difference { by, key: key.to_owned(), filter, a, a_total, rest, rest_total, lift, p_value }
    }

    #[test]
    fn the_greatest_difference_in_share_comes_first_and_chance_not_at_all() {
        let all = vec![
            difference("rare everywhere", 6, 40),
            difference("half of it", 50, 100),
            difference("the same", 30, 300),
            difference("hardly in it", 2, 600),
        ];
        let ranked = ranked(all);
        let keys: Vec<&str> = ranked.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["hardly in it", "half of it"]);
    }
}
