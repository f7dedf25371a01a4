//! What a person may write on the command line; the help texts are here.
//!
//! Every long flag is also an environment variable, `FLUORO_` and its name, and a key of the config
//! file. What the words mean is decided in `config`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::demo::DemoArguments;
use crate::doors::parse_address;
use crate::filter::FilterCommand;
use crate::send::SendArguments;
use crate::size::Size;
use crate::span::Span;
use crate::store::StoreCommand;

/// A self-hosted tracing system that speaks AWS X-Ray.
///
/// Applications send segments with any X-Ray SDK, unchanged; you read the traces with the AWS CLI,
/// boto3 or anything else that calls the X-Ray API.
#[derive(Debug, Parser)]
#[command(name = "fluoro", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Shown below the list of commands.
const EXAMPLES: &str = "\
Examples:
  fluoro serve                    start; data goes to ./fluoro-data
  fluoro demo                     services to look at and to break, for the first minutes
  fluoro send                     send a sample trace and say how to read it
  AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000 python app.py
                                  trace your own program with the SDK it has
  aws xray get-trace-summaries --endpoint-url http://127.0.0.1:2080 --region us-east-1 \\
      --start-time $(($(date +%s) - 600)) --end-time $(date +%s)
                                  list the traces of the last ten minutes
  fluoro doctor                   find out why something does not work";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take segments in, keep them on disk, and answer the X-Ray API.
    #[command(after_help = SERVE_HELP)]
    Serve(ServeArguments),
    /// Take the X-Ray daemon's place: receive segments, and send them on to servers.
    ///
    /// The flags and the config file are those of the X-Ray daemon; `fluoro daemon --help` lists them.
    #[command(disable_help_flag = true)]
    Daemon(DaemonWords),
    /// Check whether `serve` with the same flags would work here, and say what to fix.
    ///
    /// Nothing is changed. Exits with 1 when something is broken.
    Doctor(ServeArguments),
    /// Send sample traces by UDP, as an SDK does, and say how to read them.
    Send(SendArguments),
    /// Run services that call each other, break them, and see how that looks.
    ///
    /// A front-end asks a back-end once a second, and visitors come to a shop of eight services. All
    /// of it is real HTTP over loopback, traced by the X-Ray SDK for Rust, in one process.
    #[command(after_help = crate::demo::HELP)]
    Demo(DemoArguments),
    /// Look into a data directory: inspect, verify, export.
    ///
    /// Nothing in it is changed, and a server may have it open meanwhile.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Explain the filter language, and check expressions.
    #[command(subcommand, disable_help_subcommand = true)]
    Filter(FilterCommand),
    /// Print the version.
    Version,
}

/// Shown below the flags of `serve`.
const SERVE_HELP: &str = "\
Doors:
  UDP   segments from X-Ray SDKs, one in a datagram
  TCP   the same SDKs ask here what to sample
  HTTP  the X-Ray API (PutTraceSegments, GetTraceSummaries, ...), /healthz, /readyz, /metrics

Settings come from, first to last: flags, environment, config file, defaults. The keys of the config
file (TOML) are the flags' names:
  http = \"127.0.0.1:9080\"
  memory-max = \"4GiB\"
  insecure = true";

/// The flags of `serve`, and of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) config: ConfigArguments,

    /// The folder that holds the data; created if need be.
    #[arg(long, env = "FLUORO_DATA_DIR", value_name = "DIR", default_value = "./fluoro-data")]
    pub(crate) data_dir: PathBuf,

    /// Where the X-Ray API is answered.
    #[arg(long, env = "FLUORO_HTTP", value_name = "ADDR", value_parser = parse_address)]
    #[arg(default_value = "127.0.0.1:2080")]
    pub(crate) http: SocketAddr,

    #[command(flatten)]
    pub(crate) front: FrontArguments,

    /// Where OTLP over gRPC will be taken in; not opened in this version.
    #[arg(long, env = "FLUORO_OTLP_GRPC", value_name = "ADDR", value_parser = parse_address)]
    pub(crate) otlp_grpc: Option<SocketAddr>,

    /// Where OTLP over HTTP will be taken in; not opened in this version.
    #[arg(long, env = "FLUORO_OTLP_HTTP", value_name = "ADDR", value_parser = parse_address)]
    pub(crate) otlp_http: Option<SocketAddr>,

    /// The memory for traces; beyond it, writes are answered with 429.
    #[arg(long, env = "FLUORO_MEMORY_MAX", value_name = "SIZE", default_value = "1GiB")]
    pub(crate) memory_max: Size,

    /// From this size on a file of the log is full and the next one begins.
    #[arg(long, env = "FLUORO_WAL_FILE_MAX", value_name = "SIZE", default_value = "64MiB")]
    pub(crate) wal_file_max: Size,

    /// Open a damaged log without what the damaged parts held.
    #[arg(long, env = "FLUORO_WAL_SKIP_CORRUPT", value_parser = BoolishValueParser::new())]
    pub(crate) wal_skip_corrupt: bool,

    /// The largest body of a request, after decompression.
    #[arg(long, env = "FLUORO_BODY_MAX", value_name = "SIZE", default_value = "16MiB")]
    pub(crate) body_max: Size,

    /// The documents of one trace; what comes later is dropped and counted.
    #[arg(long, env = "FLUORO_TRACE_MAX", value_name = "SIZE", default_value = "8MiB")]
    pub(crate) trace_max: Size,

    #[command(flatten)]
    pub(crate) store: StoreArguments,

    /// The region named in ARNs.
    #[arg(long, env = "FLUORO_REGION", value_name = "NAME", default_value = "us-east-1")]
    pub(crate) region: String,

    /// The account named in ARNs: 12 digits.
    #[arg(long, env = "FLUORO_ACCOUNT_ID", value_name = "ID", default_value = "000000000000")]
    #[arg(value_parser = parse_account_id)]
    pub(crate) account_id: String,

    #[command(flatten)]
    pub(crate) log: LogArguments,
}

/// How traces leave the log for blocks, and how long they stay there.
#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// A trace that nothing was added to for this long may be sealed into a block.
    #[arg(long, env = "FLUORO_SEAL_IDLE", value_name = "TIME", default_value = "10s")]
    pub(crate) seal_idle: Span,

    /// How often idle traces are sealed.
    #[arg(long, env = "FLUORO_SEAL_EVERY", value_name = "TIME", default_value = "60s")]
    pub(crate) seal_every: Span,

    /// From so many bytes of documents on, most traces are sealed at once.
    #[arg(long, env = "FLUORO_SEAL_BYTES", value_name = "SIZE", default_value = "32MiB")]
    pub(crate) seal_bytes: Size,

    /// The memory for open files of blocks, besides --memory-max.
    #[arg(long, env = "FLUORO_OPEN_MAX", value_name = "SIZE", default_value = "64MiB")]
    pub(crate) open_max: Size,

    /// How long traces are kept after they were received.
    #[arg(long, env = "FLUORO_RETENTION", value_name = "TIME", default_value = "30d")]
    pub(crate) retention: Span,

    /// How long traces with a fault are kept, if not as long as the others.
    #[arg(long, env = "FLUORO_RETENTION_FAULTS", value_name = "TIME")]
    pub(crate) retention_faults: Option<Span>,

    /// The oldest blocks are removed while all together are larger than this.
    #[arg(long, env = "FLUORO_RETENTION_BYTES", value_name = "SIZE")]
    pub(crate) retention_bytes: Option<Size>,
}

impl StoreArguments {
    /// Returns how long traces are kept.
    pub(crate) fn retention(&self) -> store::Retention {
        let faults = self.retention_faults;
        let faults = faults.map(|span| (store::Predicate::has_fault(), Some(span.0)));
        store::Retention {
            age: Some(self.retention.0),
            bytes_max: self.retention_bytes.map(|size| size.0),
            classes: faults.into_iter().collect(),
        }
    }
}

/// The words of `daemon`, which are read by the rules of the X-Ray daemon.
#[derive(Debug, Args)]
pub(crate) struct DaemonWords {
    /// `fluoro daemon --help` lists the flags.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    pub(crate) words: Vec<String>,
}

/// Where the other settings may be.
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// A TOML file with settings, under the names of the flags.
    #[arg(long, env = "FLUORO_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The doors that SDKs talk to.
#[derive(Debug, Args)]
pub(crate) struct FrontArguments {
    /// Where segments from SDKs are received.
    #[arg(long, env = "FLUORO_UDP", value_name = "ADDR", value_parser = parse_address)]
    #[arg(default_value = "127.0.0.1:2000")]
    pub(crate) udp: SocketAddr,

    /// Where SDKs ask what to sample.
    #[arg(long, env = "FLUORO_TCP", value_name = "ADDR", value_parser = parse_address)]
    #[arg(default_value = "127.0.0.1:2000")]
    pub(crate) tcp: SocketAddr,

    /// The kernel's buffer for datagrams; it grants at most net.core.rmem_max.
    #[arg(long, env = "FLUORO_UDP_RECEIVE_BUFFER", value_name = "SIZE", default_value = "16MiB")]
    pub(crate) udp_receive_buffer: Size,

    /// Documents from datagrams that may wait; beyond it the oldest are dropped and counted.
    #[arg(long, env = "FLUORO_UDP_QUEUE_MAX", value_name = "SIZE", default_value = "64MiB")]
    pub(crate) udp_queue_max: Size,

    /// Listen on addresses that other machines can reach, although nobody is asked for credentials.
    #[arg(long, env = "FLUORO_INSECURE", value_parser = BoolishValueParser::new())]
    pub(crate) insecure: bool,

    /// Write the real addresses into this file, as JSON, once all doors are open.
    #[arg(long, env = "FLUORO_READY_FILE", value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

/// How to log.
#[derive(Debug, Args)]
pub(crate) struct LogArguments {
    /// What to log: error, warn, info, debug or trace, also by part: info,store=debug.
    #[arg(long, env = "FLUORO_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,

    /// The log's format, on standard error.
    #[arg(long, env = "FLUORO_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

fn parse_account_id(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account id has 12 digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_setting_has_an_environment_variable_of_its_name() {
        let program = Arguments::command();
        for name in ["serve", "doctor"] {
            let command = program.find_subcommand(name).expect("it is a command");
            for argument in command.get_arguments() {
                let long = argument.get_long().expect("every argument is a flag");
                let expected = format!("FLUORO_{}", long.to_uppercase().replace('-', "_"));
                let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(variable, Some(expected), "{name} --{long}");
                assert!(argument.get_help().is_some(), "{name} --{long}");
            }
        }
    }
}
