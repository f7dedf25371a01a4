//! What is known of a group, as a document of its own.

use std::sync::Arc;

use ::graph::insight::{Engine, bytes};
use store::{Documents, documents};
use tracing::error;
use wire::control::{Stored, StoredInsights};

/// Loads what is known of a group; `None` when that is nothing. What cannot be read is learned anew.
pub(super) fn load(documents: &Arc<Documents>, arn: &str) -> Option<Engine> {
    let document = documents.read(&name(arn))?;
    let read = || -> Result<Option<Engine>, String> {
        let stored = StoredInsights::decode(&document).map_err(|error| error.to_string())?;
        if stored.group != arn || stored.state.is_empty() {
            return Ok(None);
        }
        let state = from_digits(&stored.state).ok_or("its state is not in hexadecimal digits")?;
        bytes::decode(&state).map(Some).map_err(|error| error.to_string())
    };
    read().unwrap_or_else(|problem| {
        error!(
            arn,
            problem, "insights that were kept are lost, and what is normal is learned anew"
        );
        None
    })
}

/// Keeps what is known of a group; nothing when `state` is empty.
pub(super) fn save(
    documents: &Arc<Documents>,
    arn: &str,
    state: &[u8],
) -> Result<(), documents::Error> {
    let stored = StoredInsights { group: arn.to_owned(), state: digits(state) };
    documents.write(&name(arn), &stored.encode())
}

/// An ARN has letters that are not for the names of files: its FNV-1a, 64 bits, has not.
fn name(arn: &str) -> String {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("insights-{:016x}", arn.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

fn digits(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_digits(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_digits(&digits(&bytes)), Some(bytes));
        assert_eq!(from_digits("0"), None);
        assert_eq!(from_digits("0g"), None);
    }

    #[test]
    fn a_group_has_a_name_of_its_own() {
        assert_eq!(name(""), "insights-cbf29ce484222325");
        assert_eq!(name("a"), "insights-af63dc4c8601ec8c");
    }
}
