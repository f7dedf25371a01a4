//! Datagrams of the X-Ray daemon's protocol: the body is in `wire`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wire::fuzzing::fuzz_datagram(bytes));
