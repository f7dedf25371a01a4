//! A Parquet file whose every byte is covered by a checksum.
//!
//! Checksums of pages are part of Parquet, but the library does not write them. So a section is put
//! between the last page index and the footer, where other readers of Parquet do not look: the
//! CRC-32 of each stretch of the file before it, of the footer, and of itself. Stretches are
//! verified when they are first read, so a scan pays for what it reads, once.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::Error;

/// Ends the section of checksums.
pub(super) const CHECKS_MAGIC: [u8; 8] = *b"FLUOROCK";

/// How many bytes share a checksum.
const STRETCH_BYTES: usize = 16 * 1024;

/// The footer's length and Parquet's own magic.
const PARQUET_END_BYTES: usize = 8;

/// The number of stretches, the CRC of the footer, the CRC of the section, the magic.
const SECTION_END_BYTES: usize = 4 + 4 + 4 + CHECKS_MAGIC.len();

/// Puts the checksums into a Parquet file.
///
/// # Errors
/// [`Error::NotATable`] when the bytes are no Parquet file.
pub(super) fn protect(mut file: Vec<u8>) -> Result<Vec<u8>, Error> {
    let footer = footer_start(&file).ok_or(Error::NotATable { what: "it has no footer" })?;
    let tail = file.split_off(footer);
    let stretches = file.chunks(STRETCH_BYTES).map(crc32fast::hash).collect::<Vec<_>>();
    let count = u32::try_from(stretches.len())
        .map_err(|_| Error::NotATable { what: "it is too large to be checked" })?;
    let mut section: Vec<u8> = stretches.iter().flat_map(|crc| crc.to_le_bytes()).collect();
    section.extend(count.to_le_bytes());
    section.extend(crc32fast::hash(&tail).to_le_bytes());
    section.extend(crc32fast::hash(&section).to_le_bytes());
    section.extend(CHECKS_MAGIC);
    file.extend(section);
    file.extend(tail);
    Ok(file)
}

/// Where the footer begins.
fn footer_start(file: &[u8]) -> Option<usize> {
    let end = file.len().checked_sub(PARQUET_END_BYTES)?;
    let (len, magic) = file.get(end..)?.split_first_chunk()?;
    if magic != b"PAR1" {
        return None;
    }
    end.checked_sub(usize::try_from(u32::from_le_bytes(*len)).ok()?)
}

/// A file, and which of its stretches were found whole.
#[derive(Debug)]
pub(super) struct Checked {
    bytes: Bytes,
    /// The length of the part that `stretches` cover.
    covered: usize,
    stretches: Vec<u32>,
    /// A bit for each stretch that was verified.
    verified: Vec<AtomicU64>,
    /// One more than the offset of the stretch that was last found damaged; zero for none.
    damage: AtomicU64,
}

impl Checked {
    /// Reads the checksums and verifies the footer.
    pub(super) fn open(bytes: Bytes) -> Result<Self, Error> {
        let footer = footer_start(&bytes).ok_or(Error::NotATable { what: "it has no footer" })?;
        let section = Section::read(&bytes, footer)?;
        if crc32fast::hash(&bytes[footer..]) != section.footer_crc {
            return Err(Error::Damaged { offset: footer as u64 });
        }
        let words = section.stretches.len().div_ceil(64);
        Ok(Self {
            covered: section.start,
            stretches: section.stretches,
            verified: (0..words).map(|_| AtomicU64::new(0)).collect(),
            damage: AtomicU64::new(0),
            bytes,
        })
    }

    /// Returns where a read found damage, if one did.
    pub(super) fn damage(&self) -> Option<u64> {
        self.damage.load(Ordering::Relaxed).checked_sub(1)
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns these bytes, verified.
    fn read(&self, range: Range<usize>) -> parquet::errors::Result<Bytes> {
        if range.start > range.end || range.end > self.bytes.len() {
            return Err(ParquetError::EOF("a read beyond the end of the file".to_owned()));
        }
        let covered = range.start.min(self.covered)..range.end.min(self.covered);
        if !covered.is_empty() {
            for at in covered.start / STRETCH_BYTES..covered.end.div_ceil(STRETCH_BYTES) {
                self.verify(at)?;
            }
        }
        Ok(self.bytes.slice(range))
    }

    fn verify(&self, at: usize) -> parquet::errors::Result<()> {
        let (word, bit) = (&self.verified[at / 64], 1 << (at % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        let start = at * STRETCH_BYTES;
        let end = (start + STRETCH_BYTES).min(self.covered);
        if crc32fast::hash(&self.bytes[start..end]) != self.stretches[at] {
            self.damage.store(start as u64 + 1, Ordering::Relaxed);
            return Err(ParquetError::General(format!("damaged at byte {start}")));
        }
        word.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }
}

/// The section of checksums.
struct Section {
    start: usize,
    stretches: Vec<u32>,
    footer_crc: u32,
}

impl Section {
    /// Reads the section that ends where the footer begins.
    fn read(bytes: &[u8], footer: usize) -> Result<Self, Error> {
        let lacking = || Error::NotATable { what: "it has no checksums" };
        let end = footer.checked_sub(SECTION_END_BYTES).ok_or_else(lacking)?;
        let last = bytes.get(end..footer).ok_or_else(lacking)?;
        if last[12..] != CHECKS_MAGIC {
            return Err(lacking());
        }
        let number = |at: usize| {
            let bytes = last[at..].first_chunk().expect("the end of the section was cut to length");
            u32::from_le_bytes(*bytes)
        };
        let (count, footer_crc, crc) = (number(0), number(4), number(8));
        let table = usize::try_from(count).ok().and_then(|count| count.checked_mul(4));
        let start = table.and_then(|len| end.checked_sub(len)).ok_or_else(lacking)?;
        if crc32fast::hash(&bytes[start..end + 8]) != crc {
            return Err(Error::Damaged { offset: start as u64 });
        }
        let stretches: Vec<u32> = bytes[start..end]
            .chunks_exact(4)
            .map(|crc| u32::from_le_bytes(crc.try_into().expect("chunks of four")))
            .collect();
        if stretches.len() != start.div_ceil(STRETCH_BYTES) {
            return Err(lacking());
        }
        Ok(Self { start, stretches, footer_crc })
    }
}

/// A reader of a checked file that counts what it reads.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    file: Arc<Checked>,
    bytes_read: Arc<AtomicU64>,
}

impl Reader {
    pub(super) fn new(file: Arc<Checked>) -> Self {
        Self { file, bytes_read: Arc::default() }
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }
}

impl Length for Reader {
    fn len(&self) -> u64 {
        self.file.len() as u64
    }
}

impl ChunkReader for Reader {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        // How much will be read is not said, so all of the rest is verified. Columns are read by
        // `get_bytes`; only a file without page offsets is read this way.
        Ok(Cursor::new(self.file.read(place(start)?..self.file.len())?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let start = place(start)?;
        let bytes = self.file.read(start..start.saturating_add(length))?;
        self.bytes_read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

fn place(offset: u64) -> parquet::errors::Result<usize> {
    usize::try_from(offset).map_err(|_| ParquetError::EOF("an offset beyond memory".to_owned()))
}
