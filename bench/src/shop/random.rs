//! The SplitMix64 generator: one state a trace, so that each can be drawn alone.

/// What decides everything about one trace.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Returns the generator of one trace.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        // One step from the index makes neighbours unlike each other.
        Self(seed ^ Self(index).next())
    }

    /// Returns 64 random bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Returns a duration in microseconds: mostly near `typical`, sometimes many times that.
    pub(super) fn duration(&mut self, typical: u64) -> u64 {
        let scale = 1 << (self.next() % 64).trailing_zeros().min(5);
        typical / 4 + self.below(typical * scale)
    }
}
