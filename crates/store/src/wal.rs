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
//! A new file is begun when the old one is full, after a write to it has failed, and after a
//! restart. After a restart nobody knows whether the last group that was read is on the disk or
//! only in the system's memory, so the new file begins with a copy of it.
//!
//! The bytes are described in `docs/format/wal.md`.

mod frame;
mod reader;
mod recover;
mod writer;

pub(crate) use frame::{FRAME_HEADER_LEN, Frame, KIND_BATCHES, PAYLOAD_BYTES_MAX};
pub(crate) use reader::{FILE_HEADER_LEN, FileHeader};
pub(crate) use recover::{Group, OnDamage, Recovered, recover};
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests;
