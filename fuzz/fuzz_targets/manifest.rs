//! Records and checkpoints of the manifest: the body is in `store`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store::fuzzing::fuzz_manifest(bytes));
