//! A set of 64-bit keys that says "certainly not here" or "perhaps": a binary fuse filter, about 9
//! bits a key, wrong for one absent key in 256.
//!
//! The filter is built by `xorf` and probed in place. A set that no filter could be built for,
//! which nobody has seen, is written as one that may hold anything.

use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

use super::file::u32_at;

/// The count of keys.
const COUNT_LEN: usize = size_of::<u32>();

/// A set of keys, read in place.
pub(super) struct KeySet<'a>(Content<'a>);

enum Content<'a> {
    Nothing,
    Anything,
    Filter(BinaryFuse8Ref<'a>),
}

impl<'a> KeySet<'a> {
    /// Appends the set of these keys, all different, to `out`.
    pub(super) fn encode(keys: &[u64], out: &mut Vec<u8>) {
        let filter = BinaryFuse8::try_from(keys).ok();
        // A false negative would lose traces, and looking once costs little.
        write(keys.len(), filter.filter(|filter| keys.iter().all(|key| filter.contains(key))), out);
    }

    /// Reads a set; `None` when `bytes` are none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<COUNT_LEN>()?;
        let content = match (u32::from_le_bytes(*count), rest) {
            (0, []) => Content::Nothing,
            (0, _) => return None,
            (_, []) => Content::Anything,
            (_, filter) => Content::Filter(read_filter(filter)?),
        };
        Some(Self(content))
    }

    /// Returns whether the key may be in the set: always true when it is.
    pub(super) fn may_contain(&self, key: u64) -> bool {
        match &self.0 {
            Content::Nothing => false,
            Content::Anything => true,
            Content::Filter(filter) => filter.contains(&key),
        }
    }
}

fn write(key_count: usize, filter: Option<BinaryFuse8>, out: &mut Vec<u8>) {
    let key_count = u32::try_from(key_count).expect("a set has at most as many keys as rows");
    out.extend_from_slice(&key_count.to_le_bytes());
    if let Some(filter) = filter.filter(|_| key_count > 0) {
        let mut descriptor = [0; BinaryFuse8::DESCRIPTOR_LEN];
        filter.dma_copy_descriptor_to(&mut descriptor);
        out.extend_from_slice(&descriptor);
        out.extend_from_slice(filter.dma_fingerprints());
    }
}

/// Reads a filter whose every probe lies inside its fingerprints; `None` when one may not.
fn read_filter(bytes: &[u8]) -> Option<BinaryFuse8Ref<'_>> {
    let (descriptor, fingerprints) = bytes.split_at_checked(BinaryFuse8::DESCRIPTOR_LEN)?;
    let (len, mask) = (u32_at(descriptor, 8)?, u32_at(descriptor, 12)?);
    let starts = u32_at(descriptor, 16)?;
    let is_aligned = len.is_power_of_two() && mask == len - 1 && starts > 0 && starts % len == 0;
    // The first probe is below `starts`; the others lie one and two segments behind.
    let end = starts.checked_add(len.checked_mul(2)?)?;
    let is_whole = usize::try_from(end).is_ok_and(|end| end == fingerprints.len());
    (is_aligned && is_whole).then(|| BinaryFuse8Ref::from_dma(descriptor, fingerprints))
}

#[cfg(test)]
mod tests {
    use proptest::collection::{hash_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn encode(keys: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        KeySet::encode(keys, &mut out);
        out
    }

    /// Spreads small numbers over 64 bits.
    fn spread(number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn a_set_of_any_small_size_holds_its_keys() {
        for count in 0..300 {
            let keys: Vec<u64> = (0..count).map(spread).collect();
            let bytes = encode(&keys);
            let set = KeySet::read(&bytes).expect("as it was written");
            assert!(keys.iter().all(|key| set.may_contain(*key)), "{count} keys");
            // An optimal filter has 8 bits a key, a binary fuse filter of many keys 9.
            assert!(bytes.len() < 80 + count as usize * 3, "{count} keys, {} bytes", bytes.len());
        }
    }

    #[test]
    fn one_absent_key_in_256_is_taken_for_present() {
        let bytes = encode(&(0..27_000).map(spread).collect::<Vec<_>>());
        let set = KeySet::read(&bytes).expect("as it was written");
        let wrong = (27_000..127_000).filter(|number| set.may_contain(spread(*number))).count();
        assert!((300..500).contains(&wrong), "{wrong} of 100000");
        assert!(bytes.len() < 27_000 * 10 / 8, "{} bytes", bytes.len());
    }

    #[test]
    fn an_empty_set_holds_nothing_and_a_set_without_a_filter_anything() {
        let empty = encode(&[]);
        assert!(!KeySet::read(&empty).expect("as it was written").may_contain(7));
        let mut unfiltered = Vec::new();
        write(3, None, &mut unfiltered);
        assert!(KeySet::read(&unfiltered).expect("as it was written").may_contain(7));
    }

    #[test]
    fn a_set_that_would_be_probed_outside_is_refused() {
        let is_read = |count: u32, numbers: [u32; 3], fingerprints: usize| {
            let numbers = numbers.map(u32::to_le_bytes).concat();
            let parts = [&count.to_le_bytes()[..], &[7; 8], &numbers, &vec![0; fingerprints]];
            KeySet::read(&parts.concat()).is_some()
        };
        assert!(is_read(3, [4, 3, 8], 16));
        assert!(!is_read(0, [4, 3, 8], 16), "a filter of nothing");
        assert!(!is_read(3, [4, 7, 8], 16), "a mask beyond a segment");
        assert!(!is_read(3, [3, 2, 9], 15), "a length that is no power of two");
        assert!(!is_read(3, [4, 3, 6], 14), "starts that are not aligned");
        assert!(!is_read(3, [4, 3, 0], 8), "no place to start");
        assert!(!is_read(3, [4, 3, 8], 15), "too few fingerprints");
        assert!(!is_read(3, [4, 3, 8], 17), "too many fingerprints");
        assert!(!is_read(3, [1 << 31, (1 << 31) - 1, 1 << 31], 16), "more than there can be");
        assert!(KeySet::read(&[1, 0, 0]).is_none() && KeySet::read(&[1, 0, 0, 0, 0]).is_none());
    }

    /// The probe as `docs/format/index.md` describes it.
    fn probe_as_documented(filter: &[u8], key: u64) -> bool {
        let seed = u64::from_le_bytes(*filter.first_chunk().expect("a seed"));
        let number = |at| u32_at(filter, at).expect("a number");
        let (len, mask, starts) = (number(8), number(12), number(16));
        let mut hash = key.wrapping_add(seed);
        hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^= hash >> 33;
        let first = ((u128::from(hash) * u128::from(starts)) >> 64) as u32;
        let second = (first + len) ^ ((hash >> 18) as u32 & mask);
        let third = (first + 2 * len) ^ (hash as u32 & mask);
        let fingerprint = |at: u32| filter[20 + at as usize];
        (hash ^ hash >> 32) as u8 == fingerprint(first) ^ fingerprint(second) ^ fingerprint(third)
    }

    proptest! {
        #[test]
        fn the_document_describes_the_probe(
            keys in hash_set(any::<u64>(), 1..200),
            others in vec(any::<u64>(), 200),
        ) {
            let keys: Vec<u64> = keys.into_iter().collect();
            let bytes = encode(&keys);
            let set = KeySet::read(&bytes).expect("as it was written");
            for key in keys.iter().chain(&others) {
                prop_assert_eq!(probe_as_documented(&bytes[4..], *key), set.may_contain(*key));
            }
        }

        #[test]
        fn any_bytes_are_a_set_or_are_refused(
            count in 0_u32..3, seed in any::<u64>(), len in 0_u32..9, mask in 0_u32..9,
            starts in 0_u32..20, rest in vec(any::<u8>(), 0..40), key in any::<u64>(),
        ) {
            let numbers = [len, mask, starts].map(u32::to_le_bytes).concat();
            let bytes = [&count.to_le_bytes()[..], &seed.to_le_bytes(), &numbers, &rest].concat();
            if let Some(set) = KeySet::read(&bytes) {
                set.may_contain(key);
            }
        }
    }
}
