//! The bytes of records and checkpoints, as `docs/format/manifest.md` describes them.
//!
//! One value has one encoding. No byte is used before its checksum was right, and nothing is
//! allocated that the bytes at hand do not fill.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::{Micros, TraceId};

use super::entry::{BlockFile, BlockId, Entry, Hour, Level, RetentionClass};
use super::state::{Op, Sequence, State, Tombstone};

/// Begins every record.
pub(crate) const RECORD_MAGIC: [u8; 8] = *b"\xF1fluorec";

/// Begins every checkpoint.
pub(crate) const CHECKPOINT_MAGIC: [u8; 8] = *b"\xF1fluockp";

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 2;

/// Magic, checksum, version, sequence, length; the same in every version.
pub(crate) const HEADER_LEN: usize = CHECKED_AT + 4 + 8 + 8;

const CRC_AT: usize = RECORD_MAGIC.len();
/// Where the bytes begin that the checksum covers, to the end of the file.
const CHECKED_AT: usize = CRC_AT + size_of::<u32>();

const ADD_BLOCK: u8 = 1;
const REMOVE_BLOCK: u8 = 2;
const SEALED_THROUGH: u8 = 3;
const ADD_TOMBSTONE_BY_TIME: u8 = 4;
const REMOVE_TOMBSTONE: u8 = 5;
/// Since version 2.
const ADD_TOMBSTONE: u8 = 6;

/// Kinds of tombstones in a checkpoint; in version 1 all are by time, and none says so.
const BY_TIME: u8 = 0;
const BY_GROUP: u8 = 1;

const FLAG_LATE: u8 = 1;

/// A file whose checksum was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checked<'a> {
    pub(crate) version: u32,
    pub(crate) sequence: Sequence,
    pub(crate) payload: &'a [u8],
}

impl<'a> Checked<'a> {
    /// Returns the bytes of the file.
    pub(crate) fn encode(&self, magic: [u8; 8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN + self.payload.len());
        bytes.extend_from_slice(&magic);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.version.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.0.to_le_bytes());
        bytes.extend_from_slice(&(self.payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(self.payload);
        let crc = crc32fast::hash(&bytes[CHECKED_AT..]);
        bytes[CRC_AT..CHECKED_AT].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a whole file; `None` when it is cut short, too long or fails its checksum.
    pub(crate) fn read(magic: [u8; 8], bytes: &'a [u8]) -> Option<Self> {
        let (crc, checked) = bytes.strip_prefix(&magic)?.split_first_chunk()?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut input = Input(checked);
        let (version, sequence, len) = (input.u32()?, Sequence(input.u64()?), input.u64()?);
        (len == input.0.len() as u64).then_some(Self { version, sequence, payload: input.0 })
    }
}

/// A record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) sequence: Sequence,
    /// The record before it.
    pub(crate) base: Sequence,
    pub(crate) ops: Vec<Op>,
}

impl Record {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut payload = Output::default();
        payload.u64(self.base.0);
        payload.u64(self.ops.len() as u64);
        self.ops.iter().for_each(|op| payload.op(op));
        let (version, sequence) = (VERSION, self.sequence);
        Checked { version, sequence, payload: &payload.0 }.encode(RECORD_MAGIC)
    }

    /// Reads a record of up to [`VERSION`]; `None` when the payload is something else.
    pub(crate) fn decode(checked: &Checked<'_>) -> Option<Self> {
        let mut input = Input(checked.payload);
        let base = Sequence(input.u64()?);
        let op_count = input.u64()?;
        let mut ops = Vec::new();
        for _ in 0..op_count {
            ops.push(input.op(checked.version)?);
        }
        let is_known = is_known(checked.version) && base < checked.sequence;
        (is_known && input.0.is_empty()).then_some(Self { sequence: checked.sequence, base, ops })
    }
}

impl State {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut payload = Output::default();
        payload.u64(self.sealed_through);
        payload.u64(self.blocks.len() as u64);
        self.blocks.values().for_each(|entry| payload.entry(entry));
        payload.u64(self.tombstones.len() as u64);
        for (trace, deleted) in &self.tombstones {
            payload.tombstone(*trace, *deleted);
        }
        let (version, sequence) = (VERSION, self.sequence);
        Checked { version, sequence, payload: &payload.0 }.encode(CHECKPOINT_MAGIC)
    }

    /// Reads a checkpoint of up to [`VERSION`]; `None` when the payload is something else.
    pub(crate) fn decode(checked: &Checked<'_>) -> Option<Self> {
        let mut input = Input(checked.payload);
        let sealed_through = input.u64()?;
        let mut blocks = BTreeMap::new();
        for _ in 0..input.u64()? {
            let entry = input.entry()?;
            insert_last(&mut blocks, entry.id, Arc::new(entry))?;
        }
        let mut tombstones = BTreeMap::new();
        for _ in 0..input.u64()? {
            insert_last(&mut tombstones, input.trace()?, input.tombstone(checked.version)?)?;
        }
        let sequence = checked.sequence;
        let is_known = is_known(checked.version);
        (is_known && input.0.is_empty()).then_some(Self {
            sequence,
            blocks,
            tombstones,
            sealed_through,
        })
    }
}

/// Whether files of this version are read.
fn is_known(version: u32) -> bool {
    (1..=VERSION).contains(&version)
}

/// Inserts behind all others; `None` when the key does not belong there.
fn insert_last<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Option<()> {
    if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
        return None;
    }
    map.insert(key, value);
    Some(())
}

/// Bytes that grow by one value after the other.
#[derive(Default)]
struct Output(Vec<u8>);

impl Output {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn id(&mut self, id: BlockId) {
        // The first byte first, as ids are sorted.
        self.0.extend_from_slice(&id.0.to_be_bytes());
    }

    fn tombstone(&mut self, trace: TraceId, deleted: Tombstone) {
        self.0.extend_from_slice(&trace.0);
        match deleted {
            Tombstone::Received(time) => {
                self.u8(BY_TIME);
                self.u64(time.0);
            }
            Tombstone::Through(group) => {
                self.u8(BY_GROUP);
                self.u64(group);
            }
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::AddBlock(entry) => {
                self.u8(ADD_BLOCK);
                self.entry(entry);
            }
            Op::RemoveBlock(id) => {
                self.u8(REMOVE_BLOCK);
                self.id(*id);
            }
            Op::SealedThrough { group } => {
                self.u8(SEALED_THROUGH);
                self.u64(*group);
            }
            Op::AddTombstone { trace, deleted } => {
                let (kind, value) = match deleted {
                    Tombstone::Received(time) => (ADD_TOMBSTONE_BY_TIME, time.0),
                    Tombstone::Through(group) => (ADD_TOMBSTONE, *group),
                };
                self.u8(kind);
                self.0.extend_from_slice(&trace.0);
                self.u64(value);
            }
            Op::RemoveTombstone(trace) => {
                self.u8(REMOVE_TOMBSTONE);
                self.0.extend_from_slice(&trace.0);
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        assert_eq!(entry.problem(), None, "entries are checked before they are committed");
        self.id(entry.id);
        self.u32(entry.hour.0);
        self.u8(entry.level.0);
        self.u8(entry.class.0);
        self.u8(if entry.is_late { FLAG_LATE } else { 0 });
        self.u64(entry.sealed_through);
        for time in [entry.starts.start(), entry.starts.end()] {
            self.u64(time.0);
        }
        for time in [entry.received.start(), entry.received.end()] {
            self.u64(time.0);
        }
        self.u64(entry.trace_count);
        self.u64(entry.row_count);
        self.u8(entry.files.len() as u8);
        for BlockFile { name, bytes } in &entry.files {
            self.u8(name.len() as u8);
            self.0.extend_from_slice(name.as_bytes());
            self.u64(*bytes);
        }
    }
}

/// Bytes that are read from the front, one value after the other; `None` at their end.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }

    fn u8(&mut self) -> Option<u8> {
        self.chunk().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_le_bytes)
    }

    fn id(&mut self) -> Option<BlockId> {
        self.chunk().map(|bytes| BlockId(u128::from_be_bytes(bytes)))
    }

    fn trace(&mut self) -> Option<TraceId> {
        self.chunk().map(TraceId)
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = usize::from(self.u8()?);
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn tombstone(&mut self, version: u32) -> Option<Tombstone> {
        let kind = if version == 1 { BY_TIME } else { self.u8()? };
        match kind {
            BY_TIME => Some(Tombstone::Received(Micros(self.u64()?))),
            BY_GROUP => Some(Tombstone::Through(self.u64()?)),
            _ => None,
        }
    }

    fn op(&mut self, version: u32) -> Option<Op> {
        Some(match self.u8()? {
            ADD_BLOCK => Op::AddBlock(Arc::new(self.entry()?)),
            REMOVE_BLOCK => Op::RemoveBlock(self.id()?),
            SEALED_THROUGH => Op::SealedThrough { group: self.u64()? },
            ADD_TOMBSTONE_BY_TIME => {
                let (trace, time) = (self.trace()?, Micros(self.u64()?));
                Op::AddTombstone { trace, deleted: Tombstone::Received(time) }
            }
            ADD_TOMBSTONE if version >= 2 => {
                let (trace, group) = (self.trace()?, self.u64()?);
                Op::AddTombstone { trace, deleted: Tombstone::Through(group) }
            }
            REMOVE_TOMBSTONE => Op::RemoveTombstone(self.trace()?),
            _ => return None,
        })
    }

    fn entry(&mut self) -> Option<Entry> {
        let (id, hour) = (self.id()?, Hour(self.u32()?));
        let (level, class) = (Level(self.u8()?), RetentionClass(self.u8()?));
        let flags = self.u8()?;
        let sealed_through = self.u64()?;
        let starts = Micros(self.u64()?)..=Micros(self.u64()?);
        let received = Micros(self.u64()?)..=Micros(self.u64()?);
        let (trace_count, row_count) = (self.u64()?, self.u64()?);
        let mut files = Vec::new();
        for _ in 0..self.u8()? {
            files.push(BlockFile { name: self.text()?.to_owned(), bytes: self.u64()? });
        }
        let is_late = flags == FLAG_LATE;
        let entry = Entry {
            id,
            hour,
            level,
            class,
            sealed_through,
            is_late,
            starts,
            received,
            trace_count,
            row_count,
            files,
        };
        (flags <= FLAG_LATE && entry.problem().is_none()).then_some(entry)
    }
}
