//! The log: to standard error, as text for people or as JSON for programs.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::Failure;
use crate::arguments::{LogArguments, LogFormat};

/// Starts to log; once in the life of the program.
///
/// # Errors
/// When the filter cannot be read.
pub(crate) fn start(arguments: &LogArguments) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&arguments.log).map_err(|error| {
        format!("--log {}: {error}; try info, debug or warn,store=debug", arguments.log)
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match arguments.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
