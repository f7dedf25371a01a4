//! The HTTP client that everything leaves through: documents, sampling calls, credentials.
//!
//! One client for all means one set of roots, one set of connections and one rule for proxies.
//! Metadata services live on link-local addresses, which no proxy is ever asked for.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder, NoProxy, Proxy, Url};

pub use reqwest::Client;

/// How long an answer may take, from the first byte sent to the last received.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// How many idle connections are kept to one host.
const IDLE_PER_HOST_MAX: usize = 8;

/// How long an HTTP/2 connection with open requests may be silent before it is asked for a sign.
const PING_AFTER: Duration = Duration::from_secs(1);

/// How long that sign may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Hosts that are never asked for through a proxy: this machine, and what is linked to it, such as
/// the metadata services of EC2, ECS and EKS.
const DIRECT: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fe80::/10,fd00:ec2::/32";

/// The version of the X-Ray daemon that we behave as.
const ORIGINAL_VERSION: &str = "3.6.6";

/// What the client depends on.
pub struct Outgoing<'a> {
    /// The proxy of the command line or the config file, for everything; the environment's proxies
    /// count when there is none.
    pub proxy: Option<String>,
    /// Whether certificates are not checked.
    pub is_unverified: bool,
    /// The environment: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, also in lower case;
    /// `AWS_CA_BUNDLE`; `AWS_EXECUTION_ENV`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A proxy that cannot be used.
    #[error("{name}: `{value}` is no HTTP proxy such as http://proxy.example:3128")]
    NoProxy {
        /// The flag or variable.
        name: &'static str,
        /// What stands there, without what stands before an `@`.
        value: String,
    },
    /// A file of certificates that cannot be read.
    #[error("read the certificates of AWS_CA_BUNDLE, {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of certificates that holds none, or something else.
    #[error("read the certificates of AWS_CA_BUNDLE, {}", path.display())]
    NoCertificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Option<reqwest::Error>,
    },
    /// The client itself, for want of TLS.
    #[error("set up TLS")]
    Tls(#[source] reqwest::Error),
}

impl Outgoing<'_> {
    /// Returns a variable that is not empty, in upper or in lower case.
    fn either(&self, name: &str) -> Option<String> {
        let of = |name: &str| (self.variable)(name).filter(|value| !value.is_empty());
        of(name).or_else(|| of(&name.to_lowercase()))
    }
}

/// Returns the client.
///
/// It trusts the roots of the system and those in `AWS_CA_BUNDLE`. An image without either, such as
/// one that was built from nothing, gets the roots that browsers trust.
///
/// # Errors
/// A proxy or a file of certificates that makes no sense.
pub fn client(outgoing: &Outgoing<'_>) -> Result<Client, Problem> {
    let proxies = proxies(outgoing)?;
    let bundle = bundle(outgoing)?;
    let agent = user_agent((outgoing.variable)("AWS_EXECUTION_ENV"));
    let plain = || {
        let builder = proxies.iter().cloned().fold(builder(), ClientBuilder::proxy);
        builder.user_agent(&agent).tls_danger_accept_invalid_certs(outgoing.is_unverified)
    };
    if !bundle.is_empty() {
        return plain().tls_certs_merge(bundle).build().map_err(Problem::Tls);
    }
    plain().build().or_else(|_| {
        // Without one root there is no verifier, even if nobody ever speaks TLS.
        plain().tls_certs_only(built_in_roots()).build().map_err(Problem::Tls)
    })
}

fn builder() -> ClientBuilder {
    Client::builder()
        .no_proxy()
        // A signature is for one URL.
        .redirect(Policy::none())
        .timeout(ANSWER_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_keep_alive_interval(PING_AFTER)
        .http2_keep_alive_timeout(PING_TIMEOUT)
}

fn built_in_roots() -> impl Iterator<Item = Certificate> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.flat_map(|root| Certificate::from_der(root))
}

/// Reads the file that `AWS_CA_BUNDLE` names.
fn bundle(outgoing: &Outgoing<'_>) -> Result<Vec<Certificate>, Problem> {
    let named = (outgoing.variable)("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let Some(path) = named.map(PathBuf::from) else { return Ok(Vec::new()) };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(source) => return Err(Problem::Unreadable { path, source }),
    };
    match Certificate::from_pem_bundle(&text) {
        Ok(found) if found.is_empty() => Err(Problem::NoCertificates { path, source: None }),
        Ok(found) => Ok(found),
        Err(source) => Err(Problem::NoCertificates { path, source: Some(source) }),
    }
}

/// Returns the proxies, the first that fits counts.
fn proxies(outgoing: &Outgoing<'_>) -> Result<Vec<Proxy>, Problem> {
    let excepted = outgoing.either("NO_PROXY").unwrap_or_default();
    if excepted.split(',').any(|entry| entry.trim() == "*") {
        return Ok(Vec::new());
    }
    let direct = NoProxy::from_string(&format!("{DIRECT},{excepted}"));
    let proxy = |name, value: &str, of: fn(Url) -> reqwest::Result<Proxy>| {
        let found = proxy_url(value).and_then(|url| of(url).ok());
        let found = found.map(|proxy| proxy.no_proxy(direct.clone()));
        found.ok_or_else(|| Problem::NoProxy { name, value: without_password(value) })
    };
    if let Some(value) = outgoing.proxy.as_deref().filter(|value| !value.is_empty()) {
        return Ok(vec![proxy("--proxy-address", value, Proxy::all)?]);
    }
    let mut found = Vec::new();
    if let Some(value) = outgoing.either("HTTPS_PROXY") {
        found.push(proxy("HTTPS_PROXY", &value, Proxy::https)?);
    }
    if let Some(value) = outgoing.either("HTTP_PROXY") {
        found.push(proxy("HTTP_PROXY", &value, Proxy::http)?);
    }
    Ok(found)
}

/// Reads the URL of a proxy; `proxy.example:3128` is one too.
fn proxy_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Returns what may be shown of the URL of a proxy.
fn without_password(text: &str) -> String {
    let Some((before, host)) = text.rsplit_once('@') else { return text.to_owned() };
    let scheme =
        before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}…@{host}")
}

/// Returns how the client names itself: as the original does, which services may look for, and by
/// its own name.
fn user_agent(execution: Option<String>) -> String {
    let execution = execution.unwrap_or_default();
    let execution: String = execution.chars().filter(char::is_ascii_graphic).collect();
    let execution = if execution.is_empty() { "UNKNOWN" } else { &execution };
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        arch => arch,
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "fluoro/{version} xray-agent/xray-daemon/{ORIGINAL_VERSION} exec-env/{execution} OS/{os}-{arch}"
    )
}

#[cfg(test)]
mod tests;
