//! Where what is built is kept, and the one tool that `check` needs and cargo does not bring.
//!
//! The folder lies outside the checkout, so that a second clone does not compile the dependencies
//! again. It may be deleted at any time, and a folder that cannot be written is passed over for
//! `target/` in the checkout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::{Line, root};
use crate::say::say;

/// The version of cargo-deny that `deny.toml` is written for.
const DENY_VERSION: &str = "0.20.2";

/// The folders that the verbs write to.
pub(crate) struct Cache {
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// Where tools are installed.
    pub(crate) tools: PathBuf,
}

impl Cache {
    /// Finds the folders, and makes the cache if it is missing.
    pub(crate) fn open() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = folder(variable).filter(|folder| match probe(folder) {
            Ok(()) => true,
            Err(cause) => {
                say(format_args!(
                    "{} cannot be written ({cause}): using target/",
                    folder.display()
                ));
                false
            }
        });
        let chosen = variable("CARGO_TARGET_DIR").and_then(|path| std::path::absolute(path).ok());
        let inside = root().join("target");
        Self {
            target: chosen
                .or_else(|| folder.as_ref().map(|folder| folder.join("target")))
                .unwrap_or_else(|| inside.clone()),
            tools: folder.unwrap_or(inside).join("tools"),
        }
    }

    /// Returns a cargo command that builds into the cache.
    pub(crate) fn cargo(&self, args: &str) -> Line {
        Line::new("cargo", args).env("CARGO_TARGET_DIR", &self.target)
    }

    /// Returns the cargo-deny to use: an installed one of our version, else where it will be.
    pub(crate) fn deny(&self) -> Deny {
        let ours = self.tools.join("bin").join("cargo-deny");
        for program in [ours.as_path(), Path::new("cargo-deny")] {
            let version = Line::new(program, "--version").output();
            if version.is_some_and(|text| text.trim().ends_with(DENY_VERSION)) {
                return Deny { program: program.to_owned(), install: None };
            }
        }
        Deny { program: ours, install: Some(install(&self.tools)) }
    }
}

/// The program cargo-deny.
pub(crate) struct Deny {
    /// Its name or path.
    pub(crate) program: PathBuf,
    /// The command that installs it, when it is not there.
    pub(crate) install: Option<Line>,
}

/// Returns the command that installs cargo-deny: an unoptimised build without debug information,
/// which reads our dependencies in a second and compiles several times as fast.
fn install(tools: &Path) -> Line {
    Line::new("env", "-u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=false")
        .args(["cargo", "install", "cargo-deny", "--version", DENY_VERSION])
        .args(["--locked", "--debug", "--no-default-features", "--quiet", "--root"])
        .args([tools])
}

/// Returns the cache folder that the environment asks for.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(path) = variable("FLUORO_CACHE") {
        return std::path::absolute(path).ok();
    }
    let caches = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    Some(caches.join("fluoro"))
}

/// Makes `folder` and writes a file in it, to see that it can be done.
fn probe(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join(format!(".probe-{}", std::process::id()));
    std::fs::write(&file, "")?;
    std::fs::remove_file(&file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_in(environment: &[(&str, &str)]) -> Option<PathBuf> {
        folder(|name| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let all = [("FLUORO_CACHE", "/f"), ("XDG_CACHE_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(folder_in(&all), Some("/f".into()));
        assert_eq!(folder_in(&all[1..]), Some("/x/fluoro".into()));
        assert_eq!(folder_in(&all[2..]), Some("/h/.cache/fluoro".into()));
        assert_eq!(folder_in(&[]), None);
    }

    #[test]
    fn a_relative_xdg_folder_is_ignored() {
        let environment = [("XDG_CACHE_HOME", "here"), ("HOME", "/h")];
        assert_eq!(folder_in(&environment), Some("/h/.cache/fluoro".into()));
    }

    #[test]
    fn a_file_in_the_way_is_not_writable() {
        assert!(probe(&root().join("Cargo.toml")).is_err());
    }
}
