//! How often each duration occurred, in bounded space.
//!
//! Values are milliseconds; equal ones are counted together. When there are too many different
//! ones, the nearest neighbours become one at their mean, but never the smallest and the largest.
//! Counts are always exact.
//!
//! Source: `service-graph.md` §4.

use wire::Micros;

/// The most entries a histogram shows.
pub const ENTRIES_MAX: usize = 100;

/// The most it keeps before it merges neighbours: room, so that not every value costs a merge.
const KEPT_MAX: usize = 2 * ENTRIES_MAX;

/// Durations with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Invariant: by rising value, no value twice, at most [`KEPT_MAX`].
    centroids: Vec<Centroid>,
}

/// One value with its count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Seconds, in whole milliseconds.
    pub value: f64,
    /// How often it occurred.
    pub count: u64,
}

/// Values counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Centroid {
    /// Invariant: the mean, `sum_ms / count`, rounded.
    value_ms: u64,
    sum_ms: u128,
    count: u64,
}

impl Centroid {
    fn of(duration: Micros) -> Self {
        // Halves go up, without an overflow at the end of the range.
        let value_ms = duration.0 / 1000 + u64::from(duration.0 % 1000 >= 500);
        Self { value_ms, sum_ms: u128::from(value_ms), count: 1 }
    }

    fn add(&mut self, other: Self) {
        self.sum_ms += other.sum_ms;
        self.count += other.count;
        if self.value_ms != other.value_ms {
            let count = u128::from(self.count);
            let mean = (self.sum_ms + count / 2) / count;
            self.value_ms = u64::try_from(mean).expect("a mean lies between its values");
        }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, duration: Micros) {
        self.insert(Centroid::of(duration));
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Self) {
        other.centroids.iter().for_each(|centroid| self.insert(*centroid));
    }

    /// Returns the counts, by rising value; at most [`ENTRIES_MAX`].
    pub fn entries(&self) -> Vec<Entry> {
        let mut compressed = self.clone();
        compressed.compress();
        let entry = |centroid: &Centroid| Entry {
            value: centroid.value_ms as f64 / 1000.0,
            count: centroid.count,
        };
        compressed.centroids.iter().map(entry).collect()
    }

    /// Returns how many durations were counted.
    pub fn count(&self) -> u64 {
        self.centroids.iter().map(|centroid| centroid.count).sum()
    }

    fn insert(&mut self, new: Centroid) {
        let at = self.centroids.partition_point(|centroid| centroid.value_ms < new.value_ms);
        match self.centroids.get_mut(at) {
            Some(same) if same.value_ms == new.value_ms => same.add(new),
            _ => self.centroids.insert(at, new),
        }
        if self.centroids.len() > KEPT_MAX {
            self.compress();
        }
    }

    fn compress(&mut self) {
        while self.centroids.len() > ENTRIES_MAX {
            let last = self.centroids.len() - 1;
            let gap = |at: usize| self.centroids[at + 1].value_ms - self.centroids[at].value_ms;
            let Some(at) = (1..last - 1).min_by_key(|&at| gap(at)) else { return };
            let right = self.centroids.remove(at + 1);
            self.centroids[at].add(right);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(durations: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        durations.into_iter().for_each(|micros| histogram.record(Micros(micros)));
        histogram
    }

    fn show(histogram: &Histogram) -> String {
        let entry = |entry: Entry| format!("{}×{}", entry.value, entry.count);
        histogram.entries().into_iter().map(entry).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn equal_milliseconds_are_counted_together() {
        assert_eq!(show(&of([])), "");
        let histogram = of([120_499, 119_500, 0, 2_000_000, 120_500]);
        assert_eq!(show(&histogram), "0×1 0.12×2 0.121×1 2×1");
        assert_eq!(histogram.count(), 5);
    }

    #[test]
    fn nearest_neighbours_are_merged_when_there_are_too_many() {
        // Wide steps, and in the middle two that are near to each other.
        let wide = (0..=ENTRIES_MAX as u64 - 2).map(|step| step * 1_000_000);
        let histogram = of(wide.chain([50_004_000, 50_008_000]));
        let entries = histogram.entries();
        assert_eq!(entries.len(), ENTRIES_MAX);
        assert!(entries.contains(&Entry { value: 50.002, count: 2 }), "{}", show(&histogram));
    }

    #[test]
    fn even_steps_are_merged_evenly() {
        let entries = of((0..200).map(|step| step * 1000)).entries();
        assert!(entries.iter().all(|entry| entry.count <= 4), "{entries:?}");
    }

    #[test]
    fn the_longest_durations_do_not_overflow() {
        assert_eq!(of([u64::MAX, u64::MAX]).count(), 2);
        assert_eq!(of([u64::MAX]).entries().len(), 1);
    }

    proptest! {
        #[test]
        fn counts_are_exact_and_the_extremes_are_kept(
            durations in prop::collection::vec(0..10_000_000_u64, 1..800),
        ) {
            let entries = of(durations.iter().copied()).entries();
            prop_assert!(entries.len() <= ENTRIES_MAX);
            prop_assert!(entries.is_sorted_by(|a, b| a.value < b.value));
            prop_assert_eq!(entries.iter().map(|e| e.count).sum::<u64>(), durations.len() as u64);
            let ms = |micros: &u64| ((micros + 500) / 1000) as f64 / 1000.0;
            prop_assert_eq!(Some(entries[0].value), durations.iter().min().map(ms));
            prop_assert_eq!(entries.last().map(|e| e.value), durations.iter().max().map(ms));
        }

        #[test]
        fn merging_is_counting_together(
            left in prop::collection::vec(0..150_000_u64, 0..50),
            right in prop::collection::vec(0..150_000_u64, 0..50),
        ) {
            let mut merged = of(left.iter().copied());
            merged.merge(&of(right.iter().copied()));
            prop_assert_eq!(merged, of(left.into_iter().chain(right)));
        }
    }
}
