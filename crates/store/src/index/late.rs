//! The traces of a block that have rows in another block as well: sorted ids, read in place.

use wire::TraceId;

const ID_LEN: usize = size_of::<TraceId>();

/// Encodes sorted ids.
pub(super) fn encode(ids: &[TraceId]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.0).collect()
}

/// Sorted ids.
#[derive(Clone, Copy)]
pub(super) struct Late<'a>(&'a [[u8; ID_LEN]]);

impl<'a> Late<'a> {
    /// Reads ids; `None` when `bytes` are none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (ids, rest) = bytes.as_chunks();
        rest.is_empty().then_some(Self(ids))
    }

    pub(super) fn contains(&self, id: &TraceId) -> bool {
        self.0.binary_search(&id.0).is_ok()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = TraceId> {
        self.0.iter().map(|id| TraceId(*id))
    }
}
