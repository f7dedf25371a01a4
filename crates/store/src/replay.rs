//! Filling the live set from the log at start.
//!
//! Every document goes the way it went when it was received, from the parser on, so a log that was
//! written within a memory budget is read back within it.

use std::sync::Arc;

use wire::{Micros, Segment, TraceId};

use crate::batch::{Batch, Decoded};
use crate::budget::Budget;
use crate::dir::Dir;
use crate::error::{Damage, Error};
use crate::live::{Inserted, LiveSet};
use crate::wal::{self, Content, FRAME_HEADER_LEN, Group, OnDamage, Recovered};

/// What was read back.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) recovered: Recovered,
    pub(crate) inserted: Inserted,
    /// The documents in the log, kept or not.
    pub(crate) document_count: u64,
    /// Documents and frames that were given up because of [`OnDamage::Skip`].
    pub(crate) damage_count: u64,
    /// What was wrong with each of them.
    pub(crate) damages: Vec<Error>,
}

/// What of the log is to be read, and how.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// The first group that is not sealed.
    pub(crate) first_group: u64,
    /// Whether a document of that trace, received then and in that group, was deleted.
    pub(crate) is_deleted: &'w dyn Fn(&TraceId, Micros, u64) -> bool,
    pub(crate) on_damage: OnDamage,
}

/// Reads the log into the live set.
pub(crate) fn replay(
    dir: &dyn Dir,
    wanted: Wanted<'_>,
    live: &LiveSet,
    budget: &Arc<Budget>,
) -> Result<Replayed, Error> {
    let mut replay = Replay { dir, wanted, live, budget, replayed: Replayed::default() };
    let Wanted { first_group, on_damage, .. } = wanted;
    let recovered = wal::recover(dir, first_group, on_damage, &mut |group| replay.group(&group))?;
    Ok(Replayed { recovered, ..replay.replayed })
}

struct Replay<'s> {
    dir: &'s dyn Dir,
    wanted: Wanted<'s>,
    live: &'s LiveSet,
    budget: &'s Arc<Budget>,
    replayed: Replayed,
}

impl Replay<'_> {
    fn group(&mut self, group: &Group<'_>) -> Result<(), Error> {
        let batches = match group.frame.content() {
            Some(Content::Batches(batches)) => batches,
            // The groups that these documents were carried over from are read themselves.
            Some(Content::Carried { through, .. }) if through >= self.wanted.first_group => {
                return Ok(());
            }
            Some(Content::Carried { batches, .. }) => batches,
            None => {
                let (path, offset) = (self.dir.path(group.name), group.offset as u64);
                return self.damaged(Error::Damaged { path, offset, damage: Damage::Content });
            }
        };
        for (index, batch) in batches.iter().enumerate() {
            let here = wal::request_number(group.frame.group, index);
            self.batch(group, batch.request_number.unwrap_or(here), batch)?;
        }
        if self.budget.is_exceeded() {
            return Err(Error::LogOverBudget {
                bytes_needed: scale(self.budget.bytes_used(), group.bytes_total, group.bytes_read),
                bytes_max: self.budget.bytes_max(),
            });
        }
        Ok(())
    }

    fn batch(
        &mut self,
        group: &Group<'_>,
        request_number: u64,
        decoded: &Decoded<'_>,
    ) -> Result<(), Error> {
        let mut batch = Batch::new(decoded.received);
        // What was carried over is still of the group that it came in.
        let came_in = wal::group_of(request_number);
        for (offset, bytes) in &decoded.documents {
            match read_document(bytes) {
                Ok((_, segment)) if self.is_deleted(&segment, decoded.received, came_in) => {}
                Ok((text, segment)) => batch.push(text, &segment),
                Err(problem) => self.damaged(Error::DocumentUnreadable {
                    path: self.dir.path(group.name),
                    offset: (group.offset + FRAME_HEADER_LEN + offset) as u64,
                    problem,
                })?,
            }
        }
        self.replayed.document_count += batch.len() as u64;
        let batch = batch.encode();
        let reservation = self.budget.reserve_anyway(LiveSet::charge(&batch));
        self.replayed.inserted.add(self.live.insert(batch, request_number, reservation));
        Ok(())
    }

    fn is_deleted(&self, segment: &Segment<'_>, received: Micros, group: u64) -> bool {
        segment.trace_id.is_some_and(|id| (self.wanted.is_deleted)(&id, received, group))
    }

    fn damaged(&mut self, error: Error) -> Result<(), Error> {
        self.replayed.damage_count += 1;
        match self.wanted.on_damage {
            OnDamage::Skip => {
                self.replayed.damages.push(error);
                Ok(())
            }
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
