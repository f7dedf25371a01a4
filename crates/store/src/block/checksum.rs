//! Checksums over a whole Parquet file, inside it: plain Parquet to others, and no flipped bit is
//! taken for data here.
//!
//! The *body*, all row groups, is summed in chunks, so that a read verifies only what it touches,
//! and that once; the sums are an entry of the file's metadata. The *tail*, the page indexes and the
//! metadata itself, is summed as a whole; that sum is also an entry of the metadata, which counts as
//! zeros where it stands. Opening verifies the tail before anything in it is understood.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use crc32fast::Hasher;
use parking_lot::Mutex;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::SerializedFileWriter;

use crate::ReadAt;

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
const PARQUET_END: &[u8; 4] = b"PAR1";

/// How much of a file's end is read first; most tails are not longer.
const TAIL_GUESS_BYTES: u64 = 64 * 1024;

/// How a file is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The file ends too early, or states lengths that it does not have.
    #[error("the file is cut short, or is no Parquet file")]
    Length,
    /// The file's metadata does not match its checksum.
    #[error("the file's metadata does not match its checksum")]
    Metadata,
    /// A part of the file's body does not match its checksum.
    #[error("the part that begins at byte {offset} does not match its checksum")]
    Chunk {
        /// Where in the file that part begins.
        offset: u64,
    },
}

/// Why a file could not be read.
#[derive(Debug)]
pub(super) enum Failure {
    Damaged(Damage),
    Io(io::Error),
    /// The bytes are those that were written, and Parquet cannot read them.
    Parquet(ParquetError),
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

/// Ends a file of tables with its checksums and these entries; returns what it was written to, and
/// its length.
///
/// # Errors
/// What the writer below says.
pub(super) fn finish<W: Write + Send>(
    file: ArrowWriter<Summing<W>>,
    entries: impl IntoIterator<Item = KeyValue>,
) -> Result<(W, u64), ParquetError> {
    finish_file(file.into_serialized_writer()?.0, entries)
}

/// As [`finish`], when all row groups are written.
///
/// # Errors
/// What the writer below says.
pub(super) fn finish_file<W: Write + Send>(
    mut file: SerializedFileWriter<Summing<W>>,
    entries: impl IntoIterator<Item = KeyValue>,
) -> Result<(W, u64), ParquetError> {
    file.flush()?;
    let sums = file.inner_mut().end_body();
    // The sum of the tail is the last entry: its key is searched for from the end, and what stands
    // before it may hold any text.
    for entry in entries.into_iter().chain(sums) {
        file.append_key_value_metadata(entry);
    }
    Ok(file.into_inner()?.finish()?)
}

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
    fn end_body(&mut self) -> [KeyValue; 2] {
        if self.chunk_bytes > 0 {
            self.end_chunk();
        }
        self.tail = Some(Vec::new());
        let sums: String = self.sums.iter().map(|sum| format!("{sum:08x}")).collect();
        let tail = format!("{:08x}{:016x}", 0, self.written);
        [KeyValue::new(BODY_KEY.to_owned(), sums), KeyValue::new(TAIL_KEY.to_owned(), tail)]
    }

    /// Writes the tail with its sum; returns what was written to, and the length of it all.
    fn finish(mut self) -> io::Result<(W, u64)> {
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

/// A file whose tail is whole, and which parts of its body were found whole.
pub(super) struct Verified {
    source: Arc<dyn ReadAt>,
    body_bytes: u64,
    sums: Vec<u32>,
    /// A bit for each chunk that was verified.
    verified: Vec<AtomicU64>,
}

impl Verified {
    /// Verifies the file's tail and understands its metadata.
    pub(super) fn open(
        source: Arc<dyn ReadAt>,
        options: ArrowReaderOptions,
    ) -> Result<(Arc<Self>, ArrowReaderMetadata), Failure> {
        let tail = Part::tail(&*source)?;
        let metadata = ArrowReaderMetadata::load(&tail, options).map_err(Failure::Parquet)?;
        let entries = metadata.metadata().file_metadata().key_value_metadata();
        let sums = body_sums(entries.map(Vec::as_slice).unwrap_or_default())
            .filter(|sums| sums.len() as u64 == tail.start.div_ceil(CHUNK_BYTES as u64))
            .ok_or(Damage::Metadata)?;
        let verified = (0..sums.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let file = Self { source, body_bytes: tail.start, sums, verified };
        Ok((Arc::new(file), metadata))
    }

    /// Returns these bytes of the body, verified. Reads once: what was verified before as it is,
    /// else the chunks around it too.
    fn read(&self, range: Range<u64>) -> Result<Bytes, Failure> {
        const CHUNK: u64 = CHUNK_BYTES as u64;
        if range.start > range.end || range.end > self.body_bytes {
            return Err(Damage::Length.into());
        }
        let chunks = range.start / CHUNK..range.end.div_ceil(CHUNK);
        if chunks.clone().all(|chunk| self.is_verified(chunk)) {
            return read(&*self.source, range);
        }
        let whole = chunks.start * CHUNK..(chunks.end * CHUNK).min(self.body_bytes);
        let bytes = read(&*self.source, whole.clone())?;
        for (chunk, bytes) in chunks.zip(bytes.chunks(CHUNK_BYTES)) {
            self.verify(chunk, bytes)?;
        }
        Ok(slice(&bytes, whole.start, range).expect("the chunks around the range were read"))
    }

    /// Reads the whole body, whatever was read of it before; returns each part that is damaged.
    pub(super) fn damages(&self) -> Result<Vec<Damage>, Failure> {
        const CHUNK: u64 = CHUNK_BYTES as u64;
        let mut damages = Vec::new();
        for (offset, sum) in (0..self.body_bytes).step_by(CHUNK_BYTES).zip(&self.sums) {
            let end = (offset + CHUNK).min(self.body_bytes);
            if crc32fast::hash(&read(&*self.source, offset..end)?) != *sum {
                damages.push(Damage::Chunk { offset });
            }
        }
        Ok(damages)
    }

    fn is_verified(&self, chunk: u64) -> bool {
        let word = usize::try_from(chunk / 64).ok().and_then(|word| self.verified.get(word));
        word.is_some_and(|word| word.load(Ordering::Relaxed) & 1 << (chunk % 64) != 0)
    }

    fn verify(&self, chunk: u64, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_verified(chunk) {
            return Ok(());
        }
        let index = usize::try_from(chunk).expect("a chunk that was read has an index");
        if crc32fast::hash(bytes) != self.sums[index] {
            return Err(Damage::Chunk { offset: chunk * CHUNK_BYTES as u64 }.into());
        }
        self.verified[index / 64].fetch_or(1 << (index % 64), Ordering::Relaxed);
        Ok(())
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("body_bytes", &self.body_bytes).finish_non_exhaustive()
    }
}

/// A part of a file that was verified.
pub(super) struct Part {
    start: u64,
    bytes: Bytes,
}

impl Part {
    /// Reads the tail of a file, and verifies it: the metadata is understood from these bytes and
    /// no others.
    fn tail(source: &dyn ReadAt) -> Result<Self, Failure> {
        let len = source.byte_count();
        let start = len.saturating_sub(TAIL_GUESS_BYTES);
        let end = Self { start, bytes: read(source, start..len)? };
        let metadata = end.reaching(source, end.metadata_start()?)?;
        let place = sum_place(&metadata.bytes).ok_or(Damage::Metadata)?;
        let start = hex(&metadata.bytes[place.end..place.end + OFFSET_DIGITS])
            .filter(|&start| start <= metadata.start)
            .ok_or(Damage::Metadata)?;
        let place_in_file = metadata.start + place.start as u64;
        let tail = if end.start <= start { end } else { metadata }.reaching(source, start)?;
        if tail.is_whole(place_in_file) { Ok(tail) } else { Err(Damage::Metadata.into()) }
    }

    /// Returns what lies between here and `start`, up to the end of the file, reading what is
    /// lacking.
    fn reaching(&self, source: &dyn ReadAt, start: u64) -> Result<Self, Failure> {
        let len = source.byte_count();
        let bytes = match slice(&self.bytes, self.start, start..len) {
            Some(bytes) => bytes,
            None => read(source, start..len)?,
        };
        Ok(Self { start, bytes })
    }

    /// Returns where in the file the metadata begins, as its end says.
    fn metadata_start(&self) -> Result<u64, Damage> {
        let (rest, magic) = self.bytes.split_last_chunk().ok_or(Damage::Length)?;
        let (rest, metadata_len) = rest.split_last_chunk().ok_or(Damage::Length)?;
        let metadata_end = self.start + rest.len() as u64;
        let start = metadata_end.checked_sub(u64::from(u32::from_le_bytes(*metadata_len)));
        start.filter(|_| magic == PARQUET_END).ok_or(Damage::Length)
    }

    /// Returns whether the bytes match their sum, whose digits begin at `place` in the file.
    fn is_whole(&self, place: u64) -> bool {
        let place = usize::try_from(place - self.start).ok();
        let Some((before, rest)) = place.and_then(|place| self.bytes.split_at_checked(place))
        else {
            return false;
        };
        let Some((sum, after)) = rest.split_at_checked(SUM_DIGITS) else { return false };
        let mut hasher = Hasher::new();
        hasher.update(before);
        hasher.update(&[b'0'; SUM_DIGITS]);
        hasher.update(after);
        hex(sum) == Some(u64::from(hasher.finalize()))
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Part {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let bytes = slice(&self.bytes, self.start, start..self.len());
        bytes.map(Cursor::new).ok_or_else(beyond)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.saturating_add(length as u64);
        slice(&self.bytes, self.start, start..end).ok_or_else(beyond)
    }
}

fn beyond() -> ParquetError {
    ParquetError::General("the file refers to what is not in that part of it".to_owned())
}

/// One read of a file. Clones are the same read.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    file: Arc<Verified>,
    notes: Arc<Notes>,
}

/// What happened during a read.
#[derive(Debug, Default)]
struct Notes {
    bytes_read: AtomicU64,
    /// Why the read failed: the library in between hands on no more than the text of an error.
    failure: Mutex<Option<Failure>>,
}

impl Reader {
    pub(super) fn new(file: Arc<Verified>) -> Self {
        Self { file, notes: Arc::default() }
    }

    /// Returns how many bytes were asked for.
    pub(super) fn bytes_read(&self) -> u64 {
        self.notes.bytes_read.load(Ordering::Relaxed)
    }

    /// Returns why this read failed, where the library says `error`.
    pub(super) fn failure(&self, error: impl Into<ParquetError>) -> Failure {
        let noted = self.notes.failure.lock().take();
        noted.unwrap_or_else(|| Failure::Parquet(error.into()))
    }

    /// Returns a part of the body.
    pub(super) fn part(&self, start: u64, bytes: i64) -> Result<Part, ParquetError> {
        let end = start.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        Ok(Part { start, bytes: self.read(start..end)? })
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, ParquetError> {
        let length = range.end.saturating_sub(range.start);
        let bytes = self.file.read(range).map_err(|failure| {
            self.notes.failure.lock().get_or_insert(failure);
            ParquetError::General("the file could not be read".to_owned())
        })?;
        self.notes.bytes_read.fetch_add(length, Ordering::Relaxed);
        Ok(bytes)
    }
}

impl Length for Reader {
    fn len(&self) -> u64 {
        self.file.source.byte_count()
    }
}

impl ChunkReader for Reader {
    type T = BufReader<Rest>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        // Columns are read by `get_bytes`; only a file without page offsets is read this way.
        Ok(BufReader::with_capacity(CHUNK_BYTES, Rest { reader: self.clone(), next: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.read(start..start.saturating_add(length as u64))
    }
}

/// The body from some point on.
#[derive(Debug)]
pub(super) struct Rest {
    reader: Reader,
    next: u64,
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.reader.file.body_bytes.saturating_sub(self.next);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let end = self.next.saturating_add(count as u64);
        let bytes = self.reader.read(self.next..end).map_err(io::Error::other)?;
        buffer[..count].copy_from_slice(&bytes);
        self.next = end;
        Ok(count)
    }
}

fn read(source: &dyn ReadAt, range: Range<u64>) -> Result<Bytes, Failure> {
    let length = usize::try_from(range.end - range.start).map_err(|_| Damage::Length)?;
    source.read_at(range.start, length).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Damage::Length.into(),
        _ => Failure::Io(error),
    })
}

/// Returns a part of the file of which `bytes` are known from `start` on.
fn slice(bytes: &Bytes, start: u64, range: Range<u64>) -> Option<Bytes> {
    let place = |offset: u64| usize::try_from(offset.checked_sub(start)?).ok();
    let range = place(range.start)?..place(range.end)?;
    (range.start <= range.end && range.end <= bytes.len()).then(|| bytes.slice(range))
}

/// Reads the sums of the body's chunks.
fn body_sums(entries: &[KeyValue]) -> Option<Vec<u32>> {
    let entry = entries.iter().find(|entry| entry.key == BODY_KEY)?;
    let digits = entry.value.as_deref().unwrap_or_default().as_bytes().chunks(SUM_DIGITS);
    digits.map(|digits| u32::try_from(hex(digits)?).ok()).collect()
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

#[cfg(test)]
mod tests;
