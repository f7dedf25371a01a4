//! Times counted in buckets that grow with them, so that percentiles can be told of any number.
//!
//! Each power of two is cut into [`PARTS`] buckets of the same width; below that many microseconds
//! a bucket is one microsecond. Few times are kept as a list of their buckets, the fewest without
//! memory of their own; more as counts of all buckets from the first to the last that have some.

use std::collections::BTreeMap;

use wire::Micros;

/// Buckets of one power of two: the middle of a bucket is at most one in 64 off.
const PARTS: u32 = 1 << PART_BITS;
const PART_BITS: u32 = 5;

/// So many times are kept in place.
const FEWEST_MAX: usize = 12;

/// So many times are kept as a list.
const FEW_MAX: usize = 64;

/// How often times of each length were seen; good to two percent.
#[derive(Clone, Debug)]
pub struct Histogram(Kept);

#[derive(Clone, Debug)]
enum Kept {
    /// The bucket of each time, in any order, and how many there are.
    Fewest([u16; FEWEST_MAX], u8),
    /// The bucket of each time, in any order.
    Few(Vec<u16>),
    /// How many times each bucket from `first` on has.
    Many { first: u16, counts: Vec<u64> },
}

impl Default for Histogram {
    fn default() -> Self {
        Self(Kept::Fewest([0; FEWEST_MAX], 0))
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.buckets() == other.buckets()
    }
}

impl Eq for Histogram {}

impl Histogram {
    /// Counts a time.
    pub fn record(&mut self, time: Micros) {
        self.put(bucket(time.0), 1);
    }

    /// Counts a time, without taking more memory unless `may_grow`; returns the bytes taken.
    pub(super) fn record_within(&mut self, time: Micros, may_grow: bool) -> usize {
        let bucket = bucket(time.0);
        if let Kept::Many { first, counts } = &mut self.0
            && let Some(count) = counts.get_mut(usize::from(bucket.wrapping_sub(*first)))
        {
            *count += 1;
            return 0;
        }
        let has_room = match &self.0 {
            Kept::Fewest(_, len) => usize::from(*len) < FEWEST_MAX,
            Kept::Few(few) => few.len() < few.capacity().min(FEW_MAX),
            Kept::Many { .. } => false,
        };
        if !has_room && !may_grow {
            return 0;
        }
        let before = self.bytes();
        self.put(bucket, 1);
        self.bytes().saturating_sub(before)
    }

    /// Counts what the other one counted.
    pub fn merge(&mut self, other: &Self) {
        match &other.0 {
            Kept::Many { first, counts } => {
                let all = (*first..).zip(counts).filter(|(_, count)| **count > 0);
                all.for_each(|(bucket, count)| self.put(bucket, *count));
            }
            _ => other.list().iter().for_each(|bucket| self.put(*bucket, 1)),
        }
    }

    /// Returns how many times were counted.
    pub fn count(&self) -> u64 {
        match &self.0 {
            Kept::Many { counts, .. } => counts.iter().sum(),
            _ => self.list().len() as u64,
        }
    }

    /// Returns the time that this part of all times is not longer than, zero for none and one for
    /// all; `None` when nothing was counted.
    pub fn quantile(&self, part: f64) -> Option<Micros> {
        let buckets = self.buckets();
        let count: u64 = buckets.iter().map(|(_, count)| count).sum();
        let rank = ((part * count as f64).ceil() as u64).clamp(1, count.max(1));
        let mut seen = 0;
        let found = buckets.into_iter().find(|(_, count)| {
            seen += count;
            seen >= rank
        });
        found.map(|(bucket, _)| middle(bucket))
    }

    /// Returns the middle of each bucket that has times, ascending, and how many it has.
    pub fn entries(&self) -> impl Iterator<Item = (Micros, u64)> {
        self.buckets().into_iter().map(|(bucket, count)| (middle(bucket), count))
    }

    /// Returns the buckets that have times, ascending, and how many they have.
    fn buckets(&self) -> Vec<(u16, u64)> {
        match &self.0 {
            Kept::Many { first, counts } => {
                let all = (*first..).zip(counts.iter().copied());
                all.filter(|(_, count)| *count > 0).collect()
            }
            _ => {
                let mut sum = BTreeMap::new();
                self.list().iter().for_each(|bucket| *sum.entry(*bucket).or_default() += 1);
                sum.into_iter().collect()
            }
        }
    }

    /// Returns the buckets as long as they are a list.
    fn list(&self) -> &[u16] {
        match &self.0 {
            Kept::Fewest(few, len) => &few[..usize::from(*len)],
            Kept::Few(few) => few,
            Kept::Many { .. } => &[],
        }
    }

    fn put(&mut self, bucket: u16, count: u64) {
        let len = self.list().len();
        match &mut self.0 {
            Kept::Fewest(few, len) if count == 1 && usize::from(*len) < FEWEST_MAX => {
                few[usize::from(*len)] = bucket;
                *len += 1;
            }
            Kept::Few(few) if count == 1 && len < FEW_MAX => few.push(bucket),
            Kept::Fewest(few, _) if count == 1 => {
                let mut few = few.to_vec();
                few.push(bucket);
                self.0 = Kept::Few(few);
            }
            _ => *self.widened(bucket) += count,
        }
    }

    /// Returns the count of a bucket, making place for it: whole powers of two at a time.
    fn widened(&mut self, bucket: u16) -> &mut u64 {
        const STEP: u16 = PARTS as u16;
        if !matches!(self.0, Kept::Many { .. }) {
            let few = self.list().to_vec();
            self.0 = Kept::Many { first: bucket / STEP * STEP, counts: Vec::new() };
            few.into_iter().for_each(|bucket| *self.widened(bucket) += 1);
        }
        let Kept::Many { first, counts } = &mut self.0 else {
            unreachable!("a list was made counts above")
        };
        if bucket < *first {
            let wider = bucket / STEP * STEP;
            counts.splice(0..0, std::iter::repeat_n(0, usize::from(*first - wider)));
            *first = wider;
        }
        let end = usize::from((bucket / STEP + 1) * STEP - *first);
        if counts.len() < end {
            counts.resize(end, 0);
        }
        &mut counts[usize::from(bucket - *first)]
    }

    /// Returns what it takes in memory.
    fn bytes(&self) -> usize {
        match &self.0 {
            Kept::Fewest(..) => 0,
            Kept::Few(few) => few.capacity() * size_of::<u16>(),
            Kept::Many { counts, .. } => counts.capacity() * size_of::<u64>(),
        }
    }
}

/// Returns the bucket of a time: which power of two, and which part of it.
fn bucket(micros: u64) -> u16 {
    let power = (micros | u64::from(PARTS)).ilog2() - PART_BITS;
    (u64::from(power * PARTS) + (micros >> power)) as u16
}

/// Returns the time in the middle of a bucket.
fn middle(bucket: u16) -> Micros {
    let bucket = u64::from(bucket);
    let power = (bucket / u64::from(PARTS)).saturating_sub(1);
    let low = (bucket - power * u64::from(PARTS)) << power;
    Micros(low + ((1 << power) >> 1))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        times.iter().for_each(|time| histogram.record(Micros(*time)));
        histogram
    }

    fn time() -> impl Strategy<Value = u64> {
        (0_u32..64, any::<u64>()).prop_map(|(shift, time)| time >> shift)
    }

    #[test]
    fn a_bucket_has_its_middle_and_buckets_ascend() {
        let mut last = None;
        for bucket in 0..=self::bucket(u64::MAX) {
            let middle = super::middle(bucket);
            assert_eq!(self::bucket(middle.0), bucket);
            assert!(last < Some(middle));
            last = Some(middle);
        }
        assert_eq!(self::bucket(u64::MAX), 1919);
    }

    proptest! {
        #[test]
        fn a_quantile_is_the_sorted_list_s_to_two_percent(
            mut times in vec(time(), 1..300),
            part in 0.0..=1.0,
        ) {
            let found = of(&times).quantile(part).expect("something was counted");
            times.sort_unstable();
            let rank = ((part * times.len() as f64).ceil() as usize).clamp(1, times.len());
            let expected = times[rank - 1];
            let off = found.0.abs_diff(expected) as f64;
            prop_assert!(off <= expected as f64 * 0.02, "{found:?} for {expected}");
        }

        #[test]
        fn merging_counts_what_both_counted(a in vec(time(), 0..200), b in vec(time(), 0..200)) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(merged.count(), (a.len() + b.len()) as u64);
            let both: Vec<u64> = b.into_iter().chain(a).collect();
            prop_assert_eq!(&merged, &of(&both));
            let entries: u64 = merged.entries().map(|(_, count)| count).sum();
            prop_assert_eq!(entries, merged.count());
        }

        #[test]
        fn without_more_memory_counts_stay_below(times in vec(time(), 0..200)) {
            let mut histogram = Histogram::default();
            for (at, time) in times.iter().enumerate() {
                let before = histogram.bytes();
                let taken = histogram.record_within(Micros(*time), at < 100);
                prop_assert_eq!(histogram.bytes(), before + taken);
                prop_assert!(at < 100 || taken == 0);
            }
            prop_assert!(histogram.count() <= times.len() as u64);
            prop_assert!(histogram.count() >= times.len().min(100) as u64);
        }
    }
}
