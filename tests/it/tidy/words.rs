//! Words that may not stay: marks of unfinished work, tests that do not test, places that exist
//! on one machine only.
//!
//! The words are written in two parts here, so that this file may be checked like any other.

use super::Problem;

/// Endings of files in which a person writes.
const WRITTEN: &[&str] =
    &["css", "go", "html", "java", "js", "md", "py", "rs", "sh", "toml", "ts", "yaml", "yml"];

/// Marks of work that is not finished.
const MARKS: &[&str] = &[concat!("FIX", "ME"), concat!("X", "XX")];
/// A mark that may stay if it names an issue.
const PROMISE: &str = concat!("TO", "DO");
/// A print that was put in to find something.
const PRINT: &str = concat!("db", "g!(");

/// Paths that exist on one machine only.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/tmp/", "bash")];
/// Where packages come from; which one a reader uses is the reader's affair.
const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("maven", ".org"),
    concat!("maven.apache", ".org"),
];

/// Finds marks of unfinished work.
pub(super) fn marks(path: &str, text: &str) -> Vec<Problem> {
    if !is_written(path) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (line, line_number) in text.lines().zip(1..) {
        for mark in MARKS.iter().filter(|mark| words(line, mark).next().is_some()) {
            let what = format!("{mark}: finish it, or open an issue and write {PROMISE}(#N)");
            problems.push(Problem::new(path, line_number, what));
        }
        if words(line, PROMISE).any(|rest| !names_issue(rest)) {
            let what = format!("{PROMISE} without an issue; write {PROMISE}(#N)");
            problems.push(Problem::new(path, line_number, what));
        }
        if words(line, PRINT).next().is_some() {
            problems.push(Problem::new(path, line_number, "a print that was left behind"));
        }
    }
    problems
}

/// Finds tests that do not run, that pass for any panic, or that look and do not assert.
pub(super) fn idle_tests(path: &str, text: &str) -> Vec<Problem> {
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let mut before = "";
    let mut offset = 0;
    for (line, line_number) in text.split_inclusive('\n').zip(1..) {
        let code = line.trim();
        if code.starts_with("#[ignore") {
            let what = "an ignored test rots; make it quick, or let it look at SLOW";
            problems.push(Problem::new(path, line_number, what));
        }
        if code.starts_with("#[should_panic") {
            let what = "any panic satisfies this; catch it and look at its message";
            problems.push(Problem::new(path, line_number, what));
        }
        let begins_statement = before.is_empty() || before.ends_with([';', '{', '}', ']']);
        let rest = &text[offset..];
        if begins_statement && code.starts_with("matches!(") && ends_as_statement(rest) {
            let what = "`matches!` alone asserts nothing; write `assert!(matches!(…))`";
            problems.push(Problem::new(path, line_number, what));
        }
        if !code.is_empty() && !code.starts_with("//") {
            before = code;
        }
        offset += line.len();
    }
    problems
}

/// Finds places that a reader elsewhere does not have.
pub(super) fn places(path: &str, text: &str) -> Vec<Problem> {
    let is_document = path.ends_with(".md");
    let mut problems = Vec::new();
    for (line, line_number) in text.lines().zip(1..) {
        for place in MACHINE_PATHS.iter().filter(|place| line.contains(**place)) {
            let what = format!("{place} exists on one machine only");
            problems.push(Problem::new(path, line_number, what));
        }
        for host in REGISTRIES.iter().filter(|host| is_document && line.contains(**host)) {
            let what = format!("{host} is where one reader's packages come from");
            problems.push(Problem::new(path, line_number, what));
        }
    }
    problems
}

fn is_written(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| WRITTEN.contains(&ending))
}

/// Returns what follows each place where `word` stands alone.
fn words<'a>(line: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let whole = !word.ends_with('(');
    line.match_indices(word).filter_map(move |(index, found)| {
        let rest = &line[index + found.len()..];
        let joined = line[..index].ends_with(is_part) || (whole && rest.starts_with(is_part));
        (!joined).then_some(rest)
    })
}

/// Returns whether `(#12)` follows.
fn names_issue(rest: &str) -> bool {
    let number = rest.strip_prefix("(#").and_then(|rest| rest.split_once(')'));
    number
        .is_some_and(|(digits, _)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns whether a semicolon follows the bracket that closes the first one in `text`.
fn ends_as_statement(text: &str) -> bool {
    let mut depth = 0;
    for (index, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return text[index + 1..].trim_start().starts_with(';'),
            ')' => depth -= 1,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&str, &str) -> Vec<Problem>;

    fn numbers(check: Check, path: &str, text: &str) -> Vec<usize> {
        check(path, text).iter().map(|problem| problem.line_number).collect()
    }

    #[test]
    fn marks_are_found_and_promises_with_an_issue_stay() {
        let [fix, dots] = MARKS else { unreachable!("there are two marks") };
        let text = format!(
            "// {fix}: later\n// {dots}\n// {PROMISE}: soon\n// {PROMISE}(#12): ok\n\
             // {PROMISE}(#): no\n{PRINT}x);\nMY_{fix} {dots}L a_{PRINT}x)\n"
        );
        assert_eq!(numbers(marks, "a.rs", &text), [1, 2, 3, 5, 6]);
        assert_eq!(numbers(marks, "a.bin", &text), [0; 0]);
    }

    #[test]
    fn idle_tests_are_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n#[should_panic]\nfn b() {\n    \
                    matches!(x, Some(_));\n    // Why.\n    matches!(\n        f(x),\n        Y\n    );\n}\n";
        assert_eq!(numbers(idle_tests, "a.rs", text), [2, 4, 6, 8]);
    }

    #[test]
    fn a_matches_whose_value_is_used_stays() {
        let text = "fn a() -> bool {\n    let b =\n        matches!(x, Y);\n    assert!(\n        \
                    matches!(x, Y));\n    matches!(x, Y)\n}\n";
        assert_eq!(numbers(idle_tests, "a.rs", text), [0; 0]);
    }

    #[test]
    fn places_are_found() {
        let text = format!("see {}x\nfrom https://{}\n", MACHINE_PATHS[0], REGISTRIES[0]);
        assert_eq!(numbers(places, "a.md", &text), [1, 2]);
        assert_eq!(numbers(places, "a.rs", &text), [1]);
    }
}
