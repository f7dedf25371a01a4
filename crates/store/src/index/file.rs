//! The file around the sections: header, table of sections, checksums.
//!
//! Sections follow each other without a gap up to the end of the file, so that every byte is under
//! a checksum. A section of a kind that is not known here is passed over.

use std::ops::Range;

use super::Error;

/// Begins every index; not UTF-8.
pub const MAGIC: [u8; 8] = *b"\xF1fluoidx";

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// Magic, version, section count, checksum of the table, checksum of the header; the same in every
/// version.
pub(super) const HEADER_LEN: usize = HEADER_CRC_AT + size_of::<u32>();

const VERSION_AT: usize = MAGIC.len();
const COUNT_AT: usize = VERSION_AT + size_of::<u32>();
const TABLE_CRC_AT: usize = COUNT_AT + size_of::<u32>();
const HEADER_CRC_AT: usize = TABLE_CRC_AT + size_of::<u32>();

/// Kind, checksum, offset, length.
pub(super) const ENTRY_LEN: usize = 2 * size_of::<u32>() + 2 * size_of::<u64>();

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionKind {
    /// Says of a trace id that it is certainly not in the block.
    TraceFilter = 1,
    /// Says where the rows of a trace are.
    TraceTable = 2,
    /// Says of a token that it is certainly not in a chunk.
    TokenFilters = 3,
    /// Says between which bounds the times and durations of a chunk lie.
    Zones = 4,
    /// Names the traces that have rows in another block as well.
    Late = 5,
}

impl SectionKind {
    /// All kinds, in the order in which they lie in a file.
    pub const ALL: [Self; 5] =
        [Self::TraceFilter, Self::TraceTable, Self::TokenFilters, Self::Zones, Self::Late];

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == number)
    }
}

/// Where a section lies, and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Section {
    offset: u64,
    len: u64,
    crc: u32,
}

/// Where the sections of an index lie.
///
/// It is read from the first bytes of a file, so that a section can be fetched without the others:
/// the trace filter of a block that is kept elsewhere, for instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    sections: [Option<Section>; SectionKind::ALL.len()],
    file_len: u64,
}

impl Layout {
    /// How many first bytes of a file are enough for `read`, unless a newer program wrote it.
    pub const BYTES: usize = HEADER_LEN + SectionKind::ALL.len() * ENTRY_LEN;

    /// Reads the layout of the file that begins with `bytes`.
    ///
    /// # Errors
    /// `HeaderUnreadable`, `VersionUnknown`, and `TableUnreadable`, also when `bytes` are too few.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let count = read_header(bytes)?;
        read_table(bytes, count).ok_or(Error::TableUnreadable)
    }

    /// Returns how long the whole file is.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Returns where in the file the section lies; `None` when there is none.
    pub fn range(&self, kind: SectionKind) -> Option<Range<u64>> {
        let section = self.section(kind)?;
        Some(section.offset..section.offset + section.len)
    }

    /// Checks that `bytes` are the section's, unchanged.
    ///
    /// # Errors
    /// `SectionMissing` and `SectionUnreadable`.
    pub fn check(&self, kind: SectionKind, bytes: &[u8]) -> Result<(), Error> {
        let section = self.section(kind).ok_or(Error::SectionMissing { section: kind })?;
        if bytes.len() as u64 != section.len || crc32fast::hash(bytes) != section.crc {
            return Err(Error::SectionUnreadable { section: kind });
        }
        Ok(())
    }

    /// Returns where in `file` the section lies, after checking it.
    pub(super) fn find(&self, kind: SectionKind, file: &[u8]) -> Result<Range<usize>, Error> {
        let range = self.range(kind).ok_or(Error::SectionMissing { section: kind })?;
        let unreadable = Error::SectionUnreadable { section: kind };
        let (Ok(start), Ok(end)) = (usize::try_from(range.start), usize::try_from(range.end))
        else {
            return Err(unreadable);
        };
        self.check(kind, file.get(start..end).ok_or(unreadable)?)?;
        Ok(start..end)
    }

    fn section(&self, kind: SectionKind) -> Option<Section> {
        self.sections[kind as usize - 1]
    }
}

/// Returns how many sections the header counts.
fn read_header(bytes: &[u8]) -> Result<u32, Error> {
    let header = bytes.first_chunk::<HEADER_LEN>().ok_or(Error::HeaderUnreadable)?;
    let number = |at: usize| u32_at(header, at).ok_or(Error::HeaderUnreadable);
    let is_whole = crc32fast::hash(&header[..HEADER_CRC_AT]) == number(HEADER_CRC_AT)?;
    if !header.starts_with(&MAGIC) || !is_whole {
        return Err(Error::HeaderUnreadable);
    }
    match number(VERSION_AT)? {
        version if version > VERSION => {
            Err(Error::VersionUnknown { version, version_max: VERSION })
        }
        _ => number(COUNT_AT),
    }
}

/// Reads the table behind the header: kinds ascend, and sections follow each other without a gap.
fn read_table(bytes: &[u8], count: u32) -> Option<Layout> {
    let table_len = usize::try_from(count).ok()?.checked_mul(ENTRY_LEN)?;
    let table = bytes.get(HEADER_LEN..HEADER_LEN.checked_add(table_len)?)?;
    if crc32fast::hash(table) != u32_at(bytes, TABLE_CRC_AT)? {
        return None;
    }
    let mut sections = [None; SectionKind::ALL.len()];
    let mut end = (HEADER_LEN + table_len) as u64;
    let mut last_kind = 0;
    for entry in table.chunks_exact(ENTRY_LEN) {
        let (kind, crc) = (u32_at(entry, 0)?, u32_at(entry, 4)?);
        let section = Section { offset: u64_at(entry, 8)?, len: u64_at(entry, 16)?, crc };
        if kind <= last_kind || section.offset != end {
            return None;
        }
        last_kind = kind;
        end = section.offset.checked_add(section.len)?;
        if let Some(kind) = SectionKind::from_number(kind) {
            sections[kind as usize - 1] = Some(section);
        }
    }
    Some(Layout { sections, file_len: end })
}

/// Returns the file that consists of these sections, each with the number of its kind, ascending.
pub(super) fn encode(sections: &[(u32, &[u8])]) -> Vec<u8> {
    let mut offset = HEADER_LEN + sections.len() * ENTRY_LEN;
    let mut table = Vec::with_capacity(sections.len() * ENTRY_LEN);
    for (kind, bytes) in sections {
        table.extend_from_slice(&kind.to_le_bytes());
        table.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
        table.extend_from_slice(&(offset as u64).to_le_bytes());
        table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        offset += bytes.len();
    }
    let mut file = Vec::with_capacity(offset);
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    file.extend_from_slice(&crc32fast::hash(&table).to_le_bytes());
    file.extend_from_slice(&crc32fast::hash(&file).to_le_bytes());
    file.extend_from_slice(&table);
    sections.iter().for_each(|(_, bytes)| file.extend_from_slice(bytes));
    file
}

/// Puts right checksums into whatever `bytes` are, so that what is behind a checksum can be tested.
/// `None` when they are too few for the sections they name.
pub(crate) fn with_right_checksums(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = bytes.to_vec();
    file.get_mut(..MAGIC.len())?.copy_from_slice(&MAGIC);
    let count = usize::try_from(u32_at(&file, COUNT_AT)?).ok()?;
    let table = HEADER_LEN..HEADER_LEN.checked_add(count.checked_mul(ENTRY_LEN)?)?;
    file.get(table.clone())?;
    for at in table.clone().step_by(ENTRY_LEN) {
        let start = usize::try_from(u64_at(&file, at + 8)?).ok()?;
        let end = start.checked_add(usize::try_from(u64_at(&file, at + 16)?).ok()?)?;
        let crc = crc32fast::hash(file.get(start..end)?);
        file[at + 4..at + 8].copy_from_slice(&crc.to_le_bytes());
    }
    let crc = crc32fast::hash(&file[table]);
    file[TABLE_CRC_AT..HEADER_CRC_AT].copy_from_slice(&crc.to_le_bytes());
    let crc = crc32fast::hash(&file[..HEADER_CRC_AT]);
    file[HEADER_CRC_AT..HEADER_LEN].copy_from_slice(&crc.to_le_bytes());
    Some(file)
}

/// Reads the number at `at`; `None` when it is not all there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Reads the number at `at`; `None` when it is not all there.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
