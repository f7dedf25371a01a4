//! The token filters: for each chunk of the table of traces a set of the hashes of its tokens, read
//! in place.

use super::file::u32_at;
use super::fuse::KeySet;

/// Encodes the sets of all chunks, given one after the other with the place where each ends.
pub(super) fn encode(ends: &[u32], sets: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of::<u32>() * (ends.len() + 1) + sets.len());
    bytes.extend_from_slice(&(ends.len() as u32).to_le_bytes());
    ends.iter().for_each(|end| bytes.extend_from_slice(&end.to_le_bytes()));
    bytes.extend_from_slice(sets);
    bytes
}

/// The sets of all chunks.
#[derive(Clone, Copy)]
pub(super) struct TokenFilters<'a> {
    /// Invariant: a number for each chunk, the end of its set.
    ends: &'a [u8],
    sets: &'a [u8],
}

impl<'a> TokenFilters<'a> {
    /// Reads the sets; `None` when `bytes` are none. Each set is yet to be read.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let count = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let rest = bytes.get(size_of::<u32>()..)?;
        let (ends, sets) = rest.split_at_checked(count.checked_mul(size_of::<u32>())?)?;
        Some(Self { ends, sets })
    }

    /// Returns whether every set can be read, and nothing lies behind the last.
    pub(super) fn is_sound(&self) -> bool {
        let end = self.len().checked_sub(1).map_or(Some(0), |last| self.end(last));
        end == Some(self.sets.len()) && (0..self.len()).all(|chunk| self.chunk(chunk).is_some())
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len() / size_of::<u32>()
    }

    /// Returns the set of a chunk; `None` when there is no such chunk.
    pub(super) fn chunk(&self, chunk: usize) -> Option<KeySet<'a>> {
        let start = chunk.checked_sub(1).map_or(Some(0), |before| self.end(before))?;
        KeySet::read(self.sets.get(start..self.end(chunk)?)?)
    }

    fn end(&self, chunk: usize) -> Option<usize> {
        usize::try_from(u32_at(self.ends, chunk.checked_mul(size_of::<u32>())?)?).ok()
    }
}
