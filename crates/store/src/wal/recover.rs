//! Reading the log at start: which groups there are, and whether any is missing.

use super::frame::{Frame, Piece, Pieces};
use super::reader::{FILE_HEADER_LEN, LogFile};
use crate::dir::Dir;
use crate::error::{Damage, Error};

/// One group, as it is handed to whoever replays the log.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// The file the group was read from, and where its frame begins.
    pub(crate) name: &'a str,
    pub(crate) offset: usize,
    pub(crate) frame: Frame<'a>,
    /// Bytes of the log that were read up to the end of this group, and that there are.
    pub(crate) bytes_read: u64,
    pub(crate) bytes_total: u64,
}

/// What the log was found to be.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    pub(crate) next_sequence: u64,
    pub(crate) next_group: u64,
    /// The last group: nothing proves that it is durable, so the next file begins with a copy.
    pub(crate) last_group: Option<LastGroup>,
    pub(crate) file_count: u64,
    pub(crate) bytes: u64,
    /// Bytes that a crash or a failed write left behind, none of them acknowledged.
    pub(crate) torn_bytes: u64,
    /// Places given up because of [`OnDamage::Skip`], and their bytes as far as they are there.
    pub(crate) damage_count: u64,
    pub(crate) skipped_bytes: u64,
    /// What was wrong with each of these places.
    pub(crate) damages: Vec<Error>,
}

/// Where the last group is.
#[derive(Debug)]
pub(crate) struct LastGroup {
    pub(crate) name: String,
    pub(crate) offset: u64,
    pub(crate) payload_len: usize,
    pub(crate) group: u64,
}

/// What to do about damage that may have cost acknowledged documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDamage {
    Refuse,
    Skip,
}

/// Takes the groups as they are read.
pub(crate) type Visit<'v> = dyn FnMut(Group<'_>) -> Result<(), Error> + 'v;

/// Reads the log from group `first_group` on and gives the groups to `visit`, in order and each
/// once. What is older is sealed, and its files may be there or not.
pub(crate) fn recover(
    dir: &dyn Dir,
    first_group: u64,
    on_damage: OnDamage,
    visit: &mut Visit<'_>,
) -> Result<Recovered, Error> {
    let files = LogFile::list(dir)?;
    let recovered = Recovered {
        next_sequence: files.last().map_or(1, |file| file.sequence.saturating_add(1)),
        file_count: files.len() as u64,
        bytes: files.iter().map(|file| file.len).sum(),
        ..Recovered::default()
    };
    let mut recovery = Recovery { dir, first_group, on_damage, recovered, bytes_before: 0 };
    let plan = recovery.plan(files)?;
    recovery.check_begin(&plan)?;
    let mut next_group = None;
    for part in &plan.parts {
        next_group = Some(recovery.read_part(part, visit)?);
    }
    let next_group = recovery.next_group(&plan, next_group)?;
    recovery.recovered.next_group = next_group.max(first_group);
    Ok(recovery.recovered)
}

/// What is to be read of the log.
struct Plan {
    /// The files that hold groups, oldest first.
    parts: Vec<Part>,
    /// The newest files, which hold no group, and the groups that they were to begin with: a crash
    /// came before the first was durable.
    empty: Vec<(LogFile, u64)>,
}

/// The groups of one file.
struct Part {
    file: LogFile,
    first_group: u64,
    /// The first group that belongs to a newer file; `None` in the newest.
    end_group: Option<u64>,
}

struct Recovery<'d> {
    dir: &'d dyn Dir,
    /// The first group that is not sealed.
    first_group: u64,
    on_damage: OnDamage,
    recovered: Recovered,
    bytes_before: u64,
}

impl Recovery<'_> {
    /// Decides, from the newest file to the oldest, which groups belong to which.
    fn plan(&mut self, files: Vec<LogFile>) -> Result<Plan, Error> {
        let mut plan = Plan { parts: Vec::new(), empty: Vec::new() };
        let mut end_group = None;
        for file in files.into_iter().rev() {
            let Some(first_group) = self.first_group(&file)? else {
                self.recovered.torn_bytes += file.len;
                continue;
            };
            if end_group.is_none() && !self.has_groups(&file, first_group)? {
                self.recovered.torn_bytes += file.len.saturating_sub(FILE_HEADER_LEN as u64);
                plan.empty.push((file, first_group));
            } else if end_group.is_some_and(|end| end <= self.first_group) {
                // All of it is sealed, and it is waiting to be removed.
                self.bytes_before += file.len;
            } else if end_group.is_none_or(|end| first_group < end) {
                plan.parts.push(Part { file, first_group, end_group });
                end_group = Some(first_group);
            } else {
                self.recovered.torn_bytes += file.len.saturating_sub(FILE_HEADER_LEN as u64);
            }
        }
        plan.parts.reverse();
        Ok(plan)
    }

    /// Refuses a log that begins with a later group than it should: those before are in no block.
    fn check_begin(&mut self, plan: &Plan) -> Result<(), Error> {
        match plan.parts.first() {
            Some(part) if part.first_group > self.first_group => {
                let damage = Damage::GroupMissing { group: self.first_group };
                self.damaged(&part.file, 0, damage, 0)
            }
            _ => Ok(()),
        }
    }

    /// Returns the group that the file begins with; `None` when it has no header and no group.
    fn first_group(&mut self, file: &LogFile) -> Result<Option<u64>, Error> {
        match file.header(self.dir) {
            Ok(header) => Ok(header.map(|header| header.first_group)),
            Err(damaged @ Error::Damaged { .. }) if self.on_damage == OnDamage::Skip => {
                let bytes = file.read(self.dir, u64::MAX)?;
                self.recovered.damage_count += 1;
                self.recovered.skipped_bytes += FILE_HEADER_LEN as u64;
                self.recovered.damages.push(damaged);
                Ok(frames(&bytes, FILE_HEADER_LEN).map(|frame| frame.group).next())
            }
            Err(error) => Err(error),
        }
    }

    fn has_groups(&self, file: &LogFile, first_group: u64) -> Result<bool, Error> {
        let bytes = file.read(self.dir, u64::MAX)?;
        Ok(has_group_from(&bytes, FILE_HEADER_LEN, first_group))
    }

    /// Hands out the groups of one file; returns the number of the one that follows them.
    fn read_part(&mut self, part: &Part, visit: &mut Visit<'_>) -> Result<u64, Error> {
        let file = &part.file;
        let bytes = file.read(self.dir, u64::MAX)?;
        let end_group = part.end_group.unwrap_or(u64::MAX);
        let mut expected = part.first_group;
        // Whether the groups that are missing were lost in damage that was counted.
        let mut is_counted = false;
        for (offset, piece) in Pieces::new(&bytes, FILE_HEADER_LEN) {
            if expected >= end_group || self.is_torn_end(part, &bytes, offset, &piece, expected) {
                // ## What a crash or a failed write left
                self.recovered.torn_bytes += (bytes.len() - offset) as u64;
                break;
            }
            match piece {
                Piece::Frame(frame) if (expected..end_group).contains(&frame.group) => {
                    // ## The next group, or one after a gap
                    if frame.group != expected && !is_counted {
                        let damage = Damage::GroupMissing { group: expected };
                        self.damaged(file, offset, damage, 0)?;
                    }
                    self.hand_out(file, offset, frame, visit)?;
                    expected = frame.group.saturating_add(1);
                    is_counted = false;
                }
                // ## Something else where a group belongs
                other => {
                    self.damaged(file, offset, Damage::Frame, other.len())?;
                    is_counted = true;
                }
            }
        }
        if part.end_group.is_some() && expected < end_group && !is_counted {
            let damage = Damage::GroupMissing { group: expected };
            self.damaged(file, bytes.len(), damage, 0)?;
        }
        self.bytes_before += file.len;
        Ok(part.end_group.unwrap_or(expected))
    }

    /// Whether the newest file ends here as a crash leaves it: with no frame, and with no further
    /// group, which would have been written only after the one that is damaged here was synced.
    fn is_torn_end(
        &self,
        part: &Part,
        bytes: &[u8],
        offset: usize,
        piece: &Piece<'_>,
        expected: u64,
    ) -> bool {
        part.end_group.is_none()
            && !matches!(piece, Piece::Frame(frame) if frame.group >= expected)
            && !has_group_from(bytes, offset + piece.len(), expected)
    }

    fn hand_out(
        &mut self,
        file: &LogFile,
        offset: usize,
        frame: Frame<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        if frame.group < self.first_group {
            return Ok(());
        }
        self.recovered.last_group = Some(LastGroup {
            name: file.name.clone(),
            offset: offset as u64,
            payload_len: frame.payload.len(),
            group: frame.group,
        });
        visit(Group {
            name: &file.name,
            offset,
            frame,
            bytes_read: self.bytes_before + (offset + frame.len()) as u64,
            bytes_total: self.recovered.bytes,
        })
    }

    /// Returns the number of the group to be written next. A newest file without groups was begun
    /// only after all those before its first were durable.
    fn next_group(&mut self, plan: &Plan, after_parts: Option<u64>) -> Result<u64, Error> {
        let mut next = after_parts.unwrap_or(self.first_group);
        for (empty, first_group) in &plan.empty {
            if next < *first_group {
                let file = plan.parts.last().map_or(empty, |part| &part.file);
                let damage = Damage::GroupMissing { group: next };
                self.damaged(file, file.len as usize, damage, 0)?;
            }
            next = next.max(*first_group);
        }
        Ok(next)
    }

    /// Counts damage that may have cost acknowledged documents, or refuses to go on.
    fn damaged(
        &mut self,
        file: &LogFile,
        offset: usize,
        damage: Damage,
        len: usize,
    ) -> Result<(), Error> {
        self.recovered.damage_count += 1;
        self.recovered.skipped_bytes += len as u64;
        let error = file.damaged(self.dir, offset, damage);
        match self.on_damage {
            OnDamage::Skip => {
                self.recovered.damages.push(error);
                Ok(())
            }
            OnDamage::Refuse => Err(error),
        }
    }
}

/// Returns the valid frames of a file from `offset` on.
fn frames(bytes: &[u8], offset: usize) -> impl Iterator<Item = Frame<'_>> {
    Pieces::new(bytes, offset).filter_map(|(_, piece)| match piece {
        Piece::Frame(frame) => Some(frame),
        Piece::Bad(_) => None,
    })
}

fn has_group_from(bytes: &[u8], offset: usize, group: u64) -> bool {
    frames(bytes, offset).any(|frame| frame.group >= group)
}
