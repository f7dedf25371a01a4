//! What was written, and what it means: flags before environment before config file before default.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::Failure;
use crate::arguments::{Arguments, Command, FrontArguments, LogFormat, ServeArguments};
use crate::doors::{Door, refuse_public};

/// How long what is under way may take once the program is told to stop. With what the store needs
/// it stays below the ten seconds after which a container is killed.
pub(crate) const STOP_PATIENCE: Duration = Duration::from_secs(7);

/// What `serve` needs to know.
#[derive(Debug)]
pub(crate) struct Serve {
    pub(crate) data_dir: PathBuf,
    pub(crate) http: SocketAddr,
    pub(crate) front: daemon::Config,
    pub(crate) server: server::Config,
    pub(crate) store: store::Options,
    pub(crate) ready_file: Option<PathBuf>,
    /// Doors that were asked for and are not there yet.
    pub(crate) missing_doors: Vec<Door>,
    /// Whether a person reads what is printed.
    pub(crate) is_chatty: bool,
}

impl Serve {
    /// Makes sense of the arguments.
    ///
    /// # Errors
    /// When they do not go together.
    pub(crate) fn of(arguments: ServeArguments) -> Result<Self, Failure> {
        let otlp = [
            ("OTLP/gRPC", "--otlp-grpc", arguments.otlp_grpc),
            ("OTLP/HTTP", "--otlp-http", arguments.otlp_http),
        ];
        let missing_doors: Vec<Door> = otlp
            .into_iter()
            .filter_map(|(name, flag, address)| Some(Door { name, flag, address: address? }))
            .collect();
        if !arguments.front.insecure {
            refuse_public(&[Door { name: "HTTP", flag: "--http", address: arguments.http }])?;
            refuse_public(&front_doors(&arguments.front))?;
            refuse_public(&missing_doors)?;
        }
        let defaults = server::Config::default();
        Ok(Self {
            data_dir: arguments.data_dir,
            http: arguments.http,
            front: front(&arguments.front),
            server: server::Config {
                region: arguments.region,
                account_id: arguments.account_id,
                body_bytes_max: arguments.body_max.bytes(),
                // At least one request of the largest size must be able to come in.
                bodies_bytes_max: defaults.bodies_bytes_max.max(arguments.body_max.bytes()),
                shutdown_timeout: STOP_PATIENCE,
                ..defaults
            },
            store: store::Options {
                memory_bytes_max: arguments.memory_max.0,
                wal_file_bytes: arguments.wal_file_max.0,
                trace_bytes_max: arguments.trace_max.0,
                skip_corrupt: arguments.wal_skip_corrupt,
                idle: arguments.store.seal_idle.0,
                seal_every: arguments.store.seal_every.0,
                seal_bytes: arguments.store.seal_bytes.0,
                open_bytes_max: arguments.store.open_max.0,
                retention: arguments.store.retention(),
                ..store::Options::default()
            },
            ready_file: arguments.front.ready_file,
            missing_doors,
            is_chatty: arguments.log.log_format == LogFormat::Text,
        })
    }
}

fn front(arguments: &FrontArguments) -> daemon::Config {
    daemon::Config {
        udp: arguments.udp,
        tcp: arguments.tcp,
        receive_buffer_bytes: arguments.udp_receive_buffer.bytes(),
        queue_bytes_max: arguments.udp_queue_max.bytes(),
        ..daemon::Config::default()
    }
}

fn front_doors(arguments: &FrontArguments) -> [Door; 2] {
    [
        Door { name: "UDP", flag: "--udp", address: arguments.udp },
        Door { name: "TCP", flag: "--tcp", address: arguments.tcp },
    ]
}

/// Reads the command with all its settings; ends the program for `--help` and for wrong usage.
///
/// # Errors
/// When the config file cannot be read or holds what is no setting.
pub(crate) fn command(line: &[OsString]) -> Result<Command, Failure> {
    read(line).unwrap_or_else(|usage| usage.exit())
}

/// The outer error is wrong usage, the inner one a bad config file.
fn read(words: &[OsString]) -> Result<Result<Command, Failure>, clap::Error> {
    let matches = Arguments::command().try_get_matches_from(words)?;
    match with_file(&matches, words) {
        Ok(matches) => Ok(Ok(Arguments::from_arg_matches(&matches)?.command)),
        Err(failure) => Ok(Err(failure)),
    }
}

/// Reads the words once more with the config file's settings as defaults, if there is a file.
fn with_file(matches: &ArgMatches, words: &[OsString]) -> Result<ArgMatches, Failure> {
    let chosen = matches.subcommand();
    let file = chosen.and_then(|(name, flags)| {
        let path = flags.try_get_one::<PathBuf>("config").ok().flatten();
        path.map(|path| (name, path))
    });
    let Some((name, path)) = file else { return Ok(matches.clone()) };
    let program = Arguments::command();
    let command = program.find_subcommand(name).expect("it was just chosen");
    let settings = RawConfig::read(path)?.settings(command, path)?;
    let program = program.mut_subcommand(name, |command| {
        settings.into_iter().fold(command, |command, (id, value)| {
            command.mut_arg(id, |argument| argument.default_value(value))
        })
    });
    // The words alone were right, so what is wrong now is in the file.
    program.try_get_matches_from(words).map_err(|error| {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default();
        format!("{}: {}", path.display(), line.trim_start_matches("error: ")).into()
    })
}

/// A config file as it was written.
struct RawConfig(toml::Table);

impl RawConfig {
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("failed to read the config {}: {error}", path.display()))?;
        let table =
            text.parse().map_err(|error| format!("{} is not TOML: {error}", path.display()))?;
        Ok(Self(table))
    }

    /// Returns the settings by the ids of the command's arguments; refuses what is none.
    fn settings(
        self,
        command: &clap::Command,
        path: &Path,
    ) -> Result<Vec<(String, &'static str)>, Failure> {
        let path = path.display();
        let known = |key: &str| {
            // A file that named another file would be read by nobody.
            let mut arguments = command.get_arguments().filter(|arg| arg.get_id() != "config");
            arguments.find(|argument| argument.get_long() == Some(key))
        };
        self.0
            .into_iter()
            .map(|(key, value)| {
                let argument = known(&key).ok_or_else(|| {
                    format!(
                        "{path}: `{key}` is no setting of `{name}`; `fluoro {name} --help` lists \
                         them, without the dashes",
                        name = command.get_name()
                    )
                })?;
                let text = match value {
                    toml::Value::String(text) => text,
                    toml::Value::Integer(number) => number.to_string(),
                    toml::Value::Boolean(flag) => flag.to_string(),
                    _ => return Err(format!("{path}: `{key}` is no text, number or flag").into()),
                };
                // Arguments keep their defaults for as long as the program runs.
                Ok((argument.get_id().to_string(), &*text.leak()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
