//! What of a histogram is shown.

use crate::Histogram;

/// The most entries a histogram shows.
pub const ENTRIES_MAX: usize = 100;

/// One value with its count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Seconds, in whole milliseconds.
    pub value: f64,
    /// How often it occurred.
    pub count: u64,
}

impl Histogram {
    /// Returns the counts, by rising value; at most [`ENTRIES_MAX`].
    pub fn entries(&self) -> Vec<Entry> {
        let centroid = |bucket: &super::Bucket| {
            Some(Centroid { sum_ms: bucket.sum_ms()?, count: bucket.count.cast_unsigned() })
        };
        let mut centroids: Vec<Centroid> = self.buckets.iter().filter_map(centroid).collect();
        while centroids.len() > ENTRIES_MAX {
            merge_nearest(&mut centroids);
        }
        let entry = |centroid: &Centroid| Entry {
            value: centroid.value_ms() as f64 / 1000.0,
            count: centroid.count,
        };
        centroids.iter().map(entry).collect()
    }
}

/// Values shown together.
#[derive(Clone, Copy, Debug)]
struct Centroid {
    sum_ms: u128,
    /// Invariant: not zero.
    count: u64,
}

impl Centroid {
    /// Returns the mean, rounded.
    fn value_ms(&self) -> u64 {
        let count = u128::from(self.count);
        u64::try_from((self.sum_ms + count / 2) / count).expect("a mean lies between its values")
    }
}

/// Merges the nearest neighbours, as many pairs at once as are too many and do not touch each other.
///
/// At least a third of all pairs is merged unless fewer are too many, so a few rounds are enough.
fn merge_nearest(centroids: &mut Vec<Centroid>) {
    let values: Vec<u64> = centroids.iter().map(Centroid::value_ms).collect();
    // The smallest and the largest stay as they are.
    let mut pairs: Vec<(u64, usize)> =
        (1..values.len() - 2).map(|left| (values[left + 1] - values[left], left)).collect();
    pairs.sort_unstable();
    let mut excess = centroids.len() - ENTRIES_MAX;
    let mut is_taken = vec![false; centroids.len()];
    for (_, left) in pairs {
        if excess == 0 {
            break;
        }
        if is_taken[left] || is_taken[left + 1] {
            continue;
        }
        (is_taken[left], is_taken[left + 1]) = (true, true);
        excess -= 1;
        let right = centroids[left + 1];
        centroids[left].sum_ms += right.sum_ms;
        centroids[left].count = centroids[left].count.saturating_add(right.count);
        centroids[left + 1].count = 0;
    }
    centroids.retain(|centroid| centroid.count > 0);
}
