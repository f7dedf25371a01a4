//! The frame: one group of batches under one checksum.

use crate::batch;

/// Begins every frame. The first byte cannot be followed by the second in UTF-8, so no document
/// contains it.
pub(crate) const FRAME_MAGIC: [u8; 4] = *b"\xF1frm";

/// A frame whose payload is a list of batches.
pub(crate) const KIND_BATCHES: u8 = 1;

/// A frame whose payload is what was carried over from earlier groups: their last number, then a
/// list of batches with their request numbers.
pub(crate) const KIND_CARRIED: u8 = 2;

/// Magic, payload length, checksum, kind, group.
pub(crate) const FRAME_HEADER_LEN: usize = CHECKED_AT + size_of::<u8>() + size_of::<u64>();

/// Where the length stands.
const LEN_AT: usize = FRAME_MAGIC.len();
/// Where the checksum stands.
const CRC_AT: usize = LEN_AT + size_of::<u32>();
/// Where the bytes begin that the checksum covers, besides the length.
const CHECKED_AT: usize = CRC_AT + size_of::<u32>();

/// The largest payload: what one group, and so one batch, may hold.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 64 << 20;

/// A frame whose checksum was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: u8,
    pub(crate) group: u64,
    pub(crate) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Returns the header of the frame whose payload is the concatenation of `parts`.
    pub(crate) fn header(kind: u8, group: u64, parts: &[&[u8]]) -> [u8; FRAME_HEADER_LEN] {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        assert!(len <= PAYLOAD_BYTES_MAX, "a group of {len} bytes was let through");
        let mut header = [0; FRAME_HEADER_LEN];
        header[..LEN_AT].copy_from_slice(&FRAME_MAGIC);
        header[LEN_AT..CRC_AT].copy_from_slice(&(len as u32).to_le_bytes());
        header[CHECKED_AT] = kind;
        header[CHECKED_AT + 1..].copy_from_slice(&group.to_le_bytes());
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&header[LEN_AT..CRC_AT]);
        hasher.update(&header[CHECKED_AT..]);
        parts.iter().for_each(|part| hasher.update(part));
        header[CRC_AT..CHECKED_AT].copy_from_slice(&hasher.finalize().to_le_bytes());
        header
    }

    /// Reads the frame that `bytes` begin with; `None` when it is cut short or fails its checksum.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<{ FRAME_MAGIC.len() }>()?;
        let (len, rest) = rest.split_first_chunk()?;
        let (crc, checked) = rest.split_first_chunk()?;
        let payload_len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        let checked_len = payload_len + FRAME_HEADER_LEN - CHECKED_AT;
        if *magic != FRAME_MAGIC || payload_len > PAYLOAD_BYTES_MAX {
            return None;
        }
        let checked = checked.get(..checked_len)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(len);
        hasher.update(checked);
        if hasher.finalize() != u32::from_le_bytes(*crc) {
            return None;
        }
        let (kind, rest) = checked.split_first()?;
        let (group, payload) = rest.split_first_chunk()?;
        Some(Self { kind: *kind, group: u64::from_le_bytes(*group), payload })
    }

    /// Returns how many bytes the frame has.
    pub(crate) fn len(&self) -> usize {
        FRAME_HEADER_LEN + self.payload.len()
    }

    /// Returns what the frame holds; `None` when it is none of these.
    pub(crate) fn content(&self) -> Option<Content<'a>> {
        match self.kind {
            KIND_BATCHES => batch::decode(self.payload).map(Content::Batches),
            KIND_CARRIED => {
                let (through, rest) = self.payload.split_first_chunk()?;
                let mut batches = batch::decode_carried(rest)?;
                // A place is counted in the frame's payload.
                let documents = batches.iter_mut().flat_map(|batch| &mut batch.documents);
                documents.for_each(|(offset, _)| *offset += through.len());
                Some(Content::Carried { through: u64::from_le_bytes(*through), batches })
            }
            _ => None,
        }
    }
}

/// What a frame holds.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    /// The batches of a group.
    Batches(Vec<batch::Decoded<'a>>),
    /// Documents of the groups up to `through` that were not sealed with the others.
    Carried {
        /// The last group that documents were carried over from.
        through: u64,
        /// The documents, by the requests that they came with.
        batches: Vec<batch::Decoded<'a>>,
    },
}

/// One piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A valid frame.
    Frame(Frame<'a>),
    /// That many bytes that are no frame, up to the next one or to the end.
    Bad(usize),
}

impl Piece<'_> {
    /// Returns how many bytes the piece has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Bad(len) => *len,
        }
    }
}

/// Cuts a file into its pieces, each with its offset; the pieces cover the file from the given
/// offset on without a gap.
pub(crate) struct Pieces<'a> {
    file: &'a [u8],
    offset: usize,
}

impl<'a> Pieces<'a> {
    /// Begins at `offset`, or at the end of a shorter file.
    pub(crate) fn new(file: &'a [u8], offset: usize) -> Self {
        Self { file, offset: offset.min(file.len()) }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let rest = self.file.get(offset..).filter(|rest| !rest.is_empty())?;
        let piece = match Frame::read(rest) {
            Some(frame) => Piece::Frame(frame),
            None => Piece::Bad(find_frame(&rest[1..]).map_or(rest.len(), |at| at + 1)),
        };
        self.offset += piece.len();
        Some((offset, piece))
    }
}

/// Returns where in `bytes` the first valid frame begins.
fn find_frame(bytes: &[u8]) -> Option<usize> {
    let is_candidate = |at: &usize| Frame::read(&bytes[*at..]).is_some();
    let begins = |window: &[u8]| window == FRAME_MAGIC;
    let candidates = bytes.windows(FRAME_MAGIC.len()).enumerate();
    candidates.filter(|(_, window)| begins(window)).map(|(at, _)| at).find(is_candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(group: u64, payload: &[u8]) -> Vec<u8> {
        [&Frame::header(KIND_BATCHES, group, &[payload]), payload].concat()
    }

    #[test]
    fn a_frame_is_read_back_as_it_was_written() {
        let parts: [&[u8]; 3] = [b"one", b"", b"two"];
        let bytes = [&Frame::header(3, 9, &parts)[..], b"onetwo", b"rest"].concat();
        let read = Frame::read(&bytes).expect("valid");
        assert_eq!(read, Frame { kind: 3, group: 9, payload: b"onetwo" });
        assert_eq!(read.len(), bytes.len() - 4);
    }

    #[test]
    fn every_changed_bit_and_every_missing_byte_is_noticed() {
        let bytes = frame(9, b"payload");
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::read(&changed), None, "bit {bit}");
        }
        for len in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn a_file_falls_into_frames_and_what_is_none() {
        let file = [&b"head"[..], &frame(1, b"a"), b"\xF1f\xF1frmjunk", &frame(2, b"bc"), b"\xF1"];
        let pieces: Vec<_> = Pieces::new(&file.concat(), 4)
            .map(|(offset, piece)| match piece {
                Piece::Frame(frame) => format!("{offset}: group {}", frame.group),
                Piece::Bad(len) => format!("{offset}: {len} bad"),
            })
            .collect();
        assert_eq!(pieces, ["4: group 1", "26: 10 bad", "36: group 2", "59: 1 bad"]);
    }
}
