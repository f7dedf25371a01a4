//! Places in a text as other programs count them: JavaScript's in units of UTF-16, ours in bytes.

use std::ops::Range;

/// Tells places in one text both ways.
#[derive(Clone, Debug)]
pub struct Utf16 {
    /// For each byte, and for the end, the units before the character that it belongs to.
    units: Vec<u32>,
}

impl Utf16 {
    /// Counts the units of a text.
    ///
    /// Shape: four bytes for each byte of the text; it is meant for expressions, which are short.
    pub fn new(text: &str) -> Self {
        let mut units = Vec::with_capacity(text.len() + 1);
        let mut sum: u32 = 0;
        for char in text.chars() {
            units.extend(std::iter::repeat_n(sum, char.len_utf8()));
            sum = sum.saturating_add(if char.len_utf16() == 1 { 1 } else { 2 });
        }
        units.push(sum);
        Self { units }
    }

    /// Returns the units before a byte; those of the whole text for places beyond it.
    pub fn unit(&self, byte: usize) -> u32 {
        self.units.get(byte).or(self.units.last()).copied().unwrap_or(0)
    }

    /// Returns the units of a range of bytes.
    pub fn range(&self, bytes: &Range<usize>) -> Range<u32> {
        self.unit(bytes.start)..self.unit(bytes.end)
    }

    /// Returns the byte at which a unit's character begins; the end of the text for places beyond it.
    pub fn byte(&self, unit: u32) -> usize {
        let after = self.units.partition_point(|&before| before <= unit);
        let Some(last) = after.checked_sub(1) else { return 0 };
        // The first byte with the same count.
        self.units.partition_point(|&before| before < self.units[last])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_of_every_width_are_counted() {
        let text = "aé€😀z";
        let places = Utf16::new(text);
        let starts: Vec<_> = text.char_indices().map(|(byte, _)| places.unit(byte)).collect();
        assert_eq!(starts, [0, 1, 2, 3, 5]);
        assert_eq!((places.unit(text.len()), places.unit(99)), (6, 6));
        assert_eq!(places.range(&(1..6)), 1..3);
        // The middle of a pair is where the pair begins.
        assert_eq!([0, 1, 3, 4, 5, 6, 99].map(|unit| places.byte(unit)), [0, 1, 6, 6, 10, 11, 11]);
    }

    proptest! {
        #[test]
        fn every_place_leads_back_to_itself(text in ".{0,40}") {
            let places = Utf16::new(&text);
            prop_assert_eq!(places.unit(text.len()) as usize, text.encode_utf16().count());
            for (byte, _) in text.char_indices() {
                prop_assert_eq!(places.byte(places.unit(byte)), byte);
            }
        }
    }
}
