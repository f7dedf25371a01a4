//! The bytes of the spool's files: headers, records, and how they are found again behind damage.
//!
//! Nothing is used before its checksum was right. The format is described in
//! `docs/format/spool.md`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bytes::{BufMut, Bytes, BytesMut};

use super::Batch;

/// What a file begins with.
pub(super) const FILE_MAGIC: [u8; 8] = *b"\xF1flspool";

/// What a record begins with; not UTF-8, so no document contains it.
pub(super) const RECORD_MAGIC: [u8; 4] = *b"\xF1spl";

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// The bytes before the first record.
pub(super) const FILE_HEADER_BYTES: u64 = 24;

/// The bytes before a record's documents.
pub(super) const RECORD_HEADER_BYTES: u64 = 28;

/// The bytes before each document: its length.
const LENGTH_BYTES: usize = 4;

/// In the number of documents: they may have been delivered before. A record has fewer than 2^30.
const REPEATED: u32 = 1 << 31;

/// How much is looked through at a time for the next record behind damage.
const SEARCH_BYTES: usize = 64 << 10;

/// What stands before the documents of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The batch's number.
    pub(super) number: u64,
    /// How many documents it has.
    pub(super) document_count: u32,
    /// Whether they may have been delivered before they were pushed.
    pub(super) is_repeated: bool,
    payload_bytes: u32,
    payload_crc: u32,
}

impl Header {
    /// Returns how long the record is, with its header.
    pub(super) fn record_bytes(&self) -> u64 {
        RECORD_HEADER_BYTES + u64::from(self.payload_bytes)
    }

    /// Reads a header; `None` when it is not one.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, crc) = bytes.get(..RECORD_HEADER_BYTES as usize)?.split_last_chunk()?;
        let fields = head.strip_prefix(&RECORD_MAGIC)?;
        if crc32fast::hash(head) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (payload_bytes, fields) = fields.split_first_chunk()?;
        let (number, fields) = fields.split_first_chunk()?;
        let (document_count, fields) = fields.split_first_chunk()?;
        Some(Self {
            number: u64::from_le_bytes(*number),
            document_count: u32::from_le_bytes(*document_count) & !REPEATED,
            is_repeated: u32::from_le_bytes(*document_count) & REPEATED != 0,
            payload_bytes: u32::from_le_bytes(*payload_bytes),
            payload_crc: u32::from_le_bytes(*fields.first_chunk()?),
        })
    }

    fn encode(&self, record: &mut Vec<u8>) {
        let begin = record.len();
        record.extend(RECORD_MAGIC);
        record.extend(self.payload_bytes.to_le_bytes());
        record.extend(self.number.to_le_bytes());
        let mark = if self.is_repeated { REPEATED } else { 0 };
        record.extend((self.document_count | mark).to_le_bytes());
        record.extend(self.payload_crc.to_le_bytes());
        let crc = crc32fast::hash(&record[begin..]);
        record.extend(crc.to_le_bytes());
    }
}

/// Returns how long the record of a batch is; `None` when it is too long to be one.
pub(super) fn record_bytes(documents: &[Bytes]) -> Option<u64> {
    let payload_bytes: usize = documents.iter().map(|text| LENGTH_BYTES + text.len()).sum();
    let payload_bytes = u32::try_from(payload_bytes).ok()?;
    Some(RECORD_HEADER_BYTES + u64::from(payload_bytes))
}

/// Writes a batch as a record into `record`, in place of what it held.
///
/// # Panics
/// When [`record_bytes`] finds the batch too long.
pub(super) fn encode<B: Batch>(number: u64, batch: &B, record: &mut Vec<u8>) {
    let documents = batch.documents();
    record.clear();
    record.resize(RECORD_HEADER_BYTES as usize, 0);
    for text in documents {
        let length = u32::try_from(text.len()).expect("a document is shorter than its record");
        record.extend(length.to_le_bytes());
        record.extend_from_slice(text);
    }
    let payload = &record[RECORD_HEADER_BYTES as usize..];
    let header = Header {
        number,
        document_count: u32::try_from(documents.len()).expect("each document has four bytes"),
        is_repeated: batch.is_repeated(),
        payload_bytes: u32::try_from(payload.len()).expect("the record's length was checked"),
        payload_crc: crc32fast::hash(payload),
    };
    let mut head = Vec::with_capacity(RECORD_HEADER_BYTES as usize);
    header.encode(&mut head);
    record[..RECORD_HEADER_BYTES as usize].copy_from_slice(&head);
}

/// Returns the documents of the record at `offset`, in one allocation that they share; `None` when
/// they are damaged.
pub(super) fn read(file: &File, offset: u64, header: Header) -> io::Result<Option<Vec<Bytes>>> {
    let mut payload = BytesMut::zeroed(header.payload_bytes as usize);
    match file.read_exact_at(&mut payload, offset + RECORD_HEADER_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    if crc32fast::hash(&payload) != header.payload_crc {
        return Ok(None);
    }
    Ok(split(payload.freeze(), header.document_count))
}

fn split(mut payload: Bytes, document_count: u32) -> Option<Vec<Bytes>> {
    let mut documents = Vec::new();
    while !payload.is_empty() {
        let length = u32::from_le_bytes(*payload.first_chunk::<LENGTH_BYTES>()?) as usize;
        let rest = payload.split_off(LENGTH_BYTES);
        if length > rest.len() {
            return None;
        }
        payload = rest;
        documents.push(payload.split_to(length));
    }
    (documents.len() == document_count as usize).then_some(documents)
}

/// A record's header, and where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where the record begins.
    pub(super) offset: u64,
    /// What it begins with.
    pub(super) header: Header,
}

/// Looks for the next record from `offset` on that ends before `end` and has a number of `least`
/// or above. It is at `offset` itself unless there is damage.
pub(super) fn find(file: &File, offset: u64, end: u64, least: u64) -> io::Result<Option<Found>> {
    let is_good = |offset: u64, header: &Header| {
        header.number >= least && header.record_bytes() <= end.saturating_sub(offset)
    };
    let mut head = [0; RECORD_HEADER_BYTES as usize];
    let length = read_up_to(file, &mut head, offset, end)?;
    if let Some(header) = Header::parse(&head[..length]).filter(|header| is_good(offset, header)) {
        return Ok(Some(Found { offset, header }));
    }
    let mut window = Vec::new();
    let mut begin = offset;
    while begin < end {
        window.resize(SEARCH_BYTES, 0);
        let length = read_up_to(file, &mut window, begin, end)?;
        window.truncate(length);
        for at in 0..length {
            let Some(header) = Header::parse(&window[at..]) else { continue };
            let offset = begin + at as u64;
            if is_good(offset, &header) {
                return Ok(Some(Found { offset, header }));
            }
        }
        // A header that lies across the window's end is seen whole in the next.
        let step = length.saturating_sub(RECORD_HEADER_BYTES as usize - 1);
        if step == 0 || length < SEARCH_BYTES {
            break;
        }
        begin += step as u64;
    }
    Ok(None)
}

/// Reads as much as there is before `end`, at most what the buffer holds.
fn read_up_to(file: &File, buffer: &mut [u8], offset: u64, end: u64) -> io::Result<usize> {
    let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
    let wanted = left.min(buffer.len());
    let mut filled = 0;
    while filled < wanted {
        match file.read_at(&mut buffer[filled..wanted], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Returns the bytes that a file begins with.
pub(super) fn file_header(first: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FILE_HEADER_BYTES as usize);
    bytes.put_slice(&FILE_MAGIC);
    bytes.put_u32_le(VERSION);
    bytes.put_u64_le(first);
    bytes.put_u32_le(crc32fast::hash(&bytes));
    bytes
}

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileHeader {
    /// The version of its format.
    Version(u32),
    /// Nothing that can be read.
    Damaged,
}

/// Reads what a file begins with.
pub(super) fn read_file_header(file: &File) -> io::Result<FileHeader> {
    let mut bytes = [0; FILE_HEADER_BYTES as usize];
    let length = read_up_to(file, &mut bytes, 0, FILE_HEADER_BYTES)?;
    Ok(parse_file_header(&bytes[..length]).map_or(FileHeader::Damaged, FileHeader::Version))
}

fn parse_file_header(bytes: &[u8]) -> Option<u32> {
    let (head, crc) = bytes.get(..FILE_HEADER_BYTES as usize)?.split_last_chunk()?;
    let fields = head.strip_prefix(&FILE_MAGIC)?;
    let is_good = crc32fast::hash(head) == u32::from_le_bytes(*crc);
    is_good.then(|| fields.first_chunk().map(|version| u32::from_le_bytes(*version)))?
}
