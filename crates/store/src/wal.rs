//! The write-ahead log: groups of batches, one after the other, in files that only grow.
//!
//! Constraints. An acknowledged group survives a crash at any moment; a crash may leave any part of
//! what was not synced, and must not keep the log from being opened; damage anywhere else must be
//! noticed. A file is never changed once this process no longer writes it, not even to cut off a
//! torn end.
//!
//! Numbers do this work. Groups are numbered without a gap, and group n + 1 is written only after
//! group n was synced. Every file says in its header with which group it begins, and a group that
//! two files claim belongs to the newer one. So what an older file holds beyond the beginning of a
//! newer one is void, whatever it is, and a group that is in no file is a loss.
//!
//! A new file is begun when the old one is full, after a write to it has failed, when the groups so
//! far are to be sealed, and after a restart. After a restart nobody knows whether the last group that was read is on the disk or
//! only in the system's memory, so the new file begins with a copy of it.
//!
//! Files go when the manifest says that all their groups are sealed. What was not sealed with the
//! others has been *carried* over into a later group before: a frame of its own kind that counts only
//! when the groups it stands for are not read themselves.
//!
//! The bytes are described in `docs/format/wal.md`.

mod frame;
mod reader;
mod recover;
mod writer;

pub(crate) use frame::{
    Content, FRAME_HEADER_LEN, Frame, KIND_BATCHES, PAYLOAD_BYTES_MAX, Piece, Pieces,
};
pub(crate) use reader::{FILE_HEADER_LEN, FileHeader, LogFile};
pub(crate) use recover::{Group, OnDamage, Recovered, recover};
pub(crate) use writer::{Boundary, Failure, Writer};

/// Bits of a request number that count the batches of one group.
const REQUEST_BITS: u32 = 20;

/// Returns the number of the ingestion request whose batch is the `index`th of a group: larger for
/// later ones, and the same whenever the log is read.
pub(crate) fn request_number(group: u64, index: usize) -> u64 {
    let index = (index as u64).min((1 << REQUEST_BITS) - 1);
    group << REQUEST_BITS | index
}

/// Returns the group that a request's batch is in.
pub(crate) fn group_of(request_number: u64) -> u64 {
    request_number >> REQUEST_BITS
}

#[cfg(test)]
mod tests;
