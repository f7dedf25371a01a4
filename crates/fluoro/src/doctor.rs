//! `fluoro doctor`: looks at what a server depends on and says what to fix.
//!
//! Nothing is changed: a port is tried and given back, a file is written into the data folder,
//! synced and removed.

mod checks;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::arguments::ServeArguments;
use crate::say::say;

/// What to look at.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The folder that holds, or is to hold, the data.
    pub(crate) data_dir: PathBuf,
    /// The HTTP door.
    pub(crate) http: SocketAddr,
    /// The UDP door.
    pub(crate) udp: SocketAddr,
    /// The TCP door.
    pub(crate) tcp: SocketAddr,
    /// The receive buffer that is asked for.
    pub(crate) receive_buffer_bytes: u64,
}

impl Subject {
    /// Returns what a server with these arguments depends on.
    pub(crate) fn of(arguments: &ServeArguments) -> Self {
        Self {
            data_dir: arguments.data_dir.clone(),
            http: arguments.http,
            udp: arguments.front.udp,
            tcp: arguments.front.tcp,
            receive_buffer_bytes: arguments.front.udp_receive_buffer.0,
        }
    }
}

/// How one check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// All is well; what was seen.
    Fine(String),
    /// It works, and could be better: what was seen, and what to do.
    Poor(String, String),
    /// It will not work: what was seen, and what to do.
    Broken(String, String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(seen) => write!(f, "✓ {seen}"),
            Self::Poor(seen, advice) => write!(f, "! {seen}\n    {advice}"),
            Self::Broken(seen, advice) => write!(f, "✗ {seen}\n    {advice}"),
        }
    }
}

/// Makes every check, prints what was found and returns whether a server can work here.
pub(crate) fn examine(subject: &Subject) -> bool {
    let mut is_sound = true;
    for finding in checks::all(subject) {
        is_sound &= !matches!(finding, Finding::Broken(..));
        say(&finding);
    }
    say(if is_sound { "\nFluoro can work here." } else { "\nFluoro cannot work here yet." });
    is_sound
}
