//! Who this host is, for telemetry.

use tracing::debug;

use super::metadata::Metadata;
use super::{Around, Wanted};

/// What telemetry calls this host; what is not known is empty, as by the original.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub hostname: String,
    /// The id of the EC2 instance.
    pub instance_id: String,
}

impl Host {
    /// Asks `AWS_HOSTNAME` and `AWS_INSTANCE_ID`, and for what they do not say the metadata service
    /// of EC2, unless this is local mode. Takes some seconds at most, and is quiet when there is
    /// no such service.
    pub async fn find(wanted: &Wanted, around: Around<'_>) -> Self {
        let set = |name: &str| (around.variable)(name).filter(|value| !value.is_empty());
        let (hostname, instance_id) = (set("AWS_HOSTNAME"), set("AWS_INSTANCE_ID"));
        let is_known = hostname.is_some() && instance_id.is_some();
        let asked = match Metadata::new(around) {
            Ok(metadata) if !wanted.is_local && !is_known => Self::of(&metadata).await,
            _ => Self::default(),
        };
        Self {
            hostname: hostname.unwrap_or(asked.hostname),
            instance_id: instance_id.unwrap_or(asked.instance_id),
        }
    }

    async fn of(metadata: &Metadata) -> Self {
        let instance_id = match metadata.text("/latest/meta-data/instance-id").await {
            Ok(instance_id) => instance_id,
            Err(causes) => {
                // Where one question is not answered, the next is not either.
                debug!(%causes, "this is not EC2");
                return Self::default();
            }
        };
        let hostname = metadata.text("/latest/meta-data/hostname").await.unwrap_or_default();
        Self { hostname, instance_id }
    }
}
