//! Every fuzz body over its corpus and a thousand inputs made from it, so that the bodies compile
//! and hold today. `cargo xtask fuzz` looks further.
//!
//! Inputs depend on a seed alone. When a body panics, the file or the seed is printed.

use std::ops::Range;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// A fuzz target by its name in `fuzz/`, with its body.
type Target = (&'static str, fn(&[u8]));

const DOCUMENT: Target = ("document", wire::fuzzing::fuzz_document);
const DATAGRAM: Target = ("datagram", wire::fuzzing::fuzz_datagram);
const HEADER: Target = ("header", wire::fuzzing::fuzz_header);
const FILTER: Target = ("filter", filter::fuzzing::fuzz_filter);
const WAL: Target = ("wal", store::fuzzing::fuzz_wal);
const INDEX: Target = ("index", store::fuzzing::fuzz_index);
const MANIFEST: Target = ("manifest", store::fuzzing::fuzz_manifest);
const ROLLUP: Target = ("rollup", graph::fuzzing::fuzz_rollup);

/// How many inputs are made for each target; a slow run makes a hundred times as many.
const INPUT_COUNT: u64 = 1000;

/// What a change may write into an input: numbers at an edge, and the texts that parsers look for.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\n",
    b"\r\n",
    b"\"",
    b"\\",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"true",
    b"-0",
    b"1e400",
    b"0.1",
    b"18446744073709551616",
    b"\"id\":",
    b"\"subsegments\":[",
    b";",
    b"=",
    b"Root=",
    b"Self=",
    b"Sampled=?",
    b"1-",
    b"\xf0\x9f\x98\x80",
];

#[test]
fn documents_hold_for_any_bytes() {
    run(DOCUMENT);
}

#[test]
fn datagrams_hold_for_any_bytes() {
    run(DATAGRAM);
}

#[test]
fn headers_hold_for_any_bytes() {
    run(HEADER);
}

#[test]
fn filters_hold_for_any_bytes() {
    run(FILTER);
}

#[test]
fn logs_hold_for_any_bytes() {
    run(WAL);
}

#[test]
fn indexes_hold_for_any_bytes() {
    run(INDEX);
}

#[test]
fn manifests_hold_for_any_bytes() {
    run(MANIFEST);
}

#[test]
fn rollups_hold_for_any_bytes() {
    run(ROLLUP);
}

#[test]
fn every_target_runs_here_and_is_in_the_manifest() {
    let manifest = read(&checkout().join("fuzz/Cargo.toml"));
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut named: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""))
        .collect();
    named.sort_unstable();
    let targets = [DOCUMENT, DATAGRAM, HEADER, FILTER, WAL, INDEX, MANIFEST, ROLLUP];
    let mut here: Vec<&str> = targets.map(|(name, _)| name).to_vec();
    here.sort_unstable();
    let files = entries(&checkout().join("fuzz/fuzz_targets"));
    let written: Vec<String> = files.iter().map(|path| stem(path)).collect();
    assert_eq!(here, named);
    assert_eq!(here, written);
}

#[test]
fn inputs_depend_on_the_seed_alone() {
    let corpus = [b"{\"name\":\"a\"}".to_vec(), b"Root=1".to_vec()];
    let made: Vec<Vec<u8>> = (0..50).map(|seed| make_input(&corpus, seed)).collect();
    assert_eq!(made, (0..50).map(|seed| make_input(&corpus, seed)).collect::<Vec<_>>());
    let mut different = made.clone();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 40, "{} of 50 inputs differ", different.len());
}

/// Runs a body over its corpus and over inputs made from it.
fn run((name, body): Target) {
    let mut corpus = Vec::new();
    for path in entries(&checkout().join("tests/it/corpus").join(name)) {
        let bytes = read(&path);
        run_one(body, &path.display().to_string(), &bytes);
        corpus.push(bytes);
    }
    assert!(!corpus.is_empty(), "{name} has no corpus");

    let count = if crate::runs_slow_tests() { INPUT_COUNT * 100 } else { INPUT_COUNT };
    for seed in 0..count {
        run_one(body, &format!("{name}, seed {seed}"), &make_input(&corpus, seed));
    }
}

/// Runs a body over one input, and prints the input if the body panics.
fn run_one(body: fn(&[u8]), origin: &str, input: &[u8]) {
    let _failing = Failing { origin, input };
    body(input);
}

/// Says, when a panic drops it, what the body was given.
struct Failing<'a> {
    origin: &'a str,
    input: &'a [u8],
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed on {}:\n{}", self.origin, self.input.escape_ascii());
        }
    }
}

/// Makes an input from one of the corpus by a few changes. Half of the changes put one word for
/// another, which leaves the shape whole and so gets past the parser more often.
fn make_input(corpus: &[Vec<u8>], seed: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(seed);
    let mut input = corpus[rng.usize(..corpus.len())].clone();
    loop {
        let other = &corpus[rng.usize(..corpus.len())];
        if rng.bool() {
            replace_word(&mut input, other, &mut rng);
        } else {
            damage(&mut input, other, &mut rng);
        }
        if rng.u8(..3) == 0 {
            return input;
        }
    }
}

/// Puts a word of `other`, or a token, in the place of a word.
fn replace_word(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let word = match rng.u8(..4) {
        0 => TOKENS[rng.usize(..TOKENS.len())],
        _ => &other[word_at(other, rng.usize(..=other.len()))],
    };
    let place = word_at(input, rng.usize(..=input.len()));
    input.splice(place, word.iter().copied());
}

/// Returns where the word around `at` stands: a number, a name, the inside of a simple string.
fn word_at(bytes: &[u8], at: usize) -> Range<usize> {
    let is_outside = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"_.+-".contains(byte));
    let start = bytes[..at].iter().rposition(is_outside).map_or(0, |index| index + 1);
    let end = bytes[at..].iter().position(is_outside).map_or(bytes.len(), |index| at + index);
    start..end
}

/// Changes bytes without looking at what they mean.
fn damage(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let at = rng.usize(..=input.len());
    let end = (at + rng.usize(..=32)).min(input.len());
    match rng.u8(..7) {
        0 if at < input.len() => input[at] ^= 1 << rng.u8(..8),
        1 if at < input.len() => input[at] = rng.u8(..),
        2 => drop(input.drain(at..end)),
        3 => input.truncate(at),
        4 => {
            let repeated = input[at..end].to_vec();
            input.splice(at..at, repeated);
        }
        5 => {
            let tail = &other[rng.usize(..=other.len())..];
            input.splice(at.., tail.iter().copied());
        }
        _ => {
            let token = TOKENS[rng.usize(..TOKENS.len())];
            input.splice(at..end.min(at + token.len()), token.iter().copied());
        }
    }
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout")
}

/// Returns the files of a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder)
        .unwrap_or_else(|cause| panic!("failed to read {}: {cause}", folder.display()));
    let mut paths: Vec<PathBuf> =
        listed.map(|entry| entry.expect("the folder can be listed").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|cause| panic!("failed to read {}: {cause}", path.display()))
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
