//! Times in buckets of equal width on a logarithmic axis, as they are drawn.

use store::group::Histogram;

/// Buckets of one histogram.
pub(crate) const BUCKETS_MAX: usize = 60;

/// Returns the edges of at most `count` buckets that hold all times between two, ascending; each of
/// whole microseconds. One bucket has two edges.
pub(crate) fn edges(shortest: u64, longest: u64, count: usize) -> Vec<u64> {
    let (low, high) = (shortest.max(1) as f64, longest.max(1) as f64 + 1.0);
    let ratio = (high / low).ln();
    let place = |at: usize| (low.ln() + ratio * at as f64 / count as f64).exp();
    let mut edges: Vec<u64> = (0..=count).map(|at| place(at).round() as u64).collect();
    edges[0] = shortest;
    edges[count] = longest.saturating_add(1);
    // Short times have fewer microseconds than buckets.
    edges.dedup();
    edges
}

/// Returns the bucket of a time; what lies before the first edge is in the first, and so on.
pub(crate) fn bucket(edges: &[u64], time: u64) -> usize {
    let after = edges.partition_point(|edge| *edge <= time);
    after.saturating_sub(1).min(edges.len().saturating_sub(2))
}

/// Returns how many times of a histogram are in each bucket.
pub(crate) fn counts(edges: &[u64], times: &Histogram) -> Vec<u64> {
    let mut counts = vec![0; edges.len().saturating_sub(1)];
    for (time, count) in times.entries() {
        counts[bucket(edges, time.0)] += count;
    }
    counts
}

/// Widths of steps of time that people count in. Units: microseconds.
const WIDTHS: [u64; 26] = {
    const MILLI: u64 = 1_000;
    const SECOND: u64 = 1_000 * MILLI;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    [
        1,
        MILLI,
        10 * MILLI,
        100 * MILLI,
        200 * MILLI,
        500 * MILLI,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        7 * DAY,
        30 * DAY,
    ]
};

/// Returns the width of steps so that a window has about `steps` of them at most; for windows of
/// many years, as wide as is needed.
pub(crate) fn width(from: u64, to: u64, steps: u64) -> u64 {
    let least = (to - from) / steps.max(1) + 1;
    WIDTHS.into_iter().find(|width| *width >= least).unwrap_or(least)
}

/// Returns the starts of the steps that a window touches.
pub(crate) fn steps(from: u64, to: u64, width: u64) -> impl Iterator<Item = u64> {
    let first = from / width * width;
    (0..=(to - first) / width).map(move |at| first + at * width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_time_is_in_the_bucket_between_whose_edges_it_lies(
            (a, b) in (0_u64..1 << 40, 0_u64..1 << 40),
            part in 0.0..=1.0,
            count in 1_usize..=BUCKETS_MAX,
        ) {
            let (shortest, longest) = (a.min(b), a.max(b));
            let edges = edges(shortest, longest, count);
            prop_assert!(edges.len() >= 2 && edges.len() <= count + 1);
            prop_assert!(edges.is_sorted_by(|a, b| a < b), "{:?}", edges);
            let time = shortest + ((longest - shortest) as f64 * part) as u64;
            let at = bucket(&edges, time);
            prop_assert!(edges[at] <= time && time < edges[at + 1], "{} in {:?}", time, edges);
        }

        #[test]
        fn steps_hold_the_window(from in 0_u64..1 << 51, length in 0_u64..1 << 51) {
            let to = from + length;
            let width = width(from, to, 100);
            let steps: Vec<u64> = steps(from, to, width).collect();
            prop_assert!(steps.len() <= 102);
            prop_assert!(steps[0] <= from && from < steps[0] + width);
            let last = steps[steps.len() - 1];
            prop_assert!(last <= to && to < last + width);
        }
    }
}
