//! `fuzz`: one target, without end.
//!
//! The bodies are functions in the crates (`wire::fuzzing`, `store::fuzzing`), and every `check`
//! runs them over their corpus; this verb is for looking further.

use crate::command::{Line, root};
use crate::say::{say, step};

/// Runs one target until it fails or is stopped.
pub(crate) fn fuzz(own: &[String], passed_on: &[String]) -> Result<(), String> {
    let targets = targets()?;
    let target = match own {
        [] => {
            say(format_args!("fuzz targets: {}", targets.join(", ")));
            return Ok(());
        }
        [target] => target,
        _ => return Err("fuzz takes one target; put the rest after `--`".to_owned()),
    };
    if !targets.contains(target) {
        return Err(format!("there is no target `{target}`; there are {}", targets.join(", ")));
    }
    needs("cargo", "+nightly --version", "rustup toolchain install nightly --profile minimal")?;
    needs("cargo", "fuzz --version", "cargo install cargo-fuzz --locked")?;

    // New inputs are written to the first folder, which git ignores; a good one is moved by hand
    // to the second, where `check` runs it.
    let found = root().join("fuzz/corpus").join(target);
    std::fs::create_dir_all(&found)
        .map_err(|cause| format!("failed to make {}: {cause}", found.display()))?;
    let line = Line::new("cargo", "+nightly fuzz run --fuzz-dir fuzz")
        .args([target])
        .args([format!("fuzz/corpus/{target}"), format!("tests/it/corpus/{target}")])
        .args(["--"])
        .args(passed_on);
    step("fuzz", &line);
    line.run()
}

/// Returns the names of the targets, sorted.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let unreadable = |cause| format!("failed to read {}: {cause}", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// Fails with the command that installs what is missing.
fn needs(program: &str, args: &str, install: &str) -> Result<(), String> {
    match Line::new(program, args).output() {
        Some(_) => Ok(()),
        None => {
            Err(format!("`{program} {args}` does not work here; install it with\n    {install}"))
        }
    }
}
