//! What the command line, the environment and the config file say together.
//!
//! First to last: flags, environment, config file, defaults. The flags and keys of the original
//! mean what they mean there; what is added has names of its own, and a variable for each flag:
//! `--buffer-memory` is `FLUORO_BUFFER_MEMORY`.

use std::net::SocketAddr;

use super::file::File;
use super::flags::{Flag, Given, Kind};

/// The flags of the original, then those that are added.
pub const FLAGS: &[Flag] = &[
    text(
        "a",
        "resource-arn",
        "ARN",
        "The AWS resource that the daemon runs on; sent with its telemetry",
    ),
    switch("o", "local-mode", "Ask neither EC2 nor ECS for the region and who this is"),
    Flag {
        short: "m",
        long: "buffer-memory",
        kind: Kind::Number,
        help: "Memory for documents that wait, in MB, at least 3 [default: 40 % of\n\
               the container's memory or 1 % of the machine's, at most 24]",
    },
    text("n", "region", "REGION", "The AWS region to send to, and to sign for"),
    text("b", "bind", "ADDR", "Where segments are received over UDP [default: 127.0.0.1:2000]"),
    text(
        "t",
        "bind-tcp",
        "ADDR",
        "Where sampling calls are answered over TCP [default: 127.0.0.1:2000]",
    ),
    text("r", "role-arn", "ARN", "A role to send as, such as one of another account"),
    text("c", "config", "FILE", "A config file in YAML, version 1 or 2; every key must be known"),
    text("f", "log-file", "FILE", "Log into this file and not to standard output"),
    text(
        "l",
        "log-level",
        "LEVEL",
        "dev, debug, info, warn, error or prod [default: prod, which is info]",
    ),
    text("p", "proxy-address", "URL", "The HTTP proxy to send through"),
    switch("v", "version", "Print the version"),
    switch("h", "help", "Print this help"),
    text(
        "",
        "endpoint",
        "URL",
        "A server to send everything to, http://HOST:2080, or `aws` for AWS X-Ray;\n\
         given several times, each gets everything. The first answers sampling calls",
    ),
    text("", "spool", "DIR", "Keep what cannot be delivered in this folder, over restarts too"),
    Flag {
        short: "",
        long: "spool-size",
        kind: Kind::Number,
        help: "How much of it for each server, in MB; beyond it the oldest go [default: 256]",
    },
    text("", "health", "ADDR", "Answer /healthz, /readyz and /metrics here over HTTP"),
    text("", "unix-socket", "PATH", "Receive documents of any size over this socket, too"),
    text("", "stream", "ADDR", "Receive documents of any size over TCP here, too"),
    switch("", "open-proxy", "Pass every call to the TCP door on, signed, as the original does"),
    switch("", "no-verify-ssl", "Do not check the certificates of the servers"),
    Flag {
        short: "",
        long: "concurrency",
        kind: Kind::Number,
        help: "How many batches are sent at a time [default: 8]",
    },
    text("", "log-format", "FORMAT", "text or json [default: text]"),
    text(
        "",
        "ready-file",
        "FILE",
        "Write the real addresses into this file once the doors are open",
    ),
];

const fn text(
    short: &'static str,
    long: &'static str,
    word: &'static str,
    help: &'static str,
) -> Flag {
    Flag { short, long, kind: Kind::Text(word), help }
}

const fn switch(short: &'static str, long: &'static str, help: &'static str) -> Flag {
    Flag { short, long, kind: Kind::Switch, help }
}

/// Bytes in what the original calls a megabyte.
const MB: u64 = 1 << 20;

/// The least memory that it works with, in megabytes.
const BUFFER_MB_MIN: u64 = 3;

/// The most that is taken when nobody says how much, in megabytes.
const BUFFER_MB_DEFAULT_MAX: u64 = 24;

const CONCURRENCY: i64 = 8;
const SPOOL_MB: i64 = 256;

/// Everything that was said, and the defaults of what was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where segments are received.
    pub udp: SocketAddr,
    /// Where sampling calls are answered.
    pub tcp: SocketAddr,
    /// Memory for documents that wait, in bytes.
    pub buffer_bytes_max: u64,
    /// The region, as far as flags, file and environment name one.
    pub region: Option<String>,
    /// The resource that telemetry names.
    pub resource_arn: Option<String>,
    /// The role to send as.
    pub role_arn: Option<String>,
    /// Whether metadata services are left alone.
    pub is_local: bool,
    /// The proxy to send everything through; those of the environment are each for one scheme, and
    /// the affair of the client.
    pub proxy: Option<String>,
    /// Where everything goes; at least one.
    pub destinations: Vec<Destination>,
    /// Whether certificates are not checked.
    pub is_unverified: bool,
    /// How many batches are sent at a time, to each destination.
    pub concurrency: usize,
    /// Whether every call to the TCP door is passed on.
    pub is_open_proxy: bool,
    /// What cannot be delivered is kept here.
    pub spool: Option<Spool>,
    /// Where health is told.
    pub health: Option<SocketAddr>,
    /// Where documents of any size are received, on this machine.
    pub unix_socket: Option<String>,
    /// Where documents of any size are received.
    pub stream: Option<SocketAddr>,
    /// How to log.
    pub log: Log,
    /// The file that gets the real addresses.
    pub ready_file: Option<String>,
}

/// Where documents go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// AWS X-Ray in the region.
    Aws,
    /// A server by its URL.
    Url(String),
}

/// A bounded folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spool {
    /// Its path.
    pub folder: String,
    /// What it may hold for each destination, in bytes.
    pub bytes_max: u64,
}

/// How to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What is logged.
    pub level: Level,
    /// The file; standard output when there is none.
    pub file: Option<String>,
    /// Whether the file is rolled at 50 MB.
    pub is_rolled: bool,
    /// Whether a line is a JSON object.
    pub is_json: bool,
}

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything, the finest too.
    Trace,
    /// What helps to find an error.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

/// The memory there is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The machine's.
    pub host: u64,
    /// What the container may use.
    pub container: Option<u64>,
}

/// Why settings make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An address that is none.
    #[error("{name}: `{value}` is no address such as 127.0.0.1:2000")]
    NoAddress {
        /// The flag or key.
        name: &'static str,
        /// What stands there.
        value: String,
    },
    /// Too little memory to work with.
    #[error(
        "not enough memory: {mb} MB for documents that wait, and 3 MB are the least; set --buffer-memory"
    )]
    TooLittleMemory {
        /// What there would be.
        mb: u64,
    },
    /// A number that must be larger.
    #[error("{name} must be at least 1, and is {value}")]
    TooSmall {
        /// The flag or key.
        name: &'static str,
        /// What stands there.
        value: i64,
    },
    /// A variable of the environment that cannot be read.
    #[error("{name}: `{value}` is not {expected}")]
    Variable {
        /// The variable.
        name: String,
        /// What it is set to.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A word that is not among those a flag takes.
    #[error("--log-format: `{0}` is neither text nor json")]
    LogFormat(String),
}

/// The three sources, the first of which counts.
struct Sources<'s> {
    given: &'s Given,
    variable: &'s dyn Fn(&str) -> Option<String>,
    file: &'s File,
}

impl Settings {
    /// Puts together what was said.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub fn of(
        given: &Given,
        variable: &dyn Fn(&str) -> Option<String>,
        file: &File,
        memory: Memory,
    ) -> Result<Self, Problem> {
        let from = Sources { given, variable, file };
        let door =
            |name, key| from.address(name, key).map(|found| found.unwrap_or(crate::Config::DOOR));
        let spool_mb = from.count("spool-size", "Fluoro.SpoolSizeMB", SPOOL_MB)?;
        Ok(Self {
            udp: door("bind", "Socket.UDPAddress")?,
            tcp: door("bind-tcp", "Socket.TCPAddress")?,
            buffer_bytes_max: from.buffer_bytes_max(memory)?,
            region: from.text("region", "Region").or_else(|| variable("AWS_REGION")),
            resource_arn: from.text("resource-arn", "ResourceARN"),
            role_arn: from.text("role-arn", "RoleARN"),
            is_local: from.switch("local-mode", "LocalMode")?,
            proxy: from.text("proxy-address", "ProxyAddress"),
            destinations: from.destinations(),
            is_unverified: from.switch("no-verify-ssl", "NoVerifySSL")?,
            concurrency: from.count("concurrency", "Concurrency", CONCURRENCY)? as usize,
            is_open_proxy: from.switch("open-proxy", "Fluoro.OpenProxy")?,
            spool: from
                .text("spool", "Fluoro.SpoolPath")
                .map(|folder| Spool { folder, bytes_max: spool_mb * MB }),
            health: from.address("health", "Fluoro.HealthAddress")?,
            unix_socket: from.text("unix-socket", "Fluoro.UnixSocket"),
            stream: from.address("stream", "Fluoro.StreamAddress")?,
            log: from.log()?,
            ready_file: from.text("ready-file", ""),
        })
    }
}

impl Sources<'_> {
    fn variable(&self, flag: &str) -> Option<(String, String)> {
        let name = format!("FLUORO_{}", flag.to_uppercase().replace('-', "_"));
        let value = (self.variable)(&name).filter(|value| !value.is_empty())?;
        Some((name, value))
    }

    /// Returns a text that is not empty.
    fn text(&self, flag: &str, key: &str) -> Option<String> {
        let given = self.given.text(flag).filter(|text| !text.is_empty()).map(str::to_owned);
        given
            .or_else(|| self.variable(flag).map(|(_, value)| value))
            .or_else(|| self.file.text(key).map(str::to_owned))
    }

    fn switch(&self, flag: &str, key: &str) -> Result<bool, Problem> {
        if let Some(is_on) = self.given.switch(flag) {
            return Ok(is_on);
        }
        match self.variable(flag) {
            None => Ok(self.file.switch(key).unwrap_or(false)),
            Some((_, value)) if matches!(value.as_str(), "1" | "true") => Ok(true),
            Some((_, value)) if matches!(value.as_str(), "0" | "false") => Ok(false),
            Some((name, value)) => {
                Err(Problem::Variable { name, value, expected: "true or false" })
            }
        }
    }

    /// Returns a number; zero is not set, as in the original.
    fn number(&self, flag: &str, key: &str) -> Result<Option<i64>, Problem> {
        if let Some(number) = self.given.number(flag).filter(|number| *number != 0) {
            return Ok(Some(number));
        }
        match self.variable(flag) {
            None => Ok(self.file.number(key)),
            Some((name, value)) => match value.parse() {
                Ok(number) => Ok(Some(number).filter(|number| *number != 0)),
                Err(_) => Err(Problem::Variable { name, value, expected: "a whole number" }),
            },
        }
    }

    fn count(&self, flag: &'static str, key: &str, default: i64) -> Result<u64, Problem> {
        let value = self.number(flag, key)?.unwrap_or(default);
        u64::try_from(value).map_err(|_| Problem::TooSmall { name: flag, value })
    }

    fn address(&self, flag: &'static str, key: &str) -> Result<Option<SocketAddr>, Problem> {
        let Some(value) = self.text(flag, key) else { return Ok(None) };
        parse_address(&value).map(Some).ok_or(Problem::NoAddress { name: flag, value })
    }

    fn buffer_bytes_max(&self, memory: Memory) -> Result<u64, Problem> {
        let mb = match self.number("buffer-memory", "TotalBufferSizeMB")? {
            Some(mb) => u64::try_from(mb).unwrap_or(0),
            None => default_buffer_mb(memory),
        };
        if mb < BUFFER_MB_MIN { Err(Problem::TooLittleMemory { mb }) } else { Ok(mb * MB) }
    }

    fn destinations(&self) -> Vec<Destination> {
        let of = |text: &str| match text.trim() {
            "aws" => Destination::Aws,
            url => Destination::Url(url.to_owned()),
        };
        let given: Vec<_> = self.given.texts("endpoint").filter(|url| !url.is_empty()).collect();
        if !given.is_empty() {
            return given.into_iter().map(of).collect();
        }
        if let Some((_, value)) = self.variable("endpoint") {
            return value.split(',').map(of).collect();
        }
        let kept: Vec<_> = self.file.texts("Fluoro.Destinations").map(of).collect();
        if !kept.is_empty() {
            return kept;
        }
        vec![self.file.text("Endpoint").map_or(Destination::Aws, of)]
    }

    fn log(&self) -> Result<Log, Problem> {
        let is_json = match self.text("log-format", "").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => return Err(Problem::LogFormat(other.to_owned())),
        };
        // A word that nobody knows is everything in a file, and as if it were not there in a flag.
        let kept = self.file.text("Logging.LogLevel");
        let kept = kept.map_or(Level::Info, |word| Level::named(word).unwrap_or(Level::Trace));
        let given = self.given.text("log-level").map(str::to_owned);
        let given = given.or_else(|| self.variable("log-level").map(|(_, value)| value));
        Ok(Log {
            level: given.and_then(|word| Level::named(&word)).unwrap_or(kept),
            file: self.text("log-file", "Logging.LogPath"),
            is_rolled: self.file.switch("Logging.LogRotation").unwrap_or(true),
            is_json,
        })
    }
}

impl Level {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "dev" => Self::Trace,
            "debug" => Self::Debug,
            "info" | "prod" => Self::Info,
            "warn" => Self::Warn,
            "error" => Self::Error,
            _ => return None,
        })
    }
}

/// Returns what documents that wait may take when nobody says how much: of a container two fifths,
/// of a machine a hundredth, and never more than is of use.
fn default_buffer_mb(memory: Memory) -> u64 {
    let limited = memory.container.filter(|bytes| *bytes < memory.host);
    let bytes = limited.map_or(memory.host / 100, |bytes| bytes / 5 * 2);
    (bytes / MB).min(BUFFER_MB_DEFAULT_MAX)
}

/// Reads an address; without a host, as in `:2000`, it is every address of the machine.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let every = || format!("0.0.0.0{text}").parse().ok();
    let local = || {
        text.strip_prefix("localhost:").and_then(|port| format!("127.0.0.1:{port}").parse().ok())
    };
    text.parse().ok().or_else(local).or_else(|| text.starts_with(':').then(every).flatten())
}

#[cfg(test)]
mod tests;
