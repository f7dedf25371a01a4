//! Filter expressions: the body is in `filter`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| filter::fuzzing::fuzz_filter(bytes));
