//! The shape of a source file: its first line, its length, the length of its functions.

use super::{File, Problem};

/// Lines of a file, without the tests at its bottom.
const FILE_LINES_MAX: usize = 500;
/// Lines of code in a function's body; comments and empty lines are free, as in clippy's count.
const FUNCTION_LINES_MAX: usize = 70;

/// What is longer than it should be: `path` or `path::function`, and its lines. This list may
/// only shrink: who makes one of these shorter lowers its number or takes it out.
pub(super) const RATCHET: &[(&str, usize)] = &[];

/// Finds files that do not begin by saying what they are for.
pub(super) fn first_line(path: &str, text: &str) -> Vec<Problem> {
    if !path.ends_with(".rs") || text.strip_prefix("//! ").is_some_and(|rest| !rest.is_empty()) {
        return Vec::new();
    }
    vec![Problem::new(path, 1, "the first line must be `//!` and say what the file is for")]
}

/// Finds files and functions that are too long, and entries of the ratchet that are out of date.
pub(super) fn lengths(files: &[File], ratchet: &[(&str, usize)]) -> Vec<Problem> {
    let measured: Vec<Length> = files
        .iter()
        .filter(|file| file.is_rust())
        .flat_map(|file| measure(&file.path, file.text()))
        .collect();
    let mut problems: Vec<Problem> = measured
        .iter()
        .filter_map(|length| {
            let listed = ratchet.iter().find(|(name, _)| *name == length.name);
            Some(Problem::new(&length.name, 0, length.judge(listed.map(|(_, lines)| *lines))?))
        })
        .collect();
    for (name, _) in ratchet {
        if !measured.iter().any(|length| length.name == *name) {
            problems.push(Problem::new(name, 0, "is gone; remove it from the list in shape.rs"));
        }
    }
    problems
}

/// How long something is, and how long it may be.
struct Length {
    /// `path` or `path::function`.
    name: String,
    lines: usize,
    lines_max: usize,
}

impl Length {
    /// Returns what is wrong, if `listed` is the number in the ratchet.
    fn judge(&self, listed: Option<usize>) -> Option<String> {
        let Self { lines, lines_max, .. } = self;
        match listed {
            None if lines > lines_max => {
                Some(format!("has {lines} lines; {lines_max} is the limit"))
            }
            None => None,
            Some(_) if lines <= lines_max => {
                Some("is short enough; remove it from the list in shape.rs".to_owned())
            }
            Some(listed) if *lines > listed => Some(format!("grew from {listed} to {lines} lines")),
            Some(listed) if *lines < listed => {
                Some(format!("has {lines} lines; lower its {listed} in the list in shape.rs"))
            }
            Some(_) => None,
        }
    }
}

/// Returns the lines before the module of tests at the bottom of a file.
pub(super) fn without_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let starts_tests = line == "#[cfg(test)]"
            && lines.peek().is_some_and(|next| next.starts_with("mod tests {"));
        (!starts_tests).then_some(line)
    })
    .fuse()
}

/// Measures a file and the functions in it, tests included: those may be many, not long.
fn measure(path: &str, text: &str) -> Vec<Length> {
    let mut lengths = functions(path, text);
    // A file of tests is the bottom of another file, moved out.
    if !path.ends_with("/tests.rs") {
        let lines = without_tests(text).count();
        lengths.push(Length { name: path.to_owned(), lines, lines_max: FILE_LINES_MAX });
    }
    lengths
}

/// Measures the functions of a file as rustfmt writes them: a body ends with a brace that stands
/// as far in as the line with `fn`.
fn functions(path: &str, text: &str) -> Vec<Length> {
    let lines: Vec<&str> = text.lines().collect();
    let mut lengths = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends_signature = |line: &&str| line.trim_end().ends_with(['{', '}', ';']);
        let Some(offset) = lines[index..].iter().position(ends_signature) else { continue };
        if !lines[index + offset].trim_end().ends_with('{') {
            continue;
        }
        let is_end = |line: &&&str| line.strip_prefix(indent) == Some("}");
        let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let body = lines[index + offset + 1..].iter();
        lengths.push(Length {
            name: format!("{path}::{name}"),
            lines: body.take_while(|line| !is_end(line)).filter(is_code).count(),
            lines_max: FUNCTION_LINES_MAX,
        });
    }
    lengths
}

/// Returns the name of the function that starts on this line.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.trim_start().split_once("fn ")?;
    let is_start = before
        .split_whitespace()
        .all(|word| word.starts_with("pub") || MODIFIERS.contains(&word) || word.ends_with(')'));
    let name = after.split(['(', '<']).next()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_start && is_name).then_some(name)
}

/// Words that may stand before `fn`; `pub(in …)` besides.
const MODIFIERS: &[&str] = &["const", "async", "unsafe", "extern", "\"C\"", "default"];

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: String) -> File {
        File { path: path.to_owned(), bytes: text.into_bytes() }
    }

    fn judged(files: &[File], ratchet: &[(&str, usize)]) -> Vec<String> {
        lengths(files, ratchet).iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_file_without_a_head_is_found() {
        for bad in ["", "use std::fmt;\n", "// A comment.\n//! Late.\n", "//!\n//! Late.\n"] {
            assert_eq!(first_line("a.rs", bad).len(), 1, "{bad:?}");
        }
        assert_eq!(first_line("a.rs", "//! A file.\n").len(), 0);
        assert_eq!(first_line("a.md", "text").len(), 0);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_are_free() {
        let code = "const A: u8 = 1;\n".repeat(FILE_LINES_MAX);
        let tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
        assert_eq!(judged(&[file("a.rs", format!("{code}{tests}"))], &[]), [""; 0]);
        let long = file("a.rs", format!("{code}//\n{tests}"));
        assert_eq!(judged(&[long], &[]), ["a.rs: has 501 lines; 500 is the limit"]);
        // A test-only import is not the end of the code.
        let early = file("a.rs", format!("#[cfg(test)]\nuse std::fmt;\n{code}"));
        assert_eq!(judged(&[early], &[]).len(), 1);
        assert_eq!(judged(&[file("a/tests.rs", format!("{code}//\n"))], &[]).len(), 0);
    }

    #[test]
    fn a_long_function_is_found() {
        let body = "        a();\n".repeat(FUNCTION_LINES_MAX);
        for head in
            ["fn run() {", "pub(crate) const unsafe fn run<T>(\n        a: T,\n    ) -> T {"]
        {
            let fine = format!("impl A {{\n    {head}\n{body}\n        // Why.\n    }}\n}}\n");
            assert_eq!(judged(&[file("a.rs", fine.clone())], &[]), [""; 0]);
            let long = fine.replace("// Why.", "b();");
            assert_eq!(
                judged(&[file("a.rs", long)], &[]),
                ["a.rs::run: has 71 lines; 70 is the limit"]
            );
        }
    }

    #[test]
    fn functions_without_a_body_are_passed_over() {
        let text = "trait A {\n    fn a(&self);\n    fn b(\n    ) -> u8;\n}\nfn c() {}\n";
        assert_eq!(functions("a.rs", text).len(), 0);
        assert_eq!(function_name("let f = a_fn (b);"), None);
        assert_eq!(function_name("/// fn x()"), None);
        assert_eq!(function_name("type F = fn(u8);"), None);
    }

    #[test]
    fn the_ratchet_only_shrinks() {
        let with = |lines| [file("a.rs", "//\n".repeat(lines))];
        assert_eq!(judged(&with(600), &[("a.rs", 600)]), [""; 0]);
        assert_eq!(judged(&with(601), &[("a.rs", 600)]), ["a.rs: grew from 600 to 601 lines"]);
        let lower = "a.rs: has 599 lines; lower its 600 in the list in shape.rs";
        assert_eq!(judged(&with(599), &[("a.rs", 600)]), [lower]);
        let remove = "a.rs: is short enough; remove it from the list in shape.rs";
        assert_eq!(judged(&with(500), &[("a.rs", 600)]), [remove]);
        let gone = "b.rs: is gone; remove it from the list in shape.rs";
        assert_eq!(judged(&with(1), &[("b.rs", 600)]), [gone]);
    }
}
