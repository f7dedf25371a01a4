//! One block as the manifest names it, and the small types it is described by.

use std::fmt;
use std::ops::RangeInclusive;

use wire::Micros;

use crate::names;

/// A block, and what must be known of it without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which block.
    pub id: BlockId,
    /// The partition: the hour that the block's traces belong to.
    pub hour: Hour,
    /// How far the block has come.
    pub level: Level,
    /// How long its traces live.
    pub class: RetentionClass,
    /// The last group of the log that its documents may come from. Of the blocks of one partition
    /// that have rows of the same trace, the one of the greatest group has all of it.
    pub sealed_through: u64,
    /// Whether an earlier block has rows of a trace that this block has all of.
    pub is_late: bool,
    /// The first and the last start of a trace in it.
    pub starts: RangeInclusive<Micros>,
    /// When the first and the last of its documents came.
    pub received: RangeInclusive<Micros>,
    /// Its traces.
    pub trace_count: u64,
    /// Its segments and subsegments.
    pub row_count: u64,
    /// Its files, in the order in which they are listed.
    pub files: Vec<BlockFile>,
}

/// One file of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockFile {
    /// The last part of the file's name; at most [`BlockFile::NAME_BYTES_MAX`].
    pub name: String,
    /// The bytes it holds.
    pub bytes: u64,
}

impl BlockFile {
    /// The longest name of a file.
    pub const NAME_BYTES_MAX: usize = 255;

    fn is_well_formed(&self) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        (1..=Self::NAME_BYTES_MAX).contains(&self.name.len())
            && self.name.chars().all(is_plain)
            && !self.name.starts_with('.')
    }
}

impl Entry {
    /// The most files that a block may have.
    pub const FILE_COUNT_MAX: usize = 255;

    /// Returns the bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// Returns the folder that the block's files lie in, relative to the data directory.
    pub fn folder(&self) -> String {
        names::block_folder(&self.hour.to_string(), &self.id.to_string())
    }

    /// Returns what cannot be said of any block; `None` when the entry can be written.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.starts.is_empty() || self.received.is_empty() {
            Some("a range of times ends before it begins")
        } else if self.files.len() > Self::FILE_COUNT_MAX {
            Some("it has too many files")
        } else if !self.files.iter().all(BlockFile::is_well_formed) {
            Some("the name of a file is empty, too long, hidden or a path")
        } else {
            None
        }
    }
}

/// A block's id: 26 characters that sort by the time they were made, and are unique by chance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub(super) u128);

impl BlockId {
    /// The bits of chance; above them is the time in milliseconds.
    const RANDOM_BITS: u32 = 80;
    /// The characters of an id, in ascending order: no letter that looks like a digit.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const CHARACTER_COUNT: u32 = 26;

    /// Makes an id from a reading of the clock and 80 random bits (the upper 48 of `random` are
    /// not used). Times past the year 10889 are all the same.
    pub fn new(now: Micros, random: u128) -> Self {
        let chance = random & ((1 << Self::RANDOM_BITS) - 1);
        let millis = (now.0 / 1000).min((1 << (u128::BITS - Self::RANDOM_BITS)) - 1);
        Self(u128::from(millis) << Self::RANDOM_BITS | chance)
    }

    /// Reads an id as [`fmt::Display`] spells it, or returns `None`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::CHARACTER_COUNT as usize || text.as_bytes()[0] > b'7' {
            return None;
        }
        let digit = |character| Self::ALPHABET.iter().position(|known| *known == character);
        let mut id = 0;
        for character in text.bytes() {
            id = id << 5 | digit(character)? as u128;
        }
        Some(Self(id))
    }

    /// Returns when the id was made, to the millisecond.
    pub fn made(&self) -> Micros {
        Micros((self.0 >> Self::RANDOM_BITS) as u64 * 1000)
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let character = |index| Self::ALPHABET[(self.0 >> (5 * index)) as usize & 31];
        let characters = (0..Self::CHARACTER_COUNT).rev().map(|index| char::from(character(index)));
        f.pad(&characters.collect::<String>())
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A partition: whole hours since the Unix epoch, spelt `2026112009`, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub u32);

impl Hour {
    const MICROS: u64 = 3600 * Micros::PER_SECOND;

    /// Returns the hour that `time` lies in.
    pub fn of(time: Micros) -> Self {
        Self(u32::try_from(time.0 / Self::MICROS).unwrap_or(u32::MAX))
    }

    /// Returns when the hour after it begins.
    pub fn end(self) -> Micros {
        Micros((u64::from(self.0) + 1) * Self::MICROS)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Days are counted from the first of March of year 0, so that a leap day ends a year; an
        // era has 400 years.
        let days = u64::from(self.0 / 24) + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = (era * 400 + year + month / 10, (month + 2) % 12 + 1);
        write!(f, "{year:04}{month:02}{day:02}{:02}", self.0 % 24)
    }
}

/// How far a block has come: small and new, or one of few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(pub u8);

impl Level {
    /// Written when its traces were sealed.
    pub const SEALED: Self = Self(0);
    /// Written from other blocks.
    pub const COMPACTED: Self = Self(1);
}

/// Which rule of retention a block's traces live by; the store's options say what it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetentionClass(pub u8);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_hour_is_spelt_as_people_read_it() {
        let spelt = |seconds: u64| Hour::of(Micros::from_secs(seconds)).to_string();
        assert_eq!(spelt(0), "1970010100");
        assert_eq!(spelt(951_825_600), "2000022912");
        assert_eq!(spelt(1_709_251_199), "2024022923");
        assert_eq!(spelt(1_709_251_200), "2024030100");
        assert_eq!(spelt(1_795_165_199), "2026112008");
        assert_eq!(spelt(1_798_761_599), "2026123123");
        assert_eq!(spelt(4_107_542_400), "2100030100");
        assert_eq!(Hour::of(Micros(u64::MAX)), Hour(u32::MAX), "and not an hour of long ago");
    }

    #[test]
    fn the_first_hour_of_each_day_follows_the_last_of_the_day_before() {
        let spelt: Vec<String> =
            (0..24 * 366 * 150).step_by(24).map(|h| Hour(h).to_string()).collect();
        assert!(spelt.windows(2).all(|days| days[0] < days[1]));
        let leap_days = spelt.iter().filter(|day| &day[4..8] == "0229").count();
        assert_eq!(leap_days, 37, "1972 to 2120, without 2100");
    }

    #[test]
    fn only_an_id_is_read_as_one() {
        for text in ["", "01ARZ3NDEKTSV4RRFFQ69G5FA", "81ARZ3NDEKTSV4RRFFQ69G5FAV"] {
            assert_eq!(BlockId::parse(text), None, "{text}");
        }
        assert_eq!(BlockId::parse("01arz3ndektsv4rrffq69g5fav"), None, "one spelling only");
        let id = BlockId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").expect("an id");
        assert_eq!(id.made(), Micros(1_469_922_850_259_000));
    }

    #[test]
    fn a_time_that_is_too_late_is_the_latest() {
        let latest = BlockId::new(Micros(u64::MAX), 0);
        assert_eq!(latest.made(), Micros(((1 << 48) - 1) * 1000));
    }

    proptest! {
        #[test]
        fn ids_sort_by_time_and_are_read_back(a: (u64, u128), b: (u64, u128)) {
            let id = |(now, random)| BlockId::new(Micros(now), random);
            let (a, b) = (id(a), id(b));
            prop_assert_eq!(BlockId::parse(&a.to_string()), Some(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert!(a.made() <= b.made() || a > b);
        }
    }
}
