//! Packages of the system, installed where that can be done: on Debian and its kin, by root.

use crate::command::Line;
use crate::say::{say, step};

/// Returns whether this is Debian or its kin, and we are its administrator.
pub(crate) fn may_install() -> bool {
    let is_root = Line::new("id", "-u").output().is_some_and(|text| text.trim() == "0");
    is_root && Line::new("apt-get", "--version").output().is_some()
}

/// Returns the commands that install packages.
pub(crate) fn install(packages: &[&str]) -> Vec<Line> {
    let quiet = |args| Line::new("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive");
    vec![
        quiet("update --quiet"),
        quiet("install --quiet --yes --no-install-recommends").args(packages),
    ]
}

/// Installs what a test can do without, if it is not there; else says what is not tested.
pub(crate) fn offer(program: &str, package: &str, untested: &str) {
    let is_there = || Line::new(program, "--version").output().is_some();
    if is_there() {
        return;
    }
    if may_install() {
        for line in install(&[package]) {
            step(program, &line);
            if let Err(problem) = line.run() {
                say(problem);
            }
        }
    }
    if !is_there() {
        say(format_args!(
            "NOTICE: {program} is not here (package {package}): {untested} not tested"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_can_be_typed_again() {
        let lines: Vec<String> = install(&["a", "b"]).iter().map(Line::to_string).collect();
        let last = lines.last().expect("there are commands");
        assert!(last.ends_with("--no-install-recommends a b"), "{last}");
    }
}
