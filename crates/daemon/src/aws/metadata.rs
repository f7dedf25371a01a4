//! The metadata service of EC2, by its second version, for the region and who this host is.
//!
//! It is asked once and briefly: who is not on EC2 must not wait for it, and a container that is one
//! hop too far away never gets the answer to its first question, the token.

use std::time::Duration;

use aws_config::imds::Client;
use aws_config::provider_config::ProviderConfig;

use super::transport::Transport;
use super::{Around, in_one_line};

/// How long a connection may take, and then each answer.
const STEP_TIMEOUT: Duration = Duration::from_millis(750);

/// How long everything together may take, one more attempt after an error included.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The metadata service.
pub(super) struct Metadata(Client);

impl Metadata {
    /// Returns the service unless it must not be asked.
    ///
    /// # Errors
    /// Why not, in one line.
    pub(super) fn new(around: Around<'_>) -> Result<Self, String> {
        let set = |name: &str| (around.variable)(name).filter(|value| !value.is_empty());
        if set("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        {
            return Err("not asked, for AWS_EC2_METADATA_DISABLED is true".to_owned());
        }
        let transport = Transport::new(around.client.clone());
        let config = ProviderConfig::without_region().with_http_client(transport);
        let mut builder = Client::builder()
            .configure(&config)
            .max_attempts(2)
            .connect_timeout(STEP_TIMEOUT)
            .read_timeout(STEP_TIMEOUT)
            .operation_timeout(TIMEOUT);
        if let Some(endpoint) = set("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
            let set = builder.endpoint(&endpoint);
            builder = set.map_err(|_| {
                format!("AWS_EC2_METADATA_SERVICE_ENDPOINT: `{endpoint}` is no URL")
            })?;
        }
        Ok(Self(builder.build()))
    }

    /// Returns what the service says at this path.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(super) async fn text(&self, path: &str) -> Result<String, String> {
        match tokio::time::timeout(TIMEOUT, self.0.get(path)).await {
            Ok(Ok(text)) => Ok(String::from(text).trim().to_owned()),
            Ok(Err(error)) => Err(in_one_line(&error)),
            Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}
