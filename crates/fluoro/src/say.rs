//! What a command prints for the person who called it; the log is something else.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints one line; a closed terminal is no reason to fail.
pub(crate) fn say(line: impl Display) {
    writeln!(io::stdout().lock(), "{line}").ok();
}
