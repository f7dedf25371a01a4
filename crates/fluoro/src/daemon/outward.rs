//! The daemon's way out: its destinations, with credentials and a spool for each.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use daemon::aws::{Around, Host, Identity, Wanted, is_host};
use daemon::client::{Client, Outgoing, client};
use daemon::original::settings::{self, Settings};
use daemon::report::Reporter;
use daemon::spool::Spool;
use daemon::{Destination, Endpoint, Lane, LaneOptions, Lanes};
use tracing::{info, warn};
use wire::Clock;

use super::words::variable;
use crate::Failure;

/// Everything behind the daemon's doors.
pub(super) struct Outward {
    pub(super) lanes: Arc<Lanes>,
    /// Who this is; known after a while.
    pub(super) reporter: Arc<OnceLock<Reporter>>,
}

/// Opens the lanes.
///
/// # Errors
/// When a destination, the client, the region or a spool does not work out.
pub(super) async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Outward, Failure> {
    let outgoing = Outgoing {
        proxy: settings.proxy.clone(),
        is_unverified: settings.is_unverified,
        variable: &variable,
    };
    let client = client(&outgoing)?;
    let around = Around { client: &client, variable: &variable };
    let wanted = Wanted::from(settings);
    let identity = match settings.destinations.iter().any(is_aws) {
        true => Some(Identity::find(&wanted, around).await?),
        false => None,
    };
    if let Some(identity) = &identity {
        info!("Using region: {}", identity.region());
        if settings.is_unverified {
            warn!("certificates are not checked");
        }
    }
    let mut lanes = Vec::new();
    for destination in &settings.destinations {
        let endpoint = endpoint(destination, identity.as_ref())?;
        if lanes.is_empty() {
            info!("HTTP Proxy server using X-Ray Endpoint : {endpoint}");
        }
        let spool = spool(settings, &endpoint)?;
        let identity = identity.clone().filter(|_| is_aws(destination));
        let destination = Destination::new(endpoint, client.clone(), identity, clock.clone());
        lanes.push(Arc::new(Lane::new(destination, lane_options(settings), spool)));
    }
    let reporter = Arc::default();
    tokio::spawn(introduce(settings.clone(), client.clone(), Arc::clone(&reporter)));
    Ok(Outward { lanes: Lanes::open(lanes), reporter })
}

/// Half of the memory waits to be sent; destinations share it, for all wait for the same documents.
fn lane_options(settings: &Settings) -> LaneOptions {
    LaneOptions {
        bytes_max: (settings.buffer_bytes_max / 2) as usize,
        concurrency: settings.concurrency,
    }
}

fn is_aws(destination: &settings::Destination) -> bool {
    let settings::Destination::Url(url) = destination else { return true };
    let host = url.split("//").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    is_host(host)
}

fn endpoint(
    destination: &settings::Destination,
    identity: Option<&Identity>,
) -> Result<Endpoint, Failure> {
    let url = match (destination, identity) {
        (settings::Destination::Url(url), _) => url.clone(),
        (settings::Destination::Aws, Some(identity)) => identity.endpoint(),
        (settings::Destination::Aws, None) => return Err("there is no region".into()),
    };
    url.parse().map_err(|problem| format!("endpoint {url}: {problem}").into())
}

/// Opens the destination's own folder below the spool's, whatever the order of the flags.
fn spool(settings: &Settings, endpoint: &Endpoint) -> Result<Option<Spool>, Failure> {
    let Some(settings::Spool { folder, bytes_max }) = &settings.spool else { return Ok(None) };
    let folder = Path::new(folder).join(folder_name(&endpoint.to_string()));
    let spool = Spool::open(&folder, *bytes_max)?;
    let waiting = spool.waiting();
    if waiting.documents > 0 {
        let (documents, bytes) = (waiting.documents, waiting.bytes);
        info!(documents, bytes, folder = %folder.display(), "found documents in the spool");
    }
    Ok(Some(spool))
}

/// Returns a name for a folder that tells endpoints apart and that a person recognises.
fn folder_name(endpoint: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let shown: String =
        endpoint.split("://").last().unwrap_or_default().chars().map(plain).collect();
    // Two endpoints that look alike in plain characters are told apart by a sum (FNV-1a).
    let sum = endpoint.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{shown}-{:08x}", sum as u32)
}

/// Finds out who this is, for telemetry.
async fn introduce(settings: Settings, client: Client, reporter: Arc<OnceLock<Reporter>>) {
    let around = Around { client: &client, variable: &variable };
    let wanted = Wanted {
        // Only AWS's own service is told of AWS's instances.
        is_local: settings.is_local || !settings.destinations.iter().any(is_aws),
        ..Wanted::from(&settings)
    };
    let Host { hostname, instance_id } = Host::find(&wanted, around).await;
    let known = Reporter {
        instance_id: Some(instance_id),
        hostname: Some(hostname),
        resource_arn: settings.resource_arn,
    };
    reporter.set(known).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_is_signed_for_and_nobody_else() {
        let url = |text: &str| settings::Destination::Url(text.to_owned());
        assert!(is_aws(&settings::Destination::Aws));
        for text in [
            "https://xray.eu-west-1.amazonaws.com",
            "https://vpce-1.xray.us-east-1.vpce.amazonaws.com:443/a",
            "https://xray.cn-north-1.amazonaws.com.cn/",
            "https://xray.eu-west-1.api.aws",
        ] {
            assert!(is_aws(&url(text)), "{text}");
        }
        for text in ["http://traces.internal:2080", "http://amazonaws.com.example", ""] {
            assert!(!is_aws(&url(text)), "{text}");
        }
    }

    #[test]
    fn every_endpoint_has_a_folder_of_its_own() {
        let names = ["http://a:1", "https://a:1", "http://a-1", "http://a:1/b"].map(folder_name);
        assert_eq!(names[0], folder_name("http://a:1"));
        for (i, name) in names.iter().enumerate() {
            assert!(!names[i + 1..].contains(name), "{name}");
            assert!(name.starts_with("a-1-"), "{name}");
        }
    }
}
