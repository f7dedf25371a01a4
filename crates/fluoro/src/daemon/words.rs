//! The daemon's words: flags, environment and config file, and what is said when they are wrong.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use daemon::original::file::{self, File, Strictness};
use daemon::original::flags::{self, Given};
use daemon::original::settings::{FLAGS, Settings};
use tracing::info;

use super::memory;
use crate::Failure;

/// What the original calls a buffer: the largest datagram.
const BUFFER_BYTES: u64 = 64 << 10;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Shown above the flags.
const HELP: &str = "\
Take segments in as the AWS X-Ray daemon does, and send them on to AWS X-Ray, to Fluoro, or to both.

Usage: fluoro daemon [FLAGS]
       fluoro daemon health [ADDR]   exit with 0 when the daemon here is well, else with 1
       xray [FLAGS]                  the same program under the original's name

Flags (one dash or two, `-n eu-west-1` or `-n=eu-west-1`):
";

/// Shown below the flags.
const EXAMPLES: &str = "
Every flag but -c, -v and -h is also an environment variable: --buffer-memory is FLUORO_BUFFER_MEMORY.
First to last count: flags, environment, config file, defaults. Without -c the config file is
looked for as /etc/amazon/xray/cfg.yaml and ./cfg.yaml.

Examples:
  fluoro daemon -n eu-west-1                              to AWS X-Ray in a region
  fluoro daemon --endpoint http://traces.internal:2080    to Fluoro
  fluoro daemon -n eu-west-1 --endpoint aws --endpoint http://traces.internal:2080 --spool /var/spool/xray
                                                          to both; what either cannot take waits on disk
";

/// The end of the program before it began.
pub(super) enum End {
    /// What was asked for was a text.
    Said(String),
    /// The flags are wrong.
    Usage(flags::Problem),
    /// The settings are wrong.
    Settings(Failure),
}

impl End {
    /// Says it, and returns the code of the original for it.
    pub(super) fn tell(self) -> ExitCode {
        match self {
            Self::Said(text) => say(&text),
            Self::Usage(problem) => {
                eprintln!("{problem}");
                say(&help());
                return ExitCode::from(2);
            }
            Self::Settings(failure) => return crate::failed(&failure),
        }
        ExitCode::SUCCESS
    }
}

/// Writes to standard output; whoever closed it early has read enough.
fn say(text: &str) {
    io::stdout().write_all(text.as_bytes()).ok();
}

fn help() -> String {
    format!("{HELP}{}{EXAMPLES}", flags::usage(FLAGS))
}

/// Reads the words, and what stands behind them.
pub(super) fn read(words: &[String]) -> Result<Settings, End> {
    let given = flags::parse(FLAGS, words).map_err(End::Usage)?;
    if given.switch("help") == Some(true) {
        return Err(End::Said(help()));
    }
    if given.switch("version") == Some(true) {
        return Err(End::Said(format!("AWS X-Ray daemon version: {VERSION} (Fluoro)\n")));
    }
    settings(&given).map_err(End::Settings)
}

fn settings(given: &Given) -> Result<Settings, Failure> {
    let file = config_file(given.text("config").filter(|path| !path.is_empty()))?;
    Ok(Settings::of(given, &variable, &file, memory::read())?)
}

/// Returns a variable of the environment.
#[expect(clippy::disallowed_methods, reason = "the daemon's flags are read here, not in arguments")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads the file that was named, or the first that is found.
fn config_file(named: Option<&str>) -> Result<File, Failure> {
    if let Some(path) = named {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("failed to read the config {path}: {error}"))?;
        return parsed(path, &text, Strictness::Named);
    }
    for path in file::PATHS {
        match fs::read_to_string(path) {
            Ok(text) => return parsed(path, &text, Strictness::Found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("failed to read the config {path}: {error}").into()),
        }
    }
    Ok(File::default())
}

fn parsed(path: &str, text: &str, strictness: Strictness) -> Result<File, Failure> {
    File::parse(text, strictness).map_err(|problem| format!("{path}: {problem}").into())
}

/// Logs the first lines of the original, which scripts look for.
pub(super) fn say_start(settings: &Settings) {
    let megabytes = settings.buffer_bytes_max >> 20;
    info!("Initializing AWS X-Ray daemon {VERSION} (Fluoro)");
    info!("Using buffer memory limit of {megabytes} MB");
    info!("{} segment buffers allocated", settings.buffer_bytes_max / BUFFER_BYTES);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_every_flag() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/daemon.md");
        let document = fs::read_to_string(path).expect("the document is there");
        let flags = flags::usage(FLAGS);
        let found = document.contains(&format!("```text\n{flags}```\n"));
        assert!(found, "put this into docs/daemon.md as a block of text:\n{flags}");
    }

    #[test]
    fn texts_and_wrong_flags_end_it_before_it_begins() {
        let end = |line: &str| {
            let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            match read(&words) {
                Ok(_) => "settings".to_owned(),
                Err(End::Said(text)) => text.lines().next().unwrap_or_default().to_owned(),
                Err(End::Usage(problem)) => format!("usage: {problem}"),
                Err(End::Settings(failure)) => format!("settings: {failure}"),
            }
        };
        let version = format!("AWS X-Ray daemon version: {VERSION} (Fluoro)");
        for (line, expected) in [
            ("-v", version.as_str()),
            ("--version", &version),
            ("-version -nope", "usage: flag provided but not defined: -nope"),
            ("-h", HELP.lines().next().expect("a line")),
            (
                "-m 2",
                "settings: not enough memory: 2 MB for documents that wait, and 3 MB are the least; set --buffer-memory",
            ),
            ("-b nowhere", "settings: bind: `nowhere` is no address such as 127.0.0.1:2000"),
            (
                "-c /nowhere/cfg.yaml",
                "settings: failed to read the config /nowhere/cfg.yaml: No such file or directory (os error 2)",
            ),
        ] {
            assert_eq!(end(line), expected, "{line}");
        }
    }
}
