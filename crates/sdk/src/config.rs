//! The settings, and the one place where the environment is read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use wire::Clock;

use crate::error::Error;
use crate::log::Log;
use crate::name::Naming;
use crate::plugins::{Plugin, Surroundings};
use crate::resource::Resource;
use crate::sampler::{Anomaly, Sampling};
use crate::system::{Random, SystemClock, SystemRandom};

/// Where the daemon listens, unless it is said.
const DAEMON: &str = "127.0.0.1:2000";

/// Subsegments a segment may hold before finished ones are sent ahead of it, as in Java and Node.
const STREAMING_THRESHOLD: usize = 100;

/// Documents that may wait for the thread that sends them.
const QUEUE_DOCUMENTS_MAX: usize = 1000;

/// The settings of a [`Recorder`](crate::Recorder).
///
/// ```
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let config = fluoro_sdk::Config::named("checkout").with_env()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Config {
    /// How segments are named.
    pub naming: Naming,
    /// Where documents go, and where sampling rules come from.
    pub daemon: DaemonAddress,
    /// What happens to work without a segment.
    pub context_missing: ContextMissing,
    /// Parts a segment may hold before finished ones are sent ahead of it.
    pub streaming_threshold: usize,
    /// Documents that may wait to be sent; more are dropped and counted.
    pub queue_documents_max: usize,
    /// Which requests are recorded.
    pub sampling: Sampling,
    /// What is wrong with a request besides a fault, for rules that the server may boost.
    pub anomalies: Vec<Anomaly>,
    /// What the service is and runs on.
    pub resource: Resource,
    /// Whether anything is recorded at all.
    pub enabled: bool,
    /// Whether subsegments that are not recorded have no ids of their own.
    pub noop_ids: bool,
    /// Whether queries are recorded with their text; values that are bound are never in it.
    pub collect_sql_queries: bool,
    /// Whether the program is a Lambda function, whose segment is the platform's.
    pub lambda: bool,
    /// Tells the trace header of the invocation that a Lambda function works on; asked anew each time.
    pub invocation_header: fn() -> Option<String>,
    /// Where the few messages of this crate go.
    pub log: Log,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What ids and decisions are made of.
    pub random: Arc<dyn Random>,
}

/// What happens to work that belongs to no segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContextMissing {
    /// It is not recorded, and the log says so.
    #[default]
    LogError,
    /// [`Recorder::subsegment`](crate::Recorder::subsegment) returns an error; nothing panics.
    RuntimeError,
    /// It is not recorded.
    IgnoreError,
}

/// The two doors of a daemon, as `host:port`; a host may be a name, or an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonAddress {
    /// Where documents go.
    pub udp: String,
    /// Where sampling rules come from.
    pub tcp: String,
}

impl DaemonAddress {
    /// Reads `host:port`, or `tcp:host:port udp:host:port` in either order; `None` when it is
    /// neither.
    ///
    /// Source: `AWS_XRAY_DAEMON_ADDRESS`, developer guide.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split_whitespace();
        let (first, second) = (parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        let Some(second) = second else {
            return is_address(first).then(|| Self { udp: first.into(), tcp: first.into() });
        };
        let named = |prefix| [first, second].into_iter().find_map(|part| part.strip_prefix(prefix));
        let (udp, tcp) = (named("udp:")?, named("tcp:")?);
        (is_address(udp) && is_address(tcp)).then(|| Self { udp: udp.into(), tcp: tcp.into() })
    }
}

impl Default for DaemonAddress {
    fn default() -> Self {
        Self { udp: DAEMON.to_owned(), tcp: DAEMON.to_owned() }
    }
}

/// Returns whether `text` is a host, a colon and a port. An IPv6 address must have its brackets,
/// since otherwise nobody knows where it ends.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    !host.is_empty() && (is_bracketed || !host.contains(':')) && port.parse::<u16>().is_ok()
}

impl Config {
    /// Returns the settings of a service named `name`, without a look at the environment.
    pub fn named(name: &str) -> Self {
        Self {
            naming: Naming::fixed(name),
            daemon: DaemonAddress::default(),
            context_missing: ContextMissing::default(),
            streaming_threshold: STREAMING_THRESHOLD,
            queue_documents_max: QUEUE_DOCUMENTS_MAX,
            sampling: Sampling::default(),
            anomalies: Vec::new(),
            resource: Resource::default(),
            enabled: true,
            noop_ids: true,
            collect_sql_queries: false,
            lambda: false,
            invocation_header,
            log: Log::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// Returns the settings of a service named `name`, as the environment changes them.
    ///
    /// # Errors
    /// `Error::Variable` when a variable cannot be understood.
    pub fn from_env(name: &str) -> Result<Self, Error> {
        Self::named(name).with_env()
    }

    /// Puts the environment over the settings, which it beats.
    ///
    /// Which variables are read, here and nowhere else but for the invocation's header, is
    /// [in a table](crate#variables-of-the-environment). In Lambda this also leaves the mark that the
    /// platform looks for.
    ///
    /// # Errors
    /// `Error::Variable` when a variable cannot be understood.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn with_env(self) -> Result<Self, Error> {
        let config = self.with_variables(|name| std::env::var(name).ok())?;
        if config.lambda {
            // A platform that does not see the mark begins its segment all the same.
            let _marked = mark_initialized(Path::new("/"));
        }
        Ok(config)
    }

    /// Asks what the program runs on, and puts it into each segment. Waits for the answers, a second
    /// at most for each; what does not answer is left out.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn with_plugins(self, plugins: &[Plugin]) -> Self {
        self.with_plugins_in(plugins, |name| std::env::var(name).ok(), Path::new("/"))
    }

    /// As [`Config::with_plugins`], with variables that are looked up elsewhere and files that are
    /// looked for below `root`; for tests, and for programs that see the host's files somewhere else.
    #[must_use]
    pub fn with_plugins_in(
        mut self,
        plugins: &[Plugin],
        variable: impl Fn(&str) -> Option<String>,
        root: &Path,
    ) -> Self {
        let around = Surroundings { variable: &variable, root: root.to_owned() };
        for plugin in plugins {
            plugin.describe(&mut self.resource, &around);
        }
        self
    }

    /// As [`Config::with_env`], with variables that are looked up elsewhere.
    ///
    /// # Errors
    /// `Error::Variable` when a variable cannot be understood.
    ///
    /// Source: environment variables of the X-Ray SDKs, developer guide.
    pub fn with_variables(
        mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(value) = variable("AWS_XRAY_DAEMON_ADDRESS") {
            self.daemon = DaemonAddress::parse(&value).ok_or(Error::Variable {
                variable: "AWS_XRAY_DAEMON_ADDRESS",
                value,
                problem: "neither host:port nor tcp:host:port udp:host:port",
            })?;
        }
        if let Some(name) = variable("AWS_XRAY_TRACING_NAME") {
            self.naming.rename(&name);
        }
        if let Some(value) = variable("AWS_XRAY_CONTEXT_MISSING") {
            self.context_missing = ContextMissing::parse(value)?;
        }
        let flag = |name| variable(name).as_deref().and_then(flag);
        self.enabled &= flag("AWS_XRAY_SDK_ENABLED") != Some(false);
        self.enabled &= flag("AWS_XRAY_SDK_DISABLED") != Some(true);
        self.noop_ids = flag("AWS_XRAY_NOOP_ID").unwrap_or(self.noop_ids);
        let collects = flag("AWS_XRAY_COLLECT_SQL_QUERIES");
        self.collect_sql_queries = collects.unwrap_or(self.collect_sql_queries);
        self.log.set_level(
            variable("AWS_XRAY_LOG_LEVEL").as_deref(),
            flag("AWS_XRAY_DEBUG_MODE") == Some(true),
        );
        if let Some(log_group) = variable("AWS_LOG_GROUP") {
            self.resource.log_groups.push(log_group.into());
        }
        self.lambda |= variable("LAMBDA_TASK_ROOT").is_some();
        Ok(self)
    }
}

/// Says that a tracer is there, as the SDKs of AWS do in Lambda.
///
/// Source: Python's SDK.
fn mark_initialized(root: &Path) -> std::io::Result<()> {
    let folder = root.join("tmp/.aws-xray");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("initialized"), "")
}

/// Returns the trace header of the invocation that a Lambda function works on, anew with each.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub(crate) fn invocation_header() -> Option<String> {
    std::env::var("_X_AMZN_TRACE_ID").ok().filter(|header| !header.is_empty())
}

impl ContextMissing {
    fn parse(value: String) -> Result<Self, Error> {
        match value.to_ascii_uppercase().as_str() {
            "LOG_ERROR" => Ok(Self::LogError),
            "RUNTIME_ERROR" => Ok(Self::RuntimeError),
            "IGNORE_ERROR" => Ok(Self::IgnoreError),
            _ => Err(Error::Variable {
                variable: "AWS_XRAY_CONTEXT_MISSING",
                value,
                problem: "not LOG_ERROR, RUNTIME_ERROR or IGNORE_ERROR",
            }),
        }
    }
}

/// Reads a flag as Python's SDK does; anything else says nothing.
fn flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "1" | "on" => Some(true),
        "n" | "no" | "f" | "false" | "0" | "off" => Some(false),
        _ => None,
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("naming", &self.naming)
            .field("daemon", &self.daemon)
            .field("context_missing", &self.context_missing)
            .field("streaming_threshold", &self.streaming_threshold)
            .field("queue_documents_max", &self.queue_documents_max)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Config, Error> {
        Config::named("code").with_variables(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn addresses_are_read_in_both_forms() {
        let both = |address: &str| (address.to_owned(), address.to_owned());
        for (text, expected) in [
            ("127.0.0.1:2000", Some(both("127.0.0.1:2000"))),
            ("xray-daemon.local:3000", Some(both("xray-daemon.local:3000"))),
            ("[::1]:2000", Some(both("[::1]:2000"))),
            ("tcp:a:1 udp:b:2", Some(("b:2".to_owned(), "a:1".to_owned()))),
            ("udp:b:2  tcp:[::1]:1", Some(("b:2".to_owned(), "[::1]:1".to_owned()))),
            ("tcp:a:1", None),
            ("tcp:a:1 tcp:a:1", None),
            ("a:1 b:2", None),
            ("a:1 udp:b:2 tcp:c:3", None),
            ("a", None),
            ("a:", None),
            (":1", None),
            ("a:70000", None),
            ("::1:2000", None),
        ] {
            let read = DaemonAddress::parse(text).map(|address| (address.udp, address.tcp));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn variables_beat_the_code() {
        let config = with(&[
            ("AWS_XRAY_DAEMON_ADDRESS", "d:1"),
            ("AWS_XRAY_TRACING_NAME", "named?outside"),
            ("AWS_XRAY_CONTEXT_MISSING", "ignore_error"),
            ("AWS_XRAY_NOOP_ID", "false"),
            ("AWS_XRAY_COLLECT_SQL_QUERIES", "TRUE"),
            ("AWS_LOG_GROUP", "/logs"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
        ]);
        let config = config.expect("settings");
        assert_eq!(config.daemon.tcp, "d:1");
        assert_eq!(&*config.naming.fixed, "namedoutside");
        assert_eq!(config.context_missing, ContextMissing::IgnoreError);
        assert_eq!((config.noop_ids, config.collect_sql_queries), (false, true));
        assert_eq!(config.resource.log_groups, ["/logs"]);
        assert!(config.lambda && config.enabled);
    }

    #[test]
    fn either_variable_switches_everything_off() {
        for (variable, value, expected) in [
            ("AWS_XRAY_SDK_ENABLED", "False", false),
            ("AWS_XRAY_SDK_ENABLED", "maybe", true),
            ("AWS_XRAY_SDK_DISABLED", "true", false),
            ("AWS_XRAY_SDK_DISABLED", "", true),
        ] {
            let config = with(&[(variable, value)]).expect("settings");
            assert_eq!(config.enabled, expected, "{variable}={value}");
        }
    }

    #[test]
    fn the_mark_for_the_platform_is_where_it_looks() {
        let root = tempfile::tempdir().expect("a temporary folder");
        for _again in 0..2 {
            mark_initialized(root.path()).expect("a mark");
        }
        assert!(root.path().join("tmp/.aws-xray/initialized").is_file());
    }

    #[test]
    fn what_is_not_understood_is_an_error_at_the_start() {
        for variable in ["AWS_XRAY_DAEMON_ADDRESS", "AWS_XRAY_CONTEXT_MISSING"] {
            let error = with(&[(variable, "nonsense")]).expect_err(variable);
            assert!(error.to_string().contains(variable), "{error}");
        }
    }
}
