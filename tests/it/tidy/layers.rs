//! Who may import whom. The table is the architecture: a row that is not here needs a decision
//! record first (`docs/adr/0001-crates-and-layers.md`).

use super::{Problem, shape};

/// One crate under `crates/`.
struct Row {
    name: &'static str,
    /// Which of our crates it may import.
    imports: &'static [&'static str],
    /// Whether it may wait: at the rim, where the sockets are.
    asynchronous: bool,
    /// Whether it may read the shapes of JSON or of a config file.
    serde: bool,
}

/// A crate that is values in, values out.
const fn pure(name: &'static str, imports: &'static [&'static str]) -> Row {
    Row { name, imports, asynchronous: false, serde: false }
}

/// A crate that opens sockets or waits.
const fn rim(name: &'static str, imports: &'static [&'static str]) -> Row {
    Row { name, imports, asynchronous: true, serde: false }
}

/// A crate in which a config file is read, or that speaks JSON of its own with the console.
const fn with_config(row: Row) -> Row {
    Row { serde: true, ..row }
}

const TABLE: &[Row] = &[
    Row { serde: true, ..pure("wire", &[]) },
    pure("trace", &["wire"]),
    pure("otlp", &["wire"]),
    pure("auth", &["wire"]),
    pure("logs", &["wire"]),
    pure("alarm", &["wire"]),
    pure("filter", &["trace", "wire"]),
    pure("graph", &["trace", "wire"]),
    pure("store", &["filter", "trace", "wire"]),
    rim("query", &["filter", "graph", "store", "trace", "wire"]),
    rim("sdk", &["wire"]),
    with_config(rim("daemon", &["auth", "wire"])),
    with_config(rim(
        "server",
        &["alarm", "auth", "filter", "graph", "logs", "otlp", "query", "store", "trace", "wire"],
    )),
    rim("demo", &["sdk", "wire"]),
    with_config(rim("fluoro", &["daemon", "demo", "filter", "server", "store", "wire"])),
];

/// What makes a crate asynchronous.
const ASYNCHRONOUS: &[&str] = &[
    "async-trait",
    "axum",
    "futures",
    "futures-util",
    "hyper",
    "hyper-util",
    "reqwest",
    "tokio",
    "tokio-util",
    "tonic",
    "tower",
    "tower-http",
];

/// Libraries that one crate keeps from all others.
const KEPT: &[(&str, &str)] =
    &[("datafusion", "query"), ("opentelemetry-proto", "otlp"), ("prost", "otlp")];

/// Where a dependency is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Section {
    Normal,
    /// For tests and benches of the crate.
    Dev,
}

#[derive(Debug, PartialEq)]
struct Dependency {
    section: Section,
    name: String,
    line_number: usize,
}

/// Compares the dependencies in a manifest with the table.
pub(super) fn imports(path: &str, text: &str) -> Vec<Problem> {
    let Some(package) = path.strip_suffix("/Cargo.toml") else { return Vec::new() };
    let row = match package.strip_prefix("crates/") {
        Some(name) => match TABLE.iter().find(|row| row.name == name) {
            Some(row) => row,
            None => return vec![Problem::new(path, 0, "has no row in the table of layers.rs")],
        },
        None if package == "xtask" => &pure("xtask", &[]),
        // tests, bench and fuzz import everything.
        None => return Vec::new(),
    };
    let found = dependencies(text);
    found
        .iter()
        .filter_map(|dependency| {
            let refused = refusal(row, dependency)?;
            Some(Problem::new(path, dependency.line_number, refused))
        })
        .collect()
}

/// Returns why `row` may not have this dependency.
fn refusal(row: &Row, Dependency { section, name, .. }: &Dependency) -> Option<String> {
    let who = row.name;
    if let Some(ours) = name.strip_prefix("fluoro-") {
        // Traces written as text are input for every crate's tests; wire stands below them.
        let fixture = *section == Section::Dev && ours == "trace" && who != "wire";
        let allowed = row.imports.contains(&ours) || fixture;
        return (!allowed).then(|| format!("{who} may not import {ours}"));
    }
    if !row.asynchronous && ASYNCHRONOUS.contains(&name.as_str()) {
        return Some(format!("{name} is asynchronous, and {who} is not"));
    }
    if !row.serde && *section == Section::Normal && name.starts_with("serde") {
        return Some(format!("only wire knows JSON names; {who} may not import {name}"));
    }
    let (_, keeper) = KEPT.iter().find(|(kept, _)| kept == name)?;
    (*keeper != who).then(|| format!("only {keeper} may import {name}"))
}

/// Returns the dependencies of a manifest, build dependencies among the normal ones.
fn dependencies(text: &str) -> Vec<Dependency> {
    let mut section = None;
    let mut found = Vec::new();
    for (line, line_number) in text.lines().map(str::trim).zip(1..) {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.trim_end_matches(']');
            let (last, named) = match head.rsplit_once("dependencies.") {
                Some((before, name)) => (format!("{before}dependencies"), Some(name)),
                None => (head.to_owned(), None),
            };
            section = match last.rsplit('.').next() {
                Some("dependencies" | "build-dependencies") => Some(Section::Normal),
                Some("dev-dependencies") => Some(Section::Dev),
                _ => None,
            };
            if let (Some(section), Some(name)) = (section, named) {
                found.push(Dependency { section, name: name.to_owned(), line_number });
            }
        } else if let (Some(section), Some((key, value))) = (section, line.split_once('='))
            && let Some(name) = dependency_name(key, value)
        {
            found.push(Dependency { section, name, line_number });
        }
    }
    found
}

/// Returns the package that `key = value` depends on, under whatever name it is imported.
fn dependency_name(key: &str, value: &str) -> Option<String> {
    if key.starts_with('#') {
        return None;
    }
    let renamed = value.split_once("package = \"").and_then(|(_, rest)| rest.split('"').next());
    let name = renamed.or_else(|| key.split('.').next())?;
    Some(name.trim().trim_matches('"').to_owned())
}

/// Finds serde in the code of crates that take their shapes from wire. Tests are free.
pub(super) fn serde(path: &str, text: &str) -> Vec<Problem> {
    let Some((name, rest)) = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'))
    else {
        return Vec::new();
    };
    let in_config = rest.ends_with("/config.rs") || rest.contains("/config/");
    let for_tests = rest.ends_with("/tests.rs") || rest.ends_with("/testing.rs");
    let is_code = rest.starts_with("src/") && rest.ends_with(".rs") && !for_tests;
    // The console's endpoints are described by the types they are made of.
    let is_console = name == "server" && rest.starts_with("src/console/");
    if name == "wire" || in_config || is_console || !is_code {
        return Vec::new();
    }
    shape::without_tests(text)
        .zip(1..)
        .filter(|(line, _)| {
            let code = line.split("//").next().unwrap_or("");
            code.contains("serde::") || code.contains("serde_json") || code.contains("use serde")
        })
        .map(|(_, line_number)| {
            let what = "only wire knows JSON names; take a shape from there, or use config.rs";
            Problem::new(path, line_number, what)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str, text: &str) -> Vec<String> {
        imports(path, text).iter().map(Problem::to_string).collect()
    }

    #[test]
    fn an_import_upwards_is_refused() {
        let manifest = "[dependencies]\nfluoro-wire.workspace = true\nfluoro-store = \"1\"\n";
        let problems = refused("crates/trace/Cargo.toml", manifest);
        assert_eq!(problems, ["crates/trace/Cargo.toml:3: trace may not import store"]);
    }

    #[test]
    fn every_spelling_of_a_dependency_is_seen() {
        let manifest = "\
[package]
name = \"fluoro-server\"
[dependencies.fluoro-a]
path = \"x\"
[target.'cfg(unix)'.dependencies]
b = { package = \"fluoro-b\", path = \"y\" }
[build-dependencies]
# fluoro-no = \"1\"
\"fluoro-c\" = \"1\"
[dev-dependencies]
fluoro-d.workspace = true
[lints]
fluoro-e = true
";
        let found = dependencies(manifest);
        let ours: Vec<(Section, &str, usize)> = found
            .iter()
            .filter(|dependency| dependency.name.starts_with("fluoro-"))
            .map(|dependency| {
                (dependency.section, dependency.name.as_str(), dependency.line_number)
            })
            .collect();
        let (normal, dev) = (Section::Normal, Section::Dev);
        assert_eq!(
            ours,
            [
                (normal, "fluoro-a", 3),
                (normal, "fluoro-b", 6),
                (normal, "fluoro-c", 9),
                (dev, "fluoro-d", 11)
            ]
        );
    }

    #[test]
    fn tests_may_use_fixtures_and_no_other_layer() {
        let manifest = "[dev-dependencies]\nfluoro-trace = \"1\"\nfluoro-graph = \"1\"\n";
        let problems = refused("crates/daemon/Cargo.toml", manifest);
        assert_eq!(problems, ["crates/daemon/Cargo.toml:3: daemon may not import graph"]);
        assert_eq!(refused("crates/wire/Cargo.toml", manifest).len(), 2);
    }

    #[test]
    fn nothing_waits_below_the_programs() {
        for section in ["dependencies", "dev-dependencies"] {
            let manifest = format!("[{section}]\ntokio.workspace = true\n");
            for name in ["wire", "trace", "graph", "store"] {
                assert_eq!(refused(&format!("crates/{name}/Cargo.toml"), &manifest).len(), 1);
            }
            assert_eq!(refused("crates/server/Cargo.toml", &manifest).len(), 0);
        }
    }

    #[test]
    fn a_library_with_a_keeper_stays_with_it() {
        let manifest = "[dependencies]\nprost = \"1\"\n";
        let problems = refused("crates/server/Cargo.toml", manifest);
        assert_eq!(problems, ["crates/server/Cargo.toml:2: only otlp may import prost"]);
        assert_eq!(refused("crates/otlp/Cargo.toml", manifest).len(), 0);
    }

    #[test]
    fn a_crate_without_a_row_is_a_problem() {
        assert_eq!(refused("crates/misc/Cargo.toml", "").len(), 1);
        let manifest = "[dependencies]\nfluoro-wire = \"1\"";
        assert_eq!(refused("xtask/Cargo.toml", manifest).len(), 1);
        assert_eq!(refused("bench/Cargo.toml", manifest).len(), 0);
    }

    #[test]
    fn serde_is_found_outside_wire_and_config() {
        let text = "use serde::Serialize;\n// serde_json is fast\nlet x = serde_json::to_vec(&y);\n\
                    #[cfg(test)]\nmod tests {\n    use serde_json::json;\n}\n";
        let numbers = |path: &str| -> Vec<usize> {
            serde(path, text).iter().map(|problem| problem.line_number).collect()
        };
        assert_eq!(numbers("crates/store/src/wal.rs"), [1, 3]);
        for free in [
            "wire/src/id.rs",
            "server/src/config.rs",
            "server/src/testing.rs",
            "server/src/console/error.rs",
        ] {
            assert_eq!(numbers(&format!("crates/{free}")), [0; 0]);
        }
        assert_eq!(numbers("bench/src/main.rs"), [0; 0]);
        let manifest = "[dependencies]\nserde_json = \"1\"\n[dev-dependencies]\nserde = \"1\"\n";
        assert_eq!(refused("crates/store/Cargo.toml", manifest).len(), 1);
        assert_eq!(refused("crates/fluoro/Cargo.toml", manifest).len(), 0);
    }
}
