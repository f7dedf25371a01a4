//! Page tokens: where the next page begins, as text.
//!
//! A token holds everything that is needed to go on; the server keeps nothing between two pages, so
//! a token outlives a restart and any number of clients cost no memory. To clients it is opaque. A
//! checksum at its end tells a damaged token from a good one; it keeps no secret and proves nothing.

use std::fmt::Write as _;

use wire::api::Error;

/// Writes `bytes` as a token.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut token = String::with_capacity(bytes.len() * 2 + 8);
    for byte in bytes {
        write!(token, "{byte:02x}").expect("writing to memory does not fail");
    }
    write!(token, "{:08x}", checksum(bytes)).expect("writing to memory does not fail");
    token
}

/// Reads a token of `N` bytes.
pub(crate) fn decode<const N: usize>(token: &str) -> Result<[u8; N], Error> {
    read(token).ok_or_else(|| invalid(token))
}

/// The answer to a token that the server did not write.
///
/// Source: GetTraceSummaries, captured answers.
pub(crate) fn invalid(token: &str) -> Error {
    Error::invalid_request(format!("Invalid token {token}"))
}

fn read<const N: usize>(token: &str) -> Option<[u8; N]> {
    // Digits only: `from_str_radix` would take a sign, too.
    if token.len() != N * 2 + 8 || !token.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let (digits, sum) = token.split_at(N * 2);
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[index * 2..index * 2 + 2], 16).ok()?;
    }
    (u32::from_str_radix(sum, 16).ok()? == checksum(&bytes)).then_some(bytes)
}

/// FNV-1a, 32 bits.
fn checksum(bytes: &[u8]) -> u32 {
    let mix = |sum: u32, byte: &u8| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_written() {
        for bytes in [[0; 4], [255; 4], [1, 2, 3, 4]] {
            assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }
    }

    #[test]
    fn a_token_nobody_wrote_is_refused_by_its_name() {
        let good = encode(&[1, 2, 3, 4]);
        let damaged = good.replacen('4', "5", 1);
        for token in ["", "x", "+1020304", &good[1..], &damaged, &format!("{good}0"), "ÿÿÿÿÿÿÿÿ"]
        {
            let error = decode::<4>(token).expect_err("not a token");
            assert_eq!(error.message, Some(format!("Invalid token {token}")));
        }
    }
}
