//! Numbers and ids as text, cheaper than through `format!`: the sender shares the machine with the
//! server that is measured.

use wire::Micros;

/// Writes text as it is.
pub(super) fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Writes the last `digits` hex digits of a number.
pub(super) fn hex(out: &mut Vec<u8>, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(number >> (place * 4) & 0xf) as usize]);
    }
}

/// Writes a number in decimal.
pub(super) fn decimal(out: &mut Vec<u8>, number: u64) {
    let digits = number.checked_ilog10().unwrap_or(0) + 1;
    padded(out, number, digits as usize);
}

/// Writes a time as seconds with six places.
pub(super) fn seconds(out: &mut Vec<u8>, time: Micros) {
    decimal(out, time.0 / Micros::PER_SECOND);
    out.push(b'.');
    padded(out, time.0 % Micros::PER_SECOND, 6);
}

fn padded(out: &mut Vec<u8>, mut number: u64, digits: usize) {
    let start = out.len();
    out.resize(start + digits, b'0');
    for place in out[start..].iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn numbers_are_written_as_format_writes_them() {
        for number in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX] {
            assert_eq!(written(|out| decimal(out, number)), format!("{number}"));
            assert_eq!(written(|out| hex(out, number, 16)), format!("{number:016x}"));
        }
        assert_eq!(written(|out| hex(out, 0x1234_5678_9abc, 8)), "56789abc");
        assert_eq!(written(|out| seconds(out, Micros(1_790_000_000_000_042))), "1790000000.000042");
    }
}
