//! What is measured of each group, and the groups while they are counted.

use std::cmp::Reverse;

use hashbrown::HashMap;
use wire::Micros;

use super::histogram::Histogram;
use super::{Group, Key, Measured, Others, SETS_MAX};
use crate::block::traces::Facts;
use crate::block::traces::predicate::Flag;
use trace::Outcome;

/// What is measured of some traces. Where durations are asked for, they stand in the place of response
/// times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The traces.
    pub trace_count: u64,
    /// Those whose root segment failed.
    pub fault_count: u64,
    /// Those whose root segment was throttled, and did not fail.
    pub throttle_count: u64,
    /// Those whose root segment erred, and neither failed nor was throttled.
    pub error_count: u64,
    /// Those that are in each of the sets asked for.
    pub set_counts: [u64; SETS_MAX],
    /// Those that have a response time.
    pub timed_count: u64,
    /// Their response times together, at most the longest time there is.
    pub response_time_sum: Micros,
    /// The shortest response time.
    pub response_time_min: Option<Micros>,
    /// The longest response time.
    pub response_time_max: Option<Micros>,
    /// The response times; fewer than are counted when memory was short.
    pub response_times: Histogram,
}

/// One trace, as far as it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The bits of the column `flags`.
    pub(crate) flags: u16,
    pub(crate) response_time: Option<Micros>,
    /// A bit for each set that it is in.
    pub(crate) sets: u8,
}

impl Sample {
    pub(super) fn of(facts: &impl Facts, measured: Measured) -> Self {
        let response_time = match measured {
            Measured::ResponseTime => facts.response_time(),
            Measured::Duration => facts.duration(),
        };
        Self { flags: facts.flags(), response_time, sets: 0 }
    }

    /// Returns whether the trace is in the set; every trace is in none of them.
    pub(crate) fn is_of(&self, set: Option<usize>) -> bool {
        set.is_none_or(|at| self.sets & (1 << at) != 0)
    }

    /// Returns the worst that is true of the root.
    pub(crate) fn outcome(&self) -> Outcome {
        let has = |outcome: &Outcome| self.flags & Flag::Root(*outcome).bits() != 0;
        let worst = [Outcome::Fault, Outcome::Throttle, Outcome::Error].into_iter().find(has);
        worst.unwrap_or(Outcome::Ok)
    }
}

impl Measures {
    /// Returns how many traces neither failed nor erred.
    pub fn ok_count(&self) -> u64 {
        self.trace_count - self.fault_count - self.throttle_count - self.error_count
    }

    /// Returns the response time that this part of the traces is not longer than, good to two
    /// percent; `None` when no trace has one.
    pub fn quantile(&self, part: f64) -> Option<Micros> {
        let (min, max) = (self.response_time_min?, self.response_time_max?);
        Some(self.response_times.quantile(part)?.clamp(min, max))
    }

    /// Counts a trace; returns the bytes taken.
    fn add(&mut self, sample: Sample, may_grow: bool) -> usize {
        self.trace_count += 1;
        match sample.outcome() {
            Outcome::Fault => self.fault_count += 1,
            Outcome::Throttle => self.throttle_count += 1,
            Outcome::Error => self.error_count += 1,
            Outcome::Ok => {}
        }
        for (at, count) in self.set_counts.iter_mut().enumerate() {
            *count += u64::from(sample.sets >> at & 1);
        }
        let Some(time) = sample.response_time else { return 0 };
        self.timed_count += 1;
        self.response_time_sum = Micros(self.response_time_sum.0.saturating_add(time.0));
        self.response_time_min = Some(self.response_time_min.map_or(time, |min| min.min(time)));
        self.response_time_max = Some(self.response_time_max.map_or(time, |max| max.max(time)));
        self.response_times.record_within(time, may_grow)
    }

    /// Adds what was measured of other traces.
    pub fn merge(&mut self, other: &Self) {
        self.trace_count += other.trace_count;
        self.fault_count += other.fault_count;
        self.error_count += other.error_count;
        self.throttle_count += other.throttle_count;
        for (count, other) in self.set_counts.iter_mut().zip(other.set_counts) {
            *count += other;
        }
        self.timed_count += other.timed_count;
        let sum = self.response_time_sum.0.saturating_add(other.response_time_sum.0);
        self.response_time_sum = Micros(sum);
        let mins = [self.response_time_min, other.response_time_min];
        self.response_time_min = mins.into_iter().flatten().min();
        self.response_time_max = self.response_time_max.max(other.response_time_max);
        self.response_times.merge(&other.response_times);
    }
}

/// Where a group is among those that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u32);

/// The groups while they are counted.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Texts are looked up as they lie in a column; other keys are small.
    texts: HashMap<Box<str>, Slot>,
    keys: HashMap<Key, Slot>,
    /// The first two are of [`Groups::NONE`] and [`Groups::OTHERS`].
    measures: Vec<Measures>,
    total: Measures,
    bytes: usize,
    bytes_max: usize,
}

/// What a group takes besides its key's text and its histogram: itself and its place in a map that
/// has some room left.
const GROUP_BYTES: usize = size_of::<Measures>() + 2 * size_of::<(Key, Slot)>();

impl Groups {
    /// The traces that have no key.
    pub(crate) const NONE: Slot = Slot(0);

    /// The keys that came when memory had become short.
    pub(crate) const OTHERS: Slot = Slot(1);

    pub(crate) fn new(bytes_max: usize) -> Self {
        let measures = vec![Measures::default(); 2];
        let (texts, keys, total) = (HashMap::new(), HashMap::new(), Measures::default());
        Self { texts, keys, measures, total, bytes: 0, bytes_max }
    }

    /// Returns where the group of a text is.
    pub(crate) fn text(&mut self, text: &str) -> Slot {
        match self.texts.get(text) {
            Some(slot) => *slot,
            None => match self.next_slot(text.len()) {
                Self::OTHERS => Self::OTHERS,
                slot => *self.texts.entry(text.into()).or_insert(slot),
            },
        }
    }

    /// Returns where the group of a key is.
    pub(crate) fn key(&mut self, key: Key) -> Slot {
        if let Key::Text(text) = &key {
            return self.text(text);
        }
        match self.keys.get(&key) {
            Some(slot) => *slot,
            None => match self.next_slot(key.text_bytes()) {
                Self::OTHERS => Self::OTHERS,
                slot => *self.keys.entry(key).or_insert(slot),
            },
        }
    }

    /// Makes place for one more group; [`Groups::OTHERS`] when there is none.
    fn next_slot(&mut self, text_bytes: usize) -> Slot {
        let bytes = self.bytes.saturating_add(GROUP_BYTES).saturating_add(text_bytes);
        let Some(slot) =
            u32::try_from(self.measures.len()).ok().filter(|_| bytes <= self.bytes_max)
        else {
            // Whoever comes later finds no place either, however short its key: groups are told
            // apart from their first trace on or not at all.
            self.bytes = self.bytes_max;
            return Self::OTHERS;
        };
        self.bytes = bytes;
        self.measures.push(Measures::default());
        Slot(slot)
    }

    /// Counts a trace in each of its groups, of which none is there twice but that of the others.
    pub(crate) fn add(&mut self, slots: &[Slot], sample: Sample) {
        self.total.add(sample, true);
        let slots = if slots.is_empty() { &[Self::NONE] } else { slots };
        for slot in slots {
            let may_grow =
                *slot == Self::NONE || *slot == Self::OTHERS || self.bytes < self.bytes_max;
            self.bytes += self.measures[slot.0 as usize].add(sample, may_grow);
        }
    }

    /// Returns the largest groups, sorted, and what remains of the others.
    pub(super) fn finish(mut self, groups_max: usize) -> (Vec<Group>, Others, Measures, Measures) {
        let none = std::mem::take(&mut self.measures[0]);
        let untold = std::mem::take(&mut self.measures[1]);
        let texts = self.texts.into_iter().map(|(text, slot)| (Key::Text(text), slot));
        let count = |slot: Slot| self.measures[slot.0 as usize].trace_count;
        let all = texts.chain(self.keys).map(|(key, slot)| (Reverse(count(slot)), key, slot));
        // A key may have been seen in a block whose columns then turned out to be unreadable.
        let mut all: Vec<_> = all.filter(|(count, ..)| count.0 > 0).collect();
        let order = |a: &(Reverse<u64>, Key, Slot), b: &(Reverse<u64>, Key, Slot)| {
            (a.0, &a.1).cmp(&(b.0, &b.1))
        };
        let mut others =
            Others { untold_count: untold.trace_count, measures: untold, ..Others::default() };
        if groups_max < all.len() {
            all.select_nth_unstable_by(groups_max, order);
            for (_, _, slot) in all.drain(groups_max..) {
                others.group_count += 1;
                others.measures.merge(&self.measures[slot.0 as usize]);
            }
        }
        all.sort_unstable_by(order);
        let groups = all.into_iter().map(|(_, key, slot)| Group {
            key,
            measures: std::mem::take(&mut self.measures[slot.0 as usize]),
        });
        (groups.collect(), others, none, self.total)
    }
}
