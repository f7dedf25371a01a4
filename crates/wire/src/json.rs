//! JSON as AWS writes it: doubles the way Java prints them.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// Returns `value` as compact JSON with doubles in Java's notation (`1.790149878783249E9`, `3.0`).
///
/// # Panics
/// Never for the types of this crate: their keys are strings and they do not fail to serialize.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> String {
    let mut bytes = Vec::with_capacity(256);
    value.put(&mut bytes);
    String::from_utf8(bytes).expect("the serializer writes UTF-8")
}

/// Appends `value` to `out` as compact JSON with each double in its shortest form, which is quicker
/// to write than Java's and reads the same.
///
/// # Panics
/// As [`encode`]: never.
pub fn put_shortest<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("writing to memory does not fail");
}

/// What can be written as JSON, for those who write many values into one buffer.
pub trait Encode {
    /// Appends to `out` what [`encode`] returns.
    ///
    /// # Panics
    /// As [`encode`]: never.
    fn put(&self, out: &mut Vec<u8>);
}

impl<T: Serialize + ?Sized> Encode for T {
    fn put(&self, out: &mut Vec<u8>) {
        let mut serializer = serde_json::Serializer::with_formatter(out, JavaFormatter);
        self.serialize(&mut serializer).expect("writing to memory does not fail");
    }
}

/// Compact JSON, except that doubles are printed as Java's `Double.toString` does.
struct JavaFormatter;

impl Formatter for JavaFormatter {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write_java_double(writer, value)
    }
    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        CompactFormatter.write_raw_fragment(writer, fragment)
    }
}

/// Plain decimals from a thousandth up to ten million, a mantissa and `E` beyond; always with a
/// decimal point. Source: `java.lang.Double.toString`; observed in `api.md` §1.
fn write_java_double<W: ?Sized + io::Write>(writer: &mut W, value: f64) -> io::Result<()> {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return write!(writer, "{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => {
            write!(writer, "{mantissa}E{exponent}")
        }
        Some((mantissa, exponent)) => write!(writer, "{mantissa}.0E{exponent}"),
        // Not a number at all: JSON has no word for it.
        None => writer.write_all(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_look_like_javas() {
        for (value, text) in [
            (0.0, "0.0"),
            (3.0, "3.0"),
            (0.25, "0.25"),
            (-10.5, "-10.5"),
            (0.001, "0.001"),
            (0.000_5, "5.0E-4"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (1_790_149_878.783_249, "1.790149878783249E9"),
            (1_790_159_305.0, "1.790159305E9"),
            (1.234e-7, "1.234E-7"),
        ] {
            assert_eq!(encode(&value), text);
        }
    }

    #[test]
    fn integers_and_raw_values_stay_as_they_are() {
        let raw: &serde_json::value::RawValue =
            serde_json::from_str("{\"a\": 1e9}").expect("valid JSON");
        assert_eq!(encode(&(42, raw)), "[42,{\"a\": 1e9}]");
    }
}
