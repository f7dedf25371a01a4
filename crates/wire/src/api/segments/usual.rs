//! The usual `PutTraceSegments` body, read in one pass: an object with a list of texts under the
//! one name that it has to have.
//!
//! Any other body is left to the slow reading, be it unusual or bad. A document is JSON inside of
//! JSON, so every eighth byte or so has a backslash before it: [`WIDTH`] bytes are copied at a time,
//! whatever they are, and of those counts what stands before the first byte that means something.

use super::{LIST, PutTraceSegmentsRequest};
use crate::cursor::special_bytes;

/// So many bytes are looked at together.
const WIDTH: usize = size_of::<u128>();

/// Reads a usual body; `None` for any other.
pub(super) fn read(body: &[u8]) -> Option<PutTraceSegmentsRequest> {
    let mut at = name_end(body)?;
    at = token(body, at, b":")?;
    at = token(body, at, b"[")?;
    // Unescaped text is never longer than what it comes from, and the last copy may run over.
    let mut text = vec![0; body.len() + WIDTH];
    let (mut len, mut ends) = (0, Vec::new());
    loop {
        at = token(body, at, b"\"")?;
        (at, len) = unescape(body, at, &mut text, len)?;
        ends.push(len);
        match token(body, at, b",") {
            Some(after) => at = after,
            None => break,
        }
    }
    at = token(body, at, b"]")?;
    at = token(body, at, b"}")?;
    if !body.get(at..)?.iter().all(is_space) {
        return None;
    }
    text.truncate(len);
    let text = String::from_utf8(text).ok()?;
    // Two documents may each have one half of a character.
    ends.iter().all(|end| text.is_char_boundary(*end)).then_some(())?;
    Some(PutTraceSegmentsRequest { text, ends })
}

/// Returns where the name of the list ends, which the body begins with.
fn name_end(body: &[u8]) -> Option<usize> {
    let at = token(body, 0, b"{")?;
    let at = token(body, at, b"\"")?;
    // No space: it would be part of the name.
    let rest = body.get(at..)?.strip_prefix(LIST.as_bytes())?.strip_prefix(b"\"")?;
    Some(body.len() - rest.len())
}

/// Returns where `expected` ends, if it is what comes next besides spaces.
fn token(body: &[u8], at: usize, expected: &[u8]) -> Option<usize> {
    let rest = body.get(at..)?;
    let spaces = rest.iter().take_while(|byte| is_space(byte)).count();
    rest.get(spaces..)?.starts_with(expected).then_some(at + spaces + expected.len())
}

fn is_space(byte: &u8) -> bool {
    b" \n\r\t".contains(byte)
}

/// Unescapes the text that begins at `at`, behind its quote, into `text` from `len` on. Returns
/// where the text and what was made of it end; `None` when it cannot be decoded.
///
/// UTF-8 is not looked at: an escape stands for a whole character, so wrong bytes stay wrong.
fn unescape(body: &[u8], mut at: usize, text: &mut [u8], mut len: usize) -> Option<(usize, usize)> {
    loop {
        if let Some(chunk) = body.get(at..).and_then(<[u8]>::first_chunk) {
            text.get_mut(len..len + WIDTH)?.copy_from_slice(chunk);
            let plain = plain_len(chunk);
            (at, len) = (at + plain, len + plain);
            if plain == WIDTH {
                continue;
            }
        }
        match *body.get(at)? {
            b'"' => return Some((at + 1, len)),
            b'\\' => {
                let meaning = MEANINGS[usize::from(*body.get(at + 1)?)];
                if meaning == 0 {
                    (at, len) = unescape_code(body, at, text, len)?;
                    continue;
                }
                *text.get_mut(len)? = meaning;
                (at, len) = (at + 2, len + 1);
            }
            0..0x20 => return None,
            plain => {
                *text.get_mut(len)? = plain;
                (at, len) = (at + 1, len + 1);
            }
        }
    }
}

/// Returns how many bytes stand before the first quote, backslash or control character.
#[inline(always)]
fn plain_len(chunk: &[u8; WIDTH]) -> usize {
    let word = u128::from_le_bytes(*chunk);
    let (low, high) = (special_bytes(word as u64), special_bytes((word >> 64) as u64));
    let marked = if low != 0 { low.trailing_zeros() } else { 64 + high.trailing_zeros() };
    marked as usize / 8
}

/// What the character after a backslash stands for; zero when that is no single byte.
const MEANINGS: [u8; 256] = {
    let mut meanings = [0; 256];
    let (names, bytes) = (b"\"\\/bfnrt", b"\"\\/\x08\x0c\n\r\t");
    let mut index = 0;
    while index < names.len() {
        meanings[names[index] as usize] = bytes[index];
        index += 1;
    }
    meanings
};

/// Unescapes the `\u1234` at `at`, or the two of them that make up one character.
fn unescape_code(body: &[u8], at: usize, text: &mut [u8], len: usize) -> Option<(usize, usize)> {
    let units = [code_unit(body, at), code_unit(body, at + CODE_LEN)];
    let first = units[0]?;
    let unit_count = if (0xd800..0xdc00).contains(&first) { 2 } else { 1 };
    let units = units.into_iter().map_while(|unit| unit).take(unit_count);
    let character = char::decode_utf16(units).next()?.ok()?;
    let encoded = character.encode_utf8(text.get_mut(len..len + char::MAX_LEN_UTF8)?);
    Some((at + unit_count * CODE_LEN, len + encoded.len()))
}

/// `\u` and four digits.
const CODE_LEN: usize = 6;

fn code_unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + CODE_LEN)?.strip_prefix(b"\\u")?;
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    digits.iter().try_fold(0, |unit: u16, next| Some(unit << 4 | digit(next)? as u16))
}
