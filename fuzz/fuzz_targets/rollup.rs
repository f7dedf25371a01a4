//! The rollup of a minute: the body is in `graph`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| graph::fuzzing::fuzz_rollup(bytes));
