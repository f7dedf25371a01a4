//! Whether a program needs anything of the machine that it runs on.

/// The kind of program header that names the interpreter, which loads shared libraries.
const INTERPRETER: u32 = 3;

/// Returns whether these are the bytes of a 64-bit program for Linux without an interpreter.
pub(super) fn is_static(program: &[u8]) -> bool {
    let kinds = kinds_of_headers(program);
    kinds.is_some_and(|kinds| !kinds.is_empty() && !kinds.contains(&INTERPRETER))
}

/// Returns the kinds of the program headers.
///
/// Source: the ELF-64 object file format, little endian.
fn kinds_of_headers(program: &[u8]) -> Option<Vec<u32>> {
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |start: usize, len: usize| {
        let bytes = program.get(start..start.checked_add(len)?)?;
        Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let (table, len, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    (0..count)
        .map(|index| number(table.checked_add(index * len)?, 4).map(|kind| kind as u32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a program of headers alone.
    fn program(kinds: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (bytes[32], bytes[54], bytes[56]) = (64, 56, kinds.len() as u8);
        for kind in kinds {
            bytes.extend(kind.to_le_bytes());
            bytes.extend([0; 52]);
        }
        bytes
    }

    #[test]
    fn an_interpreter_tells_a_program_that_is_not_static() {
        assert!(is_static(&program(&[1, 1, 2])));
        assert!(!is_static(&program(&[6, INTERPRETER, 1])));
    }

    #[test]
    fn this_test_is_not_static_and_half_a_program_is_none() {
        let own = std::env::current_exe().and_then(std::fs::read).expect("this program");
        assert!(!is_static(&own));
        assert!(!is_static(&own[..60]) && !is_static(b"#!/bin/sh"));
        assert!(!is_static(&program(&[1, 1])[..100]));
    }
}
