//! How often each duration occurred, in bounded space.
//!
//! Values are milliseconds and are counted in fixed buckets: of one millisecond up to 256 ms, from
//! there on 128 for each power of two. A bucket adds up its values too, so that one that holds equal
//! values shows exactly these, and one that holds several shows their mean, less than 0.4 % away
//! from each. Because the buckets are fixed, counting is exact and does not depend on an order:
//! histograms form a group under [`Histogram::merge`], whose inverse is [`Histogram::subtract`].
//!
//! What is shown has less room: the nearest neighbours become one at their mean, but never the
//! smallest and the largest. Counts are always exact.
//!
//! Source: `service-graph.md` §4.

mod bucket;
mod entries;

use wire::Micros;

pub use entries::{ENTRIES_MAX, Entry};

pub(crate) use bucket::{Bucket, INDEX_MAX};

/// Durations with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Invariant: by rising index, none twice, none that counts nothing.
    pub(crate) buckets: Vec<Bucket>,
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, duration: Micros) {
        let new = Bucket::of(duration);
        // Most durations are equal to one that was counted before.
        match self.buckets.binary_search_by_key(&new.index, |bucket| bucket.index) {
            Err(at) => self.buckets.insert(at, new),
            Ok(at) => {
                self.buckets[at].add(new);
                if self.buckets[at].is_zero() {
                    self.buckets.remove(at);
                }
            }
        }
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Self) {
        let known_count = self.buckets.len();
        let (mut at, mut has_zero) = (0, false);
        for &bucket in &other.buckets {
            while at < known_count && self.buckets[at].index < bucket.index {
                at += 1;
            }
            if at < known_count && self.buckets[at].index == bucket.index {
                self.buckets[at].add(bucket);
                has_zero |= self.buckets[at].is_zero();
            } else {
                self.buckets.push(bucket);
            }
        }
        if self.buckets.len() > known_count && known_count > 0 {
            // Two lists in order, one behind the other: what this sort is quick at.
            self.buckets.sort_by_key(|bucket| bucket.index);
        }
        if has_zero {
            self.buckets.retain(|bucket| !bucket.is_zero());
        }
    }

    /// Takes the counts of another histogram away. They need not have been added yet: until they
    /// are, a bucket owes them.
    pub fn subtract(&mut self, other: &Self) {
        let mut other = other.clone();
        other.negate();
        self.merge(&other);
    }

    /// Returns how many durations were counted; none while more were taken away than added.
    pub fn count(&self) -> u64 {
        let sum = self.buckets.iter().fold(0_i64, |sum, bucket| sum.wrapping_add(bucket.count));
        u64::try_from(sum).unwrap_or(0)
    }

    /// Returns whether everything that was added was taken away.
    pub(crate) fn is_zero(&self) -> bool {
        self.buckets.is_empty()
    }

    pub(crate) fn negate(&mut self) {
        self.buckets.iter_mut().for_each(Bucket::negate);
    }
}

#[cfg(test)]
mod tests;
