//! A stream cut into lines: the header, then documents, in as little memory as they need.

use bytes::{Buf, Bytes, BytesMut};
use wire::datagram;

use super::{READ_BYTES, STREAM_DOCUMENT_BYTES_MAX, StreamProblem};
use crate::config::Otlp;
use crate::udp::copied;

/// The longest first line that can be a header.
const HEADER_BYTES_MAX: usize = 1 << 10;

/// The least room that a read is given.
const ROOM_BYTES: usize = 8 << 10;

/// What has arrived and is not taken yet.
pub(super) struct Lines {
    otlp: Otlp,
    buffer: BytesMut,
    /// How much of the buffer was looked through and has no newline.
    searched_bytes: usize,
    is_header_read: bool,
    /// Whether the rest of a line is thrown away because the line is too long.
    is_discarding: bool,
}

/// Documents of whole lines, and how many lines brought none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// In one allocation that they share.
    pub(super) documents: Vec<Bytes>,
    /// By problem.
    pub(super) rejected: [usize; StreamProblem::ALL.len()],
}

impl Lines {
    pub(super) fn new(otlp: Otlp) -> Self {
        Self {
            otlp,
            buffer: BytesMut::new(),
            searched_bytes: 0,
            is_header_read: false,
            is_discarding: false,
        }
    }

    /// Returns how many bytes wait for the end of their line.
    pub(super) fn held_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Returns whether no line has begun.
    pub(super) fn is_between(&self) -> bool {
        self.buffer.is_empty() && !self.is_discarding
    }

    /// Returns where to read to; there is room.
    pub(super) fn room(&mut self) -> &mut BytesMut {
        if self.buffer.is_empty() && self.buffer.capacity() > READ_BYTES {
            self.buffer = BytesMut::new();
        }
        // Twice what is there, so that a long line is not moved too often.
        self.buffer.reserve(ROOM_BYTES.max(self.buffer.len().min(1 << 20)));
        &mut self.buffer
    }

    /// Takes the lines that are whole.
    pub(super) fn take(&mut self) -> Result<Batch, StreamProblem> {
        self.take_header()?;
        let mut batch = Batch::default();
        if !self.is_header_read {
            return Ok(batch);
        }
        let (texts, taken_bytes) = self.documents(&mut batch.rejected);
        batch.documents = copied(&texts);
        let has_newline = taken_bytes > 0;
        self.buffer.advance(taken_bytes);
        self.is_discarding &= !has_newline;
        if self.is_discarding {
            self.buffer.clear();
        } else if self.buffer.len() > STREAM_DOCUMENT_BYTES_MAX {
            batch.rejected[StreamProblem::TooLarge as usize] += 1;
            self.is_discarding = true;
            self.buffer = BytesMut::new();
        }
        self.searched_bytes = self.buffer.len();
        Ok(batch)
    }

    /// Takes what is left when no more will come.
    pub(super) fn finish(&mut self) -> Result<Batch, StreamProblem> {
        if !self.is_between() {
            self.buffer.extend_from_slice(b"\n");
        }
        self.take()
    }

    fn take_header(&mut self) -> Result<(), StreamProblem> {
        if self.is_header_read {
            return Ok(());
        }
        match self.buffer.iter().position(|&byte| byte == b'\n') {
            Some(end) if datagram::is_header(&self.buffer[..end]) => {
                self.buffer.advance(end + 1);
                self.is_header_read = true;
                self.searched_bytes = 0;
                Ok(())
            }
            None if self.buffer.len() <= HEADER_BYTES_MAX => Ok(()),
            _ => Err(StreamProblem::BadHeader),
        }
    }

    /// Returns the documents, and how far the lines reach that are whole.
    fn documents(&self, rejected: &mut [usize]) -> (Vec<&str>, usize) {
        let mut documents = Vec::new();
        let (mut begin, mut searched) = (0, self.searched_bytes);
        let mut is_rest = self.is_discarding;
        while let Some(offset) = self.buffer[searched..].iter().position(|&byte| byte == b'\n') {
            let line = &self.buffer[begin..searched + offset];
            begin = searched + offset + 1;
            searched = begin;
            if std::mem::take(&mut is_rest) {
                continue;
            }
            match document(line, self.otlp) {
                Ok(text) => documents.extend(text),
                Err(problem) => rejected[problem as usize] += 1,
            }
        }
        (documents, begin)
    }
}

/// Returns the document on a line; `None` when the line is blank.
fn document(line: &[u8], otlp: Otlp) -> Result<Option<&str>, StreamProblem> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    if line.len() > STREAM_DOCUMENT_BYTES_MAX {
        return Err(StreamProblem::TooLarge);
    }
    let text = std::str::from_utf8(line).map_err(|_| StreamProblem::NotUtf8)?;
    if otlp == Otlp::Refused && datagram::is_otlp(text) {
        return Err(StreamProblem::Unsupported);
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
