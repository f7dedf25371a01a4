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

use bucket::Bucket;

pub use entries::{ENTRIES_MAX, Entry};

/// Durations with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Invariant: by rising index, none twice, none that counts nothing.
    buckets: Vec<Bucket>,
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
        if self.buckets.is_empty() {
            return self.buckets.clone_from(&other.buckets);
        }
        if other.buckets.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.buckets.len() + other.buckets.len());
        let mut rest = other.buckets.as_slice();
        for &(mut bucket) in &self.buckets {
            while let Some((first, behind)) = rest.split_first()
                && first.index <= bucket.index
            {
                rest = behind;
                if first.index == bucket.index {
                    bucket.add(*first);
                } else {
                    merged.push(*first);
                }
            }
            if !bucket.is_zero() {
                merged.push(bucket);
            }
        }
        merged.extend_from_slice(rest);
        self.buckets = merged;
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
