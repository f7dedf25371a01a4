//! Checksums over a whole Parquet file, inside it: plain Parquet to others, and no flipped bit is
//! taken for data here.
//!
//! The *body*, all row groups, is summed in chunks, so that a read verifies only what it touches;
//! the sums are an entry of the file's metadata. The *tail*, the page indexes and the metadata
//! itself, is summed as a whole; that sum is also an entry of the metadata, which counts as zeros
//! where it stands. Opening verifies the tail before anything in it is understood.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use crc32fast::Hasher;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{ChunkReader, Length};

use super::{Damage, Error};

/// The entry with the body's sums: eight hex digits for each chunk.
const BODY_KEY: &str = "fluoro.body_crc32";

/// The entry with the tail's sum and where the tail begins, in hex.
const TAIL_KEY: &str = "fluoro.tail_crc32";

/// Bytes of the body that are summed together, and so verified together.
const CHUNK_BYTES: usize = 16 * 1024;

/// Hex digits of a sum.
const SUM_DIGITS: usize = 8;

/// Hex digits of an offset.
const OFFSET_DIGITS: usize = 16;

/// What stands at the end of every Parquet file.
const PARQUET_END: &[u8] = b"PAR1";

/// The length of the metadata, and what stands at the end.
const END_BYTES: usize = size_of::<u32>() + PARQUET_END.len();

/// Sums what is written through it.
#[derive(Debug)]
pub(super) struct Summing<W> {
    inner: W,
    chunk: Hasher,
    chunk_bytes: usize,
    sums: Vec<u32>,
    written: u64,
    /// What was written since the body's end; it is held back until its sum is known.
    tail: Option<Vec<u8>>,
}

impl<W: Write> Summing<W> {
    pub(super) fn new(inner: W) -> Self {
        let chunk = Hasher::new();
        Self { inner, chunk, chunk_bytes: 0, sums: Vec::new(), written: 0, tail: None }
    }

    /// Ends the body and returns the entries for the file's metadata.
    pub(super) fn end_body(&mut self) -> [KeyValue; 2] {
        if self.chunk_bytes > 0 {
            self.end_chunk();
        }
        self.tail = Some(Vec::new());
        let sums: String = self.sums.iter().map(|sum| format!("{sum:08x}")).collect();
        let tail = format!("{:08x}{:016x}", 0, self.written);
        [KeyValue::new(BODY_KEY.to_owned(), sums), KeyValue::new(TAIL_KEY.to_owned(), tail)]
    }

    /// Writes the tail with its sum; returns what was written to, and the length of it all.
    ///
    /// # Errors
    /// What the writer below says.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        let mut tail = self.tail.take().expect("the body ends before the file does");
        let place = sum_place(&tail).expect("the metadata holds the entries it was given");
        let sum = format!("{:08x}", crc32fast::hash(&tail));
        tail[place].copy_from_slice(sum.as_bytes());
        self.inner.write_all(&tail)?;
        self.inner.flush()?;
        Ok((self.inner, self.written + tail.len() as u64))
    }

    fn end_chunk(&mut self) {
        self.sums.push(std::mem::take(&mut self.chunk).finalize());
        self.chunk_bytes = 0;
    }

    fn sum(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk_bytes));
            self.chunk.update(now);
            self.chunk_bytes += now.len();
            if self.chunk_bytes == CHUNK_BYTES {
                self.end_chunk();
            }
            bytes = later;
        }
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(tail) = &mut self.tail {
            tail.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        let count = self.inner.write(bytes)?;
        self.sum(&bytes[..count]);
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Finds the digits of the tail's sum in the tail.
fn sum_place(tail: &[u8]) -> Option<Range<usize>> {
    let key = TAIL_KEY.as_bytes();
    let after_key = tail.windows(key.len()).rposition(|window| window == key)? + key.len();
    // Between the key and the value stand the field's type and the value's length.
    let start = after_key + 2;
    (start + SUM_DIGITS + OFFSET_DIGITS <= tail.len()).then_some(start..start + SUM_DIGITS)
}

/// The bytes of a file's body, verified as they are read. Cheap to clone.
#[derive(Debug)]
pub(super) struct Verified<R> {
    source: Arc<R>,
    sums: Arc<[u32]>,
    body_bytes: u64,
    /// What was found wrong: the reader in between hands on no more than the text of an error.
    damage: Arc<OnceLock<Damage>>,
}

impl<R> Clone for Verified<R> {
    fn clone(&self) -> Self {
        let (source, sums) = (Arc::clone(&self.source), Arc::clone(&self.sums));
        Self { source, sums, body_bytes: self.body_bytes, damage: Arc::clone(&self.damage) }
    }
}

/// Verifies the tail and returns where it begins; only then may the metadata be understood.
pub(super) fn verify_tail<R: ChunkReader>(source: &R) -> Result<u64, Error> {
    let damaged = |damage| Error::Damaged { damage };
    let len = source.len();
    let end_start = len.checked_sub(END_BYTES as u64).ok_or(damaged(Damage::Length))?;
    let end = source.get_bytes(end_start, END_BYTES).map_err(Error::read)?;
    let (metadata_len, end) = end.split_first_chunk().ok_or(damaged(Damage::Length))?;
    let metadata_len = u32::from_le_bytes(*metadata_len);
    let metadata_start = end_start.checked_sub(u64::from(metadata_len));
    let metadata_start =
        metadata_start.filter(|_| end == PARQUET_END).ok_or(damaged(Damage::Length))?;
    let metadata = read(source, metadata_start, len)?;
    let place = sum_place(&metadata).ok_or(damaged(Damage::Metadata))?;
    let sum = hex(&metadata[place.clone()]).ok_or(damaged(Damage::Metadata))?;
    let tail_start = hex(&metadata[place.end..place.end + OFFSET_DIGITS])
        .filter(|&start| start <= metadata_start)
        .ok_or(damaged(Damage::Metadata))?;
    let mut hasher = Hasher::new();
    hasher.update(&read(source, tail_start, metadata_start)?);
    hasher.update(&metadata[..place.start]);
    hasher.update(&[b'0'; SUM_DIGITS]);
    hasher.update(&metadata[place.end..]);
    if u64::from(hasher.finalize()) == sum {
        Ok(tail_start)
    } else {
        Err(damaged(Damage::Metadata))
    }
}

impl<R: ChunkReader> Verified<R> {
    /// Wraps a source whose tail was verified and begins at `body_bytes`.
    pub(super) fn new(
        source: Arc<R>,
        body_bytes: u64,
        entries: &[KeyValue],
    ) -> Result<Self, Error> {
        let entry = entries.iter().find(|entry| entry.key == BODY_KEY);
        let digits = entry.and_then(|entry| entry.value.as_deref()).unwrap_or_default();
        let sums = digits.as_bytes().chunks(SUM_DIGITS);
        let sums: Option<Arc<[u32]>> =
            sums.map(|digits| hex(digits).and_then(|sum| u32::try_from(sum).ok())).collect();
        let chunk_count = body_bytes.div_ceil(CHUNK_BYTES as u64);
        match sums.filter(|sums| sums.len() as u64 == chunk_count) {
            Some(sums) => Ok(Self { source, sums, body_bytes, damage: Arc::default() }),
            None => Err(Error::Damaged { damage: Damage::Metadata }),
        }
    }

    /// Returns the same bytes for one more read, whose damage is its own.
    pub(super) fn for_read(&self) -> Self {
        Self { damage: Arc::default(), ..self.clone() }
    }

    /// Returns what this read found wrong.
    pub(super) fn damage(&self) -> Option<Damage> {
        self.damage.get().copied()
    }

    /// Reads and verifies the chunks that hold the range, and returns the range.
    fn read(&self, start: u64, length: usize) -> Result<Bytes, Error> {
        let chunk = CHUNK_BYTES as u64;
        let end = start.checked_add(length as u64).filter(|&end| end <= self.body_bytes);
        let end = end.ok_or(Error::Damaged { damage: Damage::Length })?;
        let first = start / chunk;
        let bytes =
            read(&*self.source, first * chunk, end.next_multiple_of(chunk).min(self.body_bytes))?;
        for (index, chunk_bytes) in (first..).zip(bytes.chunks(CHUNK_BYTES)) {
            let sum = usize::try_from(index).ok().and_then(|index| self.sums.get(index));
            if sum != Some(&crc32fast::hash(chunk_bytes)) {
                let damage = *self.damage.get_or_init(|| Damage::Chunk { offset: index * chunk });
                return Err(Error::Damaged { damage });
            }
        }
        let skipped = usize::try_from(start - first * chunk).unwrap_or(usize::MAX);
        Ok(bytes.slice(skipped..skipped + length))
    }
}

impl<R: ChunkReader> Length for Verified<R> {
    fn len(&self) -> u64 {
        self.source.len()
    }
}

impl<R: ChunkReader> ChunkReader for Verified<R> {
    type T = VerifiedRead<R>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(VerifiedRead { verified: self.clone(), next: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.read(start, length).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// Reads a body from some point on.
#[derive(Debug)]
pub(super) struct VerifiedRead<R> {
    verified: Verified<R>,
    next: u64,
}

impl<R: ChunkReader> Read for VerifiedRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.verified.body_bytes.saturating_sub(self.next);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let bytes = self.verified.read(self.next, count).map_err(io::Error::other)?;
        buffer[..count].copy_from_slice(&bytes);
        self.next += count as u64;
        Ok(count)
    }
}

fn read<R: ChunkReader>(source: &R, start: u64, end: u64) -> Result<Bytes, Error> {
    let length = usize::try_from(end - start).unwrap_or(usize::MAX);
    source.get_bytes(start, length).map_err(Error::read)
}

fn hex(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` takes a sign and capitals as well.
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.bytes().all(is_digit) { u64::from_str_radix(text, 16).ok() } else { None }
}

/// Gives a file whose tail was tampered with the sum that the tail now has.
#[cfg(test)]
pub(super) fn with_right_sum(mut file: Vec<u8>) -> Vec<u8> {
    let place = sum_place(&file).expect("a file with checksums");
    let start = hex(&file[place.end..place.end + OFFSET_DIGITS]).expect("an offset");
    file[place.clone()].copy_from_slice(&[b'0'; SUM_DIGITS]);
    let sum = crc32fast::hash(&file[usize::try_from(start).expect("an offset")..]);
    file[place].copy_from_slice(format!("{sum:08x}").as_bytes());
    file
}
