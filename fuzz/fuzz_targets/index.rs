//! The index of a block: the body is in `store`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store::fuzzing::fuzz_index(bytes));
