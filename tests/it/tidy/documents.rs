//! Names in the documents that must exist in the code, and names in the code that must be
//! described in a document.

use super::{File, Problem, shape};

/// Where the operations of the API are listed in code.
const ROUTES: &str = "crates/server/src/routes.rs";
/// Where they are described.
const API: &str = "docs/api.md";
/// Where files on disk are described.
const FORMATS: &str = "docs/format/";

/// Endings of files that a document may name.
const ENDINGS: &[&str] =
    &[".css", ".html", ".js", ".json", ".lock", ".md", ".py", ".rs", ".sh", ".toml", ".ts"];

/// Finds paths and modules that the document at `path` names in backticks and that do not exist.
pub(super) fn named_paths(path: &str, files: &[File]) -> Vec<Problem> {
    let Some(document) = files.iter().find(|file| file.path == path) else {
        return vec![Problem::new(path, 0, "is missing")];
    };
    let mut problems = Vec::new();
    let mut fenced = false;
    for (line, line_number) in document.text().lines().zip(1..) {
        fenced ^= line.trim_start().starts_with("```");
        // Every second piece stands between two backticks.
        for name in line.split('`').skip(1).step_by(2).filter(|_| !fenced) {
            if !exists(name, files) {
                let what = format!("`{name}` does not exist");
                problems.push(Problem::new(path, line_number, what));
            }
        }
    }
    problems
}

/// Returns whether `name` exists, or does not look like a path, a crate or a module of ours.
fn exists(name: &str, files: &[File]) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    // A door, a URL or an address is not a path in the checkout; neither is what a build makes.
    let elsewhere = ["/", "./", "target/", "http:", "https:"].iter().any(|p| name.starts_with(p));
    if !name.chars().all(is_plain) || elsewhere {
        return true;
    }
    if let Some(package) = name.strip_prefix("fluoro-").filter(|rest| !rest.contains('/')) {
        return ["", "crates/"].iter().any(|at| has(&format!("{at}{package}/Cargo.toml"), files));
    }
    if let Some((package, item)) = name.split_once("::") {
        return item_exists(package, item, files);
    }
    let first = name.split('/').next().unwrap_or(name);
    let known_folder = name.contains('/') && (below(first, files) || below_crates(first, files));
    let looks_like_path = known_folder || ENDINGS.iter().any(|ending| name.ends_with(ending));
    !looks_like_path || path_exists(name, files)
}

/// Returns whether `wal/reader.rs` or `store/wal.rs` is a file or a folder somewhere.
fn path_exists(name: &str, files: &[File]) -> bool {
    let name = name.trim_end_matches('/');
    let in_crate = name.split_once('/').map(|(krate, rest)| format!("crates/{krate}/src/{rest}"));
    let mut candidates = vec![name.to_owned(), format!("crates/{name}")];
    candidates.extend(in_crate);
    candidates.iter().any(|path| has(path, files) || below(path, files))
}

/// Returns whether one of our crates has a module or an item of this name; other crates' names
/// are not ours to check.
fn item_exists(package: &str, item: &str, files: &[File]) -> bool {
    let source = format!("crates/{package}/src/");
    if !below(source.trim_end_matches('/'), files) {
        return true;
    }
    let last = item.rsplit("::").next().unwrap_or(item);
    let module = format!("{source}{}.rs", item.replace("::", "/"));
    let mut sources = files.iter().filter(|file| file.path.starts_with(&source));
    has(&module, files) || sources.any(|file| defines(file.text(), last))
}

/// Returns whether a line of `text` defines the item `name`.
fn defines(text: &str, name: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "trait", "mod", "const", "static", "type", "macro_rules!"];
    text.lines().any(|line| {
        let words: Vec<&str> =
            line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '!')).collect();
        words.windows(2).any(|pair| kinds.contains(&pair[0]) && pair[1] == name)
    })
}

fn has(path: &str, files: &[File]) -> bool {
    files.iter().any(|file| file.path == path)
}

/// Returns whether there is a file somewhere below the folder.
fn below(folder: &str, files: &[File]) -> bool {
    files
        .iter()
        .any(|file| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

fn below_crates(folder: &str, files: &[File]) -> bool {
    below(&format!("crates/{folder}"), files)
}

/// Finds constants named `MAGIC` in the store whose bytes no document of a format contains.
pub(super) fn magics(files: &[File]) -> Vec<Problem> {
    let described = |bytes: &str| {
        let is_format = |file: &&File| file.path.starts_with(FORMATS) && file.path.ends_with(".md");
        files.iter().filter(is_format).any(|file| file.text().contains(bytes))
    };
    let mut problems = Vec::new();
    let sources = files.iter().filter(|file| file.path.starts_with("crates/store/src/"));
    for file in sources.filter(|file| file.is_rust()) {
        let lines: Vec<&str> = shape::without_tests(file.text()).collect();
        for (index, _) in lines.iter().enumerate().filter(|(_, line)| defines_magic(line)) {
            // rustfmt may put a long value on the next line.
            let after = lines[index..].iter().take(2).find_map(|line| line.split_once("b\""));
            let what = match after.and_then(|(_, rest)| rest.split('"').next()) {
                None => "write a magic as a byte string, so that it can be found".to_owned(),
                Some(bytes) if described(bytes) => continue,
                Some(bytes) => format!("no file in {FORMATS} describes what begins with {bytes}"),
            };
            problems.push(Problem::new(&file.path, index + 1, what));
        }
    }
    problems
}

/// Returns whether the line is `const …MAGIC…: …`.
fn defines_magic(line: &str) -> bool {
    let name = line.split_once("const ").and_then(|(_, rest)| rest.split_once(':'));
    name.is_some_and(|(name, _)| name.contains("MAGIC") && !name.contains(char::is_whitespace))
}

/// Finds operations in the route table that have no row in the API document.
pub(super) fn operations(files: &[File]) -> Vec<Problem> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let Some(routes) = find(ROUTES) else {
        return vec![Problem::new(ROUTES, 0, "is missing; the operations are looked up there")];
    };
    let names = operation_names(routes.text());
    if names.is_empty() {
        return vec![Problem::new(ROUTES, 0, "names no operation that this check can see")];
    }
    let document = find(API).map_or("", File::text);
    let rows: Vec<&str> = document.lines().filter(|line| line.starts_with('|')).collect();
    let has_row = |name: &str| {
        let is_part = |c: char| !c.is_alphanumeric();
        rows.iter().any(|row| row.split(is_part).any(|word| word == name))
    };
    names
        .iter()
        .filter(|(name, _)| !has_row(name))
        .map(|(name, line_number)| {
            Problem::new(ROUTES, *line_number, format!("{name} has no row in {API}"))
        })
        .collect()
}

/// Returns the strings in the route table that are written like `PutTraceSegments`, and where.
fn operation_names(text: &str) -> Vec<(&str, usize)> {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for (line, line_number) in shape::without_tests(text).zip(1..) {
        let code = line.split("//").next().unwrap_or("");
        for string in code.split('"').skip(1).step_by(2).filter(|string| is_operation(string)) {
            if !names.iter().any(|(name, _)| *name == string) {
                names.push((string, line_number));
            }
        }
    }
    names
}

/// Returns whether the name is two or more words, each with a capital: `GetGroup`.
fn is_operation(name: &str) -> bool {
    let capitals = name.bytes().filter(u8::is_ascii_uppercase).count();
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphabetic())
        && (2..name.len()).contains(&capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(of: &[(&str, &str)]) -> Vec<File> {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        of.iter().map(file).collect()
    }

    #[test]
    fn names_that_do_not_exist_are_found() {
        let text = "\
See `crates/store/`, `store/wal.rs`, `Cargo.toml`, `docs/adr`, `store::wal`, `store::Wal`,
`fluoro-store`, `/TraceSegments`, `127.0.0.1:2000`, `serde::Value`, `text/plain`, `a b/c.rs`.
```
`crates/fenced/`
```
`crates/gone/` `store/gone.rs` `gone.toml` `docs/gone` `store::gone` `fluoro-gone`
";
        let tree = files(&[
            ("ARCHITECTURE.md", text),
            ("Cargo.toml", ""),
            ("docs/adr/0001.md", ""),
            ("crates/store/Cargo.toml", ""),
            ("crates/store/src/wal.rs", "pub struct Wal;"),
        ]);
        let problems = named_paths("ARCHITECTURE.md", &tree);
        let found: Vec<(usize, &str)> =
            problems.iter().map(|problem| (problem.line_number, problem.what.as_str())).collect();
        let gone = ["crates/gone/", "store/gone.rs", "gone.toml", "docs/gone", "store::gone"];
        assert_eq!(found.len(), gone.len() + 1, "{found:?}");
        for name in gone {
            let what = format!("`{name}` does not exist");
            assert!(found.contains(&(6, what.as_str())), "{name}");
        }
        assert_eq!(named_paths("OTHER.md", &tree).len(), 1);
    }

    #[test]
    fn a_magic_that_is_not_described_is_found() {
        let code = "pub(crate) const MAGIC: &[u8; 8] = b\"FLUOWAL1\";\nconst BLOCK_MAGIC: [u8; 4] =\n    \
                    *b\"FLUB\";\nconst MAGIC_BYTES: [u8; 2] =\n    [1, 2];\n// const MAGIC is described\n";
        let tree = |document| {
            files(&[("crates/store/src/frame.rs", code), ("docs/format/wal.md", document)])
        };
        let numbers = |document| -> Vec<usize> {
            magics(&tree(document)).iter().map(|problem| problem.line_number).collect()
        };
        assert_eq!(numbers("begins with `FLUOWAL1`"), [2, 4]);
        assert_eq!(numbers("`FLUOWAL1` and `FLUB`"), [4]);
    }

    #[test]
    fn an_operation_without_a_row_is_found() {
        let routes = "\
    Route { operation: \"PutTraceSegments\", path: \"/TraceSegments\", method: \"POST\" },
    Route { operation: \"GetGroup\", path: \"/GetGroup\", action: \"xray:GetGroup\" },
    // \"GetGone\"
";
        let tree = |api| files(&[(ROUTES, routes), (API, api)]);
        let found = |api| -> Vec<String> {
            operations(&tree(api)).iter().map(Problem::to_string).collect()
        };
        let missing = "crates/server/src/routes.rs:2: GetGroup has no row in docs/api.md";
        assert_eq!(
            found("| `PutTraceSegments` | yes |\n| GetGroups | no |\nGetGroup\n"),
            [missing]
        );
        assert_eq!(found("| `PutTraceSegments` |\n| `GetGroup` |\n"), [""; 0]);
        assert_eq!(found("").len(), 2);
        assert_eq!(operations(&files(&[(ROUTES, "GET")])).len(), 1);
        assert_eq!(operations(&[]).len(), 1);
    }
}
