//! A command line: started here, and printed so that a person can type it again.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the root of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the checkout")
}

/// A program, its arguments, and the environment that it needs beyond ours.
pub(crate) struct Line {
    env: Vec<(&'static str, String)>,
    words: Vec<String>,
}

impl Line {
    /// Returns the line `program args…`, with `args` split at spaces.
    pub(crate) fn new(program: impl AsRef<Path>, args: &str) -> Self {
        let mut words = vec![program.as_ref().to_string_lossy().into_owned()];
        words.extend(args.split_whitespace().map(str::to_owned));
        Self { env: Vec::new(), words }
    }

    /// Adds arguments that may hold spaces.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.words.extend(args.into_iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()));
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &'static str, value: impl AsRef<Path>) -> Self {
        self.env.push((name, value.as_ref().to_string_lossy().into_owned()));
        self
    }

    /// Returns the process to start: in the root of the checkout, reading nothing.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(root()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if is_of_this_package(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end with our output.
    pub(crate) fn run(&self) -> Result<(), String> {
        let status = self
            .command()
            .status()
            .map_err(|cause| format!("failed to start `{}`: {cause}", self.words[0]))?;
        if status.success() { Ok(()) } else { Err(format!("`{self}` ended with {status}")) }
    }

    /// Runs it unseen and returns its standard output if it succeeds.
    pub(crate) fn output(&self) -> Option<String> {
        let output = self.command().output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(out, "{name}={} ", quoted(value))?;
        }
        let words: Vec<String> = self.words.iter().map(|word| quoted(word)).collect();
        out.write_str(&words.join(" "))
    }
}

/// Returns whether `cargo run` set this variable to describe xtask itself. Left in place, such
/// variables make cargo build some crates again that it has built already.
fn is_of_this_package(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Returns `word` as a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns the path of a program that cargo built.
pub(crate) fn built(target: &Path, profile: &str, name: &str) -> PathBuf {
    target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_printed_as_a_shell_takes_it() {
        let line = Line::new("cargo", "clippy --workspace").args(["a b", "it's"]).env("F", "-D x");
        assert_eq!(line.to_string(), r"F='-D x' cargo clippy --workspace 'a b' 'it'\''s'");
    }

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let problem = Line::new("false", "--one").run().unwrap_err();
        assert!(problem.starts_with("`false --one` ended with"), "{problem}");
        let problem = Line::new("no-such-program", "").run().unwrap_err();
        assert!(problem.starts_with("failed to start `no-such-program`"), "{problem}");
    }

    #[test]
    fn what_describes_this_package_is_not_handed_on() {
        assert!(is_of_this_package("CARGO_PKG_NAME"));
        assert!(!is_of_this_package("CARGO_TARGET_DIR") && !is_of_this_package("CARGO_HOME"));
    }
}
