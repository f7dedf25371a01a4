//! The fixed buckets of a histogram.

use std::ops::Range;

use wire::Micros;

/// The index of the last bucket: that of the longest duration there is.
pub(crate) const INDEX_MAX: u16 = index_of(u64::MAX / 1000 + 1);

/// Below this, each millisecond is a bucket.
const EXACT_MS: u64 = 1 << EXACT_BITS;
const EXACT_BITS: u32 = 8;

/// Each power of two from there on has two to this many buckets.
const PARTS_BITS: u32 = 7;

/// What was counted in one bucket.
///
/// Counts and sums are signed and wrap around: so adding is a group, whatever the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) index: u16,
    pub(crate) count: i64,
    /// How far all the values together lie above the bucket's first.
    ///
    /// Units: milliseconds.
    pub(crate) excess: i64,
}

impl Bucket {
    /// Returns the bucket of one duration.
    pub(crate) fn of(duration: Micros) -> Self {
        // Halves go up, without an overflow at the end of the range.
        let value_ms = duration.0 / 1000 + u64::from(duration.0 % 1000 >= 500);
        let index = index_of(value_ms);
        let excess = value_ms - range_of(index).start;
        Self { index, count: 1, excess: excess.cast_signed() }
    }

    /// Adds what was counted in the same bucket elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        self.count = self.count.wrapping_add(other.count);
        self.excess = self.excess.wrapping_add(other.excess);
    }

    pub(crate) fn negate(&mut self) {
        self.count = self.count.wrapping_neg();
        self.excess = self.excess.wrapping_neg();
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.count == 0 && self.excess == 0
    }

    /// Returns whether all its values are the same, so that there is no excess.
    pub(crate) fn is_exact(&self) -> bool {
        u64::from(self.index) < EXACT_MS
    }

    /// Returns the sum of its values; `None` when it does not hold any.
    ///
    /// Units: milliseconds.
    pub(crate) fn sum_ms(&self) -> Option<u128> {
        let count = u128::try_from(self.count).ok().filter(|count| *count > 0)?;
        let Range { start, end } = range_of(self.index);
        // An excess that came round the end says nothing; the values are in the bucket all the same.
        let excess_max = count * u128::from(end - start - 1);
        let excess = u128::try_from(self.excess).unwrap_or(0).min(excess_max);
        Some(count * u128::from(start) + excess)
    }
}

/// Returns the bucket of a value.
const fn index_of(value_ms: u64) -> u16 {
    if value_ms < EXACT_MS {
        return value_ms as u16;
    }
    let power = value_ms.ilog2();
    let part = (value_ms >> (power - PARTS_BITS)) as u16 & ((1 << PARTS_BITS) - 1);
    EXACT_MS as u16 + (((power - EXACT_BITS) as u16) << PARTS_BITS) + part
}

/// Returns the values of a bucket.
fn range_of(index: u16) -> Range<u64> {
    let index = u64::from(index);
    if index < EXACT_MS {
        return index..index + 1;
    }
    let (above, part) =
        ((index - EXACT_MS) >> PARTS_BITS, (index - EXACT_MS) & ((1 << PARTS_BITS) - 1));
    let shift = above + u64::from(EXACT_BITS - PARTS_BITS);
    let start = ((1 << PARTS_BITS) + part) << shift;
    start..start + (1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_lie_side_by_side() {
        let mut end = 0;
        for index in 0..=INDEX_MAX {
            let range = range_of(index);
            assert_eq!(range.start, end, "{index}");
            assert_eq!((index_of(range.start), index_of(range.end - 1)), (index, index));
            let width = range.end - range.start - 1;
            assert!(width as f64 / 2.0 < 0.004 * range.start as f64 || width == 0, "{range:?}");
            end = range.end;
        }
        assert!(end > u64::MAX / 1000 + 1);
    }
}
