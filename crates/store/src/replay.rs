//! Filling the live set from the log at start.
//!
//! Every document goes the way it went when it was received, from the parser on, so a log that was
//! written within a memory budget is read back within it.

use std::sync::Arc;

use wire::Segment;

use crate::batch::{Batch, Decoded};
use crate::budget::Budget;
use crate::dir::Dir;
use crate::error::{Damage, Error};
use crate::live::{Inserted, LiveSet};
use crate::wal::{self, FRAME_HEADER_LEN, Group, OnDamage, Recovered};

/// What was read back.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) recovered: Recovered,
    pub(crate) inserted: Inserted,
    /// The documents in the log, kept or not.
    pub(crate) document_count: u64,
    /// The batches in the log; they number the ingestion requests.
    pub(crate) batch_count: u64,
    /// Documents and frames that were given up because of [`OnDamage::Skip`].
    pub(crate) damage_count: u64,
}

/// Reads the log into the live set.
pub(crate) fn replay(
    dir: &dyn Dir,
    on_damage: OnDamage,
    live: &LiveSet,
    budget: &Arc<Budget>,
) -> Result<Replayed, Error> {
    let mut replay = Replay { dir, on_damage, live, budget, replayed: Replayed::default() };
    let recovered = wal::recover(dir, on_damage, &mut |group| replay.group(&group))?;
    Ok(Replayed { recovered, ..replay.replayed })
}

struct Replay<'s> {
    dir: &'s dyn Dir,
    on_damage: OnDamage,
    live: &'s LiveSet,
    budget: &'s Arc<Budget>,
    replayed: Replayed,
}

impl Replay<'_> {
    fn group(&mut self, group: &Group<'_>) -> Result<(), Error> {
        let Some(batches) = group.frame.batches() else {
            let (path, offset) = (self.dir.path(group.name), group.offset as u64);
            return self.damaged(Error::Damaged { path, offset, damage: Damage::Content });
        };
        for batch in batches {
            self.batch(group, &batch)?;
        }
        if self.budget.is_exceeded() {
            return Err(Error::LogOverBudget {
                bytes_needed: scale(self.budget.bytes_used(), group.bytes_total, group.bytes_read),
                bytes_max: self.budget.bytes_max(),
            });
        }
        Ok(())
    }

    fn batch(&mut self, group: &Group<'_>, decoded: &Decoded<'_>) -> Result<(), Error> {
        let mut batch = Batch::new(decoded.received);
        for (offset, bytes) in &decoded.documents {
            match read_document(bytes) {
                Ok((text, segment)) => batch.push(text, &segment),
                Err(problem) => self.damaged(Error::DocumentUnreadable {
                    path: self.dir.path(group.name),
                    offset: (group.offset + FRAME_HEADER_LEN + offset) as u64,
                    problem,
                })?,
            }
        }
        self.replayed.document_count += batch.len() as u64;
        self.replayed.batch_count += 1;
        let batch = batch.encode();
        let reservation = self.budget.reserve_anyway(LiveSet::charge(&batch));
        let request_number = self.replayed.batch_count;
        self.replayed.inserted.add(self.live.insert(batch, request_number, reservation));
        Ok(())
    }

    fn damaged(&mut self, error: Error) -> Result<(), Error> {
        self.replayed.damage_count += 1;
        match self.on_damage {
            OnDamage::Skip => Ok(()),
            OnDamage::Refuse => Err(error),
        }
    }
}

/// Reads one document, or says the first thing that is wrong with it.
fn read_document(bytes: &[u8]) -> Result<(&str, Segment<'_>), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let segment = Segment::parse(text)
        .map_err(|problems| problems.first().map(wire::Problem::message).unwrap_or_default())?;
    Ok((text, segment))
}

/// Returns `used` as it would be after all of `total` when it came from `read` of it.
fn scale(used: u64, total: u64, read: u64) -> u64 {
    let scaled = u128::from(used) * u128::from(total) / u128::from(read.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}
