//! Trace ids and segment ids, in the X-Ray and in the W3C spelling.
//!
//! Ids are kept as bits, so two spellings that differ only in the case of their hex digits are one
//! id; they are printed in lower case, as every SDK sends them.

use std::fmt;

use serde::{Serialize, Serializer};

/// The id of one trace: 128 bits, of which the first 32 are by convention the second it began in.
///
/// Nothing may rely on that second: an id made by a W3C tracer is random throughout.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub [u8; 16]);

/// The id of one segment or subsegment: 64 bits, unique inside its trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId(pub u64);

impl TraceId {
    /// Reads `1-{8 hex}-{24 hex}`, or returns `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 35] = text.as_bytes().try_into().ok()?;
        if &bytes[..2] != b"1-" || bytes[10] != b'-' {
            return None;
        }
        let mut id = [0; 16];
        hex_into(&bytes[2..10], &mut id[..4])?;
        hex_into(&bytes[11..], &mut id[4..])?;
        Some(Self(id))
    }

    /// Reads the 32 hex digits of a W3C trace id, or returns `None`.
    pub fn parse_w3c(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        hex_into(text.as_bytes(), &mut id)?;
        Some(Self(id))
    }

    /// Returns the 32 hex digits of the W3C spelling.
    pub fn w3c(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the first four bytes as a number: of an X-Ray id, the second in which the trace began.
    pub fn epoch(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Builds an id from the second a trace began in and 96 random bits (the upper 32 of `random`
    /// are not used).
    pub fn new(epoch_secs: u32, random: u128) -> Self {
        let mut id = random.to_be_bytes();
        id[..4].copy_from_slice(&epoch_secs.to_be_bytes());
        Self(id)
    }
}

impl SegmentId {
    /// Reads 16 hex digits, or returns `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 8];
        hex_into(text.as_bytes(), &mut id)?;
        Some(Self(u64::from_be_bytes(id)))
    }
}

/// Reads hex digits into `out`; `None` unless `digits` is exactly twice as long and all hex.
fn hex_into(digits: &[u8], out: &mut [u8]) -> Option<()> {
    if digits.len() != out.len() * 2 {
        return None;
    }
    for (pair, byte) in digits.chunks_exact(2).zip(out) {
        let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
        if (high | low) > 0xf {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(())
}

/// The value of each byte as a hex digit, 255 where it is none: one load per digit of every id.
const HEX: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value as usize];
        table[digit as usize] = value;
        table[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    table
};

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u128::from_be_bytes(self.0);
        write!(f, "1-{:08x}-{:024x}", id >> 96, id & (u128::MAX >> 32))
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for SegmentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_it_was_read() {
        let text = "1-581cf771-a006649127e371903a2de979";
        let id = TraceId::parse(text).expect("a valid id");
        assert_eq!(id.to_string(), text);
        assert_eq!(id.w3c(), "581cf771a006649127e371903a2de979");
        assert_eq!(TraceId::parse_w3c(&id.w3c()), Some(id));
        let segment = SegmentId::parse("00f067aa0ba902b7").expect("a valid id");
        assert_eq!(segment.to_string(), "00f067aa0ba902b7");
    }

    #[test]
    fn the_case_of_hex_digits_makes_no_difference() {
        assert_eq!(SegmentId::parse("ABCDEF0123456789"), SegmentId::parse("abcdef0123456789"));
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for text in [
            "",
            "1-581cf771-a006649127e371903a2de97",
            "1-581cf771-a006649127e371903a2de9790",
            "2-581cf771-a006649127e371903a2de979",
            "1-581cf771aa006649127e371903a2de979",
            "1-581cf77g-a006649127e371903a2de979",
            "1-581cf771-a006649127e371903a2de97é",
            "581cf771a006649127e371903a2de979",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
        for text in
            ["", "53995c3f42cd8ad", "53995c3f42cd8ad80", "53995c3f42cd8adx", "+3995c3f42cd8ad8"]
        {
            assert_eq!(SegmentId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_new_id_begins_with_its_second() {
        assert_eq!(TraceId::new(0x581c_f771, 7).to_string(), "1-581cf771-000000000000000000000007");
    }
}
