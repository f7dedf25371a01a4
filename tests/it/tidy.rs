//! House rules that a compiler cannot hold: who may import whom, how long a file may grow, which
//! words may not stay, which names in the documents must exist.
//!
//! A check is a pure function from files to problems, and each has a test beside it that shows it
//! fails on a bad example. The tests in this file run the checks over everything that git tracks
//! or would track.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

mod layers;

mod shape;

mod words;

mod documents;

/// The size past which a file does not belong into git.
const FILE_BYTES_MAX: usize = 200_000;

/// A file of the checkout.
struct File {
    /// Its path from the root, with `/` between the parts.
    path: String,
    bytes: Vec<u8>,
}

impl File {
    /// Returns the text, or nothing for a picture or an archive.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or("")
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Something that breaks a rule.
#[derive(Debug, PartialEq)]
struct Problem {
    path: String,
    /// One-based; 0 when the whole file is meant.
    line_number: usize,
    what: String,
}

impl Problem {
    fn new(path: &str, line_number: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line_number, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_number {
            0 => write!(out, "{}: {}", self.path, self.what),
            number => write!(out, "{}:{number}: {}", self.path, self.what),
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout").to_owned()
}

/// Returns every file that git tracks or would track.
fn files() -> Vec<File> {
    let root = root();
    let output = Command::new("git")
        .arg("-c")
        // A checkout that belongs to another user is read all the same.
        .arg(format!("safe.directory={}", root.display()))
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut files = Vec::new();
    for path in String::from_utf8_lossy(&output.stdout).split('\0') {
        match std::fs::read(root.join(path)) {
            Ok(bytes) => files.push(File { path: path.to_owned(), bytes }),
            // Deleted and not yet committed, or the end of the list.
            Err(_) if path.is_empty() || !root.join(path).is_file() => {}
            Err(cause) => panic!("failed to read {path}: {cause}"),
        }
    }
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "git lists another folder");
    files
}

/// Fails with the list of problems, if there are any.
#[track_caller]
fn hold(problems: &[Problem]) {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

/// Runs a check that looks at one file at a time.
fn each(check: fn(&str, &str) -> Vec<Problem>) -> Vec<Problem> {
    files().iter().flat_map(|file| check(&file.path, file.text())).collect()
}

#[test]
fn crates_import_what_their_layer_allows() {
    hold(&each(layers::imports));
}

#[test]
fn json_names_are_known_in_one_crate() {
    hold(&each(layers::serde));
}

#[test]
fn files_say_what_they_are_for() {
    hold(&each(shape::first_line));
}

#[test]
fn files_and_functions_stay_short() {
    hold(&shape::lengths(&files(), shape::RATCHET));
}

#[test]
fn no_mark_is_left_over() {
    hold(&each(words::marks));
}

#[test]
fn every_test_runs_and_asserts() {
    hold(&each(words::idle_tests));
}

#[test]
fn documents_name_no_machine_and_no_registry() {
    hold(&each(words::places));
}

#[test]
fn what_the_architecture_names_exists() {
    hold(&documents::named_paths("ARCHITECTURE.md", &files()));
}

#[test]
fn formats_on_disk_are_described() {
    hold(&documents::magics(&files()));
}

#[test]
fn operations_have_a_row_in_the_api_document() {
    hold(&documents::operations(&files()));
}

#[test]
fn no_large_file_and_no_pinned_compiler_is_tracked() {
    hold(&unwelcome(&files()));
}

/// Finds files that do not belong into git.
fn unwelcome(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for File { path, bytes } in files {
        if bytes.len() > FILE_BYTES_MAX {
            let what = format!("has {} bytes; make it where it is needed instead", bytes.len());
            problems.push(Problem::new(path, 0, what));
        }
        if path.starts_with("rust-toolchain") {
            let what = "pins a compiler; `rust-version` in Cargo.toml says the oldest that will do";
            problems.push(Problem::new(path, 0, what));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_does_not_belong_into_git() {
        let file = |path: &str, bytes| File { path: path.to_owned(), bytes: vec![0; bytes] };
        let large = file("a.bin", FILE_BYTES_MAX + 1);
        let pin = file("rust-toolchain.toml", 1);
        let fine = file("b.bin", FILE_BYTES_MAX);
        let problems = unwelcome(&[large, pin, fine]);
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["a.bin", "rust-toolchain.toml"]);
    }

    #[test]
    fn a_problem_fails_the_test_and_says_where() {
        let problem = Problem::new("a.rs", 7, "is wrong");
        let Err(message) = std::panic::catch_unwind(|| hold(&[problem])) else {
            panic!("a problem was let through");
        };
        let message = message.downcast_ref::<String>().unwrap();
        assert!(message.contains("a.rs:7: is wrong"), "{message}");
    }
}
